//! The command palette: everything that can be done and every model, found by words.

mod commands;

use crate::language::tr;
use crate::model::ModelId;

use super::action::{Action, Step};
use super::state::State;

pub use commands::Command;

/// Commands that are listed.
const COMMANDS_MAX: usize = 12;
/// Models that are listed.
const MODELS_MAX: usize = 12;
/// Longest text that is looked for, letters.
pub const TEXT_MAX: usize = 200;

/// What a person can do with the palette.
#[derive(Clone, Debug, PartialEq)]
pub enum PaletteAction {
    /// Open it, empty, or close it.
    Show(bool),
    /// Look for these words.
    Type(String),
    /// Choose another entry.
    Move(Step),
}

/// What an entry does.
#[derive(Clone, Debug, PartialEq)]
pub enum Does {
    /// A change.
    Act(Action),
    /// Go to a model, whatever page is in view.
    Show(ModelId),
    /// Show the system's dialog for models.
    OpenModels,
    /// Put a text on the clipboard.
    Copy(String),
}

/// An entry of the palette.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What it is called.
    pub title: String,
    /// What kind it is, or what stands now.
    pub note: String,
    /// What it does.
    pub does: Does,
}

/// The palette while it is open.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Palette {
    /// The words that are looked for.
    pub text: String,
    /// What was found, the best first.
    pub entries: Vec<Entry>,
    /// The entry that Enter runs.
    pub chosen: usize,
    /// Counts changes of what is chosen: the list scrolls after them.
    pub moves: u64,
}

impl Palette {
    /// All that `text` finds in `state`.
    pub fn find(state: &State, text: &str) -> Self {
        let text: String = text.chars().take(TEXT_MAX).collect();
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let mut ranked: Vec<(u32, usize, Command)> = commands::all(state)
            .into_iter()
            .enumerate()
            .filter_map(|(place, command)| Some((rank(&command, &words)?, place, command)))
            .collect();
        // The order that they are written in decides between equals.
        ranked.sort_by_key(|(rank, place, _)| (std::cmp::Reverse(*rank), *place));
        let mut entries: Vec<Entry> =
            ranked.into_iter().take(COMMANDS_MAX).map(|(_, _, command)| command.entry).collect();
        if !words.is_empty() {
            entries.extend(models(state, &text));
        }
        Self { text, entries, chosen: 0, moves: 0 }
    }

    /// Chooses another entry.
    pub fn step(&mut self, step: Step) {
        if let Some(to) = step.target(Some(self.chosen), self.entries.len()) {
            self.chosen = to;
            self.moves += 1;
        }
    }

    /// The entry that is chosen.
    pub fn current(&self) -> Option<&Entry> {
        self.entries.get(self.chosen)
    }
}

/// How well a command matches: each word must begin a word of its title or of what else it is known as, or
/// stand in one. `None`: it does not match.
fn rank(command: &Command, words: &[String]) -> Option<u32> {
    let title = command.entry.title.to_lowercase();
    let mut total = 0;
    for word in words {
        let begins = |text: &str| {
            text.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
                .any(|part| part.starts_with(word.as_str()))
        };
        total += if title.starts_with(word.as_str()) {
            4
        } else if begins(&title) {
            3
        } else if begins(command.also) {
            2
        } else if title.contains(word.as_str()) {
            1
        } else {
            return None;
        };
    }
    Some(total)
}

fn models<'a>(state: &'a State, text: &str) -> impl Iterator<Item = Entry> + use<'a> {
    let catalog = &state.catalog;
    state.catalog.search(text).into_iter().take(MODELS_MAX).map(move |hit| {
        let base = &catalog.bases()[hit.base];
        let variant = hit.variant.and_then(|variant| base.variants.get(variant));
        let id: ModelId = variant.and_then(|variant| variant.id).unwrap_or(base.id);
        Entry {
            title: variant.map_or(&base.name, |variant| &variant.name).clone(),
            note: tr!("Model, {provider}", provider = catalog.get(id).provider),
            does: Does::Show(id),
        }
    })
}

impl State {
    pub(super) fn make_in_palette(&mut self, action: PaletteAction) {
        match action {
            PaletteAction::Show(false) => self.palette = None,
            PaletteAction::Show(true) => self.palette = Some(Palette::find(self, "")),
            PaletteAction::Type(text) => self.palette = Some(Palette::find(self, &text)),
            PaletteAction::Move(step) => {
                if let Some(palette) = &mut self.palette {
                    palette.step(step);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::best_for::{BestForAction, Use};
    use crate::app::testing::with_rtx_4090;
    use crate::app::{Page, Settings, View};
    use crate::estimate::scenario::{CacheType, Engine};

    fn state() -> State {
        State::with_machine(Settings::default(), with_rtx_4090(23.4))
    }

    fn found(text: &str) -> Vec<Entry> {
        Palette::find(&state(), text).entries
    }

    fn first(text: &str) -> Does {
        found(text).remove(0).does
    }

    #[test]
    fn words_find_what_they_begin() {
        assert_eq!(first("machine"), Does::Act(Action::SetPage(Page::Machine)));
        assert_eq!(first("matr"), Does::Act(Action::SetView(View::Matrix)));
        assert_eq!(first("q8_0 cache"), Does::Act(Action::SetCache(CacheType::Q8_0)));
        assert_eq!(first("vllm"), Does::Act(Action::SetEngine(Engine::Vllm)));
        assert_eq!(first("32K"), Does::Act(Action::SetContext(32_768)));
        assert_eq!(first("shortcuts"), Does::Act(Action::ShowShortcuts(true)));
    }

    #[test]
    fn advice_and_commands_are_found() {
        let mut state = state();
        state.update();
        let entry = Palette::find(&state, "best code").entries.remove(0);
        assert!(entry.title.starts_with("Best for code: "), "{}", entry.title);
        assert_eq!(entry.does, Does::Act(Action::BestFor(BestForAction::Take(Use::Code))));
        let entry = Palette::find(&state, "copy command").entries.remove(0);
        assert_eq!(entry.title, "Copy the command for llama.cpp");
        let Does::Copy(text) = entry.does else { panic!("{:?}", entry.does) };
        assert!(text.contains("llama-server "), "{text}");
    }

    #[test]
    fn models_follow_commands() {
        let entries = found("qwen3 14b");
        assert_eq!(entries[0].title, "Qwen3 14B");
        assert!(entries.iter().all(|entry| matches!(entry.does, Does::Show(_))));
        assert!(found("").iter().all(|entry| !matches!(entry.does, Does::Show(_))), "nothing was asked yet");
        assert!(found("xyzzy").is_empty());
    }

    #[test]
    fn what_cannot_be_done_is_not_offered() {
        assert!(!found("undo").iter().any(|entry| entry.does == Does::Act(Action::Undo)));
        let mut state = state();
        state.apply(Action::SetContext(4096));
        let entries = Palette::find(&state, "undo").entries;
        assert_eq!(entries[0].does, Does::Act(Action::Undo));
    }

    #[test]
    fn the_choice_stays_in_the_list() {
        let mut palette = Palette::find(&state(), "page");
        let len = palette.entries.len();
        palette.step(Step::Last);
        palette.step(Step::Down);
        assert_eq!(palette.chosen, len - 1);
        palette.step(Step::PageUp(100));
        assert_eq!(palette.chosen, 0);
        let mut none = Palette::find(&state(), "xyzzy");
        none.step(Step::Down);
        assert_eq!(none.current(), None);
    }
}
