use super::*;
use crate::app::grid::testing::brief;
use crate::app::grid::{Cell, Extra};
use crate::estimate::FitClass;
use crate::estimate::size_class::SizeClass;
use crate::machine::spec::{GpuSpec, MachineSpec};
use crate::units::Bytes;

/// Answers as a machine would that has room for so many billions of parameters at 4 bits: a model that is twice as
/// large fits at half the bits. What fits runs at 20 tokens/s, else at 5.
struct Room(f64);

impl Judge for Room {
    fn cells(&self, model: ModelId, ask: &Ask) -> Vec<Cell> {
        let params = ask.catalog.get(model).params_total as f64 / 1e9;
        let cell = |level: &Level| {
            let gib = params * level.nominal_bits() / 8.0;
            let fits = gib <= self.0 / 2.0;
            let class = if fits { FitClass::Fits } else { FitClass::Offload };
            let mut brief = brief(class, if fits { 20.0 } else { 5.0 }, 0.99);
            brief.need = Bytes::from_gib(gib);
            Cell::Known(brief, Extra::NotAsked)
        };
        ask.levels.iter().map(cell).collect()
    }
}

fn levels() -> Vec<Level> {
    ["Q2_K", "Q4_K_M", "Q8_0"].map(|level| level.parse().unwrap()).to_vec()
}

fn question(gpu: &str) -> Question {
    let spec = MachineSpec { gpus: vec![GpuSpec::named(gpu)], ram_gib: Some(64.0), ..MachineSpec::default() };
    Question {
        catalog: Arc::clone(Catalog::embedded_shared()),
        scenario: Scenario::default(),
        levels: levels(),
        rig: Rig::from(&spec.resolve().unwrap().machine),
        years: Years::default(),
    }
}

fn asked(judge: &dyn Judge) -> Answer {
    answer(judge, |_| None, &question("RTX 3090"), &|| false).unwrap()
}

#[test]
fn fewer_bits_make_room_for_larger_models() {
    let answer = asked(&Room(32.0));
    let params: Vec<u64> = answer.largest.iter().map(|largest| largest.unwrap().params).collect();
    assert!(params[0] > params[1] && params[1] > params[2], "{params:?}");
    // 32 B at 4 bits are 16 GiB.
    for (largest, level) in answer.largest.iter().flatten().zip(levels()) {
        assert!(largest.params as f64 / 1e9 * level.nominal_bits() / 8.0 <= 16.0);
    }
    assert_eq!(answer.largest, answer.largest_on_gpu, "what spills is below reading speed here");
}

#[test]
fn shares_add_up() {
    let answer = asked(&Room(32.0));
    let generating = Catalog::embedded().bases().iter();
    let generating = generating.filter(|base| Catalog::embedded().get(base.id).not_generating().is_none());
    let models = generating.count();
    let total = answer.of(Lens::Total);
    assert_eq!(total.classes.iter().map(|class| class.models).sum::<usize>(), models);
    for level in 0..3 {
        assert_eq!(total.classes.iter().map(|class| class.by_level[level].0).sum::<usize>(), models);
    }
    // All below 15 B fit at 2 bits, none from 70 B does with 16 GiB.
    let [small, medium, large] = &total.classes;
    assert_eq!(small.share(), Some(1.0));
    assert!(medium.share().is_some_and(|share| 0.0 < share && share < 1.0));
    assert_eq!((large.share(), large.usual_level()), (Some(0.0), None));
    assert_eq!(answer.of(Lens::Price).unknown, models);
}

#[test]
fn memory_is_counted_at_each_level() {
    let answer = asked(&Room(32.0));
    let by_memory = answer.of(Lens::Memory);
    let small = |level: usize| by_memory.classes[SizeClass::Small as usize].by_level[level].0;
    assert!(small(0) > small(1) && small(1) > small(2), "more models are small at fewer bits");
}

#[test]
fn a_newer_question_ends_the_old_one() {
    assert_eq!(answer(&Room(32.0), |_| None, &question("RTX 3090"), &|| true), None);
}

#[test]
fn cards_are_the_dearest_below_the_price_that_came_out_then() {
    let names = |price: f64| YEARS.map(|year| years::card(year, price).map(|record| record.name.as_str()));
    assert_eq!(
        names(700.0),
        [
            Some("NVIDIA GeForce GTX 1080 Ti"),
            Some("NVIDIA GeForce RTX 3080"),
            Some("NVIDIA GeForce RTX 3070 Ti"),
            Some("NVIDIA GeForce RTX 4070 SUPER"),
            Some("AMD Radeon RX 9070 XT"),
        ]
    );
    assert_eq!(names(50.0), [None; 5], "no desktop card of these years cost 25 to 50 USD");
}

#[test]
fn nonsense_that_was_remembered_is_the_usual() {
    let mut years = Years { price_usd: f64::NAN, ram_gib: -1.0 };
    years.tidy();
    assert_eq!(years, Years::default());
    let mut years = Years { price_usd: 1e9, ram_gib: 64.0 };
    years.tidy();
    assert_eq!(years, Years { ram_gib: 64.0, ..Years::default() });
}

#[test]
fn the_program_answers_for_a_real_card() {
    let mut lenses = Lenses::inline(|_| None);
    lenses.ask(Question { levels: vec!["Q4_K_M".parse().unwrap()], ..question("RTX 3060 12 GB") });
    let answer = lenses.found.unwrap();
    let [small, _, large] = &answer.of(Lens::Total).classes;
    assert!(small.share().unwrap() > 0.9 && large.share().unwrap() < small.share().unwrap());
    assert_eq!(answer.years.len(), 5);
    let largest = answer.largest_on_gpu[0].unwrap();
    assert!((10e9..25e9).contains(&(largest.params as f64)), "{largest:?}");
}
