//! YAML as it is put together: what manifests need of it, with comments.

use std::fmt::Write;

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Text, in quotes wherever it could be read as something else.
    Text(String),
    /// A whole number.
    Number(u64),
    /// A number as it is written.
    Decimal(f64),
    /// Yes or no.
    Truth(bool),
    /// Text over several lines, kept as it is.
    Block(String),
    /// A list.
    List(Vec<Self>),
    /// Keys with their values, in this order.
    Map(Vec<(String, Self)>),
    /// A node with a remark at the end of its line; on what goes over several lines it stands at the first.
    Said(Box<Self>, String),
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Node {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u32> for Node {
    fn from(number: u32) -> Self {
        Self::Number(u64::from(number))
    }
}

impl From<bool> for Node {
    fn from(truth: bool) -> Self {
        Self::Truth(truth)
    }
}

impl Node {
    /// Keys with their values.
    pub fn map<const N: usize>(entries: [(&str, Self); N]) -> Self {
        Self::Map(entries.into_iter().map(|(key, node)| (key.to_owned(), node)).collect())
    }

    /// A list of texts.
    pub fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::List(texts.into_iter().map(|text| Self::Text(text.into())).collect())
    }

    /// The same with a remark.
    pub fn said(self, remark: impl Into<String>) -> Self {
        Self::Said(Box::new(self), remark.into())
    }

    /// Puts `entry` behind the others of a map.
    pub fn with(mut self, key: &str, node: Self) -> Self {
        if let Self::Map(entries) = &mut self {
            entries.push((key.to_owned(), node));
        }
        self
    }

    /// One document, with remarks above it.
    pub fn document(&self, remarks: &[String]) -> String {
        let mut text = String::new();
        for remark in remarks {
            writeln!(text, "# {remark}").ok();
        }
        self.write(&mut text, 0);
        text
    }

    fn write(&self, out: &mut String, indent: usize) {
        match self {
            Self::Map(entries) => {
                for (key, node) in entries {
                    write!(out, "{:indent$}{}:", "", scalar(key)).ok();
                    node.value(out, indent, false);
                }
            }
            Self::List(nodes) => {
                for node in nodes {
                    write!(out, "{:indent$}-", "").ok();
                    node.value(out, indent, true);
                }
            }
            Self::Said(node, _) => node.write(out, indent),
            _ => {
                write!(out, "{:indent$}", "").ok();
                self.value(out, indent, false);
            }
        }
    }

    /// What stands behind a key or a dash; `in_list`: a map begins on the line of its dash.
    fn value(&self, out: &mut String, indent: usize, in_list: bool) {
        let (node, remark) = match self {
            Self::Said(node, remark) => (node.as_ref(), format!("  # {remark}")),
            node => (node, String::new()),
        };
        match node {
            Self::Text(text) => writeln!(out, " {}{remark}", scalar(text)),
            Self::Number(number) => writeln!(out, " {number}{remark}"),
            Self::Decimal(number) => writeln!(out, " {number}{remark}"),
            Self::Truth(truth) => writeln!(out, " {truth}{remark}"),
            Self::Map(entries) if entries.is_empty() => writeln!(out, " {{}}{remark}"),
            Self::List(nodes) if nodes.is_empty() => writeln!(out, " []{remark}"),
            Self::Block(text) => {
                writeln!(out, " |{remark}").ok();
                for line in text.lines() {
                    if line.is_empty() {
                        writeln!(out).ok();
                    } else {
                        writeln!(out, "{:1$}{line}", "", indent + 2).ok();
                    }
                }
                Ok(())
            }
            Self::Map(_) if in_list && remark.is_empty() => {
                let mut inner = String::new();
                node.write(&mut inner, indent + 2);
                write!(out, " {}", inner.trim_start())
            }
            _ => {
                writeln!(out, "{remark}").ok();
                node.write(out, indent + 2);
                Ok(())
            }
        }
        .ok();
    }
}

/// Text as YAML reads it back: plain where it is plainly text, else in double quotes.
fn scalar(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._/".contains(letter);
    let inside = |letter: char| is_plain(letter) || "-:@".contains(letter);
    // A colon at the end would make a key of it, and some words are no texts.
    let others = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    let plain = text.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '/')
        && text.chars().all(inside)
        && !text.ends_with(':')
        && !others.contains(&text.to_ascii_lowercase().as_str());
    if plain { text.to_owned() } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            letter if letter.is_control() => {
                write!(out, "\\u{:04x}", u32::from(letter)).ok();
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_written_as_people_write_them() {
        let node = Node::map([
            ("services", Node::map([("a", Node::map([("image", "nginx:latest".into())]))])),
            (
                "list",
                Node::List(vec![Node::map([("x", Node::Number(1)), ("on_top", true.into())]), "b".into()]),
            ),
            ("args", Node::List(vec![Node::from("-c").said("Tokens"), "4096".into()])),
            ("none", Node::Map(Vec::new())),
            ("text", Node::Block("a: b\n\n  c\n".to_owned())),
        ]);
        let expected = "# One\nservices:\n  a:\n    image: nginx:latest\nlist:\n  - x: 1\n    on_top: true\n  - b\nargs:\n  - \
                        \"-c\"  # Tokens\n  - \"4096\"\nnone: {}\ntext: |\n  a: b\n\n    c\n";
        assert_eq!(node.document(&["One".to_owned()]), expected);
    }

    #[test]
    fn what_could_be_read_otherwise_is_quoted() {
        for text in
            ["", "off", "No", "1.5", "-c", "a b", "a: b", "a:", "#a", "0.0.0.0", "${HOME}", "it's", "a\"b\\"]
        {
            assert!(scalar(text).starts_with('"'), "{text}");
        }
        for text in ["nginx:latest", "Qwen/Qwen3-14B", "/models", "max_model_len", "EveryNode"] {
            assert_eq!(scalar(text), text);
        }
        assert_eq!(scalar("a\"b\\\n\u{1}"), r#""a\"b\\\n\u0001""#);
    }
}
