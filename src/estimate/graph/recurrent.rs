//! Mixers with a state of fixed size for each sequence.

use crate::model::record::{Mixer, Recurrent};

use super::blocks::Builder;
use super::size::{Size, Unit};
use super::tape::Id;

fn get(value: Option<u32>) -> u64 {
    value.unwrap_or(0).into()
}

impl Builder<'_> {
    /// The recurrent mixer of a block on `from`.
    pub(super) fn recurrent(&mut self, mixer: Mixer, from: Id) -> Id {
        let model = self.model;
        let Some(recurrent) = &model.recurrent else { return from };
        match mixer {
            Mixer::Mamba2 => self.mamba2(recurrent, from),
            Mixer::Mamba1 => self.mamba1(recurrent, from),
            Mixer::GatedDeltaNet => self.gated_delta_net(recurrent, from),
            Mixer::Kda => self.kda(recurrent, from),
            Mixer::ShortConv => self.short_convolution(recurrent, from),
            Mixer::Lightning => self.lightning(recurrent, from),
            Mixer::Rwkv7 => self.rwkv7(recurrent, from),
            Mixer::Attention | Mixer::Window | Mixer::AttentionMamba2 | Mixer::Compressed | Mixer::None => {
                from
            }
        }
    }

    fn per_sequence(values: u64) -> Size {
        Size::new(Unit::Sequence, 4 * values)
    }

    /// The states of the batch's sequences, `values` each.
    fn states(&mut self, values: u64) -> Id {
        let size = Self::per_sequence(values);
        let states = if self.keeps_on_host() {
            self.tape.own_on_host(size, &[self.state_rows])
        } else {
            self.tape.own(size, &[self.state_rows])
        };
        self.tape.expand(states);
        self.move_others();
        states
    }

    /// States of sequences that are not in the batch are moved too: none when buffers are sized.
    fn move_others(&mut self) {
        let others = if self.keeps_on_host() {
            self.tape.own_on_host(Size::default(), &[self.other_states])
        } else {
            self.tape.own(Size::default(), &[self.other_states])
        };
        self.store(others);
    }

    fn store(&mut self, from: Id) {
        let sink = self.tape.sink(&[from], self.keeps_on_host());
        self.tape.expand(sink);
    }

    /// A causal convolution over `channels` of `from`, the last taps kept as state.
    fn convolved(&mut self, recurrent: &Recurrent, states: Id, from: Id, channels: u64) -> Id {
        let taps = get(recurrent.d_conv).saturating_sub(1);
        let states = self.tape.reshape(states);
        let turned = self.tape.reshape(from);
        let size = self.row(channels);
        let joined = self.tape.own(size + Self::per_sequence(taps * channels), &[states, turned]);
        let last = self.tape.strided(joined, Self::per_sequence(taps * channels));
        self.store(last);
        let mut convolved = self.with_kernel(size, joined);
        if recurrent.conv_bias {
            convolved = self.with_vector(size, convolved);
        }
        self.tape.in_place(size, &[convolved])
    }

    /// The convolution itself.
    fn with_kernel(&mut self, size: Size, joined: Id) -> Id {
        match self.vector() {
            Some(kernel) => self.tape.own(size, &[joined, kernel]),
            None => self.tape.own(size, &[joined]),
        }
    }

    /// The scan is computed where the states are.
    fn scan(&mut self, size: Size, sources: &[Id; 4]) -> Id {
        let [x, dt, b, c] = *sources;
        let sources = [x, dt, b, c, self.state_rows];
        if self.keeps_on_host() {
            self.tape.own_on_host(size, &sources)
        } else {
            self.tape.own(size, &sources)
        }
    }

    fn mamba2(&mut self, recurrent: &Recurrent, from: Id) -> Id {
        let (inner, state, heads) = (get(recurrent.d_inner), get(recurrent.d_state), get(recurrent.n_head));
        let groups = u64::from(recurrent.n_group.unwrap_or(1));
        let channels = inner + 2 * groups * state;
        let taps = get(recurrent.d_conv).saturating_sub(1);
        let conv_states = self.states(taps * channels);
        let fed = self.tape.reshape(from);
        let all = self.matrix(inner + channels + heads, fed);
        let (inner_size, small) = (self.row(inner), self.row(heads));
        let gate = self.tape.view(all, inner_size);
        let channels_size = self.row(channels);
        let mixed = self.tape.view(all, channels_size);
        let step = self.tape.view(all, small);
        let convolved = self.convolved(recurrent, conv_states, mixed, channels);
        let input = self.tape.strided(convolved, inner_size);
        let write = self.tape.strided(convolved, small);
        let read = self.tape.strided(convolved, small);
        let copied = self.tape.own(small, &[step]);
        let step = self.with_vector(small, copied);
        let scanned = self.scan(inner_size + Self::per_sequence(inner * state), &[input, step, write, read]);
        self.tape.expand(scanned);
        self.move_others();
        let last = self.tape.view(scanned, Self::per_sequence(inner * state));
        self.store(last);
        let output = self.tape.view(scanned, inner_size);
        let skipped = match self.vector() {
            Some(weight) => self.tape.own(inner_size, &[input, weight]),
            None => self.tape.own(inner_size, &[input]),
        };
        let sum = self.tape.in_place(inner_size, &[output, skipped]);
        let gate = self.tape.own(inner_size, &[gate]);
        let mut gated = self.tape.own(inner_size, &[gate, sum]);
        if self.has("ssm_norm.weight") {
            gated = self.tape.reshape(gated);
            gated = self.norm(gated);
        }
        let gated = self.tape.reshape(gated);
        self.matrix(u64::from(self.model.n_embd), gated)
    }

    fn mamba1(&mut self, recurrent: &Recurrent, from: Id) -> Id {
        let (inner, state, rank) = (get(recurrent.d_inner), get(recurrent.d_state), get(recurrent.dt_rank));
        let taps = get(recurrent.d_conv).saturating_sub(1);
        let conv_states = self.states(taps * inner);
        let fed = self.tape.reshape(from);
        let both = self.matrix(2 * inner, fed);
        let inner_size = self.row(inner);
        let input = self.tape.view(both, inner_size);
        let gate = self.tape.view(both, inner_size);
        let input = self.convolved(recurrent, conv_states, input, inner);
        let joint = self.matrix(rank + 2 * state, input);
        let (rank_size, state_size) = (self.row(rank), self.row(state));
        let mut step = self.tape.view(joint, rank_size);
        let mut write = self.tape.strided(joint, state_size);
        let mut read = self.tape.strided(joint, state_size);
        if recurrent.inner_norms {
            (step, write, read) = (self.norm(step), self.norm(write), self.norm(read));
        }
        let step = self.matrix(inner, step);
        let shaped = self.tape.reshape(input);
        let scanned = self.scan(inner_size + Self::per_sequence(inner * state), &[shaped, step, write, read]);
        self.tape.expand(scanned);
        self.move_others();
        let last = self.tape.view(scanned, Self::per_sequence(inner * state));
        self.store(last);
        let output = self.tape.view(scanned, inner_size);
        let skipped = self.tape.in_place(inner_size, &[input]);
        let sum = self.tape.in_place(inner_size, &[output, skipped]);
        let gate = self.tape.own(inner_size, &[gate]);
        let gated = self.tape.own(inner_size, &[gate, sum]);
        let out = self.matrix(u64::from(self.model.n_embd), gated);
        self.tape.reshape(out)
    }

    fn gated_delta_net(&mut self, recurrent: &Recurrent, from: Id) -> Id {
        let (key_heads, value_heads) = (get(recurrent.n_head_k), get(recurrent.n_head_v));
        let keys = key_heads * get(recurrent.head_dim_k);
        let inner = value_heads * get(recurrent.head_dim_v);
        let channels = inner + 2 * keys;
        let taps = get(recurrent.d_conv).saturating_sub(1);
        let state = get(recurrent.head_dim_k) * inner;
        let mixed = self.matrix(channels, from);
        let z = self.matrix(inner, from);
        let small = self.row(value_heads);
        let (beta, gate);
        if self.has("ssm_ba.weight") {
            let both = self.matrix(2 * value_heads, from);
            let (b, a) = (self.tape.view(both, small), self.tape.view(both, small));
            let copied = self.tape.own(small, &[b]);
            beta = self.tape.in_place(small, &[copied]);
            let copied = self.tape.own(small, &[a]);
            gate = self.with_vector(small, copied);
        } else {
            let b = self.matrix(value_heads, from);
            let shaped = self.tape.reshape(b);
            beta = self.tape.in_place(small, &[shaped]);
            let a = self.matrix(value_heads, from);
            let shaped = self.tape.reshape(a);
            gate = self.with_vector(small, shaped);
        }
        let (beta, gate) = (self.tape.reshape(beta), self.tape.reshape(gate));
        let conv_states = self.states(taps * channels);
        let mixed = self.tape.reshape(mixed);
        let channels_size = self.row(channels);
        let states = self.tape.reshape(conv_states);
        let turned = self.tape.reshape(mixed);
        let joined = self.tape.own(channels_size + Self::per_sequence(taps * channels), &[states, turned]);
        let last = self.tape.strided(joined, Self::per_sequence(taps * channels));
        self.store(last);
        let states = self.states(state);
        let convolved = self.with_kernel(channels_size, joined);
        let convolved = self.tape.in_place(channels_size, &[convolved]);
        let (keys_size, inner_size) = (self.row(keys), self.row(inner));
        let mut query = self.tape.view(convolved, keys_size);
        let mut key = self.tape.view(convolved, keys_size);
        let value = self.tape.strided(convolved, inner_size);
        query = self.tape.own(keys_size, &[query]);
        key = self.tape.own(keys_size, &[key]);
        if self.traits.repeats_keys && key_heads != value_heads {
            query = self.repeated(query, inner_size);
            key = self.repeated(key, inner_size);
        }
        let states = self.tape.reshape(states);
        let out =
            self.tape.own(inner_size + Self::per_sequence(state), &[query, key, value, gate, beta, states]);
        let last = self.tape.view(out, Self::per_sequence(state));
        self.store(last);
        let result = self.tape.view(out, inner_size);
        let z = self.tape.reshape(z);
        let normed = self.norm(result);
        let gate = self.tape.in_place(inner_size, &[z]);
        let gated = self.tape.in_place(inner_size, &[normed, gate]);
        let shaped = self.tape.reshape(gated);
        let out = self.matrix(u64::from(self.model.n_embd), shaped);
        self.tape.reshape(out)
    }

    fn repeated(&mut self, from: Id, size: Size) -> Id {
        let shaped = self.tape.reshape(from);
        let repeated = self.tape.own(size, &[shaped]);
        self.tape.reshape(repeated)
    }

    fn kda(&mut self, recurrent: &Recurrent, from: Id) -> Id {
        let (heads, head) = (get(recurrent.n_head), get(recurrent.head_dim));
        let inner = heads * head;
        let taps = get(recurrent.d_conv).saturating_sub(1);
        let state = inner * head;
        let (inner_size, head_size, small) = (self.row(inner), self.row(head), self.row(heads));
        let conv_states = self.states(3 * taps * inner);
        let mut parts = [from; 3];
        for part in &mut parts {
            let projected = self.matrix(inner, from);
            let own = self.tape.view(conv_states, Self::per_sequence(taps * inner));
            *part = self.convolved(recurrent, own, projected, inner);
        }
        let low_rank = |builder: &mut Self, full: bool| {
            if full {
                builder.matrix(inner, from)
            } else {
                let down = builder.tape.own(head_size, &[from]);
                builder.matrix(inner, down)
            }
        };
        let decay = low_rank(self, recurrent.decay_full);
        let decay = self.tape.reshape(decay);
        let decay = self.tape.in_place(inner_size, &[decay]);
        let beta = self.tape.own(small, &[from]);
        let beta = self.tape.reshape(beta);
        let beta = self.tape.in_place(small, &[beta]);
        let states = self.states(state);
        let query = self.tape.own(inner_size, &[parts[0]]);
        let key = self.tape.own(inner_size, &[parts[1]]);
        let out = self
            .tape
            .own(inner_size + Self::per_sequence(state), &[query, key, parts[2], decay, beta, states]);
        let result = self.tape.view(out, inner_size);
        let result = self.tape.own(inner_size, &[result]);
        let last = self.tape.view(out, Self::per_sequence(state));
        self.store(last);
        let gate = low_rank(self, recurrent.gate_full);
        let shaped = self.tape.reshape(result);
        let normed = self.norm(shaped);
        let gate = self.tape.reshape(gate);
        let opened = self.tape.in_place(inner_size, &[gate]);
        let gated = self.tape.in_place(inner_size, &[normed, opened]);
        let copied = self.tape.own(inner_size, &[gated]);
        self.matrix(u64::from(self.model.n_embd), copied)
    }

    fn short_convolution(&mut self, recurrent: &Recurrent, from: Id) -> Id {
        let width = u64::from(self.model.n_embd);
        let taps = get(recurrent.d_conv).saturating_sub(1);
        let size = self.width();
        let all = self.matrix(3 * width, from);
        let b = self.tape.view(all, size);
        let c = self.tape.view(all, size);
        let x = self.tape.view(all, size);
        let product = self.tape.in_place(size, &[b, x]);
        let turned = self.tape.reshape(product);
        let states = self.states(taps * width);
        let states = self.tape.reshape(states);
        let joined = self.tape.own(size + Self::per_sequence(taps * width), &[states, turned]);
        let last = self.tape.strided(joined, Self::per_sequence(taps * width));
        self.store(last);
        let convolved = self.tape.own(size, &[joined]);
        let gated = self.tape.in_place(size, &[c, convolved]);
        let shaped = self.tape.reshape(gated);
        let out = self.matrix(width, shaped);
        self.tape.reshape(out)
    }

    /// Linear attention with one decay for each head.
    fn lightning(&mut self, recurrent: &Recurrent, from: Id) -> Id {
        let inner = get(recurrent.n_head) * get(recurrent.head_dim);
        let state = inner * get(recurrent.head_dim);
        let size = self.row(inner);
        let all = self.matrix(3 * inner, from);
        let activated = self.tape.change(&[all]);
        let states = self.states(state);
        let out = self.tape.own(size + Self::per_sequence(state), &[activated, states]);
        let last = self.tape.view(out, Self::per_sequence(state));
        self.store(last);
        let result = self.tape.view(out, size);
        let normed = self.norm(result);
        let gate = self.matrix(inner, from);
        let opened = self.tape.change(&[gate]);
        let gated = self.tape.in_place(size, &[normed, opened]);
        self.matrix(u64::from(self.model.n_embd), gated)
    }

    /// RWKV-7's time mix: six mixes with the token before, and a state for each head.
    fn rwkv7(&mut self, recurrent: &Recurrent, from: Id) -> Id {
        let width = u64::from(self.model.n_embd);
        let state = width * get(recurrent.head_dim);
        let size = self.width();
        let shifted = self.states(2 * width);
        let previous = self.tape.own(size, &[shifted, from]);
        let difference = self.tape.in_place(size, &[previous]);
        let mixes = self.tape.own(size * 6, &[difference, from]);
        let part = |builder: &mut Self| {
            let view = builder.tape.view(mixes, size);
            builder.tape.own(size, &[view])
        };
        // Receptance, decay, key, value, learning rate, and the output gate.
        let parts = [(); 6].map(|()| part(self));
        let states = self.states(state);
        let out = self.tape.own(
            size + Self::per_sequence(state),
            &[parts[0], parts[1], parts[2], parts[3], parts[4], states],
        );
        let last = self.tape.view(out, Self::per_sequence(state));
        self.store(last);
        let result = self.tape.view(out, size);
        let normed = self.tape.own(size, &[result]);
        let gated = self.tape.in_place(size, &[normed, parts[5]]);
        self.matrix(width, gated)
    }
}
