//! What runs beside the window: reading the machine, making tables, what the Machine page reads.

use std::sync::mpsc::{Receiver, sync_channel};
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

/// Messages of the probe that may wait for the window: a handful, one a part.
const PARTS: usize = 16;

/// What is begun before there is a window.
#[derive(Debug)]
pub(super) struct Early {
    /// It is this computer that is read.
    pub is_this: bool,
    seen: Arc<Seen>,
    /// What the probe says meanwhile.
    machines: Receiver<Machine>,
}

impl Early {
    /// Begins with what every window needs, while the window system and its driver make one: the catalog, the usual
    /// level's tables, the machine, and the usual figures on it. `recorded` stands for this computer where it is given.
    /// Where no thread can be started all of it is made when it is needed.
    pub(super) fn begin(recorded: Option<Machine>) -> Self {
        let (sender, machines) = sync_channel(PARTS);
        let seen = Arc::new(Seen::default());
        let known = Arc::clone(&seen);
        let send = move |machine: Machine| {
            *known.lock().unwrap_or_else(PoisonError::into_inner) = Some(Rig::from(&machine));
            // Nobody waits for it where no window could be opened.
            sender.send(machine).ok();
        };
        let is_this = recorded.is_none();
        match recorded {
            Some(machine) => send(machine),
            // Without a thread the sender is dropped, which says that nothing will be known.
            None => drop(probe::start(kept_memory, send)),
        }
        let known = Arc::clone(&seen);
        let load = move || {
            let settings = Settings::default();
            let (level, scenario) = (settings.level, settings.scenario());
            warm(&[level], &scenario);
            first_figures(level, &scenario, &known);
        };
        thread::Builder::new().name("preload".to_owned()).spawn(load).ok();
        Self { is_this, seen, machines }
    }
}

fn warm(levels: &[Level], scenario: &Scenario) {
    let (catalog, estimator) = (Catalog::embedded(), Estimator::embedded());
    for base in catalog.bases() {
        estimator.warm(catalog.get(base.id), levels, scenario);
    }
}

/// Hands over the machine, and makes the estimator's tables, those of the level that is shown first before all.
pub(super) fn jobs(settings: &Settings, early: Early, wake: &Wake) -> Jobs {
    let (level, scenario) = (settings.level, settings.scenario());
    let Early { seen, machines, .. } = early;
    let warm_up = move |ready: Ready| {
        warm(&[level], &scenario);
        first_figures(level, &scenario, &seen);
        drop(ready);
        // So that another level, and the matrix, are there as fast.
        quiet::stand_back();
        warm(engine::ladder(scenario.engine), &scenario);
    };
    let read = move |sender: MachineSender| {
        let hand_over = move || machines.into_iter().for_each(|machine| sender.send(machine));
        // Without a thread the sender is dropped, which says that nothing will be known.
        thread::Builder::new().name("machine".to_owned()).spawn(hand_over).ok();
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
