//! The detail panel, by role and label: what it says, what a click changes, what goes to the clipboard.
//!
//! `PLIMSOLL_PANELS=<folder> cargo test panels_of_all_kinds` also writes pictures of whole panels there.

use eframe::egui::accesskit::Role;
use eframe::egui::{self, Frame, OutputCommand, Theme, Vec2, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, SnapshotResults};
use plimsoll::app::detail::{CurveKind, Detail};
use plimsoll::estimate::rig::{Device, Host, Rig};
use plimsoll::estimate::scenario::Engine;
use plimsoll::estimate::ways::Change;
use plimsoll::estimate::{Estimator, Scenario};
use plimsoll::machine::{Os, Vendor};
use plimsoll::model::{Catalog, ModelId};
use plimsoll::quant::Level;
use plimsoll::ui::detail::{self, Pick};
use plimsoll::ui::theme::{self, Tokens};
use plimsoll::units::Bytes;

use crate::soft_renderer::SoftRenderer;

/// A panel with what it is made from.
struct Panel {
    rig: Rig,
    scenario: Scenario,
    model: ModelId,
    level: Level,
    detail: Detail,
    /// Changes of ways out that were chosen.
    tried: Vec<Change>,
    /// What was chosen besides.
    picked: Option<Pick>,
}

impl Panel {
    fn new(model: &str, level: &str, rig: Rig) -> Self {
        Self::asking(model, level, rig, Scenario { context: 16_384, ..Scenario::default() })
    }

    fn asking(model: &str, level: &str, rig: Rig, scenario: Scenario) -> Self {
        let model = Catalog::embedded().find(model).unwrap();
        let level = level.parse().unwrap();
        let detail = build(model, level, &scenario, &rig);
        Self { rig, scenario, model, level, detail, tried: Vec::new(), picked: None }
    }

    fn show(&mut self, ui: &mut egui::Ui) {
        let t = Tokens::of(ui);
        egui::CentralPanel::default().frame(Frame::new().fill(t.panel)).show(ui, |ui| {
            match detail::show(ui, Some(&self.detail), false) {
                Some(Pick::Level(level)) => self.level = level,
                Some(Pick::Model(model)) => self.model = model,
                Some(Pick::Way(place)) => self.tried.extend(self.detail.ways.rows[place].changes.clone()),
                Some(Pick::Curve(kind)) => {
                    let (estimator, model) = (Estimator::embedded(), Catalog::embedded().get(self.model));
                    self.detail.compute_curve(kind, estimator, model, &self.scenario, &self.rig);
                    self.detail.curve_kind = kind;
                    return;
                }
                Some(pick) => {
                    self.picked = Some(pick);
                    return;
                }
                None => return,
            }
            self.detail = build(self.model, self.level, &self.scenario, &self.rig);
        });
    }
}

fn build(model: ModelId, level: Level, scenario: &Scenario, rig: &Rig) -> Detail {
    Detail::build(Catalog::embedded(), Estimator::embedded(), model, level, scenario, rig)
}

fn card(name: &str, capacity: f64, free: f64, bandwidth: f64) -> Device {
    Device {
        name: name.to_owned(),
        vendor: Vendor::Nvidia,
        architecture: Some("Ampere".to_owned()),
        compute_units: Some(28),
        capacity: Bytes::from_gib(capacity),
        free: Bytes::from_gib(free),
        free_is_known: true,
        bandwidth_gbs: Some(bandwidth),
        fp16_tflops: Some(25.0),
        unified: false,
        power_watts: None,
        ..Device::default()
    }
}

fn rig(devices: Vec<Device>) -> Rig {
    let host = Host {
        cpu: None,
        threads: Some(8),
        capacity: Bytes::from_gib(64.0),
        free: Bytes::from_gib(51.4),
        bandwidth_gbs: 51.2,
        bandwidth_is_assumed: false,
        ..Host::default()
    };
    Rig { devices, host, os: Os::Linux, unused: Vec::new(), own: None }
}

fn one_card() -> Rig {
    rig(vec![card("RTX 3060", 12.0, 11.1, 360.0)])
}

fn two_cards() -> Rig {
    rig(vec![card("RTX 3090", 24.0, 23.6, 936.0), card("RTX 3060", 12.0, 11.1, 360.0)])
}

fn harness(size: Vec2, panel: Panel) -> Harness<'static, Panel> {
    Harness::builder()
        .with_size(size)
        .with_max_steps(8)
        .with_context_setup(theme::apply)
        .renderer(SoftRenderer::default())
        .build_ui_state(|ui, panel: &mut Panel| panel.show(ui), panel)
}

/// The panel is as wide as in the window; the harness keeps 8 points on each side.
const WHOLE: Vec2 = vec2(436.0, 2200.0);

fn ladder_row(harness: &Harness<'_, Panel>, level: &str) -> String {
    let start = format!("{level}, ");
    let row = harness.get_by(|node| {
        node.role() == Role::RadioButton && node.label().is_some_and(|label| label.starts_with(&start))
    });
    row.accesskit_node().label().unwrap()
}

/// "memory needed: 11.8 GiB" for its caption.
fn figure(harness: &Harness<'_, Panel>, caption: &str) -> String {
    let start = format!("{caption}: ");
    let said = |node: &egui_kittest::Node<'_>| node.value().filter(|value| value.starts_with(&start));
    harness.query_all_by_label_contains(&start).find_map(|node| said(&node)).unwrap()
}

#[test]
fn choosing_a_rung_changes_the_level_and_its_figures() {
    let mut harness = harness(WHOLE, Panel::new("Qwen/Qwen3-14B", "Q4_K_M", one_card()));
    harness.run();
    let before = figure(&harness, "memory needed");
    let row = ladder_row(&harness, "Q6_K");
    harness.get_by_role_and_label(Role::RadioButton, &row).click();
    harness.run();
    assert_eq!(harness.state().level.to_string(), "Q6_K");
    let after = figure(&harness, "memory needed");
    assert_ne!(before, after);
    // The header says what the rung says.
    let gib = after.strip_prefix("memory needed: ").unwrap().to_owned();
    assert!(row.contains(&gib), "{row} / {gib}");
    harness.get_by_role_and_label(Role::Label, "Offload");
}

#[test]
fn copy_puts_the_command_on_the_clipboard() {
    let mut harness = harness(WHOLE, Panel::new("Qwen/Qwen3-14B", "Q4_K_M", one_card()));
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Copy").click();
    // The click is handled one frame after it is asked for.
    let mut copied = None;
    for _ in 0..4 {
        harness.step();
        let commands = &harness.output().platform_output.commands;
        copied = copied.or(commands.iter().find_map(|command| match command {
            OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        }));
    }
    let command = harness.state().detail.launches[0].launch.text();
    assert!(command.starts_with("llama-server"));
    assert_eq!(copied.as_ref(), Some(&command));
    harness.get_by_role_and_label(Role::Button, "Copied");
}

#[test]
fn a_model_that_generates_nothing_says_so() {
    let mut harness = harness(WHOLE, Panel::new("Qwen/Qwen3-Embedding-0.6B", "Q8_0", one_card()));
    harness.run();
    assert_eq!(figure(&harness, "tokens/s"), "tokens/s: n/a");
    let reason = "embedding and reranking models read text and do not generate any";
    assert!(harness.query_all_by_label(reason).next().is_some(), "the curve's card says why");
    let rung = ladder_row(&harness, "Q8_0");
    assert!(rung.contains("speed not available"), "{rung}");
}

#[test]
fn without_a_plan_there_is_the_reason_and_no_zero() {
    let scenario = Scenario { engine: Engine::Vllm, ..Scenario::default() };
    let panel = Panel::asking("Qwen/Qwen3-14B", "FP8", rig(Vec::new()), scenario);
    let sentence = panel.detail.sentence.clone();
    let mut harness = harness(WHOLE, panel);
    harness.run();
    harness.get_by_label(&sentence);
    assert!(harness.query_by_label_contains("memory needed").is_none());
    assert!(harness.query_by_label("Launch command").is_none());
    assert!(harness.query_all_by_role(Role::RadioButton).next().is_none());
    harness.get_by_role_and_label(Role::Heading, "The model");
}

#[test]
fn without_a_selection_it_says_what_to_do() {
    for (probing, title) in [(true, "Looking at this computer"), (false, "No model is selected")] {
        let harness = Harness::builder()
            .with_size(vec2(436.0, 600.0))
            .with_context_setup(theme::apply)
            .renderer(SoftRenderer::default())
            .build_ui(|ui| assert_eq!(detail::show(ui, None, probing), None));
        harness.get_by_label(title);
    }
}

#[test]
fn every_painted_figure_speaks() {
    let mut harness = harness(WHOLE, Panel::new("Qwen/Qwen3-30B-A3B", "Q8_0", one_card()));
    harness.run();
    let memory = harness.get_by_label_contains("Memory: RTX 3060: weights");
    let label = memory.accesskit_node().label().unwrap();
    for part in ["KV cache ", "RAM: weights ", " GiB free"] {
        assert!(label.contains(part), "{label}");
    }
    harness.get_by_label_contains("Speed over context: ");
    harness.get_by_role_and_label(Role::RadioGroup, "Quantization");
    for heading in ["Memory", "Quantization ladder", "How it is known", "The model"] {
        harness.get_by_role_and_label(Role::Heading, heading);
    }
    harness.get_by_label_contains("128, of which 8 are used");
}

#[test]
fn the_hatched_end_of_a_bar_says_who_holds_it() {
    let held = Device {
        used_by_others: Some(Bytes::from_gib(0.6)),
        reserved: Bytes::from_gib(0.3),
        ..card("RTX 3060", 12.0, 11.1, 360.0)
    };
    let mut harness = harness(WHOLE, Panel::new("Qwen/Qwen3-8B", "Q4_K_M", rig(vec![held])));
    harness.run();
    let memory = harness.get_by_label_contains("Memory: RTX 3060: weights");
    let words = "0.90 GiB not free: 0.6 GiB used by others, 0.3 GiB reserved by driver and system";
    let label = memory.accesskit_node().label().unwrap();
    assert!(label.contains(words), "{label}");
    let bar = memory.rect();
    harness.hover_at(bar.left_top() + vec2(bar.width() - 4.0, 34.0));
    // The tooltip waits a moment.
    for _ in 0..6 {
        harness.step();
    }
    harness.get_by_label(words);
}

#[test]
fn quality_stands_with_its_band_and_basis() {
    let known = |model: &str, level: &str| {
        let panel = Panel::new(model, level, one_card());
        let quality = panel.detail.known.iter().find(|known| known.name == "Quality").unwrap();
        (quality.statement.clone(), quality.basis.clone())
    };
    let (statement, basis) = known("Qwen/Qwen3-8B", "Q4_K_M");
    assert_eq!(statement, "measured on this model");
    assert!(basis.starts_with("benchmarks of this level by Intel auto-round"), "{basis}");
    assert!(basis.contains("8 of 10 such cases keep 97.7–100 %"), "{basis}");
    let (statement, basis) = known("Qwen/Qwen3-14B", "Q4_K_M");
    assert_eq!(statement, "measured on a model of its family");
    assert!(basis.contains("benchmarks of Qwen3-8B"), "{basis}");
    let (statement, basis) = known("google/gemma-4-31B-it", "Q4_K_M");
    assert_eq!(statement, "estimated from bits per weight and size");
    // What cannot be translated into a share still stands beside it.
    assert!(basis.contains("measured: KL divergence, top 40, long texts 0.61"), "{basis}");

    let mut harness = harness(WHOLE, Panel::new("Qwen/Qwen3-14B", "Q4_K_M", one_card()));
    harness.run();
    let rung = harness.get_by_label_contains("Q4_K_M, 11.1 GiB");
    assert!(rung.accesskit_node().label().unwrap().contains("quality 99.3 %"));
}

#[test]
fn the_link_leads_to_the_models_page() {
    let mut harness = harness(WHOLE, Panel::new("Qwen/Qwen3-14B", "Q4_K_M", one_card()));
    harness.run();
    let link = harness.get_by_role_and_label(Role::Link, "Qwen/Qwen3-14B");
    // As a screen reader does: the panel is longer than the picture of it.
    link.click_accesskit();
    let mut opened = None;
    for _ in 0..4 {
        harness.step();
        let commands = &harness.output().platform_output.commands;
        opened = opened.or(commands.iter().find_map(|command| match command {
            OutputCommand::OpenUrl(open) => Some(open.url.clone()),
            _ => None,
        }));
    }
    assert_eq!(opened.as_deref(), Some("https://huggingface.co/Qwen/Qwen3-14B"));
}

#[test]
fn a_fine_tune_can_be_chosen() {
    let catalog = Catalog::embedded();
    let base = catalog
        .bases()
        .iter()
        .find(|base| {
            base.variants.iter().any(|v| v.id.is_some()) && catalog.get(base.id).not_generating().is_none()
        })
        .unwrap();
    let tune = base.variants.iter().find(|variant| variant.id.is_some()).unwrap();
    let mut harness = harness(WHOLE, Panel::new(&catalog.get(base.id).id, "Q4_K_M", one_card()));
    harness.run();
    if let Some(more) = harness.query_by_label_contains("Show ") {
        more.click();
        harness.run();
    }
    harness.get_by_role_and_label(Role::Button, &tune.name).click();
    harness.run();
    assert_eq!(Some(harness.state().model), tune.id);
}

/// The same pixels as in `tests/snapshots`; after a change that is meant, `UPDATE_SNAPSHOTS=1 cargo test`.
#[test]
fn the_panel_looks_as_it_did() {
    let mut harness = harness(vec2(436.0, 1330.0), Panel::new("Qwen/Qwen3-14B", "Q5_K_M", one_card()));
    for (theme, name) in [(Theme::Dark, "detail_dark"), (Theme::Light, "detail_light")] {
        harness.ctx.set_theme(theme);
        harness.run();
        harness.snapshot(name);
    }
}

fn has(picture: &image::RgbaImage, color: egui::Color32) -> bool {
    picture.pixels().any(|pixel| pixel.0[..3] == [color.r(), color.g(), color.b()])
}

#[test]
fn panels_of_all_kinds_are_painted_in_both_themes() {
    let kinds: Vec<(&str, Vec2, Panel)> = vec![
        ("spills", WHOLE, Panel::new("Qwen/Qwen3-14B", "Q5_K_M", one_card())),
        ("experts", WHOLE, Panel::new("Qwen/Qwen3.5-122B-A10B", "IQ4_XS", two_cards())),
        ("fits", WHOLE, Panel::new("Qwen/Qwen3-8B", "Q4_K_M", one_card())),
        ("processor", WHOLE, Panel::new("Qwen/Qwen3-8B", "Q4_K_M", rig(Vec::new()))),
        ("too-big", WHOLE, Panel::new("deepseek-ai/DeepSeek-V3", "Q8_0", one_card())),
        ("embedding", WHOLE, Panel::new("Qwen/Qwen3-Embedding-0.6B", "Q8_0", one_card())),
        (
            "narrow",
            vec2(376.0, 2200.0),
            Panel::new("Qwen/Qwen3-Next-80B-A3B-Instruct", "Q4_K_M", two_cards()),
        ),
        ("wide", vec2(576.0, 2000.0), Panel::new("openai/gpt-oss-20b", "NATIVE", one_card())),
        (
            "no-plan",
            vec2(436.0, 700.0),
            Panel::asking(
                "Qwen/Qwen3-14B",
                "Q4_K_M",
                rig(Vec::new()),
                Scenario { engine: Engine::Vllm, ..Scenario::default() },
            ),
        ),
    ];
    for (name, size, panel) in kinds {
        let has_plan = panel.detail.plan.is_ok();
        let mut harness = harness(size, panel);
        for (theme, t) in [(Theme::Dark, &theme::DARK), (Theme::Light, &theme::LIGHT)] {
            harness.ctx.set_theme(theme);
            harness.run();
            let picture = harness.render().unwrap();
            let mut colors = vec![t.panel, t.card];
            if has_plan {
                colors.extend([t.accent_bg, t.part.weights, t.text]);
            }
            for color in colors {
                assert!(has(&picture, color), "{name} in {theme:?} lacks {color:?}");
            }
            if let Some(folder) = std::env::var_os("PLIMSOLL_PANELS") {
                let file = format!("{name}-{theme:?}.png").to_lowercase();
                picture.save(std::path::Path::new(&folder).join(file)).unwrap();
            }
        }
    }
}

#[test]
fn the_curves_have_one_card_with_a_switch() {
    let mut harness = harness(WHOLE, Panel::new("Qwen/Qwen3-8B", "Q4_K_M", one_card()));
    harness.run();
    harness.get_by_label_contains("Speed over context: ");
    for (tab, kind, says) in [
        ("Memory", CurveKind::Memory, "Memory over context: "),
        ("At once", CurveKind::Requests, "Speed over requests at once: "),
        ("Quality", CurveKind::Quality, "Quality kept over memory: "),
    ] {
        harness.get_by_role_and_label(Role::RadioButton, tab).click_accesskit();
        harness.run();
        harness.get_by_label_contains(says);
        harness.get_by_role_and_label(Role::Button, "Copy values").click_accesskit();
        harness.run();
        assert_eq!(harness.state().picked, Some(Pick::CopyCurve(kind)));
    }
    harness.get_by_role_and_label(Role::Button, "Pin").click_accesskit();
    harness.run();
    assert_eq!(harness.state().picked, Some(Pick::Pin));
}

#[test]
fn a_crosshair_is_moved_by_keys_and_spoken() {
    let mut harness = harness(WHOLE, Panel::new("Qwen/Qwen3-8B", "Q4_K_M", one_card()));
    harness.run();
    harness.get_by_role_and_label(Role::RadioButton, "Memory").click_accesskit();
    harness.run();
    harness.get_by_label_contains("Memory over context: ").focus();
    harness.run();
    let spoken = |harness: &Harness<'_, Panel>| {
        harness.get_by_label_contains("Memory over context: ").accesskit_node().label().unwrap()
    };
    harness.key_press(egui::Key::Home);
    harness.run();
    let first = spoken(&harness);
    assert!(first.starts_with("2K tokens: "), "{first}");
    harness.key_press(egui::Key::ArrowRight);
    harness.run();
    let second = spoken(&harness);
    assert_ne!(first, second);
    harness.key_press(egui::Key::ArrowLeft);
    harness.run();
    assert_eq!(spoken(&harness), first);
}

/// The same pixels as in `tests/snapshots`; after a change that is meant, `UPDATE_SNAPSHOTS=1 cargo test`.
#[test]
fn the_curves_look_as_they_did() {
    let mut results = SnapshotResults::new();
    for (kind, name) in
        [(CurveKind::Memory, "memory"), (CurveKind::Requests, "requests"), (CurveKind::Quality, "quality")]
    {
        for theme in [Theme::Dark, Theme::Light] {
            let mut panel = Panel::new("Qwen/Qwen3-8B", "Q4_K_M", one_card());
            let model = Catalog::embedded().get(panel.model);
            panel.detail.compute_curve(kind, Estimator::embedded(), model, &panel.scenario, &panel.rig);
            panel.detail.curve_kind = kind;
            let mut harness = Harness::builder()
                .with_size(vec2(388.0, 300.0))
                .with_max_steps(8)
                .with_context_setup(theme::apply)
                .renderer(SoftRenderer::default())
                .build_ui_state(
                    |ui, panel: &mut Panel| {
                        let t = Tokens::of(ui);
                        egui::CentralPanel::default().frame(Frame::new().fill(t.panel)).show(ui, |ui| {
                            detail::curves_card(ui, &panel.detail);
                        });
                    },
                    panel,
                );
            harness.ctx.set_theme(theme);
            harness.run();
            harness.snapshot(format!("curve_{name}_{}", if theme == Theme::Dark { "dark" } else { "light" }));
            results.extend_harness(&mut harness);
        }
    }
}
