//! Items given to the devices of a line-up: exact in memory, least in time.

use smallvec::SmallVec;

use crate::estimate::place::{Run, Split};

use super::line_up::{LineUp, Terms};
use super::search::{last_near, least};
use super::{Reserve, Solver};

/// Cuts beside the end of the slope that are tried: layers differ by a few kinds that repeat.
const NEAR_THE_END: usize = 8;

impl Solver<'_> {
    /// Whether the items from `first` on fit the devices of `line`, each filled as far as it goes.
    pub(super) fn fits(&self, line: &LineUp<'_>, first: usize, moe: usize) -> bool {
        let Some(terms) = self.may_fit(line, first, moe) else { return false };
        let order = line.order;
        let items = self.load.blocks() + 1;
        let Some((&last, before)) = order.split_last() else { return false };
        let mut start = first;
        for (place, &device) in before.iter().enumerate() {
            // One item is left for each of the others.
            let most = items - (order.len() - 1 - place).min(items);
            match self.furthest(device, place, start, most, terms) {
                Some(end) => start = end,
                None => return false,
            }
        }
        self.holds(last, before.len(), start, items, terms)
    }

    /// Cuts the items from `first` on into one run for each device of `order`, so that a token takes the least
    /// time; `None`: they do not fit.
    pub fn cut(&self, order: &[usize], first: usize, moe: usize, reserve: Reserve) -> Option<Split> {
        if self.need(first, moe) > self.room(order.iter().copied(), reserve) {
            return None;
        }
        self.cut_on(&self.line_up(order, first == 0 && moe == 0, reserve), first, moe)
    }

    pub(super) fn cut_on(&self, line: &LineUp<'_>, first: usize, moe: usize) -> Option<Split> {
        let terms = self.may_fit(line, first, moe)?;
        let order = line.order;
        let items = self.load.blocks() + 1;
        let mut runs: SmallVec<[Run; 4]> = SmallVec::new();
        match *order {
            [] => return None,
            [one] => {
                if !self.holds(one, 0, first, items, terms) {
                    return None;
                }
                runs.push(Run { device: one, end: items });
            }
            [a, b] => {
                let end = self.cut_in_two(a, b, first, terms)?;
                runs.extend([Run { device: a, end }, Run { device: b, end: items }]);
            }
            _ => runs = self.cut_in_many(order, first, terms)?,
        }
        Some(Split { first: Some(first), cpu_moe: moe, runs })
    }

    pub(super) fn cut_in_two(&self, a: usize, b: usize, first: usize, terms: Terms<'_>) -> Option<usize> {
        let items = self.load.blocks() + 1;
        let most = self.furthest(a, 0, first, items - 1, terms)?;
        if !self.holds(b, 1, most, items, terms) {
            return None;
        }
        let no_more = |a: usize, b: usize| self.load.costs_no_more(a, b, self.group);
        let costs_no_more = (no_more(a, b), no_more(b, a));
        if costs_no_more == (true, false) {
            return Some(most);
        }
        let least = least(first + 1, most, |cut| self.holds(b, 1, cut, items, terms)).unwrap_or(most);
        match costs_no_more {
            // Equal cards take any cut in the same time: the usual one, by memory, leaves both the same room.
            (true, true) => return Some(self.balanced(a, b, first, least, most)),
            (false, true) => return Some(least),
            _ => {}
        }
        let time = |cut: usize| {
            let (run_a, run_b) = (Run { device: a, end: cut }, Run { device: b, end: items });
            let (reading_a, layers_a) = self.stepper.on_device(run_a, first, terms.moe);
            let (reading_b, layers_b) = self.stepper.on_device(run_b, cut, terms.moe);
            reading_a + layers_a + reading_b + layers_b
        };
        // The time is linear in the cut but for differences between layers: the end of the slope, or near it.
        let near = if time(most) < time(least) {
            most.saturating_sub(NEAR_THE_END).max(least)..=most
        } else {
            least..=(least + NEAR_THE_END).min(most)
        };
        let timed = near.map(|cut| (cut, time(cut)));
        timed.reduce(|best, other| if other.1 < best.1 { other } else { best }).map(|(cut, _)| cut)
    }

    /// The cut between `least` and `most` nearest to equal shares of the free memory.
    pub(super) fn balanced(&self, a: usize, b: usize, first: usize, least: usize, most: usize) -> usize {
        let room = |device: usize| self.load.rates.devices[device].room[0] as f64;
        let items = (self.load.blocks() + 1 - first) as f64;
        let share = room(a) / (room(a) + room(b)).max(1.0);
        let cut = first + (items * share).ceil() as usize;
        cut.clamp(least, most)
    }

    /// By dynamic programming from the last device to the first: the least time of the items from each start on.
    pub(super) fn cut_in_many(
        &self,
        order: &[usize],
        first: usize,
        terms: Terms<'_>,
    ) -> Option<SmallVec<[Run; 4]>> {
        let items = self.load.blocks() + 1;
        let count = order.len();
        let width = items + 1;
        // Time from `start` on with the devices from `place` on, and where the run of `place` ends.
        let mut time = vec![f64::INFINITY; count * width];
        let mut ends = vec![0_usize; count * width];
        for place in (0..count).rev() {
            let device = order[place];
            let is_last = place + 1 == count;
            for start in first..items {
                let mut best = (f64::INFINITY, 0);
                let candidates = if is_last { items..=items } else { start + 1..=items - 1 };
                for end in candidates {
                    if !self.holds(device, place, start, end, terms) {
                        break;
                    }
                    let (reading, layers) = self.stepper.on_device(Run { device, end }, start, terms.moe);
                    let rest = if is_last { 0.0 } else { time[(place + 1) * width + end] };
                    // Of equal times the longer run: the faster devices stand first.
                    if reading + layers + rest <= best.0 && rest.is_finite() {
                        best = (reading + layers + rest, end);
                    }
                }
                (time[place * width + start], ends[place * width + start]) = best;
            }
        }
        if !time[first].is_finite() {
            return None;
        }
        let mut start = first;
        let runs = order.iter().enumerate().map(|(place, &device)| {
            start = ends[place * width + start];
            Run { device, end: start }
        });
        Some(runs.collect())
    }

    /// The furthest end up to `most` of a run from `start` that `device` holds; at least one item.
    pub(super) fn furthest(
        &self,
        device: usize,
        place: usize,
        start: usize,
        most: usize,
        terms: Terms<'_>,
    ) -> Option<usize> {
        if start >= most {
            return None;
        }
        // What does not depend on the end is told once.
        let load = &self.load;
        let (sums, context, rates) = (&load.layout.sums, load.context, &load.rates.devices[device]);
        let up_to = |end: usize| {
            let (weights, cache) = (sums.before(end), context.before(end));
            let experts = if terms.moe > end { sums.before(terms.moe) } else { weights };
            weights.dense_device + experts.experts_device + cache.kv_device + cache.state
        };
        let held = up_to(start);
        let room = rates.room[terms.line.reserve as usize].checked_sub(terms.fixed(place))? + held;
        let holds = |end: usize| up_to(end) <= room;
        if !holds(start + 1) {
            return None;
        }
        let all = up_to(most);
        if all <= room {
            return Some(most);
        }
        // Blocks are much alike: the end lies near where a straight line puts it.
        let share = (room - held) as f64 / (all - held) as f64;
        let near = start + (share * (most - start) as f64) as usize;
        Some(last_near(near, start + 1, most, holds))
    }

    pub(super) fn holds(
        &self,
        device: usize,
        place: usize,
        start: usize,
        end: usize,
        terms: Terms<'_>,
    ) -> bool {
        let held = self.load.held(Run { device, end }, start, terms.moe).total().0;
        held + terms.fixed(place) <= self.load.rates.devices[device].room[terms.line.reserve as usize]
    }
}
