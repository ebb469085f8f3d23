//! The page in words: a card a device, each value with its source.
//!
//! [`Cards::of`] makes it whenever the machine changes; drawing only reads it.

mod facts;
mod held;
mod host;
pub(in crate::app) mod sources;

use crate::language::tr;
use crate::machine::overrides::Overrides;
use crate::machine::{Gpu, Known, Machine, Os, Pool, Problem};
use crate::units::{Bytes, gib_text};

use super::field::Target;

pub use held::{Held, Memory, two_decimals};

/// What the page says of a machine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cards {
    /// What is free for a model, in words: the beginning, and what closing the largest program would give.
    pub sentence: String,
    /// The cards, the GPUs first.
    pub cards: Vec<Card>,
    /// Parts that could not be read.
    pub problems: Vec<Problem>,
    /// What had to be assumed of a rig.
    pub assumed: Vec<String>,
}

/// What a card is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The GPU at this place.
    Gpu(usize),
    /// Main memory.
    Ram,
    /// The processor.
    Cpu,
    /// Disks.
    Disks,
}

/// A device.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// Which.
    pub subject: Subject,
    /// What it is: "GPU 0, CUDA and Vulkan".
    pub kind: String,
    /// How it is known.
    pub source: String,
    /// Its name.
    pub title: String,
    /// Its memory and who holds it.
    pub memory: Option<Memory>,
    /// Its values.
    pub facts: Vec<Fact>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// A value of a device.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// What it is.
    pub name: &'static str,
    /// The value with its unit; `None` is n/a.
    pub value: Option<String>,
    /// How it is known.
    pub source: String,
    /// It can be set.
    pub target: Option<Target>,
    /// It was set by hand; this is what was read, "n/a" where nothing was.
    pub was: Option<String>,
}

/// Whose values are shown, and how they can be set.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    /// A computer that was read: this one or a recorded one; values that are set by hand are laid over it.
    Read {
        /// As it was read.
        found: &'a Machine,
        /// What was set by hand.
        overrides: Option<&'a Overrides>,
    },
    /// A rig that was described.
    Described,
}

impl Cards {
    /// The cards of `machine`, whose values are as `whose` says.
    pub fn of(machine: &Machine, whose: Whose<'_>) -> Self {
        let mut cards: Vec<Card> =
            (0..machine.gpus.len()).map(|place| facts::gpu_card(machine, place, whose)).collect();
        cards.extend(host::ram_card(machine, whose));
        cards.extend(host::cpu_card(machine, whose));
        cards.extend(host::disk_card(machine));
        Self {
            sentence: sentence(machine),
            cards,
            problems: sources::problems(&machine.problems),
            assumed: Vec::new(),
        }
    }

    /// Whether a value was set by hand.
    pub fn has_overrides(&self) -> bool {
        self.cards.iter().any(|card| card.facts.iter().any(|fact| fact.was.is_some()))
    }
}

/// "11.1 GiB on the GPU and 51.4 GiB in RAM are free for a model. Closing Firefox would give 0.4 GiB more."
fn sentence(machine: &Machine) -> String {
    let free = |gpu: &Gpu| gpu.free_or_usual(machine.os).map(|free| free.value);
    let discrete = || machine.gpus.iter().filter(|gpu| gpu.pool == Pool::Discrete);
    let cards: Bytes = discrete().filter_map(free).sum();
    let unified = machine.gpus.iter().find(|gpu| gpu.pool == Pool::Unified);
    let mut parts = Vec::new();
    if cards > Bytes::ZERO {
        let place = if discrete().count() > 1 { tr!("on the GPUs") } else { tr!("on the GPU") };
        parts.push(format!("{} GiB {place}", gib_text(cards)));
    } else if let Some(free) = unified.and_then(free) {
        parts.push(tr!("{free} GiB of the memory that GPU and processor share", free = gib_text(free)));
    }
    if let Some(ram) = machine.ram.as_ref().filter(|_| cards > Bytes::ZERO || unified.is_none()) {
        parts.push(tr!("{available} GiB in RAM", available = gib_text(ram.available.value)));
    }
    if parts.is_empty() {
        return tr!("How much memory is free could not be read.").to_owned();
    }
    let first = tr!("{parts} are free for a model.", parts = parts.join(tr!(" and ")));
    match largest_holder(machine) {
        Some((name, size)) => {
            tr!("{first} Closing {name} would give {size} GiB more.", first, name, size = gib_text(size))
        }
        None => first,
    }
}

/// The program whose end would give most, of the memory of GPUs where there are any.
fn largest_holder(machine: &Machine) -> Option<(String, Bytes)> {
    /// What is less is not worth a sentence.
    const LEAST: Bytes = Bytes(200 << 20);
    let on_gpus = machine.gpus.iter().filter(|gpu| gpu.pool == Pool::Discrete).flat_map(|gpu| &gpu.programs);
    let in_ram = machine.ram.iter().flat_map(|ram| &ram.programs);
    let largest = |programs: &mut dyn Iterator<Item = &crate::machine::parts::Program>| {
        programs
            .filter_map(|program| Some((sources::part(&program.name), program.memory?)))
            .max_by_key(|(_, size)| *size)
    };
    let has_cards = machine.gpus.iter().any(|gpu| gpu.pool == Pool::Discrete);
    let found = if has_cards { largest(&mut { on_gpus }) } else { largest(&mut { in_ram }) };
    found.filter(|(_, size)| *size >= LEAST)
}

/// A value that was read or not, with the words for it.
fn fact<T>(
    name: &'static str,
    known: Option<&Known<T>>,
    target: Option<Target>,
    text: impl FnOnce(&T) -> String,
) -> Fact {
    match known {
        Some(known) => {
            Fact { name, value: Some(text(&known.value)), source: known.source.clone(), target, was: None }
        }
        None => Fact { name, value: None, source: "not reported".to_owned(), target, was: None },
    }
}

/// A value that cannot be set.
fn plain(name: &'static str, value: String, source: &str) -> Fact {
    Fact { name, value: Some(value), source: source.to_owned(), target: None, was: None }
}

/// What was read where a value was set by hand.
fn set_by_hand(whose: Whose<'_>, target: &Target) -> Option<String> {
    let Whose::Read { found, overrides: Some(overrides) } = whose else { return None };
    let is_set = match target {
        Target::Gpu(place, field) => {
            found.gpu_keys().get(*place).is_some_and(|key| overrides.gpu(key, *field).is_some())
        }
        Target::Link(place) => found.gpu_keys().get(*place).is_some_and(|key| {
            use crate::machine::overrides::GpuField::{PcieGeneration, PcieLanes};
            [PcieGeneration, PcieLanes].iter().any(|field| overrides.gpu(key, *field).is_some())
        }),
        Target::Host(field) => overrides.host(*field).is_some(),
        Target::Name | Target::Price | Target::Cpu | Target::RamSize => false,
    };
    is_set.then(|| {
        let before = target.present(found);
        if before.is_empty() {
            tr!("n/a").to_owned()
        } else {
            format!("{before} {}", target.unit()).trim_end().to_owned()
        }
    })
}

/// The values with what they were, where they were set by hand.
fn with_what_was(whose: Whose<'_>, facts: Vec<Fact>) -> Vec<Fact> {
    facts
        .into_iter()
        .map(|mut fact| {
            fact.was = fact.target.as_ref().and_then(|target| set_by_hand(whose, target));
            fact.source = sources::short(&fact.source);
            fact
        })
        .collect()
}

/// Whether the os of a machine names its memory otherwise; for the words of a card.
const fn is_apple(os: Os) -> bool {
    matches!(os, Os::Macos)
}

#[cfg(test)]
mod tests;
