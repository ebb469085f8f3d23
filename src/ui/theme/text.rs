//! Text styles.

use std::sync::LazyLock;

use eframe::egui::{FontFamily, FontId, RichText, TextStyle};

use super::fonts::{DISPLAY, MEDIUM, SEMIBOLD, named};

/// A text style: font and size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Text {
    /// The large numbers of a page; 26.
    Figure,
    /// Model name, title of a page; 20.
    Heading,
    /// Name of the program, empty state; 15.
    Title,
    /// Sentences that say what comes of a page; 15.
    Lead,
    /// Everything else; 13.
    Body,
    /// Buttons, switches, selected rows; 13 medium.
    Button,
    /// Words that carry a sentence; 13 semi-bold.
    Strong,
    /// Captions, table header; 12 Medium.
    Label,
    /// Numbers in matrix cells; 12.
    Cell,
    /// The best cell of a row; 12 semi-bold.
    BestCell,
    /// Legends, axis ticks, notes; 11.
    Small,
    /// Short names among small text; 11 Medium.
    SmallMedium,
    /// The word that matters among small text; 11 semi-bold.
    SmallStrong,
    /// Commands and paths only; 12.
    Mono,
}

impl Text {
    /// All styles, largest first.
    pub const ALL: [Self; 14] = [
        Self::Figure,
        Self::Heading,
        Self::Title,
        Self::Lead,
        Self::Body,
        Self::Button,
        Self::Strong,
        Self::Label,
        Self::Cell,
        Self::BestCell,
        Self::Small,
        Self::SmallMedium,
        Self::SmallStrong,
        Self::Mono,
    ];

    /// egui's name of the style.
    pub fn style(self) -> TextStyle {
        match self {
            Self::Figure => TextStyle::Name("figure".into()),
            Self::Heading => TextStyle::Heading,
            Self::Title => TextStyle::Name("title".into()),
            Self::Lead => TextStyle::Name("lead".into()),
            Self::Body => TextStyle::Body,
            Self::Button => TextStyle::Button,
            Self::Strong => TextStyle::Name("strong".into()),
            Self::Label => TextStyle::Name("label".into()),
            Self::Cell => TextStyle::Name("cell".into()),
            Self::BestCell => TextStyle::Name("best_cell".into()),
            Self::Small => TextStyle::Small,
            Self::SmallMedium => TextStyle::Name("small_medium".into()),
            Self::SmallStrong => TextStyle::Name("small_strong".into()),
            Self::Mono => TextStyle::Monospace,
        }
    }

    /// The font, for a painter.
    pub fn font(self) -> FontId {
        // A font id holds a reference-counted family name: built once, cloned for each text.
        static FONTS: LazyLock<[FontId; Text::ALL.len()]> = LazyLock::new(|| Text::ALL.map(Text::make_font));
        FONTS[self as usize].clone()
    }

    /// `text` in this style, for a label or a button.
    pub fn rich(self, text: impl Into<String>) -> RichText {
        RichText::new(text).font(self.font())
    }

    fn make_font(self) -> FontId {
        let regular = || FontFamily::Proportional;
        match self {
            Self::Figure => FontId::new(26.0, named(DISPLAY)),
            Self::Heading => FontId::new(20.0, named(DISPLAY)),
            Self::Title => FontId::new(15.0, named(SEMIBOLD)),
            Self::Lead => FontId::new(15.0, regular()),
            Self::Body => FontId::new(13.0, regular()),
            Self::Button => FontId::new(13.0, named(MEDIUM)),
            Self::Strong => FontId::new(13.0, named(SEMIBOLD)),
            Self::Label => FontId::new(12.0, named(MEDIUM)),
            Self::Cell => FontId::new(12.0, regular()),
            Self::BestCell => FontId::new(12.0, named(SEMIBOLD)),
            Self::Small => FontId::new(11.0, regular()),
            Self::SmallMedium => FontId::new(11.0, named(MEDIUM)),
            Self::SmallStrong => FontId::new(11.0, named(SEMIBOLD)),
            Self::Mono => FontId::new(12.0, FontFamily::Monospace),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_is_found_by_its_place() {
        for (place, style) in Text::ALL.into_iter().enumerate() {
            assert_eq!(style as usize, place);
            assert_eq!(style.font(), style.make_font());
        }
    }
}
