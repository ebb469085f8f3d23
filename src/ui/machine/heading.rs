//! The heading of the page with what can be done with the whole machine, and the last minute.

use eframe::egui::{Align, Label, Layout, Ui, vec2};

use crate::app::machine_page::live::SPAN;
use crate::app::machine_text::readable;
use crate::app::rigs::RigChoice;
use crate::app::{MachineAction, State};
use crate::language::{in_english, tr};
use crate::machine::Pool;
use crate::ui::dialogs::{Ask, Dialogs};
use crate::ui::theme::{Text, Tokens, size, space};
use crate::ui::widgets::{Sparkline, card};
use crate::units::{Bytes, gib_text};

pub(super) fn show(ui: &mut Ui, state: &State, dialogs: &Dialogs, asked: &mut Vec<MachineAction>) {
    let t = Tokens::of(ui);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        let row = vec2(ui.available_width(), size::CONTROL + 4.0);
        ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
            buttons(ui, state, dialogs, asked);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let choice = state.choice();
                let title = Text::Heading.rich(state.title_of(&choice)).color(t.text);
                ui.add(Label::new(title).truncate());
            });
        });
        ui.add(Label::new(Text::Body.rich(&state.machine_page.cards.sentence).color(t.text_2)).wrap());
        if let Some(text) = state.what_if_text() {
            let words = tr!("What if: {text}. All figures count with it; what is there is below.", text);
            ui.add(Label::new(Text::Body.rich(words).color(t.text)).wrap());
        }
    });
}

/// Right to left: the report, looking again, what was set by hand.
fn buttons(ui: &mut Ui, state: &State, dialogs: &Dialogs, asked: &mut Vec<MachineAction>) {
    let t = Tokens::of(ui);
    let is_this = state.choice() == RigChoice::This;
    let page = &state.machine_page;
    let save = ui.button(tr!("Save report…"));
    let hint = if is_this && page.desk.can_look() {
        tr!(
            "As text; as .json what every part of the probe said, to be shown to anybody: no names, no serial numbers"
        )
    } else {
        tr!("As text")
    };
    if save.on_hover_text(hint).clicked() {
        dialogs.open(ui.ctx(), Ask::Report);
    }
    let copy = ui.button(tr!("Copy report")).on_hover_text(tr!("All values with their sources, as text"));
    if copy.clicked()
        && let Some(machine) = &state.machine
    {
        ui.copy_text(in_english(|| readable(machine)));
    }
    if state.choice() == RigChoice::Opened
        && ui.button(tr!("Close")).on_hover_text(tr!("The recorded machine is listed no longer")).clicked()
    {
        asked.push(MachineAction::CloseOpened);
    }
    if is_this && page.desk.can_look() {
        let words = if page.looking { tr!("Looking…") } else { tr!("Look again") };
        let hint = tr!(
            "Reads this computer anew. The values on this page are live; all figures count with what was \
                    read last, and with what is read here when the page is left"
        );
        if ui.button(words).on_hover_text(hint).clicked() {
            asked.push(MachineAction::LookAgain);
        }
        if let Some(looked) = page.looked {
            let words = tr!("figures: as read {as_secs}", as_secs = ago(looked.elapsed().as_secs()));
            ui.label(Text::Small.rich(words).color(t.text_3));
        }
    }
    if page.cards.has_overrides()
        && ui.button(tr!("Reset all")).on_hover_text(tr!("All values are those that were read")).clicked()
    {
        asked.push(MachineAction::ResetAll);
    }
}

/// "12 s ago", "5 min ago".
fn ago(seconds: u64) -> String {
    match seconds {
        0..=1 => tr!("just now").to_owned(),
        2..=89 => tr!("{seconds} s ago", seconds),
        _ => tr!("{seconds} min ago", seconds = (seconds + 30) / 60),
    }
}

/// The last minute: what is used of the cards, or of main memory, and what the GPUs draw.
pub(super) fn history(ui: &mut Ui, state: &State) {
    let live = &state.machine_page.live;
    let Some(machine) = live.latest.as_deref() else { return };
    let history = &live.history;
    let gib = |size: Bytes| size.gib();
    let vram = history.line(|sample| sample.vram.map(gib));
    let ram = history.line(|sample| sample.ram.map(gib));
    let watts = history.line(|sample| sample.watts);
    let cards = machine.gpus.iter().filter(|gpu| gpu.pool == Pool::Discrete);
    let vram_total: Bytes = cards.filter_map(|gpu| gpu.memory_total.as_ref()).map(|total| total.value).sum();
    let ram_total = machine.ram.as_ref().map_or(0.0, |ram| ram.total.value.gib());
    let limit: f64 =
        machine.gpus.iter().filter_map(|gpu| gpu.power_watts.as_ref()).map(|known| known.value).sum();
    let size =
        |line: &[(f32, f64)]| line.last().map(|(_, gib)| format!("{} GiB", gib_text(Bytes::from_gib(*gib))));
    let power = |line: &[(f32, f64)]| line.last().map(|(_, watts)| format!("{watts:.0} W"));
    let first =
        if vram.is_empty() { None } else { Some((tr!("VRAM used"), size(&vram), &vram, vram_total.gib())) };
    let second = if watts.is_empty() { None } else { Some((tr!("GPU power"), power(&watts), &watts, limit)) };
    let third = Some((tr!("RAM used"), size(&ram), &ram, ram_total));
    let shown: Vec<_> =
        [first, second, third].into_iter().flatten().filter(|(_, now, ..)| now.is_some()).take(2).collect();
    card(ui, tr!("Last 60 seconds"), tr!("while this page is in view"), |ui| {
        let count = shown.len().max(1) as f32;
        let width = (ui.available_width() - space::L * (count - 1.0)) / count;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::L;
            for (name, now, points, most) in &shown {
                let value = now.as_deref().unwrap_or_default();
                Sparkline { name, value, points, span: SPAN.as_secs_f32(), most: *most }.show(ui, width);
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_short() {
        assert_eq!(
            [0, 12, 89, 90, 600].map(ago),
            ["just now", "12 s ago", "89 s ago", "2 min ago", "10 min ago"]
        );
    }
}
