//! Models of a person's own as text: `plimsoll hub`, and files where no window opens.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::app::files;
use crate::app::installed::{Verdict, verdict};
use crate::app::models::Entry;
use crate::estimate::{Estimator, Rig, Scenario};
use crate::files::kind::models_in;
use crate::hub::{Cancel, Hub, HubError, Listing, Options, Progress, Repository};
use crate::model::Model;
use crate::quant::Level;
use crate::units::{Bytes, spoken_rate};

use super::args::HubArgs;

/// One line of a list.
struct Line {
    level: Level,
    bytes: Option<Bytes>,
    name: String,
    verdict: Verdict,
}

impl Line {
    fn of(model: &Model, level: Level, bytes: Option<Bytes>, name: String, on: &On<'_>) -> Self {
        let verdict = verdict(model, level, on.estimator, on.scenario, Some(on.rig));
        Self { level, bytes, name, verdict }
    }

    fn text(&self) -> String {
        let (word, more) = match &self.verdict {
            Verdict::Known { class, need, decode_tps } => {
                let speed = decode_tps.map(|speed| format!(", {}", spoken_rate(speed))).unwrap_or_default();
                (class.word(), format!("needs {need}{speed}"))
            }
            Verdict::NotKnown { reason } => ("n/a", reason.clone()),
        };
        let bytes = self.bytes.map_or_else(String::new, |bytes| format!("{:.2} GB", bytes.gb()));
        format!("{word:<8}  {:<9}  {bytes:>10}  {}  ({more})", self.level.to_string(), self.name)
    }

    fn json(&self) -> Value {
        json!({"file": self.name, "quant": self.level, "bytes": self.bytes, "verdict": self.verdict})
    }
}

/// What is asked, and of which machine.
struct On<'a> {
    estimator: &'a Estimator,
    scenario: &'a Scenario,
    rig: &'a Rig,
}

/// A line for each model in `paths`, and whether all could be opened.
pub(super) fn opened(paths: &[PathBuf], scenario: &Scenario, rig: &Rig) -> (String, bool) {
    let estimator = Estimator::default();
    let on = On { estimator: &estimator, scenario, rig };
    let (mut text, mut is_all) = (String::new(), true);
    let models = paths.iter().flat_map(|path| {
        // What is wrong with a folder is said when it is opened.
        if path.is_dir() {
            models_in(path).unwrap_or_else(|_| vec![path.clone()])
        } else {
            vec![path.clone()]
        }
    });
    for path in models {
        let _ = match Entry::open(&path) {
            Ok(entry) => {
                estimator.adopt(entry.record(), entry.tables());
                let level = entry.kept.level.unwrap_or(Level::Native);
                let bytes = entry.file(level).map(crate::app::models::ModelFile::bytes);
                let line = Line::of(entry.record(), level, bytes, path.display().to_string(), &on);
                writeln!(text, "{}", line.text())
            }
            Err(error) => {
                is_all = false;
                writeln!(text, "n/a       {error}")
            }
        };
    }
    (text, is_all)
}

/// What the hub says of a name, a link, or words.
///
/// # Errors
/// Why it says nothing.
pub(super) fn hub(args: &HubArgs, scenario: &Scenario, rig: &Rig) -> Result<String, HubError> {
    let cache = files::folder().map(|folder| folder.join("hub"));
    let mut options = Options::of_environment(cache);
    if let Some(base) = &args.base {
        options.base.clone_from(base);
    }
    let (hub, cancel) = (Hub::new(options), Cancel::default());
    let text = args.name.join(" ");
    let Ok(repository) = Repository::parse(&text) else { return found(&hub, &text, args.json, &cancel) };
    let listing = hub.files(&repository, &cancel)?;
    if args.list {
        return Ok(listed(&listing, args.json));
    }
    let repository = Repository { file: args.file.clone().or_else(|| repository.file.clone()), ..repository };
    let show = io::stderr().is_terminal();
    let progress = |told: Progress| {
        if show {
            let read = Bytes(told.bytes);
            write!(io::stderr(), "\r{} of {} heads, {:.1} MB ", told.done, told.of, read.gb() * 1e3).ok();
        }
    };
    let remote = hub.model_of(&repository, &listing, &progress, &cancel);
    if show {
        write!(io::stderr(), "\r{:40}\r", "").ok();
    }
    let remote = remote?;
    let entry = Entry::remote(&remote);
    let estimator = Estimator::default();
    let on = On { estimator: &estimator, scenario, rig };
    // Two files may stand for one level: each is judged by its own tensors.
    let mut lines: Vec<Line> = entry
        .files
        .iter()
        .map(|file| {
            estimator.adopt(entry.record(), vec![(file.level, std::sync::Arc::clone(&file.table))]);
            Line::of(entry.record(), file.level, Some(file.bytes()), file.name.clone(), &on)
        })
        .collect();
    if let Some(level) = remote.checkpoint {
        lines.push(Line::of(entry.record(), level, None, "the checkpoint".to_owned(), &on));
    }
    if args.json {
        let files: Vec<Value> = lines.iter().map(Line::json).collect();
        let known = entry.known_name();
        return Ok(pretty(
            &json!({"repository": listing.id, "known_as": known, "files": files, "notes": entry.notes}),
        ));
    }
    let mut text = String::new();
    for line in &lines {
        let _ = writeln!(text, "{}", line.text());
    }
    if let Some(known) = entry.known_name() {
        let _ = writeln!(text, "\nThe same model as {known} of the catalog.");
    }
    for note in &entry.notes {
        let _ = writeln!(text, "{note}");
    }
    Ok(text)
}

fn found(hub: &Hub, words: &str, as_json: bool, cancel: &Cancel) -> Result<String, HubError> {
    let found = hub.search(words, cancel)?;
    if as_json {
        let found: Vec<Value> = found
            .iter()
            .map(|one| json!({"id": one.id, "downloads": one.downloads, "gguf": one.gguf}))
            .collect();
        return Ok(pretty(&Value::from(found)));
    }
    if found.is_empty() {
        return Ok(format!("Nothing on the hub has the name {words:?}.\n"));
    }
    let mut text = String::new();
    for one in found {
        let kind = if one.gguf { "GGUF" } else { "" };
        let _ = writeln!(text, "{:>10}  {kind:<4}  {}", one.downloads, one.id);
    }
    Ok(text)
}

fn listed(listing: &Listing, as_json: bool) -> String {
    let models = listing.models();
    if as_json {
        let files: Vec<Value> = models
            .iter()
            .map(|model| json!({"file": model.file, "parts": model.parts, "bytes": model.bytes, "quant": model.level}))
            .collect();
        return pretty(&json!({"repository": listing.id, "files": files}));
    }
    let mut text = String::new();
    for model in &models {
        let bytes = model.bytes.map_or_else(|| "n/a".to_owned(), |bytes| format!("{:.2} GB", bytes.gb()));
        let level = model.level.map(|level| level.to_string()).unwrap_or_default();
        let _ = writeln!(text, "{level:<9}  {bytes:>10}  {}", model.file);
    }
    if models.is_empty() {
        let _ = writeln!(text, "{} holds no GGUF files.", listing.id);
    }
    text
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
