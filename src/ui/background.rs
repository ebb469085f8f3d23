//! What runs beside the window: reading the machine, making tables, what the Machine page reads.

use std::sync::Arc;

use crate::app::MachinePage;
use crate::app::Settings;
use crate::app::jobs::{Jobs, MachineSender, Ready, Wake};
use crate::app::machine_page::desk::This;
use crate::app::machine_page::{Desk, Live};
use crate::app::own::kept_memory;
use crate::estimate::{Estimator, engine};
use crate::machine::probe::recording;
use crate::machine::{Machine, probe};
use crate::model::Catalog;
use crate::quant::Level;

/// Reads the machine, and makes the estimator's tables, those of the level that is shown first before all.
pub(super) fn jobs(settings: &Settings, machine: Option<Machine>, wake: &Wake) -> Jobs {
    let (level, scenario) = (settings.level, settings.scenario());
    let warm_up = move |ready: Ready| {
        let (catalog, estimator) = (Catalog::embedded(), Estimator::embedded());
        let warm = |levels: &[Level]| {
            for base in catalog.bases() {
                estimator.warm(catalog.get(base.id), levels, &scenario);
            }
        };
        warm(&[level]);
        drop(ready);
        // So that another level, and the matrix, are there as fast.
        warm(engine::ladder(scenario.engine));
    };
    let read = move |sender: MachineSender| match machine {
        Some(machine) => sender.send(machine),
        // Without a thread the sender is dropped, which says that nothing will be known.
        None => drop(probe::start(kept_memory, move |machine| sender.send(machine))),
    };
    Jobs::background(Box::new(read), Box::new(warm_up), wake)
}

/// What the Machine page reads with: this computer, where it is that which is shown.
pub(super) fn machine_page(is_this: bool, wake: &Wake) -> MachinePage {
    if !is_this {
        return MachinePage::new(Live::none(), Desk::background(None, Arc::clone(wake)));
    }
    let this = This {
        look: Arc::new(|| probe::probe_now(kept_memory())),
        record: Arc::new(|| {
            recording::text(&probe::findings_now(kept_memory()), &recording::Private::of_this())
        }),
    };
    let live = Live::probe(Arc::new(kept_memory), Arc::clone(wake));
    MachinePage::new(live, Desk::background(Some(this), Arc::clone(wake)))
}
