//! Options of `plimsoll estimate`, and the query that they make.

use std::path::Path;

use clap::Args;
use serde_json::{Map, Value};

use super::{OtherMachine, insert, values};

/// Options of `plimsoll estimate`: none for a stream, or those of one query.
#[derive(Debug, Default, Args)]
pub struct EstimateArgs {
    /// Print the JSON Schema of query and answer
    #[arg(long, exclusive = true)]
    pub schema: bool,
    /// Model: a name of the catalog, or a path: ./model.gguf, ./config.json, ./folder
    #[arg(long, value_name = "NAME|PATH")]
    pub model: Option<String>,
    /// Quantization.
    #[arg(long, value_name = "NAME", requires = "model", help = "Quantization [default: Q4_K_M]")]
    pub quant: Option<String>,
    /// Context in tokens: 8192, 32k [default: 8k]
    #[arg(long, value_name = "TOKENS", requires = "model", value_parser = values::context)]
    pub context: Option<u32>,
    /// Type of the cached keys and values [default: f16]
    #[arg(long, value_name = "TYPE", requires = "model")]
    pub kv_type: Option<String>,
    /// Program that runs the model [default: llama.cpp]
    #[arg(long, value_name = "NAME", requires = "model")]
    pub engine: Option<String>,
    /// Its backend: cuda, rocm, vulkan, metal, sycl, cpu [default: auto]
    #[arg(long, value_name = "NAME", requires = "model")]
    pub backend: Option<String>,
    /// Tokens already in the cache [default: 0]
    #[arg(long, value_name = "TOKENS", requires = "model", value_parser = values::tokens)]
    pub depth: Option<u32>,
    /// New tokens of a prompt [default: 512]
    #[arg(long, value_name = "TOKENS", requires = "model", value_parser = values::tokens)]
    pub prompt_tokens: Option<u32>,
    /// Tokens of an answer [default: 128]
    #[arg(long, value_name = "TOKENS", requires = "model", value_parser = values::tokens)]
    pub output_tokens: Option<u32>,
    /// Requests at once [default: 1]
    #[arg(long, value_name = "N", requires = "model")]
    pub concurrency: Option<u32>,
    /// Slots [default: 1]
    #[arg(long, value_name = "N", requires = "model")]
    pub parallel: Option<u32>,
    /// Physical batch [default: 512]
    #[arg(long, value_name = "TOKENS", requires = "model")]
    pub ubatch: Option<u32>,
    /// Logical batch [default: 2048]
    #[arg(long, value_name = "TOKENS", requires = "model")]
    pub batch: Option<u32>,
    /// Layers on the GPU, as llama.cpp's -ngl [default: chosen]
    #[arg(long, value_name = "N", requires = "model")]
    pub gpu_layers: Option<u32>,
    /// Layers whose experts stay in RAM, as llama.cpp's --n-cpu-moe [default: chosen]
    #[arg(long, value_name = "N", requires = "model")]
    pub cpu_moe_layers: Option<u32>,
    /// Without flash attention
    #[arg(long, requires = "model")]
    pub no_flash_attention: bool,
    /// The file was made without an importance matrix
    #[arg(long, requires = "model")]
    pub no_imatrix: bool,
    /// Window layers keep the whole context
    #[arg(long, requires = "model")]
    pub swa_full: bool,
    /// MTP speculation
    #[arg(long, requires = "model")]
    pub mtp: bool,
    /// The vision projector is loaded, where the model has one
    #[arg(long, requires = "model")]
    pub projector: bool,
    /// A smaller model of the catalog that guesses ahead
    #[arg(long, requires = "model", value_name = "NAME")]
    pub draft: Option<String>,
    /// Read rate of the disk that the file is on, GB/s [default: as its kind has]
    #[arg(long, requires = "model", value_name = "GB/S")]
    pub disk_gbs: Option<f64>,
    /// Another machine than this one.
    #[command(flatten)]
    pub machine: OtherMachine,
}

impl EstimateArgs {
    /// The one query that the options make; `None`: queries come from standard input.
    pub fn query(&self) -> Option<Value> {
        let mut query = Map::new();
        let model = self.model.clone()?;
        let model = if is_path(&model) {
            Map::from_iter([("path".to_owned(), model.into())]).into()
        } else {
            model.into()
        };
        query.insert("model".to_owned(), model);
        insert(&mut query, "quant", self.quant.clone());
        insert(&mut query, "machine", self.machine.query());
        insert(&mut query, "context", self.context);
        insert(&mut query, "kv_type", self.kv_type.clone());
        insert(&mut query, "engine", self.engine.clone());
        insert(&mut query, "backend", self.backend.clone());
        insert(&mut query, "depth", self.depth);
        insert(&mut query, "prompt_tokens", self.prompt_tokens);
        insert(&mut query, "output_tokens", self.output_tokens);
        insert(&mut query, "concurrency", self.concurrency);
        insert(&mut query, "parallel", self.parallel);
        insert(&mut query, "ubatch", self.ubatch);
        insert(&mut query, "batch", self.batch);
        insert(&mut query, "flash_attention", self.no_flash_attention.then_some(false));
        insert(&mut query, "imatrix", self.no_imatrix.then_some(false));
        insert(&mut query, "swa_full", self.swa_full.then_some(true));
        insert(&mut query, "mtp", self.mtp.then_some(true));
        insert(&mut query, "projector", self.projector.then_some(true));
        let draft =
            self.draft.as_ref().map(|name| Map::from_iter([("model".to_owned(), name.clone().into())]));
        insert(&mut query, "draft", draft);
        insert(&mut query, "disk_gbs", self.disk_gbs);
        let mut placement = Map::new();
        insert(&mut placement, "gpu_layers", self.gpu_layers);
        insert(&mut placement, "cpu_moe_layers", self.cpu_moe_layers);
        insert(&mut query, "placement", (!placement.is_empty()).then_some(placement));
        Some(query.into())
    }
}

/// Whether a model is meant by its place: a name of the catalog begins with its owner and ends with no file's
/// ending.
fn is_path(text: &str) -> bool {
    let starts = ["./", "../", "/", "~", ".\\", "..\\"].iter().any(|start| text.starts_with(start));
    let drive = text.as_bytes().get(1) == Some(&b':') && matches!(text.as_bytes().get(2), Some(b'\\' | b'/'));
    let path = Path::new(text);
    let is_file = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gguf"))
        || path.file_name().is_some_and(|name| name == "config.json");
    starts || drive || is_file || matches!(text, "." | "..")
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use serde_json::json;

    use crate::cli::args::{Cli, Command};

    #[test]
    fn options_make_one_query() {
        let parse = |words: &str| {
            let cli = Cli::try_parse_from(words.split(' ')).unwrap();
            let Some(Command::Estimate(args)) = cli.command else { panic!("estimate") };
            args.query()
        };
        assert_eq!(parse("plimsoll estimate"), None);
        assert_eq!(parse("plimsoll estimate --model qwen3-4b"), Some(json!({"model": "qwen3-4b"})));
        assert_eq!(
            parse(
                "plimsoll estimate --model m --quant q8_0 --gpu A --gpu B --ram 64 --context 32k --gpu-layers 7"
            ),
            Some(json!({
                "model": "m", "quant": "q8_0", "context": 32768,
                "machine": {"gpus": [{"name": "A"}, {"name": "B"}], "ram_gib": 64.0},
                "placement": {"gpu_layers": 7},
            }))
        );
        assert_eq!(
            parse("plimsoll estimate --model m --gpu none --no-flash-attention"),
            Some(json!({"model": "m", "machine": {"gpus": []}, "flash_attention": false}))
        );
        for path in ["./m", "/m", "m.gguf", "M.GGUF", "a/config.json", "..", "C:\\m"] {
            assert_eq!(
                parse(&format!("plimsoll estimate --model {path}")),
                Some(json!({"model": {"path": path}}))
            );
        }
        assert!(Cli::try_parse_from(["plimsoll", "estimate", "--quant", "Q8_0"]).is_err(), "needs a model");
    }
}
