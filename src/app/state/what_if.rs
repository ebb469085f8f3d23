//! Ways out that are tried, and the machine as it would be with them.

use crate::app::action::Action;
use crate::estimate::ways::{Cards, Change};
use crate::estimate::{Rig, engine};
use crate::language::tr;

use super::State;

impl State {
    /// Makes the changes of a way out.
    pub(super) fn try_out(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Engine(program) => {
                    // The level that was tried, not the one that was chosen there last.
                    let level = engine::counterpart(*program, self.settings.level);
                    self.make(Action::SetEngine(*program));
                    self.make(Action::SetLevel(level));
                }
                Change::Cache(cache) => self.make(Action::SetCache(*cache)),
                Change::Level(level) => self.make(Action::SetLevel(*level)),
                Change::Context(context) => self.make(Action::SetContext(*context)),
                Change::Requests(requests) => self.make(Action::SetConcurrency(*requests)),
                Change::CloseOthers | Change::Cards(_) | Change::Ram(_) => self.suppose(change.clone()),
                // Nothing is asked of a placement here: it is always chosen.
                Change::FreePlacement | Change::ExpertsToRam(_) => {}
            }
        }
    }

    fn suppose(&mut self, change: Change) {
        // One of a kind is enough where the later says it all.
        match &change {
            Change::CloseOthers => self.what_if.retain(|known| *known != Change::CloseOthers),
            Change::Ram(_) => self.what_if.retain(|known| !matches!(known, Change::Ram(_))),
            _ => {}
        }
        self.what_if.push(change);
        self.set_rig();
    }

    /// Back to the machine that is there.
    pub(super) fn suppose_nothing(&mut self) {
        self.what_if.clear();
        self.set_rig();
    }

    /// Computes anew what depends on the machine.
    pub(super) fn set_rig(&mut self) {
        self.rig = self.rig_as_asked();
        self.dirty.estimates();
    }

    /// The machine's numbers, with what is supposed of it.
    fn rig_as_asked(&self) -> Option<Rig> {
        let mut rig = self.rig_looked_at()?;
        for change in &self.what_if {
            change.make_to(&mut rig);
        }
        Some(rig)
    }

    /// What is supposed of this computer, in words: "RTX 3090 added, 128 GiB of RAM"; `None`: nothing is.
    pub fn what_if_text(&self) -> Option<String> {
        let mut parts = Vec::new();
        let mut cards: Vec<Cards> = Vec::new();
        for change in &self.what_if {
            match change {
                Change::CloseOthers => parts.push(tr!("other programs closed").to_owned()),
                Change::Ram(total) => {
                    parts.push(tr!("{gib} GiB of RAM", gib = format!("{:.0}", total.gib())));
                }
                Change::Cards(more) => {
                    match cards.iter_mut().find(|known| known.device.name == more.device.name) {
                        Some(known) => known.count += more.count,
                        None => cards.push(more.clone()),
                    }
                }
                Change::FreePlacement
                | Change::ExpertsToRam(_)
                | Change::Engine(_)
                | Change::Cache(_)
                | Change::Level(_)
                | Change::Context(_)
                | Change::Requests(_) => {}
            }
        }
        let added = cards.iter().map(|cards| match (cards.device.short_name(), cards.count) {
            (name, 1) => tr!("{name} added", name),
            (name, count) => tr!("{count} × {name} added", count, name),
        });
        let parts: Vec<String> = added.chain(parts).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}
