//! Memory over context: what is loaded once, and what grows with every token.

use crate::estimate::{FitClass, Plan};
use crate::language::{fixed, tr};
use crate::units::{Bytes, tokens_text};

use super::super::curve::{STEP, contexts};
use super::super::{LoadLine, Subject};

/// First context of the curve, tokens.
const FIRST: u32 = 2048;
/// Last context of the curve, tokens, where the model was trained for more.
const LAST: u32 = 1 << 18;

/// Memory over context, against what is free.
#[derive(Clone, Debug, PartialEq)]
pub struct MemoryCurve {
    /// Points by context; at least two.
    pub points: Vec<MemoryPoint>,
    /// What there is.
    pub line: LoadLine,
    /// The present context, as on the curve.
    pub present: Option<MemoryPoint>,
    /// Longest context that the GPUs hold (the RAM without one), where the curve goes on beyond it.
    pub breaks: Option<u32>,
    /// What the curve alone does not say.
    pub notes: Vec<String>,
}

/// Memory at one context, all devices and the RAM together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryPoint {
    /// Tokens.
    pub context: u32,
    /// Weights.
    pub weights: Bytes,
    /// KV cache and recurrent state.
    pub cache: Bytes,
    /// Graph buffers, device context, output.
    pub rest: Bytes,
    /// The verdict.
    pub class: FitClass,
}

impl MemoryPoint {
    /// All of it.
    pub fn total(&self) -> Bytes {
        self.weights + self.cache + self.rest
    }
}

impl MemoryCurve {
    pub(super) fn new(subject: &Subject<'_>, plan: &Plan) -> Self {
        let present = subject.scenario.context;
        let last = subject.model.context_max.unwrap_or(LAST).min(LAST).max(present);
        let first = FIRST.min(present).min(last);
        let boundary = plan.fit.max_context.filter(|_| plan.fit.max_context_on_gpu);
        let points: Vec<MemoryPoint> =
            contexts(first, last, [Some(present), boundary, boundary.map(|b| b + STEP)])
                .into_iter()
                .filter_map(|context| point(subject, plan, context))
                .collect();
        let has_gpu = !subject.rig.devices.is_empty();
        let worst = if has_gpu { FitClass::Tight } else { FitClass::Cpu };
        let holds = |point: &MemoryPoint| point.class <= worst;
        let stays = points.iter().rposition(&holds);
        let breaks = stays.filter(|place| place + 1 < points.len()).map(|place| points[place].context);
        let mut notes = Vec::new();
        if let [start, .., end] = points.as_slice() {
            let tokens = f64::from(end.context - start.context).max(1.0);
            let grown = end.total().gib() - start.total().gib();
            let each = grown / tokens * 1024.0;
            notes.push(tr!("Each 1K tokens of context takes {each} more", each = small(each)));
        }
        match (breaks, points.first().is_some_and(&holds), has_gpu) {
            (Some(context), _, true) => notes.push(tr!(
                "Past {context} it does not stay wholly on the GPU",
                context = tokens_text(u64::from(context))
            )),
            (Some(context), _, false) => {
                notes.push(tr!(
                    "Past {context} the RAM does not hold it",
                    context = tokens_text(u64::from(context))
                ));
            }
            (None, false, true) => notes.push(tr!("At no context is it wholly on the GPU").to_owned()),
            (None, false, false) => notes.push(tr!("At no context does the RAM hold it").to_owned()),
            (None, true, _) => {}
        }
        let runs = points.iter().rposition(|point| point.class != FitClass::TooBig);
        if let Some(place) =
            runs.filter(|place| place + 1 < points.len() && Some(points[*place].context) != breaks)
        {
            notes.push(tr!(
                "Past {context} it does not fit at all",
                context = tokens_text(u64::from(points[place].context))
            ));
        }
        let here = points.iter().find(|point| point.context == present).copied();
        Self { points, line: LoadLine::of(subject.rig), present: here, breaks, notes }
    }
}

fn point(subject: &Subject<'_>, plan: &Plan, context: u32) -> Option<MemoryPoint> {
    let scenario = super::super::curve::at(subject.scenario, context);
    let plan = subject.estimator.plan(subject.model, plan.level, &scenario, subject.rig).ok()?;
    let all = plan.memory.devices.iter().fold(plan.memory.host, |all, parts| all + *parts);
    Some(MemoryPoint {
        context,
        weights: all.weights,
        cache: all.kv + all.recurrent,
        rest: all.compute + all.overhead,
        class: plan.fit.class,
    })
}

/// GiB as MiB where that says more.
fn small(gib: f64) -> String {
    if gib < 1.0 { format!("{:.0} MiB", gib * 1024.0) } else { format!("{} GiB", fixed(gib, 1)) }
}
