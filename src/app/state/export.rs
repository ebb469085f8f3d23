//! What leaves the window: the documents of what is in view, and the files that were asked for.

use std::path::PathBuf;
use std::sync::Arc;

use crate::app::detail::Detail;
use crate::app::export::{Document, ExportAction, Making, Order, What};
use crate::app::grid;
use crate::app::machine_text;
use crate::app::notice::{Notice, NoticeKind};
use crate::app::report::{self, DetailReport, Form, Listed, MatrixReport, On};
use crate::app::settings::View;
use crate::language::{self, tr};

use super::State;

impl State {
    pub(super) fn make_with_export(&mut self, action: ExportAction) {
        match action {
            ExportAction::Copy(what, form) => {
                if let Some(making) = self.making_in(&what, form) {
                    self.export.copy(making, form);
                }
            }
            ExportAction::CopyValues(kind) => {
                let values = self.detail.as_ref().and_then(|detail| detail.curve_sheet(kind));
                if let Some(sheet) = values {
                    self.export.copy(Box::new(move || Document::Values(sheet)), Form::Csv);
                }
            }
            ExportAction::Save(order, path) => self.save(&order, path),
            ExportAction::NoDialog(order) => self.export.ask(order, std::env::home_dir().as_deref()),
            ExportAction::Type(text) => self.export.typed(&text),
            ExportAction::Write => {
                if let Some(place) = self.export.place.take() {
                    self.save(&place.order, PathBuf::from(place.path));
                }
            }
            ExportAction::Cancel => self.export.place = None,
        }
        self.poll_export();
    }

    fn save(&self, order: &Order, path: PathBuf) {
        match order {
            Order::Text(what, form) => {
                if let Some(making) = self.making_in(what, *form) {
                    self.export.save(making, *form, path);
                }
            }
            Order::Picture(picture, _) => self.export.save_picture(Arc::clone(picture), path),
        }
    }

    pub(super) fn poll_export(&mut self) {
        if let Some(text) = self.export.poll() {
            self.notify(Notice::new(NoticeKind::File, text));
        }
    }

    /// Whether there is something of this kind to export.
    pub fn can_export(&self, what: &What) -> bool {
        match what {
            What::Models => self.known_rig().is_some(),
            What::Detail => self.detail.is_some(),
            What::Compare => self.tray.shown().is_some(),
            What::Curve(kind) => {
                self.detail.as_ref().is_some_and(|detail| detail.curve_sheet(*kind).is_some())
            }
            What::Sheet { .. } => true,
        }
    }

    /// What programs read holds no words of another language than English.
    fn making_in(&self, what: &What, form: Form) -> Option<Making> {
        match form {
            Form::Markdown => self.making(what),
            Form::Csv | Form::Json => language::in_english(|| self.making(what)),
        }
    }

    fn making(&self, what: &What) -> Option<Making> {
        match what {
            What::Models if self.settings.view == View::Matrix => self.matrix_making(),
            What::Models => self.list_making(),
            What::Detail => self.detail_making(),
            What::Compare => {
                let sheet = self.tray.shown()?.sheet();
                Some(Box::new(move || Document::Sheet(sheet)))
            }
            What::Curve(kind) => {
                let sheet = self.detail.as_ref()?.curve_sheet(*kind)?;
                Some(Box::new(move || Document::Sheet(sheet)))
            }
            What::Sheet { sheet, .. } => {
                let sheet = sheet.as_ref().clone();
                Some(Box::new(move || Document::Sheet(sheet)))
            }
        }
    }

    fn list_making(&self) -> Option<Making> {
        let (machine, rig) = (self.machine.clone()?, self.known_rig()?.clone());
        let listed: Vec<Listed> = self
            .rows
            .iter()
            .map(|row| Listed {
                base: row.key.base,
                model: row.model,
                name: row.name.clone(),
                is_variant: row.key.variant.is_some(),
            })
            .collect();
        let (catalog, estimator) = (Arc::clone(&self.catalog), self.estimator);
        let (scenario, level, assumed) = (self.scenario.clone(), self.settings.level, self.assumed.clone());
        Some(Box::new(move || {
            let on = On { machine: &machine, rig: &rig, assumed: &assumed };
            Document::List(Box::new(report::listed(&catalog, estimator, on, &scenario, level, &listed)))
        }))
    }

    fn matrix_making(&self) -> Option<Making> {
        let matrix = MatrixReport {
            models: self.matrix.outline.bases().to_vec(),
            ask: grid::Ask {
                catalog: Arc::clone(&self.catalog),
                scenario: self.scenario.clone(),
                rig: self.known_rig()?.clone(),
                levels: self.columns(),
                wanted: grid::Wanted::Nothing,
            },
            figure: self.settings.figure,
            head: vec![self.machine_line(), report::scenario_words(&self.scenario)],
        };
        Some(Box::new(move || Document::Matrix(Box::new(matrix))))
    }

    fn detail_making(&self) -> Option<Making> {
        let mut detail = self.detail.clone()?;
        let rig = self.known_rig()?.clone();
        if language::current() != self.settings.language.language() {
            // Its words are those of the window.
            let (model, level) = (detail.model, detail.level);
            detail = Detail::build(&self.catalog, self.estimator, model, level, &self.scenario, &rig);
        }
        let report = DetailReport {
            model: self.catalog.get(detail.model).clone(),
            detail,
            scenario: self.scenario.clone(),
            rig,
            machine: self.machine_line(),
        };
        Some(Box::new(move || Document::Detail(Box::new(report))))
    }

    /// The machine that is looked at in a line, with what is supposed of it.
    fn machine_line(&self) -> String {
        let line = self.machine.as_ref().map(machine_text::one_line).unwrap_or_default();
        match self.what_if_text() {
            Some(text) => tr!("{line}; what if: {text}", line, text),
            None => line,
        }
    }
}
