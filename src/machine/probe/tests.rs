use std::sync::mpsc;

use super::findings::{Nvidia, System};
use super::*;
use crate::machine::Problem;

/// A part that a test reads.
struct Reading<F> {
    part: Part,
    patience: Duration,
    read: F,
}

impl<F: FnOnce() -> Result<Answer, String> + Send + 'static> Probe for Reading<F> {
    fn part(&self) -> Part {
        self.part
    }

    fn patience(&self) -> Duration {
        self.patience
    }

    fn read(self: Box<Self>) -> Result<Answer, String> {
        (self.read)()
    }
}

fn reading(
    part: Part,
    patience: Duration,
    read: impl FnOnce() -> Result<Answer, String> + Send + 'static,
) -> Box<dyn Probe> {
    Box::new(Reading { part, patience, read })
}

const LONG: Duration = Duration::from_hours(1);

fn system() -> Answer {
    let system = System {
        cpu: Some("AMD Ryzen 9 7950X 16-Core Processor".to_owned()),
        memory_total: crate::units::Bytes::from_gib(64.0),
        ..System::default()
    };
    Answer::System(Box::new(system))
}

#[test]
fn a_part_that_hangs_is_given_up_with_a_reason_and_the_rest_stands() {
    let (release, released) = mpsc::sync_channel::<()>(1);
    let (answered, rest) = mpsc::sync_channel::<()>(1);
    let hangs = reading(Part::Nvidia, Duration::from_millis(1), move || {
        released.recv().ok();
        Ok(Answer::Nvidia(Nvidia::NoDriver))
    });
    let fine = reading(Part::System, LONG, move || {
        // The other has been given up by then.
        rest.recv().ok();
        Ok(system())
    });
    let Gathered { findings, silent } = gather(Findings::default(), vec![hangs, fine], |so_far| {
        if so_far.nvidia.is_some() {
            answered.try_send(()).ok();
        }
    });
    assert_eq!(silent, [Part::Nvidia]);
    let Some(Nvidia::Failed { reason }) = &findings.nvidia else { panic!("{findings:?}") };
    assert!(reason.contains("no answer within 0.001 s"), "{reason}");
    let machine = recorded(&findings);
    assert_eq!(machine.problems[0].part, "NVIDIA driver");
    assert_eq!(machine.ram.unwrap().bandwidth_gbs.unwrap().value, 83.2);
    drop(release);
}

#[test]
fn every_part_that_hangs_is_named() {
    let (release, released) = mpsc::sync_channel::<()>(1);
    let released = std::sync::Arc::new(std::sync::Mutex::new(released));
    let parts =
        [Part::System, Part::Bus, Part::Adapters, Part::AdapterUse, Part::Metal, Part::Programs, Part::Disks];
    let hang = |part| {
        let released = std::sync::Arc::clone(&released);
        reading(part, Duration::from_millis(1), move || {
            released.lock().unwrap().recv().ok();
            Err("too late".to_owned())
        })
    };
    let machine = recorded(&gather(Findings::default(), parts.map(hang).into(), |_| {}).findings);
    let named: Vec<&str> = machine.problems.iter().map(|problem| problem.part.as_str()).collect();
    assert_eq!(named, parts.map(Part::name));
    assert!(machine.problems.iter().all(|problem| problem.reason.starts_with("no answer within")));
    drop(release);
}

#[test]
fn a_slow_part_holds_up_no_other() {
    // The driver answers only after the update that the memory brings.
    let (release, released) = mpsc::sync_channel::<()>(1);
    let slow = reading(Part::Nvidia, LONG, move || {
        released.recv().ok();
        Ok(Answer::Nvidia(Nvidia::NoDriver))
    });
    let Gathered { findings, .. } =
        gather(Findings::default(), vec![slow, reading(Part::System, LONG, || Ok(system()))], |so_far| {
            if so_far.system.is_some() {
                release.try_send(()).ok();
            }
        });
    assert!(findings.system.is_some());
    assert_eq!(findings.nvidia, Some(Nvidia::NoDriver));
    assert_eq!(findings.problems, []);
}

#[test]
fn a_part_that_fails_or_dies_leaves_the_rest() {
    let fails = reading(Part::System, LONG, || Err("no memory".to_owned()));
    let dies = reading(Part::Disks, LONG, || panic!("on purpose"));
    let fine = reading(Part::Nvidia, LONG, || Ok(Answer::Nvidia(Nvidia::NoDriver)));
    let Gathered { findings, silent } = gather(Findings::default(), vec![fails, dies, fine], |_| {});
    assert_eq!(silent, [], "they answered");
    let problem =
        |part: Part, reason: &str| Problem { part: part.name().to_owned(), reason: reason.to_owned() };
    assert_eq!(
        findings.problems,
        [problem(Part::System, "no memory"), problem(Part::Disks, "stopped without an answer")]
    );
    let machine = recorded(&findings);
    assert_eq!(machine.name, "This computer");
    assert!(machine.cpu.is_none() && machine.ram.is_none());
}

#[test]
fn this_computer_has_a_processor_and_memory() {
    let machine = probe_now(None);
    let cpu = machine.cpu.expect("a processor");
    assert!(!cpu.name.value.is_empty());
    assert!(cpu.threads.is_some_and(|threads| threads.value > 0));
    let ram = machine.ram.expect("memory");
    assert!(ram.total.value > crate::units::Bytes::from_mib(64), "{ram:?}");
    assert!(ram.available.value <= ram.total.value, "{ram:?}");
    assert_eq!(machine.os, Os::current());
}

#[test]
fn updates_end_with_the_whole_machine() {
    let (sender, updates) = mpsc::sync_channel(8);
    start(
        || None,
        move |machine| {
            sender.send(machine).ok();
        },
    )
    .unwrap();
    // The channel closes when the probe has finished.
    let last = updates.iter().last().expect("an update");
    assert!(last.cpu.is_some() && last.ram.is_some());
}
