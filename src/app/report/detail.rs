//! One model at one level, with all that the detail says of it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::markdown::escaped;
use super::sheet::{Cell, Form, Sheet, SheetColumn};
use crate::app::answer::PlanAnswer;
use crate::app::detail::Detail;
use crate::estimate::{FitClass, Rig, Scenario};
use crate::language::tr;
use crate::model::Model;
use crate::units::{gib_text, quality_text, rate_text, tokens_text};

/// What is exported of a detail.
#[derive(Clone, Debug)]
pub struct DetailReport {
    /// The detail.
    pub detail: Detail,
    /// Its model.
    pub model: Model,
    /// What was asked of it.
    pub scenario: Scenario,
    /// The machine's numbers.
    pub rig: Rig,
    /// The machine in a line.
    pub machine: String,
}

impl DetailReport {
    /// The detail in this form. As CSV it is the ladder, a line a level.
    pub fn text(&self, form: Form) -> String {
        match form {
            Form::Csv => ladder(&self.detail).text(form),
            Form::Json => format!("{:#}\n", self.json()),
            Form::Markdown => self.markdown(),
        }
    }

    fn json(&self) -> Value {
        let detail = &self.detail;
        let plan = detail.plan.as_ref().ok();
        let answer = plan.map(|plan| PlanAnswer::of(&self.model, plan, &self.scenario, &self.rig));
        let commands = detail
            .launches
            .iter()
            .map(|tab| json!({"program": tab.launch.program.title(), "command": tab.launch.text()}));
        let facts = detail.facts.iter().map(|fact| json!({"name": fact.name, "value": fact.value}));
        json!({
            "model": detail.repository,
            "name": detail.name,
            "quant": detail.level,
            "machine": self.machine,
            "scenario": self.scenario,
            "reason": detail.sentence,
            "plan": answer,
            "ladder": ladder(detail).json(),
            "commands": commands.collect::<Vec<_>>(),
            "facts": facts.collect::<Vec<_>>(),
            "warnings": detail.warnings,
        })
    }

    fn markdown(&self) -> String {
        let detail = &self.detail;
        let s = &self.scenario;
        let mut out = format!("## {}, {}\n\n", escaped(&detail.name), escaped(&detail.level.to_string()));
        let _ = write!(
            out,
            "{}  \n{}\n\n{}\n",
            escaped(&self.machine),
            tr!(
                "Context {context}, cache {cache}, {requests} at once, {engine}",
                context = tokens_text(u64::from(s.context)),
                cache = escaped(s.cache_k.name()),
                requests = s.concurrency,
                engine = s.engine.name()
            ),
            escaped(&detail.sentence),
        );
        for figure in &detail.figures {
            let number = figure.number.as_deref().unwrap_or(tr!("n/a"));
            let unit = if figure.unit.is_empty() { String::new() } else { format!(" {}", figure.unit) };
            let _ = write!(out, "\n- {}{} {}", escaped(number), escaped(&unit), escaped(&figure.caption));
        }
        out.push_str("\n\n");
        out.push_str(&memory(detail).text(Form::Markdown));
        out.push('\n');
        out.push_str(&ladder(detail).text(Form::Markdown));
        if let Some(tab) = detail.launches.first() {
            let _ = write!(out, "\n```sh\n{}\n```\n", tab.launch.text().trim_end());
        }
        for warning in &detail.warnings {
            let _ = write!(out, "\n{}\n", escaped(warning));
        }
        out
    }
}

fn memory(detail: &Detail) -> Sheet {
    let gib = |bytes: crate::units::Bytes| Cell::Number(bytes.0 as f64, gib_text(bytes));
    Sheet {
        columns: vec![
            SheetColumn::words("device", tr!("Device")),
            SheetColumn::numbers("weights_bytes", tr!("Weights GiB")),
            SheetColumn::numbers("cache_bytes", tr!("Cache GiB")),
            SheetColumn::numbers("rest_bytes", tr!("Rest GiB")),
            SheetColumn::numbers("free_bytes", tr!("Free before GiB")),
        ],
        rows: detail
            .memory
            .iter()
            .map(|bar| {
                let parts = &bar.parts;
                vec![
                    Cell::Words(bar.name.clone()),
                    gib(parts.weights),
                    gib(parts.kv + parts.recurrent),
                    gib(parts.compute + parts.overhead),
                    gib(bar.free),
                ]
            })
            .collect(),
        ..Sheet::default()
    }
}

/// The levels of the detail's model.
pub fn ladder(detail: &Detail) -> Sheet {
    Sheet {
        columns: vec![
            SheetColumn::words("quant", tr!("Level")),
            SheetColumn::words("verdict", tr!("Verdict")),
            SheetColumn::numbers("file_bytes", tr!("File GiB")),
            SheetColumn::numbers("memory_bytes", "GiB"),
            SheetColumn::numbers("decode_tps", tr!("Tok/s")),
            SheetColumn::numbers("quality", tr!("Quality %")),
            SheetColumn::words("note", tr!("Note")),
        ],
        rows: detail
            .ladder
            .iter()
            .map(|rung| {
                let mut row = vec![Cell::Words(rung.level.to_string())];
                let mut notes: Vec<&str> = Vec::new();
                match &rung.brief {
                    Ok(brief) => {
                        let decode = brief.decode.filter(|_| brief.class != FitClass::TooBig);
                        let named = brief.quality.mid.is_some();
                        row.extend([
                            Cell::Words(brief.class.word().to_owned()),
                            Cell::Number(brief.file_bytes.0 as f64, gib_text(brief.file_bytes)),
                            Cell::Number(brief.need.0 as f64, gib_text(brief.need)),
                            Cell::number(decode.map(|range| range.p50), rate_text),
                            Cell::number(Some(brief.quality.centre), |kept| {
                                quality_text(kept * 100.0, named)
                            }),
                        ]);
                    }
                    Err(unsupported) => {
                        row.extend([const { Cell::Unknown }; 5]);
                        notes.push(&unsupported.reason);
                    }
                }
                if rung.best {
                    notes.push(tr!("best level here"));
                }
                if rung.level == detail.level {
                    notes.push(tr!("chosen"));
                }
                row.push(Cell::Words(notes.join(", ")));
                row
            })
            .collect(),
        ..Sheet::default()
    }
}
