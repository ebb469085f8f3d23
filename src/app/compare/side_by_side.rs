//! Machines side by side.

use std::cmp::Reverse;
use std::sync::Arc;

use super::figures::{Figures, level};
use super::{MOST_MODELS, Question};
use crate::app::best::READING_SPEED;
use crate::estimate::{Brief, FitClass, Range, Rig};
use crate::model::{Catalog, ModelId};
use crate::quant::Level;
use crate::units::Bytes;

/// Models that are shown where nobody has chosen any.
const AUTOMATIC: usize = 8;
/// Of these that become possible, at most.
const AUTOMATIC_GAINED: usize = 5;
/// Times reading speed at which a model is fast anyway.
const FAST: f64 = 4.0;
/// A speed that changes by less is the same.
const SAME_SPEED: f64 = 1.1;

/// Machines side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Each machine by itself.
    pub rigs: Vec<Summary>,
    /// What each but the first has over the first.
    pub gains: Vec<Gain>,
    /// Speeds of some models.
    pub speeds: Vec<SpeedRow>,
    /// Models that generate text.
    pub models: usize,
    /// The models were chosen because they change most.
    pub automatic: bool,
}

/// One machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Free on all GPUs; `None`: there is none.
    pub free_on_gpus: Option<Bytes>,
    /// Free of main memory; of a shared pool it is the same.
    pub free_in_ram: Bytes,
    /// Models of which some level is wholly on the GPUs.
    pub on_gpu: usize,
    /// Models that have a level at reading speed.
    pub at_speed: usize,
    /// The one with most parameters of those that have a level at reading speed, on the GPUs where there are
    /// any.
    pub best: Option<BestModel>,
    /// Power limits of its GPUs together, watts; `None`: not known of one of them, or there is none.
    pub power_watts: Option<f64>,
}

/// The largest model that a machine runs well.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BestModel {
    /// The model.
    pub model: ModelId,
    /// Its best level there.
    pub level: Level,
    /// Parameters.
    pub params: u64,
    /// Tokens a second.
    pub decode: Option<Range>,
}

/// What a machine has over the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gain {
    /// Models that are wholly on the GPUs only there, with the level that would be chosen; large ones first.
    pub on_gpu: Vec<(ModelId, Level)>,
    /// Models that reach reading speed only there and are not among those above.
    pub at_speed: Vec<(ModelId, Level)>,
    /// Models that are wholly on the GPUs of the first alone.
    pub lost: usize,
}

impl Gain {
    /// Models that become possible.
    pub const fn count(&self) -> usize {
        self.on_gpu.len() + self.at_speed.len()
    }
}

/// The same file of a model on each machine.
#[derive(Clone, Debug, PartialEq)]
pub struct SpeedRow {
    /// The model.
    pub model: ModelId,
    /// The level, the best of the machine with most memory.
    pub level: Level,
    /// One a machine.
    pub ends: Vec<End>,
}

/// A model on one machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct End {
    /// Verdict; `None`: there is no estimate.
    pub class: Option<FitClass>,
    /// Tokens a second; none where it does not run from memory.
    pub decode: Option<Range>,
}

impl SpeedRow {
    /// How much faster the machine at `place` is than the first; `None` where one of them has no speed.
    pub fn factor(&self, place: usize) -> Option<f64> {
        let speed = |end: &End| end.decode.map(|decode| decode.p50).filter(|speed| *speed > 0.0);
        Some(speed(self.ends.get(place)?)? / speed(self.ends.first()?)?)
    }
}

/// Puts the figures of each machine side by side.
pub(super) fn compare(catalog: &Catalog, question: &Question, figures: &[Arc<Figures>]) -> Comparison {
    let subject = Subject { catalog, question, figures };
    let rigs = (0..figures.len()).map(|rig| subject.summary(rig)).collect();
    let gains: Vec<Gain> = (1..figures.len()).map(|rig| subject.gain(rig)).collect();
    let automatic = question.models.is_empty();
    let chosen: Vec<usize> = if automatic {
        subject.that_change_most(&gains)
    } else {
        question.models.iter().map(|&id| catalog.base_of(id)).take(MOST_MODELS).collect()
    };
    let speeds = chosen.into_iter().filter_map(|base| subject.speeds(base)).collect();
    let models = figures.first().map_or(0, |figures| figures.rows.iter().flatten().count());
    Comparison { rigs, gains, speeds, models, automatic }
}

struct Subject<'a> {
    catalog: &'a Catalog,
    question: &'a Question,
    figures: &'a [Arc<Figures>],
}

fn on_gpu(brief: &Brief) -> bool {
    brief.class <= FitClass::Tight
}

impl Subject<'_> {
    fn bases(&self) -> impl Iterator<Item = usize> + use<> {
        0..self.catalog.bases().len()
    }

    fn id(&self, base: usize) -> ModelId {
        self.catalog.bases()[base].id
    }

    fn params(&self, base: usize) -> u64 {
        self.catalog.get(self.id(base)).params_total
    }

    fn downloads(&self, base: usize) -> u64 {
        self.catalog.get(self.id(base)).hf_downloads.unwrap_or(0)
    }

    /// Whether each request reads at reading speed.
    fn at_speed(&self, brief: &Brief) -> bool {
        let requests = f64::from(self.question.scenario.concurrency.max(1));
        brief.class.runs() && brief.decode.is_some_and(|decode| decode.p50 / requests >= READING_SPEED)
    }

    fn summary(&self, place: usize) -> Summary {
        let (rig, figures): (&Rig, &Figures) = (&self.question.rigs[place], &self.figures[place]);
        let has_gpu = !rig.devices.is_empty();
        let picks = || self.bases().filter_map(|base| Some((base, figures.pick(base)?)));
        let fitting = picks().filter(|(_, (_, brief))| self.at_speed(brief) && (on_gpu(brief) || !has_gpu));
        let largest = fitting.max_by_key(|(base, _)| (self.params(*base), self.downloads(*base)));
        let best = largest.and_then(|(base, (column, brief))| {
            Some(BestModel {
                model: self.id(base),
                level: level(self.question, column)?,
                params: self.params(base),
                decode: brief.decode,
            })
        });
        let watts = rig.devices.iter().map(|device| device.power_watts).sum::<Option<f64>>();
        Summary {
            free_on_gpus: has_gpu.then(|| rig.device_free()),
            free_in_ram: rig.host.free,
            on_gpu: picks().filter(|(_, (_, brief))| on_gpu(brief)).count(),
            at_speed: picks().filter(|(_, (_, brief))| self.at_speed(brief)).count(),
            best,
            power_watts: watts.filter(|_| has_gpu),
        }
    }

    fn gain(&self, place: usize) -> Gain {
        let (first, other) = (&self.figures[0], &self.figures[place]);
        let is = |figures: &Figures, base: usize, what: &dyn Fn(&Brief) -> bool| {
            figures.pick(base).is_some_and(|(_, brief)| what(brief))
        };
        let mut gain = Gain::default();
        let mut bases: Vec<usize> = self.bases().collect();
        bases.sort_by_key(|base| Reverse(self.params(*base)));
        for base in bases {
            let Some((column, _)) = other.pick(base) else {
                gain.lost += usize::from(is(first, base, &on_gpu));
                continue;
            };
            let Some(level) = level(self.question, column) else { continue };
            let (before, after) = (is(first, base, &on_gpu), is(other, base, &on_gpu));
            let faster = |figures: &Figures| is(figures, base, &|brief| self.at_speed(brief));
            if after && !before {
                gain.on_gpu.push((self.id(base), level));
            } else if faster(other) && !faster(first) {
                gain.at_speed.push((self.id(base), level));
            }
            gain.lost += usize::from(before && !after);
        }
        gain
    }

    /// The models that most people have of those that become possible, and of those whose speed changes.
    fn that_change_most(&self, gains: &[Gain]) -> Vec<usize> {
        let mut gained: Vec<usize> = gains
            .iter()
            .flat_map(|gain| gain.on_gpu.iter().chain(&gain.at_speed))
            .map(|(id, _)| self.catalog.base_of(*id))
            .collect();
        gained.sort_by_key(|base| (Reverse(self.downloads(*base)), *base));
        gained.dedup();
        let mut changed: Vec<usize> =
            self.bases().filter(|base| !gained.contains(base) && self.changes(*base)).collect();
        changed.sort_by_key(|base| (self.is_fast_anyway(*base), Reverse(self.downloads(*base)), *base));
        let others = AUTOMATIC - gained.len().min(AUTOMATIC_GAINED);
        let more = AUTOMATIC - changed.len().min(others);
        let mut chosen: Vec<usize> =
            gained.into_iter().take(more).chain(changed.into_iter().take(others)).collect();
        // Small ones on top.
        chosen.sort_by_key(|base| (self.params(*base), *base));
        chosen
    }

    /// Whether a model is far faster than anybody reads on the first machine already: a little more says little.
    fn is_fast_anyway(&self, base: usize) -> bool {
        let first = self.speeds(base).and_then(|row| row.ends.first()?.decode);
        first.is_some_and(|decode| decode.p50 > FAST * READING_SPEED)
    }

    fn changes(&self, base: usize) -> bool {
        let Some(row) = self.speeds(base) else { return false };
        (1..row.ends.len()).any(|place| {
            row.factor(place).is_some_and(|factor| !(1.0 / SAME_SPEED..=SAME_SPEED).contains(&factor))
        })
    }

    /// One file of a model on each machine: at the level that is the best where most memory is free.
    fn speeds(&self, base: usize) -> Option<SpeedRow> {
        let room = |place: usize| {
            let rig = &self.question.rigs[place];
            (rig.device_free(), rig.host.free)
        };
        let mut by_room: Vec<usize> = (0..self.figures.len()).collect();
        by_room.sort_by_key(|place| Reverse(room(*place)));
        let column = by_room.iter().find_map(|place| Some(self.figures[*place].pick(base)?.0))?;
        let end = |figures: &Arc<Figures>| {
            let brief = figures.at(base, column);
            End {
                class: brief.map(|brief| brief.class),
                decode: brief.filter(|brief| brief.class.runs()).and_then(|brief| brief.decode),
            }
        };
        Some(SpeedRow {
            model: self.id(base),
            level: level(self.question, column)?,
            ends: self.figures.iter().map(end).collect(),
        })
    }
}
