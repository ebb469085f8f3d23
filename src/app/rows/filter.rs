//! Which models are listed.

use crate::estimate::FitClass;
use crate::model::Model;

use super::{Ask, Outcome};
use crate::app::best::READING_SPEED;
use crate::app::settings::Filters;

/// Whether the filters that do not depend on the machine let `model` through.
pub(super) fn is_subject(model: &Model, filters: &Filters) -> bool {
    (filters.not_generating || model.not_generating().is_none())
        && filters.tags.iter().all(|tag| model.has_tag(*tag))
        && filters.ranges.hold_model(model)
}

/// Whether the filters by verdict and speed let a model through. While nothing is known of the machine,
/// they wait.
pub fn passes_filters(outcome: &Outcome, filters: &Filters, ask: &Ask) -> bool {
    if *outcome == Outcome::Pending {
        return true;
    }
    let has_gpu = ask.rig.is_some_and(|rig| !rig.devices.is_empty());
    let fits = || match outcome.class() {
        Some(FitClass::Fits | FitClass::Tight) => true,
        Some(FitClass::Cpu) => !has_gpu,
        _ => false,
    };
    let requests = f64::from(ask.scenario.concurrency.max(1));
    let fast = || {
        outcome.class().is_some_and(FitClass::runs)
            && outcome.speed().is_some_and(|total| total / requests >= READING_SPEED)
    };
    (!filters.only_fits || fits())
        && (!filters.reading_speed || fast())
        && filters.ranges.hold_figures(outcome.brief(), requests)
}
