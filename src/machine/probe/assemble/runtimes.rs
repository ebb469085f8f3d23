//! What models can be run with on a GPU here.

use super::super::super::{Known, Runtime, Vendor};
use super::super::findings::{Bus, BusDevice};

/// Of a GPU of `vendor`: `driver_answers` says that NVIDIA's library lists it, `device` is its place on the bus.
pub(super) fn of(
    vendor: Vendor,
    driver_answers: bool,
    device: Option<&BusDevice>,
    bus: Option<&Bus>,
) -> Vec<Known<Runtime>> {
    let mut found = Vec::new();
    if vendor == Vendor::Nvidia && driver_answers {
        found.push(Known::new(Runtime::Cuda, "NVIDIA's driver lists it"));
    }
    if vendor == Vendor::Amd
        && let Some(kfd) = device.and_then(|device| device.kfd.as_ref())
    {
        let target = kfd.target.as_deref().unwrap_or("of unknown target");
        found.push(Known::new(Runtime::Rocm, format!("the compute driver (KFD) lists it, {target}")));
    }
    let files: &[&str] = match vendor {
        Vendor::Nvidia => &["nvidia"],
        Vendor::Amd => &["radeon", "amd"],
        Vendor::Intel => &["intel"],
        Vendor::Apple => &["asahi"],
        Vendor::Qualcomm => &["freedreno"],
        Vendor::Other => &[],
    };
    let installed = bus.into_iter().flat_map(|bus| &bus.vulkan);
    if let Some(file) = installed.into_iter().find(|maker| files.contains(&maker.as_str())) {
        found.push(Known::new(Runtime::Vulkan, format!("its driver is installed ({file}_icd)")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::super::findings::Kfd;
    use super::*;

    fn device(kfd: Option<Kfd>) -> BusDevice {
        BusDevice {
            address: String::new(),
            id: "1002:744c".parse().unwrap(),
            driver: None,
            asleep: false,
            vram: None,
            gtt: None,
            integrated: None,
            memory_clock_mhz: None,
            power_watts: None,
            power_range_watts: None,
            power_now_watts: None,
            programs: Vec::new(),
            pcie: None,
            own_lanes: None,
            kfd,
        }
    }

    #[test]
    fn what_is_installed_and_no_more() {
        let bus = Bus { vulkan: vec!["nvidia".to_owned(), "radeon".to_owned()], ..Bus::default() };
        let names = |vendor, answers, device: Option<&BusDevice>, bus: Option<&Bus>| -> Vec<Runtime> {
            of(vendor, answers, device, bus).into_iter().map(|known| known.value).collect()
        };
        let kfd = device(Some(Kfd { target: Some("gfx1100".to_owned()), ..Kfd::default() }));
        assert_eq!(names(Vendor::Amd, false, Some(&kfd), Some(&bus)), [Runtime::Rocm, Runtime::Vulkan]);
        assert_eq!(names(Vendor::Amd, false, Some(&device(None)), Some(&bus)), [Runtime::Vulkan]);
        assert_eq!(names(Vendor::Nvidia, true, None, None), [Runtime::Cuda]);
        assert_eq!(names(Vendor::Nvidia, false, None, Some(&Bus::default())), []);
        assert_eq!(names(Vendor::Intel, false, None, Some(&bus)), []);
    }
}
