use super::*;
use crate::machine::spec::{GpuSpec, MachineSpec};
use crate::model::Catalog;

fn rig(gpu: &str, count: u32) -> Rig {
    let gpus = vec![GpuSpec { count, ..GpuSpec::named(gpu) }];
    let spec = MachineSpec { gpus, ram_gib: Some(64.0), ..MachineSpec::default() };
    Rig::from(&spec.resolve().unwrap().machine)
}

struct Asked {
    rig: Rig,
    model: &'static str,
    level: &'static str,
    engine: Engine,
    demand: Demand,
}

impl Asked {
    fn answer(&self) -> Answer {
        let catalog = Catalog::embedded();
        let base = Scenario { engine: self.engine, ..Scenario::default() };
        let service = Service {
            estimator: Estimator::embedded(),
            model: catalog.get(catalog.find(self.model).unwrap()),
            level: level_for(self.engine, self.level.parse().unwrap()),
            base: &base,
            one: &self.rig,
            demand: &self.demand,
            network: &Network::default(),
        };
        service.answer(&|| false).unwrap()
    }
}

fn chat() -> Asked {
    Asked {
        rig: rig("RTX 4090", 1),
        model: "Qwen/Qwen3-8B",
        level: "Q4_K_M",
        engine: Engine::LlamaCpp,
        demand: Demand { arrivals_per_minute: 2.0, ..Demand::default() },
    }
}

#[test]
fn little_is_borne_by_one_machine() {
    let answer = chat().answer();
    let alone = answer.alone.unwrap();
    assert!(alone.meets && alone.queue.utilization() < 0.5, "{alone:?}");
    assert_eq!((answer.offers[0].machines(), answer.offers[0].group.layout), (1, Layout::Replica));
}

#[test]
fn the_fewest_replicas_are_found_and_one_less_does_not_do() {
    let asked = Asked { demand: Demand { arrivals_per_minute: 600.0, ..Demand::default() }, ..chat() };
    let answer = asked.answer();
    assert!(!answer.alone.as_ref().unwrap().meets);
    let offer = &answer.offers[0];
    assert!(offer.meets && offer.replicas > 1, "{offer:?}");
    // What a replica does is its rate over the tokens of an answer; what arrives is shared evenly.
    let group = &offer.group;
    assert!((offer.queue.capacity - group.output.p50 / 300.0).abs() < 1e-12);
    assert!((offer.queue.arrivals - 10.0 / f64::from(offer.replicas)).abs() < 1e-12);
    let fewer = Queue { arrivals: 10.0 / f64::from(offer.replicas - 1), ..offer.queue };
    let waits = fewer.wait_s(SHARE).map(|wait| wait + group.first_s);
    assert!(waits.is_none_or(|wait| wait > asked.demand.wait_s), "{waits:?}");
}

#[test]
fn what_is_too_large_for_one_is_shared() {
    let asked = Asked {
        rig: rig("RTX 4090", 1),
        model: "Qwen/Qwen3-32B",
        level: "FP8",
        engine: Engine::Vllm,
        demand: Demand { arrivals_per_minute: 6.0, wait_s: 30.0, ..Demand::default() },
    };
    let answer = asked.answer();
    assert!(answer.alone.is_err(), "32 GB of weights are not on 24 GB");
    let tensor = answer.offers.iter().find(|offer| offer.group.layout == Layout::Tensor).unwrap();
    assert!(tensor.group.machines >= 2 && tensor.meets);
    let serving = tensor.group.plan.serving.as_ref().unwrap();
    assert_eq!((serving.tensor, serving.pipeline), (tensor.group.machines, 1));
    assert!(tensor.group.rig.devices.iter().all(|device| device.link_gbs == Some(1.25)));
    let pipeline = answer.offers.iter().find(|offer| offer.group.layout == Layout::Pipeline).unwrap();
    let serving = pipeline.group.plan.serving.as_ref().unwrap();
    assert_eq!((serving.tensor, serving.pipeline), (1, pipeline.group.machines));
    assert!(pipeline.group.notes.iter().any(|note| note.contains("not measured")));
}

#[test]
fn a_faster_network_serves_cards_that_share_layers_faster() {
    let catalog = Catalog::embedded();
    let model = catalog.get(catalog.find("Qwen/Qwen3-32B").unwrap());
    let base = Scenario { engine: Engine::Vllm, ..Scenario::default() };
    let (one, demand) = (rig("RTX 4090", 1), Demand::default());
    let rate = |network: Network| {
        let service = Service {
            estimator: Estimator::embedded(),
            model,
            level: "FP8".parse().unwrap(),
            base: &base,
            one: &one,
            demand: &demand,
            network: &network,
        };
        service.group(Layout::Tensor, 2, 8).unwrap().output.p50
    };
    let (slow, fast) =
        (rate(Network { gbs: 0.125, latency_us: 200.0 }), rate(Network { gbs: 12.5, latency_us: 20.0 }));
    assert!(fast > 1.2 * slow, "{fast} and {slow}");
}

#[test]
fn llama_cpp_over_machines_gives_room_and_not_speed() {
    let asked = Asked {
        rig: rig("RTX 3060 12 GB", 1),
        model: "Qwen/Qwen3-32B",
        level: "Q4_K_M",
        engine: Engine::LlamaCpp,
        demand: Demand { arrivals_per_minute: 0.2, wait_s: 60.0, rate: 5.0, ..Demand::default() },
    };
    let answer = asked.answer();
    let series = answer.offers.iter().find(|offer| offer.group.layout == Layout::Series).unwrap();
    assert!(series.group.machines >= 2);
    assert!(series.group.plan.fit.class <= crate::estimate::FitClass::Tight);
}

#[test]
fn what_no_machine_can_do_says_what_is_missing() {
    let reason = |demand: Demand| {
        let answer = Asked { demand, ..chat() }.answer();
        assert!(answer.offers.is_empty());
        answer.refused.into_iter().find(|(layout, _)| *layout == Layout::Replica).unwrap().1
    };
    let fast = Demand { rate: 5000.0, ..Demand::default() };
    assert!(reason(fast).contains("tokens a second at best, not 5000"));
    let soon = Demand { wait_s: 0.01, tokens_in: 4000, ..Demand::default() };
    assert!(reason(soon).contains("Reading the prompt alone takes"));
    let many = Demand { arrivals_per_minute: 900_000.0, ..Demand::default() };
    assert_eq!(reason(many), "More than 64 machines would be needed.");
}

#[test]
fn a_newer_question_ends_the_old_one() {
    let asked = chat();
    let catalog = Catalog::embedded();
    let base = Scenario::default();
    let service = Service {
        estimator: Estimator::embedded(),
        model: catalog.get(catalog.find(asked.model).unwrap()),
        level: asked.level.parse().unwrap(),
        base: &base,
        one: &asked.rig,
        demand: &asked.demand,
        network: &Network::default(),
    };
    assert_eq!(service.answer(&|| true), None);
}
