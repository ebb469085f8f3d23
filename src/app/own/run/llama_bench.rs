//! An installed llama-bench.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::child::{self, Limits};
use super::{RunError, end_of};
use crate::estimate::measured::Measurement;
use crate::estimate::measured::read::read_bytes;

/// Tokens of the prompt that is timed.
pub const PROMPT: u32 = 512;
/// Tokens generated.
pub const ANSWER: u32 = 128;
/// Repetitions of each.
pub const REPETITIONS: u32 = 3;
/// Results that the command prints: prompt and answer.
const RESULTS: usize = 2;
/// When it is given up. Loading a large file from a slow disk is silent.
pub const LIMITS: Limits = Limits { whole: Duration::from_mins(40), silence: Duration::from_mins(20) };

/// What is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LlamaBench {
    /// The program.
    pub program: PathBuf,
    /// The GGUF file, of a split one the first.
    pub model: PathBuf,
    /// Without the GPU.
    pub on_processor: bool,
}

impl LlamaBench {
    /// The arguments: only those that every build knows.
    pub fn arguments(&self) -> Vec<OsString> {
        let mut all = vec![OsString::from("-m"), self.model.clone().into_os_string()];
        let numbers = [("-p", PROMPT), ("-n", ANSWER), ("-r", REPETITIONS)];
        for (flag, number) in numbers {
            all.extend([flag.into(), number.to_string().into()]);
        }
        if self.on_processor {
            all.extend(["-ngl".into(), "0".into()]);
        }
        all.extend(["-o".into(), "json".into()]);
        all
    }

    /// The whole command line, as a shell takes it.
    pub fn text(&self) -> String {
        let words = std::iter::once(self.program.as_os_str().to_owned()).chain(self.arguments());
        words.map(|word| quoted(&word.to_string_lossy())).collect::<Vec<_>>().join(" ")
    }

    /// Runs it. `progress` is told the share that is done.
    ///
    /// # Errors
    /// It cannot be run, fails, or prints nothing that can be read.
    pub fn run(
        &self,
        limits: Limits,
        cancel: &AtomicBool,
        progress: impl Fn(f32),
    ) -> Result<Vec<Measurement>, RunError> {
        const NAME: &str = "llama-bench";
        let ended = child::run(&self.program, &self.arguments(), limits, cancel, |stdout| {
            let text = String::from_utf8_lossy(stdout);
            let results = text.matches("\"avg_ts\"").count();
            progress(results.min(RESULTS) as f32 / RESULTS as f32);
        })?;
        let read = read_bytes(&ended.stdout);
        match read {
            Ok(reading) if !reading.measurements.is_empty() => Ok(reading.measurements),
            _ if !ended.status.success() => {
                let said = if ended.stderr.is_empty() { &ended.stdout } else { &ended.stderr };
                Err(RunError::Failed { program: NAME, status: ended.status.to_string(), said: end_of(said) })
            }
            Ok(reading) => {
                let why = reading.faults.first().map(ToString::to_string).unwrap_or_default();
                Err(RunError::Unreadable { program: NAME, why })
            }
            Err(error) => Err(RunError::unreadable(NAME, &error)),
        }
    }
}

/// The llama-bench that a shell would run.
pub fn find() -> Option<PathBuf> {
    find_in(&env::var_os("PATH")?)
}

fn find_in(path: &OsString) -> Option<PathBuf> {
    let name = format!("llama-bench{}", env::consts::EXE_SUFFIX);
    env::split_paths(path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(&name))
        .find(|p| is_program(p))
}

fn is_program(path: &Path) -> bool {
    let Ok(about) = path.metadata() else { return false };
    #[cfg(unix)]
    let may_run = std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let may_run = true;
    about.is_file() && may_run
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let is_plain =
        |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '\\' | ':' | '=' | ',' | '+');
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else if cfg!(windows) {
        format!("\"{word}\"")
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::sync::Mutex;
    use std::sync::atomic::Ordering;
    use std::time::Instant;

    use super::*;
    use crate::estimate::measured::Test;

    const RECORDED: &str = include_str!("../../../../tests/data/benchmarks/llama-bench-2025-04.json");
    const LONG: Limits = Limits { whole: Duration::from_hours(1), silence: Duration::from_hours(1) };

    struct Fake {
        folder: tempfile::TempDir,
        bench: LlamaBench,
    }

    /// A folder with a script in llama-bench's place.
    fn fake(script: &str) -> Fake {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("llama-bench");
        fs::write(folder.path().join("recorded.json"), RECORDED).unwrap();
        let script = format!("#!/bin/sh\ncd '{}' || exit 9\n{script}\n", folder.path().display());
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let model = PathBuf::from("/models/with space/Qwen2.5-7B.gguf");
        Fake { folder, bench: LlamaBench { program, model, on_processor: false } }
    }

    fn run(script: &str, limits: Limits) -> Result<Vec<Measurement>, RunError> {
        let fake = fake(script);
        fake.bench.run(limits, &AtomicBool::new(false), |_| {})
    }

    #[test]
    fn recorded_output_is_read() {
        let fake = fake("echo \"$@\" > arguments; echo 'ggml_cuda_init: found' >&2; cat recorded.json");
        let shares = Mutex::new(Vec::new());
        let rows = fake.bench.run(LONG, &AtomicBool::new(false), |share| shares.lock().unwrap().push(share));
        let rows = rows.unwrap();
        assert_eq!(rows.iter().map(|row| row.test).collect::<Vec<_>>(), [Test::Prefill, Test::Decode]);
        assert_eq!(shares.into_inner().unwrap().last(), Some(&1.0));
        let arguments = fs::read_to_string(fake.folder.path().join("arguments")).unwrap();
        assert_eq!(arguments.trim(), "-m /models/with space/Qwen2.5-7B.gguf -p 512 -n 128 -r 3 -o json");
    }

    #[test]
    fn what_is_run_is_what_is_shown() {
        let fake = fake("");
        let on_processor = LlamaBench { on_processor: true, ..fake.bench.clone() };
        let program = fake.bench.program.display();
        assert_eq!(
            on_processor.text(),
            format!("{program} -m '/models/with space/Qwen2.5-7B.gguf' -p 512 -n 128 -r 3 -ngl 0 -o json")
        );
        assert_eq!(quoted("it's"), "'it'\\''s'");
    }

    #[test]
    fn a_failure_says_what_the_program_said() {
        let error = run("echo 'error: failed to load model' >&2; exit 1", LONG).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("failed to load model") && text.contains('1'), "{text}");
        let error = run("exit 3", LONG).unwrap_err().to_string();
        assert!(error.contains("it said nothing"), "{error}");
    }

    #[test]
    fn garbage_is_named() {
        for script in ["echo hello", "head -c 3000 /dev/urandom", "echo '[{\"avg_ts\": \"fast\"}]'", ""] {
            let error = run(script, LONG).unwrap_err();
            assert!(matches!(error, RunError::Unreadable { .. }), "{script}: {error}");
        }
        assert_eq!(run("yes", LONG).unwrap_err(), RunError::TooMuch);
    }

    #[test]
    fn rows_before_a_crash_are_kept() {
        let rows = run("head -n 45 recorded.json; kill -9 $$", LONG).unwrap();
        assert_eq!(rows.len(), 1);
    }

    #[test]
    fn a_program_that_hangs_is_ended_with_its_children() {
        let short = Limits { whole: Duration::from_millis(300), ..LONG };
        let fake = fake("sleep 3600 & echo $! > child; wait");
        let error = fake.bench.run(short, &AtomicBool::new(false), |_| {}).unwrap_err();
        assert_eq!(error, RunError::TooLong(short.whole));
        assert!(is_gone(&fake), "its child is gone too");
        let short = Limits { silence: Duration::from_millis(300), ..LONG };
        let error = run("echo one; sleep 3600", short).unwrap_err();
        assert_eq!(error, RunError::Silent(short.silence));
    }

    #[test]
    fn it_is_cancelled_at_once() {
        let fake = fake("sleep 3600 & echo $! > child; echo '[{\"avg_ts\"'; wait");
        let cancel = AtomicBool::new(false);
        let start = Instant::now();
        let result = fake.bench.run(LONG, &cancel, |_| cancel.store(true, Ordering::Relaxed));
        assert_eq!(result, Err(RunError::Cancelled));
        assert!(start.elapsed() < Duration::from_mins(1), "it does not wait for the program");
        assert!(is_gone(&fake));
    }

    /// Whether the process whose number the script has written is gone, or only waits to be reaped.
    fn is_gone(fake: &Fake) -> bool {
        let number = fs::read_to_string(fake.folder.path().join("child")).unwrap();
        let status = PathBuf::from("/proc").join(number.trim()).join("stat");
        (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            fs::read_to_string(&status).map_or(true, |stat| stat.contains(") Z "))
        })
    }

    #[test]
    fn a_missing_program_is_said() {
        let mut fake = fake("");
        fake.bench.program = fake.folder.path().join("no-such-program");
        let error = fake.bench.run(LONG, &AtomicBool::new(false), |_| {}).unwrap_err();
        assert!(error.to_string().contains("no-such-program cannot be started"), "{error}");
    }

    #[test]
    fn it_is_found_on_the_path() {
        let fake = fake("");
        let plain = tempfile::tempdir().unwrap();
        fs::write(plain.path().join("llama-bench"), "no program").unwrap();
        let path = env::join_paths([plain.path(), Path::new("."), fake.folder.path()]).unwrap();
        assert_eq!(find_in(&path), Some(fake.bench.program));
        assert_eq!(find_in(&OsString::new()), None);
    }
}
