//! Commands hold every number of the plan, and every flag is in the table.

use std::collections::BTreeSet;

use plimsoll::estimate::command::options::{self, Carries};
use plimsoll::estimate::command::{self, Ask, Launch, Program};
use plimsoll::estimate::rig::Rig;
use plimsoll::estimate::scenario::{BackendChoice, CacheType, DraftRequest, PlacementRequest, Scenario};
use plimsoll::estimate::{Estimator, engine};
use plimsoll::machine::Vendor;
use plimsoll::quant::{FileType, Level};

use crate::engines::{ada, apple, device, model, rig};

fn launch_on(
    program: Program,
    name: &str,
    level: &str,
    scenario: &Scenario,
    rig: &Rig,
    machines: u32,
) -> Launch {
    let model = model(name);
    let level: Level = level.parse().unwrap();
    let scenario = Scenario { engine: program.engine(), ..scenario.clone() };
    let plan = Estimator::embedded().plan(model, level, &scenario, rig).unwrap();
    command::launch(program, &Ask { model, level, scenario: &scenario, rig, plan: &plan, machines })
}

fn launch(program: Program, name: &str, level: &str, scenario: &Scenario, rig: &Rig) -> Launch {
    launch_on(program, name, level, scenario, rig, 1)
}

/// Holds that `text` has each of `parts`, as whole words.
fn holds(launch: &Launch, parts: &[&str]) {
    let text = format!(" {} ", launch.text().replace(" \\\n", " ").replace('\n', " ; "));
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in parts {
        assert!(format!(" {text} ").contains(&format!(" {part} ")), "{part} in {text}");
    }
}

fn asked() -> Scenario {
    Scenario { context: 32_768, ..Scenario::default() }
}

fn loaded() -> Scenario {
    Scenario {
        context: 65_536,
        parallel: 4,
        unified_kv: false,
        ubatch: 1024,
        batch: 4096,
        swa_full: true,
        cache_k: CacheType::Q8_0,
        cache_v: CacheType::Q5_1,
        ..Scenario::default()
    }
}

#[test]
fn llama_cpp_holds_every_number() {
    let card = rig(vec![ada(24.0, 23.4)]);
    let plain = launch(Program::LlamaCpp, "Qwen/Qwen3-14B", "Q4_K_M", &asked(), &card);
    assert_eq!(
        plain.text(),
        "llama-server -m Qwen3-14B-Q4_K_M.gguf \\\n  -c 32768 -np 1 -ngl 41 \\\n  -fa on -b 2048 -ub 512 --fit off"
    );
    let full = launch(Program::LlamaCpp, "google/gemma-3-12b-it", "Q4_K_M", &loaded(), &card);
    let parts = ["-c 65536", "-np 4", "-no-kvu", "-ngl 49", "-fa on", "-ctk q8_0", "-ctv q5_1", "-b 4096"];
    holds(&full, &parts);
    holds(&full, &["-ub 1024", "--swa-full", "--fit off"]);
    let shared = Scenario { parallel: 3, flash_attention: false, ..asked() };
    holds(
        &launch(Program::LlamaCpp, "Qwen/Qwen3-14B", "Q4_K_M", &shared, &card),
        &["-np 3", "-kvu", "-fa off"],
    );
}

#[test]
fn llama_cpp_says_where_everything_goes() {
    let small = rig(vec![ada(12.0, 11.5)]);
    let plan = |scenario: &Scenario, rig: &Rig| {
        let (model, level) = (model("Qwen/Qwen3-30B-A3B"), "Q4_K_M".parse().unwrap());
        Estimator::embedded().plan(model, level, scenario, rig).unwrap().placement
    };
    let experts = plan(&asked(), &small);
    let text = launch(Program::LlamaCpp, "Qwen/Qwen3-30B-A3B", "Q4_K_M", &asked(), &small);
    holds(
        &text,
        &[&format!("-ngl {}", experts.gpu_layers), &format!("--n-cpu-moe {}", experts.cpu_moe_layers)],
    );
    let two = rig(vec![device("RTX 3060", Vendor::Nvidia, "Ampere", 12.0, 11.5), ada(24.0, 23.4)]);
    let split = Scenario {
        placement: PlacementRequest {
            gpu_layers: Some(49),
            cpu_moe_layers: Some(0),
            tensor_split: Some(vec![30.0, 19.0]),
            devices: Some(vec![1, 0]),
        },
        ..asked()
    };
    let text = launch(Program::LlamaCpp, "Qwen/Qwen3-30B-A3B", "Q4_K_M", &split, &two);
    holds(&text, &["-ngl 49", "-ts 30,19", "-dev CUDA1,CUDA0"]);
    let processor = Scenario { backend: BackendChoice::Cpu, ..asked() };
    let text = launch(Program::LlamaCpp, "Qwen/Qwen3-30B-A3B", "Q4_K_M", &processor, &two);
    holds(&text, &["-ngl 0", "-dev none"]);
    let amd = rig(vec![device("7900 XTX", Vendor::Amd, "RDNA3", 24.0, 23.0); 2]);
    let one = Scenario {
        placement: PlacementRequest { devices: Some(vec![1]), ..PlacementRequest::default() },
        ..asked()
    };
    holds(&launch(Program::LlamaCpp, "Qwen/Qwen3-14B", "Q4_K_M", &one, &amd), &["-dev ROCm1"]);
}

#[test]
fn mtp_layers_and_embeddings_are_asked_for() {
    let card = rig(vec![ada(96.0, 95.0)]);
    let mtp = Scenario { mtp: true, ..asked() };
    let text = launch(Program::LlamaCpp, "zai-org/GLM-4.5-Air", "Q4_K_M", &mtp, &card);
    holds(&text, &["--spec-type draft-mtp"]);
    let none = launch(Program::LlamaCpp, "Qwen/Qwen3-14B", "Q4_K_M", &mtp, &card);
    assert!(!none.text().contains("--spec-type"), "it has no such layers");
    let embedding = launch(Program::LlamaCpp, "Qwen/Qwen3-Embedding-0.6B", "Q8_0", &asked(), &card);
    holds(&embedding, &["--embedding"]);
    holds(
        &launch(Program::Ollama, "zai-org/GLM-4.5-Air", "Q4_K_M", &mtp, &card),
        &["PARAMETER draft_num_predict 4"],
    );
}

#[test]
fn ollama_writes_its_modelfile() {
    let card = rig(vec![ada(24.0, 23.4)]);
    let scenario =
        Scenario { parallel: 4, ubatch: 1024, cache_k: CacheType::Q8_0, cache_v: CacheType::Q8_0, ..asked() };
    let launch = launch(Program::Ollama, "Qwen/Qwen3-14B", "Q4_K_M", &scenario, &card);
    assert_eq!(
        launch.text(),
        "# in one terminal; stop a server that runs already\n\
         OLLAMA_FLASH_ATTENTION=1 OLLAMA_NUM_PARALLEL=4 OLLAMA_KV_CACHE_TYPE=q8_0 ollama serve\n\
         # in another\n\
         cat > Modelfile <<'EOF'\n\
         FROM ./Qwen3-14B-Q4_K_M.gguf\n\
         PARAMETER num_ctx 8192\n\
         PARAMETER num_gpu 41\n\
         PARAMETER num_batch 1024\n\
         EOF\n\
         ollama create qwen3-14b -f Modelfile\n\
         ollama run qwen3-14b"
    );
    assert_eq!(launch.one_line(), launch.text(), "several commands stay several lines");
}

#[test]
fn lm_studio_says_what_lms_cannot_set() {
    let small = rig(vec![ada(12.0, 11.5)]);
    let scenario = Scenario { parallel: 2, cache_k: CacheType::Q8_0, cache_v: CacheType::Q8_0, ..asked() };
    let launch = launch(Program::LmStudio, "Qwen/Qwen3-30B-A3B", "Q4_K_M", &scenario, &small);
    holds(&launch, &["--context-length 32768", "--gpu max"]);
    let notes = launch.notes.join("\n");
    for part in ["experts of", "q8_0", "2 requests"] {
        assert!(notes.contains(part), "{part}: {notes}");
    }
}

#[test]
fn vllm_holds_every_number() {
    let card = rig(vec![ada(24.0, 23.4)]);
    let scenario =
        Scenario { parallel: 4, batch: 4096, cache_k: CacheType::Fp8, cache_v: CacheType::Fp8, ..asked() };
    let one = launch(Program::Vllm, "Qwen/Qwen3-8B", "NATIVE", &scenario, &card);
    let parts = ["vllm serve Qwen/Qwen3-8B", "--max-model-len 8192", "--max-num-seqs 4"];
    holds(&one, &parts);
    let rest = ["--max-num-batched-tokens 4096", "--gpu-memory-utilization 0.92", "--kv-cache-dtype fp8"];
    holds(&one, &rest);
    assert!(one.notes.iter().any(|note| note.contains("holds about")), "{:?}", one.notes);
    let two = rig(vec![ada(24.0, 23.4), ada(24.0, 23.4)]);
    let shared = launch(Program::Vllm, "Qwen/Qwen3-32B", "FP8", &asked(), &two);
    holds(&shared, &["vllm serve ./Qwen3-32B-FP8", "--tensor-parallel-size 2"]);
    assert!(shared.notes[0].contains("FP8"), "says what to put for the folder");
    let second = rig(vec![device("RTX 3060", Vendor::Nvidia, "Ampere", 12.0, 11.5), ada(24.0, 23.4)]);
    holds(&launch(Program::Vllm, "Qwen/Qwen3-8B", "FP8", &asked(), &second), &["--device-ids 1"]);
    let long = Scenario { context: 131_072, ..Scenario::default() };
    let long = launch(Program::Vllm, "Qwen/Qwen3-8B", "FP8", &long, &two);
    assert!(long.notes.iter().any(|note| note.contains("VLLM_ALLOW_LONG_MAX_MODEL_LEN")), "{:?}", long.notes);
    let nf4 = launch(Program::Vllm, "Qwen/Qwen3-8B", "NF4", &asked(), &card);
    assert!(nf4.notes.iter().any(|note| note.contains("vllm-bnb-plugin")), "{:?}", nf4.notes);
}

#[test]
fn the_other_servers_hold_every_number() {
    let two = rig(vec![ada(24.0, 23.4), ada(24.0, 23.4)]);
    let fp8 = Scenario { parallel: 2, cache_k: CacheType::Fp8, cache_v: CacheType::Fp8, ..asked() };
    let sglang = launch(Program::Sglang, "Qwen/Qwen3-32B", "AWQ-4bit-g128", &fp8, &two);
    holds(&sglang, &["--context-length 16384", "--max-running-requests 2", "--chunked-prefill-size 4096"]);
    holds(&sglang, &["--tp-size 2", "--kv-cache-dtype fp8_e4m3"]);
    assert!(sglang.text().contains("--mem-fraction-static 0.7"), "{}", sglang.text());
    let tensorrt = launch(Program::TensorRtLlm, "Qwen/Qwen3-14B", "FP8", &fp8, &two);
    holds(&tensorrt, &["--max_seq_len 16384", "--max_batch_size 2", "--max_num_tokens 2048"]);
    holds(&tensorrt, &["--free_gpu_memory_fraction 0.9", "--config cache.yml", "dtype: fp8"]);
    let exllama = Scenario { context: 10_000, cache_k: CacheType::Q8_0, cache_v: CacheType::Q4_0, ..asked() };
    let exllama = launch(Program::ExLlama, "Qwen/Qwen3-14B", "EXL3-4.0", &exllama, &two);
    holds(&exllama, &["--model-name Qwen3-14B-EXL3-4.0", "--max-seq-len 10000", "--cache-size 10240"]);
    holds(
        &exllama,
        &["--cache-mode 8,4", "--max-batch-size 1", "--chunk-size 2048", "CUDA_VISIBLE_DEVICES=0"],
    );
    let mlx = Scenario { cache_k: CacheType::Q4_0, cache_v: CacheType::Q4_0, ..asked() };
    let mlx = launch(Program::Mlx, "Qwen/Qwen3-14B", "MLX-4bit-g64", &mlx, &apple(90.0));
    // 40 layers × 8 heads × 256 × 4.5 bits × 32,768 tokens.
    holds(&mlx, &["--decode-concurrency 1", "--prompt-cache-bytes 1509949440", "--kv-bits 4"]);
    holds(&mlx, &["--kv-group-size 64", "--quantized-kv-start 0", "--prefill-step-size 2048"]);
}

#[test]
fn several_machines() {
    let pair = rig(vec![ada(24.0, 23.4), ada(24.0, 23.4)]);
    let order = Scenario {
        placement: PlacementRequest { devices: Some(vec![0, 1]), ..PlacementRequest::default() },
        ..asked()
    };
    let rpc = launch_on(Program::LlamaCppRpc, "Qwen/Qwen3-32B", "Q8_0", &order, &pair, 2);
    holds(&rpc, &["ggml-rpc-server -H 0.0.0.0 -p 50052 -c", "--rpc MACHINE1:50052", "-ngl 65", "-c 32768"]);
    assert!(rpc.text().contains("-ts "), "{}", rpc.text());
    let ray = launch_on(Program::VllmRay, "Qwen/Qwen3-32B", "FP8", &asked(), &pair, 2);
    holds(&ray, &["ray start --head --port 6379", "ray start --address MACHINE0:6379"]);
    holds(&ray, &["--tensor-parallel-size 2", "--distributed-executor-backend ray"]);
    for launch in [rpc, ray] {
        assert!(launch.notes.iter().any(|note| note.contains("2 machines")), "{:?}", launch.notes);
    }
}

/// Tables whose options the lines of a launch may use.
fn tables(program: Program) -> &'static [&'static str] {
    match program {
        Program::LlamaCpp => &["llama.cpp"],
        Program::LlamaCppRpc => &["llama.cpp", "llama.cpp-rpc"],
        Program::Ollama => &["ollama"],
        Program::LmStudio => &["lm-studio"],
        Program::Vllm => &["vllm"],
        Program::VllmRay => &["vllm", "ray"],
        Program::Sglang => &["sglang"],
        Program::Mlx => &["mlx"],
        Program::ExLlama => &["exllamav3"],
        Program::TensorRtLlm => &["tensorrt-llm"],
    }
}

/// Everything in a text that looks like an option: flags, variables of the environment, parameters.
fn options_in(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["PARAMETER", name, ..] => found.push(format!("PARAMETER {name}")),
            ["FROM", ..] => found.push("FROM".to_owned()),
            [key, ..] if key.ends_with(':') => found.push((*key).to_owned()),
            words => {
                for word in words {
                    let (name, is_assignment) =
                        word.split_once('=').map_or((*word, false), |(n, _)| (n, true));
                    let is_variable =
                        is_assignment && name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
                    if word.starts_with('-') || is_variable {
                        found.push(name.to_owned());
                    }
                }
            }
        }
    }
    found
}

#[test]
fn every_option_of_any_launch_is_in_the_table_and_carries_what_it_should() {
    let mut used = BTreeSet::new();
    let rigs = [
        rig(vec![ada(24.0, 23.4)]),
        rig(vec![ada(12.0, 11.5)]),
        rig(vec![ada(24.0, 23.4), ada(24.0, 23.4)]),
        rig(vec![device("RTX 3060", Vendor::Nvidia, "Ampere", 12.0, 11.5), ada(24.0, 23.4)]),
        rig(vec![device("7900 XTX", Vendor::Amd, "RDNA3", 24.0, 23.0); 3]),
        rig(vec![ada(8.0, 7.8); 3]),
        rig(Vec::new()),
        apple(90.0),
    ];
    let caches = [
        (CacheType::F16, CacheType::F16),
        (CacheType::Q8_0, CacheType::Q8_0),
        (CacheType::Q8_0, CacheType::Q4_0),
        (CacheType::Fp8, CacheType::Fp8),
    ];
    let mut launches = 0;
    for name in [
        "Qwen/Qwen3-8B",
        "Qwen/Qwen2.5-7B-Instruct",
        "Qwen/Qwen3-30B-A3B",
        "openai/gpt-oss-20b",
        "zai-org/GLM-4.5-Air",
        "google/gemma-3-4b-it",
        "Qwen/Qwen3-Embedding-0.6B",
    ] {
        for program in Program::ALL.into_iter().chain(Program::CLUSTER) {
            for &level in engine::ladder(program.engine()) {
                for rig in &rigs {
                    for (cache_k, cache_v) in caches {
                        for (parallel, unified_kv, swa_full) in
                            [(1, true, false), (3, false, true), (2, true, false)]
                        {
                            let scenario = Scenario {
                                engine: program.engine(),
                                cache_k,
                                cache_v,
                                parallel,
                                unified_kv,
                                swa_full,
                                mtp: parallel == 3,
                                projector: parallel == 2,
                                draft: (parallel == 2).then(|| DraftRequest {
                                    model: "Qwen/Qwen3-0.6B".to_owned(),
                                    level: Level::Gguf(FileType::Q8_0),
                                    tokens: 3,
                                }),
                                ubatch: if parallel == 1 { 512 } else { 256 },
                                ..asked()
                            };
                            let model = model(name);
                            let Ok(plan) = Estimator::embedded().plan(model, level, &scenario, rig) else {
                                continue;
                            };
                            let ask =
                                Ask { model, level, scenario: &scenario, rig, plan: &plan, machines: 2 };
                            let launch = command::launch(program, &ask);
                            launches += 1;
                            check(program, &launch, &scenario, &mut used);
                        }
                    }
                }
            }
        }
    }
    assert!(launches > 2000, "{launches}");
    // What no launch of so many uses does not belong in the table.
    for table in &options::options().programs {
        for option in &table.options {
            let is_used = used.contains(&(table.program.as_str(), option.flag.as_str()));
            assert!(is_used, "{} {} is never used", table.program, option.flag);
        }
    }
}

fn check(program: Program, launch: &Launch, scenario: &Scenario, used: &mut BTreeSet<(&str, &str)>) {
    let text = launch.text();
    for option in options_in(&text) {
        let table = tables(program)
            .iter()
            .find(|table| options::of(table).unwrap().options.iter().any(|known| known.flag == option));
        assert!(table.is_some(), "{option} of {program:?} is in no table: {text}");
    }
    for option in launch.words().filter_map(|word| word.option) {
        let is_of = |table: &&options::ProgramOptions| table.options.iter().any(|o| std::ptr::eq(o, option));
        let table = options::options().programs.iter().find(is_of).unwrap();
        assert!(tables(program).contains(&table.program.as_str()), "{} in {text}", option.flag);
        used.insert((table.program.as_str(), option.flag.as_str()));
    }
    for word in launch.words() {
        let is_option = !options_in(&word.text).is_empty();
        assert_eq!(word.option.is_some(), is_option, "{} in {text}", word.text);
    }
    let carried: BTreeSet<Carries> = launch.words().filter_map(|word| word.option?.carries).collect();
    if program != Program::LmStudio {
        assert!(carried.contains(&Carries::Context), "{text}");
        assert!(carried.contains(&Carries::Slots), "{text}");
        let type_is_told = scenario.cache_k == CacheType::F16 || carried.contains(&Carries::CacheType);
        assert!(type_is_told, "{text}");
    }
    if program.engine().is_ggml() {
        assert!(carried.contains(&Carries::GpuLayers), "{text}");
    }
    assert!(!text.contains("  -  ") && !text.contains("NaN"), "{text}");
}
