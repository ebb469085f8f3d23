//! egui's own style, made from the tokens.

use eframe::egui::style::{HandleShape, ScrollStyle, WidgetVisuals};
use eframe::egui::{CornerRadius, Margin, Shadow, Stroke, Style, Visuals, vec2};

use super::{MOTION, Text, Tokens, radius, size, space};

/// Sets all of `style` that the program relies on.
pub(super) fn set(style: &mut Style, t: &Tokens) {
    style.text_styles = Text::ALL.into_iter().map(|text| (text.style(), text.font())).collect();
    style.animation_time = MOTION;
    style.visuals = visuals(t);

    // Labels that sense clicks swallow the click on the row they stand in.
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.35;

    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(space::S, space::S);
    spacing.button_padding = vec2(10.0, 5.0);
    spacing.interact_size = vec2(size::CONTROL, size::CONTROL);
    spacing.window_margin = Margin::same(space::L as i8);
    spacing.menu_margin = Margin::same(6);
    spacing.icon_width = size::THUMB;
    spacing.icon_width_inner = 10.0;
    spacing.icon_spacing = space::S;
    spacing.slider_rail_height = size::RAIL;
    spacing.combo_width = 0.0;
    spacing.combo_height = 420.0;
    spacing.tooltip_width = 316.0;
    spacing.scroll = ScrollStyle {
        bar_width: 8.0,
        floating_width: 4.0,
        handle_min_length: 32.0,
        foreground_color: false,
        // Always to be seen: a page that can scroll says so.
        dormant_handle_opacity: 1.0,
        active_handle_opacity: 1.0,
        interact_handle_opacity: 1.0,
        ..ScrollStyle::floating()
    };
}

fn visuals(t: &Tokens) -> Visuals {
    let mut v = if t.dark { Visuals::dark() } else { Visuals::light() };
    let line = |color| Stroke::new(size::LINE, color);

    v.panel_fill = t.panel;
    v.window_fill = t.panel;
    v.window_stroke = line(t.line_strong);
    v.window_corner_radius = radius::WINDOW;
    v.menu_corner_radius = radius::CARD;
    v.popup_shadow = Shadow { offset: [0, 4], blur: 16, spread: 0, color: t.shadow };
    v.window_shadow = Shadow { offset: [0, 8], blur: 32, spread: 0, color: t.shadow };
    v.extreme_bg_color = t.bg;
    v.text_edit_bg_color = Some(t.bg);
    v.faint_bg_color = t.card;
    v.code_bg_color = t.card;
    v.weak_text_color = Some(t.text_3);
    v.hyperlink_color = t.accent;
    v.warn_fg_color = t.fit_text.tight;
    v.error_fg_color = t.error;
    v.selection.bg_fill = t.accent_bg;
    v.selection.stroke = line(t.accent);
    v.text_cursor.stroke = Stroke::new(2.0, t.accent);
    v.ime_composition.active_underline_stroke = Stroke::new(2.0, t.accent);
    v.ime_composition.inactive_underline_stroke = Stroke::new(1.0, t.accent);
    v.slider_trailing_fill = true;
    v.handle_shape = HandleShape::Circle;
    v.striped = false;
    v.indent_has_left_vline = false;

    let base = WidgetVisuals {
        bg_fill: t.card,
        weak_bg_fill: t.card,
        bg_stroke: line(t.line_strong),
        corner_radius: radius::CONTROL,
        fg_stroke: line(t.text_2),
        expansion: 0.0,
    };
    v.widgets.noninteractive = WidgetVisuals {
        bg_fill: t.panel,
        weak_bg_fill: t.panel,
        bg_stroke: line(t.line),
        corner_radius: CornerRadius::ZERO,
        fg_stroke: line(t.text),
        ..base
    };
    // `bg_fill` of the resting widget is a rail, the box of a check box, and the handle of a scroll bar.
    v.widgets.inactive = WidgetVisuals { bg_fill: t.line_strong, ..base };
    v.widgets.hovered =
        WidgetVisuals { bg_fill: t.text_3, weak_bg_fill: t.hover, fg_stroke: line(t.text), ..base };
    v.widgets.active = WidgetVisuals { bg_stroke: line(t.accent), ..v.widgets.hovered };
    v.widgets.open =
        WidgetVisuals { bg_fill: t.hover, weak_bg_fill: t.hover, fg_stroke: line(t.text), ..base };
    v
}
