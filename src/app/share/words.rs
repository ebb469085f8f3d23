//! What a code carries, in words.

use super::Shared;
use crate::app::page::Page;
use crate::app::rows::Sort;
use crate::app::settings::{Filters, View};
use crate::units::tokens_text;

/// What a code carries, a line each: a person sees what is sent before it is.
pub fn carried(shared: &Shared) -> Vec<String> {
    let mut lines = Vec::new();
    let model = shared.model.as_deref().unwrap_or("none");
    lines.push(format!("Model: {model} at {}", shared.level));
    lines.push(format!(
        "Scenario: {} tokens of context, {} cache, {}, {}",
        tokens_text(u64::from(shared.context)),
        shared.cache.name(),
        match shared.concurrency {
            1 => "1 request".to_owned(),
            more => format!("{more} requests at once"),
        },
        shared.engine.name(),
    ));
    lines.push(view(shared));
    lines.push(match &shared.rig {
        Some(rig) => format!("Machine: {} ({})", rig.name, rig.parts_text()),
        None => "Machine: that of whoever opens the code".to_owned(),
    });
    lines
}

fn view(shared: &Shared) -> String {
    let view = &shared.view;
    let page = Page::ALL.iter().find(|(page, _)| *page == view.page).map_or("", |(_, word)| word);
    let mut parts = vec![match (view.page, view.view) {
        (Page::Models, View::Table) => "table of models".to_owned(),
        (Page::Models, View::Matrix) => "matrix of models".to_owned(),
        _ => format!("page {page}"),
    }];
    if view.sort != Sort::default() {
        parts.push(format!("ordered by {}", view.sort.column.title()));
    }
    if view.filters != Filters::default() {
        parts.push("with its filters".to_owned());
    }
    if !view.search.is_empty() {
        parts.push(format!("searched for \u{201c}{}\u{201d}", view.search));
    }
    format!("View: {}", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{plain, rich};
    use super::*;

    #[test]
    fn all_that_is_carried_is_said() {
        assert_eq!(
            carried(&plain()),
            [
                "Model: Qwen/Qwen3-14B at Q4_K_M",
                "Scenario: 16K tokens of context, f16 cache, 1 request, llama.cpp",
                "View: table of models",
                "Machine: that of whoever opens the code",
            ]
        );
        assert_eq!(
            carried(&rich())[1..],
            [
                "Scenario: 64K tokens of context, q8_0 cache, 4 requests at once, llama.cpp",
                "View: matrix of models, ordered by Tokens/s, with its filters, searched for \u{201c}qwen é\u{201d}",
                "Machine: Attic (2× RTX 3090, RTX 3060 12 GB, 64 GiB RAM)",
            ]
        );
    }
}
