//! What a machine says of itself in English, with a place for each value: the more exact first.

use crate::language::mark;

/// Sources of values; names of interfaces and files stay as they are.
pub(super) const SOURCES: [&str; 68] = [
    mark!("hardware table, from units × clock"),
    mark!("hardware table, by PCI id"),
    mark!("hardware table, shared with the GPU"),
    mark!("hardware table; built with {low} to {high} GB/s"),
    mark!("hardware table; lowest of {low} to {high} GB/s of what it may be"),
    mark!("hardware table; {low} to {high} GB/s with the RAM fitted"),
    mark!("hardware table"),
    mark!("CPU platform table: {platform}, theoretical; {gbs} with {ram}; {other_gbs} with {other_ram}"),
    mark!("CPU platform table: {platform}, theoretical; {gbs} with {ram}"),
    mark!("CPU platform table: {platform}, theoretical"),
    mark!("memory modules, from the firmware: {modules}, theoretical"),
    mark!("soldered, as the platform has them"),
    mark!("firmware, by the names of banks and slots"),
    mark!("modules, at most what the platform has"),
    mark!("measured here on {date}, {conditions}"),
    mark!("read by 1 core, on battery"),
    mark!("read by 1 core"),
    mark!("read by {cores} cores, on battery"),
    mark!("read by {cores} cores"),
    mark!("memory less what programs hold of it (fdinfo); those of other users are not seen"),
    mark!("{source}; what driver and system keep is in it"),
    mark!("sysfs, narrowest link to the processor"),
    mark!("highest memory clock (sysfs pp_dpm_mclk or KFD) × bus width"),
    mark!("NVML memory clock × bus width"),
    mark!("NVML, kept by driver and firmware"),
    mark!("sysfs power1_cap_min and power1_cap_max"),
    mark!("sysfs power1_average or power1_input"),
    mark!("sysfs mem_info_vram_used and mem_info_gtt_used, at most the available memory"),
    mark!("DXGI: {dedicated} dedicated + {shared} shared, at most the installed memory"),
    mark!("{read}, at most the installed memory"),
    mark!("memory that the system sees + {read}"),
    mark!("{source} and sysfs mem_info_vram_used"),
    mark!("what is left of the limit of this container or control group"),
    mark!("memory limit of this container or control group"),
    mark!("Metal recommendedMaxWorkingSetSize, set by hand to {mib} MiB with iogpu.wired_limit_mb"),
    mark!("set by hand with iogpu.wired_limit_mb"),
    mark!(
        "main memory available now ({source}) of what it may share, and what is dedicated less the \
         usual part of the desktop"
    ),
    mark!("main memory available now ({source})"),
    mark!("main memory, shared with the processor"),
    mark!("bandwidth of the RAM it shares"),
    mark!("shared with the processor"),
    mark!("Windows' performance counters"),
    mark!("NVIDIA's driver lists it"),
    mark!("the compute driver (KFD) lists it, {target}"),
    mark!("of unknown target"),
    mark!("its driver is installed ({file})"),
    mark!("{source}, in the slice's share of memory"),
    mark!("usually kept by {whom}"),
    mark!("capacity less what is kept by {whom}"),
    mark!("the operating system gives no name"),
    mark!("given; one pool with the GPU"),
    mark!("given: what is neither free nor usually kept"),
    mark!("PCI id"),
    mark!("the larger GPU"),
    mark!("operating system"),
    mark!("operating system, from the firmware"),
    mark!("processor table"),
    mark!("table of processors, by the name"),
    mark!("firmware"),
    mark!("device tree"),
    mark!("measured here"),
    mark!("installed memory"),
    mark!("given"),
    mark!("not given"),
    mark!("not found"),
    mark!("assumed"),
    mark!("not reported"),
    mark!("set by hand"),
];

/// Notes of parts.
pub(super) const NOTES: [&str; 22] = [
    mark!("Its speed cannot be said without its bandwidth"),
    mark!("Read through DXGI, because NVIDIA's driver does not answer"),
    mark!("Windows gives a size that was cut to 32 bits, which is not believed"),
    mark!("Asleep and not woken; identified by its PCI id"),
    mark!("Identified by its PCI id; NVIDIA's driver does not answer"),
    mark!("On the bus, but NVIDIA's driver does not list it: it cannot be used as it is"),
    mark!("Identified by its PCI id; NVIDIA's library is missing"),
    mark!("Identified by its PCI id; NVIDIA's driver does not run it"),
    mark!("Identified by its PCI id; it has no driver"),
    mark!("Not in the hardware table; compute rates are unknown"),
    mark!("NVIDIA's driver is being asked"),
    mark!("It could be any of these: {names}"),
    mark!("It runs with {lanes} of its {own} PCIe lanes: what lies in RAM arrives later"),
    mark!("The driver does not say how much memory is free: {reason}"),
    mark!("Speed and channels of the modules are not known: {reason}"),
    mark!(
        "the firmware's tables are for root only, and udev keeps no copy of what they say of memory: \
         run once as root (sudo plimsoll machine) to see speed and channels"
    ),
    mark!(
        "this system has no tables of the firmware, as is usual in containers and on boards without a \
         BIOS"
    ),
    mark!("Windows gives no table of the firmware"),
    mark!(
        "The memory runs at {speed} of the {rated} MT/s that it is sold for: its profile (XMP or \
         EXPO) may be off in the firmware"
    ),
    mark!("{channels} of {most} memory channels are filled: more modules make it faster"),
    mark!(
        "Measured {measured} of {theory} GB/s that the memory should reach: a channel may be missing \
         (a module that is not recognised, or slots that share a channel)"
    ),
    mark!(
        "Plimsoll was built for another processor and is emulated on this one ({native}); which \
         instructions it has is not known. The build for {same} sees it as it is and is faster"
    ),
];

/// Parts that could not be read, the reasons, and names that programs have for want of their own.
pub(super) const PROBLEMS: [&str; 31] = [
    mark!("Processor and memory"),
    mark!("PCI bus"),
    mark!("NVIDIA driver"),
    mark!("Display adapters (DXGI)"),
    mark!("Use of GPU memory (performance counters)"),
    mark!("Running programs"),
    mark!("Disks"),
    mark!("PCI device {address}"),
    mark!("GPU of the Windows host"),
    mark!("no thread could be started: {reason}"),
    mark!("no answer within {seconds} s"),
    mark!("stopped without an answer"),
    mark!("did not answer before and is not asked again"),
    mark!("the driver was updated and the old one is still loaded; restart the computer"),
    mark!("the driver is installed but not loaded; restart the computer, or load the module nvidia"),
    mark!("this user may not use the driver; the files /dev/nvidia* must be readable and writable"),
    mark!("a card stopped answering; restart the computer"),
    mark!("its library is there and cannot be loaded; install the driver anew ({reason})"),
    mark!("the driver answers with an error: {reason}"),
    mark!("{name} is set aside for virtual machines (driver vfio-pci)"),
    mark!(
        "{name} has NVIDIA's driver, but its library libnvidia-ml is missing; a container must be \
         started with access to the GPU"
    ),
    mark!("{name} runs with the driver {driver}; models need NVIDIA's own driver"),
    mark!("{name} has no driver; install NVIDIA's driver"),
    mark!("Windows lends a GPU to this Linux through /dev/dxg (WSL 2); only NVIDIA's say what they are"),
    mark!("the system lists no programs: {reason}"),
    mark!("the system lists no disks: {reason}"),
    mark!("the system does not say what processor and memory it has: {reason}"),
    mark!("DXGI answers with an error: {reason}"),
    mark!("Windows' performance counters cannot be read: {reason}"),
    mark!("a program of another user or container"),
    mark!("a program that has ended"),
];

/// What is assumed of a rig.
pub(super) const ASSUMED: [&str; 7] = [
    mark!("{name}: free_gib is more than the {size} that it has"),
    mark!("the bandwidth of {name} is not known: give bandwidth_gbs for its speed"),
    mark!("{name} is sold with several memories: {gib} GiB is assumed; give vram_gib"),
    mark!("ram_gib is not given: {gib} GiB is assumed"),
    mark!("{name} names several devices: {first} is assumed, it could be {others}"),
    mark!("{name} is not sold with {gib} GiB; {used} GiB is used"),
    mark!("no platform is known for the processor \"{name}\""),
];
