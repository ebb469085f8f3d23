//! What guessing ahead is worth: a draft model or MTP layers guess tokens, one step of the model checks them.
//!
//! A cycle of γ guesses, each right with probability α, yields `(1 − α^(γ+1)) / (1 − α)` tokens (Leviathan et
//! al., arXiv 2211.17192) and takes γ guesses and a step over γ + 1 tokens. Which α depends on the text far more
//! than on the model, so that the gain is a range, and may be none.

use crate::model::Model;

use super::format_group::FormatGroup;
use super::load::{Load, experts_read};
use super::place::Split;
use super::plan::Range;
use super::rates::Rates;
use super::rules;
use super::step::Stepper;

/// Who guesses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Guesser {
    /// A model of its own: seconds of a token, and how many it guesses at once.
    Draft {
        /// Seconds of one of its tokens.
        seconds: f64,
        /// Tokens that are guessed at once.
        tokens: u32,
    },
    /// The model's MTP layers.
    Mtp,
}

/// Tokens of a cycle of `guesses`, each right with probability `accepted`.
pub fn tokens_of_cycle(accepted: f64, guesses: u32) -> f64 {
    (0..=guesses).map(|place| accepted.powf(f64::from(place))).sum()
}

/// How many times as fast `model` decodes one request in `split` with `guesser`: for text that is hard to guess,
/// for a chat, for code. `None`: several requests run at once, whose steps are full without guesses.
pub(super) fn gain(
    model: &Model,
    load: &Load<'_>,
    group: FormatGroup,
    (split, streamed): (&Split, f64),
    guesser: Guesser,
) -> Option<Range> {
    if load.rates.requests > 1.0 {
        return None;
    }
    let rules = &rules::speed().speculative;
    let alone = Stepper::new(*load, group).step(split, streamed).total();
    let (count, each) = match guesser {
        Guesser::Draft { seconds, tokens } => (tokens.max(1), seconds),
        Guesser::Mtp => {
            // A layer and the output matrix for each guess.
            let weights = load.layout.sums.all();
            let read = weights.dense_host as f64 + weights.experts_host as f64 * load.context.experts_read;
            let output = load.layout.output_read.0 as f64;
            let layer = 1.0 / f64::from(model.n_layer.max(1));
            (rules.mtp_tokens, alone * (layer + output / (read + output).max(1.0)))
        }
    };
    // The tokens of one request in a row choose partly the same experts.
    let (checked, share) = (f64::from(count) + 1.0, experts_read(model, 1.0));
    let touched = (share * (1.0 + (checked - 1.0) * (1.0 - rules.same_experts))).min(1.0);
    let rates = Rates { requests: checked, ..load.rates.clone() };
    let mut context = load.context.clone();
    context.experts_read = touched;
    context.requests_of_expert = if touched > 0.0 { share / touched } else { 1.0 };
    let together = Load { layout: load.layout, context: &context, rates: &rates };
    let checking = Stepper::new(together, group).step(split, streamed).total()
        + alone * rules.check_of_guess * f64::from(count);
    let cycle = f64::from(count) * each + checking;
    let [low, middle, high] = rules.accepted.map(|accepted| alone * tokens_of_cycle(accepted, count) / cycle);
    Some(Range { p10: low, p50: middle, p90: high })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::rig::{Device, Host};
    use crate::estimate::scenario::DraftRequest;
    use crate::estimate::{Estimator, Rig, Scenario};
    use crate::machine::{Os, Vendor};
    use crate::model::Catalog;
    use crate::units::Bytes;

    #[test]
    fn certain_guesses_all_count_and_wrong_ones_give_the_one_token() {
        assert!((tokens_of_cycle(1.0, 4) - 5.0).abs() < 1e-12);
        assert!((tokens_of_cycle(0.0, 4) - 1.0).abs() < 1e-12);
        assert!((tokens_of_cycle(0.5, 2) - 1.75).abs() < 1e-12);
    }

    fn rig(free_gib: f64, bandwidth_gbs: f64) -> Rig {
        let size = Bytes::from_gib(free_gib);
        let device = Device {
            name: "NVIDIA GeForce RTX 4090".to_owned(),
            vendor: Vendor::Nvidia,
            architecture: Some("Ada Lovelace".to_owned()),
            capacity: size,
            free: size,
            bandwidth_gbs: Some(bandwidth_gbs),
            fp16_tflops: Some(165.0),
            ..Device::default()
        };
        let host = Host { capacity: size * 8, free: size * 8, threads: Some(16), ..Host::default() };
        Rig { devices: vec![device], host, os: Os::Linux, unused: Vec::new(), own: None }
    }

    fn of(name: &str, scenario: &Scenario, rig: &Rig) -> Option<Range> {
        let catalog = Catalog::embedded();
        let model = catalog.get(catalog.find(name).unwrap());
        let level = "Q4_K_M".parse().unwrap();
        Estimator::embedded().plan(model, level, scenario, rig).unwrap().speed.speculation
    }

    fn with_draft(model: &str, tokens: u32) -> Scenario {
        let draft = DraftRequest { model: model.to_owned(), level: "Q8_0".parse().unwrap(), tokens };
        Scenario { draft: Some(draft), context: 4096, ..Scenario::default() }
    }

    #[test]
    fn a_small_draft_pays_for_a_large_model_and_a_large_one_does_not() {
        let card = rig(24.0, 1008.0);
        let small = of("Qwen/Qwen3-32B", &with_draft("Qwen/Qwen3-0.6B", 4), &card).unwrap();
        assert!(small.p10 < small.p50 && small.p50 < small.p90);
        assert!((1.2..3.5).contains(&small.p50), "{small:?}");
        let large = of("Qwen/Qwen3-4B", &with_draft("Qwen/Qwen3-4B", 4), &card).unwrap();
        assert!(large.p90 < 1.0, "{large:?}");
        let nobody = Scenario { context: 4096, ..Scenario::default() };
        assert_eq!(of("Qwen/Qwen3-32B", &nobody, &card), None);
        let many = Scenario { concurrency: 8, parallel: 8, ..with_draft("Qwen/Qwen3-0.6B", 4) };
        assert_eq!(of("Qwen/Qwen3-32B", &many, &card), None);
    }

    /// llama.cpp pull request 22673, experts in main memory, MTP of 2 tokens, .82 accepted: 29.4 against 22.9
    /// tokens/s, 1.28 times as fast.
    #[test]
    fn experts_in_main_memory_leave_little_to_gain() {
        let scenario = Scenario { mtp: true, context: 4096, ..Scenario::default() };
        let gain = of("Qwen/Qwen3.5-122B-A10B", &scenario, &rig(24.0, 1008.0)).unwrap();
        assert!(gain.p10 < 1.1 && (1.05..1.8).contains(&gain.p90), "{gain:?}");
    }
}
