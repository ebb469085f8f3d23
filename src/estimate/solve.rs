//! The search for the best placement: exact in memory, best in predicted time of a token.
//!
//! Everything on the devices comes first. Every line-up of devices that is worth a try is cut so that a token
//! takes least time. Where all of it does not fit, routed experts leave before layers do, as few as possible: an
//! expert in main memory is read only when it is chosen, a layer always. `tests/suite/solver.rs` holds
//! the search against trying everything.

mod cut;
mod line_up;
mod search;

use crate::units::Bytes;

use super::format_group::FormatGroup;
use super::load::Load;
use super::place::Split;
use super::step::Stepper;

pub use search::least;

use line_up::{LentBuffers, LineUp};
use search::least_around;

/// Looks for placements of one load.
#[derive(Debug)]
pub struct Solver<'a> {
    /// What is placed.
    pub load: Load<'a>,
    /// Format of its weights.
    group: FormatGroup,
    stepper: Stepper<'a>,
    /// What the first device holds beside the model.
    beside: Bytes,
    /// Weights and caches on devices where everything is on one.
    all: u64,
    lent: LentBuffers,
}

/// How much room is left: an index into [`super::rates::DeviceRates::room`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserve {
    /// Up to the last byte.
    None,
    /// 1 GiB or 5 % of each device.
    Spare,
}

impl<'a> Solver<'a> {
    /// A search over placements of `load`, whose weights are of `group`.
    pub fn new(load: Load<'a>, group: FormatGroup) -> Self {
        let (weights, caches) = (load.layout.sums.all(), load.context.before(load.blocks()));
        Self {
            load,
            group,
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
        // Nothing is faster than one device that no other beats in anything.
        let beats_all = |device: usize| {
            (0..rates.devices.len()).all(|other| self.load.costs_no_more(device, other, self.group))
        };
        let dominant = rates.orders.iter().position(|order| matches!(**order, [one] if beats_all(one)));
        if let Some(order) = dominant
            && let Some(split) = self.cut(&rates.orders[order], 0, 0, reserve)
        {
            return Some(split);
        }
        let others = rates.orders.iter().enumerate().filter(|(order, _)| Some(*order) != dominant);
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
        let mut best: Option<(f64, Split)> = None;
        // Most devices first: what they reach shows that fewer are not worth a search.
        for &order in rates.partial_orders.iter().rev() {
            let order = &rates.orders[order];
            if let [alone] = **order
                && let Some((seconds, _)) = best
                && self.least_seconds(alone, reserve) > seconds
            {
                continue;
            }
            let Some(split) = self.partial_on(order, reserve) else { continue };
            let seconds = self.seconds(&split);
            // Of equals the one with fewer devices.
            if best.as_ref().is_none_or(|(least, _)| seconds <= *least) {
                best = Some((seconds, split));
            }
        }
        best.map(|(_, split)| split)
    }

    /// Seconds that no placement of a part on `device` alone is faster than: only weights count, and of those in
    /// main memory the cheapest.
    fn least_seconds(&self, device: usize, reserve: Reserve) -> f64 {
        let Load { layout, context, rates } = self.load;
        let (all, beside) = (layout.sums.all(), &context.costs.devices[device].beside);
        let dense_read = (all.dense_host + layout.output_read.0) as f64;
        let experts_read = all.experts_host as f64 * context.experts_read;
        let on_device = self.load.weight(device, self.group) * beside.device;
        let expert_on_device = self.load.expert_weight(device, self.group) * beside.device;
        let flops = beside.flops(self.group, layout.bits_per_weight, rates.requests);
        let dense = beside.dense + flops - on_device;
        let expert = beside.experts + flops * context.requests_of_expert - expert_on_device;
        let experts = context.experts_read * expert;
        let least = if layout.sums.has_experts() { dense.min(experts) } else { dense };
        if least <= 0.0 {
            // Main memory is no slower.
            return 0.0;
        }
        let held = all.dense_device + all.experts_device;
        // Weights take a little more on a device than in main memory.
        let padding = held.saturating_sub(all.dense_host + all.experts_host);
        let room = rates.devices[device].room[reserve as usize];
        let missing = (held + layout.output_device.0).saturating_sub(room + padding);
        dense_read * on_device + experts_read * expert_on_device + missing as f64 * least
    }

    /// Whether devices filled to the last byte and a host with `free` bytes hold all weights and caches.
    pub fn can_hold(&self, free: Bytes) -> bool {
        let Load { layout, context, rates } = self.load;
        let (weights, caches) = (layout.sums.all(), context.before(self.load.blocks()));
        let all = weights.dense_host + weights.experts_host + caches.kv_host + caches.state;
        // Nothing is smaller on a device.
        let on_devices = self.room(0..rates.devices.len(), Reserve::None);
        (all + layout.input.0).saturating_sub(on_devices) <= free.0
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
}
