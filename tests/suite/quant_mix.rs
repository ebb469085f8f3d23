//! The mix against `llama-quantize --dry-run`: bytes and number of tensors by format, for 31 models and every
//! file type; and against published sizes of models whose tensors are built here.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use plimsoll::quant::mix::{MixContext, MixTensor, native_types, tensor_types};
use plimsoll::quant::{FileType, GgmlType, Level, outside};
use plimsoll::units::{Bytes, GB, GIB, MIB};
use serde::Deserialize;

/// Block, name in it, and dimensions of a tensor.
type NamedTensor = (Option<u32>, String, Vec<u64>);

/// Number and bytes of the tensors of each format.
type Histogram = BTreeMap<String, (u64, u64)>;

/// Tensors of one model, and what the rules ask of it.
struct Shapes {
    arch: String,
    n_layer: u32,
    gqa: u32,
    n_expert: u32,
    n_params: u64,
    tensors: Vec<NamedTensor>,
}

impl Shapes {
    fn mix_tensors(&self) -> Vec<MixTensor<'_>> {
        self.tensors
            .iter()
            .map(|(block, suffix, dims)| {
                let dim = |i: usize| dims.get(i).copied().unwrap_or(1);
                MixTensor { block: *block, suffix, dims: [dim(0), dim(1), dim(2)], n_dims: dims.len() as u8 }
            })
            .collect()
    }

    fn types(&self, file_type: FileType, imatrix: bool) -> Vec<GgmlType> {
        let context = MixContext {
            arch: &self.arch,
            n_layer: self.n_layer,
            gqa: self.gqa,
            n_expert: self.n_expert,
            tied: !self.tensors.iter().any(|(_, suffix, _)| suffix == "output.weight"),
            imatrix,
        };
        tensor_types(file_type, &context, &self.mix_tensors())
    }

    fn bytes(&self, quant: &str, imatrix: bool) -> Bytes {
        let types = self.types(file_type(quant), imatrix);
        self.mix_tensors().iter().zip(&types).map(|(tensor, t)| t.tensor_bytes(tensor.dims)).sum()
    }

    fn bits_per_weight(&self, quant: &str, imatrix: bool) -> f64 {
        self.bytes(quant, imatrix).0 as f64 * 8.0 / self.n_params as f64
    }
}

fn file_type(quant: &str) -> FileType {
    quant.parse::<Level>().unwrap().file_type().unwrap()
}

fn lines(file: &str) -> Vec<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(file);
    fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

#[derive(Deserialize)]
struct TensorLine {
    model: String,
    tensors: Vec<(String, Vec<u64>)>,
}

/// A line of `gguf_sizes.jsonl`: a model, or one of its files.
#[derive(Deserialize)]
#[serde(untagged)]
enum SizeLine {
    Model {
        model: String,
        tensors: String,
        arch: String,
        n_layer: u32,
        n_head: u32,
        n_head_kv: PerBlock,
        n_expert: u32,
        n_params: u64,
    },
    File {
        quant: String,
        imatrix: bool,
        types: Histogram,
    },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum PerBlock {
    All(u32),
    Each(Vec<u32>),
}

impl PerBlock {
    fn first(&self) -> u32 {
        match self {
            Self::All(n) => *n,
            Self::Each(list) => list[0],
        }
    }
}

fn tensor_lists() -> BTreeMap<String, Vec<NamedTensor>> {
    lines("tensors.jsonl")
        .iter()
        .map(|line| {
            let line: TensorLine = serde_json::from_str(line).unwrap();
            let tensors = line.tensors.into_iter().map(|(name, dims)| {
                let in_block = name.strip_prefix("blk.").and_then(|rest| rest.split_once('.'));
                match in_block {
                    Some((block, suffix)) => (Some(block.parse().unwrap()), suffix.to_owned(), dims),
                    None => (None, name, dims),
                }
            });
            (line.model, tensors.collect())
        })
        .collect()
}

/// A model whose files were measured: file type, whether with an importance matrix, histogram.
struct Measured {
    name: String,
    shapes: Shapes,
    files: Vec<(String, bool, Histogram)>,
}

fn measured_models() -> Vec<Measured> {
    let lists = tensor_lists();
    let mut models: Vec<Measured> = Vec::new();
    for line in lines("gguf_sizes.jsonl") {
        match serde_json::from_str(&line).unwrap() {
            SizeLine::Model { model, tensors, arch, n_layer, n_head, n_head_kv, n_expert, n_params } => {
                let gqa = n_head.checked_div(n_head_kv.first()).unwrap_or(0);
                let tensors = lists[&tensors].clone();
                let shapes = Shapes { arch, n_layer, gqa, n_expert, n_params, tensors };
                models.push(Measured { name: model, shapes, files: Vec::new() });
            }
            SizeLine::File { quant, imatrix, types } => {
                models.last_mut().unwrap().files.push((quant, imatrix, types));
            }
        }
    }
    models
}

#[test]
fn every_measured_file_is_met_to_the_byte() {
    let (mut files, mut wrong) = (0, Vec::new());
    for Measured { name, shapes, files: measured_files } in measured_models() {
        let tensors = shapes.mix_tensors();
        for (quant, imatrix, measured) in measured_files {
            let types = if quant == "NATIVE_CONVERT" {
                native_types(&shapes.arch, "mxfp4", &tensors)
            } else {
                shapes.types(file_type(&quant), imatrix)
            };
            let mut ours: Histogram = BTreeMap::new();
            for (tensor, t) in tensors.iter().zip(types) {
                let entry = ours.entry(t.name().to_owned()).or_default();
                entry.0 += 1;
                entry.1 += t.tensor_bytes(tensor.dims).0;
            }
            files += 1;
            if ours != measured {
                wrong.push(format!("{name} {quant} imatrix={imatrix}\n  ours {ours:?}\n  true {measured:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {files} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(files, 1270);
}

/// Sizes of `n` blocks, each with the named tensors.
fn blocks(n: u32, tensors: &[(&str, &[u64])]) -> Vec<NamedTensor> {
    (0..n)
        .flat_map(|block| {
            tensors.iter().map(move |(name, dims)| (Some(block), (*name).to_owned(), dims.to_vec()))
        })
        .collect()
}

/// A dense transformer of the Llama kind.
struct Dense {
    arch: &'static str,
    n_layer: u32,
    width: u64,
    feed_forward: u64,
    heads: u64,
    heads_kv: u64,
    head_dim: u64,
    vocabulary: u64,
    tied: bool,
    /// One-dimensional tensors of a block besides the two norms, by length.
    vectors: &'static [u64],
}

impl Dense {
    fn shapes(&self) -> Shapes {
        let (d, ff) = (self.width, self.feed_forward);
        let (q, kv) = (self.heads * self.head_dim, self.heads_kv * self.head_dim);
        let mut tensors = blocks(
            self.n_layer,
            &[
                ("attn_norm.weight", &[d]),
                ("attn_q.weight", &[d, q]),
                ("attn_k.weight", &[d, kv]),
                ("attn_v.weight", &[d, kv]),
                ("attn_output.weight", &[q, d]),
                ("ffn_norm.weight", &[d]),
                ("ffn_gate.weight", &[d, ff]),
                ("ffn_up.weight", &[d, ff]),
                ("ffn_down.weight", &[ff, d]),
            ],
        );
        for &length in self.vectors {
            tensors.extend(blocks(self.n_layer, &[("vector.bias", &[length])]));
        }
        tensors.push((None, "token_embd.weight".to_owned(), vec![d, self.vocabulary]));
        tensors.push((None, "output_norm.weight".to_owned(), vec![d]));
        if !self.tied {
            tensors.push((None, "output.weight".to_owned(), vec![d, self.vocabulary]));
        }
        let n_params = tensors.iter().map(|(_, _, dims)| dims.iter().product::<u64>()).sum();
        let gqa = (self.heads / self.heads_kv) as u32;
        Shapes { arch: self.arch.to_owned(), n_layer: self.n_layer, gqa, n_expert: 0, n_params, tensors }
    }
}

const LLAMA_3_70B: Dense = Dense {
    arch: "llama",
    n_layer: 80,
    width: 8192,
    feed_forward: 28672,
    heads: 64,
    heads_kv: 8,
    head_dim: 128,
    vocabulary: 128_256,
    tied: false,
    vectors: &[],
};

/// The bits per weight that llama.cpp's `tools/quantize/README.md` prints for Llama 3.1 8B, to its four digits;
/// these are also [`FileType::nominal_bits`], where an importance matrix changes nothing.
#[test]
fn published_bits_per_weight_of_llama_3_1_8b() {
    let models = measured_models();
    let shapes = &models.iter().find(|model| model.name == "Llama-3.1-8B").unwrap().shapes;
    for (quant, bits) in [
        ("IQ1_S", 2.0042),
        ("IQ1_M", 2.1460),
        ("IQ2_XXS", 2.3824),
        ("Q2_K", 3.1593),
        ("IQ3_XXS", 3.2548),
        ("Q3_K_M", 3.9960),
        ("Q4_K_M", 4.8944),
        ("Q5_K_M", 5.7036),
        ("Q6_K", 6.5633),
        ("Q8_0", 8.5008),
    ] {
        let ours = shapes.bits_per_weight(quant, true);
        assert!((ours - bits).abs() < 1e-4, "{quant}: {ours}");
    }
}

#[test]
fn nominal_bits_are_those_of_llama_3_1_8b() {
    let models = measured_models();
    let shapes = &models.iter().find(|model| model.name == "Llama-3.1-8B").unwrap().shapes;
    for &file_type in FileType::ALL {
        let ours = shapes.bits_per_weight(file_type.name(), true);
        let nominal = file_type.nominal_bits();
        assert!((ours - nominal).abs() < 6e-5, "{file_type}: {ours}, stated {nominal}");
    }
}

/// Sizes in GiB of Llama 3 70B that the file's publisher states; its value matrices are raised as "70B".
#[test]
fn published_sizes_of_llama_3_70b() {
    let shapes = LLAMA_3_70B.shapes();
    for (quant, exact, published) in [
        ("Q4_K_M", 39.592_880_487_442_02, 39.60),
        ("IQ2_XXS", 17.778_503_656_387_33, 17.79),
        ("IQ3_M", 29.736_358_880_996_704, 29.74),
        ("IQ4_XS", 35.292_282_342_910_77, 35.30),
        ("Q5_K_M", 46.512_069_940_567_02, 46.52),
        ("Q3_K_L", 34.582_550_287_246_704, 34.59),
        ("Q2_K", 24.556_411_981_582_64, 24.56),
    ] {
        let gib = shapes.bytes(quant, true).gib();
        assert!((gib - exact).abs() < 1e-6, "{quant}: {gib} GiB");
        assert!((gib - published).abs() < 0.03, "{quant}: {gib} GiB, published {published}");
    }
}

#[test]
fn published_sizes_of_measured_models() {
    let models = measured_models();
    let of = |name: &str| &models.iter().find(|model| model.name == name).unwrap().shapes;
    for (model, quant, bytes, unit) in [
        ("GPT-OSS-20B", "MXFP4_MOE", 11.265_797_853_469_849, GIB),
        ("GPT-OSS-120B", "MXFP4_MOE", 59.021_938_562_393_19, GIB),
        ("Llama-2-7B", "Q4_0", 3.562_370_300_292_968_8, GIB),
        ("Llama-2-7B", "Q4_K_M", 3.800_041_198_730_468_8, GIB),
        ("Llama-2-7B", "F16", 12.551_773_071_289_062, GIB),
        ("Llama-2-7B", "Q8_0", 6.668_594_360_351_562_5, GIB),
        ("Qwen2.5-32B", "Q4_K_M", 18_926.007_812_5, MIB),
        ("Qwen2.5-32B", "IQ2_XS", 9_490.558_593_75, MIB),
        ("Qwen2.5-32B", "Q6_K", 25_634.933_593_75, MIB),
        ("Llama-3.2-3B", "IQ3_XXS", 1_278.808_837_890_625, MIB),
        ("Llama-3.2-3B", "Q4_K_M", 1_918.353_759_765_625, MIB),
        ("Qwen3-30B-A3B", "Q4_K_M", 18.550_716_416, GB),
        ("DeepSeek-V3-671B", "Q4_K_M", 404.488_847_36, GB),
        ("Qwen3-Next-80B-A3B", "Q4_K_M", 48.483_058_688, GB),
        ("Qwen3-235B-A22B", "Q4_K_M", 142.148_069_376, GB),
        ("Gemma-3-27B", "Q4_K_M", 16.540_125_824, GB),
    ] {
        // Sizes published of Q4_0 were made without an importance matrix.
        let ours = of(model).bytes(quant, quant != "Q4_0").0 as f64 / unit as f64;
        assert!((ours - bytes).abs() < 1e-3 * bytes, "{model} {quant}: {ours}, published {bytes}");
    }
}

#[test]
fn other_published_sizes() {
    let llama_405b =
        Dense { n_layer: 126, width: 16384, feed_forward: 53248, heads: 128, ..LLAMA_3_70B }.shapes();
    assert!((llama_405b.bytes("Q4_K_M", true).gb() - 243.061_719_296).abs() < 1e-3);

    let gemma_3_12b = Dense {
        arch: "gemma3",
        n_layer: 48,
        width: 3840,
        feed_forward: 15360,
        heads: 16,
        heads_kv: 8,
        head_dim: 256,
        vocabulary: 262_208,
        tied: true,
        // Norms after attention and feed-forward network, and on queries and keys.
        vectors: &[3840, 3840, 256, 256],
    }
    .shapes();
    assert!((gemma_3_12b.bytes("Q4_K_M", true).gib() - 6.793_277_621_269_226).abs() < 1e-3);

    // 896 columns are no whole number of super-blocks: every format falls back.
    let qwen_0_5b = Dense {
        arch: "qwen2",
        n_layer: 24,
        width: 896,
        feed_forward: 4864,
        heads: 14,
        heads_kv: 2,
        head_dim: 64,
        vocabulary: 151_936,
        tied: true,
        vectors: &[896, 128, 128],
    }
    .shapes();
    for (quant, mib) in
        [("Q4_K_M", 373.706_542_968_75), ("IQ1_S", 295.525_634_765_625), ("Q2_K", 317.248_535_156_25)]
    {
        let ours = qwen_0_5b.bytes(quant, true).0 as f64 / MIB as f64;
        assert!((ours - mib).abs() < 1e-6, "{quant}: {ours} MiB");
    }
}

/// Eight experts: keys and values at 8 bits, attention output at 5.
#[test]
fn published_size_of_mixtral_8x7b() {
    let mut tensors = blocks(
        32,
        &[
            ("attn_norm.weight", &[4096]),
            ("attn_q.weight", &[4096, 4096]),
            ("attn_k.weight", &[4096, 1024]),
            ("attn_v.weight", &[4096, 1024]),
            ("attn_output.weight", &[4096, 4096]),
            ("ffn_norm.weight", &[4096]),
            ("ffn_gate_inp.weight", &[4096, 8]),
            ("ffn_gate_exps.weight", &[4096, 14336, 8]),
            ("ffn_up_exps.weight", &[4096, 14336, 8]),
            ("ffn_down_exps.weight", &[14336, 4096, 8]),
        ],
    );
    for (name, dims) in [
        ("token_embd.weight", vec![4096, 32000]),
        ("output_norm.weight", vec![4096]),
        ("output.weight", vec![4096, 32000]),
    ] {
        tensors.push((None, name.to_owned(), dims));
    }
    let n_params = 46_702_792_704;
    let shapes = Shapes { arch: "llama".to_owned(), n_layer: 32, gqa: 4, n_expert: 8, n_params, tensors };
    assert!((shapes.bytes("Q4_K_M", true).gb() - 28.447_727_616).abs() < 1e-6);
    let count = |quant: &str, format: GgmlType| {
        shapes.types(file_type(quant), true).into_iter().filter(|&t| t == format).count()
    };
    assert_eq!(count("Q4_K_M", GgmlType::Q8_0), 64, "keys and values");
    assert_eq!(count("Q4_K_M", GgmlType::Q5K), 32, "attention output");
}

/// Sizes in GB of the MLX conversions of Qwen2.5 7B on the hub.
#[test]
fn published_sizes_in_mlx_formats() {
    let models = measured_models();
    let shapes = &models.iter().find(|model| model.name == "Qwen2.5-7B").unwrap().shapes;
    for (level, gb) in [
        ("MLX-8bit-g64", 8.1),
        ("MLX-6bit-g64", 6.2),
        ("MLX-4bit-g32", 4.77),
        ("MLX-4bit-g64", 4.30),
        ("MLX-4bit-g128", 4.06),
        ("MLX-3bit-g64", 3.34),
        ("MLX-2bit-g64", 2.39),
    ] {
        let level: Level = level.parse().unwrap();
        let size =
            |tensor: &MixTensor| outside::tensor_bytes(outside::weight_bits(level, tensor).unwrap(), tensor);
        let ours: Bytes = shapes.mix_tensors().iter().map(size).sum();
        assert!((ours.gb() - gb).abs() < 0.006 * gb, "{level}: {} GB, published {gb}", ours.gb());
    }
}

/// The order of the list does not matter to the counters.
#[test]
fn tensors_may_come_in_any_order() {
    let mut shapes = LLAMA_3_70B.shapes();
    let forward = shapes.types(FileType::Q4KM, true);
    shapes.tensors.reverse();
    let mut backward = shapes.types(FileType::Q4KM, true);
    backward.reverse();
    assert_eq!(forward, backward);
}
