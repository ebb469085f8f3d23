//! What a pass over a prompt does, whatever it runs on.

use std::ops::{AddAssign, Range};

use crate::model::{Model, inventory};
use crate::quant::mix::MixTensor;
use crate::quant::{Level, outside};

use super::super::cache::{self, CacheRow};
use super::super::compute::is_routed_expert;
use super::super::layout::{Layout, Source};
use super::super::load;
use super::super::plan::Unsupported;
use super::super::scenario::{Engine, Scenario};
use super::super::work;

/// Tokens that MLX takes of a prompt at once (`--prefill-step-size`'s default).
const MLX_BATCH: u32 = 2048;
/// Tokens that the other servers take of a prompt at once (`--max-num-batched-tokens` of vLLM's server).
const SERVER_BATCH: u32 = 8192;

/// A prompt of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// Its tokens.
    pub tokens: u32,
    /// Tokens in the cache before.
    pub depth: u32,
    /// Physical batch, tokens.
    pub batch: u32,
}

impl Prompt {
    /// The prompt of a scenario.
    pub fn new(scenario: &Scenario) -> Self {
        let batch = match scenario.engine {
            Engine::LlamaCpp | Engine::Ollama => scenario.physical_batch(),
            engine => Self::usual_batch(engine),
        };
        Self { tokens: scenario.prompt_tokens.max(1), depth: scenario.depth, batch }
    }

    /// The physical batch of an engine, where nothing else is asked of it.
    pub const fn usual_batch(engine: Engine) -> u32 {
        match engine {
            Engine::LlamaCpp | Engine::Ollama => 512,
            Engine::Mlx => MLX_BATCH,
            Engine::Vllm | Engine::Sglang | Engine::ExLlamaV3 | Engine::TensorRtLlm => SERVER_BATCH,
        }
    }

    /// Tokens of its largest batch.
    pub fn batch(&self) -> u32 {
        self.batch.min(self.tokens).max(1)
    }

    /// Tokens that one of its tokens sees in the mean.
    pub const fn mean_depth(&self) -> u32 {
        self.depth.saturating_add(self.tokens / 2)
    }

    fn batches(&self) -> f64 {
        f64::from(self.tokens.max(1).div_ceil(self.batch()))
    }

    /// How often all batches together read the routed experts of a layer.
    fn experts_read(&self, model: &Model) -> f64 {
        let (tokens, batch) = (self.tokens.max(1), self.batch());
        let rest = f64::from(tokens % batch);
        f64::from(tokens / batch) * load::experts_read(model, f64::from(batch))
            + load::experts_read(model, rest)
    }

    /// Tokens that all tokens of the prompt see together, where a layer sees `window` of them.
    fn seen(&self, window: Option<u32>) -> f64 {
        let (tokens, depth) = (f64::from(self.tokens.max(1)), f64::from(self.depth));
        match window.map(f64::from) {
            Some(window) if window < depth + tokens => {
                let growing = (window - depth).clamp(0.0, tokens);
                growing * (depth + growing / 2.0) + (tokens - growing) * window
            }
            _ => tokens * (depth + tokens / 2.0),
        }
    }
}

/// What is done with blocks for a whole prompt.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PromptWork {
    /// Operations of the graph over all batches: matrices, and vectors as half of one.
    pub operations: f64,
    /// Weights that are read over all batches, bytes.
    pub weights: f64,
    /// Multiplications with them, floating-point operations.
    pub flops: f64,
    /// Multiplications of attention, floating-point operations.
    pub attention: f64,
    /// Of the weights, those that come out of main memory, bytes.
    pub link: f64,
}

impl AddAssign for PromptWork {
    fn add_assign(&mut self, other: Self) {
        self.operations += other.operations;
        self.weights += other.weights;
        self.flops += other.flops;
        self.attention += other.attention;
        self.link += other.link;
    }
}

impl PromptWork {
    /// The rest where `there` is done elsewhere: its weights do not come over the link.
    pub fn without(&self, there: &Self) -> Self {
        Self {
            operations: self.operations - there.operations,
            weights: self.weights - there.weights,
            flops: self.flops - there.flops,
            attention: self.attention - there.attention,
            link: 0.0,
        }
    }
}

/// What of some blocks lies in main memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InRam {
    /// Nothing.
    Nothing,
    /// Their routed experts.
    Experts,
    /// All of them.
    Blocks,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Block {
    operations: f64,
    dense_bytes: f64,
    experts_bytes: f64,
    /// Parameters that a token is multiplied with.
    dense_parameters: f64,
    experts_parameters: f64,
    /// Floating-point operations of the whole prompt's attention.
    attention: f64,
}

/// What a prompt does in each block of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct PromptBlocks {
    /// The prompt.
    pub prompt: Prompt,
    blocks: Vec<Block>,
    /// Bytes of the output matrix, which the last token alone is multiplied with.
    output: f64,
    /// All weights, bytes: what a file holds.
    pub total: f64,
    experts_read: f64,
    loops: f64,
}

impl PromptBlocks {
    /// `model` at `level`, without a layout that is there.
    ///
    /// # Errors
    /// Where the model cannot be had so.
    pub fn new(model: &Model, level: Level, prompt: Prompt) -> Result<Self, Unsupported> {
        if matches!(level, Level::Gguf(_) | Level::Native) && model.llama_cpp {
            let layout = Layout::new(model, &Source::new(model, false), level, true, false)?;
            Ok(Self::of_layout(model, &layout, prompt))
        } else {
            Ok(Self::outside(model, level, prompt))
        }
    }

    /// A file whose layout is known. Its MTP blocks do nothing with a prompt.
    pub fn of_layout(model: &Model, layout: &Layout, prompt: Prompt) -> Self {
        let mut all = Self::without_bytes(model, prompt);
        all.add_parameters(model, |_, _| {});
        for (index, block) in all.blocks.iter_mut().enumerate() {
            block.dense_bytes = layout.sums.dense(index).1.0 as f64;
            block.experts_bytes = layout.sums.experts(index).1.0 as f64;
        }
        all.output = layout.output_read.0 as f64;
        all.total = layout.file.tensor_bytes.0 as f64;
        all
    }

    /// The weights in a format outside GGUF.
    fn outside(model: &Model, level: Level, prompt: Prompt) -> Self {
        let mut all = Self::without_bytes(model, prompt);
        let (mut embedding, mut output, mut total) = (0.0, None, 0.0);
        let mut sizes = vec![(0.0, 0.0); all.blocks.len()];
        all.add_parameters(model, |tensor, block| {
            let shape = MixTensor {
                block: tensor.block,
                suffix: tensor.suffix,
                dims: tensor.dims,
                n_dims: tensor.n_dims,
            };
            let bits = outside::weight_bits(level, &shape)
                .unwrap_or_else(|| outside::published_bits(&model.native_dtype, &shape));
            let bytes = outside::tensor_bytes(bits, &shape).0 as f64;
            total += bytes;
            match block.and_then(|block| sizes.get_mut(block)) {
                Some((_, experts)) if is_routed_expert(tensor.suffix) => *experts += bytes,
                Some((dense, _)) => *dense += bytes,
                None if tensor.suffix == "token_embd.weight" => embedding = bytes,
                None if tensor.suffix == "output.weight" => output = Some(bytes),
                None => {}
            }
        });
        for (block, (dense, experts)) in all.blocks.iter_mut().zip(sizes) {
            (block.dense_bytes, block.experts_bytes) = (dense, experts);
        }
        all.output = output.unwrap_or(embedding);
        all.total = total;
        all
    }

    fn without_bytes(model: &Model, prompt: Prompt) -> Self {
        let blocks = (0..model.n_layer).map(|layer| Block {
            attention: cache::row(model, layer).map_or(0.0, |row| attention(model, &row, &prompt)),
            ..Block::default()
        });
        Self {
            prompt,
            blocks: blocks.collect(),
            output: 0.0,
            total: 0.0,
            experts_read: prompt.experts_read(model),
            loops: f64::from(model.num_loops.max(1)),
        }
    }

    /// Adds up parameters and operations, and shows each tensor with its block to `each`.
    fn add_parameters(&mut self, model: &Model, mut each: impl FnMut(&inventory::Tensor, Option<usize>)) {
        let active = model
            .moe
            .as_ref()
            .map_or(0.0, |moe| (f64::from(moe.n_expert_used) / f64::from(moe.n_expert.max(1))).min(1.0));
        for tensor in inventory::inventory(model).tensors.iter().filter(|tensor| !tensor.mtp) {
            let place = tensor.block.map(|block| block as usize);
            each(tensor, place);
            if let Some(block) = place.and_then(|place| self.blocks.get_mut(place)) {
                block.operations += work::operations(tensor.suffix, tensor.dims);
                if is_routed_expert(tensor.suffix) {
                    block.experts_parameters += tensor.elements() as f64 * active;
                } else {
                    block.dense_parameters += tensor.elements() as f64;
                }
            }
        }
    }

    /// The same where the file is `factor` times as large as its format makes it.
    #[must_use]
    pub fn scaled(mut self, factor: f64) -> Self {
        for block in &mut self.blocks {
            block.dense_bytes *= factor;
            block.experts_bytes *= factor;
        }
        self.output *= factor;
        self.total *= factor;
        self
    }

    /// Blocks.
    pub fn len(&self) -> usize {
        self.blocks.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Work of the blocks of `range`, all computed on one device; an end past the last block takes the output
    /// layer in.
    pub fn of(&self, range: Range<usize>, in_ram: InRam) -> PromptWork {
        let mut sum = PromptWork::default();
        for block in self.held(&range) {
            let (dense, experts) = self.read(block);
            sum += PromptWork {
                operations: block.operations * self.passes(),
                weights: dense + experts,
                flops: self.flops(block.dense_parameters + block.experts_parameters),
                attention: block.attention * self.loops,
                link: match in_ram {
                    InRam::Nothing => 0.0,
                    InRam::Experts => experts,
                    InRam::Blocks => dense + experts,
                },
            };
        }
        if range.end > self.len() {
            sum.weights += self.output;
        }
        sum
    }

    /// Of the work of the blocks of `range`, what is done with the weights in main memory.
    pub fn in_ram(&self, range: Range<usize>, in_ram: InRam) -> PromptWork {
        match in_ram {
            InRam::Nothing => PromptWork::default(),
            InRam::Blocks => self.of(range, in_ram),
            InRam::Experts => {
                let mut sum = PromptWork::default();
                for block in self.held(&range) {
                    let (_, experts) = self.read(block);
                    sum.weights += experts;
                    sum.link += experts;
                    sum.flops += self.flops(block.experts_parameters);
                }
                sum
            }
        }
    }

    fn held(&self, range: &Range<usize>) -> &[Block] {
        let end = range.end.min(self.len());
        &self.blocks[range.start.min(end)..end]
    }

    /// How often each batch goes through a block, over all batches.
    fn passes(&self) -> f64 {
        self.prompt.batches() * self.loops
    }

    /// Bytes that are read of a block over all batches: dense, experts.
    fn read(&self, block: &Block) -> (f64, f64) {
        (block.dense_bytes * self.passes(), block.experts_bytes * self.experts_read * self.loops)
    }

    fn flops(&self, parameters: f64) -> f64 {
        2.0 * parameters * f64::from(self.prompt.tokens.max(1)) * self.loops
    }
}

/// Floating-point operations of the whole prompt's attention in one layer.
fn attention(model: &Model, row: &CacheRow, prompt: &Prompt) -> f64 {
    let one = work::attention_flops(model, &CacheRow { window: None, ..*row }, 1.0);
    one * prompt.seen(row.window)
}
