//! The window: drawing only.
//!
//! Drawing reads [`crate::app::State`] and answers with [`Action`]s, which are applied after the frame.
//! `theme` holds colours, sizes and fonts; `widgets` is the kit, which knows no domain type.

mod background;
mod best_for;
pub mod detail;
mod detail_place;
mod dialogs;
mod export;
mod filters;
mod glossary;
mod hints;
mod keys;
mod machine;
mod map;
pub mod matrix;
mod models;
mod notices;
mod own;
mod palette;
mod picture;
mod run;
mod scenario;
mod share;
mod shortcuts;
mod stamp;
mod storage;
mod table;
pub mod theme;
mod top_bar;
mod tray;
pub mod widgets;
mod window;
mod work;

pub use run::{Options, RunError, run};
pub use storage::SETTINGS_KEY;
pub use window::PlimsollApp;

use eframe::egui::{Align2, Color32, Painter, Pos2, Rect, text};

use crate::app::Action;
use crate::estimate::FitClass;
use theme::Text;
use widgets::Verdict;

/// What a frame asks for.
type Actions = Vec<Action>;

/// The kit's verdict of a fit class: the kit knows no estimates.
pub const fn verdict(class: FitClass) -> Verdict {
    match class {
        FitClass::Fits => Verdict::Fits,
        FitClass::Tight => Verdict::Tight,
        FitClass::Offload => Verdict::Offload,
        FitClass::Cpu => Verdict::Cpu,
        FitClass::Disk => Verdict::Disk,
        FitClass::TooBig => Verdict::TooBig,
    }
}

/// Paints one line of text at `at`, no wider than `width`, with an ellipsis where it is cut.
fn line(
    painter: &Painter,
    at: Pos2,
    anchor: Align2,
    width: f32,
    style: Text,
    color: Color32,
    words: &str,
) -> Rect {
    let mut job = text::LayoutJob::simple_singleline(words.to_owned(), style.font(), color);
    job.wrap = text::TextWrapping::truncate_at_width(width.max(0.0));
    let galley = painter.layout_job(job);
    let rect = anchor.anchor_size(at, galley.size());
    painter.galley(rect.min, galley, color);
    rect
}
