//! The pages of the window.

use serde::{Deserialize, Serialize};

use crate::language::tr;

/// A page. The switch in the top bar has one segment for each of [`Page::all`]; the window draws each in
/// `ui::window`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Page {
    /// All models: table, matrix, detail.
    #[default]
    Models,
    /// Every model in one plot.
    Map,
    /// What the computer has, other machines, and how they compare.
    Machine,
    /// Will it be done in time, and is it cheaper at home?
    Work,
}

impl Page {
    /// All pages with their words, in the order of the switch.
    pub fn all() -> [(Self, &'static str); 4] {
        [
            (Self::Models, tr!("Models")),
            (Self::Map, tr!("Map")),
            (Self::Machine, tr!("Machine")),
            (Self::Work, tr!("Work")),
        ]
    }

    /// Whether it shows models: between what is asked at the left and the detail at the right.
    pub const fn shows_models(self) -> bool {
        matches!(self, Self::Models | Self::Map)
    }
}
