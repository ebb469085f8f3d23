//! What the cards of other years run today, for about the same price at launch.

use eframe::egui::Ui;

use super::{Asked, field, note, sentence, waiting};
use crate::app::State;
use crate::app::fleet::Field;
use crate::app::lenses::{CardYear, Year};
use crate::estimate::rig::ASSUMED_RAM_GBS;
use crate::language::{fixed, localized, tr};
use crate::ui::theme::space;
use crate::ui::widgets::{Column, Columns, card};
use crate::units::thousands;

pub(super) fn show(ui: &mut Ui, state: &State, asked: &mut Asked) {
    card(ui, tr!("Cards of other years at this price"), tr!("largest model at reading speed, B"), |ui| {
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
            title: tr!("Largest model at reading speed on cards of other years"),
            columns: &columns,
            limits: &[(15.0, tr!("medium from 15 B")), (70.0, tr!("large from 70 B"))],
            value: |value| if value >= 10.0 { format!("{value:.0}") } else { fixed(value, 1) },
            height: 186.0,
        }
        .show(ui);
        sentence(ui, answer(&found.years));
        note(
            ui,
            tr!(
                "Each year stands for it and the year before: the dearest desktop card up to the price whose launch \
                 price is known, in a computer with {ram_gib} GiB of RAM at {bandwidth} GB/s. Prices are those at launch, in USD of that year.",
                ram_gib = state.settings.fleet.years.ram_gib,
                bandwidth = localized(ASSUMED_RAM_GBS.to_string())
            ),
        );
    });
}

fn names(year: &Year) -> [String; 2] {
    let card = year.card.as_ref().map_or(tr!("n/a"), short);
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
        return tr!("{year}: n/a, no launch price near this one is known", year = year.year);
    };
    let model = |largest: Option<crate::app::lenses::Largest>| {
        largest.map_or_else(
            || tr!("none").to_owned(),
            |it| {
                tr!(
                    "{display_name} at {decode} tok/s",
                    display_name = state.catalog.get(it.model).display_name,
                    decode = format!("{:.0}", it.decode)
                )
            },
        )
    };
    tr!(
        "{year}: {card}, {price_usd} USD at launch ({release}), {vram_gib} GiB; wholly on it {largest_on_gpu}, with RAM {largest}; {at_speed} of {models} models at reading speed",
        year = year.year,
        card = short(card),
        price_usd = thousands(card.price_usd),
        release = card.release,
        vram_gib = card.vram_gib,
        largest_on_gpu = model(card.largest_on_gpu),
        largest = model(card.largest),
        at_speed = card.at_speed,
        models = card.models
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
        [] => tr!("No card near this price has a launch price in the table.").to_owned(),
        [(year, only)] => {
            tr!(
                "{card} ({year}) runs {share} % of the medium models at reading speed.",
                card = short(only),
                year,
                share = format!("{:.0}", share(only))
            )
        }
        [(first_year, first), .., (last_year, last)] => tr!(
            "{first} ({first_year}) runs {first_share} % of the medium models at reading speed, {last} ({last_year}) {last_share} %.",
            first = short(first),
            first_year,
            first_share = format!("{:.0}", share(first)),
            last = short(last),
            last_year,
            last_share = format!("{:.0}", share(last))
        ),
    }
}
