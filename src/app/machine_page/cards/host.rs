//! The cards of main memory, processor and disks.

use super::super::field::Target;
use super::{Card, Fact, Memory, Subject, Whose, fact, is_apple, plain, sources, with_what_was};
use crate::estimate::rig::ASSUMED_RAM_GBS;
use crate::language::{fixed, tr};
use crate::machine::overrides::HostField;
use crate::machine::parts::Disk;
use crate::machine::{Cpu, Machine, Pool, Ram};
use crate::units::{Bytes, gib_text, small_text};

fn size(size: Bytes) -> String {
    format!("{} GiB", gib_text(size))
}

pub(super) fn ram_card(machine: &Machine, whose: Whose<'_>) -> Option<Card> {
    let ram = machine.ram.as_ref()?;
    let target = |field| Some(Target::Host(field));
    let mut facts = Vec::new();
    if let Some(installed) = &ram.installed {
        facts.push(fact(tr!("Installed"), Some(installed), None, |all| size(*all)));
    }
    facts.extend([
        fact(tr!("Usable"), Some(&ram.total), target(HostField::RamGib), |all| size(*all)),
        fact(tr!("Free"), Some(&ram.available), target(HostField::RamFreeGib), |free| size(*free)),
        bandwidth(ram),
    ]);
    let measured = ram.measured_gbs.as_ref().filter(|read| ram.bandwidth_gbs.as_ref() != Some(*read));
    if let Some(measured) = measured {
        facts.push(fact(tr!("Measured"), Some(measured), None, |gbs| format!("{} GB/s", fixed(*gbs, 1))));
    }
    if let Some(modules) = modules(ram) {
        facts.push(plain(tr!("Modules"), modules, "firmware"));
    }
    let unified = machine.gpus.iter().any(|gpu| gpu.pool == Pool::Unified);
    Some(Card {
        subject: Subject::Ram,
        kind: if unified && is_apple(machine.os) { tr!("Unified memory") } else { tr!("System memory") }
            .to_owned(),
        source: sources::words(&ram.total.source),
        title: title(ram),
        memory: Some(Memory::of_ram(ram)),
        facts: with_what_was(whose, facts),
        notes: sources::notes(&ram.notes),
    })
}

fn bandwidth(ram: &Ram) -> Fact {
    let target = Some(Target::Host(HostField::RamGbs));
    let Some(known) = &ram.bandwidth_gbs else {
        let source = tr!("not reported; {rate} GB/s assumed", rate = ASSUMED_RAM_GBS);
        return Fact { name: tr!("Bandwidth"), value: None, source, target, was: None };
    };
    fact(tr!("Bandwidth"), Some(known), target, |gbs| format!("{} GB/s", fixed(*gbs, 1)))
}

/// "64 GiB DDR4-3200, 2 channels".
fn title(ram: &Ram) -> String {
    let all = ram.installed.as_ref().unwrap_or(&ram.total).value;
    let kind = ram.modules.first().map(|module| match module.speed_mts {
        Some(speed) => format!(" {}-{speed}", module.kind),
        None => format!(" {}", module.kind),
    });
    let channels = ram.channels.as_ref().map(|channels| match channels.value {
        1 => tr!(", 1 channel").to_owned(),
        many => tr!(", {many} channels", many),
    });
    format!(
        "{:.0} GiB{}{}",
        all.gib(),
        kind.unwrap_or_else(|| tr!(" of RAM").to_owned()),
        channels.unwrap_or_default()
    )
}

/// "4 × 16 GiB".
fn modules(ram: &Ram) -> Option<String> {
    let first = ram.modules.first()?;
    if ram.modules.iter().all(|module| module.size == first.size) {
        return Some(format!("{} × {}", ram.modules.len(), whole(first.size)));
    }
    let sizes: Vec<String> = ram.modules.iter().map(|module| whole(module.size)).collect();
    Some(sizes.join(" + "))
}

fn whole(size: Bytes) -> String {
    format!("{:.0} GiB", size.gib())
}

pub(super) fn cpu_card(machine: &Machine, whose: Whose<'_>) -> Option<Card> {
    let cpu = machine.cpu.as_ref()?;
    let target = |field| Some(Target::Host(field));
    let mut facts = vec![
        fact(tr!("Cores"), cpu.cores.as_ref(), target(HostField::Cores), ToString::to_string),
        fact(tr!("Threads"), cpu.threads.as_ref(), target(HostField::Threads), ToString::to_string),
    ];
    if !cpu.groups.is_empty() {
        let kinds = cpu.groups.iter().map(|group| format!("{} {}", group.cores, group.kind.name()));
        facts.push(plain(tr!("Kinds"), kinds.collect::<Vec<_>>().join(", "), "operating system"));
    }
    if let Some(vectors) = vectors(cpu) {
        facts.push(plain(tr!("Vectors"), vectors, "operating system"));
    }
    if let Some(cache) = cpu.caches.iter().max_by_key(|cache| cache.level) {
        let text = format!("{} L{}", small_text(cache.total), cache.level);
        facts.push(plain(tr!("Cache"), text, "operating system"));
    }
    if let Some(sockets) = cpu.sockets.filter(|sockets| *sockets > 1) {
        facts.push(plain(tr!("Sockets"), sockets.to_string(), "operating system"));
    }
    if let Some(nodes) = cpu.numa_nodes.filter(|nodes| *nodes > 1) {
        facts.push(plain(tr!("NUMA nodes"), nodes.to_string(), "operating system"));
    }
    if let Some(platform) = &cpu.platform {
        facts.push(plain(tr!("Platform"), platform.clone(), "processor table"));
    }
    Some(Card {
        subject: Subject::Cpu,
        kind: tr!("Processor").to_owned(),
        source: sources::words(&cpu.name.source),
        title: cpu.name.value.clone(),
        memory: None,
        facts: with_what_was(whose, facts),
        notes: sources::notes(&cpu.notes),
    })
}

/// The widest vectors that matter for models: "AVX2, FMA, F16C".
fn vectors(cpu: &Cpu) -> Option<String> {
    /// As the kernel names them, and as their makers do; the wider first.
    const NAMES: [(&str, &str); 11] = [
        ("amx_int8", "AMX"),
        ("amx_tile", "AMX tiles"),
        ("avx512_vnni", "AVX-512 VNNI"),
        ("avx512f", "AVX-512"),
        ("avx_vnni", "AVX VNNI"),
        ("avx2", "AVX2"),
        ("sve2", "SVE2"),
        ("sve", "SVE"),
        ("i8mm", "I8MM"),
        ("asimddp", "dot product"),
        ("asimd", "NEON"),
    ];
    const MOST: usize = 3;
    let has = |flag: &str| cpu.isa.iter().any(|known| known == flag);
    let names: Vec<&str> =
        NAMES.iter().filter(|(flag, _)| has(flag)).map(|(_, name)| *name).take(MOST).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

pub(super) fn disk_card(machine: &Machine) -> Option<Card> {
    /// Disks that are listed.
    const MOST: usize = 4;
    if machine.disks.is_empty() {
        return None;
    }
    // Those with the user's files, then the roomiest.
    let mut disks: Vec<&Disk> = machine.disks.iter().collect();
    disks.sort_by_key(|disk| (!disk.home, std::cmp::Reverse(disk.available)));
    let facts = disks.iter().take(MOST).map(|disk| {
        let home = if disk.home { tr!("yours, ") } else { "" };
        let source = format!("{home}{}, {}", disk.mount, disk.medium.name());
        let free = tr!(
            "{available} of {total} GB",
            available = format!("{:.0}", disk.available.gb()),
            total = format!("{:.0}", disk.total.gb())
        );
        plain(tr!("Free"), free, &source)
    });
    Some(Card {
        subject: Subject::Disks,
        kind: tr!("Disks").to_owned(),
        source: sources::words("operating system"),
        title: match machine.disks.len() {
            1 => tr!("1 disk for models").to_owned(),
            count => tr!("{count} disks for models", count),
        },
        memory: None,
        facts: facts.collect(),
        notes: Vec::new(),
    })
}
