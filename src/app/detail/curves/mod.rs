//! The curves beside that of speed over context: memory over context, speed over requests, quality over size.
//!
//! Each is computed when it comes into view, and kept until the detail is made anew.

mod memory;
mod quality;
mod requests;
mod sheet;

use serde::{Deserialize, Serialize};

use super::{Detail, Subject};
use crate::estimate::{Estimator, Rig, Scenario};
use crate::language::tr;
use crate::model::Model;

pub use memory::{MemoryCurve, MemoryPoint};
pub use quality::{QualityCurve, QualityPoint};
pub use requests::{RequestsCurve, RequestsPoint};

/// Which curve the card of the detail shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CurveKind {
    /// Speed over context.
    #[default]
    Speed,
    /// Memory over context.
    Memory,
    /// Speed over requests at once.
    Requests,
    /// Quality over size, a point a level.
    Quality,
}

impl CurveKind {
    /// All with their words, in the order of the switch.
    pub fn all() -> [(Self, &'static str); 4] {
        [
            (Self::Speed, tr!("Speed")),
            (Self::Memory, tr!("Memory")),
            (Self::Requests, tr!("At once")),
            (Self::Quality, tr!("Quality")),
        ]
    }

    /// What it shows, with the unit.
    pub fn title(self) -> &'static str {
        match self {
            Self::Speed => tr!("Speed over context, tokens/s"),
            Self::Memory => tr!("Memory over context, GiB"),
            Self::Requests => tr!("Speed over requests at once, tokens/s"),
            Self::Quality => tr!("Quality kept over memory, %"),
        }
    }

    /// A name for a file that holds it.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Speed => "speed-over-context",
            Self::Memory => "memory-over-context",
            Self::Requests => "speed-over-requests",
            Self::Quality => "quality-over-memory",
        }
    }
}

/// The curves that were looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves {
    /// Memory over context.
    pub memory: Option<MemoryCurve>,
    /// Speed over requests at once.
    pub requests: Option<RequestsCurve>,
    /// Quality over size.
    pub quality: Option<QualityCurve>,
}

impl Detail {
    /// Whether a curve waits to be computed.
    pub fn lacks(&self, kind: CurveKind) -> bool {
        self.plan.is_ok()
            && match kind {
                CurveKind::Speed => false,
                CurveKind::Memory => self.curves.memory.is_none(),
                CurveKind::Requests => self.curves.requests.is_none(),
                CurveKind::Quality => self.curves.quality.is_none(),
            }
    }

    /// Computes a curve with what the detail was built from.
    pub fn compute_curve(
        &mut self,
        kind: CurveKind,
        estimator: &Estimator,
        model: &Model,
        scenario: &Scenario,
        rig: &Rig,
    ) {
        let Ok(plan) = &self.plan else { return };
        let subject = Subject { estimator, model, scenario, rig };
        match kind {
            CurveKind::Speed => {}
            CurveKind::Memory => self.curves.memory = Some(MemoryCurve::new(&subject, plan)),
            CurveKind::Requests => self.curves.requests = Some(RequestsCurve::new(&subject, plan)),
            CurveKind::Quality => self.curves.quality = Some(QualityCurve::new(self)),
        }
    }
}
