//! Measuring this computer's memory, and the way to own measurements; a rig that is looked at has neither.

use eframe::egui::{Label, Ui};

use crate::app::own::OwnAction;
use crate::app::rigs::RigChoice;
use crate::app::{Action, State};
use crate::language::tr;
use crate::ui::Actions;
use crate::ui::own::progress;
use crate::ui::theme::{Text, Tokens, space};

pub(super) fn show(ui: &mut Ui, state: &State, actions: &mut Actions) {
    if state.choice() != RigChoice::This {
        return;
    }
    let t = Tokens::of(ui);
    ui.add_space(space::XS);
    let ram = state.found.as_ref().and_then(|found| found.ram.as_ref());
    let mut asked = Vec::new();
    if let Some(run) = &state.own.memory_run {
        ui.horizontal(|ui| {
            ui.label(Text::Body.rich(tr!("Reading memory")).color(t.text_2));
            progress(ui, tr!("Measuring the memory"), run.share);
            if ui.button(tr!("Cancel")).clicked() {
                asked.push(OwnAction::CancelMemory);
            }
        });
    } else {
        ui.horizontal_wrapped(|ui| {
            if let Some(ram) = ram.filter(|_| state.own.can_measure_memory()) {
                let hint = tr!(
                    "How fast the processor reads memory sets the speed of all that does not fit on a GPU. \
                    Measuring takes about two seconds and reads half a gigabyte or more, on all cores."
                );
                if ui.button(tr!("Measure memory")).on_hover_text(hint).clicked() {
                    asked.push(OwnAction::MeasureMemory);
                }
                if ram.measured_gbs.is_some()
                    && ui.button(tr!("Forget it")).on_hover_text(tr!("Forgets what was measured")).clicked()
                {
                    asked.push(OwnAction::ForgetMemory);
                }
            }
            if ui.button(tr!("Speeds of models…")).on_hover_text(tr!("Your own measurements")).clicked() {
                asked.push(OwnAction::Show(true));
            }
            let kept = state.own.rows.len();
            if kept > 0 {
                let words = tr!(
                    "{for_machine} of {kept} speak for this machine",
                    for_machine = state.own.for_machine().len(),
                    kept
                );
                ui.label(Text::Small.rich(words).color(t.text_3));
            }
        });
    }
    if let Some(words) = &state.own.memory_words {
        ui.add(Label::new(Text::Body.rich(words).color(t.text)).wrap());
    }
    actions.extend(asked.into_iter().map(Action::Own));
}
