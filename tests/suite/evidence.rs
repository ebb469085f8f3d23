//! Evidence in the window: measurements beside the curve and in a list, own ones that move the figure and can be
//! removed; by role and label.

use std::fs;
use std::path::Path;

use eframe::egui::accesskit::Role;
use eframe::egui::{self, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use plimsoll::app::own::Own;
use plimsoll::app::rigs::{NamedRig, RigChoice};
use plimsoll::app::{Action, Column, State};
use plimsoll::estimate::Range;
use plimsoll::estimate::plan::Evidence;
use plimsoll::machine::Known;
use plimsoll::machine::spec::{GpuSpec, MachineSpec};
use plimsoll::ui::PlimsollApp;

use crate::machines::with_rtx_4090;
use crate::soft_renderer::SoftRenderer;
use crate::words::{labels, says};

const LARGE: Vec2 = vec2(1440.0, 900.0);
/// Measured on an RTX 4090.
const MEASURED: &str = "Qwen/Qwen2.5-7B-Instruct";

type Window = Harness<'static, PlimsollApp>;

fn window(folder: &Path, model: &str) -> Window {
    let folder = folder.to_owned();
    let mut window = Harness::builder()
        .with_size(LARGE)
        .with_max_steps(16)
        .renderer(SoftRenderer::default())
        .build_eframe(move |cc| {
            let mut machine = with_rtx_4090();
            machine.gpus[0].name = Known::new("NVIDIA GeForce RTX 4090".to_owned(), "recorded");
            PlimsollApp::with_own(&cc.egui_ctx, machine, Own::inline(Some(folder), None))
        });
    window.run();
    let id = state(&window).catalog.find(model).unwrap();
    window.state_mut().apply(Action::SelectCell(id, "Q4_K_M".parse().unwrap()));
    window.run();
    window
}

fn state(window: &Window) -> &State {
    window.state().state()
}

fn decode(window: &Window) -> (Range, Evidence) {
    let speed = &state(window).detail.as_ref().unwrap().plan.as_ref().unwrap().speed;
    (speed.decode.unwrap(), speed.evidence)
}

fn click(window: &mut Window, label: &str) {
    window.get_by_role_and_label(Role::Button, label).click_accesskit();
    window.run();
}

/// llama-bench's table of one test on this machine.
fn bench(rate: f64) -> String {
    format!(
        "| model | size | params | backend | ngl | test | t/s |\n\
         | --- | ---: | ---: | --- | --: | --: | --: |\n\
         | qwen2 7B Q4_K - Medium | 4.36 GiB | 7.62 B | CUDA | 99 | tg128 | {rate:.2} ± 0.50 |\n"
    )
}

fn bring(window: &mut Window, text: String) {
    click(window, "Your measurements…");
    window.event(egui::Event::Paste(text));
    window.run();
    click(window, "Close");
}

#[test]
fn measurements_stand_beside_the_curve_and_in_a_list_with_their_sources() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window(folder.path(), MEASURED);
    window.get_by_role_and_label(Role::Heading, "Measured nearest to it");
    assert!(says(&window, "RTX 4090, Qwen2.5 7B Q4_K_M"), "{:?}", labels(&window));
    assert!(says(&window, "◇ measured with this model on this device; the range holds"));
    let curve = labels(&window).into_iter().find(|label| label.starts_with("Speed over context: ")).unwrap();
    assert!(curve.contains("beside it"), "{curve}");
    assert!(says(&window, "this model was measured on this GPU"));
    // A source can be opened.
    let link = window
        .query_all_by_role(Role::Link)
        .filter(|link| link.accesskit_node().label().is_some_and(|label| label.starts_with("github.com/")));
    assert!(link.count() >= 2);
    let rows =
        |window: &Window| labels(window).iter().filter(|label| label.starts_with("predicted ")).count();
    let few = rows(&window);
    let more =
        labels(&window).into_iter().find(|label| label.starts_with("Show ") && label.ends_with(" more"));
    click(&mut window, &more.unwrap());
    assert!(rows(&window) > few + 5);
    let speed = &state(&window).detail.as_ref().unwrap().figures[1];
    assert!(speed.why.contains("Measured nearest to it:\nRTX 4090, Qwen2.5 7B Q4_K_M, "), "{}", speed.why);
    assert!(speed.why.contains(" % of what its memory could do: "), "{}", speed.why);
}

#[test]
fn the_nearest_measurements_are_told_under_the_pointer() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window(folder.path(), MEASURED);
    let told = |window: &Window| -> Vec<String> {
        labels(window).into_iter().filter(|label| label.starts_with("Measured")).collect()
    };
    window.state_mut().apply(Action::Search("Qwen2.5 7B".to_owned()));
    window.run();
    let beside = told(&window).len();
    let row = window
        .query_all_by_role(Role::Row)
        .find(|row| row.accesskit_node().label().is_some_and(|label| label.starts_with("Qwen2.5 7B")));
    let row = row.expect("the selected model is in view").rect();
    let head = window.get_by_role_and_label(Role::Button, "Sort by Tokens/s").rect();
    window.hover_at(egui::pos2(head.center().x, row.center().y));
    window.run_steps(4);
    let lines = told(&window);
    assert!(lines.len() > beside, "{lines:?}");
    let near = "Measured: RTX 4090, Qwen2.5 7B Q4_K_M";
    assert!(lines.iter().any(|line| line.starts_with(near) && line.contains("tok")), "{lines:?}");
    // Memory rests on no measurement of speed.
    let head =
        window.get_by_role_and_label(Role::Button, &format!("Sort by {}", Column::Memory.title())).rect();
    window.hover_at(egui::pos2(head.center().x, row.center().y));
    window.run_steps(4);
    assert!(!told(&window).iter().any(|line| line.starts_with(near)), "{:?}", told(&window));
}

#[test]
fn an_own_measurement_moves_the_figure_and_its_removal_moves_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = window(folder.path(), MEASURED);
    let (before, class) = decode(&window);
    assert_eq!(class, Evidence::SameModel);
    bring(&mut window, bench(before.p50 * 0.8));
    if state(&window).own.for_machine().is_empty() {
        // Several models are written so: a person says which.
        let id = state(&window).own.rows[0].id;
        let model = state(&window).catalog.find(MEASURED).unwrap();
        window.state_mut().apply(Action::Own(plimsoll::app::own::OwnAction::Choose(id, model)));
        window.run();
    }
    let (after, class) = decode(&window);
    assert_eq!(class, Evidence::MeasuredHere);
    assert!(after.p50 < 0.95 * before.p50, "{before:?} {after:?}");
    // The range of this model here is as narrow as one measurement is exact.
    assert!(after.p90 / after.p10 < 1.001 * before.p90 / before.p10, "{before:?} {after:?}");
    window.get_by_label("Measured here");
    assert!(says(&window, "measured on this computer"));
    let row = state(&window).rows.iter().find(|row| row.model == state(&window).selected.unwrap()).unwrap();
    assert_eq!(row.outcome.brief().unwrap().decode, Some(after), "the table says the same");
    // Another rig has nothing of it.
    let rig = NamedRig {
        name: "Other".to_owned(),
        machine: MachineSpec { gpus: vec![GpuSpec::named("RTX 4090")], ..MachineSpec::default() },
        price_usd: None,
    };
    window.state_mut().apply(Action::KeepRig(rig));
    window.run();
    assert_eq!(decode(&window).1, Evidence::SameModel);
    assert!(!says(&window, "Measured here"));
    window.state_mut().apply(Action::ChooseRig(RigChoice::This));
    window.run();
    assert_eq!(decode(&window), (after, Evidence::MeasuredHere));

    let remove = labels(&window).into_iter().find(|label| label.starts_with("Remove Qwen2.5 7B Q4_K_M, "));
    click(&mut window, &remove.unwrap());
    assert_eq!(decode(&window), (before, Evidence::SameModel));
    assert!(!says(&window, "Measured here"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing stays on disk");
}
