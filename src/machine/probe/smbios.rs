//! Memory modules in the firmware's tables (SMBIOS, DMTF DSP0134), as raw bytes.
//!
//! Windows gives them to everybody, Linux to root only. Serial numbers stand in them too and are not read.

use super::findings::Module;
use crate::units::Bytes;

/// Structure type of a memory device (DSP0134, 7.18).
const MEMORY_DEVICE: u8 = 17;
/// Structure type of the end.
const END: u8 = 127;
/// No computer has more structures.
const MOST_STRUCTURES: usize = 4096;

/// The table in what Windows' `GetSystemFirmwareTable('RSMB')` gives: eight bytes with version and length stand
/// before it.
#[cfg_attr(not(any(windows, test)), expect(dead_code, reason = "the form that Windows gives"))]
pub(super) fn table_of_windows(raw: &[u8]) -> Option<&[u8]> {
    let (head, table) = raw.split_at_checked(8)?;
    let length = u32::from_le_bytes(head.get(4..8)?.try_into().ok()?) as usize;
    Some(table.get(..length).unwrap_or(table))
}

/// The modules that are fitted. What is cut off or makes no sense ends the list.
pub(super) fn modules(table: &[u8]) -> Vec<Module> {
    let mut modules = Vec::new();
    let mut rest = table;
    for _ in 0..MOST_STRUCTURES {
        let Some(structure) = Structure::first(rest) else { break };
        if structure.kind() == END {
            break;
        }
        if structure.kind() == MEMORY_DEVICE {
            modules.extend(structure.module());
        }
        rest = structure.after;
    }
    modules
}

/// One structure: fields at fixed places, then texts that they number from 1.
struct Structure<'a> {
    fields: &'a [u8],
    texts: &'a [u8],
    after: &'a [u8],
}

impl<'a> Structure<'a> {
    fn first(table: &'a [u8]) -> Option<Self> {
        let length = usize::from(*table.get(1)?);
        let (fields, rest) = table.split_at_checked(length).filter(|_| length >= 4)?;
        // The texts end with two zeros.
        let end = rest.windows(2).position(|pair| pair == [0, 0])?;
        Some(Self { fields, texts: &rest[..end], after: &rest[end + 2..] })
    }

    fn kind(&self) -> u8 {
        self.fields[0]
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.fields.get(at).copied()
    }

    fn word(&self, at: usize) -> Option<u16> {
        Some(u16::from_le_bytes(self.fields.get(at..at + 2)?.try_into().ok()?))
    }

    fn double(&self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(self.fields.get(at..at + 4)?.try_into().ok()?))
    }

    /// The text that the byte at `at` numbers; empty if there is none.
    fn text(&self, at: usize) -> String {
        let number = self.byte(at).map_or(0, usize::from);
        let text = number.checked_sub(1).and_then(|index| self.texts.split(|byte| *byte == 0).nth(index));
        String::from_utf8_lossy(text.unwrap_or_default()).trim().to_owned()
    }

    /// A memory device with a module in it.
    fn module(&self) -> Option<Module> {
        const MIB: u64 = 1 << 20;
        let size = match self.word(0x0c)? {
            0 | 0xffff => return None,
            0x7fff => u64::from(self.double(0x1c)? & 0x7fff_ffff) * MIB,
            kib if kib & 0x8000 != 0 => u64::from(kib & 0x7fff) << 10,
            mib => u64::from(mib) * MIB,
        };
        Some(Module {
            size: Bytes(size),
            kind: kind(self.byte(0x12)?).to_owned(),
            speed_mts: self.speed(0x20, 0x58),
            rated_mts: self.speed(0x15, 0x54),
            width_bits: self.word(0x0a).filter(|bits| (8..=256).contains(bits)).map(u32::from),
            slot: self.text(0x10),
            bank: self.text(0x11),
        })
    }

    /// A speed in MT/s; one that needs more than 16 bits stands elsewhere.
    fn speed(&self, at: usize, extended: usize) -> Option<u32> {
        match self.word(at)? {
            0 => None,
            0xffff => self.double(extended).filter(|speed| *speed > 0),
            speed => Some(u32::from(speed)),
        }
    }
}

/// Name of a kind of memory (DSP0134, 7.18.2).
fn kind(number: u8) -> &'static str {
    match number {
        0x12 => "DDR",
        0x13 => "DDR2",
        0x18 => "DDR3",
        0x1a => "DDR4",
        0x1b => "LPDDR",
        0x1c => "LPDDR2",
        0x1d => "LPDDR3",
        0x1e => "LPDDR4",
        0x20 => "HBM",
        0x21 => "HBM2",
        0x22 => "DDR5",
        0x23 => "LPDDR5",
        0x24 => "HBM3",
        _ => "RAM",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A memory device of version 3.3, with the places that are read filled.
    fn device(size: u16, kind: u8, rated: u16, configured: u16, texts: &[&str]) -> Vec<u8> {
        let mut fields = vec![0_u8; 0x5c];
        (fields[0], fields[1]) = (MEMORY_DEVICE, 0x5c);
        let mut put = |at: usize, value: u16| fields[at..at + 2].copy_from_slice(&value.to_le_bytes());
        put(0x08, 72);
        put(0x0a, 64);
        put(0x0c, size);
        put(0x15, rated);
        put(0x20, configured);
        (fields[0x10], fields[0x11], fields[0x12], fields[0x18]) = (1, 2, kind, 3);
        for text in texts {
            fields.extend(text.as_bytes());
            fields.push(0);
        }
        fields.extend(if texts.is_empty() { &[0, 0][..] } else { &[0] });
        fields
    }

    fn end() -> Vec<u8> {
        vec![END, 4, 0, 0, 0, 0]
    }

    #[test]
    fn fitted_modules_with_the_speed_that_they_run_at() {
        let mut table = vec![0, 5, 1, 0, 1, b'B', b'I', b'O', b'S', 0, 0];
        table.extend(device(16384, 0x22, 6000, 4800, &["DIMM_A2", "P0 CHANNEL A", "SERIAL-1234"]));
        table.extend(device(0, 2, 0, 0, &["DIMM_B1", "P0 CHANNEL B"]));
        table.extend(end());
        table.extend(device(16384, 0x22, 6000, 4800, &["after the end"]));
        let expected = Module {
            size: Bytes(16 << 30),
            kind: "DDR5".to_owned(),
            speed_mts: Some(4800),
            rated_mts: Some(6000),
            width_bits: Some(64),
            slot: "DIMM_A2".to_owned(),
            bank: "P0 CHANNEL A".to_owned(),
        };
        assert_eq!(modules(&table), [expected]);
    }

    #[test]
    fn large_and_small_sizes_and_fast_memory() {
        let mut large = device(0x7fff, 0x22, 0xffff, 0xffff, &[]);
        large[0x1c..0x20].copy_from_slice(&(128_u32 << 10).to_le_bytes());
        large[0x58..0x5c].copy_from_slice(&70_000_u32.to_le_bytes());
        let [module] = modules(&large).try_into().unwrap();
        assert_eq!((module.size, module.speed_mts), (Bytes(128 << 30), Some(70_000)));
        assert_eq!((module.rated_mts, module.slot.as_str()), (None, ""));
        let small = device(0x8000 | 512, 0x12, 400, 0, &["A"]);
        assert_eq!(modules(&small)[0].size, Bytes(512 << 10));
    }

    #[test]
    fn what_is_cut_off_ends_the_list() {
        let whole = device(16384, 0x1a, 3200, 3200, &["DIMM 0", "BANK 0"]);
        for length in 0..whole.len() {
            assert_eq!(modules(&whole[..length]).len(), 0, "{length}");
        }
        assert_eq!(modules(&[MEMORY_DEVICE, 0, 0, 0, 0, 0]).len(), 0, "a length of none");
        // An old table without the speed that it runs at.
        let mut old = whole.clone();
        old[1] = 0x1b;
        old.drain(0x1b..0x5c);
        assert_eq!((modules(&old)[0].speed_mts, modules(&old)[0].rated_mts), (None, Some(3200)));
    }

    #[test]
    fn windows_puts_a_head_before_the_table() {
        let table = device(8192, 0x1a, 3200, 2933, &["DIMM 0", "BANK 0"]);
        let mut raw = vec![0, 3, 3, 0];
        raw.extend((table.len() as u32).to_le_bytes());
        raw.extend(&table);
        raw.extend([1, 2, 3]);
        assert_eq!(table_of_windows(&raw), Some(table.as_slice()));
        assert_eq!(table_of_windows(&raw[..7]), None);
    }
}
