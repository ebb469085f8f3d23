//! The Machine page: what a machine has as cards of words, values that change, the builder of rigs.

mod action;
pub mod builder;
pub mod cards;
pub mod desk;
pub mod field;
pub mod live;

use std::time::Instant;

use crate::app::rigs::price::Price;
use crate::machine::Machine;

pub use action::MachineAction;
pub use cards::{Card, Cards, Fact, Subject, Whose};
pub use desk::Desk;
pub use field::{Editing, Target};
pub use live::Live;

/// What the page holds beside the machine.
#[derive(Debug)]
pub struct MachinePage {
    /// The machine that is looked at, in words.
    pub cards: Cards,
    /// A value that is being typed.
    pub editing: Option<Editing>,
    /// Which cards are looked for.
    pub search: builder::Search,
    /// Price of the rig that is looked at.
    pub price: Option<Price>,
    /// Its launch price where a person has set another.
    pub launch_price: Option<Price>,
    /// A recorded machine that was opened.
    pub opened: Option<Opened>,
    /// Readings of this computer.
    pub live: Live,
    /// Reads and writes files.
    pub desk: Desk,
    /// This computer is being read again.
    pub looking: bool,
    /// When this computer was read for the figures; `None` of one that is not read here.
    pub looked: Option<Instant>,
    /// Counts jumps to the comparison: the page scrolls after them.
    pub jumps: u64,
}

/// A recorded machine that was opened.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// Name of its file.
    pub name: String,
    /// The machine.
    pub machine: Machine,
}

impl MachinePage {
    /// A page that reads with these.
    pub fn new(live: Live, desk: Desk) -> Self {
        Self {
            cards: Cards::default(),
            editing: None,
            search: builder::Search::default(),
            price: None,
            launch_price: None,
            opened: None,
            live,
            desk,
            looking: false,
            looked: None,
            jumps: 0,
        }
    }

    /// A page of a machine that does not change.
    pub fn still() -> Self {
        Self::new(Live::none(), Desk::inline(None))
    }
}
