//! Cores by kind, caches, sockets and NUMA nodes in what Windows' `GetLogicalProcessorInformationEx` gives: a row
//! of records, each with its kind and its size before it (`winnt.h`, 64-bit layout).
#![cfg_attr(not(any(windows, test)), expect(dead_code, reason = "the form that Windows gives"))]

use std::collections::BTreeMap;

use super::findings::{Cache, CoreGroup, CoreKind};
use crate::units::Bytes;

const CORE: u32 = 0;
const NUMA_NODE: u32 = 1;
const CACHE: u32 = 2;
const PACKAGE: u32 = 3;
/// A cache for instructions alone.
const INSTRUCTIONS: u32 = 1;

/// What the records say.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Topology {
    pub groups: Vec<CoreGroup>,
    pub caches: Vec<Cache>,
    pub sockets: Option<u32>,
    pub numa_nodes: Option<u32>,
}

/// Reads the records; what is cut off ends them.
pub(super) fn parse(records: &[u8]) -> Topology {
    let mut cores: BTreeMap<u8, (u32, u32)> = BTreeMap::new();
    let mut caches: BTreeMap<u8, (u64, u32)> = BTreeMap::new();
    let (mut sockets, mut nodes) = (0, 0);
    let mut rest = records;
    while let (Some(kind), Some(size)) = (double(rest, 0), double(rest, 4)) {
        let Some((record, after)) = rest.split_at_checked(size as usize).filter(|_| size >= 8) else { break };
        match kind {
            CORE => {
                if let (Some(class), Some(threads)) = (record.get(9), threads(record)) {
                    let of_class = cores.entry(*class).or_default();
                    of_class.0 += 1;
                    of_class.1 += threads;
                }
            }
            CACHE => {
                let level = record.get(8).copied().filter(|level| matches!(level, 2 | 3));
                let is_data = double(record, 16).is_some_and(|kind| kind != INSTRUCTIONS);
                if let (Some(level), Some(size), true) = (level, double(record, 12), is_data) {
                    let of_level = caches.entry(level).or_default();
                    of_level.0 = of_level.0.saturating_add(u64::from(size));
                    of_level.1 += 1;
                }
            }
            NUMA_NODE => nodes += 1,
            PACKAGE => sockets += 1,
            _ => {}
        }
        rest = after;
    }
    let caches =
        caches.into_iter().map(|(level, (total, count))| Cache { level, total: Bytes(total), count });
    Topology {
        groups: groups(&cores),
        caches: caches.collect(),
        sockets: Some(sockets).filter(|sockets| *sockets > 0),
        numa_nodes: Some(nodes).filter(|nodes| *nodes > 0),
    }
}

/// Cores by kind: the highest class of efficiency is the fast ones'. One class alone is none.
fn groups(cores: &BTreeMap<u8, (u32, u32)>) -> Vec<CoreGroup> {
    let Some((fastest, _)) = cores.last_key_value().filter(|_| cores.len() > 1) else { return Vec::new() };
    let group = |kind, is_of: &dyn Fn(u8) -> bool| {
        let of_kind = cores.iter().filter(|(class, _)| is_of(**class));
        let (cores, threads) =
            of_kind.fold((0, 0), |sum, (_, (cores, threads))| (sum.0 + cores, sum.1 + threads));
        CoreGroup { kind, cores, threads }
    };
    vec![
        group(CoreKind::Performance, &|class| class == *fastest),
        group(CoreKind::Efficiency, &|class| class != *fastest),
    ]
}

/// The hardware threads of a core: bits of its masks, of which there is one for each group of processors.
fn threads(record: &[u8]) -> Option<u32> {
    let groups = u16::from_le_bytes(record.get(30..32)?.try_into().ok()?);
    let masks = (0..usize::from(groups)).map_while(|group| record.get(32 + group * 16..40 + group * 16));
    Some(masks.flatten().map(|byte| byte.count_ones()).sum())
}

fn double(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u32, body: &[u8]) -> Vec<u8> {
        let mut record = kind.to_le_bytes().to_vec();
        record.extend((body.len() as u32 + 8).to_le_bytes());
        record.extend(body);
        record
    }

    fn core(class: u8, mask: u64) -> Vec<u8> {
        let mut body = vec![0_u8; 24];
        (body[1], body[22]) = (class, 1);
        body.extend(mask.to_le_bytes());
        body.extend([0; 8]);
        record(CORE, &body)
    }

    fn cache(level: u8, size: u32, kind: u32) -> Vec<u8> {
        let mut body = vec![level, 8, 64, 0];
        body.extend(size.to_le_bytes());
        body.extend(kind.to_le_bytes());
        body.extend([0; 20]);
        record(CACHE, &body)
    }

    #[test]
    fn cores_of_two_classes_and_their_caches() {
        let records = [
            core(1, 0b11),
            core(1, 0b1100),
            core(0, 1 << 4),
            core(0, 1 << 5),
            core(0, 1 << 6),
            cache(1, 48 << 10, 2),
            cache(2, 2 << 20, 0),
            cache(2, 2 << 20, 0),
            cache(3, 36 << 20, 0),
            record(NUMA_NODE, &[0; 40]),
            record(PACKAGE, &[0; 40]),
            record(9, &[]),
        ];
        let found = parse(&records.concat());
        assert_eq!(
            found.groups,
            [
                CoreGroup { kind: CoreKind::Performance, cores: 2, threads: 4 },
                CoreGroup { kind: CoreKind::Efficiency, cores: 3, threads: 3 },
            ]
        );
        let mib = |mib: u64| Bytes(mib << 20);
        assert_eq!(
            found.caches,
            [Cache { level: 2, total: mib(4), count: 2 }, Cache { level: 3, total: mib(36), count: 1 }]
        );
        assert_eq!((found.sockets, found.numa_nodes), (Some(1), Some(1)));
    }

    #[test]
    fn one_class_is_no_kinds_and_cut_records_end_the_row() {
        let one = core(0, 3);
        assert_eq!(parse(&one).groups, []);
        for length in 0..one.len() {
            assert_eq!(parse(&one[..length]), Topology::default(), "{length}");
        }
        assert_eq!(parse(&[0; 64]), Topology::default(), "a record of no size");
    }
}
