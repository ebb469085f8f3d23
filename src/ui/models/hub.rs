//! The hub: a name or a link, its files with sizes, their heads by ranges. Asked only by a click or Enter.

use eframe::egui::{Button, Id, Key, TextEdit, Ui};

use super::Desk;
use super::parts::{Told, beside, line, name, note, quiet, sentence, size_text};
use crate::app::installed::Verdict;
use crate::app::models::{Entry, Listed, ModelsAction};
use crate::hub::ListedModel;
use crate::language::tr;
use crate::ui::own::progress;
use crate::ui::theme::{Text, Tokens, space};
use crate::ui::widgets::{card, labelled, rule};
use crate::units::Bytes;

/// Rows of a repository that are shown.
const SHOWN: usize = 200;
/// Longest text that is asked, letters.
const LONGEST: usize = 300;

pub(super) fn show(ui: &mut Ui, desk: &Desk<'_>, asked: &mut Vec<ModelsAction>) {
    ask(ui, desk, asked);
    let hub = &desk.state.models.hub;
    if let Some((words, found)) = &hub.found {
        card(ui, tr!("Found"), &tr!("for \"{words}\", most downloaded first", words), |ui| {
            ui.spacing_mut().item_spacing.y = space::XS;
            if found.is_empty() {
                sentence(ui, tr!("Nothing has this name."));
            }
            for one in found {
                ui.horizontal(|ui| {
                    if quiet(ui, tr!("Files"), &tr!("Files of {id}", id = one.id)) {
                        asked.push(ModelsAction::ListHub(one.id.clone()));
                    }
                    name(ui, &one.id);
                    let kind = if one.gguf { "GGUF, " } else { "" };
                    beside(ui, &tr!("{kind}{downloads} downloads", kind, downloads = one.downloads));
                });
            }
        });
    }
    if let Some(listed) = &hub.listed {
        files(ui, desk, listed, asked);
    }
    settings(ui, desk, asked);
}

fn ask(ui: &mut Ui, desk: &Desk<'_>, asked: &mut Vec<ModelsAction>) {
    let hub = &desk.state.models.hub;
    card(ui, tr!("Ask the hub"), tr!("nothing is sent before you ask"), |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        ui.horizontal(|ui| {
            let mut text = hub.text.clone();
            let width = (ui.available_width() - 90.0).max(120.0);
            let field = TextEdit::singleline(&mut text)
                .id(Id::unique("hub name"))
                .desired_width(width)
                .char_limit(LONGEST)
                .hint_text(Text::Body.rich(tr!("owner/name, a link, or words")).color(Tokens::of(ui).text_3));
            let response = ui.add(field).accessible_name(tr!("Name or link"));
            if text != hub.text {
                asked.push(ModelsAction::HubText(text));
            }
            let enter = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            if opens(ui) {
                // What was pasted on the page is there to be asked for.
                response.request_focus();
            }
            let can_ask = !hub.text.trim().is_empty();
            if ui.add_enabled(can_ask, Button::new(tr!("Ask"))).clicked() || (enter && can_ask) {
                asked.push(ModelsAction::AskHub);
            }
        });
        if let Some(asking) = &hub.asking {
            ui.horizontal(|ui| {
                if ui.button(tr!("Cancel")).clicked() {
                    asked.push(ModelsAction::CancelHub);
                }
                if let Some(told) = asking.progress.filter(|told| told.of > 0) {
                    progress(ui, tr!("Reading"), told.done as f32 / told.of as f32);
                    let bytes = size_text(Bytes(told.bytes));
                    beside(ui, &tr!("{done} of {of} files, {bytes}", done = told.done, of = told.of, bytes));
                }
                beside(ui, &format!("{}…", asking.what));
            });
        }
        for problem in &hub.problems {
            sentence(ui, problem);
        }
    });
}

/// Whether this part has just come on the screen; a dialog's first passes only measure it.
fn opens(ui: &Ui) -> bool {
    const MEASURED: u64 = 2;
    let id = Id::unique("hub was seen");
    let pass = ui.cumulative_pass_nr();
    // When it came, and when it was there last.
    let seen = ui.data(|data| data.get_temp::<(u64, u64)>(id));
    let came = seen.filter(|(_, last)| last + MEASURED >= pass).map_or(pass, |(came, _)| came);
    ui.data_mut(|data| data.insert_temp(id, (came, pass)));
    pass <= came + MEASURED
}

fn files(ui: &mut Ui, desk: &Desk<'_>, listed: &Listed, asked: &mut Vec<ModelsAction>) {
    let listing = &listed.listing;
    let own = desk.state.models.of_repository(&listing.id);
    let license = listing.license.as_ref().map(|license| format!(", {license}")).unwrap_or_default();
    let title = format!("{}{license}", listing.id);
    let idle = desk.state.models.hub.asking.is_none();
    card(ui, &title, "", |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        if listing.gated {
            sentence(
                ui,
                tr!(
                    "Its terms must be accepted on its page before its files can be read; a token says that you did."
                ),
            );
        }
        if listed.models.is_empty() {
            let words = if listing.has_config() {
                tr!("It holds no GGUF files, but a checkpoint with a config.json.")
            } else {
                tr!("It holds neither GGUF files nor a config.json.")
            };
            sentence(ui, words);
            if listing.has_config()
                && ui.add_enabled(idle, Button::new(tr!("Read its configuration"))).clicked()
            {
                asked.push(ModelsAction::ReadHub(None));
            }
            return;
        }
        ui.horizontal(|ui| {
            let all = match listed.models.len() {
                1 => tr!("Read the file's head").to_owned(),
                n => tr!("Read all {n} heads", n),
            };
            if ui.add_enabled(idle, Button::new(all)).clicked() {
                asked.push(ModelsAction::ReadHub(None));
            }
            beside(ui, tr!("a few MB of each, not the file"));
            if let Some(own) = own {
                let shown = &own.record().display_name;
                if quiet(ui, tr!("Show it in the table"), &tr!("Show {shown}", shown)) {
                    asked.push(ModelsAction::Go(own.id().to_owned()));
                }
            }
        });
        for model in listed.models.iter().take(SHOWN) {
            row(ui, desk, own, model, idle, asked);
            rule(ui);
        }
        if let Some(more) = listed.models.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            note(ui, &tr!("and {more} more", more));
        }
    });
}

fn row(
    ui: &mut Ui,
    desk: &Desk<'_>,
    own: Option<&Entry>,
    model: &ListedModel,
    idle: bool,
    asked: &mut Vec<ModelsAction>,
) {
    let read =
        own.and_then(|own| own.files.iter().find(|file| file.name == model.file).map(|file| (own, file)));
    let verdict = read.and_then(|(own, file)| desk.state.models.verdict(own.id(), Some(file.level)));
    line(
        ui,
        Told::of(verdict),
        |ui| {
            name(ui, &model.file);
            let level = read.map(|(_, file)| file.level).or(model.level);
            beside(ui, &level.map(|level| level.to_string()).unwrap_or_default());
        },
        |ui| {
            if read.is_none() {
                ui.add_enabled_ui(idle, |ui| {
                    if quiet(ui, tr!("Read"), &tr!("Read {file}", file = model.file)) {
                        asked.push(ModelsAction::ReadHub(Some(model.file.clone())));
                    }
                });
            }
            let bytes = model.bytes.map_or_else(|| tr!("n/a").to_owned(), size_text);
            let parts = if model.parts > 1 {
                tr!("{bytes} in {parts} files", bytes, parts = model.parts)
            } else {
                bytes
            };
            beside(ui, &parts);
        },
    );
    if let Some(Verdict::NotKnown { reason }) = verdict {
        note(ui, &tr!("n/a: {reason}", reason));
    }
}

fn settings(ui: &mut Ui, desk: &Desk<'_>, asked: &mut Vec<ModelsAction>) {
    let state = desk.state;
    card(ui, tr!("How it is reached"), "", |ui| {
        ui.columns(2, |columns| {
            let mut base = state.settings.hub_base.clone();
            field(
                &mut columns[0],
                tr!("Address of a mirror"),
                &mut base,
                tr!("HF_ENDPOINT, or huggingface.co"),
                false,
            );
            if base != state.settings.hub_base {
                asked.push(ModelsAction::HubBase(base));
            }
            let mut token = state.models.hub.token.clone().unwrap_or_default();
            let before = token.clone();
            field(&mut columns[1], tr!("Token"), &mut token, tr!("HF_TOKEN, or that of hf auth login"), true);
            if token != before {
                asked.push(ModelsAction::HubToken(token));
            }
        });
        note(
            ui,
            tr!(
                "Empty fields follow the environment. Proxies come from HTTPS_PROXY, ALL_PROXY and NO_PROXY. The token is kept \
             in a file that only you can read, and sent to the hub alone."
            ),
        );
    });
}

fn field(ui: &mut Ui, label: &str, text: &mut String, hint: &str, hidden: bool) {
    labelled(ui, label, |ui| {
        let field = TextEdit::singleline(text)
            .id(Id::unique(("hub", label)))
            .desired_width(f32::INFINITY)
            .char_limit(LONGEST)
            .password(hidden)
            .hint_text(Text::Body.rich(hint).color(Tokens::of(ui).text_3));
        ui.add(field).accessible_name(label);
    });
}
