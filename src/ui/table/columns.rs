//! Which columns there is room for, and where they stand.

use eframe::egui::{Rangef, Rect};

use crate::app::Column;

/// Space between a row's edge and its first text; the scroll bar floats in the one at the right.
const LEFT: f32 = 8.0;
/// The same at the right.
const RIGHT: f32 = 16.0;
/// Between columns.
const GAP: f32 = 14.0;
/// Narrowest column of names: below it another column goes.
const NAME: f32 = 190.0;
/// Narrowest memory cell while there are other columns to give up, and widest.
const MEMORY: Rangef = Rangef { min: 96.0, max: 196.0 };
/// A memory cell without its bar.
const MEMORY_NUMBER: f32 = 44.0;

/// Columns beside name and memory, from the one that stays longest to the one that goes first.
const BY_NEED: [(Column, f32); 6] = [
    (Column::Fit, 74.0),
    (Column::Speed, 56.0),
    (Column::Params, 52.0),
    (Column::Quality, 64.0),
    (Column::Released, 62.0),
    (Column::Downloads, 72.0),
];
/// Room for the range beside a speed.
const SPEED_RANGE: f32 = 58.0;

/// Places of the columns, from the row's left edge.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Columns {
    places: Vec<(Column, Rangef)>,
    /// The range of a speed has room beside it.
    pub speed_range: bool,
}

impl Columns {
    /// As many columns as a row of this width has room for. Downloads and Released only where there is
    /// plenty; then the range of the speed, Quality and Params go, in this order.
    pub fn for_width(width: f32) -> Self {
        let fixed = LEFT + RIGHT + NAME + GAP + MEMORY.min;
        let mut room = width - fixed;
        let mut shown = Vec::new();
        let mut speed_range = false;
        for (place, (column, wanted)) in BY_NEED.into_iter().enumerate() {
            // The range is worth more than what stands right of Quality.
            if place == 4 && room >= SPEED_RANGE {
                speed_range = true;
                room -= SPEED_RANGE;
            }
            // Fit and Speed stay in any window that can be opened.
            if place > 1 && room < wanted + GAP {
                break;
            }
            room -= wanted + GAP;
            shown.push((column, wanted));
        }
        // Where there is more room, bar and name share it; where there is too little, the bar goes first.
        let share = if room > 0.0 { 0.6 } else { 1.0 };
        let memory = (MEMORY.min + room * share).clamp(MEMORY_NUMBER, MEMORY.max);
        let width_of = |column: Column| match column {
            Column::Memory => Some(memory),
            Column::Model => Some(0.0),
            Column::Speed => Some(56.0 + if speed_range { SPEED_RANGE } else { 0.0 }),
            other => shown.iter().find(|(column, _)| *column == other).map(|(_, width)| *width),
        };
        let present: Vec<(Column, f32)> =
            Column::ALL.into_iter().filter_map(|column| Some((column, width_of(column)?))).collect();
        let taken: f32 = present.iter().map(|(_, width)| width + GAP).sum::<f32>() - GAP + LEFT + RIGHT;
        let name = (width - taken).max(0.0);
        let mut x = LEFT;
        let places = present
            .into_iter()
            .map(|(column, width)| {
                let width = if column == Column::Model { name } else { width };
                let place = Rangef::new(x, x + width);
                x += width + GAP;
                (column, place)
            })
            .collect();
        Self { places, speed_range }
    }

    /// The columns, left to right, within `row`.
    pub fn within(&self, row: Rect) -> impl Iterator<Item = (Column, Rect)> {
        self.places.iter().map(move |(column, place)| {
            let x = Rangef::new(row.left() + place.min, row.left() + place.max);
            (*column, Rect::from_x_y_ranges(x, row.y_range()))
        })
    }

    /// The part of a speed's cell that the number has; its range stands right of it.
    pub fn speed_number(&self, cell: Rect) -> Rect {
        let right = if self.speed_range { cell.right() - SPEED_RANGE } else { cell.right() };
        Rect::from_x_y_ranges(Rangef::new(cell.left(), right), cell.y_range())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(width: f32) -> Vec<Column> {
        Columns::for_width(width).places.into_iter().map(|(column, _)| column).collect()
    }

    #[test]
    fn columns_go_one_after_the_other() {
        use Column::{Downloads, Fit, Memory, Model, Params, Quality, Released, Speed};
        let all = [Fit, Model, Params, Memory, Speed, Quality, Released, Downloads];
        assert_eq!(shown(1200.0), all);
        // The centre of a window of 1440 points, and of one below 1280.
        assert_eq!(shown(748.0), [Fit, Model, Params, Memory, Speed, Quality]);
        assert_eq!(shown(586.0), [Fit, Model, Params, Memory, Speed]);
        assert_eq!(shown(500.0), [Fit, Model, Memory, Speed]);
        let mut before = all.len();
        for width in (400..1200).rev() {
            let now = shown(width as f32).len();
            assert!(now <= before, "at {width}");
            before = now;
        }
    }

    #[test]
    fn nothing_sticks_out_and_nothing_overlaps() {
        for width in 440..1600 {
            let width = width as f32;
            let columns = Columns::for_width(width);
            for pair in columns.places.windows(2) {
                assert!(pair[0].1.max < pair[1].1.min, "{width}: {pair:?}");
            }
            let last = columns.places.last().unwrap().1;
            assert!(last.max <= width - RIGHT + 0.01, "{width}: {last:?}");
            let name = columns.places.iter().find(|(column, _)| *column == Column::Model).unwrap().1;
            assert!(name.span() > 150.0, "{width}: {name:?}");
        }
    }

    #[test]
    fn the_range_of_a_speed_goes_before_quality() {
        assert!(Columns::for_width(748.0).speed_range);
        let without = (400..748).rev().find(|width| !Columns::for_width(*width as f32).speed_range).unwrap();
        assert!(shown(without as f32).contains(&Column::Quality));
    }
}
