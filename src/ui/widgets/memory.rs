//! The memory bar of a detail: parts stacked on a common scale, with the load line.

use eframe::egui::accesskit::Role;
use eframe::egui::{
    Align2, Color32, CornerRadius, Painter, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2,
    vec2,
};

use super::{Verdict, paint};
use crate::language::{noun_inside, tr};
use crate::ui::theme::{Text, Tokens, radius, size, space};
use crate::units::{Bytes, gib_text};

/// Names of the parts, in their order.
fn part_names() -> [&'static str; 4] {
    [tr!("Weights"), tr!("KV cache"), tr!("Compute"), tr!("Overhead")]
}

/// What one device holds.
#[derive(Clone, Copy, Debug)]
pub struct DeviceMemory<'a> {
    /// "RTX 3060", "RAM".
    pub name: &'a str,
    /// Weights, KV cache (with recurrent state), compute, overhead.
    pub parts: [Bytes; 4],
    /// What a model may take: where the load line stands.
    pub free: Bytes,
    /// All of it; what lies between `free` and `total` is held by others.
    pub total: Bytes,
    /// Who those are, spoken, and shown on their hatched end; may be empty.
    pub others: &'a str,
    /// What it is made of, on hover; may be empty.
    pub why: &'a str,
}

impl DeviceMemory<'_> {
    fn need(&self) -> Bytes {
        self.parts.iter().copied().sum()
    }

    /// What is past the line.
    fn over(&self) -> Bytes {
        self.need().saturating_sub(self.free)
    }

    /// "RTX 3060: weights 8.5, KV cache 2.5, compute 0.4, overhead 0.4; total 11.8 of 11.1 GiB free".
    fn sentence(&self) -> String {
        let parts = part_names().into_iter().zip(self.parts).filter(|(_, size)| *size > Bytes::ZERO);
        let parts: Vec<String> = parts
            .map(|(name, size)| {
                // "KV" keeps its capitals.
                let name = if name.starts_with("KV") { name.to_owned() } else { noun_inside(name) };
                format!("{name} {}", gib_text(size))
            })
            .collect();
        let total =
            tr!("total {need} of {free} GiB free", need = gib_text(self.need()), free = gib_text(self.free));
        let others = if self.others.is_empty() { String::new() } else { format!("; {}", self.others) };
        if parts.is_empty() {
            format!("{}: {total}{others}", self.name)
        } else {
            format!("{}: {}; {total}{others}", self.name, parts.join(", "))
        }
    }
}

/// One bar a device, on a common scale: a GiB is as long on each, but a bar that would dwarf the others is
/// broken, with two slashes, before its load line. Below them the legend.
///
/// One device is drawn 28 high with the label on its load line; several 18 high, each with a line above:
/// name, what it takes and what is free. For the body of a [`card`](super::card).
pub fn memory_bars(ui: &mut Ui, devices: &[DeviceMemory<'_>]) -> Response {
    let scale = scale(devices);
    let response = ui
        .vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            match devices {
                [one] => single(ui, one, scale),
                several => {
                    for device in several {
                        labelled_bar(ui, device, scale);
                    }
                    ui.add_space(4.0);
                }
            }
            legend(ui, devices);
        })
        .response;
    response.widget_info(|| {
        let sentences: Vec<String> = devices.iter().map(DeviceMemory::sentence).collect();
        WidgetInfo::labeled(
            Role::GraphicsDocument,
            true,
            tr!("Memory: {sentences}", sentences = sentences.join(". ")),
        )
    });
    response
}

/// The GiB over the whole width: the longest bar, or less where it is too long beside the shortest.
fn scale(devices: &[DeviceMemory<'_>]) -> f64 {
    /// Times the shortest bar that another may be long before it is broken.
    const LONGEST: f64 = 6.0;
    /// What a broken bar keeps for its slashes and its end, as a share of what is in it.
    const END: f64 = 1.25;
    let lengths = || devices.iter().map(|device| device.total.max(device.need()).gib());
    let (shortest, longest) = (lengths().fold(f64::INFINITY, f64::min), lengths().fold(0.0, f64::max));
    let need = devices.iter().map(|device| device.need().gib()).fold(0.0, f64::max);
    longest.min((shortest * LONGEST).max(need * END))
}

fn single(ui: &mut Ui, device: &DeviceMemory<'_>, scale: f64) {
    let t = Tokens::of(ui);
    let wanted = vec2(ui.available_width(), 20.0 + 28.0 + 7.0);
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::hover());
    let bar = Rect::from_min_size(rect.min + vec2(0.0, 20.0), vec2(rect.width(), 28.0));
    let drawn = bar_with_line(ui, bar, device, scale, 46.0);
    explain(response, device, &drawn);
    let painter = ui.painter();
    let label =
        paint::galley(painter, &tr!("{free} GiB free", free = gib_text(device.free)), Text::Label, t.text);
    let right = (drawn.line + size::LOAD_LINE).max(rect.left() + label.size().x);
    let at = Align2::RIGHT_CENTER.anchor_size(pos2(right, rect.top() + 8.0), label.size());
    painter.galley(at.min, label, t.text);
}

fn labelled_bar(ui: &mut Ui, device: &DeviceMemory<'_>, scale: f64) {
    let t = Tokens::of(ui);
    let wanted = vec2(ui.available_width(), 19.0 + 18.0 + 6.0);
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::hover());
    let painter = ui.painter();
    let y = rect.top() + 7.0;
    let name = pos2(rect.left(), y);
    let name = paint::text(painter, name, Align2::LEFT_CENTER, device.name, Text::Label, t.text);
    let words =
        tr!("{need} of {free} GiB free", need = gib_text(device.need()), free = gib_text(device.free));
    let words_at = pos2(name.right() + 10.0, y);
    let words = paint::text(painter, words_at, Align2::LEFT_CENTER, &words, Text::Cell, t.text_2);
    if device.over() > Bytes::ZERO {
        over_text(painter, pos2(rect.right().max(words.right()), y), device.over(), t);
    }
    let bar = Rect::from_min_size(rect.min + vec2(0.0, 19.0), vec2(rect.width(), 18.0));
    let drawn = bar_with_line(ui, bar, device, scale, 30.0);
    explain(response, device, &drawn);
}

/// On the hatched end who holds it, elsewhere what the bar is made of.
fn explain(response: Response, device: &DeviceMemory<'_>, drawn: &Drawn) {
    let pointer = response.hover_pos();
    let at_others = !device.others.is_empty() && pointer.is_some_and(|at| at.x >= drawn.others_from);
    let text = if at_others { device.others } else { device.why };
    if !text.is_empty() {
        response.on_hover_text(text);
    }
}

/// Where things of a bar came to stand.
struct Drawn {
    /// Left edge of the load line.
    line: f32,
    /// Where what others hold begins.
    others_from: f32,
}

fn over_text(painter: &Painter, right_center: eframe::egui::Pos2, over: Bytes, t: &Tokens) -> Rect {
    let words = tr!("{over} GiB over", over = gib_text(over));
    let color = Verdict::Offload.text(t);
    paint::text(painter, right_center, Align2::RIGHT_CENTER, &words, Text::SmallStrong, color)
}

/// Paints the bar into `room`.
fn bar_with_line(ui: &Ui, room: Rect, device: &DeviceMemory<'_>, scale: f64, numbers_from: f32) -> Drawn {
    let t = Tokens::of(ui);
    let painter = ui.painter();
    let x = |size: Bytes| {
        let share = if scale > 0.0 { (size.gib() / scale) as f32 } else { 0.0 };
        paint::snap_x(ui, room.left() + share.min(1.0) * room.width())
    };
    let piece = |left: f32, right: f32| {
        paint::snap(ui, Rect::from_min_max(pos2(left, room.top()), pos2(right, room.bottom())))
    };

    // A broken bar ends with its load line and what others hold, out of scale.
    let broken = device.total.gib() > scale * 1.0001;
    let broken_end = room.right() - if device.free < device.total { 16.0 } else { size::LOAD_LINE };
    let limit = if broken { broken_end } else { x(device.free.min(device.total)) };

    let all = piece(room.left(), x(device.total));
    painter.rect(all, radius::CONTROL, t.bg, Stroke::new(size::LINE, t.line), StrokeKind::Inside);
    let others = piece(limit, x(device.total));
    if others.width() >= 3.0 {
        let end = CornerRadius { nw: 0, sw: 0, ne: 4, se: 4 };
        paint::hatch(painter, others, end, t);
    }

    let mut sum = Bytes::ZERO;
    for (place, size) in device.parts.into_iter().enumerate() {
        if size == Bytes::ZERO {
            continue;
        }
        let left = if sum == Bytes::ZERO { x(sum) } else { x(sum) + 1.0 };
        sum += size;
        let part = piece(left, x(sum));
        if part.width() < 1.0 {
            continue;
        }
        let first = left <= room.left();
        if !first {
            // The gap shows the ground between two parts, also where the bar lies over the hatch.
            painter.rect_filled(piece(left - 1.0, left), CornerRadius::ZERO, t.bg);
        }
        let corner = if first { 5 } else { 0 };
        let (fill, ink) = part_colors(place, t);
        painter.rect_filled(part, CornerRadius { nw: corner, sw: corner, ne: 0, se: 0 }, fill);
        let number = paint::galley(painter, &gib_text(size), Text::BestCell, ink);
        if part.width() > numbers_from && part.width() > number.size().x + 6.0 {
            let at = Align2::CENTER_CENTER.anchor_size(part.center(), number.size());
            painter.galley(at.min, number, ink);
        }
    }

    if broken {
        for back in [22.0, 16.0] {
            let slash = [pos2(limit - back, room.bottom() + 1.0), pos2(limit - back + 5.0, room.top() - 1.0)];
            painter.line_segment(slash, Stroke::new(2.5, t.card));
        }
    }
    let line = if broken { limit } else { x(device.free).min(room.right() - size::LOAD_LINE) };
    let (above, below) = if room.height() > 20.0 { (5.0, 4.0) } else { (3.0, 3.0) };
    if device.over() > Bytes::ZERO {
        let end = x(device.need()).max(line + 8.0);
        let under = Rect::from_min_max(
            pos2(line, room.bottom() + below - 1.0),
            pos2(end, room.bottom() + below + 2.0),
        );
        painter.rect_filled(paint::snap(ui, under), CornerRadius::same(1), Verdict::Offload.fill(t));
    }
    paint::load_line(ui, painter, line, room.top() - above, room.bottom() + below);
    // A sliver of others is still to be found by the pointer.
    let others_from = if device.free < device.total { limit.min(all.right() - 8.0) } else { f32::INFINITY };
    Drawn { line, others_from }
}

/// Fill of a part, and the colour of the number on it.
fn part_colors(place: usize, t: &Tokens) -> (Color32, Color32) {
    match place {
        0 => (t.part.weights, t.on_dark),
        1 => (t.part.kv_cache, t.on_light),
        2 => (t.part.compute, if t.dark { t.on_light } else { t.on_dark }),
        _ => (t.part.overhead, if t.dark { t.on_dark } else { t.on_light }),
    }
}

/// The parts that occur, others' memory, and what is past the line of a single device; in as many lines as
/// it takes.
fn legend(ui: &mut Ui, devices: &[DeviceMemory<'_>]) {
    const SWATCH: f32 = 8.0;
    const LINE: f32 = 12.0;
    let t = Tokens::of(ui);
    let (mut rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), LINE), Sense::hover());
    let painter = ui.painter().clone();
    let painter = &painter;
    let mut y = rect.top() + 8.0;
    let mut right = rect.right();
    if let [one] = devices
        && one.over() > Bytes::ZERO
    {
        right = over_text(painter, pos2(rect.right(), y), one.over(), t).left() - 8.0;
    }
    let mut entries: Vec<(&str, Color32)> = Vec::new();
    for (place, name) in part_names().into_iter().enumerate() {
        if devices.iter().any(|device| device.parts[place] > Bytes::ZERO) {
            entries.push((name, part_colors(place, t).0));
        }
    }
    if devices.iter().any(|device| device.total > device.free) {
        entries.push((tr!("Others"), t.line_strong));
    }
    let mut left = rect.left();
    for (name, color) in entries {
        let word = paint::galley(painter, name, Text::Small, t.text_2);
        if left > rect.left() && left + SWATCH + 4.0 + word.size().x > right {
            ui.add_space(space::XS);
            (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), LINE), Sense::hover());
            (left, right, y) = (rect.left(), rect.right(), rect.top() + 8.0);
        }
        let swatch = Rect::from_center_size(pos2(left + SWATCH / 2.0, y), vec2(SWATCH, SWATCH));
        painter.rect_filled(paint::snap(ui, swatch), CornerRadius::same(2), color);
        let at = pos2(left + SWATCH + 4.0, y);
        left = paint::text(painter, at, Align2::LEFT_CENTER, name, Text::Small, t.text_2).right() + 13.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_that_would_dwarf_the_others_is_broken() {
        let device = |need: f64, total: f64| DeviceMemory {
            name: "",
            parts: [Bytes::from_gib(need), Bytes::ZERO, Bytes::ZERO, Bytes::ZERO],
            free: Bytes::from_gib(total),
            total: Bytes::from_gib(total),
            others: "",
            why: "",
        };
        assert_eq!(scale(&[device(8.0, 12.0), device(1.0, 64.0)]), 64.0, "as it is");
        assert_eq!(scale(&[device(8.0, 12.0), device(1.0, 512.0)]), 72.0, "six times the shortest");
        assert_eq!(scale(&[device(8.0, 12.0), device(200.0, 512.0)]), 250.0, "what is in it stays whole");
        assert_eq!(scale(&[device(8.0, 12.0), device(600.0, 512.0)]), 600.0, "and all of what is too much");
        assert_eq!(scale(&[device(8.0, 512.0)]), 512.0);
        assert_eq!(scale(&[]), 0.0);
    }

    #[test]
    fn the_sentence_names_each_part_that_is_there() {
        let device = DeviceMemory {
            name: "RTX 3060",
            parts: [Bytes::from_gib(8.5), Bytes::from_gib(2.5), Bytes::ZERO, Bytes::from_gib(0.8)],
            free: Bytes::from_gib(11.1),
            total: Bytes::from_gib(12.0),
            others: "",
            why: "",
        };
        assert_eq!(
            device.sentence(),
            "RTX 3060: weights 8.5, KV cache 2.5, overhead 0.8; total 11.8 of 11.1 GiB free"
        );
        assert_eq!(gib_text(device.over()), "0.7");
        let idle = DeviceMemory { parts: [Bytes::ZERO; 4], ..device };
        assert_eq!(idle.sentence(), "RTX 3060: total 0.0 of 11.1 GiB free");
        let held = DeviceMemory { others: "0.90 GiB not free: 0.9 GiB used by others", ..idle };
        assert!(held.sentence().ends_with("of 11.1 GiB free; 0.90 GiB not free: 0.9 GiB used by others"));
    }
}
