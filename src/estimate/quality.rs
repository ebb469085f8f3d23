//! What a model of the catalog keeps of its quality: [`crate::quant::quality`] asked with its names.

use crate::model::Model;
use crate::quant::quality::cache::{self, CacheLoss};
use crate::quant::quality::{self, Identity, Retained, Squeezed};
use crate::quant::{FileType, Level};

use super::rules;
use super::scenario::Scenario;

/// Who is asked about.
pub fn identity(model: &Model) -> Identity<'_> {
    Identity {
        id: &model.id,
        aliases: &model.aliases,
        family: &model.family,
        params_total: model.params_total,
    }
}

/// What `model` keeps in a file of `level` with so many bits for each weight.
pub(super) fn retained(model: &Model, level: Level, imatrix: bool, bits_per_weight: f64) -> Retained {
    let native = match level {
        // Sixteen bits hold what was published in sixteen or fewer.
        Level::Native | Level::Gguf(FileType::F16 | FileType::Bf16 | FileType::F32) => true,
        Level::Gguf(FileType::Mxfp4Moe) | Level::Mxfp4 => model.native_dtype.starts_with("mxfp4"),
        Level::Fp8 => model.native_dtype == "fp8",
        _ => false,
    };
    quality::retained(&identity(model), &Squeezed { level, bits_per_weight, imatrix, native })
}

/// What is known of the loss by the cache that `scenario` asks for; `None`: it is not quantized.
pub fn cache_loss(model: &Model, scenario: &Scenario) -> Option<CacheLoss> {
    let keeps_cache = (0..model.layers_with_own_cache()).any(|layer| model.mixer(layer).has_cache());
    if !keeps_cache || rules::memory().no_cache.has(&model.arch) {
        return None;
    }
    // A type that is none of ggml's was not measured on any model.
    let formats = [scenario.cache_k.ggml()?, scenario.cache_v.ggml()?];
    cache::cache_loss(&identity(model), formats)
}
