//! What makes a window one's own: favourites, models that were looked at last, hints for a first start.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::page::Page;
use super::settings::View;
use crate::language::tr;

/// Models that were looked at, as many as are kept.
pub const RECENT: usize = 12;
/// Most favourites and unfolded models: far more than anybody makes.
const MOST: usize = 500;
/// Longest name of a repository, letters.
const NAME: usize = 200;

/// Favourites, what was looked at, what is unfolded, and which hints are to come; models by repository.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Habits {
    /// Favourites.
    pub favourites: BTreeSet<String>,
    /// Models that were selected, the latest first.
    pub recent: Vec<String>,
    /// Base models whose variants are shown.
    pub unfolded: BTreeSet<String>,
    /// Hints that were not shown yet.
    pub hints: BTreeSet<Hint>,
    /// The latest model was passed on the way through rows.
    #[serde(skip)]
    walked: bool,
}

impl Habits {
    /// Those of somebody who starts the program for the first time.
    pub fn first() -> Self {
        Self { hints: Hint::ALL.into(), ..Self::default() }
    }

    /// Adds a favourite, or takes it away.
    pub fn toggle_favourite(&mut self, id: &str) {
        if !self.favourites.remove(id) && self.favourites.len() < MOST {
            self.favourites.insert(id.to_owned());
        }
    }

    /// A model was selected. `walked`: by walking through rows, where the last one passed was not meant.
    pub fn looked_at(&mut self, id: &str, walked: bool) {
        if walked && self.walked && !self.recent.is_empty() {
            self.recent.remove(0);
        }
        self.walked = walked;
        self.recent.retain(|known| known != id);
        self.recent.insert(0, id.to_owned());
        self.recent.truncate(RECENT);
    }

    /// Brings what was stored into sensible bounds.
    pub fn tidy(&mut self) {
        let is_name = |id: &String| !id.is_empty() && id.len() <= NAME;
        for names in [&mut self.favourites, &mut self.unfolded] {
            names.retain(is_name);
            while names.len() > MOST {
                names.pop_last();
            }
        }
        let mut seen = BTreeSet::new();
        self.recent.retain(|id| is_name(id) && seen.insert(id.clone()));
        self.recent.truncate(RECENT);
    }
}

/// Something to know at a first start; each is shown until it is dismissed, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hint {
    /// Where to begin.
    Start,
    /// How the matrix is read.
    Matrix,
}

impl Hint {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Start, Self::Matrix];

    /// In a sentence.
    pub fn text(self) -> &'static str {
        match self {
            Self::Start => {
                tr!(
                    "Begin with a line below, or a row. Numbers say on hover where they come from; F1 explains the terms"
                )
            }
            Self::Matrix => {
                tr!(
                    "A cell is a model at a quantization. Left of the line it fits your machine; the solid cell is the best \
                 of its row"
                )
            }
        }
    }

    /// Whether it is about what is in view.
    pub fn is_about(self, page: Page, view: View) -> bool {
        page == Page::Models
            && match self {
                Self::Start => view == View::Table,
                Self::Matrix => view == View::Matrix,
            }
    }
}

/// A change of habits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HabitsAction {
    /// A favourite more or less; the selected model where none is named.
    Favourite(Option<crate::model::ModelId>),
    /// Only favourites.
    OnlyFavourites(bool),
    /// A hint has been read.
    Read(Hint),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_stands_first_and_once() {
        let mut habits = Habits::default();
        for id in ["a", "b", "a", "c"] {
            habits.looked_at(id, false);
        }
        assert_eq!(habits.recent, ["c", "a", "b"]);
        for number in 0..2 * RECENT {
            habits.looked_at(&number.to_string(), false);
        }
        assert_eq!(habits.recent.len(), RECENT);
    }

    #[test]
    fn a_walk_leaves_only_its_end() {
        let mut habits = Habits::default();
        habits.looked_at("start", false);
        for id in ["passed", "passed too", "end"] {
            habits.looked_at(id, true);
        }
        assert_eq!(habits.recent, ["end", "start"]);
    }

    #[test]
    fn favourites_come_and_go() {
        let mut habits = Habits::default();
        habits.toggle_favourite("a");
        habits.toggle_favourite("b");
        habits.toggle_favourite("a");
        assert_eq!(habits.favourites, BTreeSet::from(["b".to_owned()]));
    }

    #[test]
    fn stored_names_are_bounded() {
        let long = "x".repeat(NAME + 1);
        let mut habits = Habits {
            favourites: (0..2 * MOST).map(|number| format!("m{number}")).chain([long.clone()]).collect(),
            recent: vec!["a".to_owned(), String::new(), "a".to_owned(), long],
            ..Habits::default()
        };
        habits.tidy();
        assert_eq!((habits.favourites.len(), habits.recent), (MOST, vec!["a".to_owned()]));
    }
}
