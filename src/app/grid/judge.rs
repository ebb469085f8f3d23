//! Who estimates in the program.

use std::sync::Arc;

use super::{Ask, Cell, Extra, Judge, Wanted};
use crate::app::best::FIRST_PROMPT;
use crate::estimate::{Case, Estimator, Scenario};
use crate::language::tr;
use crate::model::catalog::ModelId;
use crate::quant::{FileType, Level};

/// An estimator over the catalog that is asked of.
#[derive(Clone, Copy, Debug)]
pub struct CatalogJudge {
    estimator: &'static Estimator,
}

impl CatalogJudge {
    /// The estimator of this process.
    pub fn embedded() -> Self {
        Self { estimator: Estimator::embedded() }
    }
}

impl Judge for CatalogJudge {
    fn cells(&self, model: ModelId, ask: &Ask) -> Vec<Cell> {
        let model = ask.catalog.get(model);
        let all = |reason: Arc<str>| vec![Cell::Unsupported(reason); ask.levels.len()];
        if let Some(reason) = model.not_generating() {
            return all(reason.into());
        }
        let asked = self.estimator.ask(&ask.scenario, &ask.rig);
        // Its first words come on a cache that is empty, not full.
        let scenario = Scenario { prompt_tokens: FIRST_PROMPT, depth: 0, ..ask.scenario.clone() };
        let begun = (ask.wanted == Wanted::FirstToken).then(|| self.estimator.ask(&scenario, &ask.rig));
        let begun = begun.as_ref().and_then(|asked| asked.of(model).ok());
        match asked.of(model) {
            Ok(case) => ask.levels.iter().map(|&level| cell(&case, begun.as_ref(), level, ask)).collect(),
            Err(unsupported) => all(unsupported.reason.into()),
        }
    }
}

fn cell(case: &Case<'_>, begun: Option<&Case<'_>>, level: Level, ask: &Ask) -> Cell {
    let found = match case.brief(level) {
        Ok(found) => found,
        Err(unsupported) => return Cell::Unsupported(unsupported.reason.into()),
    };
    // The native column holds what a model was published in; most were in 16 bits, which has its column.
    if level == Level::Native
        && case.brief(Level::Gguf(FileType::Bf16)).is_ok_and(|plain| plain.file_bytes == found.file_bytes)
    {
        return Cell::Unsupported(tr!("as published it is the same file as BF16").into());
    }
    let extra = match ask.wanted {
        Wanted::Nothing => Extra::NotAsked,
        Wanted::LongestContext => longest(case, level, ask),
        Wanted::FirstToken => {
            let plan = begun.and_then(|case| case.plan(level).ok());
            Extra::FirstToken(plan.and_then(|plan| plan.speed.ttft).map(|seconds| seconds.p50))
        }
    };
    Cell::Known(found, extra)
}

/// Where the weights alone are too much for the GPU, the estimator says what runs with the help of RAM; the
/// matrix asks for what stays on the GPU.
fn longest(case: &Case<'_>, level: Level, ask: &Ask) -> Extra {
    match case.longest_context(level) {
        Ok((Some(tokens), on_gpu)) if on_gpu || ask.rig.devices.is_empty() => Extra::Context(tokens),
        _ => Extra::NoContext,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::grid::testing::{ask, rig_with_gpu};
    use crate::estimate::{FitClass, Scenario};
    use crate::model::Catalog;
    use crate::units::Bytes;

    const Q4_K_M: Level = Level::Gguf(FileType::Q4KM);

    fn model(name: &str) -> ModelId {
        Catalog::embedded().find(name).unwrap()
    }

    fn cell(name: &str, level: Level, ask: &Ask) -> Cell {
        let ask = Ask { levels: vec![level], wanted: Wanted::LongestContext, ..ask.clone() };
        CatalogJudge::embedded().cells(model(name), &ask).remove(0)
    }

    fn longest(name: &str, ask: &Ask) -> Extra {
        match cell(name, Q4_K_M, ask) {
            Cell::Known(_, longest) => longest,
            Cell::Unsupported(why) => panic!("{why}"),
        }
    }

    #[test]
    fn a_longest_context_stays_on_the_gpu() {
        let ask = Ask { rig: rig_with_gpu(Bytes::from_gib(12.0)), ..ask(8192) };
        let Extra::Context(small) = longest("Qwen/Qwen3-8B", &ask) else { panic!("it holds some context") };
        assert!(small > 8192, "{small}");
        let at = |context: u32| {
            let scenario = Scenario { context, ..ask.scenario.clone() };
            let cell = cell("Qwen/Qwen3-8B", Q4_K_M, &Ask { scenario, ..ask.clone() });
            cell.brief().unwrap().class
        };
        assert!(at(small) <= FitClass::Tight);
        assert_eq!(longest("Qwen/Qwen3-32B", &ask), Extra::NoContext);
    }

    #[test]
    fn the_wait_is_for_the_prompt_that_the_detail_tells() {
        let ask = Ask { rig: rig_with_gpu(Bytes::from_gib(12.0)), wanted: Wanted::FirstToken, ..ask(8192) };
        let cells = CatalogJudge::embedded().cells(model("Qwen/Qwen3-8B"), &ask);
        let scenario = Scenario { prompt_tokens: FIRST_PROMPT, depth: 0, ..ask.scenario.clone() };
        let catalog = Catalog::embedded();
        let model = catalog.get(model("Qwen/Qwen3-8B"));
        let mut told = 0;
        for (level, cell) in ask.levels.iter().zip(&cells) {
            let Cell::Known(_, Extra::FirstToken(wait)) = cell else { continue };
            let plan = Estimator::embedded().plan(model, *level, &scenario, &ask.rig).unwrap();
            assert_eq!(*wait, plan.speed.ttft.map(|seconds| seconds.p50), "{level}");
            told += u32::from(wait.is_some());
        }
        assert!(told > 10, "{told}");
    }

    #[test]
    fn the_native_column_holds_what_no_other_does() {
        let native = |name: &str| cell(name, Level::Native, &ask(8192));
        assert!(native("openai/gpt-oss-20b").brief().is_some());
        let Cell::Unsupported(why) = native("Qwen/Qwen3-8B") else { panic!("it is published in BF16") };
        assert!(why.contains("BF16"));
    }

    #[test]
    fn what_does_not_generate_text_has_no_estimate() {
        let catalog = Catalog::embedded();
        let silent = catalog.ids().find(|&id| catalog.get(id).not_generating().is_some()).unwrap();
        let cells = CatalogJudge::embedded().cells(silent, &ask(8192));
        assert_eq!(cells.len(), Level::LADDER.len());
        for cell in cells {
            let Cell::Unsupported(why) = cell else { panic!("no estimate is wanted") };
            assert_eq!(Some(&*why), catalog.get(silent).not_generating());
        }
    }

    #[test]
    fn without_a_gpu_ram_counts() {
        assert!(matches!(longest("Qwen/Qwen3-32B", &ask(8192)), Extra::Context(_)));
    }
}
