//! The committed form, and how two of them are compared.

use plimsoll::quant::quality::divergence::{Line, Mapping};
use plimsoll::quant::quality::fitted::{Anchor, Family, Fitted, Spread};

/// Four significant digits: finer than anything is known, and the same on every platform.
pub(super) fn rounded(fitted: &Fitted) -> Fitted {
    let round = |number: f64| format!("{number:.3e}").parse::<f64>().unwrap();
    let spread = |s: Spread| Spread { bias: round(s.bias), sd: round(s.sd) };
    let line = fitted.line;
    Fitted {
        source: fitted.source.clone(),
        formula: spread(fitted.formula),
        formula_below_3_bits: spread(fitted.formula_below_3_bits),
        line: Line {
            bits: round(line.bits),
            low_bits: round(line.low_bits),
            iq: round(line.iq),
            legacy: round(line.legacy),
            sd: round(line.sd),
        },
        mapping: Mapping {
            ln_scale: round(fitted.mapping.ln_scale),
            power: round(fitted.mapping.power),
            sd: round(fitted.mapping.sd),
        },
        carried_sd: round(fitted.carried_sd),
        family: Family { weight: round(fitted.family.weight), sd: round(fitted.family.sd) },
        anchors: fitted
            .anchors
            .iter()
            .map(|anchor| Anchor {
                ln_factor: round(anchor.ln_factor),
                sd: round(anchor.sd),
                c: anchor.c.map(round),
                base: anchor.base.map(round),
                ..anchor.clone()
            })
            .collect(),
    }
}

/// Every number of a value, in order.
pub(super) fn numbers(value: &serde_json::Value, into: &mut Vec<f64>) {
    match value {
        serde_json::Value::Number(number) => into.extend(number.as_f64()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| numbers(item, into)),
        serde_json::Value::Object(fields) => fields.values().for_each(|field| numbers(field, into)),
        _ => {}
    }
}

/// The asset with its numbers left out.
pub(super) fn words(value: &serde_json::Value) -> String {
    serde_json::to_string(value)
        .unwrap()
        .chars()
        .filter(|c| !c.is_ascii_digit() && !"-.e+".contains(*c))
        .collect()
}
