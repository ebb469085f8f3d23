//! A measured read bandwidth: what it is, whose it is, and what speaks against it.

use serde::{Deserialize, Serialize};

use super::super::Known;
use crate::language::{fixed, tr};
use crate::units::Bytes;

/// Best over median above which something else used the memory meanwhile.
const DISTURBED: f64 = 1.25;

/// Load for each core above which others keep the processor busy.
const BUSY: f64 = 0.35;

/// A measured read bandwidth and its conditions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadBandwidth {
    /// Median of the repetitions, GB/s (10^9).
    pub gbs: f64,
    /// Best of them, GB/s.
    pub best_gbs: f64,
    /// When, as RFC 3339.
    pub date: String,
    /// Threads that read, one a physical core.
    pub threads: u32,
    /// Whether each stayed on its core.
    pub pinned: bool,
    /// All buffers together.
    pub buffer: Bytes,
    /// Repetitions that count.
    pub repetitions: u32,
    /// Whether the computer ran on its battery; `None`: not known.
    #[serde(default)]
    pub on_battery: Option<bool>,
    /// Processes that wanted to run before it began, on average over a minute; `None`: not known.
    #[serde(default)]
    pub load: Option<f64>,
    /// The processor's name: another one has another bandwidth.
    pub cpu: Option<String>,
    /// All memory that the system saw.
    pub memory_total: Bytes,
}

/// Whether a bandwidth was computed from the modules that are fitted, which counts more than a measurement.
pub fn is_of_modules(known: &Known<f64>) -> bool {
    known.source.starts_with(super::super::probe::FROM_MODULES)
}

impl ReadBandwidth {
    /// The day it was measured.
    pub fn day(&self) -> &str {
        self.date.get(..10).unwrap_or(&self.date)
    }

    /// The value with its source.
    pub fn known(&self) -> Known<f64> {
        let source = format!("measured here on {}, {}", self.day(), self.conditions());
        Known::new(self.gbs, source)
    }

    /// How it was measured, in a few words.
    pub fn conditions(&self) -> String {
        let cores = if self.threads == 1 { "1 core".to_owned() } else { format!("{} cores", self.threads) };
        let battery = if self.on_battery == Some(true) { ", on battery" } else { "" };
        format!("read by {cores}{battery}")
    }

    /// Whether it was measured on a computer with this processor and memory: a home folder may be on several.
    pub fn is_of(&self, cpu: Option<&str>, memory_total: Bytes) -> bool {
        let ratio = self.memory_total.0 as f64 / memory_total.0.max(1) as f64;
        // Firmware and kernels keep a little more or less with each version.
        self.cpu.as_deref() == cpu && (0.95..=1.05).contains(&ratio)
    }

    /// Whether the numbers can be ones that were measured.
    pub fn is_sound(&self) -> bool {
        /// Faster than any main memory, GB/s.
        const FASTEST: f64 = 20_000.0;
        self.gbs > 0.1 && self.gbs <= self.best_gbs && self.best_gbs < FASTEST
    }

    /// What speaks against it; `theoretical`: what the machine should have, if that is known.
    pub fn doubts(&self, theoretical: Option<&Known<f64>>) -> Vec<String> {
        let mut doubts = Vec::new();
        if self.best_gbs > DISTURBED * self.gbs {
            doubts.push(tr!(
                "the best repetition reached {best} GB/s: other programs used the memory meanwhile; measure \
                again when the computer is idle",
                best = fixed(self.best_gbs, 1)
            ));
        }
        if let Some(known) = theoretical {
            let share = self.gbs / known.value;
            if share > 1.02 {
                doubts.push(tr!(
                    "more than the {known} GB/s that were known of it ({source}): its memory is faster than that",
                    known = fixed(known.value, 1),
                    source = known.source
                ));
            } else if share < 0.55 {
                doubts.push(tr!(
                    "{share} % of the {known} GB/s that it should have ({source}): a memory channel may be \
                    empty, or the computer was busy or saving power",
                    share = format!("{:.0}", share * 100.0),
                    known = fixed(known.value, 1),
                    source = known.source
                ));
            }
        }
        if let Some(load) = self.load.filter(|load| *load > BUSY * f64::from(self.threads)) {
            doubts.push(tr!(
                "other programs kept the processor busy (load {load} before it began): measure again when the \
                computer is idle",
                load = fixed(load, 1)
            ));
        }
        if cfg!(debug_assertions) {
            doubts.push(tr!("this program was built without optimization, so it reads slowly").to_owned());
        }
        if self.on_battery == Some(true) {
            doubts.push(tr!("it ran on its battery, which makes memory slower").to_owned());
        }
        doubts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{GIB, MIB};

    fn measured(gbs: f64, best_gbs: f64) -> ReadBandwidth {
        ReadBandwidth {
            gbs,
            best_gbs,
            date: "2026-11-26T07:43:16Z".to_owned(),
            threads: 8,
            pinned: true,
            buffer: Bytes(512 * MIB),
            repetitions: 15,
            on_battery: Some(false),
            load: Some(0.2),
            cpu: Some("AMD Ryzen 7 7700X 8-Core Processor".to_owned()),
            memory_total: Bytes(64 * GIB),
        }
    }

    #[test]
    fn it_belongs_to_one_computer() {
        let here = measured(60.0, 63.0);
        assert!(here.is_of(Some("AMD Ryzen 7 7700X 8-Core Processor"), Bytes(64 * GIB - 700 * MIB)));
        assert!(!here.is_of(Some("AMD Ryzen 9 7950X 16-Core Processor"), Bytes(64 * GIB)));
        assert!(!here.is_of(Some("AMD Ryzen 7 7700X 8-Core Processor"), Bytes(32 * GIB)));
        assert!(!here.is_of(None, Bytes(64 * GIB)));
        assert_eq!(here.known().source, "measured here on 2026-11-26, read by 8 cores");
    }

    #[test]
    fn doubts_are_told() {
        let table = Known::new(89.6, "table");
        let plain = measured(70.0, 74.0).doubts(Some(&table));
        assert_eq!(plain.len(), usize::from(cfg!(debug_assertions)), "{plain:?}");
        let busy = ReadBandwidth { load: Some(6.0), ..measured(70.0, 74.0) };
        assert!(busy.doubts(None)[0].contains("load 6.0"));
        assert!(measured(95.0, 96.0).doubts(Some(&table))[0].contains("faster"));
        assert!(measured(40.0, 42.0).doubts(Some(&table))[0].contains("45 %"));
        assert!(measured(24.0, 68.8).doubts(None)[0].contains("68.8"));
        let battery = ReadBandwidth { on_battery: Some(true), ..measured(70.0, 74.0) };
        assert!(battery.doubts(None).iter().any(|doubt| doubt.contains("battery")));
    }

    #[test]
    fn wild_numbers_are_not_sound() {
        for (gbs, best) in [(0.0, 1.0), (-5.0, 5.0), (f64::NAN, 5.0), (60.0, 50.0), (60.0, 1e9)] {
            assert!(!measured(gbs, best).is_sound(), "{gbs} {best}");
        }
    }
}
