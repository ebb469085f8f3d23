//! What a checkpoint is quantized to, from its configuration.

use serde_json::Value;

use super::json::Fields;
use crate::files::error::{Fault, short};
use crate::language::tr;
use crate::quant::Level;

/// Groups that are stored as one scale a column count as this many weights.
const WIDE_GROUP: u16 = 128;

/// A checkpoint's quantization.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantized {
    /// The level that it is.
    pub level: Level,
    /// Bits of a packed weight without scales, where all are the same.
    pub bits: Option<u32>,
    /// What a reader should know.
    pub note: Option<String>,
}

/// The quantization that a configuration states; `None`: it is as trained.
///
/// # Errors
/// A field that is wrong, or a method that is not known.
pub fn quantized(value: &Value) -> Result<Option<Quantized>, Fault> {
    let whole = Fields::of(value, "")?;
    if let Some(mlx) = mlx(whole)? {
        return Ok(Some(mlx));
    }
    let config = match whole.object("quantization_config", "quantization_config.")? {
        Some(config) => Some(config),
        None => match whole.object("text_config", "text_config.")? {
            Some(text) => text.object("quantization_config", "text_config.quantization_config.")?,
            None => None,
        },
    };
    let Some(config) = config else { return Ok(None) };
    let method = config.text(&["quant_method", "quant_type"])?.unwrap_or_default().to_ascii_lowercase();
    let as_level = |level: Level, bits: u32| Ok(Some(Quantized { level, bits: Some(bits), note: None }));
    match method.as_str() {
        "gptq" | "gptq_marlin" | "autogptq" | "auto-round" | "intel/auto-round" => grouped(config, false),
        "awq" | "awq_marlin" => grouped(config, true),
        "fp8" | "fbgemm_fp8" | "deepspeed_fp" => as_level(Level::Fp8, 8),
        "mxfp4" => as_level(Level::Mxfp4, 4),
        "bitsandbytes" => bitsandbytes(config),
        "compressed-tensors" | "compressed_tensors" => compressed(config),
        "modelopt" | "modelopt_fp4" => modelopt(config),
        "exl2" => exl(config, Level::Exl2),
        "exl3" => exl(config, Level::Exl3),
        "bitnet" => Ok(None),
        other => Err(Fault::unsupported(tr!(
            "the quantization method {name} is not known to this version",
            name = format!("{:?}", short(other))
        ))),
    }
}

/// MLX writes `"quantization": {"group_size": 64, "bits": 4}`, and the same once more under the usual name.
fn mlx(whole: Fields<'_>) -> Result<Option<Quantized>, Fault> {
    let Some(config) = whole.object("quantization", "quantization.")? else { return Ok(None) };
    let Some(bits) = config.whole(&["bits"], 16)? else { return Ok(None) };
    let group = config.needed(&["group_size"], 4096)?;
    let mode = config.text(&["mode"])?.unwrap_or("affine");
    let mixed = config.get(&["model.embed_tokens", "lm_head", "model.layers.0.self_attn.q_proj"]).is_some();
    let note =
        mixed.then(|| tr!("some layers have other widths than the file states for the rest").to_owned());
    let level = match mode {
        "mxfp4" => Level::Mxfp4,
        "nvfp4" => Level::Nvfp4,
        _ => Level::Mlx { bits: bits as u8, group: group as u16 },
    };
    Ok(Some(Quantized { level, bits: Some(bits), note }))
}

fn grouped(config: Fields<'_>, awq: bool) -> Result<Option<Quantized>, Fault> {
    let bits = config.needed(&["bits", "w_bit"], 16)?;
    let (group, note) = group(config)?;
    let bits_of_level = u8::try_from(bits).unwrap_or(u8::MAX);
    let level = if awq {
        Level::Awq { bits: bits_of_level, group }
    } else {
        Level::Gptq { bits: bits_of_level, group }
    };
    Ok(Some(Quantized { level, bits: Some(bits), note }))
}

/// Weights that share a scale; −1 means a whole column.
fn group(config: Fields<'_>) -> Result<(u16, Option<String>), Fault> {
    let names = ["group_size", "q_group_size"];
    let a_column = config.get(&names).and_then(|(_, value)| value.as_i64()).is_none_or(|size| size <= 0);
    if a_column {
        let note = tr!("one scale a column; counted as one for {group} weights", group = WIDE_GROUP);
        return Ok((WIDE_GROUP, Some(note)));
    }
    let size = config.needed(&names, 4096)?;
    Ok((size as u16, None))
}

fn bitsandbytes(config: Fields<'_>) -> Result<Option<Quantized>, Fault> {
    let four = config.flag(&["load_in_4bit", "_load_in_4bit"])?.unwrap_or(false);
    let (level, bits) = if four { (Level::Nf4, 4) } else { (Level::Int8, 8) };
    Ok(Some(Quantized { level, bits: Some(bits), note: None }))
}

/// `llm-compressor`'s format: groups of layers with weights of one width.
fn compressed(config: Fields<'_>) -> Result<Option<Quantized>, Fault> {
    let format = config.text(&["format"])?.unwrap_or_default();
    if format.contains("nvfp4") {
        return Ok(Some(Quantized { level: Level::Nvfp4, bits: Some(4), note: None }));
    }
    if format.contains("mxfp4") {
        return Ok(Some(Quantized { level: Level::Mxfp4, bits: Some(4), note: None }));
    }
    let Some((_, Value::Object(groups))) = config.get(&["config_groups"]) else {
        return Err(Fault::invalid("\"quantization_config.config_groups\"", tr!("is missing")));
    };
    let weights =
        groups.values().find_map(|group| group.get("weights").filter(|weights| weights.is_object()));
    let Some(weights) = weights else {
        return Err(Fault::invalid(
            "\"quantization_config.config_groups\"",
            tr!("no group says what its weights are"),
        ));
    };
    let weights = Fields::of(weights, "quantization_config.config_groups.")?;
    let bits = weights.needed(&["num_bits"], 16)?;
    let float = weights.text(&["type"])? == Some("float");
    let note = (groups.len() > 1)
        .then(|| tr!("groups of layers have different widths; the first is counted").to_owned());
    let level = match (bits, float) {
        (8, true) => Level::Fp8,
        (8, false) => Level::Int8,
        _ => Level::Gptq { bits: bits as u8, group: group(weights)?.0 },
    };
    Ok(Some(Quantized { level, bits: Some(bits), note }))
}

fn modelopt(config: Fields<'_>) -> Result<Option<Quantized>, Fault> {
    let algorithm = config.text(&["quant_algo"])?.unwrap_or_default().to_ascii_uppercase();
    let (level, bits) = match algorithm.as_str() {
        "NVFP4" | "FP4" => (Level::Nvfp4, 4),
        "FP8" => (Level::Fp8, 8),
        other => {
            let problem = tr!(
                "the algorithm {name} is not known to this version",
                name = format!("{:?}", short(other))
            );
            return Err(Fault::unsupported(problem));
        }
    };
    Ok(Some(Quantized { level, bits: Some(bits), note: None }))
}

fn exl(config: Fields<'_>, level: fn(u16) -> Level) -> Result<Option<Quantized>, Fault> {
    let stated = config.get(&["bits"]).and_then(|(_, value)| value.as_f64());
    let bits = stated.filter(|bits| (1.0..=8.0).contains(bits)).ok_or_else(|| {
        Fault::invalid("\"quantization_config.bits\"", tr!("must be bits of a weight, from 1 to 8"))
    })?;
    Ok(Some(Quantized { level: level((bits * 100.0).round() as u16), bits: None, note: None }))
}

/// Type of the published weights, in the catalog's words.
pub fn native_dtype(whole: Fields<'_>, fields: Fields<'_>) -> Result<String, Fault> {
    let config = whole.object("quantization_config", "quantization_config.")?;
    let method = config.map(|config| config.text(&["quant_method"])).transpose()?.flatten();
    let names = ["torch_dtype", "dtype"];
    let stated = match fields.text(&names)? {
        Some(stated) => Some(stated),
        None => whole.text(&names)?,
    };
    Ok(match (method, stated) {
        (Some("fp8"), _) => "fp8",
        (Some("mxfp4"), _) => "mxfp4",
        (Some("bitnet"), _) => "ternary (1.58 bit)",
        (_, Some("float16")) => "fp16",
        (_, Some("float32")) => "fp32",
        _ => "bf16",
    }
    .to_owned())
}
