//! State between the arithmetic and the window: what is asked, what is shown, what runs beside it.

pub mod best;
pub mod detail;
pub mod grid;
