//! A comparison as a table of words.

use super::{BestModel, Comparison, Summary};
use crate::app::rigs::price::Price;
use crate::language::{fixed, tr, tr_n};
use crate::model::{Catalog, ModelId};
use crate::units::{gib_text, thousands};

/// A line of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What it is, with its unit.
    pub name: &'static str,
    /// One a machine.
    pub values: Vec<LineValue>,
    /// The difference of the second of two machines to the first; empty otherwise.
    pub change: String,
}

/// A value of the table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LineValue {
    /// `None` is n/a.
    pub text: Option<String>,
    /// More about it, on hover; why it is n/a.
    pub why: String,
    /// A model that a click selects.
    pub model: Option<ModelId>,
}

impl LineValue {
    fn some(text: String) -> Self {
        Self { text: Some(text), ..Self::default() }
    }

    fn or(text: Option<String>, why: &str) -> Self {
        Self { why: if text.is_none() { why.to_owned() } else { String::new() }, text, model: None }
    }
}

/// The lines of the table; `prices` are those of the machines, beyond what this computer has.
pub fn lines(catalog: &Catalog, found: &Comparison, prices: &[Option<Price>]) -> Vec<Line> {
    let each =
        |value: &dyn Fn(&Summary) -> LineValue| -> Vec<LineValue> { found.rigs.iter().map(value).collect() };
    let size = |value: f64| fixed(value, 1);
    let mut all = vec![
        Line {
            name: tr!("Free on GPUs, GiB"),
            values: each(&|rig| {
                LineValue::or(rig.free_on_gpus.map(gib_text), tr!("it has no GPU that holds a model"))
            }),
            change: change(found, |rig| rig.free_on_gpus.map(crate::units::Bytes::gib), size),
        },
        Line {
            name: tr!("Free in RAM, GiB"),
            values: each(&|rig| LineValue::some(gib_text(rig.free_in_ram))),
            change: change(found, |rig| Some(rig.free_in_ram.gib()), size),
        },
        Line {
            name: tr!("Models wholly on GPU"),
            values: each(&|rig| {
                LineValue::some(tr!("{some} of {all}", some = rig.on_gpu, all = found.models))
            }),
            change: change(found, |rig| Some(rig.on_gpu as f64), |value| format!("{value:.0}")),
        },
        Line {
            name: tr!("At reading speed"),
            values: each(&|rig| {
                LineValue::some(tr!("{some} of {all}", some = rig.at_speed, all = found.models))
            }),
            change: change(found, |rig| Some(rig.at_speed as f64), |value| format!("{value:.0}")),
        },
        Line {
            name: tr!("Best that fits"),
            values: each(&|rig| best(catalog, rig.best.as_ref())),
            change: change(
                found,
                |rig| rig.best.map(|best| best.params as f64 / 1e9),
                |billions| format!("{billions:.0}B"),
            ),
        },
        Line {
            name: tr!("GPU power limits, W"),
            values: each(&|rig| {
                LineValue::or(
                    rig.power_watts.map(thousands),
                    tr!("the power limit of a GPU is not known, or there is none"),
                )
            }),
            change: change(found, |rig| rig.power_watts, thousands),
        },
    ];
    all.extend(money(found, prices));
    all
}

/// The largest model that runs well, by its name.
fn best(catalog: &Catalog, best: Option<&BestModel>) -> LineValue {
    let Some(best) = best else {
        return LineValue::or(None, tr!("nothing fits at reading speed"));
    };
    let name = &catalog.bases()[catalog.base_of(best.model)].name;
    let speed = best.decode.map(|decode| format!(", {:.0} tok/s", decode.p50)).unwrap_or_default();
    LineValue {
        text: Some(name.clone()),
        why: tr!(
            "{name} at {level}{speed}: the most parameters of all whose best level fits at reading speed. A click selects it",
            name,
            level = best.level,
            speed
        ),
        model: Some(best.model),
    }
}

/// Price, and price for each model that becomes possible.
fn money(found: &Comparison, prices: &[Option<Price>]) -> [Line; 2] {
    let unknown = tr!("the price is not known: say it at the rig");
    let price = |place: usize| prices.get(place).and_then(Option::as_ref);
    let over_first = |place: usize| Some(price(place)?.usd - price(0)?.usd);
    let value = |place: usize| match price(place) {
        Some(price) => LineValue { text: Some(thousands(price.usd)), why: price.source.clone(), model: None },
        None => LineValue::or(None, unknown),
    };
    let each_new = |place: usize| {
        let Some(gain) = place.checked_sub(1).and_then(|gain| found.gains.get(gain)) else {
            return LineValue::default();
        };
        let new = gain.count();
        match over_first(place) {
            _ if new == 0 => LineValue::or(None, tr!("no model becomes possible")),
            Some(usd) if usd > 0.0 => LineValue {
                text: Some(thousands(usd / new as f64)),
                why: tr!("{usd} USD more for {new} more models", usd = thousands(usd), new),
                model: None,
            },
            Some(_) => LineValue::or(None, tr!("it costs no more than the first")),
            None => LineValue::or(None, unknown),
        }
    };
    let places = 0..found.rigs.len();
    [
        Line {
            name: tr!("Price, USD"),
            values: places.clone().map(value).collect(),
            change: if found.rigs.len() == 2 {
                over_first(1).map(|usd| signed(usd, &thousands(usd.abs()))).unwrap_or_default()
            } else {
                String::new()
            },
        },
        Line {
            name: tr!("Per new model, USD"),
            values: places.map(each_new).collect(),
            change: String::new(),
        },
    ]
}

/// "+23.6": the second of two machines less the first.
fn change(
    found: &Comparison,
    value: impl Fn(&Summary) -> Option<f64>,
    text: impl Fn(f64) -> String,
) -> String {
    let [first, second] = found.rigs.as_slice() else { return String::new() };
    // No GPU is nothing of it.
    match (value(first), value(second)) {
        (None, None) => String::new(),
        (a, b) => {
            let difference = b.unwrap_or(0.0) - a.unwrap_or(0.0);
            signed(difference, &text(difference.abs()))
        }
    }
}

fn signed(number: f64, text: &str) -> String {
    match number {
        n if n > 0.0 => format!("+{text}"),
        n if n < 0.0 => format!("−{text}"),
        _ => tr!("same").to_owned(),
    }
}

/// What the machines have over the first, in a sentence: "+ 1× RTX 3090 puts 12 more models wholly on the GPU
/// and brings 5 others to reading speed."
pub fn sentence(found: &Comparison, names: &[String]) -> String {
    let each = found.gains.iter().zip(names.iter().skip(1)).map(|(gain, name)| {
        let models = |count: usize| tr_n!(count, "{count} more model", "{count} more models", count);
        let mut parts = Vec::new();
        if !gain.on_gpu.is_empty() {
            parts.push(tr!("puts {models} wholly on the GPU", models = models(gain.on_gpu.len())));
        }
        if !gain.at_speed.is_empty() {
            let count = gain.at_speed.len();
            let which =
                if gain.on_gpu.is_empty() { models(count) } else { tr!("{count} more that spill", count) };
            parts.push(tr!("brings {which} to reading speed", which));
        }
        if gain.lost > 0 {
            parts.push(tr!("takes {lost} off the GPU", lost = gain.lost));
        }
        match parts.as_slice() {
            [] => tr!("{name} makes no more models possible", name),
            parts => format!("{name} {}", parts.join(tr!(" and "))),
        }
    });
    let sentences: Vec<String> = each.collect();
    if sentences.is_empty() { String::new() } else { sentences.join("; ") + "." }
}
