//! What is said of the best.

use super::{Answer, Found, Pick, Terms, Use, kept};
use crate::app::best::READING_SPEED;
use crate::estimate::ranking::scale;
use crate::estimate::{Brief, FitClass};
use crate::language::{noun_inside, tr};
use crate::units::{Bytes, rate_text, spoken_rate, tokens_text};

impl Pick {
    /// The score that the level leaves, and how it is known: "64 ± 7 estimated".
    pub fn score_text(&self) -> String {
        format!("{} {}", self.score.text_at(kept(&self.brief)), self.score.kind())
    }

    /// The reasons in one line: score, speed, place.
    pub fn reasons(&self, has_gpu: bool) -> String {
        let speed = self
            .brief
            .decode
            .map_or(tr!("speed n/a").to_owned(), |rate| format!("{} tok/s", rate_text(rate.p50)));
        tr!(
            "score {score} · {speed} · {place}",
            score = self.score_text(),
            speed,
            place = place(&self.brief, has_gpu)
        )
    }

    /// Where each number comes from, a line each.
    pub fn grounds(&self) -> Vec<String> {
        let quality = &self.brief.quality;
        let mut lines = vec![
            tr!("Score: {evidence}.", evidence = self.evidence),
            tr!(
                "{level} keeps {quality} % of the quality, so {kept} is left of {score}.",
                level = self.level,
                quality = quality.text(),
                kept = self.score.text_at(kept(&self.brief)),
                score = self.score.text()
            ),
        ];
        if let Some(rate) = self.brief.decode {
            lines.push(tr!("Speed: {rate} tokens/s, estimated; four runs in five between {low} and {high}, with {context} of context in use.", rate = rate_text(rate.p50), low = rate_text(rate.p10), high = rate_text(rate.p90), context = tokens_text(u64::from(self.context))));
        }
        lines.push(tr!(
            "Memory: {need} with a cache for {context} tokens.",
            need = self.brief.need,
            context = tokens_text(u64::from(self.context))
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
                tr!(
                    "nothing {terms}; this is the fastest, at {rate}",
                    terms = wanted.reaching(&answer.terms),
                    rate = rate_text(rate)
                )
            }
            Self::None { fastest: None } => {
                tr!("nothing {made_for} fits this machine", made_for = wanted.made_for())
            }
            Self::NoSpeed => tr!("how fast models run here is not known").to_owned(),
        }
    }

    /// The same for a screen reader.
    pub fn spoken(&self, wanted: Use, answer: &Answer) -> String {
        let purpose = noun_inside(wanted.word());
        let Some(pick) = self.pick() else {
            return tr!("Best for {purpose}: {answer}", purpose, answer = self.line(wanted, answer));
        };
        let (name, level) = (&pick.name, pick.level);
        match self {
            Self::Best { .. } => {
                let speed =
                    pick.brief.decode.map_or(tr!("speed n/a").to_owned(), |rate| spoken_rate(rate.p50));
                let place = place(&pick.brief, answer.has_gpu);
                tr!(
                    "Best for {purpose}: {name} at {level}, score {score}, {speed}, {place}",
                    purpose,
                    name,
                    level,
                    score = pick.score_text(),
                    speed,
                    place
                )
            }
            Self::None { .. } | Self::NoSpeed => {
                tr!(
                    "Best for {purpose}: {answer}: {name} at {level}",
                    purpose,
                    answer = self.line(wanted, answer),
                    name,
                    level
                )
            }
        }
    }

    /// Where the numbers come from and what comes next, a line each.
    pub fn explanation(&self, wanted: Use) -> Vec<String> {
        let mut lines = self.pick().map(Pick::grounds).unwrap_or_default();
        if let Self::Best { next, .. } = self
            && !next.is_empty()
        {
            let named = |pick: &Pick| {
                tr!(
                    "{name} at {level}, {score}",
                    name = pick.name,
                    level = pick.level,
                    score = pick.score_text()
                )
            };
            let others: Vec<String> = next.iter().map(named).collect();
            lines.push(tr!("Next: {others}.", others = others.join("; ")));
        }
        if let Some(note) = wanted.note() {
            lines.push(note.to_owned());
        }
        lines
    }
}

impl Use {
    /// What has to be known about how models are compared for it.
    pub fn note(self) -> Option<&'static str> {
        match self {
            Self::Vision => Some(tr!(
                "No comparable scores of images are published: models that see images are compared by \
                                  their general score."
            )),
            Self::LongContext => {
                Some(tr!("No comparable scores of long texts are published: models that were trained for \
                                       so many tokens are compared by their general score."))
            }
            Self::Chat | Self::Code | Self::Reasoning => None,
        }
    }

    /// "that sees images".
    fn made_for(self) -> &'static str {
        match self {
            Self::Chat => tr!("for chat"),
            Self::Code => tr!("for code"),
            Self::Reasoning => tr!("that reasons"),
            Self::Vision => tr!("that sees images"),
            Self::LongContext => tr!("for so long a context"),
        }
    }

    /// "that sees images reaches 10 tok/s on the GPU".
    fn reaching(self, terms: &Terms) -> String {
        let place = if terms.spill { "" } else { tr!(" on the GPU alone") };
        tr!(
            "{made_for} reaches {speed} tok/s{place}",
            made_for = self.made_for(),
            speed = rate_text(terms.speed),
            place
        )
    }
}

impl Terms {
    /// What must be reached, in a line.
    pub fn text(&self) -> String {
        let speed = if self.speed == READING_SPEED {
            tr!("reading speed ({speed} tok/s)", speed = READING_SPEED)
        } else {
            format!("{} tok/s", rate_text(self.speed))
        };
        let spill = if self.spill { "" } else { tr!(", on the GPU alone") };
        tr!(
            "at {speed} or faster{spill}; long is {long} tokens",
            speed,
            spill,
            long = tokens_text(u64::from(self.long))
        )
    }
}

/// How models are compared, in a sentence.
pub fn method() -> String {
    tr!(
        "Of the models that reach the speed, the one whose score on {scale} is highest after what quantization costs: \
         published where it was tested, otherwise estimated from size and date, with its error",
        scale = scale()
    )
}

/// Where a model lies, and what is to spare.
fn place(brief: &Brief, has_gpu: bool) -> String {
    let spare = Bytes(brief.margin_bytes.max(0).unsigned_abs());
    match brief.class {
        FitClass::Fits | FitClass::Tight => tr!("on the GPU, {spare} to spare", spare),
        FitClass::Offload => {
            tr!("{gpu_share} % of it on the GPU", gpu_share = format!("{:.0}", brief.gpu_share * 100.0))
        }
        FitClass::Cpu if has_gpu => tr!("on the processor alone").to_owned(),
        FitClass::Cpu => tr!("in RAM, {spare} to spare", spare),
        FitClass::Disk => tr!("streamed from disk").to_owned(),
        FitClass::TooBig => tr!("too big").to_owned(),
    }
}
