//! A model's compute graph, block by block, in llama.cpp's order.
//!
//! What a block computes is read off the tensors that its file holds; where architectures with the same
//! tensors differ, [`Traits`] says how.

use crate::estimate::scenario::{CacheType, Scenario};
use crate::model::Model;
use crate::model::record::{Ffn, Mixer};
use crate::quant::GgmlType;

use super::pattern::{Inventory, Names, representative};
use super::size::{Size, Unit};
use super::tape::{Id, Tape};
use super::traits::{RowsPicked, Traits};

/// What of a scenario changes the shape of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Flash attention.
    pub flash: bool,
    /// Keys are quantized, which llama.cpp rotates before it stores them.
    pub rotated_keys: bool,
    /// The same for values.
    pub rotated_values: bool,
}

impl Variant {
    /// That of a scenario.
    pub fn of(scenario: &Scenario) -> Self {
        let quantized = |format: CacheType| format.ggml().is_some_and(GgmlType::is_quantized);
        Self {
            flash: scenario.flash_attention,
            rotated_keys: quantized(scenario.cache_k),
            rotated_values: quantized(scenario.cache_v),
        }
    }
}

/// What of a block lies in main memory although a device computes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lending {
    /// Nothing.
    Nothing,
    /// Its routed experts.
    Experts,
    /// All its weights, with its cache or state.
    All,
}

/// Inputs of attention over one kind of cache.
#[derive(Clone, Copy, Debug)]
pub(super) struct CacheInputs {
    pub(super) key_rows: Id,
    pub(super) value_rows: Id,
    pub(super) mask: Id,
    pub(super) key_rotation: Option<Id>,
    pub(super) value_rotation: Option<Id>,
}

/// A graph under construction.
pub(super) struct Builder<'a> {
    pub(super) tape: Tape,
    pub(super) model: &'a Model,
    pub(super) traits: Traits,
    pub(super) variant: Variant,
    pub(super) block: u32,
    pub(super) names: &'a Names,
    pub(super) positions: Id,
    /// Scales of queries by position.
    pub(super) temperatures: Id,
    pub(super) full: CacheInputs,
    pub(super) window: CacheInputs,
    /// Which states the batch's sequences have.
    pub(super) state_rows: Id,
    /// Which states other sequences have: none when buffers are sized.
    pub(super) other_states: Id,
    /// What of the block lies in main memory.
    pub(super) lent: Lending,
    /// Device that goes on after the next norm: the scheduler leaves a block's first norm, which has no
    /// weight of its own, where the block before was.
    pub(super) next_device: Option<u8>,
    /// Rows are those that get logits, no longer all tokens.
    pub(super) picked: bool,
}

/// How a graph is spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// The processor computes all of it.
    Processor,
    /// One device holds all blocks, or this many one after the other; each a run of [`representative`] ones.
    Devices(u8),
    /// One device holds all but the routed experts.
    ExpertsOnHost,
    /// The first blocks are in main memory, the others on a device that computes all.
    BlocksOnHost,
}

/// The graph of `model`.
pub(super) fn tape(model: &Model, inventory: &Inventory, variant: Variant, spread: Spread) -> Tape {
    let mut tape = Tape::default();
    // Runs of blocks: the device that computes each, and what lies in main memory.
    let runs: Vec<(u8, Lending)> = match spread {
        Spread::Processor => {
            tape.stay_on_host();
            vec![(0, Lending::Nothing)]
        }
        Spread::Devices(devices) => (0..devices.max(1)).map(|device| (device, Lending::Nothing)).collect(),
        Spread::ExpertsOnHost => vec![(0, Lending::Experts)],
        Spread::BlocksOnHost => vec![(0, Lending::All), (0, Lending::Nothing)],
    };
    let traits = Traits::of(model);
    let width = u64::from(model.n_embd);
    let tokens = tape.input(Size::new(Unit::Token, 4));
    // Embeddings could be given in place of tokens; the room for them is kept.
    let given = tape.input(Size::tokens(width));
    tape.keep(given);
    let embedding = tape.own_on_host(Size::tokens(width), &[tokens, given]);
    tape.expand(embedding);
    let full = cache_inputs(&mut tape, model, variant, false);
    let window = cache_inputs(&mut tape, model, variant, true);
    let positions = tape.input(Size::new(Unit::Token, 4 * traits.positions));
    let temperatures = tape.input(Size::new(Unit::Token, 4));
    let output_rows = tape.input(Size::new(Unit::Output, 4));
    let all_states = tape.input(Size::new(Unit::Sequence, 4));
    let state_rows = tape.reshape(all_states);
    let other_states = tape.view(all_states, Size::default());
    let chosen = representative(model, inventory);
    let empty = Names::new();
    let mut builder = Builder {
        tape,
        model,
        traits,
        variant,
        block: 0,
        names: &empty,
        positions,
        temperatures,
        full,
        window,
        state_rows,
        other_states,
        lent: Lending::Nothing,
        next_device: None,
        picked: false,
    };
    let mut stream = embedding;
    if traits.scales {
        stream = builder.tape.change(&[embedding]);
        builder.tape.expand(stream);
    } else if traits.scales_embedding {
        stream = builder.tape.change(&[embedding]);
    }
    let per_layer = builder.per_layer_inputs(inventory.outside(), stream);
    let last = model.n_layer.saturating_sub(1);
    for (run, (device, lent)) in runs.iter().enumerate() {
        builder.next_device = Some(*device);
        builder.lent = *lent;
        for &block in &chosen {
            builder.block = block;
            builder.names = inventory.block(block);
            let is_last = run + 1 == runs.len() && block == last;
            let rows = (is_last && traits.rows_picked == RowsPicked::InLastBlock).then_some(output_rows);
            stream = builder.whole_block(stream, per_layer, rows);
        }
    }
    builder.lent = Lending::Nothing;
    builder.head(stream, output_rows);
    builder.tape
}

fn cache_inputs(tape: &mut Tape, model: &Model, variant: Variant, window: bool) -> CacheInputs {
    let rows = || Size::new(Unit::Token, 8);
    // Without flash attention values are stored value by value.
    let widest = (0..model.n_layer)
        .filter_map(|block| super::super::cache::row(model, block))
        .map(|row| row.v)
        .max()
        .unwrap_or(0);
    let value_rows = if variant.flash { rows() } else { rows() * widest };
    let pair = if window { Unit::WindowPair } else { Unit::Pair };
    let rotation = |wanted: bool, of: u64| wanted.then(|| Size::new(Unit::Fixed, 4 * of * of));
    let shape = if window { &model.attention.swa } else { &model.attention.full };
    let head = u64::from(shape.head_dim_k.unwrap_or(model.head_dim_k));
    // The largest power of two that divides a head, from 64 on.
    let key_side = if head > 0 && head.is_multiple_of(64) { 1 << head.trailing_zeros() } else { 0 };
    let key_rotation = rotation(variant.rotated_keys && key_side > 0, key_side);
    let value_rotation =
        rotation(variant.rotated_values && model.head_dim_v > 0 && model.head_dim_v.is_multiple_of(64), 64);
    CacheInputs {
        key_rows: tape.input(rows()),
        value_rows: tape.input(value_rows),
        mask: tape.input(Size::new(pair, if variant.flash { 2 } else { 4 })),
        key_rotation: key_rotation.map(|size| tape.input(size)),
        value_rotation: value_rotation.map(|size| tape.input(size)),
    }
}

impl Builder<'_> {
    /// `width` F32 values for each row.
    pub(super) fn row(&self, width: u64) -> Size {
        let unit = if self.picked { Unit::Output } else { Unit::Token };
        Size::new(unit, 4 * width)
    }

    /// Width of the residual stream.
    pub(super) fn width(&self) -> Size {
        self.row(u64::from(self.model.n_embd))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    /// Columns of a tensor of this block: its rows' values for a matrix; 0 where there is none.
    pub(super) fn rows_of(&self, name: &str) -> u64 {
        self.names.get(name).map_or(0, |dims| dims[1])
    }

    /// A product with a matrix of a mixer, of `rows` rows.
    pub(super) fn matrix(&mut self, rows: u64, from: Id) -> Id {
        self.product(Unit::LentMixer, rows, from)
    }

    /// A product with a matrix of `rows` rows, whose bytes in main memory are `lent`.
    pub(super) fn product(&mut self, lent: Unit, rows: u64, from: Id) -> Id {
        let size = self.row(rows);
        match self.weight(Size::new(lent, 1)) {
            Some(weight) => self.tape.own(size, &[weight, from]),
            None => self.tape.own(size, &[from]),
        }
    }

    /// A weight of a block that lies in main memory.
    fn weight(&mut self, size: Size) -> Option<Id> {
        (self.lent == Lending::All).then(|| self.tape.weight(size))
    }

    /// Whether caches and states of the block are in main memory.
    pub(super) fn keeps_on_host(&self) -> bool {
        self.lent == Lending::All
    }

    /// A norm with its weight; RMS norms work in place, others do not.
    pub(super) fn norm(&mut self, from: Id) -> Id {
        let size = self.tape.tensors[from.index()].size;
        let normed =
            if self.traits.rms { self.tape.in_place(size, &[from]) } else { self.tape.own(size, &[from]) };
        self.move_on();
        if self.traits.bare_norms { normed } else { self.with_vector(size, normed) }
    }

    /// Adds or multiplies a vector of weights.
    pub(super) fn with_vector(&mut self, size: Size, to: Id) -> Id {
        match self.vector() {
            Some(vector) => self.tape.in_place(size, &[to, vector]),
            None => self.tape.in_place(size, &[to]),
        }
    }

    /// A vector of weights that lies in main memory; its few bytes are taken to be those of a row.
    pub(super) fn vector(&mut self) -> Option<Id> {
        self.weight(Size::new(Unit::Fixed, 4 * u64::from(self.model.n_embd)))
    }

    fn move_on(&mut self) {
        if let Some(device) = self.next_device.take() {
            self.tape.move_to(device);
        }
    }

    fn norm_if(&mut self, name: &str, from: Id) -> Id {
        if self.has(name) { self.norm(from) } else { from }
    }

    /// The norm in front of a mixer or a network.
    fn norm_before(&mut self, name: &str, from: Id) -> Id {
        if self.traits.bare_norms { self.norm(from) } else { self.norm_if(name, from) }
    }

    /// One block: mixer and feed-forward network with their norms and residuals.
    fn whole_block(&mut self, stream: Id, per_layer: Option<Id>, rows: Option<Id>) -> Id {
        let (mixer, ffn) = (self.model.mixer(self.block), self.model.ffn(self.block));
        let mut stream = stream;
        let mut normed = self.norm_before("attn_norm.weight", stream);
        self.move_on();
        if self.traits.expands_norm {
            self.tape.expand(normed);
        }
        let mut attended = (mixer != Mixer::None).then(|| self.mixer(mixer, normed));
        if let Some(rows) = rows {
            self.picked = true;
            let size = self.width();
            if let Some(values) = attended {
                attended = Some(self.tape.own(size, &[values, rows]));
            }
            stream = self.tape.own(size, &[stream, rows]);
            if self.traits.parallel {
                normed = self.tape.own(size, &[normed, rows]);
            }
        }
        if let Some(mut values) = attended {
            // Two norms after attention: one before the sum, or one after it that feeds the network.
            let post = self.has("post_attention_norm.weight");
            let feeds_network = self.has("attn_norm.weight") && !self.has("ffn_norm.weight");
            if post && !feeds_network {
                values = self.norm(values);
            }
            if self.traits.parallel && ffn != Ffn::None {
                let fed = if self.has("ffn_norm.weight") { self.norm(stream) } else { normed };
                let out = self.feed_forward(ffn, fed);
                let (first, second) =
                    if self.traits.attention_last { (stream, values) } else { (values, stream) };
                let sum = self.add(out, first);
                return self.add(sum, second);
            }
            let values = self.scaled(values);
            stream =
                if self.traits.stream_first { self.add(stream, values) } else { self.add(values, stream) };
        }
        if ffn != Ffn::None {
            let own_norm = self.traits.bare_norms
                || if attended.is_some() {
                    self.has("ffn_norm.weight")
                        || self.has("post_attention_norm.weight") && self.has("attn_norm.weight")
                } else {
                    self.has("ffn_norm.weight")
                };
            let fed = match (own_norm, attended) {
                (true, _) => self.norm(stream),
                // A block without mixer norms what it gets once.
                (false, None) => normed,
                (false, Some(_)) => stream,
            };
            let mut out = self.feed_forward_from(ffn, fed, stream);
            out = self.norm_if("post_ffw_norm.weight", out);
            out = self.scaled(out);
            stream =
                if self.traits.stream_first_late { self.add(stream, out) } else { self.add(out, stream) };
        }
        self.per_layer(stream, per_layer)
    }

    /// A sum that takes the first summand's memory where it can.
    pub(super) fn add(&mut self, first: Id, second: Id) -> Id {
        let size = self.width();
        self.tape.in_place(size, &[first, second])
    }

    fn scaled(&mut self, from: Id) -> Id {
        if self.traits.scales { self.tape.change(&[from]) } else { from }
    }

    fn mixer(&mut self, mixer: Mixer, from: Id) -> Id {
        match mixer {
            Mixer::Attention | Mixer::Window | Mixer::Compressed => self.attention(from),
            Mixer::AttentionMamba2 => {
                let attention = self.attention(from);
                let recurrent = self.recurrent(Mixer::Mamba2, from);
                self.add(attention, recurrent)
            }
            other => self.recurrent(other, from),
        }
    }

    /// The output norm and matrix.
    fn head(&mut self, stream: Id, output_rows: Id) {
        let model = self.model;
        let mut out = stream;
        let pick = |builder: &mut Self, from: Id| {
            builder.picked = true;
            let size = builder.width();
            builder.tape.own(size, &[from, output_rows])
        };
        match self.traits.rows_picked {
            RowsPicked::InLastBlock => out = self.norm(out),
            RowsPicked::AfterLastBlock => {
                self.tape.keep(out);
                out = pick(self, out);
                out = self.norm(out);
            }
            RowsPicked::AfterNorm => {
                out = self.norm(out);
                self.tape.keep(out);
                out = pick(self, out);
            }
        }
        self.tape.keep(out);
        if self.traits.without_logits {
            self.tape.expand(out);
            return;
        }
        let logits = self.matrix(u64::from(model.n_vocab), out);
        self.tape.keep(logits);
        self.tape.expand(logits);
    }

    /// Per-layer embeddings of all layers (Gemma 3n and 4): looked up by the processor, mixed with the
    /// stream by the device.
    fn per_layer_inputs(&mut self, outside: &Names, embedding: Id) -> Option<Id> {
        let columns = outside.get("per_layer_model_proj.weight")?[1];
        let size = Size::tokens(columns);
        let tokens = self.tape.input(Size::new(Unit::Token, 4));
        let looked_up = self.tape.own_on_host(size, &[tokens]);
        let shaped = self.tape.reshape(looked_up);
        let scaled = self.tape.in_place(size, &[shaped]);
        self.tape.expand(scaled);
        let projected = self.tape.own(size, &[embedding]);
        let shaped = self.tape.reshape(projected);
        let normed = self.norm(shaped);
        let sum = self.tape.in_place(size, &[normed, scaled]);
        let permuted = self.tape.view(sum, size);
        Some(self.tape.own(size, &[permuted]))
    }

    fn per_layer(&mut self, stream: Id, per_layer: Option<Id>) -> Id {
        let Some(inputs) = per_layer.filter(|_| self.has("inp_gate.weight")) else { return stream };
        let width = self.row(self.rows_of("inp_gate.weight"));
        let gate = self.tape.own(width, &[stream]);
        let slice = self.tape.view(inputs, width);
        let gated = self.tape.in_place(width, &[gate, slice]);
        let projected = self.matrix(u64::from(self.model.n_embd), gated);
        let normed = self.norm(projected);
        self.add(stream, normed)
    }
}
