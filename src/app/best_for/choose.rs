//! Finds the best model for each use.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Answer, Found, Pick, Question, Use};
use crate::app::best::{Best, Limits};
use crate::estimate::ranking::{Score, explain, score};
use crate::estimate::{Asked, Brief, Estimator, Scenario};
use crate::model::{Catalog, ModelId};
use crate::quant::Level;

/// Another question has come meanwhile.
struct Stale;

/// Models that are named for a use: the best and those that come next.
const NAMED: usize = 3;
/// Models between two looks at whether there is a newer question.
const BETWEEN_LOOKS: usize = 16;

/// The best model for each use; `None` when `is_stale` says that nobody waits for it.
pub fn choose(estimator: &Estimator, question: &Question, is_stale: &dyn Fn() -> bool) -> Option<Answer> {
    let scenario = &question.scenario;
    let longer = scenario.context.max(question.terms.long);
    let long = Scenario { context: longer, depth: longer / scenario.concurrency.max(1), ..scenario.clone() };
    let mut usual = Shelf::new(estimator.ask(scenario, &question.rig), question, scenario.context);
    let mut long = Shelf::new(estimator.ask(&long, &question.rig), question, longer);
    let mut found = Vec::new();
    for wanted in Use::ALL {
        let shelf = match wanted {
            Use::LongContext if longer > scenario.context => &mut long,
            _ => &mut usual,
        };
        found.push((wanted, shelf.best(wanted, is_stale)?));
    }
    Some(Answer { found, terms: question.terms, has_gpu: !question.rig.devices.is_empty() })
}

/// Models at their best level in one scenario, each worked out once.
struct Shelf<'a> {
    asked: Asked<'a>,
    question: &'a Question,
    context: u32,
    rows: BTreeMap<ModelId, Vec<Option<Brief>>>,
}

impl<'a> Shelf<'a> {
    fn new(asked: Asked<'a>, question: &'a Question, context: u32) -> Self {
        Self { asked, question, context, rows: BTreeMap::new() }
    }

    /// The best for a use. Models are tried from the highest score down: no level of one whose score is below what
    /// was found can be better, so most are never worked out.
    fn best(&mut self, wanted: Use, is_stale: &dyn Fn() -> bool) -> Option<Found> {
        let candidates = self.candidates(wanted);
        let limits = self.question.terms.limits();
        let mut best: Vec<Pick> = Vec::new();
        for (place, (model, score)) in candidates.iter().enumerate() {
            if place % BETWEEN_LOOKS == 0 && is_stale() {
                return None;
            }
            if best.len() == NAMED && score.value <= best[NAMED - 1].value() {
                break;
            }
            if let Some((level, brief)) = self.level(*model, limits) {
                let pick = self.pick(*model, level, brief, *score);
                // Of equals the faster.
                let key = |pick: &Pick| (pick.value(), pick.brief.decode.map_or(0.0, |rate| rate.p50));
                let after = best.partition_point(|known| key(known) >= key(&pick));
                best.insert(after, pick);
                best.truncate(NAMED);
            }
        }
        if best.is_empty() {
            let fastest = self.fastest(&candidates, is_stale).ok()?;
            let runs = |brief: &Option<Brief>| brief.is_some_and(|brief| brief.class.runs());
            // All rows were looked at for the fastest.
            let no_speed = fastest.is_none() && self.rows.values().flatten().any(runs);
            return Some(if no_speed { Found::NoSpeed } else { Found::None { fastest } });
        }
        let next = best.split_off(1);
        best.pop().map(|pick| Found::Best { pick, next })
    }

    /// Models that are made for the use, from the highest score down; of equals those that more people have.
    fn candidates(&self, wanted: Use) -> Vec<(ModelId, Score)> {
        let catalog = &self.question.catalog;
        let mut candidates: Vec<(ModelId, Score)> = catalog
            .ids()
            .filter(|id| wanted.takes(catalog.get(*id), self.context))
            .filter_map(|id| Some((id, score(catalog.get(id), wanted.subject())?)))
            .collect();
        candidates.sort_by(|(a, of_a), (b, of_b)| {
            let downloads = |id: ModelId| Reverse(catalog.get(id).hf_downloads);
            of_b.value.total_cmp(&of_a.value).then_with(|| downloads(*a).cmp(&downloads(*b)))
        });
        candidates
    }

    /// The best level of a model under the limits.
    fn level(&mut self, model: ModelId, limits: Limits) -> Option<(Level, Brief)> {
        let (requests, has_gpu) = (self.question.scenario.concurrency, !self.question.rig.devices.is_empty());
        let row = self.row(model);
        let column = Best::under(row.iter().map(Option::as_ref), requests, limits, has_gpu).column()?;
        let brief = row.get(column).copied().flatten()?;
        Some((*self.question.levels.get(column)?, brief))
    }

    /// The fastest level of the model that is fastest, of those that run from memory.
    fn fastest(
        &mut self,
        candidates: &[(ModelId, Score)],
        is_stale: &dyn Fn() -> bool,
    ) -> Result<Option<Pick>, Stale> {
        let mut fastest: Option<(f64, ModelId, usize, Brief, Score)> = None;
        for (place, (model, score)) in candidates.iter().enumerate() {
            if place % BETWEEN_LOOKS == 0 && is_stale() {
                return Err(Stale);
            }
            for (column, brief) in self.row(*model).iter().enumerate() {
                let Some(brief) = brief.filter(|brief| brief.class.runs()) else { continue };
                let Some(rate) = brief.decode else { continue };
                if fastest.is_none_or(|(known, ..)| rate.p50 > known) {
                    fastest = Some((rate.p50, *model, column, brief, *score));
                }
            }
        }
        Ok(fastest.and_then(|(_, model, column, brief, score)| {
            Some(self.pick(model, *self.question.levels.get(column)?, brief, score))
        }))
    }

    /// A model at every level. One whose smallest file does not run is not looked at further.
    fn row(&mut self, model: ModelId) -> &[Option<Brief>] {
        let (asked, question) = (&self.asked, self.question);
        self.rows.entry(model).or_insert_with(|| {
            let Ok(case) = asked.of(question.catalog.get(model)) else { return Vec::new() };
            let mut row = Vec::with_capacity(question.levels.len());
            for level in &question.levels {
                let brief = case.brief(*level).ok();
                if row.is_empty() && brief.is_some_and(|brief| !brief.class.runs()) {
                    return Vec::new();
                }
                row.push(brief);
            }
            row
        })
    }

    fn pick(&self, id: ModelId, level: Level, brief: Brief, score: Score) -> Pick {
        let catalog = &self.question.catalog;
        let evidence = explain(catalog.get(id), &score);
        Pick { model: id, name: name(catalog, id), level, brief, score, evidence, context: self.context }
    }
}

/// Name on the screen: the base model's, or a variant's own.
fn name(catalog: &Catalog, id: ModelId) -> String {
    let base = &catalog.bases()[catalog.base_of(id)];
    let variant = base.variants.iter().find(|variant| variant.id == Some(id) && base.id != id);
    variant.map_or(&base.name, |variant| &variant.name).clone()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::app::best_for::{Terms, kept};
    use crate::app::grid::testing::{rig, rig_with_gpu};
    use crate::estimate::{FitClass, Rig, engine, scenario::Engine};
    use crate::units::Bytes;

    fn question(rig: Rig, terms: Terms) -> Question {
        Question {
            catalog: Arc::clone(Catalog::embedded_shared()),
            scenario: Scenario { context: 1 << 14, depth: 1 << 14, ..Scenario::default() },
            rig,
            levels: engine::ladder(Engine::LlamaCpp).to_vec(),
            terms,
        }
    }

    fn answer(rig: Rig, terms: Terms) -> Answer {
        choose(Estimator::embedded(), &question(rig, terms), &|| false).unwrap()
    }

    fn best(answer: &Answer, wanted: Use) -> &Pick {
        let found = answer.found.iter().find(|(known, _)| *known == wanted).unwrap();
        match &found.1 {
            Found::Best { pick, .. } => pick,
            found => panic!("{found:?} for {wanted:?}"),
        }
    }

    #[test]
    fn every_use_has_a_model_that_is_made_for_it_and_fast_enough() {
        let answer = answer(rig_with_gpu(Bytes::from_gib(24.0)), Terms::default());
        let catalog = Catalog::embedded();
        for wanted in Use::ALL {
            let pick = best(&answer, wanted);
            let context = if wanted == Use::LongContext { 1 << 16 } else { 1 << 14 };
            assert_eq!(pick.context, context);
            assert!(wanted.takes(catalog.get(pick.model), context), "{wanted:?}: {}", pick.name);
            assert!(pick.brief.decode.unwrap().p50 >= 10.0 && pick.brief.class.runs(), "{pick:?}");
            assert_eq!(pick.score.subject, wanted.subject());
        }
    }

    /// The search stops early; trying everything finds the same.
    #[test]
    fn nothing_better_is_passed_over() {
        let terms = Terms { spill: false, ..Terms::default() };
        let question = question(rig_with_gpu(Bytes::from_gib(12.0)), terms);
        let answer = choose(Estimator::embedded(), &question, &|| false).unwrap();
        let asked = Estimator::embedded().ask(&question.scenario, &question.rig);
        let mut shelf = Shelf::new(asked, &question, question.scenario.context);
        for wanted in [Use::Chat, Use::Code] {
            let mut highest = 0.0_f64;
            for (model, score) in shelf.candidates(wanted) {
                if let Some((_, brief)) = shelf.level(model, terms.limits()) {
                    highest = highest.max(score.at(kept(&brief)));
                }
            }
            assert_eq!(best(&answer, wanted).value(), highest, "{wanted:?}");
        }
    }

    #[test]
    fn what_may_not_spill_stays_on_the_gpu() {
        let at = |spill| answer(rig_with_gpu(Bytes::from_gib(12.0)), Terms { spill, ..Terms::default() });
        let (stays, spills) = (at(false), at(true));
        for wanted in Use::ALL {
            assert!(best(&stays, wanted).brief.class <= FitClass::Tight);
            assert!(best(&spills, wanted).value() >= best(&stays, wanted).value(), "more is allowed");
        }
    }

    #[test]
    fn who_wants_it_faster_gets_no_better_model() {
        let at = |speed| answer(rig_with_gpu(Bytes::from_gib(24.0)), Terms { speed, ..Terms::default() });
        let (slow, fast) = (at(5.0), at(60.0));
        for wanted in Use::ALL {
            assert!(best(&fast, wanted).brief.decode.unwrap().p50 >= 60.0);
            assert!(best(&fast, wanted).value() <= best(&slow, wanted).value());
        }
    }

    #[test]
    fn where_nothing_is_fast_enough_the_fastest_is_named() {
        let answer = answer(rig(), Terms { speed: 9000.0, ..Terms::default() });
        let (_, Found::None { fastest: Some(pick) }) = &answer.found[0] else { panic!("nothing is so fast") };
        assert!(pick.brief.decode.unwrap().p50 > 50.0, "a small model on a processor");
    }

    #[test]
    fn who_does_not_wait_gets_no_answer() {
        let question = question(rig(), Terms::default());
        assert_eq!(choose(Estimator::embedded(), &question, &|| true), None);
    }
}
