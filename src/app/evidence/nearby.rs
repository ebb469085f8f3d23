//! The measurements nearest to a figure that the pointer rests on.
//!
//! Found beside the window for that figure alone, and remembered until the pointer rests on another or the figures
//! change.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::app::jobs::Wake;
use crate::app::mailbox::Mailbox;
use crate::app::quiet;
use crate::estimate::calibration::Test;
use crate::estimate::measured::{self, Measurement};
use crate::estimate::neighbours::{self, Question};
use crate::estimate::{Estimator, Rig, Scenario};
use crate::language::tr;
use crate::model::{Catalog, ModelId};
use crate::quant::Level;

use super::{Row, words};

/// Published measurements that are named.
const PUBLISHED: usize = 2;
/// Own measurements that are named.
const OWN: usize = 1;

/// Whose speed the pointer rests on.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The models.
    pub catalog: Arc<Catalog>,
    /// The model.
    pub model: ModelId,
    /// Its quantization.
    pub level: Level,
    /// What is asked of it.
    pub scenario: Scenario,
    /// The machine.
    pub rig: Rig,
    /// Measurements of this person that speak for the machine.
    pub own: Vec<(u64, Measurement)>,
}

/// Names the measurements nearest to one figure at a time.
#[derive(Debug, Default)]
pub struct Nearby {
    known: Arc<Mutex<Known>>,
    worker: Option<Arc<Mailbox<(u64, Figure)>>>,
}

#[derive(Debug, Default)]
struct Known {
    /// Number of the newest question.
    number: u64,
    subject: Option<(ModelId, Level)>,
    lines: Option<Arc<[String]>>,
}

impl Drop for Nearby {
    fn drop(&mut self) {
        if let Some(mailbox) = &self.worker {
            mailbox.close();
        }
    }
}

impl Nearby {
    /// Finds on a thread of its own; where none can be started, at once.
    pub fn background(wake: Wake) -> Self {
        let (known, mailbox) = (Arc::<Mutex<Known>>::default(), Arc::<Mailbox<(u64, Figure)>>::default());
        let (answers, inbox) = (Arc::clone(&known), Arc::clone(&mailbox));
        let started = thread::Builder::new().name("nearby".to_owned()).spawn(move || {
            quiet::stand_back();
            while let Some((number, figure)) = inbox.wait() {
                let lines = find(&figure);
                let mut known = locked(&answers);
                if known.number == number {
                    known.lines = Some(lines);
                    drop(known);
                    wake();
                }
            }
        });
        Self { known, worker: started.ok().map(|_| mailbox) }
    }

    /// What is near to `subject`, a line each; `None` until it is found. `figure` is asked for once.
    pub fn lines(
        &self,
        subject: (ModelId, Level),
        figure: impl FnOnce() -> Option<Figure>,
    ) -> Option<Arc<[String]>> {
        let mut known = locked(&self.known);
        if known.subject != Some(subject) {
            known.number += 1;
            (known.subject, known.lines) = (Some(subject), None);
            match (figure(), &self.worker) {
                (Some(figure), Some(mailbox)) => mailbox.put((known.number, figure)),
                (Some(figure), None) => known.lines = Some(find(&figure)),
                (None, _) => {}
            }
        }
        known.lines.clone()
    }

    /// The figures have changed.
    pub fn forget(&self) {
        let mut known = locked(&self.known);
        known.number += 1;
        (known.subject, known.lines) = (None, None);
    }
}

fn locked(known: &Mutex<Known>) -> MutexGuard<'_, Known> {
    // Valid after every statement, so a panic elsewhere does not make it wrong.
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

fn find(figure: &Figure) -> Arc<[String]> {
    let Figure { catalog, model: id, level, scenario, rig, own } = figure;
    let model = catalog.get(*id);
    let base = catalog.base_of(*id);
    let is_this = |row: &Measurement| {
        let known = row.model.as_deref().and_then(|name| catalog.exact(name));
        known.is_some_and(|known| catalog.base_of(known) == base) && row.test == measured::Test::Decode
    };
    let mut own: Vec<&(u64, Measurement)> = own.iter().rev().filter(|(_, row)| is_this(row)).collect();
    own.sort_by_key(|(_, row)| row.level != Some(*level));
    let own = own.into_iter().take(OWN).map(|(id, row)| words::own(catalog, *id, row, None));
    let plan = Estimator::embedded().plan(model, *level, scenario, rig).ok();
    let question = plan.and_then(|plan| Question::of(model, scenario, rig, &plan, Test::Decode));
    let near = question.map(|question| neighbours::nearest(&question, PUBLISHED)).unwrap_or_default();
    let published = near.iter().map(|neighbour| words::published(catalog, neighbour, None));
    own.chain(published).map(|row| line(&row)).collect()
}

fn line(row: &Row) -> String {
    let Row { title, conditions, rate, .. } = row;
    match row.own {
        Some(_) => tr!("Measured here: {title}, {conditions}: {rate}", title, conditions, rate),
        None => tr!("Measured: {title}, {conditions}: {rate}", title, conditions, rate),
    }
}
