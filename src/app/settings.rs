//! What is remembered from one start to the next.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::estimate::scenario::{CacheType, Engine};
use crate::estimate::{Scenario, engine};
use crate::language::{self, Language, of_json, tr};
use crate::machine::overrides;
use crate::model::record::Tag;
use crate::quant::{FileType, Level};

use super::best_for;
use super::compare;
use super::detail::CurveKind;
use super::fleet;
use super::grid::{Figure, Grouping};
use super::habits::Habits;
use super::map;
use super::page::Page;
use super::rigs::Rigs;
use super::rows::Sort;
use super::rows::ranges::Ranges;
use super::tray::Pins;
use super::work;

/// Shortest context that can be asked for, tokens.
pub const CONTEXT_MIN: u32 = 1 << 10;
/// Longest context that can be asked for, tokens.
pub const CONTEXT_MAX: u32 = 1 << 20;
/// Most requests at once.
pub const CONCURRENCY_MAX: u32 = 64;
/// Most folders that a person adds.
const FOLDERS_MAX: usize = 100;
/// Longest address, letters.
const ADDRESS_MAX: usize = 500;
/// Longest settings text that is read, bytes: ours has about 600.
const TEXT_MAX: usize = 1 << 20;
/// Columns of the matrix that are kept: there are fewer levels.
const COLUMNS_MAX: usize = 128;

/// Scenario, filters, order and appearance, as the user left them.
///
/// A field that is missing gets its default, so that older settings stay good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Quantization of the table and the detail.
    pub level: Level,
    /// Tokens that the cache is allocated for.
    pub context: u32,
    /// Type of the cached keys and values.
    pub cache: CacheType,
    /// Requests at once.
    pub concurrency: u32,
    /// Program that runs the model.
    pub engine: Engine,
    /// Which models are listed.
    pub filters: Filters,
    /// Order of the rows.
    pub sort: Sort,
    /// The page that is in view.
    pub page: Page,
    /// Table or matrix.
    pub view: View,
    /// What the cells of the matrix show.
    pub figure: Figure,
    /// The levels that it has columns for; empty: the usual ones.
    pub columns: Vec<Level>,
    /// How its rows are grouped.
    pub grouping: Grouping,
    /// What the map shows.
    pub map: map::Chosen,
    /// Theme.
    pub theme: ThemeChoice,
    /// Language of the window.
    pub language: LanguageChoice,
    /// The selected model's repository.
    pub selected: Option<String>,
    /// The notice that there is no GPU has been read.
    pub no_gpu_read: bool,
    /// Values of computers that were set by hand.
    pub overrides: overrides::ByMachine,
    /// Machines that were described, and which of them is looked at.
    pub rigs: Rigs,
    /// Which of them are compared.
    pub compare: compare::Chosen,
    /// Which of the detail's curves is shown.
    pub curve: CurveKind,
    /// What is pinned to be held side by side.
    pub tray: Pins,
    /// Work, times and prices of the Work page.
    pub work: work::Chosen,
    /// What is asked in its further sections.
    pub fleet: fleet::Kept,
    /// The list of what is best for each use.
    pub best_for: best_for::Remembered,
    /// Favourites, what was looked at, what is unfolded, which hints are to come.
    pub habits: Habits,
    /// Folders that are looked through for models, beside those of programs.
    pub folders: Vec<PathBuf>,
    /// Address of the hub; empty: the usual, or that of the environment.
    pub hub_base: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            level: Level::Gguf(FileType::Q4KM),
            context: 1 << 14,
            cache: CacheType::F16,
            concurrency: 1,
            engine: Engine::LlamaCpp,
            filters: Filters::default(),
            sort: Sort::default(),
            page: Page::default(),
            view: View::Table,
            figure: Figure::default(),
            columns: Vec::new(),
            grouping: Grouping::default(),
            map: map::Chosen::default(),
            theme: ThemeChoice::System,
            language: LanguageChoice::System,
            selected: None,
            no_gpu_read: false,
            overrides: overrides::ByMachine::default(),
            rigs: Rigs::default(),
            compare: compare::Chosen::default(),
            curve: CurveKind::default(),
            tray: Pins::default(),
            work: work::Chosen::default(),
            fleet: fleet::Kept::default(),
            best_for: best_for::Remembered::default(),
            habits: Habits::default(),
            folders: Vec::new(),
            hub_base: String::new(),
        }
    }
}

/// Which models are listed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filters {
    /// Only those wholly on the GPU (in RAM without a GPU).
    pub only_fits: bool,
    /// Only those at reading speed.
    pub reading_speed: bool,
    /// Only those with all of these tags; in the order of [`Filters::tags`].
    pub tags: Vec<Tag>,
    /// Also those that do not generate text.
    pub not_generating: bool,
    /// Only those on this computer's disks, and a person's own.
    pub installed: bool,
    /// Only favourites.
    pub favourites: bool,
    /// Only those whose figures lie in these ranges.
    #[serde(skip_serializing_if = "Ranges::is_open")]
    pub ranges: Ranges,
}

impl Filters {
    /// Tags that can be asked for, with their words.
    pub fn tags() -> [(Tag, &'static str); 3] {
        [(Tag::Code, tr!("Code")), (Tag::Vision, tr!("Vision")), (Tag::Reasoning, tr!("Reasoning"))]
    }

    /// Asks for a tag, or no longer.
    pub fn set_tag(&mut self, tag: Tag, on: bool) {
        self.tags.retain(|known| *known != tag);
        if on {
            self.tags.push(tag);
        }
        self.tidy();
    }

    /// Whether they leave models out that would be listed without them.
    pub fn leave_out(&self) -> bool {
        let by_mark = self.only_fits || self.reading_speed || self.installed || self.favourites;
        by_mark || !self.tags.is_empty() || !self.ranges.is_open()
    }

    fn tidy(&mut self) {
        self.ranges.tidy();
        let asked = std::mem::take(&mut self.tags);
        self.tags = Self::tags().into_iter().map(|(tag, _)| tag).filter(|tag| asked.contains(tag)).collect();
    }
}

/// What the centre shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum View {
    /// One row a model at one quantization.
    #[default]
    Table,
    /// Models down, quantizations across.
    Matrix,
}

/// The theme that is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChoice {
    /// As the desktop.
    #[default]
    System,
    /// Dark.
    Dark,
    /// Light.
    Light,
}

/// The language that is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LanguageChoice {
    /// As the desktop.
    #[default]
    System,
    /// English.
    English,
    /// German.
    German,
}

impl LanguageChoice {
    /// All choices, as they are offered: each language in its own words, so that it is found in any.
    pub fn all() -> [(Self, &'static str); 3] {
        [(Self::System, tr!("System language")), (Self::English, "English"), (Self::German, "Deutsch")]
    }

    /// The language that this is.
    pub fn language(self) -> Language {
        match self {
            Self::System => language::system(),
            Self::English => Language::English,
            Self::German => Language::German,
        }
    }
}

/// Why a text holds no settings.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// Not the JSON that this program writes.
    #[error("{}", tr!("they are damaged ({reason})", reason = of_json(.0)))]
    Json(#[from] serde_json::Error),
    /// Far longer than this program writes.
    #[error("{}", tr!("they are {bytes} bytes long, which this program never writes", bytes = .0))]
    TooLong(usize),
}

impl Settings {
    /// Reads what [`Self::to_json`] wrote; values out of range are brought into it.
    ///
    /// # Errors
    /// Text that is not JSON, or has a field of another type or an unknown name in it.
    pub fn from_json(text: &str) -> Result<Self, SettingsError> {
        if text.len() > TEXT_MAX {
            return Err(SettingsError::TooLong(text.len()));
        }
        let mut settings: Self = serde_json::from_str(text)?;
        settings.tidy();
        Ok(settings)
    }

    /// The text that is stored.
    ///
    /// # Errors
    /// None that is known: the fields are plain values.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// What is asked of each model.
    ///
    /// As many slots as requests at once: they share the cache, as llama.cpp's do.
    pub fn scenario(&self) -> Scenario {
        Scenario {
            context: self.context,
            // Speeds are those of a cache in full use, shared by the requests.
            depth: self.context / self.concurrency.max(1),
            cache_k: self.cache,
            cache_v: self.cache,
            engine: self.engine,
            concurrency: self.concurrency,
            parallel: self.concurrency,
            ..Scenario::default()
        }
    }

    /// Brings level and cache to what the engine reads and offers.
    pub fn tidy_engine(&mut self) {
        self.level = engine::counterpart(self.engine, self.level);
        self.cache = engine::nearest_cache(self.engine, self.cache);
    }

    pub(super) fn tidy(&mut self) {
        self.context = self.context.clamp(CONTEXT_MIN, CONTEXT_MAX);
        self.concurrency = self.concurrency.clamp(1, CONCURRENCY_MAX);
        self.tidy_engine();
        self.columns.truncate(COLUMNS_MAX);
        self.filters.tidy();
        self.map.tidy();
        self.best_for.terms.tidy();
        self.habits.tidy();
        self.overrides.tidy();
        self.rigs.tidy();
        self.compare.tidy(&self.rigs, false);
        self.tray.tidy(&self.rigs, false);
        self.work.tidy();
        self.fleet.tidy();
        self.folders.truncate(FOLDERS_MAX);
        self.hub_base = self.hub_base.trim().chars().take(ADDRESS_MAX).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::rows::Column;

    #[test]
    fn settings_survive_a_round_trip() {
        let settings = Settings {
            level: Level::Gguf(FileType::Q6K),
            context: 65_536,
            cache: CacheType::Q8_0,
            concurrency: 8,
            filters: Filters { only_fits: true, tags: vec![Tag::Code], ..Filters::default() },
            sort: Sort { column: Column::Speed, reversed: true },
            view: View::Matrix,
            theme: ThemeChoice::Light,
            language: LanguageChoice::German,
            selected: Some("Qwen/Qwen3-14B".to_owned()),
            ..Settings::default()
        };
        assert_eq!(Settings::from_json(&settings.to_json().unwrap()).unwrap(), settings);
    }

    #[test]
    fn missing_fields_get_defaults_and_wild_values_are_tamed() {
        let settings = Settings::from_json(
            r#"{"context": 4000000000, "concurrency": 0, "engine": "vllm", "cache": "q8_0",
                "level": "Q4_K_M", "filters": {"tags": ["reasoning", "chat", "code", "code"]}}"#,
        )
        .unwrap();
        assert_eq!(settings.context, CONTEXT_MAX);
        assert_eq!(settings.concurrency, 1);
        assert_eq!(settings.engine, Engine::Vllm);
        assert_eq!(settings.cache, CacheType::Fp8, "the nearest that it has");
        assert_eq!(settings.level.to_string(), "AWQ-4bit-g128", "vLLM does not read Q4_K_M");
        assert_eq!(settings.filters.tags, [Tag::Code, Tag::Reasoning]);
        assert_eq!(settings.sort, Sort::default());
    }

    #[test]
    fn what_an_engine_reads_stays() {
        let text = r#"{"engine": "mlx", "cache": "q4_0", "level": "MLX-6bit-g32"}"#;
        let settings = Settings::from_json(text).unwrap();
        assert_eq!((settings.engine, settings.cache), (Engine::Mlx, CacheType::Q4_0));
        assert_eq!(settings.level.to_string(), "MLX-6bit-g32");
    }

    #[test]
    fn damage_is_an_error() {
        for text in ["", "{", "[1]", r#"{"context": "long"}"#, r#"{"level": "Q9_Z"}"#, r#"{"context": -1}"#] {
            assert!(Settings::from_json(text).is_err(), "{text}");
        }
        assert!(matches!(Settings::from_json(&" ".repeat(TEXT_MAX + 1)), Err(SettingsError::TooLong(_))));
    }

    #[test]
    fn as_many_slots_as_requests() {
        let scenario = Settings { concurrency: 4, ..Settings::default() }.scenario();
        assert_eq!((scenario.concurrency, scenario.parallel), (4, 4));
    }
}
