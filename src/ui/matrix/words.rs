//! What a cell says in words: to the eye in its tooltip, to a screen reader in one breath.

use crate::app::best::Best;
use crate::app::grid::{Cell, Extra, GridRow};
use crate::estimate::FitClass;
use crate::estimate::plan::Brief;
use crate::language::{fixed, tr};
use crate::quant::Level;
use crate::units::{Bytes, gib_text, spoken_rate};

/// The sentence that a screen reader speaks for a cell.
pub(super) fn spoken(name: &str, level: Level, row: &GridRow, column: usize) -> String {
    let Some(cell) = row.cells.get(column) else {
        return tr!("{name}, {level}: being estimated", name, level);
    };
    let (brief, extra) = match cell {
        Cell::Known(brief, extra) => (brief, *extra),
        Cell::Unsupported(reason) => {
            return tr!("{name}, {level}: no estimate, {reason}", name, level, reason);
        }
    };
    let mut words = vec![verdict(brief.class).to_owned()];
    if brief.class.runs() {
        words.push(match brief.decode {
            Some(decode) => spoken_rate(decode.p50),
            None => tr!("speed not known").to_owned(),
        });
    }
    words.push(brief.need.to_string());
    match extra {
        Extra::NotAsked => {}
        _ if !brief.class.runs() => {}
        Extra::NoContext => words.push(tr!("no context fits").to_owned()),
        Extra::Context(tokens) => {
            words.push(tr!("longest context {tokens} tokens", tokens));
        }
        Extra::FirstToken(None) => words.push(tr!("time to the first token not known").to_owned()),
        Extra::FirstToken(Some(seconds)) => {
            words.push(tr!("{seconds} seconds to the first token", seconds = fixed(seconds, 1)));
        }
    }
    words.push(brief.quality.spoken());
    words.push(match row.best {
        Best::Column { column: best, .. } if best == column => tr!("the best of its row").to_owned(),
        Best::Column { .. } => tr!("not the best of its row").to_owned(),
        Best::None(_) => tr!("its row has no best").to_owned(),
    });
    format!("{name}, {level}: {}", words.join(", "))
}

/// The verdict as the end of "this model …".
pub(super) fn verdict(class: FitClass) -> &'static str {
    match class {
        FitClass::Fits => tr!("fits"),
        FitClass::Tight => tr!("tight"),
        FitClass::Offload => tr!("spills"),
        FitClass::Cpu => tr!("runs on the processor"),
        FitClass::Disk => tr!("streams from disk"),
        FitClass::TooBig => tr!("too big"),
    }
}

/// The first line of a tooltip: why this cell is the best, or why its row has none.
pub(super) fn reason(row: &GridRow, column: usize, has_gpu: bool) -> Option<&'static str> {
    match row.best {
        Best::Column { column: best, why } => (best == column).then(|| why.text(has_gpu)),
        Best::None(why) => row.cells.get(column)?.brief().map(|_| why.text()),
    }
}

/// The sentence of a tooltip: speed with its range, what waits where, what is kept.
pub(super) fn sentence(cell: &Cell) -> String {
    let (brief, extra) = match cell {
        Cell::Known(brief, extra) => (brief, *extra),
        Cell::Unsupported(reason) => {
            return tr!("No estimate: {reason}.", reason = reason.trim_end_matches('.'));
        }
    };
    let extra = match extra {
        Extra::NotAsked => String::new(),
        _ if !brief.class.runs() => String::new(),
        Extra::NoContext => tr!(" No context fits wholly.").to_owned(),
        Extra::Context(tokens) => {
            tr!(" Longest context that stays: {tokens} tokens.", tokens)
        }
        Extra::FirstToken(None) => tr!(" No time to the first token is known.").to_owned(),
        Extra::FirstToken(Some(seconds)) => {
            tr!(" {seconds} s to the first token of 2K.", seconds = fixed(seconds, 1))
        }
    };
    format!("{}{}{extra} {}", speed(brief), place(brief), brief.quality.sentence())
}

fn speed(brief: &Brief) -> String {
    match brief.decode {
        _ if !brief.class.runs() => String::new(),
        Some(decode) => {
            tr!(
                "{speed} tok/s ({low} to {high}). ",
                speed = rate(decode.p50),
                low = rate(decode.p10),
                high = rate(decode.p90)
            )
        }
        None => tr!("Speed n/a. ").to_owned(),
    }
}

/// As in the cells from 10; below that with a decimal, or "1 (1 to 1)" would be all there is to read.
fn rate(tokens_per_second: f64) -> String {
    if tokens_per_second < 9.95 { fixed(tokens_per_second, 1) } else { format!("{tokens_per_second:.0}") }
}

fn place(brief: &Brief) -> String {
    let need = gib_text(brief.need);
    let margin = gib_text(Bytes(brief.margin_bytes.unsigned_abs()));
    match brief.class {
        FitClass::Fits | FitClass::Tight => tr!("{need} GiB on the GPU, {margin} to spare.", need, margin),
        FitClass::Offload => {
            tr!("{on_gpu} of {need} GiB wait in RAM.", on_gpu = gib_text(brief.need - brief.on_gpu), need)
        }
        FitClass::Cpu => tr!("{need} GiB in RAM, {margin} to spare.", need, margin),
        FitClass::Disk => {
            tr!("Needs {need} GiB, {margin} more than memory: streams from disk.", need, margin)
        }
        FitClass::TooBig => tr!("Needs {need} GiB, {margin} more than this machine has.", need, margin),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::grid::testing::brief;
    use crate::quant::FileType;
    use crate::quant::quality::by_size;

    const Q4_K_M: Level = Level::Gguf(FileType::Q4KM);

    fn spilling() -> Brief {
        let mut spilling = brief(FitClass::Offload, 17.6, 0.991);
        spilling.need = Bytes::from_gib(24.1);
        spilling.on_gpu = Bytes::from_gib(11.1);
        spilling
    }

    fn row(cells: Vec<Cell>) -> GridRow {
        GridRow::of(cells, true, 1)
    }

    #[test]
    fn a_cell_is_spoken_in_one_sentence() {
        let cells = vec![
            Cell::Known(spilling(), Extra::NotAsked),
            Cell::Known(brief(FitClass::Tight, 29.0, 0.986), Extra::NotAsked),
        ];
        assert_eq!(
            spoken("Qwen3 14B", Q4_K_M, &row(cells.clone()), 0),
            "Qwen3 14B, Q4_K_M: spills, 18 tokens per second, 24.1 GiB, quality 99.1 %, \
             not the best of its row"
        );
        assert!(spoken("Qwen3 14B", Q4_K_M, &row(cells), 1).ends_with("quality 98.6 %, the best of its row"));
    }

    #[test]
    fn what_is_not_there_is_spoken_too() {
        let none = row(vec![Cell::Unsupported("published in no native quantization".into())]);
        assert_eq!(
            spoken("Qwen3 14B", Level::Native, &none, 0),
            "Qwen3 14B, NATIVE: no estimate, published in no native quantization"
        );
        let too_big = row(vec![Cell::Known(brief(FitClass::TooBig, 2.0, 0.99), Extra::NotAsked)]);
        let sentence = spoken("Kimi K2", Q4_K_M, &too_big, 0);
        assert!(sentence.contains("too big, 10.0 GiB") && !sentence.contains("per second"), "{sentence}");
    }

    #[test]
    fn the_longest_context_is_spoken_when_it_is_known() {
        let cell = Cell::Known(brief(FitClass::Fits, 20.0, 0.99), Extra::Context(16_384));
        assert!(spoken("A", Q4_K_M, &row(vec![cell]), 0).contains("longest context 16384 tokens"));
    }

    #[test]
    fn rough_quality_is_called_rough() {
        let mut rough = brief(FitClass::Fits, 20.0, 0.9);
        rough.quality = by_size(2.4, 8_000_000_000);
        let cell = Cell::Known(rough, Extra::NotAsked);
        assert!(spoken("A", Q4_K_M, &row(vec![cell.clone()]), 0).contains("quality about 48 %"));
        assert!(
            sentence(&cell).contains("Keeps roughly 24–80 % of the quality, estimated from"),
            "{}",
            sentence(&cell)
        );
    }

    #[test]
    fn the_tooltip_says_speed_place_and_quality() {
        assert_eq!(
            sentence(&Cell::Known(spilling(), Extra::NotAsked)),
            "18 tok/s (14 to 21). 13.0 of 24.1 GiB wait in RAM. Keeps 99.1 % of the quality (98.1–100), \
             estimated from bits per weight and size."
        );
        let mut slow = brief(FitClass::Cpu, 0.53, 0.99);
        slow.margin_bytes = Bytes::from_gib(2.0).0.cast_signed();
        assert!(
            sentence(&Cell::Known(slow, Extra::NotAsked))
                .starts_with("0.5 tok/s (0.4 to 0.6). 10.0 GiB in RAM, 2.0 to spare.")
        );
    }

    #[test]
    fn too_big_says_by_how_much_and_no_speed() {
        let mut big = brief(FitClass::TooBig, 2.0, 0.99);
        big.margin_bytes = -Bytes::from_gib(3.5).0.cast_signed();
        assert_eq!(
            sentence(&Cell::Known(big, Extra::NotAsked)),
            "Needs 10.0 GiB, 3.5 more than this machine has. Keeps 99.0 % of the quality (98.0–100), estimated \
             from bits per weight and size."
        );
    }

    #[test]
    fn without_an_estimate_it_says_why() {
        let cell = Cell::Unsupported("llama.cpp does not run this architecture".into());
        assert_eq!(sentence(&cell), "No estimate: llama.cpp does not run this architecture.");
    }
}
