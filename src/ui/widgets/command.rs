//! A command in a card: broken at backslashes, with a button that copies it.

use eframe::egui::accesskit::Role;
use eframe::egui::{Id, Response, Sense, Ui, WidgetInfo, vec2};

use super::paint;
use crate::ui::theme::{Text, Tokens};

/// Shows `command` in mono, broken before flags so that no line is cut, each line but the last ending in a
/// backslash.
pub fn command_text(ui: &mut Ui, command: &str) -> Response {
    const LINE: f32 = 18.0;
    let t = Tokens::of(ui);
    let width = ui.available_width();
    let sample = paint::galley(ui.painter(), "0000000000", Text::Mono, t.text_2).size().x / 10.0;
    let columns = (width / sample.max(1.0)) as usize;
    let lines = fold(wrap(command, columns), columns);
    let (rect, response) =
        ui.allocate_exact_size(vec2(width, LINE * lines.len().max(1) as f32), Sense::hover());
    let mut y = rect.top() + LINE / 2.0;
    for line in &lines {
        let at = eframe::egui::pos2(rect.left(), y);
        paint::text(ui.painter(), at, eframe::egui::Align2::LEFT_CENTER, line, Text::Mono, t.text_2);
        y += LINE;
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Code, true, command));
    response
}

/// Folds what is still longer than `columns`, such as a long file name. No backslash marks the fold: it is of
/// the screen, not of the command.
fn fold(lines: Vec<String>, columns: usize) -> Vec<String> {
    const INDENT: &str = "    ";
    let columns = columns.max(2 * INDENT.len());
    let mut folded = Vec::with_capacity(lines.len());
    for line in lines {
        let mut rest: Vec<char> = line.chars().collect();
        while rest.len() > columns {
            let tail = rest.split_off(columns);
            folded.push(rest.into_iter().collect());
            rest = INDENT.chars().chain(tail).collect();
        }
        folded.push(rest.into_iter().collect());
    }
    folded
}

/// Breaks a command into lines of at most `columns` characters, before its flags. An existing break after a
/// backslash stays; a single word longer than a line stays whole.
fn wrap(command: &str, columns: usize) -> Vec<String> {
    const INDENT: &str = "  ";
    let mut lines = Vec::new();
    let given: Vec<&str> =
        command.lines().map(|line| line.trim().trim_end_matches('\\').trim_end()).collect();
    let last = given.len().saturating_sub(1);
    for (place, line) in given.into_iter().enumerate() {
        // A flag and what follows it up to the next flag stay together.
        let mut groups: Vec<String> = Vec::new();
        for word in line.split_whitespace() {
            match groups.last_mut() {
                Some(group) if !word.starts_with('-') => {
                    group.push(' ');
                    group.push_str(word);
                }
                _ => groups.push(word.to_owned()),
            }
        }
        let indent = if place == 0 { "" } else { INDENT };
        let mut current = String::from(indent);
        for group in groups {
            let empty = current.trim().is_empty();
            if !empty && current.chars().count() + 1 + group.chars().count() + 2 > columns {
                lines.push(format!("{current} \\"));
                current = format!("{INDENT}{group}");
            } else {
                if !empty {
                    current.push(' ');
                }
                current.push_str(&group);
            }
        }
        if place < last {
            current.push_str(" \\");
        }
        lines.push(current);
    }
    lines
}

/// Seconds for which the button says that it has copied.
const CONFIRMED: f64 = 1.5;

/// A button that copies `text` and says so for a moment. Answers whether it was clicked.
pub fn copy_button(ui: &mut Ui, id: Id, text: &str) -> bool {
    let now = ui.input(|input| input.time);
    let copied = ui.data(|data| data.get_temp::<f64>(id)).filter(|at| now - at < CONFIRMED);
    let label = if copied.is_some() { "Copied" } else { "Copy" };
    let response = ui.add(eframe::egui::Button::new(label).min_size(vec2(52.0, 24.0)));
    let clicked = response.clicked();
    if clicked {
        ui.copy_text(text.to_owned());
        ui.data_mut(|data| data.insert_temp(id, now));
    }
    if clicked || copied.is_some() {
        ui.ctx().request_repaint_after_secs(CONFIRMED as f32);
    }
    clicked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_command_stays_on_its_line() {
        assert_eq!(wrap("llama-server -c 16384", 60), ["llama-server -c 16384"]);
    }

    #[test]
    fn breaks_stand_before_flags() {
        let command = "llama-server -hf unsloth/Qwen3-14B-GGUF:Q4_K_M -c 16384 -ngl 99 --n-cpu-moe 24";
        assert_eq!(
            wrap(command, 50),
            ["llama-server -hf unsloth/Qwen3-14B-GGUF:Q4_K_M \\", "  -c 16384 -ngl 99 --n-cpu-moe 24",]
        );
        assert!(wrap(command, 40).iter().all(|line| line.chars().count() <= 40));
    }

    #[test]
    fn given_breaks_stay() {
        assert_eq!(wrap("a -x 1 \\\n  -y 2", 40), ["a -x 1 \\", "  -y 2"]);
    }

    #[test]
    fn what_is_longer_than_the_screen_is_folded() {
        let lines = vec!["  -m Qwen3-Next-80B-A3B-Instruct.gguf \\".to_owned(), "  -fa on".to_owned()];
        assert_eq!(fold(lines, 20), ["  -m Qwen3-Next-80B-", "    A3B-Instruct.ggu", "    f \\", "  -fa on"]);
        assert_eq!(fold(vec!["x".repeat(9)], 0).len(), 2, "however narrow, it ends");
    }

    #[test]
    fn a_word_longer_than_the_line_stays_whole() {
        assert_eq!(wrap("run --model /a/very/long/path", 10), ["run \\", "  --model /a/very/long/path"]);
        assert_eq!(wrap("", 10), Vec::<String>::new());
    }
}
