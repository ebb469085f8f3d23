//! What a person can do with own models.

use std::path::PathBuf;

use crate::language::tr;

/// A part of the place where models are brought and listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// A person's own.
    #[default]
    Yours,
    /// What other programs keep on the disks.
    Installed,
    /// The hub.
    Hub,
    /// Catalogs by others.
    Catalogs,
}

impl Part {
    /// All, with their names.
    pub fn all() -> [(Self, &'static str); 4] {
        [
            (Self::Yours, tr!("Yours")),
            (Self::Installed, tr!("On this computer")),
            (Self::Hub, tr!("Hub")),
            (Self::Catalogs, tr!("Catalogs")),
        ]
    }
}

/// A change of own models that drawing code asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelsAction {
    /// Open the place where they are listed at this part, or close it.
    Show(Option<Part>),
    /// Open what stands at these paths.
    Open(Vec<PathBuf>),
    /// Take what was pasted: paths, a name or a link of the hub, or a benchmark's output.
    Paste(String),
    /// Open no further.
    CancelOpening,
    /// The faults have been read.
    CloseFaults,
    /// The system showed no file dialog.
    NoDialog,
    /// Go to a model in the table or the matrix.
    Go(String),
    /// Keep a model no longer; its file stays.
    Remove(String),
    /// Take the last removal back.
    Restore,
    /// Change a model, or change none.
    Edit(Option<String>),
    /// The fields of what is being changed, as they are typed.
    Typed(Box<super::Fields>),
    /// Take the fields over.
    Apply,
    /// Write all records to a file.
    Export(PathBuf),
    /// Keep a catalog by others no longer.
    RemoveCatalog(usize),
    /// Address from which records are fetched, as it is typed.
    Address(String),
    /// Fetch them.
    Fetch,
    /// Look through the disks.
    Look,
    /// Look through this folder too.
    AddFolder(PathBuf),
    /// No longer.
    RemoveFolder(PathBuf),
    /// What the hub is asked, as it is typed.
    HubText(String),
    /// Ask the hub: for a repository's files, or for names.
    AskHub,
    /// Ask it for the files of this repository.
    ListHub(String),
    /// Read the heads of a repository's files: of the one that is named, or of all.
    ReadHub(Option<String>),
    /// Ask no further.
    CancelHub,
    /// Another address than the usual one; empty: the usual.
    HubBase(String),
    /// The token for gated repositories; empty: that of the environment.
    HubToken(String),
}
