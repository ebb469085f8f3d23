//! The UI kit: painted widgets that take numbers and words and know no domain type.
//!
//! Every widget tells AccessKit a sentence, takes its colours from the theme, and can be reached by
//! keyboard where it can be clicked. Functions that change something answer with what was chosen and
//! change nothing themselves.
//!
//! | widget | call | answer |
//! | --- | --- | --- |
//! | verdict as glyph and word | `ui.add(VerdictChip::new(verdict).lifted(row_is_hovered))` | response |
//! | glyph alone | `verdict_glyph(ui, verdict)`; on a painter `verdict.paint(painter, center, color)` | response |
//! | colours of a verdict | `verdict.text(t)`, `verdict.fill(t)`, `verdict.word()` | |
//! | switch | `segmented(ui, "Page", &[(Page::Models, "Models"), …], current, size::PAGE_SWITCH)` | `Option<T>` |
//! | underlined tabs | `tabs(ui, "Engine", &options, current, 28.0)`; as a card's header `tab_header(ui, "Engine", &options, current, \|ui\| copy_button(…))` | `Option<T>` |
//! | combo box | `combo(ui, "KV cache", &options, current)` | `Option<T>` |
//! | slider | `log_slider(ui, "Context length", 16384, &octave_steps(10, 20), "16K tokens")` | `Option<u32>` |
//! | chip that can be taken away | `removable_chip(ui, "Vision")` | taken away |
//! | star of a favourite | `favourite_star(ui, name, on)` | clicked |
//! | small text button | `small_button(ui, "Reset", enabled)` | response |
//! | check box | `check(ui, "Only what fits on the GPU", on)` | `Option<bool>` |
//! | search | `search_field(ui, id, "Search", &mut text, "Name or family", "Ctrl F")` | response of the field |
//! | typed value, answered at the field | `TypedField { id, name, present, hint, unit, width }.show(ui, parse)` | what was read |
//! | caption over a control | `labelled(ui, "KV cache", \|ui\| combo(…))` | what the control answers |
//! | caption line | `caption(ui, "Context length", "16K tokens")` | response |
//! | card | `card(ui, "Memory", "line = free", \|ui\| …)`, `card_frame(ui, \|ui\| …)` | inner response |
//! | large number | `figure(ui, Some("11.8"), "GiB", "memory needed")` | response |
//! | device meter | `meter(ui, "VRAM", 0.08, "11.1 of 12 GiB free", 142.0)` | response |
//! | memory in a table | `memory_cell(ui, "19.7", need / free, verdict)` | response |
//! | count of a verdict | `count_bar(ui, verdict, 15, largest_count)` | response |
//! | memory of a device and who holds it | `held_bar(ui, free, total, &pieces, sentence)` | response |
//! | the last minute | `Sparkline { name, value, points, span, most }.show(ui, width)` | response |
//! | speeds on several machines | `Dumbbell { name, note, ends, factor }.show(ui, axis, reading)` under `axis.head(…)`, over `axis.show(ui)` | response |
//! | memory in a card | `memory_bars(ui, &[DeviceMemory { name, parts, free, total, others, why }])` | response |
//! | quantization ladder (its own card) | `Ladder { rows, selected, line, line_name, second_line }.show(ui)` | `Option<usize>` |
//! | what a file is made of | `Mixture { name, length, parts, words }.show(ui)` | response |
//! | where layers go | `LayerStrip { rules, columns, feed_forward, light, spoken }.show(ui)` | response |
//! | a change that is offered | `Suggestion { verdict, what, brings, costs }.show(ui)` | response |
//! | columns over named places | `Columns { title, columns, limits, value, height }.show(ui)` | response |
//! | shares by row and column | `share_grid(ui, "at some level", &columns, &rows)` | responses |
//! | small table | `small_table(ui, "Longest context", &["f16", "q8_0"], &rows)` | response |
//! | speed curve | `SpeedCurve { id_salt, points, longest_on_gpu, present, height }.show(ui)` | response |
//! | chart of lines, areas or points | `Chart { name, height, x, y, areas, lines, dots, limits, … }.show(ui)` under `legend(ui, &areas)` | response |
//! | lines with ranges, named points, the load line | `Trend { x, lines, marks, across, load_line, … }.show(ui)` | response |
//! | command with its flags explained | `command_text(ui, id, &[CommandLine { words, … }], text)`, `copy_button(ui, id, text)` | response, clicked |
//! | nothing to show | `empty_state(ui, title, sentence, Some("Clear filters"))` | clicked |
//! | unknown value | `not_available(ui, reason)` | response |
//! | hairline | `rule(ui)` | |
//! | term, explained on hover and by Enter | captions, card titles and figures by themselves once `set_explanations(ctx, …)` was told; other words with `explain(ui, "KV cache", rect)` | |
//! | mark | `mark(ui, 20.0)`; `icon()` for the window | response |
//! | matrix cell | `Tile { verdict, share, best }.shapes(rect, t, has_number, &mut shapes)`, number in `tile.style()` and `tile.ink(t, lifted)`; `tile::{selected_ring, hovered_ring, absent}` | shapes |
//!
//! Roles: a segment, a tab and a ladder row are radio buttons by their words, a check box a check box, a
//! slider and a search field carry their name, a card's title is a heading, bars and figures are one node
//! with a sentence.

mod bars;
mod chart;
mod chip;
mod columns;
mod command;
mod controls;
mod curve;
mod curve_marks;
mod dumbbell;
mod explained;
mod held;
mod ladder;
mod layout;
mod mark;
mod memory;
mod mixture;
mod notice;

mod paint;
mod segmented;
mod share_grid;
mod sparkline;
mod strip;
mod suggestion;
pub mod tile;
mod trend;
mod typed_field;
mod verdict;

pub use bars::{count_bar, memory_cell, meter};
pub use chart::{AreaPart, Axis, Chart, ChartArea, ChartDot, ChartLine, Ink, Limit, legend};
pub use chip::{favourite_star, removable_chip, small_button, star_in};
pub use columns::{Column, Columns};
pub use command::{CommandLine, CommandWord, command_text, copy_button};
pub use controls::{check, combo, combo_groups, log_slider, octave_steps, search_field};
pub use curve::{CurveMark, CurvePoint, SpeedCurve};
pub use dumbbell::{Dumbbell, DumbbellAxis, DumbbellEnd};
pub use explained::{Explanation, Explanations, explain, explain_as, explanation, set_explanations, words};
pub use held::held_bar;
pub use ladder::{Kept, Ladder, LadderRow};
pub use layout::{caption, card, card_frame, empty_state, figure, labelled, not_available, rule};
pub use mark::{icon, mark};
pub use memory::{DeviceMemory, memory_bars};
pub use mixture::Mixture;
pub use notice::{notice_bar, notice_button, notice_words};
pub use segmented::{segmented, segmented_within, tab_header, tabs};
pub use share_grid::{ShareRow, share_grid};
pub use sparkline::Sparkline;
pub use strip::{LayerStrip, StripColumn, StripKept, StripRule, StripStore, StripWeight};
pub use suggestion::{Suggestion, small_table};
pub use tile::Tile;
pub use trend::{Trend, TrendLine, TrendMark, TrendPoint, TrendStyle};
pub use typed_field::TypedField;
pub use verdict::{Verdict, VerdictChip, verdict_glyph};
