//! What leaves models out, each as a chip that can be taken away.

use crate::language::tr;
use crate::model::record::Tag;

use super::action::Action;
use super::best::READING_SPEED;
use super::habits::HabitsAction;
use super::map::MapAction;
use super::rows::ranges::{Bounds, Span};
use super::settings::Filters;
use super::state::State;

/// One thing that is asked of models.
#[derive(Clone, Debug, PartialEq)]
pub struct Chip {
    /// In a few words.
    pub words: String,
    /// What takes it away.
    pub remove: Action,
}

/// Everything that is asked of the models that are listed, in the order of the controls.
pub fn chips(state: &State) -> Vec<Chip> {
    let filters = &state.settings.filters;
    let mut chips = Vec::new();
    let mut add = |words: String, remove: Action| chips.push(Chip { words, remove });
    let search = state.search.trim();
    if !search.is_empty() {
        add(format!("“{search}”"), Action::Search(String::new()));
    }
    if filters.only_fits {
        let place =
            if state.rig.is_some() && !state.has_gpu() { tr!("Fits in RAM") } else { tr!("Fits on the GPU") };
        add(place.to_owned(), Action::OnlyFits(false));
    }
    if filters.reading_speed {
        add(tr!("At {speed} tok/s or faster", speed = READING_SPEED), Action::ReadingSpeed(false));
    }
    for (tag, word) in Filters::tags().into_iter().filter(|(tag, _)| filters.tags.contains(tag)) {
        let tag: Tag = tag;
        add(word.to_owned(), Action::WithTag(tag, false));
    }
    if filters.favourites {
        add(tr!("Favourites").to_owned(), Action::Habits(HabitsAction::OnlyFavourites(false)));
    }
    if filters.installed {
        add(tr!("On this computer").to_owned(), Action::OnThisComputer(false));
    }
    for span in Span::ALL {
        if let Some(words) = filters.ranges.words(span) {
            add(words, Action::SetRange(span, Bounds::default()));
        }
    }
    if let Some(picked) = &state.map.picked {
        add(tr!("{picked} picked on the map", picked = picked.len()), Action::Map(MapAction::Unpick));
    }
    chips
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::settings::Settings;
    use crate::app::testing::with_rtx_4090;

    #[test]
    fn each_chip_takes_away_what_it_says() {
        let mut state = State::with_machine(Settings::default(), with_rtx_4090(22.6));
        let all = state.rows.len();
        assert!(chips(&state).is_empty() && !state.is_filtered());
        let bounds = Bounds { least: Some(3.0), most: Some(40.0) };
        for action in [
            Action::Search("qwen".to_owned()),
            Action::OnlyFits(true),
            Action::ReadingSpeed(true),
            Action::WithTag(Tag::Reasoning, true),
            Action::SetRange(Span::Params, bounds),
        ] {
            state.apply(action);
        }
        state.update();
        let words: Vec<String> = chips(&state).into_iter().map(|chip| chip.words).collect();
        let wanted = ["“qwen”", "Fits on the GPU", "At 10 tok/s or faster", "Reasoning", "Parameters 3–40 B"];
        assert_eq!(words, wanted);
        assert!(state.is_filtered() && state.rows.len() < all / 4 && !state.rows.is_empty());
        while let Some(chip) = chips(&state).pop() {
            let before = (chips(&state).len(), state.rows.len());
            state.apply(chip.remove);
            state.update();
            assert!(chips(&state).len() < before.0 && state.rows.len() >= before.1);
        }
        assert_eq!((state.rows.len(), state.is_filtered()), (all, false));
    }

    #[test]
    fn clearing_takes_all_of_them_away() {
        let mut state = State::with_machine(Settings::default(), with_rtx_4090(22.6));
        for span in Span::ALL {
            state.apply(Action::SetRange(span, Bounds { least: Some(1.0), most: None }));
        }
        state.apply(Action::Habits(HabitsAction::OnlyFavourites(true)));
        state.update();
        assert!(state.rows.is_empty() && chips(&state).len() == 5);
        state.apply(Action::ClearFilters);
        state.update();
        assert!(chips(&state).is_empty() && !state.is_filtered());
    }
}
