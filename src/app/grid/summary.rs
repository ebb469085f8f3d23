//! The answer in words above the matrix, and the counts beside it.

use std::fmt::Write as _;

use super::Grid;
use crate::app::best::Counts;
use crate::estimate::FitClass;
use crate::language::{tr, tr_n};
use crate::model::catalog::ModelId;

/// What the rows shown amount to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows by their best verdict at any level.
    pub reach: Counts,
    /// Rows by the verdict of their best cell; a row without one counts where its best verdict is.
    pub best: Counts,
    /// Rows without any estimate.
    pub unknown: usize,
    has_gpu: bool,
}

impl Summary {
    /// Of these models; those that have not been computed yet are left out.
    pub fn of(grid: &Grid, models: &[ModelId]) -> Self {
        let mut summary = Self { has_gpu: grid.has_gpu(), ..Self::default() };
        for row in models.iter().filter_map(|&id| grid.row(id)) {
            match (row.reach, row.counted_as()) {
                (Some(reach), Some(counted)) => {
                    summary.reach.add(reach);
                    summary.best.add(counted);
                }
                _ => summary.unknown += 1,
            }
        }
        summary
    }

    /// The sentence: its beginning, which is set bold, and the rest. In short, what streams from disk counts
    /// as too big, and what has no estimate is left out.
    pub fn sentence(&self, short: bool) -> (String, String) {
        let all = self.reach.total() + self.unknown;
        if all == 0 {
            return (String::new(), String::new());
        }
        let of = |class| self.reach.of(class);
        let on_gpu = of(FitClass::Fits) + of(FitClass::Tight);
        let (first, place) = if self.has_gpu {
            (on_gpu, tr!("wholly on the GPU"))
        } else {
            (on_gpu + of(FitClass::Offload) + of(FitClass::Cpu), tr!("from RAM"))
        };
        let strong = tr_n!(all, "{first} of {all} model", "{first} of {all} models", first, all);
        let mut rest = tr_n!(first, " runs {place} at some level", " run {place} at some level", place);
        if self.has_gpu {
            clause(&mut rest, of(FitClass::Offload), tr!("spills into RAM"), tr!("spill into RAM"));
            clause(&mut rest, of(FitClass::Cpu), tr!("runs on the processor"), tr!("run on the processor"));
        }
        if short {
            clause(
                &mut rest,
                of(FitClass::Disk) + of(FitClass::TooBig),
                tr!("is too big"),
                tr!("are too big"),
            );
        } else {
            clause(
                &mut rest,
                of(FitClass::Disk),
                tr!("only streams from disk"),
                tr!("only stream from disk"),
            );
            clause(&mut rest, of(FitClass::TooBig), tr!("is too big"), tr!("are too big"));
            clause(&mut rest, self.unknown, tr!("has no estimate"), tr!("have no estimate"));
        }
        rest.push('.');
        (strong, rest)
    }
}

fn clause(sentence: &mut String, count: usize, one: &str, many: &str) {
    match count {
        0 => {}
        1 => {
            let _ = write!(sentence, ", 1 {one}");
        }
        _ => {
            let _ = write!(sentence, ", {count} {many}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(reach: &[(FitClass, usize)], unknown: usize, has_gpu: bool, short: bool) -> String {
        let mut summary = Summary { unknown, has_gpu, ..Summary::default() };
        for &(class, count) in reach {
            (0..count).for_each(|_| summary.reach.add(class));
        }
        let (strong, rest) = summary.sentence(short);
        strong + &rest
    }

    #[test]
    fn with_a_gpu() {
        use FitClass::{Fits, Offload, Tight, TooBig};
        assert_eq!(
            summary(&[(Fits, 15), (Tight, 3), (Offload, 17), (TooBig, 1)], 0, true, false),
            "18 of 36 models run wholly on the GPU at some level, 17 spill into RAM, 1 is too big."
        );
    }

    #[test]
    fn without_one() {
        use FitClass::{Cpu, Disk, TooBig};
        assert_eq!(
            summary(&[(Cpu, 300), (Disk, 12), (TooBig, 8)], 2, false, false),
            "300 of 322 models run from RAM at some level, 12 only stream from disk, 8 are too big, \
             2 have no estimate."
        );
    }

    #[test]
    fn in_short_nothing_that_runs_is_left_out() {
        use FitClass::{Disk, Fits, Offload, TooBig};
        assert_eq!(
            summary(&[(Fits, 275), (Offload, 92), (Disk, 25), (TooBig, 32)], 5, true, true),
            "275 of 429 models run wholly on the GPU at some level, 92 spill into RAM, 57 are too big."
        );
    }

    #[test]
    fn one_and_none() {
        assert_eq!(
            summary(&[(FitClass::Fits, 1)], 0, true, false),
            "1 of 1 model runs wholly on the GPU at some level."
        );
        assert_eq!(summary(&[], 0, true, false), "");
    }
}
