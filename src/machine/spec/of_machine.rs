//! A description of a machine that was read, to start a change from.

use super::super::table::{Hints, Table};
use super::super::{Gpu, Machine, Pool};
use super::{GpuSpec, MachineSpec};

impl MachineSpec {
    /// Describes a machine by what it is, without what other programs hold of it now.
    ///
    /// GPUs of which memory or bandwidth is not known and that the table does not know either cannot be
    /// described; their names come back beside the description.
    pub fn of(machine: &Machine) -> (Self, Vec<String>) {
        let mut left_out = Vec::new();
        let mut gpus: Vec<GpuSpec> = Vec::new();
        for gpu in &machine.gpus {
            match described(gpu) {
                Some(spec) => match gpus.last_mut() {
                    Some(last) if GpuSpec { count: 1, ..last.clone() } == spec => last.count += 1,
                    _ => gpus.push(spec),
                },
                None => left_out.push(gpu.name.value.clone()),
            }
        }
        // What a GPU shares is all of the memory, the part that firmware keeps for it included.
        let pool = machine.gpus.iter().find_map(|gpu| gpu.shared.as_ref()).map(|shared| &shared.total);
        let ram = machine.ram.as_ref();
        let memory = pool.or_else(|| ram.map(|ram| ram.installed.as_ref().unwrap_or(&ram.total)));
        let cpu = machine.cpu.as_ref();
        let spec = Self {
            gpus,
            cpu: cpu.map(|cpu| cpu.name.value.clone()),
            cores: cpu.and_then(|cpu| cpu.cores.as_ref()).map(|cores| cores.value),
            threads: None,
            ram_gib: memory.map(|memory| memory.value.gib()),
            ram_free_gib: None,
            ram_bandwidth_gbs: ram.and_then(|ram| ram.bandwidth_gbs.as_ref()).map(|known| known.value),
            ram_type: ram.and_then(|ram| ram.modules.first()).map(|module| module.kind.clone()),
            ram_mts: None,
            ram_channels: None,
            os: Some(machine.os),
        };
        (spec, left_out)
    }
}

fn described(gpu: &Gpu) -> Option<GpuSpec> {
    let table = Table::embedded();
    let vram_gib = gpu.memory_total.as_ref().map(|memory| memory.value.gib());
    let hints = Hints { vram_gib, ..Hints::default() };
    // The driver's name where the table takes it for the same device, else the table's own.
    let by_name = table.find_with(&gpu.name.value, &hints).ok().map(|found| found.record.id.as_str());
    let name = match gpu.table_id.as_deref() {
        Some(id) if by_name != Some(id) => id.to_owned(),
        _ => gpu.name.value.clone(),
    };
    let record = table.find_with(&name, &hints).ok().map(|found| found.record);
    let bandwidth_gbs = gpu.bandwidth_gbs.as_ref().map(|known| known.value);
    let is_whole = vram_gib.is_some() && bandwidth_gbs.is_some();
    let of_table = record
        .is_some_and(|record| record.unified_memory || vram_gib.is_some() || record.own_memory().is_some());
    (is_whole || of_table).then(|| GpuSpec {
        // A shared memory is the machine's.
        vram_gib: vram_gib.filter(|_| gpu.pool == Pool::Discrete),
        bandwidth_gbs,
        power_watts: gpu.power_watts.as_ref().map(|known| known.value),
        pcie_generation: gpu.pcie.as_ref().map(|link| link.value.generation),
        pcie_lanes: gpu.pcie.as_ref().map(|link| link.value.lanes),
        ..GpuSpec::named(name)
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::{Known, Os, Vendor};
    use super::*;
    use crate::units::Bytes;

    fn spec() -> MachineSpec {
        MachineSpec {
            gpus: vec![
                GpuSpec { count: 2, ..GpuSpec::named("RTX 3090") },
                GpuSpec { pcie_lanes: Some(4), ..GpuSpec::named("RTX 3060 12 GB") },
            ],
            cpu: Some("AMD Ryzen 9 7950X".to_owned()),
            cores: Some(16),
            ram_gib: Some(96.0),
            os: Some(Os::Linux),
            ..MachineSpec::default()
        }
    }

    #[test]
    fn a_machine_described_again_is_the_same() {
        let machine = spec().resolve().unwrap().machine;
        let (again, left_out) = MachineSpec::of(&machine);
        assert_eq!(left_out, [""; 0]);
        assert_eq!(again.gpus.iter().map(|gpu| gpu.count).collect::<Vec<_>>(), [2, 1]);
        let second = again.resolve().unwrap().machine;
        for (a, b) in machine.gpus.iter().zip(&second.gpus) {
            assert_eq!(a.table_id, b.table_id);
            assert_eq!(a.memory_total.as_ref().map(|m| m.value), b.memory_total.as_ref().map(|m| m.value));
            assert_eq!(a.memory_free, b.memory_free);
            assert_eq!(a.bandwidth_gbs.as_ref().map(|k| k.value), b.bandwidth_gbs.as_ref().map(|k| k.value));
            assert_eq!(a.pcie.as_ref().map(|k| k.value), b.pcie.as_ref().map(|k| k.value));
        }
        assert_eq!(second.ram.unwrap().bandwidth_gbs.unwrap().value, 83.2);
    }

    #[test]
    fn a_shared_memory_is_the_machine_s() {
        let mac = MachineSpec {
            gpus: vec![GpuSpec::named("Apple M2 Max")],
            ram_gib: Some(64.0),
            ..MachineSpec::default()
        };
        let (again, _) = MachineSpec::of(&mac.resolve().unwrap().machine);
        assert_eq!((again.ram_gib, again.gpus[0].vram_gib, again.os), (Some(64.0), None, Some(Os::Macos)));
        let second = again.resolve().unwrap().machine;
        assert_eq!(second.gpus[0].memory_total.as_ref().unwrap().value, Bytes::from_gib(64.0));
    }

    #[test]
    fn what_nobody_knows_is_left_out_and_named() {
        let unknown = Gpu::named(Known::new("NVIDIA GPU 10de:ffff".to_owned(), "PCI id"), Vendor::Nvidia);
        let machine = Machine { gpus: vec![unknown], ..Machine::named("test", Os::Linux) };
        let (spec, left_out) = MachineSpec::of(&machine);
        assert!(spec.gpus.is_empty());
        assert_eq!(left_out, ["NVIDIA GPU 10de:ffff"]);
    }
}
