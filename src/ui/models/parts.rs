//! What the lists of models have in common.

use eframe::egui::{Align, Button, Label, Layout, Response, Ui, vec2};

use crate::app::installed::Verdict;
use crate::estimate::FitClass;
use crate::language::{fixed, tr};
use crate::ui::theme::{Text, Tokens, size, space};
use crate::ui::verdict;
use crate::ui::widgets::VerdictChip;
use crate::units::Bytes;

/// What a line says first.
#[derive(Clone, Copy, Debug)]
pub(super) enum Told {
    /// The verdict.
    Verdict(FitClass),
    /// There is none.
    NotAvailable,
    /// It was not asked for yet.
    Nothing,
}

impl Told {
    /// What is told of a model that was judged, or was not.
    pub fn of(verdict: Option<&Verdict>) -> Self {
        match verdict {
            Some(Verdict::Known { class, .. }) => Self::Verdict(*class),
            Some(Verdict::NotKnown { .. }) => Self::NotAvailable,
            None => Self::Nothing,
        }
    }
}

/// Width of a verdict.
const VERDICT: f32 = 78.0;

/// A file's size as disks and downloads count it.
pub(super) fn size_text(bytes: Bytes) -> String {
    match bytes.gb() {
        gb if gb >= 100.0 => format!("{gb:.0} GB"),
        gb if gb >= 0.095 => format!("{} GB", fixed(gb, 1)),
        gb => format!("{} MB", fixed(gb * 1e3, 1)),
    }
}

/// A line of a list: a verdict, words that are cut where there is no room, and at the right end what `right` draws.
pub(super) fn line(ui: &mut Ui, told: Told, words: impl FnOnce(&mut Ui), right: impl FnOnce(&mut Ui)) {
    let wanted = vec2(ui.available_width(), size::CONTROL);
    ui.allocate_ui_with_layout(wanted, Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        right(ui);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.allocate_ui_with_layout(
                vec2(VERDICT, size::CONTROL),
                Layout::left_to_right(Align::Center),
                |ui| {
                    ui.set_min_width(VERDICT);
                    match told {
                        Told::Verdict(class) => {
                            ui.add(VerdictChip::new(verdict(class)));
                        }
                        Told::NotAvailable => {
                            ui.label(Text::Body.rich(tr!("n/a")).color(Tokens::of(ui).text_3));
                        }
                        Told::Nothing => {}
                    }
                },
            );
            words(ui);
        });
    });
}

/// A name, cut where there is no room.
pub(super) fn name(ui: &mut Ui, text: &str) -> Response {
    let color = Tokens::of(ui).text;
    ui.add(Label::new(Text::Button.rich(text).color(color)).truncate())
}

/// What stands beside a name.
pub(super) fn beside(ui: &mut Ui, text: &str) -> Response {
    let color = Tokens::of(ui).text_2;
    ui.add(Label::new(Text::Body.rich(text).color(color)).truncate())
}

/// A small line below.
pub(super) fn note(ui: &mut Ui, text: &str) -> Response {
    let color = Tokens::of(ui).text_3;
    ui.add(Label::new(Text::Small.rich(text).color(color)).wrap())
}

/// A sentence.
pub(super) fn sentence(ui: &mut Ui, text: &str) -> Response {
    let color = Tokens::of(ui).text_2;
    ui.add(Label::new(Text::Body.rich(text).color(color)).wrap())
}

/// A button without a frame, spoken as `spoken`.
pub(super) fn quiet(ui: &mut Ui, label: &str, spoken: &str) -> bool {
    let text = Text::Body.rich(label).color(Tokens::of(ui).text_2);
    ui.add(Button::new(text).frame_when_inactive(false)).accessible_name(spoken).clicked()
}
