//! The values of a curve as a table.

use super::super::Detail;
use super::CurveKind;
use crate::app::report::{Cell, Sheet, SheetColumn};
use crate::language::tr;
use crate::units::{Bytes, gib_text, quality_text, rate_text};

impl Detail {
    /// The values of one of the curves; `None` where there are none, or they were not computed.
    pub fn curve_sheet(&self, kind: CurveKind) -> Option<Sheet> {
        let (columns, rows) = match kind {
            CurveKind::Speed => self.speed_values(),
            CurveKind::Memory => self.memory_values()?,
            CurveKind::Requests => self.requests_values()?,
            CurveKind::Quality => self.quality_values()?,
        };
        let head = vec![format!("{}, {}: {}", self.name, self.level, kind.title())];
        (!rows.is_empty()).then_some(Sheet { head, columns, rows, foot: Vec::new() })
    }

    fn speed_values(&self) -> Values {
        let columns = numbers(&[
            ("context", tr!("Context")),
            ("decode_tps_p10", tr!("Tok/s low")),
            ("decode_tps_p50", tr!("Tok/s")),
            ("decode_tps_p90", tr!("Tok/s high")),
        ]);
        let rows = self.curve.points.iter().map(|point| {
            let rate = |value: f64| Cell::number(Some(value), rate_text);
            vec![whole(point.context), rate(point.decode.p10), rate(point.decode.p50), rate(point.decode.p90)]
        });
        (columns, rows.collect())
    }

    fn memory_values(&self) -> Option<Values> {
        let columns = numbers(&[
            ("context", tr!("Context")),
            ("weights_gib", tr!("Weights GiB")),
            ("cache_gib", tr!("Cache GiB")),
            ("rest_gib", tr!("Rest GiB")),
            ("total_gib", "GiB"),
        ]);
        let rows = self.curves.memory.as_ref()?.points.iter().map(|point| {
            vec![
                whole(point.context),
                gib(point.weights),
                gib(point.cache),
                gib(point.rest),
                gib(point.total()),
            ]
        });
        Some((columns, rows.collect()))
    }

    fn requests_values(&self) -> Option<Values> {
        let columns = numbers(&[
            ("requests", tr!("At once")),
            ("total_tps_p10", tr!("All tok/s low")),
            ("total_tps_p50", tr!("All tok/s")),
            ("total_tps_p90", tr!("All tok/s high")),
            ("each_tps_p50", tr!("Each tok/s")),
        ]);
        let rows = self.curves.requests.as_ref()?.points.iter().map(|point| {
            let rate = |value: f64| Cell::number(Some(value), rate_text);
            let total = point.total;
            vec![whole(point.requests), rate(total.p10), rate(total.p50), rate(total.p90), rate(point.each())]
        });
        Some((columns, rows.collect()))
    }

    fn quality_values(&self) -> Option<Values> {
        let mut columns = vec![SheetColumn::words("quant", tr!("Level"))];
        columns.extend(numbers(&[
            ("need_gib", "GiB"),
            ("file_gib", tr!("File GiB")),
            ("quality_low", tr!("Quality % low")),
            ("quality", tr!("Quality %")),
            ("quality_high", tr!("Quality % high")),
        ]));
        columns.push(SheetColumn::words("verdict", tr!("Verdict")));
        columns.push(SheetColumn::words("front", tr!("Nothing smaller keeps as much")));
        let rows = self.curves.quality.as_ref()?.points.iter().map(|point| {
            let kept = |value: f64| Cell::number(Some(value), |value| quality_text(value, point.named));
            vec![
                Cell::Words(point.level.to_string()),
                gib(point.need),
                gib(point.file),
                kept(point.kept[0]),
                kept(point.kept[1]),
                kept(point.kept[2]),
                Cell::Words(point.class.word().to_owned()),
                Cell::Words(if point.front { tr!("yes") } else { tr!("no") }.to_owned()),
            ]
        });
        Some((columns, rows.collect()))
    }
}

type Values = (Vec<SheetColumn>, Vec<Vec<Cell>>);

fn numbers(columns: &[(&str, &str)]) -> Vec<SheetColumn> {
    columns.iter().map(|(key, title)| SheetColumn::numbers(key, title)).collect()
}

fn gib(size: Bytes) -> Cell {
    Cell::number(Some(size.gib()), |_| gib_text(size))
}

fn whole(number: u32) -> Cell {
    Cell::Number(f64::from(number), number.to_string())
}
