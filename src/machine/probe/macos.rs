//! What macOS tells: GPUs (Metal) and kinds of cores (sysctl).

use std::process::Command;

use objc2_metal::{MTLCopyAllDevices, MTLDevice as _};
use sysctl::Sysctl as _;

use super::findings::{Cache, CoreGroup, CoreKind, Metal, MetalDevice, System};
use super::ioreg;
use super::part::{Answer, Part, Probe};
use crate::units::Bytes;

/// No computer has more GPUs.
const MOST_DEVICES: usize = 64;

/// Reads the GPUs.
#[derive(Debug)]
pub(super) struct Reader;

impl Probe for Reader {
    fn part(&self) -> Part {
        Part::Metal
    }

    fn read(self: Box<Self>) -> Result<Answer, String> {
        let devices = MTLCopyAllDevices();
        let devices = devices.iter().take(MOST_DEVICES).map(|device| MetalDevice {
            name: device.name().to_string(),
            working_set: Bytes(device.recommendedMaxWorkingSetSize()),
            max_buffer: Bytes(device.maxBufferLength() as u64),
            unified: device.hasUnifiedMemory(),
        });
        Ok(Answer::Metal(Metal {
            devices: devices.collect(),
            wired_limit_mib: number("iogpu.wired_limit_mb"),
            cores: gpu_cores(),
        }))
    }
}

/// The I/O registry is read by its own tool: calling it directly would need unsafe code, and Metal does not
/// tell the number of cores.
fn gpu_cores() -> Option<u32> {
    let output = Command::new("/usr/sbin/ioreg").args(["-rc", "AGXAccelerator", "-d", "1"]).output().ok()?;
    ioreg::cores(&String::from_utf8_lossy(&output.stdout))
}

fn number(name: &str) -> Option<u64> {
    sysctl::Ctl::new(name).ok()?.value_string().ok()?.trim().parse().ok()
}

fn small(name: &str) -> Option<u32> {
    number(name).and_then(|number| u32::try_from(number).ok()).filter(|number| *number > 0)
}

/// Adds what sysinfo does not say of the processor.
pub(super) fn complete(found: &mut System) {
    for (level, kind) in [CoreKind::Performance, CoreKind::Efficiency].into_iter().enumerate() {
        let of_level = |name: &str| small(&format!("hw.perflevel{level}.{name}"));
        let Some(cores) = of_level("physicalcpu") else { continue };
        found.core_groups.push(CoreGroup { kind, cores, threads: of_level("logicalcpu").unwrap_or(cores) });
        if let (Some(size), Some(sharers)) = (of_level("l2cachesize"), of_level("cpusperl2")) {
            let count = cores.div_ceil(sharers);
            found.caches.push(Cache { level: 2, total: Bytes(u64::from(size) * u64::from(count)), count });
        }
    }
    // One kind alone is none.
    if found.core_groups.len() < 2 {
        found.core_groups.clear();
    }
    if small("sysctl.proc_translated").is_some() {
        found.emulated_on = Some("ARM64".to_owned());
    }
}
