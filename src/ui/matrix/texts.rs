//! Laid-out texts, kept from frame to frame: the grid shows some four hundred, of far fewer kinds.

use std::collections::HashMap;
use std::sync::Arc;

use eframe::egui::text::{LayoutJob, TextWrapping};
use eframe::egui::{Color32, Galley, Ui};

use crate::app::grid::{FigureText, LineKind};
use crate::model::Catalog;
use crate::ui::stamp::Stamp;
use crate::ui::theme::Text;

/// More texts than any screen shows; beyond it the cache starts anew.
const MOST: usize = 4096;

/// The cache. Its texts have no colour: it is given when they are painted.
#[derive(Debug, Default)]
pub(super) struct Texts {
    figures: HashMap<(FigureText, Text), Arc<Galley>>,
    names: HashMap<(Name, Text, u32), Arc<Galley>>,
    stamp: Option<(Stamp, u64)>,
}

/// Which name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Name {
    /// Of a base model, by its place in the catalog.
    Base(usize),
    /// Of a fine-tune.
    Variant(usize, usize),
    /// A number of folded fine-tunes.
    Tunes(usize, bool),
    /// A title.
    Title(&'static str),
}

impl Name {
    pub(super) fn of(kind: LineKind) -> Self {
        match kind {
            LineKind::Title(title) => Self::Title(title),
            LineKind::Base(base) => Self::Base(base),
            LineKind::Variant(base, variant) => Self::Variant(base, variant),
        }
    }
}

impl Texts {
    /// Forgets texts that may no longer be painted. Call once a frame, before any is asked for.
    pub fn refresh(&mut self, ui: &Ui, catalog: &Catalog) {
        let now = (Stamp::of(ui), catalog.number());
        // Names are kept by their place in the catalog.
        let still_good =
            self.stamp.is_some_and(|(then, catalog)| then.lasts_until(&now.0) && catalog == now.1);
        if !still_good || self.figures.len() + self.names.len() > MOST {
            self.figures.clear();
            self.names.clear();
        }
        self.stamp = Some(now);
    }

    /// The text of a cell.
    pub fn figure(&mut self, ui: &Ui, figure: FigureText, style: Text) -> Arc<Galley> {
        let lay_out = || ui.painter().layout_no_wrap(figure.to_string(), style.font(), Color32::PLACEHOLDER);
        Arc::clone(self.figures.entry((figure, style)).or_insert_with(lay_out))
    }

    /// A name, cut with an ellipsis at `width` points.
    pub fn name(&mut self, ui: &Ui, key: Name, text: &str, style: Text, width: f32) -> Arc<Galley> {
        let lay_out = || {
            let mut job = LayoutJob::simple_singleline(text.to_owned(), style.font(), Color32::PLACEHOLDER);
            job.wrap = TextWrapping::truncate_at_width(width.max(0.0));
            ui.painter().layout_job(job)
        };
        Arc::clone(self.names.entry((key, style, width.to_bits())).or_insert_with(lay_out))
    }
}
