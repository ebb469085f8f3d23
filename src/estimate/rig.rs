//! A machine as the arithmetic sees it: numbers without sources.

use std::sync::Arc;

use crate::language::tr;
use crate::machine::parts::Medium;
use crate::machine::table::{Record, Table};
use crate::machine::{Gpu, Machine, Os, Pool, Vendor};
use crate::units::Bytes;

use super::here::Here;
use super::{pace, prompt, together};

/// Devices and host that a model is placed on.
#[derive(Clone, Debug, PartialEq)]
pub struct Rig {
    /// GPUs in order; empty: the processor alone.
    pub devices: Vec<Device>,
    /// Processor and main memory.
    pub host: Host,
    /// Operating system.
    pub os: Os,
    /// Names of GPUs that are there and not used, with the reason.
    pub unused: Vec<String>,
    /// What was measured on this very machine.
    pub own: Option<Arc<Here>>,
}

/// One GPU: all that is not said is unknown, so that a test names only what it is about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Device {
    /// Name.
    pub name: String,
    /// Its name in the hardware table, which measurements go by: drivers write names their own way. `None`:
    /// not in the table.
    pub table_name: Option<&'static str>,
    /// Who made it.
    pub vendor: Vendor,
    /// Architecture as the hardware table names it.
    pub architecture: Option<String>,
    /// Streaming multiprocessors or compute units.
    pub compute_units: Option<u32>,
    /// All its memory.
    pub capacity: Bytes,
    /// What other programs hold now, which is free once they end; `None`: the machine does not say.
    pub used_by_others: Option<Bytes>,
    /// What driver and system keep whatever runs; zero where nothing is known of it.
    pub reserved: Bytes,
    /// What is free for a model before it loads: no more than capacity less the two above.
    pub free: Bytes,
    /// Whether `free` was read from the machine; otherwise it is capacity less the usual reserve.
    pub free_is_known: bool,
    /// Peak bandwidth, GB/s; `None`: no speed can be said.
    pub bandwidth_gbs: Option<f64>,
    /// Dense FP16 matrix rate with FP32 accumulate, TFLOPS.
    pub fp16_tflops: Option<f64>,
    /// Highest dense rate at 16 bits, TFLOPS: [`prompt::table_tflops`].
    pub prompt_tflops: Option<f64>,
    /// Rate of the link to main memory, GB/s.
    pub link_gbs: Option<f64>,
    /// Rate of a link of its own to others like it, each way, GB/s; `None`: they meet over the link to main memory.
    pub peer_gbs: Option<f64>,
    /// Time until it and others like it in other machines have heard of each other, µs; `None`: they are in one
    /// machine.
    pub peer_latency_us: Option<f64>,
    /// Its memory is stacked beside the chip (HBM).
    pub stacked_memory: bool,
    /// It shares one pool with the host.
    pub unified: bool,
    /// The most of that pool that it may use; `None`: all of it.
    pub limit: Option<Bytes>,
    /// Power limit, watts.
    pub power_watts: Option<f64>,
    /// Lowest and highest limit that it takes, watts.
    pub power_range_watts: Option<(f64, f64)>,
}

/// Processor and main memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Host {
    /// Processor's name.
    pub cpu: Option<String>,
    /// Threads that work on a model: physical cores by default.
    pub threads: Option<u32>,
    /// All memory that the process may use.
    pub capacity: Bytes,
    /// What other programs hold now; `None`: the machine does not say.
    pub used_by_others: Option<Bytes>,
    /// What the system keeps whatever runs; zero where nothing is known of it.
    pub reserved: Bytes,
    /// What is free before the model loads.
    pub free: Bytes,
    /// Theoretical bandwidth, GB/s.
    pub bandwidth_gbs: f64,
    /// Read bandwidth that was measured on this machine, GB/s: what a program reaches, not the theoretical
    /// one. `bandwidth_gbs` is the same number where nothing better is known.
    pub measured_gbs: Option<f64>,
    /// Whether the bandwidth is known, or the usual DDR5-5600 in two channels is assumed.
    pub bandwidth_is_assumed: bool,
    /// Processors in sockets: each has its own memory, and `bandwidth_gbs` is that of one.
    pub sockets: u32,
    /// What the disk is made of that models are on.
    pub disk: Medium,
}

impl Default for Host {
    /// No memory, and the bandwidth that is assumed where none is known.
    fn default() -> Self {
        Self {
            cpu: None,
            threads: None,
            capacity: Bytes::ZERO,
            used_by_others: None,
            reserved: Bytes::ZERO,
            free: Bytes::ZERO,
            bandwidth_gbs: ASSUMED_RAM_GBS,
            measured_gbs: None,
            bandwidth_is_assumed: true,
            sockets: 1,
            disk: Medium::Unknown,
        }
    }
}

impl Rig {
    /// Memory free for a model on all devices together.
    pub fn device_free(&self) -> Bytes {
        self.devices.iter().map(|d| d.free).sum()
    }
}

impl Device {
    /// The name that measurements know it by.
    pub fn known_as(&self) -> &str {
        self.table_name.unwrap_or(&self.name)
    }

    /// Its name without its maker: "RTX 4090".
    pub fn short_name(&self) -> &str {
        ["NVIDIA ", "AMD ", "Intel ", "GeForce "]
            .iter()
            .fold(self.name.as_str(), |name, maker| name.strip_prefix(maker).unwrap_or(name))
    }
}

/// Bandwidth that is assumed where none is known: two channels of DDR5-5600, GB/s.
pub const ASSUMED_RAM_GBS: f64 = 89.6;

impl From<&Machine> for Rig {
    /// The numbers of a machine.
    ///
    /// One engine runs on one kind of GPU: of several makers' cards those with the most free memory are
    /// used, and a GPU that shares the processor's memory only where there is no card. GPUs whose memory is
    /// unknown are left out, since nothing can be placed on them.
    fn from(machine: &Machine) -> Self {
        let mut unused = Vec::new();
        let mut devices = Vec::new();
        for gpu in &machine.gpus {
            match device(gpu, machine.os) {
                Some(device) => devices.push(device),
                None => unused.push(tr!("{name}: its memory is not known", name = gpu.name.value)),
            }
        }
        if devices.iter().any(|device| !device.unified) {
            drop_where(&mut devices, &mut unused, tr!("it shares the processor's memory"), |d| d.unified);
        }
        let free_of = |vendor| devices.iter().filter(|d| d.vendor == vendor).map(|d| d.free).sum::<Bytes>();
        // The first of equals, in the machine's order.
        let best = devices.iter().rev().map(|d| d.vendor).max_by_key(|vendor| free_of(*vendor));
        drop_where(&mut devices, &mut unused, tr!("another maker's card"), |d| Some(d.vendor) != best);
        let ram = machine.ram.as_ref();
        let sockets = machine.cpu.as_ref().and_then(|cpu| cpu.sockets).unwrap_or(1).max(1);
        let bandwidth = ram.and_then(|ram| ram.bandwidth_gbs.as_ref()).map(|known| known.value);
        let bandwidth = bandwidth.map(|all| all / f64::from(sockets));
        let disk = machine.disks.iter().find(|disk| disk.home).or(machine.disks.first());
        Self {
            devices,
            host: Host {
                cpu: machine.cpu.as_ref().map(|cpu| cpu.name.value.clone()),
                threads: machine.cpu.as_ref().and_then(|cpu| cpu.cores.as_ref()).map(|cores| cores.value),
                capacity: ram.map_or(Bytes::ZERO, |ram| ram.total.value),
                used_by_others: ram.and_then(|ram| ram.taken.used.as_ref()).map(|used| used.value),
                reserved: ram.and_then(|ram| ram.taken.reserved.as_ref()).map_or(Bytes::ZERO, |r| r.value),
                free: ram.map_or(Bytes::ZERO, |ram| ram.available.value),
                bandwidth_gbs: bandwidth.unwrap_or(ASSUMED_RAM_GBS),
                measured_gbs: ram.and_then(|ram| ram.measured_gbs.as_ref()).map(|known| known.value),
                bandwidth_is_assumed: bandwidth.is_none(),
                sockets,
                disk: disk.map_or(Medium::Unknown, |disk| disk.medium),
            },
            os: machine.os,
            unused,
            own: None,
        }
    }
}

fn drop_where(
    devices: &mut Vec<Device>,
    unused: &mut Vec<String>,
    reason: &str,
    is_dropped: impl Fn(&Device) -> bool,
) {
    unused.extend(devices.iter().filter(|d| is_dropped(d)).map(|d| format!("{}: {reason}", d.name)));
    devices.retain(|device| !is_dropped(device));
}

fn device(gpu: &Gpu, os: Os) -> Option<Device> {
    let capacity = gpu.memory_total.as_ref()?.value;
    let free = gpu.free_or_usual(os)?.value;
    let taken = capacity.saturating_sub(free);
    let reserved = gpu.taken.reserved.as_ref().map_or(Bytes::ZERO, |reserved| reserved.value.min(taken));
    let record = gpu.table_id.as_deref().and_then(|id| Table::embedded().by_id(id));
    Some(Device {
        name: gpu.name.value.clone(),
        table_name: record.map(|record| record.name.as_str()),
        vendor: gpu.vendor,
        architecture: gpu.architecture.clone(),
        compute_units: gpu.compute_units,
        capacity,
        // Of a shared pool others may hold more than what the GPU may use.
        used_by_others: gpu.taken.used.as_ref().map(|used| used.value.min(taken.saturating_sub(reserved))),
        reserved,
        free,
        free_is_known: gpu.memory_free.is_some(),
        bandwidth_gbs: gpu.bandwidth_gbs.as_ref().map(|known| known.value),
        fp16_tflops: gpu
            .fp16_tflops
            .as_ref()
            .map(|known| known.value)
            .or_else(|| record.and_then(pace::table_tflops)),
        prompt_tflops: prompt_tflops(gpu, record),
        link_gbs: gpu
            .pcie
            .as_ref()
            .map(|link| prompt::link_gbs(f64::from(link.value.generation), link.value.lanes)),
        peer_gbs: record.and_then(together::record_peer_gbs),
        peer_latency_us: None,
        stacked_memory: record.is_some_and(pace::is_stacked),
        unified: gpu.pool == Pool::Unified,
        limit: gpu.shared.as_ref().and_then(|shared| shared.limit.as_ref()).map(|limit| limit.value),
        power_watts: gpu.power_watts.as_ref().map(|known| known.value),
        power_range_watts: gpu.power_range.as_ref().map(|known| known.value),
    })
}

/// The table's rate; of a slice of a card, or where the matrix rate was set by hand, as much of it.
fn prompt_tflops(gpu: &Gpu, record: Option<&Record>) -> Option<f64> {
    let matrix = gpu.fp16_tflops.as_ref().map(|known| known.value);
    if let Some(record) = record {
        let share = matrix.zip(record.fp16_tensor_tflops_dense).map_or(1.0, |(own, whole)| own / whole);
        return prompt::table_tflops(record).map(|rate| rate * share);
    }
    let integers = gpu.int8_tops.as_ref().map(|known| known.value / 2.0);
    matrix.into_iter().chain(integers).reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::memory::{Shared, Taken};
    use crate::machine::{Known, Ram};
    use crate::units::GIB;

    fn gpu(name: &str, vendor: Vendor, pool: Pool, gib: Option<u64>) -> Gpu {
        Gpu {
            pool,
            memory_total: gib.map(|gib| Known::new(Bytes(gib * GIB), "test")),
            memory_free: gib.map(|gib| Known::new(Bytes(gib * GIB), "test")),
            ..Gpu::named(Known::new(name.to_owned(), "test"), vendor)
        }
    }

    fn rig(gpus: Vec<Gpu>) -> Rig {
        let memory = || Known::new(Bytes(64 * GIB), "test");
        let ram = Ram::new(memory(), memory());
        Rig::from(&Machine { gpus, ram: Some(ram), ..Machine::named("test", Os::Linux) })
    }

    fn names(rig: &Rig) -> Vec<&str> {
        rig.devices.iter().map(|device| device.name.as_str()).collect()
    }

    #[test]
    fn an_integrated_gpu_beside_a_card_is_not_used() {
        let rig = rig(vec![
            gpu("780M", Vendor::Amd, Pool::Unified, Some(32)),
            gpu("7900 XTX", Vendor::Amd, Pool::Discrete, Some(24)),
        ]);
        assert_eq!(names(&rig), ["7900 XTX"]);
        assert_eq!(rig.unused, ["780M: it shares the processor's memory"]);
    }

    #[test]
    fn an_integrated_gpu_alone_is_used() {
        assert_eq!(names(&rig(vec![gpu("8060S", Vendor::Amd, Pool::Unified, Some(96))])), ["8060S"]);
    }

    #[test]
    fn of_two_makers_the_one_with_more_memory_is_used() {
        let rig = rig(vec![
            gpu("A380", Vendor::Intel, Pool::Discrete, Some(6)),
            gpu("3090", Vendor::Nvidia, Pool::Discrete, Some(24)),
            gpu("3060", Vendor::Nvidia, Pool::Discrete, Some(12)),
        ]);
        assert_eq!(names(&rig), ["3090", "3060"]);
        assert_eq!(rig.unused, ["A380: another maker's card"]);
    }

    #[test]
    fn a_gpu_of_unknown_memory_hides_no_other() {
        let rig = rig(vec![
            gpu("broken", Vendor::Nvidia, Pool::Discrete, None),
            gpu("3060", Vendor::Nvidia, Pool::Discrete, Some(12)),
        ]);
        assert_eq!(names(&rig), ["3060"]);
        assert_eq!(rig.unused, ["broken: its memory is not known"]);
    }

    #[test]
    fn what_is_not_free_is_used_or_reserved() {
        let size = |gib: f64| Bytes::from_gib(gib);
        let known = |gib: f64| Some(Known::new(Bytes::from_gib(gib), "test"));
        let mut card = gpu("3090", Vendor::Nvidia, Pool::Discrete, Some(24));
        card.memory_free = known(22.0);
        card.taken = Taken { used: known(1.5), reserved: known(0.5) };
        let device = &rig(vec![card]).devices[0];
        assert_eq!((device.used_by_others, device.reserved), (Some(size(1.5)), size(0.5)));

        // Of a shared pool others hold more than what they take from the GPU.
        let mut shared = gpu("M2 Max", Vendor::Apple, Pool::Unified, Some(48));
        shared.memory_free = known(46.0);
        shared.taken = Taken { used: known(18.0), reserved: None };
        let pool = Known::new(size(64.0), "test");
        shared.shared = Some(Shared::new(pool, known(48.0)));
        let device = &rig(vec![shared]).devices[0];
        assert_eq!((device.used_by_others, device.limit), (Some(size(2.0)), Some(size(48.0))));
        assert!(device.free + device.reserved + size(2.0) <= device.capacity);

        let mut silent = gpu("A770", Vendor::Intel, Pool::Discrete, Some(16));
        silent.memory_free = None;
        silent.taken = Taken::only_reserved(Known::new(size(0.5), "test"));
        let device = &rig(vec![silent]).devices[0];
        assert_eq!(device.used_by_others, None);
        assert!(!device.free_is_known && device.reserved > Bytes::ZERO);
        assert!(device.free + device.reserved <= device.capacity);
    }

    #[test]
    fn unknown_ram_bandwidth_is_assumed_and_said_so() {
        let rig = rig(Vec::new());
        assert!(rig.host.bandwidth_is_assumed);
        assert_eq!(rig.host.bandwidth_gbs, ASSUMED_RAM_GBS);
    }

    #[test]
    fn names_are_short() {
        let short =
            |name: &str| Device { name: name.to_owned(), ..Device::default() }.short_name().to_owned();
        assert_eq!(short("NVIDIA GeForce RTX 4090"), "RTX 4090");
        assert_eq!(short("AMD Radeon RX 7900 XTX"), "Radeon RX 7900 XTX");
        assert_eq!(short("Apple M3 Max"), "Apple M3 Max");
    }
}
