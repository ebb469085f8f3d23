//! Which of several answers to "how fast is this memory" is believed.

use super::super::super::Known;

/// What may say how fast a memory is, GB/s, the most trusted first; `None` says nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Bandwidth {
    /// This device's own clock and width, or the modules that are fitted.
    pub live: Option<Known<f64>>,
    /// What a measurement on this computer gave.
    pub measured: Option<Known<f64>>,
    /// The table of devices or of platforms; of a range its lowest, and its source says the range.
    pub table: Option<Known<f64>>,
}

impl Bandwidth {
    /// The one that is believed; with none the bandwidth is unknown, and nobody guesses.
    pub fn best(self) -> Option<Known<f64>> {
        self.live.or(self.measured).or(self.table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_before_measured_before_table_before_nothing() {
        let known = |gbs| Some(Known::new(gbs, "test"));
        let all = Bandwidth { live: known(3.0), measured: known(2.0), table: known(1.0) };
        let value = |bandwidth: Bandwidth| bandwidth.best().map(|known| known.value);
        assert_eq!(value(all.clone()), Some(3.0));
        assert_eq!(value(Bandwidth { live: None, ..all.clone() }), Some(2.0));
        assert_eq!(value(Bandwidth { live: None, measured: None, ..all }), Some(1.0));
        assert_eq!(value(Bandwidth::default()), None);
    }
}
