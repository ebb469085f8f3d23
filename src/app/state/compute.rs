//! What follows from a change: rows, detail, notices.

use std::sync::Arc;

use crate::app::detail::{CurveKind, Detail};
use crate::app::evidence::{Ask as EvidenceAsk, Figure as Pointed};
use crate::app::jobs::Message;
use crate::app::machine_page::cards::sources;
use crate::app::notice::{Notice, NoticeKind};
use crate::app::page::Page;
use crate::app::rows::{self, Ask, Figures, Wanted};
use crate::app::settings::View;
use crate::estimate::Rig;
use crate::estimate::measured::Measurement;
use crate::language::tr;
use crate::model::ModelId;
use crate::quant::Level;

use super::State;

impl State {
    pub(super) fn poll(&mut self) {
        while let Some(message) = self.jobs.poll() {
            match message {
                Message::Machine(machine) => {
                    self.found = Some(*machine);
                    self.has_looked();
                    self.own.set_machine(self.found.as_ref());
                    self.look();
                }
                Message::MachineDone => {
                    self.probing = false;
                    self.notice_machine();
                }
                Message::Warm => {
                    self.warm = true;
                    self.dirty.estimates();
                }
            }
        }
    }

    /// Takes what is known of own measurements.
    pub(super) fn poll_own(&mut self) {
        let polled = self.own.poll(self.found.as_ref());
        if let Some(machine) = polled.machine {
            self.found = Some(*machine);
            self.own.set_machine(self.found.as_ref());
            self.look();
        }
        if polled.rows {
            self.own_changed();
        }
        if polled.corrections {
            self.set_rig();
        }
        if let Some(text) = self.own.notice.take() {
            self.notify(Notice::new(NoticeKind::Own, text));
        }
    }

    /// Computes anew what own measurements speak for.
    pub(super) fn own_changed(&mut self) {
        if self.own.set_machine(self.found.as_ref()) {
            self.correct();
            self.dirty.estimates();
        }
    }

    /// Says what is missing in the machine, once all of it has been read.
    pub(super) fn notice_machine(&mut self) {
        let Some(machine) = &self.found else {
            let text = tr!("This machine could not be read: the system started no more threads");
            self.notify(Notice::new(NoticeKind::Problems, text));
            return;
        };
        let parts: Vec<String> =
            machine.problems.iter().map(|problem| sources::part(&problem.part)).collect();
        let problems =
            (!parts.is_empty()).then(|| tr!("Could not be read: {parts}", parts = parts.join(", ")));
        let is_this = self.choice() == crate::app::rigs::RigChoice::This;
        if is_this && !self.has_gpu() && !self.settings.no_gpu_read {
            let text = tr!("No GPU that can hold a model was found: figures are for the processor and RAM");
            self.notify(Notice::new(NoticeKind::NoGpu, text));
        }
        if let Some(text) = problems {
            self.notify(Notice::new(NoticeKind::Problems, text));
        }
    }

    /// The machine, once its figures can be asked for: until the tables are made, an answer would hold up
    /// the window.
    pub(super) fn known_rig(&self) -> Option<&Rig> {
        self.rig.as_ref().filter(|_| self.warm)
    }

    pub(super) fn wanted(&self) -> Wanted<'_> {
        Wanted {
            hits: self.hits.as_deref(),
            filters: &self.settings.filters,
            sort: self.settings.sort,
            unfolded: &self.unfolded,
            installed: &self.models.on_disk.known,
            favourites: &self.settings.habits.favourites,
            picked: self.map.picked.as_ref(),
        }
    }

    /// What the figures of the rows are asked under.
    pub(super) fn rows_ask(&self) -> Ask<'_> {
        Ask {
            catalog: &self.catalog,
            installed: &self.models.on_disk.known,
            estimator: self.estimator,
            level: self.settings.level,
            scenario: &self.scenario,
            rig: self.known_rig(),
        }
    }

    pub(super) fn compute_rows(&mut self) {
        // Taken out, so that the rest of the state can be read meanwhile.
        let mut figures = std::mem::take(&mut self.figures);
        let mut rows = std::mem::take(&mut self.rows);
        let ask = self.rows_ask();
        let wanted = self.wanted();
        let was_pending = figures.is_pending();
        if self.dirty.figures {
            figures = Figures::compute(&ask);
        }
        let keep_order = self.order_held && !self.dirty.list && !was_pending;
        if keep_order {
            rows::refresh(&mut rows, &mut figures, &ask);
        } else {
            rows = rows::list(&mut figures, &ask, &wanted);
        }
        let (counts, subjects) = rows::count(&figures, &ask, &wanted);
        self.dirty.order = keep_order;
        (self.dirty.figures, self.dirty.list) = (false, false);
        (self.counts, self.subjects) = (counts, subjects);
        // The remembered selection gets its place with the first figures.
        self.moves += u64::from(was_pending && !figures.is_pending());
        (self.rows, self.figures) = (rows, figures);
    }

    /// Something is always selected once there are figures, so that the detail has a subject.
    pub(super) fn select_first(&mut self) {
        if self.selected.is_some() || self.known_rig().is_none() {
            return;
        }
        match self.settings.view {
            _ if self.settings.page == Page::Map => {
                if let Some(model) = self.first_on_map() {
                    self.select(model);
                }
            }
            View::Table => {
                if let Some(row) = self.rows.first() {
                    self.select_row(row.key);
                }
            }
            View::Matrix => {
                if let Some(&model) = self.matrix.outline.bases().first() {
                    self.select(model);
                }
            }
        }
    }

    pub(super) fn compute_detail(&mut self) {
        self.detail = match (self.selected, self.known_rig()) {
            (Some(model), Some(rig)) => Some(Detail::build(
                &self.catalog,
                self.estimator,
                model,
                self.settings.level,
                &self.scenario,
                rig,
            )),
            _ => None,
        };
        self.own_detail();
        self.mark_favourite();
        self.ask_evidence();
    }

    /// Computes the curves of the detail that are in view, once.
    pub(super) fn compute_curves(&mut self) {
        let pinned = self.is_pinned();
        let Some(mut detail) = self.detail.take() else { return };
        (detail.curve_kind, detail.pinned) = (self.settings.curve, pinned);
        let all = self.detail_page;
        for (kind, _) in CurveKind::all().into_iter().filter(|(kind, _)| all || *kind == self.settings.curve)
        {
            if let Some(rig) = self.rig.as_ref().filter(|_| detail.lacks(kind)) {
                let model = self.catalog.get(detail.model);
                detail.compute_curve(kind, self.estimator, model, &self.scenario, rig);
            }
        }
        self.detail = Some(detail);
    }

    /// Asks what the speeds of the detail rest on.
    fn ask_evidence(&mut self) {
        self.finder.forget();
        let Some(detail) = &self.detail else { return };
        let (Ok(plan), Some(rig)) = (&detail.plan, &self.rig) else { return };
        let own = self.own_rows();
        let plan = plan.clone();
        let ask = EvidenceAsk {
            catalog: Arc::clone(&self.catalog),
            model: detail.model,
            scenario: self.scenario.clone(),
            rig: rig.clone(),
            plan,
            own,
        };
        self.finder.ask(ask);
    }

    /// Own measurements that speak for the machine: for this computer alone.
    fn own_rows(&self) -> Vec<(u64, Measurement)> {
        match (&self.found, self.settings.rigs.chosen()) {
            (Some(found), None) => self.own.rows_of(found),
            _ => Vec::new(),
        }
    }

    /// The measurements nearest to the speed of `model` at `level` that the pointer rests on, a line each; `None`
    /// until they are found.
    pub fn nearby(&self, model: ModelId, level: Level) -> Option<Arc<[String]>> {
        self.nearby.lines((model, level), || {
            Some(Pointed {
                catalog: Arc::clone(&self.catalog),
                model,
                level,
                scenario: self.scenario.clone(),
                rig: self.known_rig()?.clone(),
                own: self.own_rows(),
            })
        })
    }

    /// Takes it once it is found.
    pub(super) fn take_evidence(&mut self) {
        if let (Some(evidence), Some(detail)) = (self.finder.poll(), &mut self.detail) {
            detail.rest_on(evidence);
        }
    }
}
