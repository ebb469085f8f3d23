//! NVIDIA's cards through its management library (NVML), which is loaded at run time.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use nvml_wrapper::enum_wrappers::device::Clock;
use nvml_wrapper::enums::device::UsedGpuMemory;
use nvml_wrapper::error::NvmlError;
use nvml_wrapper::{Device, Nvml};

use super::super::Pcie;
use super::super::table::PciId;
use super::findings::{Bus, Nvidia, NvidiaDevice, Program, Refusal, Slice};
use super::part::{Answer, Part, Probe};
use super::{bus, programs};
use crate::units::Bytes;

/// Where Windows puts the library for the Linux it hosts; not on the loader's path in every distribution.
const WSL: &str = "/usr/lib/wsl/lib/libnvidia-ml.so.1";
/// No computer has more cards, no card more slices.
const MOST: u32 = 64;
/// Longest command line of a program that is asked for.
const LONGEST_NAME: usize = 256;

/// Asks NVIDIA's driver for its cards.
#[derive(Debug)]
pub(super) struct Reader {
    root: PathBuf,
    /// Where the library may be, instead of where the loader finds it.
    library: Option<PathBuf>,
}

impl Reader {
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), library: None }
    }

    /// The library, from where the loader finds it or Windows puts it.
    fn open(&self) -> Result<Nvml, NvmlError> {
        let at = |path: &OsStr| Nvml::builder().lib_path(path).init();
        match &self.library {
            Some(path) => at(path.as_os_str()),
            None => match Nvml::init() {
                Err(NvmlError::LibloadingError(_)) if Path::new(WSL).exists() => at(OsStr::new(WSL)),
                result => result,
            },
        }
    }

    /// What the driver says. When all cards on the bus sleep it is not asked: that would wake them.
    fn ask(&self, bus: &Bus) -> Nvidia {
        let cards = || bus.devices.iter().filter(|device| device.id.vendor == bus::NVIDIA);
        if cards().next().is_some() && cards().all(|device| device.asleep) {
            return Nvidia::Asleep;
        }
        match self.open().and_then(|nvml| devices(&nvml)) {
            Ok(devices) => Nvidia::Devices(devices),
            Err(error) if is_absent(&error) => Nvidia::NoDriver,
            Err(error) => Nvidia::Failed { reason: reason(&error) },
        }
    }
}

impl Probe for Reader {
    fn part(&self) -> Part {
        Part::Nvidia
    }

    fn read(self: Box<Self>) -> Result<Answer, String> {
        // The driver is asked only after the bus, which tells whether that would wake a card.
        let bus = if cfg!(target_os = "linux") { bus::read(&self.root) } else { Bus::default() };
        Ok(Answer::Nvidia(self.ask(&bus)))
    }
}

/// Whether there is no library, rather than one that cannot be loaded.
fn is_absent(error: &NvmlError) -> bool {
    match error {
        NvmlError::LibraryNotFound => true,
        // The loader's own words; on Windows with its number (126, ERROR_MOD_NOT_FOUND).
        NvmlError::LibloadingError(error) => {
            let text = format!("{error:?} {error}");
            ["No such file", "no such file", "not found", "code: 126", "image not found"]
                .iter()
                .any(|words| text.contains(words))
        }
        _ => false,
    }
}

/// What an error means to the person at the screen.
fn reason(error: &NvmlError) -> String {
    match error {
        NvmlError::LibRmVersionMismatch => {
            "the driver was updated and the old one is still loaded; restart the computer".to_owned()
        }
        NvmlError::DriverNotLoaded => {
            "the driver is installed but not loaded; restart the computer, or load the module nvidia"
                .to_owned()
        }
        NvmlError::NoPermission => {
            "this user may not use the driver; the files /dev/nvidia* must be readable and writable"
                .to_owned()
        }
        NvmlError::GpuLost => "a card stopped answering; restart the computer".to_owned(),
        NvmlError::LibloadingError(error) => {
            format!("its library is there and cannot be loaded; install the driver anew ({error})")
        }
        other => format!("the driver answers with an error: {other}"),
    }
}

fn devices(nvml: &Nvml) -> Result<Vec<NvidiaDevice>, NvmlError> {
    let mut devices = Vec::new();
    let mut failure = None;
    for index in 0..nvml.device_count()?.min(MOST) {
        match nvml.device_by_index(index) {
            Ok(device) => devices.push(describe(nvml, &device)),
            // One lost card must not hide the others; the bus still lists it.
            Err(error) => failure = Some(error),
        }
    }
    match failure {
        Some(error) if devices.is_empty() => Err(error),
        _ => Ok(devices),
    }
}

fn describe(nvml: &Nvml, device: &Device<'_>) -> NvidiaDevice {
    let pci = device.pci_info().ok();
    let info = device.memory_info();
    let memory_refused = match &info {
        Ok(_) => None,
        Err(NvmlError::NotSupported) => Some(Refusal::NotSupported),
        Err(error) => Some(Refusal::Error(error.to_string())),
    };
    let info = info.ok();
    let positive = |value: Result<u32, NvmlError>| value.ok().filter(|value| *value > 0);
    let milliwatts =
        positive(device.enforced_power_limit()).or_else(|| positive(device.power_management_limit()));
    let generation = positive(device.max_pcie_link_gen());
    let lanes = positive(device.current_pcie_link_width());
    NvidiaDevice {
        name: device.name().ok().filter(|name| !name.trim().is_empty()),
        address: pci.as_ref().map(|pci| address(&pci.bus_id)),
        // Device in the upper half, vendor in the lower.
        id: pci.as_ref().map(|pci| PciId {
            vendor: pci.pci_device_id as u16,
            device: (pci.pci_device_id >> 16) as u16,
            revision: None,
        }),
        memory: info.as_ref().map(|info| (Bytes(info.total), Bytes(info.free))),
        memory_reserved: info.as_ref().map(|info| Bytes(info.reserved)),
        memory_refused,
        bus_width_bits: positive(device.memory_bus_width()),
        memory_clock_mhz: positive(device.max_clock_info(Clock::Memory)),
        cores: positive(device.num_cores()),
        compute_capability: device.cuda_compute_capability().ok().map(|c| (c.major, c.minor)),
        power_watts: milliwatts.map(|milliwatts| f64::from(milliwatts) / 1e3),
        power_range_watts: device.power_management_limit_constraints().ok().and_then(|range| {
            let watts = |milliwatts: u32| f64::from(milliwatts) / 1e3;
            (0 < range.min_limit && range.min_limit <= range.max_limit)
                .then(|| (watts(range.min_limit), watts(range.max_limit)))
        }),
        power_now_watts: positive(device.power_usage()).map(|milliwatts| f64::from(milliwatts) / 1e3),
        pcie: generation.zip(lanes).map(|(generation, lanes)| Pcie { generation, lanes }),
        own_lanes: positive(device.max_pcie_link_width()),
        programs: programs_on(nvml, device),
        slices: slices(device),
    }
}

/// The programs that hold memory of a card. Windows tells which, and not how much.
fn programs_on(nvml: &Nvml, device: &Device<'_>) -> Vec<Program> {
    let computing = device.running_compute_processes().unwrap_or_default();
    let drawing = device.running_graphics_processes().unwrap_or_default();
    let mut seen = BTreeSet::new();
    let each = computing.into_iter().chain(drawing).filter(|process| seen.insert(process.pid));
    let programs = each.map(|process| Program {
        name: match nvml.sys_process_name(process.pid, LONGEST_NAME) {
            Ok(name) => programs::file_name(&name),
            Err(_) => "a program of another user or container".to_owned(),
        },
        memory: match process.used_gpu_memory {
            UsedGpuMemory::Used(bytes) => Some(Bytes(bytes)),
            UsedGpuMemory::Unavailable => None,
        },
        processes: 1,
    });
    programs::by_name(programs)
}

/// The slices of a divided card; none if it is whole.
fn slices(device: &Device<'_>) -> Vec<Slice> {
    if device.mig_mode().is_ok_and(|mode| mode.current == 1) {
        let most = device.mig_device_count().unwrap_or(0).min(MOST);
        let slice = |index| {
            let slice = device.mig_device_by_index(index).ok()?;
            let memory = slice.memory_info().ok()?;
            Some(Slice {
                name: slice.name().ok()?,
                total: Bytes(memory.total),
                free: Bytes(memory.free),
                reserved: Some(Bytes(memory.reserved)),
            })
        };
        (0..most).filter_map(slice).collect()
    } else {
        Vec::new()
    }
}

/// NVML writes the domain with eight digits and capitals, the kernel with four and small letters.
fn address(bus_id: &str) -> String {
    let lower = bus_id.to_lowercase();
    match lower.split_once(':') {
        Some((domain, rest)) if domain.len() == 8 && domain.starts_with("0000") => {
            format!("{}:{rest}", &domain[4..])
        }
        _ => lower,
    }
}

/// What the driver of the machine whose root is `root` says.
#[cfg(test)]
pub(super) fn asked(root: &Path) -> Nvidia {
    Reader::new(root).ask(&bus::read(root))
}

#[cfg(test)]
mod fake;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_of_the_bus() {
        assert_eq!(address("00000000:0A:00.0"), "0000:0a:00.0");
        assert_eq!(address("0000:01:00.0"), "0000:01:00.0");
        assert_eq!(address("00010000:01:00.0"), "00010000:01:00.0");
        assert_eq!(address(""), "");
    }

    #[test]
    fn errors_say_what_to_do() {
        assert!(reason(&NvmlError::LibRmVersionMismatch).contains("restart"));
        assert!(reason(&NvmlError::NoPermission).contains("/dev/nvidia*"));
        assert!(reason(&NvmlError::Unknown).contains("error"));
    }
}
