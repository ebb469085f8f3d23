//! One-line messages above the rows: what the window noticed and what follows from it.

/// What a notice is about; there is at most one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoticeKind {
    /// The saved settings could not be used.
    Settings,
    /// The machine has no GPU that a model can be placed on.
    NoGpu,
    /// Parts of the machine could not be read.
    Problems,
    /// A machine that was described cannot be looked at.
    Rig,
    /// A file was written or read, or could not be.
    File,
    /// Something was pinned, or could not be.
    Tray,
    /// A share code was opened.
    Share,
    /// Own measurements were damaged or cannot be kept.
    Own,
}

/// A message that stays until it is dismissed or no longer true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What it is about.
    pub kind: NoticeKind,
    /// What happened and what follows from it.
    pub text: String,
}

impl Notice {
    /// A notice.
    pub fn new(kind: NoticeKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }
}
