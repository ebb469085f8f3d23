//! What a frame of each page costs this program and egui, without a GPU: drawing the page, and making triangles of
//! what was drawn.
//!
//! `cargo bench --bench frames`

#![expect(clippy::expect_used, reason = "a benchmark that cannot begin says so")]

use std::cell::RefCell;
use std::path::Path;

use divan::{Bencher, black_box};
use eframe::App as _;
use eframe::egui::epaint::ClippedPrimitive;
use eframe::egui::{
    Context, Event, Modifiers, MouseWheelSource, MouseWheelUnit, Pos2, RawInput, Rect, TouchPhase, Vec2,
    pos2, vec2,
};

use plimsoll::app::{Action, Page, View};
use plimsoll::machine::probe::recording;
use plimsoll::ui::PlimsollApp;

/// Counts allocations too.
#[global_allocator]
static ALLOCATIONS: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

/// What is shown.
const PAGES: [&str; 5] = ["table", "matrix", "map", "machine", "work"];
/// The usual size of the window, points.
const SIZE: Vec2 = vec2(1440.0, 900.0);
/// A place in the middle of every page.
const MIDDLE: Pos2 = pos2(640.0, 500.0);

/// A window that nobody sees.
struct Window {
    ctx: Context,
    app: PlimsollApp,
    frame: eframe::Frame,
    seconds: f64,
}

impl Window {
    /// On a page, after the frames that it takes to come to rest.
    fn on(page: &str) -> Self {
        let ctx = Context::default();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/machines/rtx-4090-desktop.json");
        let machine = recording::read(&path).expect("the recorded machine is sound");
        let app = PlimsollApp::on_machine(&ctx, None, machine);
        let mut window = Self { ctx, app, frame: eframe::Frame::_new_kittest(), seconds: 0.0 };
        window.app.apply(match page {
            "table" => Action::SetView(View::Table),
            "matrix" => Action::SetView(View::Matrix),
            "map" => Action::SetPage(Page::Map),
            "machine" => Action::SetPage(Page::Machine),
            _ => Action::SetPage(Page::Work),
        });
        window.frame(vec![Event::PointerMoved(MIDDLE)]);
        (0..20).for_each(|_| drop(window.frame(Vec::new())));
        window
    }

    fn frame(&mut self, events: Vec<Event>) -> Vec<ClippedPrimitive> {
        self.seconds += 1.0 / 60.0;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, SIZE)),
            time: Some(self.seconds),
            predicted_dt: 1.0 / 60.0,
            focused: true,
            events,
            ..RawInput::default()
        };
        let Self { ctx, app, frame, .. } = self;
        let output = ctx.run_ui(input, |ui| {
            app.logic(ui, frame);
            app.ui(ui, frame);
        });
        ctx.tessellate(output.shapes, output.pixels_per_point)
    }
}

/// Nothing has changed: what moving the pointer costs at least.
#[divan::bench(args = PAGES)]
fn still(bencher: Bencher<'_, '_>, page: &str) {
    let window = RefCell::new(Window::on(page));
    bencher.bench_local(|| window.borrow_mut().frame(Vec::new()));
}

/// The wheel is turned over the middle of the page.
#[divan::bench(args = PAGES)]
fn scrolled(bencher: Bencher<'_, '_>, page: &str) {
    let window = RefCell::new(Window::on(page));
    let mut turns = 0;
    bencher
        .with_inputs(|| {
            turns += 1;
            let down = if turns / 60 % 2 == 0 { -1.0 } else { 1.0 };
            vec![Event::MouseWheel {
                unit: MouseWheelUnit::Line,
                delta: vec2(0.0, down),
                phase: TouchPhase::Move,
                source: MouseWheelSource::Unknown,
                modifiers: Modifiers::NONE,
            }]
        })
        .bench_local_values(|events| window.borrow_mut().frame(events));
}

/// The context slider is dragged: every frame is at another context. The matrix, which the window computes on a
/// thread, is not among them.
#[divan::bench(args = ["table", "map"])]
fn dragged(bencher: Bencher<'_, '_>, page: &str) {
    let window = RefCell::new(Window::on(page));
    let mut context = 4096;
    bencher
        .with_inputs(|| {
            context = if context < 131_072 { context + 2048 } else { 4096 };
            context
        })
        .bench_local_values(|context| {
            let mut window = window.borrow_mut();
            window.app.apply(Action::SetContext(black_box(context)));
            window.frame(Vec::new())
        });
}
