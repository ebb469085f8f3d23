//! Speed, calibrated: the forms of the speed model, the published measurements that they are fitted to, and the
//! coefficients that the fit gives.
//!
//! A rate is `ln t = ln Σ exp(a_j)·x_j + c`: each `x_j` is a time that follows from what the model and the
//! hardware are (bytes over bandwidth, operations, flops over peak), each `a_j`, and `c`, is a sum of effects
//! (of the architecture, the backend, the format …). An effect that few measurements speak for stays near zero;
//! how near is estimated too. `examples/calibrate` fits them and writes `assets/coefficients.json`.

mod coefficients;
mod form;
mod forms;
mod measurements;
mod traits;

pub use coefficients::{Coefficients, EffectValues, coefficients};
pub use form::{Effect, Facts, Flag, Form, Part, Prior, STACKED, Term};
pub use forms::{BATCH, CPU, DECODE, DEEP, HYBRID, PREFILL, PREFILL_CPU};
pub use measurements::{Kind, Measurement, Test, measurements};
pub use traits::Traits;
