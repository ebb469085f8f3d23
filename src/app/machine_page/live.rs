//! Values that change, once a second while the page is in view.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use crate::app::jobs::Wake;
use crate::machine::bandwidth::ReadBandwidth;
use crate::machine::probe::{Watch, watch};
use crate::machine::{Machine, Pool};
use crate::units::Bytes;

/// Time between two readings.
const EVERY: Duration = Duration::from_secs(1);
/// How far back the history goes.
pub const SPAN: Duration = Duration::from_mins(1);
/// Readings that may wait for the window; it takes them every frame.
const WAITING: usize = 4;
/// Readings that are kept at most, should a clock stand still.
const MOST: usize = 240;

/// A reading.
#[derive(Clone, Debug)]
pub struct Reading {
    /// All that is known then.
    pub machine: Box<Machine>,
    /// Time since readings began.
    pub at: Duration,
}

/// The bandwidth of the memory as it was measured, asked each time.
pub type Measured = Arc<dyn Fn() -> Option<ReadBandwidth> + Send + Sync>;

enum Source {
    /// Nothing is read: a recorded machine does not change.
    None,
    /// This computer.
    Probe { measured: Measured, wake: Wake },
    /// Readings that somebody else takes; for tests.
    Fed,
}

/// Readings of this computer while somebody looks at them.
pub struct Live {
    source: Source,
    running: Option<Watch>,
    inbox: Option<Receiver<Reading>>,
    visible: bool,
    began: Instant,
    /// The last reading since the page came into view.
    pub latest: Option<Box<Machine>>,
    /// What was used in the last minute.
    pub history: History,
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live").field("running", &self.running.is_some()).finish_non_exhaustive()
    }
}

impl Live {
    /// Nothing changes.
    pub fn none() -> Self {
        Self::with(Source::None, None)
    }

    /// Reads this computer, and calls `wake` when it has.
    pub fn probe(measured: Measured, wake: Wake) -> Self {
        Self::with(Source::Probe { measured, wake }, None)
    }

    /// Takes readings from the answer's other half; for tests.
    pub fn fed() -> (Self, SyncSender<Reading>) {
        let (sender, inbox) = sync_channel(WAITING);
        (Self::with(Source::Fed, Some(inbox)), sender)
    }

    fn with(source: Source, inbox: Option<Receiver<Reading>>) -> Self {
        Self {
            source,
            running: None,
            inbox,
            visible: false,
            began: Instant::now(),
            latest: None,
            history: History::default(),
        }
    }

    /// The page came into view, or left it. What was read last comes back when it leaves.
    pub(in crate::app) fn show(&mut self, visible: bool) -> Option<Box<Machine>> {
        if visible == self.visible {
            return None;
        }
        self.visible = visible;
        if visible {
            self.start();
            return None;
        }
        self.running = None;
        if matches!(self.source, Source::Probe { .. }) {
            self.inbox = None;
        }
        self.history = History::default();
        self.latest.take()
    }

    fn start(&mut self) {
        let Source::Probe { measured, wake } = &self.source else { return };
        let (sender, inbox) = sync_channel(WAITING);
        let (measured, wake, began) = (Arc::clone(measured), Arc::clone(wake), self.began);
        let report = move |machine| {
            // A window that takes none sleeps: it gets the next one.
            if sender.try_send(Reading { machine: Box::new(machine), at: began.elapsed() }).is_ok() {
                wake();
            }
        };
        // Without a thread the values stand as they were read.
        self.running = watch(EVERY, move || measured(), report).ok();
        self.inbox = Some(inbox);
    }

    /// Takes what has been read; whether anything was.
    pub(in crate::app) fn poll(&mut self) -> bool {
        let mut arrived = false;
        while self.visible
            && let Some(reading) = self.inbox.as_ref().and_then(|inbox| inbox.try_recv().ok())
        {
            self.history.push(reading.at, Sample::of(&reading.machine));
            self.latest = Some(reading.machine);
            arrived = true;
        }
        arrived
    }
}

/// What one reading says of what is used.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sample {
    /// Not free on all cards.
    pub vram: Option<Bytes>,
    /// Not free of main memory.
    pub ram: Option<Bytes>,
    /// What all GPUs draw, watts.
    pub watts: Option<f64>,
}

impl Sample {
    fn of(machine: &Machine) -> Self {
        let cards = machine.gpus.iter().filter(|gpu| gpu.pool == Pool::Discrete);
        let used = cards.filter_map(|gpu| {
            let (total, free) = (gpu.memory_total.as_ref()?.value, gpu.memory_free.as_ref()?.value);
            Some(total.saturating_sub(free))
        });
        let watts = machine.gpus.iter().filter_map(|gpu| gpu.power_now.as_ref()).map(|known| known.value);
        Self {
            vram: used.reduce(|a, b| a + b),
            ram: machine.ram.as_ref().map(|ram| ram.total.value.saturating_sub(ram.available.value)),
            watts: watts.reduce(|a, b| a + b),
        }
    }
}

/// The last minute.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History(VecDeque<(Duration, Sample)>);

impl History {
    fn push(&mut self, at: Duration, sample: Sample) {
        self.0.push_back((at, sample));
        while self.0.len() > MOST || self.0.front().is_some_and(|(first, _)| *first + SPAN < at) {
            self.0.pop_front();
        }
    }

    /// Whether nothing was read yet.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A line of it: seconds before now (0 is now) and the value, oldest first.
    pub fn line(&self, value: impl Fn(&Sample) -> Option<f64>) -> Vec<(f32, f64)> {
        let Some(&(now, _)) = self.0.back() else { return Vec::new() };
        let points = self.0.iter();
        points
            .filter_map(|(at, sample)| Some((now.saturating_sub(*at).as_secs_f32(), value(sample)?)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::testing::{with_rtx_4090, without_gpu};
    use crate::machine::Known;

    fn reading(seconds: u64, free: f64) -> Reading {
        Reading { machine: Box::new(with_rtx_4090(free)), at: Duration::from_secs(seconds) }
    }

    #[test]
    fn readings_are_taken_only_while_somebody_looks() {
        let (mut live, feed) = Live::fed();
        feed.send(reading(0, 20.0)).unwrap();
        assert!(!live.poll() && live.latest.is_none());
        assert!(live.show(true).is_none());
        assert!(live.poll());
        assert_eq!(live.latest.as_deref(), Some(&with_rtx_4090(20.0)));
        assert!(!live.poll());
        let last = live.show(false);
        assert_eq!(last.as_deref(), Some(&with_rtx_4090(20.0)), "it is what is known now");
        assert!(live.latest.is_none() && live.history.is_empty());
    }

    #[test]
    fn a_minute_is_kept() {
        let mut history = History::default();
        for second in 0..100 {
            history.push(
                Duration::from_secs(second),
                Sample { watts: Some(second as f64), ..Sample::default() },
            );
        }
        let line = history.line(|sample| sample.watts);
        assert_eq!((line.len(), line[0], line[60]), (61, (60.0, 39.0), (0.0, 99.0)));
        assert!(history.line(|sample| sample.vram.map(Bytes::gib)).is_empty());
        for _ in 0..1000 {
            history.push(Duration::from_secs(99), Sample::default());
        }
        assert!(history.0.len() <= MOST);
    }

    #[test]
    fn a_sample_sums_the_cards_up() {
        let mut machine = with_rtx_4090(20.0);
        machine.gpus.push(machine.gpus[0].clone());
        machine.gpus[1].power_now = Some(Known::new(31.0, "test"));
        let sample = Sample::of(&machine);
        assert_eq!((sample.vram, sample.watts), (Some(Bytes::from_gib(8.0)), Some(31.0)));
        assert_eq!(sample.ram, Some(Bytes::from_gib(12.0)));
        let none = Sample::of(&without_gpu());
        assert_eq!((none.vram, none.watts), (None, None));
    }
}
