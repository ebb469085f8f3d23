//! Machines that a person describes, names and keeps: to see what another computer, or one more card, would
//! carry.

mod edit;
pub mod file;
pub mod price;

use serde::{Deserialize, Serialize};

use crate::estimate::Rig;
use crate::estimate::ways::Cards;
use crate::language::tr;
use crate::machine::Machine;
use crate::machine::spec::{Described, GpuSpec, MachineSpec, SpecError};
use crate::machine::table::Table;

pub use edit::{RigEdit, RigSenseless};

/// Most that are kept.
const MOST: usize = 100;
/// Longest name, letters.
pub const NAME_MAX: usize = 80;

/// A machine with the name that a person gave it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedRig {
    /// Its name; no two that are kept have the same.
    pub name: String,
    /// What it consists of.
    pub machine: MachineSpec,
    /// What it would cost to have it, US dollars, as its owner says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_usd: Option<f64>,
}

/// Which machine is looked at, or compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RigChoice {
    /// This computer.
    #[default]
    This,
    /// The rig of this name.
    Kept(String),
    /// The recorded machine that was opened; it is not kept from one start to the next.
    Opened,
}

/// A machine that was described, and its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// The machine, each value with its source.
    pub machine: Machine,
    /// Its numbers.
    pub rig: Rig,
    /// What had to be assumed.
    pub warnings: Vec<String>,
}

/// The machine that is described, its numbers, and what had to be assumed.
///
/// # Errors
/// A GPU that is unknown, or cannot be there so.
pub fn resolve(spec: &MachineSpec) -> Result<Resolved, SpecError> {
    let Described { machine, warnings } = spec.resolve()?;
    let mut rig = Rig::from(&machine);
    if spec.threads.is_some() {
        rig.host.threads = spec.threads;
    }
    // What is free of a machine that is not there is the usual, unless it was given.
    let free_given = spec.gpus.iter().flat_map(|gpu| (0..gpu.count).map(|_| gpu.free_gib.is_some()));
    for (device, given) in rig.devices.iter_mut().zip(free_given) {
        device.free_is_known = given;
    }
    Ok(Resolved { machine, rig, warnings })
}

impl NamedRig {
    /// A machine that was read, to be changed: without what other programs hold of it now. Names of GPUs that
    /// cannot be described come back beside it.
    pub fn of(machine: &Machine, name: impl Into<String>) -> (Self, Vec<String>) {
        let (spec, left_out) = MachineSpec::of(machine);
        (Self { name: name.into(), machine: spec, price_usd: None }, left_out)
    }

    /// What it consists of, in a line: "2× RTX 3090, RTX 3060 12 GB, 64 GiB DDR4".
    pub fn parts_text(&self) -> String {
        let mut parts: Vec<String> = self
            .machine
            .gpus
            .iter()
            .map(|gpu| match gpu.count {
                1 => short_name(&gpu.name).to_owned(),
                count => format!("{count}× {}", short_name(&gpu.name)),
            })
            .collect();
        if parts.is_empty() {
            parts.push(tr!("no GPU").to_owned());
        }
        if let Some(gib) = self.machine.ram_gib {
            let kind = self.machine.ram_type.as_deref().unwrap_or("RAM");
            parts.push(format!("{gib:.0} GiB {kind}"));
        }
        parts.join(", ")
    }

    /// One line, trimmed and of a bearable length; "Rig" where nothing is left.
    pub(in crate::app) fn tidy(&mut self) {
        let line: String = self.name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        // Cut last, a space may stand at the end again.
        let name: String = line.chars().take(NAME_MAX).collect();
        self.name = if name.is_empty() { "Rig".to_owned() } else { name.trim_end().to_owned() };
    }
}

/// Cards that may be added, as a rig's description names them.
pub(in crate::app) fn spec_of(cards: &Cards) -> GpuSpec {
    let device = &cards.device;
    let mut gpu = GpuSpec::named(device.name.clone());
    if Table::embedded().find(&device.name, Some(device.capacity.gib())).is_err() {
        (gpu.vram_gib, gpu.bandwidth_gbs) = (Some(device.capacity.gib()), device.bandwidth_gbs);
    }
    GpuSpec { count: cards.count, ..gpu }
}

/// What a machine of this name is called with more cards: "+ 1× RTX 3090" and one more is "+ 2× RTX 3090".
pub fn name_with_more(name: &str, count: u32, card: &str) -> String {
    let alike = name.strip_prefix("+ ").and_then(|rest| rest.strip_suffix(card)?.strip_suffix("× "));
    match alike.and_then(|before| before.parse::<u32>().ok()) {
        Some(before) => format!("+ {}× {card}", before.saturating_add(count)),
        None if name.is_empty() => format!("+ {count}× {card}"),
        None => format!("{name} + {count}× {card}"),
    }
}

/// What a machine consists of, in a line: "RTX 3060, 63 GiB RAM".
pub fn parts_of(machine: &Machine) -> String {
    let mut counted: Vec<(&str, u32)> = Vec::new();
    for gpu in &machine.gpus {
        let name = short_name(&gpu.name.value);
        match counted.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => counted.push((name, 1)),
        }
    }
    let gpus = counted.into_iter().map(|(name, count)| match count {
        1 => name.to_owned(),
        count => format!("{count}× {name}"),
    });
    let mut parts: Vec<String> = gpus.collect();
    if parts.is_empty() {
        parts.push(tr!("no GPU").to_owned());
    }
    if let Some(ram) = &machine.ram {
        let all = ram.installed.as_ref().unwrap_or(&ram.total).value.gib();
        let kind = ram.modules.first().map_or("RAM", |module| module.kind.as_str());
        parts.push(format!("{all:.0} GiB {kind}"));
    }
    parts.join(", ")
}

/// A GPU's name without its maker, or that of its record where it is named by that.
pub fn short_name(name: &str) -> &str {
    let name = Table::embedded().by_id(name).map_or(name, |record| record.name.as_str());
    ["NVIDIA ", "AMD ", "Intel ", "GeForce "]
        .iter()
        .fold(name, |name, maker| name.strip_prefix(maker).unwrap_or(name))
}

/// The machines that are kept, and which of them is looked at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rigs {
    list: Vec<NamedRig>,
    /// `None`: this computer.
    chosen: Option<String>,
}

impl Rigs {
    /// All of them, in the order in which they were kept.
    pub fn list(&self) -> &[NamedRig] {
        &self.list
    }

    /// The one with this name.
    pub fn get(&self, name: &str) -> Option<&NamedRig> {
        self.list.iter().find(|rig| rig.name == name)
    }

    /// The one that is looked at; `None`: this computer.
    pub fn chosen(&self) -> Option<&NamedRig> {
        self.get(self.chosen.as_deref()?)
    }

    /// Looks at the one with this name, or at this computer; at this computer too where there is none so named.
    pub fn choose(&mut self, name: Option<&str>) {
        self.chosen = name.filter(|name| self.get(name).is_some()).map(str::to_owned);
    }

    /// Keeps a machine; one of the same name is replaced in its place. Answers with the name it has; with none
    /// where no more can be kept.
    pub fn keep(&mut self, mut rig: NamedRig) -> Option<String> {
        rig.tidy();
        let name = rig.name.clone();
        let is_full = self.list.len() >= MOST;
        match self.list.iter_mut().find(|known| known.name == name) {
            Some(known) => *known = rig,
            None if is_full => return None,
            None => self.list.push(rig),
        }
        Some(name)
    }

    /// Gives one another name, unless that is taken.
    pub fn rename(&mut self, from: &str, to: &str) -> bool {
        let Some(index) = self.list.iter().position(|rig| rig.name == from) else { return false };
        let mut renamed = NamedRig { name: to.to_owned(), machine: MachineSpec::default(), price_usd: None };
        renamed.tidy();
        if renamed.name != from && self.get(&renamed.name).is_some() {
            return false;
        }
        if self.chosen.as_deref() == Some(from) {
            self.chosen = Some(renamed.name.clone());
        }
        self.list[index].name = renamed.name;
        true
    }

    /// Keeps it no longer.
    pub fn remove(&mut self, name: &str) {
        self.list.retain(|rig| rig.name != name);
        if self.chosen.as_deref() == Some(name) {
            self.chosen = None;
        }
    }

    /// The name itself, or with a number where it is taken: for a copy, or a file that is imported.
    pub fn free_name(&self, wanted: &str) -> String {
        let mut rig = NamedRig { name: wanted.to_owned(), machine: MachineSpec::default(), price_usd: None };
        rig.tidy();
        if self.get(&rig.name).is_none() {
            return rig.name;
        }
        let short: String = rig.name.chars().take(NAME_MAX - 6).collect();
        let mut number = 2;
        loop {
            let name = format!("{short} ({number})");
            if self.get(&name).is_none() {
                return name;
            }
            number += 1;
        }
    }

    /// Drops what makes no sense, as a file may hold it.
    pub fn tidy(&mut self) {
        for rig in std::mem::take(&mut self.list) {
            if rig.check().is_ok() {
                self.keep(rig);
            }
        }
        let chosen = self.chosen.take();
        self.choose(chosen.as_deref());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rig(name: &str, gpus: &[&str]) -> NamedRig {
        let gpus = gpus.iter().map(|gpu| GpuSpec::named(*gpu)).collect();
        NamedRig {
            name: name.to_owned(),
            machine: MachineSpec { gpus, ..MachineSpec::default() },
            price_usd: None,
        }
    }

    #[test]
    fn rigs_are_kept_replaced_renamed_and_removed() {
        let mut rigs = Rigs::default();
        assert_eq!(
            rigs.keep(rig("  Two \n cards ", &["RTX 3090", "RTX 3060 12 GB"])).as_deref(),
            Some("Two cards")
        );
        rigs.keep(rig("Server", &["H100 SXM5 80 GB"]));
        rigs.choose(Some("Server"));
        assert_eq!(rigs.chosen().map(|rig| rig.name.as_str()), Some("Server"));
        rigs.keep(rig("Two cards", &["RTX 3090"]));
        assert_eq!((rigs.list().len(), rigs.list()[0].machine.gpus.len()), (2, 1));
        assert!(rigs.rename("Server", "Rack"));
        assert!(!rigs.rename("Rack", "Two cards"), "taken");
        assert!(!rigs.rename("Server", "Tower"), "gone");
        assert_eq!(rigs.chosen().map(|rig| rig.name.as_str()), Some("Rack"));
        rigs.remove("Rack");
        assert_eq!(rigs.chosen(), None);
        rigs.choose(Some("never kept"));
        assert_eq!(rigs.chosen(), None);
    }

    /// What was found by a fuzzer: a name that is cut after a word, and controls between words.
    #[test]
    fn a_tidy_name_stays_as_it_is() {
        for name in
            [format!("{} tail", "x".repeat(NAME_MAX - 1)), "a \u{1} b".to_owned(), "\u{1}\n".to_owned()]
        {
            let mut once = rig(&name, &[]);
            once.tidy();
            let mut twice = once.clone();
            twice.tidy();
            assert_eq!(once, twice, "{name:?}");
            assert_eq!(once.name.trim(), once.name);
        }
    }

    #[test]
    fn names_are_free_lines_of_bearable_length() {
        let mut rigs = Rigs::default();
        rigs.keep(rig("Rig", &[]));
        assert_eq!(rigs.free_name(""), "Rig (2)");
        let long = "x".repeat(500);
        let kept = rigs.keep(rig(&long, &[])).unwrap();
        assert_eq!(kept.chars().count(), NAME_MAX);
        assert!(rigs.free_name(&long).chars().count() <= NAME_MAX && rigs.free_name(&long) != kept);
        for number in 0..200 {
            rigs.keep(rig(&number.to_string(), &[]));
        }
        assert_eq!((rigs.list().len(), rigs.keep(rig("one more", &[]))), (MOST, None));
    }

    #[test]
    fn more_cards_of_one_kind_are_counted_in_the_name() {
        assert_eq!(name_with_more("", 1, "RTX 3090"), "+ 1× RTX 3090");
        assert_eq!(name_with_more("+ 1× RTX 3090", 1, "RTX 3090"), "+ 2× RTX 3090");
        assert_eq!(name_with_more("+ 1× RTX 3090", 2, "RTX 4090"), "+ 1× RTX 3090 + 2× RTX 4090");
        assert_eq!(name_with_more("Attic", 1, "RTX 3090"), "Attic + 1× RTX 3090");
    }

    #[test]
    fn what_a_file_holds_is_tidied() {
        let text = r#"{"list":[{"name":"a","machine":{}},{"name":"a","machine":{"ram_gib":32}},
            {"name":"b","machine":{"ram_gib":-1}},{"name":"","machine":{}}],"chosen":"b"}"#;
        let mut rigs: Rigs = serde_json::from_str(text).unwrap();
        rigs.tidy();
        let names: Vec<_> = rigs.list().iter().map(|rig| (rig.name.as_str(), rig.machine.ram_gib)).collect();
        assert_eq!(names, [("a", Some(32.0)), ("Rig", None)]);
        assert_eq!(rigs.chosen(), None);
    }

    #[test]
    fn unequal_cards_and_one_more() {
        let mut two = rig("two", &["RTX 3090", "RTX 3060 12 GB"]);
        two.machine.ram_gib = Some(64.0);
        two.machine.ram_bandwidth_gbs = Some(51.2);
        let resolved = resolve(&two.machine).unwrap();
        assert_eq!(resolved.rig.devices.len(), 2);
        assert!(resolved.rig.devices.iter().all(|device| !device.free_is_known));
        assert_eq!(resolved.warnings, [""; 0]);
        let (mut more, left_out) = NamedRig::of(&resolved.machine, "one more");
        assert!(left_out.is_empty());
        more.machine.add(GpuSpec::named("RTX 3090"));
        let more = resolve(&more.machine).unwrap();
        let names: Vec<&str> =
            more.rig.devices.iter().map(crate::estimate::rig::Device::short_name).collect();
        assert_eq!(names, ["RTX 3090", "RTX 3060 12 GB", "RTX 3090"]);
        assert_eq!(more.rig.devices[1], resolved.rig.devices[1]);
        assert!(resolve(&rig("none", &["RTX 9999"]).machine).is_err());
    }
}
