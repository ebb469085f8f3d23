//! The system's file dialogs: each open beside the window, its answer an action.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use eframe::egui::Context;
use rfd::{AsyncFileDialog, FileHandle};

use crate::app::Action;
use crate::app::own::OwnAction;

/// Answers that may wait for a frame.
const WAITING: usize = 16;

/// What a file is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// Benchmark output, one file or several.
    Measurements,
    /// A GGUF file to measure.
    Model,
    /// llama-bench itself.
    LlamaBench,
}

/// Dialogs that are open, and what they answer.
#[derive(Debug)]
pub(super) struct Dialogs {
    sender: SyncSender<OwnAction>,
    answers: Receiver<OwnAction>,
}

impl Default for Dialogs {
    fn default() -> Self {
        let (sender, answers) = sync_channel(WAITING);
        Self { sender, answers }
    }
}

impl Dialogs {
    /// Opens one. Must be called by the thread that draws: some systems show dialogs from no other.
    pub fn open(&self, ctx: &Context, ask: Ask) {
        let dialog = AsyncFileDialog::new();
        match ask {
            Ask::Measurements => {
                let files = dialog
                    .set_title("Benchmark output")
                    .add_filter("Benchmark output", &["json", "jsonl", "csv", "md", "txt", "log"])
                    .add_filter("All files", &["*"])
                    .pick_files();
                self.wait(ctx, files, |files| OwnAction::ImportFiles(files.iter().map(path).collect()));
            }
            Ask::Model => {
                let dialog = dialog.set_title("Model to measure").add_filter("GGUF", &["gguf"]);
                self.wait(ctx, dialog.pick_file(), |file| OwnAction::File(path(&file)));
            }
            Ask::LlamaBench => {
                let dialog = dialog.set_title("llama-bench");
                self.wait(ctx, dialog.pick_file(), |file| OwnAction::BenchAt(path(&file)));
            }
        }
    }

    /// Waits beside the window until the dialog is closed.
    fn wait<T>(
        &self,
        ctx: &Context,
        dialog: impl Future<Output = Option<T>> + Send + 'static,
        chosen: impl FnOnce(T) -> OwnAction + Send + 'static,
    ) {
        /// Nobody cancels faster: there was no dialog.
        const SHOWN: Duration = Duration::from_millis(250);
        let (sender, ctx) = (self.sender.clone(), ctx.clone());
        let run = move || {
            let start = Instant::now();
            let answer = match pollster::block_on(dialog) {
                Some(answer) => chosen(answer),
                None if start.elapsed() < SHOWN => OwnAction::NoDialog,
                None => return,
            };
            sender.send(answer).ok();
            ctx.request_repaint();
        };
        thread::Builder::new().name("file dialog".to_owned()).spawn(run).ok();
    }

    /// What has been chosen since.
    pub fn answers(&self) -> impl Iterator<Item = Action> {
        self.answers.try_iter().map(Action::Own)
    }
}

fn path(file: &FileHandle) -> PathBuf {
    file.path().to_owned()
}
