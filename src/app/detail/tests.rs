//! Details of real models on small machines.

use super::*;
use crate::estimate::rig::{Device, Host};
use crate::machine::{Os, Vendor};
use crate::units::Bytes;

fn host(gib: f64) -> Host {
    Host {
        cpu: None,
        threads: Some(8),
        capacity: Bytes::from_gib(64.0),
        free: Bytes::from_gib(gib),
        bandwidth_gbs: 51.2,
        bandwidth_is_assumed: false,
        ..Host::default()
    }
}

fn rig(devices: &[(&str, f64, f64)]) -> Rig {
    let device = |&(name, capacity, free): &(&str, f64, f64)| Device {
        name: name.to_owned(),
        vendor: Vendor::Nvidia,
        architecture: Some("Ampere".to_owned()),
        compute_units: Some(28),
        capacity: Bytes::from_gib(capacity),
        free: Bytes::from_gib(free),
        free_is_known: true,
        bandwidth_gbs: Some(360.0),
        fp16_tflops: Some(25.0),
        unified: false,
        power_watts: Some(170.0),
        ..Device::default()
    };
    Rig {
        devices: devices.iter().map(device).collect(),
        host: host(51.4),
        os: Os::Linux,
        unused: Vec::new(),
        own: None,
    }
}

fn detail(model: &str, level: &str, scenario: &Scenario, rig: &Rig) -> Detail {
    let catalog = Catalog::embedded();
    let id = catalog.find(model).unwrap();
    Detail::build(catalog, Estimator::embedded(), id, level.parse().unwrap(), scenario, rig)
}

fn asking(context: u32) -> Scenario {
    Scenario { context, ..Scenario::default() }
}

const RTX_3060: (&str, f64, f64) = ("RTX 3060", 12.0, 11.1);

fn names(bars: &[MemoryBar]) -> Vec<&str> {
    bars.iter().map(|bar| bar.name.as_str()).collect()
}

#[test]
fn what_fits_has_all_its_figures() {
    let detail = detail("Qwen/Qwen3-14B", "Q4_K_S", &asking(8192), &rig(&[RTX_3060]));
    assert_eq!(detail.class(), Some(FitClass::Fits));
    assert_eq!(detail.figures.len(), 4);
    assert!(detail.figures.iter().all(|figure| figure.number.is_some() && !figure.why.is_empty()));
    let units: Vec<&str> = detail.figures.iter().map(|figure| figure.unit).collect();
    assert_eq!(units, ["GiB", "tok/s", "K", "%"]);
    assert!(detail.figures[1].caption.ends_with("estimated"), "{}", detail.figures[1].caption);
    assert_eq!(detail.figures[2].caption, "longest on GPU");
    assert_eq!(names(&detail.memory), ["RTX 3060"]);
    assert_eq!(detail.memory[0].over(), Bytes::ZERO);
    assert!(detail.memory_aside.as_ref().unwrap().text.contains("GiB in RAM"));
    assert!(detail.launches[0].launch.text().starts_with("llama-server"));
    assert_eq!(detail.known.len(), 9);
    let cold = detail.known.iter().find(|known| known.name.contains("cold start")).unwrap();
    assert!(cold.statement.contains("read the file") && cold.basis.contains("GB/s"), "{cold:?}");
    let guessing = detail.known.iter().find(|known| known.name == "Guessing ahead").unwrap();
    assert!(guessing.statement.contains("Qwen3") && guessing.basis.starts_with("Off"), "{guessing:?}");
    assert_eq!(detail.plan.as_ref().unwrap().speed.speculation, None);
}

#[test]
fn the_figures_are_those_of_the_selected_rung() {
    let scenario = Scenario { depth: 8192, ..asking(8192) };
    let detail = detail("Qwen/Qwen3-14B", "Q4_K_S", &scenario, &rig(&[RTX_3060]));
    let plan = detail.plan.as_ref().unwrap();
    let rung = detail.ladder.iter().find(|rung| rung.level == detail.level).unwrap();
    let brief = rung.brief.as_ref().unwrap();
    assert_eq!(brief.need, plan.memory.total());
    assert_eq!(brief.decode, plan.speed.decode);
    assert_eq!(detail.curve.present.map(|point| point.decode), plan.speed.decode);
}

#[test]
fn the_ladder_climbs_and_leaves_out_what_is_published_in_no_format_of_its_own() {
    let scenario = asking(8192);
    let dense = detail("Qwen/Qwen3-14B", "Q4_K_M", &scenario, &rig(&[RTX_3060]));
    assert!(dense.ladder.is_sorted_by_key(|rung| rung.level));
    assert_eq!(dense.ladder.len(), 12, "no NATIVE beside BF16");
    let native = detail("openai/gpt-oss-20b", "NATIVE", &scenario, &rig(&[RTX_3060]));
    assert_eq!(native.ladder.len(), 13);
    let other = detail("Qwen/Qwen3-14B", "IQ2_M", &scenario, &rig(&[RTX_3060]));
    assert_eq!(other.ladder[0].level.to_string(), "IQ2_M", "the chosen level is always a rung");
    assert_eq!(other.ladder.len(), 13);
}

#[test]
fn one_rung_is_the_best_and_says_why() {
    let detail = detail("Qwen/Qwen3-14B", "Q8_0", &asking(8192), &rig(&[RTX_3060]));
    let best: Vec<&Rung> = detail.ladder.iter().filter(|rung| rung.best).collect();
    assert_eq!(best.len(), 1);
    let brief = best[0].brief.as_ref().unwrap();
    assert!(brief.class <= FitClass::Tight && brief.quality.point() > 0.97, "{}", best[0].why);
    assert!(best[0].why.contains("Best of its row"), "{}", best[0].why);
}

#[test]
fn the_curve_leaves_the_gpu_where_the_longest_context_says() {
    let detail = detail("Qwen/Qwen3-14B", "Q4_K_M", &asking(16_384), &rig(&[RTX_3060]));
    let longest = detail.plan.as_ref().unwrap().fit.max_context.unwrap();
    assert_eq!(detail.curve.leaves_gpu, Some(longest));
    let rate =
        |context: u32| detail.curve.points.iter().find(|point| point.context == context).unwrap().decode.p50;
    assert!(rate(longest + 256) < rate(longest), "spilling costs speed");
    assert!(detail.curve.points.windows(2).all(|pair| pair[1].decode.p50 < pair[0].decode.p50));
}

#[test]
fn a_context_past_the_training_does_not_leave_the_gpu_for_that() {
    let detail = detail("allenai/OLMo-1B-hf", "Q4_K_M", &asking(16_384), &rig(&[RTX_3060]));
    assert_eq!(detail.class(), Some(FitClass::Fits));
    assert_eq!(detail.plan.as_ref().unwrap().fit.max_context, Some(2048), "what it was trained for");
    assert_eq!(detail.curve.points.last().unwrap().context, 16_384);
    assert_eq!(detail.curve.leaves_gpu, None);
}

#[test]
fn what_spills_has_a_bar_for_the_ram() {
    let detail = detail("Qwen/Qwen3-14B", "Q8_0", &asking(8192), &rig(&[RTX_3060]));
    assert_eq!(detail.class(), Some(FitClass::Offload));
    assert_eq!(names(&detail.memory), ["RTX 3060", "RAM"]);
    assert_eq!(detail.memory_aside, None);
}

#[test]
fn two_cards_of_a_name_are_told_apart() {
    let cards = [("NVIDIA GeForce RTX 3090", 24.0, 23.6), ("NVIDIA GeForce RTX 3090", 24.0, 23.6)];
    let detail = detail("Qwen/Qwen3-32B", "Q8_0", &asking(8192), &rig(&cards));
    assert_eq!(names(&detail.memory)[..2], ["RTX 3090 #1", "RTX 3090 #2"]);
}

#[test]
fn one_pool_has_one_bar() {
    let mut rig = rig(&[("Apple M3 Max", 48.0, 46.0)]);
    rig.devices[0].unified = true;
    let detail = detail("Qwen/Qwen3-14B", "Q4_K_M", &asking(8192), &rig);
    assert_eq!(names(&detail.memory), ["Apple M3 Max, shared memory"]);
    let plan = detail.plan.unwrap();
    assert_eq!(detail.memory[0].parts.total(), plan.memory.total());
    assert_eq!(detail.load_line.free, Bytes::from_gib(46.0));
}

#[test]
fn a_machine_without_gpu_is_a_normal_machine() {
    let detail = detail("Qwen/Qwen3-14B", "Q4_K_M", &asking(8192), &rig(&[]));
    assert_eq!(detail.class(), Some(FitClass::Cpu));
    assert_eq!(detail.load_line, LoadLine { free: Bytes::from_gib(51.4), name: "free RAM", with_ram: None });
    assert_eq!(detail.memory.len(), 1);
    assert_eq!(detail.curve.leaves_gpu, None);
    assert!(!detail.figures[2].caption.contains("GPU"), "{}", detail.figures[2].caption);
}

#[test]
fn what_generates_no_text_has_no_speed_and_says_why() {
    let detail = detail("Qwen/Qwen3-Embedding-0.6B", "Q8_0", &asking(8192), &rig(&[RTX_3060]));
    let speed = &detail.figures[1];
    assert_eq!(speed.number, None);
    assert!(speed.why.contains("embedding"), "{}", speed.why);
    assert!(detail.curve.points.is_empty());
    assert!(detail.curve.missing.as_ref().unwrap().contains("embedding"));
    assert!(detail.ladder.iter().all(|rung| rung.brief.as_ref().unwrap().decode.is_none()));
}

#[test]
fn what_is_too_big_is_not_given_a_speed() {
    let detail = detail("deepseek-ai/DeepSeek-V3", "Q8_0", &asking(8192), &rig(&[RTX_3060]));
    assert_eq!(detail.class(), Some(FitClass::TooBig));
    assert_eq!(detail.figures[1].number, None);
    assert_eq!(detail.figures[1].why, "No decode speed: it does not fit.");
    assert_eq!(detail.curve.missing.as_deref(), Some("it does not fit"));
}

#[test]
fn what_no_engine_runs_gets_the_reason_and_nothing_else() {
    let scenario = Scenario { engine: Engine::Vllm, ..asking(8192) };
    let detail = detail("Qwen/Qwen3-14B", "Q4_K_M", &scenario, &rig(&[]));
    let reason = &detail.plan.as_ref().unwrap_err().reason;
    assert!(detail.sentence.to_lowercase().starts_with(&reason.to_lowercase()), "{}", detail.sentence);
    assert!(detail.figures.is_empty() && detail.memory.is_empty() && detail.launches.is_empty());
    assert!(detail.ladder.iter().all(|rung| rung.why.contains("n/a")));
    assert!(!detail.facts.is_empty());
}

#[test]
fn every_part_of_a_memory_says_what_it_is_made_of() {
    let detail = detail("Qwen/Qwen3-14B", "Q4_K_S", &asking(8192), &rig(&[RTX_3060]));
    let why = &detail.memory[0].why;
    for part in [
        "weights 7.57 GiB = 40 layers 6.98 GiB + output 0.59 GiB",
        "KV cache 1.25 GiB = 40 layers × 8,192 cells × 8 heads × (128 + 128) × 2 bytes",
        "the graph of a batch of 512 tokens over 8,192 cells",
        "what the driver takes for a program, by the card's 28 units",
    ] {
        assert!(why.contains(part), "{part} is not in {why}");
    }
    let ram = &detail.memory_aside.as_ref().unwrap().why;
    assert!(ram.contains("weights 0.41 GiB = input embedding 0.41 GiB"), "{ram}");
    assert!(ram.contains("logits, 1 slot × 151,936 words × 4 bytes"), "{ram}");
}

#[test]
fn windows_and_states_are_told_apart() {
    let gemma = detail("google/gemma-3-12b-it", "Q4_K_M", &asking(32_768), &rig(&[RTX_3060]));
    let why = &gemma.memory[0].why;
    assert!(why.contains(" layers × 0.25 GiB + ") || why.contains(" windows × 12.0 MiB + "), "{why}");
    assert!(why.contains("; 0.25 GiB = 32,768 cells × 8 heads × (256 + 256) × 2 bytes"), "{why}");
    let four = Scenario { parallel: 4, concurrency: 4, ..asking(8192) };
    let hybrid = detail("Qwen/Qwen3.5-9B", "Q4_K_M", &four, &rig(&[RTX_3060]));
    let why = &hybrid.memory[0].why;
    assert!(why.contains("recurrent state 0.20 GiB = 24 layers × 8.4 MiB for 4 slots"), "{why}");
}

#[test]
fn a_speed_says_each_of_its_terms() {
    let moe = detail("Qwen/Qwen3-30B-A3B", "Q4_K_M", &asking(16_384), &rig(&[RTX_3060]));
    let why = &moe.figures[1].why;
    for part in [
        "Time of a token = bytes read ÷ (share reached × bandwidth) + layers × overhead",
        "RTX 3060: weights ",
        " % of 360 GB/s) = ",
        "RTX 3060: 48 layers × ",
        "RAM: experts ",
        " % of 51 GB/s) = ",
        "RAM: 2",
        " hops × ",
        "Together ",
        "Limited by RAM bandwidth",
    ] {
        assert!(why.contains(part), "{part} is not in {why}");
    }
    let rate = moe.figures[1].number.as_ref().unwrap();
    assert!(why.contains(&format!(": {rate} tok/s")), "{rate}: {why}");
}

#[test]
fn the_size_is_summed_over_its_tensors() {
    let detail = detail("Qwen/Qwen3-14B", "Q4_K_M", &asking(8192), &rig(&[RTX_3060]));
    let why = &detail.figures[0].why;
    assert!(why.contains("holds 443 tensors: 2"), "{why}");
    assert!(why.contains(" q4_K ") && why.contains(" q6_K ") && why.contains(" f32 "), "{why}");
}

#[test]
fn layers_lie_where_the_strip_says() {
    let scenario = asking(16_384);
    let cards = [("RTX 3090", 24.0, 23.6), ("RTX 3060", 12.0, 11.1)];
    let two = detail("Qwen/Qwen3.5-122B-A10B", "IQ4_XS", &scenario, &rig(&cards));
    let strip = &two.strip;
    assert_eq!((strip.columns.len(), strip.feed_forward, strip.light), (48, "Experts", "linear attention"));
    assert_eq!(strip.runs.len(), 2);
    assert_eq!((strip.runs[0].first, strip.runs[1].last), (0, 47));
    assert_eq!(strip.runs[0].last + 1, strip.runs[1].first);
    let full = strip.columns.iter().filter(|column| column.mixing == Some(Mixing::Full)).count();
    assert_eq!(full, 12);
    assert!(
        strip
            .columns
            .iter()
            .all(|column| (column.kept == Cached::State) == (column.mixing == Some(Mixing::Light)))
    );
    let out = strip.columns.iter().filter(|column| column.feed_forward == Some(Store::Ram)).count();
    assert_eq!(two.plan.as_ref().unwrap().placement.cpu_moe_layers as usize, out);
    assert_eq!(strip.note, format!("48 layers; experts of {out} in RAM"));
    assert!(
        strip.spoken.ends_with(&format!("; experts of layers 0 to {} in RAM", out - 1)),
        "{}",
        strip.spoken
    );
    let dense = detail("Qwen/Qwen3-14B", "Q8_0", &asking(8192), &rig(&[RTX_3060]));
    assert_eq!((dense.strip.feed_forward, dense.strip.light), ("Feed-forward", ""));
    assert_eq!(dense.strip.runs[0].name, "RAM");
    assert!(
        dense.strip.columns[0].words.contains("Weights ") && dense.strip.columns[0].words.contains(" in RAM")
    );
    assert!(dense.strip.beside[0].text.contains("as few layers as possible wait in RAM"));
}

#[test]
fn every_model_is_answered() {
    let catalog = Catalog::embedded();
    let rig = rig(&[RTX_3060, ("RTX 3090", 24.0, 23.6)]);
    let scenario = asking(8192);
    for base in catalog.bases() {
        let level = "Q4_K_M".parse().unwrap();
        let detail = Detail::build(catalog, Estimator::embedded(), base.id, level, &scenario, &rig);
        assert!(detail.sentence.ends_with('.'), "{}: {}", detail.name, detail.sentence);
        assert_eq!(detail.plan.is_ok(), detail.figures.len() == 4, "{}", detail.name);
        let layers = detail.strip.columns.len();
        assert!(detail.plan.is_err() || layers == catalog.get(base.id).n_layer as usize, "{}", detail.name);
        let ways = detail.ways.rows.iter().flat_map(|way| [&way.what, &way.brings, &way.costs, &way.why]);
        for text in ways.chain(detail.strip.columns.iter().map(|column| &column.words)) {
            assert!(!text.contains("NaN") && !text.is_empty(), "{}: {text}", detail.name);
        }
        let texts = detail.figures.iter().flat_map(|f| [&f.caption, &f.why]);
        for text in texts.chain(detail.known.iter().flat_map(|k| [&k.statement, &k.basis])) {
            assert!(!text.contains("NaN") && !text.contains("inf "), "{}: {text}", detail.name);
        }
    }
}

/// The detail with one more of its curves.
fn with_curve(model: &str, level: &str, scenario: &Scenario, rig: &Rig, kind: CurveKind) -> Detail {
    let mut detail = detail(model, level, scenario, rig);
    let model = Catalog::embedded().get(detail.model);
    assert!(detail.lacks(kind) && detail.curve_sheet(kind).is_none());
    detail.compute_curve(kind, Estimator::embedded(), model, scenario, rig);
    assert!(!detail.lacks(kind));
    detail
}

#[test]
fn memory_grows_with_context_until_the_card_is_full() {
    let (scenario, rig) = (asking(16_384), rig(&[RTX_3060]));
    let detail = with_curve("Qwen/Qwen3-8B", "Q6_K", &scenario, &rig, CurveKind::Memory);
    let curve = detail.curves.memory.as_ref().unwrap();
    assert!(curve.points.is_sorted_by(|a, b| a.context < b.context && a.cache <= b.cache));
    assert!(curve.points.iter().all(|point| point.weights == curve.points[0].weights));
    // The present point is the plan itself.
    let plan = detail.plan.as_ref().unwrap();
    assert_eq!(curve.present.unwrap().total(), plan.memory.total());
    // It breaks where the plan says that the longest context is.
    assert_eq!(curve.breaks, plan.fit.max_context);
    let breaks = curve.breaks.unwrap();
    let class = |context: u32| curve.points.iter().find(|point| point.context == context).unwrap().class;
    assert!(class(breaks) <= FitClass::Tight);
    let after = curve.points.iter().find(|point| point.context > breaks).unwrap();
    assert_eq!(after.class, FitClass::Offload);
    // 36 layers of 8 heads of 128, keys and values in 16 bits: 144 KiB a token, and what graph buffers grow by.
    assert!(curve.notes[0].starts_with("Each 1K tokens of context takes 150 MiB"), "{:?}", curve.notes);
    let sheet = detail.curve_sheet(CurveKind::Memory).unwrap();
    assert_eq!(sheet.rows.len(), curve.points.len());
    assert!(sheet.tab_separated().starts_with("Context\tWeights GiB\tCache GiB\tRest GiB\tGiB\n2048\t"));
}

#[test]
fn several_requests_share_the_reading_of_weights_until_the_cache_is_full() {
    let (scenario, rig) = (asking(8192), rig(&[RTX_3060]));
    let detail = with_curve("Qwen/Qwen3-8B", "Q4_K_M", &scenario, &rig, CurveKind::Requests);
    let curve = detail.curves.requests.as_ref().unwrap();
    assert_eq!((curve.context, curve.present.unwrap().requests), (8192, 1));
    let at = |requests: u32| curve.points.iter().find(|point| point.requests == requests).unwrap();
    assert!(at(2).total.p50 > at(1).total.p50 && at(2).each() < at(1).each());
    let full = curve.cache_full.unwrap();
    assert!(at(full).class <= FitClass::Tight && at(full + 1).class > FitClass::Tight);
    // So many contexts are as much memory as one that is so long.
    let long = detail.plan.as_ref().unwrap().fit.max_context.unwrap();
    assert!(full * 8192 <= long && long < (full + 1) * 8192 + 1024, "{full} requests, {long} tokens");
    assert_eq!(detail.curve_sheet(CurveKind::Requests).unwrap().rows.len(), curve.points.len());
}

#[test]
fn the_front_of_the_ladder_falls_in_neither_size_nor_quality() {
    let (scenario, rig) = (asking(8192), rig(&[RTX_3060]));
    let detail = with_curve("Qwen/Qwen3-8B", "Q4_K_M", &scenario, &rig, CurveKind::Quality);
    let curve = detail.curves.quality.as_ref().unwrap();
    let front: Vec<_> = curve.points.iter().filter(|point| point.front).collect();
    assert!(front.is_sorted_by(|a, b| a.need <= b.need && a.kept[1] < b.kept[1]));
    for beaten in curve.points.iter().filter(|point| !point.front) {
        assert!(front.iter().any(|other| other.need <= beaten.need && other.kept[1] >= beaten.kept[1]));
    }
    assert_eq!(curve.points.iter().filter(|point| point.chosen).count(), 1);
    assert_eq!(curve.points.len(), detail.ladder.iter().filter(|rung| rung.brief.is_ok()).count());
    let csv = detail.curve_sheet(CurveKind::Quality).unwrap().text(crate::app::report::Form::Csv);
    assert!(csv.starts_with("quant,need_gib,file_gib,quality_low,quality,quality_high,verdict,front\r\n"));
    assert!(csv.contains("\r\nQ4_K_M,"));
}
