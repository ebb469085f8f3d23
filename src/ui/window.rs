//! The window: its parts, and the way from what they ask for to the next frame.

use std::path::PathBuf;
use std::sync::Arc;

use eframe::egui::{
    Align, CentralPanel, Context, Frame, Layout, Margin, Panel, Rect, ThemePreference, Ui, Visuals, vec2,
};
use eframe::{CreationContext, Storage};

use super::background::{Early, jobs, machine_page};
use super::detail_place::{detail_beside, detail_overlay, detail_page, detail_panel, origin};
use super::dialogs::{Ask, Dialogs};
use super::run::FrameTimes;
use super::theme::{self, Tokens, size, space};
use super::widgets::segmented;
use super::{
    Actions, best_for, export, filters, glossary, hints, keys, machine, map, matrix, models, notices, own,
    palette, picture, scenario, share, shortcuts, storage, table, top_bar, tray, work,
};
use crate::app::Settings;
use crate::app::export::What;
use crate::app::files;
use crate::app::habits::Habits;
use crate::app::jobs::Wake;
use crate::app::models::{Models, ModelsAction, Setup};
use crate::app::own::{Own, Reprobe};
use crate::app::share::{ShareAction, Shared};
use crate::app::{Action, MachineAction, MachinePage, Notice, NoticeKind, Page, State, ThemeChoice, View};
use crate::files::installed::Environment;
use crate::language::{self, mark, tr};
use crate::machine::{Machine, probe};

/// What the window is opened with.
#[derive(Debug)]
pub(super) struct Start {
    /// What was begun meanwhile.
    pub early: Early,
    /// What is to be said about the settings.
    pub notice: Option<String>,
    /// Where times of frames are kept.
    pub frames: Option<FrameTimes>,
    /// Files to open.
    pub files: Vec<PathBuf>,
    /// What a share code carries, to be shown.
    pub shared: Option<Box<Shared>>,
}

/// The application: state, and drawing it.
#[derive(Debug)]
pub struct PlimsollApp {
    state: State,
    frames: Option<FrameTimes>,
    dialogs: Dialogs,
    /// What a share code carries, until this computer is known: its machine may be this one.
    shared: Option<Box<Shared>>,
    /// What is installed was looked for, once the window was seen.
    looked: bool,
}

impl PlimsollApp {
    /// The window on this machine, which is read in the background.
    pub(super) fn new(cc: &CreationContext<'_>, start: Start) -> Self {
        let ctx = cc.egui_ctx.clone();
        let wake: Wake = Arc::new(move || ctx.request_repaint());
        let is_first = storage::is_first(cc.storage);
        let mut app = Self::open(&cc.egui_ctx, cc.storage, |mut settings| {
            if is_first {
                settings.habits = Habits::first();
            }
            // A recorded machine is not this computer, whose memory can be measured.
            let is_this = start.early.is_this;
            let reprobe = is_this.then(|| Reprobe::new(probe::probe_now));
            let own = Own::background(files::folder(), reprobe, Arc::clone(&wake));
            let jobs = jobs(&settings, start.early, &wake);
            let setup =
                Setup { folder: files::folder(), environment: Some(Environment::of_process()), hub: None };
            let models = Models::background(setup, Arc::clone(&wake));
            let mut state = State::new(settings, jobs, own, models, machine_page(is_this, &wake), wake);
            if !is_this {
                state.this_title = mark!("Recorded");
            }
            state
        });
        if let Some(notice) = start.notice {
            app.state.notify(Notice::new(NoticeKind::Settings, notice));
        }
        app.frames = start.frames;
        if !start.files.is_empty() {
            app.state.apply(Action::Models(ModelsAction::Open(start.files)));
        }
        app.shared = start.shared;
        app
    }

    /// The window on a machine that is known already; all is computed when it is asked for, so that every
    /// frame is the same each time.
    pub fn on_machine(ctx: &Context, storage: Option<&dyn Storage>, machine: Machine) -> Self {
        Self::open(ctx, storage, |settings| State::with_machine(settings, machine))
    }

    /// The window before its machine is known, which stays so.
    pub fn before_machine(ctx: &Context, storage: Option<&dyn Storage>) -> Self {
        Self::open(ctx, storage, State::before_machine)
    }

    /// The window on a machine that is known, with own measurements.
    pub fn with_own(ctx: &Context, machine: Machine, own: Own) -> Self {
        Self::open(ctx, None, |settings| State::with_own(settings, machine, own))
    }

    /// The same with a Machine page whose values change.
    pub fn with_page(ctx: &Context, machine: Machine, page: MachinePage) -> Self {
        Self::open(ctx, None, |settings| State::with_page(settings, machine, Own::inline(None, None), page))
    }

    /// The same with models of a person's own, too.
    pub fn with_models(ctx: &Context, machine: Machine, models: Models) -> Self {
        let own = Own::inline(None, None);
        Self::open(ctx, None, |settings| State::with_models(settings, machine, own, models))
    }

    fn open(ctx: &Context, storage: Option<&dyn Storage>, state: impl FnOnce(Settings) -> State) -> Self {
        theme::apply(ctx);
        glossary::install(ctx);
        let (settings, damage) = match storage::load(storage) {
            Ok(settings) => (settings, None),
            Err(error) => (Settings::default(), Some(error)),
        };
        language::set(settings.language.language());
        let mut state = state(settings);
        if let Some(error) = damage {
            let text = tr!("The saved settings cannot be used, so the usual ones are: {error}", error);
            state.notify(Notice::new(NoticeKind::Settings, text));
        }
        apply_theme(ctx, state.settings.theme);
        Self { state, frames: None, dialogs: Dialogs::default(), shared: None, looked: false }
    }

    /// What the window knows.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Makes a change as a click would.
    pub fn apply(&mut self, action: Action) {
        self.state.apply(action);
        self.state.update();
    }

    /// The page: notices, the switch between table and matrix, and the one of them that is chosen. Answers with
    /// where its rows are.
    fn center(&self, ui: &mut Ui, narrow: bool, actions: &mut Actions) -> Rect {
        let state = &self.state;
        ui.spacing_mut().item_spacing.y = 0.0;
        models::strip(ui, state, actions);
        notices::show(ui, state, actions);
        hints::show(ui, state, actions);
        if state.settings.page == Page::Map {
            filters::chips_row(ui, state, actions);
            map::show(ui, state, narrow, actions);
            return Rect::NOTHING;
        }
        best_for::show(ui, state, actions);
        tool_row(ui, state, &self.dialogs, actions);
        filters::chips_row(ui, state, actions);
        match state.settings.view {
            View::Table => table::show(ui, state, narrow, actions),
            View::Matrix => show_matrix(ui, state, narrow, actions),
        }
    }

    fn draw(&self, ui: &mut Ui) -> Actions {
        let state = &self.state;
        let mut actions: Actions = self.dialogs.answers().collect();
        share::paste(ui, &mut actions);
        models::paste(ui, state, &mut actions);
        drop_files(ui, state, &mut actions);
        own::show(ui, state, &self.dialogs, &mut actions);
        models::show(ui, state, &self.dialogs, &mut actions);
        palette::show(ui, state, &self.dialogs, &mut actions);
        shortcuts::show(ui, state, &mut actions);
        share::show(ui, state, &mut actions);
        export::place(ui, state, &mut actions);
        export::handle(ui, state, exported(state).0, &mut actions);
        picture::take(ui, &self.dialogs);
        let narrow = ui.ctx().content_rect().width() < size::OVERLAY_BELOW;
        let overlay = narrow && state.detail_open && !state.tray.open;
        keys::handle(ui, state, overlay, &mut actions);
        if keys::opens(ui) {
            self.dialogs.open(ui.ctx(), Ask::Models);
        }

        let t = Tokens::of(ui);
        // Panels need no fill: the window is cleared to their colour, and each layer costs where the processor draws.
        let bar = Frame::new().inner_margin(Margin::symmetric(space::L as i8, 0));
        Panel::top("top bar")
            .exact_size(size::TOP_BAR)
            .frame(bar)
            .show(ui, |ui| top_bar::show(ui, state, &mut actions));
        if state.settings.page == Page::Machine {
            machine::page(ui, state, &self.dialogs, &mut actions);
            hold(ui, state, Rect::NOTHING, &mut actions);
            return actions;
        }
        if state.settings.page == Page::Work {
            work::page(ui, state, &self.dialogs, &mut actions);
            hold(ui, state, Rect::NOTHING, &mut actions);
            return actions;
        }
        let side = Frame::new();
        Panel::left("scenario")
            .exact_size(size::LEFT)
            .resizable(false)
            .frame(side)
            .show(ui, |ui| scenario::show(ui, state, &self.dialogs, &mut actions));
        if !state.settings.tray.is_empty() {
            let strip = Frame::new().inner_margin(Margin::symmetric(space::L as i8, 0));
            Panel::bottom("tray")
                .exact_size(tray::STRIP)
                .resizable(false)
                .frame(strip)
                .show(ui, |ui| tray::strip(ui, state, &mut actions));
        }
        if state.tray.open {
            let page = Frame::new().fill(t.bg);
            CentralPanel::default()
                .frame(page)
                .show(ui, |ui| tray::page(ui, state, &self.dialogs, origin(state), &mut actions));
            hold(ui, state, Rect::NOTHING, &mut actions);
            return actions;
        }
        if state.detail_page {
            let page = Frame::new().fill(t.bg);
            CentralPanel::default().frame(page).show(ui, |ui| {
                if !state.notices.is_empty() {
                    let margin = Margin { left: space::XL as i8, right: space::XL as i8, top: 8, bottom: 0 };
                    Frame::new().inner_margin(margin).show(ui, |ui| notices::show(ui, state, &mut actions));
                }
                detail_page(ui, state, &mut actions);
            });
            hold(ui, state, Rect::NOTHING, &mut actions);
            return actions;
        }
        if !narrow {
            detail_beside(ui, side, |ui| detail_panel(ui, state, &mut actions));
        }
        let page = Frame::new().fill(t.bg).inner_margin(space::M as i8);
        let rows =
            CentralPanel::default().frame(page).show(ui, |ui| self.center(ui, narrow, &mut actions)).inner;
        if overlay {
            detail_overlay(ui, state, &mut actions);
        }
        hold(ui, state, rows, &mut actions);
        if !narrow {
            // The detail is in view already, and must not lie over the page when the window gets narrow.
            actions.retain(|action| *action != Action::ShowDetail(true));
        }
        actions
    }
}

impl eframe::App for PlimsollApp {
    fn logic(&mut self, ctx: &Context, frame: &mut eframe::Frame) {
        let viewport = |input: &eframe::egui::InputState| input.viewport().visible().unwrap_or(true);
        if let Some(frames) = &mut self.frames {
            frames.begin(frame.info().cpu_usage);
        }
        self.state.set_in_view(ctx.input(viewport));
        self.state.update();
        if (self.state.found.is_some() || !self.state.probing)
            && let Some(shared) = self.shared.take()
        {
            self.apply(Action::Share(ShareAction::Restore(shared)));
        }
        apply_theme(ctx, self.state.settings.theme);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let mut actions = self.draw(ui);
        glossary::show(ui, &self.state, &mut actions);
        if !std::mem::replace(&mut self.looked, true) && self.state.models.on_disk.can_look() {
            actions.push(Action::Models(ModelsAction::Look));
        }
        if !actions.is_empty() {
            for action in actions {
                self.state.apply(action);
            }
            ui.ctx().request_repaint();
        }
        if let Some(frames) = &mut self.frames {
            let is_complete = self.state.is_complete();
            frames.page_drawn(is_complete);
            if is_complete {
                ui.ctx().request_repaint();
            }
        }
    }

    fn save(&mut self, storage: &mut dyn Storage) {
        storage::save(&self.state.settings, storage);
    }

    /// The colour of panels.
    fn clear_color(&self, visuals: &Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
}

/// Files that are dropped: rigs on the Machine page, benchmark output and models elsewhere.
fn drop_files(ui: &Ui, state: &State, actions: &mut Actions) {
    if state.settings.page != Page::Machine || state.own.open {
        models::drop(ui, state, actions);
        return;
    }
    let dropped = ui.input(|input| input.raw.dropped_files.clone());
    let import = |path: &std::path::Path| Action::Machine(MachineAction::Import(path.to_owned()));
    actions.extend(dropped.into_iter().map(|file| import(file.path())));
}

fn apply_theme(ctx: &Context, choice: ThemeChoice) {
    let wanted = match choice {
        ThemeChoice::System => ThemePreference::System,
        ThemeChoice::Dark => ThemePreference::Dark,
        ThemeChoice::Light => ThemePreference::Light,
    };
    if ctx.options(|options| options.theme_preference) != wanted {
        ctx.set_theme(wanted);
    }
}

/// What an export of the page holds, and how the menu calls it.
fn exported(state: &State) -> (What, &'static str) {
    match (state.tray.open, state.detail_page, state.settings.view) {
        (true, ..) => (What::Compare, tr!("What is pinned, side by side")),
        (_, true, _) => (What::Detail, tr!("This model")),
        (.., View::Table) => (What::Models, tr!("This table")),
        (.., View::Matrix) => (What::Models, tr!("This matrix")),
    }
}

fn tool_row(ui: &mut Ui, state: &State, dialogs: &Dialogs, actions: &mut Actions) {
    let views = [(View::Table, tr!("Table")), (View::Matrix, tr!("Matrix"))];
    let wanted = vec2(ui.available_width(), size::TOOL_ROW);
    ui.allocate_ui_with_layout(wanted, Layout::left_to_right(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = space::L;
        let settings = &state.settings;
        actions
            .extend(segmented(ui, tr!("View"), &views, settings.view, size::TOOL_ROW).map(Action::SetView));
        export::menu(ui, state, dialogs, exported(state), actions);
        if settings.view == View::Matrix {
            let mut gestures = Vec::new();
            matrix::tools(ui, settings.grouping, settings.figure, &mut gestures);
            actions.extend(gestures.into_iter().map(|gesture| matrix_action(gesture, state)));
        }
    });
}

fn show_matrix(ui: &mut Ui, state: &State, narrow: bool, actions: &mut Actions) -> Rect {
    // The table's rows are not kept up to date beside the matrix.
    if state.matrix.outline.lines().is_empty() && state.is_filtered() {
        table::nothing_to_show(ui, state, actions);
        return Rect::NOTHING;
    }
    let area = ui.available_rect_before_wrap();
    let view = matrix::View {
        catalog: &state.catalog,
        grid: &state.matrix.grid,
        outline: &state.matrix.outline,
        summary: &state.matrix.summary,
        unfolded: &state.unfolded,
        selected: state.selected,
        level: state.level(),
        known_levels: &state.matrix.known_levels,
        figure: state.settings.figure,
        details_button: narrow,
        nearby: matrix::Nearby(&|model, level| state.nearby(model, level)),
    };
    let mut gestures = Vec::new();
    matrix::show(ui, &view, &mut gestures);
    actions.extend(gestures.into_iter().map(|gesture| matrix_action(gesture, state)));
    area
}

fn matrix_action(gesture: matrix::Gesture, state: &State) -> Action {
    match gesture {
        matrix::Gesture::Select(model, level) => Action::SelectCell(model, level),
        matrix::Gesture::Open => Action::ShowDetailPage(true),
        matrix::Gesture::Beside => Action::ShowDetail(true),
        matrix::Gesture::Figure(figure) => Action::SetFigure(figure),
        matrix::Gesture::Group(grouping) => Action::SetGrouping(grouping),
        matrix::Gesture::Level(level, on) => {
            let mut levels = state.columns();
            levels.retain(|known| *known != level);
            levels.extend(on.then_some(level));
            Action::SetColumns(levels)
        }
        matrix::Gesture::UsualLevels => Action::SetColumns(Vec::new()),
        matrix::Gesture::AllLevels => Action::SetColumns(state.matrix.known_levels.clone()),
        matrix::Gesture::Fold(model) => Action::Unfold(model, !state.unfolded.contains(&model)),
        matrix::Gesture::Visible(first, end) => Action::LinesInView(first..end),
    }
}

/// Rows keep their places while the pointer rests on them and while something is dragged: nothing moves
/// away under a hand. What is changed while the pointer is held down can be taken back as one step.
fn hold(ui: &Ui, state: &State, rows: Rect, actions: &mut Actions) {
    let held = ui.rect_contains_pointer(rows) || ui.ctx().dragged_id().is_some();
    if held != state.is_order_held() {
        actions.push(Action::HoldOrder(held));
    }
    match (ui.input(|input| input.pointer.any_down()), state.is_step_held()) {
        // Before what this frame has changed; and after it, for the last change comes with the release.
        (true, false) => actions.insert(0, Action::HoldStep(true)),
        (false, true) => actions.push(Action::HoldStep(false)),
        _ => {}
    }
}
