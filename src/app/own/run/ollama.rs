//! An installed Ollama, through its HTTP interface on this computer: `ollama run` cannot be told how many
//! tokens to generate, and draws on its output what a terminal shows.

use std::env;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::RunError;
use super::http::{self, HttpError};
use crate::estimate::measured::read::read_bytes;
use crate::estimate::measured::who::level_of_quantization;
use crate::estimate::measured::{Measurement, Test};
use crate::estimate::scenario::BackendChoice;
use crate::language::{of_json, tr};
use crate::units::Bytes;

/// Tokens of the prompt, about.
pub const PROMPT: u32 = 400;
/// Tokens generated.
pub const ANSWER: u32 = 128;
/// Answers that are timed.
pub const REPETITIONS: u32 = 3;
/// Ollama's port.
const PORT: u16 = 11_434;
/// A question that needs no model.
const SHORT: Duration = Duration::from_secs(5);
/// An answer, with the model loaded from a slow disk.
const LONG: Duration = Duration::from_mins(20);
/// Layers, when all are on the GPU.
const ALL_LAYERS: u32 = 999;
/// Models that are listed.
const MODELS_MAX: usize = 500;

/// A model that Ollama has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Installed {
    /// Its tag.
    pub name: String,
    /// Bytes of its files.
    pub size: u64,
    /// What Ollama knows of it.
    pub details: Details,
}

/// What Ollama knows of a model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Details {
    /// "8.2B".
    pub parameter_size: String,
    /// "`Q4_K_M`".
    pub quantization_level: String,
}

#[derive(Deserialize)]
struct Tags {
    models: Vec<Installed>,
}

/// A model in memory, as Ollama says it.
#[derive(Deserialize)]
struct Loaded {
    #[serde(default)]
    name: String,
    #[serde(default)]
    size: u64,
    #[serde(default)]
    size_vram: u64,
}

#[derive(Deserialize)]
struct Running {
    models: Vec<Loaded>,
}

/// Where Ollama listens: as `OLLAMA_HOST` says, if that is on this computer.
pub fn address() -> SocketAddr {
    address_of(env::var("OLLAMA_HOST").ok().as_deref())
}

fn address_of(host: Option<&str>) -> SocketAddr {
    let usual = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), PORT);
    let Some(host) = host else { return usual };
    let host = host.trim().trim_start_matches("http://").trim_end_matches('/');
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) => (name, port.parse().unwrap_or(PORT)),
        None => (host, PORT),
    };
    let ip = match name {
        "localhost" | "" | "0.0.0.0" | "[::]" => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        name => name.trim_matches(['[', ']']).parse().ok().filter(IpAddr::is_loopback),
    };
    ip.map_or(usual, |ip| SocketAddr::new(ip, port))
}

/// The models that Ollama has.
///
/// # Errors
/// It does not run here.
pub fn installed(at: SocketAddr) -> Result<Vec<Installed>, RunError> {
    let tags: Tags = get(at, "/api/tags", &AtomicBool::new(false))?;
    let mut models = tags.models;
    models.retain(|model| !model.name.is_empty() && model.name.len() < 200);
    models.truncate(MODELS_MAX);
    Ok(models)
}

/// What is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ollama {
    /// Where it listens.
    pub at: SocketAddr,
    /// The model.
    pub model: Installed,
}

impl Ollama {
    /// What is asked of it, exactly.
    pub fn text(&self) -> String {
        format!(
            "POST http://{}/api/generate model={} num_predict={ANSWER} temperature=0 raw=true, prompt of about \
            {PROMPT} tokens; once to load it and {REPETITIONS} times",
            self.at, self.model.name
        )
    }

    /// Loads the model and times answers. `progress` is told the share that is done.
    ///
    /// # Errors
    /// Ollama does not answer, fails, or it was cancelled.
    pub fn run(&self, cancel: &AtomicBool, progress: impl Fn(f32)) -> Result<Vec<Measurement>, RunError> {
        progress(0.0);
        self.generate(0, 1, cancel)?;
        let mut rows = Vec::new();
        for n in 1..=REPETITIONS {
            progress(n as f32 / (REPETITIONS + 1) as f32);
            rows.extend(self.generate(n, ANSWER, cancel)?);
        }
        let mut means = mean(&rows);
        if means.is_empty() {
            let why = tr!("it generated no answer long enough to time").to_owned();
            return Err(RunError::Unreadable { program: "Ollama", why });
        }
        let level = level_of_quantization(&self.model.details.quantization_level);
        let running: Option<Running> = get(self.at, "/api/ps", cancel).ok();
        let loaded =
            running.and_then(|all| all.models.into_iter().find(|model| model.name == self.model.name));
        for row in &mut means {
            row.written.clone_from(&self.model.name);
            row.level = level.or(row.level);
            row.file_size = Some(Bytes(self.model.size)).filter(|size| *size > Bytes::ZERO);
            match &loaded {
                Some(loaded) if loaded.size_vram == 0 => {
                    (row.backend, row.gpu_layers) = (Some(BackendChoice::Cpu), Some(0));
                }
                Some(loaded) if loaded.size_vram >= loaded.size => row.gpu_layers = Some(ALL_LAYERS),
                // Ollama does not tell how many layers it has put where.
                _ => row.placed_by_hand = true,
            }
        }
        Ok(means)
    }

    /// One answer's rows.
    fn generate(&self, n: u32, tokens: u32, cancel: &AtomicBool) -> Result<Vec<Measurement>, RunError> {
        let body = json!({
            "model": self.model.name,
            "prompt": prompt(n),
            // No template: its tokens would be counted, and some models answer in one word.
            "raw": true,
            "stream": false,
            "options": { "num_predict": tokens, "temperature": 0, "seed": 1 },
        });
        let answer = http::ask(self.at, "/api/generate", Some(&body.to_string()), LONG, cancel, |_| {})
            .map_err(|error| failed(self.at, error))?;
        if tokens == 1 {
            return Ok(Vec::new());
        }
        let reading = read_bytes(&answer).map_err(|error| RunError::unreadable("Ollama", &error))?;
        Ok(reading.measurements)
    }
}

/// A prompt that begins differently each time: what is in the cache is not evaluated again.
fn prompt(n: u32) -> String {
    const WORDS: [&str; 16] = [
        "river", "copper", "winter", "engine", "letter", "garden", "silver", "market", "harbour", "candle",
        "forest", "bridge", "window", "mirror", "signal", "anchor",
    ];
    let mut state = n.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    let mut text = format!("Tell a long story, number {n}, in which these words occur:");
    // A word and its space are one token or two.
    for _ in 0..PROMPT - 20 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        text.push(' ');
        text.push_str(WORDS[(state >> 28) as usize]);
    }
    text.push('\n');
    text
}

/// The mean of each kind of test, with the deviation between repetitions.
fn mean(rows: &[Measurement]) -> Vec<Measurement> {
    [Test::Prefill, Test::Decode]
        .into_iter()
        .filter_map(|test| {
            let of_test: Vec<&Measurement> = rows.iter().filter(|row| row.test == test).collect();
            let first = *of_test.first()?;
            let n = of_test.len() as f64;
            let mean = of_test.iter().map(|row| row.tokens_per_second).sum::<f64>() / n;
            let squares: f64 = of_test.iter().map(|row| (row.tokens_per_second - mean).powi(2)).sum();
            let deviation = (n > 1.0).then(|| (squares / (n - 1.0)).sqrt());
            Some(Measurement { tokens_per_second: mean, deviation, ..first.clone() })
        })
        .collect()
}

fn get<T: serde::de::DeserializeOwned>(
    at: SocketAddr,
    path: &str,
    cancel: &AtomicBool,
) -> Result<T, RunError> {
    let answer = http::ask(at, path, None, SHORT, cancel, |_| {}).map_err(|error| failed(at, error))?;
    serde_json::from_slice(&answer).map_err(|error| RunError::Unreadable {
        program: "Ollama",
        why: format!("{path}: {}", of_json(&error)),
    })
}

fn failed(at: SocketAddr, error: HttpError) -> RunError {
    match error {
        HttpError::Cancelled => RunError::Cancelled,
        HttpError::TooLong(limit) => RunError::TooLong(limit),
        HttpError::Status { status, body } => RunError::Failed { program: "Ollama", status, said: body },
        other => RunError::NoOllama { at: at.to_string(), why: other.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::atomic::Ordering;
    use std::thread;

    use super::*;
    use crate::estimate::scenario::Engine;

    fn beside(run: impl FnOnce() + Send + 'static) {
        thread::Builder::new().name("fake ollama".to_owned()).spawn(run).unwrap();
    }

    /// A server that gives each request what `answer` says, by path and body.
    fn serve(answer: impl Fn(&str, &str) -> Option<String> + Send + 'static) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        beside(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut request = Vec::new();
                let mut buffer = [0; 4096];
                let (head, body) = loop {
                    let n = stream.read(&mut buffer).unwrap();
                    request.extend_from_slice(&buffer[..n]);
                    let text = String::from_utf8_lossy(&request).into_owned();
                    let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
                    if body.len() >= length.parse().unwrap() {
                        break (head.to_owned(), body.to_owned());
                    }
                };
                let path = head.split(' ').nth(1).unwrap();
                match answer(path, &body) {
                    Some(answer) => {
                        stream.write_all(answer.as_bytes()).ok();
                    }
                    // Never answers.
                    None => {
                        beside(move || {
                            let mut rest = Vec::new();
                            stream.read_to_end(&mut rest).ok();
                        });
                    }
                }
            }
        });
        at
    }

    #[expect(clippy::unnecessary_wraps, reason = "a server may also say nothing")]
    fn ok(body: &str) -> Option<String> {
        Some(format!("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{body}"))
    }

    fn ollama(at: SocketAddr) -> Ollama {
        let details = Details { parameter_size: "8.2B".to_owned(), quantization_level: "Q4_K_M".to_owned() };
        Ollama { at, model: Installed { name: "qwen3:8b".to_owned(), size: 5_225_388_164, details } }
    }

    fn generated(eval_ns: u64) -> String {
        format!(
            r#"{{"model":"qwen3:8b","created_at":"2026-01-05T10:00:00Z","response":"…","done":true,
            "total_duration":3000000000,"load_duration":10000000,"prompt_eval_count":410,
            "prompt_eval_duration":205000000,"eval_count":128,"eval_duration":{eval_ns}}}"#
        )
    }

    #[test]
    fn answers_are_timed_and_averaged() {
        let at = serve(|path, body| match path {
            "/api/generate" if body.contains("\"num_predict\":1,") => ok(r#"{"done":true}"#),
            "/api/generate" if body.contains("number 1,") => ok(&generated(2_000_000_000)),
            "/api/generate" => ok(&generated(1_600_000_000)),
            "/api/ps" => ok(r#"{"models":[{"name":"qwen3:8b","size":6000,"size_vram":6000}]}"#),
            _ => panic!("{path}"),
        });
        let rows = ollama(at).run(&AtomicBool::new(false), |_| {}).unwrap();
        let [prefill, decode] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!((prefill.test, prefill.n_prompt), (Test::Prefill, 410));
        assert!((prefill.tokens_per_second - 2000.0).abs() < 1e-6);
        assert!((decode.tokens_per_second - (64.0 + 80.0 + 80.0) / 3.0).abs() < 1e-9);
        assert!((decode.deviation.unwrap() - 9.2376).abs() < 1e-3);
        assert_eq!((decode.engine, decode.n_gen, decode.depth), (Engine::Ollama, 128, 410));
        assert_eq!(decode.level.unwrap().to_string(), "Q4_K_M");
        assert_eq!((decode.gpu_layers, decode.placed_by_hand), (Some(ALL_LAYERS), false));
    }

    #[test]
    fn partly_on_the_gpu_is_not_guessed() {
        let at = serve(|path, body| match path {
            "/api/ps" => ok(r#"{"models":[{"name":"qwen3:8b","size":6000,"size_vram":2000}]}"#),
            _ if body.contains("\"num_predict\":1,") => ok("{}"),
            _ => ok(&generated(2_000_000_000)),
        });
        let rows = ollama(at).run(&AtomicBool::new(false), |_| {}).unwrap();
        assert!(rows.iter().all(|row| row.placed_by_hand && row.gpu_layers.is_none()));
    }

    #[test]
    fn failures_are_told() {
        let at = serve(|_, _| {
            Some("HTTP/1.0 404 Not Found\r\n\r\n{\"error\":\"model 'qwen3:8b' not found\"}".to_owned())
        });
        let error = ollama(at).run(&AtomicBool::new(false), |_| {}).unwrap_err().to_string();
        assert!(error.contains("404") && error.contains("not found"), "{error}");
        let at = serve(|_, _| Some("220 mail.example ESMTP\r\n\r\n".to_owned()));
        assert!(installed(at).unwrap_err().to_string().contains("not HTTP"));
        let at = serve(|_, _| ok("{\"models\": 5}"));
        assert!(installed(at).unwrap_err().to_string().contains("/api/tags"));
        // Nobody listens on a port that was just given back.
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert!(matches!(installed(free), Err(RunError::NoOllama { .. })));
    }

    #[test]
    fn a_silent_ollama_is_cancelled() {
        let cancel = std::sync::Arc::new(AtomicBool::new(false));
        let by_server = std::sync::Arc::clone(&cancel);
        let at = serve(move |_, _| {
            by_server.store(true, Ordering::Relaxed);
            None
        });
        assert_eq!(ollama(at).run(&cancel, |_| {}), Err(RunError::Cancelled));
    }

    #[test]
    fn installed_models_are_listed() {
        let at = serve(|_, _| {
            ok(r#"{"models":[{"name":"qwen3:8b","size":5225388164,"digest":"x","details":
            {"parameter_size":"8.2B","quantization_level":"Q4_K_M","families":["qwen3"]}},{"name":""}]}"#)
        });
        assert_eq!(installed(at).unwrap(), [ollama(at).model]);
    }

    #[test]
    fn only_this_computer_is_asked() {
        let text = |host| address_of(host).to_string();
        assert_eq!(text(None), "127.0.0.1:11434");
        assert_eq!(text(Some("0.0.0.0")), "127.0.0.1:11434");
        assert_eq!(text(Some("http://localhost:8080/")), "127.0.0.1:8080");
        assert_eq!(text(Some("[::1]:9000")), "[::1]:9000");
        assert_eq!(text(Some("192.168.1.5:11434")), "127.0.0.1:11434");
        let elsewhere = SocketAddr::from(([192, 0, 2, 1], 80));
        let error = http::ask(elsewhere, "/", None, SHORT, &AtomicBool::new(false), |_| {}).unwrap_err();
        assert!(matches!(error, HttpError::Elsewhere(_)));
    }

    #[test]
    fn prompts_begin_differently() {
        let (one, two) = (prompt(1), prompt(2));
        let common = one.bytes().zip(two.bytes()).take_while(|(a, b)| a == b).count();
        assert!(common < 30, "{common}");
        assert_eq!(one, prompt(1));
    }
}
