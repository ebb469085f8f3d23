//! The power limit of the card: what a lower one costs and saves, and the command that would set it.

use eframe::egui::{Id, Label, Ui};

use super::{note, sentence};
use crate::app::State;
use crate::estimate::plan::Range;
use crate::estimate::power_limit::{self, Advice, Kind, LimitPoint};
use crate::language::{self, fixed, tr};
use crate::ui::theme::{Text, Tokens, space};
use crate::ui::widgets::{Trend, TrendLine, TrendMark, TrendPoint, TrendStyle, card, copy_button};

pub(super) fn show(ui: &mut Ui, state: &State) {
    card(ui, tr!("Power limit of the card"), tr!("estimated from sweeps of others"), |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        match &state.fleet.power {
            Ok(advice) => shown(ui, advice),
            Err(why) => sentence(ui, why.clone()),
        }
    });
}

fn shown(ui: &mut Ui, advice: &Advice) {
    sentence(ui, advice.reason.clone());
    note(ui, range(advice));
    if ui.available_width() >= 600.0 {
        ui.columns(2, |columns| {
            rates(&mut columns[0], advice);
            energy(&mut columns[1], advice);
        });
    } else {
        rates(ui, advice);
        energy(ui, advice);
    }
    command(ui, advice);
    evidence(ui, advice);
}

/// What limits the card takes, in a sentence.
fn range(advice: &Advice) -> String {
    let now =
        advice.now_w.map(|now| tr!(", set to {now} W now", now = format!("{now:.0}"))).unwrap_or_default();
    let takes = match advice.allowed_w {
        Some((low, high)) => {
            tr!("It takes {low} to {high} W", low = format!("{low:.0}"), high = format!("{high:.0}"))
        }
        None => tr!("Which limits it takes is n/a here: the card does not say").to_owned(),
    };
    tr!(
        "{gpu}: built for {rated_w} W{now}. {takes}. The form holds down to {evidence_ends_w} W; below it nothing is predicted.",
        gpu = advice.gpu,
        rated_w = format!("{:.0}", advice.rated_w),
        now,
        takes,
        evidence_ends_w = format!("{:.0}", advice.evidence_ends_w)
    )
}

fn points(advice: &Advice, of: impl Fn(&LimitPoint) -> Option<Range>) -> Vec<TrendPoint> {
    let point = |point: &LimitPoint| {
        let range = of(point)?;
        Some(TrendPoint { x: point.watts, low: range.p10, mid: range.p50, high: range.p90 })
    };
    advice.points.iter().filter_map(point).collect()
}

fn rates(ui: &mut Ui, advice: &Advice) {
    // Sweeps of this card, brought to this model's rate.
    let full = advice.points.last().map_or(0.0, |point| point.decode.p50);
    let sweeps = advice.sweeps().filter(|sweep| sweep.kind == Kind::Decode);
    let measured: Vec<[f64; 2]> = sweeps
        .flat_map(|sweep| {
            sweep.shares().map(|(share, kept)| [share * advice.rated_w, kept * full]).collect::<Vec<_>>()
        })
        .collect();
    let title = tr!("Tokens/s written, over the limit in W");
    chart(ui, advice, title, points(advice, |point| Some(point.decode)), &measured);
}

fn energy(ui: &mut Ui, advice: &Advice) {
    let title = tr!("Energy of the card for a written token, J");
    let points = points(advice, |point| point.token_joules);
    if points.is_empty() {
        self::title(ui, title);
        note(ui, tr!("n/a with several cards: what those draw that wait for the others was not measured."));
        return;
    }
    chart(ui, advice, title, points, &[]);
}

fn chart(ui: &mut Ui, advice: &Advice, title: &str, points: Vec<TrendPoint>, measured: &[[f64; 2]]) {
    self::title(ui, title);
    let (Some(first), Some(last)) = (points.first().copied(), points.last().copied()) else { return };
    let from = measured.iter().map(|at| at[0]).fold(first.x, f64::min);
    let highest = points.iter().map(|point| point.high).chain(measured.iter().map(|at| at[1]));
    let top = highest.fold(0.0, f64::max) * 1.1;
    let advised = advice.advised.and_then(|place| advice.points.get(place)).map(|point| point.watts);
    let here = points.iter().find(|point| Some(point.x) == advised);
    let words = here.map(|point| format!("{:.0} W", point.x)).unwrap_or_default();
    let mut marks: Vec<TrendMark<'_>> =
        measured.iter().map(|at| TrendMark { at: *at, text: "", strong: false }).collect();
    marks.extend(here.map(|point| TrendMark { at: [point.x, point.mid], text: &words, strong: true }));
    let ends = tr!(
        "{low} at {least} W, {high} at {most} W",
        low = short(first.mid),
        least = format!("{:.0}", first.x),
        high = short(last.mid),
        most = format!("{:.0}", last.x)
    );
    let meant = here
        .map(|point| tr!("; {mid} at the advised {words}", mid = short(point.mid), words))
        .unwrap_or_default();
    let spoken =
        tr!("{title}: {ends}{meant}; {measured} measured", title, ends, meant, measured = measured.len());
    let line = TrendLine { name: "", note: "", style: TrendStyle::Main, points };
    Trend {
        x: [from, last.x],
        doubling: false,
        x_name: "W",
        top,
        lines: vec![line],
        marks,
        across: Vec::new(),
        load_line: None,
        drops: true,
        number: short,
        spoken: &spoken,
        height: 190.0,
    }
    .show(ui);
}

/// A rate or an energy in as few digits as tell it.
fn short(value: f64) -> String {
    match value.abs() {
        size if size == 0.0 || size >= 10.0 => format!("{value:.0}"),
        size if size >= 1.0 => fixed(value, 1),
        _ => fixed(value, 2),
    }
}

fn title(ui: &mut Ui, words: &str) {
    let t = Tokens::of(ui);
    ui.label(Text::Small.rich(words).color(t.text_2));
}

fn command(ui: &mut Ui, advice: &Advice) {
    let t = Tokens::of(ui);
    match &advice.command {
        Some((text, needs)) => {
            ui.add(Label::new(Text::Mono.rich(text).color(t.text)).wrap());
            copy_button(ui, Id::unique("copy the power limit's command"), text);
            note(ui, tr!("Shown, never run. Needs {needs}.", needs = language::text(needs)));
        }
        None if advice.advised.is_some() => note(ui, tr!("The command for this card is n/a.")),
        None => {}
    }
}

fn evidence(ui: &mut Ui, advice: &Advice) {
    let draw = advice.draw_share;
    let measured = if advice.draw_is_measured {
        tr!("measured on this kind of card")
    } else {
        tr!("the middle of what was measured on other cards")
    };
    note(
        ui,
        tr!(
            "While it writes it draws {draw} % of its rated power ({low} to {high} %): {measured}. {why}.",
            draw = format!("{:.0}", 100.0 * draw.p50),
            low = format!("{:.0}", 100.0 * draw.p10),
            high = format!("{:.0}", 100.0 * draw.p90),
            measured,
            why = language::text(&power_limit::evidence().form.why)
        ),
    );
    let mut sources: Vec<&str> = advice
        .sweeps()
        .map(|sweep| sweep.source.as_str())
        .chain(advice.findings().map(|finding| finding.source.as_str()))
        .collect();
    if sources.is_empty() {
        sources = power_limit::evidence().sweeps.iter().map(|sweep| sweep.source.as_str()).collect();
    }
    sources.dedup();
    for finding in advice.findings() {
        note(ui, format!("{}.", finding.text));
    }
    note(ui, tr!("Sources: {sources}", sources = sources.join(", ")));
}
