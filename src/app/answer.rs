//! The text form of a plan: what `plimsoll estimate`, `plimsoll report --json` and exports write.
//!
//! Sizes are whole bytes. Other numbers are rounded to six significant digits: that is far finer than any
//! of them is known, and the same on every platform, whose exp and pow differ in the last bit. Bits per
//! weight and quality keep nine, because they follow from exact sizes.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::estimate::calibration::Test;
use crate::estimate::neighbours::{Question, nearest};
use crate::estimate::plan::{Bound, Evidence, Fit, FitClass, Memory, Parts, Placement};
use crate::estimate::{Plan, Range, Rig, Scenario, cold};
use crate::model::Model;
use crate::quant::quality::{Basis, Retained};
use crate::units::Bytes;

/// A model's file.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FileAnswer {
    /// With padding, header and an estimate of the tokenizer, bytes.
    pub bytes: Bytes,
    /// The tensors alone, bytes.
    pub tensor_bytes: Bytes,
    /// Tensor bits for each parameter.
    pub bits_per_weight: f64,
    /// Shares of the formats, by ggml's names.
    pub types: BTreeMap<&'static str, TypeAnswer>,
}

/// Tensors of one format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TypeAnswer {
    /// Tensors in it.
    pub tensors: u32,
    /// Their bytes.
    pub bytes: Bytes,
}

/// Memory by device, bytes.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct MemoryAnswer {
    /// GPUs in the machine's order.
    pub devices: Vec<DeviceAnswer>,
    /// Main memory.
    pub host: PartsAnswer,
    /// All of it.
    pub total: Bytes,
}

/// One GPU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DeviceAnswer {
    /// Name.
    pub name: String,
    /// Position, from 0.
    pub index: usize,
    /// Its parts.
    #[serde(flatten)]
    pub parts: PartsAnswer,
}

/// Memory of one device or the host, bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PartsAnswer {
    /// Tensors loaded there.
    pub weights: Bytes,
    /// Key–value cache.
    pub kv: Bytes,
    /// State of recurrent layers.
    pub recurrent: Bytes,
    /// Graph buffer.
    pub compute: Bytes,
    /// Device context, output buffer, repacked copies.
    pub overhead: Bytes,
    /// The sum of the parts.
    pub total: Bytes,
    /// All memory of the device.
    pub capacity: Bytes,
    /// Free before the model loads.
    pub free: Bytes,
}

/// The verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FitAnswer {
    /// Decided by the tightest device.
    pub class: FitClass,
    /// To spare on the tightest device, bytes; negative: missing.
    pub margin_bytes: i64,
    /// Longest context that keeps the whole model on the GPUs (in RAM without one), tokens; null: none.
    pub max_context: Option<u32>,
    /// The verdict in a sentence.
    pub reason: String,
}

/// Speed; null is unknown, and the warnings say why.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SpeedAnswer {
    /// Decode rate of all requests together at the depth asked for, tokens/s.
    pub decode_tps: Option<Range>,
    /// Output tokens a second of wall time, prefill included.
    pub output_tps: Option<Range>,
    /// Prompt tokens/s.
    pub prefill_tps: Option<Range>,
    /// Seconds to the first token, model loaded.
    pub ttft_s: Option<Range>,
    /// Seconds to read the file from the disk before that, where nothing of it is in memory yet.
    pub load_s: Option<Range>,
    /// Seconds to the first token after such a cold start.
    pub ttft_cold_s: Option<Range>,
    /// What limits decode.
    pub bound: Bound,
    /// What limits prompts.
    pub prefill_bound: Bound,
    /// Decode rate if memory were read at its specified bandwidth and nothing else took time, tokens/s; null where a
    /// bandwidth is not known.
    pub limit_tps: Option<f64>,
    /// How many times as fast one request decodes with the draft model or the MTP layers that are asked for, for
    /// text that is hard to guess (p10), a chat and code (p90); may be less than 1. Not in `decode_tps`.
    pub speculation_factor: Option<Range>,
    /// What the speed rests on.
    pub evidence: EvidenceAnswer,
}

/// What a speed rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EvidenceAnswer {
    /// Strength.
    pub class: Evidence,
    /// Published measurements of decoding that are nearest to the answer, nearest first, by their id in
    /// `assets/measurements.csv`.
    pub neighbours: Vec<&'static str>,
    /// Measurements on this very machine that the decode rate was corrected by.
    pub own: u32,
}

/// What is kept of the model's quality.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct QualityAnswer {
    /// Share of the above-chance benchmark score.
    pub retained: RetainedAnswer,
    /// How it is known.
    #[schemars(with = "String")]
    pub basis: Basis,
}

/// A share from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RetainedAnswer {
    /// Lower end of the band.
    pub low: f64,
    /// The estimate; null below 3 bits per weight, where there is only a band.
    pub mid: Option<f64>,
    /// Upper end of the band.
    pub high: f64,
    /// The estimate, named or not: what a table shows as roughly so much.
    #[serde(skip)]
    pub centre: f64,
}

/// The parts of an answer that follow from a plan.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PlanAnswer {
    /// The file.
    pub file: FileAnswer,
    /// Memory by device.
    pub memory: MemoryAnswer,
    /// The verdict.
    pub fit: FitAnswer,
    /// Where the layers go.
    pub placement: Placement,
    /// Speed.
    pub speed: SpeedAnswer,
    /// What is kept of the model's quality.
    pub quality: QualityAnswer,
}

impl PlanAnswer {
    /// The text form of a plan of `model` that was made for `scenario` on `rig`.
    pub fn of(model: &Model, plan: &Plan, scenario: &Scenario, rig: &Rig) -> Self {
        Self {
            file: FileAnswer {
                bytes: plan.file.bytes,
                tensor_bytes: plan.file.tensor_bytes,
                bits_per_weight: significant(plan.file.bits_per_weight, 9),
                types: plan
                    .file
                    .types
                    .iter()
                    .map(|share| {
                        (share.format.name(), TypeAnswer { tensors: share.tensors, bytes: share.bytes })
                    })
                    .collect(),
            },
            memory: memory(&plan.memory, rig),
            fit: fit(&plan.fit),
            placement: plan.placement.clone(),
            speed: SpeedAnswer {
                decode_tps: plan.speed.decode.and_then(range),
                output_tps: plan.speed.output.and_then(range),
                prefill_tps: plan.speed.prefill.and_then(range),
                ttft_s: plan.speed.ttft.and_then(range),
                load_s: plan.speed.load.and_then(range),
                ttft_cold_s: cold::first_token(&plan.speed).and_then(range),
                bound: plan.speed.bound,
                prefill_bound: plan.speed.prompt_bound,
                limit_tps: plan
                    .speed
                    .limit
                    .filter(|limit| limit.is_finite())
                    .map(|limit| significant(limit, 6)),
                speculation_factor: plan.speed.speculation.and_then(range),
                evidence: EvidenceAnswer {
                    class: plan.speed.evidence,
                    neighbours: neighbours(model, plan, scenario, rig),
                    own: plan.speed.own,
                },
            },
            quality: quality(plan.quality),
        }
    }
}

/// Published measurements that an answer names.
const NEIGHBOURS: usize = 5;

fn neighbours(model: &Model, plan: &Plan, scenario: &Scenario, rig: &Rig) -> Vec<&'static str> {
    if plan.speed.decode.is_none() {
        return Vec::new();
    }
    let question = Question::of(model, scenario, rig, plan, Test::Decode);
    let found = question.map(|question| nearest(&question, NEIGHBOURS)).unwrap_or_default();
    found.into_iter().map(|neighbour| neighbour.published.row.id.as_str()).collect()
}

fn memory(memory: &Memory, rig: &Rig) -> MemoryAnswer {
    let devices = memory
        .devices
        .iter()
        .zip(&rig.devices)
        .enumerate()
        .map(|(index, (device_parts, device))| DeviceAnswer {
            name: device.name.clone(),
            index,
            parts: parts(device_parts, device.capacity, device.free),
        })
        .collect();
    MemoryAnswer {
        devices,
        host: parts(&memory.host, rig.host.capacity, rig.host.free),
        total: memory.total(),
    }
}

fn parts(parts: &Parts, capacity: Bytes, free: Bytes) -> PartsAnswer {
    PartsAnswer {
        weights: parts.weights,
        kv: parts.kv,
        recurrent: parts.recurrent,
        compute: parts.compute,
        overhead: parts.overhead,
        total: parts.total(),
        capacity,
        free,
    }
}

fn fit(fit: &Fit) -> FitAnswer {
    FitAnswer {
        class: fit.class,
        margin_bytes: fit.margin_bytes,
        max_context: fit.max_context,
        reason: fit.reason.clone(),
    }
}

fn quality(kept: Retained) -> QualityAnswer {
    QualityAnswer {
        retained: RetainedAnswer {
            low: significant(kept.low, 9),
            mid: kept.mid.map(|mid| significant(mid, 9)),
            high: significant(kept.high, 9),
            centre: kept.centre,
        },
        basis: kept.basis(),
    }
}

/// A range in the digits of the text form; `None` where an end is no number, which JSON could not write.
pub fn range(range: Range) -> Option<Range> {
    let Range { p10, p50, p90 } = range;
    (p10.is_finite() && p50.is_finite() && p90.is_finite()).then(|| Range {
        p10: significant(p10, 6),
        p50: significant(p50, 6),
        p90: significant(p90, 6),
    })
}

/// A number with this many significant digits.
pub fn significant(number: f64, digits: usize) -> f64 {
    // Printing is the only rounding that is exact in decimal digits.
    format!("{number:.*e}", digits.saturating_sub(1)).parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits() {
        assert_eq!(significant(123.456_789, 6), 123.457);
        assert_eq!(significant(0.000_123_456_789, 6), 0.000_123_457);
        assert_eq!(significant(98_765_432.1, 6), 98_765_400.0);
        assert_eq!(significant(0.0, 6), 0.0);
        assert_eq!(significant(-1.5, 6), -1.5);
        assert_eq!(significant(4.894_412_345_678, 9), 4.894_412_35);
    }

    #[test]
    fn what_is_no_number_is_unknown() {
        assert_eq!(range(Range { p10: 1.0, p50: 2.0, p90: f64::INFINITY }), None);
        assert_eq!(range(Range { p10: f64::NAN, p50: 2.0, p90: 3.0 }), None);
        let fine = Range { p10: 1.0, p50: 2.0, p90: 3.0 };
        assert_eq!(range(fine), Some(fine));
    }
}
