//! What the builder offers: cards that words lead to, kinds of memory, numbers of channels, slots.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::language::tr;
use crate::machine::Pcie;
use crate::machine::table::{CpuPlatform, CpuPlatforms, Kind, Record, Table};
use crate::units::thousands;

/// Cards that are listed at once.
const SHOWN: usize = 8;

/// The search over all devices.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// What was typed.
    pub text: String,
    /// The devices that it leads to, best first.
    pub found: Vec<&'static Record>,
    /// How many there are.
    pub count: usize,
}

impl Search {
    /// Looks for `text`.
    pub fn of(text: String) -> Self {
        let mut found = Table::embedded().search(&text, usize::MAX);
        let count = found.len();
        found.truncate(SHOWN);
        Self { text, found, count }
    }

    /// "2 of 489".
    pub fn count_text(&self) -> String {
        let all = Table::embedded().records().len();
        if self.text.trim().is_empty() {
            tr!("{all} devices", all)
        } else {
            tr!("{count} of {all}", count = self.count, all)
        }
    }
}

/// Memory and bandwidth of a device in a few words: "24 GiB, 936 GB/s".
pub fn facts(record: &Record) -> String {
    let sizes: Vec<String> = record.vram_gib.iter().map(|gib| format!("{gib}")).collect();
    let memory = match sizes.as_slice() {
        [] => tr!("shared memory").to_owned(),
        sizes => format!("{} GiB", sizes.join("/")),
    };
    let laptop = if record.kind == Kind::Laptop { tr!("laptop, ") } else { "" };
    match record.bandwidth(None) {
        Some(known) => format!("{laptop}{memory}, {} GB/s", thousands(known.value)),
        None => format!("{laptop}{memory}"),
    }
}

/// Kinds of main memory with their speeds, MT/s, as the processors of the table take them.
pub static MEMORY: LazyLock<Vec<(String, u32)>> = LazyLock::new(|| {
    let mut kinds: BTreeSet<(String, u32)> = BTreeSet::new();
    for platform in CpuPlatforms::embedded().platforms() {
        if let Some(speed) = platform.max_official_mts {
            kinds.insert((platform.ram_type.clone(), speed));
        }
        kinds.extend(platform.alternatives.iter().filter_map(|other| {
            let (kind, speed) = other.ram.rsplit_once('-')?;
            Some((kind.to_owned(), speed.parse().ok()?))
        }));
    }
    kinds.into_iter().collect()
});

/// Numbers of channels that the processors of the table have.
pub static CHANNELS: LazyLock<Vec<u32>> = LazyLock::new(|| {
    let counts = CpuPlatforms::embedded().platforms().iter().filter_map(|platform| platform.channels);
    counts.collect::<BTreeSet<u32>>().into_iter().collect()
});

/// Sizes of main memory that are usual, GiB.
pub const SIZES: [u32; 14] = [8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024];

/// Slots that a card may be in: lanes, and the generations that have cards in the table.
pub fn slots() -> Vec<Pcie> {
    const LANES: [u32; 4] = [16, 8, 4, 1];
    (3..=5).rev().flat_map(|generation| LANES.map(|lanes| Pcie { generation, lanes })).collect()
}

/// "×16, gen 4".
pub fn slot_text(slot: Pcie) -> String {
    tr!("×{lanes}, gen {generation}", lanes = slot.lanes, generation = slot.generation)
}

/// What is known of a processor by its name.
pub fn platform(cpu: &str) -> Option<&'static CpuPlatform> {
    CpuPlatforms::embedded().find(cpu)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_counts_what_it_does_not_list() {
        let search = Search::of("rtx".to_owned());
        assert_eq!(search.found.len(), SHOWN);
        assert!(search.count > 100);
        assert_eq!(
            Search::of("3090".to_owned()).count_text(),
            format!("2 of {}", Table::embedded().records().len())
        );
        assert!(Search::of(String::new()).found.is_empty());
        let card = Search::of("3090".to_owned()).found[0];
        assert_eq!(facts(card), "24 GiB, 936 GB/s");
    }

    #[test]
    fn memory_is_what_processors_take() {
        for (kind, speed) in [("DDR4", 3200), ("DDR5", 5600), ("DDR5", 6400), ("LPDDR5X", 8000)] {
            assert!(MEMORY.contains(&(kind.to_owned(), speed)), "{kind}-{speed}: {MEMORY:?}");
        }
        assert!([1, 2, 4, 8, 12].iter().all(|count| CHANNELS.contains(count)), "{CHANNELS:?}");
        assert!(MEMORY.iter().all(|(kind, _)| !kind.contains(' ')), "{MEMORY:?}");
        assert_eq!(slots().len(), 12);
    }
}
