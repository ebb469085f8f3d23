//! Who estimates in the program.

use super::{Ask, Judge};
use crate::estimate::plan::{Brief, Unsupported};
use crate::estimate::{Estimator, FitClass, Scenario};
use crate::model::catalog::{Catalog, ModelId};
use crate::quant::{FileType, Level};

/// An estimator over a catalog.
#[derive(Clone, Copy, Debug)]
pub struct CatalogJudge {
    catalog: &'static Catalog,
    estimator: &'static Estimator,
}

impl CatalogJudge {
    /// The estimator and the catalog of this process.
    pub fn embedded() -> Self {
        Self { catalog: Catalog::embedded(), estimator: Estimator::embedded() }
    }
}

impl Judge for CatalogJudge {
    fn brief(&self, model: ModelId, level: Level, ask: &Ask) -> Result<Brief, Unsupported> {
        let model = self.catalog.get(model);
        if let Some(reason) = model.not_generating() {
            return Err(Unsupported { reason: reason.to_owned() });
        }
        let brief = |level| self.estimator.brief(model, level, &ask.scenario, &ask.rig);
        let found = brief(level)?;
        // The native column holds what a model was published in; most were in 16 bits, which has its column.
        if level == Level::Native
            && brief(Level::Gguf(FileType::Bf16)).is_ok_and(|plain| plain.file_bytes == found.file_bytes)
        {
            return Err(Unsupported { reason: "as published it is the same file as BF16".to_owned() });
        }
        Ok(found)
    }

    fn longest_context(&self, model: ModelId, level: Level, ask: &Ask) -> Option<u32> {
        let model = self.catalog.get(model);
        let longest = self.estimator.longest_context(model, level, &ask.scenario, &ask.rig).ok()??;
        if ask.rig.devices.is_empty() {
            return Some(longest);
        }
        // Where the weights alone are too much for the GPU, the estimator says what runs with the help of
        // RAM; the matrix asks for what stays on the GPU.
        let scenario = Scenario { context: longest, ..ask.scenario.clone() };
        let there = self.estimator.brief(model, level, &scenario, &ask.rig).ok()?;
        (there.class <= FitClass::Tight).then_some(longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::grid::testing::{ask, rig_with_gpu};
    use crate::units::Bytes;

    const Q4_K_M: Level = Level::Gguf(FileType::Q4KM);

    fn model(name: &str) -> ModelId {
        Catalog::embedded().find(name).unwrap()
    }

    #[test]
    fn a_longest_context_stays_on_the_gpu() {
        let judge = CatalogJudge::embedded();
        let ask = Ask { rig: rig_with_gpu(Bytes::from_gib(12.0)), ..ask(8192) };
        let small = judge.longest_context(model("Qwen/Qwen3-8B"), Q4_K_M, &ask).unwrap();
        assert!(small > 8192, "{small}");
        let at = |context: u32| {
            let scenario = Scenario { context, ..ask.scenario.clone() };
            judge.brief(model("Qwen/Qwen3-8B"), Q4_K_M, &Ask { scenario, ..ask.clone() }).unwrap().class
        };
        assert!(at(small) <= FitClass::Tight);
        assert_eq!(judge.longest_context(model("Qwen/Qwen3-32B"), Q4_K_M, &ask), None);
    }

    #[test]
    fn the_native_column_holds_what_no_other_does() {
        let judge = CatalogJudge::embedded();
        let native = |name: &str| judge.brief(model(name), Level::Native, &ask(8192));
        assert!(native("openai/gpt-oss-20b").is_ok());
        assert!(native("Qwen/Qwen3-8B").is_err_and(|why| why.reason.contains("BF16")));
    }

    #[test]
    fn what_does_not_generate_text_has_no_estimate() {
        let judge = CatalogJudge::embedded();
        let catalog = Catalog::embedded();
        let silent = catalog.ids().find(|&id| catalog.get(id).not_generating().is_some()).unwrap();
        let why = judge.brief(silent, Q4_K_M, &ask(8192)).unwrap_err();
        assert_eq!(Some(why.reason.as_str()), catalog.get(silent).not_generating());
    }

    #[test]
    fn without_a_gpu_ram_counts() {
        let judge = CatalogJudge::embedded();
        assert!(judge.longest_context(model("Qwen/Qwen3-32B"), Q4_K_M, &ask(8192)).is_some());
    }
}
