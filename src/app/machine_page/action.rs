//! What a person can do on the Machine page.

use std::path::PathBuf;

use super::field::Target;
use crate::app::compare::CompareAction;
use crate::app::rigs::RigEdit;
use crate::estimate::ways::Cards;

/// A change that the Machine page asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum MachineAction {
    /// Read this computer again.
    LookAgain,
    /// All values that were set by hand are those that were read.
    ResetAll,
    /// Begin to type a value.
    Edit(Target),
    /// This stands in its field now.
    Type(Target, String),
    /// Take what stands there; where it is wrong, the field stays and says so.
    Commit,
    /// Leave the value as it is.
    Cancel,
    /// The value is that which was read, or the hardware table's.
    Reset(Target),
    /// Look for a card by words.
    Find(String),
    /// One more GPU, by its identity in the hardware table, for the machine that is looked at; this computer
    /// is copied to a rig for that.
    Add(String),
    /// A change of the rig that is looked at; this computer is copied to a rig for that.
    Change(RigEdit),
    /// A rig without anything.
    New,
    /// A copy of the machine that is looked at.
    Duplicate,
    /// Read a rig, or a recorded machine, from a file.
    Import(PathBuf),
    /// Write the rig that is looked at to a file.
    Export(PathBuf),
    /// Write what is known of the machine that is looked at to a file.
    SaveReport(PathBuf),
    /// The system showed no file dialog.
    NoDialog,
    /// The recorded machine is no longer listed.
    CloseOpened,
    /// Compare the machine that is looked at with itself and these cards.
    WhatBuys(Cards),
    /// What is compared.
    Compare(CompareAction),
}
