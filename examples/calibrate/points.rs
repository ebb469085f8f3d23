//! Points of a form whose deviations are given, each with what it is about.

use std::collections::HashMap;

use plimsoll::estimate::calibration::{Facts, Form, Measurement};
use plimsoll::model::Model;

use super::fit::{Design, Point};
use super::subject::About;

/// Deviation of errors: such forms have little to explain what differs between systems and builds.
const ERROR: f64 = 0.1;

/// One configuration that was measured.
pub struct Row {
    /// One of its measurements.
    pub measured: &'static Measurement,
    /// The model.
    pub model: &'static Model,
    /// What holds.
    pub facts: Facts<'static>,
}

/// Configurations that were measured, each once.
pub struct Points {
    /// What the fit sees. Its deviations are given: fit it, do not learn them.
    pub design: Design,
    /// What each point is about.
    pub about: Vec<About>,
}

impl Points {
    /// Points of `form`, in the order of `rows`.
    pub fn new(form: &Form, mut points: Vec<Point>, rows: Vec<Row>) -> Self {
        weigh(&mut points, &rows);
        let about = rows
            .iter()
            .map(|row| About::new(row.measured, row.facts.family, &row.facts, row.model))
            .collect();
        let facts: Vec<Facts<'_>> = rows.into_iter().map(|row| row.facts).collect();
        let mut design = Design::new(form, points, &facts);
        design.error = ERROR;
        Self { design, about }
    }
}

/// Points that tell of the same pair share its weight: n points of one count √n together.
fn weigh(points: &mut [Point], rows: &[Row]) {
    let pair = |row: &Row| (row.facts.device.to_owned(), row.facts.family);
    let mut sizes: HashMap<(String, &str), usize> = HashMap::new();
    for row in rows {
        *sizes.entry(pair(row)).or_default() += 1;
    }
    let raw: Vec<f64> = rows.iter().map(|row| (sizes[&pair(row)] as f64).powf(-0.5)).collect();
    let scale = raw.len() as f64 / raw.iter().sum::<f64>();
    for (point, weight) in points.iter_mut().zip(raw) {
        point.weight = weight * scale;
    }
}
