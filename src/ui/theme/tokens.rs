//! Every colour of the program, for both themes; the only file that writes one down.
//!
//! Fit colours mean a verdict and nothing else, blue means selected or focused, and memory parts have a
//! set of their own. `palette` tests that each set holds for the three kinds of colour blindness and that
//! every text colour has a contrast of 4.5 on the grounds it may stand on.

#![expect(clippy::disallowed_methods, reason = "this is the file in which colours are named")]

use eframe::egui::{Color32, Ui};

/// Colours of one theme.
#[derive(Debug)]
pub struct Tokens {
    /// Whether this is the dark theme.
    pub dark: bool,
    /// Centre of the window, wells.
    pub bg: Color32,
    /// Top bar, sides.
    pub panel: Color32,
    /// Cards, buttons.
    pub card: Color32,
    /// Hovered row or button.
    pub hover: Color32,
    /// Separators, rails.
    pub line: Color32,
    /// Borders of controls, the part of a bar that is nobody's fault.
    pub line_strong: Color32,
    /// Text, and the load line.
    pub text: Color32,
    /// Text beside the main text; the weakest that may stand on `hover` and `accent_bg`.
    pub text_2: Color32,
    /// Notes, units, "n/a"; for `bg`, `panel` and `card` only.
    pub text_3: Color32,
    /// Selection, focus, slider, curves.
    pub accent: Color32,
    /// Ground of what is selected.
    pub accent_bg: Color32,
    /// Edge of a selected segment or button.
    pub accent_line: Color32,
    /// A real failure; never a verdict.
    pub error: Color32,
    /// Verdicts as text and glyphs (contrast 4.5).
    pub fit_text: Fit,
    /// Verdicts as fills; may be lighter than the text.
    pub fit_fill: Fit,
    /// Parts of memory.
    pub part: Part,
    /// Size classes on the map, small to large; larger ones are drawn larger too.
    pub size_class: [Color32; 3],
    /// Tiles of the matrix and the bands behind them.
    pub tile: Tile,
    /// Text on a strong dark fill (weights, light theme's best tile).
    pub on_dark: Color32,
    /// Text on a strong light fill (KV cache, best tiles).
    pub on_light: Color32,
    /// Range of an estimate, behind its line.
    pub band: Color32,
    /// Ground past the load line of a chart.
    pub spill_zone: Color32,
    /// Ground of a chart up to the load line.
    pub fit_zone: Color32,
    /// Shadow of what floats.
    pub shadow: Color32,
}

/// The four verdict colours. CPU shares `offload`, disk shares `no`: their shapes differ.
#[derive(Debug)]
pub struct Fit {
    /// Wholly on the GPU.
    pub fits: Color32,
    /// On the GPU, with little to spare.
    pub tight: Color32,
    /// Partly in main memory, or wholly on the CPU.
    pub offload: Color32,
    /// Too big, or only from disk.
    pub no: Color32,
}

/// Parts of a memory bar, in their order.
#[derive(Debug)]
pub struct Part {
    /// Weights.
    pub weights: Color32,
    /// KV cache and recurrent state.
    pub kv_cache: Color32,
    /// Compute buffer.
    pub compute: Color32,
    /// Context of the device, and what else the runtime takes.
    pub overhead: Color32,
}

/// Matrix tiles: verdict colours mixed into `bg`, never into the row's highlight, so that a tile keeps its
/// verdict in the selected row.
#[derive(Debug)]
pub struct Tile {
    /// Fits.
    pub fits: Color32,
    /// Tight, the ground.
    pub tight: Color32,
    /// Tight, the ring.
    pub tight_ring: Color32,
    /// Spills: the share on the GPU.
    pub spill: Color32,
    /// Spills: the rest.
    pub spill_rest: Color32,
    /// The slash of too big.
    pub no: Color32,
    /// Best of its row, fits.
    pub best_fits: Color32,
    /// Best of its row, tight.
    pub best_tight: Color32,
    /// Best of its row, spills: the share on the GPU.
    pub best_spill: Color32,
    /// Best of its row, spills: the rest.
    pub best_spill_rest: Color32,
    /// Text on a best tile that fits.
    pub best_fits_text: Color32,
    /// Text on the other best tiles, and the inner ring of a tight one.
    pub best_text: Color32,
    /// Band behind the hovered row.
    pub row_hover: Color32,
    /// Band behind the hovered column.
    pub column_hover: Color32,
    /// Band behind the selected column.
    pub column_selected: Color32,
}

impl Tokens {
    /// The colours of the theme that `ui` is drawn in.
    pub fn of(ui: &Ui) -> &'static Self {
        Self::for_dark(ui.visuals().dark_mode)
    }

    /// The colours of the dark or the light theme.
    pub const fn for_dark(dark: bool) -> &'static Self {
        if dark { &DARK } else { &LIGHT }
    }
}

/// `0xRRGGBB`.
const fn hex(rgb: u32) -> Color32 {
    Color32::from_rgb((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
}

/// `share` of `over` on top of `under`, in gamma space, as the screen blends.
pub(super) const fn mix(under: Color32, over: Color32, share: f32) -> Color32 {
    const fn channel(under: u8, over: u8, share: f32) -> u8 {
        (under as f32 + (over as f32 - under as f32) * share + 0.5) as u8
    }
    Color32::from_rgb(
        channel(under.r(), over.r(), share),
        channel(under.g(), over.g(), share),
        channel(under.b(), over.b(), share),
    )
}

const INK: Color32 = hex(0x0C_1016);
const WHITE: Color32 = hex(0xFF_FFFF);

/// The dark theme.
pub static DARK: Tokens = {
    let bg = hex(0x0E_1116);
    let hover = hex(0x22_2A35);
    let accent = hex(0x6C_B0FF);
    let accent_bg = hex(0x17_324F);
    let (fits, tight, offload, no) = (hex(0x3C_CFBE), hex(0xFF_E07A), hex(0xF0_8236), hex(0x7D_8793));
    Tokens {
        dark: true,
        bg,
        panel: hex(0x14_181F),
        card: hex(0x1A_1F28),
        hover,
        line: hex(0x2A_323E),
        line_strong: hex(0x46_5262),
        text: hex(0xE6_EAF0),
        text_2: hex(0xA9_B4C3),
        text_3: hex(0x7D_899A),
        accent,
        accent_bg,
        accent_line: mix(accent_bg, accent, 0.55),
        error: hex(0xFF_7B72),
        fit_text: Fit { fits, tight, offload, no },
        fit_fill: Fit { fits, tight, offload, no },
        part: Part {
            weights: hex(0x22_6ADB),
            kv_cache: hex(0xEF_CEFB),
            compute: hex(0xA0_A4AA),
            overhead: hex(0x56_5C64),
        },
        size_class: [hex(0xF3_D9FF), hex(0xC4_8BF0), hex(0x8B_4FD6)],
        tile: Tile {
            fits: mix(bg, fits, 0.24),
            tight: mix(bg, tight, 0.14),
            tight_ring: mix(bg, tight, 0.75),
            spill: mix(bg, offload, 0.22),
            spill_rest: mix(bg, offload, 0.055),
            no: mix(bg, no, 0.60),
            best_fits: fits,
            best_tight: tight,
            best_spill: offload,
            best_spill_rest: mix(bg, offload, 0.78),
            best_fits_text: INK,
            best_text: INK,
            row_hover: hover,
            column_hover: mix(bg, hover, 0.60),
            column_selected: mix(bg, hover, 0.75),
        },
        on_dark: WHITE,
        on_light: INK,
        band: Color32::from_rgba_unmultiplied_const(accent.r(), accent.g(), accent.b(), 51),
        spill_zone: Color32::from_rgba_unmultiplied_const(offload.r(), offload.g(), offload.b(), 31),
        fit_zone: Color32::from_rgba_unmultiplied_const(fits.r(), fits.g(), fits.b(), 26),
        shadow: Color32::from_black_alpha(110),
    }
};

/// The light theme.
pub static LIGHT: Tokens = {
    let bg = hex(0xF3_F5F8);
    let line = hex(0xDC_E1E8);
    let accent = hex(0x1B_64D8);
    let accent_bg = hex(0xDC_E9FB);
    let (fits, tight, offload, no) = (hex(0x18_7B71), hex(0xE2_A74F), hex(0xC3_380D), hex(0x9A_A1A9));
    Tokens {
        dark: false,
        bg,
        panel: WHITE,
        card: hex(0xF8_F9FB),
        hover: hex(0xED_F1F6),
        line,
        line_strong: hex(0xB3_BCC8),
        text: hex(0x1A_2029),
        text_2: hex(0x4B_5665),
        text_3: hex(0x64_7080),
        accent,
        accent_bg,
        accent_line: mix(accent_bg, accent, 0.55),
        error: hex(0xB4_1F3A),
        fit_text: Fit {
            fits: hex(0x12_6148),
            tight: hex(0x97_651B),
            offload: hex(0xA3_2714),
            no: hex(0x67_6E79),
        },
        fit_fill: Fit { fits, tight, offload, no },
        part: Part {
            weights: hex(0x1C_46A6),
            kv_cache: hex(0xC8_85E5),
            compute: hex(0x7B_8188),
            overhead: hex(0xC6_CBD0),
        },
        size_class: [hex(0x95_6CD5), hex(0x6A_34B4), hex(0x2E_1063)],
        tile: Tile {
            fits: mix(bg, fits, 0.30),
            tight: mix(bg, tight, 0.25),
            tight_ring: tight,
            spill: mix(bg, offload, 0.15),
            spill_rest: mix(bg, offload, 0.045),
            no: mix(bg, no, 0.60),
            best_fits: fits,
            best_tight: tight,
            best_spill: mix(bg, offload, 0.66),
            best_spill_rest: mix(bg, offload, 0.40),
            best_fits_text: WHITE,
            best_text: INK,
            row_hover: mix(bg, line, 0.60),
            column_hover: mix(bg, line, 0.45),
            column_selected: mix(bg, accent_bg, 0.60),
        },
        on_dark: WHITE,
        on_light: INK,
        band: Color32::from_rgba_unmultiplied_const(accent.r(), accent.g(), accent.b(), 41),
        spill_zone: Color32::from_rgba_unmultiplied_const(offload.r(), offload.g(), offload.b(), 31),
        fit_zone: Color32::from_rgba_unmultiplied_const(fits.r(), fits.g(), fits.b(), 26),
        shadow: Color32::from_black_alpha(40),
    }
};
