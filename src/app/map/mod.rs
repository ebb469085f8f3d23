//! The map: every model as a point between two axes.
//!
//! [`Map::of`] makes it of models and their figures; it is computed when one of them changes and only read while it
//! is drawn. Places on the screen are not known here, except by [`labels`], which gets them.

pub mod axis;
mod front;
pub mod labels;
pub mod lens;
pub mod quantity;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::best::Counts;
use super::grid::Wanted;
use crate::estimate::{Brief, FitClass, Rig};
use crate::language::tr;
use crate::model::{Catalog, ModelId};
use crate::quant::Level;

pub use axis::{Axis, Tick};
pub use lens::{Classes, Lens, SizeClass};
use quantity::Subject;
pub use quantity::{Better, Quantity};

/// What the map shows, as it is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Chosen {
    /// The horizontal axis.
    pub x: Quantity,
    /// The vertical axis; another quantity than the horizontal one.
    pub y: Quantity,
    /// What the colour says.
    pub lens: Lens,
    /// Each model at its best level, instead of all at the chosen one.
    pub best: bool,
}

impl Default for Chosen {
    fn default() -> Self {
        Self { x: Quantity::Memory, y: Quantity::Speed, lens: Lens::Verdict, best: false }
    }
}

impl Chosen {
    /// Another horizontal axis; where it was the vertical one, the two change places.
    pub fn set_x(&mut self, quantity: Quantity) {
        if quantity == self.y {
            self.y = self.x;
        }
        self.x = quantity;
    }

    /// Another vertical axis, likewise.
    pub fn set_y(&mut self, quantity: Quantity) {
        if quantity == self.x {
            self.x = self.y;
        }
        self.y = quantity;
    }

    /// Brings what was read to what there can be.
    pub fn tidy(&mut self) {
        if self.x == self.y {
            (self.x, self.y) = (Self::default().x, Self::default().y);
        }
    }

    /// Whether its axes need more of each model than an estimate.
    pub fn wants_more(&self) -> bool {
        self.wanted() != Wanted::Nothing
    }

    /// What its axes need of each model beside an estimate.
    pub fn wanted(&self) -> Wanted {
        if [self.x, self.y].contains(&Quantity::Context) { Wanted::LongestContext } else { Wanted::Nothing }
    }
}

/// Something that a person does on the map.
#[derive(Clone, Debug, PartialEq)]
pub enum MapAction {
    /// Another horizontal axis.
    SetX(Quantity),
    /// Another vertical axis.
    SetY(Quantity),
    /// The axes change places.
    Swap,
    /// What the colour says.
    SetLens(Lens),
    /// Each model at its best level, or all at the chosen one.
    AtBest(bool),
    /// Only these models are listed; `add`: besides those picked before. None of them: all again.
    Pick {
        /// Base models.
        models: Vec<ModelId>,
        /// Besides those that are picked.
        add: bool,
    },
    /// One base model is picked, or no longer.
    Toggle(ModelId),
    /// All models are listed again.
    Unpick,
}

/// A model with what is known of it, before it is a point.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Position in [`Catalog::bases`].
    pub base: usize,
    /// The level that the figures are for.
    pub level: Level,
    /// Figures; `None`: there are none, or not yet.
    pub brief: Option<&'a Brief>,
    /// Longest context that fits, tokens, where it was asked for.
    pub longest: Option<u32>,
    /// Figures are still to come.
    pub pending: bool,
    /// Picked on the map.
    pub picked: bool,
}

/// A model on the map.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Position in [`Catalog::bases`].
    pub base: usize,
    /// The base model.
    pub model: ModelId,
    /// The level that it is shown at.
    pub level: Level,
    /// Verdict, where there is one.
    pub class: Option<FitClass>,
    /// Values on the axes. One of them is missing where the model runs nowhere here and so has no speed: it lies on
    /// the axis then.
    pub at: [Option<f64>; 2],
    /// Size class by the lens.
    pub size: Option<SizeClass>,
    /// On the Pareto front.
    pub on_front: bool,
    /// Picked.
    pub picked: bool,
    /// Downloads in 30 days: what is named first where room is short.
    pub downloads: u64,
}

/// What the load lines stand for, GiB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capacity {
    /// Free on the GPUs; in RAM without one.
    pub first: f64,
    /// Free on the GPUs and in RAM; `None` where that is no other memory.
    pub all: Option<f64>,
    /// The first is that of GPUs.
    pub has_gpu: bool,
}

impl Capacity {
    /// Of a machine.
    pub fn of(rig: &Rig) -> Self {
        let has_gpu = !rig.devices.is_empty();
        if !has_gpu {
            return Self { first: rig.host.free.gib(), all: None, has_gpu };
        }
        let devices = rig.device_free();
        let has_ram = !rig.devices.iter().any(|device| device.unified);
        Self { first: devices.gib(), all: has_ram.then(|| (devices + rig.host.free).gib()), has_gpu }
    }
}

/// What a map is made under.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The models.
    pub catalog: &'a Catalog,
    /// The machine; `None` while it is not known.
    pub rig: Option<&'a Rig>,
    /// Axes and lens.
    pub chosen: Chosen,
    /// Tokens before the one that is computed.
    pub depth: u32,
}

/// The map.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    /// The points, the most downloaded first.
    pub points: Vec<Point>,
    /// The horizontal and the vertical axis.
    pub axes: [Axis; 2],
    /// The load lines, once the machine is known.
    pub capacity: Option<Capacity>,
    /// Points on the Pareto front, from low to high x.
    pub front: Vec<usize>,
    /// All points from low to high x, the way the arrow keys go.
    pub by_x: Vec<usize>,
    /// Points by verdict.
    pub counts: Counts,
    /// Models by size class, and how many change it.
    pub classes: Classes,
    /// Models that the search and the filters let through.
    pub all: usize,
    /// Of these, models without a value on an axis.
    pub without: usize,
    /// Of these, models whose figures are still to come.
    pub waiting: usize,
}

impl Default for Map {
    fn default() -> Self {
        let Chosen { x, y, lens, .. } = Chosen::default();
        Self {
            points: Vec::new(),
            axes: [Axis::around(x, []), Axis::around(y, [])],
            capacity: None,
            front: Vec::new(),
            by_x: Vec::new(),
            counts: Counts::default(),
            classes: Classes::new(lens),
            all: 0,
            without: 0,
            waiting: 0,
        }
    }
}

impl Map {
    /// The map of these models.
    pub fn of<'a>(ask: &Ask<'_>, entries: impl IntoIterator<Item = Entry<'a>>) -> Self {
        let Chosen { x, y, lens, .. } = ask.chosen;
        let capacity = ask.rig.map(Capacity::of);
        let mut map = Self { capacity, classes: Classes::new(lens), ..Self::default() };
        for entry in entries {
            map.add(ask, &entry);
        }
        map.points.sort_by_key(|point| (std::cmp::Reverse(point.downloads), point.base));
        map.axes = [map.axis(x, 0), map.axis(y, 1)];
        map.find_front([x, y]);
        map.sort_by_x();
        map
    }

    fn add(&mut self, ask: &Ask<'_>, entry: &Entry<'_>) {
        self.all += 1;
        let base = &ask.catalog.bases()[entry.base];
        let model = ask.catalog.get(base.id);
        let has_gpu = ask.rig.is_some_and(|rig| !rig.devices.is_empty());
        let subject = Subject { model, brief: entry.brief, longest: entry.longest, has_gpu };
        let class = entry.brief.map(|brief| brief.class);
        let size = self.classes.add(&subject, ask.depth);
        if let Some(class) = class {
            self.counts.add(class);
        }
        let axes = [ask.chosen.x, ask.chosen.y];
        let at = axes.map(|quantity| quantity.value(&subject));
        let lies_on_axis = |axis: usize| {
            at[axis].is_none() && axes[axis] == Quantity::Speed && class == Some(FitClass::TooBig)
        };
        let is_shown = (0..2).all(|axis| at[axis].is_some() || lies_on_axis(axis));
        if !is_shown {
            if entry.pending {
                self.waiting += 1;
            } else {
                self.without += 1;
            }
            return;
        }
        self.points.push(Point {
            base: entry.base,
            model: base.id,
            level: entry.level,
            class,
            at,
            size,
            on_front: false,
            picked: entry.picked,
            downloads: model.hf_downloads.unwrap_or(0),
        });
    }

    fn axis(&self, quantity: Quantity, axis: usize) -> Axis {
        let values = self.points.iter().filter_map(|point| point.at[axis]);
        // The load line is always in view.
        let line = self.capacity.filter(|_| quantity == Quantity::Memory).map(|capacity| capacity.first);
        Axis::around(quantity, values.chain(line.filter(|line| *line > 0.0)))
    }

    /// The front of the models that run here; while no machine is known, of all.
    fn find_front(&mut self, axes: [Quantity; 2]) {
        let no_machine = self.capacity.is_none();
        let runs = |point: &Point| point.class.map_or(no_machine, FitClass::runs);
        let candidates: Vec<(usize, (f64, f64))> = self
            .points
            .iter()
            .enumerate()
            .filter(|(_, point)| runs(point))
            .filter_map(|(place, point)| Some((place, (point.at[0]?, point.at[1]?))))
            .collect();
        let values: Vec<(f64, f64)> = candidates.iter().map(|(_, values)| *values).collect();
        let front = front::front(&values, quantity::better(axes[0], axes[1]));
        self.front = front.into_iter().map(|place| candidates[place].0).collect();
        for place in &self.front {
            self.points[*place].on_front = true;
        }
    }

    fn sort_by_x(&mut self) {
        let value = |place: usize, axis: usize| self.points[place].at[axis].unwrap_or(f64::NEG_INFINITY);
        let mut order: Vec<usize> = (0..self.points.len()).collect();
        order.sort_by(|a, b| {
            value(*a, 0).total_cmp(&value(*b, 0)).then(value(*a, 1).total_cmp(&value(*b, 1))).then(a.cmp(b))
        });
        self.by_x = order;
    }

    /// The point of a model, by its position in [`Catalog::bases`].
    pub fn point_of(&self, base: usize) -> Option<usize> {
        self.points.iter().position(|point| point.base == base)
    }

    /// The next point to the right, or to the left; the first or last where none is chosen.
    pub fn beside(&self, from: Option<usize>, right: bool) -> Option<usize> {
        let last = self.by_x.len().checked_sub(1)?;
        let place = from.and_then(|from| self.by_x.iter().position(|point| *point == from));
        let next = match place {
            None if right => 0,
            None => last,
            Some(place) if right => (place + 1).min(last),
            Some(place) => place.saturating_sub(1),
        };
        self.by_x.get(next).copied()
    }

    /// The next point above, or below, by the vertical axis.
    pub fn above(&self, from: Option<usize>, up: bool) -> Option<usize> {
        let Some(from) = from else { return self.by_x.first().copied() };
        let height = |place: usize| self.points[place].at[1].unwrap_or(f64::NEG_INFINITY);
        // Equals come in the order of x, so that each is reached.
        let mut order = self.by_x.clone();
        order.sort_by(|a, b| height(*a).total_cmp(&height(*b)));
        let place = order.iter().position(|point| *point == from)?;
        let next = if up { (place + 1).min(order.len() - 1) } else { place.saturating_sub(1) };
        order.get(next).copied()
    }

    /// What holds for the front, in the beginning of a sentence; its members follow.
    pub fn front_words(&self) -> String {
        let [x, y] = self.axes.map(|axis| axis.quantity);
        let [better_x, better_y] = quantity::better(x, y);
        let runs = if self.capacity.is_some() { tr!(" that runs here") } else { "" };
        let (a, b) = (quantity::comparative(x, better_x), quantity::comparative(y, better_y));
        tr!("No model{runs} is both {a} and {b} than", runs, a, b)
    }
}
