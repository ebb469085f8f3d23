//! What runs beside the window: reading the machine, making tables, what the Machine page reads.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::app::MachinePage;
use crate::app::Settings;
use crate::app::jobs::{Jobs, MachineSender, Ready, Wake};
use crate::app::machine_page::desk::This;
use crate::app::machine_page::{Desk, Live};
use crate::app::own::kept_memory;
use crate::app::quiet;
use crate::estimate::{Estimator, Rig, Scenario, engine};
use crate::machine::probe::recording;
use crate::machine::{Machine, probe};
use crate::model::Catalog;
use crate::quant::Level;

/// Begins with what every window needs, while the window system and its driver make one: the catalog and the usual
/// level's tables. Where no thread can be started they are made when they are needed.
pub(super) fn preload() {
    let load = || {
        let settings = Settings::default();
        warm(&[settings.level], &settings.scenario());
    };
    thread::Builder::new().name("preload".to_owned()).spawn(load).ok();
}

fn warm(levels: &[Level], scenario: &Scenario) {
    let (catalog, estimator) = (Catalog::embedded(), Estimator::embedded());
    for base in catalog.bases() {
        estimator.warm(catalog.get(base.id), levels, scenario);
    }
}

/// Reads the machine, and makes the estimator's tables, those of the level that is shown first before all.
pub(super) fn jobs(settings: &Settings, machine: Option<Machine>, wake: &Wake) -> Jobs {
    let (level, scenario) = (settings.level, settings.scenario());
    let seen = Arc::new(Seen::default());
    let known = Arc::clone(&seen);
    let warm_up = move |ready: Ready| {
        warm(&[level], &scenario);
        first_figures(level, &scenario, &known);
        drop(ready);
        // So that another level, and the matrix, are there as fast.
        quiet::stand_back();
        warm(engine::ladder(scenario.engine), &scenario);
    };
    let read = move |sender: MachineSender| {
        let send = move |machine: Machine| {
            *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(Rig::from(&machine));
            sender.send(machine);
        };
        match machine {
            Some(machine) => send(machine),
            // Without a thread the sender is dropped, which says that nothing will be known.
            None => drop(probe::start(kept_memory, send)),
        }
    };
    Jobs::background(Box::new(read), Box::new(warm_up), wake)
}

/// The machine as far as it was read.
type Seen = Mutex<Option<Rig>>;

/// Asks for what the table will show, if the machine has been read meanwhile: what is worked out for it is kept, and
/// would else be worked out on the window's thread.
fn first_figures(level: Level, scenario: &Scenario, machine: &Seen) {
    let Some(rig) = machine.lock().unwrap_or_else(PoisonError::into_inner).clone() else { return };
    let (catalog, asked) = (Catalog::embedded(), Estimator::embedded().ask(scenario, &rig));
    for base in catalog.bases() {
        // What has no figure says why in its row.
        asked.of(catalog.get(base.id)).and_then(|case| case.brief(level)).ok();
    }
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
