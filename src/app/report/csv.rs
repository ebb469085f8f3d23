//! The report as CSV (RFC 4180).

use super::text::memory_total;
use super::{Report, Row};
use crate::estimate::FitClass;

/// Columns; sizes in bytes, speeds in tokens/s, quality as a share. Unknown is empty.
const COLUMNS: [&str; 18] = [
    "verdict",
    "model",
    "name",
    "params_total",
    "params_active",
    "quant",
    "file_bytes",
    "memory_bytes",
    "margin_bytes",
    "max_context",
    "decode_tps_p10",
    "decode_tps_p50",
    "decode_tps_p90",
    "quality_low",
    "quality_mid",
    "quality_high",
    "variants",
    "reason",
];

/// The report as CSV: a head line, then one line a base model.
pub fn csv(report: &Report) -> String {
    lines(&COLUMNS, report.models.iter().map(|row| fields(row).into()))
}

/// A head line and a line a row.
pub(super) fn lines(columns: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |fields: &mut dyn Iterator<Item = &str>| fields.map(quoted).collect::<Vec<_>>().join(",");
    let mut out = line(&mut columns.iter().copied());
    out.push_str("\r\n");
    for row in rows {
        out.push_str(&line(&mut row.iter().map(String::as_str)));
        out.push_str("\r\n");
    }
    out
}

fn fields(row: &Row) -> [String; 18] {
    fn or_empty<T: ToString>(value: Option<T>) -> String {
        value.map(|value| value.to_string()).unwrap_or_default()
    }
    let decode = row.speed.as_ref().and_then(|speed| speed.decode_tps);
    let kept = row.quality.as_ref().map(|quality| quality.retained);
    let reason = match &row.fit {
        Some(fit) => fit.reason.clone(),
        None => or_empty(row.warnings.first()),
    };
    [
        or_empty(row.class().map(FitClass::word)),
        row.model.clone(),
        row.name.clone(),
        row.params_total.to_string(),
        row.params_active.to_string(),
        row.quant.to_string(),
        or_empty(row.file.as_ref().map(|file| file.bytes.0)),
        or_empty(memory_total(row).map(|total| total.0)),
        or_empty(row.fit.as_ref().map(|fit| fit.margin_bytes)),
        or_empty(row.fit.as_ref().and_then(|fit| fit.max_context)),
        or_empty(decode.map(|range| range.p10)),
        or_empty(decode.map(|range| range.p50)),
        or_empty(decode.map(|range| range.p90)),
        or_empty(kept.map(|kept| kept.low)),
        or_empty(kept.and_then(|kept| kept.mid)),
        or_empty(kept.map(|kept| kept.high)),
        row.variants.join(" "),
        reason,
    ]
}

/// A field, quoted where it holds a separator, a quote or a line break.
pub fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_quotes_and_line_breaks_are_quoted() {
        assert_eq!(quoted("Qwen3 4B"), "Qwen3 4B");
        assert_eq!(quoted("a,b"), "\"a,b\"");
        assert_eq!(quoted("say \"so\""), "\"say \"\"so\"\"\"");
        assert_eq!(quoted("two\nlines"), "\"two\nlines\"");
        assert_eq!(quoted(""), "");
    }
}
