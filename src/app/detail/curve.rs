//! Decode speed over context.

use crate::estimate::{FitClass, Plan, Range, Scenario};
use crate::language::tr;
use crate::units::{rate_text, tokens_text};

use super::{Subject, no_speed_reason};

/// First context of the curve, tokens.
const FIRST: u32 = 2048;
/// Last context of the curve, tokens, unless the present one is longer.
const LAST: u32 = 128 * 1024;
/// Points for each doubling of the context.
const PER_DOUBLING: u32 = 7;
/// llama.cpp counts its cache in cells of this many tokens.
pub(super) const STEP: u32 = 256;

/// Decode speed over context, each point with its context full, or why there is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// Points by context; empty: see `missing`.
    pub points: Vec<CurvePoint>,
    /// The present context, as on the curve.
    pub present: Option<CurvePoint>,
    /// Longest context that keeps the model on the GPUs, where the curve goes on beyond it.
    pub leaves_gpu: Option<u32>,
    /// What the curve alone does not say.
    pub notes: Vec<String>,
    /// Why there are no points.
    pub missing: Option<String>,
}

/// Decode speed at one context.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// Tokens.
    pub context: u32,
    /// Tokens/s.
    pub decode: Range,
}

impl Curve {
    pub(super) fn new(subject: &Subject<'_>, plan: &Plan) -> Self {
        let present = subject.scenario.context;
        let last = subject.model.context_max.unwrap_or(LAST).min(LAST).max(present);
        let first = FIRST.min(present).min(last);
        let boundary = plan.fit.max_context.filter(|_| plan.fit.max_context_on_gpu);
        let contexts = contexts(first, last, [Some(present), boundary, boundary.map(|b| b + STEP)]);

        let mut points = Vec::with_capacity(contexts.len());
        let mut classes = Vec::with_capacity(contexts.len());
        let mut cut = false;
        for context in contexts {
            let answer = subject.brief(plan.level, &at(subject.scenario, context)).ok();
            let runs = answer.filter(|brief| brief.class != FitClass::TooBig);
            let Some((class, decode)) = runs.and_then(|brief| Some((brief.class, brief.decode?))) else {
                cut = true;
                break;
            };
            points.push(CurvePoint { context, decode });
            classes.push(class);
        }
        if points.len() < 2 {
            let reason =
                no_speed_reason(plan).unwrap_or_else(|| tr!("it runs at one context only").to_owned());
            return Self { missing: Some(reason), ..Self::default() };
        }
        let present = points.iter().find(|point| point.context == present).copied();
        let mut notes = Vec::new();
        if let (Some(full), Some(now)) = (present, plan.speed.decode)
            && rate_text(full.decode.p50) != rate_text(now.p50)
        {
            let (now, full_rate) = (rate_text(now.p50), rate_text(full.decode.p50));
            let context = tokens_text(u64::from(full.context));
            notes.push(tr!(
                "{now} tok/s at the start of a conversation, {full_rate} with all {context} in use",
                now,
                full_rate,
                context
            ));
        }
        if let Some(from) = first_on_disk(&classes) {
            let context = tokens_text(u64::from(points[from].context));
            notes.push(tr!("From {context} on, it streams from disk", context));
        }
        if cut {
            notes.push(tr!("Longer contexts do not fit").to_owned());
        }
        // The longest context may be what the model was trained for: past it, only memory moves layers to RAM.
        let on_gpu = |class: &FitClass| matches!(class, FitClass::Fits | FitClass::Tight);
        let spills = classes.last().is_some_and(|class| !on_gpu(class));
        let leaves_gpu = match subject.model.context_max {
            Some(trained) if boundary.is_some_and(|boundary| boundary >= trained) => {
                let stays = classes.iter().rposition(on_gpu);
                stays.map(|place| points[place].context).or(boundary).filter(|_| spills)
            }
            _ => boundary.filter(|boundary| *boundary < last),
        };
        Self { points, present, leaves_gpu, notes, missing: None }
    }
}

/// Place of the first context that streams from disk, where shorter ones do not.
fn first_on_disk(classes: &[FitClass]) -> Option<usize> {
    classes.iter().position(|class| *class == FitClass::Disk).filter(|place| *place > 0)
}

/// The scenario with another context, filled by the requests together.
///
/// A context costs speed by what stands in it: at the depth of a new conversation the curve would be flat.
pub(super) fn at(scenario: &Scenario, context: u32) -> Scenario {
    Scenario { context, depth: context / scenario.concurrency.max(1), ..scenario.clone() }
}

/// Contexts in equal ratios, on whole cells, with the given ones among them.
pub(super) fn contexts(first: u32, last: u32, also: [Option<u32>; 3]) -> Vec<u32> {
    let doublings = (f64::from(last) / f64::from(first.max(1))).log2();
    let steps = ((doublings * f64::from(PER_DOUBLING)).ceil() as u32).max(1);
    let even = (0..=steps).map(|i| {
        let exact = f64::from(first) * (doublings * f64::from(i) / f64::from(steps)).exp2();
        ((exact / f64::from(STEP)).round() as u32 * STEP).clamp(first, last)
    });
    let mut all: Vec<u32> =
        even.chain(also.into_iter().flatten().filter(|c| (first..=last).contains(c))).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_are_whole_cells_and_hold_what_is_asked() {
        let all = contexts(2048, 40_960, [Some(16_384), Some(11_008), Some(11_264)]);
        assert_eq!((all[0], all[all.len() - 1]), (2048, 40_960));
        assert!(all.is_sorted() && all.iter().all(|c| c % STEP == 0));
        assert!([16_384, 11_008, 11_264].iter().all(|c| all.contains(c)));
        assert!((25..45).contains(&all.len()), "{}", all.len());
        assert_eq!(contexts(512, 512, [Some(512), None, Some(99_999)]), [512]);
    }

    #[test]
    fn requests_fill_the_context_together() {
        let one = Scenario::default();
        assert_eq!((at(&one, 32_768).context, at(&one, 32_768).depth), (32_768, 32_768));
        let four = Scenario { concurrency: 4, parallel: 4, ..Scenario::default() };
        assert_eq!((at(&four, 32_768).context, at(&four, 32_768).depth), (32_768, 8192));
    }
}
