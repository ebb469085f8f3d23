//! The answer in words above the table.

use crate::app::best::Counts;
use crate::estimate::FitClass;
use crate::language::{tr, tr_n};
use crate::quant::Level;

/// How much the sentence says, by the room that there is for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wording {
    /// All of it, with the level.
    Full(Level),
    /// Without the level, which stands beside the table too.
    NoLevel,
    /// Also, what streams from disk counts as too big, and what has no estimate is left out.
    Short,
}

/// What this machine can do with the models of the table: the beginning, which is set bold, and the rest.
/// `all` counts models without a verdict too; of none there is nothing to say.
pub fn sentence(counts: &Counts, all: usize, has_gpu: bool, wording: Wording) -> (String, String) {
    if all == 0 {
        return (String::new(), String::new());
    }
    let of = |class| counts.of(class);
    let first = of(FitClass::Fits) + of(FitClass::Tight);
    let first = if has_gpu { first } else { first + of(FitClass::Cpu) };
    let place = if has_gpu { tr!("wholly on the GPU") } else { tr!("from RAM") };
    let at = match wording {
        Wording::Full(level) => tr!(" at {level}", level),
        Wording::NoLevel | Wording::Short => String::new(),
    };
    let mut parts = vec![tr_n!(first, " runs {place}", " run {place}", place) + &at];
    let mut clause = |count: usize, one: &str, many: &str| match count {
        0 => {}
        1 => parts.push(format!("1 {one}")),
        _ => parts.push(format!("{count} {many}")),
    };
    clause(of(FitClass::Offload), tr!("spills into RAM"), tr!("spill into RAM"));
    if has_gpu {
        clause(of(FitClass::Cpu), tr!("runs on the processor alone"), tr!("run on the processor alone"));
    }
    if wording == Wording::Short {
        clause(of(FitClass::Disk) + of(FitClass::TooBig), tr!("is too big"), tr!("are too big"));
    } else {
        clause(of(FitClass::Disk), tr!("streams from disk"), tr!("stream from disk"));
        clause(of(FitClass::TooBig), tr!("is too big"), tr!("are too big"));
        clause(all.saturating_sub(counts.total()), tr!("unknown"), tr!("unknown"));
    }
    (tr_n!(all, "{first} of {all} model", "{first} of {all} models", first, all), parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quant::FileType;

    fn counts(classes: &[(FitClass, usize)]) -> Counts {
        let mut counts = Counts::default();
        for (class, count) in classes {
            for _ in 0..*count {
                counts.add(*class);
            }
        }
        counts
    }

    fn say(classes: &[(FitClass, usize)], all: usize, has_gpu: bool) -> String {
        let wording = Wording::Full(Level::Gguf(FileType::Q4KM));
        let (strong, rest) = sentence(&counts(classes), all, has_gpu, wording);
        strong + &rest
    }

    #[test]
    fn with_a_gpu() {
        use FitClass::{Fits, Offload, Tight, TooBig};
        assert_eq!(
            say(&[(Fits, 200), (Tight, 10), (Offload, 120), (TooBig, 81)], 412, true),
            "210 of 412 models run wholly on the GPU at Q4_K_M, 120 spill into RAM, 81 are too big, \
             1 unknown"
        );
        assert_eq!(say(&[(Fits, 1)], 1, true), "1 of 1 model runs wholly on the GPU at Q4_K_M");
    }

    #[test]
    fn what_there_is_no_room_for_is_left_out() {
        use FitClass::{Disk, Fits, Offload, TooBig};
        let counts = counts(&[(Fits, 232), (Offload, 121), (Disk, 18), (TooBig, 53)]);
        let say = |wording| sentence(&counts, 429, true, wording).1;
        assert_eq!(
            say(Wording::NoLevel),
            " run wholly on the GPU, 121 spill into RAM, 18 stream from disk, 53 are too big, \
             5 unknown"
        );
        assert_eq!(say(Wording::Short), " run wholly on the GPU, 121 spill into RAM, 71 are too big");
    }

    #[test]
    fn of_no_models_nothing_is_said() {
        assert_eq!(say(&[], 0, true), "");
    }

    #[test]
    fn without_one_ram_counts() {
        use FitClass::{Cpu, Disk};
        assert_eq!(
            say(&[(Cpu, 300), (Disk, 1)], 301, false),
            "300 of 301 models run from RAM at Q4_K_M, 1 streams from disk"
        );
    }
}
