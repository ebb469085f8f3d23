//! The comparison's part of the state: which machines and models, and the question that is asked of them.

use std::sync::Arc;

use crate::app::compare::{CompareAction, MOST_MODELS, Question};
use crate::app::notice::{Notice, NoticeKind};
use crate::app::page::Page;
use crate::app::rigs::price::{self, Price};
use crate::app::rigs::{NamedRig, RigChoice, name_with_more, short_name, spec_of};
use crate::estimate::ways::Cards;
use crate::estimate::{Rig, engine};
use crate::language::tr;
use crate::model::ModelId;

use super::State;

/// Models that words lead to, as many as are listed.
const HITS: usize = 8;

impl State {
    /// Asks for what is chosen; fewer than two machines are no comparison.
    pub(super) fn ask_comparison(&mut self) {
        let chosen = self.settings.compare.rigs.clone();
        let known: Vec<(RigChoice, Rig)> =
            chosen.into_iter().filter_map(|choice| Some((choice.clone(), self.rig_of(&choice)?))).collect();
        let names: Vec<String> = known.iter().map(|(choice, _)| self.title_of(choice).to_owned()).collect();
        let prices = known.iter().map(|(choice, _)| self.price_of(choice)).collect();
        if known.len() < 2 {
            self.compare.ask_nothing(names);
            return;
        }
        let models = &self.settings.compare.models;
        let models = models.iter().filter_map(|name| self.catalog.exact(name)).collect();
        let levels = engine::ladder(self.scenario.engine).to_vec();
        let rigs = known.into_iter().map(|(_, rig)| rig).collect();
        let catalog = Arc::clone(&self.catalog);
        let question = Question { catalog, scenario: self.scenario.clone(), levels, rigs, models };
        self.compare.ask(question, names, prices);
    }

    /// What a machine costs beyond this computer.
    fn price_of(&self, choice: &RigChoice) -> Option<Price> {
        match choice {
            RigChoice::This => Some(Price { usd: 0.0, source: tr!("it is there").to_owned(), given: false }),
            RigChoice::Kept(name) => price::of(self.settings.rigs.get(name)?, self.found.as_ref()),
            RigChoice::Opened => None,
        }
    }

    pub(super) fn make_on_comparison(&mut self, action: CompareAction) {
        let chosen = &mut self.settings.compare;
        match action {
            CompareAction::Put(place, rig) => chosen.put(place, rig),
            CompareAction::TakeOut(place) => chosen.take_out(place),
            CompareAction::Show(model, on) => {
                // Those that were chosen for a person stay when one more or less is wanted.
                if chosen.models.is_empty() {
                    let shown = self.compare.shown().into_iter().flat_map(|found| &found.speeds);
                    chosen.models = shown.map(|row| self.catalog.get(row.model).id.clone()).collect();
                }
                let id = &self.catalog.get(model).id;
                chosen.models.retain(|known| known != id);
                if on && chosen.models.len() < MOST_MODELS {
                    chosen.models.push(id.clone());
                }
                self.find_models(String::new());
            }
            CompareAction::Automatic => chosen.models.clear(),
            CompareAction::Find(text) => self.find_models(text),
        }
        self.dirty.machine = true;
    }

    fn find_models(&mut self, text: String) {
        let hits =
            self.catalog.search(&text).into_iter().filter_map(|hit| self.catalog.bases().get(hit.base));
        let generates = |id: &ModelId| self.catalog.get(*id).not_generating().is_none();
        let hits: Vec<_> = hits.map(|base| base.id).filter(generates).take(HITS).collect();
        self.compare.hits = if text.trim().is_empty() { Vec::new() } else { hits };
        self.compare.search = text;
    }

    /// Puts the machine that is looked at beside itself with these cards.
    pub(super) fn what_buys(&mut self, cards: &Cards) {
        let from = self.choice();
        let Some(mut rig) = self.copy() else { return };
        let device = &cards.device;
        rig.machine.add(spec_of(cards));
        let before = match &from {
            RigChoice::Kept(name) => name.as_str(),
            RigChoice::This | RigChoice::Opened => "",
        };
        let name = name_with_more(before, cards.count, short_name(&device.name));
        // The same question once more needs no other rig.
        let is_same = |known: &NamedRig| known.machine == rig.machine;
        let name = match self.settings.rigs.get(&name) {
            Some(known) if is_same(known) => name,
            _ => self.settings.rigs.free_name(&name),
        };
        let price_usd = self.settings.rigs.get(&name).and_then(|known| known.price_usd);
        let Some(name) = self.settings.rigs.keep(NamedRig { name, machine: rig.machine, price_usd }) else {
            let text = tr!("There are as many rigs as can be; remove one first");
            self.notify(Notice::new(NoticeKind::Rig, text));
            return;
        };
        self.settings.compare.rigs = vec![from, RigChoice::Kept(name)];
        self.machine_page.jumps += 1;
        self.dirty.machine = true;
        self.set_page(Page::Machine);
    }
}
