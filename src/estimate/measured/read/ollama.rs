//! Ollama: what `ollama run --verbose` prints after an answer, and the answers of its HTTP interface.

use super::fields::Fields;
use super::{Format, Rows, cut, shown};
use crate::estimate::measured::{Measurement, Test};
use crate::estimate::scenario::Engine;
use crate::language::{fixed, tr};

/// Counts and times of one answer.
#[derive(Clone, Debug, Default, PartialEq)]
struct Timings {
    /// Seconds from request to end.
    total: Option<f64>,
    load: Option<f64>,
    prompt_tokens: Option<u32>,
    prompt_seconds: Option<f64>,
    prompt_rate: Option<f64>,
    tokens: Option<u32>,
    seconds: Option<f64>,
    rate: Option<f64>,
}

/// Reads the timings after each answer. Which model it was is known where the command stands above it.
pub(super) fn read(text: &str, rows: &mut Rows) {
    let mut model = String::new();
    let mut timings = Timings::default();
    let mut begun = None;
    let mut fault = None;
    for (number, line) in text.lines().enumerate() {
        let line = without_escapes(line);
        if let Some(name) = model_of_command(&line) {
            model = cut(&name);
            continue;
        }
        let Some((label, value)) = line.split_once(':') else { continue };
        let (label, value) = (label.trim(), value.trim());
        let at = *begun.get_or_insert(number + 1);
        match timings.set(label, value) {
            Some(Ok(())) => {}
            Some(Err(reason)) => fault = fault.or(Some(reason)),
            None => {
                if timings == Timings::default() && fault.is_none() {
                    begun = None;
                }
                continue;
            }
        }
        // The last line of each block.
        if label == "eval rate" {
            begun = None;
            let timings = std::mem::take(&mut timings);
            match fault.take() {
                Some(reason) => rows.add(Format::OllamaVerbose, at, Err(reason)),
                None => {
                    for row in timings.rows(&model) {
                        rows.add(Format::OllamaVerbose, at, row);
                    }
                }
            }
        }
    }
    let is_cut = timings.tokens.is_some() || timings.prompt_tokens.is_some();
    if let (Some(at), true) = (begun, is_cut) {
        rows.add(Format::OllamaVerbose, at, Err(tr!("it ends before \"eval rate\"").to_owned()));
    }
}

/// Whether the object is a whole answer of Ollama's HTTP interface.
pub(super) fn is_answer(fields: &Fields) -> bool {
    fields.has("eval_duration") && fields.has("eval_count")
}

/// Whether it is a part of a streamed answer.
pub(super) fn is_part(fields: &Fields) -> bool {
    fields.switch("done") == Some(false)
}

/// The measurements in an answer: the prompt and the tokens generated.
pub(super) fn answer(fields: &Fields) -> Vec<Result<Measurement, String>> {
    let read = || -> Result<Vec<Result<Measurement, String>>, String> {
        let seconds = |name| Ok::<_, String>(fields.number(name)?.map(|ns| ns / 1e9));
        let timings = Timings {
            total: seconds("total_duration")?,
            load: seconds("load_duration")?,
            prompt_tokens: fields.count("prompt_eval_count")?,
            prompt_seconds: seconds("prompt_eval_duration")?,
            prompt_rate: None,
            tokens: fields.count("eval_count")?,
            seconds: seconds("eval_duration")?,
            rate: None,
        };
        let mut rows = timings.rows(&cut(fields.text("model").unwrap_or("")));
        for row in rows.iter_mut().flatten() {
            row.date = fields.text("created_at").map(cut);
        }
        Ok(rows)
    };
    read().unwrap_or_else(|reason| vec![Err(reason)])
}

impl Timings {
    /// Takes a line; `None`: it is none of them.
    fn set(&mut self, label: &str, value: &str) -> Option<Result<(), String>> {
        let time = |to: &mut Option<f64>| match duration(value) {
            Some(seconds) => {
                *to = Some(seconds);
                Ok(())
            }
            None => Err(tr!("{label} is {shown}, no duration", label, shown = shown(value))),
        };
        let count = |to: &mut Option<u32>| match value.split(' ').next().and_then(|n| n.parse().ok()) {
            Some(tokens) => {
                *to = Some(tokens);
                Ok(())
            }
            None => Err(tr!("{label} is {shown}, no count", label, shown = shown(value))),
        };
        let speed = |to: &mut Option<f64>| match value.split(' ').next().and_then(|n| n.parse().ok()) {
            Some(rate) => {
                *to = Some(rate);
                Ok(())
            }
            None => Err(tr!("{label} is {shown}, no rate", label, shown = shown(value))),
        };
        Some(match label {
            "total duration" => time(&mut self.total),
            "load duration" => time(&mut self.load),
            "prompt eval count" => count(&mut self.prompt_tokens),
            "prompt eval duration" => time(&mut self.prompt_seconds),
            "prompt eval rate" => speed(&mut self.prompt_rate),
            "eval count" => count(&mut self.tokens),
            "eval duration" => time(&mut self.seconds),
            "eval rate" => speed(&mut self.rate),
            _ => return None,
        })
    }

    /// The measurements in it: tokens over seconds, or the rate where one of them is missing.
    fn rows(&self, model: &str) -> Vec<Result<Measurement, String>> {
        let prompt_tokens = self.prompt_tokens.unwrap_or(0);
        let row = |test, speed| {
            let mut row = Measurement::new(model, Engine::Ollama, test, speed);
            row.level = super::super::who::level_of_name(model);
            row
        };
        let speed = |tokens: Option<u32>, seconds: Option<f64>, rate: Option<f64>| match (tokens, seconds) {
            (Some(tokens), Some(seconds)) if seconds > 0.0 => Some(f64::from(tokens) / seconds),
            _ => rate,
        };
        let mut rows = Vec::new();
        // A prompt that was still in the cache is not evaluated, and not counted.
        if prompt_tokens > 0
            && let Some(speed) = speed(self.prompt_tokens, self.prompt_seconds, self.prompt_rate)
        {
            rows.push(match self.untimed_prompt() {
                Some(seconds) => Err(tr!(
                    "prompt eval: this Ollama timed only the last batch of the prompt; {seconds} s before it \
                    are in no figure",
                    seconds = fixed(seconds, 1)
                )),
                None => Ok(Measurement { n_prompt: prompt_tokens, ..row(Test::Prefill, speed) }),
            });
        }
        rows.push(match (self.tokens, speed(self.tokens, self.seconds, self.rate)) {
            (Some(tokens), Some(speed)) if tokens > 1 => {
                Ok(Measurement { n_gen: tokens, depth: prompt_tokens, ..row(Test::Decode, speed) })
            }
            (Some(_), Some(_)) => Err(tr!("eval count: too short an answer to time").to_owned()),
            _ => Err(tr!("eval rate is missing").to_owned()),
        });
        rows
    }

    /// Seconds of the prompt that no figure holds: releases before 0.12.8 timed its last batch alone
    /// (ollama/ollama#12742).
    fn untimed_prompt(&self) -> Option<f64> {
        /// A prompt of no more is one batch.
        const BATCH: u32 = 512;
        if self.prompt_tokens? <= BATCH {
            return None;
        }
        let prompt = self.prompt_seconds?;
        let rest = self.total? - self.load? - prompt - self.seconds?;
        (rest > prompt.max(0.2)).then_some(rest)
    }
}

/// The model that a line starts: "$ ollama run llama3.2:3b --verbose".
pub fn model_of_command(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("ollama run ")?;
    rest.split_whitespace().find(|word| !word.starts_with('-')).map(str::to_owned)
}

/// A duration as Go writes it, in seconds: "2m7.682s", "204.563ms", "893.8µs".
fn duration(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    let mut seconds = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let unit = match &rest[..end] {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "µs" | "μs" | "us" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        seconds += number * unit;
        rest = &rest[end..];
    }
    Some(seconds)
}

/// A line without the sequences that a terminal takes for colours and cursors.
fn without_escapes(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' => {
                if letters.next() == Some('[') {
                    letters.by_ref().find(char::is_ascii_alphabetic);
                }
            }
            letter if letter.is_control() && letter != '\t' => {}
            letter => plain.push(letter),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_go() {
        for (text, seconds) in [
            ("5.088275983s", 5.088_275_983),
            ("2m7.682s", 127.682),
            ("1h2m3s", 3723.0),
            ("204.563ms", 0.204_563),
            ("893.891µs", 893.891e-6),
            ("452ns", 452e-9),
        ] {
            assert!((duration(text).unwrap() - seconds).abs() < 1e-12, "{text}");
        }
        for wrong in ["", "s", "5", "5x", "1.2.3s", "-1s"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_command_names_the_model() {
        assert_eq!(model_of_command("$ ollama run --verbose llama2 hi").as_deref(), Some("llama2"));
        assert_eq!(model_of_command("ollama run qwen3:8b --verbose").as_deref(), Some("qwen3:8b"));
        assert_eq!(model_of_command("ollama run "), None);
        assert_eq!(model_of_command("ollama list"), None);
    }

    #[test]
    fn colours_are_passed_over() {
        assert_eq!(without_escapes("\u{1b}[2K\u{1b}[1Geval rate: 5\r"), "eval rate: 5");
    }
}
