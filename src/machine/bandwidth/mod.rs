//! How fast this computer reads its main memory, measured.
//!
//! Each physical core reads a buffer of its own, which it touched first, so that the memory of its own node
//! holds it; all together are several times as large as the caches. Nothing is written while time is taken,
//! for that is what a model's decoding does. After a warm-up all cores read in step some dozen times; the
//! median is what counts, the best tells how disturbed the machine was.

mod cores;
mod kernel;
mod result;

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Barrier, mpsc};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use thiserror::Error;

use super::Machine;
use crate::language::{mark, text, tr, tr_n};
use crate::units::{Bytes, GIB, MIB};

pub use result::{ReadBandwidth, is_of_modules};

/// Timed repetitions.
const REPETITIONS: u32 = 15;
/// Repetitions that are not timed: clocks rise, pages are mapped.
const WARM_UPS: u32 = 2;
/// Each repetition reads for about as long, so that a core that starts late costs little.
const LENGTH: Duration = Duration::from_millis(60);
/// All buffers together: at least so much.
const LEAST: u64 = 512 * MIB;
/// And at most.
const MOST: u64 = 8 * GIB;
/// How often the buffers hold the caches.
const CACHES: u64 = 4;
/// A cache where the system does not say.
const USUAL_CACHE: u64 = 64 * MIB;
/// Shares of the memory that is free now which are not taken.
const SHARE: u64 = 4;
/// Why nothing was measured.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MeasureError {
    /// There is not memory enough for buffers larger than the caches.
    #[error(
        "{}",
        tr!(
            "too little free memory: {needed} are needed for buffers larger than the caches, {free} are free",
            needed,
            free
        )
    )]
    TooLittleMemory {
        /// What the buffers take.
        needed: Bytes,
        /// What is available.
        free: Bytes,
    },
    /// The system gave no memory or thread.
    #[error("{}", refused(.0))]
    Refused(&'static str),
    /// It was cancelled.
    #[error("{}", tr!("cancelled"))]
    Cancelled,
}

fn refused(what: &str) -> String {
    tr!("the system refused {what}", what = text(what))
}

/// By what a computer is known again: its processor's name and all its memory.
pub(in crate::machine) fn identity(machine: &Machine) -> (Option<String>, Bytes) {
    let cpu = machine.cpu.as_ref().map(|cpu| cpu.name.value.clone());
    let total = machine.ram.as_ref().map(|ram| ram.installed.as_ref().unwrap_or(&ram.total).value);
    (cpu, total.unwrap_or(Bytes::ZERO))
}

/// What is measured, and what the machine should allow.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// Cores that read, as the system numbers them; empty where it lets nobody choose.
    cores: Vec<usize>,
    /// Threads that read.
    threads: usize,
    /// Buffer of each.
    each: u64,
    on_battery: Option<bool>,
    load: Option<f64>,
    cpu: Option<String>,
    memory_total: Bytes,
}

impl Setup {
    /// For this computer, which `machine` describes.
    ///
    /// # Errors
    /// Too little memory is free.
    pub fn of(machine: &Machine) -> Result<Self, MeasureError> {
        let cores = cores::physical();
        let known = machine.cpu.as_ref().and_then(|cpu| cpu.cores.as_ref()).map(|cores| cores.value as usize);
        // A container may be given less time than it has cores.
        let allowed = thread::available_parallelism().map_or(1, usize::from);
        let all = if cores.is_empty() { known.unwrap_or(allowed) } else { cores.len() };
        let threads = all.clamp(1, allowed);
        let wanted = (CACHES * cores::last_caches().unwrap_or(USUAL_CACHE)).clamp(LEAST, MOST);
        let ram = machine.ram.as_ref();
        let free = ram.map_or(Bytes(u64::MAX), |ram| ram.available.value);
        if free.0 / SHARE < wanted {
            return Err(MeasureError::TooLittleMemory { needed: Bytes(SHARE * wanted), free });
        }
        let (cpu, memory_total) = identity(machine);
        Ok(Self {
            cores: if cores.len() == threads { cores } else { Vec::new() },
            threads,
            each: wanted.div_ceil(threads as u64).next_multiple_of(4096),
            on_battery: cores::on_battery(),
            load: cores::load(),
            cpu,
            memory_total,
        })
    }

    /// In words, before it is done: "reads 512 MiB on 8 cores for about 2 s".
    pub fn text(&self) -> String {
        let seconds = (REPETITIONS + WARM_UPS) * LENGTH.as_millis() as u32 / 1000 + 1;
        let cores = tr_n!(self.threads, "{cores} core", "{cores} cores", cores = self.threads);
        tr!("reads {size} of memory on {cores} for about {seconds} s", size = self.buffer(), cores, seconds)
    }

    fn buffer(&self) -> Bytes {
        Bytes(self.each * self.threads as u64)
    }
}

/// Measures. `progress` is told the share that is done, from 0 to 1; `cancel` is looked at between
/// repetitions.
///
/// # Errors
/// The system refuses memory or threads, or it was cancelled.
pub fn measure(
    setup: &Setup,
    cancel: &AtomicBool,
    progress: impl Fn(f32) + Sync,
) -> Result<ReadBandwidth, MeasureError> {
    let date = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let run = Run {
        setup,
        cancel,
        progress: &progress,
        step: Barrier::new(setup.threads),
        stop: AtomicBool::new(false),
        passes: AtomicU32::new(1),
    };
    let spans = run.all()?;
    let (times, pinned): (Vec<Vec<Span>>, Vec<bool>) = spans.into_iter().unzip();
    let mut rates: Vec<f64> = (0..REPETITIONS as usize)
        .filter_map(|n| {
            let of_step: Vec<&Span> = times.iter().filter_map(|spans| spans.get(n)).collect();
            let start = of_step.iter().map(|span| span.start).min()?;
            let end = of_step.iter().map(|span| span.end).max()?;
            let bytes: u64 = of_step.iter().map(|span| span.bytes).sum();
            Some(bytes as f64 / end.duration_since(start).as_secs_f64() / 1e9)
        })
        .collect();
    rates.sort_by(f64::total_cmp);
    let (Some(&median), Some(&best)) = (rates.get(rates.len() / 2), rates.last()) else {
        return Err(MeasureError::Cancelled);
    };
    let short = |gbs: f64| (gbs * 10.0).round() / 10.0;
    Ok(ReadBandwidth {
        gbs: short(median),
        best_gbs: short(best),
        date,
        threads: setup.threads as u32,
        pinned: pinned.iter().all(|pinned| *pinned),
        buffer: setup.buffer(),
        repetitions: rates.len() as u32,
        on_battery: setup.on_battery,
        load: setup.load,
        cpu: setup.cpu.clone(),
        memory_total: setup.memory_total,
    })
}

/// One repetition of one thread.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: Instant,
    end: Instant,
    bytes: u64,
}

struct Run<'a, P> {
    setup: &'a Setup,
    cancel: &'a AtomicBool,
    progress: &'a P,
    /// All threads begin each repetition together.
    step: Barrier,
    /// No further repetition: said by one for all, between two steps.
    stop: AtomicBool,
    /// How often each reads its buffer in a repetition: as the fastest can.
    passes: AtomicU32,
}

impl<P: Fn(f32) + Sync> Run<'_, P> {
    fn all(&self) -> Result<Vec<(Vec<Span>, bool)>, MeasureError> {
        // Buffers are reserved before any thread waits for another. The system gives the pages when they
        // are touched.
        let mut buffers = Vec::new();
        for _ in 0..self.setup.threads {
            let mut buffer: Vec<u64> = Vec::new();
            let words = (self.setup.each / 8) as usize;
            buffer.try_reserve_exact(words).map_err(|_| MeasureError::Refused(mark!("memory")))?;
            buffers.push(buffer);
        }
        let results = thread::scope(|scope| {
            let (mut gates, mut threads) = (Vec::new(), Vec::new());
            for (n, buffer) in buffers.into_iter().enumerate() {
                // None begins before all are there: they wait for each other, and one that is missing
                // would be waited for without end.
                let (go, gate) = mpsc::sync_channel::<()>(1);
                let run = move || gate.recv().ok().map(|()| self.one(n, buffer));
                let named = thread::Builder::new().name("bandwidth".to_owned());
                threads.push(named.spawn_scoped(scope, run).ok()?);
                gates.push(go);
            }
            for go in gates {
                go.send(()).ok();
            }
            threads.into_iter().map(|thread| thread.join().ok().flatten()).collect::<Option<Vec<_>>>()
        });
        if self.stop.load(Ordering::SeqCst) {
            return Err(MeasureError::Cancelled);
        }
        results.ok_or(MeasureError::Refused(mark!("a thread")))
    }

    fn one(&self, n: usize, mut buffer: Vec<u64>) -> (Vec<Span>, bool) {
        let pinned = self.setup.cores.get(n).is_some_and(|&core| cores::pin(core));
        // First touch, by the core that will read; no page may stay the one of zeros.
        buffer.resize((self.setup.each / 8) as usize, n as u64 + 1);
        self.step.wait();
        let first = Instant::now();
        kernel::read(&buffer, 1);
        let passes = (LENGTH.as_secs_f64() / first.elapsed().as_secs_f64().max(1e-6)).ceil();
        self.passes.fetch_max(passes.clamp(1.0, 1000.0) as u32, Ordering::SeqCst);
        self.step.wait();
        let passes = self.passes.load(Ordering::SeqCst);
        let mut spans = Vec::with_capacity(REPETITIONS as usize);
        for repetition in 0..WARM_UPS + REPETITIONS {
            if n == 0 {
                self.stop.fetch_or(self.cancel.load(Ordering::Relaxed), Ordering::SeqCst);
                (self.progress)(repetition as f32 / (WARM_UPS + REPETITIONS) as f32);
            }
            self.step.wait();
            if self.stop.load(Ordering::SeqCst) {
                break;
            }
            // Nobody may change `stop` for the next round before all have looked at it.
            self.step.wait();
            let start = Instant::now();
            kernel::read(&buffer, passes);
            let end = Instant::now();
            if repetition >= WARM_UPS {
                spans.push(Span { start, end, bytes: self.setup.each * u64::from(passes) });
            }
        }
        (spans, pinned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_run_reads_what_it_says() {
        let setup = Setup {
            cores: Vec::new(),
            threads: 2,
            each: MIB,
            on_battery: None,
            load: None,
            cpu: None,
            memory_total: Bytes(GIB),
        };
        let shares = std::sync::Mutex::new(Vec::new());
        let result = measure(&setup, &AtomicBool::new(false), |share| shares.lock().unwrap().push(share));
        let result = result.unwrap();
        assert!(result.is_sound(), "{result:?}");
        assert_eq!((result.threads, result.repetitions, result.pinned), (2, REPETITIONS, false));
        assert_eq!(result.buffer, Bytes(2 * MIB));
        let shares = shares.into_inner().unwrap();
        assert_eq!(shares.len() as u32, WARM_UPS + REPETITIONS);
        assert!(shares.is_sorted() && shares[0] == 0.0);
    }

    #[test]
    fn it_stops_when_told() {
        let setup = Setup {
            cores: Vec::new(),
            threads: 3,
            each: MIB,
            on_battery: None,
            load: None,
            cpu: None,
            memory_total: Bytes(GIB),
        };
        let cancel = AtomicBool::new(false);
        let result = measure(&setup, &cancel, |share| cancel.store(share > 0.2, Ordering::Relaxed));
        assert_eq!(result, Err(MeasureError::Cancelled));
    }
}
