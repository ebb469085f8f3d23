//! The command card: a tab for each program that runs the model here.

use eframe::egui::{Id, Label, Ui};

use super::cards::note;
use crate::app::detail::Detail;
use crate::estimate::command::{Line, Program};
use crate::language::{self, tr};
use crate::ui::theme::{Text, Tokens};
use crate::ui::widgets::{CommandLine, CommandWord, card_frame, command_text, copy_button, tab_header};

/// Tabs for the programs that run the model here, the command with its flags explained, a button that copies
/// it, and why the other programs do not.
pub(super) fn command(ui: &mut Ui, detail: &Detail) {
    let chosen_id = Id::unique("launch program");
    let programs: Vec<(Program, &str)> =
        detail.launches.iter().map(|tab| (tab.launch.program, tab.launch.program.title())).collect();
    let own = Program::of(detail.engine);
    let wanted = ui.data(|data| data.get_temp::<Program>(chosen_id)).unwrap_or(own);
    let find = |program: Program| detail.launches.iter().find(|tab| tab.launch.program == program);
    let Some(tab) = find(wanted).or_else(|| find(own)).or(detail.launches.first()) else { return };
    let launch = &tab.launch;
    let text = launch.text();
    card_frame(ui, |ui| {
        let picked = tab_header(ui, tr!("Engine"), &programs, launch.program, |ui| {
            copy_button(ui, Id::unique("copy launch command"), &text);
        });
        if let Some(picked) = picked {
            ui.data_mut(|data| data.insert_temp(chosen_id, picked));
        }
        if let Some(outcome) = &tab.outcome {
            ui.add(Label::new(Text::Body.rich(outcome).color(Tokens::of(ui).text_2)).wrap());
        }
        let lines: Vec<CommandLine<'_>> = launch.lines.iter().map(line).collect();
        command_text(ui, Id::unique("launch command"), &lines, &text);
        for text in &launch.notes {
            note(ui, text);
        }
        for (is_too_big, words) in [(true, tr!("Too big here for")), (false, tr!("Not on this machine"))] {
            let others = || detail.not_here.iter().filter(move |other| other.is_too_big == is_too_big);
            let names: Vec<&str> = others().map(|other| other.program.title()).collect();
            if names.is_empty() {
                continue;
            }
            let reasons: Vec<String> =
                others().map(|other| format!("{}: {}", other.program.title(), other.reason)).collect();
            let reasons = reasons.join("\n");
            let response = note(ui, &format!("{words}: {}", names.join(", "))).on_hover_text(&reasons);
            ui.accesskit_node_builder(response.id, |node| node.set_description(reasons));
        }
    });
}

fn line(line: &Line) -> CommandLine<'_> {
    let words = line
        .words
        .iter()
        .map(|word| CommandWord {
            text: &word.text,
            means: word.option.map(|option| language::text(&option.means)),
        })
        .collect();
    CommandLine {
        words,
        is_continuation: line.is_continuation,
        goes_on: line.goes_on,
        breaks: line.is_command,
    }
}
