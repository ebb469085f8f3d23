//! What the window knows, and the only way to change it; no drawing.
//!
//! [`State`] holds everything. Drawing reads it and answers with [`Action`]s; [`State::apply`] takes them
//! and marks what must be computed anew, [`State::update`] computes that.

pub mod action;
pub mod answer;
pub mod beside;
pub mod best;
pub mod best_for;
pub mod chips;
pub mod compare;
pub mod dates;
pub mod detail;
pub mod evidence;
pub mod export;
pub mod files;
pub mod fleet;
pub mod glossary;
pub mod grid;
pub mod habits;
pub mod installed;
pub mod jobs;
pub mod latest;
pub mod lenses;
pub mod machine_page;
pub mod machine_text;
mod mailbox;
pub mod map;
pub mod models;
pub mod notice;
pub mod own;
pub mod page;
pub mod palette;
pub mod quiet;
pub mod report;
pub mod rigs;
pub mod rows;
pub mod settings;
pub mod share;
pub mod state;
#[cfg(test)]
pub(crate) mod testing;
pub mod tray;
pub mod typed;
pub mod work;

pub use action::{Action, Step};
pub use fleet::FleetAction;
pub use machine_page::{MachineAction, MachinePage};
pub use map::MapAction;
pub use notice::{Notice, NoticeKind};
pub use page::Page;
pub use palette::PaletteAction;
pub use rows::{Column, Outcome, Row, RowKey, Sort};
pub use settings::{Filters, LanguageChoice, Settings, ThemeChoice, View};
pub use state::State;
pub use work::WorkAction;
