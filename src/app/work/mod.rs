//! The Work page: will it be done in time, and is it cheaper at home?
//!
//! Values are typed as text ([`field`]); what is wrong with one stands at its field, and the last good answer stays.
//! A question is answered on a thread that drops stale ones ([`answer`]), as words, figures, curves and tables
//! ([`page`], [`chart`]) that drawing takes as they are. The text form writes the same ([`output`]).

pub mod answer;
mod changes;
pub mod chart;
pub mod chosen;
pub mod effective;
pub mod field;
mod models;
pub mod output;
pub mod page;
pub mod question;
#[cfg(test)]
mod tests;
mod words;

use crate::app::jobs::Wake;
use crate::app::latest::Latest;
use crate::estimate::Rig;
use crate::estimate::workload::{Kind, presets};
use crate::language::tr;
use crate::model::Model;
use crate::quant::Level;

use answer::Answerer;
pub use chosen::Chosen;
pub use effective::Effective;
pub use field::Field;
pub use page::Found;
pub use question::Question;

/// Something on the Work page.
#[derive(Clone, Debug, PartialEq)]
pub enum WorkAction {
    /// Another kind of work.
    Kind(Kind),
    /// A preset, by its id.
    Preset(&'static str),
    /// What was typed into a field.
    Type(&'static str, String),
    /// A field is left: a wrong text is given up.
    Leave(&'static str),
    /// The model and its level; `None`: the best for the work.
    Model(Option<(String, Level)>),
    /// Requests at once; `None`: the best.
    AtOnce(Option<u32>),
    /// Where electricity is paid for, by its id.
    Place(&'static str),
}

/// A text that is typed and makes no sense yet.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Typed {
    key: &'static str,
    text: String,
    error: Option<String>,
}

/// The page.
#[derive(Debug)]
pub struct Work {
    latest: Latest<Question, Found>,
    /// What came of the last question that could be answered.
    pub found: Option<Found>,
    typed: Vec<Typed>,
    /// The catalog that was asked of last.
    catalog: Option<u64>,
    /// The values of the work.
    pub fields: Vec<Field>,
    /// The batch in a person's words.
    pub words: Field,
    /// When it begins, and when it must be done.
    pub times: [Field; 2],
    /// Prices and power; empty while no machine is known.
    pub costs: Vec<Field>,
}

impl Work {
    /// Computed on a thread, which calls `wake`.
    pub fn background(wake: Wake) -> Self {
        Self::with(Latest::background("work", Answerer::default().answering(), wake))
    }

    /// Computed when it is asked for.
    pub fn inline() -> Self {
        Self::with(Latest::inline(Answerer::default().answering()))
    }

    fn with(latest: Latest<Question, Found>) -> Self {
        let empty = || field::named("", "", String::new());
        Self {
            latest,
            found: None,
            typed: Vec::new(),
            catalog: None,
            fields: Vec::new(),
            words: empty(),
            times: [empty(), empty()],
            costs: Vec::new(),
        }
    }

    /// Asks; the same question again costs nothing.
    pub(in crate::app) fn ask(&mut self, question: Question) {
        let catalog = question.catalog.number();
        if self.catalog != Some(catalog) {
            // Models of another catalog may be others.
            (self.catalog, self.found) = (Some(catalog), None);
        }
        self.latest.ask(question);
    }

    /// Takes an answer that has come, and says whether one has.
    pub(in crate::app) fn poll(&mut self) -> bool {
        let found = self.latest.poll();
        let has_come = found.is_some();
        self.found = found.or_else(|| self.found.take());
        has_come
    }

    /// Whether the answer is still being computed.
    pub const fn is_waiting(&self) -> bool {
        self.latest.is_waiting()
    }

    /// Changes what is chosen. Whether anything has changed.
    pub(in crate::app) fn apply(&mut self, action: WorkAction, chosen: &mut Chosen) -> bool {
        let before = chosen.clone();
        match action {
            WorkAction::Kind(kind) => {
                if chosen.kind != kind {
                    (chosen.kind, chosen.at_once) = (kind, None);
                    self.typed.clear();
                }
            }
            WorkAction::Preset(id) => {
                if let Some(preset) = presets::preset(id) {
                    chosen.take(preset);
                    self.typed.clear();
                }
            }
            WorkAction::Type(key, text) => self.type_into(key, text, chosen),
            WorkAction::Leave(key) => self.typed.retain(|typed| typed.key != key),
            WorkAction::Model(model) => chosen.model = model,
            WorkAction::AtOnce(requests) => {
                chosen.at_once =
                    requests.map(|requests| requests.clamp(1, crate::estimate::workload::REQUESTS_MAX));
            }
            WorkAction::Place(id) => {
                if id != chosen.place {
                    let currency = chosen.currency();
                    id.clone_into(&mut chosen.place);
                    // A price that was typed, and a rate of exchange, are of one place.
                    chosen.per_kwh = None;
                    if chosen.currency() != currency {
                        chosen.exchange = None;
                    }
                    self.typed.retain(|typed| !["per_kwh", "exchange"].contains(&typed.key));
                }
            }
        }
        *chosen != before
    }

    fn type_into(&mut self, key: &'static str, text: String, chosen: &mut Chosen) {
        let error = field::set(chosen, key, &text).err();
        self.typed.retain(|typed| typed.key != key);
        // What is typed stays as it is while its field has the focus, "5," on the way to "5,000" too.
        self.typed.push(Typed { key, text, error });
    }

    /// What stands in a field, and what is wrong with it.
    fn with_typed(&self, mut field: Field) -> Field {
        if let Some(typed) = self.typed.iter().find(|typed| typed.key == field.key) {
            field.text.clone_from(&typed.text);
            field.error.clone_from(&typed.error);
        }
        field
    }

    /// Puts into the fields what counts for `model` on `rig`, and what is typed.
    pub(in crate::app) fn refresh(&mut self, chosen: &Chosen, rig: Option<&Rig>, model: Option<&Model>) {
        let with_typed =
            |fields: Vec<Field>| fields.into_iter().map(|field| self.with_typed(field)).collect();
        let costs = rig.map(|rig| field::of_costs(chosen, &Effective::new(chosen, rig, model)));
        let (fields, costs) = (with_typed(field::of_work(chosen)), with_typed(costs.unwrap_or_default()));
        let words = Field {
            source: field::assumed_of_words(&chosen.words),
            ..field::named("words", tr!("In your words"), chosen.words.clone())
        };
        let times = [
            field::named("start", tr!("Start"), field::clock(chosen.start)),
            field::named("deadline", tr!("Done by"), field::clock(chosen.deadline)),
        ];
        self.words = self.with_typed(words);
        self.times = times.map(|time| self.with_typed(time));
        (self.fields, self.costs) = (fields, costs);
    }
}
