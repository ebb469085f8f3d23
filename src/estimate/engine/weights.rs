//! Bytes of a model's weights in a format outside GGUF, by where they go.

use std::sync::Arc;

use crate::estimate::plan::FileSize;
use crate::estimate::scenario::Engine;
use crate::estimate::work::Checkpoint;
use crate::estimate::{quality, rules};
use crate::language::tr;
use crate::model::Model;
use crate::model::inventory::{self, Exactness, Tensor};
use crate::quant::Level;
use crate::quant::mix::MixTensor;
use crate::quant::outside;
use crate::quant::quality::Retained;
use crate::units::Bytes;

/// Bits of a vision tower's weights, which every format leaves alone.
const TOWER_BYTES: u64 = 2;

/// A model's weights at one level, as an engine holds them.
#[derive(Clone, Debug)]
pub struct Weights {
    /// The files.
    pub file: Arc<FileSize>,
    /// Blocks that are loaded, first to last.
    pub blocks: Vec<Bytes>,
    /// Input embedding and other tables that are looked up.
    pub embedding: Bytes,
    /// Output matrix, norms and the rest outside the blocks; a tied output matrix is the embedding.
    pub output: Bytes,
    /// What a second copy of a tied embedding takes, where the output matrix must lie elsewhere.
    pub tied_copy: Bytes,
    /// Vision tower.
    pub tower: Bytes,
    /// What a step reads.
    pub reads: Checkpoint,
    /// What is kept of the quality.
    pub quality: Retained,
    /// What a reader should know.
    pub warnings: Vec<String>,
}

impl Weights {
    /// Weighs `model` at `level`, with its MTP layers where they are asked for.
    pub fn new(model: &Model, level: Level, engine: Engine, mtp: bool) -> Self {
        let inventory = inventory::inventory(model);
        let mut weights = Self {
            reads: Checkpoint::new(model, level),
            file: Arc::default(),
            blocks: vec![Bytes::ZERO; model.n_layer as usize],
            embedding: Bytes::ZERO,
            output: Bytes::ZERO,
            tied_copy: Bytes::ZERO,
            tower: tower(model, engine),
            quality: Retained::AS_PUBLISHED,
            warnings: Vec::new(),
        };
        let (mut sum, mut elements, mut count, mut has_output) = (Bytes::ZERO, 0_u64, 0_u64, false);
        // Rope tables and norms of ones are written by llama.cpp's converter; no checkpoint holds them.
        let published = |tensor: &&Tensor| tensor.class != inventory::Class::Converter;
        for tensor in inventory.tensors.iter().filter(published) {
            let in_file = !tensor.mtp || mtp || level == Level::Native;
            let mix = mix_tensor(tensor);
            let size = outside::tensor_bytes(bits(model, level, &mix), &mix);
            if in_file {
                sum += size;
                elements = elements.saturating_add(tensor.elements());
                count += 1;
            }
            if tensor.mtp && !mtp {
                continue;
            }
            weights.add(tensor, size);
            has_output |= tensor.suffix == "output.weight";
            if tensor.suffix == "token_embd.weight" {
                let head = MixTensor { suffix: "output.weight", ..mix };
                weights.tied_copy = outside::tensor_bytes(bits(model, level, &head), &head);
            }
        }
        if has_output || model.not_generating().is_some() {
            weights.tied_copy = Bytes::ZERO;
        }
        if engine == Engine::ExLlamaV3 {
            // EXL3 files hold a head of their own.
            sum += weights.tied_copy;
        }
        weights.file = Arc::new(file(model, sum, elements, count, inventory.exactness));
        weights.quality = quality::retained(model, level, true, weights.file.bits_per_weight);
        weights.warn(model, engine, inventory.exactness);
        weights
    }

    fn add(&mut self, tensor: &Tensor, size: Bytes) {
        match tensor.block {
            Some(block) => {
                let block = block as usize;
                if block >= self.blocks.len() {
                    self.blocks.resize(block + 1, Bytes::ZERO);
                }
                self.blocks[block] += size;
            }
            None if is_table(tensor.suffix) => self.embedding += size,
            None => self.output += size,
        }
    }

    fn warn(&mut self, model: &Model, engine: Engine, exactness: Exactness) {
        if exactness == Exactness::ByClass {
            self.warnings.push(tr!(
                "size by classes of tensors: the exact names and shapes of {arch} are not known",
                arch = model.arch
            ));
        }
        if self.tower > Bytes::ZERO {
            self.warnings.push(tr!("the vision tower counts with {tower} in 16 bits", tower = self.tower));
        }
        self.warnings.push(tr!(
            "whether {engine} runs the architecture {arch} is not known here",
            engine = engine.title(),
            arch = model.arch
        ));
    }

    /// Everything that is loaded, a tied output matrix once.
    pub fn total(&self) -> Bytes {
        self.blocks.iter().copied().sum::<Bytes>() + self.embedding + self.output + self.tower
    }
}

fn mix_tensor(tensor: &Tensor) -> MixTensor<'static> {
    MixTensor { block: tensor.block, suffix: tensor.suffix, dims: tensor.dims, n_dims: tensor.n_dims }
}

fn bits(model: &Model, level: Level, tensor: &MixTensor) -> f64 {
    outside::weight_bits(level, tensor)
        .unwrap_or_else(|| outside::published_bits(&model.native_dtype, tensor))
}

fn is_table(suffix: &str) -> bool {
    matches!(
        suffix,
        "token_embd.weight" | "per_layer_token_embd.weight" | "position_embd.weight" | "token_types.weight"
    )
}

/// The tower of a model that sees, for the engines that load it with the model.
fn tower(model: &Model, engine: Engine) -> Bytes {
    match engine {
        Engine::Vllm | Engine::Sglang | Engine::TensorRtLlm => {
            Bytes(model.modality.mmproj_params.unwrap_or(0).saturating_mul(TOWER_BYTES))
        }
        Engine::LlamaCpp | Engine::Ollama | Engine::Mlx | Engine::ExLlamaV3 => Bytes::ZERO,
    }
}

fn file(model: &Model, sum: Bytes, elements: u64, tensors: u64, exactness: Exactness) -> FileSize {
    let rule = &rules::memory().file;
    let header = Bytes(
        rule.header_bytes_per_tensor * tensors + rule.tokenizer_bytes_per_token * u64::from(model.n_vocab),
    );
    FileSize {
        bytes: sum + header,
        tensor_bytes: sum,
        bits_per_weight: if elements == 0 { 0.0 } else { sum.0 as f64 * 8.0 / elements as f64 },
        // ggml's types do not name these formats.
        types: Vec::new(),
        exact: exactness == Exactness::Exact,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Catalog;

    fn weights(model: &str, level: &str, engine: Engine) -> Weights {
        let catalog = Catalog::embedded();
        let model = catalog.get(catalog.find(model).unwrap());
        Weights::new(model, level.parse().unwrap(), engine, false)
    }

    #[test]
    fn published_sizes_of_qwen2_5_7b_in_mlx() {
        // The files of a hub user, GB (the check set of the formats).
        for (level, gb) in [
            ("NATIVE", 15.24),
            ("MLX-8bit-g64", 8.1),
            ("MLX-6bit-g64", 6.2),
            ("MLX-4bit-g32", 4.77),
            ("MLX-4bit-g64", 4.30),
            ("MLX-4bit-g128", 4.06),
            ("MLX-3bit-g64", 3.34),
            ("MLX-2bit-g64", 2.39),
        ] {
            let size = weights("Qwen/Qwen2.5-7B-Instruct", level, Engine::Mlx).file.bytes.gb();
            assert!((size - gb).abs() < 0.012 * gb + 0.01, "{level}: {size} for {gb}");
        }
    }

    #[test]
    fn loaded_weights_of_vllm() {
        // Startup logs: "model weights take 14.96GiB" (Llama 3 8B, BF16; pull request 10511) and "Model loading
        // took 13.72 GiB" (gpt-oss-20b, MXFP4 with padding and a second layout).
        let llama = weights("meta-llama/Llama-3.1-8B-Instruct", "NATIVE", Engine::Vllm).total().gib();
        assert!((llama - 14.96).abs() < 0.005, "{llama}");
        let gpt = weights("openai/gpt-oss-20b", "NATIVE", Engine::Vllm).total().gib();
        assert!((12.5..13.8).contains(&gpt), "{gpt}");
    }

    #[test]
    fn awq_leaves_embedding_and_head_in_16_bits() {
        let awq = weights("meta-llama/Llama-3.1-8B-Instruct", "AWQ-4bit-g128", Engine::Vllm);
        assert_eq!(awq.embedding, Bytes(128_256 * 4096 * 2));
        // 6,979,321,856 weights in the matrices of the blocks, 1,050,673,152 outside and 262,144 + 4,096 of norms.
        let blocks: Bytes = awq.blocks.iter().copied().sum();
        let norms = 32 * 2 * 4096 * 2;
        assert_eq!(blocks.0 - norms, (6_979_321_856_f64 * 4.15625 / 8.0) as u64);
    }

    #[test]
    fn exl3_adds_a_head_to_tied_embeddings() {
        let exl = weights("Qwen/Qwen3-4B", "EXL3-4.0", Engine::ExLlamaV3);
        assert_eq!(exl.embedding, Bytes(151_936 * 2560 * 2), "16 bits");
        assert_eq!(exl.tied_copy, Bytes(151_936 * 2560 * 6 / 8), "6 bits");
        let own = weights("Qwen/Qwen3-8B", "EXL3-4.0", Engine::ExLlamaV3);
        assert_eq!(own.tied_copy, Bytes::ZERO);
    }

    #[test]
    fn mtp_layers_are_in_the_checkpoint_and_not_loaded() {
        let model = "zai-org/GLM-4.5-Air";
        let native = weights(model, "NATIVE", Engine::Vllm);
        let catalog = Catalog::embedded();
        let model = catalog.get(catalog.find(model).unwrap());
        assert!(native.total() + Bytes(model.params_mtp.unwrap()) < native.file.tensor_bytes);
    }
}
