//! The list of what is best for each use, by role and label, and in pictures.

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use plimsoll::app::best_for::{Terms, Use};
use plimsoll::app::report::{self, On, Selection};
use plimsoll::app::{Action, ThemeChoice, View};
use plimsoll::estimate::{FitClass, Rig};

use crate::machines::{with_rtx_4090, without_gpu};
use crate::window::{self, LARGE, SMALL, Window};

fn window() -> Window {
    window::on(LARGE, with_rtx_4090())
}

/// What a screen reader says of each line, in order.
fn lines(window: &Window) -> Vec<String> {
    let labels = window.query_all_by_role(Role::Button).filter_map(|node| node.accesskit_node().label());
    labels.filter(|label| label.starts_with("Best for ") && label.contains(':')).collect()
}

fn click(window: &mut Window, role: Role, label: &str) {
    window.get_by_role_and_label(role, label).click();
    window.run();
}

fn type_into(window: &mut Window, label: &str, text: &str) {
    window::type_into(window, label, text);
    window.key_press(Key::Enter);
    window.run();
}

#[test]
fn every_use_has_a_line_that_says_what_and_why() {
    let window = window();
    let lines = lines(&window);
    let words = ["chat", "code", "reasoning", "vision", "long context"];
    assert_eq!(lines.len(), words.len(), "{lines:#?}");
    for (line, word) in lines.iter().zip(words) {
        assert!(line.starts_with(&format!("Best for {word}: ")), "{line}");
        assert!(line.contains(", score ") && line.contains(" tokens per second, "), "{line}");
        assert!(line.contains("published") || line.contains(" ± ") && line.contains("estimated"), "{line}");
    }
}

#[test]
fn a_click_selects_model_and_level_as_one_step() {
    let mut window = window();
    let before = (window.state().state().selected, window.state().state().level());
    let pick = |window: &Window, wanted| {
        let answer = window.state().state().best_for.answer.clone().unwrap();
        answer.of(wanted).unwrap().pick().unwrap().clone()
    };
    let code = pick(&window, Use::Code);
    let line = lines(&window)[1].clone();
    click(&mut window, Role::Button, &line);
    let state = window.state().state();
    assert_eq!((state.selected, state.level()), (Some(code.model), code.level));
    assert_eq!(state.settings.context, 1 << 14, "the context is the scenario's");
    let long = pick(&window, Use::LongContext);
    let line = lines(&window)[4].clone();
    click(&mut window, Role::Button, &line);
    let state = window.state().state();
    assert_eq!((state.selected, state.settings.context), (Some(long.model), 1 << 16));
    window.state_mut().apply(Action::Undo);
    window.state_mut().apply(Action::Undo);
    assert_eq!(
        (window.state().state().level(), window.state().state().settings.context),
        (before.1, 1 << 14)
    );
}

#[test]
fn the_keyboard_reaches_it() {
    let mut window = window();
    let line = lines(&window)[0].clone();
    window.get_by_role_and_label(Role::Button, &line).focus();
    window.run();
    window.key_press(Key::Enter);
    window.run();
    let state = window.state().state();
    let chat = state.best_for.answer.as_ref().unwrap().of(Use::Chat).unwrap().pick().unwrap();
    assert_eq!(state.selected, Some(chat.model));
}

#[test]
fn it_folds_and_stays_folded() {
    let mut window = window();
    click(&mut window, Role::Button, "Best for you");
    assert!(lines(&window).is_empty());
    assert!(!window.state().state().settings.best_for.open);
    click(&mut window, Role::Button, "Best for you");
    assert_eq!(lines(&window).len(), 5);
}

#[test]
fn what_must_be_reached_can_be_changed_and_bad_values_are_answered_at_the_field() {
    let mut window = window();
    click(&mut window, Role::Button, "Adjust…");
    type_into(&mut window, "Speed, at least", "fast");
    window.get_by_label("a number in tok/s");
    assert_eq!(window.state().state().settings.best_for.terms, Terms::default(), "the last good value stays");
    type_into(&mut window, "Speed, at least", "40");
    assert!(window.query_by_label("a number in tok/s").is_none());
    type_into(&mut window, "A long context has", "128K");
    click(&mut window, Role::CheckBox, "May spill into RAM");
    let state = window.state().state();
    assert_eq!(state.settings.best_for.terms, Terms { speed: 40.0, long: 1 << 17, spill: false });
    for (wanted, found) in &state.best_for.answer.as_ref().unwrap().found {
        let pick = found.pick().unwrap();
        assert!(pick.brief.class <= FitClass::Tight && pick.brief.decode.unwrap().p50 >= 40.0, "{wanted:?}");
    }
    click(&mut window, Role::Button, "Usual values");
    assert_eq!(window.state().state().settings.best_for.terms, Terms::default());
}

#[test]
fn where_nothing_is_fast_enough_it_names_the_fastest() {
    let mut window = window::on(LARGE, without_gpu());
    click(&mut window, Role::Button, "Adjust…");
    type_into(&mut window, "Speed, at least", "9000");
    let lines = lines(&window);
    assert!(
        lines[0].contains("nothing for chat reaches 9000 tok/s; this is the fastest, at "),
        "{}",
        lines[0]
    );
}

#[test]
fn it_follows_the_scenario() {
    let mut window = window();
    let before = lines(&window);
    window.state_mut().apply(Action::SetContext(1 << 18));
    window.run();
    assert_ne!(lines(&window), before);
}

#[test]
fn the_report_says_the_same() {
    let window = window();
    let state = window.state().state();
    let answer = state.best_for.answer.as_ref().unwrap();
    let machine = with_rtx_4090();
    let on = On { machine: &machine, rig: &Rig::from(&machine), assumed: &[] };
    let report = |selection: &Selection| {
        report::build(&state.catalog, state.estimator, on, &state.scenario, selection)
    };
    let all = report(&Selection::default());
    let text = report::text(&all);
    for ((wanted, found), row) in answer.found.iter().zip(&all.best.as_ref().unwrap().uses) {
        let (pick, named) = (found.pick().unwrap(), row.best.as_ref().unwrap());
        assert_eq!((row.wanted, &named.name, named.quant), (*wanted, &pick.name, pick.level));
        assert_eq!((named.score, named.score_error), (pick.value(), pick.score.error));
        assert!(text.contains(&found.line(*wanted, answer)), "{text}");
    }
    let json = serde_json::to_value(&all).unwrap();
    let chat = &json["best"]["uses"][0];
    assert_eq!((&chat["use"], &chat["reached"]), (&"chat".into(), &true.into()));
    assert!(chat["best"]["score_ground"].is_string() && chat["best"]["evidence"].is_string());
    let some = report(&Selection { search: "qwen3".to_owned(), ..Selection::default() });
    assert_eq!(some.best, None, "words pick some of the models");
}

#[test]
fn a_small_window_keeps_its_table() {
    let mut window = window::on(SMALL, with_rtx_4090());
    assert_eq!(lines(&window).len(), 5);
    assert!(window.query_all_by_role(Role::Row).count() >= 7, "the list leaves room for rows");
    window.state_mut().apply(Action::SetView(View::Matrix));
    window.run();
    assert_eq!(lines(&window).len(), 5);
}

#[test]
fn it_looks_as_it_did_in_a_small_window() {
    let mut window = window::on(SMALL, with_rtx_4090());
    let themes = [(ThemeChoice::Dark, "best_small_dark"), (ThemeChoice::Light, "best_small_light")];
    for (theme, name) in themes {
        window.state_mut().apply(Action::SetTheme(theme));
        window.run();
        window.snapshot(name);
    }
}

/// 150 % on a screen of 1440 by 900, without a GPU.
#[test]
fn it_looks_as_it_did_enlarged() {
    let mut window = window::on(vec2(960.0, 600.0), without_gpu());
    window.state_mut().apply(Action::SetTheme(ThemeChoice::Light));
    window.run();
    window.snapshot("best_zoom_light");
}
