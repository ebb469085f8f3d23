//! What the cards of other years run today, for about the same price at launch.

use eframe::egui::Ui;

use super::{Asked, field, note, sentence, waiting};
use crate::app::State;
use crate::app::fleet::Field;
use crate::app::lenses::{CardYear, Year};
use crate::estimate::rig::ASSUMED_RAM_GBS;
use crate::ui::theme::space;
use crate::ui::widgets::{Column, Columns, card};
use crate::units::thousands;

pub(super) fn show(ui: &mut Ui, state: &State, asked: &mut Asked) {
    card(ui, "Cards of other years at this price", "largest model at reading speed, B", |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        field::row(ui, state, &[Field::Price, Field::Ram], asked);
        let Some(found) = &state.fleet.lenses.found else {
            waiting(ui, state);
            return;
        };
        let words: Vec<String> = found.years.iter().map(|year| words_of(state, year)).collect();
        let names: Vec<[String; 2]> = found.years.iter().map(names).collect();
        let columns: Vec<Column<'_>> = found
            .years
            .iter()
            .zip(&words)
            .zip(&names)
            .map(|((year, words), name)| {
                let billions =
                    |largest: Option<crate::app::lenses::Largest>| largest.map(|it| it.params as f64 / 1e9);
                Column {
                    name: [&name[0], &name[1]],
                    alone: year.card.as_ref().and_then(|card| billions(card.largest_on_gpu)),
                    helped: year.card.as_ref().and_then(|card| billions(card.largest)),
                    words,
                }
            })
            .collect();
        Columns {
            title: "Largest model at reading speed on cards of other years",
            columns: &columns,
            limits: &[(15.0, "medium from 15 B"), (70.0, "large from 70 B")],
            value: |value| if value >= 10.0 { format!("{value:.0}") } else { format!("{value:.1}") },
            height: 186.0,
        }
        .show(ui);
        sentence(ui, answer(&found.years));
        note(
            ui,
            format!(
                "Each year stands for it and the year before: the dearest desktop card up to the price whose launch \
                 price is known, in a computer with {} GiB of RAM at {ASSUMED_RAM_GBS} GB/s. Prices are those at launch, in USD of that year.",
                state.settings.fleet.years.ram_gib
            ),
        );
    });
}

fn names(year: &Year) -> [String; 2] {
    let card = year.card.as_ref().map_or("n/a", short);
    [year.year.to_string(), card.to_owned()]
}

/// The card without its maker.
fn short(card: &CardYear) -> &str {
    ["NVIDIA ", "AMD ", "Intel ", "GeForce ", "Radeon "]
        .iter()
        .fold(card.name, |name, maker| name.strip_prefix(maker).unwrap_or(name))
}

fn words_of(state: &State, year: &Year) -> String {
    let Some(card) = &year.card else {
        return format!("{}: n/a, no launch price near this one is known", year.year);
    };
    let model = |largest: Option<crate::app::lenses::Largest>| {
        largest.map_or_else(
            || "none".to_owned(),
            |it| format!("{} at {:.0} tok/s", state.catalog.get(it.model).display_name, it.decode),
        )
    };
    format!(
        "{}: {}, {} USD at launch ({}), {} GiB; wholly on it {}, with RAM {}; {} of {} models at reading speed",
        year.year,
        short(card),
        thousands(card.price_usd),
        card.release,
        card.vram_gib,
        model(card.largest_on_gpu),
        model(card.largest),
        card.at_speed,
        card.models
    )
}

/// How far the years have come, in a sentence.
fn answer(years: &[Year]) -> String {
    let cards: Vec<(u32, &CardYear)> =
        years.iter().filter_map(|year| Some((year.year, year.card.as_ref()?))).collect();
    let share = |card: &CardYear| {
        let [.., (models, runs), _] = card.classes;
        if models == 0 { 0.0 } else { 100.0 * runs as f64 / models as f64 }
    };
    match cards.as_slice() {
        [] => "No card near this price has a launch price in the table.".to_owned(),
        [(year, only)] => {
            format!(
                "{} ({year}) runs {:.0} % of the medium models at reading speed.",
                short(only),
                share(only)
            )
        }
        [(first_year, first), .., (last_year, last)] => format!(
            "{} ({first_year}) runs {:.0} % of the medium models at reading speed, {} ({last_year}) {:.0} %.",
            short(first),
            share(first),
            short(last),
            share(last)
        ),
    }
}
