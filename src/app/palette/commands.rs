//! Everything that can be done without pointing at something.

use super::{Does, Entry, State};
use crate::app::action::Action;
use crate::app::best_for::BestForAction;
use crate::app::detail::CurveKind;
use crate::app::export::{ExportAction, What};
use crate::app::grid::{Figure, Grouping};
use crate::app::habits::HabitsAction;
use crate::app::models::{ModelsAction, Part};
use crate::app::own::OwnAction;
use crate::app::page::Page;
use crate::app::report::Form;
use crate::app::settings::{
    CONCURRENCY_MAX, CONTEXT_MAX, CONTEXT_MIN, Filters, LanguageChoice, ThemeChoice, View,
};
use crate::app::share::ShareAction;
use crate::app::tray::TrayAction;
use crate::estimate::engine;
use crate::estimate::scenario::Engine;
use crate::language::{self, Language, tr, tr_n};
use crate::units::tokens_text;

/// A command.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// What is listed.
    pub entry: Entry,
    /// What else it is known as, in lower case.
    pub also: &'static str,
}

/// Collects commands.
#[derive(Default)]
struct List(Vec<Command>);

impl List {
    fn add(&mut self, title: impl Into<String>, note: impl Into<String>, also: &'static str, does: Does) {
        self.0.push(Command { entry: Entry { title: title.into(), note: note.into(), does }, also });
    }

    fn act(&mut self, title: impl Into<String>, note: impl Into<String>, also: &'static str, action: Action) {
        self.add(title, note, also, Does::Act(action));
    }
}

/// What a choice is marked with that stands already.
fn now(is_current: bool, kind: &str) -> String {
    if is_current { tr!("{kind}, now", kind) } else { kind.to_owned() }
}

/// All commands that can be run in `state`, the most usual first.
pub(super) fn all(state: &State) -> Vec<Command> {
    let mut list = List::default();
    pages(state, &mut list);
    advice(state, &mut list);
    brought(&mut list);
    steps(state, &mut list);
    filters(state, &mut list);
    scenario(state, &mut list);
    looks(state, &mut list);
    leaves(state, &mut list);
    list.act(tr!("Keyboard shortcuts"), tr!("Help"), "keys help", Action::ShowShortcuts(true));
    list.act(
        tr!("What the terms mean"),
        tr!("Help"),
        "glossary what is this explain",
        Action::ShowGlossary(true),
    );
    list.0
}

fn pages(state: &State, list: &mut List) {
    for (page, name) in Page::all() {
        list.act(name, now(state.settings.page == page, tr!("Page")), "page go show", Action::SetPage(page));
    }
    for (view, name) in [(View::Table, tr!("Table")), (View::Matrix, tr!("Matrix"))] {
        let is_current = state.settings.page == Page::Models && state.settings.view == view;
        list.act(
            name,
            now(is_current, tr!("View of the models")),
            "page view go show",
            Action::SetView(view),
        );
    }
    if state.selected.is_some() {
        list.act(
            tr!("Detail of the selected model"),
            tr!("Page"),
            "page go show open",
            Action::ShowDetailPage(true),
        );
    }
}

/// What is best here, and how the selected model is started.
fn advice(state: &State, list: &mut List) {
    let answer = state.best_for.answer.as_ref();
    for (wanted, found) in answer.iter().flat_map(|answer| &answer.found) {
        if let Some(pick) = found.pick() {
            let title = tr!(
                "Best for {purpose}: {name} {level}",
                purpose = lower_first(wanted.word()),
                name = pick.name,
                level = pick.level
            );
            let take = Action::BestFor(BestForAction::Take(*wanted));
            list.act(title, tr!("Best for you"), "coding programming images recommended advice", take);
        }
    }
    for tab in state.detail.iter().flat_map(|detail| &detail.launches) {
        let title = tr!("Copy the command for {program}", program = tab.launch.program.title());
        list.add(title, tr!("Selected model"), "start run launch server", Does::Copy(tab.launch.text()));
    }
}

fn brought(list: &mut List) {
    list.add(tr!("Open a model…"), tr!("File or folder"), "gguf config file load import", Does::OpenModels);
    for (part, name) in Part::all() {
        let title = match part {
            Part::Yours => tr!("Your models"),
            Part::Installed => tr!("Models on this computer"),
            Part::Hub => tr!("Models of the hub"),
            Part::Catalogs => name,
        };
        list.act(
            title,
            tr!("Models"),
            "own installed ollama download hugging face search",
            Action::Models(ModelsAction::Show(Some(part))),
        );
    }
    list.act(
        tr!("Your measurements"),
        tr!("Speed"),
        "measure benchmark llama-bench import",
        Action::Own(OwnAction::Show(true)),
    );
}

/// What is pinned, shared and exported.
fn leaves(state: &State, list: &mut List) {
    list.act(
        tr!("Share what is shown"),
        tr!("Code"),
        "share copy send link",
        Action::Share(ShareAction::Show(true)),
    );
    list.act(
        tr!("Open a share code"),
        tr!("Code"),
        "share paste restore",
        Action::Share(ShareAction::Show(true)),
    );
    if state.can_export(&What::Models) {
        let copy = Action::Export(ExportAction::Copy(What::Models, Form::Markdown));
        list.act(tr!("Copy the models as Markdown"), tr!("Export"), "table clipboard", copy);
    }
    if state.can_export(&What::Detail) {
        let copy = Action::Export(ExportAction::Copy(What::Detail, Form::Markdown));
        list.act(tr!("Copy the selected model as Markdown"), tr!("Export"), "detail clipboard", copy);
    }
    if state.selected.is_some() {
        let title =
            if state.is_pinned() { tr!("Unpin the selected model") } else { tr!("Pin the selected model") };
        list.act(title, tr!("Tray"), "compare side by side", Action::Tray(TrayAction::Toggle));
    }
    if !state.settings.tray.is_empty() {
        let open = Action::Tray(TrayAction::Open(true));
        list.act(tr!("Hold what is pinned side by side"), tr!("Tray"), "compare tray difference", open);
        list.act(tr!("Pin nothing"), tr!("Tray"), "clear compare", Action::Tray(TrayAction::Clear));
    }
    for (kind, _) in CurveKind::all() {
        let note = now(state.settings.curve == kind, tr!("Curve of the detail"));
        list.act(kind.title(), note, "chart plot", Action::SetCurve(kind));
    }
}

fn steps(state: &State, list: &mut List) {
    if state.can_undo() {
        list.act(tr!("Undo"), tr!("What is asked"), "back", Action::Undo);
    }
    if state.can_redo() {
        list.act(tr!("Redo"), tr!("What is asked"), "again", Action::Redo);
    }
    list.act(tr!("Usual scenario"), tr!("What is asked"), "reset default", Action::ResetScenario);
    if !state.what_if.is_empty() {
        list.act(tr!("Suppose nothing"), tr!("Machine"), "reset what if", Action::SupposeNothing);
    }
}

fn filters(state: &State, list: &mut List) {
    let known = &state.settings.filters;
    let mut toggle = |name: &str, is_on: bool, action: fn(bool) -> Action| {
        let (title, note) = if is_on {
            (tr!("No longer: {name}", name = lower_first(name)), tr!("Filter, on now"))
        } else {
            (name.to_owned(), tr!("Filter"))
        };
        list.act(title, note, "filter only", action(!is_on));
    };
    toggle(tr!("Only what fits on the GPU"), known.only_fits, Action::OnlyFits);
    toggle(tr!("At reading speed"), known.reading_speed, Action::ReadingSpeed);
    toggle(tr!("On this computer"), known.installed, Action::OnThisComputer);
    toggle(tr!("Favourites"), known.favourites, |on| Action::Habits(HabitsAction::OnlyFavourites(on)));
    toggle(tr!("Also embedding and diffusion"), known.not_generating, Action::NotGenerating);
    for (tag, name) in Filters::tags() {
        let is_on = known.tags.contains(&tag);
        let title = if is_on {
            tr!("No longer: models for {name}", name = lower_first(name))
        } else {
            tr!("Models for {name}", name = lower_first(name))
        };
        list.act(
            title,
            if is_on { tr!("Filter, on now") } else { tr!("Filter") },
            "filter only",
            Action::WithTag(tag, !is_on),
        );
    }
    list.act(tr!("Clear filters and search"), tr!("Filter"), "reset all", Action::ClearFilters);
}

fn scenario(state: &State, list: &mut List) {
    let settings = &state.settings;
    for engine in Engine::ALL {
        list.act(
            engine.title(),
            now(settings.engine == engine, tr!("Engine")),
            "engine",
            Action::SetEngine(engine),
        );
    }
    for level in engine::levels(settings.engine) {
        let note = now(settings.level == level, tr!("Quantization"));
        list.act(level.to_string(), note, "quantization quant level", Action::SetLevel(level));
    }
    for cache in engine::cache_types(settings.engine) {
        let note = now(settings.cache == *cache, tr!("KV cache"));
        list.act(tr!("{name} cache", name = cache.name()), note, "kv type", Action::SetCache(*cache));
    }
    for context in doublings(CONTEXT_MIN, CONTEXT_MAX) {
        let note = now(settings.context == context, tr!("Context length"));
        let title = tr!("{context} tokens", context = tokens_text(u64::from(context)));
        list.act(title, note, "context length", Action::SetContext(context));
    }
    for requests in doublings(1, CONCURRENCY_MAX) {
        let note = now(settings.concurrency == requests, tr!("At once"));
        let title = tr_n!(requests, "{requests} request", "{requests} requests", requests);
        list.act(title, note, "concurrency at once parallel", Action::SetConcurrency(requests));
    }
    let looked_at = state.choice();
    for choice in state.choices() {
        let note = now(choice == looked_at, tr!("Machine"));
        list.act(state.title_of(&choice).to_owned(), note, "machine rig", Action::ChooseRig(choice));
    }
}

fn looks(state: &State, list: &mut List) {
    for figure in Figure::ALL {
        let note = now(state.settings.figure == figure, tr!("Cells of the matrix"));
        list.act(figure.label(), note, "matrix cells figure", Action::SetFigure(figure));
    }
    let all = engine::levels(state.scenario.engine);
    let is_all = state.columns() == all;
    let columns = [
        (tr!("All levels"), is_all, all),
        (tr!("Usual levels"), state.settings.columns.is_empty(), Vec::new()),
    ];
    for (name, is_now, levels) in columns {
        let note = now(is_now, tr!("Columns of the matrix"));
        list.act(name, note, "matrix columns quantizations", Action::SetColumns(levels));
    }
    for grouping in Grouping::ALL {
        let note = now(state.settings.grouping == grouping, tr!("Rows of the matrix"));
        list.act(grouping.label(), note, "matrix group", Action::SetGrouping(grouping));
    }
    let themes = [
        (ThemeChoice::System, tr!("As the desktop")),
        (ThemeChoice::Dark, tr!("Dark")),
        (ThemeChoice::Light, tr!("Light")),
    ];
    for (theme, name) in themes {
        let note = now(state.settings.theme == theme, tr!("Theme"));
        list.act(tr!("{name} theme", name), note, "appearance colour mode", Action::SetTheme(theme));
    }
    for (language, name) in LanguageChoice::all() {
        let note = now(state.settings.language == language, tr!("Language"));
        list.act(name, note, "language sprache german english", Action::SetLanguage(language));
    }
}

fn doublings(from: u32, to: u32) -> impl Iterator<Item = u32> {
    std::iter::successors(Some(from), move |value| value.checked_mul(2).filter(|next| *next <= to))
}

/// The text with its first letter small, as in the middle of an English title; a German one keeps its nouns.
fn lower_first(text: &str) -> String {
    if language::current() == Language::German {
        return text.to_owned();
    }
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
