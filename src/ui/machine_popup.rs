//! What was found in this machine: every value with its source, every part that could not be read with
//! its reason.

use eframe::egui::{Grid, Id, Label, Popup, PopupCloseBehavior, RectAlign, Response, ScrollArea, Ui};

use super::Actions;
use super::own::progress;
use super::theme::{Text, Tokens, size, space};
use super::widgets::rule;
use crate::app::own::OwnAction;
use crate::app::{Action, State};
use crate::machine::memory::{Shared, Taken};
use crate::machine::{Cpu, Gpu, Known, Machine, Os, Pool, Ram};
use crate::units::small_text;

/// Widths of the columns: what, value, source.
const COLUMNS: [f32; 3] = [104.0, 132.0, 188.0];

/// A line: what it is, the value, how it is known.
struct Fact {
    what: &'static str,
    value: String,
    source: String,
}

/// Shows the list under `button` while it is open.
pub(super) fn show(button: &Response, state: &State, machine: &Machine, actions: &mut Actions) {
    let mut open = state.machine_open;
    Popup::from_response(button)
        .id(Id::unique("machine popup"))
        .align(RectAlign::BOTTOM_END)
        .open_bool(&mut open)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .accessible_name("This machine")
        .show(|ui| {
            ui.set_width(COLUMNS.iter().sum::<f32>() + 2.0 * space::M);
            let height = ui.ctx().content_rect().height() - 100.0;
            ui.set_max_height(height);
            ScrollArea::vertical().max_height(height).show(ui, |ui| {
                eframe::egui::Frame::new().inner_margin(space::S as i8).show(ui, |ui| {
                    contents(ui, state, machine);
                    own(ui, state, actions);
                });
            });
        });
    // The button's own click has been answered already.
    if open != state.machine_open && !button.clicked() {
        actions.push(Action::ShowMachine(open));
    }
}

fn contents(ui: &mut Ui, state: &State, machine: &Machine) {
    ui.spacing_mut().item_spacing.y = space::S;
    // Rows as high as their text: nothing in here is a control.
    ui.spacing_mut().interact_size.y = 0.0;
    if let Some(text) = state.what_if_text() {
        title(ui, "What if", "");
        let words = format!("{text}. All figures count with it; what was found is below.");
        ui.add(Label::new(Text::Body.rich(words).color(Tokens::of(ui).text_2)).wrap());
        rule(ui);
    }
    for (place, gpu) in machine.gpus.iter().enumerate() {
        section(ui, &gpu.name, &format!("gpu {place}"), &gpu_facts(gpu, machine.os));
        for note in &gpu.notes {
            ui.add(Label::new(Text::Small.rich(note).color(Tokens::of(ui).text_2)).wrap());
        }
    }
    if machine.gpus.is_empty() {
        title(ui, "No GPU", "");
    }
    if let Some(cpu) = &machine.cpu {
        rule(ui);
        section(ui, &cpu.name, "cpu", &cpu_facts(cpu));
    }
    if let Some(ram) = &machine.ram {
        rule(ui);
        title(ui, "RAM", "");
        facts(ui, "ram", &ram_facts(ram));
    }
    if !machine.problems.is_empty() {
        rule(ui);
        title(ui, "Could not be read", "");
        for problem in &machine.problems {
            let t = Tokens::of(ui);
            ui.label(Text::Button.rich(&problem.part).color(t.text));
            ui.add(Label::new(Text::Body.rich(&problem.reason).color(t.text_2)).wrap());
        }
    }
}

/// Measuring this computer's memory, and the way to own measurements; a rig that is looked at has neither.
fn own(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let ram = state.found.as_ref().and_then(|found| found.ram.as_ref());
    rule(ui);
    title(ui, "Your measurements", "");
    let t = Tokens::of(ui);
    ui.spacing_mut().interact_size.y = size::CONTROL;
    let mut asked = Vec::new();
    if let Some(run) = &state.own.memory_run {
        ui.horizontal(|ui| {
            ui.label(Text::Body.rich("Reading memory").color(t.text_2));
            progress(ui, "Measuring the memory", run.share);
            if ui.button("Cancel").clicked() {
                asked.push(OwnAction::CancelMemory);
            }
        });
    } else if let Some(ram) = ram.filter(|_| state.own.can_measure_memory()) {
        let words = "How fast the processor reads memory sets the speed of all that does not fit on a GPU. \
            Measuring takes about two seconds and reads half a gigabyte or more, on all cores.";
        ui.add(Label::new(Text::Body.rich(words).color(t.text_2)).wrap());
        ui.horizontal(|ui| {
            if ui.button("Measure memory").clicked() {
                asked.push(OwnAction::MeasureMemory);
            }
            if ram.measured_gbs.is_some()
                && ui.button("Forget it").on_hover_text("Forgets what was measured").clicked()
            {
                asked.push(OwnAction::ForgetMemory);
            }
        });
    }
    if let Some(words) = &state.own.memory_words {
        ui.add(Label::new(Text::Body.rich(words).color(t.text)).wrap());
    }
    ui.horizontal(|ui| {
        if ui.button("Speeds of models…").clicked() {
            asked.push(OwnAction::Show(true));
        }
        let kept = state.own.rows.len();
        if kept > 0 {
            let words = format!("{} of {kept} speak for this machine", state.own.for_machine().len());
            ui.label(Text::Small.rich(words).color(t.text_3));
        }
    });
    let leaves = asked.contains(&OwnAction::Show(true));
    actions.extend(asked.into_iter().map(Action::Own));
    if leaves {
        actions.push(Action::ShowMachine(false));
    }
}

fn title(ui: &mut Ui, text: &str, source: &str) {
    let t = Tokens::of(ui);
    ui.horizontal_wrapped(|ui| {
        ui.label(Text::Title.rich(text).color(t.text));
        ui.label(Text::Small.rich(source).color(t.text_3));
    });
}

fn section(ui: &mut Ui, name: &Known<String>, salt: &str, lines: &[Fact]) {
    title(ui, &name.value, &name.source);
    facts(ui, salt, lines);
}

fn facts(ui: &mut Ui, salt: &str, facts: &[Fact]) {
    let t = Tokens::of(ui);
    Grid::new(salt).num_columns(3).spacing([space::M, space::XS]).show(ui, |ui| {
        for fact in facts {
            cell(ui, COLUMNS[0], Label::new(Text::Body.rich(fact.what).color(t.text_2)));
            cell(ui, COLUMNS[1], Label::new(Text::Body.rich(&fact.value).color(t.text)));
            cell(ui, COLUMNS[2], Label::new(Text::Small.rich(&fact.source).color(t.text_3)));
            ui.end_row();
        }
    });
}

fn cell(ui: &mut Ui, width: f32, label: Label) {
    ui.vertical(|ui| {
        ui.set_width(width);
        ui.add(label.wrap());
    });
}

fn fact<T>(what: &'static str, known: Option<&Known<T>>, text: impl Fn(&T) -> String) -> Fact {
    match known {
        Some(known) => Fact { what, value: text(&known.value), source: known.source.clone() },
        None => Fact { what, value: "n/a".to_owned(), source: "not reported".to_owned() },
    }
}

/// Who holds what is not free.
fn taken_facts(taken: &Taken) -> [Fact; 2] {
    [
        fact("Used by others", taken.used.as_ref(), |size| small_text(*size)),
        match &taken.reserved {
            None if taken.used.is_some() => {
                let source = "not told apart from what is used".to_owned();
                Fact { what: "Reserved", value: "n/a".to_owned(), source }
            }
            reserved => fact("Reserved", reserved.as_ref(), |size| small_text(*size)),
        },
    ]
}

/// Own memory, or the shared pool with its limit.
fn memory_facts(gpu: &Gpu, os: Os) -> Vec<Fact> {
    let mut facts = match &gpu.shared {
        Some(Shared { total, limit }) => vec![
            fact("Shared memory", Some(total), ToString::to_string),
            match limit {
                Some(limit) => fact("GPU may use", Some(limit), ToString::to_string),
                None => {
                    Fact { what: "GPU may use", value: "all of it".to_owned(), source: total.source.clone() }
                }
            },
        ],
        None => vec![fact("Memory", gpu.memory_total.as_ref(), ToString::to_string)],
    };
    facts.extend(taken_facts(&gpu.taken));
    facts.push(fact("Free for a model", gpu.free_or_usual(os).as_ref(), ToString::to_string));
    facts
}

fn gpu_facts(gpu: &Gpu, os: Os) -> Vec<Fact> {
    let mut facts = memory_facts(gpu, os);
    facts.extend([
        fact("Bandwidth", gpu.bandwidth_gbs.as_ref(), |gbs| format!("{gbs:.0} GB/s")),
        fact("FP16 rate", gpu.fp16_tflops.as_ref(), |tflops| format!("{tflops:.1} TFLOPS")),
        fact("Power limit", gpu.power_watts.as_ref(), |watts| format!("{watts:.0} W")),
        fact("Memory bus", gpu.bus_width_bits.as_ref(), |bits| format!("{bits} bit")),
        fact("Memory clock", gpu.memory_clock_mhz.as_ref(), |mhz| format!("{mhz} MHz")),
        fact("PCIe", gpu.pcie.as_ref(), |link| format!("gen {}, ×{}", link.generation, link.lanes)),
    ]);
    if let Some(tops) = &gpu.int8_tops {
        facts.push(fact("INT8 rate", Some(tops), |tops| format!("{tops:.0} TOPS")));
    }
    if let Some(architecture) = &gpu.architecture {
        let source = "hardware table".to_owned();
        facts.push(Fact { what: "Architecture", value: architecture.clone(), source });
    }
    if gpu.pool == Pool::Unified {
        let value = "the computer's own".to_owned();
        facts.push(Fact { what: "Memory kind", value, source: String::new() });
    }
    if let Some(address) = &gpu.pci_address {
        facts.push(Fact { what: "PCI address", value: address.clone(), source: String::new() });
    }
    facts
}

fn cpu_facts(cpu: &Cpu) -> Vec<Fact> {
    vec![
        fact("Cores", cpu.cores.as_ref(), ToString::to_string),
        fact("Threads", cpu.threads.as_ref(), ToString::to_string),
    ]
}

fn ram_facts(ram: &Ram) -> Vec<Fact> {
    let bandwidth = match &ram.bandwidth_gbs {
        Some(known) => fact("Bandwidth", Some(known), |gbs| format!("{gbs:.1} GB/s")),
        None => Fact {
            what: "Bandwidth",
            value: "n/a".to_owned(),
            source: format!("not reported; {} GB/s assumed", crate::estimate::rig::ASSUMED_RAM_GBS),
        },
    };
    // Where the modules say more, what was measured stands beside it.
    let measured = ram.measured_gbs.as_ref().filter(|read| ram.bandwidth_gbs.as_ref() != Some(*read));
    let measured = measured.map(|read| fact("Measured", Some(read), |gbs| format!("{gbs:.1} GB/s")));
    let installed = ram.installed.as_ref().map(|all| fact("Installed", Some(all), ToString::to_string));
    installed
        .into_iter()
        .chain([fact("Usable", Some(&ram.total), ToString::to_string)])
        .chain(taken_facts(&ram.taken))
        .chain([fact("Free for a model", Some(&ram.available), ToString::to_string), bandwidth])
        .chain(measured)
        .collect()
}
