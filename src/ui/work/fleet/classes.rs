//! Size classes: where the selected model stands, what of each class runs here, and how large a model can be.

use eframe::egui::{Ui, vec2};

use super::{Asked, note, sentence, waiting};
use crate::app::State;
use crate::app::fleet::FleetAction;
use crate::app::lenses::{Answer, ClassShare, Largest, Shares};
use crate::estimate::size_class::{Lens, SizeClass};
use crate::language::{fixed, tr};
use crate::ui::theme::{Text, Tokens, size, space};
use crate::ui::widgets::{Column, Columns, ShareRow, card, segmented, share_grid};

pub(super) fn show(ui: &mut Ui, state: &State, asked: &mut Asked) {
    card(ui, tr!("Size classes"), tr!("share of the catalog that runs here at reading speed"), |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        let options = Lens::ALL.map(|lens| (lens, lens.label()));
        let lens = state.settings.fleet.lens;
        if ui.available_width() > 560.0 {
            let picked = segmented(ui, tr!("Size by"), &options, lens, size::TOOL_ROW);
            asked.extend(picked.map(FleetAction::SetLens));
        } else {
            let picked = crate::ui::widgets::combo(ui, tr!("Size by"), &options, lens);
            asked.extend(picked.map(FleetAction::SetLens));
        }
        standing(ui, state);
        match &state.fleet.lenses.found {
            Some(found) => classes(ui, found, lens),
            None => waiting(ui, state),
        }
        note(ui, format!("{}.", lens.limits().source));
    });
}

/// Where the selected model stands under each lens.
fn standing(ui: &mut Ui, state: &State) {
    let t = Tokens::of(ui);
    let (Some((id, level)), Some(standing)) = (state.fleet.subject, &state.fleet.standing) else { return };
    let name = &state.catalog.get(id).display_name;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::L, space::XS);
        ui.label(Text::Strong.rich(format!("{name} {level}")).color(t.text));
        for lens in Lens::ALL {
            let (words, color) = match (standing.value(lens), standing.class(lens)) {
                (Some(value), Some(class)) => {
                    (format!("{} {}: {}", number(value), lens.unit(), class.word()), t.text)
                }
                _ => (tr!("n/a").to_owned(), t.text_3),
            };
            // One label each, so that a narrow page breaks the line between them.
            let words = format!("{} {words}", lens.label());
            ui.label(Text::Body.rich(words).color(color)).on_hover_text(&lens.limits().source);
        }
    });
}

/// A size in as few digits as tell it.
fn number(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 1.0 => fixed(value, 1),
        value => fixed(value, 2),
    }
}

fn classes(ui: &mut Ui, found: &Answer, lens: Lens) {
    let shares = found.of(lens);
    let columns: Vec<String> = found.levels.iter().map(ToString::to_string).collect();
    let rows = SizeClass::ALL.map(|class| row(shares, class, &columns));
    share_grid(ui, tr!("at some level"), &columns, &rows);
    if shares.unknown > 0 {
        note(
            ui,
            tr!(
                "{unknown} models have no {measure} that is known",
                unknown = shares.unknown,
                measure = lens.measure()
            ),
        );
    }
}

fn row(shares: &Shares, class: SizeClass, columns: &[String]) -> ShareRow<'static> {
    let of: &ClassShare = &shares.classes[class as usize];
    let limits = shares.lens.limits();
    let bounds = limits.range_text(class);
    let usual = of.usual_level().and_then(|level| columns.get(level));
    let name = match class {
        SizeClass::Small => tr!("Small"),
        SizeClass::Medium => tr!("Medium"),
        SizeClass::Large => tr!("Large"),
    };
    let words = tr!(
        "{name}, {bounds} {unit}: {at_speed} of {models} models run here at reading speed, {on_gpu} wholly on the GPU at some level{level}",
        name,
        bounds,
        unit = shares.lens.unit(),
        at_speed = of.at_speed,
        models = of.models,
        on_gpu = of.on_gpu,
        level = usual.map(|level| tr!(", most at {level}", level)).unwrap_or_default()
    );
    ShareRow {
        name,
        note: tr!("{bounds} {unit} · {models} models", bounds, unit = shares.lens.unit(), models = of.models),
        whole: of.share(),
        cells: (0..columns.len()).map(|level| of.share_at(level)).collect(),
        words,
    }
}

/// The largest model at reading speed, by quantization.
pub(super) fn largest(ui: &mut Ui, state: &State) {
    let note_words = tr!("B of all parameters");
    card(ui, tr!("Largest model at reading speed, by quantization"), note_words, |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        let Some(found) = &state.fleet.lenses.found else {
            waiting(ui, state);
            return;
        };
        sentence(ui, answer(state, found));
        let names: Vec<String> = found.levels.iter().map(ToString::to_string).collect();
        let words: Vec<String> =
            (0..names.len()).map(|level| words_of(state, found, &names, level)).collect();
        let columns: Vec<Column<'_>> = (0..names.len())
            .map(|level| {
                let billions = |largest: &Option<Largest>| largest.map(|it| it.params as f64 / 1e9);
                let (first, second) = names[level].split_once('_').unwrap_or((names[level].as_str(), ""));
                Column {
                    name: [first, second],
                    alone: billions(&found.largest_on_gpu[level]),
                    helped: billions(&found.largest[level]),
                    words: &words[level],
                }
            })
            .collect();
        let limits = Lens::Total.limits();
        Columns {
            title: tr!("Largest model at reading speed"),
            columns: &columns,
            limits: &[
                (limits.small_below, tr!("medium from 15 B")),
                (limits.large_from, tr!("large from 70 B")),
            ],
            value: number,
            height: 210.0,
        }
        .show(ui);
        note(
            ui,
            tr!("Blue: wholly on the GPU. Grey: with the help of RAM. 10 tokens a second for each request."),
        );
    });
}

fn words_of(state: &State, found: &Answer, names: &[String], level: usize) -> String {
    let name = |largest: &Largest| {
        let model = state.catalog.get(largest.model);
        format!("{} ({:.0} tok/s)", model.display_name, largest.decode)
    };
    match (&found.largest_on_gpu[level], &found.largest[level]) {
        (Some(alone), Some(most)) if alone.model != most.model => {
            tr!(
                "{level}: {alone} on the GPU, {most} with RAM",
                level = names[level],
                alone = name(alone),
                most = name(most)
            )
        }
        (_, Some(most)) => format!("{}: {}", names[level], name(most)),
        _ => tr!("{level}: none", level = names[level]),
    }
}

/// What quantization moves, in a sentence.
fn answer(state: &State, found: &Answer) -> String {
    let on_gpu = state.has_gpu();
    let largest = if on_gpu { &found.largest_on_gpu } else { &found.largest };
    let of = |bits: u8| {
        found
            .levels
            .iter()
            .zip(largest)
            .filter(|(level, _)| level.bit_group() == bits)
            .filter_map(|(level, largest)| Some((level, (*largest)?)))
            .max_by_key(|(_, largest)| largest.params)
    };
    let place = if on_gpu { tr!("wholly on the GPU") } else { tr!("on this machine") };
    let size = |largest: &Largest| format!("{} B", number(largest.params as f64 / 1e9));
    let class =
        |largest: &Largest| Lens::Total.class(largest.params as f64 / 1e9).map_or("", SizeClass::word);
    match (of(16), of(4)) {
        (Some((_, wide)), Some((level, narrow))) => tr!(
            "At 16 bits the largest model {place} has {wide} ({wide_class}); at {level} it has {narrow} ({narrow_class}).",
            place,
            wide = size(&wide),
            wide_class = class(&wide),
            level,
            narrow = size(&narrow),
            narrow_class = class(&narrow)
        ),
        (None, Some((level, narrow))) => tr!(
            "At 16 bits no model runs {place} at reading speed; at {level} the largest has {narrow} ({narrow_class}).",
            place,
            level,
            narrow = size(&narrow),
            narrow_class = class(&narrow)
        ),
        _ => tr!("No model runs {place} at reading speed at 4 bits.", place),
    }
}
