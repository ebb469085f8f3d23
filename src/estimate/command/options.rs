//! The options of the engines' programs: `assets/engines.json`, parsed once.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::machine::Vendor;

/// All programs.
#[derive(Debug, Deserialize)]
pub struct Options {
    /// Where they come from.
    pub source: String,
    /// The programs.
    pub programs: Vec<ProgramOptions>,
    /// What the files of a deployment hold besides: [`super::super::deploy`].
    pub deployments: Vec<ProgramOptions>,
    /// What containers are made from.
    pub images: Vec<Image>,
}

/// An image that a program is run from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// The program in it.
    pub program: String,
    /// Whose GPUs it is for; [`Vendor::Other`]: any, or none.
    pub vendor: Vendor,
    /// Its name.
    pub image: String,
    /// Where that stands.
    pub source: String,
}

/// One program's options.
#[derive(Debug, Deserialize)]
pub struct ProgramOptions {
    /// Its name in this table.
    pub program: String,
    /// Its name on the screen.
    pub title: String,
    /// Version that they were read from.
    pub version: String,
    /// Where they are described.
    pub source: String,
    /// Options that a launch may use.
    pub options: Vec<EngineOption>,
}

/// One option.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct EngineOption {
    /// As it is written: `-ngl`, `OLLAMA_NUM_PARALLEL`, `PARAMETER num_ctx`.
    pub flag: String,
    /// What it does, in a sentence.
    pub means: String,
    /// The value of the plan that it carries; `None`: it carries none.
    pub carries: Option<Carries>,
}

/// A value of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carries {
    /// The model's files.
    Model,
    /// Tokens of context.
    Context,
    /// Requests at once.
    Slots,
    /// Slots share one cache.
    UnifiedKv,
    /// Layers on GPUs.
    GpuLayers,
    /// Layers whose experts are in RAM.
    CpuMoeLayers,
    /// Shares of the GPUs.
    TensorSplit,
    /// GPUs that take part.
    Devices,
    /// Type of the cache.
    CacheType,
    /// Flash attention.
    FlashAttention,
    /// Logical batch.
    Batch,
    /// Physical batch.
    Ubatch,
    /// Window layers keep the whole context.
    SwaFull,
    /// MTP layers are loaded.
    Mtp,
    /// The model that guesses ahead.
    Draft,
    /// The vision projector.
    Projector,
    /// Nothing is changed to fit.
    AsPlanned,
    /// Machines that take part.
    Machines,
    /// Share of a card's memory.
    MemoryFraction,
    /// How cards share the layers.
    Cards,
}

/// The whole table.
pub fn options() -> &'static Options {
    #[expect(clippy::expect_used, reason = "the asset is part of the program; a test parses it")]
    static OPTIONS: LazyLock<Options> = LazyLock::new(|| {
        serde_json::from_str(include_str!("../../../assets/engines.json"))
            .expect("embedded options are valid")
    });
    &OPTIONS
}

/// The options of `program`, as this table names it; `None`: it is not in it.
pub fn of(program: &str) -> Option<&'static ProgramOptions> {
    options().programs.iter().find(|known| known.program == program)
}

/// An option that only the files of a deployment hold.
pub fn of_deployment(program: &str, flag: &str) -> Option<&'static EngineOption> {
    let table = options().deployments.iter().find(|known| known.program == program)?;
    table.options.iter().find(|option| option.flag == flag)
}

/// An option of `program`.
pub(super) fn find(program: &str, flag: &str) -> Option<&'static EngineOption> {
    of(program)?.options.iter().find(|option| option.flag == flag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_says_what_it_does_and_where_that_stands() {
        assert!(!options().source.is_empty());
        for program in options().programs.iter().chain(&options().deployments) {
            assert!(program.source.starts_with("http") && !program.version.is_empty(), "{}", program.program);
            for (place, option) in program.options.iter().enumerate() {
                let name = format!("{} {}", program.program, option.flag);
                let sentence =
                    option.means.chars().next().is_some_and(|first| first.is_uppercase() || first == 'm');
                assert!(sentence && !option.means.ends_with('.'), "{name}: {}", option.means);
                let again = program.options[..place].iter().any(|other| other.flag == option.flag);
                assert!(!again, "{name} stands twice");
            }
        }
    }
}
