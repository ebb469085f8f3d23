//! Looking for ways: of each kind the smallest change that reaches something, by bisection.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::model::Model;
use crate::quant::{FileType, Level};
use crate::units::Bytes;

use super::super::engine;
use super::super::estimator::Estimator;
use super::super::plan::Brief;
use super::super::rig::Rig;
use super::super::scenario::{CacheType, Engine};
use super::blocks::Blocks;
use super::change::{Change, Question};
use super::contexts::{Contexts, STEP};
use super::{Aim, LongestContext, Way};

/// A shorter context is no answer, tokens.
const LEAST_CONTEXT: u32 = 1024;
/// With another level too, a context shorter than this is no answer, tokens.
const LEAST_CONTEXT_OF_TWO: u32 = 4096;
/// A model without a stated limit is asked up to this many tokens.
const LONGEST: u32 = 1 << 20;
/// Speed that is worth a row, as a factor.
const FASTER: f64 = 1.1;
/// Quality that may be given up for speed alone, as a share.
const FOR_SPEED: f64 = 0.03;
/// A level that keeps less of the quality is no answer, as a share.
const LEAST_KEPT: f64 = 0.7;
/// What is missing must shrink to this share of it to be worth a row.
const LACKS_LESS: f64 = 0.9;
/// What is looked at.
#[derive(Debug)]
pub struct Search<'a> {
    /// Who answers.
    pub estimator: &'a Estimator,
    /// The model.
    pub model: &'a Model,
    /// What is asked as it is.
    pub question: Question,
    /// The answer to it.
    pub present: Brief,
    /// What the model's blocks take.
    pub blocks: Blocks,
    /// The question with other contexts.
    pub contexts: Contexts<'a>,
}

impl Search<'_> {
    /// The ways, what costs least first.
    pub fn ways(&self) -> Vec<Way> {
        let mut ways = self.of_placement();
        ways.extend(self.pick(self.caches().filter_map(|change| self.way(vec![change]))));
        let levels = self.levels();
        ways.extend(self.for_speed(&levels));
        if !self.aims().is_empty() {
            ways.extend(self.pick(levels.into_iter()));
        }
        ways.extend(self.shorter());
        ways.extend(self.requests());
        if self.aims().last().is_some_and(|aim| !ways.iter().any(|way| aim.is_reached(way.after.class))) {
            ways.extend(self.level_and_context());
        }
        ways.extend(self.hardware());
        let mut different: Vec<Way> = Vec::with_capacity(ways.len());
        for way in ways {
            if !different.iter().any(|known| known.changes == way.changes) {
                different.push(way);
            }
        }
        different.sort_by(|a, b| self.burden(a).total_cmp(&self.burden(b)));
        different
    }

    /// The longest contexts by type of cache.
    pub fn longest_contexts(&self) -> Vec<LongestContext> {
        let known = engine::cache_types(self.question.scenario.engine);
        let mut types = vec![CacheType::F16, CacheType::Fp8, CacheType::Q8_0, CacheType::Q4_0];
        types.retain(|cache| known.contains(cache));
        types.extend(self.present_cache().filter(|present| !types.contains(present)));
        types.into_iter().map(|cache| self.longest_with(cache)).collect()
    }

    /// The type of the cache, where keys and values have the same.
    fn present_cache(&self) -> Option<CacheType> {
        let scenario = &self.question.scenario;
        (scenario.cache_k == scenario.cache_v).then_some(scenario.cache_k)
    }

    pub(super) const fn aims(&self) -> &'static [Aim] {
        Aim::of(self.present.class)
    }

    /// The answer with changes made; `None` where the engine cannot do it.
    pub(super) fn way(&self, changes: Vec<Change>) -> Option<Way> {
        let Question { level, scenario, rig } = changes.iter().fold(self.question.clone(), Question::with);
        let after = self.estimator.brief(self.model, level, &scenario, &rig).ok()?;
        Some(self.as_way(changes, &rig, after))
    }

    fn as_way(&self, changes: Vec<Change>, rig: &Rig, after: Brief) -> Way {
        let reaches = self.aims().iter().copied().find(|aim| aim.is_reached(after.class));
        Way { reaches, missing: super::missing(rig, &after), changes, after }
    }

    /// Of changes from small to large the first that reaches each aim; where none does, the first that helps,
    /// or of those that leave something missing the one that leaves least.
    fn pick(&self, ways: impl Iterator<Item = Way>) -> Vec<Way> {
        let mut open = self.aims().to_vec();
        let mut reaching: Vec<Way> = Vec::new();
        let mut helping: Option<Way> = None;
        for way in ways {
            if open.iter().any(|aim| aim.is_reached(way.after.class)) {
                open.retain(|aim| !aim.is_reached(way.after.class));
                reaching.push(way);
            } else if helping.as_ref().is_none_or(|known| way.missing < known.missing) && self.helps(&way) {
                helping = Some(way);
            }
            if open.is_empty() {
                break;
            }
        }
        if reaching.is_empty() { helping.into_iter().collect() } else { reaching }
    }

    /// Of levels, what keeps most first, the first that is faster, and the fastest where it is clearly faster
    /// than that. None where a level reaches something at little cost: that is faster than both.
    fn for_speed(&self, levels: &[Way]) -> Vec<Way> {
        let reaches = |way: &Way| way.reaches.is_some() && self.lost(way) <= FOR_SPEED;
        if !self.present.class.runs() || levels.iter().any(reaches) {
            return Vec::new();
        }
        let rate = |way: &Way| way.after.decode.map_or(0.0, |range| range.p50);
        let faster = || levels.iter().filter(|way| self.is_faster(way));
        let Some(first) = faster().next() else { return Vec::new() };
        let fastest = faster().max_by(|a, b| rate(a).total_cmp(&rate(b)));
        let fastest = fastest.filter(|way| rate(way) >= rate(first) * FASTER);
        std::iter::once(first).chain(fastest).cloned().collect()
    }

    /// Of `count` changes from small to large the smallest that reaches each aim: the larger one reaches what
    /// the smaller does.
    pub(super) fn smallest(&self, count: usize, change: impl Fn(usize) -> Option<Change>) -> Vec<Way> {
        let known: RefCell<BTreeMap<usize, Option<Way>>> = RefCell::default();
        let way = |place: usize| {
            let mut known = known.borrow_mut();
            known.entry(place).or_insert_with(|| self.way(vec![change(place)?])).clone()
        };
        let reaching = |aim: &Aim| {
            let reaches = |place: usize| way(place).filter(|way: &Way| aim.is_reached(way.after.class));
            let (mut low, mut high) = (0, count.checked_sub(1)?);
            let mut found = reaches(high)?;
            while low < high {
                let middle = usize::midpoint(low, high);
                match reaches(middle) {
                    Some(way) => (found, high) = (way, middle),
                    None => low = middle + 1,
                }
            }
            Some(found)
        };
        self.aims().iter().filter_map(reaching).collect()
    }

    /// Whether a way that reaches nothing is worth a row all the same.
    pub(super) fn helps(&self, way: &Way) -> bool {
        let (before, after) = (&self.present, &way.after);
        let lacked = super::missing(&self.question.rig, before);
        let lacks_less = way.missing.0 as f64 <= lacked.0 as f64 * LACKS_LESS && lacked > Bytes::ZERO;
        let better = after.class < before.class || lacks_less || self.is_faster(way);
        after.class <= before.class && better
    }

    fn is_faster(&self, way: &Way) -> bool {
        let (before, after) = (&self.present, &way.after);
        let (Some(was), Some(is)) = (before.decode, after.decode) else { return false };
        let worth = way.changes.iter().all(|change| match change {
            // A smaller cache is not read faster in proportion: only what it moves to the GPU counts.
            Change::Cache(_) | Change::Context(_) | Change::Requests(_) => {
                after.gpu_share > before.gpu_share + 0.01
            }
            Change::Level(_) => self.lost(way) <= FOR_SPEED,
            _ => true,
        });
        worth && is.p50 >= was.p50 * FASTER
    }

    /// Programs closed, and a placement given up in part or whole, where one was asked for.
    fn of_placement(&self) -> Vec<Way> {
        let mut ways = Vec::new();
        if super::held(&self.question.rig) > Bytes::ZERO {
            ways.extend(self.pick(self.way(vec![Change::CloseOthers]).into_iter()));
        }
        let asked = &self.question.scenario.placement;
        if let Some(present) = asked.cpu_moe_layers.filter(|_| self.model.is_moe()) {
            let more = self.model.n_layer.saturating_sub(present) as usize;
            let blocks = |place: usize| Some(Change::ExpertsToRam(present + 1 + place as u32));
            ways.extend(self.smallest(more, blocks));
        }
        if !asked.is_auto() {
            ways.extend(self.pick(self.way(vec![Change::FreePlacement]).into_iter()));
        }
        if !self.question.scenario.engine.is_ggml() {
            // It alone of the programs uses main memory beside the GPU.
            ways.extend(self.pick(self.way(vec![Change::Engine(Engine::LlamaCpp)]).into_iter()));
        }
        ways
    }

    /// Types of cache that are smaller than the present, large to small.
    fn caches(&self) -> impl Iterator<Item = Change> {
        let scenario = &self.question.scenario;
        let present = scenario.cache_k.bytes_per_value() + scenario.cache_v.bytes_per_value();
        let known = engine::cache_types(scenario.engine);
        let types = [CacheType::Q8_0, CacheType::Fp8, CacheType::Q4_0].into_iter();
        types
            .filter(move |cache| known.contains(cache) && 2.0 * cache.bytes_per_value() < present)
            .map(Change::Cache)
    }

    /// Levels whose file is smaller, what keeps most first; those below the ladder only where nothing on it
    /// reaches the last aim.
    fn levels(&self) -> Vec<Way> {
        let question = &self.question;
        // Caches and buffers are the same at all levels.
        let asked = self.estimator.ask(&question.scenario, &question.rig);
        let Ok(case) = asked.of(self.model) else { return Vec::new() };
        let at = |level: &Level| {
            let after = case.brief(*level).ok()?;
            let smaller = after.file_bytes < self.present.file_bytes;
            let kept = after.quality.point() >= LEAST_KEPT;
            (smaller && kept).then(|| self.as_way(vec![Change::Level(*level)], &question.rig, after))
        };
        let program = self.question.scenario.engine;
        let mut levels: Vec<Way> = engine::ladder(program).iter().filter_map(at).collect();
        let reached = |aim: &Aim| levels.iter().any(|way| aim.is_reached(way.after.class));
        if program.is_ggml() && !self.aims().last().is_none_or(reached) {
            let below = |level: &&Level| match level {
                // Ternary types are for models that were trained so.
                Level::Gguf(FileType::Tq1_0 | FileType::Tq2_0) => false,
                level => **level < Level::Gguf(FileType::Q2K),
            };
            levels.extend(Level::ALL_GGUF.iter().filter(below).filter_map(at));
        }
        let kept = |way: &Way| way.after.quality.point();
        levels.sort_by(|a, b| {
            kept(b).total_cmp(&kept(a)).then_with(|| b.after.file_bytes.cmp(&a.after.file_bytes))
        });
        levels
    }

    /// For each aim the longest context that reaches it.
    fn shorter(&self) -> Vec<Way> {
        let present = self.question.scenario.context;
        let longest = |aim: &Aim| {
            let is_possible = !self.blocks.are_too_heavy(*aim, &self.question.rig);
            let context = is_possible.then(|| self.contexts.longest(*aim, present)).flatten()?;
            (LEAST_CONTEXT..present).contains(&context).then(|| self.way(vec![Change::Context(context)]))?
        };
        self.aims().iter().filter_map(longest).collect()
    }

    fn requests(&self) -> Vec<Way> {
        let present = self.question.scenario.concurrency;
        let count = present.saturating_sub(1) as usize;
        self.smallest(count, |place| Some(Change::Requests(present - 1 - place as u32)))
    }

    /// The level that keeps most of those that reach the last aim with a context of 4K, and the longest
    /// context that does with it.
    fn level_and_context(&self) -> Option<Way> {
        let aim = self.aims().last()?;
        let present = self.question.scenario.context;
        if present <= LEAST_CONTEXT_OF_TWO {
            return None;
        }
        let short = Change::Context(LEAST_CONTEXT_OF_TWO);
        let reaches = |way: &Way| aim.is_reached(way.after.class);
        let mut level = None;
        for candidate in self.levels() {
            let [change] = candidate.changes.as_slice() else { continue };
            if self.way(vec![change.clone(), short.clone()]).is_some_and(|way| reaches(&way)) {
                level = Some(change.clone());
                break;
            }
        }
        let level = level?;
        let question = self.question.clone().with(&level);
        let context = Contexts::new(self.estimator, self.model, question).longest(*aim, present)?;
        self.way(vec![level, Change::Context(context)])
    }

    fn longest_with(&self, cache: CacheType) -> LongestContext {
        let limit = self.model.context_max.unwrap_or(LONGEST).max(STEP);
        let rig = &self.question.rig;
        let changed;
        let contexts = if self.present_cache() == Some(cache) && self.question.scenario.flash_attention {
            &self.contexts
        } else {
            let question = self.question.clone().with(&Change::Cache(cache));
            changed = Contexts::new(self.estimator, self.model, question);
            &changed
        };
        let longest = |aim: Aim| {
            let is_possible = !self.blocks.are_too_heavy(aim, rig);
            is_possible.then(|| contexts.longest(aim, limit)).flatten()
        };
        let on_gpu = if rig.devices.is_empty() { None } else { longest(Aim::OnGpu) };
        let with_ram = if on_gpu == Some(limit) { on_gpu } else { longest(Aim::Memory) };
        LongestContext { cache, on_gpu, with_ram }
    }

    /// What changes take away, on one scale to sort by: a point of quality counts 1, half of the context or of
    /// the requests 2, a cache of 8 bits ½ and one of 4 bits 4; what must be bought comes after all else,
    /// RAM before cards, by size.
    fn burden(&self, way: &Way) -> f64 {
        let scenario = &self.question.scenario;
        let halvings = |from: u32, to: u32| (f64::from(from.max(1)) / f64::from(to.max(1))).log2();
        let of = |change: &Change| match change {
            Change::CloseOthers | Change::FreePlacement => 0.0,
            // Another program, and the level that it reads in place of this one.
            Change::Engine(_) => 1.0 + 100.0 * self.lost(way),
            Change::ExpertsToRam(_) => 0.25,
            Change::Cache(cache) if cache.bytes_per_value() >= 1.0 => 0.5,
            Change::Cache(_) => 4.0,
            Change::Level(_) => 100.0 * self.lost(way),
            Change::Context(context) => 2.0 * halvings(scenario.context, *context),
            Change::Requests(requests) => 2.0 * halvings(scenario.concurrency, *requests),
            Change::Ram(total) => 1e4 + total.gib(),
            Change::Cards(cards) => 1e6 + cards.device.capacity.gib() * f64::from(cards.count),
        };
        way.changes.iter().map(of).sum()
    }

    fn lost(&self, way: &Way) -> f64 {
        way.quality_lost(&self.present)
    }
}
