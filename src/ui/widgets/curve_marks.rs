//! Measured speeds beside a curve: hollow diamonds, one label a series.

use eframe::egui::{Align2, Color32, Pos2, Rect, Shape, Stroke, Ui, pos2, vec2};
use egui_plot::{PlotPoint, PlotTransform};

use super::curve::{CurveMark, SpeedCurve, log2, number, rough_tokens};
use super::paint;
use crate::language::tr;
use crate::ui::theme::{Text, Tokens};

/// Half of a diamond's width.
pub(super) const RADIUS: f32 = 4.5;
/// From a diamond to its label, and between labels.
const GAP: f32 = 5.0;

/// Draws the diamonds, then the labels where they cover nothing.
pub(super) fn draw(ui: &Ui, curve: &SpeedCurve<'_>, field: Rect, transform: &PlotTransform) {
    let t = Tokens::of(ui);
    let painter = ui.painter();
    let places: Vec<Pos2> = curve.marks.iter().map(|mark| place(curve, mark, field, transform)).collect();
    for (mark, &at) in curve.marks.iter().zip(&places) {
        let corners = [vec2(0.0, -RADIUS), vec2(RADIUS, 0.0), vec2(0.0, RADIUS), vec2(-RADIUS, 0.0)];
        let fill: Color32 = if mark.own { t.text } else { t.card };
        let stroke = Stroke::new(1.5, if mark.own { t.text } else { t.text_2 });
        painter.add(Shape::convex_polygon(corners.map(|corner| at + corner).to_vec(), fill, stroke));
    }
    let mut taken: Vec<Rect> =
        places.iter().map(|&at| Rect::from_center_size(at, vec2(2.0, 2.0) * (RADIUS + 1.0))).collect();
    let mut named: Vec<&str> = Vec::new();
    for (mark, &at) in curve.marks.iter().zip(&places) {
        if named.contains(&mark.series) {
            continue;
        }
        let words = paint::galley(painter, mark.series, Text::Small, t.text_2);
        let Some(rect) = label(curve, mark, at, words.size(), field, transform, &taken) else { continue };
        painter.galley(rect.min, words, t.text_2);
        taken.push(rect.expand(GAP / 2.0));
        named.push(mark.series);
    }
}

/// Where a mark stands: what is outside the axes stands at their edge.
fn place(curve: &SpeedCurve<'_>, mark: &CurveMark<'_>, field: Rect, transform: &PlotTransform) -> Pos2 {
    let first = curve.points.first().map_or(1.0, |point| f64::from(point.context));
    let x = mark.depth.max(first).log2();
    let at = transform.position_from_point(&PlotPoint::new(x, mark.speed));
    pos2(at.x.clamp(field.left(), field.right()), at.y.clamp(field.top(), field.bottom()))
}

/// A place for a label, away from the curve and from all that is there: right of the mark or left of it, on the side
/// of the curve that the mark is on.
fn label(
    curve: &SpeedCurve<'_>,
    mark: &CurveMark<'_>,
    at: Pos2,
    size: eframe::egui::Vec2,
    field: Rect,
    transform: &PlotTransform,
    taken: &[Rect],
) -> Option<Rect> {
    let first = curve.points.first().map_or(1, |point| point.context);
    let here = curve.at((mark.depth.round() as u32).max(first));
    let above = here.is_none_or(|here| mark.speed >= here.mid);
    let lines = |x: f32| {
        let context = transform.value_from_position(pos2(x, 0.0)).x.exp2().round() as u32;
        let there = curve.at(context)?;
        Some(transform.position_from_point(&PlotPoint::new(log2(context), there.mid)).y)
    };
    let offsets =
        [0.0, 1.0, 2.0, 3.0].map(|steps: f32| steps * (size.y + GAP) * if above { -1.0 } else { 1.0 });
    let sides = [(Align2::LEFT_CENTER, RADIUS + GAP), (Align2::RIGHT_CENTER, -RADIUS - GAP)];
    offsets.into_iter().flat_map(|dy| sides.map(|side| (dy, side))).find_map(|(dy, (align, dx))| {
        let rect = align.anchor_size(at + vec2(dx, dy), size);
        let crosses = |x: f32| lines(x).is_some_and(|y| (rect.top() - 3.0..rect.bottom() + 3.0).contains(&y));
        let free = field.contains_rect(rect)
            && !taken.iter().any(|other| other.intersects(rect))
            && ![rect.left(), rect.center().x, rect.right()].into_iter().any(crosses);
        free.then_some(rect)
    })
}

/// The mark under the pointer.
pub(super) fn at<'a>(
    curve: &SpeedCurve<'a>,
    pointer: Pos2,
    field: Rect,
    transform: &PlotTransform,
) -> Option<&'a CurveMark<'a>> {
    let near = |mark: &CurveMark<'_>| place(curve, mark, field, transform).distance(pointer);
    let nearest = curve.marks.iter().min_by(|a, b| near(a).total_cmp(&near(b)))?;
    (near(nearest) <= RADIUS + 2.0).then_some(nearest)
}

/// What was measured, how fast, and how deep: for a tooltip.
pub(super) fn words(mark: &CurveMark<'_>) -> String {
    let after = match mark.depth.round() as u32 {
        ..=512 => tr!("with hardly anything in the cache").to_owned(),
        depth => tr!("after {depth} tokens", depth = rough_tokens(depth)),
    };
    let who = if mark.own {
        tr!("Measured here").to_owned()
    } else {
        tr!("Measured, {series}", series = mark.series)
    };
    format!("{who}: {} tok/s {after}", number(mark.speed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_in_words() {
        let mark = CurveMark { depth: 8256.0, speed: 131.4, own: false, series: "llama.cpp Q4_K_M" };
        assert_eq!(words(&mark), "Measured, llama.cpp Q4_K_M: 131 tok/s after 8K tokens");
        let mark = CurveMark { depth: 64.0, own: true, ..mark };
        assert_eq!(words(&mark), "Measured here: 131 tok/s with hardly anything in the cache");
    }
}
