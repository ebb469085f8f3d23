//! Own measurements as the window uses them.

use std::fs;
use std::path::Path;

use super::*;
use crate::app::testing::{with_rtx_4090, without_gpu};
use crate::estimate::measured::Test;
use crate::machine::Known;
use crate::model::Catalog;

fn recorded(name: &str) -> String {
    let path = format!("{}/tests/data/benchmarks/{name}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(path).unwrap()
}

fn own(folder: &Path) -> Own {
    let mut own = Own::inline(Some(folder.to_owned()), None);
    own.poll(None);
    own
}

fn apply(own: &mut Own, action: OwnAction, machine: &Machine) {
    own.apply(action, Some(machine));
    own.poll(Some(machine));
    own.set_machine(Some(machine));
}

/// An RTX 4080 in place of the RTX 4090.
fn with_rtx_4080() -> Machine {
    let mut machine = with_rtx_4090(15.0);
    machine.gpus[0].name = Known::new("NVIDIA GeForce RTX 4080".to_owned(), "test");
    machine
}

#[test]
fn what_is_brought_is_kept_and_used_on_its_machine() {
    let folder = tempfile::tempdir().unwrap();
    let machine = with_rtx_4080();
    let mut first = own(folder.path());
    apply(&mut first, OwnAction::ImportText(recorded("llama-bench-2025-04.json")), &machine);
    let import = first.import.clone().unwrap();
    assert_eq!((import.read, import.added, import.faults.len()), (2, 2, 0));
    assert_eq!(first.for_machine().len(), 2);
    assert_eq!(first.for_machine()[1].model.as_deref(), Some("Qwen/Qwen2.5-7B-Instruct"));
    // The same again, as another form of the same run.
    apply(&mut first, OwnAction::ImportText(recorded("llama-bench-2025-04.jsonl")), &machine);
    assert_eq!(first.import.as_ref().unwrap().added, 0);
    let rows: Vec<Measurement> = first.rows.iter().map(|kept| kept.row.clone()).collect();
    drop(first);

    let mut again = own(folder.path());
    assert_eq!(again.rows.iter().map(|kept| kept.row.clone()).collect::<Vec<_>>(), rows);
    again.set_machine(Some(&with_rtx_4090(22.0)));
    assert!(again.for_machine().is_empty(), "an RTX 4090 is no RTX 4080");
    let id = again.rows[0].id;
    apply(&mut again, OwnAction::Remove(id), &machine);
    assert_eq!(again.for_machine().len(), 1);
    assert_eq!(own(folder.path()).rows.len(), 1);
    apply(&mut again, OwnAction::RemoveAll, &machine);
    assert!(own(folder.path()).rows.is_empty());
}

#[test]
fn what_names_no_machine_is_of_this_one() {
    let folder = tempfile::tempdir().unwrap();
    let machine = with_rtx_4090(22.0);
    let mut own = own(folder.path());
    apply(&mut own, OwnAction::ImportText(recorded("vllm-serve-one-at-a-time.json")), &machine);
    assert_eq!(own.rows.len(), 2);
    assert_eq!(own.rows[0].row.place.gpus, ["NVIDIA GeForce RTX 4090"]);
    assert_eq!(own.for_machine().len(), 2);
    // The processor's own rows name no GPU.
    apply(&mut own, OwnAction::ImportText(recorded("table-cpu-threads.md")), &machine);
    assert!(own.rows[2].row.place.gpus.is_empty());
    assert_eq!(own.rows[2].row.place.cpu.as_deref(), Some("Ryzen 9 5950X"));
}

#[test]
fn a_person_says_which_model_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let machine = with_rtx_4090(22.0);
    let mut own = own(folder.path());
    let table = recorded("table-2025-02-vulkan.md").replace("Radeon RX 580 Series", "GeForce RTX 4090");
    apply(&mut own, OwnAction::ImportText(table.replace("| llama 3B", "| unheard 3B")), &machine);
    assert_eq!(own.rows.len(), 4);
    assert!(own.rows.iter().all(|kept| matches!(kept.matched, Matched::Among(_))));
    assert!(own.for_machine().is_empty());
    let id = own.rows[1].id;
    apply(&mut own, OwnAction::Find(id, "llama 3.2 3b".to_owned()), &machine);
    let Matched::Among(candidates) = own.rows[1].matched.clone() else { panic!() };
    let catalog = Catalog::embedded();
    let llama = candidates.into_iter().find(|&id| catalog.get(id).id.contains("Llama-3.2-3B")).unwrap();
    apply(&mut own, OwnAction::Choose(id, llama), &machine);
    assert!(own.rows.iter().all(|kept| kept.matched == Matched::Sure(llama)), "those written alike follow");
}

#[test]
fn bad_rows_are_told_with_their_line_and_file() {
    let folder = tempfile::tempdir().unwrap();
    let (good, bad) = (folder.path().join("good.csv"), folder.path().join("bad.md"));
    fs::write(&good, recorded("llama-bench-2025-04.csv")).unwrap();
    fs::write(&bad, recorded("table-2024-01-nkvo.md").replace("127.43", "fast")).unwrap();
    let none = folder.path().join("missing.json");
    let paths = vec![good, bad, none, folder.path().to_owned()];
    let mut own = own(folder.path());
    apply(&mut own, OwnAction::ImportFiles(paths), &without_gpu());
    let import = own.import.clone().unwrap();
    assert_eq!((import.read, import.sources.len()), (5, 2));
    assert!(import.faults[0].starts_with("bad.md, line 5: t/s is \"fast"), "{:?}", import.faults);
    assert!(import.faults[1].starts_with("missing.json: "), "{:?}", import.faults);
    assert_eq!(import.faults.len(), 3);
}

#[test]
fn damage_is_said_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("measurements.json"), "{ damaged").unwrap();
    let mut own = own(folder.path());
    assert!(own.notice.take().unwrap().contains("measurements.json.damaged-1"));
    apply(&mut own, OwnAction::ImportText(recorded("llama-bench-2025-04.json")), &with_rtx_4080());
    assert_eq!(fs::read_to_string(folder.path().join("measurements.json.damaged-1")).unwrap(), "{ damaged");
    assert!(folder.path().join("measurements.json").exists());
}

#[test]
fn it_says_when_it_cannot_keep() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a file");
    fs::write(&file, "").unwrap();
    let mut own = Own::inline(Some(file), None);
    own.poll(None);
    own.notice = None;
    apply(&mut own, OwnAction::ImportText(recorded("llama-bench-2025-04.json")), &with_rtx_4080());
    own.poll(None);
    assert!(own.notice.clone().unwrap().contains("could not be kept"));
}

/// Waits for what runs beside.
fn until(own: &mut Own, machine: &Machine, done: impl Fn(&Own) -> bool) -> Polled {
    let mut all = Polled::default();
    for _ in 0..6000 {
        let polled = own.poll(Some(machine));
        all.rows |= polled.rows;
        all.machine = polled.machine.or(all.machine);
        if done(own) {
            return all;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("it never ended: {own:?}");
}

#[cfg(unix)]
#[test]
fn a_run_is_shown_and_its_rows_are_kept() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let bench = folder.path().join("llama-bench");
    let recorded = format!("{}/tests/data/benchmarks/llama-bench-2025-04.json", env!("CARGO_MANIFEST_DIR"));
    fs::write(&bench, format!("#!/bin/sh\ncat '{recorded}'\n")).unwrap();
    fs::set_permissions(&bench, fs::Permissions::from_mode(0o755)).unwrap();
    let model = folder.path().join("Qwen2.5-7B-Instruct-Q4_K_M.gguf");
    fs::write(&model, vec![0; 1000]).unwrap();

    let machine = with_rtx_4080();
    let mut own = own(folder.path());
    assert_eq!(own.job(), None);
    apply(&mut own, OwnAction::BenchAt(bench.clone()), &machine);
    apply(&mut own, OwnAction::File(model.clone()), &machine);
    assert_eq!(own.form.file_size, Some(1000));
    let text = own.job().unwrap().text();
    assert_eq!(text, format!("{} -m {} -p 512 -n 128 -r 3 -o json", bench.display(), model.display()));
    assert_eq!(own.expected_time(Some(&machine)).as_deref(), Some("less than a minute"));
    apply(&mut own, OwnAction::Measure, &machine);
    assert!(until(&mut own, &machine, |own| own.outcome.is_some()).rows);
    assert_eq!(own.outcome, Some(Outcome::Measured(2)));
    own.set_machine(Some(&machine));
    assert!(own.for_machine().iter().any(|row| row.test == Test::Decode));

    // It is found again where a person said it was.
    fs::write(&bench, "#!/bin/sh\nexec sleep 3600\n").unwrap();
    let mut again = self::own(folder.path());
    apply(&mut again, OwnAction::Show(true), &machine);
    assert_eq!(again.form.llama_bench, Some(bench));
    apply(&mut again, OwnAction::File(model), &machine);
    apply(&mut again, OwnAction::Measure, &machine);
    assert!(again.running.is_some() && again.outcome.is_none());
    apply(&mut again, OwnAction::Cancel, &machine);
    until(&mut again, &machine, |own| own.outcome.is_some());
    assert_eq!(again.outcome, Some(Outcome::Failed("cancelled".to_owned())));
}

#[test]
fn the_memory_is_measured_and_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let reprobe = Reprobe::new(|read| {
        let mut machine = without_gpu();
        machine.ram.as_mut().unwrap().measured_gbs = read.map(|read| read.known());
        machine
    });
    let mut own = Own::inline(Some(folder.path().to_owned()), Some(reprobe));
    let machine = without_gpu();
    apply(&mut own, OwnAction::MeasureMemory, &machine);
    apply(&mut own, OwnAction::CancelMemory, &machine);
    until(&mut own, &machine, |own| own.memory_run.is_none());
    assert_eq!(own.memory_words.as_deref(), Some("cancelled"));

    let read = ReadBandwidth {
        gbs: 30.0,
        best_gbs: 31.0,
        date: "2026-01-02T03:04:05Z".to_owned(),
        threads: 4,
        pinned: false,
        buffer: crate::units::Bytes(1),
        repetitions: 15,
        on_battery: None,
        load: None,
        cpu: None,
        memory_total: crate::units::Bytes(1),
    };
    store::save_memory(folder.path(), &read).unwrap();
    own.apply(OwnAction::ForgetMemory, Some(&machine));
    let polled = own.poll(Some(&machine));
    assert_eq!(polled.machine.unwrap().ram.unwrap().measured_gbs, None);
    assert_eq!(store::load_memory(folder.path()).value, None);
    assert!(!Own::inline(None, None).can_measure_memory(), "a recorded machine is not this computer");
}
