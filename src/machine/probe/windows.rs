//! What Windows tells: display adapters (DXGI), the firmware's table, kinds of cores, installed memory.
//!
//! The calls are thin; all that they return as bytes is read by [`super::smbios`], [`super::topology`] and
//! [`super::counters`], which are tested everywhere.
#![expect(unsafe_code, reason = "DXGI and these calls of kernel32 have no safe form in any maintained crate")]

use std::collections::BTreeSet;

use windows::Win32::Graphics::Dxgi::{
    CreateDXGIFactory1, DXGI_ADAPTER_DESC1, DXGI_ADAPTER_FLAG_SOFTWARE, DXGI_ERROR_NOT_FOUND, IDXGIFactory1,
};
use windows::Win32::System::SystemInformation::{
    GetLogicalProcessorInformationEx, GetPhysicallyInstalledSystemMemory, GetSystemFirmwareTable,
    IMAGE_FILE_MACHINE, IMAGE_FILE_MACHINE_ARM64, RSMB, RelationAll, SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX,
};
use windows::Win32::System::Threading::{GetCurrentProcess, IsWow64Process2};
use wmi::WMIConnection;

use super::counters::{self, Row};
use super::findings::{Adapter, System};
use super::part::{Answer, Part, Probe};
use super::{smbios, topology};
use crate::units::Bytes;

/// No computer has more adapters.
const MOST_ADAPTERS: u32 = 64;
/// No table or list is longer, bytes.
const LONGEST: u32 = 1 << 20;

/// Reads display adapters.
#[derive(Debug)]
pub(super) struct Adapters;

impl Probe for Adapters {
    fn part(&self) -> Part {
        Part::Adapters
    }

    fn read(self: Box<Self>) -> Result<Answer, String> {
        adapters().map(Answer::Adapters).map_err(|error| format!("DXGI answers with an error: {error}"))
    }
}

fn adapters() -> windows::core::Result<Vec<Adapter>> {
    // SAFETY: creates an object that counts its references; there are no arguments.
    let factory: IDXGIFactory1 = unsafe { CreateDXGIFactory1()? };
    let mut adapters = Vec::new();
    for index in 0..MOST_ADAPTERS {
        // SAFETY: the factory lives; an index past the end is an error that says so.
        let adapter = match unsafe { factory.EnumAdapters1(index) } {
            Ok(adapter) => adapter,
            Err(error) if error.code() == DXGI_ERROR_NOT_FOUND => break,
            Err(error) => return Err(error),
        };
        // SAFETY: the adapter lives; the description is returned by value.
        adapters.push(describe(&unsafe { adapter.GetDesc1()? }));
    }
    Ok(adapters)
}

fn describe(found: &DXGI_ADAPTER_DESC1) -> Adapter {
    let name: Vec<u16> = found.Description.iter().copied().take_while(|letter| *letter != 0).collect();
    Adapter {
        name: String::from_utf16_lossy(&name).trim().to_owned(),
        vendor: found.VendorId,
        device: found.DeviceId,
        revision: found.Revision,
        luid: counters::luid_text(found.AdapterLuid.HighPart.cast_unsigned(), found.AdapterLuid.LowPart),
        dedicated: Bytes(found.DedicatedVideoMemory as u64),
        shared: Bytes(found.SharedSystemMemory as u64),
        software: found.Flags & DXGI_ADAPTER_FLAG_SOFTWARE.0.cast_unsigned() != 0,
    }
}

/// Reads who uses the adapters' memory.
#[derive(Debug)]
pub(super) struct Counters;

impl Probe for Counters {
    fn part(&self) -> Part {
        Part::AdapterUse
    }

    fn read(self: Box<Self>) -> Result<Answer, String> {
        let rows = || -> wmi::WMIResult<(Vec<Row>, Vec<Row>)> {
            let connection = WMIConnection::new()?;
            let select = |class: &str| {
                connection.raw_query(format!(
                    "SELECT Name, DedicatedUsage, SharedUsage FROM \
                     Win32_PerfRawData_GPUPerformanceCounters_{class}"
                ))
            };
            Ok((select("GPUAdapterMemory")?, select("GPUProcessMemory")?))
        };
        let (adapters, processes) =
            rows().map_err(|error| format!("Windows' performance counters cannot be read: {error}"))?;
        let mut system =
            sysinfo::System::new().map_err(|error| format!("the system lists no programs: {error}"))?;
        let what = sysinfo::ProcessRefreshKind::nothing().without_tasks();
        system.refresh_processes_specifics(sysinfo::ProcessesToUpdate::All, true, what);
        let name_of = |pid| {
            let process = system.process(sysinfo::Pid::from_u32(pid))?;
            Some(process.name().to_string_lossy().into_owned())
        };
        Ok(Answer::AdapterUse(counters::uses(&adapters, &processes, name_of)))
    }
}

/// Adds what sysinfo does not say of processor and memory.
pub(super) fn complete(found: &mut System) {
    let topology::Topology { groups, caches, sockets, numa_nodes } = topology::parse(&processors());
    (found.core_groups, found.caches) = (groups, caches);
    (found.sockets, found.numa_nodes) = (sockets, numa_nodes);
    found.memory_installed = installed();
    match firmware_table().as_deref().and_then(smbios::table_of_windows) {
        Some(table) => found.modules = smbios::modules(table),
        None => found.modules_refused = Some("Windows gives no table of the firmware".to_owned()),
    }
    if cfg!(target_arch = "x86_64") && is_arm() {
        found.emulated_on = Some("ARM64".to_owned());
        // The emulator names a processor that does not exist.
        found.cpu = processor_name();
    }
}

/// The firmware's table (SMBIOS) with the head that Windows puts before it.
fn firmware_table() -> Option<Vec<u8>> {
    // SAFETY: without a buffer the call only tells the size.
    let size = unsafe { GetSystemFirmwareTable(RSMB, 0, None) };
    let mut table = vec![0; size.min(LONGEST) as usize];
    // SAFETY: the slice carries its length, which the call keeps to.
    let written = unsafe { GetSystemFirmwareTable(RSMB, 0, Some(&mut table)) };
    table.truncate(written as usize);
    (written > 0).then_some(table)
}

/// Memory that is fitted, what firmware keeps for a GPU included.
fn installed() -> Option<Bytes> {
    let mut kib = 0;
    // SAFETY: the pointer is to a number that lives.
    unsafe { GetPhysicallyInstalledSystemMemory(&raw mut kib) }.ok()?;
    Some(Bytes(kib.saturating_mul(1024))).filter(|size| *size > Bytes::ZERO)
}

/// The records of cores, caches, sockets and nodes; empty if Windows gives none.
fn processors() -> Vec<u8> {
    let mut length = 0;
    // SAFETY: without a buffer the call only tells the length, and fails for want of one.
    let _ = unsafe { GetLogicalProcessorInformationEx(RelationAll, None, &raw mut length) };
    if length == 0 || length > LONGEST {
        return Vec::new();
    }
    // Of 64-bit numbers, so that the records are aligned as the call expects.
    let mut buffer = vec![0_u64; (length as usize).div_ceil(8)];
    let records = buffer.as_mut_ptr().cast::<SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX>();
    // SAFETY: the buffer is aligned and at least as long as `length` says.
    if unsafe { GetLogicalProcessorInformationEx(RelationAll, Some(records), &raw mut length) }.is_err() {
        return Vec::new();
    }
    let bytes: Vec<u8> = buffer.iter().flat_map(|number| number.to_ne_bytes()).collect();
    bytes.into_iter().take(length as usize).collect()
}

/// Whether the processor is an Arm, whatever this program was built for.
fn is_arm() -> bool {
    let (mut process, mut native) = (IMAGE_FILE_MACHINE::default(), IMAGE_FILE_MACHINE::default());
    // SAFETY: the handle is this process's and needs no closing; the pointers are to values that live.
    let asked = unsafe { IsWow64Process2(GetCurrentProcess(), &raw mut process, Some(&raw mut native)) };
    asked.is_ok() && native == IMAGE_FILE_MACHINE_ARM64
}

/// The processor's name from the registry, by way of WMI.
fn processor_name() -> Option<String> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Named {
        name: String,
    }
    let rows: Vec<Named> = WMIConnection::new().ok()?.raw_query("SELECT Name FROM Win32_Processor").ok()?;
    let names: BTreeSet<String> = rows.into_iter().map(|row| row.name.trim().to_owned()).collect();
    names.into_iter().next()
}
