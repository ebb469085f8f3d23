//! Everything that a person can do in the window.

use std::ops::Range;

use crate::estimate::scenario::{CacheType, Engine};
use crate::estimate::ways::Change;
use crate::machine::overrides::{GpuField, HostField};
use crate::model::ModelId;
use crate::model::record::Tag;
use crate::quant::Level;

use super::best_for::BestForAction;
use super::detail::CurveKind;
use super::export::ExportAction;
use super::fleet::FleetAction;
use super::grid::{Figure, Grouping};
use super::habits::HabitsAction;
use super::machine_page::MachineAction;
use super::map::MapAction;
use super::models::ModelsAction;
use super::notice::NoticeKind;
use super::own::OwnAction;
use super::page::Page;
use super::palette::PaletteAction;
use super::rigs::{NamedRig, RigChoice};
use super::rows::ranges::{Bounds, Span};
use super::rows::{Column, RowKey};
use super::settings::{LanguageChoice, ThemeChoice, View};
use super::share::ShareAction;
use super::tray::TrayAction;
use super::work::WorkAction;

/// A change that was asked for by drawing code; [`super::State::apply`] makes it.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Look for models by words.
    Search(String),
    /// Tokens that the cache is allocated for.
    SetContext(u32),
    /// Type of the cached keys and values.
    SetCache(CacheType),
    /// Requests at once.
    SetConcurrency(u32),
    /// Program that runs the model.
    SetEngine(Engine),
    /// Quantization, everywhere.
    SetLevel(Level),
    /// Make the changes of a way out, as one step.
    Try(Vec<Change>),
    /// This computer as it is, without what was supposed of it.
    SupposeNothing,
    /// What the program starts with: context, cache, requests, engine and level, nothing supposed.
    ResetScenario,
    /// Take back the last change of what is asked.
    Undo,
    /// Make it again.
    Redo,
    /// A pointer is held down, or let go: what changes meanwhile is one step.
    HoldStep(bool),
    /// A model, wherever it stands.
    Select(ModelId),
    /// A row of the table.
    SelectRow(RowKey),
    /// A model and a quantization.
    SelectCell(ModelId, Level),
    /// Another row, from the selected one.
    Move(Step),
    /// Show or hide the fine-tunes of a base model.
    Unfold(ModelId, bool),
    /// Sort by this column; the same one again turns the order round.
    Sort(Column),
    /// Only models that lie wholly on the GPU (in RAM without one).
    OnlyFits(bool),
    /// Only models that answer at reading speed.
    ReadingSpeed(bool),
    /// Only models with this tag, besides those asked for already.
    WithTag(Tag, bool),
    /// Models that do not generate text, too.
    NotGenerating(bool),
    /// Only models whose figure lies in a range; an open one asks nothing.
    SetRange(Span, Bounds),
    /// No search and no filter.
    ClearFilters,
    /// Another page.
    SetPage(Page),
    /// Table or matrix, on the page of models.
    SetView(View),
    /// What the cells of the matrix show.
    SetFigure(Figure),
    /// The levels that the matrix has columns for; empty: the usual ones.
    SetColumns(Vec<Level>),
    /// How its rows are grouped.
    SetGrouping(Grouping),
    /// Lines of the matrix that are on the screen: they are estimated first.
    LinesInView(Range<usize>),
    /// Theme.
    SetTheme(ThemeChoice),
    /// Language of the window.
    SetLanguage(LanguageChoice),
    /// The detail panel of a narrow window.
    ShowDetail(bool),
    /// The detail on the whole page.
    ShowDetailPage(bool),
    /// Look at another machine; every figure follows.
    ChooseRig(RigChoice),
    /// Keep a rig and look at it; one of the same name is replaced.
    KeepRig(NamedRig),
    /// Give a kept rig another name.
    RenameRig {
        /// The name that it has.
        from: String,
        /// The name that it shall have.
        to: String,
    },
    /// Keep a rig no longer.
    RemoveRig(String),
    /// Set a value of one of this computer's GPUs, by its key; `None` is the value that was read.
    OverrideGpu {
        /// As [`crate::machine::Machine::gpu_keys`] names it.
        key: String,
        /// Which value.
        field: GpuField,
        /// The value.
        value: Option<f64>,
    },
    /// Set a value of this computer's processor or memory; `None` is the value that was read.
    OverrideHost(HostField, Option<f64>),
    /// Something on the map.
    Map(MapAction),
    /// Something on the Machine page.
    Machine(MachineAction),
    /// Keep the order of the rows while a pointer rests on them or a slider is dragged.
    HoldOrder(bool),
    /// Only models on this computer's disks, and a person's own.
    OnThisComputer(bool),
    /// Something with the list of what is best for each use.
    BestFor(BestForAction),
    /// Favourites and hints.
    Habits(HabitsAction),
    /// What the terms mean.
    ShowGlossary(bool),
    /// Something with own models.
    Models(ModelsAction),
    /// Something with own measurements.
    Own(OwnAction),
    /// Something in the command palette.
    Palette(PaletteAction),
    /// Show all shortcuts, or no longer.
    ShowShortcuts(bool),
    /// Another of the detail's curves.
    SetCurve(CurveKind),
    /// Something with what is pinned.
    Tray(TrayAction),
    /// Something with exports.
    Export(ExportAction),
    /// Something with share codes.
    Share(ShareAction),
    /// Something on the Work page.
    Work(WorkAction),
    /// Something in its further sections.
    Fleet(FleetAction),
    /// A notice has been read.
    Dismiss(NoticeKind),
}

/// A movement of the selection through the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// So many rows up.
    PageUp(usize),
    /// So many rows down.
    PageDown(usize),
    /// The first row.
    First,
    /// The last row.
    Last,
}

impl Step {
    /// Where the step leads from `from` (nothing selected: `None`) in a list of `len` rows.
    pub fn target(self, from: Option<usize>, len: usize) -> Option<usize> {
        let last = len.checked_sub(1)?;
        let Some(from) = from else {
            return Some(if matches!(self, Self::Last) { last } else { 0 });
        };
        Some(match self {
            Self::Up => from.saturating_sub(1),
            Self::Down => (from + 1).min(last),
            Self::PageUp(rows) => from.saturating_sub(rows),
            Self::PageDown(rows) => from.saturating_add(rows).min(last),
            Self::First => 0,
            Self::Last => last,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_stay_in_the_list() {
        assert_eq!(Step::Up.target(Some(0), 5), Some(0));
        assert_eq!(Step::Down.target(Some(4), 5), Some(4));
        assert_eq!(Step::PageDown(3).target(Some(3), 5), Some(4));
        assert_eq!(Step::PageUp(3).target(Some(4), 5), Some(1));
        assert_eq!(Step::Last.target(None, 5), Some(4));
        assert_eq!(Step::Down.target(None, 5), Some(0));
        assert_eq!(Step::First.target(Some(3), 5), Some(0));
        assert_eq!(Step::Down.target(Some(3), 0), None);
    }
}
