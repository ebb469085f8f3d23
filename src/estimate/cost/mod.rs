//! What work costs: energy, electricity, an API, a rented card, the price of an own one, and when that is earned.
//!
//! Money always has its currency ([`Money`]); sums of two currencies are not made without a rate of exchange.

pub mod api;
pub mod bill;
pub mod break_even;
pub mod electricity;
pub mod energy;
pub mod home;
pub mod money;
pub mod power;

pub use api::{ApiPrice, api_price};
pub use bill::{Bill, Terms, bill};
pub use break_even::{BreakEven, break_even};
pub use electricity::{Place, places};
pub use home::Home;
pub use money::{Currency, Exchange, Money};
pub use power::{Wall, wall};
