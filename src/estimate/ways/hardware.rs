//! What could be bought: cards and main memory, the smallest addition that reaches something.

use std::cell::OnceCell;

use crate::units::{Bytes, GIB};

use super::super::plan::FitClass;
use super::cards;
use super::change::{Cards, Change};
use super::search::Search;
use super::{Aim, Way};

/// Equal cards that are added, at most: what usual mainboards take.
const MOST_CARDS: u32 = 4;
/// Sizes that main memory is usually sold in, GiB.
const RAM_GIB: [u64; 15] = [8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536];

/// An addition of cards, and whether it has been looked at.
struct Addition {
    cards: Cards,
    answer: OnceCell<Option<Way>>,
}

impl Search<'_> {
    /// Cards and main memory.
    pub(super) fn hardware(&self) -> Vec<Way> {
        let mut ways = self.cards();
        let unified = self.question.rig.devices.iter().any(|device| device.unified);
        if self.aims().contains(&Aim::Memory) && !unified {
            // 62.8 GiB are 64: what firmware keeps makes no other size.
            let present = Bytes(self.question.rig.host.capacity.gib().round() as u64 * GIB);
            let lack = self.blocks.lack(Aim::Memory, &self.question.rig);
            let sizes = RAM_GIB.into_iter().map(|gib| Bytes(gib * GIB));
            let mut larger =
                sizes.filter(|size| *size > present && *size - self.question.rig.host.capacity >= lack);
            let reaching = larger.find_map(|size| {
                let way = self.way(vec![Change::Ram(size)])?;
                Aim::Memory.is_reached(way.after.class).then_some(way)
            });
            ways.extend(reaching);
        }
        ways
    }

    /// For each aim the first addition that reaches it; one more of a card that is there also where it only
    /// makes faster.
    fn cards(&self) -> Vec<Way> {
        if self.present.class <= FitClass::Tight || !cards::has_slots(&self.question.rig) {
            return Vec::new();
        }
        let additions = self.additions();
        let mut ways = Vec::new();
        for aim in self.aims() {
            let at_least = self.blocks.lack(*aim, &self.question.rig);
            for addition in &additions {
                let Cards { device, count, .. } = &addition.cards;
                if device.free * u64::from(*count) < at_least {
                    continue;
                }
                if let Some(way) = self.answer(addition).filter(|way| aim.is_reached(way.after.class)) {
                    ways.push(way.clone());
                    break;
                }
            }
        }
        let one_more = additions.first().filter(|addition| addition.cards.same);
        if self.present.class.runs()
            && let Some(way) = one_more.and_then(|addition| self.answer(addition))
            && way.reaches.is_none()
            && self.helps(way)
        {
            ways.push(way.clone());
        }
        ways
    }

    fn answer<'b>(&self, addition: &'b Addition) -> Option<&'b Way> {
        let cards = &addition.cards;
        addition.answer.get_or_init(|| self.way(vec![Change::Cards(cards.clone())])).as_ref()
    }

    /// One more of the largest card that is there, a larger one of the table, then two and more of the one that
    /// is there and of the largest of the table.
    fn additions(&self) -> Vec<Addition> {
        let rig = &self.question.rig;
        let own = rig.devices.iter().max_by_key(|device| device.capacity);
        let same = |count: u32| {
            let launch_price = cards::launch_price_of(own?);
            Some(Cards { launch_price, ..Cards::like(own?, count, rig.os) })
        };
        let least = own.map_or(Bytes::ZERO, |own| own.capacity);
        let offers: Vec<_> =
            cards::offers(rig).into_iter().filter(|record| record.own_memory() > Some(least)).collect();
        let of_table = |record, count: u32| cards::cards(record, count, rig.os);
        let mut all: Vec<Option<Cards>> = vec![same(1)];
        all.extend(offers.iter().map(|record| of_table(record, 1)));
        for count in 2..=MOST_CARDS {
            all.push(same(count));
            all.push(offers.last().and_then(|record| of_table(record, count)));
        }
        all.into_iter().flatten().map(|cards| Addition { cards, answer: OnceCell::new() }).collect()
    }
}
