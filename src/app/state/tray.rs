//! What is pinned: changed, asked about while it is held side by side.

use std::sync::Arc;

use crate::app::notice::{Notice, NoticeKind};
use crate::app::settings::View;
use crate::app::tray::{MOST, Pin, Question, TrayAction};
use crate::language::tr;
use crate::model::ModelId;

use super::State;

impl State {
    /// What is selected, as it would be pinned.
    pub fn pin_of_selection(&self) -> Option<Pin> {
        let model = self.catalog.get(self.selected?).id.clone();
        Some(Pin { model, level: self.settings.level, rig: self.choice() })
    }

    /// Whether what is selected is pinned.
    pub fn is_pinned(&self) -> bool {
        self.pin_of_selection().is_some_and(|pin| self.settings.tray.holds(&pin))
    }

    pub(super) fn make_with_tray(&mut self, action: TrayAction) {
        match action {
            TrayAction::Toggle => self.toggle_pin(),
            TrayAction::Remove(place) => self.settings.tray.remove(place),
            TrayAction::Shift(place, right) => self.settings.tray.shift(place, right),
            TrayAction::Clear => self.settings.tray.clear(),
            TrayAction::Open(open) => {
                self.tray.open = open && !self.settings.tray.is_empty();
                self.detail_page &= !self.tray.open;
                self.detail_open &= !self.tray.open;
            }
            TrayAction::Go(place) => self.go_to_pin(place),
        }
        self.tray.open &= !self.settings.tray.is_empty();
    }

    fn toggle_pin(&mut self) {
        let Some(pin) = self.pin_of_selection() else { return };
        if !self.settings.tray.toggle(pin) {
            let text = tr!("{most} are pinned already; take one out of the tray first", most = MOST);
            self.notify(Notice::new(NoticeKind::Tray, text));
            return;
        }
        self.notices.retain(|notice| notice.kind != NoticeKind::Tray);
        if let Some(text) = self.what_if_text() {
            let text = tr!("Pinned for the machine as it is, without what is supposed of it ({text})", text);
            self.notify(Notice::new(NoticeKind::Tray, text));
        }
    }

    fn go_to_pin(&mut self, place: usize) {
        let Some(pin) = self.settings.tray.list().get(place).cloned() else { return };
        self.tray.open = false;
        if self.choice() != pin.rig {
            self.choose_rig(&pin.rig);
        }
        if let Some(model) = self.catalog.exact(&pin.model) {
            if self.settings.view == View::Table {
                self.detail_open = true;
            }
            self.set_level(pin.level);
            self.settings.tidy_engine();
            self.select(model);
            self.moves += 1;
        }
    }

    /// The name of a pinned model on the screen.
    pub fn pin_name(&self, pin: &Pin) -> String {
        match self.catalog.exact(&pin.model) {
            Some(model) => self.catalog.bases()[self.catalog.base_of(model)].name.clone(),
            None => pin.model.clone(),
        }
    }

    /// Asks about what is pinned, while it is held side by side. The same question again costs nothing.
    pub(super) fn update_tray(&mut self) {
        if !self.tray.open {
            self.tray.forget();
            return;
        }
        self.tray.poll();
        if !std::mem::take(&mut self.dirty.tray) || self.known_rig().is_none() {
            return;
        }
        let mut pins = Vec::new();
        for pin in self.settings.tray.list() {
            let model: Option<ModelId> = self.catalog.exact(&pin.model);
            if let (Some(model), Some(rig)) = (model, self.rig_of(&pin.rig)) {
                pins.push((model, pin.level, rig, self.title_of(&pin.rig).to_owned()));
            }
        }
        let question = Question { catalog: Arc::clone(&self.catalog), scenario: self.scenario.clone(), pins };
        self.tray.ask(question);
    }
}
