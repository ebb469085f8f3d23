//! The window: drawing only.
//!
//! `theme` holds colours, sizes and fonts; `widgets` is the kit, which knows no domain type.

pub mod detail;
pub mod matrix;
pub mod theme;
pub mod widgets;

use crate::estimate::FitClass;
use widgets::Verdict;

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
