//! Size classes, the power limit and machines past this one: asked for while the Work page is in view.

use crate::app::fleet::{FleetAction, service};
use crate::app::lenses;
use crate::app::notice::{Notice, NoticeKind};
use crate::app::page::Page;
use crate::estimate::Scenario;
use crate::estimate::deploy;
use crate::estimate::engine;
use crate::estimate::power_limit;
use crate::estimate::scenario::PlacementRequest;
use crate::estimate::several::Demand;
use crate::estimate::size_class::Standing;
use crate::language::tr;

use super::State;

impl State {
    /// Takes what has come, and asks for what is stale while the page is in view.
    pub(super) fn update_fleet(&mut self) {
        self.fleet.lenses.poll();
        let mut has_come = self.fleet.service.poll();
        let subject = self.work.found.as_ref().and_then(|found| found.model);
        let subject = subject.or_else(|| Some((self.selected?, self.settings.level)));
        self.dirty.fleet |= self.fleet.subject != subject;
        if self.settings.page == Page::Work && std::mem::take(&mut self.dirty.fleet) {
            self.fleet.subject = subject;
            self.ask_fleet();
            has_come |= self.fleet.service.poll();
        }
        if has_come {
            self.fleet.chosen = 0;
            self.write_files();
        }
    }

    fn ask_fleet(&mut self) {
        let Some(rig) = self.known_rig().cloned() else {
            self.dirty.fleet = true;
            return;
        };
        let kept = &self.settings.fleet;
        self.fleet.lenses.ask(lenses::Question {
            catalog: std::sync::Arc::clone(&self.catalog),
            scenario: Scenario {
                placement: PlacementRequest::default(),
                draft: None,
                ..self.scenario.clone()
            },
            levels: engine::ladder(self.scenario.engine).to_vec(),
            rig: rig.clone(),
            years: kept.years,
        });
        let Some((id, level)) = self.fleet.subject else { return };
        let model = self.catalog.get(id);
        let plan = self.estimator.plan(model, level, &self.scenario, &rig);
        let memory = plan.as_ref().ok().map(|plan| plan.memory.total());
        self.fleet.standing =
            Some(Standing::new(model, self.scenario.context, memory, self.fleet.lenses.price(model)));
        self.fleet.power = match &plan {
            Ok(plan) => power_limit::advise(plan, &self.scenario, &rig),
            Err(unsupported) => Err(unsupported.reason.clone()),
        };
        let scenario = Scenario { engine: kept.engine, ..self.scenario.clone() };
        let cache = |asked| engine::nearest_cache(kept.engine, asked);
        let scenario =
            Scenario { cache_k: cache(scenario.cache_k), cache_v: cache(scenario.cache_v), ..scenario };
        self.fleet.service.ask(service::Question {
            catalog: std::sync::Arc::clone(&self.catalog),
            model: id,
            level,
            scenario,
            rig,
            demand: kept.demand,
            network: kept.network,
        });
    }

    /// The files of the chosen offer.
    fn write_files(&mut self) {
        let form = self.settings.fleet.form;
        self.fleet.file = 0;
        self.fleet.files = self.fleet.service.found.as_ref().and_then(|found| {
            let offer = found.answer.offers.get(self.fleet.chosen)?;
            Some(deploy::deployment(self.catalog.get(found.model), found.level, offer, form))
        });
    }

    pub(super) fn make_in_fleet(&mut self, action: FleetAction) {
        match action {
            FleetAction::SetLens(lens) => self.settings.fleet.lens = lens,
            FleetAction::Type(field, text) => {
                self.dirty.fleet |= self.fleet.typed.take(field, text, &mut self.settings.fleet);
            }
            FleetAction::Leave(field) => self.fleet.typed.leave(field),
            FleetAction::AsUsers => {
                let users = &self.settings.work.users;
                let asked = Demand {
                    arrivals_per_minute: users.per_minute,
                    tokens_in: users.input.saturating_add(users.shared),
                    tokens_out: users.output,
                    wait_s: users.target_s,
                    ..self.settings.fleet.demand
                };
                // What the page's fields allow may be more than a service is planned for.
                self.settings.fleet.demand = asked.checked().unwrap_or(self.settings.fleet.demand);
                self.dirty.fleet = true;
            }
            FleetAction::SetEngine(engine) => {
                self.settings.fleet.engine = engine;
                self.dirty.fleet = true;
            }
            FleetAction::Choose(place) => {
                self.fleet.chosen = place;
                self.write_files();
            }
            FleetAction::SetForm(form) => {
                self.settings.fleet.form = form;
                self.write_files();
            }
            FleetAction::ShowFile(place) => self.fleet.file = place,
            FleetAction::Save(folder) => {
                if let Some(Ok(deployment)) = &self.fleet.files {
                    let files = deployment.files.iter();
                    let files = files.map(|file| (file.name.clone(), file.text.clone())).collect();
                    self.machine_page.desk.all(folder, files);
                }
            }
            FleetAction::NoDialog => {
                let text =
                    tr!("The system shows no dialog for folders; plimsoll deploy writes the files too");
                self.notify(Notice::new(NoticeKind::File, text));
            }
        }
    }
}
