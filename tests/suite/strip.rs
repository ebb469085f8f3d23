//! The strip of layers: what it says, and how it looks.

use eframe::egui::accesskit::Role;
use eframe::egui::{self, Frame, Key, Ui, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use plimsoll::ui::theme::{self, Tokens};
use plimsoll::ui::widgets::{LayerStrip, StripColumn, StripKept, StripRule, StripStore, StripWeight, card};

use crate::soft_renderer::SoftRenderer;

/// A column of a hybrid: full attention in each fourth layer.
fn hybrid(layer: usize, experts: StripStore) -> StripColumn<'static> {
    let full = layer % 4 == 3;
    StripColumn {
        store: StripStore::Gpu,
        attention: Some(if full { StripWeight::Full } else { StripWeight::Light }),
        feed_forward: Some(experts),
        kept: if full { StripKept::Cache } else { StripKept::State },
        words: if layer == 0 { "Layer 0: linear attention\nExperts 0.9 GiB in RAM" } else { "another layer" },
    }
}

fn rule(name: &'static str, first: usize, last: usize) -> StripRule<'static> {
    StripRule { name, short: name.rsplit(' ').next().unwrap_or(name), first, last }
}

/// A mixture of experts on two cards; a model of 94 layers partly in main memory; one with windows that
/// streams from disk.
fn strips(ui: &mut Ui) {
    let t = Tokens::of(ui);
    egui::CentralPanel::default().frame(Frame::new().fill(t.panel)).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 12.0;
        let experts = |layer| if layer < 24 { StripStore::Ram } else { StripStore::Gpu };
        let columns: Vec<StripColumn<'_>> = (0..48).map(|layer| hybrid(layer, experts(layer))).collect();
        let rules = [rule("RTX 3090", 0, 39), rule("RTX 3060", 40, 47)];
        show(ui, &rules, &columns, "Experts", "layers 0 to 39 on RTX 3090");

        let store = |layer| if layer < 30 { StripStore::Ram } else { StripStore::Gpu };
        let columns: Vec<StripColumn<'_>> = (0..94)
            .map(|layer| StripColumn {
                store: store(layer),
                attention: Some(StripWeight::Full),
                feed_forward: Some(store(layer)),
                kept: StripKept::Cache,
                words: "",
            })
            .collect();
        let rules = [rule("RAM", 0, 29), rule("RTX 4090", 30, 93)];
        show(ui, &rules, &columns, "Feed-forward", "layers 0 to 29 in RAM");

        let columns: Vec<StripColumn<'_>> = (0..36)
            .map(|layer| StripColumn {
                store: StripStore::Gpu,
                attention: Some(if layer % 2 == 0 { StripWeight::Light } else { StripWeight::Full }),
                feed_forward: Some(StripStore::Disk),
                kept: if layer % 2 == 0 { StripKept::Window } else { StripKept::Cache },
                words: "",
            })
            .collect();
        show(ui, &[rule("RTX 3060", 0, 35)], &columns, "Experts", "layers 0 to 35 on RTX 3060");
    });
}

fn show(ui: &mut Ui, rules: &[StripRule<'_>], columns: &[StripColumn<'_>], feed_forward: &str, spoken: &str) {
    card(ui, "Where it goes", "", |ui| {
        LayerStrip { rules, columns, feed_forward, light: "lighter attention", spoken }.show(ui);
    });
}

fn harness() -> Harness<'static> {
    Harness::builder()
        .with_size(vec2(420.0, 640.0))
        .with_max_steps(8)
        .with_context_setup(theme::apply)
        .renderer(SoftRenderer::default())
        .build_ui(strips)
}

#[test]
fn a_strip_is_one_stop_that_arrows_walk_through() {
    let mut harness = harness();
    let strip =
        harness.get_by_role_and_label(Role::GraphicsDocument, "Where it goes: layers 0 to 39 on RTX 3090");
    strip.focus();
    harness.run();
    harness.key_press(Key::ArrowRight);
    harness.run();
    let first = "Layer 0: linear attention, Experts 0.9 GiB in RAM";
    harness.get_by_role_and_label(Role::GraphicsDocument, first);
    harness.key_press(Key::ArrowLeft);
    harness.run();
    harness.get_by_role_and_label(Role::GraphicsDocument, first);
    harness.key_press(Key::Tab);
    harness.run();
    harness.get_by_role_and_label(Role::GraphicsDocument, "Where it goes: layers 0 to 39 on RTX 3090");
    let other = harness.get_by_role_and_label(Role::GraphicsDocument, "Where it goes: layers 0 to 29 in RAM");
    assert!(other.accesskit_node().is_focused());
}

#[test]
fn a_strip_without_layers_is_drawn_all_the_same() {
    let mut harness = Harness::builder().with_context_setup(theme::apply).build_ui(|ui| {
        show(ui, &[], &[], "Experts", "nowhere");
        show(ui, &[rule("RTX 3060", 0, 0)], &[hybrid(0, StripStore::Gpu)], "Experts", "one layer");
    });
    harness.run();
    assert!(harness.query_by_label("Where it goes: nowhere").is_some());
    assert!(harness.query_by_label("Where it goes: one layer").is_some());
}

/// The same pixels as in `tests/snapshots`; after a change that is meant, `UPDATE_SNAPSHOTS=1 cargo test`.
#[test]
fn the_strips_look_as_they_did() {
    let mut harness = harness();
    harness.run();
    harness.snapshot("strip_dark");
}
