//! Feed-forward networks: dense, routed experts, shared experts.

use crate::model::record::{Ffn, Moe};

use super::blocks::{Builder, Lending};
use super::size::{Size, Unit};
use super::tape::Id;

impl Builder<'_> {
    /// The feed-forward network of a block on its normed stream.
    pub(super) fn feed_forward(&mut self, ffn: Ffn, fed: Id) -> Id {
        self.feed_forward_from(ffn, fed, fed)
    }

    /// The same where some of it reads the stream before the norm.
    pub(super) fn feed_forward_from(&mut self, ffn: Ffn, fed: Id, stream: Id) -> Id {
        let model = self.model;
        match (ffn, &model.moe) {
            (Ffn::Moe, Some(moe)) => {
                let routed = self.experts(moe, fed, fed);
                self.with_shared(moe, fed, routed)
            }
            (Ffn::DenseAndMoe, Some(moe)) => {
                // Gemma 4: both branches have norms of their own, and the router reads the stream.
                let dense = self.dense(fed, "ffn_gate.weight", "ffn_up.weight");
                let dense = self.norm(dense);
                let fed = self.norm(stream);
                let scored = self.norm(stream);
                let routed = self.experts(moe, fed, scored);
                let routed = self.norm(routed);
                self.add(dense, routed)
            }
            _ => self.dense(fed, "ffn_gate.weight", "ffn_up.weight"),
        }
    }

    fn dense(&mut self, fed: Id, gate: &str, up: &str) -> Id {
        let inner = self.rows_of(up);
        let width = u64::from(self.model.n_embd);
        let activated = if self.has(gate) {
            let gated = self.product(Unit::LentUp, inner, fed);
            let raised = self.product(Unit::LentUp, inner, fed);
            let size = self.row(inner);
            self.tape.own(size, &[gated, raised])
        } else {
            let raised = self.product(Unit::LentUp, inner, fed);
            if self.model.ffn_gated && up == "ffn_up.weight" {
                // Gate and up in one matrix.
                let size = self.row(inner / 2);
                self.tape.own(size, &[raised])
            } else {
                self.tape.change(&[raised])
            }
        };
        let activated = if self.has("ffn_sub_norm.weight") { self.norm(activated) } else { activated };
        self.product(Unit::LentDown, width, activated)
    }

    /// A product with a tensor of routed experts.
    fn expert_product(&mut self, lent: Unit, size: Size, from: Id, chosen: Id) -> Id {
        let moe = self.model.moe.as_ref();
        if self.lent == Lending::Nothing {
            return self.tape.own(size, &[from, chosen]);
        }
        let weight = self.tape.weight(Size::new(lent, 1));
        let product = self.tape.own(size, &[weight, from, chosen]);
        // Biases of experts lie where the experts do.
        let Some(moe) = moe.filter(|moe| moe.expert_bias) else { return product };
        let rows = if lent == Unit::LentExpertDown { self.model.n_embd } else { moe.n_ff_expert };
        let bias = Size::new(Unit::Fixed, 4 * u64::from(moe.n_expert) * u64::from(rows));
        let bias = self.tape.weight(bias);
        self.tape.in_place(size, &[product, bias, chosen])
    }

    /// Routed experts on `fed`, chosen by what the router makes of `scored`.
    fn experts(&mut self, moe: &Moe, fed: Id, scored: Id) -> Id {
        let used = u64::from(moe.n_expert_used);
        let inner = u64::from(moe.n_ff_expert);
        let model_width = u64::from(self.model.n_embd);
        let width = moe.latent_dim.map_or(model_width, u64::from);
        let (weights, chosen) = self.routed(moe, scored);
        let fed = if moe.latent_dim.is_some() { self.matrix(width, fed) } else { fed };
        let mut input = self.tape.reshape(fed);
        if self.traits.weighs_input {
            let size = self.row(used * width);
            let repeated = self.tape.own(size, &[input]);
            input = self.tape.in_place(size, &[repeated, weights]);
        }
        let all = self.row(used * inner);
        let activated = if self.has("ffn_gate_up_exps.weight") {
            let both = self.expert_product(Unit::LentExpertUp, all * 2, input, chosen);
            let (gate, up) = (self.tape.view(both, all), self.tape.view(both, all));
            self.tape.own(all, &[gate, up])
        } else if self.has("ffn_gate_exps.weight") {
            let gate = self.expert_product(Unit::LentExpertUp, all, input, chosen);
            let up = self.expert_product(Unit::LentExpertUp, all, input, chosen);
            self.tape.own(all, &[gate, up])
        } else {
            let up = self.expert_product(Unit::LentExpertUp, all, input, chosen);
            self.tape.in_place(all, &[up])
        };
        let size = self.row(used * width);
        let mut results = self.expert_product(Unit::LentExpertDown, size, activated, chosen);
        if !self.traits.weighs_input {
            results = self.tape.in_place(size, &[results, weights]);
        }
        self.tape.expand(results);
        let row = self.row(width);
        let parts: Vec<Id> = (0..used).map(|_| self.tape.view(results, row)).collect();
        for part in &parts {
            self.tape.expand(*part);
        }
        let mut sum = parts.first().copied().unwrap_or(results);
        for part in parts.iter().skip(1) {
            sum = self.tape.in_place(row, &[sum, *part]);
            self.tape.expand(sum);
        }
        if used == 1 {
            sum = self.tape.own(row, &[sum]);
        }
        if moe.latent_dim.is_some() { self.matrix(model_width, sum) } else { sum }
    }

    /// The router: weights of the chosen experts, and which they are.
    fn routed(&mut self, moe: &Moe, stream: Id) -> (Id, Id) {
        let experts = u64::from(moe.n_expert);
        let used = self.row(u64::from(moe.n_expert_used));
        let one = self.row(1);
        let size = self.row(experts);
        let logits = self.matrix(experts, stream);
        let probabilities = if self.traits.weighs_late { logits } else { self.tape.change(&[logits]) };
        let biased = self.has("exp_probs_b.bias") || self.has("exp_probs_b");
        let ranked = if biased { self.tape.in_place(size, &[probabilities]) } else { probabilities };
        let ranked = if self.traits.weighs_input { logits } else { ranked };
        let sorted = self.tape.own(size, &[ranked]);
        let chosen = self.tape.view(sorted, used);
        let shaped = self.tape.reshape(probabilities);
        let mut weights = self.tape.own(used, &[shaped, chosen]);
        if self.traits.weighs_late {
            let shaped = self.tape.reshape(weights);
            weights = self.tape.in_place(used, &[shaped]);
        } else if self.traits.norms_weights {
            let shaped = self.tape.reshape(weights);
            let sum = self.tape.own(one, &[shaped]);
            let clamped = self.tape.in_place(one, &[sum]);
            weights = self.tape.in_place(used, &[shaped, clamped]);
        }
        let weights = self.tape.reshape(weights);
        self.tape.expand(weights);
        (weights, chosen)
    }

    /// Adds the experts that every token uses.
    fn with_shared(&mut self, moe: &Moe, fed: Id, routed: Id) -> Id {
        if !self.has("ffn_up_shexp.weight") {
            return routed;
        }
        let mut shared = self.dense(fed, "ffn_gate_shexp.weight", "ffn_up_shexp.weight");
        if moe.shared_gate {
            let gate = self.matrix(1, fed);
            let opened = self.tape.change(&[gate]);
            let size = self.width();
            shared = self.tape.in_place(size, &[shared, opened]);
        }
        self.add(routed, shared)
    }
}
