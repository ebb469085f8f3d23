//! Words of a window, read as a screen reader does.

use eframe::egui;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

/// All words in a window.
pub fn labels<State>(window: &Harness<'_, State>) -> Vec<String> {
    let nodes = window.query_all_by(|_| true);
    let words = |node: egui_kittest::Node<'_>| {
        let node = node.accesskit_node();
        node.label().or_else(|| node.value())
    };
    nodes.filter_map(words).collect()
}

/// Whether `words` stand anywhere in it.
pub fn says<State>(window: &Harness<'_, State>, words: &str) -> bool {
    labels(window).iter().any(|label| label.contains(words))
}

/// Pastes `text`.
pub fn paste<State>(window: &mut Harness<'_, State>, text: &str) {
    window.event(egui::Event::Paste(text.to_owned()));
    window.run();
}
