use super::*;
use crate::app::testing::{with_rtx_4090, without_gpu};
use crate::language::{Language, within};
use crate::machine::overrides::{ByMachine, GpuField, HostField};
use crate::machine::parts::Program;
use crate::machine::probe::recording;

fn cards(found: &Machine, set: &ByMachine) -> Cards {
    Cards::of(&set.over(found), Whose::Read { found, overrides: set.of(found) })
}

fn value<'a>(cards: &'a Cards, subject: Subject, name: &str) -> &'a Fact {
    let card = cards.cards.iter().find(|card| card.subject == subject).unwrap();
    card.facts.iter().find(|fact| fact.name == name).unwrap()
}

#[test]
fn each_value_has_its_source_and_can_be_set() {
    let cards = cards(&with_rtx_4090(22.6), &ByMachine::default());
    let subjects: Vec<Subject> = cards.cards.iter().map(|card| card.subject).collect();
    assert_eq!(subjects, [Subject::Gpu(0), Subject::Ram, Subject::Cpu]);
    assert_eq!(cards.cards[0].kind, "GPU 0, Ada Lovelace");
    for (name, text) in
        [("Memory", "24.0 GiB"), ("Free", "22.6 GiB"), ("Bandwidth", "1,008 GB/s"), ("FP16", "165.2 TFLOPS")]
    {
        let fact = value(&cards, Subject::Gpu(0), name);
        assert_eq!(fact.value.as_deref(), Some(text));
        assert!(!fact.source.is_empty() && fact.target.is_some(), "{name}");
    }
    let unknown = value(&cards, Subject::Gpu(0), "Link");
    assert_eq!((unknown.value.clone(), unknown.source.as_str()), (None, "not reported"));
    assert!(!cards.has_overrides());
    assert_eq!(cards.sentence, "22.6 GiB on the GPU and 52.0 GiB in RAM are free for a model.");
}

#[test]
fn what_was_set_says_what_it_was() {
    let found = with_rtx_4090(22.6);
    let key = found.gpu_keys().remove(0);
    let mut set = ByMachine::default();
    set.change(&found, |values| values.set_gpu(&key, GpuField::PowerWatts, Some(300.0))).unwrap();
    set.change(&found, |values| values.set_gpu(&key, GpuField::PcieLanes, Some(4.0))).unwrap();
    set.change(&found, |values| values.set_host(HostField::RamGbs, Some(45.5))).unwrap();
    let cards = cards(&found, &set);
    assert!(cards.has_overrides());
    let power = value(&cards, Subject::Gpu(0), "Power limit");
    assert_eq!((power.value.as_deref(), power.was.as_deref()), (Some("300 W"), Some("450 W")));
    assert_eq!(power.source, "test", "how it was read");
    let link = value(&cards, Subject::Gpu(0), "Link");
    assert_eq!((link.value.as_deref(), link.was.as_deref()), (Some("PCIe 3.0 ×4"), Some("n/a")));
    let ram = value(&cards, Subject::Ram, "Bandwidth");
    assert_eq!((ram.value.as_deref(), ram.was.as_deref()), (Some("45.5 GB/s"), Some("51.2 GB/s")));
    assert_eq!(value(&cards, Subject::Gpu(0), "Memory").was, None);
}

#[test]
fn the_sentence_names_the_largest_holder() {
    let program = |name: &str, gib: f64| Program {
        name: name.to_owned(),
        memory: Some(Bytes::from_gib(gib)),
        processes: 1,
    };
    let mut machine = with_rtx_4090(20.0);
    machine.ram.as_mut().unwrap().programs = vec![program("browser", 6.0)];
    machine.gpus[0].programs = vec![program("game", 3.2), program("shell", 0.3)];
    let say = |machine: &Machine| cards(machine, &ByMachine::default()).sentence;
    assert!(say(&machine).ends_with("Closing game would give 3.2 GiB more."), "{}", say(&machine));
    machine.gpus.clear();
    assert_eq!(
        say(&machine),
        "52.0 GiB in RAM are free for a model. Closing browser would give 6.0 GiB more."
    );
    machine.ram = None;
    assert_eq!(say(&machine), "How much memory is free could not be read.");
}

#[test]
fn a_machine_without_a_gpu_has_no_card_for_it() {
    let cards = cards(&without_gpu(), &ByMachine::default());
    assert_eq!(
        cards.cards.iter().map(|card| card.title.as_str()).collect::<Vec<_>>(),
        ["64 GiB of RAM", "Ryzen 9 5950X"]
    );
}

#[test]
fn what_recorded_machines_say_of_themselves_is_said_in_german() {
    const ENGLISH: [&str; 16] = [
        "the", "of", "and", "with", "is", "are", "not", "by", "from", "what", "its", "memory", "table",
        "driver", "known", "usually",
    ];
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/machines");
    let mut wrong = std::collections::BTreeSet::new();
    within(Language::German, || {
        for entry in std::fs::read_dir(folder).unwrap() {
            let Ok(machine) = recording::read(&entry.unwrap().path()) else { continue };
            let Cards { cards, problems, .. } = Cards::of(&machine, Whose::Described);
            let of_problems = problems.into_iter().flat_map(|problem| [problem.part, problem.reason]);
            let of_cards = cards.into_iter().flat_map(|card| {
                let facts = card.facts.into_iter().map(|fact| fact.source);
                facts.chain(card.notes).chain([card.source]).collect::<Vec<_>>()
            });
            // Platforms have English names, and one recording says in a version's own words why it has no modules.
            let is_left = |words: &String| {
                words.starts_with("Tabelle der Prozessorplattformen") || words.ends_with("for root only")
            };
            let is_english = |words: &String| {
                !is_left(words) && words.split([' ', ',', ';', ':', '(']).any(|word| ENGLISH.contains(&word))
            };
            wrong.extend(of_problems.chain(of_cards).filter(is_english));
        }
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}
