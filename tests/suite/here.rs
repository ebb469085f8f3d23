//! What measurements of one model on a machine say of the others, against published measurements: cards of the
//! repository are taken for cards that nobody has measured.

use std::collections::BTreeMap;
use std::sync::Arc;

use plimsoll::estimate::calibration::{Kind, Test};
use plimsoll::estimate::here::Here;
use plimsoll::estimate::measured::{self, Measurement};
use plimsoll::estimate::neighbours::{Published, published};
use plimsoll::estimate::situation::Situation;
use plimsoll::estimate::{Estimator, Rig};

const UNKNOWN: &str = "An unmeasured card";

/// A published configuration that one device ran alone.
struct Case {
    published: &'static Published,
    situation: Situation,
    rate: f64,
}

/// Configurations of one card in one backend, by model; the card goes by a name that nobody has measured.
fn cards() -> BTreeMap<(String, String), BTreeMap<String, Vec<Case>>> {
    let mut cards: BTreeMap<(String, String), BTreeMap<String, Vec<Case>>> = BTreeMap::new();
    for published in published() {
        let row = published.row;
        if row.test != Test::Decode
            || !row.is_plain()
            || row.kind != Kind::Engine
            || row.engine != "llama.cpp"
        {
            continue;
        }
        let Some(mut situation) = Situation::of_published(published) else { continue };
        let Some(device) = situation.rig.devices.first_mut() else { continue };
        (device.name, device.table_name) = (UNKNOWN.to_owned(), None);
        let case = Case { published, situation, rate: row.tokens_per_s };
        let models = cards.entry((row.gpu.clone(), row.backend.clone())).or_default();
        models.entry(row.model.clone()).or_default().push(case);
    }
    cards
}

fn as_own(case: &Case) -> Measurement {
    let (row, scenario) = (case.published.row, &case.situation.scenario);
    let mut own = Measurement::new(&row.label, scenario.engine, measured::Test::Decode, case.rate);
    own.model = Some(case.situation.model.id.clone());
    own.level = Some(case.situation.level);
    (own.n_gen, own.depth) = (row.output.unwrap_or(128), row.depth.unwrap_or(0));
    (own.cache_k, own.cache_v) = (Some(scenario.cache_k), Some(scenario.cache_v));
    (own.flash_attention, own.backend) = (Some(scenario.flash_attention), Some(scenario.backend));
    own.gpu_layers = scenario.placement.gpu_layers;
    own.place.gpus = vec![UNKNOWN.to_owned()];
    own
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[test]
fn one_model_s_measurements_make_the_others_more_exact() {
    let estimator = Estimator::embedded();
    let (mut before, mut after) = (Vec::new(), Vec::new());
    let (mut widths, mut held) = (Vec::new(), Vec::new());
    for models in cards().values().filter(|models| models.len() >= 3) {
        for (taught, cases) in models {
            let rig = &cases[0].situation.rig;
            let own: Vec<Measurement> = cases.iter().take(4).map(as_own).collect();
            let Some(here) = Here::new(estimator, &own, rig).map(Arc::new) else { continue };
            let others = models.iter().filter(|(model, _)| *model != taught);
            for case in others.flat_map(|(_, cases)| cases.iter().take(3)) {
                let rate = |own: Option<Arc<Here>>| {
                    let rig = Rig { own, ..case.situation.rig.clone() };
                    Situation { rig, ..case.situation.clone() }.plan(estimator)?.speed.decode
                };
                let (Some(old), Some(new)) = (rate(None), rate(Some(Arc::clone(&here)))) else { continue };
                before.push((case.rate / old.p50).ln().abs());
                after.push((case.rate / new.p50).ln().abs());
                widths.push((new.p90 / new.p50).ln() / (old.p90 / old.p50).ln());
                held.push((new.p10..=new.p90).contains(&case.rate));
            }
        }
    }
    let count = before.len();
    let share = held.iter().filter(|held| **held).count() as f64 / count as f64;
    let (before, after, width) = (median(before), median(after), median(widths));
    println!("{count} cases: error {before:.3} to {after:.3}, width x {width:.2}, held {share:.2}");
    assert!(count > 300, "{count}");
    assert!(after < 0.9 * before, "{before} {after}");
    assert!(width < 0.9, "{width}");
    assert!((0.72..0.95).contains(&share), "{share}");
}
