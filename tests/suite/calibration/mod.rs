//! The committed coefficients of speed are what the fit of `examples/calibrate` gives.

#[path = "../../../examples/calibrate/decode.rs"]
#[expect(dead_code, reason = "what each point is about is told by the program alone")]
mod decode;
#[path = "../../../examples/calibrate/facts.rs"]
#[expect(dead_code, reason = "prompts have facts of their own")]
mod facts;
#[path = "../../../examples/calibrate/fit.rs"]
#[expect(dead_code, reason = "deviations are learnt by the program alone")]
mod fit;
#[path = "../../../examples/calibrate/stats.rs"]
#[expect(dead_code, reason = "errors are told by the program alone")]
mod stats;

mod batches;
mod unseen;

use plimsoll::estimate::calibration::{DECODE, coefficients};

/// Coefficients are kept with four digits; a step of the fit from there moves none by more than this.
const SLACK: f64 = 0.01;

#[test]
fn coefficients_of_decode_are_where_the_fit_stands_still() {
    let mut decode = decode::decode();
    let committed = &coefficients().forms["decode"];
    decode.design.error = coefficients().errors["decode"];
    let mut values = Vec::new();
    for (parameter, (effect, key)) in decode.design.names.clone().into_iter().enumerate() {
        let name = DECODE.effects[effect].name;
        let parts = key.strip_prefix(name).unwrap().trim_start_matches('|');
        decode.design.sigma[parameter] = committed[name].sigma;
        values.push(committed[name].values[parts]);
    }
    let known: usize = committed.values().map(|effect| effect.values.len()).sum();
    assert_eq!(
        known,
        values.len(),
        "an effect that nothing was measured for, or a measurement without its effect"
    );
    let all: Vec<usize> = (0..decode.design.points()).collect();
    let stepped = decode.design.fit(&all, &values, 1);
    for ((before, after), (_, key)) in values.iter().zip(&stepped).zip(&decode.design.names) {
        assert!((before - after).abs() < SLACK, "{key}: {before} becomes {after}; run examples/calibrate");
    }
}
