//! What texts say in other languages, embedded.

use std::collections::HashMap;
use std::sync::OnceLock;

/// English texts and the German ones, a file for each part of the sources.
const GERMAN: &[&str] = &[
    include_str!("../../assets/language/de/app.json"),
    include_str!("../../assets/language/de/estimate.json"),
    include_str!("../../assets/language/de/files.json"),
    include_str!("../../assets/language/de/machine.json"),
    include_str!("../../assets/language/de/pages.json"),
    include_str!("../../assets/language/de/ui.json"),
];

/// The German of an English text.
pub(super) fn german(english: &str) -> Option<&'static str> {
    static TEXTS: OnceLock<HashMap<String, String>> = OnceLock::new();
    let texts = TEXTS.get_or_init(|| {
        // A test reads each of them; a damaged one would leave its texts English.
        GERMAN.iter().filter_map(|file| serde_json::from_str::<HashMap<_, _>>(file).ok()).flatten().collect()
    });
    texts.get(english).map(String::as_str)
}
