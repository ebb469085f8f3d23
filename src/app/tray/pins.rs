//! What is pinned, as it is remembered.

use serde::{Deserialize, Serialize};

use crate::app::rigs::{RigChoice, Rigs};
use crate::quant::Level;

/// As many as can be told apart in a chart.
pub const MOST: usize = 4;
/// Longest name of a model, bytes.
const NAME_MAX: usize = 1000;

/// A model at a level on a machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// Its repository.
    pub model: String,
    /// Quantization.
    pub level: Level,
    /// The machine.
    #[serde(default)]
    pub rig: RigChoice,
}

/// What is pinned, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pins(Vec<Pin>);

impl Pins {
    /// All of it.
    pub fn list(&self) -> &[Pin] {
        &self.0
    }

    /// Whether nothing is pinned.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this is pinned.
    pub fn holds(&self, pin: &Pin) -> bool {
        self.0.contains(pin)
    }

    /// Pins it, or no longer. Answers `false` where there is no more room.
    pub fn toggle(&mut self, pin: Pin) -> bool {
        if let Some(place) = self.0.iter().position(|known| *known == pin) {
            self.0.remove(place);
            return true;
        }
        let has_room = self.0.len() < MOST;
        if has_room {
            self.0.push(pin);
        }
        has_room
    }

    /// Pins it no longer.
    pub fn remove(&mut self, place: usize) {
        if place < self.0.len() {
            self.0.remove(place);
        }
    }

    /// Pins nothing.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// One place to the right, or to the left; at the ends it stays.
    pub fn shift(&mut self, place: usize, right: bool) {
        let other = if right { place.checked_add(1) } else { place.checked_sub(1) };
        if let Some(other) = other.filter(|other| place.max(*other) < self.0.len()) {
            self.0.swap(place, other);
        }
    }

    /// Another name of a rig.
    pub fn rename(&mut self, from: &str, to: &str) {
        for pin in &mut self.0 {
            if matches!(&pin.rig, RigChoice::Kept(name) if name == from) {
                pin.rig = RigChoice::Kept(to.to_owned());
            }
        }
    }

    /// Drops what cannot be: rigs that are not kept, a recorded machine where `opened` says that none is, twins, and
    /// more than there is room for.
    pub fn tidy(&mut self, kept: &Rigs, opened: bool) {
        let mut seen: Vec<Pin> = Vec::new();
        for pin in std::mem::take(&mut self.0) {
            let is_there = match &pin.rig {
                RigChoice::This => true,
                RigChoice::Kept(name) => kept.get(name).is_some(),
                RigChoice::Opened => opened,
            };
            let is_name = !pin.model.is_empty() && pin.model.len() <= NAME_MAX;
            if is_there && is_name && !seen.contains(&pin) && seen.len() < MOST {
                seen.push(pin);
            }
        }
        self.0 = seen;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::rigs::NamedRig;

    fn pin(model: &str) -> Pin {
        Pin { model: model.to_owned(), level: "Q4_K_M".parse().unwrap(), rig: RigChoice::This }
    }

    fn names(pins: &Pins) -> Vec<&str> {
        pins.list().iter().map(|pin| pin.model.as_str()).collect()
    }

    #[test]
    fn four_are_pinned_moved_and_taken_away() {
        let mut pins = Pins::default();
        for name in ["a", "b", "c", "d"] {
            assert!(pins.toggle(pin(name)));
        }
        assert!(!pins.toggle(pin("e")), "there is no room");
        pins.shift(0, true);
        pins.shift(3, true);
        pins.shift(0, false);
        assert_eq!(names(&pins), ["b", "a", "c", "d"]);
        assert!(pins.toggle(pin("a")), "the same again takes it away");
        pins.remove(9);
        pins.remove(0);
        assert_eq!(names(&pins), ["c", "d"]);
        assert!(pins.holds(&pin("c")) && !pins.holds(&pin("a")));
    }

    #[test]
    fn what_is_remembered_is_tidied() {
        let mut rigs = Rigs::default();
        rigs.keep(NamedRig { name: "Attic".to_owned(), ..NamedRig::default() });
        let text = r#"[{"model":"a","level":"Q4_K_M"},{"model":"a","level":"Q4_K_M"},{"model":"","level":"Q8_0"},
            {"model":"b","level":"Q8_0","rig":{"kept":"Attic"}},{"model":"c","level":"Q8_0","rig":{"kept":"Gone"}},
            {"model":"d","level":"Q8_0","rig":"opened"},{"model":"e","level":"Q8_0"},{"model":"f","level":"Q8_0"},
            {"model":"g","level":"Q8_0"}]"#;
        let mut pins: Pins = serde_json::from_str(text).unwrap();
        pins.rename("Nobody", "Else");
        pins.tidy(&rigs, false);
        assert_eq!(names(&pins), ["a", "b", "e", "f"]);
    }
}
