//! The map's part of the state: which models, at which level, and which of them are picked.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::grid::{self, Cell, Extra, Grid, GridRow};
use crate::app::map::{Ask, Entry, Map, MapAction};
use crate::app::rows::{Outcome, Wanted, passes_filters};
use crate::estimate::{Brief, engine};
use crate::model::ModelId;

use super::State;

/// The map, and what it is made of.
#[derive(Debug)]
pub struct MapPage {
    /// The map; it is kept up to date while it is in view.
    pub map: Map,
    /// Grows whenever the map is made anew.
    pub revision: u64,
    /// Base models that were picked on it: only these are listed. Not remembered.
    pub picked: Option<BTreeSet<ModelId>>,
    /// Estimates of several levels, and longest contexts.
    pub(super) grid: Grid,
    /// Revision of the grid that the map was made from.
    grid_revision: u64,
}

impl MapPage {
    pub(super) fn new(grid: Grid) -> Self {
        Self { map: Map::default(), revision: 0, picked: None, grid, grid_revision: 0 }
    }

    /// Forgets models that are others from now on.
    pub(super) fn forget(&mut self, is_gone: impl Fn(ModelId) -> bool) {
        if let Some(picked) = &mut self.picked {
            picked.retain(|id| !is_gone(*id));
        }
        self.picked.take_if(|picked| picked.is_empty());
        self.grid.forget(is_gone);
    }
}

impl State {
    /// Makes a change that was asked for on the map.
    pub(super) fn make_on_map(&mut self, action: MapAction) {
        let chosen = &mut self.settings.map;
        match action {
            MapAction::SetX(quantity) => chosen.set_x(quantity),
            MapAction::SetY(quantity) => chosen.set_y(quantity),
            MapAction::Swap => std::mem::swap(&mut chosen.x, &mut chosen.y),
            MapAction::SetLens(lens) => chosen.lens = lens,
            MapAction::AtBest(best) => chosen.best = best,
            MapAction::Pick { models, add } => self.pick(&models, add),
            MapAction::Toggle(model) => self.toggle(model),
            MapAction::Unpick => self.pick(&[], false),
        }
        self.dirty.map = true;
    }

    fn pick(&mut self, models: &[ModelId], add: bool) {
        let mut picked = self.map.picked.take().filter(|_| add).unwrap_or_default();
        let known = self.catalog.models().len();
        picked.extend(models.iter().copied().filter(|id| id.index() < known));
        self.map.picked = (!picked.is_empty()).then_some(picked);
        self.dirty.lists();
    }

    fn toggle(&mut self, model: ModelId) {
        let Some(picked) = self.map.picked.as_mut().filter(|picked| picked.contains(&model)) else {
            self.pick(&[model], true);
            return;
        };
        picked.remove(&model);
        if picked.is_empty() {
            self.map.picked = None;
        }
        self.dirty.lists();
    }

    /// Computes what is stale of the map.
    pub(super) fn update_map(&mut self) {
        let changed = std::mem::take(&mut self.dirty.map) || self.dirty.figures || self.dirty.list;
        if self.dirty.figures || self.dirty.list {
            // Counts beside the map and the selection are the table's.
            self.compute_rows();
        }
        let uses_grid = self.settings.map.best || self.settings.map.wants_more();
        if changed && uses_grid {
            self.ask_map_grid();
        }
        self.map.grid.poll();
        if changed || (uses_grid && self.map.grid_revision != self.map.grid.revision()) {
            self.map.grid_revision = self.map.grid.revision();
            self.map.map = self.make_map();
            self.map.revision += 1;
        }
    }

    /// Models that the search and the filters let through, whatever is picked: what is not stays in sight.
    fn map_subjects(&self) -> Vec<usize> {
        let wanted = Wanted { picked: None, ..self.wanted() };
        wanted.subjects(&self.catalog).map(|(base, _)| base).collect()
    }

    fn ask_map_grid(&mut self) {
        let Some(rig) = self.known_rig() else { return };
        let level = self.settings.level;
        let levels = if self.settings.map.best { engine::ladder(self.scenario.engine) } else { &[level][..] };
        let ask = grid::Ask {
            catalog: Arc::clone(&self.catalog),
            scenario: self.scenario.clone(),
            rig: rig.clone(),
            levels: levels.to_vec(),
            wanted: self.settings.map.wanted(),
        };
        let models: Vec<ModelId> =
            self.map_subjects().into_iter().map(|base| self.catalog.bases()[base].id).collect();
        self.map.grid.ask(&ask, &models, &[]);
    }

    fn make_map(&self) -> Map {
        let ask = Ask {
            catalog: &self.catalog,
            rig: self.known_rig(),
            chosen: self.settings.map,
            depth: self.scenario.depth,
        };
        let filter = self.rows_ask();
        let passes = |entry: &Entry<'_>| {
            let outcome = match entry.brief {
                Some(brief) => Outcome::Known(*brief),
                None if entry.pending => Outcome::Pending,
                None => Outcome::NotAvailable("".into()),
            };
            passes_filters(&outcome, &self.settings.filters, &filter)
        };
        let subjects = self.map_subjects();
        Map::of(&ask, subjects.into_iter().map(|base| self.map_entry(base)).filter(passes))
    }

    fn map_entry(&self, base: usize) -> Entry<'_> {
        let model = self.catalog.bases()[base].id;
        let picked = self.map.picked.as_ref().is_some_and(|picked| picked.contains(&model));
        // A row of another question may be there still.
        let levels = self.map.grid.levels();
        let row = self.map.grid.row(model).filter(|row| row.cells.len() == levels.len());
        if self.settings.map.best && self.known_rig().is_some() {
            let at = row.and_then(shown_level);
            let cell = row.zip(at).map(|(row, at)| &row.cells[at]);
            return Entry {
                base,
                level: at.and_then(|at| levels.get(at)).copied().unwrap_or(self.settings.level),
                brief: cell.and_then(Cell::brief),
                longest: cell.and_then(longest),
                pending: row.is_none(),
                picked,
            };
        }
        let outcome = self.figures.base(base);
        Entry {
            base,
            level: self.settings.level,
            brief: outcome.brief(),
            longest: row.and_then(|row| longest(row.cells.first()?)),
            pending: *outcome == Outcome::Pending || (self.settings.map.wants_more() && row.is_none()),
            picked,
        }
    }

    /// What the map opens with: the most downloaded model that it shows.
    pub(super) fn first_on_map(&self) -> Option<ModelId> {
        self.map.map.points.first().map(|point| point.model)
    }
}

/// The level that a model is shown at where each has its best: the best of its row, else the fastest with the best
/// verdict that there is, else the smallest.
fn shown_level(row: &GridRow) -> Option<usize> {
    if let Some(best) = row.best.column() {
        return Some(best);
    }
    let known = row.cells.iter().enumerate().filter_map(|(at, cell)| Some((at, cell.brief()?)));
    let speed = |brief: &Brief| brief.decode.map_or(0.0, |rate| rate.p50);
    known
        .filter(|(_, brief)| Some(brief.class) == row.reach)
        .max_by(|(_, a), (_, b)| speed(a).total_cmp(&speed(b)).then(b.need.cmp(&a.need)))
        .map(|(at, _)| at)
}

fn longest(cell: &Cell) -> Option<u32> {
    match cell {
        Cell::Known(_, Extra::Context(tokens)) => Some(*tokens),
        _ => None,
    }
}
