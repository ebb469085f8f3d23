//! Under the map: what shapes and colours mean, how sizes change with the lens, who is on the front.

use std::sync::Arc;

use eframe::egui::accesskit::Role;
use eframe::egui::text::{LayoutJob, TextFormat, TextWrapping};
use eframe::egui::{Align2, Color32, Galley, Pos2, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::{scene, words};
use crate::app::State;
use crate::app::map::SizeClass;
use crate::estimate::FitClass;
use crate::language::tr;
use crate::ui::theme::{Text, Tokens, space};
use crate::ui::verdict;

/// Height of a line.
const LINE: f32 = 20.0;

/// The least height of plot and legend together at which sentences stand under the plot: below it they are said where
/// the pointer rests, and the plot has their room.
const WITH_SENTENCES: f32 = 480.0;

/// What stands under the plot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Legend {
    /// Sizes have a line of their own.
    sizes: bool,
    /// How the sizes change, where they have a line, and who is on the front.
    sentences: bool,
}

impl Legend {
    /// What there is room for in `height`, beside the plot.
    pub fn within(state: &State, height: f32) -> Self {
        let sizes = state.settings.map.lens.limits().is_some();
        Self { sizes, sentences: !sizes || height >= WITH_SENTENCES }
    }

    /// Height of all of it.
    pub fn height(self) -> f32 {
        let lines = match (self.sizes, self.sentences) {
            (false, _) | (true, false) => 2.0,
            (true, true) => 4.0,
        };
        LINE * lines + space::XS
    }

    pub fn show(self, ui: &mut Ui, state: &State, rect: Rect) {
        show(self, ui, state, rect);
    }
}

fn show(legend: Legend, ui: &mut Ui, state: &State, rect: Rect) {
    let map = &state.map.map;
    let t = Tokens::of(ui);
    let mut y = rect.top() + space::XS;
    let mut spoken = Vec::new();
    let mut line = |ui: &mut Ui, draw: &dyn Fn(&mut Ui, Rect) -> String| {
        let area = Rect::from_min_size(pos2(rect.left(), y), vec2(rect.width(), LINE));
        spoken.push(draw(ui, area));
        y += LINE;
    };
    line(ui, &|ui, area| shapes(ui, state, area));
    let mut changes = String::new();
    if let Some(limits) = state.settings.map.lens.limits() {
        line(ui, &|ui, area| sizes(ui, state, limits, area));
        changes = map.classes.sentence();
        if legend.sentences {
            line(ui, &|ui, area| sentence_in(ui, area, ["", &changes], t.text_2));
        } else {
            spoken.push(changes.clone());
        }
    }
    if legend.sentences {
        let [head, members] = words::front(state, map, 40);
        let area = Rect::from_min_size(pos2(rect.left(), y), vec2(rect.width(), LINE));
        sentence_in(ui, area, [&head, &members], t.text);
    }
    let [head, members] = words::front(state, map, usize::MAX);
    let front = format!("{head} {members}");
    let response = ui.interact(rect, ui.scope_id().with("map legend"), Sense::hover());
    spoken.push(front.trim().to_owned());
    spoken.retain(|text| !text.is_empty());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, spoken.join(". ")));
    if !members.is_empty() {
        let hidden =
            if legend.sentences || changes.is_empty() { String::new() } else { format!("{changes}\n") };
        response.on_hover_text(format!("{hidden}{front}"));
    }
}

fn text(ui: &Ui, words: &str, style: Text) -> Arc<Galley> {
    ui.painter().layout_no_wrap(words.to_owned(), style.font(), Color32::PLACEHOLDER)
}

fn write(ui: &Ui, at: Pos2, galley: Arc<Galley>, color: Color32) -> f32 {
    let rect = Align2::LEFT_CENTER.anchor_size(at, galley.size());
    ui.painter().galley(rect.min, galley, color);
    rect.right()
}

/// The verdicts that occur, with their shapes and counts.
fn shapes(ui: &Ui, state: &State, area: Rect) -> String {
    let t = Tokens::of(ui);
    let map = &state.map.map;
    let by_lens = state.settings.map.lens.limits().is_some();
    let mut x = area.left();
    let mut said = Vec::new();
    for class in FitClass::ALL.into_iter().filter(|class| map.counts.of(*class) > 0) {
        let shape = verdict(class);
        let words = format!("{} {}", shape.word(), map.counts.of(class));
        let galley = text(ui, &words, Text::Small);
        if x + 18.0 + galley.size().x > area.right() {
            break;
        }
        let color = if by_lens { t.text_2 } else { shape.text(t) };
        shape.paint(ui.painter(), pos2(x + 6.0, area.center().y), color);
        x = write(ui, pos2(x + 16.0, area.center().y), galley, t.text_2) + space::L;
        said.push(words);
    }
    hint(ui, area, x);
    tr!("Shapes: {said}", said = said.join(", "))
}

/// How the map is used, where there is room for it.
fn hint(ui: &Ui, area: Rect, from: f32) {
    let hints = [
        tr!("Drag picks, Shift adds, Ctrl draws a lasso · wheel zooms, right drag moves"),
        tr!("Drag picks · wheel zooms"),
    ];
    let t = Tokens::of(ui);
    for hint in hints {
        let galley = text(ui, hint, Text::Small);
        let rect = Align2::RIGHT_CENTER.anchor_size(area.right_center(), galley.size());
        if rect.left() > from + space::M {
            ui.painter().galley(rect.min, galley, t.text_3);
            return;
        }
    }
}

/// The size classes with their limits and counts.
fn sizes(ui: &Ui, state: &State, limits: &crate::app::map::lens::Limits, area: Rect) -> String {
    let t = Tokens::of(ui);
    let classes = &state.map.map.classes;
    let mut x = area.left();
    let mut said = Vec::new();
    for class in SizeClass::ALL {
        let words = format!("{}, {}: {}", class.word(), limits.range_text(class), classes.of(class));
        let radius = 5.5 * scene::size_scale(Some(class)) * 0.9;
        ui.painter().circle_filled(pos2(x + 6.0, area.center().y), radius, t.size_class[class as usize]);
        x = write(ui, pos2(x + 16.0, area.center().y), text(ui, &words, Text::Small), t.text_2) + space::L;
        said.push(words);
    }
    write(ui, pos2(x, area.center().y), text(ui, &limits.unit, Text::Small), t.text_3);
    tr!("Size in {unit}: {said}", unit = limits.unit, said = said.join(", "))
}

/// One line with an ellipsis where it is cut.
fn sentence_in(ui: &Ui, area: Rect, [head, rest]: [&str; 2], color: Color32) -> String {
    let t = Tokens::of(ui);
    let mut job = LayoutJob::default();
    if !head.is_empty() {
        job.append(head, 0.0, TextFormat::simple(Text::Small.font(), t.text_2));
    }
    let gap = if head.is_empty() { 0.0 } else { 4.0 };
    job.append(rest, gap, TextFormat::simple(Text::SmallMedium.font(), color));
    job.wrap = TextWrapping::truncate_at_width(area.width());
    let galley = ui.painter().layout_job(job);
    write(ui, area.left_center(), galley, color);
    format!("{head} {rest}").trim().to_owned()
}
