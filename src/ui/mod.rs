//! The window: drawing only.
//!
//! `theme` holds colours, sizes and fonts; `widgets` is the kit, which knows no domain type.

pub mod matrix;
pub mod theme;
pub mod widgets;
