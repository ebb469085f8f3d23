//! The processor.

use super::super::super::table::CpuPlatforms;
use super::super::super::{Cpu, Known};
use super::super::findings::System;

/// What the machine calls it.
pub(super) fn name(system: &System) -> Known<String> {
    match (&system.cpu, &system.board) {
        (Some(name), _) => Known::new(name.clone(), "operating system"),
        (None, Some(board)) => Known::new(board.clone(), "device tree"),
        (None, None) => Known::new("Unnamed processor".to_owned(), "the operating system gives no name"),
    }
}

pub(super) fn cpu(system: &System) -> Cpu {
    let names = [&system.cpu, &system.board];
    let platform = names.into_iter().flatten().find_map(|name| CpuPlatforms::embedded().find(name));
    let known = |count: u32| Known::new(count, "operating system");
    let mut cpu = Cpu {
        cores: system.cores.map(known),
        threads: system.threads.map(known),
        groups: system.core_groups.clone(),
        isa: system.isa.clone(),
        caches: system.caches.clone(),
        sockets: system.sockets,
        numa_nodes: system.numa_nodes,
        platform: platform.map(|platform| platform.id.clone()),
        ..Cpu::named(name(system))
    };
    if let Some(native) = &system.emulated_on {
        // The emulator says what it imitates.
        cpu.isa.clear();
        cpu.notes.push(format!(
            "Plimsoll was built for another processor and is emulated on this one ({native}); which \
             instructions it has is not known. The build for {native} sees it as it is and is faster"
        ));
    }
    cpu
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emulated_processor_has_no_instructions_to_name() {
        let system = System {
            cpu: Some("Snapdragon(R) X Elite - X1E78100 - Qualcomm(R) Oryon(TM) CPU".to_owned()),
            isa: vec!["avx2".to_owned()],
            emulated_on: Some("ARM64".to_owned()),
            ..System::default()
        };
        let cpu = cpu(&system);
        assert!(cpu.isa.is_empty() && cpu.notes[0].contains("build for ARM64"), "{cpu:?}");
        assert_eq!(cpu.platform.as_deref(), Some("qualcomm-x-elite"));
    }
}
