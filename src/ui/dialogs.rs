//! The system's file dialogs: each open beside the window, its answer an action.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use eframe::egui::Context;
use rfd::{AsyncFileDialog, FileHandle};

use crate::app::export::{ExportAction, Order};
use crate::app::models::ModelsAction;
use crate::app::own::OwnAction;
use crate::app::{Action, FleetAction, MachineAction};
use crate::language::tr;

/// Answers that may wait for a frame.
const WAITING: usize = 16;

/// What is said where the system shows no dialog.
const NO_DIALOG: Action = Action::Own(OwnAction::NoDialog);
/// The same on the Machine page.
const NO_DIALOG_HERE: Action = Action::Machine(MachineAction::NoDialog);

/// The same where files of a deployment are saved.
const NO_DIALOG_FOR_FILES: Action = Action::Fleet(FleetAction::NoDialog);

/// The same where models are opened.
const NO_DIALOG_FOR_MODELS: Action = Action::Models(ModelsAction::NoDialog);

/// What a file is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// Benchmark output, one file or several.
    Measurements,
    /// A GGUF file to measure.
    Model,
    /// llama-bench itself.
    LlamaBench,
    /// A rig, or a recorded machine.
    Rig,
    /// Where a rig is written to.
    ExportRig,
    /// A folder that the files of a deployment are written into.
    Deployment,
    /// Where a report on a machine is written to.
    Report,
    /// Models to open, or records of models.
    Models,
    /// A folder that holds one.
    ModelFolder,
    /// A folder to look through for models from now on.
    WatchedFolder,
    /// Where the records of own models are written.
    Export,
}

/// Dialogs that are open, and what they answer.
#[derive(Debug)]
pub(super) struct Dialogs {
    sender: SyncSender<Action>,
    answers: Receiver<Action>,
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
                    .set_title(tr!("Benchmark output"))
                    .add_filter(tr!("Benchmark output"), &["json", "jsonl", "csv", "md", "txt", "log"])
                    .add_filter(tr!("All files"), &["*"])
                    .pick_files();
                self.wait(ctx, files, NO_DIALOG, |files| {
                    Action::Own(OwnAction::ImportFiles(files.iter().map(path).collect()))
                });
            }
            Ask::Model => {
                let dialog = dialog.set_title(tr!("Model to measure")).add_filter("GGUF", &["gguf"]);
                self.wait(ctx, dialog.pick_file(), NO_DIALOG, |file| {
                    Action::Own(OwnAction::File(path(&file)))
                });
            }
            Ask::LlamaBench => {
                let dialog = dialog.set_title("llama-bench");
                self.wait(ctx, dialog.pick_file(), NO_DIALOG, |file| {
                    Action::Own(OwnAction::BenchAt(path(&file)))
                });
            }
            Ask::Rig => {
                let dialog = dialog
                    .set_title(tr!("Rig or recorded machine"))
                    .add_filter(tr!("Rig or machine"), &["json"]);
                self.wait(ctx, dialog.pick_file(), NO_DIALOG_HERE, |file| {
                    Action::Machine(MachineAction::Import(path(&file)))
                });
            }
            Ask::ExportRig => {
                let dialog = dialog.set_title(tr!("Export the rig")).set_file_name("rig.json");
                self.wait(ctx, dialog.save_file(), NO_DIALOG_HERE, |file| {
                    Action::Machine(MachineAction::Export(path(&file)))
                });
            }
            Ask::Deployment => {
                let dialog = dialog.set_title(tr!("Folder for the files"));
                self.wait(ctx, dialog.pick_folder(), NO_DIALOG_FOR_FILES, |folder| {
                    Action::Fleet(FleetAction::Save(path(&folder)))
                });
            }
            Ask::Report => {
                let dialog = dialog
                    .set_title(tr!("Save the report"))
                    .set_file_name("machine.txt")
                    .add_filter(tr!("Text"), &["txt"])
                    .add_filter(tr!("Recording"), &["json"]);
                self.wait(ctx, dialog.save_file(), NO_DIALOG_HERE, |file| {
                    Action::Machine(MachineAction::SaveReport(path(&file)))
                });
            }
            Ask::Models => {
                let files = dialog
                    .set_title(tr!("Open models"))
                    .add_filter(tr!("Models and records"), &["gguf", "json", "jsonl", "safetensors"])
                    .add_filter(tr!("All files"), &["*"])
                    .pick_files();
                self.models(ctx, files, |files| ModelsAction::Open(files.iter().map(path).collect()));
            }
            Ask::ModelFolder => {
                let folder = dialog.set_title(tr!("Open the model in a folder")).pick_folder();
                self.models(ctx, folder, |folder| ModelsAction::Open(vec![path(&folder)]));
            }
            Ask::WatchedFolder => {
                let folder = dialog.set_title(tr!("Folder with models")).pick_folder();
                self.models(ctx, folder, |folder| ModelsAction::AddFolder(path(&folder)));
            }
            Ask::Export => {
                let file =
                    dialog.set_title(tr!("Write the records")).set_file_name("models.jsonl").save_file();
                self.models(ctx, file, |file| ModelsAction::Export(path(&file)));
            }
        }
    }

    /// Asks where a file is to be saved; where the system shows no dialog the window asks.
    pub fn save(&self, ctx: &Context, title: &str, order: Order) {
        let name = order.file_name();
        let dialog = AsyncFileDialog::new().set_title(title).set_file_name(&name);
        let none = Action::Export(ExportAction::NoDialog(order.clone()));
        self.wait(ctx, dialog.save_file(), none, move |file| {
            Action::Export(ExportAction::Save(order, path(&file)))
        });
    }

    fn models<T>(
        &self,
        ctx: &Context,
        dialog: impl Future<Output = Option<T>> + Send + 'static,
        chosen: impl FnOnce(T) -> ModelsAction + Send + 'static,
    ) {
        self.wait(ctx, dialog, NO_DIALOG_FOR_MODELS, |answer| Action::Models(chosen(answer)));
    }

    /// Waits beside the window until the dialog is closed.
    fn wait<T>(
        &self,
        ctx: &Context,
        dialog: impl Future<Output = Option<T>> + Send + 'static,
        none: Action,
        chosen: impl FnOnce(T) -> Action + Send + 'static,
    ) {
        /// Nobody cancels faster: there was no dialog.
        const SHOWN: Duration = Duration::from_millis(250);
        let (sender, ctx) = (self.sender.clone(), ctx.clone());
        let run = move || {
            let start = Instant::now();
            let answer = match pollster::block_on(dialog) {
                Some(answer) => chosen(answer),
                None if start.elapsed() < SHOWN => none,
                None => return,
            };
            sender.send(answer).ok();
            ctx.request_repaint();
        };
        thread::Builder::new().name("file dialog".to_owned()).spawn(run).ok();
    }

    /// What has been chosen since.
    pub fn answers(&self) -> impl Iterator<Item = Action> {
        self.answers.try_iter()
    }
}

fn path(file: &FileHandle) -> PathBuf {
    file.path().to_owned()
}
