//! The answer in words above the table.

use crate::app::best::Counts;
use crate::estimate::FitClass;
use crate::quant::Level;

/// What this machine can do with the models of the table: the beginning, which is set bold, and the rest.
/// `all` counts models without a verdict too; the level may be left out where there is no room for it.
pub fn sentence(counts: &Counts, all: usize, has_gpu: bool, level: Option<Level>) -> (String, String) {
    let of = |class| counts.of(class);
    let first = of(FitClass::Fits) + of(FitClass::Tight);
    let first = if has_gpu { first } else { first + of(FitClass::Cpu) };
    let place = if has_gpu { "wholly on the GPU" } else { "from RAM" };
    let models = if all == 1 { "model" } else { "models" };
    let verb = if first == 1 { "runs" } else { "run" };
    let at = level.map_or(String::new(), |level| format!(" at {level}"));
    let mut parts = vec![format!(" {verb} {place}{at}")];
    let mut clause = |count: usize, one: &str, many: &str| match count {
        0 => {}
        1 => parts.push(format!("1 {one}")),
        _ => parts.push(format!("{count} {many}")),
    };
    clause(of(FitClass::Offload), "spills into RAM", "spill into RAM");
    if has_gpu {
        clause(of(FitClass::Cpu), "runs on the processor alone", "run on the processor alone");
    }
    clause(of(FitClass::Disk), "streams from disk", "stream from disk");
    clause(of(FitClass::TooBig), "is too big", "are too big");
    clause(all.saturating_sub(counts.total()), "n/a", "n/a");
    (format!("{first} of {all} {models}"), parts.join(", "))
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
        let (strong, rest) = sentence(&counts(classes), all, has_gpu, Some(Level::Gguf(FileType::Q4KM)));
        strong + &rest
    }

    #[test]
    fn with_a_gpu() {
        use FitClass::{Fits, Offload, Tight, TooBig};
        assert_eq!(
            say(&[(Fits, 200), (Tight, 10), (Offload, 120), (TooBig, 81)], 412, true),
            "210 of 412 models run wholly on the GPU at Q4_K_M, 120 spill into RAM, 81 are too big, \
             1 n/a"
        );
        assert_eq!(say(&[(Fits, 1)], 1, true), "1 of 1 model runs wholly on the GPU at Q4_K_M");
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
