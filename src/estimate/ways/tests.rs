use super::*;
use crate::estimate::rig::{Device, Host};
use crate::estimate::scenario::Engine;
use crate::machine::{Os, Vendor};
use crate::model::Catalog;

fn device(name: &str, capacity: f64, free: f64, bandwidth: f64) -> Device {
    Device {
        name: name.to_owned(),
        vendor: Vendor::Nvidia,
        architecture: Some("Ampere".to_owned()),
        compute_units: Some(28),
        capacity: Bytes::from_gib(capacity),
        free: Bytes::from_gib(free),
        free_is_known: true,
        bandwidth_gbs: Some(bandwidth),
        fp16_tflops: Some(25.0),
        ..Device::default()
    }
}

fn rtx_3060() -> Device {
    device("NVIDIA GeForce RTX 3060", 12.0, 11.1, 360.0)
}

fn rig(devices: Vec<Device>) -> Rig {
    let host = Host {
        capacity: Bytes::from_gib(64.0),
        free: Bytes::from_gib(51.4),
        bandwidth_gbs: 51.2,
        bandwidth_is_assumed: false,
        ..Host::default()
    };
    Rig { devices, host, os: Os::Linux, unused: Vec::new(), own: None }
}

fn asking(context: u32) -> Scenario {
    Scenario { context, depth: context, ..Scenario::default() }
}

fn model(name: &str) -> &'static Model {
    let catalog = Catalog::embedded();
    catalog.get(catalog.find(name).unwrap())
}

fn find(name: &str, level: &str, scenario: &Scenario, rig: &Rig) -> Ways {
    Ways::find(Estimator::embedded(), model(name), level.parse().unwrap(), scenario, rig).unwrap()
}

fn rtx_3090() -> Device {
    device("NVIDIA GeForce RTX 3090", 24.0, 23.6, 936.0)
}

fn asked(level: &str, scenario: &Scenario, rig: &Rig) -> Question {
    Question { level: level.parse().unwrap(), scenario: scenario.clone(), rig: rig.clone() }
}

fn answer(name: &str, question: &Question) -> Brief {
    let estimator = Estimator::embedded();
    estimator.brief(model(name), question.level, &question.scenario, &question.rig).unwrap()
}

/// The ways that change one thing of a kind.
fn of_kind(ways: &Ways, kind: impl Fn(&Change) -> bool) -> Vec<&Way> {
    ways.ways.iter().filter(|way| matches!(way.changes.as_slice(), [change] if kind(change))).collect()
}

fn context_of(way: &Way) -> Option<u32> {
    way.changes.iter().find_map(|change| match change {
        Change::Context(context) => Some(*context),
        _ => None,
    })
}

const QWEN_14B: &str = "Qwen/Qwen3-14B";
const QWEN_MOE: &str = "Qwen/Qwen3-30B-A3B";

#[test]
fn what_spills_a_little_comes_back_by_cache_level_context_or_card() {
    let (scenario, rig) = (asking(16_384), rig(vec![rtx_3060()]));
    let ways = find(QWEN_14B, "Q5_K_M", &scenario, &rig);
    assert_eq!((ways.present.class, ways.goal), (FitClass::Offload, Goal::OnGpu));
    let changes: Vec<&Change> = ways.ways.iter().flat_map(|way| &way.changes).collect();
    assert!(
        changes[..2].contains(&&Change::Cache(CacheType::Q8_0)),
        "what costs least comes first: {changes:?}"
    );
    assert!(changes.contains(&&Change::Level("Q4_K_M".parse().unwrap())), "{changes:?}");
    assert!(matches!(changes.last(), Some(Change::Cards(cards)) if cards.same && cards.count == 1));
    assert!(ways.ways.iter().all(|way| way.reaches == Some(Aim::OnGpu)));
    assert!(ways.ways.iter().all(|way| way.after.decode.unwrap().p50 > ways.present.decode.unwrap().p50));
}

#[test]
fn every_figure_is_that_of_the_change_made() {
    let catalog = Catalog::embedded();
    let rigs = [
        rig(vec![rtx_3060()]),
        rig(vec![rtx_3090(), rtx_3060()]),
        rig(Vec::new()),
        rig(vec![Device { unified: true, ..device("Shared", 48.0, 40.0, 400.0) }]),
    ];
    for (place, base) in catalog.bases().iter().enumerate() {
        let model = catalog.get(base.id);
        let rig = &rigs[place % rigs.len()];
        let scenario = asking(if place % 3 == 0 { 65_536 } else { 16_384 });
        let question = asked(if place % 2 == 0 { "Q4_K_M" } else { "Q8_0" }, &scenario, rig);
        let estimator = Estimator::embedded();
        let Ok(ways) = Ways::find(estimator, model, question.level, &scenario, rig) else { continue };
        for way in &ways.ways {
            let name = format!("{}: {:?}", model.id, way.changes);
            let changed = way.changes.iter().fold(question.clone(), Question::with);
            let again = estimator.brief(model, changed.level, &changed.scenario, &changed.rig).unwrap();
            assert_eq!(again, way.after, "{name}");
            assert!(way.after.class <= ways.present.class, "{name}: worse");
            let faster = way
                .after
                .decode
                .zip(ways.present.decode)
                .is_some_and(|(after, before)| after.p50 >= before.p50 * 1.1);
            let less_lacks = ways.missing > Bytes::ZERO && way.missing < ways.missing;
            let better = way.after.class < ways.present.class;
            assert!(way.reaches.is_some() || faster || better || less_lacks, "{name}: for nothing");
            assert_eq!(way.missing > Bytes::ZERO, !way.after.class.runs(), "{name}");
        }
    }
}

#[test]
fn each_change_is_the_smallest_of_its_kind() {
    let (scenario, rig) = (asking(65_536), rig(vec![rtx_3060()]));
    for (name, level) in [(QWEN_14B, "Q4_K_M"), ("google/gemma-3-12b-it", "Q5_K_M"), (QWEN_MOE, "Q3_K_M")] {
        let question = asked(level, &scenario, &rig);
        let ways = find(name, level, &scenario, &rig);
        for way in &ways.ways {
            let (Some(aim), Some(context)) = (way.reaches, context_of(way)) else { continue };
            let longer = answer(name, &question.clone().with(&Change::Context(context + 256)));
            assert!(!aim.is_reached(longer.class), "{name}: {context} is not the longest");
        }
        for way in of_kind(&ways, |change| matches!(change, Change::Level(_))) {
            let Some(aim) = way.reaches else { continue };
            for level in Level::LADDER {
                let other = answer(name, &question.clone().with(&Change::Level(*level)));
                let more = other.quality.point() > way.after.quality.point();
                let smaller = other.file_bytes < ways.present.file_bytes;
                assert!(!(more && smaller && aim.is_reached(other.class)), "{name}: {level} keeps more");
            }
        }
    }
    let ways = find("Qwen/Qwen3-235B-A22B", "Q4_K_M", &asking(16_384), &rig);
    let ram = of_kind(&ways, |change| matches!(change, Change::Ram(_)));
    assert_eq!(ram[0].changes, [Change::Ram(Bytes::from_gib(192.0))], "128 GiB are not enough");
    let two = of_kind(&ways, |change| matches!(change, Change::Cards(cards) if cards.count == 2));
    assert_eq!(two[0].reaches, Some(Aim::OnGpu));
    let question = asked("Q4_K_M", &asking(16_384), &rig);
    let Change::Cards(cards) = &two[0].changes[0] else { unreachable!() };
    let one = Change::Cards(Cards { count: 1, ..cards.clone() });
    assert!(!Aim::OnGpu.is_reached(answer("Qwen/Qwen3-235B-A22B", &question.with(&one)).class));
}

#[test]
fn the_longest_contexts_are_those_of_the_plan() {
    let rig = rig(vec![rtx_3060()]);
    let on_gpu = find(QWEN_14B, "Q4_K_M", &asking(8192), &rig);
    let estimator = Estimator::embedded();
    let level = "Q4_K_M".parse().unwrap();
    for longest in &on_gpu.contexts {
        let scenario = Scenario { cache_k: longest.cache, cache_v: longest.cache, ..asking(8192) };
        let plan = estimator.longest_context(model(QWEN_14B), level, &scenario, &rig).unwrap();
        assert_eq!(longest.on_gpu, plan, "{:?}", longest.cache);
        assert!(longest.with_ram >= longest.on_gpu);
    }
    assert!(on_gpu.contexts.windows(2).all(|pair| pair[0].on_gpu < pair[1].on_gpu));
    let spills = find(QWEN_MOE, "Q8_0", &asking(8192), &rig);
    let plan =
        estimator.longest_context(model(QWEN_MOE), "Q8_0".parse().unwrap(), &asking(8192), &rig).unwrap();
    assert_eq!((spills.contexts[0].on_gpu, spills.contexts[0].with_ram), (None, plan));
    let odd = Scenario { cache_k: CacheType::Q5_1, cache_v: CacheType::Q5_1, ..asking(8192) };
    let types = |ways: &Ways| ways.contexts.iter().map(|longest| longest.cache).collect::<Vec<_>>();
    assert_eq!(
        types(&find(QWEN_14B, "Q4_K_M", &odd, &rig)),
        [CacheType::F16, CacheType::Q8_0, CacheType::Q4_0, CacheType::Q5_1]
    );
}

#[test]
fn a_guess_leads_to_the_same_end_as_bisection_alone() {
    let catalog = Catalog::embedded();
    let estimator = Estimator::embedded();
    let level = "Q4_K_M".parse().unwrap();
    let mut found = 0;
    for rig in [rig(vec![rtx_3060()]), rig(vec![rtx_3090(), rtx_3060()])] {
        for base in catalog.bases().iter().step_by(7) {
            let model = catalog.get(base.id);
            let scenario = asking(16_384);
            let Ok(ways) = Ways::find(estimator, model, level, &scenario, &rig) else { continue };
            let plain = estimator.longest_context(model, level, &scenario, &rig).unwrap();
            let LongestContext { on_gpu, with_ram, .. } = ways.contexts[0];
            assert_eq!(on_gpu.or(with_ram), plain, "{}", model.id);
            found += usize::from(plain.is_some());
        }
    }
    assert!(found > 60, "{found}");
}

#[test]
fn a_shorter_context_is_full_as_the_longer_was() {
    let question = asked("Q4_K_M", &asking(16_384), &rig(Vec::new()));
    let shorter = question.clone().with(&Change::Context(4096)).scenario;
    assert_eq!((shorter.context, shorter.depth), (4096, 4096));
    let four = question.with(&Change::Requests(4)).scenario;
    assert_eq!((four.concurrency, four.parallel, four.depth), (4, 4, 4096));
    let empty = asked("Q4_K_M", &Scenario { depth: 512, ..asking(16_384) }, &rig(Vec::new()));
    assert_eq!(empty.clone().with(&Change::Context(8192)).scenario.depth, 512);
    assert_eq!(empty.with(&Change::Context(256)).scenario.depth, 256);
}

#[test]
fn what_fits_is_left_alone_but_for_clearly_more_speed() {
    let rig = rig(vec![rtx_3090()]);
    assert_eq!(find("Qwen/Qwen3-8B", "Q4_K_M", &asking(16_384), &rig).goal, Goal::Faster);
    let ways = find("Qwen/Qwen3-8B", "Q8_0", &asking(4096), &rig);
    assert_eq!(ways.present.class, FitClass::Fits);
    assert!(!ways.ways.is_empty());
    for way in &ways.ways {
        assert!(matches!(way.changes.as_slice(), [Change::Level(_)]), "{:?}", way.changes);
        assert!(way.quality_lost(&ways.present) <= 0.03);
        assert!(way.after.decode.unwrap().p50 >= 1.1 * ways.present.decode.unwrap().p50);
    }
}

#[test]
fn what_is_tight_gets_room_to_spare() {
    let scenario = asking(12_288);
    let ways = find(QWEN_14B, "Q4_K_M", &scenario, &rig(vec![device("card", 12.0, 10.6, 360.0)]));
    assert_eq!((ways.present.class, ways.goal), (FitClass::Tight, Goal::OnGpu));
    assert!(ways.ways.iter().all(|way| way.after.class == FitClass::Fits));
    assert!(ways.ways.iter().any(|way| context_of(way).is_some()));
    assert!(!ways.ways.iter().any(Way::costs_money));
}

#[test]
fn closed_programs_cost_nothing() {
    let held = Device { used_by_others: Some(Bytes::from_gib(3.0)), ..device("card", 12.0, 8.5, 360.0) };
    let ways = find(QWEN_14B, "Q4_K_M", &asking(8192), &rig(vec![held]));
    assert_eq!(ways.present.class, FitClass::Offload);
    let first = &ways.ways[0];
    assert_eq!((first.changes.as_slice(), first.reaches), (&[Change::CloseOthers][..], Some(Aim::OnGpu)));
    let mut changed = rig(vec![Device {
        used_by_others: Some(Bytes::from_gib(3.0)),
        reserved: Bytes::from_gib(0.7),
        ..device("card", 12.0, 8.5, 360.0)
    }]);
    Change::CloseOthers.make_to(&mut changed);
    assert_eq!(changed.devices[0].free, Bytes::from_gib(12.0) - Bytes::from_gib(0.7), "the reserve stays");
    assert_eq!(changed.devices[0].used_by_others, None);
}

#[test]
fn experts_asked_onto_the_card_can_go_to_main_memory() {
    let placement = super::super::scenario::PlacementRequest {
        gpu_layers: Some(49),
        cpu_moe_layers: Some(0),
        ..Default::default()
    };
    let scenario = Scenario { placement, ..asking(8192) };
    let ways = find(QWEN_MOE, "Q4_K_M", &scenario, &rig(vec![device("RTX 4060", 8.0, 7.5, 272.0)]));
    assert_eq!((ways.present.class, ways.goal), (FitClass::TooBig, Goal::Fit));
    let experts = of_kind(&ways, |change| matches!(change, Change::ExpertsToRam(_)));
    assert_eq!(experts[0].after.class, FitClass::Offload);
    assert_eq!(of_kind(&ways, |change| *change == Change::FreePlacement)[0].after.class, FitClass::Offload);
}

#[test]
fn where_no_single_change_reaches_anything_two_do() {
    let mut rig = rig(vec![rtx_3090()]);
    rig.host.free = Bytes::from_gib(4.0);
    let ways = find("meta-llama/Llama-3.3-70B-Instruct", "Q8_0", &asking(131_072), &rig);
    let two = ways.ways.iter().find(|way| way.changes.len() == 2).unwrap();
    let [Change::Level(_), Change::Context(context)] = two.changes.as_slice() else { unreachable!() };
    assert!(*context >= 4096);
    assert_eq!(two.reaches, Some(Aim::Memory));
    assert!(
        !ways.ways.iter().any(|way| way.changes.len() == 1 && way.reaches.is_some() && !way.costs_money())
    );
}

#[test]
fn what_only_helps_says_what_is_missing() {
    let ways = find("openai/gpt-oss-120b", "Q8_0", &asking(16_384), &rig(vec![rtx_3060()]));
    let level = of_kind(&ways, |change| matches!(change, Change::Level(_)));
    assert!(level[0].reaches.is_none() && level[0].missing > Bytes::ZERO);
    assert!(
        ways.ways.iter().position(|way| way.reaches.is_none())
            > ways.ways.iter().rposition(|way| way.reaches.is_some())
    );
}

#[test]
fn requests_are_given_up_where_their_state_is_what_is_too_much() {
    let scenario = Scenario { concurrency: 64, parallel: 64, depth: 512, ..asking(32_768) };
    let ways =
        find("Qwen/Qwen3-Next-80B-A3B-Instruct", "IQ3_XXS", &scenario, &rig(vec![rtx_3090(), rtx_3060()]));
    let fewer = of_kind(&ways, |change| matches!(change, Change::Requests(_)));
    let Change::Requests(requests) = fewer[0].changes[0] else { unreachable!() };
    assert!((1..64).contains(&requests));
}

#[test]
fn no_card_goes_into_a_laptop_or_a_shared_pool() {
    for device in [
        device("NVIDIA GeForce RTX 4060 Laptop GPU", 8.0, 7.5, 256.0),
        Device { unified: true, ..device("Shared", 24.0, 18.0, 400.0) },
    ] {
        let ways = find("Qwen/Qwen3-32B", "Q8_0", &asking(16_384), &rig(vec![device]));
        assert!(ways.present.class > FitClass::Tight);
        assert!(of_kind(&ways, |change| matches!(change, Change::Cards(_))).is_empty());
    }
}

#[test]
fn other_engines_have_their_own_levels_and_caches() {
    let scenario = Scenario { engine: Engine::Vllm, ..asking(16_384) };
    let rig =
        rig(vec![Device { architecture: Some("Ada".to_owned()), ..device("RTX 4070", 12.0, 11.5, 504.0) }]);
    let ways = find(QWEN_14B, "NATIVE", &scenario, &rig);
    assert_eq!((ways.present.class, ways.goal), (FitClass::TooBig, Goal::Fit));
    let levels = of_kind(&ways, |change| matches!(change, Change::Level(_)));
    let Change::Level(level) = levels[0].changes[0] else { unreachable!() };
    assert!(crate::estimate::engine::ladder(Engine::Vllm).contains(&level), "{level}");
    let program = of_kind(&ways, |change| matches!(change, Change::Engine(Engine::LlamaCpp)));
    assert_eq!(program[0].after.class, FitClass::Offload);
    let types: Vec<CacheType> = ways.contexts.iter().map(|longest| longest.cache).collect();
    assert_eq!(types, [CacheType::F16, CacheType::Fp8]);
}

#[test]
fn what_no_engine_runs_has_no_ways() {
    let scenario = Scenario { engine: Engine::Vllm, ..asking(8192) };
    let level = "Q4_K_M".parse().unwrap();
    assert!(Ways::find(Estimator::embedded(), model(QWEN_14B), level, &scenario, &rig(Vec::new())).is_err());
}
