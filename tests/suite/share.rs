//! Share codes in the window: copied, pasted, opened, taken back; by role and label.

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers, OutputCommand};
use egui_kittest::SnapshotResults;
use egui_kittest::kittest::Queryable as _;
use plimsoll::app::rigs::RigChoice;
use plimsoll::app::share::Shared;
use plimsoll::app::{Action, Page, State, ThemeChoice, View};

use crate::machines::{with_rtx_4090, without_gpu};
use crate::window::{self, LARGE, SMALL, Window, click};
use crate::words::{paste, says};

fn state(window: &Window) -> &State {
    window.state().state()
}

/// Clicks Share, and answers with what is on the clipboard after it.
fn share(window: &mut Window) -> String {
    window.get_by_role_and_label(Role::Button, "Share").click_accesskit();
    window.step();
    let copied = window.output().platform_output.commands.iter().find_map(|command| match command {
        OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    });
    window.run();
    copied.expect("something is copied")
}

/// A code of a view unlike the one that a window opens with.
fn code() -> String {
    let mut window = window::on(LARGE, with_rtx_4090());
    let app = window.state_mut();
    app.apply(Action::SetContext(65_536));
    app.apply(Action::SetView(View::Matrix));
    let model = app.state().catalog.find("Qwen/Qwen3-14B").unwrap();
    app.apply(Action::SelectCell(model, "Q6_K".parse().unwrap()));
    window.run();
    share(&mut window)
}

fn is_shown(window: &Window) -> bool {
    let state = state(window);
    let model = state.selected.map(|model| state.catalog.get(model).id.as_str());
    state.settings.context == 65_536 && model == Some("Qwen/Qwen3-14B")
}

#[test]
fn a_click_copies_the_code_and_says_what_it_carries() {
    let mut window = window::on(LARGE, with_rtx_4090());
    let code = share(&mut window);
    let shared = Shared::of_code(&code).unwrap();
    assert_eq!(shared.context, 16_384);
    assert!(says(&window, &code));
    assert!(says(&window, "Scenario: 16K tokens of context, f16 cache, 1 request, llama.cpp"));
    assert!(says(&window, "Machine: RTX 4090, 64 GiB"));
    click(&mut window, Role::CheckBox, "With the machine");
    assert!(says(&window, "Machine: that of whoever opens the code"));
    window.key_press(Key::Escape);
    window.run();
    assert!(!state(&window).share.open);
    assert_eq!(Shared::of_code(&share(&mut window)).unwrap().rig, None, "as it was chosen");
}

#[test]
fn a_code_that_is_pasted_anywhere_is_shown_and_taken_back() {
    let code = code();
    for page in [Page::Models, Page::Machine] {
        let mut window = window::on(LARGE, without_gpu());
        window.state_mut().apply(Action::SetPage(page));
        window.run();
        paste(&mut window, &format!("see {code}"));
        assert!(is_shown(&window));
        assert_eq!(state(&window).settings.page, Page::Models);
        assert!(matches!(state(&window).choice(), RigChoice::Kept(_)));
        assert!(says(&window, "Shown as the share code says"));
        click(&mut window, Role::Button, "Undo");
        assert_eq!((state(&window).settings.context, state(&window).choice()), (16_384, RigChoice::This));
        assert_eq!(state(&window).settings.page, page);
        assert!(!says(&window, "Shown as the share code says"));
        window.key_press_modifiers(Modifiers::COMMAND, Key::Y);
        window.run();
        assert!(is_shown(&window));
    }
}

#[test]
fn a_field_gives_a_code_up_and_keeps_all_else() {
    let mut window = window::on(LARGE, without_gpu());
    window.get_by_role_and_label(Role::TextInput, "Search models").focus();
    window.run();
    paste(&mut window, "qwen");
    assert_eq!(state(&window).search, "qwen");
    paste(&mut window, &code());
    assert!(is_shown(&window));
    assert_eq!(state(&window).search, "", "the code says that nothing is searched for");
}

#[test]
fn a_damaged_code_says_what_is_wrong_where_it_stands() {
    let code = code();
    let mut window = window::on(LARGE, with_rtx_4090());
    paste(&mut window, &code[..code.len() - 3]);
    assert!(state(&window).share.open);
    assert!(says(&window, "letters of it are missing or changed: copy the whole code again"));
    assert_eq!(state(&window).settings.context, 16_384);
    // What is wrong is put right in the field.
    window.get_by_role_and_label(Role::TextInput, "Share code").focus();
    window.run();
    window.get_by_role_and_label(Role::TextInput, "Share code").type_text(&code[code.len() - 3..]);
    window.run();
    assert!(!says(&window, "letters of it are missing"), "another text is not wrong yet");
    window.key_press(Key::Enter);
    window.run();
    assert!(is_shown(&window) && !state(&window).share.open);
    paste(&mut window, "PLIM7abcdef");
    assert!(says(&window, "it was made by a later version of Plimsoll (form 7)"));
}

/// The same pixels as in `tests/snapshots`; after a change that is meant, `UPDATE_SNAPSHOTS=1 cargo test`.
#[test]
fn sharing_looks_as_it_did() {
    let mut results = SnapshotResults::new();
    for (theme, size, name) in
        [(ThemeChoice::Dark, LARGE, "share_dark"), (ThemeChoice::Light, SMALL, "share_light_small")]
    {
        let mut window = window::on(size, with_rtx_4090());
        window.state_mut().apply(Action::SetTheme(theme));
        window.run();
        share(&mut window);
        if size == SMALL {
            paste(&mut window, "PLIM1abc");
        }
        window.snapshot(name);
        results.extend_harness(&mut window);
    }
}
