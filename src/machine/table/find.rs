//! Finding a device by name or PCI id, and telling namesakes apart.

use std::cmp::Ordering;

use super::name::Spelling;
use super::{Kind, PciId, Record, Table};
use crate::language::tr;
use crate::letters::Letters;

/// Two memory sizes closer than this are the same: drivers keep up to a tenth for themselves and for ECC.
const SAME_MEMORY: f64 = 0.10;
/// Two memory clocks closer than this are the same.
const SAME_CLOCK: f64 = 0.03;
/// Names suggested for an unknown one, at most.
const SUGGESTIONS: usize = 5;
/// A name longer than this is not compared with others, bytes.
const LONGEST_NAME: usize = 100;
/// A name this unlike what was asked is no suggestion.
const LEAST_LIKENESS: f64 = 0.35;
/// Likenesses closer than this may be the same, differently rounded.
const ROUNDING: f64 = 1e-9;

/// What else is known of a device, to tell namesakes apart. A hint that fits none of them is ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hints {
    /// Its own memory, GiB.
    pub vram_gib: Option<f64>,
    /// The computer's memory, GiB; used for devices that share it.
    pub ram_gib: Option<f64>,
    /// Width of the memory bus, bits.
    pub bus_width_bits: Option<u32>,
    /// Shader cores.
    pub cores: Option<u32>,
    /// Streaming multiprocessors, compute units, or Apple GPU cores.
    pub compute_units: Option<u32>,
    /// Effective data rate of a memory pin, Gbit/s.
    pub memory_clock_eff_gbps: Option<f64>,
}

/// A device found by name.
#[derive(Clone, Debug)]
pub struct Match<'a> {
    /// The record.
    pub record: &'a Record,
    /// What was assumed where the name did not settle it.
    pub warnings: Vec<String>,
}

/// A name that the table does not know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", message(.name, .suggestions))]
pub struct UnknownGpu {
    /// The name asked for, or its beginning.
    pub name: String,
    /// Names of the table that are nearest to it, best first, five at most.
    pub suggestions: Vec<String>,
}

fn message(name: &str, suggestions: &[String]) -> String {
    match suggestions {
        [] => tr!("no GPU named {name} is known; give its memory and bandwidth", name = format!("{name:?}")),
        [nearest, ..] => tr!(
            "no GPU named {name} is known; did you mean {nearest}?",
            name = format!("{name:?}"),
            nearest = format!("{nearest:?}")
        ),
    }
}

impl Table {
    /// The device with this name, whole and exact but for case, spaces, trade marks and a leading maker;
    /// a size at the end ("RTX 3060 12GB") counts as memory. Of namesakes the one whose memory is nearest
    /// to `vram_gib` within 10 %; then not a laptop's before a laptop's, then higher bandwidth, then more
    /// cores, with a warning.
    ///
    /// # Errors
    /// The name is not in the table; the error suggests the nearest ones.
    pub fn find(&self, name: &str, vram_gib: Option<f64>) -> Result<Match<'_>, UnknownGpu> {
        self.find_with(name, &Hints { vram_gib, ..Hints::default() })
    }

    /// As [`Self::find`], with all that is known of the device.
    ///
    /// # Errors
    /// As [`Self::find`].
    pub fn find_with(&self, name: &str, hints: &Hints) -> Result<Match<'_>, UnknownGpu> {
        if let Some(record) = self.by_id(name.trim()) {
            return Ok(Match { record, warnings: Vec::new() });
        }
        let remaining = self.candidates(name, hints);
        let Some((&record, others)) = remaining.split_first() else {
            let suggestions = self.suggestions(name);
            return Err(UnknownGpu { name: name.chars().take(LONGEST_NAME).collect(), suggestions });
        };
        let mut warnings = Vec::new();
        if !others.is_empty() {
            let others = others.iter().map(|other| described(other)).collect::<Vec<_>>().join("; ");
            warnings.push(format!(
                "{:?} names several devices: {} is assumed, it could be {others}",
                name.trim(),
                described(record),
            ));
        }
        if let Some(gib) = hints.vram_gib
            && !record.vram_gib.is_empty()
            && distance(record, gib).is_none()
        {
            warnings.push(format!("{} is not sold with {gib} GiB; {gib} GiB is used", record.name));
        }
        Ok(Match { record, warnings })
    }

    /// All devices that the name may stand for, narrowed by what else is known; the one that
    /// [`Self::find_with`] assumes first.
    pub fn candidates(&self, name: &str, hints: &Hints) -> Vec<&Record> {
        let mut candidates = narrow(&self.namesakes(name), hints);
        candidates.sort_by(|a, b| preference(a, b));
        candidates
    }

    /// The devices with this PCI id, narrowed by what else is known; empty if the id is unknown. An id of
    /// the table with the same revision goes before one for any revision.
    pub fn by_pci(&self, id: PciId, hints: &Hints) -> Vec<&Record> {
        let having = |covers: &dyn Fn(PciId) -> bool| -> Vec<&Record> {
            self.records.iter().filter(|record| record.pci_ids.iter().any(|&known| covers(known))).collect()
        };
        let mut found = having(&|known| known.revision.is_some() && known.covers(id));
        if found.is_empty() {
            found = having(&|known| known.covers(id));
        }
        if found.is_empty() {
            found = having(&|known| known.vendor == id.vendor && known.device == id.device);
        }
        let mut found = narrow(&found, hints);
        found.sort_by(|a, b| preference(a, b));
        found
    }

    /// All records that the name stands for.
    fn namesakes(&self, name: &str) -> Vec<&Record> {
        let asked = Spelling::of(name);
        let named = |key: &str| -> Vec<&Record> {
            let indices = self.by_name.get(key).map_or(&[][..], Vec::as_slice);
            let records = indices.iter().filter_map(|&index| self.records.get(index));
            records.filter(|record| asked.vendor.is_none_or(|vendor| vendor == record.vendor)).collect()
        };
        let exact = named(&asked.key());
        if !exact.is_empty() {
            return exact;
        }
        let Some((key, gib)) = asked.without_memory() else { return Vec::new() };
        let mut sized = named(&key);
        sized.retain(|record| distance(record, gib).is_some());
        sized
    }

    /// Names nearest to an unknown one, best first: those that share words with it, then the likest spelling.
    fn suggestions(&self, name: &str) -> Vec<String> {
        let asked = Spelling::of(name);
        let key = asked.key();
        // Nobody's GPU has a name that long, and the comparison takes the product of the lengths.
        if key.is_empty() || key.len() > LONGEST_NAME {
            return Vec::new();
        }
        let letters = Letters::of(&key);
        // What each name can score at best; the spelling itself is compared last.
        let mut promising: Vec<(f64, f64, usize)> = Vec::new();
        for (index, own) in self.own_names.iter().enumerate() {
            let shared = own.spelling.words.iter().filter(|word| asked.words.contains(word)).count();
            // Without a common word only a slip of the keyboard is worth the comparison.
            if shared == 0 && own.key.len().abs_diff(key.len()) > 2 {
                continue;
            }
            let overlap = 2.0 * shared as f64 / (asked.words.len() + own.spelling.words.len()) as f64;
            let longest = letters.length().max(own.letters.length()) as f64;
            let best = overlap + 1.0 - letters.least_edits(&own.letters) as f64 / longest;
            if best / 2.0 >= LEAST_LIKENESS - ROUNDING {
                promising.push((best, overlap, index));
            }
        }
        promising.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut scored: Vec<(f64, &str)> = Vec::new();
        for (best, overlap, index) in promising {
            if scored.get(SUGGESTIONS - 1).is_some_and(|(least, _)| best < least - ROUNDING) {
                break;
            }
            let likeness = overlap + strsim::normalized_damerau_levenshtein(&key, &self.own_names[index].key);
            let name = self.records[index].name.as_str();
            if likeness / 2.0 < LEAST_LIKENESS || scored.iter().any(|(_, known)| *known == name) {
                continue;
            }
            scored.push((likeness, name));
            scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
            scored.truncate(SUGGESTIONS);
        }
        scored.into_iter().map(|(_, name)| name.to_owned()).collect()
    }
}

/// The records that agree with the hints; a hint that would leave none is skipped.
fn narrow<'a>(records: &[&'a Record], hints: &Hints) -> Vec<&'a Record> {
    let mut remaining = records.to_vec();
    let mut keep = |test: &dyn Fn(&Record) -> bool| {
        if remaining.len() > 1 && remaining.iter().any(|record| test(record)) {
            remaining.retain(|record| test(record));
        }
    };
    let memory = |record: &Record| {
        let known =
            if record.vram_gib.is_empty() { hints.vram_gib.or(hints.ram_gib) } else { hints.vram_gib };
        known.and_then(|gib| distance(record, gib))
    };
    if let Some(nearest) = records.iter().filter_map(|record| memory(record)).reduce(f64::min) {
        keep(&|record| memory(record).is_some_and(|d| d <= nearest));
    }
    if let Some(bits) = hints.bus_width_bits {
        keep(&|record| record.bus_width_bits == Some(bits));
    }
    if let Some(cores) = hints.cores {
        keep(&|record| record.cores == Some(cores));
    }
    if let Some(units) = hints.compute_units {
        keep(&|record| record.sm_or_cu == Some(units));
    }
    if let Some(clock) = hints.memory_clock_eff_gbps {
        keep(&|record| {
            record.memory_clock_eff_gbps.is_some_and(|own| (own / clock - 1.0).abs() < SAME_CLOCK)
        });
    }
    remaining
}

/// How far the record's nearest memory size is from `gib`, as a share of it; `None` beyond 10 %.
fn distance(record: &Record, gib: f64) -> Option<f64> {
    let distances = record.memory_sizes().iter().map(|size| (gib / size - 1.0).abs());
    distances.filter(|d| *d <= SAME_MEMORY).reduce(f64::min)
}

/// Which of two namesakes is assumed: not a laptop's, then higher bandwidth, then more cores.
fn preference(a: &Record, b: &Record) -> Ordering {
    let bandwidth = |record: &Record| record.bandwidth(None).map_or(0.0, |known| known.value);
    let laptop = |record: &Record| record.kind == Kind::Laptop;
    (laptop(a).cmp(&laptop(b)))
        .then_with(|| bandwidth(b).total_cmp(&bandwidth(a)))
        .then_with(|| b.cores.cmp(&a.cores))
        .then_with(|| a.id.cmp(&b.id))
}

/// A record in a few words: "NVIDIA GeForce RTX 4070 (12 GiB, 504 GB/s)".
fn described(record: &Record) -> String {
    let memory = record.own_memory().map(|size| format!("{} GiB", size.gib()));
    let bandwidth = record.memory_bandwidth_gbs.map(|gbs| format!("{gbs} GB/s"));
    let facts = memory.into_iter().chain(bandwidth).collect::<Vec<_>>().join(", ");
    if facts.is_empty() { record.name.clone() } else { format!("{} ({facts})", record.name) }
}

#[cfg(test)]
mod tests;
