//! The best level of a model on a machine, and why: a rule over one row of the matrix.
//!
//! Among levels at reading speed: those wholly on the GPU that keep at least 97 %, else any that runs; of
//! these the highest quality, and of those within half a point of it the fastest.

use crate::estimate::FitClass;
use crate::estimate::plan::Brief;
use crate::language::tr;

/// Decode rate at which an answer appears as fast as people read, tokens/s.
pub const READING_SPEED: f64 = 10.0;
/// Tokens that a new conversation begins with where the time to its first token is told.
pub const FIRST_PROMPT: u32 = 2048;
/// Quality below which staying on the GPU is no longer worth it, as a share.
pub const WORTH_KEEPING: f64 = 0.97;
/// Difference in quality that counts as none, as a share.
const SAME_QUALITY: f64 = 0.005;

/// What a level must reach to be the best of its row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Decode rate of each request, tokens/s, at least.
    pub speed: f64,
    /// Part of it may lie in main memory beside a GPU.
    pub spill: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { speed: READING_SPEED, spill: true }
    }
}

/// The best level of a row, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Best {
    /// The cell in this column.
    Column {
        /// Index into the levels that the rule was given.
        column: usize,
        /// Why this one.
        why: Why,
    },
    /// None.
    None(WhyNone),
}

/// Why a cell is the best of its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is on the GPU and keeps most there.
    HighestOnGpu,
    /// It is on the GPU, within half a point of the highest quality there, and the fastest of these.
    FastestOnGpu,
    /// Nothing worth keeping is on the GPU at reading speed; it keeps most of what reaches that.
    HighestAnywhere,
    /// As [`Why::HighestAnywhere`], within half a point, and the fastest of these.
    FastestAnywhere,
}

/// Why a row has no best cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyNone {
    /// Some level runs, none of them at reading speed.
    TooSlow,
    /// Levels run, but no speed is known of any.
    SpeedUnknown,
    /// No level runs from memory.
    NothingRuns,
    /// No level can be estimated: the engine does not run the model, or it does not generate text.
    NothingKnown,
}

impl Best {
    /// Applies the rule to a row: one entry a level in the order of the columns, `None` where there is no
    /// estimate. Each of `requests` at once reads for itself, so each must have reading speed.
    pub fn of<'a>(row: impl IntoIterator<Item = Option<&'a Brief>>, requests: u32) -> Self {
        Self::under(row, requests, Limits::default(), true)
    }

    /// The same under other limits; `has_gpu`: the machine has a GPU, without which main memory is all that there
    /// is to stay in.
    pub fn under<'a>(
        row: impl IntoIterator<Item = Option<&'a Brief>>,
        requests: u32,
        limits: Limits,
        has_gpu: bool,
    ) -> Self {
        let known: Vec<(usize, &Brief)> =
            row.into_iter().enumerate().filter_map(|(column, brief)| Some((column, brief?))).collect();
        let at_speed: Vec<Candidate> = known
            .iter()
            .filter(|(_, brief)| brief.class.runs())
            .filter_map(|&(column, brief)| Candidate::at_speed(column, brief, requests, limits.speed))
            .filter(|candidate| candidate.on_gpu || limits.spill || !has_gpu)
            .collect();
        let worth_keeping: Vec<Candidate> =
            at_speed.iter().copied().filter(|c| c.on_gpu && c.quality >= WORTH_KEEPING).collect();

        if let Some((column, fastest)) = choose(&worth_keeping) {
            Self::Column { column, why: if fastest { Why::FastestOnGpu } else { Why::HighestOnGpu } }
        } else if let Some((column, fastest)) = choose(&at_speed) {
            Self::Column { column, why: if fastest { Why::FastestAnywhere } else { Why::HighestAnywhere } }
        } else {
            Self::None(why_none(&known))
        }
    }

    /// The column of the best cell.
    pub const fn column(self) -> Option<usize> {
        match self {
            Self::Column { column, .. } => Some(column),
            Self::None(_) => None,
        }
    }
}

impl Why {
    /// The reason in a sentence; `has_gpu`: the machine has a GPU that the model could have been on.
    pub fn text(self, has_gpu: bool) -> &'static str {
        match (self, has_gpu) {
            (Self::HighestOnGpu, _) => {
                tr!("Best of its row: the highest quality that stays on the GPU at reading speed.")
            }
            (Self::FastestOnGpu, _) => {
                tr!(
                    "Best of its row: on the GPU, and the fastest within half a point of the highest quality there."
                )
            }
            (Self::HighestAnywhere, true) => {
                tr!("Best of its row: nothing on the GPU keeps 97 %, and this keeps most at reading speed.")
            }
            (Self::FastestAnywhere, true) => {
                tr!(
                    "Best of its row: nothing on the GPU keeps 97 %, and this is the fastest within half a point \
                 of the highest quality."
                )
            }
            (Self::HighestAnywhere, false) => {
                tr!("Best of its row: the highest quality at reading speed (10 tokens/s).")
            }
            (Self::FastestAnywhere, false) => {
                tr!("Best of its row: the fastest within half a point of the highest quality.")
            }
        }
    }
}

impl WhyNone {
    /// The reason in a sentence.
    pub fn text(self) -> &'static str {
        match self {
            Self::TooSlow => tr!("Nothing here at reading speed (10 tokens/s)."),
            Self::SpeedUnknown => tr!("No best cell: the speed is not known on this machine."),
            Self::NothingRuns => tr!("Nothing here fits this machine's memory."),
            Self::NothingKnown => tr!("Nothing here can be estimated."),
        }
    }
}

/// What the rule looks at.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    column: usize,
    quality: f64,
    speed: f64,
    on_gpu: bool,
}

impl Candidate {
    fn at_speed(column: usize, brief: &Brief, requests: u32, least: f64) -> Option<Self> {
        let speed = brief.decode?.p50 / f64::from(requests.max(1));
        (speed >= least).then(|| Self {
            column,
            quality: brief.quality.point(),
            speed,
            on_gpu: matches!(brief.class, FitClass::Fits | FitClass::Tight),
        })
    }
}

/// The fastest within half a point of the highest quality, and whether that passed over a higher one.
/// Of equals the first: the smaller file.
fn choose(candidates: &[Candidate]) -> Option<(usize, bool)> {
    let highest = candidates.iter().map(|c| c.quality).max_by(f64::total_cmp)?;
    let mut best: Option<Candidate> = None;
    for &candidate in candidates.iter().filter(|c| c.quality >= highest - SAME_QUALITY) {
        if best.is_none_or(|best| candidate.speed > best.speed) {
            best = Some(candidate);
        }
    }
    best.map(|best| (best.column, best.quality < highest))
}

fn why_none(known: &[(usize, &Brief)]) -> WhyNone {
    let mut running = known.iter().filter(|(_, brief)| brief.class.runs()).peekable();
    if known.is_empty() {
        WhyNone::NothingKnown
    } else if running.peek().is_none() {
        WhyNone::NothingRuns
    } else if running.all(|(_, brief)| brief.decode.is_none()) {
        WhyNone::SpeedUnknown
    } else {
        WhyNone::TooSlow
    }
}

/// How many models are in which class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([usize; FitClass::ALL.len()]);

impl Counts {
    /// Counts one more row.
    pub fn add(&mut self, class: FitClass) {
        if let Some(place) = FitClass::ALL.iter().position(|&c| c == class) {
            self.0[place] += 1;
        }
    }

    /// Rows of this class.
    pub fn of(&self, class: FitClass) -> usize {
        FitClass::ALL.iter().position(|&c| c == class).map_or(0, |place| self.0[place])
    }

    /// All rows.
    pub fn total(&self) -> usize {
        self.0.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::grid::testing::brief;
    use FitClass::{Cpu, Fits, Offload, Tight, TooBig};

    fn best(row: &[Brief]) -> Best {
        Best::of(row.iter().map(Some), 1)
    }

    #[test]
    fn on_the_gpu_the_highest_quality_wins() {
        let row = [brief(Fits, 60.0, 0.975), brief(Fits, 50.0, 0.985), brief(Offload, 20.0, 0.999)];
        assert_eq!(best(&row), Best::Column { column: 1, why: Why::HighestOnGpu });
    }

    #[test]
    fn within_half_a_point_the_fastest_wins() {
        let row = [brief(Fits, 38.0, 0.9945), brief(Fits, 35.0, 0.997), brief(Tight, 29.0, 0.999)];
        assert_eq!(best(&row), Best::Column { column: 0, why: Why::FastestOnGpu });
    }

    #[test]
    fn a_level_that_spills_wins_only_where_nothing_worth_keeping_is_on_the_gpu() {
        let stays = [brief(Tight, 29.0, 0.986), brief(Offload, 18.0, 0.991)];
        assert_eq!(best(&stays).column(), Some(0));
        let ruined = [brief(Fits, 90.0, 0.90), brief(Offload, 18.0, 0.991)];
        assert_eq!(best(&ruined), Best::Column { column: 1, why: Why::HighestAnywhere });
    }

    #[test]
    fn below_reading_speed_nothing_wins() {
        let row = [brief(Fits, 9.9, 0.99), brief(Offload, 3.0, 0.995)];
        assert_eq!(best(&row), Best::None(WhyNone::TooSlow));
        assert_eq!(best(&[brief(Fits, 10.0, 0.99)]).column(), Some(0));
    }

    #[test]
    fn without_a_gpu_the_processor_counts() {
        let row = [brief(Cpu, 14.0, 0.95), brief(Cpu, 11.0, 0.98), brief(Cpu, 6.0, 0.999)];
        assert_eq!(best(&row), Best::Column { column: 1, why: Why::HighestAnywhere });
        assert!(!Why::HighestAnywhere.text(false).contains("GPU"));
    }

    #[test]
    fn what_does_not_run_never_wins() {
        assert_eq!(best(&[brief(TooBig, 50.0, 0.99)]), Best::None(WhyNone::NothingRuns));
        assert_eq!(best(&[brief(FitClass::Disk, 50.0, 0.99)]), Best::None(WhyNone::NothingRuns));
        assert_eq!(Best::of([None, None], 1), Best::None(WhyNone::NothingKnown));
    }

    #[test]
    fn unknown_speed_is_said_and_not_taken_for_slow() {
        let mut silent = brief(Fits, 0.0, 0.99);
        silent.decode = None;
        assert_eq!(best(&[silent]), Best::None(WhyNone::SpeedUnknown));
    }

    #[test]
    fn cells_without_an_estimate_keep_their_columns() {
        let fits = brief(Fits, 40.0, 0.99);
        assert_eq!(Best::of([None, Some(&fits), None], 1).column(), Some(1));
    }

    #[test]
    fn each_of_several_requests_must_have_reading_speed() {
        let row = [brief(Fits, 60.0, 0.98), brief(Fits, 30.0, 0.99)];
        assert_eq!(Best::of(row.iter().map(Some), 4).column(), Some(0));
        assert_eq!(Best::of(row.iter().map(Some), 8), Best::None(WhyNone::TooSlow));
    }

    #[test]
    fn of_equals_the_smaller_file_wins() {
        let row = [brief(Fits, 40.0, 0.99), brief(Fits, 40.0, 0.99)];
        assert_eq!(best(&row), Best::Column { column: 0, why: Why::HighestOnGpu });
    }

    #[test]
    fn counts_by_class() {
        let mut counts = Counts::default();
        counts.add(Fits);
        counts.add(Fits);
        counts.add(TooBig);
        assert_eq!((counts.of(Fits), counts.of(Tight), counts.of(TooBig), counts.total()), (2, 0, 1, 3));
    }
}
