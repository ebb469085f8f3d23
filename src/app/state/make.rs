//! What each action does.

use crate::app::action::Action;
use crate::app::notice::NoticeKind;
use crate::app::page::Page;
use crate::app::settings::{CONCURRENCY_MAX, CONTEXT_MAX, CONTEXT_MIN, Filters};
use crate::estimate::engine;
use crate::estimate::scenario::Engine;
use crate::quant::Level;

use super::State;

impl State {
    pub(super) fn make(&mut self, action: Action) {
        match action {
            Action::Search(text) => {
                // Who searches wants to see what is found.
                self.detail_page = false;
                self.search_for(text);
            }
            Action::SetContext(context) => {
                self.settings.context = context.clamp(CONTEXT_MIN, CONTEXT_MAX);
                self.dirty.estimates();
            }
            Action::SetCache(cache) => {
                self.settings.cache = cache;
                self.dirty.estimates();
            }
            Action::SetConcurrency(concurrency) => {
                self.settings.concurrency = concurrency.clamp(1, CONCURRENCY_MAX);
                self.dirty.estimates();
            }
            Action::SetEngine(engine) => {
                self.set_engine(engine);
                self.dirty.estimates();
            }
            Action::SetLevel(level) => self.set_level(level),
            Action::Try(changes) => self.try_out(&changes),
            Action::ResetScenario => self.reset_scenario(),
            Action::SupposeNothing => self.suppose_nothing(),
            Action::Select(model) => {
                self.select(model);
                self.moves += 1;
            }
            Action::SelectRow(key) => self.select_row(key),
            Action::SelectCell(model, level) => {
                self.set_level(level);
                self.select(model);
            }
            Action::Move(step) => self.step(step),
            Action::Unfold(model, open) => self.unfold(model, open),
            Action::Sort(column) => {
                self.settings.sort = self.settings.sort.clicked(column);
                self.dirty.list = true;
            }
            Action::OnlyFits(on) => self.filter(|filters| filters.only_fits = on),
            Action::ReadingSpeed(on) => self.filter(|filters| filters.reading_speed = on),
            Action::WithTag(tag, on) => self.filter(|filters| filters.set_tag(tag, on)),
            Action::NotGenerating(on) => self.filter(|filters| filters.not_generating = on),
            Action::OnThisComputer(on) => self.filter(|filters| filters.installed = on),
            Action::SetRange(span, bounds) => self.filter(|filters| filters.ranges.set(span, bounds)),
            Action::ClearFilters => {
                let not_generating = self.settings.filters.not_generating;
                self.settings.filters = Filters { not_generating, ..Filters::default() };
                self.map.picked = None;
                self.search_for(String::new());
            }
            Action::SetPage(page) => self.set_page(page),
            Action::SetView(view) => {
                self.set_page(Page::Models);
                self.settings.view = view;
                self.detail_page = false;
                self.moves += 1;
            }
            Action::SetFigure(figure) => {
                self.settings.figure = figure;
                self.dirty.matrix = true;
            }
            Action::SetColumns(levels) => {
                // The usual ones stay those of the engine, whichever it is.
                let usual = engine::ladder(self.scenario.engine);
                let is_usual =
                    levels.len() == usual.len() && usual.iter().all(|level| levels.contains(level));
                self.settings.columns = if is_usual { Vec::new() } else { levels };
                self.dirty.matrix = true;
            }
            Action::SetGrouping(grouping) => {
                self.settings.grouping = grouping;
                self.dirty.matrix = true;
            }
            Action::LinesInView(lines) => self.matrix.visible = lines,
            Action::SetTheme(theme) => self.settings.theme = theme,
            Action::SetLanguage(language) => self.speak(language),
            Action::ShowDetail(open) => self.detail_open = open,
            Action::ShowDetailPage(open) => {
                self.detail_page = open;
                self.detail_open = false;
            }
            Action::ChooseRig(choice) => self.choose_rig(&choice),
            Action::KeepRig(rig) => self.keep_rig(rig),
            Action::RenameRig { from, to } => self.rename_rig(&from, &to),
            Action::RemoveRig(name) => self.remove_rig(&name),
            Action::OverrideGpu { key, field, value } => {
                self.set_by_hand(|values| values.set_gpu(&key, field, value));
            }
            Action::OverrideHost(field, value) => {
                self.set_by_hand(|values| values.set_host(field, value));
            }
            Action::Map(action) => self.make_on_map(action),
            Action::Machine(action) => self.make_on_machine(action),
            Action::HoldOrder(held) => {
                self.order_held = held;
                self.dirty.list |= !held && self.dirty.order;
                self.dirty.matrix |= !held;
            }
            Action::Own(action) => {
                if self.own.apply(action, self.found.as_ref()) {
                    self.own_changed();
                }
            }
            Action::Habits(action) => self.make_habit(action),
            Action::ShowGlossary(open) => self.glossary_open = open,
            Action::BestFor(action) => self.make_on_best_for(action),
            Action::Models(action) => self.models_action(action),
            Action::Palette(action) => self.make_in_palette(action),
            Action::ShowShortcuts(open) => self.shortcuts = open,
            Action::SetCurve(kind) => self.settings.curve = kind,
            Action::Tray(action) => {
                self.make_with_tray(action);
                self.dirty.tray = true;
            }
            Action::Export(action) => self.make_with_export(action),
            Action::Share(action) => self.make_with_share(action),
            Action::Work(action) => self.make_on_work(action),
            Action::Fleet(action) => self.make_in_fleet(action),
            // Answered by `apply`.
            Action::Undo | Action::Redo | Action::HoldStep(_) => {}
            Action::Dismiss(kind) => {
                self.settings.no_gpu_read |= kind == NoticeKind::NoGpu;
                self.notices.retain(|notice| notice.kind != kind);
            }
        }
    }

    pub(super) fn filter(&mut self, change: impl FnOnce(&mut Filters)) {
        change(&mut self.settings.filters);
        self.dirty.lists();
    }

    pub(super) fn search_for(&mut self, text: String) {
        self.hits = (!text.trim().is_empty()).then(|| self.catalog.search(&text));
        self.search = text;
        self.dirty.lists();
    }

    /// Another engine, with the level that was chosen there last, or the one that stands for the present.
    pub(super) fn set_engine(&mut self, engine: Engine) {
        let (before, level) = (self.settings.engine, self.settings.level);
        self.levels.retain(|(known, _)| *known != before);
        self.levels.push((before, level));
        self.settings.engine = engine;
        if let Some((_, level)) = self.levels.iter().find(|(known, _)| *known == engine) {
            self.settings.level = *level;
        }
        self.settings.tidy_engine();
    }

    pub(super) fn set_level(&mut self, level: Level) {
        if self.settings.level != level {
            self.settings.level = level;
            (self.dirty.figures, self.dirty.detail, self.dirty.map) = (true, true, true);
        }
    }
}
