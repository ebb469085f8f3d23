//! Texts and their translations: each text has one, each translation has its text, and the names in both agree.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use plimsoll::language::{self, Language};
use serde_json::Value;

/// A text of the sources.
#[derive(Debug, PartialEq)]
struct Used {
    text: String,
    /// Names that it is given values for.
    names: BTreeSet<String>,
    /// It is marked only: what its names get is seen elsewhere.
    marked: bool,
}

/// Reads Rust as far as texts need it: comments, strings, letters, parentheses.
struct Reader<'a> {
    code: &'a str,
    at: usize,
}

#[derive(Debug, PartialEq)]
enum Token<'a> {
    Word(&'a str),
    Text(String),
    Sign(char),
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.code[self.at..]
    }

    fn skip_to(&mut self, end: &str) {
        self.at += self.rest().find(end).map_or(self.rest().len(), |found| found + end.len());
    }

    /// A raw string, whose start is `r"`, `r#"`, …
    fn raw(&mut self) -> Option<String> {
        let rest = self.rest().strip_prefix('r')?;
        let marks = rest.len() - rest.trim_start_matches('#').len();
        let inner = rest[marks..].strip_prefix('"')?;
        let end = format!("\"{}", "#".repeat(marks));
        let text = inner.split(&end).next()?.to_owned();
        self.at += 1 + marks + 1 + text.len() + end.len();
        Some(text)
    }

    /// A string, after its first quotation mark.
    fn text(&mut self) -> String {
        let mut text = String::new();
        let mut letters = self.rest().char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.at += at + 1;
                    return text;
                }
                '\\' => match letters.next().map(|(_, escaped)| escaped) {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    // A line that goes on: the blanks before it are no part of the text.
                    Some('\n') => {
                        let blanks = letters.as_str().len() - letters.as_str().trim_start().len();
                        letters = letters.as_str()[blanks..].char_indices();
                        self.at = self.code.len() - letters.as_str().len();
                    }
                    Some('u') => {
                        let code: String =
                            letters.by_ref().map(|(_, c)| c).skip(1).take_while(|c| *c != '}').collect();
                        text.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
                    }
                    Some(escaped) => text.push(escaped),
                    None => {}
                },
                letter => text.push(letter),
            }
        }
        self.at = self.code.len();
        text
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let first = self.rest().chars().next()?;
            if self.rest().starts_with("//") {
                self.skip_to("\n");
            } else if self.rest().starts_with("/*") {
                self.skip_to("*/");
            } else if first == '"' {
                self.at += 1;
                return Some(Token::Text(self.text()));
            } else if let Some(text) = self.raw() {
                return Some(Token::Text(text));
            } else if first == '\'' {
                // A letter, or the name of a lifetime.
                self.at += 1;
                let mut letters = self.rest().char_indices();
                let letter = letters.next().map(|(_, letter)| letter);
                let next = letters.next();
                if letter == Some('\\') {
                    self.at += 2;
                    self.skip_to("'");
                } else if let Some((at, '\'')) = next {
                    self.at += at + 1;
                }
            } else if first.is_alphanumeric() || first == '_' {
                let rest = self.rest();
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                self.at += end;
                return Some(Token::Word(&rest[..end]));
            } else {
                self.at += first.len_utf8();
                if !first.is_whitespace() {
                    return Some(Token::Sign(first));
                }
            }
        }
    }
}

/// What stands between commas in parentheses; `reader` is behind the opening one.
fn arguments<'a>(reader: &mut Reader<'a>) -> Vec<Vec<Token<'a>>> {
    let mut all = vec![Vec::new()];
    let mut depth = 0;
    for token in reader {
        match token {
            Token::Sign(')') if depth == 0 => break,
            Token::Sign(',') if depth == 0 => {
                all.push(Vec::new());
                continue;
            }
            Token::Sign('(' | '[' | '{') => depth += 1,
            Token::Sign(')' | ']' | '}') => depth -= 1,
            _ => {}
        }
        all.last_mut().unwrap().push(token);
    }
    all.retain(|argument| !argument.is_empty());
    all
}

/// All texts of a source.
fn texts(code: &str) -> Vec<Used> {
    let mut found = Vec::new();
    let mut reader = Reader { code, at: 0 };
    while let Some(token) = reader.next() {
        let (before, texts) = match token {
            Token::Word("tr" | "mark") => (0, 1),
            Token::Word("tr_n") => (1, 2),
            _ => continue,
        };
        let marked = token == Token::Word("mark");
        if !reader.rest().starts_with("!(") {
            continue;
        }
        reader.at += 2;
        // What is inside is read once more: a value may have a text of its own.
        let arguments = arguments(&mut Reader { code, at: reader.at });
        let names: BTreeSet<String> = arguments[before + texts..]
            .iter()
            .filter_map(|argument| match argument.first() {
                Some(Token::Word(name)) => Some((*name).to_owned()),
                _ => None,
            })
            .collect();
        for argument in &arguments[before..before + texts] {
            let text = match argument.as_slice() {
                [Token::Text(text)] => text.clone(),
                [Token::Text(text), Token::Word("in"), Token::Text(context)] => format!("{context}|{text}"),
                _ => panic!("{argument:?} is no text"),
            };
            found.push(Used { text, names: names.clone(), marked });
        }
    }
    found
}

/// Names in braces.
fn placeholders(text: &str) -> BTreeSet<String> {
    let text = text.replace("{{", "").replace("}}", "");
    text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name.to_owned()).collect()
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Facts that hold texts for people, and the fields that do.
const ASSETS: [(&str, &[&str]); 3] =
    [("engines.json", &["means"]), ("power_limit.json", &["needs", "why"]), ("reserves.json", &["source"])];

fn of_asset(value: &Value, fields: &[&str], found: &mut Vec<Used>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if let (true, Value::String(text)) = (fields.contains(&name.as_str()), member) {
                    found.push(Used { text: text.clone(), names: BTreeSet::new(), marked: true });
                }
                of_asset(member, fields, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| of_asset(value, fields, found)),
        _ => {}
    }
}

/// Texts of all sources and assets, with where each stands.
fn used() -> Vec<(PathBuf, Used)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    // Where the forms are defined there are examples of them.
    files.retain(|file| *file != src.join("language.rs"));
    let of = |file: PathBuf| {
        let all = texts(&fs::read_to_string(&file).unwrap());
        all.into_iter().map(move |used| (file.clone(), used)).collect::<Vec<_>>()
    };
    let of_assets = ASSETS.into_iter().flat_map(|(name, fields)| {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join(name);
        let mut found = Vec::new();
        of_asset(&serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap(), fields, &mut found);
        found.into_iter().map(move |used| (file.clone(), used))
    });
    files.into_iter().flat_map(of).chain(of_assets).collect()
}

/// The files of German, each with its lines.
fn german() -> Vec<(PathBuf, Vec<(String, String)>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/language/de");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |file: PathBuf| {
        let text = fs::read_to_string(&file).unwrap();
        let lines = text.lines().filter(|line| line.len() > 1);
        // A map would swallow what stands there twice.
        let pair = |line: &str| {
            let one: BTreeMap<String, String> =
                serde_json::from_str(&format!("{{{}}}", line.trim_end_matches(','))).unwrap();
            one.into_iter().next().unwrap()
        };
        let pairs: Vec<(String, String)> = lines.map(pair).collect();
        let all: BTreeMap<String, String> = serde_json::from_str(&text).unwrap();
        assert_eq!(all.len(), pairs.len(), "{}: one text a line, none twice", file.display());
        (file, pairs)
    };
    files.into_iter().map(read).collect()
}

/// Texts of assets that the window shows: names of the workloads to begin with, and what their items are called.
fn of_assets() -> BTreeSet<String> {
    let presets = plimsoll::estimate::workload::presets().iter();
    presets
        .flat_map(|preset| {
            let items = preset.item.iter().map(|(_, several)| several.clone());
            items.chain([preset.name.clone()])
        })
        .collect()
}

#[test]
fn values_are_given_for_each_name() {
    let wrong: Vec<_> = used()
        .into_iter()
        .filter(|(_, used)| !used.marked && placeholders(&used.text) != used.names)
        // A static text may have braces of its own.
        .filter(|(_, used)| !used.names.is_empty() || !placeholders(&used.text).is_empty())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_text_is_translated() {
    let known: BTreeSet<String> =
        german().into_iter().flat_map(|(_, pairs)| pairs).map(|(text, _)| text).collect();
    let used = used().into_iter().map(|(_, used)| used.text).chain(of_assets());
    let missing: BTreeSet<String> = used.filter(|text| !known.contains(text)).collect();
    assert!(missing.is_empty(), "without German: {missing:#?}");
}

#[test]
fn translations_are_of_texts_that_are_used() {
    let used: BTreeSet<String> = used().into_iter().map(|(_, used)| used.text).chain(of_assets()).collect();
    let mut known = BTreeSet::new();
    let mut wrong = Vec::new();
    for (file, pairs) in german() {
        let sorted = pairs.windows(2).all(|two| two[0].0 < two[1].0);
        if !sorted {
            wrong.push(format!("{} is not sorted", file.display()));
        }
        for (text, translation) in pairs {
            if !used.contains(&text) {
                wrong.push(format!("no longer used: {text:?}"));
            }
            if placeholders(&text) != placeholders(&translation) {
                wrong.push(format!("other names: {text:?}: {translation:?}"));
            }
            let embedded = language::within(Language::German, || language::text(&text).to_owned());
            if embedded != translation {
                wrong.push(format!("{} is not embedded, or has {text:?} like another file", file.display()));
            }
            if !known.insert(text.clone()) {
                wrong.push(format!("in two files: {text:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn texts_are_found_in_code() {
    let code = r##"
        // tr!("a comment")
        let a = tr!("one \"line\"");
        let b = '"'; let c: &'static str = r#"tr!("raw")"#;
        tr!("goes \
             on {x}", x = f(1, tr!("inside {y}", y)),);
        tr_n!(n, "{n} model", "{n} models", n); mark!("kept {z}");
        tr!("run" in "noun");
    "##;
    let used = |text: &str, names: &[&str], marked| Used {
        text: text.to_owned(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        marked,
    };
    assert_eq!(
        texts(code),
        [
            used("one \"line\"", &[], false),
            used("goes on {x}", &["x"], false),
            used("inside {y}", &["y"], false),
            used("{n} model", &["n"], false),
            used("{n} models", &["n"], false),
            used("kept {z}", &[], true),
            used("noun|run", &[], false),
        ]
    );
    assert_eq!(placeholders("{a} {{b}} {c}"), ["a", "c"].map(String::from).into());
}
