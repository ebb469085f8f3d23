//! Where the matrix has its columns and rows. Points, relative to the left edge of the grid and the top of
//! the first line.

use crate::app::grid::{Line, LineKind};
use crate::quant::Level;

/// Height of a base model's row: a tile and two points between it and the next.
pub(super) const ROW: f32 = 23.0;
/// Height of an unfolded fine-tune's row.
pub(super) const VARIANT_ROW: f32 = 20.0;
/// Height of a group's title.
pub(super) const TITLE_ROW: f32 = 20.0;
/// Between groups.
pub(super) const GROUP_GAP: f32 = 8.0;
/// Between two tiles, in both directions.
pub(super) const TILE_GAP: f32 = 2.0;
/// More between two bit widths.
const WIDTH_GAP: f32 = 3.0;
/// Above the first row.
pub(super) const TOP: f32 = 7.0;
/// Space of the folded fine-tunes' number, right of the name.
pub(super) const TUNES: f32 = 34.0;
/// From the numbers of fine-tunes to the first tile.
pub(super) const BEFORE_TILES: f32 = 10.0;
/// Left of a name.
pub(super) const NAME_INDENT: f32 = 7.0;

const PITCH_MIN: f32 = 38.0;
const PITCH_MAX: f32 = 46.0;
/// What the pitch leaves for the name.
const NAME_WISH: f32 = 190.0;
/// The narrowest name column with, and without, the number of fine-tunes.
const NAME_MIN: f32 = 186.0;
const NAME_MIN_WITHOUT_TUNES: f32 = NAME_MIN - TUNES;

/// The columns.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Columns {
    /// Width of the name column.
    pub name: f32,
    /// Whether there is room for the number of fine-tunes.
    pub tunes: bool,
    /// From one tile to the next.
    pub pitch: f32,
    /// The left edges of the tiles, from the end of the name column.
    lefts: Vec<f32>,
}

impl Columns {
    /// Columns for `levels` in `width` points: tiles of 36 to 44, the name column gets the rest. Where even
    /// the narrowest do not fit, the number of fine-tunes goes, then the columns scroll under the name.
    pub fn new(width: f32, levels: &[Level]) -> Self {
        let steps = levels.windows(2).filter(|pair| pair[0].bit_group() != pair[1].bit_group()).count();
        let gaps = steps as f32 * WIDTH_GAP;
        let count = levels.len().max(1) as f32;
        let pitch = ((width - NAME_WISH - gaps) / count).floor().clamp(PITCH_MIN, PITCH_MAX);
        let rest = width - count * pitch - gaps;
        let (name, tunes) = if rest >= NAME_MIN {
            (rest, true)
        } else if rest >= NAME_MIN_WITHOUT_TUNES {
            (rest, false)
        } else {
            (NAME_MIN_WITHOUT_TUNES, false)
        };
        let mut left = 0.0;
        let mut lefts = Vec::with_capacity(levels.len());
        for (column, level) in levels.iter().enumerate() {
            if column > 0 && levels[column - 1].bit_group() != level.bit_group() {
                left += WIDTH_GAP;
            }
            lefts.push(left);
            left += pitch;
        }
        Self { name, tunes, pitch, lefts }
    }

    /// Width of a tile.
    pub fn tile(&self) -> f32 {
        self.pitch - TILE_GAP
    }

    /// Number of columns.
    pub fn count(&self) -> usize {
        self.lefts.len()
    }

    /// Left edge of a tile, from the end of the name column.
    pub fn left(&self, column: usize) -> f32 {
        self.lefts.get(column).copied().unwrap_or_else(|| self.width() + TILE_GAP)
    }

    /// Width of all columns, without the name's.
    pub fn width(&self) -> f32 {
        self.lefts.last().map_or(0.0, |last| last + self.tile())
    }

    /// Middle of the gap before a column, where a load line stands; `column` may be one past the last.
    pub fn edge(&self, column: usize) -> f32 {
        match column {
            // The line stands off the names.
            0 => -3.0,
            c if c >= self.count() => self.width() + 2.5,
            c => f32::midpoint(self.left(c - 1) + self.tile(), self.left(c)),
        }
    }

    /// The column at `x` from the end of the name column; the gap after a tile belongs to it.
    pub fn at(&self, x: f32) -> Option<usize> {
        let column = self.lefts.iter().rposition(|&left| left <= x)?;
        (x < self.lefts[column] + self.pitch).then_some(column)
    }
}

/// A line and where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Slot {
    /// Position among the lines.
    pub index: usize,
    /// The line.
    pub line: Line,
    /// Its top.
    pub top: f32,
    /// Its height.
    pub height: f32,
    /// A new group begins here: there is a gap above.
    pub opens_group: bool,
}

impl Slot {
    /// Its bottom, which is the top of the next of the same group.
    pub fn bottom(&self) -> f32 {
        self.top + self.height
    }
}

/// All lines, top to bottom.
pub(super) fn slots(lines: &[Line]) -> impl Iterator<Item = Slot> + '_ {
    let mut y = TOP;
    let mut last_group = None;
    lines.iter().enumerate().map(move |(index, &line)| {
        let opens_group = last_group.is_some_and(|last| last != line.group);
        last_group = Some(line.group);
        if opens_group {
            y += GROUP_GAP;
        }
        let slot = Slot { index, line, top: y, height: height(line), opens_group };
        y += slot.height;
        slot
    })
}

/// Height of all lines.
pub(super) fn total_height(lines: &[Line]) -> f32 {
    slots(lines).last().map_or(0.0, |slot| slot.bottom()) + GROUP_GAP
}

fn height(line: Line) -> f32 {
    match line.kind {
        LineKind::Title(_) => TITLE_ROW,
        LineKind::Base(_) => ROW,
        LineKind::Variant(..) => VARIANT_ROW,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ladder(width: f32) -> Columns {
        Columns::new(width, Level::LADDER)
    }

    #[test]
    fn the_pitch_is_that_of_the_design() {
        // Centre of the 1440 window, and of the 1000 window.
        assert_eq!((ladder(748.0).pitch, ladder(748.0).name), (41.0, 194.0));
        assert_eq!((ladder(728.0).pitch, ladder(728.0).name), (39.0, 200.0));
        assert_eq!(ladder(748.0).tile(), 39.0);
        assert!(ladder(748.0).tunes && ladder(728.0).tunes);
    }

    #[test]
    fn wide_windows_give_the_rest_to_the_name() {
        let wide = ladder(1400.0);
        assert_eq!(wide.pitch, 46.0);
        assert_eq!(wide.name + wide.width() + TILE_GAP, 1400.0);
    }

    #[test]
    fn narrow_windows_lose_the_fine_tunes_then_scroll() {
        let narrow = ladder(690.0);
        assert!(!narrow.tunes);
        assert_eq!(narrow.name + narrow.width() + TILE_GAP, 690.0);
        let narrower = ladder(600.0);
        assert!(narrower.name + narrower.width() > 600.0);
        assert_eq!(narrower.pitch, 38.0);
        let many = Columns::new(748.0, Level::ALL_GGUF);
        assert_eq!((many.pitch, many.count()), (38.0, 33));
        assert!(many.name + many.width() > 748.0);
    }

    #[test]
    fn columns_are_found_where_they_are_drawn() {
        let columns = ladder(748.0);
        for column in 0..columns.count() {
            let left = columns.left(column);
            assert_eq!(columns.at(left + 0.5), Some(column));
            assert_eq!(columns.at(left + columns.tile()), Some(column));
        }
        assert_eq!(columns.at(-1.0), None);
        assert_eq!(columns.at(columns.width() + TILE_GAP + 0.1), None);
        // Between two bit widths there is a strip that belongs to nobody.
        assert_eq!(columns.at(columns.left(1) - 1.0), None);
    }

    #[test]
    fn the_load_line_stands_in_the_gap() {
        let columns = ladder(748.0);
        // Q4_K_S and Q4_K_M stand 2 apart, Q3_K_M and IQ4_XS 5.
        assert_eq!(columns.edge(6), columns.left(6) - 1.0);
        assert_eq!(columns.edge(4), columns.left(4) - 2.5);
        assert!(columns.edge(0) < 0.0);
        assert!(columns.edge(13) > columns.width() && columns.edge(13) == columns.edge(99));
    }

    #[test]
    fn lines_stack_with_gaps_between_groups() {
        let line = |kind, group| Line { kind, group, family: group };
        let lines = [
            line(LineKind::Title("Tiny"), 0),
            line(LineKind::Base(0), 0),
            line(LineKind::Variant(0, 0), 0),
            line(LineKind::Base(1), 1),
        ];
        let slots: Vec<Slot> = slots(&lines).collect();
        let tops: Vec<f32> = slots.iter().map(|slot| slot.top).collect();
        assert_eq!(tops, [7.0, 27.0, 50.0, 78.0]);
        assert_eq!(
            slots.iter().map(|slot| slot.opens_group).collect::<Vec<_>>(),
            [false, false, false, true]
        );
        assert_eq!(total_height(&lines), 78.0 + 23.0 + 8.0);
        assert_eq!(total_height(&[]), GROUP_GAP);
    }
}
