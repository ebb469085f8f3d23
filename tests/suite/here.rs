//! What measurements of one model on a machine say of the others, against published measurements: cards of the
//! repository are taken for cards that nobody has measured, in a computer that is slower than usual or is not.

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

/// The case as a person measures it whose computer runs at `speed` of the published one.
fn as_own(case: &Case, speed: f64) -> Measurement {
    let (row, scenario) = (case.published.row, &case.situation.scenario);
    let mut own = Measurement::new(&row.label, scenario.engine, measured::Test::Decode, case.rate * speed);
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

/// What corrections did to others' predictions, where the computer runs at `speed` of what was published.
#[derive(Debug)]
struct Effect {
    count: usize,
    /// Median errors without and with own measurements, as differences of logarithms.
    errors: [f64; 2],
    /// Median of the intervals' widths against those without.
    width: f64,
    /// Shares that intervals hold, without and with.
    held: [f64; 2],
}

/// Teaches each model's measurements in turn, at most four, and asks of the others.
fn effect(speed: f64) -> Effect {
    let estimator = Estimator::embedded();
    let (mut errors, mut widths, mut held) = ([Vec::new(), Vec::new()], Vec::new(), [0_usize; 2]);
    for models in cards().values().filter(|models| models.len() >= 3) {
        for (taught, cases) in models {
            let own: Vec<Measurement> = cases.iter().take(4).map(|case| as_own(case, speed)).collect();
            let here = Here::new(estimator, &own, &cases[0].situation.rig).map(Arc::new);
            let others = models.iter().filter(|(model, _)| *model != taught);
            for case in others.flat_map(|(_, cases)| cases.iter().take(3)) {
                let range = |own: Option<Arc<Here>>| {
                    let rig = Rig { own, ..case.situation.rig.clone() };
                    Situation { rig, ..case.situation.clone() }.plan(estimator)?.speed.decode
                };
                let (Some(old), Some(new)) = (range(None), range(here.clone())) else { continue };
                let rate = case.rate * speed;
                for (place, range) in [old, new].into_iter().enumerate() {
                    errors[place].push((rate / range.p50).ln().abs());
                    held[place] += usize::from((range.p10..=range.p90).contains(&rate));
                }
                widths.push((new.p90 / new.p50).ln() / (old.p90 / old.p50).ln());
            }
        }
    }
    let count = widths.len();
    Effect {
        count,
        errors: errors.map(median),
        width: median(widths),
        held: held.map(|held| held as f64 / count as f64),
    }
}

#[test]
fn a_slow_computer_is_recognized_by_one_model() {
    let slow = effect(0.75);
    assert!(slow.count > 1000, "{slow:?}");
    assert!(slow.errors[1] < 0.65 * slow.errors[0], "{slow:?}");
    assert!(slow.held[1] > slow.held[0] + 0.15, "{slow:?}");
    assert!(slow.width < 0.92, "{slow:?}");
}

/// The fit has seen these measurements, so its errors are small; what one model says adds noise and little else.
#[test]
fn a_usual_computer_is_hardly_taken_for_another() {
    let usual = effect(1.0);
    assert!(usual.errors[1] < 1.25 * usual.errors[0], "{usual:?}");
    assert!(usual.held[1] > 0.8, "{usual:?}");
}
