//! The view of the window as a code, and back.

use crate::app::grid::{Figure, Grouping};
use crate::app::notice::{Notice, NoticeKind};
use crate::app::page::Page;
use crate::app::rigs::{self, NamedRig, RigChoice};
use crate::app::rows::Sort;
use crate::app::settings::{Filters, View};
use crate::app::share::{self, ShareAction, ShareError, SharePlace, Shared, is_same_hardware};
use crate::estimate::ways::Change;
use crate::language::tr;
use crate::machine::spec::GpuSpec;
use crate::model::ModelId;

use super::State;

/// What is in view: it goes back with the scenario where a code has changed both.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Seen {
    page: Page,
    view: View,
    figure: Figure,
    grouping: Grouping,
    filters: Filters,
    sort: Sort,
    search: String,
    detail_page: bool,
    pub(super) selected: Option<ModelId>,
}

impl State {
    pub(super) fn seen(&self) -> Seen {
        let settings = &self.settings;
        Seen {
            page: settings.page,
            view: settings.view,
            figure: settings.figure,
            grouping: settings.grouping,
            filters: settings.filters.clone(),
            sort: settings.sort,
            search: self.search.clone(),
            detail_page: self.detail_page,
            selected: self.selected,
        }
    }

    pub(super) fn show_seen(&mut self, seen: &Seen) {
        self.set_page(seen.page);
        let settings = &mut self.settings;
        (settings.view, settings.figure, settings.grouping) = (seen.view, seen.figure, seen.grouping);
        settings.filters.clone_from(&seen.filters);
        settings.sort = seen.sort;
        self.search_for(seen.search.clone());
        self.detail_page = seen.detail_page;
        if let Some(model) = seen.selected {
            self.select(model);
            self.moves += 1;
        }
        self.dirty.estimates();
    }

    /// What is in view, for somebody else's window. `with_machine`: with the machine that is looked at.
    pub fn shared(&self, with_machine: bool) -> Shared {
        let mut shared = Shared::of(&self.settings);
        shared.view.search.clone_from(&self.search);
        shared.view.detail_page = self.detail_page;
        // The name of an own model may be a path of this computer, and nobody else has it.
        let known = self.selected.filter(|model| !self.catalog.is_own(*model));
        shared.model = known.map(|model| self.catalog.get(model).id.clone());
        shared.rig = self.rig_to_share().filter(|_| with_machine);
        shared
    }

    /// The machine that is looked at, with what is supposed of it.
    fn rig_to_share(&self) -> Option<NamedRig> {
        let mut rig = if let Some(rig) = self.rig_kept() {
            // What its owner pays is nobody else's business.
            NamedRig { price_usd: None, ..rig.clone() }
        } else {
            let machine = self.machine.as_ref()?;
            share::rig_of(machine, rigs::parts_of(machine))
        };
        for change in &self.what_if {
            match change {
                Change::Cards(cards) => rig.machine.add(rigs::spec_of(cards)),
                Change::Ram(total) => {
                    (rig.machine.ram_gib, rig.machine.ram_free_gib) = (Some(total.gib()), None);
                }
                Change::CloseOthers => {
                    rig.machine.ram_free_gib = None;
                    for gpu in std::mem::take(&mut rig.machine.gpus) {
                        rig.machine.add(GpuSpec { free_gib: None, ..gpu });
                    }
                }
                _ => {}
            }
        }
        if let (Some(text), None) = (self.what_if_text(), self.rig_kept()) {
            rig.name = format!("{}, {text}", rig.name);
        }
        Some(rig)
    }

    /// The code of what is in view, as the Share button copies it.
    ///
    /// # Errors
    /// The machine has too many unlike parts.
    pub fn share_code(&self) -> Result<String, ShareError> {
        self.shared(!self.share.without_machine).code()
    }

    pub(super) fn make_with_share(&mut self, action: ShareAction) {
        match action {
            ShareAction::Show(open) => {
                self.share =
                    SharePlace { open, without_machine: self.share.without_machine, ..SharePlace::default() };
                self.fill_share();
            }
            ShareAction::WithoutMachine(without) => {
                self.share.without_machine = without;
                self.fill_share();
            }
            ShareAction::Type(text) => {
                self.share.typed = text.chars().take(share::TYPED_MAX).collect();
                self.share.fault = None;
            }
            ShareAction::Open => {
                let typed = std::mem::take(&mut self.share.typed);
                self.take_code(&typed);
            }
            ShareAction::Take(text) => self.take_code(&text),
            ShareAction::Restore(shared) => self.restore(&shared),
        }
    }

    fn fill_share(&mut self) {
        if !self.share.open {
            return;
        }
        let shared = self.shared(!self.share.without_machine);
        (self.share.code, self.share.no_code) = match shared.code() {
            Ok(code) => (code, None),
            Err(error) => (String::new(), Some(error.to_string())),
        };
        self.share.carries = share::carried(&shared);
    }

    /// Shows what a text carries, or says at the field why it cannot.
    fn take_code(&mut self, text: &str) {
        let read = Shared::in_text(text).unwrap_or(Err(ShareError::NoCode));
        match read {
            Ok(shared) => {
                self.share =
                    SharePlace { without_machine: self.share.without_machine, ..SharePlace::default() };
                self.restore(&shared);
            }
            Err(error) => {
                if !self.share.open {
                    self.share.open = true;
                    self.fill_share();
                }
                self.share.typed = text.chars().take(share::TYPED_MAX).collect();
                self.share.fault = Some(tr!("It cannot be opened: {error}", error));
            }
        }
    }

    /// Scenario, view, selection and machine as a code says them. What is not known here is said, and the rest is
    /// done.
    fn restore(&mut self, shared: &Shared) {
        let mut not_done = Vec::new();
        self.set_engine(shared.engine);
        self.settings = shared.over(&self.settings);
        self.settings.tidy_engine();
        self.search_for(shared.view.search.clone());
        self.what_if.clear();
        if let Some(rig) = &shared.rig {
            not_done.extend(self.look_at_shared(rig).err());
        } else {
            self.set_rig();
        }
        if let Some(name) = &shared.model {
            match self.catalog.exact(name).or_else(|| self.catalog.find(name).ok()) {
                Some(model) => self.select(model),
                None => not_done.push(tr!("the model {name} is not in this catalog", name)),
            }
        }
        self.detail_page = shared.view.detail_page;
        self.moves += 1;
        self.dirty.estimates();
        self.dirty.lists();
        let mut text = tr!("Shown as the share code says").to_owned();
        if !not_done.is_empty() {
            text = tr!("{text}, but {not_done}", text, not_done = not_done.join(", and "));
        }
        self.notify(Notice::new(NoticeKind::Share, text));
    }

    /// Looks at a machine that came with a code: at this computer or a kept rig where it is that, else at a new rig.
    fn look_at_shared(&mut self, rig: &NamedRig) -> Result<(), String> {
        rigs::resolve(&rig.machine).map_err(|error| tr!("its machine is not known here: {error}", error))?;
        let is_this = |machine| is_same_hardware(&NamedRig::of(machine, "").0.machine, &rig.machine);
        let this = self.found.as_ref().map(|found| self.settings.overrides.over(found));
        let kept = |known: &&NamedRig| known.machine == rig.machine;
        let choice = if this.as_ref().is_some_and(is_this) {
            RigChoice::This
        } else if let Some(known) = self.settings.rigs.list().iter().find(kept) {
            RigChoice::Kept(known.name.clone())
        } else {
            let name = self.settings.rigs.free_name(&rig.name);
            let kept = self.settings.rigs.keep(NamedRig { name, ..rig.clone() });
            RigChoice::Kept(kept.ok_or(tr!("as many rigs are kept as can be; remove one first"))?)
        };
        self.choose_rig(&choice);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::*;
    use crate::app::action::Action;
    use crate::app::rigs::{NamedRig, RigChoice};
    use crate::app::share::{ShareAction, Shared};
    use crate::app::testing::{with_rtx_4090, without_gpu};
    use crate::estimate::scenario::CacheType;
    use crate::machine::spec::{GpuSpec, MachineSpec};

    fn act(state: &mut State, action: Action) {
        state.apply(action);
        state.update();
    }

    fn take(state: &mut State, code: &str) {
        act(state, Action::Share(ShareAction::Take(code.to_owned())));
    }

    fn sender() -> State {
        let mut state = State::with_machine(Settings::default(), with_rtx_4090(22.6));
        let machine = MachineSpec {
            gpus: vec![GpuSpec { count: 2, ..GpuSpec::named("RTX 3090") }],
            ram_gib: Some(96.0),
            ..MachineSpec::default()
        };
        let rig = NamedRig { name: "Attic".to_owned(), machine, price_usd: Some(1450.0) };
        act(&mut state, Action::KeepRig(rig));
        act(&mut state, Action::SetContext(65_536));
        act(&mut state, Action::SetCache(CacheType::Q8_0));
        act(&mut state, Action::OnlyFits(true));
        act(&mut state, Action::SetView(View::Matrix));
        let model = state.catalog.find("Qwen/Qwen3-14B").unwrap();
        act(&mut state, Action::SelectCell(model, "Q6_K".parse().unwrap()));
        state
    }

    #[test]
    fn a_code_shows_the_same_elsewhere_and_goes_back_in_one_step() {
        let sender = sender();
        let code = sender.share_code().unwrap();
        assert!(!code.is_empty() && sender.shared(true).rig.unwrap().price_usd.is_none());
        let mut other = State::with_machine(Settings::default(), without_gpu());
        let before = other.settings.clone();
        let selected = other.selected;
        take(&mut other, &format!("try this: {code}"));
        assert_eq!(other.selected, sender.selected);
        assert_eq!(other.detail.as_ref().unwrap().sentence, sender.detail.as_ref().unwrap().sentence);
        assert_eq!(other.choice(), RigChoice::Kept("Attic".to_owned()));
        assert_eq!(other.settings.view, View::Matrix);
        assert!(other.settings.filters.only_fits);
        let said = |notice: &Notice| notice.text == "Shown as the share code says";
        assert!(other.notices.iter().any(said), "{:?}", other.notices);
        act(&mut other, Action::Undo);
        // What was looked at stays known.
        let before = Settings { habits: other.settings.habits.clone(), ..before };
        assert_eq!(other.settings, before);
        assert_eq!(other.selected, selected);
        act(&mut other, Action::Redo);
        assert_eq!(other.detail.as_ref().unwrap().sentence, sender.detail.as_ref().unwrap().sentence);
        take(&mut other, &code);
        assert_eq!(other.settings.rigs.list().len(), 1, "the same machine is not kept twice");
    }

    #[test]
    fn this_computer_is_known_again_and_stands_as_a_rig_elsewhere() {
        let mut here = State::with_machine(Settings::default(), with_rtx_4090(20.0));
        let code = here.share_code().unwrap();
        let mut other = State::with_machine(Settings::default(), without_gpu());
        take(&mut other, &code);
        assert_eq!(other.rig.as_ref().unwrap().devices[0].free.gib(), 20.0);
        let (there, this) = (other.detail.as_ref().unwrap(), here.detail.as_ref().unwrap());
        assert_eq!((&there.name, &there.sentence), (&this.name, &this.sentence));
        take(&mut here, &code);
        assert_eq!((here.choice(), here.settings.rigs.list().len()), (RigChoice::This, 0));
    }

    #[test]
    fn what_is_supposed_goes_with_it() {
        use crate::estimate::ways::{Cards, Change};
        let mut here = State::with_machine(Settings::default(), with_rtx_4090(20.0));
        let card = here.rig.as_ref().unwrap().devices[0].clone();
        act(&mut here, Action::Try(vec![Change::Cards(Cards::like(&card, 1, crate::machine::Os::Linux))]));
        let rig = here.shared(true).rig.unwrap();
        assert_eq!(rig.machine.gpus.iter().map(|gpu| gpu.count).sum::<u32>(), 2);
        assert!(rig.name.ends_with("RTX 4090 added"), "{}", rig.name);
        assert_eq!(here.shared(false).rig, None);
    }

    #[test]
    fn what_is_not_known_here_is_said_and_the_rest_is_done() {
        let mut shared = sender().shared(true);
        shared.model = Some("nobody/nothing-7B".to_owned());
        shared.rig.as_mut().unwrap().machine.gpus[0].name = "RTX 9999".to_owned();
        let mut state = State::with_machine(Settings::default(), without_gpu());
        let selected = state.selected;
        take(&mut state, &shared.code().unwrap());
        let of_code = |notice: &&Notice| notice.text.contains("nobody/nothing-7B");
        let text = &state.notices.iter().find(of_code).expect("it is said").text;
        assert!(text.contains("nobody/nothing-7B is not in this catalog"), "{text}");
        assert!(text.contains("its machine is not known here") && text.contains("RTX 9999"), "{text}");
        assert_eq!((state.settings.context, state.selected), (65_536, selected));
        assert_eq!(state.choice(), RigChoice::This);
    }

    #[test]
    fn a_code_that_cannot_be_opened_changes_nothing_and_says_why() {
        let mut state = State::with_machine(Settings::default(), without_gpu());
        let before = state.settings.clone();
        for text in ["", "hello", "PLIM2x", "PLIM1zzz"] {
            take(&mut state, text);
            assert!(state.share.open);
            assert!(state.share.fault.as_ref().unwrap().starts_with("It cannot be opened: "));
            assert_eq!((&state.settings, state.share.typed.as_str()), (&before, text));
        }
        assert!(!state.can_undo());
        act(&mut state, Action::Share(ShareAction::Type("PLIM1z".to_owned())));
        assert_eq!(state.share.fault, None);
        act(&mut state, Action::Share(ShareAction::Open));
        assert!(state.share.fault.is_some());
        act(&mut state, Action::Share(ShareAction::Show(false)));
        assert!(!state.share.open && state.share.typed.is_empty());
    }

    #[test]
    fn the_place_holds_the_code_and_what_it_carries() {
        let mut state = sender();
        act(&mut state, Action::Share(ShareAction::Show(true)));
        let share = state.share.clone();
        assert_eq!(Shared::of_code(&share.code).unwrap(), state.shared(true));
        assert_eq!(share.carries.last().unwrap(), "Machine: Attic (2× RTX 3090, 96 GiB RAM)");
        act(&mut state, Action::Share(ShareAction::WithoutMachine(true)));
        assert!(state.share.code.len() < share.code.len());
        assert_eq!(Shared::of_code(&state.share.code).unwrap().rig, None);
    }
}
