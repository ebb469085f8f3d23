//! The search for the best placement: exact in memory, best in predicted time of a token.
//!
//! Everything on the devices comes first. Every line-up of devices that is worth a try is cut so that a token
//! takes least time. Where all of it does not fit, routed experts leave before layers do, as few as possible: an
//! expert in main memory is read only when it is chosen, a layer always. `tests/suite/solver.rs` holds
//! the search against trying everything.

use std::cell::Cell;

use smallvec::SmallVec;

use crate::units::Bytes;

use super::compute::Lent;
use super::load::Load;
use super::pace::FormatGroup;
use super::place::{Run, Split};
use super::step::Stepper;

/// Looks for placements of one load.
#[derive(Debug)]
pub struct Solver<'a> {
    /// What is placed.
    pub load: Load<'a>,
    stepper: Stepper<'a>,
    /// What the first device holds beside the model.
    beside: Bytes,
    /// Weights and caches on devices where everything is on one.
    all: u64,
    lent: LentBuffers,
}

/// Graph buffers of the first device by which weights it is lent: of a load few differ, and a search asks for
/// each of them many times.
#[derive(Debug, Default)]
struct LentBuffers {
    known: [Cell<Option<(LentKey, Bytes)>>; 4],
    next: Cell<usize>,
}

/// Whether blocks are lent, and which of the largest weights of blocks and of experts alone.
type LentKey = (bool, usize, usize);

impl LentBuffers {
    fn get(&self, key: LentKey, work_out: impl FnOnce() -> Bytes) -> Bytes {
        let known = self.known.iter().filter_map(Cell::get).find(|(known, _)| *known == key);
        known.map_or_else(
            || {
                let bytes = work_out();
                let next = self.next.get();
                self.known[next % self.known.len()].set(Some((key, bytes)));
                self.next.set(next + 1);
                bytes
            },
            |(_, bytes)| bytes,
        )
    }
}

/// How much room is left: an index into [`super::rates::DeviceRates::room`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserve {
    /// Up to the last byte.
    None,
    /// 1 GiB or 5 % of each device.
    Spare,
}

/// Devices in a row, with what each of them holds whatever its items but for the first, which may be lent
/// weights.
#[derive(Debug)]
struct LineUp<'o> {
    order: &'o [usize],
    reserve: Reserve,
    /// Graph buffer and context by place; of the first nothing.
    later: SmallVec<[u64; 4]>,
    /// Room of the first.
    first_room: u64,
    /// Room of the others for items.
    later_room: u64,
}

/// What is asked of a line-up while items are given to it.
#[derive(Clone, Copy, Debug)]
struct Terms<'t> {
    line: &'t LineUp<'t>,
    /// Routed experts of the blocks before this one stay in main memory.
    moe: usize,
    /// What the first device holds whatever its items, worked out once: it depends on what is lent.
    first_fixed: u64,
}

impl Terms<'_> {
    fn fixed(&self, place: usize) -> u64 {
        if place == 0 { self.first_fixed } else { self.line.later[place] }
    }
}

impl<'a> Solver<'a> {
    /// A search over placements of `load`, whose weights are of `group`.
    pub fn new(load: Load<'a>, group: FormatGroup) -> Self {
        let (weights, caches) = (load.layout.sums.all(), load.context.before(load.blocks()));
        Self {
            load,
            stepper: Stepper::new(load, group),
            beside: load.context.beside.device.total(),
            all: weights.dense_device
                + weights.experts_device
                + load.layout.output_device.0
                + caches.kv_device
                + caches.state,
            lent: LentBuffers::default(),
        }
    }

    /// The fastest way to hold everything on devices with `reserve` left; `None`: it does not fit.
    pub fn whole(&self, reserve: Reserve) -> Option<Split> {
        let rates = self.load.rates;
        // No line-up has more room than all devices.
        if self.all > self.room(0..rates.devices.len(), reserve) {
            return None;
        }
        // Nothing is faster than one device that no other beats.
        if let Some(order) = self.load.context.dominant
            && let Some(split) = self.cut(&rates.orders[order], 0, 0, reserve)
        {
            return Some(split);
        }
        let others =
            rates.orders.iter().enumerate().filter(|(order, _)| Some(*order) != self.load.context.dominant);
        self.fastest(others.filter_map(|(_, order)| self.cut(order, 0, 0, reserve)))
    }

    /// The fastest way to hold the blocks from `first` on, and the experts of those from `moe` on, on devices.
    pub fn fastest_cut(&self, first: usize, moe: usize, reserve: Reserve) -> Option<Split> {
        let orders = self.load.rates.orders.iter();
        self.fastest(orders.filter_map(|order| self.cut(order, first, moe, reserve)))
    }

    /// The fastest way to hold a part on devices, with `reserve` left on each, and the rest in main memory;
    /// `None`: not even the output layer fits.
    pub fn partial(&self, reserve: Reserve) -> Option<Split> {
        let rates = self.load.rates;
        let orders = rates.partial_orders.iter().map(|&order| &rates.orders[order]);
        self.fastest(orders.filter_map(|order| self.partial_on(order, reserve)))
    }

    /// The same for each line-up of devices by itself.
    pub fn partial_each(&self) -> Vec<Split> {
        let rates = self.load.rates;
        rates
            .partial_orders
            .iter()
            .filter_map(|&order| self.partial_on(&rates.orders[order], Reserve::Spare))
            .collect()
    }

    /// Layers alone in main memory, experts with them: what `-ngl` by itself does.
    pub fn layers_out(&self, order: &[usize]) -> Option<Split> {
        let line = self.line_up(order, false, Reserve::Spare);
        let first = least(1, self.last_first(order), |first| self.fits(&line, first, 0))?;
        self.cut_on(&line, first, 0)
    }

    /// Seconds of a token.
    pub fn seconds(&self, split: &Split) -> f64 {
        self.stepper.step(split, 0.0).total()
    }

    fn fastest(&self, mut splits: impl Iterator<Item = Split>) -> Option<Split> {
        let mut best = splits.next()?;
        let mut least = None;
        // Of equals the first, which uses fewer devices.
        for split in splits {
            let known = *least.get_or_insert_with(|| self.seconds(&best));
            let seconds = self.seconds(&split);
            if seconds < known {
                (best, least) = (split, Some(seconds));
            }
        }
        Some(best)
    }

    /// Weights and caches on devices with the blocks from `first` on, and the experts of those from `moe` on.
    fn need(&self, first: usize, moe: usize) -> u64 {
        let (sums, context) = (&self.load.layout.sums, self.load.context);
        let (out, caches_out) = (sums.before(first), context.before(first));
        let experts_out = if moe > first { sums.before(moe) } else { out };
        self.all - out.dense_device - experts_out.experts_device - caches_out.kv_device - caches_out.state
    }

    fn room(&self, devices: impl Iterator<Item = usize>, reserve: Reserve) -> u64 {
        devices.map(|device| self.load.rates.devices[device].room[reserve as usize]).sum()
    }

    /// The devices of `order`; `whole`: they hold everything.
    fn line_up<'o>(&self, order: &'o [usize], whole: bool, reserve: Reserve) -> LineUp<'o> {
        let devices = &self.load.rates.devices;
        let room = |device: usize| devices[device].room[reserve as usize];
        let mut line = LineUp {
            order,
            reserve,
            later: SmallVec::new(),
            first_room: order.first().map_or(0, |first| room(*first)),
            later_room: 0,
        };
        for (place, &device) in order.iter().enumerate() {
            if place == 0 {
                line.later.push(0);
                continue;
            }
            let buffer = self.unlent_buffer(place, order.len(), whole);
            let fixed = (buffer + Bytes(devices[device].context)).0;
            line.later.push(fixed);
            line.later_room += room(device).saturating_sub(fixed);
        }
        line
    }

    /// What is asked of the devices of `line`; `None` where what they would hold is more than all their room
    /// together, so that it fits by no cut.
    fn may_fit<'t>(&self, line: &'t LineUp<'t>, first: usize, moe: usize) -> Option<Terms<'t>> {
        let need = self.need(first, moe);
        if need > line.first_room + line.later_room {
            return None;
        }
        let first_fixed = self.first_fixed(line, first, moe)?;
        let room = line.first_room.saturating_sub(first_fixed) + line.later_room;
        (need <= room).then_some(Terms { line, moe, first_fixed })
    }

    fn partial_on(&self, order: &[usize], reserve: Reserve) -> Option<Split> {
        if self.load.rates.experts_stay {
            return self.layers_out(order);
        }
        let blocks = self.load.blocks();
        let line = self.line_up(order, false, reserve);
        let fits = |first, moe| self.fits(&line, first, moe);
        let has_experts = self.load.layout.sums.has_experts();
        let fewest_experts = |first: usize| {
            let experts = self.load.layout.sums.all().experts_device;
            let from = self.least_that_may_fit(&line, first.max(1), blocks, experts, |moe| (first, moe))?;
            least_around(from, from, blocks, |moe| fits(first, moe))
        };
        let mut first = 0;
        let mut moe = has_experts.then(|| fewest_experts(0)).flatten();
        if moe.is_none() {
            let most = if has_experts { blocks } else { 0 };
            let last = self.last_first(order);
            let from = self.least_that_may_fit(&line, 1, last, self.all, |first| (first, most))?;
            first = least_around(from, from, last, |first| fits(first, most))?;
            moe = Some(if has_experts { fewest_experts(first).unwrap_or(blocks) } else { 0 });
        }
        let split = self.cut_on(&line, first, moe?)?;
        if has_experts { Some(self.exchanged(&line, split)) } else { Some(split) }
    }

    /// A block more in main memory may make room for the experts of several: goes on as long as that pays.
    fn exchanged(&self, line: &LineUp<'_>, start: Split) -> Split {
        let mut best = (self.seconds(&start), start);
        loop {
            let first = best.1.first.unwrap_or_default() + 1;
            if first > self.last_first(line.order) {
                break;
            }
            let most = best.1.cpu_moe.max(first);
            let fits = |moe| self.fits(line, first, moe);
            let Some(moe) = least_around(most, first, most, fits) else { break };
            // Of a block in main memory the experts are there too.
            let moe = if moe == first { 0 } else { moe };
            let Some(split) = self.cut_on(line, first, moe) else { break };
            let seconds = self.seconds(&split);
            if seconds >= best.0 {
                break;
            }
            best = (seconds, split);
        }
        best.1
    }

    /// The last block that can be the first on the devices of `order`: each gets an item.
    fn last_first(&self, order: &[usize]) -> usize {
        (self.load.blocks() + 1).saturating_sub(order.len())
    }

    /// What the first device of `line` holds whatever its items.
    fn first_fixed(&self, line: &LineUp<'_>, first: usize, moe: usize) -> Option<u64> {
        let device = *line.order.first()?;
        let buffer = if first == 0 && moe == 0 {
            self.unlent_buffer(0, line.order.len(), true)
        } else {
            self.lent_buffer(first, moe)
        };
        Some((buffer + Bytes(self.load.rates.devices[device].context) + self.beside).0)
    }

    /// Room of the devices of `line` for items.
    fn room_for_items(&self, line: &LineUp<'_>, (first, moe): (usize, usize)) -> Option<u64> {
        Some(line.first_room.saturating_sub(self.first_fixed(line, first, moe)?) + line.later_room)
    }

    /// The smallest number from `from` to `most` at which the placement `at` (first block, experts) may fit;
    /// what devices hold then falls by about `total` over all blocks.
    fn least_that_may_fit(
        &self,
        line: &LineUp<'_>,
        from: usize,
        most: usize,
        total: u64,
        at: impl Fn(usize) -> (usize, usize),
    ) -> Option<usize> {
        let may_fit = |number: usize| {
            let (first, moe) = at(number);
            self.may_fit(line, first, moe).is_some()
        };
        let key = |number: usize| {
            let (first, moe) = at(number);
            self.lent_key(first, moe)
        };
        if from >= most || key(from) != key(most) {
            return least(from, most, may_fit);
        }
        // The same is lent at all of them, so that they differ by what the devices hold alone. Blocks are much
        // alike: the answer lies near where a straight line puts it.
        let room = self.room_for_items(line, at(most))?;
        let share = self.all.saturating_sub(room) as f64 / total.max(1) as f64;
        let near = (share * self.load.blocks() as f64) as usize;
        least_around(near.clamp(from, most), from, most, |number| {
            let (first, moe) = at(number);
            self.need(first, moe) <= room
        })
    }

    fn lent_key(&self, first: usize, moe: usize) -> LentKey {
        let sums = &self.load.layout.sums;
        (first > 0, sums.largest_place(first), sums.largest_place(first.max(moe)))
    }

    /// Graph buffer of the first device where a part lies in main memory.
    fn lent_buffer(&self, first: usize, moe: usize) -> Bytes {
        self.lent.get(self.lent_key(first, moe), || self.load.graph_buffer(0, self.load.graph(first, moe, 1)))
    }

    /// Graph buffer of the device at `place` of `count` that is lent nothing; `whole`: all of it is on devices.
    fn unlent_buffer(&self, place: usize, count: usize, whole: bool) -> Bytes {
        let buffers = &self.load.context.buffers;
        if whole && count > 1 {
            buffers.pipeline(place, count)
        } else {
            buffers.several(place, count, Lent::default())
        }
    }

    /// Whether the items from `first` on fit the devices of `line`, each filled as far as it goes.
    fn fits(&self, line: &LineUp<'_>, first: usize, moe: usize) -> bool {
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

    fn cut_on(&self, line: &LineUp<'_>, first: usize, moe: usize) -> Option<Split> {
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

    fn cut_in_two(&self, a: usize, b: usize, first: usize, terms: Terms<'_>) -> Option<usize> {
        let items = self.load.blocks() + 1;
        let most = self.furthest(a, 0, first, items - 1, terms)?;
        if !self.holds(b, 1, most, items, terms) {
            return None;
        }
        let (rates_a, rates_b) = (&self.load.context.paces[a], &self.load.context.paces[b]);
        let costs_no_more = (rates_a.costs_no_more_than(rates_b), rates_b.costs_no_more_than(rates_a));
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
    fn balanced(&self, a: usize, b: usize, first: usize, least: usize, most: usize) -> usize {
        let room = |device: usize| self.load.rates.devices[device].room[0] as f64;
        let items = (self.load.blocks() + 1 - first) as f64;
        let share = room(a) / (room(a) + room(b)).max(1.0);
        let cut = first + (items * share).ceil() as usize;
        cut.clamp(least, most)
    }

    /// By dynamic programming from the last device to the first: the least time of the items from each start on.
    fn cut_in_many(&self, order: &[usize], first: usize, terms: Terms<'_>) -> Option<SmallVec<[Run; 4]>> {
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
    fn furthest(
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

    fn holds(&self, device: usize, place: usize, start: usize, end: usize, terms: Terms<'_>) -> bool {
        let held = self.load.held(Run { device, end }, start, terms.moe).total().0;
        held + terms.fixed(place) <= self.load.rates.devices[device].room[terms.line.reserve as usize]
    }
}

/// Cuts beside the end of the slope that are tried: layers differ by a few kinds that repeat.
const NEAR_THE_END: usize = 8;

/// The largest number that is good, of those from `good` on, which is, to before `bad`, which is not; looks near
/// `near` first. Being good is monotone.
fn last_near(near: usize, mut good: usize, mut bad: usize, is_good: impl Fn(usize) -> bool) -> usize {
    let at = near.clamp(good, bad - 1);
    let mut step = 1;
    if is_good(at) {
        good = at;
        while good + step < bad && is_good(good + step) {
            good += step;
            step *= 2;
        }
        bad = bad.min(good + step);
    } else {
        bad = at;
        while good + step < bad && !is_good(bad - step) {
            bad -= step;
            step *= 2;
        }
        good = good.max(bad.saturating_sub(step));
    }
    while good + 1 < bad {
        let middle = usize::midpoint(good, bad);
        if is_good(middle) { good = middle } else { bad = middle }
    }
    good
}

/// As [`least`], for an answer near `near`, which lies between the two: looks there first, then further away.
fn least_around(near: usize, from: usize, most: usize, is_good: impl Fn(usize) -> bool) -> Option<usize> {
    let mut step = 1;
    if is_good(near) {
        let mut good = near;
        while good > from {
            let at = good.saturating_sub(step).max(from);
            if !is_good(at) {
                return least(at + 1, good, is_good);
            }
            good = at;
            step *= 2;
        }
        return Some(good);
    }
    let mut bad = near;
    while bad < most {
        let at = (bad + step).min(most);
        if is_good(at) {
            return least(bad + 1, at, is_good);
        }
        bad = at;
        step *= 2;
    }
    None
}

/// The smallest number from `from` to `most` that is good; being good is monotone in it.
pub fn least(from: usize, most: usize, is_good: impl Fn(usize) -> bool) -> Option<usize> {
    if from > most || !is_good(most) {
        return None;
    }
    let (mut low, mut high) = (from, most);
    while low < high {
        let middle = usize::midpoint(low, high);
        if is_good(middle) { high = middle } else { low = middle + 1 }
    }
    Some(low)
}
