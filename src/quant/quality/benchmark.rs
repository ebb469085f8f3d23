//! The share that benchmarks say is kept, with their own noise.

use crate::quant::measured::{self, Measured};

/// A share of the above-chance score that was measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Share kept; above 1 where luck made the quantized model the better one.
    pub kept: f64,
    /// Standard error of that share: the sampling error of one score.
    ///
    /// Both models answer the same questions, so the error of their difference is smaller than that of two
    /// independent scores; where their answers agree in half of what luck decides, it is that of one.
    pub error: f64,
    /// Questions that were asked, all tests together.
    pub questions: f64,
}

/// What the benchmark of one row says; `None`: the row is no benchmark, or has no score to compare with.
fn score(row: &Measured) -> Option<Score> {
    let test = measured::test(row.metric)?;
    let span = row.base? - test.chance;
    if span <= 0.0 {
        return None;
    }
    let questions = row.questions.unwrap_or(test.questions);
    let share = (row.value / 100.0).clamp(0.0, 1.0);
    let sampling = (share * (1.0 - share) / questions).sqrt();
    Some(Score { kept: (row.value - test.chance) / span, error: 100.0 * sampling / span, questions })
}

/// What the benchmarks of one source say of one file, each weighted by its precision.
pub fn combined<'a>(rows: impl Iterator<Item = &'a Measured>) -> Option<Score> {
    let (mut sum, mut weight, mut questions) = (0.0, 0.0, 0.0);
    for score in rows.filter_map(score).filter(|score| score.error > 0.0) {
        let precision = score.error.powi(-2);
        sum += precision * score.kept;
        weight += precision;
        questions += score.questions;
    }
    (weight > 0.0).then(|| Score { kept: sum / weight, error: weight.powf(-0.5), questions })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quant::Level;

    fn of(model: &str, level: &str) -> Score {
        let level: Level = level.parse().unwrap();
        combined(measured::of([model].into_iter()).flat_map(|subjects| subjects.level(level))).unwrap()
    }

    #[test]
    fn chance_is_taken_off() {
        // MMLU 62.89 of 65.2 with four choices: (62.89 − 25) ÷ (65.2 − 25).
        let score = of("Meta-Llama-3-8B-Instruct", "Q3_K_M");
        assert!((score.kept - 37.89 / 40.2).abs() < 1e-12);
        // One score of 14,042 questions is known within 0.41 points.
        assert!((score.error - 0.407_7 / 40.2).abs() < 1e-5, "{}", score.error);
    }

    #[test]
    fn a_smaller_test_is_noisier() {
        let (whole, part) =
            (of("Meta-Llama-3-8B-Instruct", "IQ3_M"), of("Meta-Llama-3-70B-Instruct", "IQ3_M"));
        assert_eq!((whole.questions, part.questions), (14_042.0, 2850.0));
        assert!(part.error > whole.error);
    }

    #[test]
    fn several_tests_of_one_file_count_by_their_precision() {
        let score = of("Qwen2-7B-Instruct", "GPTQ-4bit-g128");
        // MMLU 94.1, C-Eval 96.2, IFEval 93.0 %: near the largest of them.
        assert!((score.kept - 0.944).abs() < 0.002, "{}", score.kept);
        assert!(score.error < of("Qwen2-7B-Instruct", "GPTQ-8bit-g128").error + 0.01 && score.error > 0.005);
    }

    #[test]
    fn divergences_are_no_benchmarks() {
        let rows = measured::of(["Qwen3.5-9B"].into_iter()).flat_map(|s| s.level("Q4_K_M".parse().unwrap()));
        assert_eq!(combined(rows), None);
    }
}
