//! What the window looks like: colours, sizes, text styles, fonts, for both themes.
//!
//! [`apply`] once when the window is made; then [`Tokens::of`] gives the colours of the present theme,
//! [`Text`] the text styles, and [`space`], [`size`], [`radius`] the measures. Nothing outside this module
//! names a colour or a font.

mod fonts;
#[cfg(test)]
mod palette;
mod style;
mod text;
mod tokens;

use eframe::egui::{Context, Theme};

pub use text::Text;
pub use tokens::{DARK, Fit, LIGHT, Part, Tile, Tokens};

/// Gaps, in points.
pub mod space {
    /// Inside a group.
    pub const XS: f32 = 4.0;
    /// Between controls.
    pub const S: f32 = 8.0;
    /// Between groups; between cards.
    pub const M: f32 = 12.0;
    /// Margin of a panel; between columns.
    pub const L: f32 = 16.0;
    /// Between figures; margin of a page.
    pub const XL: f32 = 24.0;
}

/// Heights and widths, in points.
pub mod size {
    /// Row of a table.
    pub const ROW: f32 = 30.0;
    /// Header of a table.
    pub const HEADER: f32 = 32.0;
    /// Button, combo box, text field.
    pub const CONTROL: f32 = 28.0;
    /// Tool row above a table.
    pub const TOOL_ROW: f32 = 32.0;
    /// Page switch in the top bar.
    pub const PAGE_SWITCH: f32 = 34.0;
    /// Top bar.
    pub const TOP_BAR: f32 = 52.0;
    /// Left column.
    pub const LEFT: f32 = 248.0;
    /// Right panel: default, narrowest, widest.
    pub const RIGHT: f32 = 420.0;
    /// Narrowest right panel.
    pub const RIGHT_MIN: f32 = 360.0;
    /// Widest right panel.
    pub const RIGHT_MAX: f32 = 560.0;
    /// Below this window width the right panel lies over the centre.
    pub const OVERLAY_BELOW: f32 = 1100.0;
    /// Padding of a card.
    pub const CARD_PADDING: f32 = 14.0;
    /// From a card's top edge to its body, with the title between.
    pub const CARD_HEADER: f32 = 34.0;
    /// Width of a hairline.
    pub const LINE: f32 = 1.0;
    /// Width of the load line.
    pub const LOAD_LINE: f32 = 2.0;
    /// Diameter of a verdict glyph.
    pub const GLYPH: f32 = 12.0;
    /// Row of the quantization ladder.
    pub const LADDER_ROW: f32 = 22.0;
    /// Rail of a slider and of a meter.
    pub const RAIL: f32 = 4.0;
    /// Diameter of a slider's thumb.
    pub const THUMB: f32 = 16.0;
}

/// Corner radii.
pub mod radius {
    use eframe::egui::CornerRadius;

    /// Bars and rails.
    pub const BAR: CornerRadius = CornerRadius::same(3);
    /// Tiles of the matrix.
    pub const TILE: CornerRadius = CornerRadius::same(4);
    /// Segments of a switch.
    pub const SEGMENT: CornerRadius = CornerRadius::same(5);
    /// Buttons, fields, rows.
    pub const CONTROL: CornerRadius = CornerRadius::same(6);
    /// Cards and popups.
    pub const CARD: CornerRadius = CornerRadius::same(8);
    /// Windows and modals.
    pub const WINDOW: CornerRadius = CornerRadius::same(10);
}

/// Seconds a motion takes.
pub const MOTION: f32 = 0.12;

/// Installs fonts and both styles. Call once, before the first frame: styles name fonts.
pub fn apply(ctx: &Context) {
    ctx.set_fonts(fonts::definitions());
    for theme in [Theme::Dark, Theme::Light] {
        ctx.style_mut_of(theme, |style| style::set(style, Tokens::for_dark(theme == Theme::Dark)));
    }
}
