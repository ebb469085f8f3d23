//! What is said of the best.

use super::{Answer, Found, Pick, Terms, Use, kept};
use crate::app::best::READING_SPEED;
use crate::estimate::ranking::scale;
use crate::estimate::{Brief, FitClass};
use crate::units::{Bytes, rate_text, spoken_rate, tokens_text};

impl Pick {
    /// The score that the level leaves, and how it is known: "64 ± 7 estimated".
    pub fn score_text(&self) -> String {
        format!("{} {}", self.score.text_at(kept(&self.brief)), self.score.kind())
    }

    /// The reasons in one line: score, speed, place.
    pub fn reasons(&self, has_gpu: bool) -> String {
        let speed =
            self.brief.decode.map_or("speed n/a".to_owned(), |rate| format!("{} tok/s", rate_text(rate.p50)));
        format!("score {} · {speed} · {}", self.score_text(), place(&self.brief, has_gpu))
    }

    /// Where each number comes from, a line each.
    pub fn grounds(&self) -> Vec<String> {
        let quality = &self.brief.quality;
        let mut lines = vec![
            format!("Score: {}.", self.evidence),
            format!(
                "{} keeps {} % of the quality, so {} is left of {}.",
                self.level,
                quality.text(),
                self.score.text_at(kept(&self.brief)),
                self.score.text(),
            ),
        ];
        if let Some(rate) = self.brief.decode {
            lines.push(format!(
                "Speed: {} tokens/s, estimated; four runs in five between {} and {}, with {} of context in use.",
                rate_text(rate.p50),
                rate_text(rate.p10),
                rate_text(rate.p90),
                tokens_text(u64::from(self.context)),
            ));
        }
        lines.push(format!(
            "Memory: {} with a cache for {} tokens.",
            self.brief.need,
            tokens_text(u64::from(self.context))
        ));
        lines
    }
}

impl Found {
    /// The line of a use: what is best, or why nothing is.
    pub fn line(&self, wanted: Use, answer: &Answer) -> String {
        match self {
            Self::Best { pick, .. } => pick.reasons(answer.has_gpu),
            Self::None { fastest: Some(pick) } => {
                let rate = pick.brief.decode.map_or(0.0, |rate| rate.p50);
                format!(
                    "nothing {}; this is the fastest, at {}",
                    wanted.reaching(&answer.terms),
                    rate_text(rate)
                )
            }
            Self::None { fastest: None } => format!("nothing {} fits this machine", wanted.made_for()),
        }
    }

    /// The same for a screen reader.
    pub fn spoken(&self, wanted: Use, answer: &Answer) -> String {
        let use_word = wanted.word().to_lowercase();
        let Some(pick) = self.pick() else {
            return format!("Best for {use_word}: {}", self.line(wanted, answer));
        };
        let (name, level) = (&pick.name, pick.level);
        match self {
            Self::Best { .. } => {
                let speed = pick.brief.decode.map_or("speed n/a".to_owned(), |rate| spoken_rate(rate.p50));
                let place = place(&pick.brief, answer.has_gpu);
                format!(
                    "Best for {use_word}: {name} at {level}, score {}, {speed}, {place}",
                    pick.score_text()
                )
            }
            Self::None { .. } => {
                format!("Best for {use_word}: {}: {name} at {level}", self.line(wanted, answer))
            }
        }
    }

    /// Where the numbers come from and what comes next, a line each.
    pub fn explanation(&self, wanted: Use) -> Vec<String> {
        let mut lines = self.pick().map(Pick::grounds).unwrap_or_default();
        if let Self::Best { next, .. } = self
            && !next.is_empty()
        {
            let named = |pick: &Pick| format!("{} at {}, {}", pick.name, pick.level, pick.score_text());
            let others: Vec<String> = next.iter().map(named).collect();
            lines.push(format!("Next: {}.", others.join("; ")));
        }
        if let Some(note) = wanted.note() {
            lines.push(note.to_owned());
        }
        lines
    }
}

impl Use {
    /// What has to be known about how models are compared for it.
    pub const fn note(self) -> Option<&'static str> {
        match self {
            Self::Vision => Some(
                "No comparable scores of images are published: models that see images are compared by \
                                  their general score.",
            ),
            Self::LongContext => Some(
                "No comparable scores of long texts are published: models that were trained for \
                                       so many tokens are compared by their general score.",
            ),
            Self::Chat | Self::Code | Self::Reasoning => None,
        }
    }

    /// "that sees images".
    const fn made_for(self) -> &'static str {
        match self {
            Self::Chat => "for chat",
            Self::Code => "for code",
            Self::Reasoning => "that reasons",
            Self::Vision => "that sees images",
            Self::LongContext => "for so long a context",
        }
    }

    /// "that sees images reaches 10 tok/s on the GPU".
    fn reaching(self, terms: &Terms) -> String {
        let place = if terms.spill { "" } else { " on the GPU alone" };
        format!("{} reaches {} tok/s{place}", self.made_for(), rate_text(terms.speed))
    }
}

impl Terms {
    /// What must be reached, in a line.
    pub fn text(&self) -> String {
        let speed = if self.speed == READING_SPEED {
            format!("reading speed ({READING_SPEED} tok/s)")
        } else {
            format!("{} tok/s", rate_text(self.speed))
        };
        let spill = if self.spill { "" } else { ", on the GPU alone" };
        format!("at {speed} or faster{spill}; long is {} tokens", tokens_text(u64::from(self.long)))
    }
}

/// How models are compared, in a sentence.
pub fn method() -> String {
    format!(
        "Of the models that reach the speed, the one whose score on {} is highest after what quantization costs: \
         published where it was tested, otherwise estimated from size and date, with its error",
        scale()
    )
}

/// Where a model lies, and what is to spare.
fn place(brief: &Brief, has_gpu: bool) -> String {
    let spare = Bytes(brief.margin_bytes.max(0).unsigned_abs());
    match brief.class {
        FitClass::Fits | FitClass::Tight => format!("on the GPU, {spare} to spare"),
        FitClass::Offload => format!("{:.0} % of it on the GPU", brief.gpu_share * 100.0),
        FitClass::Cpu if has_gpu => "on the processor alone".to_owned(),
        FitClass::Cpu => format!("in RAM, {spare} to spare"),
        FitClass::Disk => "streamed from disk".to_owned(),
        FitClass::TooBig => "too big".to_owned(),
    }
}
