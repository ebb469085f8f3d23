//! The Machine page's part of the state: what is typed, kept, read and compared there.

use std::time::Instant;

use crate::app::machine_page::cards::{Cards, Whose, sources};
use crate::app::machine_page::desk::{Imported, Message};
use crate::app::machine_page::field::Value;
use crate::app::machine_page::{Editing, MachineAction, Opened, Target, builder};
use crate::app::machine_text::readable;
use crate::app::notice::{Notice, NoticeKind};
use crate::app::page::Page;
use crate::app::rigs::price;
use crate::app::rigs::{self, NamedRig, RigChoice, RigEdit, name_with_more, short_name};
use crate::language::tr;
use crate::machine::overrides::{GpuField, HostField};
use crate::machine::spec::MachineSpec;

use super::State;

/// Main memory of a rig that is begun with nothing, GiB.
const NEW_RAM_GIB: f64 = 64.0;

impl State {
    /// Somebody can see the window, or nobody can: what changes is read only for somebody.
    pub fn set_in_view(&mut self, in_view: bool) {
        self.in_view = in_view;
    }

    pub(super) fn set_page(&mut self, page: Page) {
        if self.settings.page != page {
            // Between pages of models the detail gives way; from the machine one comes back to it.
            self.detail_page &= !(self.settings.page.shows_models() && page.shows_models());
            self.settings.page = page;
            self.dirty.map = true;
            self.machine_page.editing = None;
            self.moves += 1;
        }
    }

    /// Takes what has come for the page, and computes what is stale of it while it is in view.
    pub(super) fn update_machine_page(&mut self) {
        while let Some(message) = self.machine_page.desk.poll() {
            self.take(message);
        }
        let is_shown = self.settings.page == Page::Machine;
        let is_live = is_shown && self.in_view && self.choice() == RigChoice::This;
        if let Some(last) = self.machine_page.live.show(is_live) {
            // What was seen last is what the figures count with from now on: nobody looks at them yet.
            self.set_found(*last);
        }
        let read = self.machine_page.live.poll();
        if !is_shown {
            return;
        }
        self.compare.poll();
        if std::mem::take(&mut self.dirty.machine) {
            self.compute_cards();
            self.ask_comparison();
            self.compare.poll();
        } else if read {
            self.compute_cards();
        }
    }

    fn set_found(&mut self, machine: crate::machine::Machine) {
        self.found = Some(machine);
        self.has_looked();
        self.own.set_machine(self.found.as_ref());
        self.look();
    }

    /// Notes when this computer was read.
    pub(super) fn has_looked(&mut self) {
        if self.machine_page.desk.can_look() {
            self.machine_page.looked = Some(Instant::now());
        }
    }

    fn compute_cards(&mut self) {
        let live = self.machine_page.live.latest.as_deref().filter(|_| self.choice() == RigChoice::This);
        let cards = match (live.or_else(|| self.read_machine()), &self.machine) {
            (Some(found), _) => {
                let overrides = self.settings.overrides.of(found);
                let machine = self.settings.overrides.over(found);
                Cards::of(&machine, Whose::Read { found, overrides })
            }
            (None, Some(machine)) => Cards::of(machine, Whose::Described),
            (None, None) => Cards::default(),
        };
        self.machine_page.cards = cards;
        self.machine_page.cards.assumed = sources::assumed(&self.assumed);
        let rig = self.rig_kept().cloned();
        let this = self.found.as_ref();
        self.machine_page.price = rig.as_ref().and_then(|rig| price::of(rig, this));
        self.machine_page.launch_price = rig.as_ref().and_then(|rig| price::at_launch(rig, this));
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Imported(imported) => match *imported {
                Imported::Rig(rig) => {
                    let name = self.settings.rigs.free_name(&rig.name);
                    self.keep_rig(NamedRig { name, ..rig });
                }
                Imported::Recorded(name, machine) => {
                    self.machine_page.opened = Some(Opened { name, machine: *machine });
                    self.choose_rig(&RigChoice::Opened);
                }
            },
            Message::Looked(machine) => {
                self.machine_page.looking = false;
                self.set_found(*machine);
            }
            Message::Said(text) => self.notify(Notice::new(NoticeKind::File, text)),
        }
    }

    pub(super) fn make_on_machine(&mut self, action: MachineAction) {
        match action {
            MachineAction::LookAgain => {
                if self.machine_page.desk.can_look() && !self.machine_page.looking {
                    self.machine_page.looking = true;
                    self.machine_page.desk.look();
                }
            }
            MachineAction::ResetAll => {
                if let Some(read) = self.read_machine().cloned() {
                    self.settings.overrides.reset(&read);
                    self.look();
                }
            }
            MachineAction::Edit(target) => {
                let text = self.present(&target);
                self.machine_page.editing = Some(Editing { target, text, error: None });
            }
            MachineAction::Type(target, text) => {
                let error = target.parse(&text, self.machine.as_ref()).err();
                self.machine_page.editing = Some(Editing { target, text, error });
            }
            MachineAction::Commit => self.commit(),
            MachineAction::Cancel => self.machine_page.editing = None,
            MachineAction::Reset(target) => {
                self.machine_page.editing = None;
                self.set_value(&target, &Value::Reset);
            }
            MachineAction::Find(text) => self.machine_page.search = builder::Search::of(text),
            MachineAction::Add(id) => {
                self.machine_page.search = builder::Search::default();
                self.change_rig(&RigEdit::AddGpu(id));
            }
            MachineAction::Change(edit) => self.change_rig(&edit),
            MachineAction::New => {
                let machine = MachineSpec { ram_gib: Some(NEW_RAM_GIB), ..MachineSpec::default() };
                let name = self.settings.rigs.free_name(tr!("New rig"));
                self.keep_rig(NamedRig { name, machine, price_usd: None });
            }
            MachineAction::Duplicate => {
                if let Some(rig) = self.copy() {
                    let name = self.settings.rigs.free_name(&tr!("Copy of {name}", name = rig.name));
                    self.keep_rig(NamedRig { name, ..rig });
                }
            }
            MachineAction::Import(path) => self.machine_page.desk.import(path),
            MachineAction::Export(path) => {
                if let Some(rig) = self.copy() {
                    self.machine_page.desk.export(path, rig);
                }
            }
            MachineAction::SaveReport(path) => {
                let is_this = self.choice() == RigChoice::This;
                if let Some(lines) = self.machine.as_ref().map(readable) {
                    self.machine_page.desk.report(path, is_this, lines);
                }
            }
            MachineAction::NoDialog => {
                let text = tr!("The system showed no file dialog; a file can also be dropped on this page");
                self.notify(Notice::new(NoticeKind::File, text));
            }
            MachineAction::CloseOpened => self.close_opened(),
            MachineAction::WhatBuys(cards) => self.what_buys(&cards),
            MachineAction::Compare(action) => self.make_on_comparison(action),
        }
    }

    fn close_opened(&mut self) {
        self.machine_page.opened = None;
        self.settings.compare.tidy(&self.settings.rigs, false);
        self.settings.tray.tidy(&self.settings.rigs, false);
        if self.on_opened {
            self.choose_rig(&RigChoice::This);
        }
        self.dirty.machine = true;
    }

    /// What stands in a field before anything is typed.
    pub fn present(&self, target: &Target) -> String {
        let rig = self.rig_kept();
        match target {
            Target::Name => rig.map(|rig| rig.name.clone()).unwrap_or_default(),
            Target::Price => {
                let price = self.machine_page.price.as_ref().filter(|price| price.given);
                price.map(|price| crate::app::machine_page::field::number_text(price.usd)).unwrap_or_default()
            }
            Target::Cpu => rig.and_then(|rig| rig.machine.cpu.clone()).unwrap_or_default(),
            target => self.machine.as_ref().map(|machine| target.present(machine)).unwrap_or_default(),
        }
    }

    fn commit(&mut self) {
        let Some(mut editing) = self.machine_page.editing.take() else { return };
        // What was left as it was is no change.
        if editing.text == self.present(&editing.target) {
            return;
        }
        let value = editing.target.parse(&editing.text, self.machine.as_ref());
        let value = value.and_then(|value| self.is_free(&editing.target, &value).map(|()| value));
        match value {
            Ok(value) => self.set_value(&editing.target, &value),
            Err(error) => {
                editing.error = Some(error);
                self.machine_page.editing = Some(editing);
            }
        }
    }

    /// Two rigs cannot have one name.
    fn is_free(&self, target: &Target, value: &Value) -> Result<(), String> {
        match (target, value) {
            (Target::Name, Value::Words(name)) if self.settings.rigs.get(name).is_some() => {
                Err(tr!("another rig has this name").to_owned())
            }
            _ => Ok(()),
        }
    }

    fn set_value(&mut self, target: &Target, value: &Value) {
        let number = match value {
            Value::Number(number) => Some(*number),
            _ => None,
        };
        let link = match value {
            Value::Link(link) => Some(*link),
            _ => None,
        };
        let words = match value {
            Value::Words(words) => Some(words.clone()),
            _ => None,
        };
        if let Some(rig) = self.rig_kept() {
            let edit = match target {
                Target::Name => {
                    let from = rig.name.clone();
                    return self.rename_rig(&from, words.as_deref().unwrap_or_default());
                }
                Target::Gpu(place, field) => RigEdit::Gpu(*place, *field, number),
                Target::Link(place) => RigEdit::Link(*place, link),
                Target::Host(field) => RigEdit::Host(*field, number),
                Target::RamSize => RigEdit::Host(HostField::RamGib, number),
                Target::Price => RigEdit::Price(number),
                Target::Cpu => RigEdit::Cpu(words),
            };
            return self.change_rig(&edit);
        }
        let key = |place: &usize| self.read_machine().and_then(|read| read.gpu_keys().get(*place).cloned());
        match target {
            Target::Gpu(place, field) => {
                let Some(key) = key(place) else { return };
                self.set_by_hand(|values| values.set_gpu(&key, *field, number));
            }
            Target::Link(place) => {
                let Some(key) = key(place) else { return };
                let (generation, lanes) = (link.map(|l| l.generation), link.map(|l| l.lanes));
                self.set_by_hand(|values| {
                    values.set_gpu(&key, GpuField::PcieGeneration, generation.map(f64::from))?;
                    values.set_gpu(&key, GpuField::PcieLanes, lanes.map(f64::from))
                });
            }
            Target::Host(field) => self.set_by_hand(|values| values.set_host(*field, number)),
            Target::Name | Target::Price | Target::Cpu | Target::RamSize => {}
        }
    }

    /// The machine that is looked at as a rig of its name.
    pub(super) fn copy(&mut self) -> Option<NamedRig> {
        if let Some(rig) = self.rig_kept() {
            return Some(rig.clone());
        }
        let title = self.title_of(&self.choice()).to_owned();
        let (rig, left_out) = NamedRig::of(self.machine.as_ref()?, title);
        if !left_out.is_empty() {
            let text = tr!(
                "Left out of the rig, for its memory or bandwidth is not known: {left_out}",
                left_out = left_out.join(", ")
            );
            self.notify(Notice::new(NoticeKind::File, text));
        }
        Some(rig)
    }

    /// Changes the rig that is looked at; of a computer that was read a copy is changed, and compared with it.
    fn change_rig(&mut self, edit: &RigEdit) {
        let from = self.choice();
        let is_kept = matches!(from, RigChoice::Kept(_));
        let Some(mut rig) = self.copy() else { return };
        if !is_kept {
            rig.name = self.settings.rigs.free_name(&name_of_change(edit));
        }
        let rig = rig.with(edit);
        let sense = rig.check().map_err(|error| error.to_string());
        let sense = sense.and_then(|()| rigs::resolve(&rig.machine).map_err(|error| error.to_string()));
        if let Err(error) = sense {
            self.notify(Notice::new(NoticeKind::Rig, tr!("The rig was not changed: {error}", error)));
            return;
        }
        // A rig that has the name of what was added to a computer has it of all that was.
        let mut rig = rig;
        if let RigEdit::AddGpu(id) = edit
            && is_kept
            && rig.name.starts_with("+ ")
        {
            let before = std::mem::take(&mut rig.name);
            rig.name = self.settings.rigs.free_name(&name_with_more(&before, 1, short_name(id)));
            self.rename_rig(&before, &rig.name);
        }
        let name = rig.name.clone();
        self.keep_rig(rig);
        if !is_kept && self.settings.rigs.get(&name).is_some() {
            self.settings.compare.rigs = vec![from];
            self.settings.compare.bring(RigChoice::Kept(name));
        }
    }
}

/// What a rig is called that differs from a computer by one change.
fn name_of_change(edit: &RigEdit) -> String {
    match edit {
        RigEdit::AddGpu(id) => name_with_more("", 1, short_name(id)),
        _ => tr!("This machine, changed").to_owned(),
    }
}

#[cfg(test)]
mod tests;
