//! The system's file dialogs: each open beside the window, its answer an action.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

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
        let (sender, ctx) = (self.sender.clone(), ctx.clone());
        let dialog = AsyncFileDialog::new();
        match ask {
            Ask::Measurements => {
                let files = dialog
                    .set_title("Benchmark output")
                    .add_filter("Benchmark output", &["json", "jsonl", "csv", "md", "txt", "log"])
                    .add_filter("All files", &["*"])
                    .pick_files();
                wait(files, move |files| {
                    let paths: Vec<PathBuf> = files.iter().map(path).collect();
                    sender.send(OwnAction::ImportFiles(paths)).ok();
                    ctx.request_repaint();
                });
            }
            Ask::Model => {
                let dialog = dialog.set_title("Model to measure").add_filter("GGUF", &["gguf"]);
                wait(dialog.pick_file(), move |file| {
                    sender.send(OwnAction::File(path(&file))).ok();
                    ctx.request_repaint();
                });
            }
            Ask::LlamaBench => wait(dialog.set_title("llama-bench").pick_file(), move |file| {
                sender.send(OwnAction::BenchAt(path(&file))).ok();
                ctx.request_repaint();
            }),
        }
    }

    /// What has been chosen since.
    pub fn answers(&self) -> impl Iterator<Item = Action> {
        self.answers.try_iter().map(Action::Own)
    }
}

fn path(file: &FileHandle) -> PathBuf {
    file.path().to_owned()
}

/// Waits beside the window until the dialog is closed.
fn wait<T>(
    dialog: impl Future<Output = Option<T>> + Send + 'static,
    chosen: impl FnOnce(T) + Send + 'static,
) {
    let run = move || {
        if let Some(answer) = pollster::block_on(dialog) {
            chosen(answer);
        }
    };
    thread::Builder::new().name("file dialog".to_owned()).spawn(run).ok();
}
