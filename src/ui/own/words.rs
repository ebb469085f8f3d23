//! Measurements in words.

use crate::app::own::Import;
use crate::estimate::measured::{Measurement, Test};
use crate::estimate::scenario::BackendChoice;
use crate::language::{fixed, tr};

/// "12 measurements read, 10 of them new".
pub(super) fn of_import(import: &Import) -> String {
    if import.no_dialog {
        return tr!("The system shows no file dialog: drop the file on the window").to_owned();
    }
    let read = match import.read {
        0 => return tr!("Nothing could be read").to_owned(),
        1 => tr!("1 measurement read").to_owned(),
        n => tr!("{n} measurements read", n),
    };
    match import.added {
        added if added == import.read => read,
        0 => tr!("{read}, none of them new", read),
        added => tr!("{read}, {added} of them new", read, added),
    }
}

/// "97.3 tok/s ± 0.4".
pub(super) fn speed(row: &Measurement) -> String {
    let speed = digits(row.tokens_per_second);
    match row.deviation {
        Some(deviation) if deviation >= 0.005 => format!("{speed} ± {} tok/s", digits(deviation)),
        _ => format!("{speed} tok/s"),
    }
}

/// Three digits or more: a measurement is more exact than an estimate.
fn digits(number: f64) -> String {
    match number {
        ..10.0 => fixed(number, 2),
        ..100.0 => fixed(number, 1),
        _ => format!("{number:.0}"),
    }
}

/// What was timed, for a reader who does not know llama-bench's letters.
pub(super) fn test(row: &Measurement) -> String {
    let at = if row.depth > 0 { tr!(" after {depth} tokens", depth = row.depth) } else { String::new() };
    let what = match row.test {
        Test::Decode => tr!("{n_gen} tokens generated{at}", n_gen = row.n_gen, at),
        Test::Prefill => tr!("prompt of {n_prompt} tokens{at}", n_prompt = row.n_prompt, at),
        Test::Both => tr!(
            "prompt of {n_prompt} and answer of {n_gen} tokens{at}",
            n_prompt = row.n_prompt,
            n_gen = row.n_gen,
            at
        ),
        Test::Served => {
            tr!("server, {n_prompt} tokens in and {n_gen} out", n_prompt = row.n_prompt, n_gen = row.n_gen)
        }
    };
    if row.requests > 1 { tr!("{what}, {requests} requests", what, requests = row.requests) } else { what }
}

/// Where and how it was taken: "NVIDIA GeForce RTX 4080, llama.cpp CUDA, `q8_0` cache, 2025-04-24".
pub(super) fn conditions(row: &Measurement) -> String {
    let mut parts = Vec::new();
    parts.push(if row.on_processor() {
        row.place.cpu.clone().unwrap_or_else(|| tr!("processor").to_owned())
    } else {
        row.place.text()
    });
    let backend = row.backend.and_then(backend);
    parts.push(match backend {
        Some(backend) => format!("{} {backend}", row.engine.title()),
        None => row.engine.title().to_owned(),
    });
    match row.gpu_layers {
        Some(0) if !row.on_processor() => parts.push(tr!("no layer on the GPU").to_owned()),
        // Programs ask for more than any model has to get all.
        Some(layers @ 1..90) => parts.push(tr!("{layers} layers on the GPU", layers)),
        _ => {}
    }
    if let Some(layers @ 1..) = row.cpu_moe_layers {
        parts.push(tr!("experts of {layers} layers in RAM", layers));
    }
    if row.placed_by_hand {
        parts.push(tr!("partly on the GPU, unknown which").to_owned());
    }
    if let Some(cache) = row.cache_k.filter(|cache| cache.name() != "f16") {
        parts.push(tr!("{name} cache", name = cache.name()));
    }
    if row.flash_attention == Some(true) {
        parts.push(tr!("flash attention").to_owned());
    }
    if let Some(threads) = row.threads.filter(|_| row.on_processor()) {
        parts.push(tr!("{threads} threads", threads));
    }
    if let Some(build) = &row.build {
        parts.push(tr!("build {build}", build));
    }
    if let Some(date) = &row.date {
        parts.push(date.split('T').next().unwrap_or(date).to_owned());
    }
    parts.join(", ")
}

const fn backend(backend: BackendChoice) -> Option<&'static str> {
    Some(match backend {
        BackendChoice::Auto => return None,
        BackendChoice::Cuda => "CUDA",
        BackendChoice::Rocm => "ROCm",
        BackendChoice::Vulkan => "Vulkan",
        BackendChoice::Metal => "Metal",
        BackendChoice::Sycl => "SYCL",
        BackendChoice::Cpu => "CPU",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::scenario::Engine;

    #[test]
    fn rows_in_words() {
        let mut row = Measurement::new("x", Engine::LlamaCpp, Test::Decode, 97.26);
        (row.n_gen, row.depth, row.deviation) = (128, 4096, Some(0.42));
        assert_eq!(speed(&row), "97.3 ± 0.42 tok/s");
        assert_eq!(test(&row), "128 tokens generated after 4096 tokens");
        row.backend = Some(BackendChoice::Cuda);
        row.place.gpus = vec!["RTX 4080".to_owned()];
        row.gpu_layers = Some(99);
        row.date = Some("2025-04-24T11:58:51Z".to_owned());
        assert_eq!(conditions(&row), "RTX 4080, llama.cpp CUDA, 2025-04-24");
        row.gpu_layers = Some(20);
        assert!(conditions(&row).contains("20 layers on the GPU"));
    }

    #[test]
    fn imports_in_words() {
        let import = |read, added| of_import(&Import { read, added, ..Import::default() });
        assert_eq!(import(0, 0), "Nothing could be read");
        assert_eq!(import(1, 1), "1 measurement read");
        assert_eq!(import(12, 10), "12 measurements read, 10 of them new");
        assert_eq!(import(2, 0), "2 measurements read, none of them new");
    }
}
