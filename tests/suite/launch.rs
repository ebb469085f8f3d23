//! The command card, by role and label: a tab for each program, flags that say what they do, what is copied.

use eframe::egui::accesskit::Role;
use eframe::egui::{self, Frame, Key, OutputCommand, Theme, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use plimsoll::app::detail::Detail;
use plimsoll::estimate::command::Program;
use plimsoll::estimate::rig::Rig;
use plimsoll::estimate::scenario::Engine;
use plimsoll::estimate::{Estimator, Scenario};
use plimsoll::machine::probe::recording;
use plimsoll::model::Catalog;
use plimsoll::ui::detail;
use plimsoll::ui::theme::{self, Tokens};

use crate::soft_renderer::SoftRenderer;

type Card = Harness<'static, Detail>;

/// As wide as the panel in the window and as high as all its cards.
const WHOLE: Vec2 = vec2(436.0, 2200.0);
const HINT: &str = "Hover a flag for its meaning, or press the arrow keys";

fn desktop(name: &str) -> Rig {
    let path = format!("{}/tests/machines/{name}.json", env!("CARGO_MANIFEST_DIR"));
    Rig::from(&recording::read(std::path::Path::new(&path)).unwrap())
}

fn detail_of(model: &str, level: &str, machine: &str, scenario: &Scenario) -> Detail {
    let catalog = Catalog::embedded();
    let (model, level) = (catalog.find(model).unwrap(), level.parse().unwrap());
    Detail::build(catalog, Estimator::embedded(), model, level, scenario, &desktop(machine))
}

fn card_of(detail: Detail) -> Card {
    let mut card = Harness::builder()
        .with_size(WHOLE)
        .with_max_steps(8)
        .with_context_setup(theme::apply)
        .renderer(SoftRenderer::default())
        .build_ui_state(
            |ui, detail: &mut Detail| {
                let t = Tokens::of(ui);
                let frame = Frame::new().fill(t.panel);
                egui::CentralPanel::default()
                    .frame(frame)
                    .show(ui, |ui| detail::show(ui, Some(detail), false));
            },
            detail,
        );
    card.run();
    card
}

fn scenario() -> Scenario {
    Scenario { context: 16_384, ..Scenario::default() }
}

fn card(model: &str, level: &str, machine: &str) -> Card {
    card_of(detail_of(model, level, machine, &scenario()))
}

/// The whole command as it is spoken.
fn spoken(card: &Card) -> String {
    card.get_by_role(Role::Code).accesskit_node().label().unwrap()
}

fn text_of(card: &Card, program: Program) -> String {
    card.state().launches.iter().find(|tab| tab.launch.program == program).unwrap().launch.text()
}

fn press(card: &mut Card, key: Key) {
    card.key_press(key);
    card.run();
}

/// What is copied within a few frames after a click, which is handled one frame after it is asked for.
fn copied(card: &mut Card) -> String {
    let mut copied = None;
    for _ in 0..4 {
        card.step();
        let commands = &card.output().platform_output.commands;
        copied = copied.or(commands.iter().find_map(|command| match command {
            OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        }));
    }
    copied.unwrap()
}

#[test]
fn each_tab_shows_its_programs_command_and_copies_exactly_that() {
    let mut card = card("Qwen/Qwen3-14B", "Q4_K_M", "rtx-4090-desktop");
    assert_eq!(spoken(&card), text_of(&card, Program::LlamaCpp), "the scenario's engine comes first");
    let programs: Vec<Program> = card.state().launches.iter().map(|tab| tab.launch.program).collect();
    assert!(programs.len() > 4, "{programs:?}");
    for program in programs {
        card.get_by_role_and_label(Role::RadioButton, program.title()).click();
        card.run();
        let text = text_of(&card, program);
        assert_eq!(spoken(&card), text);
        let copy = card.query_by_role_and_label(Role::Button, "Copy");
        copy.unwrap_or_else(|| card.get_by_role_and_label(Role::Button, "Copied")).click();
        assert_eq!(copied(&mut card), text, "{program:?}");
        assert!(card.query_by_role_and_label(Role::Button, "Copied").is_some());
    }
}

#[test]
fn another_programs_tab_says_what_it_would_run() {
    let mut card = card("Qwen/Qwen3-14B", "Q4_K_M", "rtx-4090-desktop");
    card.get_by_role_and_label(Role::RadioButton, Program::ExLlama.title()).click();
    card.run();
    card.get_by_label_contains("does not read Q4_K_M: this runs EXL3-");
    // LM Studio is llama.cpp, so nothing is to be added.
    card.get_by_role_and_label(Role::RadioButton, Program::LmStudio.title()).click();
    card.run();
    assert!(card.query_by_label_contains("does not read").is_none());
}

#[test]
fn a_flag_says_what_it_does_under_the_pointer() {
    let mut card = card("Qwen/Qwen3-14B", "Q4_K_M", "rtx-4090-desktop");
    card.get_by_label(HINT);
    let flag = card.get_by_role_and_label(Role::Label, "-c 16384");
    let means = flag.accesskit_node().description().unwrap();
    flag.hover();
    card.run();
    let line = format!("-c 16384: {means}");
    card.get_by_label(&line);
    assert!(card.query_by_label(HINT).is_none());
    // What follows does not move, whichever flag is read.
    let below = |card: &Card| card.get_by_role_and_label(Role::Heading, "How it is known").rect().top();
    let before = below(&card);
    card.get_by_role_and_label(Role::Heading, "The model").hover();
    card.run();
    card.get_by_label(HINT);
    assert_eq!(below(&card), before);
}

#[test]
fn flags_are_read_by_the_arrow_keys() {
    let mut card = card("Qwen/Qwen3-14B", "Q4_K_M", "rtx-4090-desktop");
    let flags: Vec<String> = card.state().launches[0]
        .launch
        .lines
        .iter()
        .flat_map(|line| &line.words)
        .filter_map(|word| Some(format!("{}: {}", word.text, word.option?.means)))
        .collect();
    assert!(flags.len() > 4, "{flags:?}");
    card.get_by_role(Role::Code).focus();
    card.run();
    card.get_by_label(HINT);
    let below = |card: &Card| card.get_by_role_and_label(Role::Heading, "How it is known").rect().top();
    let before = below(&card);
    let steps = [
        (Key::ArrowRight, 0),
        (Key::ArrowRight, 1),
        (Key::ArrowRight, 2),
        (Key::ArrowLeft, 1),
        (Key::End, flags.len() - 1),
        (Key::ArrowRight, flags.len() - 1),
        (Key::Home, 0),
        (Key::ArrowLeft, 0),
    ];
    for (key, flag) in steps {
        press(&mut card, key);
        card.get_by_label(&flags[flag]);
        let block = card.get_by_role(Role::Code);
        assert_eq!(block.accesskit_node().description().as_ref(), Some(&flags[flag]), "spoken as shown");
        assert_eq!(below(&card), before, "nothing moves while flags are read");
    }
    // The next stop is outside the command.
    press(&mut card, Key::Tab);
    assert!(!card.get_by_role(Role::Code).is_focused());
    card.get_by_label(HINT);
}

#[test]
fn programs_that_cannot_run_it_say_why() {
    let card = card("Qwen/Qwen3-32B", "Q8_0", "rtx-3060-desktop");
    let reasons = |start: &str| {
        let note = card.get_by_label_contains(start);
        (note.value().unwrap(), note.accesskit_node().description().unwrap())
    };
    let (names, why) = reasons("Not on this machine: ");
    assert!(names.contains("MLX"), "{names}");
    assert!(why.contains("MLX: ") && why.contains("Apple"), "{why}");
    let (names, why) = reasons("Too big here for: ");
    assert!(names.contains("vLLM"), "{names}");
    assert!(why.contains("vLLM: At "), "{why}");
}

#[test]
fn what_is_too_big_for_the_cards_can_be_spread_over_machines() {
    let mut card = card("Qwen/Qwen3-32B", "Q4_K_M", "rtx-3060-desktop");
    card.get_by_role_and_label(Role::RadioButton, Program::LlamaCppRpc.title()).click();
    card.run();
    card.get_by_label_contains(" machines like this one: ");
    let text = spoken(&card);
    assert!(text.contains("rpc-server") && text.contains("--rpc "), "{text}");
    let fits = self::card("Qwen/Qwen3-8B", "Q4_K_M", "rtx-3060-desktop");
    assert!(fits.query_by_role_and_label(Role::RadioButton, Program::LlamaCppRpc.title()).is_none());
}

#[test]
fn the_card_opens_with_the_engine_that_was_asked_for() {
    let vllm = Scenario { engine: Engine::Vllm, ..scenario() };
    let card = card_of(detail_of("Qwen/Qwen3-14B", "FP8", "rtx-4090-desktop", &vllm));
    assert_eq!(spoken(&card), text_of(&card, Program::Vllm));
    assert!(spoken(&card).starts_with("vllm serve "), "{}", spoken(&card));
    let rows: Vec<String> =
        card.query_all_by_role(Role::RadioButton).filter_map(|node| node.accesskit_node().label()).collect();
    for level in ["NATIVE, ", "FP8, ", "AWQ-4bit-g128, ", "NVFP4, "] {
        assert!(rows.iter().any(|row| row.starts_with(level)), "{level} is not in {rows:?}");
    }
    assert!(!rows.iter().any(|row| row.starts_with("Q4_K_M")), "{rows:?}");
}

#[test]
fn commands_are_painted_in_both_themes() {
    let mut card = card("Qwen/Qwen3-14B", "Q4_K_M", "rtx-4090-desktop");
    for (theme, t) in [(Theme::Dark, &theme::DARK), (Theme::Light, &theme::LIGHT)] {
        card.ctx.set_theme(theme);
        card.get_by_role_and_label(Role::Label, "-c 16384").hover();
        card.run();
        let rect = card.get_by_role_and_label(Role::Label, "-c 16384").rect();
        let picture = card.render().unwrap();
        let is = |x: f32, y: f32| picture.get_pixel(x as u32, y as u32).0[..3] == t.hover.to_array()[..3];
        assert!(is(rect.left() - 1.0, rect.center().y), "the flag that is explained is marked in {theme:?}");
    }
}
