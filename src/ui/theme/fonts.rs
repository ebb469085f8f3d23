//! The fonts, built into the program.
//!
//! Inter with tabular figures frozen in (egui cannot switch OpenType features on), one family a weight
//! because egui knows no weights, and a proportional cut for figures and headings: tabular digits look
//! gappy at 26 px. Licence texts lie beside the font files.

use std::sync::Arc;

use eframe::egui::{FontData, FontDefinitions, FontFamily};

/// Inter Medium.
pub(super) const MEDIUM: &str = "medium";
/// Inter semi-bold.
pub(super) const SEMIBOLD: &str = "semibold";
/// Inter semi-bold with proportional figures.
pub(super) const DISPLAY: &str = "display";

/// Our fonts first in each family, egui's behind them for what ours lack.
pub(super) fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let mut install = |family: FontFamily, like: FontFamily, name: &str, bytes: &'static [u8]| {
        let fallbacks = fonts.families.get(&like).cloned().unwrap_or_default();
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
        let list = std::iter::once(name.to_owned()).chain(fallbacks).collect();
        fonts.families.insert(family, list);
    };
    let stock = FontFamily::Proportional;
    install(
        named(MEDIUM),
        stock.clone(),
        "Inter Medium",
        include_bytes!("../../../assets/fonts/InterTab-Medium.otf"),
    );
    install(
        named(SEMIBOLD),
        stock.clone(),
        "Inter SemiBold",
        include_bytes!("../../../assets/fonts/InterTab-SemiBold.otf"),
    );
    install(
        named(DISPLAY),
        stock.clone(),
        "Inter Display",
        include_bytes!("../../../assets/fonts/InterDisp-SemiBold.otf"),
    );
    // Last, since the families above take their fallbacks from the stock one.
    install(stock.clone(), stock, "Inter", include_bytes!("../../../assets/fonts/InterTab-Regular.otf"));
    install(
        FontFamily::Monospace,
        FontFamily::Monospace,
        "JetBrains Mono",
        include_bytes!("../../../assets/fonts/JetBrainsMono-Regular.ttf"),
    );
    fonts
}

/// A family by its name.
pub(super) fn named(name: &str) -> FontFamily {
    FontFamily::Name(name.into())
}
