use super::*;
use crate::estimate::Estimator;
use crate::machine::Machine;
use crate::machine::spec::{GpuSpec, MachineSpec};
use crate::model::Catalog;

fn rig(gpu: &str, count: u32) -> Rig {
    let gpus = vec![GpuSpec { count, ..GpuSpec::named(gpu) }];
    let spec = MachineSpec { gpus, ram_gib: Some(64.0), ..MachineSpec::default() };
    Rig::from(&spec.resolve().unwrap().machine)
}

fn asked(rig: &Rig, model: &str, scenario: &Scenario) -> Result<Advice, String> {
    let catalog = Catalog::embedded();
    let model = catalog.get(catalog.find(model).unwrap());
    let plan = Estimator::embedded().plan(model, "Q4_K_M".parse().unwrap(), scenario, rig).unwrap();
    advise(&plan, scenario, rig)
}

#[test]
fn limits_are_round_and_end_where_the_card_does() {
    assert_eq!(limits(199.5, 212.0).collect::<Vec<_>>(), [200.0, 205.0, 210.0, 212.0]);
    assert_eq!(limits(200.0, 210.0).collect::<Vec<_>>(), [200.0, 205.0, 210.0]);
}

#[test]
fn a_3090_that_writes_is_held_back_to_where_three_percent_are_lost() {
    let scenario = Scenario { prompt_tokens: 64, output_tokens: 2048, ..Scenario::default() };
    let advice = asked(&rig("RTX 3090", 1), "Qwen/Qwen3-14B", &scenario).unwrap();
    let point = advice.point().unwrap();
    // At 280 W decode loses 0.06 · (1 − 280/350)/0.43 = 2.8 %; at 275 W a request takes 3.1 % longer.
    assert_eq!((advice.rated_w, point.watts), (350.0, 280.0));
    assert!(point.slower > 1.025 && point.slower <= 1.03, "{}", point.slower);
    // It draws 337 W of 350, then 98 % of the limit.
    let full = advice.points.last().unwrap();
    let kept = 1.0 - 0.06 * (1.0 - 280.0 / 350.0) / 0.43;
    assert!((point.decode.p50 / full.decode.p50 - kept).abs() < 1e-9);
    let joules = point.token_joules.unwrap().p50 / full.token_joules.unwrap().p50;
    assert!((joules - 0.98 * 280.0 / 337.0 / kept).abs() < 1e-9);
    assert_eq!(advice.command.unwrap().0, "nvidia-smi -i 0 -pl 280");
    assert!(advice.draw_is_measured);
}

#[test]
fn who_reads_much_is_told_a_higher_limit() {
    let rig = rig("RTX 3090", 1);
    let writes = Scenario { prompt_tokens: 64, output_tokens: 2048, ..Scenario::default() };
    let reads = Scenario { prompt_tokens: 8000, output_tokens: 100, context: 16_384, ..Scenario::default() };
    let watts = |scenario| asked(&rig, "Qwen/Qwen3-14B", scenario).unwrap().point().unwrap().watts;
    assert!(watts(&reads) > watts(&writes));
}

#[test]
fn the_cards_own_range_and_the_evidence_bound_the_limits() {
    let mut rig = rig("RTX 3090", 1);
    rig.devices[0].power_range_watts = Some((300.0, 390.0));
    let scenario = Scenario::default();
    let advice = asked(&rig, "Qwen/Qwen3-14B", &scenario).unwrap();
    let watts: Vec<f64> = advice.points.iter().map(|point| point.watts).collect();
    assert_eq!((watts[0], *watts.last().unwrap()), (300.0, 350.0));
    rig.devices[0].power_range_watts = Some((100.0, 350.0));
    let advice = asked(&rig, "Qwen/Qwen3-14B", &scenario).unwrap();
    assert_eq!(advice.points[0].watts, 200.0);
    assert!((advice.evidence_ends_w - 199.5).abs() < 1e-9);
    rig.devices[0].power_range_watts = Some((350.0, 350.0));
    assert_eq!(
        asked(&rig, "Qwen/Qwen3-14B", &scenario),
        Err("The limit of the RTX 3090 cannot be lowered.".to_owned())
    );
}

#[test]
fn where_nothing_was_measured_it_says_so() {
    let scenario = Scenario::default();
    let refused = |rig: &Rig, model: &str| asked(rig, model, &scenario).unwrap_err();
    assert!(
        refused(&rig("RTX 3060 12 GB", 1), "Qwen/Qwen3-32B")
            .starts_with("Part of the model is not on the card")
    );
    assert!(refused(&rig("GeForce RTX 4090 Laptop GPU", 1), "Qwen/Qwen3-8B").contains("laptop"));
    assert!(
        refused(&Rig::from(&Machine::named("none", crate::machine::Os::Linux)), "Qwen/Qwen3-8B")
            .contains("no card")
    );
}

#[test]
fn several_cards_have_no_energy_and_one_line_each() {
    let scenario = Scenario { prompt_tokens: 64, output_tokens: 2048, ..Scenario::default() };
    let advice = asked(&rig("RTX 3090", 2), "Qwen/Qwen3-32B", &scenario).unwrap();
    if advice.cards == 2 {
        assert!(advice.points.iter().all(|point| point.token_joules.is_none()));
    }
    assert_eq!(advice.command.unwrap().0.lines().count(), 2);
}
