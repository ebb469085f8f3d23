//! The hub, by a server on this computer with slow, broken, truncated, redirecting and limiting answers.

pub mod server;

use std::collections::BTreeMap;
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::files::heads;
use plimsoll::hub::{Cancel, Hub, HubError, Limits, Options, Progress, RemoteModel, Repository};
use plimsoll::model::Catalog;
use server::{Reply, Request, Server};

const REPOSITORY: &str = "owner/Qwen3-0.6B-GGUF";

pub fn options(server: &Server) -> Options {
    let limits = Limits {
        connect: Duration::from_secs(5),
        answer: Duration::from_millis(800),
        whole: Duration::from_secs(5),
        tries: 3,
        backoff: Duration::from_millis(1),
        longest_wait: Duration::from_secs(2),
        at_once: 3,
    };
    Options { base: server.base.clone(), limits, ..Options::default() }
}

fn repository() -> Repository {
    Repository::parse(REPOSITORY).unwrap()
}

fn model(hub: &Hub) -> Result<RemoteModel, HubError> {
    hub.model(&repository(), &|_| (), &Cancel::default())
}

/// Heads by the reference package, with the length that the whole file would have.
fn head(name: &str) -> (Vec<u8>, usize) {
    let lengths: Value =
        serde_json::from_str(&fs::read_to_string(heads().join("files.json")).unwrap()).unwrap();
    (fs::read(heads().join(name)).unwrap(), lengths[name]["length"].as_u64().unwrap() as usize)
}

fn listing(files: &[(&str, usize)]) -> String {
    let siblings: Vec<Value> = files
        .iter()
        .map(|(name, size)| json!({"rfilename": name, "size": size, "lfs": {"sha256": format!("{name:0>64}"), "size": size}}))
        .collect();
    json!({"id": REPOSITORY, "sha": "abc", "gated": false, "tags": ["gguf", "license:apache-2.0"], "siblings": siblings})
        .to_string()
}

/// A hub with one repository of three quantizations, which are one file by different names.
pub fn sound(request: &Request) -> Reply {
    let (bytes, length) = head("Qwen3-0.6B-Q8_0.gguf");
    match request.path.split('?').next().unwrap() {
        "/api/models/owner/Qwen3-0.6B-GGUF/revision/main" => Reply::ok(listing(&[
            ("Qwen3-0.6B-Q8_0.gguf", length),
            ("sub/Qwen3-0.6B-Q8_0.gguf", length),
            ("mmproj-Qwen3.gguf", 1000),
            ("README.md", 10),
        ]))
        .with("etag", "\"v1\""),
        path if path.ends_with("Qwen3-0.6B-Q8_0.gguf") => Reply::part(request, &bytes, length),
        _ => Reply::new(404, "").with("x-error-code", "EntryNotFound"),
    }
}

#[test]
fn every_quantization_of_a_repository_is_a_rung() {
    let server = Server::new(|request, _| sound(request));
    let hub = Hub::new(options(&server));
    let seen = Mutex::new(Vec::new());
    let remote =
        hub.model(&repository(), &|p: Progress| seen.lock().unwrap().push(p), &Cancel::default()).unwrap();
    let (_, length) = head("Qwen3-0.6B-Q8_0.gguf");
    let files: Vec<(&str, u64)> = remote.rungs.iter().map(|(_, f, t)| (f.as_str(), t.file_bytes.0)).collect();
    assert_eq!(files, [("Qwen3-0.6B-Q8_0.gguf", length as u64), ("sub/Qwen3-0.6B-Q8_0.gguf", length as u64)]);
    assert_eq!(remote.rungs[0].0.to_string(), "Q8_0");
    assert_eq!(remote.tables().len(), 1, "one a level");
    assert_eq!(remote.model.id, REPOSITORY);
    let known = Catalog::embedded().find("Qwen/Qwen3-0.6B").unwrap();
    assert_eq!(remote.known, Some(known));
    assert!(remote.problems.is_empty(), "{:?}", remote.problems);
    let last = seen.lock().unwrap().iter().map(|p| p.done).max();
    assert_eq!(last, Some(2));
    // No more is fetched than a head needs; the file has 600 million bytes.
    let fetched = seen.lock().unwrap().iter().map(|p| p.bytes).max().unwrap();
    assert!(fetched <= 2 * (2 << 20), "{fetched}");
}

#[test]
fn a_long_head_is_fetched_in_growing_parts() {
    // A vocabulary makes heads long: 6 MB of it.
    let words: Vec<u8> =
        (0..300_000_u64).flat_map(|_| [12_u64.to_le_bytes().as_slice(), b"abcdefghijkl"].concat()).collect();
    let mut long = crate::files::writer::Head::sound();
    long.array("tokenizer.ggml.tokens", 8, 300_000, &words);
    let (bytes, length) = (long.bytes(), long.length() as usize);
    let server = Server::new(move |request, _| {
        if request.path.contains("/api/") {
            Reply::ok(listing(&[("long.gguf", length)]))
        } else {
            Reply::part(request, &bytes, length)
        }
    });
    let remote = model(&Hub::new(options(&server))).unwrap();
    assert_eq!(remote.rungs.len(), 1);
    let ranges: Vec<(usize, usize)> = server.requests().iter().filter_map(Request::range).collect();
    assert_eq!(ranges, [(0, 2 << 20), (2 << 20, 4 << 20), (4 << 20, 8 << 20)]);
}

#[test]
fn a_server_without_ranges_is_not_read_to_the_end() {
    let (bytes, length) = head("Qwen3-0.6B-Q8_0.gguf");
    let server = Server::new(move |request, _| {
        if request.path.contains("/api/") {
            Reply::ok(listing(&[("a.gguf", length)]))
        } else {
            // All of it, though only its beginning is really sent.
            Reply { states: Some(length as u64), ..Reply::ok([bytes.clone(), vec![0; 3 << 20]].concat()) }
        }
    });
    assert_eq!(model(&Hub::new(options(&server))).unwrap().rungs.len(), 1);
}

#[test]
fn redirections_are_followed_and_the_token_stays_with_the_hub() {
    let store = Server::new(|request, _| {
        sound(&Request { path: request.path.replace("/store", ""), ..request.clone() })
    });
    let to = store.base.replace("127.0.0.1", "localhost");
    let server = Server::new(move |request, _| {
        if request.path.contains("/api/") {
            sound(request)
        } else {
            Reply::new(302, "").with("location", &format!("{to}/store{}", request.path))
        }
    });
    let hub = Hub::new(Options { token: Some("hf_secret".to_owned()), ..options(&server) });
    assert_eq!(model(&hub).unwrap().rungs.len(), 2);
    assert!(
        server.requests().iter().all(|request| request.header("authorization") == Some("Bearer hf_secret"))
    );
    assert!(store.requests().iter().all(|request| request.header("authorization").is_none()));
    assert!(store.requests().iter().all(|request| request.range().is_some()), "the range goes along");
}

#[test]
fn redirections_without_end_or_to_elsewhere_are_refused() {
    for target in ["/again", "file:///etc/passwd", "", "gopher://x/"] {
        let target = target.to_owned();
        let server = Server::new(move |_, _| Reply::new(302, "").with("location", &target));
        let error = model(&Hub::new(options(&server))).unwrap_err();
        assert!(matches!(error, HubError::Malformed { .. }), "{error}");
        assert!(server.requests().len() <= 6, "it is not asked again and again");
    }
}

#[test]
fn what_passes_is_tried_again() {
    for status in [500, 502, 503, 429] {
        let server = Server::new(move |request, before| match before {
            0 | 1 => Reply::new(status, "").with("retry-after", "0"),
            _ => sound(request),
        });
        assert_eq!(model(&Hub::new(options(&server))).unwrap().rungs.len(), 2, "{status}");
        let broken = Server::new(move |_, _| Reply::new(status, "").with("retry-after", "0"));
        let error = model(&Hub::new(options(&broken))).unwrap_err();
        assert_eq!(broken.requests().len(), 3, "{status}");
        match status {
            429 => assert!(matches!(error, HubError::RateLimited { .. }), "{error}"),
            _ => assert!(matches!(error, HubError::Status { .. }), "{error}"),
        }
    }
}

#[test]
fn a_long_wait_is_told_and_not_waited_for() {
    let server = Server::new(|_, _| Reply::new(429, "").with("retry-after", "3600"));
    let error = model(&Hub::new(options(&server))).unwrap_err();
    assert_eq!(error.to_string(), "the hub limits how often it may be asked; try again in 3600 seconds");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn truncated_answers_are_asked_for_again() {
    let server = Server::new(|request, before| {
        let reply = sound(request);
        let cut = reply.body.len() / 2;
        match before {
            0 | 2 => {
                Reply { states: Some(reply.body.len() as u64), body: reply.body[..cut].to_vec(), ..reply }
            }
            _ => reply,
        }
    });
    assert_eq!(model(&Hub::new(options(&server))).unwrap().rungs.len(), 2);
    let always = Server::new(|request, _| {
        let reply = sound(request);
        Reply { states: Some(reply.body.len() as u64 + 5), ..reply }
    });
    let error = model(&Hub::new(options(&always))).unwrap_err();
    assert!(matches!(error, HubError::Offline { .. }), "{error:?}");
}

#[test]
fn silence_ends_in_time() {
    let server = Server::new(|_, _| Reply { delay: Duration::from_secs(30), ..Reply::ok("{}") });
    let mut options = options(&server);
    options.limits.tries = 1;
    options.limits.answer = Duration::from_millis(100);
    let error = model(&Hub::new(options)).unwrap_err();
    assert!(matches!(error, HubError::Timeout { .. }), "{error:?}");
}

#[test]
fn a_dripping_answer_ends_in_time_or_when_it_is_stopped() {
    let drip =
        |_: &Request, _: usize| Reply { pause: Duration::from_millis(50), ..Reply::ok(vec![b' '; 1 << 20]) };
    let server = Server::new(drip);
    let mut slow = options(&server);
    slow.limits.tries = 1;
    slow.limits.whole = Duration::from_millis(300);
    let error = model(&Hub::new(slow)).unwrap_err();
    assert!(matches!(error, HubError::Timeout { .. }), "{error:?}");

    let cancel = Cancel::default();
    let stop = cancel.clone();
    let stopper = std::thread::Builder::new()
        .name("stopper".to_owned())
        .spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            stop.cancel();
        })
        .unwrap();
    let error = Hub::new(options(&server)).model(&repository(), &|_| (), &cancel).unwrap_err();
    stopper.join().unwrap();
    assert_eq!(error, HubError::Cancelled);
}

#[test]
fn refusals_say_what_to_do() {
    let ask = |status: u16, code: &str, token: Option<&str>| {
        let code = code.to_owned();
        let server = Server::new(move |_, _| Reply::new(status, "").with("x-error-code", &code));
        let hub = Hub::new(Options { token: token.map(str::to_owned), ..options(&server) });
        let error = model(&hub).unwrap_err().to_string();
        assert_eq!(server.requests().len(), 1, "{error}");
        error
    };
    assert!(ask(404, "RepoNotFound", None).contains("is not there, or is private"));
    assert!(ask(401, "RepoNotFound", None).contains("is not there, or is private"));
    assert!(
        ask(401, "GatedRepo", None)
            .contains("accept the terms of owner/Qwen3-0.6B-GGUF on its page, then set HF_TOKEN")
    );
    assert!(ask(403, "GatedRepo", Some("x")).contains("the token gives no access"));
}

#[test]
fn nonsense_is_no_answer() {
    for body in
        ["", "<html>sign in to this network</html>", "[]", "{\"siblings\": 3}", "{\"siblings\": [{}]}"]
    {
        let server = Server::new(move |_, _| Reply::ok(body));
        let error = model(&Hub::new(options(&server))).unwrap_err();
        assert!(matches!(error, HubError::Malformed { .. }), "{body}: {error:?}");
    }
    // A list without end is not read to the end.
    let server = Server::new(|_, _| Reply::ok(vec![b' '; 20 << 20]));
    let error = model(&Hub::new(options(&server))).unwrap_err();
    assert!(error.to_string().contains("it has more than"), "{error}");
    // A range that is another one.
    let server = Server::new(|request, _| {
        if request.path.contains("/api/") {
            sound(request)
        } else {
            Reply::new(206, vec![0; 100]).with("content-range", "bytes 50-149/1000")
        }
    });
    let error = model(&Hub::new(options(&server))).unwrap_err();
    assert!(error.to_string().contains("it begins at byte 50, and 0 was asked"), "{error}");
}

#[test]
fn a_damaged_file_hides_no_other() {
    let server = Server::new(|request, _| {
        if request.path.contains("/sub/") {
            Reply::part(request, b"PK\x03\x04 no model", 4000)
        } else {
            sound(request)
        }
    });
    let remote = model(&Hub::new(options(&server))).unwrap();
    assert_eq!(remote.rungs.len(), 1);
    let said: Vec<String> = remote.problems.iter().map(ToString::to_string).collect();
    assert!(said[0].starts_with("sub/Qwen3-0.6B-Q8_0.gguf: ") && said[0].contains("zip archive"), "{said:?}");
}

#[test]
fn a_repository_without_files_has_its_configuration() {
    let config: Value = include_str!("../../data/configs/configs.jsonl")
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find(|line| line["catalog"] == "Qwen/Qwen3-4B")
        .unwrap()["config"]
        .clone();
    let server = Server::new(move |request, _| {
        if request.path.contains("/api/") {
            Reply::ok(json!({"id": "Qwen/Qwen3-4B", "siblings": [{"rfilename": "config.json"}]}).to_string())
        } else {
            Reply::ok(config.to_string())
        }
    });
    let hub = Hub::new(options(&server));
    let remote =
        hub.model(&Repository::parse("Qwen/Qwen3-4B").unwrap(), &|_| (), &Cancel::default()).unwrap();
    assert_eq!(remote.known, Some(Catalog::embedded().find("Qwen/Qwen3-4B").unwrap()));
    assert_eq!(remote.checkpoint.unwrap().to_string(), "NATIVE");
    let empty = Server::new(|_, _| Reply::ok(r#"{"id": "a/b", "siblings": [{"rfilename": "README.md"}]}"#));
    let error = model(&Hub::new(options(&empty))).unwrap_err();
    assert!(error.to_string().contains("it holds neither GGUF files nor a config.json"), "{error}");
}

#[test]
fn answers_are_kept_and_asked_for_again_only_where_they_changed() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::new(|request, _| match request.header("if-none-match") {
        Some("\"v1\"") => Reply::new(304, ""),
        _ => sound(request),
    });
    let cached = Options { cache: Some(folder.path().to_owned()), ..options(&server) };
    let first = model(&Hub::new(cached.clone())).unwrap();
    let before = server.requests().len();
    let second = model(&Hub::new(cached.clone())).unwrap();
    assert_eq!(server.requests().len(), before + 1, "the list is asked for, the heads are not");
    assert_eq!(first.rungs.len(), second.rungs.len());
    // Without a network, what was known is still known.
    let offline = Hub::new(Options { offline: true, ..cached.clone() });
    assert_eq!(model(&offline).unwrap().rungs.len(), 2);
    let elsewhere = Hub::new(Options { offline: true, ..options(&server) });
    assert_eq!(model(&elsewhere).unwrap_err(), HubError::SwitchedOff);
    // What was damaged is asked for again.
    for entry in fs::read_dir(folder.path()).unwrap() {
        fs::write(entry.unwrap().path(), "damaged").unwrap();
    }
    assert_eq!(model(&Hub::new(cached)).unwrap().rungs.len(), 2);
}

#[test]
fn nobody_there_is_told() {
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = Server::new(|_, _| Reply::ok(""));
    let options = Options { base: format!("http://127.0.0.1:{port}"), ..options(&server) };
    let error = model(&Hub::new(options)).unwrap_err();
    assert!(
        error.to_string().contains("cannot be reached") && error.to_string().contains("can still be opened"),
        "{error}"
    );
}

#[test]
fn a_search_lists_repositories() {
    let asked = std::sync::Arc::new(AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&asked);
    let server = Server::new(move |request, _| {
        count.fetch_add(1, Ordering::Relaxed);
        assert!(request.path.starts_with("/api/models?search=qwen3%204b%26x&"), "{}", request.path);
        Reply::ok(
            json!([
                {"id": "Qwen/Qwen3-4B-GGUF", "downloads": 7, "likes": 3, "tags": ["gguf"]},
                {"modelId": "a/b", "tags": []},
                {"id": "../../etc/passwd"}, {},
            ])
            .to_string(),
        )
    });
    let found = Hub::new(options(&server)).search(" qwen3 4b&x ", &Cancel::default()).unwrap();
    let names: BTreeMap<&str, bool> = found.iter().map(|found| (found.id.as_str(), found.gguf)).collect();
    assert_eq!(names, BTreeMap::from([("Qwen/Qwen3-4B-GGUF", true), ("a/b", false)]));
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}
