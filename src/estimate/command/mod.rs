//! The command that runs a plan, for each engine: words that are tied to the option that they are.
//!
//! Options are data (`assets/engines.json`); a launch writes out every number that its plan rests on, and
//! says in words what its engine cannot be told.

mod builder;
mod llama;
mod local;
mod ollama;
pub mod options;
mod serve;

use crate::language::tr;
use crate::model::Model;
use crate::quant::Level;
use crate::units::tokens_text;

use super::plan::Plan;
use super::rig::Rig;
use super::scenario::{Engine, Scenario};

use builder::{Builder, quoted};
pub use builder::{Line, Word};

/// A program that a command starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Program {
    /// llama.cpp's server.
    LlamaCpp,
    /// Ollama.
    Ollama,
    /// LM Studio, by its command line.
    LmStudio,
    /// vLLM.
    Vllm,
    /// `SGLang`.
    Sglang,
    /// MLX.
    Mlx,
    /// `ExLlamaV3` through `TabbyAPI`.
    ExLlama,
    /// TensorRT-LLM.
    TensorRtLlm,
    /// llama.cpp on several machines.
    LlamaCppRpc,
    /// vLLM on several machines.
    VllmRay,
}

impl Program {
    /// Those for one machine.
    pub const ALL: [Self; 8] = [
        Self::LlamaCpp,
        Self::Ollama,
        Self::LmStudio,
        Self::Vllm,
        Self::Sglang,
        Self::Mlx,
        Self::ExLlama,
        Self::TensorRtLlm,
    ];

    /// Those for several machines.
    pub const CLUSTER: [Self; 2] = [Self::LlamaCppRpc, Self::VllmRay];

    /// Name on the screen.
    pub const fn title(self) -> &'static str {
        match self {
            Self::LlamaCpp => "llama.cpp",
            Self::Ollama => "Ollama",
            Self::LmStudio => "LM Studio",
            Self::Vllm => "vLLM",
            Self::Sglang => "SGLang",
            Self::Mlx => "MLX",
            Self::ExLlama => "ExLlama",
            Self::TensorRtLlm => "TensorRT-LLM",
            Self::LlamaCppRpc => "llama.cpp RPC",
            Self::VllmRay => "vLLM with Ray",
        }
    }

    /// The engine whose plan it runs.
    pub const fn engine(self) -> Engine {
        match self {
            Self::LlamaCpp | Self::LmStudio | Self::LlamaCppRpc => Engine::LlamaCpp,
            Self::Ollama => Engine::Ollama,
            Self::Vllm | Self::VllmRay => Engine::Vllm,
            Self::Sglang => Engine::Sglang,
            Self::Mlx => Engine::Mlx,
            Self::ExLlama => Engine::ExLlamaV3,
            Self::TensorRtLlm => Engine::TensorRtLlm,
        }
    }

    /// The program that an engine's plan is run with.
    pub const fn of(engine: Engine) -> Self {
        match engine {
            Engine::LlamaCpp => Self::LlamaCpp,
            Engine::Ollama => Self::Ollama,
            Engine::Vllm => Self::Vllm,
            Engine::Sglang => Self::Sglang,
            Engine::Mlx => Self::Mlx,
            Engine::ExLlamaV3 => Self::ExLlama,
            Engine::TensorRtLlm => Self::TensorRtLlm,
        }
    }
}

/// What a launch is made from. The plan is the program's own: that of [`Program::engine`], and for a
/// program of several machines that of all of them together, the other machines' devices first.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The model.
    pub model: &'a Model,
    /// Its quantization.
    pub level: Level,
    /// What is asked.
    pub scenario: &'a Scenario,
    /// The devices that the plan places on.
    pub rig: &'a Rig,
    /// The plan.
    pub plan: &'a Plan,
    /// Machines that take part.
    pub machines: u32,
}

/// How a program is started so that it does what a plan says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// The program.
    pub program: Program,
    /// The quantization that it runs.
    pub level: Level,
    /// What is typed.
    pub lines: Vec<Line>,
    /// What the lines cannot say.
    pub notes: Vec<String>,
}

impl Launch {
    /// The whole text, as it is copied.
    pub fn text(&self) -> String {
        let lines: Vec<String> = self.lines.iter().map(Line::text).collect();
        lines.join("\n")
    }

    /// The text in one line where it is one command, else as [`Launch::text`].
    pub fn one_line(&self) -> String {
        let Some((last, others)) = self.lines.split_last() else { return String::new() };
        if !others.iter().all(|line| line.goes_on) || !last.is_command {
            return self.text();
        }
        let words: Vec<&str> =
            self.lines.iter().flat_map(|line| &line.words).map(|word| word.text.as_str()).collect();
        words.join(" ")
    }

    /// All words, in order.
    pub fn words(&self) -> impl Iterator<Item = &Word> {
        self.lines.iter().flat_map(|line| &line.words)
    }
}

/// The launch of `program` that reproduces a plan.
pub fn launch(program: Program, ask: &Ask<'_>) -> Launch {
    let mut builder = Builder::default();
    let mut notes = Vec::new();
    match program {
        Program::LlamaCpp => llama::server(ask, &mut builder, &mut notes),
        Program::LlamaCppRpc => llama::rpc(ask, &mut builder, &mut notes),
        Program::LmStudio => llama::lm_studio(ask, &mut builder, &mut notes),
        Program::Ollama => ollama::ollama(ask, &mut builder, &mut notes),
        Program::Vllm => serve::vllm(ask, &mut builder, &mut notes),
        Program::VllmRay => serve::vllm_with_ray(ask, &mut builder, &mut notes),
        Program::Sglang => serve::sglang(ask, &mut builder, &mut notes),
        Program::TensorRtLlm => serve::tensorrt(ask, &mut builder, &mut notes),
        Program::Mlx => local::mlx(ask, &mut builder, &mut notes),
        Program::ExLlama => local::exllama(ask, &mut builder, &mut notes),
    }
    if let Some(needs) = ask.plan.serving.as_ref().and_then(|serving| serving.needs) {
        notes.push(tr!("Needs {needs}", needs));
    }
    Launch { program, level: ask.level, lines: builder.lines, notes }
}

impl Ask<'_> {
    /// Requests at once.
    fn slots(&self) -> u32 {
        self.scenario.parallel.max(1)
    }

    /// Tokens of context of one request, where requests share it.
    fn context_each(&self) -> u32 {
        self.scenario.context.div_ceil(self.slots())
    }

    /// The model's name as a file's or folder's.
    fn name(&self) -> String {
        self.model.display_name.replace(' ', "-")
    }

    /// The usual name of its GGUF file.
    fn file(&self) -> String {
        self.local_file().map_or_else(|| format!("{}-{}.gguf", self.name(), self.level), str::to_owned)
    }

    /// The file of a model that was opened from one: its id is its path then, which no name of the catalog is like.
    fn local_file(&self) -> Option<&str> {
        let path = std::path::Path::new(&self.model.id);
        path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gguf")).then_some(&self.model.id)
    }

    /// The folder of a checkpoint that was opened from one.
    fn local_folder(&self) -> Option<&str> {
        let folder = self.model.id.strip_suffix("config.json")?;
        Some(if folder.is_empty() { "." } else { folder.trim_end_matches(['/', '\\']) })
    }

    /// The same for the shell.
    fn gguf(&self) -> String {
        quoted(&self.file())
    }

    /// The repository on the hub as published; a folder of a squeezed version, whose repository is not
    /// known, with a note of what has to be in it.
    fn checkpoint(&self, notes: &mut Vec<String>) -> String {
        if let Some(folder) = self.local_folder() {
            return quoted(folder);
        }
        if self.level == Level::Native {
            return quoted(&self.model.id);
        }
        notes.push(tr!(
            "In place of the folder put that of a {level} version, or its repository on the hub",
            level = self.level
        ));
        quoted(&format!("./{}-{}", self.name(), self.level))
    }

    /// Numbers of the devices that take part, where not all do.
    fn device_numbers(&self) -> Option<String> {
        let devices = self.plan.placement.devices.as_ref()?;
        let numbers: Vec<String> = devices.iter().map(usize::to_string).collect();
        Some(numbers.join(","))
    }

    /// Whether the model's MTP layers are asked for and there are any.
    fn uses_mtp(&self) -> bool {
        self.scenario.mtp && self.model.mtp_layers > 0
    }

    /// Says what servers do with a context that the model was not trained for.
    fn note_long_context(&self, what: &str, notes: &mut Vec<String>) {
        if let Some(trained) = self.model.context_max.filter(|trained| self.context_each() > *trained) {
            notes.push(tr!(
                "{context_each} is more than the {trained} that the model was trained for: {what}",
                context_each = tokens_text(u64::from(self.context_each())),
                trained = tokens_text(u64::from(trained)),
                what
            ));
        }
    }
}
