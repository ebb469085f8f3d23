//! Quality kept, in words: the header's figure, the ladder's rungs, and what it rests on.

use crate::estimate::{Plan, quality as of_model};
use crate::language::{fixed, localized, tr};
use crate::model::Model;
use crate::quant::Level;
use crate::quant::quality::fitted::Anchor;
use crate::quant::quality::{self, Basis, Ground, Retained};
use crate::units::params_text;

use super::Subject;
use super::explain::Figure;
use super::known::Known;

/// The large number of the header.
pub(super) fn figure(subject: &Subject<'_>, plan: &Plan) -> Figure {
    let kept = &plan.quality;
    let caption = match kept.basis() {
        Basis::Native => tr!("quality, as published").to_owned(),
        _ => tr!("quality, {band}", band = kept.band_text()),
    };
    let mut why =
        vec![kept.sentence(), tr!("Quality is the share of the benchmark score above chance.").to_owned()];
    why.extend(how(subject.model, plan));
    if kept.basis() != Basis::Native {
        why.push(
            tr!("8 of 10 such cases lie in the band. Reasoning, long contexts and code lose more.")
                .to_owned(),
        );
    }
    Figure { number: Some(kept.text()), unit: "%", caption, why: why.join("\n") }
}

/// The way from what is known to the share.
fn how(model: &Model, plan: &Plan) -> Vec<String> {
    let by_size = || {
        tr!(
            "{formula}\nBits per weight {bits_per_weight}, parameters {params_total}",
            formula = quality::formula_text(),
            bits_per_weight = fixed(plan.file.bits_per_weight, 2),
            params_total = params_text(model.params_total)
        )
    };
    let times = |anchor: &Anchor| {
        tr!(
            "Loss × {ln_factor}: {ground}",
            ln_factor = fixed(anchor.ln_factor.exp(), 2),
            ground = plan.quality.ground.text()
        )
    };
    match plan.quality.ground {
        Ground::Native => Vec::new(),
        Ground::Benchmark(_) => vec![tr!("(score − chance) ÷ (unquantized score − chance)").to_owned()],
        Ground::Distance(_) => {
            vec![tr!(
                "{ground}, translated by models of which both are known",
                ground = plan.quality.ground.text()
            )]
        }
        Ground::OtherLevels(anchor) if anchor.c.is_some() => vec![tr!(
            "{ground}, carried along bits per weight and translated by models of which both are known",
            ground = plan.quality.ground.text()
        )],
        Ground::OtherLevels(anchor) | Ground::Family(anchor) => vec![by_size(), times(anchor)],
        Ground::Formula => vec![by_size()],
    }
}

/// Its part of a rung's words.
pub(super) fn of_rung(kept: &Retained) -> String {
    match kept.basis() {
        Basis::Native => Basis::Native.text().to_owned(),
        basis => tr!(
            "quality {kept} % ({band}), {basis}",
            kept = kept.text(),
            band = kept.band_text(),
            basis = basis.text()
        ),
    }
}

/// What the quality rests on.
pub(super) fn known(model: &Model, plan: &Plan) -> Known {
    let kept = &plan.quality;
    let basis = kept.basis();
    let mut parts = Vec::new();
    match basis {
        Basis::Native => {
            parts.push(tr!("100 % by definition: sixteen bits, or how it was trained or tuned").to_owned());
        }
        Basis::Formula => {
            parts.push(tr!("no measurement of this model or its family says a share").to_owned());
        }
        Basis::MeasuredModel | Basis::SameFamily => parts.push(kept.ground.text()),
    }
    if basis != Basis::Native {
        parts.push(tr!("8 of 10 such cases keep {band} %", band = kept.band_text()));
    }
    let rows = measurements(model, plan.level);
    if !rows.is_empty() {
        parts.push(tr!("measured: {rows}", rows = rows.join("; ")));
    }
    Known { name: tr!("Quality"), statement: basis.text().to_owned(), basis: parts.join("; ") }
}

/// What a quantized cache costs; `None`: it is not quantized.
pub(super) fn cache(subject: &Subject<'_>) -> Option<Known> {
    let loss = of_model::cache_loss(subject.model, subject.scenario)?;
    Some(Known { name: tr!("Cache quality"), statement: loss.statement, basis: loss.basis })
}

/// What others measured of this model at this level, each with its source: different texts and tools, so
/// not to be compared with each other.
fn measurements(model: &Model, level: Level) -> Vec<String> {
    quality::rows_of(of_model::identity(model).names(), level)
        .map(|row| {
            let of = match row.base {
                Some(base) if base > 0.0 => tr!(" (unquantized {base})", base = round4(base)),
                _ => String::new(),
            };
            let maker = row.by.map(|by| tr!(" for the file by {by}", by)).unwrap_or_default();
            format!("{} {}{of}{maker}, {}", row.metric.text(), round4(row.value), row.source.name)
        })
        .collect()
}

/// Four significant digits, without zeros at the end.
fn round4(value: f64) -> String {
    let digits = (3.0 - value.abs().max(1e-9).log10().floor()).clamp(0.0, 9.0) as usize;
    let text = format!("{value:.digits$}");
    match text.split_once('.') {
        Some(_) => localized(text.trim_end_matches('0').trim_end_matches('.').to_owned()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Catalog;

    #[test]
    fn measurements_stand_with_their_source_and_maker() {
        let catalog = Catalog::embedded();
        let of = |name: &str, level: &str| {
            measurements(catalog.get(catalog.find(name).unwrap()), level.parse().unwrap())
        };
        let qwen = of("Qwen/Qwen3.5-9B", "Q4_K_M");
        assert!(
            qwen.iter().any(|m| m.starts_with("mean KL divergence 0.0222 for the file by unsloth, ")),
            "{qwen:?}"
        );
        assert!(of("Qwen/Qwen3-8B", "Q3_K_M").iter().any(|m| m.contains("61.94 (unquantized 63.22)")));
        assert!(of("Qwen/Qwen3-14B", "Q4_K_M").is_empty());
    }

    #[test]
    fn measured_values_keep_four_digits() {
        assert_eq!(round4(0.001_355), "0.001355");
        assert_eq!(round4(6.253_382), "6.253");
        assert_eq!(round4(62.0), "62");
    }
}
