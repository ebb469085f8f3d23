//! Until when a text that was laid out may be painted.

use eframe::egui::Ui;

/// What laid-out texts depend on besides their words. A galley points into the font atlas, so it must not outlive a
/// clearing of the atlas, which shows as a fill that has shrunk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stamp {
    pass: u64,
    pixels_per_point: f32,
    dark: bool,
    atlas_fill: f32,
}

impl Stamp {
    /// That of this frame.
    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method alone is not general enough")]
    pub fn of(ui: &Ui) -> Self {
        Self {
            pass: ui.cumulative_pass_nr(),
            pixels_per_point: ui.pixels_per_point(),
            dark: ui.visuals().dark_mode,
            atlas_fill: ui.fonts(|fonts| fonts.font_atlas_fill_ratio()),
        }
    }

    /// Whether texts of the frame of this stamp may be painted in that of `now`.
    pub fn lasts_until(&self, now: &Self) -> bool {
        now.pass <= self.pass + 1
            && now.pixels_per_point == self.pixels_per_point
            && now.dark == self.dark
            && now.atlas_fill >= self.atlas_fill
    }
}
