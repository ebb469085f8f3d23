//! Speed over requests at once, each with as much context as one has now: the cache grows with every request.

use crate::estimate::{FitClass, Plan, Range, Scenario};
use crate::language::tr;
use crate::units::tokens_text;

use super::super::{Subject, no_speed_reason};
use crate::app::settings::CONCURRENCY_MAX;

/// Numbers of requests that are asked for.
const NUMBERS: [u32; 13] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 40, 48, CONCURRENCY_MAX];

/// Speed over requests at once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RequestsCurve {
    /// Points by number; empty: see `missing`.
    pub points: Vec<RequestsPoint>,
    /// Tokens of context that each request has.
    pub context: u32,
    /// The present number, as on the curve.
    pub present: Option<RequestsPoint>,
    /// Most requests whose caches the GPUs hold beside the model (the RAM without one), where the curve goes on.
    pub cache_full: Option<u32>,
    /// What the curve alone does not say.
    pub notes: Vec<String>,
    /// Why there are no points.
    pub missing: Option<String>,
}

/// Speed with so many requests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RequestsPoint {
    /// Requests at once.
    pub requests: u32,
    /// Tokens/s of all together.
    pub total: Range,
    /// The verdict.
    pub class: FitClass,
}

impl RequestsPoint {
    /// Tokens/s of each.
    pub fn each(&self) -> f64 {
        self.total.p50 / f64::from(self.requests.max(1))
    }
}

impl RequestsCurve {
    pub(super) fn new(subject: &Subject<'_>, plan: &Plan) -> Self {
        let scenario = subject.scenario;
        let present = scenario.concurrency.clamp(1, CONCURRENCY_MAX);
        let context = (scenario.context / present).max(1);
        let has_gpu = !subject.rig.devices.is_empty();
        let brief = |requests: u32| subject.brief(plan.level, &with(scenario, requests, context)).ok();
        let holds = |requests: u32| {
            let class = brief(requests).map(|brief| brief.class);
            class.is_some_and(|class| class <= if has_gpu { FitClass::Tight } else { FitClass::Cpu })
        };
        let full = most(CONCURRENCY_MAX, holds);
        let mut numbers: Vec<u32> = NUMBERS.into_iter().chain([present]).chain(full).collect();
        numbers.extend(full.map(|full| (full + 1).min(CONCURRENCY_MAX)));
        numbers.sort_unstable();
        numbers.dedup();

        let mut points = Vec::with_capacity(numbers.len());
        let mut cut = None;
        for requests in numbers {
            let answer = brief(requests).filter(|brief| brief.class != FitClass::TooBig);
            let Some((class, total)) = answer.and_then(|brief| Some((brief.class, brief.decode?))) else {
                cut = Some(requests);
                break;
            };
            points.push(RequestsPoint { requests, total, class });
        }
        if points.len() < 2 {
            let reason = no_speed_reason(plan)
                .unwrap_or_else(|| tr!("one request is all that it has room for").to_owned());
            return Self { context, missing: Some(reason), ..Self::default() };
        }
        let last = points.last().map_or(1, |point| point.requests);
        let mut notes = vec![tr!(
            "Each request has {context} tokens of context",
            context = tokens_text(u64::from(context))
        )];
        if let Some(requests) = cut {
            notes.push(tr!("{requests} at once do not fit", requests));
        }
        Self {
            present: points.iter().find(|point| point.requests == present).copied(),
            cache_full: full.filter(|full| *full < last || cut.is_some()),
            points,
            context,
            notes,
            missing: None,
        }
    }
}

/// The scenario with so many requests, each with a context of its own.
fn with(scenario: &Scenario, requests: u32, context: u32) -> Scenario {
    Scenario {
        context: context.saturating_mul(requests),
        depth: context,
        concurrency: requests,
        parallel: requests,
        ..scenario.clone()
    }
}

/// The largest number up to `limit` that holds, where one does: what holds for many holds for fewer.
fn most(limit: u32, holds: impl Fn(u32) -> bool) -> Option<u32> {
    if !holds(1) {
        return None;
    }
    let (mut low, mut high) = (1, limit + 1);
    while high - low > 1 {
        let middle = low.midpoint(high);
        if holds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_number_that_holds() {
        for edge in 0..=64 {
            let found = most(64, |requests| requests <= edge);
            assert_eq!(found, (edge > 0).then_some(edge));
        }
    }

    #[test]
    fn each_request_keeps_its_context() {
        let four = with(&Scenario::default(), 4, 8192);
        assert_eq!((four.context, four.depth, four.concurrency, four.parallel), (32_768, 8192, 4, 4));
        assert_eq!(with(&four, u32::MAX, 8192).context, u32::MAX);
    }
}
