//! What holds for every page: each thing that can be used has a name, is reached by Tab, and lies in the window at
//! every zoom.

use std::collections::BTreeSet;

use eframe::egui::accesskit::{Action as Wanted, Role};
use eframe::egui::{Key, Modifiers, Rect, Vec2};
use egui_kittest::kittest::{AccessKitNode, NodeT as _, Queryable as _};
use plimsoll::app::palette::PaletteAction;
use plimsoll::app::share::ShareAction;
use plimsoll::app::tray::TrayAction;
use plimsoll::app::{Action, Page, View, WorkAction};
use plimsoll::estimate::workload::Kind;

use crate::window::{self, LARGE, SMALL, Window, desktop};

/// Everything that a window can show, and the way there.
fn places() -> Vec<(&'static str, Vec<Action>)> {
    let work = |kind| vec![Action::SetPage(Page::Work), Action::Work(WorkAction::Kind(kind))];
    vec![
        ("models", Vec::new()),
        ("matrix", vec![Action::SetView(View::Matrix)]),
        ("detail", vec![Action::ShowDetailPage(true)]),
        ("map", vec![Action::SetPage(Page::Map)]),
        ("machine", vec![Action::SetPage(Page::Machine)]),
        ("chat", work(Kind::Chat)),
        ("batch", work(Kind::Batch)),
        ("agent", work(Kind::Agent)),
        ("users", work(Kind::Users)),
        ("completion", work(Kind::Completion)),
        ("tray", vec![Action::Tray(TrayAction::Toggle), Action::Tray(TrayAction::Open(true))]),
        ("palette", vec![Action::Palette(PaletteAction::Show(true))]),
        ("shortcuts", vec![Action::ShowShortcuts(true)]),
        ("terms", vec![Action::ShowGlossary(true)]),
        ("share", vec![Action::Share(ShareAction::Show(true))]),
    ]
}

fn window_at(size: Vec2, zoom: f32, actions: Vec<Action>) -> Window {
    let mut window = window::on(size, desktop());
    window.ctx.set_zoom_factor(zoom);
    window.run();
    for action in actions {
        window.state_mut().apply(action);
        window.run();
    }
    window
}

/// A thing that takes the focus: its role, what it is called, where it is in points.
#[derive(Debug)]
struct Thing {
    id: String,
    role: Role,
    name: String,
    rect: Rect,
}

/// Whatever takes the focus and is not out of use.
fn things(window: &Window) -> Vec<Thing> {
    let takes_focus =
        |node: &AccessKitNode<'_>| node.data().supports_action(Wanted::Focus) && !node.is_disabled();
    let thing = |node: egui_kittest::Node<'_>| {
        let inner = node.accesskit_node();
        let id = format!("{:?}", inner.id());
        Thing { id, role: inner.role(), name: inner.label().unwrap_or_default(), rect: node.rect() }
    };
    window.query_all_by(takes_focus).map(thing).collect()
}

#[test]
fn whatever_takes_the_focus_has_a_name() {
    let mut nameless = Vec::new();
    for size in [LARGE, SMALL] {
        for (place, actions) in places() {
            let window = window_at(size, 1.0, actions);
            let things = things(&window);
            assert!(things.len() > 3, "{place}: {things:?}");
            for thing in things.iter().filter(|thing| thing.name.trim().is_empty()) {
                nameless.push(format!("{place} at {size}: {thing:?}"));
            }
        }
    }
    assert!(nameless.is_empty(), "{nameless:#?}");
}

#[test]
fn nothing_lies_beside_the_window_at_any_zoom() {
    let mut beside = Vec::new();
    for zoom in [0.75, 1.0, 1.5, 2.0] {
        for (place, actions) in places() {
            let window = window_at(SMALL, zoom, actions);
            let width = SMALL.x / zoom;
            for thing in things(&window) {
                // Columns of the matrix scroll sideways.
                let scrolls = place == "matrix" && thing.role != Role::TextInput;
                let is_out = thing.rect.left() < -1.0 || thing.rect.right() > width + 1.0;
                if is_out && !scrolls {
                    beside.push(format!("{place} at {zoom}: {thing:?}"));
                }
            }
        }
    }
    assert!(beside.is_empty(), "{beside:#?}");
}

fn has_focus(node: &AccessKitNode<'_>) -> bool {
    node.is_focused()
}

/// What Tab reaches, until it comes back to the beginning: roles and names.
fn reached(window: &mut Window, most: usize) -> BTreeSet<(String, String)> {
    let mut reached = BTreeSet::new();
    let mut first = None;
    for _ in 0..most {
        window.key_press_modifiers(Modifiers::NONE, Key::Tab);
        window.run();
        let Some(focused) = window.query_all_by(has_focus).next() else { continue };
        let node = focused.accesskit_node();
        // The focus of a grid or a map is told as that of the cell or point which is chosen in it.
        let role = match node.role() {
            Role::GridCell => Role::Grid,
            Role::ListBoxOption => Role::ListBox,
            role => role,
        };
        let key = told_apart(role, &node.label().unwrap_or_default());
        let id = format!("{:?}", node.id());
        if first.as_ref() == Some(&id) {
            break;
        }
        first.get_or_insert(id);
        reached.insert(key);
    }
    reached
}

/// How things are told apart while the window changes: what they are, and what they are called.
fn told_apart(role: Role, name: &str) -> (String, String) {
    let name = match role {
        Role::Grid | Role::ListBox => "",
        // A chart with the focus says the values at its crosshair first.
        Role::GraphicsDocument => {
            name.rsplit(". ").next().and_then(|words| words.split(':').next()).unwrap_or_default()
        }
        _ => name,
    };
    (format!("{role:?}"), name.to_owned())
}

/// What is open over the window keeps the focus; behind it nothing takes it.
const OVER: [&str; 4] = ["palette", "shortcuts", "terms", "share"];

#[test]
fn tab_reaches_everything() {
    let mut missed = Vec::new();
    for (place, actions) in places() {
        let behind: BTreeSet<String> = if OVER.contains(&place) {
            things(&window_at(SMALL, 1.0, Vec::new())).into_iter().map(|thing| thing.id).collect()
        } else {
            BTreeSet::new()
        };
        let mut window = window_at(SMALL, 1.0, actions);
        let before = things(&window);
        let reached = reached(&mut window, 3 * before.len() + 10);
        for thing in before.iter().filter(|thing| !behind.contains(&thing.id)) {
            // Arrows choose among the palette's entries while its field has the focus.
            let by_arrows = place == "palette" && thing.role == Role::ListBoxOption;
            if !by_arrows && !reached.contains(&told_apart(thing.role, &thing.name)) {
                missed.push(format!("{place}: {thing:?}"));
            }
        }
        for thing in before.iter().filter(|thing| behind.contains(&thing.id)) {
            if reached.contains(&told_apart(thing.role, &thing.name)) {
                missed.push(format!("{place}, behind it: {thing:?}"));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}
