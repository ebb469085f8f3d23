//! `plimsoll measure`: the read bandwidth of this machine's memory, measured, kept, and forgotten again.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use serde::Serialize;

use crate::app::files;
use crate::app::own::store;
use crate::machine::bandwidth::{self, ReadBandwidth, Setup};
use crate::machine::{Known, Machine};
use crate::units::Bytes;

/// What was measured; GB/s are 10^9 bytes a second.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MeasureAnswer {
    /// Median of the repetitions.
    pub read_gbs: f64,
    /// Best of them.
    pub best_gbs: f64,
    /// When, as RFC 3339.
    pub date: String,
    /// Threads that read, one a physical core.
    pub threads: u32,
    /// Whether each stayed on its core.
    pub pinned: bool,
    /// Bytes that all threads read in each pass.
    pub buffer: Bytes,
    /// Repetitions that count.
    pub repetitions: u32,
    /// Whether the computer ran on its battery; null: not known.
    pub on_battery: Option<bool>,
    /// Processes that wanted to run before it began, on average over a minute; null: not known.
    pub load: Option<f64>,
    /// Processor.
    pub cpu: Option<String>,
    /// What the machine should have, where something else than a measurement says it.
    pub expected_gbs: Option<Known<f64>>,
    /// Whether estimates use it from now on; else the modules themselves say the bandwidth.
    pub used: bool,
    /// What speaks against the result.
    pub doubts: Vec<String>,
    /// Where it is kept.
    pub kept_in: String,
}

/// Measures the memory of this machine, which `probe` reads, and keeps the result in `folder`. The text
/// form, or JSON.
///
/// # Errors
/// There is too little memory, or the result cannot be kept: what to tell.
pub fn measure(folder: &Path, probe: impl FnOnce() -> Machine) -> Result<MeasureAnswer, String> {
    let machine = probe();
    let setup = Setup::of(&machine).map_err(|error| error.to_string())?;
    let mut told = io::stderr();
    if told.is_terminal() {
        writeln!(told, "Plimsoll {}…", setup.text()).ok();
    }
    let read =
        bandwidth::measure(&setup, &AtomicBool::new(false), |_| {}).map_err(|error| error.to_string())?;
    let path = store::save_memory(folder, &read)
        .map_err(|error| format!("the result cannot be kept in {}: {error}", folder.display()))?;
    Ok(answer(&read, &machine, &path))
}

fn answer(read: &ReadBandwidth, machine: &Machine, path: &Path) -> MeasureAnswer {
    let ram = machine.ram.as_ref();
    let known = ram.and_then(|ram| ram.bandwidth_gbs.as_ref());
    // What was measured earlier is no expectation.
    let expected = known.filter(|known| ram.is_some_and(|ram| ram.measured_gbs.as_ref() != Some(*known)));
    MeasureAnswer {
        read_gbs: read.gbs,
        best_gbs: read.best_gbs,
        date: read.date.clone(),
        threads: read.threads,
        pinned: read.pinned,
        buffer: read.buffer,
        repetitions: read.repetitions,
        on_battery: read.on_battery,
        load: read.load,
        cpu: read.cpu.clone(),
        used: !expected.is_some_and(bandwidth::is_of_modules),
        doubts: read.doubts(expected),
        expected_gbs: expected.cloned(),
        kept_in: path.display().to_string(),
    }
}

/// Forgets what was measured; in words what came of it.
///
/// # Errors
/// The file cannot be removed: what to tell.
pub fn forget(folder: &Path) -> Result<&'static str, String> {
    match store::forget_memory(folder) {
        Ok(true) => {
            Ok("Forgotten: the memory's bandwidth is that of the modules or the processor's platform again")
        }
        Ok(false) => Ok("Nothing to forget: the memory's bandwidth was not measured here"),
        Err(error) => {
            Err(format!("the measured bandwidth cannot be removed from {}: {error}", folder.display()))
        }
    }
}

/// The folder where measurements are kept.
///
/// # Errors
/// The system has none: what to tell.
pub fn folder() -> Result<std::path::PathBuf, String> {
    files::folder().ok_or_else(|| {
        "this system has no folder where the result could be kept (HOME is not set)".to_owned()
    })
}

/// The readable form.
pub fn readable(answer: &MeasureAnswer) -> String {
    let pinned = if answer.pinned { ", each kept on its own" } else { "" };
    let cores = if answer.threads == 1 { "core" } else { "cores" };
    let mut lines = vec![
        format!("Read bandwidth    {:.1} GB/s (median of {})", answer.read_gbs, answer.repetitions),
        format!("Best              {:.1} GB/s", answer.best_gbs),
        format!("Read by           {} {cores}{pinned}", answer.threads),
        format!("Buffers           {}", answer.buffer),
    ];
    if let Some(expected) = &answer.expected_gbs {
        let share = answer.read_gbs / expected.value * 100.0;
        lines.push(format!(
            "Expected          {:.1} GB/s, of which {share:.0} % ({})",
            expected.value, expected.source
        ));
    }
    lines.push(format!("Measured          {}", answer.date));
    lines.push(format!("Kept in           {}", answer.kept_in));
    lines.push(String::new());
    lines.extend(answer.doubts.iter().map(|doubt| format!("Note: {doubt}.")));
    lines.push(if answer.used {
        "Estimates for this machine use it from now on; plimsoll measure --forget undoes that.".to_owned()
    } else {
        "Estimates go on with what the memory modules say; this is shown beside it.".to_owned()
    });
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::testing::without_gpu;
    use crate::units::GIB;

    fn read() -> ReadBandwidth {
        ReadBandwidth {
            gbs: 41.2,
            best_gbs: 42.0,
            date: "2026-11-26T07:43:16Z".to_owned(),
            threads: 16,
            pinned: true,
            buffer: Bytes(GIB),
            repetitions: 15,
            on_battery: None,
            load: None,
            cpu: Some("Ryzen 9 5950X".to_owned()),
            memory_total: Bytes(64 * GIB),
        }
    }

    #[test]
    fn the_answer_says_what_is_used() {
        let mut machine = without_gpu();
        let table = answer(&read(), &machine, Path::new("/data/memory_bandwidth.json"));
        assert!(table.used);
        let text = readable(&table);
        assert!(text.contains("41.2 GB/s (median of 15)") && text.contains("of which 80 %"), "{text}");
        assert!(text.contains("use it from now on"), "{text}");
        let modules =
            Known::new(51.2, "memory modules, from the firmware: DDR4-3200 in 2 channels, theoretical");
        machine.ram.as_mut().unwrap().bandwidth_gbs = Some(modules);
        let live = answer(&read(), &machine, Path::new("x"));
        assert!(!live.used && readable(&live).contains("go on with what the memory modules say"));
        // What was measured before is not what it should have.
        let ram = machine.ram.as_mut().unwrap();
        ram.bandwidth_gbs = Some(read().known());
        ram.measured_gbs = Some(read().known());
        assert_eq!(answer(&read(), &machine, Path::new("x")).expected_gbs, None);
    }

    #[test]
    fn forgetting_says_whether_there_was_anything() {
        let folder = tempfile::tempdir().unwrap();
        assert!(forget(folder.path()).unwrap().starts_with("Nothing"));
        store::save_memory(folder.path(), &read()).unwrap();
        assert!(forget(folder.path()).unwrap().starts_with("Forgotten"));
    }
}
