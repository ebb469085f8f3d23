//! The map by pointer: pick by a box or a lasso, zoom, move, select.

use eframe::egui::{
    CornerRadius, CursorIcon, Painter, PointerButton, Pos2, Rect, Response, Shape, Stroke, StrokeKind, Ui,
};

use super::field::{Field, Window};
use super::scene::Scene;
use crate::app::map::MapAction;
use crate::app::{Action, State};
use crate::ui::Actions;
use crate::ui::theme::Tokens;

/// How far from a point it is still meant.
const NEAR: f32 = 12.0;
/// The least extent of a box: less is a click that slipped.
const LEAST: f32 = 5.0;

/// A region that is being drawn around points.
#[derive(Clone, Debug)]
pub(super) enum Drag {
    /// Between two corners.
    Box { from: Pos2, to: Pos2, add: bool },
    /// A line that closes itself.
    Lasso { line: Vec<Pos2>, add: bool },
}

impl Drag {
    fn begin(from: Pos2, lasso: bool, add: bool) -> Self {
        if lasso { Self::Lasso { line: vec![from], add } } else { Self::Box { from, to: from, add } }
    }

    fn go(&mut self, to: Pos2) {
        match self {
            Self::Box { to: end, .. } => *end = to,
            Self::Lasso { line, .. } => {
                if line.last().is_none_or(|last| last.distance(to) > 3.0) {
                    line.push(to);
                }
            }
        }
    }

    const fn adds(&self) -> bool {
        match self {
            Self::Box { add, .. } | Self::Lasso { add, .. } => *add,
        }
    }

    fn is_drawn(&self) -> bool {
        match self {
            Self::Box { from, to, .. } => from.distance(*to) >= LEAST,
            Self::Lasso { line, .. } => line.len() > 2,
        }
    }

    fn contains(&self, at: Pos2) -> bool {
        match self {
            Self::Box { from, to, .. } => Rect::from_two_pos(*from, *to).contains(at),
            Self::Lasso { line, .. } => is_inside(line, at),
        }
    }

    pub fn paint(&self, painter: &Painter, t: &Tokens) {
        let stroke = Stroke::new(1.0, t.accent);
        let fill = t.accent.gamma_multiply(0.12);
        match self {
            Self::Box { from, to, .. } => {
                let rect = Rect::from_two_pos(*from, *to);
                painter.rect(rect, CornerRadius::ZERO, fill, stroke, StrokeKind::Inside);
            }
            Self::Lasso { line, .. } => {
                painter.add(Shape::closed_line(line.clone(), Stroke::new(1.5, t.accent)));
            }
        }
    }
}

/// Whether a point lies within a closed line: a ray to the right crosses it an odd number of times.
fn is_inside(line: &[Pos2], at: Pos2) -> bool {
    let mut inside = false;
    for (place, a) in line.iter().enumerate() {
        let b = line[(place + 1) % line.len()];
        if (a.y > at.y) != (b.y > at.y) && at.x < a.x + (at.y - a.y) / (b.y - a.y) * (b.x - a.x) {
            inside = !inside;
        }
    }
    inside
}

/// Wheel and pinch zoom around the pointer, a drag with another button moves.
pub(super) fn move_view(ui: &Ui, response: &Response, field: &Field<'_>, window: &mut Window) {
    if let Some(pointer) = response.hover_pos() {
        let (pinch, wheel) = ui.input(|input| (input.zoom_delta(), input.smooth_scroll_delta().y));
        let factor = f64::from(pinch) * (f64::from(wheel) * 0.005).exp();
        if (factor - 1.0).abs() > 1e-6 {
            window.zoom(factor, field.places(pointer));
        }
    }
    if response.dragged_by(PointerButton::Secondary) || response.dragged_by(PointerButton::Middle) {
        ui.set_cursor_icon(CursorIcon::Grabbing);
        let by = field.along(response.drag_delta());
        window.pan([-by[0], -by[1]]);
    }
}

/// The point under the pointer: the nearest that is near enough.
pub(super) fn hovered(
    response: &Response,
    field: &Field<'_>,
    scene: &Scene,
    dragging: bool,
) -> Option<usize> {
    let pointer = response.hover_pos().filter(|at| !dragging && field.whole().expand(NEAR).contains(*at))?;
    let near = scene.shown.iter().copied().map(|place| (place, scene.at[place].distance(pointer)));
    // Of several at one place the most downloaded, which comes first.
    near.filter(|(_, distance)| *distance <= NEAR).min_by(|a, b| a.1.total_cmp(&b.1)).map(|(place, _)| place)
}

#[expect(clippy::too_many_arguments, reason = "what is under the pointer and what follows from it")]
pub(super) fn gestures(
    ui: &Ui,
    state: &State,
    response: &Response,
    field: &Field<'_>,
    scene: &Scene,
    hovered: Option<usize>,
    drag: &mut Option<Drag>,
    actions: &mut Actions,
) {
    if hovered.is_some() {
        ui.set_cursor_icon(CursorIcon::PointingHand);
    }
    region(ui, response, field, scene, drag, actions);
    if !response.clicked() && !response.double_clicked() {
        return;
    }
    // A screen reader clicks without a pointer: on the map itself that means its selection.
    if response.interact_pointer_pos().is_none() {
        if state.selected.is_some() {
            actions.push(Action::ShowDetailPage(true));
        }
        return;
    }
    response.request_focus();
    let Some(hovered) = hovered else { return };
    if response.double_clicked() {
        actions.push(Action::ShowDetailPage(true));
    } else {
        actions.push(select(field, hovered, state));
    }
}

/// What choosing a point means: its model, at the level that it is shown at.
pub(super) fn select(field: &Field<'_>, place: usize, state: &State) -> Action {
    let point = &field.map.points[place];
    if state.settings.map.best {
        Action::SelectCell(point.model, point.level)
    } else {
        Action::Select(point.model)
    }
}

fn region(
    ui: &Ui,
    response: &Response,
    field: &Field<'_>,
    scene: &Scene,
    drag: &mut Option<Drag>,
    actions: &mut Actions,
) {
    let modifiers = ui.input(|input| input.modifiers);
    if response.drag_started_by(PointerButton::Primary)
        && let Some(from) = ui.input(|input| input.pointer.press_origin())
    {
        *drag = Some(Drag::begin(from, modifiers.command, modifiers.shift));
    }
    let Some(drawn) = drag else { return };
    if ui.input(|input| input.key_pressed(eframe::egui::Key::Escape)) {
        *drag = None;
        return;
    }
    if let Some(at) = response.interact_pointer_pos() {
        drawn.go(at.clamp(field.whole().min, field.whole().max));
    }
    if response.drag_stopped_by(PointerButton::Primary) {
        if drawn.is_drawn() {
            let inside = scene.shown.iter().filter(|place| drawn.contains(scene.at[**place]));
            let models = inside.map(|place| field.map.points[*place].model).collect();
            actions.push(Action::Map(MapAction::Pick { models, add: drawn.adds() }));
            response.request_focus();
        }
        *drag = None;
    } else if !response.dragged() {
        *drag = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::pos2;

    #[test]
    fn a_lasso_holds_what_it_goes_around() {
        // A horseshoe that is open above.
        let line = [
            (0.0, 0.0),
            (10.0, 0.0),
            (10.0, 30.0),
            (20.0, 30.0),
            (20.0, 0.0),
            (30.0, 0.0),
            (30.0, 40.0),
            (0.0, 40.0),
        ];
        let line: Vec<Pos2> = line.iter().map(|(x, y)| pos2(*x, *y)).collect();
        assert!(is_inside(&line, pos2(5.0, 10.0)) && is_inside(&line, pos2(15.0, 35.0)));
        assert!(!is_inside(&line, pos2(15.0, 10.0)) && !is_inside(&line, pos2(40.0, 10.0)));
    }

    #[test]
    fn a_slip_is_no_box() {
        let mut drag = Drag::begin(pos2(10.0, 10.0), false, false);
        drag.go(pos2(12.0, 11.0));
        assert!(!drag.is_drawn());
        drag.go(pos2(40.0, 2.0));
        assert!(drag.is_drawn() && drag.contains(pos2(20.0, 5.0)) && !drag.contains(pos2(20.0, 15.0)));
    }
}
