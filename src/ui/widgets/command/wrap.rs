//! Breaks a command into rows of the screen.

use super::CommandLine;

/// A stretch of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Column that it begins in.
    pub column: usize,
    /// Its letters.
    pub text: String,
    /// Place of its flag among all flags; `None`: it is no flag.
    pub flag: Option<usize>,
}

/// Indent of a line that goes on a command.
const INDENT: usize = 2;
/// Indent of a word that is folded: of the screen, not of the command.
const FOLD: usize = 4;
/// Columns that a backslash takes.
const BACKSLASH: usize = 2;

/// Rows of at most `columns`: a command is broken before a word, with a backslash, and a word that is longer
/// than a row is folded. Breaks that are given stay.
pub fn wrapped(lines: &[CommandLine<'_>], columns: usize) -> Vec<Vec<Piece>> {
    let columns = columns.max(2 * FOLD);
    let mut rows = Vec::new();
    let mut flags = 0;
    for line in lines {
        let mut row: Vec<Piece> = Vec::new();
        let mut column = if line.is_continuation { INDENT } else { 0 };
        let start = column;
        for word in &line.words {
            let flag = word.means.map(|_| {
                flags += 1;
                flags - 1
            });
            let length = word.text.chars().count();
            let is_first = column == start && row.is_empty();
            let gap = usize::from(!is_first);
            // Of a command the next line may end in a backslash too.
            if line.breaks && !is_first && column + gap + length + BACKSLASH > columns {
                row.push(backslash(column));
                rows.push(std::mem::take(&mut row));
                column = INDENT;
            } else {
                column += gap;
            }
            column = folded(&mut rows, &mut row, column, word.text, flag, columns);
        }
        if line.goes_on {
            if column + BACKSLASH > columns {
                rows.push(std::mem::take(&mut row));
                column = FOLD;
            }
            row.push(backslash(column));
        }
        rows.push(row);
    }
    rows
}

fn backslash(column: usize) -> Piece {
    Piece { column: column + 1, text: "\\".to_owned(), flag: None }
}

/// Puts a word at `column`, over as many rows as it needs; answers with the column after it.
fn folded(
    rows: &mut Vec<Vec<Piece>>,
    row: &mut Vec<Piece>,
    column: usize,
    text: &str,
    flag: Option<usize>,
    columns: usize,
) -> usize {
    let letters: Vec<char> = text.chars().collect();
    let (mut column, mut from) = (column, 0);
    while letters.len() - from > columns.saturating_sub(column) {
        let fits = columns.saturating_sub(column);
        if fits > 0 {
            row.push(Piece { column, text: letters[from..from + fits].iter().collect(), flag });
        }
        from += fits;
        rows.push(std::mem::take(row));
        column = FOLD;
    }
    row.push(Piece { column, text: letters[from..].iter().collect(), flag });
    column + letters.len() - from
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::widgets::CommandWord;

    fn line<'a>(words: &[&'a str], breaks: bool) -> CommandLine<'a> {
        let word = |text: &&'a str| CommandWord { text, means: text.starts_with('-').then_some("means") };
        CommandLine { words: words.iter().map(word).collect(), breaks, ..CommandLine::default() }
    }

    fn texts(lines: &[CommandLine<'_>], columns: usize) -> Vec<String> {
        wrapped(lines, columns)
            .iter()
            .map(|row| {
                let mut text = String::new();
                for piece in row {
                    text += &" ".repeat(piece.column - text.chars().count());
                    text += &piece.text;
                }
                text
            })
            .collect()
    }

    #[test]
    fn a_short_command_stays_on_its_line() {
        assert_eq!(texts(&[line(&["llama-server", "-c 16384"], true)], 60), ["llama-server -c 16384"]);
        assert_eq!(wrapped(&[], 60), Vec::<Vec<Piece>>::new());
    }

    #[test]
    fn breaks_stand_before_flags_and_keep_their_values() {
        let words = ["llama-server", "-m Qwen3-14B-Q4_K_M.gguf", "-c 16384", "-ngl 99", "--n-cpu-moe 24"];
        let command = [line(&words, true)];
        assert_eq!(
            texts(&command, 50),
            ["llama-server -m Qwen3-14B-Q4_K_M.gguf -c 16384 \\", "  -ngl 99 --n-cpu-moe 24"]
        );
        assert!(texts(&command, 40).iter().all(|row| row.chars().count() <= 40));
    }

    #[test]
    fn given_breaks_stay() {
        let first = CommandLine { goes_on: true, ..line(&["a", "-x 1"], true) };
        let second = CommandLine { is_continuation: true, ..line(&["-y 2"], true) };
        assert_eq!(texts(&[first, second], 40), ["a -x 1 \\", "  -y 2"]);
    }

    #[test]
    fn lines_of_a_file_are_folded_and_never_broken() {
        let file = [line(&["PARAMETER num_ctx 16384"], false)];
        assert_eq!(texts(&file, 16), ["PARAMETER num_ct", "    x 16384"]);
    }

    #[test]
    fn what_is_longer_than_the_screen_is_folded() {
        let command = [line(&["run", "-m Qwen3-Next-80B-A3B-Instruct.gguf"], true)];
        let rows = texts(&command, 20);
        assert_eq!(rows, ["run \\", "  -m Qwen3-Next-80B-", "    A3B-Instruct.ggu", "    f"]);
        assert_eq!(texts(&[line(&["xxxxxxxxxxxx"], true)], 0).len(), 2, "however narrow, it ends");
    }

    #[test]
    fn pieces_know_their_flag() {
        let rows = wrapped(&[line(&["run", "-a 1", "-b 2"], true)], 40);
        let flags: Vec<Option<usize>> = rows[0].iter().map(|piece| piece.flag).collect();
        assert_eq!(flags, [None, Some(0), Some(1)]);
    }
}
