//! The machine that a measurement was taken on, by the names of its devices.

use serde::{Deserialize, Serialize};

use crate::estimate::rig::Rig;
use crate::language::tr;
use crate::machine::Machine;
use crate::machine::table::{Hints, Table};

/// Names of devices. What a source does not say is the machine's that it was read on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// GPUs that took part.
    pub gpus: Vec<String>,
    /// Processor.
    pub cpu: Option<String>,
}

impl Place {
    /// All of `machine`.
    pub fn of(machine: &Machine) -> Self {
        Self {
            gpus: machine.gpus.iter().map(|gpu| gpu.name.value.clone()).collect(),
            cpu: machine.cpu.as_ref().map(|cpu| cpu.name.value.clone()),
        }
    }

    /// Fills in what is not said; `with_gpus`: GPUs took part.
    pub fn complete(&mut self, machine: &Machine, with_gpus: bool) {
        let here = Self::of(machine);
        if self.gpus.is_empty() && with_gpus {
            self.gpus = here.gpus;
        }
        if self.cpu.is_none() {
            self.cpu = here.cpu;
        }
    }

    /// Whether this is `machine`: each GPU that took part is one of its own, or `on_processor` its processor.
    pub fn is(&self, machine: &Machine, on_processor: bool) -> bool {
        if on_processor || self.gpus.is_empty() {
            let here = machine.cpu.as_ref().map(|cpu| &cpu.name.value);
            return match (&self.cpu, here) {
                (Some(there), Some(here)) => plain(there) == plain(here),
                _ => false,
            };
        }
        // A machine of two equal cards has two: each of its own stands for one of those that took part.
        let mut own: Vec<&str> = machine.gpus.iter().map(|gpu| gpu.name.value.as_str()).collect();
        self.gpus.iter().all(|name| {
            let found = own.iter().position(|known| same_gpu(known, name));
            found.map(|at| own.swap_remove(at)).is_some()
        })
    }

    /// The GPUs of `rig` that took part, as places there; `None`: one is not among them.
    pub fn devices_of(&self, rig: &Rig) -> Option<Vec<usize>> {
        let mut left: Vec<usize> = (0..rig.devices.len()).collect();
        let mut places = Vec::with_capacity(self.gpus.len());
        for name in &self.gpus {
            let found = left.iter().position(|&place| same_gpu(&rig.devices[place].name, name))?;
            places.push(left.remove(found));
        }
        places.sort_unstable();
        Some(places)
    }

    /// In words: "2 × NVIDIA GeForce RTX 3090", or the processor.
    pub fn text(&self) -> String {
        let mut counts: Vec<(&str, usize)> = Vec::new();
        for name in &self.gpus {
            match counts.iter_mut().find(|(known, _)| known == name) {
                Some((_, count)) => *count += 1,
                None => counts.push((name, 1)),
            }
        }
        if counts.is_empty() {
            return self.cpu.clone().unwrap_or_else(|| tr!("machine not named").to_owned());
        }
        let words = counts.iter().map(|(name, count)| match count {
            1 => (*name).to_owned(),
            _ => format!("{count} × {name}"),
        });
        words.collect::<Vec<_>>().join(", ")
    }
}

/// Two names for one kind of GPU: drivers and programs write them differently, the hardware table knows most.
fn same_gpu(one: &str, other: &str) -> bool {
    if plain(one) == plain(other) {
        return true;
    }
    let record = |name: &str| {
        let found = Table::embedded().candidates(without_driver(name), &Hints::default());
        if let [only] = found[..] { Some(&only.id) } else { None }
    };
    record(one).is_some_and(|id| record(other) == Some(id))
}

/// Without what Vulkan's drivers append: "AMD Radeon RX 7900 XTX (RADV NAVI31)".
fn without_driver(name: &str) -> &str {
    name.find(" (").map_or(name, |end| &name[..end]).trim()
}

/// Letters and digits, without the words that only some sources write.
fn plain(name: &str) -> String {
    let cut = without_driver(name).to_ascii_lowercase().replace("(r)", "").replace("(tm)", "");
    let words = cut.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .filter(|word| !matches!(*word, "nvidia" | "amd" | "intel" | "geforce" | "graphics" | "processor"))
        .filter(|word| *word != "core" && *word != "r" && *word != "tm")
        // "16-Core".
        .filter(|word| !word.ends_with("core"))
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_gpu() {
        for (one, other) in [
            ("NVIDIA GeForce RTX 4080", "RTX 4080"),
            ("AMD Radeon RX 7900 XTX", "AMD Radeon RX 7900 XTX (RADV NAVI31)"),
            ("Radeon RX 7900 XTX", "AMD Radeon RX 7900 XTX"),
            ("Intel(R) Arc(TM) A770 Graphics", "Intel Arc A770"),
            ("Apple M3 Max", "Apple M3 Max"),
        ] {
            assert!(same_gpu(one, other), "{one} / {other}");
        }
        for (one, other) in [
            ("NVIDIA GeForce RTX 4080", "NVIDIA GeForce RTX 4080 SUPER"),
            ("NVIDIA GeForce RTX 4090", "NVIDIA GeForce RTX 4090 Laptop GPU"),
            ("Apple M3 Max", "Apple M3 Pro"),
        ] {
            assert!(!same_gpu(one, other), "{one} / {other}");
        }
    }

    #[test]
    fn equal_cards_are_counted() {
        let place = |gpus: &[&str]| Place { gpus: gpus.iter().map(|&g| g.to_owned()).collect(), cpu: None };
        assert_eq!(place(&["RTX 3090", "RTX 3090", "RTX 3060"]).text(), "2 × RTX 3090, RTX 3060");
        assert_eq!(place(&[]).text(), "machine not named");
    }
}
