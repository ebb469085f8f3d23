//! The palette, checked: colour blindness and contrast.
//!
//! Simulation after Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color
//! Vision Deficiency" (2009), severity 1.0, on linear RGB; distance in `OKLab` × 100 (Ottosson 2020), where
//! about 2 is just visible. Contrast after WCAG 2.

use eframe::egui::Color32;

use super::{DARK, Fit, LIGHT, Part, Tokens};

type Matrix = [[f64; 3]; 3];

const NORMAL: Matrix = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
const PROTAN: Matrix = [
    [0.152_286, 1.052_583, -0.204_868],
    [0.114_503, 0.786_281, 0.099_216],
    [-0.003_882, -0.048_116, 1.051_998],
];
const DEUTAN: Matrix = [
    [0.367_322, 0.860_646, -0.227_968],
    [0.280_085, 0.672_501, 0.047_413],
    [-0.011_820, 0.042_940, 0.968_881],
];
const TRITAN: Matrix = [
    [1.255_528, -0.076_749, -0.178_779],
    [-0.078_411, 0.930_809, 0.147_602],
    [0.004_733, 0.691_367, 0.303_900],
];

fn times(m: &Matrix, v: [f64; 3]) -> [f64; 3] {
    m.map(|row| row[0] * v[0] + row[1] * v[1] + row[2] * v[2])
}

fn linear(color: Color32) -> [f64; 3] {
    [color.r(), color.g(), color.b()].map(|c| {
        let c = f64::from(c) / 255.0;
        if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    })
}

fn oklab(rgb: [f64; 3]) -> [f64; 3] {
    const TO_LMS: Matrix = [
        [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
        [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
        [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
    ];
    const TO_LAB: Matrix = [
        [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
        [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
        [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
    ];
    times(&TO_LAB, times(&TO_LMS, rgb).map(f64::cbrt))
}

/// Distance of two colours as seen through `vision`.
fn distance(vision: &Matrix, a: Color32, b: Color32) -> f64 {
    let seen = |c| oklab(times(vision, linear(c)).map(|c| c.clamp(0.0, 1.0)));
    let (a, b) = (seen(a), seen(b));
    100.0 * (0..3).map(|i| (a[i] - b[i]).powi(2)).sum::<f64>().sqrt()
}

/// Smallest distance between any two of a set, for normal sight and the three deficiencies.
fn smallest(colors: &[Color32]) -> [f64; 4] {
    [NORMAL, PROTAN, DEUTAN, TRITAN].map(|vision| {
        let mut least = f64::INFINITY;
        for (i, a) in colors.iter().enumerate() {
            for b in &colors[i + 1..] {
                least = least.min(distance(&vision, *a, *b));
            }
        }
        least
    })
}

fn fit(f: &Fit) -> [Color32; 4] {
    [f.fits, f.tight, f.offload, f.no]
}

fn parts(p: &Part) -> [Color32; 4] {
    [p.weights, p.kv_cache, p.compute, p.overhead]
}

fn contrast(a: Color32, b: Color32) -> f64 {
    let luminance = |c| {
        let [r, g, b] = linear(c);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// `over`, perhaps translucent, on `under`.
fn on(under: Color32, over: Color32) -> Color32 {
    under.blend(over)
}

#[test]
fn every_set_holds_for_the_colour_blind() {
    let table = [
        ("dark fit", smallest(&fit(&DARK.fit_fill)), [19.5, 14.0, 15.4, 20.1]),
        ("light fit fill", smallest(&fit(&LIGHT.fit_fill)), [15.2, 13.6, 13.5, 14.4]),
        ("light fit text", smallest(&fit(&LIGHT.fit_text)), [12.6, 8.8, 7.1, 11.0]),
        ("dark memory parts", smallest(&parts(&DARK.part)), [18.8, 16.8, 17.8, 12.9]),
        ("light memory parts", smallest(&parts(&LIGHT.part)), [18.9, 14.3, 14.4, 14.3]),
    ];
    for (set, found, designed) in table {
        for i in 0..4 {
            assert!((found[i] - designed[i]).abs() < 0.06, "{set}: {found:.1?}, designed {designed:?}");
            assert!(found[i] >= 7.0, "{set}: {found:.1?}");
        }
    }
}

#[test]
fn size_classes_stay_apart_and_stand_out() {
    for t in [&DARK, &LIGHT] {
        let found = smallest(&t.size_class);
        assert!(found.iter().all(|distance| *distance >= 12.0), "dark {}: {found:.1?}", t.dark);
        for color in t.size_class {
            for ground in [t.bg, on(t.bg, t.fit_zone), on(t.bg, t.spill_zone)] {
                // Of graphics WCAG asks 3.
                assert!(
                    contrast(color, ground) >= 3.0,
                    "dark {}: {color:?} {:.2}",
                    t.dark,
                    contrast(color, ground)
                );
            }
        }
    }
}

#[test]
fn tiles_that_fit_and_tiles_that_spill_stay_apart() {
    for (t, least) in [(&DARK, 5.3), (&LIGHT, 4.2)] {
        for vision in [PROTAN, DEUTAN, TRITAN] {
            let d = distance(&vision, t.tile.fits, t.tile.spill);
            assert!(d >= least, "dark {}: {d:.1}", t.dark);
        }
    }
}

#[test]
fn text_can_be_read_on_every_ground_it_stands_on() {
    for t in [&DARK, &LIGHT] {
        let grounds = [t.bg, t.panel, t.card];
        let lifted = [t.hover, t.accent_bg];
        let anywhere = [t.text, t.text_2];
        let level_only =
            [t.text_3, t.error, t.fit_text.fits, t.fit_text.tight, t.fit_text.offload, t.fit_text.no];
        for ground in grounds {
            for color in anywhere.into_iter().chain(level_only) {
                readable(t, color, ground);
            }
        }
        for ground in lifted {
            for color in anywhere {
                readable(t, color, ground);
            }
        }
        // Chips stand in hovered and selected rows too; grey ones are drawn in `text_2` there.
        for color in [t.fit_text.fits, t.fit_text.tight, t.fit_text.offload] {
            for ground in lifted {
                let ratio = contrast(color, ground);
                assert!(ratio >= 4.0, "dark {}: chip {color:?} on {ground:?} {ratio:.2}", t.dark);
            }
        }
        readable(t, t.fit_text.offload, on(t.bg, t.spill_zone));
        for color in [t.text_2, t.fit_text.fits] {
            readable(t, color, on(t.bg, t.fit_zone));
        }
        readable(t, t.fit_text.offload, on(t.card, t.spill_zone));
        readable(t, t.text_2, on(t.card, t.spill_zone));
    }
}

#[test]
fn numbers_in_tiles_and_bars_can_be_read() {
    for t in [&DARK, &LIGHT] {
        let tile = &t.tile;
        for (color, ground) in [
            (t.text, tile.fits),
            (t.text, tile.tight),
            (t.text_2, tile.spill),
            (t.text_2, tile.spill_rest),
            (tile.best_fits_text, tile.best_fits),
            (tile.best_text, tile.best_tight),
            (tile.best_text, tile.best_spill),
            (tile.best_text, tile.best_spill_rest),
            (t.on_dark, t.part.weights),
            (t.on_light, t.part.kv_cache),
            (t.text, tile.row_hover),
            (t.text, tile.column_selected),
            (t.text_2, tile.column_hover),
        ] {
            readable(t, color, ground);
        }
    }
}

fn readable(t: &Tokens, color: Color32, ground: Color32) {
    let ratio = contrast(color, ground);
    assert!(ratio >= 4.5, "dark {}: {color:?} on {ground:?} has {ratio:.2}", t.dark);
}
