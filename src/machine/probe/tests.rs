use std::sync::mpsc;
use std::time::Duration;

use super::*;

fn answering(id: PartId, read: impl FnOnce() -> Answer + Send + 'static) -> Part {
    Part { id, read: Box::new(read) }
}

fn system() -> Answer {
    let system = System { memory_total: crate::units::Bytes::from_gib(64.0), ..System::default() };
    Answer::System(Ok(system))
}

#[test]
fn a_part_that_hangs_is_given_up_with_a_reason() {
    let (release, released) = mpsc::sync_channel::<()>(1);
    let hangs = answering(PartId::Nvidia, move || {
        released.recv().ok();
        Answer::Nvidia(Nvidia::NoDriver)
    });
    let findings = gather(Findings::default(), vec![hangs], Duration::from_millis(1), |_| {});
    let Some(Nvidia::Failed { reason }) = &findings.nvidia else { panic!("{findings:?}") };
    assert!(reason.contains("no answer within"), "{reason}");
    let machine = recorded(&findings);
    assert_eq!(machine.problems[0].part, "NVIDIA driver");
    drop(release);
}

#[test]
fn a_slow_part_holds_up_no_other() {
    // The driver answers only after the update that the memory brings.
    let (release, released) = mpsc::sync_channel::<()>(1);
    let slow = answering(PartId::Nvidia, move || {
        released.recv().ok();
        Answer::Nvidia(Nvidia::NoDriver)
    });
    let findings = gather(
        Findings::default(),
        vec![slow, answering(PartId::System, system)],
        Duration::from_hours(1),
        |so_far| {
            if so_far.system.is_some() {
                release.try_send(()).ok();
            }
        },
    );
    assert!(findings.system.is_some());
    assert_eq!(findings.nvidia, Some(Nvidia::NoDriver));
    assert_eq!(findings.problems, []);
}

#[test]
fn a_part_that_fails_leaves_the_rest() {
    let fails = answering(PartId::System, || Answer::System(Err("no memory".to_owned())));
    let fine = answering(PartId::Nvidia, || Answer::Nvidia(Nvidia::NoDriver));
    let findings = gather(Findings::default(), vec![fails, fine], Duration::from_hours(1), |_| {});
    let problem = Problem { part: "Processor and memory".to_owned(), reason: "no memory".to_owned() };
    assert_eq!(findings.problems, [problem]);
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
