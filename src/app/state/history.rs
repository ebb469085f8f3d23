//! Undo and redo of what is asked.

use crate::app::action::Action;
use crate::app::rigs::{RigChoice, Rigs};
use crate::estimate::scenario::{CacheType, Engine};
use crate::estimate::ways::Change;
use crate::machine::overrides;
use crate::model::ModelId;
use crate::quant::Level;

use super::State;
use super::share::Seen;

/// Steps that are kept.
const KEPT: usize = 100;

/// What undo brings back: everything that an estimate is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Asked {
    context: u32,
    cache: CacheType,
    concurrency: u32,
    engine: Engine,
    level: Level,
    what_if: Vec<Change>,
    /// Machines that are kept, and which is looked at.
    rigs: Rigs,
    on_opened: bool,
    /// Machines that are compared.
    compared: Vec<RigChoice>,
    /// Values that were set by hand.
    overrides: overrides::ByMachine,
    /// A cell of the matrix is a model and a level: both go back together.
    selected: Option<ModelId>,
}

impl Asked {
    /// The same but for the selection, which alone is nothing to undo.
    fn is_same_question(&self, other: &Self) -> bool {
        Self { selected: None, ..self.clone() } == Self { selected: None, ..other.clone() }
    }
}

/// One change that can be taken back.
#[derive(Clone, Debug)]
struct Step {
    before: Asked,
    after: Asked,
    /// It came from walking through the cells of the matrix.
    by_cell: bool,
    /// What was in view before and after, where a share code changed that too.
    seen: Option<Box<[Seen; 2]>>,
}

/// Changes that were made and taken back.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    past: Vec<Step>,
    /// The last one taken back stands last.
    future: Vec<Step>,
    /// A pointer is held down: what changes until it is let go is one step.
    held: bool,
    /// The last step was begun under the pointer that is held.
    is_open: bool,
}

impl History {
    fn record(&mut self, before: Asked, after: Asked, by_cell: bool) {
        if before.is_same_question(&after) {
            return;
        }
        self.future.clear();
        let goes_on = self.held && self.is_open;
        match self.past.last_mut() {
            // From cell to cell is one way, however many lie on it.
            Some(last) if goes_on || (by_cell && last.by_cell && last.after.is_same_question(&before)) => {
                last.after = after;
            }
            _ => self.push(Step { before, after, by_cell, seen: None }),
        }
        self.is_open = self.held;
    }

    /// The same for a change of what is in view as well.
    fn record_seen(&mut self, before: Asked, after: Asked, seen: Box<[Seen; 2]>) {
        if before.is_same_question(&after) && seen[0] == seen[1] {
            return;
        }
        self.future.clear();
        self.push(Step { before, after, by_cell: false, seen: Some(seen) });
        self.is_open = false;
    }

    fn push(&mut self, step: Step) {
        if self.past.len() == KEPT {
            self.past.remove(0);
        }
        self.past.push(step);
    }

    /// Forgets the selection of models that are others from now on.
    pub(super) fn forget(&mut self, is_other: impl Fn(ModelId) -> bool) {
        for step in self.past.iter_mut().chain(&mut self.future) {
            for asked in [&mut step.before, &mut step.after] {
                asked.selected = asked.selected.filter(|id| !is_other(*id));
            }
            for seen in step.seen.iter_mut().flat_map(|seen| seen.iter_mut()) {
                seen.selected = seen.selected.filter(|id| !is_other(*id));
            }
        }
    }

    fn hold(&mut self, held: bool) {
        self.held = held;
        self.is_open = false;
        // Dragged to and fro: nothing has changed.
        let is_nothing = |step: &Step| step.seen.is_none() && step.before.is_same_question(&step.after);
        if self.past.last().is_some_and(is_nothing) {
            self.past.pop();
        }
    }
}

impl State {
    /// Whether there is a change to take back.
    pub fn can_undo(&self) -> bool {
        !self.history.past.is_empty()
    }

    /// Whether there is one to make again.
    pub fn can_redo(&self) -> bool {
        !self.history.future.is_empty()
    }

    /// Whether a pointer was held down when the window last said so.
    pub const fn is_step_held(&self) -> bool {
        self.history.held
    }

    /// Makes a change; [`Self::update`] computes what follows from it.
    pub fn apply(&mut self, action: Action) {
        match action {
            Action::Undo => self.undo(),
            Action::Redo => self.redo(),
            Action::HoldStep(held) => self.history.hold(held),
            action => {
                let by_cell = matches!(action, Action::SelectCell(..));
                let walked = by_cell || matches!(action, Action::Move(_));
                let before = self.asked();
                let is_share = matches!(action, Action::Share(_));
                let seen = is_share.then(|| self.seen());
                self.make(action);
                let after = self.asked();
                if after.selected != before.selected {
                    self.remember_selected(walked);
                }
                match seen.map(|before| Box::new([before, self.seen()])) {
                    Some(seen) => self.history.record_seen(before, after, seen),
                    None => self.history.record(before, after, by_cell),
                }
            }
        }
    }

    fn asked(&self) -> Asked {
        let settings = &self.settings;
        Asked {
            context: settings.context,
            cache: settings.cache,
            concurrency: settings.concurrency,
            engine: settings.engine,
            level: settings.level,
            what_if: self.what_if.clone(),
            rigs: settings.rigs.clone(),
            on_opened: self.on_opened,
            compared: settings.compare.rigs.clone(),
            overrides: settings.overrides.clone(),
            selected: self.selected,
        }
    }

    fn undo(&mut self) {
        if let Some(step) = self.history.past.pop() {
            self.turn(&step.after, &step.before, step.by_cell);
            if let Some([before, _]) = step.seen.as_deref() {
                self.show_seen(before);
            }
            self.history.future.push(step);
        }
        self.history.is_open = false;
    }

    fn redo(&mut self) {
        if let Some(step) = self.history.future.pop() {
            self.turn(&step.before, &step.after, step.by_cell);
            if let Some([_, after]) = step.seen.as_deref() {
                self.show_seen(after);
            }
            self.history.past.push(step);
        }
        self.history.is_open = false;
    }

    /// The same for which machine there is.
    fn turn_machine(&mut self, from: &Asked, to: &Asked) {
        let settings = &mut self.settings;
        if from.rigs != to.rigs {
            settings.rigs.clone_from(&to.rigs);
        }
        if from.overrides != to.overrides {
            settings.overrides.clone_from(&to.overrides);
        }
        // A recorded machine may be closed meanwhile.
        self.on_opened = to.on_opened && self.machine_page.opened.is_some();
        self.what_if.clone_from(&to.what_if);
        let before = (&from.rigs, &from.overrides, from.on_opened);
        if before != (&to.rigs, &to.overrides, to.on_opened) {
            self.look();
        } else if from.what_if != to.what_if {
            self.set_rig();
        }
    }

    /// Sets what differs between two states of a step; the rest stays as it is.
    fn turn(&mut self, from: &Asked, to: &Asked, by_cell: bool) {
        let settings = &mut self.settings;
        if from.context != to.context {
            settings.context = to.context;
        }
        if from.cache != to.cache {
            settings.cache = to.cache;
        }
        if from.concurrency != to.concurrency {
            settings.concurrency = to.concurrency;
        }
        if from.engine != to.engine {
            settings.engine = to.engine;
        }
        if from.level != to.level {
            settings.level = to.level;
        }
        if from.compared != to.compared {
            settings.compare.rigs.clone_from(&to.compared);
        }
        self.turn_machine(from, to);
        self.dirty.estimates();
        if let Some(model) = to.selected.filter(|_| by_cell && from.selected != to.selected) {
            self.select(model);
            self.moves += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::settings::Settings;
    use crate::app::testing::with_rtx_4090;
    use crate::estimate::FitClass;
    use crate::estimate::ways::Cards;
    use crate::machine::Os;
    use crate::units::Bytes;

    fn state() -> State {
        State::with_machine(Settings::default(), with_rtx_4090(22.6))
    }

    fn act(state: &mut State, action: Action) {
        state.apply(action);
        state.update();
    }

    fn level(name: &str) -> Level {
        name.parse().unwrap()
    }

    #[test]
    fn every_part_of_the_question_goes_back_and_forth() {
        let mut state = state();
        assert!(!state.can_undo() && !state.can_redo());
        let before = state.asked();
        act(&mut state, Action::SetContext(1 << 15));
        act(&mut state, Action::SetCache(CacheType::Q8_0));
        act(&mut state, Action::SetConcurrency(4));
        act(&mut state, Action::SetLevel(level("Q6_K")));
        act(&mut state, Action::Try(vec![Change::Ram(Bytes::from_gib(128.0))]));
        let after = state.asked();
        for _ in 0..5 {
            assert!(state.can_undo());
            act(&mut state, Action::Undo);
        }
        assert_eq!(state.asked(), before);
        assert_eq!(state.rig.as_ref().unwrap().host.capacity, Bytes::from_gib(64.0));
        act(&mut state, Action::Undo);
        assert_eq!(state.asked(), before, "nothing is left to take back");
        for _ in 0..5 {
            act(&mut state, Action::Redo);
        }
        assert_eq!(state.asked(), after);
        assert_eq!(state.rig.as_ref().unwrap().host.capacity, Bytes::from_gib(128.0));
        assert!(!state.can_redo());
    }

    #[test]
    fn a_step_brings_back_only_what_it_changed() {
        let mut state = state();
        act(&mut state, Action::SetContext(1 << 15));
        let other = state.rows[5].key;
        act(&mut state, Action::SelectRow(other));
        act(&mut state, Action::Undo);
        assert_eq!((state.settings.context, state.cursor), (1 << 14, Some(other)));
    }

    #[test]
    fn what_is_changed_under_a_held_pointer_is_one_step() {
        let mut state = state();
        act(&mut state, Action::HoldStep(true));
        for power in 15..18 {
            act(&mut state, Action::SetContext(1 << power));
        }
        act(&mut state, Action::HoldStep(false));
        act(&mut state, Action::SetContext(1 << 12));
        act(&mut state, Action::Undo);
        assert_eq!(state.settings.context, 1 << 17);
        act(&mut state, Action::Undo);
        assert_eq!(state.settings.context, 1 << 14);
        // To and fro is no step.
        act(&mut state, Action::HoldStep(true));
        act(&mut state, Action::SetContext(1 << 16));
        act(&mut state, Action::SetContext(1 << 14));
        act(&mut state, Action::HoldStep(false));
        assert!(!state.can_undo());
    }

    #[test]
    fn a_change_ends_what_could_be_made_again() {
        let mut state = state();
        act(&mut state, Action::SetContext(1 << 15));
        act(&mut state, Action::Undo);
        act(&mut state, Action::SetContext(1 << 14));
        assert!(state.can_redo(), "what changes nothing is no step");
        act(&mut state, Action::SetConcurrency(2));
        assert!(!state.can_redo());
    }

    #[test]
    fn a_walk_through_cells_is_one_step() {
        let mut state = state();
        let models: Vec<ModelId> = state.rows.iter().take(3).map(|row| row.model).collect();
        let first = state.selected;
        for (model, level_name) in models.iter().zip(["Q5_K_M", "Q6_K", "Q8_0"]) {
            act(&mut state, Action::SelectCell(*model, level(level_name)));
        }
        act(&mut state, Action::Undo);
        assert_eq!((state.level(), state.selected), (Settings::default().level, first));
        act(&mut state, Action::Redo);
        assert_eq!((state.level(), state.selected), (level("Q8_0"), Some(models[2])));
    }

    #[test]
    fn two_changes_of_one_way_are_one_step() {
        let mut state = state();
        act(&mut state, Action::Try(vec![Change::Level(level("Q3_K_M")), Change::Context(4096)]));
        assert_eq!((state.level(), state.settings.context), (level("Q3_K_M"), 4096));
        act(&mut state, Action::Undo);
        assert_eq!((state.level(), state.settings.context), (Settings::default().level, 1 << 14));
    }

    #[test]
    fn old_steps_are_forgotten() {
        let mut state = state();
        for step in 0..2 * KEPT as u32 {
            state.apply(Action::SetContext(2048 + 256 * step));
        }
        let mut taken_back = 0;
        while state.can_undo() {
            state.apply(Action::Undo);
            taken_back += 1;
        }
        assert_eq!(taken_back, KEPT);
    }

    #[test]
    fn cards_and_ram_are_supposed_and_given_back() {
        let mut state = state();
        let model = state.catalog.find("meta-llama/Llama-3.3-70B-Instruct").unwrap();
        act(&mut state, Action::Select(model));
        let class = |state: &State| state.detail.as_ref().unwrap().class().unwrap();
        assert_eq!(class(&state), FitClass::Offload);
        let card = state.rig.as_ref().unwrap().devices[0].clone();
        let more = Change::Cards(Cards::like(&card, 1, Os::Linux));
        act(&mut state, Action::Try(vec![more.clone()]));
        assert!(class(&state) <= FitClass::Tight);
        assert_eq!(state.what_if_text().as_deref(), Some("RTX 4090 added"));
        assert_eq!(state.rig.as_ref().unwrap().devices.len(), 2);
        act(&mut state, Action::Try(vec![more]));
        act(&mut state, Action::Try(vec![Change::Ram(Bytes::from_gib(96.0))]));
        act(&mut state, Action::Try(vec![Change::Ram(Bytes::from_gib(128.0))]));
        assert_eq!(state.what_if_text().as_deref(), Some("2 × RTX 4090 added, 128 GiB of RAM"));
        assert_eq!(state.rig.as_ref().unwrap().host.capacity, Bytes::from_gib(128.0));
        act(&mut state, Action::SupposeNothing);
        assert_eq!((state.what_if_text(), class(&state)), (None, FitClass::Offload));
        act(&mut state, Action::Undo);
        assert!(state.what_if_text().is_some(), "even that is taken back");
    }
}
