//! The program as a shell sees it.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::MACHINE;

/// The program without a display.
fn plimsoll(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
    command.args(arguments);
    for display in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"] {
        command.env_remove(display);
    }
    command
}

fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = plimsoll(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn the_exit_status_says_whether_all_was_answered() {
    let good = format!("{{\"model\":\"qwen3-4b\",\"machine\":{MACHINE}}}\n");
    let all = run(&["estimate"], &good.repeat(3));
    assert_eq!(all.status.code(), Some(0));
    assert_eq!(text(&all.stdout).lines().count(), 3);
    assert!(all.stderr.is_empty(), "{}", text(&all.stderr));
    let some = run(&["estimate"], &format!("{good}nonsense\n{good}"));
    assert_eq!(some.status.code(), Some(1));
    assert_eq!(text(&some.stdout).lines().count(), 3);
    let none = run(&["estimate"], "");
    assert_eq!((none.status.code(), none.stdout.len()), (Some(0), 0));
}

#[test]
#[cfg(unix)]
fn input_that_cannot_be_read_is_told_with_status_2() {
    // A folder opens, but does not read.
    let folder = std::fs::File::open(env!("CARGO_MANIFEST_DIR")).unwrap();
    let output = plimsoll(&["estimate"]).stdin(folder).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("cannot be read"), "{}", text(&output.stderr));
}

#[test]
fn one_query_from_options_is_the_same_as_its_line() {
    let options = "estimate --model Qwen/Qwen3-30B-A3B --quant Q4_K_M --ram 64 --context 32768 --gpu";
    let mut arguments: Vec<&str> = options.split(' ').collect();
    arguments.push("RTX 4090");
    let from_options = run(&arguments, "");
    assert_eq!(from_options.status.code(), Some(0), "{}", text(&from_options.stderr));
    let line = r#"{"model":"Qwen/Qwen3-30B-A3B","quant":"Q4_K_M","context":32768,"machine":{"gpus":[{"name":"RTX 4090"}],"ram_gib":64}}"#;
    assert!(from_options.stdout == run(&["estimate"], line).stdout);
    let unknown = run(&["estimate", "--model", "no such model"], "");
    assert_eq!(unknown.status.code(), Some(1));
    let answer: Value = serde_json::from_slice(&unknown.stdout).unwrap();
    assert_eq!(answer["error"]["code"], "unknown_model");
}

#[test]
fn the_schema_is_printed() {
    let output = run(&["estimate", "--schema"], "");
    assert_eq!(output.status.code(), Some(0));
    let schema: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(schema["properties"]["query"].is_object() && schema["properties"]["answer"].is_object());
}

#[test]
fn without_a_display_the_report_is_printed_and_one_line_says_why() {
    let output = plimsoll(&[]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let report = text(&output.stdout);
    assert!(report.contains("RAM available") && report.contains("Qwen3 4B"), "{report}");
    let why = text(&output.stderr);
    assert_eq!(why.lines().count(), 1, "{why}");
    if cfg!(target_os = "linux") {
        assert!(why.contains("WAYLAND_DISPLAY") && why.contains("libgl1"), "{why}");
    }
}

#[test]
fn the_report_of_another_machine_names_it() {
    let output =
        run(&["report", "--gpu", "RTX 4090", "--ram", "64", "--search", "qwen3", "--limit", "3"], "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let report = text(&output.stdout);
    assert!(report.contains("NVIDIA GeForce RTX 4090") && report.contains("not listed"), "{report}");
    let json = run(&["report", "--gpu", "none", "--ram", "16", "--limit", "1", "--json"], "");
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["machine"]["devices"].as_array().unwrap().len(), 0);
    assert_eq!(json["models"].as_array().unwrap().len(), 1);
}

#[test]
fn wrong_options_are_told_with_status_2() {
    for (arguments, says) in [
        (&["report", "--gpu", "RTX 4099"][..], "RTX 4090"),
        (&["report", "--quant", "Q4_K_X"], "Q4_K_M"),
        (&["report", "--context", "many"], "tokens"),
        (&["report", "--context", "0"], "at least 1"),
        (&["report", "--cache", "q9"], "q8_0"),
        (&["report", "--json", "--csv"], "cannot be used"),
        (&["estimate", "--gpu", "RTX 4090"], "--model"),
        (&["estimat"], "estimate"),
    ] {
        let output = run(arguments, "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
        assert!(text(&output.stderr).contains(says), "{arguments:?}: {}", text(&output.stderr));
    }
}

#[test]
fn this_machine_is_printed_with_its_sources() {
    let output = run(&["machine", "--json"], "");
    assert_eq!(output.status.code(), Some(0));
    let machine: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(machine["ram"]["total"]["value"].as_u64().unwrap() > 1 << 20, "{machine}");
    assert!(machine["ram"]["total"]["source"].is_string());
    let readable = run(&["machine"], "");
    assert!(text(&readable.stdout).contains("Main memory"), "{}", text(&readable.stdout));
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let mut child = plimsoll(&["report", "--gpu", "RTX 4090", "--ram", "64", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The report is far larger than a pipe holds.
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
}

/// A machine of `tests/machines`.
fn machine(name: &str) -> String {
    format!("{}/tests/machines/{name}.json", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_recorded_machine_opens_in_every_text_form() {
    let path = machine("34-m5-max-128gb-macos");
    let shown = run(&["machine", "--recorded", &path], "");
    assert_eq!(shown.status.code(), Some(0), "{}", text(&shown.stderr));
    assert!(text(&shown.stdout).contains("Metal recommendedMaxWorkingSetSize"), "{}", text(&shown.stdout));
    let report = run(&["report", "--recorded", &path, "--limit", "1", "--json"], "");
    let report: Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!(report["machine"]["devices"][0]["name"]["value"], "Apple M5 Max");
    let answer = run(&["estimate", "--model", "qwen3-4b", "--recorded", &path], "");
    let answer: Value = serde_json::from_slice(&answer.stdout).unwrap();
    assert_eq!((&answer["ok"], &answer["backend"]), (&Value::Bool(true), &Value::from("metal")));
    // Instead of the window, where there is no display: the same machine, not this one.
    let window = run(&["--recorded", &path], "");
    assert!(text(&window.stdout).contains("Apple M5 Max"), "{}", text(&window.stdout));
    for arguments in [
        &["machine", "--recorded", "/nowhere.json"][..],
        &["report", "--recorded", "/nowhere.json"],
        &["report", "--recorded", &path, "--gpu", "RTX 4090"],
    ] {
        assert_eq!(run(arguments, "").status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn this_machine_is_recorded_and_opens_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.json");
    let path = path.to_str().unwrap();
    let recorded = run(&["machine", "--record", path], "");
    assert_eq!(recorded.status.code(), Some(0), "{}", text(&recorded.stderr));
    assert!(text(&recorded.stdout).contains(path));
    let shown = run(&["machine", "--recorded", path, "--json"], "");
    let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
    let this = run(&["machine", "--json"], "");
    let this: Value = serde_json::from_slice(&this.stdout).unwrap();
    for part in ["name", "os"] {
        assert_eq!(shown[part], this[part]);
    }
    assert_eq!(shown["ram"]["total"], this["ram"]["total"]);
    assert_eq!(shown["cpu"]["isa"], this["cpu"]["isa"]);
    let unwritable = folder.path().join("none/mine.json");
    let output = run(&["machine", "--record", unwritable.to_str().unwrap()], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("cannot be written"), "{}", text(&output.stderr));
}

#[test]
#[cfg(target_os = "linux")]
fn the_memory_is_measured_kept_used_and_forgotten() {
    let data = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = plimsoll(arguments).env("XDG_DATA_HOME", data.path()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout).to_owned()
    };
    let bandwidth = || -> Value {
        let machine: Value = serde_json::from_str(&run(&["machine", "--json"])).unwrap();
        machine["ram"]["measured_gbs"].clone()
    };
    assert_eq!(bandwidth(), Value::Null);
    assert!(run(&["measure", "--forget"]).starts_with("Nothing to forget"));
    let measured: Value = serde_json::from_str(&run(&["measure", "--json"])).unwrap();
    let gbs = measured["read_gbs"].as_f64().unwrap();
    assert!(gbs > 0.1 && gbs <= measured["best_gbs"].as_f64().unwrap(), "{measured}");
    assert!(measured["buffer"].as_u64().unwrap() >= 512 << 20, "far above the caches");
    let kept = bandwidth();
    assert_eq!(kept["value"].as_f64(), Some(gbs));
    assert!(kept["source"].as_str().unwrap().starts_with("measured here on 20"), "{kept}");
    assert!(run(&["measure", "--forget"]).starts_with("Forgotten"));
    assert_eq!(bandwidth(), Value::Null);
}

#[test]
fn files_are_told_where_no_window_opens() {
    let folder = tempfile::tempdir().unwrap();
    let path = crate::files::model(folder.path(), "Qwen3-0.6B-Q8_0.gguf");
    let output = run(&[path.to_str().unwrap()], "");
    let line = text(&output.stdout).lines().next().unwrap();
    assert!(line.contains("Q8_0") && line.contains("Qwen3-0.6B-Q8_0.gguf  (needs "), "{line}");
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stderr).contains("no window could be opened"));
    std::fs::write(folder.path().join("torn.gguf"), "GGUF").unwrap();
    let output = run(&[folder.path().to_str().unwrap()], "");
    assert_eq!(
        (output.status.code(), text(&output.stdout).lines().count()),
        (Some(1), 2),
        "the good one too"
    );
    assert!(text(&output.stdout).contains("torn.gguf: has 4 bytes"));
}

#[test]
fn the_hub_is_asked_by_a_command() {
    use crate::hub::server::Server;

    let home = tempfile::tempdir().unwrap();
    let server = Server::new(|request, _| crate::hub::sound(request));
    let ask = |arguments: &[&str]| {
        let gpu = ["--gpu", "RTX 4090", "--ram", "64"];
        let mut command = plimsoll(&["hub"]);
        command.args(arguments).args(gpu).env("HF_ENDPOINT", &server.base).env("NO_PROXY", "*");
        for name in ["HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "HF_HOME"] {
            command.env(name, home.path());
        }
        command.env_remove("HF_HUB_OFFLINE").output().unwrap()
    };
    let listed = ask(&["owner/Qwen3-0.6B-GGUF", "--list"]);
    assert_eq!(text(&listed.stdout).lines().count(), 2, "{}", text(&listed.stderr));
    assert_eq!(server.requests().len(), 1, "heads are not read");
    let read = ask(&["https://huggingface.co/owner/Qwen3-0.6B-GGUF"]);
    let said = text(&read.stdout);
    assert!(said.starts_with("Fits      Q8_0 ") && said.contains("The same model as Qwen3 0.6B"), "{said}");
    let one = ask(&["owner/Qwen3-0.6B-GGUF", "--file", "sub/Qwen3-0.6B-Q8_0.gguf", "--json"]);
    let value: Value = serde_json::from_slice(&one.stdout).unwrap();
    assert_eq!(value["files"].as_array().unwrap().len(), 1, "{value}");
    assert_eq!(value["files"][0]["verdict"]["class"], "fits");
    let gone = ask(&["owner/no-such"]);
    assert_eq!(gone.status.code(), Some(2));
    assert!(text(&gone.stderr).contains("owner/no-such is not there"), "{}", text(&gone.stderr));
}

#[test]
fn a_share_code_is_answered_on_its_own_machine() {
    use plimsoll::app::Settings;
    use plimsoll::app::rigs::NamedRig;
    use plimsoll::app::share::Shared;

    let mut shared = Shared::of(&Settings { context: 65_536, ..Settings::default() });
    let machine = super::described("RTX 3090", 96.0);
    shared.rig = Some(NamedRig { name: "Attic".to_owned(), machine, price_usd: None });
    shared.view.search = "qwen3 14b".to_owned();
    let code = shared.code().unwrap();
    // Where there is no display the report stands for the window.
    let output = run(&["open", &code], "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let report = text(&output.stdout);
    assert!(
        report.contains("RTX 3090") && report.contains("64K") && report.contains("Qwen3 14B"),
        "{report}"
    );
    for (code, why) in [
        (code[..code.len() - 1].to_owned(), "letters of it are missing or changed"),
        (code.replacen("PLIM1", "PLIM2", 1), "later version of Plimsoll"),
        ("nonsense".to_owned(), "it is no share code"),
    ] {
        let output = run(&["open", &code], "");
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
        assert!(text(&output.stderr).contains(why), "{}", text(&output.stderr));
    }
}
