//! How long requests wait for a free place, where so many arrive and so many are answered at once.
//!
//! The classic queue with one line and several equal places (M/M/c): arrivals at random, times of service that vary
//! as exponential ones do. Real answers vary less, so waits are on the safe side.

/// A line before several equal places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Queue {
    /// Requests that arrive in a second.
    pub arrivals: f64,
    /// Places: requests that are answered at once.
    pub places: u32,
    /// Requests that all places together answer in a second.
    pub capacity: f64,
}

impl Queue {
    /// Share of the time that a place is taken; 1 and more: the line grows without end.
    pub fn utilization(&self) -> f64 {
        if self.capacity > 0.0 { self.arrivals / self.capacity } else { f64::INFINITY }
    }

    /// Share of the requests that find all places taken (Erlang's C); 1 where the line grows without end.
    pub fn waits(&self) -> f64 {
        let utilization = self.utilization();
        if utilization >= 1.0 {
            return 1.0;
        }
        let places = f64::from(self.places.max(1));
        let load = utilization * places;
        // Erlang's B, built up place by place, which needs no factorials.
        let blocked = (1..=self.places.max(1))
            .fold(1.0, |blocked, place| load * blocked / (f64::from(place) + load * blocked));
        blocked / (1.0 - utilization * (1.0 - blocked))
    }

    /// Seconds that `share` of the requests wait at most; `None`: the line grows without end.
    pub fn wait_s(&self, share: f64) -> Option<f64> {
        if self.utilization() >= 1.0 {
            return None;
        }
        let beyond = (1.0 - share).max(f64::MIN_POSITIVE);
        // Of those who wait, the time is exponential with what is left of the capacity.
        Some(((self.waits() / beyond).ln() / (self.capacity - self.arrivals)).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_waits_as_often_as_it_is_taken() {
        let queue = Queue { arrivals: 0.6, places: 1, capacity: 1.0 };
        assert!((queue.waits() - 0.6).abs() < 1e-12);
        // P(W > t) = 0.6 · e^(−0.4 t) = 0.1 at t = ln 6 / 0.4.
        assert!((queue.wait_s(0.9).unwrap() - 6.0_f64.ln() / 0.4).abs() < 1e-12);
    }

    #[test]
    fn several_places_are_erlangs() {
        // Erlang's tables: a load of 2 on 3 places waits with 0.4444, of 8 on 10 with 0.4092.
        for (load, places, waits) in [(2.0, 3, 0.4444), (8.0, 10, 0.4092)] {
            let queue = Queue { arrivals: load, places, capacity: f64::from(places) };
            assert!((queue.waits() - waits).abs() < 5e-5, "{}", queue.waits());
        }
    }

    #[test]
    fn little_load_waits_nothing_and_too_much_without_end() {
        let idle = Queue { arrivals: 0.01, places: 8, capacity: 8.0 };
        assert_eq!(idle.wait_s(0.9), Some(0.0));
        for capacity in [1.0, 0.5, 0.0] {
            let full = Queue { arrivals: 1.0, places: 4, capacity };
            assert_eq!((full.waits(), full.wait_s(0.9)), (1.0, None));
        }
    }
}
