//! The UI kit: each widget by its role and label, by pointer and by keyboard, and painted.
//!
//! `PLIMSOLL_GALLERY=<folder> cargo test gallery` also writes the gallery's pictures there.

use eframe::egui::accesskit::{Role, Toggled};
use eframe::egui::{self, Color32, Key, Theme, Ui, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use image::RgbaImage;
use plimsoll::ui::theme;
use plimsoll::ui::widgets::{Ladder, SpeedCurve, Verdict, log_slider, memory_bars, memory_cell};
use plimsoll::units::Bytes;

use crate::gallery::{COMMAND, Gallery, memory};
use crate::soft_renderer::SoftRenderer;

/// A harness with the program's theme; `show` draws.
fn harness<'a, S>(size: Vec2, state: S, show: impl FnMut(&mut Ui, &mut S) + 'a) -> Harness<'a, S> {
    Harness::builder()
        .with_size(size)
        .with_max_steps(8)
        .with_context_setup(theme::apply)
        .renderer(SoftRenderer::default())
        .build_ui_state(show, state)
}

fn gallery() -> Harness<'static, Gallery> {
    harness(vec2(1440.0, 900.0), Gallery::default(), |ui, gallery| gallery.show(ui))
}

fn has(picture: &RgbaImage, color: Color32) -> bool {
    picture.pixels().any(|pixel| pixel.0[..3] == [color.r(), color.g(), color.b()])
}

#[test]
fn the_gallery_is_painted_in_both_themes() {
    for (theme, t) in [(Theme::Dark, &theme::DARK), (Theme::Light, &theme::LIGHT)] {
        let mut harness = gallery();
        harness.ctx.set_theme(theme);
        harness.run();
        let picture = harness.render().unwrap();
        for color in [
            t.panel,
            t.bg,
            t.card,
            t.text,
            t.accent,
            t.accent_bg,
            t.fit_fill.fits,
            t.fit_fill.tight,
            t.fit_fill.offload,
            t.fit_fill.no,
            t.part.weights,
            t.part.kv_cache,
            t.part.compute,
            t.tile.fits,
            t.tile.spill,
            t.tile.best_spill_rest,
        ] {
            assert!(has(&picture, color), "{theme:?} lacks {color:?}");
        }
        if let Some(folder) = std::env::var_os("PLIMSOLL_GALLERY") {
            let name = format!("gallery-{theme:?}.png").to_lowercase();
            picture.save(std::path::Path::new(&folder).join(name)).unwrap();
        }
    }
}

#[test]
fn segments_and_tabs_are_radio_buttons() {
    let mut harness = gallery();
    assert_eq!(
        harness.get_by_role_and_label(Role::RadioButton, "Models").accesskit_node().toggled(),
        Some(Toggled::True)
    );
    harness.get_by_role_and_label(Role::RadioButton, "Machine").click();
    harness.run();
    assert_eq!(harness.state().page, 2);
    harness.get_by_role_and_label(Role::RadioButton, "Work").focus();
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().page, 3);
    harness.get_by_role_and_label(Role::RadioButton, "LM Studio").click();
    harness.run();
    assert_eq!(harness.state().engine, 2);
}

#[test]
fn a_ladder_row_reports_its_selection() {
    let mut harness = gallery();
    let row = "Q6_K, 14.6 GiB, 7 tokens per second, quality 99.8 %, offload";
    harness.get_by_role_and_label(Role::RadioButton, row).click();
    harness.run();
    assert_eq!(harness.state().level, Some(5));
    assert_eq!(
        harness.get_by_role_and_label(Role::RadioButton, row).accesskit_node().toggled(),
        Some(Toggled::True)
    );
}

#[test]
fn arrow_keys_walk_the_ladder_and_stop_at_its_ends() {
    let mut harness = gallery();
    let row = "Q4_K_M, 11.8 GiB, 18 tokens per second, quality 99.1 %, offload";
    harness.get_by_role_and_label(Role::RadioButton, row).focus();
    harness.run();
    for (key, level) in [
        (Key::ArrowDown, 4),
        (Key::ArrowDown, 5),
        (Key::End, 6),
        (Key::ArrowDown, 6),
        (Key::ArrowUp, 5),
        (Key::Home, 0),
        (Key::ArrowUp, 0),
    ] {
        harness.key_press(key);
        harness.run();
        assert_eq!(harness.state().level, Some(level), "after {key:?}");
    }
}

#[test]
fn the_slider_goes_step_by_step() {
    let mut harness = gallery();
    harness.get_by_role_and_label(Role::Slider, "Context length").focus();
    harness.run();
    for (key, context) in
        [(Key::ArrowRight, 24_576), (Key::ArrowLeft, 16_384), (Key::End, 1 << 18), (Key::Home, 2048)]
    {
        harness.key_press(key);
        harness.run();
        assert_eq!(harness.state().context, context, "after {key:?}");
    }
    let slider = harness.get_by_role_and_label(Role::Slider, "Context length");
    assert_eq!(slider.value().as_deref(), Some("2K tokens"));
    assert_eq!(slider.accesskit_node().numeric_value(), Some(2048.0));
}

#[test]
fn the_slider_follows_the_pointer() {
    let mut harness = gallery();
    let rect = harness.get_by_role_and_label(Role::Slider, "Context length").rect();
    harness.drag_at(rect.center());
    harness.run();
    // 2K to 256K: the middle of seven octaves lies between 16K and 32K, where the step is 24K.
    assert_eq!(harness.state().context, 24_576);
    harness.hover_at(rect.right_center() + vec2(200.0, 0.0));
    harness.run();
    assert_eq!(harness.state().context, 1 << 18, "a drag past the end stays at the end");
    harness.drop_at(rect.right_center());
}

#[test]
fn a_check_box_is_clicked_on_its_words() {
    let mut harness = gallery();
    let label = "Only what fits on the GPU";
    let check = harness.get_by_role_and_label(Role::CheckBox, label);
    assert_eq!(check.accesskit_node().toggled(), Some(Toggled::False));
    check.click();
    harness.run();
    assert!(harness.state().only_fits);
    assert_eq!(
        harness.get_by_role_and_label(Role::CheckBox, label).accesskit_node().toggled(),
        Some(Toggled::True)
    );
}

#[test]
fn search_takes_text_and_clears_it() {
    let mut harness = gallery();
    harness.get_by_role_and_label(Role::TextInput, "Search models").focus();
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "Search models").type_text("gemma");
    harness.run();
    assert_eq!(harness.state().search, "gemma");
    harness.get_by_role_and_label(Role::Button, "Clear search").click();
    harness.run();
    assert_eq!(harness.state().search, "");
    assert!(harness.query_by_role_and_label(Role::Button, "Clear search").is_none());
}

#[test]
fn a_combo_box_says_its_name_and_answers_with_the_choice() {
    let mut harness = gallery();
    harness.get_by_role_and_label(Role::ComboBox, "KV cache").click();
    harness.run();
    harness.get_by_label("q8_0").click();
    harness.run();
    assert_eq!(harness.state().cache, 1);
}

#[test]
fn buttons_answer() {
    let mut harness = gallery();
    harness.get_by_role_and_label(Role::Button, "Clear filters").click();
    harness.run();
    assert!(harness.state().cleared);
    harness.get_by_role_and_label(Role::Button, "Copy").click();
    harness.step();
    assert!(harness.state().copied);
    let copied = harness
        .output()
        .platform_output
        .commands
        .iter()
        .any(|command| matches!(command, egui::OutputCommand::CopyText(text) if text == COMMAND));
    assert!(copied);
    harness.step();
    assert!(harness.query_by_role_and_label(Role::Button, "Copied").is_some());
}

#[test]
fn painted_figures_say_a_sentence() {
    let harness = gallery();
    for (role, sentence) in [
        (Role::Meter, "VRAM: 11.1 of 12 GiB free"),
        (Role::Meter, "Offload: 17"),
        (Role::Meter, "67.7 GiB, CPU"),
        (Role::Label, "memory needed: 11.8 GiB"),
        (
            Role::GraphicsDocument,
            "Memory: RTX 3060: weights 8.5, KV cache 2.5, compute 0.4, overhead 0.4; \
             total 11.8 of 11.1 GiB free",
        ),
        (
            Role::GraphicsDocument,
            "Speed over context: 34 tokens per second at 2K, 18 at 16K, 6.0 at 40K; \
             spills to RAM past 11K; 4 measurements beside it",
        ),
        (Role::Image, "Too big"),
        (Role::Heading, "Quantization ladder"),
        (Role::Code, COMMAND),
    ] {
        assert!(
            harness.query_all_by_role_and_label(role, sentence).next().is_some(),
            "no {role:?} says {sentence:?}"
        );
    }
}

#[test]
fn a_curve_or_ladder_without_values_is_drawn_all_the_same() {
    let mut harness = harness(vec2(420.0, 300.0), (), |ui, ()| {
        let curve = SpeedCurve {
            id_salt: "none",
            points: &[],
            marks: &[],
            longest_on_gpu: None,
            present: 1,
            height: 120.0,
        };
        curve.show(ui);
        let ladder =
            Ladder { rows: &[], selected: Some(3), line: Bytes::ZERO, line_name: "", second_line: None };
        assert_eq!(ladder.show(ui), None);
        memory_bars(ui, &[]);
        memory_bars(ui, &[memory("RAM", [0.0; 4], 0.0, 0.0)]);
        memory_cell(ui, "n/a", f32::NAN, Verdict::TooBig);
        assert_eq!(log_slider(ui, "None", 1, &[], ""), None);
        let _one = log_slider(ui, "One", 7, &[7], "7");
    });
    harness.run();
    assert!(harness.query_by_label("Speed over context: not available").is_some());
    harness.render().unwrap();
}
