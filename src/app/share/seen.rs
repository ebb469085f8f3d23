//! What is in view, and the machine that it is said of, as a code carries them.

use serde::{Deserialize, Serialize};

use crate::app::grid::{Figure, Grouping};
use crate::app::page::Page;
use crate::app::rigs::{NamedRig, resolve};
use crate::app::rows::Sort;
use crate::app::settings::{Filters, Settings, View};
use crate::machine::spec::{GpuSpec, MachineSpec};
use crate::machine::{Machine, Pool};

/// What is in view, and in which order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SharedView {
    /// The page.
    pub page: Page,
    /// Table or matrix.
    pub view: View,
    /// What the cells of the matrix show.
    pub figure: Figure,
    /// How its rows are grouped.
    pub grouping: Grouping,
    /// The detail has the whole page.
    pub detail_page: bool,
    /// Which models are listed.
    pub filters: Filters,
    /// Order of the rows.
    pub sort: Sort,
    /// What is searched for.
    pub search: String,
}

impl SharedView {
    pub(super) fn of(settings: &Settings) -> Self {
        Self {
            page: settings.page,
            view: settings.view,
            figure: settings.figure,
            grouping: settings.grouping,
            detail_page: false,
            filters: settings.filters.clone(),
            sort: settings.sort,
            search: String::new(),
        }
    }

    pub(super) fn set(&self, settings: &mut Settings) {
        (settings.page, settings.view) = (self.page, self.view);
        (settings.figure, settings.grouping) = (self.figure, self.grouping);
        settings.filters.clone_from(&self.filters);
        settings.sort = self.sort;
    }
}

/// A machine that was read, as a rig that shows the same figures elsewhere: with what is free of its memory now.
pub fn rig_of(machine: &Machine, name: impl Into<String>) -> NamedRig {
    let (mut rig, left_out) = NamedRig::of(machine, name);
    rig.machine.ram_free_gib = machine.ram.as_ref().map(|ram| ram.available.value.gib());
    // With one of them left out, the others' places are not those of the description.
    if left_out.is_empty() {
        let each: Vec<GpuSpec> = rig
            .machine
            .gpus
            .iter()
            .flat_map(|gpu| (0..gpu.count).map(|_| GpuSpec { count: 1, ..gpu.clone() }))
            .collect();
        rig.machine.gpus.clear();
        for (gpu, read) in each.into_iter().zip(&machine.gpus) {
            let free = read.memory_free.as_ref().filter(|_| read.pool == Pool::Discrete);
            rig.machine.add(GpuSpec { free_gib: free.map(|free| free.value.gib()), ..gpu });
        }
    }
    round(&mut rig.machine);
    rig.machine = shortest(rig.machine);
    rig
}

/// The description without what it says of itself: what the hardware table and the usual reserves say too.
fn shortest(mut machine: MachineSpec) -> MachineSpec {
    let Ok(whole) = resolve(&machine) else { return machine };
    let mut leave_out = |change: &dyn Fn(&mut MachineSpec)| {
        let mut less = machine.clone();
        change(&mut less);
        if less != machine && resolve(&less).is_ok_and(|less| less.rig == whole.rig) {
            machine = less;
        }
    };
    leave_out(&|spec| spec.cores = None);
    leave_out(&|spec| spec.ram_bandwidth_gbs = None);
    leave_out(&|spec| spec.ram_free_gib = None);
    leave_out(&|spec| spec.cpu = None);
    leave_out(&|spec| spec.os = None);
    for place in 0..whole.machine.gpus.len() {
        let mut of_gpu = |change: fn(&mut GpuSpec)| {
            leave_out(&|spec| spec.gpus.get_mut(place).map_or((), change));
        };
        of_gpu(|gpu| gpu.bandwidth_gbs = None);
        of_gpu(|gpu| gpu.power_watts = None);
        of_gpu(|gpu| gpu.vram_gib = None);
        of_gpu(|gpu| gpu.pcie_generation = None);
        of_gpu(|gpu| gpu.pcie_lanes = None);
    }
    machine
}

/// Whether two descriptions come to the same hardware, whatever is free of it.
pub(in crate::app) fn is_same_hardware(one: &MachineSpec, other: &MachineSpec) -> bool {
    let bare = |spec: &MachineSpec| {
        let mut bare = MachineSpec { gpus: Vec::new(), ram_free_gib: None, ..spec.clone() };
        for gpu in &spec.gpus {
            bare.add(GpuSpec { free_gib: None, ..gpu.clone() });
        }
        round(&mut bare);
        resolve(&bare).ok().map(|resolved| resolved.rig)
    };
    bare(one).is_some_and(|one| bare(other) == Some(one))
}

/// To a thousandth, which no figure shows: a code gets shorter by a third.
pub(super) fn round(machine: &mut MachineSpec) {
    let thousandths = |value: &mut Option<f64>| {
        if let Some(value) = value {
            *value = (*value * 1e3).round() / 1e3;
        }
    };
    let host = [&mut machine.ram_gib, &mut machine.ram_free_gib, &mut machine.ram_bandwidth_gbs];
    host.into_iter().for_each(thousandths);
    for gpu in &mut machine.gpus {
        let values = [&mut gpu.vram_gib, &mut gpu.free_gib, &mut gpu.bandwidth_gbs, &mut gpu.power_watts];
        values.into_iter().for_each(thousandths);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::testing::with_rtx_4090;
    use crate::estimate::Rig;
    use crate::units::Bytes;

    #[test]
    fn a_computer_keeps_what_is_free_of_it() {
        let mut machine = with_rtx_4090(22.6);
        machine.gpus.push(machine.gpus[0].clone());
        machine.gpus[1].memory_free.as_mut().unwrap().value = Bytes::from_gib(23.0);
        let rig = rig_of(&machine, "two");
        assert_eq!(rig.machine.gpus.len(), 2, "unlike, for they are not equally free");
        let (there, here) = (resolve(&rig.machine).unwrap().rig, Rig::from(&machine));
        for (there, here) in there.devices.iter().zip(&here.devices) {
            assert!((there.free.gib() - here.free.gib()).abs() < 0.001);
            assert_eq!((there.capacity, there.bandwidth_gbs), (here.capacity, here.bandwidth_gbs));
        }
        assert!((there.host.free.gib() - here.host.free.gib()).abs() < 0.001);
        assert_eq!(there.host.bandwidth_gbs, here.host.bandwidth_gbs);
        assert_eq!(rig.machine.gpus[0].bandwidth_gbs, None, "the hardware table says the same");
        let (bare, _) = NamedRig::of(&machine, "bare");
        assert_eq!(bare.machine.gpus.len(), 1);
        assert!(is_same_hardware(&rig.machine, &bare.machine));
        let mut more = bare.machine.clone();
        more.ram_gib = Some(128.0);
        assert!(!is_same_hardware(&rig.machine, &more));
    }
}
