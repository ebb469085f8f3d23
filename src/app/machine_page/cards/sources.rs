//! What a machine says of itself in the language of the window: the machine keeps it in English, as recordings do.

mod english;

use crate::language::{date, localized, retold, text, tr};
use crate::machine::Problem;
use crate::machine::overrides::BY_HAND;

/// Notes of a part as they are shown.
pub(super) fn notes(notes: &[String]) -> Vec<String> {
    notes.iter().map(|note| retold(note, &english::NOTES, inner)).collect()
}

/// Parts that could not be read, as they are shown.
pub(super) fn problems(problems: &[Problem]) -> Vec<Problem> {
    let shown = |problem: &Problem| Problem { part: part(&problem.part), reason: inner(&problem.reason) };
    problems.iter().map(shown).collect()
}

/// The name of a part that could not be read, or of a program that has none of its own.
pub(in crate::app) fn part(english: &str) -> String {
    retold(english, &english::PROBLEMS, str::to_owned)
}

/// What is assumed of a rig, as it is shown.
pub(in crate::app) fn assumed(warnings: &[String]) -> Vec<String> {
    warnings.iter().map(|warning| retold(warning, &english::ASSUMED, value)).collect()
}

/// A source as it is shown.
pub(super) fn words(source: &str) -> String {
    if let Some(read) = source.strip_prefix(BY_HAND).and_then(|rest| rest.strip_prefix("; read: ")) {
        return tr!("set by hand; read: {source}", source = words(read));
    }
    if let Some(usual) = source.strip_prefix("not reported; ") {
        return tr!("not reported; {source}", source = words(usual));
    }
    match retold(source, &english::SOURCES, words) {
        // What is usually kept, from a file of facts.
        same if same == source => value(text(source)),
        said => said,
    }
}

/// The reason within a note, or one that stands alone.
fn inner(reason: &str) -> String {
    match retold(reason, &english::PROBLEMS, value) {
        same if same == reason => retold(reason, &english::NOTES, value),
        said => said,
    }
}

/// A value within words: a number has the decimal sign of the language.
fn value(value: &str) -> String {
    if value.parse::<f64>().is_ok() { localized(value.to_owned()) } else { date(value) }
}

/// A source in as few words as a line has room for: what was set by hand is said by its frame.
pub(super) fn short(source: &str) -> String {
    let bare = source.strip_prefix(BY_HAND).unwrap_or(source);
    let bare = bare.strip_prefix("; read: ").unwrap_or(bare);
    if bare.is_empty() { words(BY_HAND) } else { words(bare) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{Language, within};

    #[test]
    fn sources_are_said_in_the_language_of_the_window() {
        let sources = ["set by hand; read: operating system", "not reported; assumed", "NVML"];
        assert_eq!(sources.map(words), sources);
        assert_eq!(sources.map(short), ["operating system", "not reported; assumed", "NVML"]);
        within(Language::German, || {
            assert_eq!(
                sources.map(words),
                ["von Hand gesetzt; ausgelesen: Betriebssystem", "nicht gemeldet; angenommen", "NVML"]
            );
            assert_eq!(short("set by hand"), "von Hand gesetzt");
            assert_eq!(
                words("measured here on 2026-11-26, read by 8 cores; what driver and system keep is in it"),
                "hier gemessen am 26.11.2026, gelesen von 8 Kernen; was Treiber und System halten, ist darin"
            );
        });
    }

    #[test]
    fn problems_and_what_is_assumed_are_said_so_too() {
        let problem = Problem {
            part: "Running programs".to_owned(),
            reason: "the system lists no programs: denied".to_owned(),
        };
        assert_eq!(problems(std::slice::from_ref(&problem)), std::slice::from_ref(&problem));
        let warnings = ["ram_gib is not given: 1.5 GiB is assumed".to_owned()];
        assert_eq!(assumed(&warnings), warnings);
        within(Language::German, || {
            let shown = problems(&[problem]).remove(0);
            assert_eq!(shown.part, "Laufende Programme");
            assert_eq!(shown.reason, "das System nennt keine Programme: denied");
            assert_eq!(assumed(&warnings), ["ram_gib ist nicht angegeben: angenommen sind 1,5 GiB"]);
            let note =
                "Speed and channels of the modules are not known: Windows gives no table of the firmware";
            let said =
                "Tempo und Kanäle der Module sind nicht bekannt: Windows gibt keine Tabelle der Firmware";
            assert_eq!(notes(&[note.to_owned()]), [said]);
        });
    }
}
