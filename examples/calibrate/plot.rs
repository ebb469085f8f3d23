//! The picture of `ACCURACY.md`: predicted against measured rates, where measurements like them were held out.

use std::fmt::Write as _;

use super::subject::{HeldOut, Subject};

/// Side of the picture and margin around the axes, pixels.
const SIDE: f64 = 640.0;
const MARGIN: f64 = 56.0;
/// Range of both axes, powers of ten of tokens/s.
const DECADES: (i32, i32) = (-1, 4);
/// Colours by vendor, readable on white and on black.
const COLOURS: [(&str, &str); 5] = [
    ("NVIDIA", "#2f9e5b"),
    ("AMD", "#d1495b"),
    ("Apple", "#7a7f8a"),
    ("Intel", "#2f77d1"),
    ("processor", "#b8860b"),
];

/// Where a rate lies on an axis.
fn place(rate: f64) -> f64 {
    let share = (rate.log10() - f64::from(DECADES.0)) / f64::from(DECADES.1 - DECADES.0);
    MARGIN + share.clamp(0.0, 1.0) * (SIDE - 2.0 * MARGIN)
}

/// A scatter of the points of `subjects`, each with what was held out: a model on a device.
pub fn scatter(subjects: &[(&Subject, HeldOut)]) -> String {
    let (low, high) = (MARGIN, SIDE - MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {SIDE} {SIDE}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"{SIDE}\" height=\"{SIDE}\" fill=\"#ffffff\"/>\n"
    );
    for decade in DECADES.0..=DECADES.1 {
        let at = place(10_f64.powi(decade));
        let up = SIDE - at;
        let _ = writeln!(
            svg,
            "<path d=\"M{at:.1} {low}V{high}M{low} {up:.1}H{high}\" stroke=\"#dddddd\"/>\
             <text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{rate}</text>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{rate}</text>",
            high + 18.0,
            low - 6.0,
            up + 4.0,
            rate = 10_f64.powi(decade),
        );
    }
    // Equal, and a quarter off either way.
    for (factor, dash) in [(1.0, ""), (1.25, " stroke-dasharray=\"4 4\""), (0.8, " stroke-dasharray=\"4 4\"")]
    {
        let (from, to) = (10_f64.powi(DECADES.0), 10_f64.powi(DECADES.1));
        let _ = writeln!(
            svg,
            "<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"#444444\" fill=\"none\"{dash}/>",
            place(from),
            SIDE - place(from * factor),
            place(to),
            SIDE - place(to * factor),
        );
    }
    for (subject, held) in subjects {
        for (point, residual) in held.family.iter().enumerate() {
            let measured = subject.rate(point);
            let slices = &subject.about[point].slices;
            let vendor = COLOURS.iter().find(|(name, _)| slices.iter().any(|slice| slice == name));
            let (_, colour) = vendor.unwrap_or(&COLOURS[4]);
            let _ = writeln!(
                svg,
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"2.5\" fill=\"{colour}\" fill-opacity=\"0.6\"/>",
                place(measured),
                SIDE - place(measured * (-residual).exp()),
            );
        }
    }
    for (row, (name, colour)) in COLOURS.iter().enumerate() {
        let y = low + 16.0 + 18.0 * row as f64;
        let _ = writeln!(
            svg,
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"4\" fill=\"{colour}\"/><text x=\"{:.1}\" y=\"{y:.1}\">{name}</text>",
            low + 14.0,
            y - 4.0,
            low + 26.0,
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">measured, tokens/s</text>\
         <text transform=\"translate(14 {:.1}) rotate(-90)\" text-anchor=\"middle\">predicted, tokens/s</text>\n</svg>",
        SIDE / 2.0,
        SIDE - 12.0,
        SIDE / 2.0,
    );
    svg
}
