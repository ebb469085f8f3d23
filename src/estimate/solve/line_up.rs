//! Devices in a row: what each holds whatever its items, and how much room that leaves.

use std::cell::Cell;

use smallvec::SmallVec;

use crate::estimate::compute::Lent;
use crate::units::Bytes;

use super::{Reserve, Solver};

/// Graph buffers of the first device by which weights it is lent: of a load few differ, and a search asks for
/// each of them many times.
#[derive(Debug, Default)]
pub(super) struct LentBuffers {
    known: [Cell<Option<(LentKey, Bytes)>>; 4],
    next: Cell<usize>,
}

/// Whether blocks are lent, and which of the largest weights of blocks and of experts alone.
pub(super) type LentKey = (bool, usize, usize);

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

/// Devices in a row, with what each of them holds whatever its items but for the first, which may be lent
/// weights.
#[derive(Debug)]
pub(super) struct LineUp<'o> {
    pub(super) order: &'o [usize],
    pub(super) reserve: Reserve,
    /// Graph buffer and context by place; of the first nothing.
    pub(super) later: SmallVec<[u64; 4]>,
    /// Room of the first.
    pub(super) first_room: u64,
    /// Room of the others for items.
    pub(super) later_room: u64,
}

/// What is asked of a line-up while items are given to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms<'t> {
    pub(super) line: &'t LineUp<'t>,
    /// Routed experts of the blocks before this one stay in main memory.
    pub(super) moe: usize,
    /// What the first device holds whatever its items, worked out once: it depends on what is lent.
    first_fixed: u64,
}

impl Terms<'_> {
    pub(super) fn fixed(&self, place: usize) -> u64 {
        if place == 0 { self.first_fixed } else { self.line.later[place] }
    }
}

impl Solver<'_> {
    /// Weights and caches on devices with the blocks from `first` on, and the experts of those from `moe` on.
    pub(super) fn need(&self, first: usize, moe: usize) -> u64 {
        let (sums, context) = (&self.load.layout.sums, self.load.context);
        let (out, caches_out) = (sums.before(first), context.before(first));
        let experts_out = if moe > first { sums.before(moe) } else { out };
        self.all - out.dense_device - experts_out.experts_device - caches_out.kv_device - caches_out.state
    }

    pub(super) fn room(&self, devices: impl Iterator<Item = usize>, reserve: Reserve) -> u64 {
        devices.map(|device| self.load.rates.devices[device].room[reserve as usize]).sum()
    }

    /// The devices of `order`; `whole`: they hold everything.
    pub(super) fn line_up<'o>(&self, order: &'o [usize], whole: bool, reserve: Reserve) -> LineUp<'o> {
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
    pub(super) fn may_fit<'t>(&self, line: &'t LineUp<'t>, first: usize, moe: usize) -> Option<Terms<'t>> {
        let need = self.need(first, moe);
        if need > line.first_room + line.later_room {
            return None;
        }
        let first_fixed = self.first_fixed(line, first, moe)?;
        let room = line.first_room.saturating_sub(first_fixed) + line.later_room;
        (need <= room).then_some(Terms { line, moe, first_fixed })
    }

    /// What the first device of `line` holds whatever its items.
    pub(super) fn first_fixed(&self, line: &LineUp<'_>, first: usize, moe: usize) -> Option<u64> {
        let device = *line.order.first()?;
        let buffer = if first == 0 && moe == 0 {
            self.unlent_buffer(0, line.order.len(), true)
        } else {
            self.lent_buffer(first, moe)
        };
        Some((buffer + Bytes(self.load.rates.devices[device].context) + self.beside).0)
    }

    /// Room of the devices of `line` for items.
    pub(super) fn room_for_items(&self, line: &LineUp<'_>, (first, moe): (usize, usize)) -> Option<u64> {
        Some(line.first_room.saturating_sub(self.first_fixed(line, first, moe)?) + line.later_room)
    }

    pub(super) fn lent_key(&self, first: usize, moe: usize) -> LentKey {
        let sums = &self.load.layout.sums;
        (first > 0, sums.largest_place(first), sums.largest_place(first.max(moe)))
    }

    /// Graph buffer of the first device where a part lies in main memory.
    pub(super) fn lent_buffer(&self, first: usize, moe: usize) -> Bytes {
        self.lent.get(self.lent_key(first, moe), || self.load.graph_buffer(0, self.load.graph(first, moe, 1)))
    }

    /// Graph buffer of the device at `place` of `count` that is lent nothing; `whole`: all of it is on devices.
    pub(super) fn unlent_buffer(&self, place: usize, count: usize, whole: bool) -> Bytes {
        let buffers = &self.load.context.buffers;
        if whole && count > 1 {
            buffers.pipeline(place, count)
        } else {
            buffers.several(place, count, Lent::default())
        }
    }
}
