//! Attention with its caches: grouped, windowed, latent.

use crate::model::record::{Mixer, QkNorm};

use super::super::cache;
use super::blocks::{Builder, CacheInputs};
use super::size::{Size, Unit};
use super::tape::Id;

/// Widths of one block's attention.
#[derive(Clone, Copy, Debug)]
struct Widths {
    heads: u64,
    /// All queries.
    query: u64,
    /// All keys.
    key: u64,
    /// All values.
    value: u64,
    /// All heads' results.
    result: u64,
}

impl Builder<'_> {
    /// The attention of a block on `from`.
    pub(super) fn attention(&mut self, from: Id) -> Id {
        if self.has("attn_kv_a_mqa.weight") { self.latent(from) } else { self.grouped(from) }
    }

    fn windowed(&self) -> bool {
        self.model.mixer(self.block) == Mixer::Window
    }

    fn cache(&self) -> CacheInputs {
        if self.windowed() { self.window } else { self.full }
    }

    fn widths(&self) -> Widths {
        let model = self.model;
        let shape = if self.windowed() { &model.attention.swa } else { &model.attention.full };
        let heads = u64::from(shape.n_head.unwrap_or_else(|| model.n_head.at(self.block)));
        let kv = u64::from(shape.n_head_kv.unwrap_or(model.n_head_kv));
        let k = u64::from(shape.head_dim_k.unwrap_or(model.head_dim_k));
        let v = u64::from(shape.head_dim_v.unwrap_or(model.head_dim_v));
        Widths { heads, query: heads * k, key: kv * k, value: kv * v, result: heads * v }
    }

    fn grouped(&mut self, from: Id) -> Id {
        let widths = self.widths();
        let owns = cache::row(self.model, self.block).is_some();
        let rows = self.rows_of("attn_q.weight");
        let gated = rows > 0 && rows == 2 * widths.query;
        let (query, key, value, gate);
        if self.has("attn_qkv.weight") {
            let all = self.matrix(widths.query + widths.key + widths.value, from);
            query = self.part(all, widths.query);
            key = self.part(all, widths.key);
            value = self.part(all, widths.value);
            gate = None;
        } else {
            let product = self.matrix(if gated { 2 * widths.query } else { widths.query }, from);
            let product = self.biased(product, "attn_q.bias");
            query = if gated || !self.norms_all_heads() { self.part(product, widths.query) } else { product };
            gate = gated.then(|| self.part(product, widths.query));
            let product = self.matrix(widths.key, from);
            let product = self.biased(product, "attn_k.bias");
            key = if self.norms_all_heads() { product } else { self.part(product, widths.key) };
            let product = if self.has("attn_v.weight") {
                let product = self.matrix(widths.value, from);
                self.biased(product, "attn_v.bias")
            } else {
                product
            };
            value = self.part(product, widths.value);
        }
        let mut query = self.placed(query, widths.query, "attn_q_norm.weight");
        if self.traits.tempered && !self.rotary() {
            let size = self.row(widths.query);
            query = self.tape.in_place(size, &[query, self.temperatures]);
        }
        let key = self.placed(key, widths.key, "attn_k_norm.weight");
        let value = if !self.variant.flash && self.has("attn_qkv.weight") {
            // Stored value by value, they must lie without gaps.
            let size = self.row(widths.value);
            self.tape.own(size, &[value])
        } else if self.traits.norms_values {
            let size = self.row(widths.value);
            self.tape.in_place(size, &[value])
        } else {
            value
        };
        let mut result = self.attend(&widths, query, owns.then_some((key, value)));
        if self.has("attn_gate.weight") {
            let rows = self.rows_of("attn_gate.weight");
            let gate = self.matrix(rows, from);
            let gate = self.tape.change(&[gate]);
            let size = self.row(widths.result);
            result = self.tape.in_place(size, &[result, gate]);
        } else if let Some(gate) = gate {
            let size = self.row(widths.query);
            let copied = self.tape.own(size, &[gate]);
            let opened = self.tape.change(&[copied]);
            result = self.tape.in_place(size, &[result, opened]);
        }
        if self.has("attn_sub_norm.weight") {
            result = self.norm(result);
        }
        let out = self.matrix(u64::from(self.model.n_embd), result);
        self.biased(out, "attn_output.bias")
    }

    /// Adds a bias where the block has it.
    fn biased(&mut self, to: Id, name: &str) -> Id {
        if !self.has(name) {
            return to;
        }
        let size = self.tape.tensors[to.index()].size;
        self.with_vector(size, to)
    }

    fn rotary(&self) -> bool {
        self.traits.rotary && (self.windowed() || !self.traits.rotary_in_windows)
    }

    fn norms_all_heads(&self) -> bool {
        self.model.qk_norm == QkNorm::Full
    }

    fn part(&mut self, of: Id, width: u64) -> Id {
        let size = self.row(width);
        self.tape.view(of, size)
    }

    /// Queries or keys with their norm and rotary position.
    fn placed(&mut self, from: Id, width: u64, norm: &str) -> Id {
        let size = self.row(width);
        let mut placed = from;
        if self.has(norm) {
            let normed = self.tape.in_place(size, &[placed]);
            placed = self.with_vector(size, normed);
            if self.norms_all_heads() {
                placed = self.tape.view(placed, size);
            }
        }
        if self.rotary() {
            placed = self.tape.in_place(size, &[placed, self.positions]);
        }
        placed
    }

    /// Rotates the values of a head among themselves, as quantized caches want it.
    fn rotated(&mut self, from: Id, rotation: Option<Id>) -> Id {
        let Some(rotation) = rotation else { return from };
        let size = self.tape.tensors[from.index()].size;
        let shaped = self.tape.reshape(from);
        let turned = self.tape.own(size, &[rotation, shaped]);
        self.tape.reshape(turned)
    }

    /// Stores keys and values, and attends over the cache.
    fn attend(&mut self, widths: &Widths, query: Id, own: Option<(Id, Id)>) -> Id {
        let cache = self.cache();
        let query = self.rotated(query, cache.key_rotation);
        let stored = own.map(|(key, value)| {
            (self.rotated(key, cache.key_rotation), self.rotated(value, cache.value_rotation))
        });
        self.tape.expand(query);
        if let Some((key, value)) = stored {
            let (first, second) = if self.traits.windows { (key, value) } else { (value, key) };
            self.tape.expand(first);
            self.tape.expand(second);
            let on_host = self.keeps_on_host();
            let flat = self.tape.reshape(key);
            let sink = self.tape.sink(&[flat, cache.key_rows], on_host);
            self.tape.expand(sink);
            let flat = self.tape.reshape(value);
            let sink = self.tape.sink(&[flat, cache.value_rows], on_host);
            self.tape.expand(sink);
        }
        let result = self.scores(widths.heads, widths.key, widths.value, widths.result, query);
        self.tape.expand(result);
        self.rotated(result, cache.value_rotation)
    }

    /// Scores, their softmax, and the sum of the values.
    fn scores(&mut self, heads: u64, key: u64, value: u64, result: u64, query: Id) -> Id {
        let mask = self.cache().mask;
        let windowed = self.windowed();
        let size = self.row(result);
        let permuted = self.tape.reshape(query);
        if self.variant.flash {
            let (k, v) = if windowed {
                (Unit::WindowKeyCell, Unit::WindowValueCell)
            } else {
                (Unit::KeyCell, Unit::ValueCell)
            };
            // Where the cache is not f16, CUDA turns one layer's into f16 beside the result.
            let with_copies = size + Size::new(k, 2 * key) + Size::new(v, 2 * value);
            let keys = self.stored(key, false);
            let values = self.stored(value, true);
            let attended = match (keys, values) {
                (Some(keys), Some(values)) => self.tape.own(with_copies, &[permuted, keys, values, mask]),
                _ => self.tape.own(with_copies, &[permuted, mask]),
            };
            return self.tape.view(attended, size);
        }
        let pair = Size::new(if windowed { Unit::WindowPair } else { Unit::Pair }, 4 * heads);
        let product = match self.stored(key, false) {
            Some(keys) => self.tape.own(pair, &[keys, permuted]),
            None => self.tape.own(pair, &[permuted]),
        };
        let softmax = self.tape.in_place(pair, &[product, mask]);
        let summed = match self.stored(value, true) {
            Some(values) => self.tape.own(size, &[values, softmax]),
            None => self.tape.own(size, &[softmax]),
        };
        let permuted = self.tape.reshape(summed);
        self.tape.own(size, &[permuted])
    }

    /// A cache in main memory of `width` values a cell.
    fn stored(&mut self, width: u64, values: bool) -> Option<Id> {
        let unit = match (self.windowed(), values) {
            (false, false) => Unit::StoredKeys,
            (false, true) => Unit::StoredValues,
            (true, false) => Unit::WindowStoredKeys,
            (true, true) => Unit::WindowStoredValues,
        };
        self.keeps_on_host().then(|| self.tape.cache(Size::new(unit, width / 32)))
    }

    /// Multi-head latent attention in its absorbed form: one key for all heads, values are its first part.
    fn latent(&mut self, from: Id) -> Id {
        let Some(mla) = &self.model.attention.mla else { return self.grouped(from) };
        let heads = u64::from(self.model.n_head.at(self.block));
        let (rank, rope) = (u64::from(mla.kv_lora_rank), u64::from(mla.qk_rope_head_dim));
        let (nope, out) = (u64::from(mla.qk_nope_head_dim), u64::from(mla.v_head_dim));
        let query = match mla.q_lora_rank {
            Some(rank) => {
                let down = self.matrix(rank.into(), from);
                let normed = self.norm(down);
                self.matrix(heads * (nope + rope), normed)
            }
            None => self.matrix(heads * (nope + rope), from),
        };
        let still = self.part(query, heads * nope);
        let turned = self.part(query, heads * rope);
        let joint = self.matrix(rank + rope, from);
        let latent = self.part(joint, rank);
        let key_turned = self.part(joint, rope);
        let (turned, key_turned) = if self.traits.rotary {
            let size = self.row(heads * rope);
            let placed = self.tape.in_place(size, &[turned, self.positions]);
            let size = self.row(rope);
            (placed, self.tape.in_place(size, &[key_turned, self.positions]))
        } else {
            (turned, key_turned)
        };
        let latent = self.norm(latent);
        let permuted = self.tape.reshape(still);
        let absorbed = self.matrix(heads * rank, permuted);
        let permuted = self.tape.reshape(absorbed);
        let size = self.row(heads * (rank + rope));
        let query = self.tape.own(size, &[permuted, turned]);
        let latent = self.tape.reshape(latent);
        let size = self.row(rank + rope);
        let key = self.tape.own(size, &[latent, key_turned]);

        let cache = self.cache();
        self.tape.expand(query);
        self.tape.expand(latent);
        self.tape.expand(key);
        let on_host = self.keeps_on_host();
        let flat = self.tape.reshape(key);
        let sink = self.tape.sink(&[flat, cache.key_rows], on_host);
        self.tape.expand(sink);
        let result = self.latent_scores(heads, rank, rope, out, query);
        self.tape.expand(result);
        let result = self.gate_latent(from, result, heads * out);
        self.matrix(u64::from(self.model.n_embd), result)
    }

    fn latent_scores(&mut self, heads: u64, rank: u64, rope: u64, out: u64, query: Id) -> Id {
        let mask = self.cache().mask;
        let permuted = self.tape.reshape(query);
        let summed_size = self.row(heads * rank);
        let out_size = self.row(heads * out);
        if self.variant.flash {
            let size = summed_size + Size::new(Unit::KeyCell, 2 * (rank + rope));
            let attended = match self.stored(rank + rope, false) {
                Some(keys) => self.tape.own(size, &[permuted, keys, mask]),
                None => self.tape.own(size, &[permuted, mask]),
            };
            let permuted = self.tape.view(attended, summed_size);
            let expanded = self.tape.own(out_size, &[permuted]);
            let permuted = self.tape.reshape(expanded);
            return self.tape.own(out_size, &[permuted]);
        }
        let pair = Size::new(Unit::Pair, 4 * heads);
        let keys = self.stored(rank + rope, false);
        let product = match keys {
            Some(keys) => self.tape.own(pair, &[keys, permuted]),
            None => self.tape.own(pair, &[permuted]),
        };
        let softmax = self.tape.in_place(pair, &[product, mask]);
        // The values are the keys' first part, laid out anew.
        let values = self.tape.own(Size::new(Unit::Cell, 2 * rank), &[]);
        let summed = self.tape.own(summed_size, &[values, softmax]);
        let expanded = self.tape.own(out_size, &[summed]);
        let permuted = self.tape.reshape(expanded);
        self.tape.own(out_size, &[permuted])
    }

    fn gate_latent(&mut self, from: Id, result: Id, width: u64) -> Id {
        if !self.has("attn_gate.weight") {
            return result;
        }
        let size = self.row(width);
        let gate = self.tape.own(size, &[from]);
        let opened = self.tape.change(&[gate]);
        self.tape.in_place(size, &[result, opened])
    }
}
