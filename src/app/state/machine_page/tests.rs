use std::path::Path;
use std::time::Duration;

use super::*;
use crate::app::action::Action;
use crate::app::compare::CompareAction;
use crate::app::machine_page::live::Reading;
use crate::app::machine_page::{Live, MachinePage, Subject, desk::Desk};
use crate::app::own::Own;
use crate::app::settings::Settings;
use crate::app::testing::{with_rtx_4090, without_gpu};

const RTX_3090: &str = "nvidia-geforce-rtx-3090";

fn state() -> State {
    let settings = Settings { page: Page::Machine, ..Settings::default() };
    State::with_machine(settings, with_rtx_4090(22.0))
}

fn act(state: &mut State, action: MachineAction) {
    state.apply(Action::Machine(action));
    state.update();
}

fn undo(state: &mut State) {
    state.apply(Action::Undo);
    state.update();
}

fn type_value(state: &mut State, target: &Target, text: &str) {
    act(state, MachineAction::Edit(target.clone()));
    act(state, MachineAction::Type(target.clone(), text.to_owned()));
    act(state, MachineAction::Commit);
}

fn power(state: &State) -> (Option<String>, Option<String>) {
    let card = state.machine_page.cards.cards.iter().find(|card| card.subject == Subject::Gpu(0)).unwrap();
    let fact = card.facts.iter().find(|fact| fact.name == "Power limit").unwrap();
    (fact.value.clone(), fact.was.clone())
}

#[test]
fn a_value_is_typed_shown_and_reset() {
    let mut state = state();
    let target = Target::Gpu(0, GpuField::PowerWatts);
    act(&mut state, MachineAction::Edit(target.clone()));
    assert_eq!(state.machine_page.editing.as_ref().unwrap().text, "450");
    act(&mut state, MachineAction::Type(target.clone(), "much".to_owned()));
    assert_eq!(state.machine_page.editing.as_ref().unwrap().error.as_deref(), Some("a number in W"));
    act(&mut state, MachineAction::Commit);
    assert!(state.machine_page.editing.is_some(), "the field stays and says it");
    assert_eq!(power(&state), (Some("450 W".to_owned()), None));
    act(&mut state, MachineAction::Type(target.clone(), "300".to_owned()));
    act(&mut state, MachineAction::Commit);
    assert_eq!(power(&state), (Some("300 W".to_owned()), Some("450 W".to_owned())));
    undo(&mut state);
    assert_eq!(power(&state), (Some("450 W".to_owned()), None));
    state.apply(Action::Redo);
    state.update();
    act(&mut state, MachineAction::Reset(target));
    assert_eq!(power(&state).1, None);
    type_value(&mut state, &Target::Host(HostField::RamGbs), "45");
    type_value(&mut state, &Target::Link(0), "3.0 ×4");
    assert!(state.machine_page.cards.has_overrides());
    assert_eq!(state.machine.as_ref().unwrap().gpus[0].pcie.as_ref().unwrap().value.lanes, 4);
    act(&mut state, MachineAction::ResetAll);
    assert_eq!(state.machine, Some(with_rtx_4090(22.0)));
    assert!(!state.machine_page.cards.has_overrides());
}

#[test]
fn adding_a_card_makes_a_rig_of_this_computer_in_one_step() {
    let mut state = state();
    act(&mut state, MachineAction::Find("3090".to_owned()));
    assert_eq!(state.machine_page.search.found[0].id, RTX_3090);
    act(&mut state, MachineAction::Add(RTX_3090.to_owned()));
    assert_eq!(state.choice(), RigChoice::Kept("+ 1× RTX 3090".to_owned()));
    assert_eq!(state.rig.as_ref().unwrap().devices.len(), 2);
    assert_eq!(state.compare.names, ["This machine", "+ 1× RTX 3090"]);
    let found = state.compare.found.clone().unwrap();
    assert!(found.gains[0].count() > 0);
    assert!(state.machine_page.search.text.is_empty());
    assert_eq!(state.machine_page.price.as_ref().map(|price| price.usd), Some(1499.0));
    act(&mut state, MachineAction::Add(RTX_3090.to_owned()));
    assert_eq!(state.choice(), RigChoice::Kept("+ 2× RTX 3090".to_owned()));
    assert_eq!(state.compare.names, ["This machine", "+ 2× RTX 3090"]);
    undo(&mut state);
    assert_eq!(state.choice(), RigChoice::Kept("+ 1× RTX 3090".to_owned()));
    undo(&mut state);
    assert_eq!((state.choice(), state.settings.rigs.list().len()), (RigChoice::This, 0));
    assert_eq!(state.compare.shown(), None, "nothing is left to compare with");
    state.apply(Action::Redo);
    state.update();
    assert_eq!(state.rig.as_ref().unwrap().devices.len(), 2);
    assert_eq!(state.compare.shown(), Some(&found));
}

#[test]
fn a_rig_is_built_renamed_priced_copied_and_removed() {
    let mut state = state();
    act(&mut state, MachineAction::New);
    act(&mut state, MachineAction::Add(RTX_3090.to_owned()));
    act(&mut state, MachineAction::Add("nvidia-geforce-rtx-3060-12-gb".to_owned()));
    type_value(&mut state, &Target::Name, "Attic");
    type_value(&mut state, &Target::Cpu, "Ryzen 7 5700X");
    act(&mut state, MachineAction::Change(RigEdit::Ram("DDR4".to_owned(), Some(3200))));
    act(&mut state, MachineAction::Change(RigEdit::Channels(Some(2))));
    type_value(&mut state, &Target::Host(HostField::RamGib), "128");
    type_value(&mut state, &Target::Link(1), "3.0 ×4");
    type_value(&mut state, &Target::Price, "1,150");
    let rig = state.rig_kept().unwrap().clone();
    assert_eq!((rig.name.as_str(), rig.price_usd), ("Attic", Some(1150.0)));
    assert_eq!(rig.parts_text(), "RTX 3090, RTX 3060 12 GB, 128 GiB DDR4");
    let numbers = state.rig.as_ref().unwrap();
    assert_eq!((numbers.host.bandwidth_gbs, numbers.host.capacity.gib()), (51.2, 128.0));
    assert_eq!(state.machine_page.price.as_ref().map(|price| price.usd), Some(1150.0));
    assert_eq!(state.machine_page.launch_price.as_ref().map(|price| price.usd), Some(1828.0));
    act(&mut state, MachineAction::Duplicate);
    assert_eq!(state.choice(), RigChoice::Kept("Copy of Attic".to_owned()));
    type_value(&mut state, &Target::Name, "Attic");
    assert_eq!(
        state.machine_page.editing.as_ref().unwrap().error.as_deref(),
        Some("another rig has this name")
    );
    state.apply(Action::RemoveRig("Copy of Attic".to_owned()));
    state.update();
    assert_eq!((state.choice(), state.settings.rigs.list().len()), (RigChoice::This, 1));
    undo(&mut state);
    assert_eq!(state.choice(), RigChoice::Kept("Copy of Attic".to_owned()));
}

#[test]
fn what_cannot_be_is_said_and_changes_nothing() {
    let mut state = state();
    act(&mut state, MachineAction::New);
    act(&mut state, MachineAction::Add("apple-m4-max-40".to_owned()));
    let mac = crate::machine::table::Table::embedded().search("m4 max", 1)[0].id.clone();
    act(&mut state, MachineAction::Add(mac.clone()));
    let before = state.settings.rigs.clone();
    act(&mut state, MachineAction::Add(mac));
    assert_eq!(state.settings.rigs, before);
    assert!(state.notices.iter().any(|notice| notice.text.contains("2 computers")), "{:?}", state.notices);
}

#[test]
fn a_rig_and_a_recorded_machine_come_from_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("attic.json");
    let mut state = state();
    act(&mut state, MachineAction::Add(RTX_3090.to_owned()));
    act(&mut state, MachineAction::Export(path.clone()));
    assert!(state.notices.iter().any(|notice| notice.text.contains("attic.json")), "{:?}", state.notices);
    act(&mut state, MachineAction::Import(path));
    assert_eq!(state.choice(), RigChoice::Kept("+ 1× RTX 3090 (2)".to_owned()), "both are kept");

    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/machines/rtx-3060-desktop.json");
    act(&mut state, MachineAction::Import(recorded));
    assert_eq!(state.title_of(&state.choice()), "rtx-3060-desktop");
    assert_eq!(state.rig.as_ref().unwrap().devices.len(), 1);
    type_value(&mut state, &Target::Gpu(0, GpuField::PowerWatts), "120");
    assert!(state.machine_page.cards.has_overrides(), "values of a recorded machine can be set too");
    act(&mut state, MachineAction::Compare(CompareAction::Put(1, RigChoice::Opened)));
    assert!(state.compare.names.contains(&"rtx-3060-desktop".to_owned()));
    act(&mut state, MachineAction::CloseOpened);
    assert_eq!((state.choice(), state.machine.clone()), (RigChoice::This, Some(with_rtx_4090(22.0))));
    assert!(!state.settings.compare.rigs.contains(&RigChoice::Opened));
    act(&mut state, MachineAction::Import(folder.path().join("none.json")));
    assert!(state.notices.iter().any(|notice| notice.text.contains("cannot be used")));
}

#[test]
fn what_one_more_card_buys_is_one_click() {
    let mut state = State::with_machine(Settings::default(), with_rtx_4090(22.0));
    let model = state.catalog.find("meta-llama/Llama-3.3-70B-Instruct").unwrap();
    state.apply(Action::Select(model));
    state.update();
    let ways = &state.detail.as_ref().unwrap().ways;
    let card = ways.one_more.clone().unwrap();
    act(&mut state, MachineAction::WhatBuys(card.clone()));
    assert_eq!(state.settings.page, Page::Machine);
    assert_eq!(state.compare.names, ["This machine", "+ 1× RTX 4090"]);
    let gain = &state.compare.found.as_ref().unwrap().gains[0];
    assert!(gain.on_gpu.iter().any(|(id, _)| *id == model), "{gain:?}");
    assert_eq!(state.choice(), RigChoice::This, "it is only compared");
    act(&mut state, MachineAction::WhatBuys(card));
    assert_eq!(state.settings.rigs.list().len(), 1, "the same question makes no other rig");
}

#[test]
fn the_models_of_a_comparison_are_chosen() {
    let mut state = state();
    act(&mut state, MachineAction::Add(RTX_3090.to_owned()));
    let shown = |state: &State| -> Vec<_> {
        state.compare.found.as_ref().unwrap().speeds.iter().map(|row| row.model).collect()
    };
    let automatic = shown(&state);
    act(&mut state, MachineAction::Compare(CompareAction::Find("llama".to_owned())));
    let hits = state.compare.hits.clone();
    let small = hits.into_iter().find(|hit| !automatic.contains(hit)).unwrap();
    act(&mut state, MachineAction::Compare(CompareAction::Show(small, true)));
    assert_eq!(shown(&state).len(), automatic.len() + 1);
    assert_eq!(shown(&state).last(), Some(&small));
    act(&mut state, MachineAction::Compare(CompareAction::Show(automatic[0], false)));
    assert!(!shown(&state).contains(&automatic[0]));
    let again = Settings::from_json(&state.settings.to_json().unwrap()).unwrap();
    assert_eq!(again.compare, state.settings.compare);
    act(&mut state, MachineAction::Compare(CompareAction::Automatic));
    assert_eq!(shown(&state), automatic);
}

#[test]
fn values_are_live_while_the_page_is_seen_and_stay_when_it_is_left() {
    let (live, feed) = Live::fed();
    let page = MachinePage::new(live, Desk::inline(None));
    let settings = Settings { page: Page::Machine, ..Settings::default() };
    let mut state = State::with_page(settings, with_rtx_4090(22.0), Own::inline(None, None), page);
    let send = |free: f64, second: u64| {
        feed.send(Reading { machine: Box::new(with_rtx_4090(free)), at: Duration::from_secs(second) })
            .unwrap();
    };
    let free = |state: &State| state.machine_page.cards.cards[0].memory.as_ref().unwrap().free.gib();
    send(20.0, 1);
    state.update();
    assert_eq!(free(&state), 20.0);
    assert_eq!(state.rig.as_ref().unwrap().devices[0].free.gib(), 22.0, "figures stand while one looks");
    assert!(!state.machine_page.live.history.is_empty());
    state.set_in_view(false);
    state.update();
    assert_eq!(state.rig.as_ref().unwrap().devices[0].free.gib(), 20.0);
    send(18.0, 2);
    state.update();
    assert_eq!(free(&state), 20.0, "nobody looks");
    state.set_in_view(true);
    state.update();
    assert_eq!(free(&state), 18.0);
    state.apply(Action::SetPage(Page::Models));
    state.update();
    assert_eq!(state.rig.as_ref().unwrap().devices[0].free.gib(), 18.0);
    // A rig does not change.
    state.apply(Action::SetPage(Page::Machine));
    act(&mut state, MachineAction::New);
    send(10.0, 3);
    state.update();
    assert_eq!(state.machine_page.live.latest, None);
}

#[test]
fn a_report_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.txt");
    let mut state = State::with_machine(Settings::default(), without_gpu());
    act(&mut state, MachineAction::SaveReport(path.clone()));
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains("Ryzen 9 5950X") && text.contains("51.2 GB/s"), "{text}");
}
