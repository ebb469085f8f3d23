//! What other programs keep on this computer's disks.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use crate::app::installed::{self, PATIENCE, Reads, Shelf};
use crate::estimate::{Estimator, Rig, Scenario};
use crate::files::installed::Environment;
use crate::model::ModelId;

/// What was found on the disks.
#[derive(Debug, Default)]
pub(super) struct Looked(pub Reads);

/// The list of what is installed.
#[derive(Debug)]
pub struct OnDisk {
    /// It is being looked for.
    pub looking: bool,
    /// What there is, judged; `None` before the first look, and while the list is not in view.
    pub shelf: Option<Shelf>,
    /// Models of the catalog that are there.
    pub known: BTreeSet<ModelId>,
    reads: Option<Reads>,
    environment: Option<Environment>,
    patience: Duration,
}

impl OnDisk {
    /// Nothing was looked for yet. Without an environment nothing ever is.
    pub(super) const fn new(environment: Option<Environment>) -> Self {
        Self {
            looking: false,
            shelf: None,
            known: BTreeSet::new(),
            reads: None,
            environment,
            patience: PATIENCE,
        }
    }

    /// Whether there is anything to look through.
    pub const fn can_look(&self) -> bool {
        self.environment.is_some()
    }

    /// Whether it was looked for, at least once.
    pub const fn was_looked_for(&self) -> bool {
        self.reads.is_some()
    }

    /// How many models there are.
    pub fn count(&self) -> usize {
        self.reads.as_ref().map_or(0, |reads| reads.models.len())
    }

    /// What a thread must do to look: `None` where one does already.
    pub(super) fn look(&mut self, added: Vec<PathBuf>) -> Option<impl FnOnce() -> Looked + Send + use<>> {
        let environment = self.environment.clone().filter(|_| !self.looking)?;
        self.looking = true;
        let patience = self.patience;
        Some(move || Looked(installed::read(&environment, &added, patience)))
    }

    /// Takes what was found.
    pub(super) fn take(&mut self, Looked(reads): Looked, estimator: &Estimator) {
        if let Some(before) = self.reads.take() {
            before.forget(estimator);
        }
        reads.adopt(estimator);
        self.known = reads.known().collect();
        self.looking = false;
        self.shelf = None;
        self.reads = Some(reads);
    }

    /// Judges what there is.
    pub(super) fn judge(&mut self, estimator: &Estimator, scenario: &Scenario, rig: Option<&Rig>) {
        self.shelf = self.reads.as_ref().map(|reads| reads.judged(estimator, scenario, rig));
    }
}
