//! Names of lines at their ends, names of points beside them, none over another.

use eframe::egui::{Align2, Pos2, Rect, Ui, pos2, vec2};

use super::{Chart, Frame};
use crate::ui::theme::{Text, Tokens};
use crate::ui::widgets::paint;

/// Least distance between the middles of two names.
const ROW: f32 = 13.0;

/// Names of lines at their right ends.
pub(super) fn lines(ui: &Ui, chart: &Chart<'_>, frame: &Frame<'_>) {
    let t = Tokens::of(ui);
    let named = chart.lines.iter().filter(|line| !line.name.is_empty());
    let mut ends: Vec<(f32, &str, f32)> = named
        .filter_map(|line| {
            let last = line.points.last()?;
            let y = frame.up(last[1]).clamp(frame.field.top(), frame.field.bottom());
            Some((y, line.name, frame.along(last[0])))
        })
        .collect();
    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    let wanted: Vec<f32> = ends.iter().map(|end| end.0).collect();
    for (y, (_, name, x)) in spread(&wanted, frame.field.top(), frame.field.bottom()).into_iter().zip(ends) {
        let at = pos2(x.min(frame.field.right()) + 5.0, y);
        paint::text(ui.painter(), at, Align2::LEFT_CENTER, name, Text::SmallMedium, t.text);
    }
}

/// Rising heights, moved as little as keeps them a row apart and, where they fit, between `top` and `bottom`.
fn spread(wanted: &[f32], top: f32, bottom: f32) -> Vec<f32> {
    let mut places: Vec<f32> = Vec::with_capacity(wanted.len());
    for &y in wanted {
        let least = places.last().map_or(top, |last| last + ROW);
        places.push(y.max(least));
    }
    let mut most = bottom;
    for place in places.iter_mut().rev() {
        *place = place.min(most);
        most = *place - ROW;
    }
    places
}

/// Names of points: right of them, left, above, or below, where nothing is.
pub(super) fn dots(ui: &Ui, chart: &Chart<'_>, frame: &Frame<'_>) {
    let t = Tokens::of(ui);
    let around = |at: Pos2, size: f32| Rect::from_center_size(at, vec2(size, size));
    let mut taken: Vec<Rect> = chart.dots.iter().map(|dot| around(frame.at(dot.at), 12.0)).collect();
    let chosen_first = chart.dots.iter().filter(|dot| dot.chosen);
    let rest = chart.dots.iter().filter(|dot| !dot.chosen && !dot.name.is_empty());
    for dot in chosen_first.chain(rest) {
        let at = frame.at(dot.at);
        let style = if dot.chosen { Text::SmallStrong } else { Text::Small };
        let galley = paint::galley(ui.painter(), dot.name, style, t.text);
        let sides = [
            (Align2::LEFT_CENTER, vec2(10.0, 0.0)),
            (Align2::RIGHT_CENTER, vec2(-10.0, 0.0)),
            (Align2::CENTER_BOTTOM, vec2(0.0, -8.0)),
            (Align2::CENTER_TOP, vec2(0.0, 8.0)),
        ];
        let free =
            sides.into_iter().map(|(anchor, off)| anchor.anchor_size(at + off, galley.size())).find(|rect| {
                frame.field.expand(4.0).contains_rect(*rect)
                    && !taken.iter().any(|other| other.intersects(*rect))
            });
        if let Some(rect) = free {
            ui.painter().galley(rect.min, galley, if dot.chosen { t.text } else { t.text_2 });
            taken.push(rect.expand(1.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_a_row_apart() {
        assert_eq!(spread(&[10.0, 50.0], 0.0, 100.0), [10.0, 50.0]);
        assert_eq!(spread(&[10.0, 12.0, 14.0], 0.0, 100.0), [10.0, 23.0, 36.0]);
        assert_eq!(spread(&[98.0, 99.0], 0.0, 100.0), [87.0, 100.0]);
        assert_eq!(spread(&[-5.0], 0.0, 100.0), [0.0]);
    }
}
