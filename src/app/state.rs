//! Everything the window knows.

mod best_for;
mod comparison;
mod compute;
mod export;
mod fleet;
mod habits;
mod history;
mod looked_at;
mod machine_page;
mod make;
mod map;
mod matrix;
mod models;
mod selection;
mod share;
mod tray;
mod what_if;
mod work;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::estimate::scenario::Engine;
use crate::estimate::ways::Change;
use crate::estimate::{Estimator, Rig, Scenario};
use crate::language::{self, mark};
use crate::machine::Machine;
use crate::model::catalog::Hit;
use crate::model::{Catalog, ModelId};
use crate::quant::Level;

use super::best::Counts;
use super::best_for::BestFor;
use super::compare::Compare;
use super::detail::Detail;
use super::evidence::{Finder, Nearby};
use super::export::Export;
use super::fleet::Fleet;
use super::grid::{CatalogJudge, Grid, Outline};
use super::jobs::{Jobs, Wake};
use super::machine_page::MachinePage;
use super::models::{Contents, Models, Setup};
use super::notice::{Notice, NoticeKind};
use super::own::Own;
use super::page::Page;
use super::palette::Palette;
use super::rows::{Figures, Row, RowKey};
use super::settings::{LanguageChoice, Settings, View};
use super::share::SharePlace;
use super::tray::Tray;
use super::work::Work;

use history::History;
pub use map::MapPage;
pub use matrix::Matrix;

/// The state of one window. Read it freely; change it through [`State::apply`].
#[derive(Debug)]
pub struct State {
    /// What is remembered.
    pub settings: Settings,
    /// The models: the catalog's, what others added, and a person's own.
    pub catalog: Arc<Catalog>,
    /// Who estimates.
    pub estimator: &'static Estimator,
    /// This computer as it was read, once it is known.
    pub found: Option<Machine>,
    /// The machine that is looked at: the rig that was chosen, or this computer with what was set by hand.
    pub machine: Option<Machine>,
    /// What had to be assumed of a rig.
    pub assumed: Vec<String>,
    /// The machine's numbers, as it would be with `what_if`.
    pub rig: Option<Rig>,
    /// What is supposed of this computer and is not so: cards, RAM, programs closed. Not remembered.
    pub what_if: Vec<Change>,
    /// What is asked of each model.
    pub scenario: Scenario,
    /// What is searched for.
    pub search: String,
    /// The rows of the table, filtered and in order.
    pub rows: Vec<Row>,
    /// Verdicts of the models that the search and the filters by subject let through.
    pub counts: Counts,
    /// How many models these are, those without a verdict too.
    pub subjects: usize,
    /// The selected model.
    pub selected: Option<ModelId>,
    /// The selected row; it may be filtered out.
    pub cursor: Option<RowKey>,
    /// Counts moves of the selection that were not a click on its row: the table scrolls after them.
    pub moves: u64,
    /// Representatives of the base models whose variants are shown.
    pub unfolded: BTreeSet<ModelId>,
    /// Everything about the selection.
    pub detail: Option<Detail>,
    /// The matrix; it is kept up to date while it is in view.
    pub matrix: Matrix,
    /// The map; it is kept up to date while it is in view.
    pub map: MapPage,
    /// Messages that were not dismissed.
    pub notices: Vec<Notice>,
    /// The machine is still being read.
    pub probing: bool,
    /// The detail panel of a narrow window is open.
    pub detail_open: bool,
    /// The detail has the whole page.
    pub detail_page: bool,
    /// The command palette, while it is open.
    pub palette: Option<Palette>,
    /// All shortcuts are shown.
    pub shortcuts: bool,
    /// The list of terms is open.
    pub glossary_open: bool,
    /// The Machine page.
    pub machine_page: MachinePage,
    /// Machines side by side.
    pub compare: Compare,
    /// The Work page.
    pub work: Work,
    /// Its sections on size classes, the card's power limit and machines past this one.
    pub fleet: Fleet,
    /// What is best for each use.
    pub best_for: BestFor,
    /// What this computer is called: a text that is marked.
    pub this_title: &'static str,
    /// Speeds that were measured by this person, and this memory's bandwidth.
    pub own: Own,
    /// A person's own models, and what other programs keep.
    pub models: Models,
    /// What is pinned, side by side.
    pub tray: Tray,
    /// What leaves the window.
    pub export: Export,
    /// Where a share code is copied and opened.
    pub share: SharePlace,
    hits: Option<Vec<Hit>>,
    figures: Figures,
    dirty: Dirty,
    /// The levels that were chosen last in other engines.
    levels: Vec<(Engine, Level)>,
    order_held: bool,
    /// The recorded machine that was opened is looked at, whatever rig is chosen.
    on_opened: bool,
    /// Somebody can see the window.
    in_view: bool,
    warm: bool,
    history: History,
    jobs: Jobs,
    finder: Finder,
    nearby: Nearby,
    /// What the catalog holds beside the embedded one: the estimator knows it.
    adopted: Contents,
}

/// What must be computed anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Dirty {
    /// Estimates of all models.
    figures: bool,
    /// Which rows there are.
    list: bool,
    /// Their order, held back while a pointer rests on them.
    order: bool,
    /// The detail.
    detail: bool,
    /// The matrix's question or lines.
    matrix: bool,
    /// The map.
    map: bool,
    /// The cards of the machine and what is compared.
    machine: bool,
    /// What is installed must be judged.
    shelf: bool,
    /// What is pinned, or what is asked of it.
    tray: bool,
    /// The Work page's question.
    work: bool,
    /// Those of its further sections.
    fleet: bool,
    /// What is best for each use.
    best_for: bool,
}

impl Dirty {
    const ALL: Self = Self {
        figures: true,
        list: true,
        order: false,
        detail: true,
        matrix: true,
        map: true,
        machine: true,
        shelf: true,
        tray: true,
        work: true,
        fleet: true,
        best_for: true,
    };

    /// Everything that depends on the scenario or the machine.
    const fn estimates(&mut self) {
        (self.figures, self.detail, self.matrix) = (true, true, true);
        (self.map, self.machine, self.shelf) = (true, true, true);
        (self.tray, self.work, self.fleet, self.best_for) = (true, true, true, true);
    }

    /// Everything that lists models.
    const fn lists(&mut self) {
        (self.list, self.matrix, self.map) = (true, true, true);
        (self.work, self.fleet) = (true, true);
    }
}

/// What is computed beside the window.
struct Beside {
    grid: Grid,
    map: Grid,
    finder: Finder,
    nearby: Nearby,
    compare: Compare,
    tray: Tray,
    export: Export,
    work: Work,
    fleet: Fleet,
    best_for: BestFor,
}

impl State {
    /// A window's state; `jobs` deliver the machine, `page` reads it anew, `wake` is called when what is computed
    /// beside the window has news.
    pub fn new(
        settings: Settings,
        jobs: Jobs,
        own: Own,
        models: Models,
        page: MachinePage,
        wake: Wake,
    ) -> Self {
        let beside = Beside {
            grid: Grid::background(Arc::new(CatalogJudge::embedded()), Arc::clone(&wake)),
            map: Grid::background(Arc::new(CatalogJudge::embedded()), Arc::clone(&wake)),
            finder: Finder::background(Arc::clone(&wake)),
            nearby: Nearby::background(Arc::clone(&wake)),
            compare: Compare::background(Arc::clone(&wake)),
            tray: Tray::background(Arc::clone(&wake)),
            export: Export::background(Arc::clone(&wake)),
            work: Work::background(Arc::clone(&wake)),
            fleet: Fleet::background(Arc::clone(&wake)),
            best_for: BestFor::background(wake),
        };
        Self::with(settings, jobs, own, models, page, beside)
    }

    /// The state of a window on a machine that is known already; everything is computed when it is asked
    /// for.
    pub fn with_machine(settings: Settings, machine: Machine) -> Self {
        Self::with_own(settings, machine, Own::inline(None, None))
    }

    /// The same with own measurements that are kept.
    pub fn with_own(settings: Settings, machine: Machine, own: Own) -> Self {
        let models = Models::inline(Setup::default());
        Self::with_parts(settings, Jobs::done(machine), own, models, MachinePage::still())
    }

    /// The state before the machine is known, which stays so.
    pub fn before_machine(settings: Settings) -> Self {
        let (own, models) = (Own::inline(None, None), Models::inline(Setup::default()));
        Self::with_parts(settings, Jobs::never(), own, models, MachinePage::still())
    }

    /// The same with a Machine page whose values may change.
    pub fn with_page(settings: Settings, machine: Machine, own: Own, page: MachinePage) -> Self {
        Self::with_parts(settings, Jobs::done(machine), own, Models::inline(Setup::default()), page)
    }

    /// The same with models of a person's own.
    pub fn with_models(settings: Settings, machine: Machine, own: Own, models: Models) -> Self {
        Self::with_parts(settings, Jobs::done(machine), own, models, MachinePage::still())
    }

    fn with_parts(settings: Settings, jobs: Jobs, own: Own, models: Models, page: MachinePage) -> Self {
        let beside = Beside {
            grid: Grid::inline(Arc::new(CatalogJudge::embedded())),
            map: Grid::inline(Arc::new(CatalogJudge::embedded())),
            finder: Finder::inline(),
            nearby: Nearby::default(),
            compare: Compare::inline(),
            tray: Tray::inline(),
            export: Export::inline(),
            work: Work::inline(),
            fleet: Fleet::inline(),
            best_for: BestFor::inline(),
        };
        Self::with(settings, jobs, own, models, page, beside)
    }

    fn with(
        settings: Settings,
        jobs: Jobs,
        own: Own,
        models: Models,
        machine_page: MachinePage,
        beside: Beside,
    ) -> Self {
        let Beside { grid, map, finder, nearby, compare, tray, export, work, fleet, best_for } = beside;
        let catalog = Arc::clone(Catalog::embedded_shared());
        let selected = settings.selected.as_deref().and_then(|name| catalog.find(name).ok());
        let unfolded = settings.habits.unfolded.iter().filter_map(|id| catalog.exact(id));
        let unfolded = unfolded.map(|id| catalog.bases()[catalog.base_of(id)].id).collect();
        let mut state = Self {
            scenario: settings.scenario(),
            settings,
            estimator: Estimator::embedded(),
            found: None,
            machine: None,
            assumed: Vec::new(),
            rig: None,
            what_if: Vec::new(),
            search: String::new(),
            rows: Vec::new(),
            counts: Counts::default(),
            subjects: 0,
            cursor: selected.map(|model| RowKey::base(catalog.base_of(model))),
            selected,
            moves: 0,
            unfolded,
            detail: None,
            matrix: Matrix::new(grid),
            map: MapPage::new(map),
            notices: Vec::new(),
            probing: true,
            detail_open: false,
            detail_page: false,
            palette: None,
            shortcuts: false,
            glossary_open: false,
            machine_page,
            compare,
            work,
            fleet,
            best_for,
            this_title: mark!("This machine"),
            own,
            models,
            tray,
            export,
            share: SharePlace::default(),
            adopted: Contents::default(),
            catalog,
            hits: None,
            figures: Figures::default(),
            dirty: Dirty::ALL,
            levels: Vec::new(),
            order_held: false,
            on_opened: false,
            in_view: true,
            warm: false,
            history: History::default(),
            jobs,
            finder,
            nearby,
        };
        // A rig is known at once, whatever this computer is.
        state.look();
        state.update();
        state
    }

    /// Quantization of the table and the detail.
    pub const fn level(&self) -> Level {
        self.settings.level
    }

    /// Whether the machine has a GPU that a model can be placed on; `false` while it is not known.
    pub fn has_gpu(&self) -> bool {
        self.rig.as_ref().is_some_and(|rig| !rig.devices.is_empty())
    }

    /// Whether all figures are known that opening the window computes.
    pub const fn is_complete(&self) -> bool {
        self.warm && !self.probing
    }

    /// Whether rows keep their places while the pointer is on them or anything is dragged.
    pub const fn is_order_held(&self) -> bool {
        self.order_held
    }

    /// Place of the selected row in the list, where it is listed.
    pub fn cursor_index(&self) -> Option<usize> {
        let cursor = self.cursor?;
        self.rows.iter().position(|row| row.key == cursor)
    }

    /// Whether a search, a filter or what is picked on the map leaves models out.
    pub fn is_filtered(&self) -> bool {
        self.is_narrowed() || self.map.picked.is_some()
    }

    /// Whether a search or a filter of the left column leaves models out.
    pub fn is_narrowed(&self) -> bool {
        self.hits.is_some() || self.settings.filters.leave_out()
    }

    /// Speaks another language. What is kept in words is made anew; what was said already stays as it was said.
    pub(super) fn speak(&mut self, choice: LanguageChoice) {
        self.settings.language = choice;
        language::set(choice.language());
        // What a rig leaves out is in its words.
        self.set_rig();
        self.correct();
        let shown: Vec<NoticeKind> = self.notices.iter().map(|notice| notice.kind).collect();
        if shown.iter().any(|kind| matches!(kind, NoticeKind::NoGpu | NoticeKind::Problems)) {
            self.notice_machine();
            self.notices.retain(|notice| shown.contains(&notice.kind));
        }
        self.dirty = Dirty::ALL;
    }

    /// Adds a message; the newer one of two about the same matter stays.
    pub fn notify(&mut self, notice: Notice) {
        self.notices.retain(|known| known.kind != notice.kind);
        self.notices.push(notice);
        self.notices.sort_by_key(|notice| notice.kind);
    }

    /// Takes what the jobs have sent and computes what changes have made stale. Costs nothing when nothing
    /// has changed.
    pub fn update(&mut self) {
        self.poll();
        self.poll_own();
        self.poll_models();
        self.scenario = self.settings.scenario();
        self.update_machine_page();
        self.poll_export();
        self.update_work();
        self.update_fleet();
        if !self.settings.page.shows_models() {
            return;
        }
        match self.settings.view {
            _ if self.settings.page == Page::Map => self.update_map(),
            View::Table if self.dirty.figures || self.dirty.list => self.compute_rows(),
            View::Table => {}
            View::Matrix => {
                let changed = std::mem::take(&mut self.dirty.matrix);
                self.compute_matrix(changed);
            }
        }
        self.update_best_for();
        self.select_first();
        if std::mem::take(&mut self.dirty.shelf) {
            let rig = self.rig.as_ref().filter(|_| self.warm);
            self.models.judge(self.estimator, &self.scenario, self.settings.level, rig);
        }
        if std::mem::take(&mut self.dirty.detail) {
            self.nearby.forget();
            self.compute_detail();
        }
        self.take_evidence();
        self.compute_curves();
        self.update_tray();
    }
}

#[cfg(test)]
mod tests;
