//! Work and money against worked examples, and the presets on one machine against arithmetic by hand.

use std::path::Path;

use plimsoll::estimate::cost::{Home, energy};
use plimsoll::estimate::workload::{Agent, Detail, Of, Worker, Workload, presets};
use plimsoll::estimate::{Estimator, Rig, Scenario};
use plimsoll::machine::probe::recording;
use plimsoll::model::Catalog;
use serde::Deserialize;

#[derive(Deserialize)]
struct Asset {
    examples: Vec<Example>,
}

#[derive(Deserialize)]
struct Example {
    id: String,
    calc: f64,
    expected: Option<f64>,
    tol: Option<f64>,
}

/// What the program gives for an example.
fn given(id: &str) -> Option<f64> {
    let used_3090 =
        Home { net_price: 400.0, years: 3.0, utilization: 0.05, load_w: 350.0, idle_w: 20.0, per_kwh: 0.30 };
    let agent = Agent { turns: 30, first: 12_000, new: 1500, output: 200, kept: 0.94 };
    Some(match id {
        "E1" => energy::joules_per_token(1500.0, 41.8),
        // From the rounded joules of E1.
        "E2" => energy::kwh_per_million(35.885),
        "E3" => energy::kwh_per_million(1.0 / 2.42),
        "E4" => used_3090.per_million(110.0),
        "E5" => used_3090.electricity_per_million(110.0),
        "A1" => agent.all_reads(),
        _ => return None,
    })
}

#[test]
fn worked_examples() {
    let text = include_str!("../data/cost_examples.json");
    let asset: Asset = serde_json::from_str(text).unwrap();
    let mut seen = 0;
    for example in asset.examples {
        let Some(found) = given(&example.id) else { continue };
        seen += 1;
        assert!(
            (found / example.calc - 1.0).abs() < 1e-6,
            "{}: {found} against {}",
            example.id,
            example.calc
        );
        if let Some((expected, tolerance)) = example.expected.zip(example.tol) {
            assert!((found - expected).abs() <= tolerance, "{}: {found} against {expected}", example.id);
        }
    }
    assert_eq!(seen, 6);
}

fn rig() -> Rig {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/machines/rtx-3060-desktop.json");
    Rig::from(&recording::read(&file).unwrap())
}

/// The plan's rates in the scenario that a preset comes down to: prompt tokens/s after `depth`, and tokens/s of all.
fn rates(context: u32, depth: u32, prompt: u32, requests: u32) -> (f64, f64) {
    rates_of("Qwen/Qwen3-8B", context, depth, prompt, requests)
}

fn rates_of(model: &str, context: u32, depth: u32, prompt: u32, requests: u32) -> (f64, f64) {
    let catalog = Catalog::embedded();
    let model = catalog.get(catalog.find(model).unwrap());
    let scenario = Scenario {
        context: context * requests,
        parallel: requests,
        concurrency: requests,
        depth,
        prompt_tokens: prompt,
        ..Scenario::default()
    };
    let plan = Estimator::embedded().plan(model, "Q5_K_M".parse().unwrap(), &scenario, &rig()).unwrap();
    (plan.speed.prefill.unwrap().p50, plan.speed.decode.unwrap().p50)
}

fn answer(preset: &str, at_once: Option<u32>) -> plimsoll::estimate::workload::Answer {
    answer_of("Qwen/Qwen3-8B", preset, at_once)
}

fn answer_of(model: &str, preset: &str, at_once: Option<u32>) -> plimsoll::estimate::workload::Answer {
    let catalog = Catalog::embedded();
    let rig = rig();
    let worker = Worker {
        estimator: Estimator::embedded(),
        model: catalog.get(catalog.find(model).unwrap()),
        level: "Q5_K_M".parse().unwrap(),
        scenario: &Scenario::default(),
        rig: &rig,
    };
    worker.answer(&presets::preset(preset).unwrap().work, at_once, Detail::All).unwrap()
}

fn near(found: f64, expected: f64) -> bool {
    (found / expected - 1.0).abs() < 1e-6
}

#[test]
fn a_chat_by_hand() {
    let found = answer("chat", None);
    // 2,000 tokens are kept, 160 are read after them; the answer of 340 is written at 2,000 + 160 + 170.
    let (prompt, _) = rates(2560, 2000, 160, 1);
    let (_, first_step) = rates(2560, 2160, 1, 1);
    let (_, decode) = rates(2560, 2330, 1, 1);
    let first = 160.0 / prompt + 1.0 / first_step + 0.01;
    assert!((found.first_token.p50 - first).abs() < 0.011, "{} against {first}", found.first_token.p50);
    let Of::Chat(chat) = found.of else { panic!("a chat") };
    assert!(near(chat.whole.p50 - found.first_token.p50, 340.0 / decode));
    assert!(chat.cold.p50 > 2.0 * found.first_token.p50);
}

#[test]
fn a_batch_by_hand() {
    // One at a time: 160 shared tokens once, then 6,240 read after them and 400 written, 5,000 times.
    let found = answer("contracts", Some(1));
    let (shared, _) = rates(6912, 0, 160, 1);
    let (prompt, _) = rates(6912, 160, 6240, 1);
    let (_, decode) = rates(6912, 6600, 1, 1);
    let by_hand = 160.0 / shared + 5000.0 * (6240.0 / prompt + 400.0 / decode);
    assert!(near(found.busy.p50, by_hand), "{} against {by_hand}", found.busy.p50);
}

#[test]
fn an_agent_by_hand() {
    // Qwen3 8B holds 40,960 tokens, and the run comes to 61,500.
    let model = "Qwen/Qwen3-4B-Instruct-2507";
    let found = answer_of(model, "agent", None);
    let Of::Agent(run) = found.of else { panic!("an agent") };
    // 12,000 + 29 · 1,500 + 6 % of (29 · 12,000 + 1,700 · 435).
    assert!((run.reads - 120_750.0).abs() < 1e-6);
    assert_eq!((run.turns.len(), run.turns[29].prompt), (30, 12_000 + 29 * 1700));
    // The last turn: 1,500 + 0.06 · 61,300 tokens are read, 200 written.
    let room = 61_696;
    let reads: f64 = 1500.0 + 0.06 * 61_300.0;
    let (prompt, _) = rates_of(model, room, 61_300 - reads.round() as u32, reads.round() as u32, 1);
    let (_, decode) = rates_of(model, room, 61_400, 1, 1);
    let by_hand = reads / prompt + 200.0 / decode;
    let last = run.turns[29].seconds.p50;
    assert!((last - by_hand).abs() < 0.05, "{last} against {by_hand}");
    assert!(run.without.p50 - run.seconds.p50 > 4.0 * run.reading.p50, "nine times as much is read");
}

#[test]
fn a_team_by_hand() {
    let found = answer("team", None);
    let Of::Users(users) = &found.of else { panic!("users") };
    let Workload::Users(asked) = &presets::preset("team").unwrap().work else { panic!("users") };
    let outcome = users.outcomes[1].unwrap();
    // Little's law: busy share = arrivals · work of one, and work of one alone is the most that it can be.
    let (prompt, decode) = rates(1280, 0, 1020, 1);
    let alone = 1020.0 / prompt + 130.0 / decode;
    let most = asked.per_minute / 60.0 * alone;
    // Few come at a time, so most are answered alone, and those that are not take longer.
    let share = outcome.utilization / most;
    assert!((0.95..1.15).contains(&share), "{} against {most}", outcome.utilization);
    assert!(outcome.first_token.p50 >= 1020.0 / prompt);
    assert!(users.most_in_time <= users.capacity.p50);
    assert_eq!(answer("team", None), found, "the same question has the same answer");
}

#[test]
fn a_completion_by_hand() {
    let found = answer("completion", None);
    // 100 changed tokens after 1,400, 13 written.
    let (prompt, _) = rates(1536, 1400, 100, 1);
    let (_, decode) = rates(1536, 1506, 1, 1);
    let by_hand = 100.0 / prompt + 13.0 / decode;
    assert!((found.busy.p50 - by_hand).abs() < 0.03, "{} against {by_hand}", found.busy.p50);
}

#[test]
fn models_that_resume_at_checkpoints_read_more() {
    let catalog = Catalog::embedded();
    let rig = rig();
    let run = |model: &str| {
        let worker = Worker {
            estimator: Estimator::embedded(),
            model: catalog.get(catalog.find(model).unwrap()),
            level: "Q4_K_M".parse().unwrap(),
            scenario: &Scenario::default(),
            rig: &rig,
        };
        match worker.answer(&presets::preset("agent").unwrap().work, None, Detail::All).unwrap().of {
            Of::Agent(run) => run,
            _ => panic!("an agent"),
        }
    };
    let (dense, hybrid) = (run("Qwen/Qwen3-4B-Instruct-2507"), run("Qwen/Qwen3.5-4B"));
    assert!(!dense.from_checkpoints && hybrid.from_checkpoints);
    // Half of 8,192 tokens in each of 29 turns.
    assert!((hybrid.reads - dense.reads - 29.0 * 4096.0).abs() < 1.0);
    let width = |run: &plimsoll::estimate::workload::AgentAnswer| run.reading.p90 / run.reading.p10;
    assert!(width(&hybrid) > width(&dense), "and how much is not known");
}
