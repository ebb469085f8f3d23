//! The machine that is looked at: a rig that was described, this computer or a recorded one with what was set by
//! hand.

use crate::app::notice::{Notice, NoticeKind};
use crate::app::rigs::{self, NamedRig, RigChoice};
use crate::estimate::Rig;
use crate::language::{self, tr};
use crate::machine::Machine;
use crate::machine::overrides::{OutOfRange, Overrides};

use super::State;

impl State {
    /// Which machine is looked at.
    pub fn choice(&self) -> RigChoice {
        if self.on_opened {
            return RigChoice::Opened;
        }
        match self.settings.rigs.chosen() {
            Some(rig) => RigChoice::Kept(rig.name.clone()),
            None => RigChoice::This,
        }
    }

    /// The kept rig that is looked at.
    pub fn rig_kept(&self) -> Option<&NamedRig> {
        self.settings.rigs.chosen().filter(|_| !self.on_opened)
    }

    /// All machines that can be looked at: this computer, a recorded one, those that are kept.
    pub fn choices(&self) -> Vec<RigChoice> {
        let opened = self.machine_page.opened.is_some().then_some(RigChoice::Opened);
        let kept = self.settings.rigs.list().iter().map(|rig| RigChoice::Kept(rig.name.clone()));
        std::iter::once(RigChoice::This).chain(opened).chain(kept).collect()
    }

    /// What a machine is called.
    pub fn title_of<'a>(&'a self, choice: &'a RigChoice) -> &'a str {
        match choice {
            RigChoice::This => language::text(self.this_title),
            RigChoice::Kept(name) => name,
            RigChoice::Opened => {
                self.machine_page.opened.as_ref().map_or(tr!("Recorded machine"), |opened| &opened.name)
            }
        }
    }

    /// The computer that was read, where one is looked at and not a rig: this one or the recorded one.
    pub fn read_machine(&self) -> Option<&Machine> {
        match self.choice() {
            RigChoice::This => self.found.as_ref(),
            RigChoice::Opened => self.machine_page.opened.as_ref().map(|opened| &opened.machine),
            RigChoice::Kept(_) => None,
        }
    }

    /// Looks at what the settings say, and computes anew what depends on it.
    pub(super) fn look(&mut self) {
        self.notices.retain(|notice| notice.kind != NoticeKind::Rig);
        self.assumed.clear();
        let chosen = self.rig_kept().map(|rig| (rig.name.clone(), rigs::resolve(&rig.machine)));
        self.machine = match chosen {
            Some((_, Ok(resolved))) => {
                self.assumed = resolved.warnings;
                Some(resolved.machine)
            }
            Some((name, Err(error))) => {
                // The hardware table may have changed since it was kept.
                self.settings.rigs.choose(None);
                let text = tr!("The rig {name} cannot be looked at: {error}", name, error);
                self.notify(Notice::new(NoticeKind::Rig, text));
                self.read_with_overrides()
            }
            None => self.read_with_overrides(),
        };
        self.set_rig();
        self.correct();
    }

    /// Has worked out what own measurements say of this computer's speeds.
    pub(super) fn correct(&mut self) {
        let Some(rig) = self.this_computer().map(|machine| Rig::from(&machine)) else { return };
        if self.own.ask_corrections(rig) {
            self.set_rig();
        }
    }

    fn this_computer(&self) -> Option<Machine> {
        self.found.as_ref().map(|found| self.settings.overrides.over(found))
    }

    fn read_with_overrides(&self) -> Option<Machine> {
        self.read_machine().map(|read| self.settings.overrides.over(read))
    }

    /// The numbers of the machine that is looked at.
    pub(super) fn rig_looked_at(&self) -> Option<Rig> {
        if let Some(rig) = self.rig_kept() {
            return rigs::resolve(&rig.machine).ok().map(|resolved| resolved.rig);
        }
        let rig = self.machine.as_ref().map(Rig::from)?;
        // What was measured here says nothing of another machine.
        let own = if self.on_opened { None } else { self.own.corrections() };
        Some(Rig { own, ..rig })
    }

    /// The numbers of any machine that can be looked at.
    pub(super) fn rig_of(&self, choice: &RigChoice) -> Option<Rig> {
        let read = |machine: &Machine| Rig::from(&self.settings.overrides.over(machine));
        match choice {
            RigChoice::This => {
                self.found.as_ref().map(read).map(|rig| Rig { own: self.own.corrections(), ..rig })
            }
            RigChoice::Opened => self.machine_page.opened.as_ref().map(|opened| read(&opened.machine)),
            RigChoice::Kept(name) => {
                let rig = self.settings.rigs.get(name)?;
                rigs::resolve(&rig.machine).ok().map(|resolved| resolved.rig)
            }
        }
    }

    pub(super) fn choose_rig(&mut self, choice: &RigChoice) {
        self.on_opened = *choice == RigChoice::Opened && self.machine_page.opened.is_some();
        match choice {
            RigChoice::Kept(name) => self.settings.rigs.choose(Some(name)),
            RigChoice::This | RigChoice::Opened => self.settings.rigs.choose(None),
        }
        self.machine_page.editing = None;
        // What was supposed was supposed of another machine.
        self.what_if.clear();
        self.look();
    }

    pub(super) fn keep_rig(&mut self, rig: NamedRig) {
        if let Err(error) = rig.check() {
            self.notify(Notice::new(NoticeKind::Rig, tr!("The rig was not kept: {error}", error)));
            return;
        }
        if let Some(name) = self.settings.rigs.keep(rig) {
            self.choose_rig(&RigChoice::Kept(name));
        } else {
            let text = tr!("The rig was not kept: there are as many as can be; remove one first");
            self.notify(Notice::new(NoticeKind::Rig, text));
        }
    }

    pub(super) fn rename_rig(&mut self, from: &str, to: &str) {
        let before: Vec<String> = self.settings.rigs.list().iter().map(|rig| rig.name.clone()).collect();
        if !self.settings.rigs.rename(from, to) {
            return;
        }
        let after = self.settings.rigs.list().iter().map(|rig| rig.name.clone());
        // As it was tidied.
        for (before, after) in before.iter().zip(after).filter(|(before, after)| *before != after) {
            self.settings.compare.rename(before, &after);
            self.settings.tray.rename(before, &after);
        }
        self.dirty.machine = true;
    }

    pub(super) fn remove_rig(&mut self, name: &str) {
        self.settings.rigs.remove(name);
        self.settings.compare.tidy(&self.settings.rigs, self.machine_page.opened.is_some());
        self.settings.tray.tidy(&self.settings.rigs, self.machine_page.opened.is_some());
        self.machine_page.editing = None;
        self.look();
    }

    /// Sets values of the computer that is looked at, or resets them.
    pub(super) fn set_by_hand(&mut self, change: impl FnOnce(&mut Overrides) -> Result<(), OutOfRange>) {
        // Before it is read there is nothing to set.
        let Some(read) = self.read_machine().cloned() else { return };
        match self.settings.overrides.change(&read, change) {
            Ok(()) => self.look(),
            Err(error) => {
                self.notify(Notice::new(NoticeKind::Rig, tr!("The value was not set: {error}", error)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::*;
    use crate::app::action::Action;
    use crate::app::rigs::{NamedRig, RigChoice};
    use crate::app::testing::{with_rtx_4090, without_gpu};
    use crate::machine::overrides::{GpuField, HostField};
    use crate::machine::spec::{GpuSpec, MachineSpec};

    fn act(state: &mut State, action: Action) {
        state.apply(action);
        state.update();
    }

    fn rig(name: &str, gpu: &str, count: u32) -> NamedRig {
        let machine = MachineSpec {
            gpus: vec![GpuSpec { count, ..GpuSpec::named(gpu) }],
            ram_gib: Some(64.0),
            ram_bandwidth_gbs: Some(51.2),
            ..MachineSpec::default()
        };
        NamedRig { name: name.to_owned(), machine, price_usd: None }
    }

    #[test]
    fn every_figure_follows_the_rig() {
        let mut state = State::with_machine(Settings::default(), without_gpu());
        let fits = |state: &State| state.counts.of(crate::estimate::FitClass::Fits);
        let alone = fits(&state);
        act(&mut state, Action::KeepRig(rig("Two 3090", "RTX 3090", 2)));
        assert_eq!(state.machine.as_ref().unwrap().gpus.len(), 2);
        assert_eq!(state.rig.as_ref().unwrap().devices.len(), 2);
        assert!(state.rig.as_ref().unwrap().devices.iter().all(|device| !device.free_is_known));
        assert!(fits(&state) > alone, "{} and {alone}", fits(&state));
        assert_eq!(state.found, Some(without_gpu()), "this computer stays known");
        act(&mut state, Action::ChooseRig(RigChoice::This));
        assert_eq!((fits(&state), state.machine.clone()), (alone, Some(without_gpu())));
        let again = Settings::from_json(&state.settings.to_json().unwrap()).unwrap();
        assert_eq!(again.rigs.list(), state.settings.rigs.list());
    }

    #[test]
    fn a_rig_is_there_before_this_computer_is_read() {
        let mut settings = Settings::default();
        settings.rigs.keep(rig("Server", "H100 SXM5 80 GB", 8));
        settings.rigs.choose(Some("Server"));
        let mut state = State::with_machine(settings, without_gpu());
        assert_eq!(state.rig.as_ref().unwrap().devices.len(), 8);
        assert!(state.notices.is_empty(), "{:?}", state.notices);
        act(&mut state, Action::RenameRig { from: "Server".to_owned(), to: "Rack".to_owned() });
        assert_eq!(state.settings.rigs.chosen().unwrap().name, "Rack");
        act(&mut state, Action::RemoveRig("Rack".to_owned()));
        assert_eq!(state.machine, Some(without_gpu()));
    }

    #[test]
    fn a_rig_that_cannot_be_is_said_and_this_computer_stays() {
        let mut state = State::with_machine(Settings::default(), with_rtx_4090(22.0));
        act(&mut state, Action::KeepRig(rig("Dream", "RTX 9999", 1)));
        assert!(state.notices[0].text.contains("Dream") && state.notices[0].text.contains("RTX 9999"));
        assert_eq!(state.machine, Some(with_rtx_4090(22.0)));
        let mut senseless = rig("Odd", "RTX 3090", 1);
        senseless.machine.ram_gib = Some(-1.0);
        act(&mut state, Action::KeepRig(senseless));
        assert!(state.notices[0].text.contains("ram_gib"), "{:?}", state.notices);
        assert!(state.settings.rigs.get("Odd").is_none());
    }

    #[test]
    fn values_set_by_hand_are_asked_for_and_reset() {
        let mut state = State::with_machine(Settings::default(), with_rtx_4090(22.0));
        let key = state.found.as_ref().unwrap().gpu_keys().remove(0);
        let set = |value| Action::OverrideGpu { key: key.clone(), field: GpuField::FreeGib, value };
        act(&mut state, set(Some(8.0)));
        assert_eq!(state.rig.as_ref().unwrap().devices[0].free.gib(), 8.0);
        assert!(
            state.machine.as_ref().unwrap().gpus[0].memory_free.as_ref().unwrap().source.contains("by hand")
        );
        act(&mut state, Action::OverrideHost(HostField::RamGbs, Some(100.0)));
        assert_eq!(state.rig.as_ref().unwrap().host.bandwidth_gbs, 100.0);
        act(&mut state, set(Some(-8.0)));
        assert!(state.notices[0].text.contains("out of range"), "{:?}", state.notices);
        act(&mut state, set(None));
        act(&mut state, Action::OverrideHost(HostField::RamGbs, None));
        assert_eq!(state.machine, Some(with_rtx_4090(22.0)));
        assert!(state.notices.is_empty());
    }
}
