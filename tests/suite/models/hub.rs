//! The hub in the window: names, files with sizes, heads by ranges; asked only when a person asks.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use plimsoll::app::Action;
use plimsoll::app::models::{ModelsAction, Part, Ways};

use super::*;
use crate::hub::server::{Reply, Server};
use crate::hub::{options, sound};

const REPOSITORY: &str = "owner/Qwen3-0.6B-GGUF";

fn setup(home: &Path, server: &Server) -> Setup {
    let (options, cache) = (options(server), home.join("hub"));
    let ways = Ways::new(move || plimsoll::hub::Options { cache: Some(cache.clone()), ..options.clone() });
    Setup { folder: Some(home.to_owned()), hub: Some(ways), ..Setup::default() }
}

fn window_with(home: &Path, server: &Server) -> Window {
    let setup = setup(home, server);
    window_of(LARGE, || Models::inline(setup))
}

fn act(window: &mut Window, action: ModelsAction) {
    window.state_mut().apply(Action::Models(action));
    window.run();
}

/// Asks for what is written, as a person does.
fn ask(window: &mut Window, text: &str) {
    act(window, ModelsAction::Show(Some(Part::Hub)));
    act(window, ModelsAction::HubText(text.to_owned()));
    click(window, Role::Button, "Ask");
}

#[test]
fn a_link_that_is_pasted_is_asked_for_with_the_next_key() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::new(|request, _| sound(request));
    let mut window = window_with(home.path(), &server);
    paste(&mut window, &format!("https://huggingface.co/{REPOSITORY}"));
    assert_eq!(state(&window).models.part, Some(Part::Hub));
    assert!(server.requests().is_empty(), "a slip does not reach the network");
    window.key_press_modifiers(Modifiers::NONE, Key::Enter);
    window.run();
    assert_eq!(server.requests().len(), 1, "only the list");
    assert!(says(&window, "owner/Qwen3-0.6B-GGUF, apache-2.0"), "{:?}", labels(&window));
    window.get_by_label("sub/Qwen3-0.6B-Q8_0.gguf");
    assert_eq!(labels(&window).iter().filter(|label| *label == "0.6 GB").count(), 2);
    assert!(!says(&window, "mmproj-Qwen3.gguf"), "a projector is no model");
    click(&mut window, Role::Button, "Read all 2 heads");
    let entry = std::sync::Arc::clone(&state(&window).models.own[0]);
    assert_eq!(entry.id(), "hf.co/owner/Qwen3-0.6B-GGUF");
    assert_eq!((entry.files.len(), entry.known_name()), (2, Some("Qwen3 0.6B")));
    assert_eq!(selected(&window), entry.id());
    assert!(labels(&window).iter().filter(|label| *label == "Fits").count() >= 2, "verdicts in the list");
    // The rung of the ladder has the file's true size.
    act(&mut window, ModelsAction::Show(None));
    let detail = state(&window).detail.as_ref().unwrap();
    let rung = detail.ladder.iter().find(|rung| rung.level.to_string() == "Q8_0").unwrap();
    assert!(rung.file && rung.why.starts_with("Of the file that is there"));
    assert_eq!(rung.brief.as_ref().unwrap().file_bytes, entry.files[0].bytes());
    assert!(detail.ladder.iter().filter(|rung| rung.file).count() == 1);
}

#[test]
fn what_was_read_of_the_hub_is_known_without_asking_again() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::new(|request, _| sound(request));
    let mut first = window_with(home.path(), &server);
    ask(&mut first, REPOSITORY);
    click(&mut first, Role::Button, "Read all 2 heads");
    drop(first);
    let asked = server.requests().len();
    let second = window_with(home.path(), &server);
    assert_eq!(server.requests().len(), asked, "nothing goes to the network by itself");
    let entry = &state(&second).models.own[0];
    assert_eq!((entry.files.len(), entry.missing.as_deref()), (2, None));
    drop(second);
    std::fs::remove_dir_all(home.path().join("hub")).unwrap();
    let third = window_with(home.path(), &server);
    assert_eq!(server.requests().len(), asked);
    let missing = state(&third).models.own[0].missing.clone().unwrap();
    assert!(missing.contains("read it again"), "{missing}");
}

#[test]
fn one_file_is_read_and_then_another() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::new(|request, _| sound(request));
    let mut window = window_with(home.path(), &server);
    // The name of a file goes to that file at once.
    ask(&mut window, &format!("https://huggingface.co/{REPOSITORY}/blob/main/sub/Qwen3-0.6B-Q8_0.gguf"));
    assert_eq!(state(&window).models.own[0].files.len(), 1);
    click(&mut window, Role::Button, "Read Qwen3-0.6B-Q8_0.gguf");
    assert_eq!(state(&window).models.own[0].files.len(), 2);
}

#[test]
fn words_are_searched_for() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::new(|request, _| {
        if request.path.starts_with("/api/models?search=qwen%20tiny") {
            return Reply::ok(format!(
                r#"[{{"id":"{REPOSITORY}","downloads":1234,"tags":["gguf"]}},{{"id":"../evil"}}]"#
            ));
        }
        sound(request)
    });
    let mut window = window_with(home.path(), &server);
    ask(&mut window, "qwen tiny");
    assert!(says(&window, "GGUF, 1234 downloads"), "{:?}", labels(&window));
    assert!(!says(&window, "evil"));
    click(&mut window, Role::Button, &format!("Files of {REPOSITORY}"));
    window.get_by_label("sub/Qwen3-0.6B-Q8_0.gguf");
}

#[test]
fn a_name_in_the_search_leads_to_the_hub() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::new(|request, _| sound(request));
    let mut window = window_with(home.path(), &server);
    let link = format!("https://huggingface.co/{REPOSITORY}");
    window.state_mut().apply(Action::Search(link.clone()));
    window.run();
    click(&mut window, Role::Button, "To the hub");
    assert_eq!(state(&window).models.hub.text, link);
    assert!(server.requests().is_empty());
    click(&mut window, Role::Button, "Ask");
    window.get_by_label("sub/Qwen3-0.6B-Q8_0.gguf");
}

#[test]
fn why_there_is_no_answer_is_said() {
    for (status, code, words) in [
        (404, "RepoNotFound", "is not there, or is private"),
        (403, "GatedRepo", "ccept the terms of owner/Qwen3-0.6B-GGUF on its page"),
        (418, "", "answered with status 418"),
    ] {
        let home = tempfile::tempdir().unwrap();
        let server = Server::new(move |_, _| Reply::new(status, "").with("x-error-code", code));
        let mut window = window_with(home.path(), &server);
        ask(&mut window, REPOSITORY);
        assert!(says(&window, words), "{words}: {:?}", labels(&window));
        assert!(state(&window).models.hub.asking.is_none());
    }
    let home = tempfile::tempdir().unwrap();
    let server = Server::new(|_, _| Reply::new(429, "").with("retry-after", "3600"));
    let mut window = window_with(home.path(), &server);
    ask(&mut window, REPOSITORY);
    assert!(says(&window, "try again in 3600 seconds"), "{:?}", labels(&window));
    act(&mut window, ModelsAction::HubBase("http://127.0.0.1:1".to_owned()));
    click(&mut window, Role::Button, "Ask");
    assert!(says(&window, "127.0.0.1:1 cannot be reached"), "{:?}", labels(&window));
}

#[test]
fn a_mirror_and_a_token_are_set_by_hand() {
    let home = tempfile::tempdir().unwrap();
    let usual = Server::new(|_, _| Reply::new(500, ""));
    let mirror = Server::new(|request, _| sound(request));
    let mut window = window_with(home.path(), &usual);
    act(&mut window, ModelsAction::HubBase(mirror.base.clone()));
    act(&mut window, ModelsAction::HubToken("hf_secret".to_owned()));
    ask(&mut window, REPOSITORY);
    assert!(usual.requests().is_empty());
    assert_eq!(mirror.requests()[0].header("authorization"), Some("Bearer hf_secret"));
    assert!(!state(&window).settings.to_json().unwrap().contains("hf_secret"), "not in the settings");
    assert!(!labels(&window).iter().any(|label| label.contains("hf_secret")), "nor on the screen");
}

#[test]
fn a_slow_answer_is_cancelled() {
    let home = tempfile::tempdir().unwrap();
    let heads = AtomicUsize::new(0);
    let server = Server::new(move |request, _| {
        let mut reply = sound(request);
        if request.path.contains("/resolve/") && heads.fetch_add(1, Ordering::SeqCst) < 2 {
            reply.pause = Duration::from_millis(20);
        }
        reply
    });
    let setup = setup(home.path(), &server);
    let mut window = window_of(LARGE, || Models::background(setup, no_wake()));
    ask(&mut window, REPOSITORY);
    wait(&mut window, |window| state(window).models.hub.listed.is_some());
    click(&mut window, Role::Button, "Read all 2 heads");
    assert!(says(&window, "Reading owner/Qwen3-0.6B-GGUF…"), "{:?}", labels(&window));
    wait(&mut window, |_| server.requests().iter().any(|request| request.path.contains("/resolve/")));
    click(&mut window, Role::Button, "Cancel");
    assert!(state(&window).models.hub.asking.is_none() && !says(&window, "Reading owner"));
    std::thread::sleep(Duration::from_millis(100));
    window.run();
    assert!(state(&window).models.own.is_empty());
    // And again, with all of it.
    click(&mut window, Role::Button, "Read all 2 heads");
    wait(&mut window, |window| !state(window).models.own.is_empty());
}

#[test]
fn a_catalog_is_fetched_from_an_address_and_checked() {
    let home = tempfile::tempdir().unwrap();
    let mut good = plimsoll::model::Catalog::embedded().models()[0].clone();
    good.id = "somebody/new-model".to_owned();
    let mut bad = good.clone();
    bad.id = "somebody/other-model".to_owned();
    bad.params_text += 5;
    let text = [&good, &bad].map(|record| serde_json::to_string(record).unwrap()).join("\n");
    let server = Server::new(move |request, _| match request.path.as_str() {
        "/catalog.jsonl" => Reply::ok(text.clone()),
        _ => Reply::ok("<html>nothing here</html>"),
    });
    let mut window = window_with(home.path(), &server);
    act(&mut window, ModelsAction::HubToken("hf_secret".to_owned()));
    act(&mut window, ModelsAction::HubBase("https://hub.invalid".to_owned()));
    act(&mut window, ModelsAction::Show(Some(Part::Catalogs)));
    act(&mut window, ModelsAction::Address(format!("{}/page", server.base)));
    click(&mut window, Role::Button, "Fetch");
    assert!(state(&window).models.added.is_empty());
    assert!(says(&window, "/page: line 1: "), "{:?}", state(&window).models.faults);
    act(&mut window, ModelsAction::Address(format!("{}/catalog.jsonl", server.base)));
    click(&mut window, Role::Button, "Fetch");
    assert!(says(&window, "1 record, 1 refused"), "{:?}", labels(&window));
    assert!(says(&window, "Refused: line 2, somebody/other-model: params_text is "));
    assert!(state(&window).catalog.exact("somebody/new-model").is_some());
    assert!(state(&window).catalog.exact("somebody/other-model").is_none());
    assert!(
        server.requests().iter().all(|request| request.header("authorization").is_none()),
        "the token is the hub's"
    );
}

/// The same pixels as in `tests/snapshots`; after a change that is meant, `UPDATE_SNAPSHOTS=1 cargo test`.
#[test]
fn pictures() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::new(|request, _| sound(request));
    let mut window = window_with(home.path(), &server);
    ask(&mut window, REPOSITORY);
    click(&mut window, Role::Button, "Read Qwen3-0.6B-Q8_0.gguf");
    window.snapshot("models_hub_dark");
    act(&mut window, ModelsAction::Show(None));
    window.state_mut().apply(Action::SetTheme(plimsoll::app::ThemeChoice::Light));
    window.state_mut().apply(Action::SetView(plimsoll::app::View::Matrix));
    window.run();
    window.snapshot("models_own_light");
}
