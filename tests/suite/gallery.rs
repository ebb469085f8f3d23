//! A page with every widget of the kit, for its tests.

use eframe::egui::{self, Frame, Id, Ui, vec2};
use plimsoll::ui::theme::{Text, Tokens, size, space};
use plimsoll::ui::widgets::{
    CommandLine, CommandWord, CurveMark, CurvePoint, DeviceMemory, Kept, Ladder, LadderRow, SpeedCurve, Tile,
    Verdict, VerdictChip, caption, card, card_frame, check, combo, command_text, copy_button, count_bar,
    empty_state, figure, labelled, log_slider, mark, memory_bars, memory_cell, meter, not_available,
    octave_steps, rule, search_field, segmented, tab_header, tile, verdict_glyph,
};
use plimsoll::units::Bytes;

/// What the gallery's controls hold.
pub struct Gallery {
    pub page: u8,
    pub engine: u8,
    pub cache: u8,
    pub context: u32,
    pub only_fits: bool,
    pub search: String,
    pub level: Option<usize>,
    pub cleared: bool,
    pub copied: bool,
}

impl Default for Gallery {
    fn default() -> Self {
        Self {
            page: 0,
            engine: 0,
            cache: 0,
            context: 16_384,
            only_fits: false,
            search: String::new(),
            level: Some(3),
            cleared: false,
            copied: false,
        }
    }
}

const PAGES: [(u8, &str); 4] = [(0, "Models"), (1, "Map"), (2, "Machine"), (3, "Work")];
const ENGINES: [(u8, &str); 4] = [(0, "llama.cpp"), (1, "Ollama"), (2, "LM Studio"), (3, "vLLM")];
const CACHES: [(u8, &str); 3] = [(0, "f16"), (1, "q8_0"), (2, "q4_0")];
pub const COMMAND: &str = "llama-server -hf unsloth/Qwen3-14B-GGUF:Q4_K_M -c 16384 -ngl 34 --n-cpu-moe 24";

fn command_line() -> CommandLine<'static> {
    let plain = |text| CommandWord { text, means: None };
    let flag = |text, means| CommandWord { text, means: Some(means) };
    let words = vec![
        plain("llama-server"),
        flag("-hf unsloth/Qwen3-14B-GGUF:Q4_K_M", "Repository and file"),
        flag("-c 16384", "Tokens of context"),
        flag("-ngl 34", "Layers on the GPU"),
        flag("--n-cpu-moe 24", "Layers whose experts stay in RAM"),
    ];
    CommandLine { words, breaks: true, ..CommandLine::default() }
}

impl Gallery {
    pub fn show(&mut self, ui: &mut Ui) {
        let t = Tokens::of(ui);
        egui::Panel::top("bar")
            .exact_size(size::TOP_BAR)
            .frame(Frame::new().fill(t.panel).inner_margin(egui::Margin::symmetric(16, 0)))
            .show(ui, |ui| self.bar(ui));
        egui::Panel::left("left")
            .exact_size(size::LEFT)
            .frame(Frame::new().fill(t.panel).inner_margin(16))
            .show(ui, |ui| self.controls(ui));
        egui::Panel::right("right")
            .exact_size(size::RIGHT)
            .frame(Frame::new().fill(t.panel).inner_margin(16))
            .show(ui, |ui| self.detail(ui));
        egui::CentralPanel::default()
            .frame(Frame::new().fill(t.bg).inner_margin(24))
            .show(ui, |ui| self.centre(ui));
    }

    fn bar(&mut self, ui: &mut Ui) {
        ui.horizontal_centered(|ui| {
            mark(ui, 20.0);
            ui.add_space(2.0);
            ui.label(Text::Title.rich("Plimsoll"));
            ui.add_space(space::L);
            if let Some(page) = segmented(ui, "Page", &PAGES, self.page, size::PAGE_SWITCH) {
                self.page = page;
            }
            ui.add_space(space::L);
            meter(ui, "VRAM", 0.075, "11.1 of 12 GiB free", 142.0);
            ui.add_space(space::S);
            meter(ui, "RAM", 0.2, "51.4 of 64 GiB free", 142.0);
            ui.add_space(space::S);
            ui.button("Share").clicked();
            mark(ui, 16.0);
            mark(ui, 24.0);
            mark(ui, 32.0);
            mark(ui, 48.0);
        });
    }

    fn controls(&mut self, ui: &mut Ui) {
        ui.spacing_mut().item_spacing.y = 14.0;
        labelled(ui, "Search", |ui| {
            let id = Id::unique("search");
            search_field(ui, id, "Search models", &mut self.search, "Name or family", "Ctrl F");
        });
        let steps = octave_steps(11, 18);
        let words = format!("{}K tokens", self.context / 1024);
        if let Some(context) = log_slider(ui, "Context length", self.context, &steps, &words) {
            self.context = context;
        }
        labelled(ui, "KV cache", |ui| {
            if let Some(cache) = combo(ui, "KV cache", &CACHES, self.cache) {
                self.cache = cache;
            }
        });
        log_slider(ui, "At once", 1, &octave_steps(0, 6), "1 request");
        rule(ui);
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            if let Some(on) = check(ui, "Only what fits on the GPU", self.only_fits) {
                self.only_fits = on;
            }
            check(ui, "At reading speed (10 tok/s)", true);
        });
        rule(ui);
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            caption(ui, "Best cell of each model", "");
            for (verdict, count) in Verdict::ALL.into_iter().zip([15, 3, 17, 2, 0, 1]) {
                count_bar(ui, verdict, count, 17);
            }
        });
    }

    fn detail(&mut self, ui: &mut Ui) {
        let t = Tokens::of(ui);
        ui.spacing_mut().item_spacing.y = 9.0;
        ui.horizontal(|ui| {
            ui.label(Text::Heading.rich("Qwen3 14B"));
            ui.label(Text::Body.rich("Q4_K_M").color(t.text_2));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.add(VerdictChip::new(Verdict::Offload));
            });
        });
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 16.0;
            figure(ui, Some("11.8"), "GiB", "memory needed");
            figure(ui, Some("18"), "tok/s", "14–21, estimated");
            figure(ui, Some("11"), "K", "longest on GPU");
            figure(ui, Some("99.1"), "%", "quality kept");
        });
        card(ui, "Memory", "line = free before the model loads", |ui| {
            memory_bars(ui, &[memory("RTX 3060", [8.5, 2.5, 0.4, 0.4], 11.1, 12.0)]);
        });
        let rows = rows();
        let ladder = Ladder {
            rows: &rows,
            selected: self.level,
            line: Bytes::from_gib(11.1),
            line_name: "on the GPU",
            second_line: None,
        };
        if let Some(level) = ladder.show(ui) {
            self.level = Some(level);
        }
        card(ui, "Speed over context, tokens/s", "", |ui| {
            let points = points();
            SpeedCurve {
                id_salt: "speed",
                points: &points,
                marks: &MARKS,
                longest_on_gpu: Some(11_264),
                present: self.context,
                height: 146.0,
            }
            .show(ui);
        });
        card_frame(ui, |ui| {
            let copied = &mut self.copied;
            let picked = tab_header(ui, "Engine", &ENGINES, self.engine, |ui| {
                *copied |= copy_button(ui, Id::unique("copy"), COMMAND);
            });
            self.engine = picked.unwrap_or(self.engine);
            command_text(ui, Id::unique("command"), &[command_line()], COMMAND);
        });
    }

    fn centre(&mut self, ui: &mut Ui) {
        ui.allocate_ui(vec2(ui.available_width(), 220.0), |ui| {
            let sentence = "Nothing matches this search with the filters on the left.";
            self.cleared |= empty_state(ui, "No model matches", sentence, Some("Clear filters"));
        });
        card(ui, "Memory", "line = free before the model loads", |ui| {
            memory_bars(
                ui,
                &[
                    memory("RTX 3090", [22.4, 0.4, 0.3, 0.3], 23.6, 24.0),
                    memory("RTX 3060", [10.2, 0.2, 0.2, 0.2], 11.1, 12.0),
                    memory("RAM", [28.1, 0.0, 0.5, 0.0], 51.4, 64.0),
                ],
            );
        });
        let rows = big_rows();
        Ladder {
            rows: &rows,
            selected: Some(2),
            line: Bytes::from_gib(34.7),
            line_name: "on the GPUs",
            second_line: Some((Bytes::from_gib(84.0), "with RAM")),
        }
        .show(ui);
        tiles(ui);
        for (verdict, number, share) in [
            (Verdict::Fits, "9.2", 0.4),
            (Verdict::Tight, "11.0", 0.99),
            (Verdict::Offload, "11.8", 1.06),
            (Verdict::Cpu, "67.7", 6.0),
            (Verdict::TooBig, "229", 20.0),
        ] {
            ui.horizontal(|ui| {
                ui.add_sized(vec2(80.0, 20.0), VerdictChip::new(verdict));
                verdict_glyph(ui, verdict);
                ui.allocate_ui(vec2(200.0, 20.0), |ui| memory_cell(ui, number, share, verdict));
                not_available(ui, "not measured");
            });
        }
    }
}

fn tiles(ui: &mut Ui) {
    let t = Tokens::of(ui);
    let cells = Verdict::ALL.map(|verdict| (verdict, 0.4)).into_iter();
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 60.0), egui::Sense::hover());
    for (column, (verdict, share)) in cells.enumerate() {
        for (row, best) in [false, true].into_iter().enumerate() {
            let min = rect.min + vec2(41.0 * column as f32, 23.0 * row as f32);
            let at = egui::Rect::from_min_size(min.round(), vec2(39.0, 21.0));
            let number = if verdict.recedes() { "" } else { "48" };
            Tile { verdict, share, best }.paint(ui.painter(), at, t, number);
            if column == 2 && row == 0 {
                ui.painter().add(tile::selected_ring(at, t));
            }
            if column == 0 && row == 0 {
                ui.painter().add(tile::hovered_ring(at, t));
            }
        }
    }
    let at = egui::Rect::from_min_size(rect.min.round() + vec2(41.0 * 6.0, 0.0), vec2(39.0, 21.0));
    ui.painter().add(tile::absent(at, t));
}

pub fn memory(name: &'static str, parts: [f64; 4], free: f64, total: f64) -> DeviceMemory<'static> {
    DeviceMemory {
        name,
        parts: parts.map(Bytes::from_gib),
        free: Bytes::from_gib(free),
        total: Bytes::from_gib(total),
        others: "",
        why: "",
    }
}

fn level(
    name: &'static str,
    gib: f64,
    speed: Option<f64>,
    kept: f64,
    verdict: Verdict,
) -> LadderRow<'static> {
    let spread = (100.0 - kept) / 2.0;
    let kept = Kept { low: kept - spread, centre: kept, high: kept + spread, named: kept > 92.0 };
    LadderRow {
        name,
        short: name,
        need: Bytes::from_gib(gib),
        speed,
        kept,
        verdict,
        best: name == "IQ4_XS",
        file: false,
        why: "",
    }
}

fn rows() -> Vec<LadderRow<'static>> {
    vec![
        level("Q2_K", 8.8, Some(30.0), 91.0, Verdict::Fits),
        level("Q3_K_M", 10.1, Some(26.0), 97.2, Verdict::Fits),
        level("IQ4_XS", 11.0, Some(29.0), 98.6, Verdict::Tight),
        level("Q4_K_M", 11.8, Some(18.0), 99.1, Verdict::Offload),
        level("Q5_K_M", 13.1, Some(10.0), 99.6, Verdict::Offload),
        level("Q6_K", 14.6, Some(7.0), 99.8, Verdict::Offload),
        level("Q8_0", 17.9, Some(4.0), 100.0, Verdict::Offload),
    ]
}

fn big_rows() -> Vec<LadderRow<'static>> {
    vec![
        level("Q2_K", 43.3, Some(38.0), 90.0, Verdict::Offload),
        level("IQ3_XXS", 45.5, Some(42.0), 98.0, Verdict::Offload),
        level("IQ4_XS", 62.3, Some(24.0), 99.7, Verdict::Offload),
        level("Q6_K", 94.9, None, 100.0, Verdict::TooBig),
        level("Q8_0", 122.4, None, 100.0, Verdict::TooBig),
    ]
}

/// Two series, one of them a person's own.
const MARKS: [CurveMark<'_>; 4] = [
    CurveMark { depth: 64.0, speed: 36.5, own: false, series: "llama.cpp Q4_K_M" },
    CurveMark { depth: 4160.0, speed: 34.0, own: false, series: "llama.cpp Q4_K_M" },
    CurveMark { depth: 8256.0, speed: 27.0, own: false, series: "llama.cpp Q4_K_M" },
    CurveMark { depth: 8256.0, speed: 31.5, own: true, series: "yours" },
];

fn points() -> Vec<CurvePoint> {
    [(2048, 34.0), (4096, 33.0), (8192, 31.0), (11_264, 29.0), (16_384, 18.0), (24_576, 10.0), (40_960, 6.0)]
        .into_iter()
        .map(|(context, mid)| CurvePoint { context, low: mid * 0.9, mid, high: mid * 1.06 })
        .collect()
}
