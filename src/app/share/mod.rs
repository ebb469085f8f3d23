//! A view of the window as a short text that another person can paste: scenario, selection, filters and order, and the
//! machine that all of it was said of.

mod code;
mod seen;
mod words;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::rigs::NamedRig;
use super::rigs::file::leave_out_nulls;
use super::settings::Settings;
use crate::estimate::scenario::{CacheType, Engine};
use crate::quant::Level;

pub use code::ShareError;
pub(in crate::app) use seen::is_same_hardware;
pub use seen::{SharedView, rig_of};
pub use words::carried;

/// Longest name of a model, letters.
const NAME_MAX: usize = 200;
/// Longest search, letters.
const SEARCH_MAX: usize = 200;
/// Longest text in the field for a code, letters.
pub(in crate::app) const TYPED_MAX: usize = 10_000;

/// What a code carries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shared {
    /// The selected model's repository.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Quantization.
    #[serde(rename = "q")]
    pub level: Level,
    /// Tokens that the cache is allocated for.
    #[serde(rename = "c")]
    pub context: u32,
    /// Type of the cached keys and values.
    #[serde(rename = "k")]
    pub cache: CacheType,
    /// Requests at once.
    #[serde(rename = "n")]
    pub concurrency: u32,
    /// Program that runs the model.
    #[serde(rename = "e")]
    pub engine: Engine,
    /// What is in view, and in which order.
    #[serde(rename = "v", default)]
    pub view: SharedView,
    /// The machine that is looked at; `None`: that of whoever opens the code.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub rig: Option<NamedRig>,
}

impl Shared {
    /// Scenario and view of these settings, without a model and a machine.
    pub fn of(settings: &Settings) -> Self {
        Self {
            model: None,
            level: settings.level,
            context: settings.context,
            cache: settings.cache,
            concurrency: settings.concurrency,
            engine: settings.engine,
            view: SharedView::of(settings),
            rig: None,
        }
    }

    /// The settings with what this says, and all else as it was.
    pub fn over(&self, settings: &Settings) -> Settings {
        let mut settings = Settings {
            level: self.level,
            context: self.context,
            cache: self.cache,
            concurrency: self.concurrency,
            engine: self.engine,
            ..settings.clone()
        };
        self.view.set(&mut settings);
        settings
    }

    /// As short as it can be: what is as usual is left out.
    fn json(&self) -> Result<String, serde_json::Error> {
        let mut value = serde_json::to_value(self)?;
        leave_out_nulls(&mut value);
        let usual = serde_json::to_value(SharedView::default())?;
        if let Value::Object(map) = &mut value
            && let Some(view) = map.get_mut("v")
        {
            leave_out(view, &usual);
            if view.as_object().is_some_and(serde_json::Map::is_empty) {
                map.remove("v");
            }
        }
        Ok(value.to_string())
    }

    /// What the content of a code says, once its checksum was right.
    ///
    /// # Errors
    /// It is not what this version knows, or its machine cannot be.
    pub fn of_content(json: &[u8]) -> Result<Self, ShareError> {
        let read: Self = serde_json::from_slice(json)?;
        let mut settings = read.over(&Settings::default());
        settings.tidy();
        let mut shared = Self::of(&settings);
        shared.view.search = cut(&read.view.search, SEARCH_MAX);
        shared.view.detail_page = read.view.detail_page;
        shared.model = read.model.map(|name| cut(&name, NAME_MAX));
        if let Some(mut rig) = read.rig {
            rig.tidy();
            rig.check()?;
            rig.price_usd = None;
            seen::round(&mut rig.machine);
            shared.rig = Some(rig);
        }
        Ok(shared)
    }
}

/// One line of a bearable length.
fn cut(text: &str, letters: usize) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(letters).collect()
}

/// Leaves out what is as in `usual`, to any depth.
fn leave_out(value: &mut Value, usual: &Value) {
    let (Value::Object(map), Value::Object(usual)) = (value, usual) else { return };
    map.retain(|key, value| usual.get(key) != Some(value));
    for (key, value) in map.iter_mut() {
        if let Some(usual) = usual.get(key) {
            leave_out(value, usual);
        }
    }
}

/// The place where a code is copied and opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SharePlace {
    /// It is open.
    pub open: bool,
    /// The code of what is in view, or why there is none.
    pub code: String,
    /// Why there is no code.
    pub no_code: Option<String>,
    /// What the code carries, a line each.
    pub carries: Vec<String>,
    /// The machine goes without.
    pub without_machine: bool,
    /// What stands in the field for a code of somebody else's.
    pub typed: String,
    /// Why that cannot be opened.
    pub fault: Option<String>,
}

/// Something with share codes.
#[derive(Clone, Debug, PartialEq)]
pub enum ShareAction {
    /// Open the place, or close it.
    Show(bool),
    /// Leave the machine out of the code, or not.
    WithoutMachine(bool),
    /// What stands in the field.
    Type(String),
    /// Open what stands there.
    Open,
    /// Show what a text carries that a person pasted.
    Take(String),
    /// Show what a code carried that was read already.
    Restore(Box<Shared>),
}

#[cfg(test)]
mod testing {
    use super::*;
    use crate::app::rows::{Column, Sort};
    use crate::app::settings::{Filters, View};
    use crate::machine::spec::{GpuSpec, MachineSpec};
    use crate::model::record::Tag;

    /// A view as most are.
    pub fn plain() -> Shared {
        Shared { model: Some("Qwen/Qwen3-14B".to_owned()), ..Shared::of(&Settings::default()) }
    }

    /// One with all that there is.
    pub fn rich() -> Shared {
        let gpus = vec![
            GpuSpec { count: 2, ..GpuSpec::named("RTX 3090") },
            GpuSpec { free_gib: Some(11.1), ..GpuSpec::named("RTX 3060 12 GB") },
        ];
        let machine = MachineSpec { gpus, ram_gib: Some(64.0), ..MachineSpec::default() };
        let settings = Settings {
            level: "Q6_K".parse().unwrap(),
            context: 65_536,
            cache: CacheType::Q8_0,
            concurrency: 4,
            filters: Filters { only_fits: true, tags: vec![Tag::Code], ..Filters::default() },
            sort: Sort { column: Column::Speed, reversed: true },
            view: View::Matrix,
            ..Settings::default()
        };
        let mut shared = Shared::of(&settings);
        shared.model = Some("Qwen/Qwen3-14B".to_owned());
        shared.view.search = "qwen é".to_owned();
        shared.view.detail_page = true;
        shared.rig = Some(NamedRig { name: "Attic".to_owned(), machine, price_usd: None });
        shared
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{plain, rich};
    use super::*;

    #[test]
    fn what_is_as_usual_is_left_out() {
        let json = plain().json().unwrap();
        assert_eq!(json, r#"{"c":16384,"e":"llama.cpp","k":"f16","m":"Qwen/Qwen3-14B","n":1,"q":"Q4_K_M"}"#);
        let json = rich().json().unwrap();
        assert!(!json.contains("null") && !json.contains("reading_speed"), "{json}");
        assert!(json.contains(r#""filters":{"only_fits":true,"tags":["code"]}"#), "{json}");
    }

    #[test]
    fn all_else_of_the_settings_stays() {
        let before = Settings { no_gpu_read: true, hub_base: "here".to_owned(), ..Settings::default() };
        let after = rich().over(&before);
        assert_eq!((after.no_gpu_read, after.hub_base.as_str()), (true, "here"));
        assert_eq!(after.context, 65_536);
        assert_eq!(Shared::of(&after).view.filters, rich().view.filters);
    }
}
