//! The matrix: an estimate for every model at every level, computed beside the window.
//!
//! A change of the scenario asks for the whole grid anew. Rows on the screen come first and usually within
//! the frame; the others follow from a background thread. What was shown before stays until its new value
//! is there.

mod figure;
mod judge;
mod lines;
mod row;
mod summary;
#[cfg(test)]
pub(crate) mod testing;
mod worker;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

pub use figure::{Figure, FigureText, Wanted};
pub use judge::CatalogJudge;
pub use lines::{Grouping, Line, LineKind, Outline};
pub use row::{Cell, Extra, GridRow};
pub use summary::Summary;

use crate::estimate::{Rig, Scenario};
use crate::model::catalog::{Catalog, ModelId};
use crate::quant::Level;
use worker::{Batch, Work, Worker};

/// How long a change may hold up a frame so that the visible rows are already new in it.
const FRAME_SHARE: Duration = Duration::from_millis(6);

/// What the estimates are asked under.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The models.
    pub catalog: Arc<Catalog>,
    /// Context, cache, engine, load.
    pub scenario: Scenario,
    /// The machine.
    pub rig: Rig,
    /// The columns.
    pub levels: Vec<Level>,
    /// What is wanted beside them: it costs about ten times the rest.
    pub wanted: Wanted,
}

impl PartialEq for Ask {
    fn eq(&self, other: &Self) -> bool {
        // A catalog never changes; another one is another question.
        self.catalog.number() == other.catalog.number()
            && self.scenario == other.scenario
            && self.rig == other.rig
            && self.levels == other.levels
            && self.wanted == other.wanted
    }
}

/// Who estimates. The program's is [`CatalogJudge`]; tests have their own, so that the order and number of
/// questions can be checked.
pub trait Judge: Send + Sync + 'static {
    /// A model at each level that is asked: verdict, memory, speed and quality; where it is wanted also the
    /// longest context that keeps the whole model on the GPUs (in RAM without a GPU), or the time to the first token.
    fn cells(&self, model: ModelId, ask: &Ask) -> Vec<Cell>;
}

/// Called when results have arrived, so that a sleeping window draws them.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

enum Mode {
    /// On the caller's thread, at once: for tests and text output.
    Inline(Arc<dyn Judge>),
    Background(Worker),
}

/// The estimates that the matrix shows.
pub struct Grid {
    mode: Mode,
    rows: HashMap<ModelId, Entry>,
    asked: Option<Arc<Ask>>,
    models: Vec<ModelId>,
    /// Counts different questions: a row is as new as the question it answers.
    generation: u64,
    /// Counts pieces of work, of which one question may take several as the list of models changes.
    sequence: u64,
    settled: u64,
    revision: u64,
}

struct Entry {
    generation: u64,
    row: Arc<GridRow>,
}

impl std::fmt::Debug for Grid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Grid")
            .field("rows", &self.rows.len())
            .field("generation", &self.generation)
            .field("settled", &self.settled)
            .finish_non_exhaustive()
    }
}

impl Grid {
    /// A grid that computes on a thread of its own and calls `wake` when results have arrived.
    ///
    /// Where no thread can be started, it computes on the caller's.
    pub fn background(judge: Arc<dyn Judge>, wake: Wake) -> Self {
        Self::new(match Worker::start(Arc::clone(&judge), wake) {
            Ok(worker) => Mode::Background(worker),
            Err(_) => Mode::Inline(judge),
        })
    }

    /// A grid that computes when asked, before it returns.
    pub fn inline(judge: Arc<dyn Judge>) -> Self {
        Self::new(Mode::Inline(judge))
    }

    fn new(mode: Mode) -> Self {
        Self {
            mode,
            rows: HashMap::new(),
            asked: None,
            models: Vec::new(),
            generation: 0,
            sequence: 0,
            settled: 0,
            revision: 0,
        }
    }

    /// Asks for `models` under `ask`, those that are `visible` first; the same question again costs nothing.
    ///
    /// Returns whether rows have changed by the time it returns.
    pub fn ask(&mut self, ask: &Ask, models: &[ModelId], visible: &[ModelId]) -> bool {
        let same_ask = self.asked.as_deref() == Some(ask);
        if same_ask && self.models == models {
            return false;
        }
        if !same_ask {
            self.asked = Some(Arc::new(ask.clone()));
            self.generation += 1;
        }
        self.models = models.to_vec();
        let Some(ask) = self.asked.clone() else { return false };
        let generation = self.generation;
        let is_new = |id: &ModelId| !same_ask || self.rows.get(id).is_none_or(|e| e.generation < generation);
        let (mut first, mut rest) = (Vec::new(), Vec::new());
        for &id in models.iter().filter(|id| is_new(id)) {
            if visible.contains(&id) { first.push(id) } else { rest.push(id) }
        }
        self.sequence += 1;
        if first.is_empty() && rest.is_empty() {
            self.settled = self.sequence;
            return false;
        }
        let work = Work { ask, generation, sequence: self.sequence, first, rest };
        let batch = match &mut self.mode {
            Mode::Inline(judge) => Some(work.all(judge.as_ref())),
            Mode::Background(worker) => {
                worker.send(work);
                worker.receive_within(FRAME_SHARE)
            }
        };
        let arrived = batch.is_some_and(|batch| self.take(batch));
        self.poll() || arrived
    }

    /// Forgets the rows of models that are other models from now on.
    pub fn forget(&mut self, is_gone: impl Fn(ModelId) -> bool) {
        self.rows.retain(|id, _| !is_gone(*id));
        self.revision += 1;
    }

    /// Takes over what has arrived; returns whether rows have changed. Never waits.
    pub fn poll(&mut self) -> bool {
        let mut changed = false;
        while let Mode::Background(worker) = &self.mode
            && let Some(batch) = worker.receive()
        {
            changed |= self.take(batch);
        }
        changed
    }

    fn take(&mut self, batch: Batch) -> bool {
        let mut changed = false;
        for (id, row) in batch.rows {
            let is_newer = self.rows.get(&id).is_none_or(|known| known.generation <= batch.generation);
            if is_newer {
                self.rows.insert(id, Entry { generation: batch.generation, row: Arc::new(row) });
                changed = true;
            }
        }
        if batch.complete {
            self.settled = batch.sequence;
        }
        self.revision += u64::from(changed);
        changed
    }

    /// The estimates of one model, or `None` while there are none yet.
    pub fn row(&self, model: ModelId) -> Option<&GridRow> {
        self.rows.get(&model).map(|entry| entry.row.as_ref())
    }

    /// The columns that the rows were last asked for.
    pub fn levels(&self) -> &[Level] {
        self.asked.as_deref().map_or(Level::LADDER, |ask| &ask.levels)
    }

    /// Whether the machine that was asked for has a GPU: without one the load line is that of RAM.
    pub fn has_gpu(&self) -> bool {
        self.asked.as_deref().is_some_and(|ask| !ask.rig.devices.is_empty())
    }

    /// What was asked last.
    pub fn asked(&self) -> Option<&Ask> {
        self.asked.as_deref()
    }

    /// Whether every row asked for is there, computed under the last question.
    pub fn is_settled(&self) -> bool {
        self.settled == self.sequence
    }

    /// Grows whenever a row changes: what is derived from rows is kept until it does.
    pub const fn revision(&self) -> u64 {
        self.revision
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::testing::{EchoJudge, ask};
    use super::*;
    use crate::model::catalog::Catalog;

    fn models() -> Vec<ModelId> {
        Catalog::embedded().bases().iter().map(|base| base.id).collect()
    }

    fn speed(grid: &Grid, id: ModelId) -> Option<f64> {
        Some(grid.row(id)?.cells[0].brief()?.decode?.p50)
    }

    /// Polls until the grid is settled; a minute is far beyond what a loaded machine needs.
    fn settle(grid: &mut Grid) {
        let deadline = Instant::now() + Duration::from_mins(1);
        while !grid.is_settled() {
            assert!(Instant::now() < deadline, "the worker has not answered");
            grid.poll();
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn inline_the_answer_is_there_at_once() {
        let mut grid = Grid::inline(Arc::new(EchoJudge::default()));
        assert!(grid.is_settled() && grid.row(models()[0]).is_none());
        assert!(grid.ask(&ask(4096), &models(), &[]));
        assert!(grid.is_settled());
        assert!(models().iter().all(|&id| speed(&grid, id) == Some(4096.0)));
    }

    #[test]
    fn the_same_question_costs_nothing() {
        let judge = Arc::new(EchoJudge::default());
        let mut grid = Grid::inline(Arc::<EchoJudge>::clone(&judge));
        grid.ask(&ask(4096), &models(), &[]);
        let (asked, revision) = (judge.asked.lock().unwrap().len(), grid.revision());
        assert!(!grid.ask(&ask(4096), &models(), &models()[..3]));
        assert_eq!((judge.asked.lock().unwrap().len(), grid.revision()), (asked, revision));
    }

    #[test]
    fn more_models_ask_only_for_what_is_new() {
        let judge = Arc::new(EchoJudge::default());
        let mut grid = Grid::inline(Arc::<EchoJudge>::clone(&judge));
        let all = models();
        grid.ask(&ask(4096), &all[..10], &[]);
        grid.ask(&ask(4096), &all[..12], &[]);
        assert_eq!(judge.asked.lock().unwrap().len(), 12);
        // Fewer are a filter, not a question; what left comes back without being asked again.
        assert!(!grid.ask(&ask(4096), &all[..5], &[]));
        grid.ask(&ask(4096), &all[..12], &[]);
        assert_eq!(judge.asked.lock().unwrap().len(), 12);
        assert!(grid.is_settled());
    }

    #[test]
    fn what_is_visible_comes_first() {
        let judge = Arc::new(EchoJudge::default());
        let mut grid = Grid::inline(Arc::<EchoJudge>::clone(&judge));
        let all = models();
        grid.ask(&ask(4096), &all, &all[20..23]);
        let asked: Vec<ModelId> = judge.asked.lock().unwrap().iter().map(|(_, id)| *id).collect();
        assert_eq!(asked[..3], all[20..23]);
    }

    #[test]
    fn the_thread_ends_at_the_last_question_and_never_goes_back() {
        let woken = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let count = Arc::clone(&woken);
        let wake: Wake = Arc::new(move || {
            count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        });
        let mut grid = Grid::background(Arc::new(EchoJudge::default()), wake);
        let all = models();
        let mut last = 0.0;
        for context in 1..=50 {
            grid.ask(&ask(context), &all, &all[..30]);
            let now = speed(&grid, all[0]).unwrap_or(last);
            assert!(now >= last, "an older answer must not displace a newer one");
            last = now;
        }
        settle(&mut grid);
        assert!(all.iter().all(|&id| speed(&grid, id) == Some(50.0)));
        assert!(woken.load(std::sync::atomic::Ordering::Relaxed) > 0);
    }

    #[test]
    fn the_longest_context_is_computed_when_it_is_asked_for() {
        let mut grid = Grid::inline(Arc::new(EchoJudge::default()));
        let id = models()[0];
        grid.ask(&ask(4096), &[id], &[]);
        assert!(matches!(grid.row(id).unwrap().cells[0], Cell::Known(_, Extra::NotAsked)));
        grid.ask(&Ask { wanted: Wanted::LongestContext, ..ask(4096) }, &[id], &[]);
        assert!(matches!(grid.row(id).unwrap().cells[0], Cell::Known(_, Extra::Context(8192))));
    }
}
