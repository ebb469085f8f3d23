//! The matrix by role and label: pointer, keyboard, and what a screen reader hears.

use std::collections::BTreeSet;
use std::sync::Arc;

use eframe::egui::accesskit::Role;
use eframe::egui::{Frame, Key, Ui, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use plimsoll::app::grid::{Ask, CatalogJudge, Figure, Grid, Grouping, Outline, Summary, Wanted};
use plimsoll::estimate::rig::{Device, Host};
use plimsoll::estimate::{Rig, Scenario};
use plimsoll::machine::{Os, Vendor};
use plimsoll::model::catalog::{Catalog, ModelId};
use plimsoll::quant::{FileType, Level};
use plimsoll::ui::matrix::{self, Gesture, Nearby, View};
use plimsoll::ui::theme;
use plimsoll::units::Bytes;

/// The page around the matrix, as small as can be: it does what the gestures ask.
pub struct Page {
    pub grid: Grid,
    pub outline: Outline,
    pub unfolded: BTreeSet<ModelId>,
    pub selected: Option<ModelId>,
    pub level: Level,
    pub figure: Figure,
    pub grouping: Grouping,
    pub bases: Vec<usize>,
    pub details_button: bool,
    pub opened: usize,
    ask: Ask,
}

impl Page {
    /// All models that generate text, on a 12 GB card with 64 GiB of RAM beside it, or without the card.
    pub fn new(with_gpu: bool) -> Self {
        let catalog = Catalog::embedded();
        let generates = |base: &usize| catalog.get(catalog.bases()[*base].id).not_generating().is_none();
        let mut page = Self {
            grid: Grid::inline(Arc::new(CatalogJudge::embedded())),
            outline: Outline::default(),
            unfolded: BTreeSet::new(),
            selected: None,
            level: Level::Gguf(FileType::Q4KM),
            figure: Figure::default(),
            grouping: Grouping::default(),
            bases: (0..catalog.bases().len()).filter(generates).collect(),
            details_button: false,
            opened: 0,
            ask: Ask {
                catalog: Arc::clone(Catalog::embedded_shared()),
                scenario: Scenario { context: 16_384, ..Scenario::default() },
                rig: rig(with_gpu),
                levels: Level::LADDER.to_vec(),
                wanted: Wanted::Nothing,
            },
        };
        page.update();
        page
    }

    /// Only the models whose names are given.
    pub fn only(mut self, names: &[&str]) -> Self {
        let catalog = Catalog::embedded();
        self.bases = names.iter().map(|name| catalog.base_of(catalog.find(name).unwrap())).collect();
        self.update();
        self
    }

    fn update(&mut self) {
        self.ask.wanted = self.figure.wanted();
        self.outline = Outline::new(Catalog::embedded(), &self.bases, self.grouping, &self.unfolded);
        self.grid.ask(&self.ask, self.outline.models(), &[]);
    }

    fn apply(&mut self, gesture: Gesture) {
        match gesture {
            Gesture::Select(model, level) => (self.selected, self.level) = (Some(model), level),
            Gesture::Open | Gesture::Beside => self.opened += 1,
            Gesture::Figure(figure) => self.figure = figure,
            Gesture::Group(grouping) => self.grouping = grouping,
            Gesture::Fold(model) => {
                if !self.unfolded.remove(&model) {
                    self.unfolded.insert(model);
                }
            }
            Gesture::Level(level, on) => {
                self.ask.levels.retain(|known| *known != level);
                self.ask.levels.extend(on.then_some(level));
            }
            Gesture::UsualLevels => self.ask.levels = Level::LADDER.to_vec(),
            Gesture::AllLevels => self.ask.levels = Level::ALL_GGUF.to_vec(),
            Gesture::Visible(..) => {}
        }
        self.update();
    }

    pub fn ui(&mut self, ui: &mut Ui) {
        let mut gestures = Vec::new();
        ui.horizontal(|ui| matrix::tools(ui, self.grouping, self.figure, &mut gestures));
        let summary = Summary::of(&self.grid, self.outline.bases());
        let view = View {
            catalog: Catalog::embedded(),
            grid: &self.grid,
            outline: &self.outline,
            summary: &summary,
            unfolded: &self.unfolded,
            selected: self.selected,
            level: self.level,
            known_levels: Level::ALL_GGUF,
            figure: self.figure,
            details_button: self.details_button,
            nearby: Nearby(&|_, _| None),
        };
        matrix::show(ui, &view, &mut gestures);
        for gesture in gestures {
            self.apply(gesture);
        }
    }

    fn selected_name(&self) -> &'static str {
        let catalog = Catalog::embedded();
        &catalog.bases()[catalog.base_of(self.selected.unwrap())].name
    }
}

fn rig(with_gpu: bool) -> Rig {
    let gpu = Device {
        name: "NVIDIA GeForce RTX 3060".to_owned(),
        vendor: Vendor::Nvidia,
        architecture: Some("Ampere".to_owned()),
        compute_units: Some(28),
        capacity: Bytes::from_gib(12.0),
        free: Bytes::from_gib(11.1),
        free_is_known: true,
        bandwidth_gbs: Some(360.0),
        fp16_tflops: Some(51.2),
        unified: false,
        power_watts: Some(170.0),
        ..Device::default()
    };
    Rig {
        devices: if with_gpu { vec![gpu] } else { Vec::new() },
        host: Host {
            cpu: None,
            threads: Some(8),
            capacity: Bytes::from_gib(64.0),
            free: Bytes::from_gib(51.4),
            bandwidth_gbs: 51.2,
            bandwidth_is_assumed: false,
            ..Host::default()
        },
        os: Os::Linux,
        unused: Vec::new(),
        own: None,
    }
}

/// The centre of the 1440 × 900 window.
pub const CENTRE: Vec2 = vec2(772.0, 848.0);

fn harness(page: Page) -> Harness<'static, Page> {
    sized(page, CENTRE)
}

fn sized(page: Page, size: Vec2) -> Harness<'static, Page> {
    let mut harness = Harness::builder().with_size(size).with_context_setup(theme::apply).build_ui_state(
        |ui, page: &mut Page| {
            Frame::new().inner_margin(theme::space::M as i8).show(ui, |ui| page.ui(ui));
        },
        page,
    );
    harness.run();
    harness
}

const SOME: [&str; 6] = [
    "Qwen/Qwen3-8B",
    "Qwen/Qwen3-14B",
    "Qwen/Qwen3-32B",
    "openai/gpt-oss-20b",
    "openai/gpt-oss-120b",
    "meta-llama/Llama-3.1-8B-Instruct",
];

fn some() -> Harness<'static, Page> {
    harness(Page::new(true).only(&SOME))
}

/// The sentence of a visible cell that begins so.
fn spoken(harness: &Harness<'_, Page>, beginning: &str) -> String {
    let cells = harness.get_all_by_role(Role::GridCell);
    let labels: Vec<String> = cells.filter_map(|cell| cell.accesskit_node().label()).collect();
    labels.iter().find(|label| label.starts_with(beginning)).unwrap_or_else(|| panic!("{labels:#?}")).clone()
}

fn click(harness: &mut Harness<'_, Page>, beginning: &str) {
    let label = spoken(harness, beginning);
    harness.get_by_label(&label).click();
    harness.run();
}

#[test]
fn cells_are_spoken_with_verdict_speed_size_and_quality() {
    let harness = some();
    let fits = spoken(&harness, "Qwen3 8B, Q4_K_M: ");
    assert!(fits.contains(": fits, ") && fits.contains(" tokens per second, "), "{fits}");
    assert!(fits.contains(" GiB, quality 9"), "{fits}");
    let spills = spoken(&harness, "Qwen3 32B, Q4_K_M: ");
    assert!(spills.contains(": spills, "), "{spills}");
    let absent = spoken(&harness, "Qwen3 8B, NATIVE: ");
    assert!(absent.contains("no estimate, as published it is the same file as BF16"), "{absent}");
    let native = spoken(&harness, "gpt-oss 20B, NATIVE: ");
    assert!(native.contains("quality 100 %"), "{native}");
}

#[test]
fn a_click_selects_model_and_level() {
    let mut harness = some();
    click(&mut harness, "Qwen3 14B, Q5_K_M: ");
    assert_eq!(harness.state().selected_name(), "Qwen3 14B");
    assert_eq!(harness.state().level, Level::Gguf(FileType::Q5KM));
    // The grid has the focus now, and says what is selected.
    let grid = harness.get_by_role(Role::Grid);
    assert!(grid.value().unwrap().starts_with("Qwen3 14B, Q5_K_M: "));
}

#[test]
fn a_screen_reader_clicks_without_a_pointer() {
    let mut harness = some();
    let label = spoken(&harness, "gpt-oss 20B, Q8_0: ");
    harness.get_by_label(&label).click_accesskit();
    harness.run();
    assert_eq!(harness.state().selected_name(), "gpt-oss 20B");
    assert_eq!(harness.state().level, Level::Gguf(FileType::Q8_0));
}

#[test]
fn keys_move_the_selection() {
    let mut harness = some();
    click(&mut harness, "Qwen3 14B, Q4_K_M: ");
    let mut press = |key: Key| {
        harness.key_press(key);
        harness.run();
        (harness.state().selected_name(), harness.state().level.to_string())
    };
    assert_eq!(press(Key::ArrowRight), ("Qwen3 14B", "Q5_K_S".to_owned()));
    assert_eq!(press(Key::ArrowDown), ("Qwen3 32B", "Q5_K_S".to_owned()));
    assert_eq!(press(Key::Home), ("Qwen3 32B", "Q2_K".to_owned()));
    assert_eq!(press(Key::ArrowLeft), ("Qwen3 32B", "Q2_K".to_owned()));
    assert_eq!(press(Key::End), ("Qwen3 32B", "NATIVE".to_owned()));
    assert_eq!(press(Key::ArrowUp), ("Qwen3 14B", "NATIVE".to_owned()));
    assert_eq!(press(Key::PageUp), ("Qwen3 8B", "NATIVE".to_owned()));
    assert_eq!(press(Key::PageDown).1, "NATIVE");
}

#[test]
fn b_goes_to_the_best_cell_and_enter_opens_the_detail() {
    let mut harness = some();
    click(&mut harness, "Qwen3 8B, Q2_K: ");
    harness.key_press(Key::B);
    harness.run();
    let level = harness.state().level;
    let best = spoken(&harness, &format!("Qwen3 8B, {level}: "));
    assert!(best.ends_with(", the best of its row"), "{best}");
    assert_eq!(harness.state().opened, 0);
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().opened, 1);
}

#[test]
fn digits_and_the_switch_change_the_figure() {
    let mut harness = some();
    click(&mut harness, "Qwen3 8B, Q4_K_M: ");
    for (key, figure) in [
        (Key::Num2, Figure::Gib),
        (Key::Num3, Figure::Context),
        (Key::Num4, Figure::Quality),
        (Key::Num1, Figure::TokensPerSecond),
    ] {
        harness.key_press(key);
        harness.run();
        assert_eq!(harness.state().figure, figure);
    }
    harness.get_by_role_and_label(Role::RadioButton, "Context").click();
    harness.run();
    assert_eq!(harness.state().figure, Figure::Context);
    let with_context = spoken(&harness, "Qwen3 8B, Q4_K_M: ");
    assert!(with_context.contains("longest context "), "{with_context}");
}

#[test]
fn space_unfolds_the_fine_tunes() {
    let mut harness = some();
    click(&mut harness, "Qwen3 8B, Q4_K_M: ");
    let before = harness.state().outline.lines().len();
    harness.key_press(Key::Space);
    harness.run();
    let catalog = Catalog::embedded();
    let base = &catalog.bases()[catalog.base_of(catalog.find("Qwen/Qwen3-8B").unwrap())];
    assert!(!base.variants.is_empty());
    assert_eq!(harness.state().outline.lines().len(), before + base.variants.len());
    spoken(&harness, &format!("{}, Q4_K_M: ", base.variants[0].name));
    harness.key_press(Key::Space);
    harness.run();
    assert_eq!(harness.state().outline.lines().len(), before);
}

#[test]
fn the_grid_is_one_focus_stop() {
    let mut harness = some();
    let mut stops = Vec::new();
    // Two rounds: the grouping, five figures, the levels, the grid.
    for _ in 0..16 {
        harness.key_press(Key::Tab);
        harness.run();
        let focused = harness.root().children_recursive().find(egui_kittest::Node::is_focused);
        stops.extend(focused.map(|node| node.accesskit_node().role()));
    }
    assert_eq!(stops.iter().filter(|role| **role == Role::Grid).count(), stops.len() / 8, "{stops:?}");
    assert!(!stops.contains(&Role::GridCell));
}

#[test]
fn the_selection_is_followed_by_scrolling() {
    let mut harness = harness(Page::new(true));
    let last = harness.state().outline.bases().len() - 1;
    let model = harness.state().outline.bases()[last];
    let name = harness.state().outline.lines().last().unwrap().name(Catalog::embedded());
    harness.state_mut().selected = Some(model);
    harness.run();
    let sentence = spoken(&harness, &format!("{name}, Q4_K_M: "));
    let rect = harness.get_by_label(&sentence).rect();
    assert!(rect.bottom() < CENTRE.y && rect.top() > 100.0, "{rect:?}");
}

#[test]
fn a_window_too_narrow_scrolls_the_columns_and_keeps_the_names() {
    let mut harness = sized(Page::new(true).only(&SOME), vec2(520.0, 400.0));
    let catalog = Catalog::embedded();
    harness.state_mut().selected = catalog.find("Qwen/Qwen3-8B").ok();
    harness.state_mut().level = Level::Gguf(FileType::Bf16);
    harness.run();
    let sentence = spoken(&harness, "Qwen3 8B, BF16: ");
    let rect = harness.get_by_label(&sentence).rect();
    assert!(rect.left() > 150.0 && rect.right() <= 520.0, "{rect:?}");
}

#[test]
fn without_a_gpu_the_answer_speaks_of_ram() {
    let harness = harness(Page::new(false));
    let summary = Summary::of(&harness.state().grid, harness.state().outline.bases());
    let (strong, rest) = summary.sentence(false);
    assert!(rest.starts_with(" run from RAM at some level"), "{rest}");
    harness.get_by_label(&format!("{strong}{rest}"));
    let cell = spoken(&harness, "Qwen3.8 27B, Q4_K_M: ");
    assert!(cell.contains("runs on the processor"), "{cell}");
}

#[test]
fn groups_by_size_have_titles_and_no_groups_have_none() {
    let mut harness = some();
    harness.state_mut().apply(Gesture::Group(Grouping::Size));
    harness.run();
    click(&mut harness, "Qwen3 8B, Q4_K_M: ");
    harness.key_press(Key::ArrowUp);
    harness.run();
    assert_eq!(harness.state().selected_name(), "Llama 3.1 8B");
}
