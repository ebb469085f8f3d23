//! A memory as a bar: what is free, and who holds the rest.

use super::sources;
use crate::language::{fixed, tr};
use crate::machine::memory::Taken;
use crate::machine::parts::Program;
use crate::machine::{Gpu, Machine, Pool, Ram};
use crate::units::{Bytes, gib_text};

/// Programs that are named.
const NAMED: usize = 3;
/// A piece that is smaller is no line.
const LEAST: Bytes = Bytes(1 << 20);

/// A memory and who holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Memory {
    /// All of it.
    pub total: Bytes,
    /// Free for a model.
    pub free: Bytes,
    /// How that is known.
    pub free_source: String,
    /// Who holds the rest, the largest programs first.
    pub held: Vec<Held>,
}

/// A piece of a memory that is not free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Who holds it: "Firefox, 41 processes".
    pub name: String,
    /// How much; `None`: the driver does not say.
    pub size: Option<Bytes>,
}

impl Memory {
    /// "11.1 of 12 GiB free for a model".
    pub fn words(&self) -> (String, String) {
        (gib_text(self.free), tr!("of {total} GiB free for a model", total = whole(self.total)))
    }

    /// All of it in a sentence.
    pub fn sentence(&self) -> String {
        let (free, rest) = self.words();
        let held: Vec<String> = self
            .held
            .iter()
            .map(|held| match held.size {
                Some(size) => format!("{} {}", held.name, two_decimals(size)),
                None => tr!("{name}, not told how much", name = held.name),
            })
            .collect();
        let others =
            if held.is_empty() { String::new() } else { tr!("; held: {held}", held = held.join(", ")) };
        format!("{free} {rest}{others}")
    }

    /// That of a GPU; of a shared memory that of the pool.
    pub(super) fn of_gpu(machine: &Machine, gpu: &Gpu) -> Option<Self> {
        let total = gpu.memory_total.as_ref()?.value;
        let free = gpu.free_or_usual(machine.os)?;
        // Of a pool the programs of the computer hold it, as the card of main memory lists them.
        let programs: &[Program] = if gpu.pool == Pool::Unified { &[] } else { &gpu.programs };
        let kept_by = if gpu.pool == Pool::Unified { tr!("system") } else { tr!("driver and system") };
        Some(Self::new(total, free.value, &free.source, &gpu.taken, programs, kept_by))
    }

    /// Main memory.
    pub(super) fn of_ram(ram: &Ram) -> Self {
        let free = &ram.available;
        Self::new(ram.total.value, free.value, &free.source, &ram.taken, &ram.programs, tr!("system"))
    }

    fn new(
        total: Bytes,
        free: Bytes,
        free_source: &str,
        taken: &Taken,
        programs: &[Program],
        kept_by: &str,
    ) -> Self {
        // What is held is what is not free, whatever the programs say that they hold: pages that several share
        // are counted by each of them.
        let mut left = total.saturating_sub(free);
        let reserved = taken.reserved.as_ref().map_or(Bytes::ZERO, |kept| kept.value.min(left));
        left = left.saturating_sub(reserved);
        let mut held = Vec::new();
        let mut rest = 0;
        for program in programs {
            let size = program.memory.map(|size| size.min(left));
            if held.len() == NAMED || size.is_some_and(|size| size < LEAST) {
                rest += 1;
                continue;
            }
            left = left.saturating_sub(size.unwrap_or_default());
            held.push(Held { name: name(program), size });
        }
        if left >= LEAST {
            let name = match (held.is_empty(), taken.reserved.is_some()) {
                (false, _) if rest > 0 => tr!("other programs and cache"),
                (false, _) => tr!("others"),
                (true, true) => tr!("other programs"),
                (true, false) => tr!("other programs and the system"),
            };
            held.push(Held { name: name.to_owned(), size: Some(left) });
        }
        if reserved >= LEAST {
            held.push(Held { name: kept_by.to_owned(), size: Some(reserved) });
        }
        Self { total, free, free_source: sources::words(free_source), held }
    }
}

/// "Firefox", "code, 9 processes".
fn name(program: &Program) -> String {
    match program.processes {
        0 | 1 => sources::part(&program.name),
        many => tr!("{name}, {many} processes", name = sources::part(&program.name), many),
    }
}

/// A capacity without decimals where it is whole but for what firmware keeps.
fn whole(size: Bytes) -> String {
    let gib = size.gib();
    if (gib - gib.round()).abs() < 0.05 || gib >= 99.95 { format!("{gib:.0}") } else { fixed(gib, 1) }
}

/// GiB for a list of small pieces.
pub fn two_decimals(size: Bytes) -> String {
    fixed(size.gib(), 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::Known;

    fn gib(gib: f64) -> Bytes {
        Bytes::from_gib(gib)
    }

    fn program(name: &str, size: Option<f64>, processes: u32) -> Program {
        Program { name: name.to_owned(), memory: size.map(gib), processes }
    }

    fn lines(memory: &Memory) -> Vec<String> {
        let line =
            |held: &Held| format!("{} {}", held.name, held.size.map_or_else(|| "?".to_owned(), two_decimals));
        memory.held.iter().map(line).collect()
    }

    #[test]
    fn the_pieces_are_what_is_not_free() {
        let known = |size: f64| Some(Known::new(gib(size), "test"));
        let taken = Taken { used: known(1.7), reserved: known(0.2) };
        let programs = [program("firefox", Some(1.0), 4), program("shell", Some(0.3), 1)];
        let memory = Memory::new(gib(12.0), gib(10.0), "NVML", &taken, &programs, "driver and system");
        assert_eq!(
            lines(&memory),
            ["firefox, 4 processes 1.00", "shell 0.30", "others 0.50", "driver and system 0.20"]
        );
        let sum: Bytes = memory.held.iter().filter_map(|held| held.size).sum();
        assert_eq!(sum, gib(2.0));
        assert_eq!(memory.words(), ("10.0".to_owned(), "of 12 GiB free for a model".to_owned()));
    }

    #[test]
    fn shared_pages_make_no_more_than_there_is() {
        let programs = [program("a", Some(9.0), 1), program("b", Some(9.0), 1), program("c", None, 1)];
        let memory = Memory::new(gib(12.0), gib(10.0), "", &Taken::default(), &programs, "driver and system");
        assert_eq!(lines(&memory), ["a 2.00", "c ?"]);
    }

    #[test]
    fn who_holds_it_may_not_be_known() {
        let memory = Memory::new(gib(12.0), gib(11.0), "", &Taken::default(), &[], "driver and system");
        assert_eq!(lines(&memory), ["other programs and the system 1.00"]);
        let idle = Memory::new(gib(12.0), gib(12.0), "", &Taken::default(), &[], "driver and system");
        assert!(idle.held.is_empty());
        assert_eq!(idle.sentence(), "12.0 of 12 GiB free for a model");
    }
}
