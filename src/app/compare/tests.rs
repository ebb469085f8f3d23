use super::*;
use crate::app::rigs::{NamedRig, price, resolve};
use crate::estimate::{FitClass, engine, scenario::Engine};
use crate::machine::spec::{GpuSpec, MachineSpec};
use crate::model::Catalog;

fn named(gpus: &[&str]) -> NamedRig {
    let machine = MachineSpec {
        gpus: gpus.iter().map(|gpu| GpuSpec::named(*gpu)).collect(),
        ram_gib: Some(64.0),
        ram_bandwidth_gbs: Some(51.2),
        ..MachineSpec::default()
    };
    NamedRig { name: "rig".to_owned(), machine, price_usd: None }
}

fn rig(gpus: &[&str]) -> Rig {
    resolve(&named(gpus).machine).unwrap().rig
}

fn question(rigs: Vec<Rig>) -> Question {
    let scenario = Scenario { context: 16_384, depth: 16_384, ..Scenario::default() };
    let catalog = std::sync::Arc::clone(Catalog::embedded_shared());
    Question {
        catalog,
        scenario,
        levels: engine::ladder(Engine::LlamaCpp).to_vec(),
        rigs,
        models: Vec::new(),
    }
}

const SMALL: &[&str] = &["RTX 3060 12 GB"];
const LARGE: &[&str] = &["RTX 3090", "RTX 3060 12 GB"];

#[test]
fn one_more_card_makes_models_possible() {
    let mut shelf = Shelf::embedded();
    let question = question(vec![rig(SMALL), rig(LARGE)]);
    let found = shelf.answer(&question, &|| false).unwrap();
    let [small, large] = found.rigs.as_slice() else { panic!("{found:?}") };
    assert!(large.on_gpu > small.on_gpu + 10, "{} and {}", small.on_gpu, large.on_gpu);
    assert!(large.best.unwrap().params > small.best.unwrap().params);
    assert_eq!((small.power_watts, large.power_watts), (Some(170.0), Some(520.0)));
    let gain = &found.gains[0];
    assert_eq!(gain.on_gpu.len() - gain.lost, large.on_gpu - small.on_gpu, "each is counted once");
    let new: Vec<&str> = gain.on_gpu.iter().map(|(id, _)| Catalog::embedded().get(*id).id.as_str()).collect();
    assert!(new.contains(&"Qwen/Qwen3-32B"), "{new:?}");
    assert!(gain.at_speed.iter().all(|(id, _)| !gain.on_gpu.iter().any(|(other, _)| other == id)));
    // What it says of a model is what the estimator says.
    let catalog = Catalog::embedded();
    for row in &found.speeds {
        for (rig, end) in question.rigs.iter().zip(&row.ends) {
            let estimator = crate::estimate::Estimator::embedded();
            let brief = estimator.brief(catalog.get(row.model), row.level, &question.scenario, rig);
            assert_eq!(end.class, brief.as_ref().ok().map(|brief| brief.class));
            if end.class.is_some_and(FitClass::runs) {
                assert_eq!(end.decode, brief.unwrap().decode);
            }
        }
    }
    assert_eq!((found.speeds.len(), found.automatic), (8, true));
    assert!(
        sentence(&found, &["a".to_owned(), "+ 1× RTX 3090".to_owned()]).starts_with("+ 1× RTX 3090 puts ")
    );
}

#[test]
fn figures_are_kept_while_they_hold() {
    let mut shelf = Shelf::embedded();
    let two = question(vec![rig(SMALL), rig(LARGE)]);
    shelf.answer(&two, &|| false).unwrap();
    assert_eq!(shelf.len(), 2);
    // Nothing is computed: it would give up at once.
    let again = shelf.answer(&two, &|| true).unwrap();
    let qwen = Catalog::embedded().find("Qwen/Qwen3-8B").unwrap();
    let chosen = shelf.answer(&Question { models: vec![qwen], ..two.clone() }, &|| true).unwrap();
    assert_eq!((chosen.speeds.len(), chosen.speeds[0].model, chosen.automatic), (1, qwen, false));
    assert_eq!((chosen.rigs, chosen.gains), (again.rigs, again.gains));
    let other = Question { rigs: vec![rig(SMALL), rig(&[])], ..two };
    assert_eq!(shelf.answer(&other, &|| true), None, "the machine without a card must be computed");
    shelf.answer(&other, &|| false).unwrap();
    assert_eq!(shelf.len(), 3);
}

#[test]
fn a_table_of_words() {
    let this = resolve(&named(SMALL).machine).unwrap().machine;
    let found = Shelf::embedded().answer(&question(vec![rig(SMALL), rig(LARGE)]), &|| false).unwrap();
    let nothing = Some(price::Price { usd: 0.0, source: "it is there".to_owned(), given: false });
    let prices = [nothing, price::of(&named(LARGE), Some(&this))];
    let table = lines(Catalog::embedded(), &found, &prices);
    let line = |name: &str| table.iter().find(|line| line.name == name).unwrap();
    let texts = |name: &str| line(name).values.iter().map(|value| value.text.clone()).collect::<Vec<_>>();
    assert_eq!(texts("Price, USD"), [Some("0".to_owned()), Some("1,499".to_owned())]);
    assert_eq!(line("Price, USD").change, "+1,499");
    assert_eq!(line("GPU power limits, W").change, "+350");
    let new = found.gains[0].count();
    assert_eq!(texts("Per new model, USD"), [None, Some(format!("{:.0}", 1499.0 / new as f64))]);
    assert!(line("Best that fits").values.iter().all(|value| value.model.is_some()));
    let unpriced = lines(Catalog::embedded(), &found, &[None, None]);
    let price = unpriced.iter().find(|line| line.name == "Price, USD").unwrap();
    assert!(price.values.iter().all(|value| value.text.is_none() && !value.why.is_empty()));
}

#[test]
fn a_machine_that_is_less_takes_models_away() {
    let found =
        Shelf::embedded().answer(&question(vec![rig(LARGE), rig(SMALL), rig(&[])]), &|| false).unwrap();
    assert!(found.gains[0].on_gpu.is_empty() && found.gains[0].lost > 10);
    assert_eq!(found.gains[1].lost, found.rigs[0].on_gpu, "without a card none is on it");
    assert_eq!(found.rigs[2].free_on_gpus, None);
    let table = lines(Catalog::embedded(), &found, &[None, None, None]);
    assert!(table.iter().all(|line| line.values.len() == 3 && line.change.is_empty()));
    let words = sentence(&found, &["A".to_owned(), "B".to_owned(), "C".to_owned()]);
    assert!(words.starts_with("B takes ") && words.contains("; C takes "), "{words}");
}

#[test]
fn what_is_compared_is_there_once() {
    let kept = |name: &str| RigChoice::Kept(name.to_owned());
    let mut chosen = Chosen::default();
    chosen.bring(kept("a"));
    chosen.bring(kept("b"));
    assert_eq!(chosen.rigs, [RigChoice::This, kept("b")]);
    chosen.put(2, kept("a"));
    chosen.put(0, kept("b"));
    assert_eq!(chosen.rigs, [kept("b"), RigChoice::This, kept("a")]);
    chosen.put(3, RigChoice::Opened);
    chosen.put(4, kept("c"));
    assert_eq!(chosen.rigs.len(), MOST);
    chosen.rename("a", "z");
    let mut rigs = Rigs::default();
    rigs.keep(NamedRig { name: "z".to_owned(), ..NamedRig::default() });
    chosen.tidy(&rigs, false);
    assert_eq!(chosen.rigs, [RigChoice::This, kept("z")]);
    chosen.take_out(0);
    chosen.take_out(0);
    assert_eq!(chosen.rigs, [kept("z")], "one stays");
    chosen.tidy(&Rigs::default(), false);
    assert_eq!(chosen.rigs, [RigChoice::This]);
}
