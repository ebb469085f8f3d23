//! What the tiles mean.

use eframe::egui::accesskit::Role;
use eframe::egui::{Align2, CornerRadius, Rect, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::View;
use crate::ui::theme::{Text, Tokens, size, space};
use crate::ui::widgets::{Tile, Verdict};
use crate::units::Bytes;

/// Room at the sides, into which the line above the legend reaches: the page's margin.
const MARGIN: f32 = space::M;

struct Entry {
    verdict: Verdict,
    share: f32,
    best: bool,
    words: &'static str,
}

impl Entry {
    const fn new(verdict: Verdict, share: f32, words: &'static str) -> Self {
        Self { verdict, share, best: false, words }
    }
}

pub(super) fn paint(ui: &mut Ui, rect: Rect, view: &View<'_>) {
    let t = Tokens::of(ui);
    let line = rect.expand2(vec2(MARGIN, 0.0)).intersect(ui.clip_rect()).x_range();
    ui.painter().hline(line, rect.top() + 0.5, Stroke::new(size::LINE, t.line));

    let has_gpu = view.grid.has_gpu();
    let entries: &[Entry] = if has_gpu {
        &[
            Entry::new(Verdict::Fits, 1.0, "fits"),
            Entry::new(Verdict::Tight, 1.0, "tight"),
            Entry::new(Verdict::Offload, 0.46, "spills; filled = share on the GPU"),
            Entry::new(Verdict::Disk, 0.0, "disk"),
            Entry::new(Verdict::TooBig, 0.0, "too big"),
            Entry { verdict: Verdict::Fits, share: 1.0, best: true, words: "best of its row" },
        ]
    } else {
        &[
            Entry::new(Verdict::Cpu, 1.0, "runs from RAM"),
            Entry::new(Verdict::Disk, 0.0, "disk"),
            Entry::new(Verdict::TooBig, 0.0, "too big"),
            Entry { verdict: Verdict::Cpu, share: 1.0, best: true, words: "best of its row" },
        ]
    };
    let painter = ui.painter_at(rect.expand2(vec2(MARGIN, 0.0)));
    let y = rect.center().y;
    let mut x = rect.left();
    let mut spoken = Vec::with_capacity(entries.len() + 1);
    for entry in entries {
        // What has no tile needs no tile's room.
        let width = if entry.verdict.recedes() { 12.0 } else { 26.0 };
        let tile = Rect::from_min_size(super::snapped(ui, pos2(x, y - 8.0)), vec2(width, 16.0));
        Tile { verdict: entry.verdict, share: entry.share, best: entry.best }.paint(&painter, tile, t, "");
        let at = pos2(tile.right() + 6.0, y);
        let words = painter.text(at, Align2::LEFT_CENTER, entry.words, Text::Small.font(), t.text_2);
        x = words.right() + space::L;
        spoken.push(entry.words.to_owned());
    }
    if let Some(capacity) = capacity(view) {
        let stroke = Rect::from_min_size(super::snapped(ui, pos2(x, y - 8.0)), vec2(size::LOAD_LINE, 16.0));
        painter.rect_filled(stroke, CornerRadius::ZERO, t.text);
        let words = format!("load line: {capacity} free");
        painter.text(pos2(x + 8.0, y), Align2::LEFT_CENTER, &words, Text::Small.font(), t.text_2);
        spoken.push(words);
    }
    let response = ui.interact(rect, ui.scope_id().with("matrix legend"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("Legend: {}", spoken.join(", "))));
}

/// What the load line stands for.
fn capacity(view: &View<'_>) -> Option<Bytes> {
    let rig = &view.grid.asked()?.rig;
    Some(if rig.devices.is_empty() { rig.host.free } else { rig.device_free() })
}
