//! Random headers and random damage, the same in every run: nothing panics, and everything is refused or read.

use std::io::Cursor;
use std::path::Path;

use serde_json::{Value, json};

use super::writer::Head;
use plimsoll::estimate::Estimator;
use plimsoll::estimate::scenario::Scenario;
use plimsoll::files::config;
use plimsoll::files::config::checkpoint::{check_head, parse_index};
use plimsoll::files::gguf::{Gguf, Header};
use plimsoll::files::installed::ollama;
use plimsoll::files::{kept, open};

/// Xorshift: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// Numbers at which readers break.
const EDGES: [u64; 12] =
    [0, 1, 2, 31, 255, 256, 65_535, 1 << 31, u32::MAX as u64, 1 << 40, i64::MAX as u64, u64::MAX];

/// Changes a few bytes, numbers or stretches.
fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(4) {
        if bytes.is_empty() {
            return;
        }
        let at = random.below(bytes.len());
        match random.below(6) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.next() as u8,
            2 => bytes.truncate(at),
            3 => {
                let edge = random.pick(&EDGES).to_le_bytes();
                let width = *random.pick(&[1, 2, 4, 8]);
                for (place, byte) in bytes.iter_mut().skip(at).take(width).zip(edge) {
                    *place = byte;
                }
            }
            4 => {
                let end = (at + random.below(32)).min(bytes.len());
                bytes.drain(at..end);
            }
            _ => {
                let from = random.below(bytes.len());
                let stretch = bytes[from..(from + random.below(32)).min(bytes.len())].to_vec();
                bytes.splice(at..at, stretch);
            }
        }
    }
}

fn read_gguf(bytes: Vec<u8>, length: u64) -> Option<open::LocalModel> {
    let header = Header::read(Cursor::new(bytes), length).ok()?;
    open::local(&Gguf::of(header, Vec::new()), Path::new("m.gguf")).ok()
}

#[test]
fn damaged_heads_are_read_or_refused() {
    let mut random = Random(0x5eed);
    let mut experts = Head::sound();
    experts.u32("llama.expert_count", 4);
    experts.u32("llama.expert_used_count", 2);
    experts.tensor("blk.0.ffn_down_exps.weight", &[64, 64, 4]);
    experts.array("llama.attention.sliding_window_pattern", 7, 4, &[1, 0, 1, 0]);
    let seeds = [Head::sound(), experts];
    let mut read = 0;
    for _ in 0..20_000 {
        let seed = random.pick(&seeds);
        let (mut bytes, length) = (seed.bytes(), seed.length());
        damage(&mut bytes, &mut random);
        read += u32::from(read_gguf(bytes, length).is_some());
    }
    // Damage to names and values leaves many readable: the walk is not stuck at the first check.
    assert!(read > 500, "{read}");
}

#[test]
fn random_heads_that_are_sound_get_estimates() {
    let mut random = Random(0xfee1);
    let estimator = Estimator::default();
    let rig = crate::engines::rig(vec![crate::engines::ada(24.0, 23.0)]);
    let mut answered = 0;
    for round in 0..300 {
        let arch = *random.pick(&["llama", "qwen3", "gemma3", "mixed", "gpt-oss", "qwen3next", "deepseek2"]);
        let mut head = Head::default();
        head.text("general.architecture", arch);
        let heads = 1 << random.below(6);
        let width = heads * *random.pick(&[8, 32, 64]);
        let blocks = 1 + random.below(6) as u64;
        let numbers = [
            ("block_count", blocks),
            ("embedding_length", width),
            ("context_length", *random.pick(&[1, 4096, 1 << 20])),
            ("attention.head_count", heads),
            ("attention.head_count_kv", 1 << random.below(3)),
            ("attention.sliding_window", *random.pick(&[0, 1, 4096, 1 << 30])),
            ("expert_count", 4),
            ("expert_used_count", random.below(5) as u64),
            ("ssm.conv_kernel", 4),
            ("ssm.inner_size", width),
            ("ssm.state_size", 16),
            ("ssm.group_count", 1),
            ("ssm.time_step_rank", heads),
        ];
        for (key, value) in numbers {
            head.u32(&format!("{arch}.{key}"), value as u32);
        }
        head.tensor("token_embd.weight", &[width, 1 + random.next() % 100_000]);
        for block in 0..blocks {
            let mut add = |name: &str, dims: &[u64]| head.tensor(&format!("blk.{block}.{name}"), dims);
            add("attn_norm.weight", &[width]);
            match random.below(4) {
                0 => add("ssm_conv1d.weight", &[4, width]),
                1 => add("ssm_in.weight", &[width, 2 * width]),
                _ => {
                    add("attn_q.weight", &[width, width]);
                    add("attn_k.weight", &[width, width]);
                    add("attn_v.weight", &[width, width]);
                }
            }
            match random.below(3) {
                0 => add("ffn_down_exps.weight", &[64, width, 4]),
                1 => {
                    add("ffn_up.weight", &[width, 4 * width]);
                    add("ffn_down.weight", &[4 * width, width]);
                }
                _ => {}
            }
        }
        let file = read_gguf(head.bytes(), head.length()).unwrap_or_else(|| panic!("round {round}: {arch}"));
        estimator.adopt(&file.model, file.tables());
        let plan = estimator.plan(&file.model, file.level, &Scenario::default(), &rig);
        estimator.forget(&file.model.id);
        if let Ok(plan) = plan {
            let table = file.table.unwrap();
            assert_eq!(plan.file.tensor_bytes, table.tensor_bytes(), "round {round}");
            // Every weight lies somewhere; a tied output matrix twice.
            let devices: u64 = plan.memory.devices.iter().map(|parts| parts.weights.0).sum();
            assert!(devices + plan.memory.host.weights.0 >= table.tensor_bytes().0, "round {round}");
            answered += 1;
        }
    }
    assert!(answered > 200, "{answered}");
}

/// Replaces one value somewhere in a tree.
fn damage_json(value: &mut Value, random: &mut Random) {
    let others = [
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(1),
        json!(u64::MAX),
        json!(1e308),
        json!(0.5),
        json!(""),
        json!("x"),
        json!([]),
        json!([1, 2, 3]),
        json!({}),
        json!({"a": 1}),
        json!(4096),
        json!(131_072),
    ];
    let inner: Option<&mut Value> = match value {
        Value::Object(map) if !map.is_empty() => {
            let at = random.below(map.len());
            map.values_mut().nth(at)
        }
        Value::Array(list) if !list.is_empty() => {
            let at = random.below(list.len());
            list.get_mut(at)
        }
        _ => None,
    };
    match inner {
        Some(inner) if random.below(4) != 0 => damage_json(inner, random),
        Some(inner) => *inner = random.pick(&others).clone(),
        None => *value = random.pick(&others).clone(),
    }
}

#[test]
fn damaged_configurations_are_read_or_refused() {
    let mut random = Random(0xc0f1);
    let lines: Vec<Value> = include_str!("../../data/configs/configs.jsonl")
        .lines()
        .map(|line| config::parse(line.as_bytes()).unwrap()["config"].take())
        .collect();
    let mut read = 0;
    for _ in 0..6000 {
        let mut value = random.pick(&lines).clone();
        for _ in 0..=random.below(3) {
            damage_json(&mut value, &mut random);
        }
        if let Ok(described) = config::describe(&value, "config.json") {
            assert_eq!(described.model.check(), Ok(()));
            read += 1;
        }
        let _ = config::quantized(&value);
    }
    assert!(read > 1000, "{read}");
}

#[test]
fn damaged_texts_are_read_or_refused() {
    let mut random = Random(0x7e87);
    let record = serde_json::to_string(&plimsoll::model::Catalog::embedded().models()[17]).unwrap();
    let manifest = json!({"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": format!("sha256:{}", "a".repeat(64)), "size": 5}]});
    let index = json!({"metadata": {"total_size": 5}, "weight_map": {"a": "model-00001-of-00002.safetensors", "b": "b.safetensors"}});
    let json = br#"{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"b":{"dtype":"BF16","shape":[4],"data_offsets":[16,24]}}"#;
    let mut head = (json.len() as u64).to_le_bytes().to_vec();
    head.extend(json);
    for _ in 0..5000 {
        let mut bytes = head.clone();
        damage(&mut bytes, &mut random);
        let _ = check_head(&bytes, head.len() as u64 + 24);
        for text in [manifest.to_string(), index.to_string(), record.clone()] {
            let mut bytes = text.into_bytes();
            damage(&mut bytes, &mut random);
            let _ = ollama::parse(&bytes);
            let _ = parse_index(&bytes);
            if let Ok(records) = kept::parse(&bytes) {
                assert!(records.kept.iter().all(|kept| kept::verify(&kept.record).is_ok()));
            }
            let _ = config::parse(&bytes);
        }
    }
}
