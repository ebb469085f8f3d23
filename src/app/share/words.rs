//! What a code carries, in words.

use super::Shared;
use crate::app::page::Page;
use crate::app::rows::Sort;
use crate::app::settings::{Filters, View};
use crate::language::tr;
use crate::units::tokens_text;

/// What a code carries, a line each: a person sees what is sent before it is.
pub fn carried(shared: &Shared) -> Vec<String> {
    let mut lines = Vec::new();
    let model = shared.model.as_deref().unwrap_or(tr!("none"));
    lines.push(tr!("Model: {model} at {level}", model, level = shared.level));
    lines.push(tr!(
        "Scenario: {context} tokens of context, {cache} cache, {requests}, {engine}",
        context = tokens_text(u64::from(shared.context)),
        cache = shared.cache.name(),
        requests = match shared.concurrency {
            1 => tr!("1 request").to_owned(),
            more => tr!("{more} requests at once", more),
        },
        engine = shared.engine.name()
    ));
    lines.push(view(shared));
    lines.push(match &shared.rig {
        Some(rig) => tr!("Machine: {name} ({parts})", name = rig.name, parts = rig.parts_text()),
        None => tr!("Machine: that of whoever opens the code").to_owned(),
    });
    lines
}

fn view(shared: &Shared) -> String {
    let view = &shared.view;
    let page = Page::all().into_iter().find(|(page, _)| *page == view.page).map_or("", |(_, word)| word);
    let mut parts = vec![match (view.page, view.view) {
        (Page::Models, View::Table) => tr!("table of models").to_owned(),
        (Page::Models, View::Matrix) => tr!("matrix of models").to_owned(),
        _ => tr!("page {page}", page),
    }];
    if view.sort != Sort::default() {
        parts.push(tr!("ordered by {column}", column = view.sort.column.title()));
    }
    if view.filters != Filters::default() {
        parts.push(tr!("with its filters").to_owned());
    }
    if !view.search.is_empty() {
        parts.push(tr!("searched for “{search}”", search = view.search));
    }
    tr!("View: {parts}", parts = parts.join(", "))
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
