//! What the system and the libraries say, which know English only.

use std::io;

use super::{Language, current, mark, retold, text};

/// Where JSON is wrong.
const PLACE: [&str; 1] = [mark!("{what} at line {line} column {column}")];

/// What is wrong with JSON, as `serde_json` and `serde` say it.
const JSON: [&str; 30] = [
    mark!("missing field {field}"),
    mark!("unknown field {field}, expected one of {known}"),
    mark!("unknown field {field}, expected {known}"),
    mark!("unknown field {field}, there are no fields"),
    mark!("unknown variant {name}, expected one of {known}"),
    mark!("unknown variant {name}, expected {known}"),
    mark!("duplicate field {field}"),
    mark!("invalid type: {is}, expected {must_be}"),
    mark!("invalid value: {is}, expected {must_be}"),
    mark!("invalid length {length}, expected {must_be}"),
    mark!("data did not match any variant of untagged enum {name}"),
    mark!("EOF while parsing a value"),
    mark!("EOF while parsing an object"),
    mark!("EOF while parsing a list"),
    mark!("EOF while parsing a string"),
    mark!("expected value"),
    mark!("expected ident"),
    mark!("expected {first} or {second}"),
    mark!("expected {sign}"),
    mark!("trailing characters"),
    mark!("trailing comma"),
    mark!("key must be a string"),
    mark!("control character (\\u0000-\\u001F) found while parsing a string"),
    mark!("invalid number"),
    mark!("number out of range"),
    mark!("invalid escape"),
    mark!("invalid unicode code point"),
    mark!("unexpected end of hex escape"),
    mark!("lone leading surrogate in hex escape"),
    mark!("recursion limit exceeded"),
];

/// One of two names.
const EITHER: [&str; 1] = [mark!("{first} or {second}")];

/// What a value is, and what it must be, as `serde` says it.
const VALUES: [&str; 12] = [
    mark!("string {text}"),
    mark!("integer {number}"),
    mark!("floating point {number}"),
    mark!("boolean {flag}"),
    mark!("map"),
    mark!("sequence"),
    mark!("a string"),
    mark!("a boolean"),
    mark!("a map"),
    mark!("a sequence"),
    mark!("struct {name}"),
    mark!("path string"),
];

/// What `serde_json` says of an error, in the language of the window.
pub fn of_json(error: &serde_json::Error) -> String {
    json_text(&error.to_string())
}

/// The same for the text of one.
pub fn json_text(english: &str) -> String {
    let value = |text: &str| {
        // Names of fields are in such marks, all else is a kind of value.
        let known: &[&'static str] = if text.starts_with('`') { &EITHER } else { &VALUES };
        retold(text, known, str::to_owned)
    };
    retold(english, &PLACE, |inner| {
        if inner.bytes().all(|byte| byte.is_ascii_digit()) {
            inner.to_owned()
        } else {
            retold(inner, &JSON, value)
        }
    })
}

/// What the system says of an error, in the language of the window. Windows speaks its user's language already.
pub fn of_system(error: &io::Error) -> String {
    let is_own = error.raw_os_error().is_none() && error.get_ref().is_some();
    if current() == Language::English || is_own || cfg!(windows) {
        return error.to_string();
    }
    let known = match error.kind() {
        io::ErrorKind::NotFound => mark!("no such file or folder"),
        io::ErrorKind::PermissionDenied => mark!("permission denied"),
        io::ErrorKind::AlreadyExists => mark!("it exists already"),
        io::ErrorKind::ConnectionRefused => mark!("connection refused"),
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => mark!("connection reset"),
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => mark!("network unreachable"),
        io::ErrorKind::StorageFull => mark!("no space left on the disk"),
        io::ErrorKind::ReadOnlyFilesystem => mark!("the disk is read-only"),
        io::ErrorKind::IsADirectory => mark!("it is a folder"),
        io::ErrorKind::NotADirectory => mark!("a part of the path is no folder"),
        io::ErrorKind::TimedOut => mark!("no answer in time"),
        io::ErrorKind::UnexpectedEof => mark!("it ends too early"),
        io::ErrorKind::InvalidData => mark!("it is no UTF-8 text"),
        _ => return error.to_string(),
    };
    text(known).to_owned()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::super::within;
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Card {
        #[expect(dead_code, reason = "only read")]
        name: String,
    }

    fn both(json: &str) -> (String, String) {
        let error = serde_json::from_str::<Card>(json).unwrap_err();
        (of_json(&error), within(Language::German, || of_json(&error)))
    }

    #[test]
    fn json_errors_are_retold() {
        let (english, german) = both("{}");
        assert_eq!(english, "missing field `name` at line 1 column 2");
        assert_eq!(german, "Feld `name` fehlt (Zeile 1, Spalte 2)");
        for (json, german) in [
            ("{\"nam\": 1}", "unbekanntes Feld `nam`, bekannt: `name` (Zeile 1, Spalte 6)"),
            ("{\"name\": 1}", "erwartet: ein Text, gefunden: Zahl `1` (Zeile 1, Spalte 10)"),
            ("{\"name\"", "bricht mitten in einem Objekt ab (Zeile 1, Spalte 7)"),
            ("{\"name\": \"x\" 1", "erwartet: `,` oder `}` (Zeile 1, Spalte 14)"),
        ] {
            assert_eq!(both(json).1, german, "{json}");
        }
    }

    #[test]
    fn errors_of_the_system_are_retold() {
        let error = std::fs::read("/nowhere/at/all").unwrap_err();
        assert_eq!(of_system(&error), error.to_string());
        if cfg!(not(windows)) {
            assert_eq!(within(Language::German, || of_system(&error)), "Datei oder Ordner nicht vorhanden");
        }
        let own = io::Error::new(io::ErrorKind::InvalidData, "said already");
        assert_eq!(within(Language::German, || of_system(&own)), "said already");
    }
}
