//! A launch as it is put together, word by word.

use std::fmt::Display;

use super::options::{self, EngineOption};

/// One word of a line: a flag with its value, or a plain word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// As it is written.
    pub text: String,
    /// The option that it is.
    pub option: Option<&'static EngineOption>,
}

/// One line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Its words, one space apart.
    pub words: Vec<Word>,
    /// It goes on a command and is indented.
    pub is_continuation: bool,
    /// It ends in a backslash, for the command goes on.
    pub goes_on: bool,
    /// It belongs to a command of the shell, so that it may be broken between its words.
    pub is_command: bool,
}

impl Line {
    /// As it is written.
    pub fn text(&self) -> String {
        let words: Vec<&str> = self.words.iter().map(|word| word.text.as_str()).collect();
        let indent = if self.is_continuation { "  " } else { "" };
        format!("{indent}{}{}", words.join(" "), if self.goes_on { " \\" } else { "" })
    }
}

/// Puts lines together.
#[derive(Debug, Default)]
pub(super) struct Builder {
    program: &'static str,
    pub lines: Vec<Line>,
}

impl Builder {
    /// A line of `text` that is no command.
    pub fn plain(&mut self, text: &str) {
        self.lines.push(Line { words: vec![plain(text)], ..Line::default() });
    }

    /// A new command whose options are those of `program` in the table.
    pub fn command(&mut self, program: &'static str, text: &str) {
        self.begin(program);
        self.word(text);
    }

    /// A new command without a word yet.
    pub fn begin(&mut self, program: &'static str) {
        self.program = program;
        self.lines.push(Line { is_command: true, ..Line::default() });
    }

    /// The next line of the command.
    pub fn next_line(&mut self) {
        if let Some(last) = self.lines.last_mut() {
            last.goes_on = true;
        }
        self.lines.push(Line { is_command: true, is_continuation: true, ..Line::default() });
    }

    /// A plain word.
    pub fn word(&mut self, text: &str) {
        self.push(plain(text));
    }

    /// A flag and its value.
    pub fn flag(&mut self, flag: &str, value: impl Display) {
        self.push(Word { text: format!("{flag} {value}"), option: options::find(self.program, flag) });
    }

    /// A flag without a value.
    pub fn switch(&mut self, flag: &str) {
        self.push(Word { text: flag.to_owned(), option: options::find(self.program, flag) });
    }

    /// A variable of the environment.
    pub fn variable(&mut self, name: &str, value: impl Display) {
        self.push(Word { text: format!("{name}={value}"), option: options::find(self.program, name) });
    }

    /// A file that the shell writes: one option a line.
    pub fn file(&mut self, program: &'static str, name: &str, lines: &[(&str, String)]) {
        self.plain(&format!("cat > {name} <<'EOF'"));
        for (flag, value) in lines {
            let text = if value.is_empty() { (*flag).to_owned() } else { format!("{flag} {value}") };
            let option = options::find(program, flag.trim_start());
            self.lines.push(Line { words: vec![Word { text, option }], ..Line::default() });
        }
        self.plain("EOF");
    }

    fn push(&mut self, word: Word) {
        if let Some(line) = self.lines.last_mut() {
            line.words.push(word);
        }
    }
}

fn plain(text: &str) -> Word {
    Word { text: text.to_owned(), option: None }
}

/// A name as the shell takes it: in quotes where it would be read otherwise.
pub(super) fn quoted(name: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._-/:@+,=".contains(letter);
    if !name.is_empty() && name.chars().all(is_plain) {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_by_backslashes() {
        let mut builder = Builder::default();
        builder.command("llama.cpp", "llama-server");
        builder.flag("-m", "a.gguf");
        builder.next_line();
        builder.flag("-c", 4096);
        builder.switch("--swa-full");
        let lines: Vec<String> = builder.lines.iter().map(Line::text).collect();
        assert_eq!(lines, ["llama-server -m a.gguf \\", "  -c 4096 --swa-full"]);
        assert!(builder.lines[1].words.iter().all(|word| word.option.is_some()));
        assert!(builder.lines[0].words[0].option.is_none());
    }

    #[test]
    fn odd_names_are_quoted() {
        assert_eq!(quoted("Qwen/Qwen3-14B"), "Qwen/Qwen3-14B");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted("x;rm"), "'x;rm'");
    }
}
