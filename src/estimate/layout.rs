//! A model's file at one quantization: its size, and its bytes by block and place.

use std::sync::Arc;

use crate::language::tr;
use crate::model::inventory::{self, Exactness, Tensor};
use crate::model::record::{Model, PerLayer};
use crate::quant::mix::{self, Mix, MixContext, MixTensor};
use crate::quant::quality::Retained;
use crate::quant::{GgmlType, Level, TensorTable};
use crate::units::Bytes;

use super::compute::{Lent, WeightKind};
use super::plan::{FileSize, TypeShare, Unsupported};
use super::sums::Sums;
use super::{quality, rules, work};

/// CUDA allocates each tensor in steps of this.
const CUDA_ALIGNMENT: u64 = 128;
/// CUDA pads the rows of quantized tensors to this many values.
const CUDA_ROW: u64 = 512;
/// A GGUF file pads each tensor to this.
const FILE_ALIGNMENT: u64 = 32;

/// Bytes of a model by where they can go.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The file.
    pub file: Arc<FileSize>,
    /// Its bytes, once more beside what every answer reads.
    pub file_bytes: Bytes,
    /// Blocks that are loaded, first to last; MTP blocks stand last where they are loaded.
    pub sums: Sums,
    /// Blocks that the file counts, loaded or not.
    pub file_blocks: u32,
    /// Input embedding and other tables that always stay in main memory.
    pub input: Bytes,
    /// Output matrix, norms and the rest outside the blocks, as the host holds them. A tied output matrix
    /// is the input embedding and counts here nothing.
    pub output_host: Bytes,
    /// The same as a device holds them: a tied output matrix is a second copy there.
    pub output_device: Bytes,
    /// Output matrix that every token reads.
    pub output_read: Bytes,
    /// Bits of a parameter on average: [`FileSize::bits_per_weight`], at hand.
    pub bits_per_weight: f64,
    /// Operations of all blocks: [`work::operations`].
    pub operations: f64,
    /// Of them, those of routed experts.
    pub expert_operations: f64,
    /// What is kept of the model's quality.
    pub quality: Retained,
    /// What the converter or the format does to this model and a reader should know.
    pub warnings: Vec<String>,
}

/// Bytes of one block.
#[derive(Clone, Copy, Debug, Default)]
pub struct Block {
    /// All but routed experts, in main memory.
    pub dense_host: Bytes,
    /// All but routed experts, on a device, with CUDA's padding.
    pub dense_device: Bytes,
    /// Routed experts in main memory.
    pub experts_host: Bytes,
    /// Routed experts on a device, with CUDA's padding.
    pub experts_device: Bytes,
    /// The largest weights by kind: what a GPU borrows to compute on a long prompt where they lie in main
    /// memory.
    pub largest: Lent,
}

/// A model's tensors, prepared for all quantizations.
#[derive(Debug)]
pub struct Source {
    tensors: Vec<Tensor>,
    /// What each is.
    kinds: Vec<WeightKind>,
    exactness: Exactness,
    mix: Mix,
}

impl Source {
    /// The tensors that the file of `model` holds; with its MTP layers where they are asked for or the
    /// usual file holds them anyway.
    pub fn new(model: &Model, mtp: bool) -> Self {
        let inventory = inventory::inventory(model);
        let with_mtp = mtp || inventory.mtp_in_file;
        let tensors: Vec<Tensor> = inventory.tensors.into_iter().filter(|t| !t.mtp || with_mtp).collect();
        let context = MixContext {
            arch: &model.arch,
            n_layer: tensors.iter().filter_map(|t| t.block).max().map_or(0, |last| last + 1),
            gqa: gqa(model),
            n_expert: model.moe.as_ref().map_or(0, |moe| moe.n_expert),
            tied: model.tied_embeddings,
            imatrix: false,
        };
        let mix = Mix::new(&context, &mix_tensors(&tensors));
        let kinds = tensors.iter().map(|tensor| WeightKind::of(tensor.suffix)).collect();
        Self { tensors, kinds, exactness: inventory.exactness, mix }
    }

    fn formats(
        &self,
        model: &Model,
        level: Level,
        imatrix: bool,
        warnings: &mut Vec<String>,
    ) -> Result<Vec<GgmlType>, Unsupported> {
        match level {
            _ if !model.llama_cpp => Err(unreadable(model, level)),
            Level::Gguf(file_type) => Ok(self.mix.types(file_type, imatrix)),
            Level::Native => {
                if mix::expands_to_bf16(&model.native_dtype) {
                    warnings.push(tr!(
                        "published in {native_dtype}; llama.cpp's converter writes BF16, which is larger",
                        native_dtype = model.native_dtype
                    ));
                }
                Ok(mix::native_types(&model.arch, &model.native_dtype, &mix_tensors(&self.tensors)))
            }
            other => Err(unreadable(model, other)),
        }
    }
}

/// Why llama.cpp does not read `model` at `level`, where it does not.
pub fn unreadable(model: &Model, level: Level) -> Unsupported {
    let reason = if model.llama_cpp {
        tr!("{level} is no GGUF format: llama.cpp and Ollama do not read it", level)
    } else {
        tr!(
            "llama.cpp does not run the architecture {arch} of {display_name}",
            arch = model.arch,
            display_name = model.display_name
        )
    };
    Unsupported { reason }
}

/// A tensor in its format.
#[derive(Clone, Copy, Debug)]
struct Piece<'a> {
    block: Option<u32>,
    suffix: &'a str,
    kind: WeightKind,
    dims: [u64; 3],
    format: GgmlType,
}

impl Piece<'_> {
    fn bytes(&self) -> Bytes {
        self.format.tensor_bytes(self.dims)
    }

    /// The same on a device, where the host has `host` bytes.
    fn device_bytes(&self, host: Bytes) -> Bytes {
        let partial = self.dims[0] % CUDA_ROW;
        let is_padded = self.format.block() > 1 && partial != 0;
        let padding = if is_padded { self.format.row_bytes(CUDA_ROW - partial) } else { Bytes::ZERO };
        (host + padding).padded_to(CUDA_ALIGNMENT)
    }
}

fn mix_tensors(tensors: &[Tensor]) -> Vec<MixTensor<'static>> {
    tensors
        .iter()
        .map(|t| MixTensor { block: t.block, suffix: t.suffix, dims: t.dims, n_dims: t.n_dims })
        .collect()
}

impl Layout {
    /// The layout of `model` at `level`; `mtp`: its MTP layers are loaded.
    ///
    /// # Errors
    /// Where the format has no size rules yet, or the model cannot be had in it.
    pub fn new(
        model: &Model,
        source: &Source,
        level: Level,
        imatrix: bool,
        mtp: bool,
    ) -> Result<Self, Unsupported> {
        let mut warnings = Vec::new();
        let formats = source.formats(model, level, imatrix, &mut warnings)?;
        if source.exactness == Exactness::ByClass {
            warnings.push(tr!(
                "size by classes of tensors: the exact names and shapes of {arch} are not known",
                arch = model.arch
            ));
        }
        let of_tensors = source.tensors.iter().zip(&source.kinds).zip(&formats);
        let pieces = of_tensors.map(|((tensor, &kind), &format)| Piece {
            block: tensor.block,
            suffix: tensor.suffix,
            kind,
            dims: tensor.dims,
            format,
        });
        let mut layout = Self::sum(model, pieces.clone(), mtp);
        layout.warnings = warnings;
        let size = Size::of(pieces);
        let rule = &rules::memory().file;
        let header = Bytes(
            rule.header_bytes_per_tensor * source.tensors.len() as u64
                + rule.tokenizer_bytes_per_token * u64::from(model.n_vocab),
        );
        let file = size.padded + header;
        layout.file = Arc::new(size.file(file, source.exactness == Exactness::Exact));
        layout.file_bytes = layout.file.bytes;
        layout.bits_per_weight = layout.file.bits_per_weight;
        layout.quality = quality::retained(model, level, imatrix, layout.file.bits_per_weight);
        Ok(layout)
    }

    /// The layout of a file whose tensors are known, in which `level` is only the name of its mix.
    pub fn of_file(model: &Model, table: &TensorTable, level: Level, mtp: bool) -> Self {
        let pieces = table.tensors.iter().map(|tensor| Piece {
            block: tensor.block,
            suffix: &tensor.suffix,
            kind: WeightKind::of(&tensor.suffix),
            dims: tensor.dims,
            format: tensor.format,
        });
        let mut layout = Self::sum(model, pieces.clone(), mtp);
        layout.file = Arc::new(Size::of(pieces).file(table.file_bytes, true));
        layout.file_bytes = layout.file.bytes;
        layout.bits_per_weight = layout.file.bits_per_weight;
        layout.quality = quality::retained(model, level, table.imatrix, layout.file.bits_per_weight);
        layout
    }

    fn sum<'a>(model: &Model, pieces: impl Iterator<Item = Piece<'a>> + Clone, mtp: bool) -> Self {
        let loaded = model.n_layer + if mtp { model.mtp_layers } else { 0 };
        let file_blocks = pieces.clone().filter_map(|piece| piece.block).max().map_or(0, |last| last + 1);
        let mut blocks = vec![Block::default(); loaded as usize];
        let mut layout = Self {
            file: Arc::default(),
            file_bytes: Bytes::ZERO,
            sums: Sums::default(),
            file_blocks: file_blocks.max(loaded),
            input: Bytes::ZERO,
            output_host: Bytes::ZERO,
            output_device: Bytes::ZERO,
            output_read: Bytes::ZERO,
            bits_per_weight: 0.0,
            operations: 0.0,
            expert_operations: 0.0,
            quality: Retained::AS_PUBLISHED,
            warnings: Vec::new(),
        };
        let mut token_embd = (Bytes::ZERO, Bytes::ZERO);
        let mut has_output = false;
        for piece in pieces {
            let Piece { suffix, kind, .. } = piece;
            let host = piece.bytes();
            let device = piece.device_bytes(host);
            match piece.block {
                Some(block) => {
                    if let Some(block) = blocks.get_mut(block as usize) {
                        block.add(kind, host, device);
                        let operations = work::operations_of(kind, piece.dims);
                        layout.operations += operations;
                        if kind.is_routed() {
                            layout.expert_operations += operations;
                        }
                    }
                }
                None if is_input(suffix) && !is_final_norm(model, suffix) => {
                    layout.input += host;
                    if suffix == "token_embd.weight" {
                        token_embd = (host, device);
                    }
                }
                None if follows_first_block(suffix) && !blocks.is_empty() => {
                    blocks[0].add(kind, host, device);
                }
                None => {
                    layout.output_host += host;
                    layout.output_device += device;
                    if suffix == "output.weight" {
                        has_output = true;
                        layout.output_read = host;
                    }
                }
            }
        }
        let rules = rules::memory();
        let is_copied = !rules.no_output_copy.has(&model.arch);
        if !has_output && (is_copied || !rules.no_cache.has(&model.arch)) {
            // A tied matrix is read for each token where it is, copied or not; encoders have no output.
            layout.output_read = token_embd.0;
        }
        if !has_output && is_copied {
            layout.output_device += token_embd.1;
            if rules.tied_copy_on_host.has(&model.arch) {
                layout.output_host += token_embd.0;
            }
        }
        layout.sums = Sums::new(&blocks);
        layout
    }
}

impl Block {
    fn add(&mut self, kind: WeightKind, host: Bytes, device: Bytes) {
        self.largest.take(kind, host.0);
        if kind.is_routed() {
            self.experts_host += host;
            self.experts_device += device;
        } else {
            self.dense_host += host;
            self.dense_device += device;
        }
    }
}

/// Tables that are looked up by the host and never go to a device.
fn is_input(suffix: &str) -> bool {
    matches!(
        suffix,
        "token_embd.weight"
            | "per_layer_token_embd.weight"
            | "position_embd.weight"
            | "token_types.weight"
            | "token_embd_norm.weight"
            | "token_embd_norm.bias"
    )
}

/// LFM2 calls its output norm by another name.
fn is_final_norm(model: &Model, suffix: &str) -> bool {
    model.arch.starts_with("lfm2") && suffix == "token_embd_norm.weight"
}

/// Tensors outside the blocks that llama.cpp puts beside the first one (Gemma 3n and 4 E).
fn follows_first_block(suffix: &str) -> bool {
    matches!(suffix, "per_layer_model_proj.weight" | "per_layer_proj_norm.weight")
}

/// What `llama-quantize` looks at in a model beside its tensors, for the file that is `table`.
pub fn mix_context<'a>(model: &'a Model, table: &TensorTable) -> MixContext<'a> {
    MixContext {
        arch: &model.arch,
        n_layer: table.tensors.iter().filter_map(|tensor| tensor.block).max().map_or(0, |last| last + 1),
        gqa: gqa(model),
        n_expert: model.moe.as_ref().map_or(0, |moe| moe.n_expert),
        tied: model.tied_embeddings,
        imatrix: table.imatrix,
    }
}

/// Query heads for each key–value head, as the file's metadata gives it.
fn gqa(model: &Model) -> u32 {
    if rules::memory().array_head_count_kv.has(&model.arch) {
        return 0;
    }
    let heads = match &model.n_head {
        PerLayer::All(heads) => *heads,
        PerLayer::Each(heads) => heads.first().copied().unwrap_or(0),
    };
    let kv = if model.attention.mla.is_some() { 1 } else { model.n_head_kv };
    heads.checked_div(kv).unwrap_or(0)
}

/// What a file holds, summed up.
#[derive(Default)]
struct Size {
    types: Vec<TypeShare>,
    bytes: Bytes,
    padded: Bytes,
    elements: u64,
}

impl Size {
    fn of<'a>(pieces: impl Iterator<Item = Piece<'a>>) -> Self {
        let mut size = Self::default();
        for piece in pieces {
            let Piece { format, dims, .. } = piece;
            let bytes = piece.bytes();
            size.bytes += bytes;
            size.padded += bytes.padded_to(FILE_ALIGNMENT);
            size.elements = size.elements.saturating_add(dims.iter().product());
            match size.types.iter_mut().find(|share| share.format == format) {
                Some(share) => {
                    share.tensors += 1;
                    share.bytes += bytes;
                }
                None => size.types.push(TypeShare { format, tensors: 1, bytes }),
            }
        }
        size.types.sort_by_key(|share| share.format);
        size
    }

    /// A file of `file` bytes with these tensors.
    fn file(self, file: Bytes, exact: bool) -> FileSize {
        FileSize {
            bytes: file,
            tensor_bytes: self.bytes,
            bits_per_weight: match self.elements {
                0 => 0.0,
                elements => self.bytes.0 as f64 * 8.0 / elements as f64,
            },
            types: self.types,
            exact,
        }
    }
}
