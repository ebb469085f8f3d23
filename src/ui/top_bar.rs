//! The top bar: name, this machine and what is free on it, theme.

use eframe::egui::{Align, Button, Frame, Label, Layout, Margin, Stroke, Ui};

use super::theme::{Text, Tokens, radius, size, space};
use super::widgets::{combo, combo_groups, mark, meter, segmented};
use super::{Actions, share};
use crate::app::{Action, LanguageChoice, Page, State, ThemeChoice};
use crate::language::{fixed, tr};
use crate::machine::memory::Taken;
use crate::machine::{Known, Machine};
use crate::units::{Bytes, gib_text};

/// Width of a meter.
const METER: f32 = 142.0;
/// Width of the list of rigs.
const RIGS: f32 = 142.0;
/// Seconds before the window says that it is still looking.
const PATIENCE: f64 = 0.3;

/// Draws the bar's contents.
pub(super) fn show(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let t = Tokens::of(ui);
    let narrow = ui.ctx().content_rect().width() < size::OVERLAY_BELOW;
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        mark(ui, 20.0);
        ui.label(Text::Title.rich("Plimsoll").color(t.text));
        ui.add_space(space::XS);
        let page = segmented(ui, tr!("Page"), &Page::all(), state.settings.page, size::PAGE_SWITCH);
        actions.extend(page.map(Action::SetPage));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = space::L;
            theme(ui, state, actions);
            share::button(ui, state, actions);
            if let Some(machine) = &state.machine {
                for reading in readings(state, machine, narrow).iter().rev() {
                    meter(ui, &reading.name, reading.used, &reading.text, METER)
                        .on_hover_text(&reading.explanation);
                }
                if let Some(text) = state.what_if_text() {
                    what_if(ui, &text, actions);
                }
            } else {
                looking(ui);
            }
            rigs(ui, state, actions);
        });
    });
}

/// Theme and language: one list, as wide as its themes.
fn theme(ui: &mut Ui, state: &State, actions: &mut Actions) {
    /// What the list holds: both are set once and kept.
    #[derive(Clone, Copy, PartialEq)]
    enum Look {
        Theme(ThemeChoice),
        Language(LanguageChoice),
    }
    let settings = &state.settings;
    let themes = [
        (ThemeChoice::System, tr!("System")),
        (ThemeChoice::Dark, tr!("Dark")),
        (ThemeChoice::Light, tr!("Light")),
    ];
    let themes = themes.map(|(theme, name)| (Look::Theme(theme), name));
    let languages = LanguageChoice::all().map(|(language, name)| (Look::Language(language), name));
    let present = [Look::Theme(settings.theme), Look::Language(settings.language)];
    ui.allocate_ui_with_layout([92.0, size::CONTROL].into(), Layout::left_to_right(Align::Center), |ui| {
        let picked = combo_groups(ui, tr!("Theme"), &[&themes, &languages], &present);
        actions.extend(picked.map(|look| match look {
            Look::Theme(theme) => Action::SetTheme(theme),
            Look::Language(language) => Action::SetLanguage(language),
        }));
    });
}

/// Which machine is looked at; every page follows.
fn rigs(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let choices = state.choices();
    let titles: Vec<&str> = choices.iter().map(|choice| state.title_of(choice)).collect();
    let options: Vec<(Option<usize>, &str)> =
        titles.iter().enumerate().map(|(place, title)| (Some(place), *title)).collect();
    let present = state.choice();
    let present = choices.iter().position(|choice| *choice == present);
    let row = Layout::left_to_right(Align::Center);
    let picked = ui
        .allocate_ui_with_layout([RIGS, size::CONTROL].into(), row, |ui| {
            combo(ui, tr!("Rig"), &options, present)
        })
        .inner
        .flatten();
    actions.extend(picked.map(|place| Action::ChooseRig(choices[place].clone())));
}

/// Says that this is not the computer that is there, and leads back to it.
fn what_if(ui: &mut Ui, text: &str, actions: &mut Actions) {
    let t = Tokens::of(ui);
    let room = ui.available_width() * 0.6;
    Frame::new()
        .fill(t.accent_bg)
        .stroke(Stroke::new(size::LINE, t.accent_line))
        .corner_radius(radius::CONTROL)
        .inner_margin(Margin { left: 10, right: 2, top: 0, bottom: 0 })
        .show(ui, |ui| {
            ui.set_height(size::CONTROL - 2.0 * size::LINE);
            ui.spacing_mut().item_spacing.x = space::XS;
            let reset = Button::new(Text::Button.rich(tr!("Reset")).color(t.text)).frame_when_inactive(false);
            if ui.add(reset).on_hover_text(tr!("Back to this computer as it is")).clicked() {
                actions.push(Action::SupposeNothing);
            }
            ui.scope(|ui| {
                ui.set_max_width(room.clamp(60.0, 300.0));
                let words = tr!("What if: {text}", text);
                ui.add(Label::new(Text::Button.rich(&words).color(t.text)).truncate()).on_hover_text(tr!(
                    "All figures are for this computer with: {text}. Reset goes back to it as it is",
                    text
                ));
            });
        });
}

fn looking(ui: &mut Ui) {
    let waited = ui.input(|input| input.time);
    if waited < PATIENCE {
        ui.ctx().request_repaint_after_secs((PATIENCE - waited) as f32);
    } else {
        ui.label(Text::Body.rich(tr!("Looking for GPUs…")).color(Tokens::of(ui).text_2));
    }
}

/// What a meter shows.
#[derive(Debug, PartialEq)]
struct Reading {
    name: String,
    /// Share that is taken, 0 to 1.
    used: f32,
    text: String,
    explanation: String,
}

/// One reading a GPU and one of the RAM; in a narrow window, or where there are many GPUs, all GPUs
/// together.
fn readings(state: &State, machine: &Machine, narrow: bool) -> Vec<Reading> {
    let devices = state.rig.as_ref().map_or(&[][..], |rig| &rig.devices);
    let mut readings = Vec::new();
    let merged = narrow || devices.len() > 2;
    if devices.len() == 1 || (merged && !devices.is_empty()) {
        let free = devices.iter().map(|device| device.free).sum();
        let total = devices.iter().map(|device| device.capacity).sum();
        let known = devices.iter().all(|device| device.free_is_known);
        let name = match devices {
            [one] if one.unified => tr!("Memory").to_owned(),
            [_] => "VRAM".to_owned(),
            several => format!("{} GPUs", several.len()),
        };
        let used = devices.iter().map(|device| device.used_by_others).sum();
        let reserved = devices.iter().map(|device| device.reserved).sum();
        readings.push(reading(name, free, total, known.then(|| Taken::text(used, reserved))));
    } else {
        for (place, device) in devices.iter().enumerate() {
            let name = format!("GPU {place}");
            let taken = || Taken::text(device.used_by_others, device.reserved);
            readings.push(reading(name, device.free, device.capacity, device.free_is_known.then(taken)));
        }
    }
    let unified = devices.iter().any(|device| device.unified);
    if let Some(ram) = &machine.ram
        && !unified
        && (devices.is_empty() || !narrow)
    {
        let supposed = state.rig.as_ref().map(|rig| (rig.host.free, rig.host.capacity));
        let (free, total) = supposed.unwrap_or((ram.available.value, ram.total.value));
        let value = |known: &Option<Known<Bytes>>| known.as_ref().map(|known| known.value);
        let taken = Taken::text(value(&ram.taken.used), value(&ram.taken.reserved).unwrap_or_default());
        readings.push(reading("RAM".to_owned(), free, total, Some(taken)));
    }
    readings
}

/// `taken`: who holds the rest, in words; `None`: what is free could not be read.
fn reading(name: String, free: Bytes, total: Bytes, taken: Option<String>) -> Reading {
    let of = round_gib(total);
    let used = if total == Bytes::ZERO { 0.0 } else { 1.0 - free.gib() / total.gib() };
    let text = tr!("{free} of {of} GiB free", free = gib_text(free), of);
    let explanation = match taken {
        Some(taken) if taken.is_empty() => {
            tr!("{name}: {free} taken by other programs and the system", name, free = total - free)
        }
        Some(taken) => format!("{name}: {taken}"),
        None => {
            tr!("{name}: what is free could not be read; the usual reserve of the system is assumed", name)
        }
    };
    Reading { name, used: used as f32, text, explanation }
}

/// A capacity: without decimals where it is a whole number of GiB but for what firmware keeps.
fn round_gib(size: Bytes) -> String {
    let gib = size.gib();
    if (gib - gib.round()).abs() < 0.05 || gib >= 99.95 { format!("{gib:.0}") } else { fixed(gib, 1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Settings;
    use crate::app::testing::{with_rtx_4090, without_gpu};

    fn names(machine: Machine, narrow: bool) -> Vec<String> {
        let state = State::with_machine(Settings::default(), machine);
        let machine = state.machine.as_ref().unwrap();
        readings(&state, machine, narrow).into_iter().map(|r| format!("{}: {}", r.name, r.text)).collect()
    }

    #[test]
    fn a_meter_a_device_and_one_for_the_ram() {
        assert_eq!(
            names(with_rtx_4090(22.6), false),
            ["VRAM: 22.6 of 24 GiB free", "RAM: 52.0 of 64 GiB free"]
        );
        assert_eq!(names(with_rtx_4090(22.6), true), ["VRAM: 22.6 of 24 GiB free"]);
        assert_eq!(names(without_gpu(), true), ["RAM: 52.0 of 64 GiB free"]);
    }

    #[test]
    fn several_gpus_are_told_apart_or_summed_up() {
        let mut machine = with_rtx_4090(20.0);
        machine.gpus.push(machine.gpus[0].clone());
        assert_eq!(
            names(machine.clone(), false)[..2],
            ["GPU 0: 20.0 of 24 GiB free", "GPU 1: 20.0 of 24 GiB free"]
        );
        assert_eq!(names(machine.clone(), true), ["2 GPUs: 40.0 of 48 GiB free"]);
        machine.gpus.push(machine.gpus[0].clone());
        assert_eq!(names(machine, false)[0], "3 GPUs: 60.0 of 72 GiB free");
    }

    #[test]
    fn a_meter_says_who_holds_the_rest() {
        let known = |gib: f64| Some(Known::new(Bytes::from_gib(gib), "test"));
        let mut machine = with_rtx_4090(22.6);
        let explained = |machine: &Machine| {
            let state = State::with_machine(Settings::default(), machine.clone());
            readings(&state, machine, false).remove(0).explanation
        };
        assert_eq!(explained(&machine), "VRAM: 1.4 GiB taken by other programs and the system");
        machine.gpus[0].taken = Taken { used: known(1.0), reserved: known(0.4) };
        assert_eq!(
            explained(&machine),
            "VRAM: 1.0 GiB used by others, 0.4 GiB reserved by driver and system"
        );
        machine.gpus[0].memory_free = None;
        assert!(explained(&machine).contains("could not be read"));
    }

    #[test]
    fn odd_capacities_keep_a_decimal() {
        assert_eq!(round_gib(Bytes::from_gib(23.99)), "24");
        assert_eq!(round_gib(Bytes::from_gib(15.5)), "15.5");
        assert_eq!(round_gib(Bytes::from_gib(125.6)), "126");
    }
}
