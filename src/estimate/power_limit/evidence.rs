//! What was measured of power limits: `assets/power_limit.json`, parsed once.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::machine::Vendor;

/// All that is known of power limits.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PowerLimits {
    /// Where it comes from.
    pub source: String,
    /// How rates follow a limit.
    pub form: Form,
    /// Rates at several limits of one card.
    pub sweeps: Vec<Sweep>,
    /// What others say in words.
    pub findings: Vec<Finding>,
    /// What cards draw while they decode with the limit they were built with.
    pub draws: Vec<Draw>,
    /// What sets a limit.
    pub commands: Vec<Command>,
}

/// Rates over the limit as a share of the rated power.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Share of the decode rate that is lost at the lower end.
    pub decode_loss: f64,
    /// Shares below the rated power that the form holds for.
    pub span: f64,
    /// The prompt rate goes with the power to this.
    pub prompt_exponent: f64,
    /// A card that is held back draws this share of its limit.
    pub held_share: f64,
    /// What this rests on.
    pub why: String,
}

/// What a sweep measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Written tokens.
    Decode,
    /// Read tokens.
    Prompt,
}

/// Rates of one card, or of several equal ones, at several limits.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sweep {
    /// Its name in the hardware table.
    pub gpu: String,
    /// How many.
    pub cards: u32,
    /// Power that one is built for, W.
    pub rated_w: f64,
    /// What ran.
    pub workload: String,
    /// What was measured.
    pub kind: Kind,
    /// The rates, the highest limit first.
    pub points: Vec<Point>,
    /// Where it stands.
    pub source: String,
}

/// A rate at a limit.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// The limit of one card, W.
    pub limit_w: f64,
    /// Tokens/s.
    pub tok_s: f64,
    /// What one card drew, W.
    #[serde(default)]
    pub drawn_w: Option<f64>,
}

impl Sweep {
    /// The points as shares of the rated power and of the rate there.
    pub fn shares(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let full = self.points.first().map_or(1.0, |point| point.tok_s);
        self.points.iter().map(move |point| (point.limit_w / self.rated_w, point.tok_s / full))
    }
}

/// What somebody found.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The card's name in the hardware table.
    pub gpu: String,
    /// In a sentence without its stop.
    pub text: String,
    /// Where it stands.
    pub source: String,
}

/// What a card draws while it decodes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draw {
    /// Its name in the hardware table.
    pub gpu: String,
    /// Its limit, W.
    pub limit_w: f64,
    /// What it drew, W.
    pub drawn_w: f64,
    /// While it did what.
    pub what: String,
    /// Where it stands.
    pub source: String,
}

impl Draw {
    /// Of its limit.
    pub fn share(&self) -> f64 {
        self.drawn_w / self.limit_w
    }
}

/// A command that sets a limit.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// Whose cards it is for.
    pub vendor: Vendor,
    /// Its program.
    pub program: String,
    /// What is typed, with places for the device's number and the watts.
    set: String,
    /// What it needs, and how long it holds.
    pub needs: String,
    /// Where it is described.
    pub source: String,
}

impl Command {
    /// What is typed to set `watts` for the card with this number.
    pub fn text(&self, device: usize, watts: u32) -> String {
        self.set.replace("{device}", &device.to_string()).replace("{watts}", &watts.to_string())
    }
}

/// The table.
pub fn evidence() -> &'static PowerLimits {
    #[expect(clippy::expect_used, reason = "the asset is part of the program; a test parses it")]
    static TABLE: LazyLock<PowerLimits> = LazyLock::new(|| {
        serde_json::from_str(include_str!("../../../assets/power_limit.json"))
            .expect("embedded power limits are valid")
    });
    &TABLE
}

impl Form {
    /// The lowest share of the rated power that it holds for.
    pub fn least(&self) -> f64 {
        1.0 - self.span
    }

    /// Share of the decode rate that is left at `share` of the rated power; above it nothing is gained.
    pub fn decode(&self, share: f64) -> f64 {
        1.0 - self.decode_loss * ((1.0 - share) / self.span).clamp(0.0, 1.0)
    }

    /// Share of the prompt rate that is left at `share` of the rated power.
    pub fn prompt(&self, share: f64) -> f64 {
        share.clamp(0.0, 1.0).powf(self.prompt_exponent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::table::Table;

    #[test]
    fn cards_are_those_of_the_table_and_all_has_a_source() {
        let all = evidence();
        let gpus = all.sweeps.iter().map(|sweep| (&sweep.gpu, &sweep.source));
        let gpus = gpus.chain(all.findings.iter().map(|found| (&found.gpu, &found.source)));
        for (gpu, source) in gpus.chain(all.draws.iter().map(|draw| (&draw.gpu, &draw.source))) {
            assert!(Table::embedded().records().iter().any(|record| record.name == *gpu), "{gpu}");
            assert!(source.starts_with("https://"), "{gpu}: {source}");
        }
        assert!(all.commands.iter().all(|command| command.source.starts_with("https://")));
    }

    #[test]
    fn rated_power_is_that_of_the_table() {
        for sweep in &evidence().sweeps {
            let record = Table::embedded().records().iter().find(|record| record.name == sweep.gpu).unwrap();
            assert_eq!(record.tdp_watts, Some(sweep.rated_w), "{}", sweep.gpu);
            assert!(sweep.points.windows(2).all(|pair| pair[0].limit_w > pair[1].limit_w));
        }
    }

    #[test]
    fn the_form_is_as_near_to_the_sweeps_as_it_says() {
        let form = &evidence().form;
        for sweep in &evidence().sweeps {
            for (share, kept) in sweep.shares().filter(|(share, _)| *share >= form.least()) {
                let (said, within) = match sweep.kind {
                    Kind::Decode if sweep.rated_w == 350.0 => (form.decode(share), 0.015),
                    Kind::Decode => (form.decode(share), 0.02),
                    Kind::Prompt => (form.prompt(share), 0.14),
                };
                assert!((said / kept - 1.0).abs() < within, "{} at {share}: {said} of {kept}", sweep.gpu);
            }
        }
    }

    #[test]
    fn commands_name_device_and_watts() {
        let texts: Vec<String> = evidence().commands.iter().map(|command| command.text(1, 280)).collect();
        assert_eq!(texts, ["nvidia-smi -i 1 -pl 280", "rocm-smi -d 1 --setpoweroverdrive 280"]);
    }
}
