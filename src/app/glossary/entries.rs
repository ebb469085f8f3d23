//! The terms with their other words and what they mean.

use super::Term;
use crate::language::mark;

/// What is known of a term: its name, other words for it, what it means.
pub(super) type Entry = (Term, &'static str, &'static str, &'static str);

/// All terms: what is asked first, then speed, models, memory, the machine.
pub(super) const ENTRIES: [Entry; 38] = [
    (
        Term::Context,
        mark!("Context length"),
        mark!("context window, ctx, -c"),
        mark!(
            "How much text the model can have in view at once, counted in tokens: the question, the files, what was said \
         before, and the answer. A longer context needs a larger KV cache and makes each token slower. 1,000 tokens \
         are about 750 English words."
        ),
    ),
    (
        Term::Quantization,
        mark!("Quantization"),
        mark!("level, quant, Q4_K_M"),
        mark!(
            "Storing the model's numbers with fewer bits, so that it takes less memory and answers faster. Some quality is \
         lost: hardly any with 6 or 8 bits, little with 4, much below 3. The name says about how many bits: Q4_K_M \
         has nearly 5 per number."
        ),
    ),
    (
        Term::KvCache,
        mark!("KV cache"),
        mark!("cache, keys and values, K/V"),
        mark!(
            "What the model keeps of every token that it has read, so that it need not read it again. It grows with the \
         context and is added to the model's own size. Stored as q8_0 it takes half of f16, as q4_0 about a quarter, \
         at some cost in quality."
        ),
    ),
    (
        Term::AtOnce,
        mark!("Requests at once"),
        mark!("concurrency, parallel, slots"),
        mark!(
            "How many questions are answered at the same time. They share the context and take turns at the weights: \
         together they get more tokens per second, each of them gets fewer."
        ),
    ),
    (
        Term::Engine,
        mark!("Engine"),
        mark!("runtime, backend, llama.cpp, Ollama, vLLM"),
        mark!(
            "The program that runs the model. Engines read different file formats, take memory in different ways and \
         differ in speed."
        ),
    ),
    (
        Term::Token,
        mark!("Token"),
        "",
        mark!(
            "The piece of text that a model reads and writes: a short word or part of a longer one. 1,000 tokens are about \
         750 English words."
        ),
    ),
    (
        Term::Decode,
        mark!("Tokens/s"),
        mark!("decode, generation speed, tg"),
        mark!(
            "How fast the answer is written. For each token the computer reads all weights that the token uses once from \
         memory, so this depends mostly on how fast the memory is."
        ),
    ),
    (
        Term::Prefill,
        mark!("Prefill"),
        mark!("prompt processing, pp"),
        mark!(
            "Reading the question before the answer begins. Many tokens are read at once, so this depends mostly on how \
         fast the processor of the card computes."
        ),
    ),
    (
        Term::FirstToken,
        mark!("Time to first token"),
        mark!("TTFT, latency"),
        mark!("How long it takes from asking until the answer begins: the time of the prefill."),
    ),
    (
        Term::ReadingSpeed,
        mark!("Reading speed"),
        "",
        mark!(
            "About 10 tokens per second: as fast as most people read. Slower answers make you wait for words."
        ),
    ),
    (
        Term::Parameters,
        mark!("Parameters"),
        mark!("params, size, B"),
        mark!(
            "The numbers that a model consists of; 8B means 8 billion. More of them know more, need more memory and take \
         longer."
        ),
    ),
    (
        Term::Active,
        mark!("Active parameters"),
        mark!("A3B"),
        mark!(
            "The parameters that work on one token. In a mixture of experts they are a small part of all, so it is as fast \
         as a small model while it needs the memory of a large one."
        ),
    ),
    (
        Term::Moe,
        mark!("Mixture of experts"),
        mark!("MoE, experts, router"),
        mark!(
            "A model whose layers hold many small networks, the experts, of which each token uses a few. All must be \
         stored, few are read: large, yet fast. Experts are what is best moved into main memory when a card is too \
         small."
        ),
    ),
    (
        Term::Dense,
        mark!("Dense model"),
        "",
        mark!("A model that uses all of its parameters for every token, unlike a mixture of experts."),
    ),
    (
        Term::Offload,
        mark!("Offload"),
        mark!("spills, -ngl, CPU offload"),
        mark!(
            "Putting part of the model into main memory because the graphics card has no room for it. It then runs, but \
         more slowly: main memory is read several times more slowly than a card's."
        ),
    ),
    (
        Term::Fit,
        mark!("Fit"),
        mark!("verdict"),
        mark!(
            "Where the model lies on this machine: wholly on the GPU, there with little to spare, partly in main memory, on \
         the processor alone, streamed from disk, or not at all."
        ),
    ),
    (
        Term::LoadLine,
        mark!("Load line"),
        mark!("Plimsoll line"),
        mark!("The line in every bar is what your machine has free. What stays left of it fits."),
    ),
    (
        Term::Weights,
        mark!("Weights"),
        "",
        mark!("The model itself: its parameters as they are stored, at the chosen quantization."),
    ),
    (
        Term::Compute,
        mark!("Compute buffers"),
        mark!("scratch, graph"),
        mark!(
            "Room for the numbers in between while a token is computed. It grows with the size of a prompt step (ubatch)."
        ),
    ),
    (
        Term::Overhead,
        mark!("Overhead"),
        "",
        mark!("What the driver and the engine take for themselves on each card before any model is loaded."),
    ),
    (
        Term::FlashAttention,
        mark!("Flash attention"),
        mark!("-fa, FA"),
        mark!(
            "A way of computing attention piece by piece that needs far less memory for long contexts and gives the same \
         result. A quantized cache needs it."
        ),
    ),
    (
        Term::Ubatch,
        mark!("Ubatch"),
        mark!("-ub, prompt step, micro-batch"),
        mark!(
            "How many tokens of a prompt are computed in one step. More are faster to read and need larger compute \
         buffers."
        ),
    ),
    (
        Term::Layer,
        mark!("Layer"),
        mark!("block, -ngl"),
        mark!(
            "A model is a stack of layers that each token passes through in turn. Layers can lie on different cards or in \
         main memory."
        ),
    ),
    (
        Term::Attention,
        mark!("Attention"),
        mark!("GQA, MLA, heads"),
        mark!(
            "The part of a layer in which a token looks at the tokens before it. How it is built decides how large the \
         cache is: grouped (GQA), compressed (MLA), in a window, or linear without a growing cache."
        ),
    ),
    (
        Term::QualityKept,
        mark!("Quality kept"),
        "",
        mark!(
            "How much of the model's score in tests is left after quantization, counted from what guessing would score. \
         Measured where somebody did, otherwise estimated, with its range."
        ),
    ),
    (
        Term::BitsPerWeight,
        mark!("Bits per weight"),
        mark!("bpw"),
        mark!(
            "How many bits a parameter takes on average in the file: 16 as most models are published, nearly 5 at Q4_K_M."
        ),
    ),
    (
        Term::Score,
        mark!("Score"),
        mark!("benchmark, LiveBench"),
        mark!(
            "How a model did in a public test, 0 to 100. Models that were not tested have an estimate on the same scale, \
         marked as such, with the range that holds eight of ten."
        ),
    ),
    (
        Term::Vram,
        mark!("VRAM"),
        mark!("video memory, GPU memory"),
        mark!(
            "The memory on a graphics card. It is the fastest that a computer has, and what decides most about which models \
         run well."
        ),
    ),
    (
        Term::Unified,
        mark!("Unified memory"),
        mark!("shared memory, APU"),
        mark!(
            "One memory that processor and graphics share, as in Apple's and some AMD and NVIDIA computers. A model may \
         take most of it."
        ),
    ),
    (
        Term::Bandwidth,
        mark!("Bandwidth"),
        mark!("GB/s"),
        mark!(
            "How much a memory can be read in a second. Speed of an answer is roughly bandwidth divided by the bytes that a \
         token reads."
        ),
    ),
    (
        Term::Tflops,
        mark!("FP16 rate"),
        mark!("TFLOPS, tensor cores"),
        mark!(
            "How many computations with 16-bit numbers a card makes in a second. It decides how fast prompts are read."
        ),
    ),
    (
        Term::Pcie,
        mark!("PCIe"),
        mark!("slot, lanes"),
        mark!(
            "The connection between a card and the rest of the computer. It matters where a model is shared between cards \
         or with main memory."
        ),
    ),
    (
        Term::BaseModel,
        mark!("Base model"),
        "",
        mark!(
            "Here: the model that others were made from. Fine-tunes with the same shape are folded under it, because they \
         need the same memory and are as fast."
        ),
    ),
    (
        Term::FineTune,
        mark!("Fine-tune"),
        mark!("variant"),
        mark!(
            "A model that was trained further from another, for a purpose or a style. Size and speed stay the same."
        ),
    ),
    (
        Term::Reasoning,
        mark!("Reasoning model"),
        mark!("thinking"),
        mark!(
            "A model that writes down its thoughts before it answers. It solves harder problems and takes longer: the \
         thoughts are tokens too."
        ),
    ),
    (
        Term::Gguf,
        mark!("GGUF"),
        "",
        mark!(
            "The file format of llama.cpp and the programs built on it: one file with the weights and everything needed to \
         run them."
        ),
    ),
    (
        Term::Speculative,
        mark!("Draft model"),
        mark!("speculative decoding"),
        mark!(
            "A small model that guesses the next tokens, which the large one then checks all at once. Good guesses make the \
         answer faster, bad ones slower; the text stays the same."
        ),
    ),
    (
        Term::Mtp,
        mark!("MTP layers"),
        mark!("multi-token prediction"),
        mark!("Layers with which a model guesses its own next tokens, like a draft model that is built in."),
    ),
];
