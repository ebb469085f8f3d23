//! What the tiles mean.

use std::sync::Arc;

use eframe::egui::accesskit::Role;
use eframe::egui::{Align2, CornerRadius, Galley, Rect, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::{MARGIN, View};
use crate::language::{self, mark, tr};
use crate::ui::theme::{Text, Tokens, size, space};
use crate::ui::widgets::{Tile, Verdict};
use crate::units::Bytes;

/// Between a tile and its words.
const TEXT_GAP: f32 = 6.0;

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

    /// What has no tile needs no tile's room.
    const fn width(&self) -> f32 {
        if self.verdict.recedes() { 12.0 } else { 26.0 }
    }
}

pub(super) fn paint(ui: &mut Ui, rect: Rect, view: &View<'_>) {
    let t = Tokens::of(ui);
    let line = rect.expand2(vec2(MARGIN, 0.0)).intersect(ui.clip_rect()).x_range();
    ui.painter().hline(line, rect.top() + 0.5, Stroke::new(size::LINE, t.line));

    let has_gpu = view.grid.has_gpu();
    let entries: &[Entry] = if has_gpu {
        &[
            Entry::new(Verdict::Fits, 1.0, mark!("fits")),
            Entry::new(Verdict::Tight, 1.0, mark!("tight")),
            Entry::new(Verdict::Offload, 0.46, mark!("spills; filled = share on the GPU")),
            Entry::new(Verdict::Disk, 0.0, mark!("disk")),
            Entry::new(Verdict::TooBig, 0.0, mark!("too big")),
            Entry { verdict: Verdict::Fits, share: 1.0, best: true, words: mark!("best of its row") },
        ]
    } else {
        &[
            Entry::new(Verdict::Cpu, 1.0, mark!("runs from RAM")),
            Entry::new(Verdict::Disk, 0.0, mark!("disk")),
            Entry::new(Verdict::TooBig, 0.0, mark!("too big")),
            Entry { verdict: Verdict::Cpu, share: 1.0, best: true, words: mark!("best of its row") },
        ]
    };
    let painter = ui.painter_at(rect.expand2(vec2(MARGIN, 0.0)));
    let lay_out = |words: String| painter.layout_no_wrap(words, Text::Small.font(), t.text_2);
    let words: Vec<_> = entries.iter().map(|entry| lay_out(language::text(entry.words).to_owned())).collect();
    let line = capacity(view).map(|capacity| lay_out(tr!("load line: {capacity} free", capacity)));

    // The gaps give way before anything is cut.
    let texts: f32 = words.iter().chain(&line).map(|galley| galley.size().x).sum();
    let tiles: f32 = entries.iter().map(|entry| entry.width() + TEXT_GAP).sum();
    let gaps = entries.len() as f32;
    let gap = ((rect.width() - texts - tiles - size::LOAD_LINE - TEXT_GAP) / gaps).clamp(space::XS, space::L);

    let y = rect.center().y;
    let mut x = rect.left();
    let write = |x: f32, galley: &Arc<Galley>| {
        let min = Align2::LEFT_CENTER.anchor_size(pos2(x, y), galley.size()).min;
        painter.galley(min, Arc::clone(galley), t.text_2);
        x + galley.size().x
    };
    for (entry, words) in entries.iter().zip(&words) {
        let tile = Rect::from_min_size(super::snapped(ui, pos2(x, y - 8.0)), vec2(entry.width(), 16.0));
        Tile { verdict: entry.verdict, share: entry.share, best: entry.best }.paint(&painter, tile, t, "");
        x = write(tile.right() + TEXT_GAP, words) + gap;
    }
    let mut spoken: Vec<&str> = entries.iter().map(|entry| language::text(entry.words)).collect();
    if let Some(line) = &line {
        let stroke = Rect::from_min_size(super::snapped(ui, pos2(x, y - 8.0)), vec2(size::LOAD_LINE, 16.0));
        painter.rect_filled(stroke, CornerRadius::ZERO, t.text);
        write(stroke.right() + TEXT_GAP, line);
        spoken.push(line.text());
    }
    let response = ui.interact(rect, ui.scope_id().with("matrix legend"), Sense::hover());
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Label, true, tr!("Legend: {spoken}", spoken = spoken.join(", ")))
    });
}

/// What the load line stands for.
fn capacity(view: &View<'_>) -> Option<Bytes> {
    let rig = &view.grid.asked()?.rig;
    Some(if rig.devices.is_empty() { rig.host.free } else { rig.device_free() })
}
