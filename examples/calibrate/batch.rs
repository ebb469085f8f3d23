//! Decode of several requests at once, and of cards that share each layer: points of the fit.

use std::collections::BTreeMap;

use plimsoll::estimate::calibration::{BATCH, Facts, Flag, Kind, Measurement, Term, Test, measurements};
use plimsoll::estimate::prompt::{InRam, Prompt, PromptBlocks};
use plimsoll::estimate::together::{self, Batch, OfOne};
use plimsoll::estimate::work::Work;
use plimsoll::machine::table::Table;
use plimsoll::model::Catalog;

use super::decode::depth;
use super::facts::{cache_types, engine_class, facts_of, family, link, peak, prompt_peak};
use super::fit::Point;
use super::learnt::Learnt;
use super::points::{Points, Row};
use super::prefill::batch;

/// All that can be fitted; `decode` and `prefill` are the fitted forms of one request.
pub fn batches(decode: &Learnt<'_>, prefill: &Learnt<'_>) -> Points {
    let catalog = Catalog::embedded();
    let mut groups: BTreeMap<String, Vec<&'static Measurement>> = BTreeMap::new();
    for row in measurements() {
        let requests = row.requests.unwrap_or(1);
        let shares = row.gpus > 1 && engine_class(&row.engine) == "vllm";
        let is_ours = row.test == Test::Decode && row.placement.is_empty() && row.gbs.is_some();
        if is_ours && row.skip.is_empty() && (requests > 1 || shares) {
            let key = format!(
                "{}|{}|{}|{}|{}|{}|{requests}|{:?}|{:?}|{}",
                row.gpu,
                row.gpus,
                row.engine,
                row.model,
                row.quant,
                row.label,
                row.prompt,
                row.output,
                row.cache
            );
            groups.entry(key).or_default().push(row);
        }
    }
    let mut rows = Vec::new();
    let mut points = Vec::new();
    for group in groups.values() {
        let measured = group[0];
        let Ok(id) = catalog.find(&measured.model) else { continue };
        let model = catalog.get(id);
        let (Ok(level), Some(gbs)) = (measured.level.parse(), measured.gbs) else { continue };
        let requests = f64::from(measured.requests.unwrap_or(1));
        let has_prompts = requests > 1.0 || measured.kind == Kind::Derived;
        let prompt = f64::from(measured.prompt.filter(|_| has_prompts).unwrap_or(0));
        let output = f64::from(measured.output.unwrap_or(128).max(1));
        let depth = if has_prompts { prompt + output / 2.0 } else { depth(measured) };
        let types = cache_types(measured);
        let Ok(mut one) = Work::new(model, level, types, depth, 1.0) else { continue };
        let Ok(mut all) = Work::new(model, level, types, depth, requests) else { continue };
        let unscaled = all.weights;
        if let Some(gib) = measured.file_gib {
            let factor = gib * (1_u64 << 30) as f64 / one.total;
            (one, all) = (one.scaled(factor), all.scaled(factor));
        }
        let count = measured.gpus;
        let mut facts = facts_of(measured, model, family(catalog, id), level);
        facts.flags.extend((facts.engine == "llama.cpp").then_some(Flag::LlamaCpp));
        facts.flags.extend((count > 1).then_some(Flag::Several));
        let record = Table::embedded().records().iter().find(|record| record.name == measured.gpu);
        let Some(record) = record else { continue };
        let tflops = peak(&measured.gpu, measured.gbs);
        let peer = together::record_peer_gbs(record);
        let cards = together::cards(count, record.vendor, gbs, peer, Some(link(&measured.gpu)));
        // llama.cpp reads parts of a matrix again for each of a few requests.
        let apart =
            if facts.engine == "llama.cpp" { requests.min(together::VECTOR_REQUESTS) } else { requests };
        let few = if apart < requests {
            let Ok(few) = Work::new(model, level, types, depth, apart) else { continue };
            few.scaled(all.weights / unscaled)
        } else {
            all
        };
        let again = apart * one.weights - few.weights;
        let mut terms = cards.seconds(&Batch::new(requests, again, model.n_layer, model.n_embd));
        let n = f64::from(count);
        let operations = Work { operations: all.operations, ..Work::default() };
        let of = |work: &Work| decode.seconds(&facts, work, gbs * n, tflops * n);
        let steps = of(&operations);
        let beyond = |work: Work| of(&Work { operations: all.operations, ..work }) - steps;
        let mut prompt_s = 0.0;
        if prompt > 0.0 {
            let tokens = Prompt { tokens: prompt as u32, depth: 0, batch: batch(measured) };
            let Ok(mut blocks) = PromptBlocks::new(model, level, tokens) else { continue };
            if let Some(gib) = measured.file_gib {
                blocks = blocks.clone().scaled(gib * (1_u64 << 30) as f64 / blocks.total);
            }
            let work = blocks.of(0..blocks.len() + 1, InRam::Nothing);
            let tflops = prompt_peak(&measured.gpu, measured.gbs);
            prompt_s = prefill.prompt(&facts, &work, gbs * n, tflops * n);
        }
        let of_one = OfOne {
            operations: steps,
            weights: beyond(Work { weights: all.weights, ..Work::default() }),
            flops: beyond(Work { flops: one.flops, ..Work::default() }),
            cache: beyond(Work { cache: one.cache, ..Work::default() }),
            attention: beyond(Work { attention: one.attention, ..Work::default() }),
            prompts: prompt_s / output,
        };
        of_one.set(&mut terms, requests);
        let mut rates: Vec<(f64, f64)> = group.iter().map(|row| (row.tokens_per_s, 1.0)).collect();
        let rate = super::stats::quantile(&mut rates, 0.5);
        let mut strength = together::strengths(cards.strength(requests));
        if facts.engine == "llama.cpp" && count == 1 {
            // It reads a prompt between the steps of others in the same batches as one alone.
            strength[Term::Prompts as usize] = 0.0;
        }
        points.push(Point { seconds: terms, measured: (requests / rate).ln(), weight: 1.0, strength });
        let facts = Facts {
            engine: together::engine_name(engine_class(&measured.engine), &measured.engine),
            ..facts
        };
        rows.push(Row { measured, model, facts });
    }
    Points::new(&BATCH, points, rows)
}
