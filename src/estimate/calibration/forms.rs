//! The fitted forms: their effects, and what is believed of these before any measurement.

use super::form::{Effect, Flag, Form, Part, Term};

use Part::{Architecture, Backend, Class, Device, Engine, Family, Format, ModelArchitecture, Vendor};

/// Depth from which on attention weighs, tokens.
pub const DEEP: u32 = 8000;

/// One request decodes, everything on one device.
pub const DECODE: Form = Form {
    fixed_s: 62e-6,
    effects: &[
        Effect::new("operations", Term::Operations, &[Vendor, Backend], 0.7).around(-0.5).fixed(),
        Effect::new("operations.engine", Term::Operations, &[Vendor, Backend, Engine], 0.4).fixed(),
        Effect::new("operations.architecture", Term::Operations, &[Architecture, Backend], 0.3),
        Effect::new("operations.experts", Term::Operations, &[Vendor], 0.3).around(0.3).when(Flag::Moe),
        Effect::new("operations.old", Term::Operations, &[], 0.3).around(0.3).fixed().when(Flag::OldBuild),
        Effect::new("operations.recurrent", Term::Operations, &[Vendor], 0.3)
            .around(0.1)
            .when(Flag::Recurrent),
        Effect::new("operations.model", Term::Operations, &[ModelArchitecture], 0.25),
        Effect::new(
            "operations.model.engine",
            Term::Operations,
            &[ModelArchitecture, Vendor, Backend, Engine],
            0.15,
        ),
        Effect::new("weights", Term::Weights, &[Vendor, Backend], 0.5).around(0.3).fixed(),
        Effect::new("weights.engine", Term::Weights, &[Vendor, Backend, Engine], 0.2).fixed(),
        Effect::new("weights.architecture", Term::Weights, &[Architecture, Backend], 0.2),
        Effect::new("weights.architecture.engine", Term::Weights, &[Architecture, Backend, Engine], 0.1),
        // Kernels that were written for memory beside the board leave stacked memory idle.
        Effect::new("weights.stacked", Term::Weights, &[Vendor, Backend, Engine], 0.5)
            .fixed()
            .when(Flag::Stacked),
        Effect::new("weights.experts", Term::Weights, &[Vendor, Backend], 0.2).when(Flag::Moe),
        Effect::new("weights.old", Term::Weights, &[], 0.2).fixed().when(Flag::OldBuild),
        Effect::new("weights.format", Term::Weights, &[Format], 0.15),
        Effect::new("weights.format.vendor", Term::Weights, &[Vendor, Engine, Format], 0.15),
        Effect::new("weights.format.backend", Term::Weights, &[Vendor, Backend, Engine, Format], 0.15),
        Effect::new(
            "weights.format.architecture",
            Term::Weights,
            &[Architecture, Backend, Engine, Format],
            0.12,
        ),
        Effect::new("cache", Term::Cache, &[Vendor, Backend, Engine], 0.3).around(0.35).fixed(),
        // Few architectures were measured at depth, some with a quantized cache alone.
        Effect::new("cache.architecture", Term::Cache, &[Architecture, Backend], 0.2).fixed(),
        Effect::new("cache.latent", Term::Cache, &[Vendor], 0.3).around(0.3).when(Flag::Latent),
        Effect::new("cache.no_flash", Term::Cache, &[Vendor], 0.4).around(0.3).fixed().when(Flag::NoFlash),
        // Quantized keys and values are unpacked where they are read: the bytes that are saved save less time. Beliefs
        // from depth sweeps of few machines (M5 Max at 64K: 59.8 tok/s with f16, 57.9 with q8_0), held tight: the
        // measurements hold one sweep of one model, whose kernels are slow for other reasons.
        Effect::new("cache.eight", Term::Cache, &[], 0.05).around(0.4).fixed().when(Flag::CacheEight),
        Effect::new("cache.few", Term::Cache, &[], 0.05).around(0.7).fixed().when(Flag::CacheFew),
        // How a kernel for one backend copes with a shape says little of another backend.
        Effect::new("cache.model", Term::Cache, &[ModelArchitecture], 0.1).fixed(),
        Effect::new("cache.model.engine", Term::Cache, &[ModelArchitecture, Vendor, Backend, Engine], 0.2),
        Effect::new("flops", Term::Flops, &[Vendor, Backend, Engine], 0.7).fixed(),
        Effect::new("flops.architecture", Term::Flops, &[Architecture, Backend], 0.3),
        Effect::new("attention", Term::Attention, &[Vendor, Backend, Engine], 1.0).around(1.0).fixed(),
        Effect::new("attention.architecture", Term::Attention, &[Architecture, Backend], 0.4),
        Effect::new("family", Term::Whole, &[Family], 0.08),
        Effect::new("family.vendor", Term::Whole, &[Family, Vendor], 0.06),
        Effect::new("device", Term::Whole, &[Device], 0.12),
        Effect::new("device.engine", Term::Whole, &[Device, Backend, Engine], 0.08),
        Effect::new("served", Term::Whole, &[], 0.15).fixed().when(Flag::Served),
        Effect::new("ollama", Term::Whole, &[], 0.15).fixed().when(Flag::Ollama),
        Effect::new("model", Term::Whole, &[ModelArchitecture], 0.08),
        Effect::new("model.engine", Term::Whole, &[ModelArchitecture, Vendor, Backend, Engine], 0.08),
        Effect::new("model.device", Term::Whole, &[ModelArchitecture, Device, Backend, Engine], 0.1),
    ],
};

/// One request's prompt on one device, with weights in main memory or without.
pub const PREFILL: Form = Form {
    fixed_s: 0.0,
    effects: &[
        Effect::new("operations", Term::Operations, &[Vendor, Backend, Engine], 0.7).around(0.5).fixed(),
        Effect::new("operations.architecture", Term::Operations, &[Architecture, Backend], 0.3),
        Effect::new("weights", Term::Weights, &[Vendor, Backend, Engine], 0.5).around(0.3).fixed(),
        Effect::new("weights.architecture", Term::Weights, &[Architecture, Backend], 0.2),
        Effect::new("flops", Term::Flops, &[Vendor, Backend, Engine], 1.5).around(0.7).fixed(),
        Effect::new("flops.architecture", Term::Flops, &[Architecture, Backend], 0.3),
        Effect::new("flops.architecture.engine", Term::Flops, &[Architecture, Backend, Engine], 0.2),
        Effect::new("flops.stacked", Term::Flops, &[Vendor, Backend, Engine], 0.4)
            .fixed()
            .when(Flag::Stacked),
        Effect::new("flops.format", Term::Flops, &[Format], 0.15),
        Effect::new("flops.format.engine", Term::Flops, &[Vendor, Backend, Engine, Format], 0.15),
        Effect::new("flops.format.architecture", Term::Flops, &[Architecture, Backend, Engine, Format], 0.15),
        Effect::new("flops.old", Term::Flops, &[Vendor, Backend], 0.3).when(Flag::OldKernels),
        Effect::new("flops.old.format", Term::Flops, &[Vendor, Backend, Format], 0.2).when(Flag::OldKernels),
        Effect::new("flops.experts", Term::Flops, &[Vendor, Backend, Engine], 0.4)
            .around(0.6)
            .when(Flag::Moe),
        Effect::new("flops.experts.architecture", Term::Flops, &[Architecture, Backend], 0.2).when(Flag::Moe),
        Effect::new("flops.experts.format", Term::Flops, &[Backend, Format], 0.2).when(Flag::Moe),
        Effect::new("attention", Term::Attention, &[Vendor, Backend, Engine], 1.0).around(1.0).fixed(),
        Effect::new("attention.architecture", Term::Attention, &[Architecture, Backend], 0.4),
        Effect::new("attention.latent", Term::Attention, &[Vendor], 0.3).when(Flag::Latent),
        Effect::new("attention.no_flash", Term::Attention, &[Vendor, Backend], 0.4)
            .around(0.3)
            .when(Flag::NoFlash),
        Effect::new("attention.old", Term::Attention, &[Vendor, Backend], 0.4).when(Flag::OldKernels),
        Effect::new("attention.model", Term::Attention, &[ModelArchitecture], 0.3),
        Effect::new(
            "attention.model.engine",
            Term::Attention,
            &[ModelArchitecture, Vendor, Backend, Engine],
            0.2,
        ),
        // Three computers differ by more than a factor of two, so that they tell little of others.
        Effect::new("link", Term::Link, &[], 0.15).fixed().when(Flag::InRam),
        Effect::new("link.device", Term::Link, &[Device], 0.7).fixed().when(Flag::InRam),
        Effect::new("link.experts", Term::Link, &[], 0.2).fixed().when(Flag::ExpertsInRam),
        Effect::new("link.blocks", Term::Link, &[], 0.2).fixed().when(Flag::BlocksInRam),
        Effect::new("device", Term::Whole, &[Device], 0.15),
        Effect::new("device.engine", Term::Whole, &[Device, Backend, Engine], 0.1),
        Effect::new("family", Term::Whole, &[Family], 0.1),
        Effect::new("family.vendor", Term::Whole, &[Family, Vendor], 0.1),
        Effect::new("model", Term::Whole, &[ModelArchitecture], 0.1),
        Effect::new("model.engine", Term::Whole, &[ModelArchitecture, Vendor, Backend, Engine], 0.1),
        Effect::new("family.device", Term::Whole, &[Family, Device, Backend, Engine], 0.1),
    ],
};

/// One request's prompt on the processor alone, which is the device. Few were measured, so that no deviation
/// is estimated.
pub const PREFILL_CPU: Form = Form {
    fixed_s: 0.0,
    effects: &[
        Effect::new("flops", Term::Flops, &[], 0.7).around(0.3).fixed(),
        Effect::new("flops.fork", Term::Flops, &[], 0.3).fixed().when(Flag::Fork),
        Effect::new("flops.format", Term::Flops, &[Format], 0.15).fixed(),
        Effect::new("flops.experts", Term::Flops, &[], 0.3).around(0.2).fixed().when(Flag::Moe),
        Effect::new("attention", Term::Attention, &[], 0.7).around(1.0).fixed(),
        Effect::new("device", Term::Whole, &[Device], 0.3).fixed(),
        Effect::new("many_threads", Term::Whole, &[], 0.5).fixed().when(Flag::ManyThreads),
        Effect::new("family", Term::Whole, &[Family], 0.1).fixed(),
    ],
};

/// One request decodes on the processor alone. All deviations are given: too few processors were measured to
/// learn them from.
pub const CPU: Form = Form {
    fixed_s: 0.0,
    effects: &[
        Effect::new("weights", Term::Weights, &[], 0.15).around(0.28).fixed(),
        Effect::new("weights.class", Term::Weights, &[Class], 0.2).fixed(),
        Effect::new("weights.device", Term::Weights, &[Device], 0.25).fixed(),
        Effect::new("weights.experts", Term::Weights, &[], 0.25).around(0.1).fixed().when(Flag::Moe),
        Effect::new("flops", Term::Flops, &[], 0.3).fixed(),
        Effect::new("flops.architecture", Term::Flops, &[Architecture], 0.5).fixed(),
        Effect::new("flops.format", Term::Flops, &[Format], 0.35).fixed(),
        Effect::new("flops.ik", Term::Flops, &[], 0.2).around(-0.1).fixed().when(Flag::Fork),
        Effect::new("flops.device", Term::Flops, &[Device], 0.25).fixed(),
        Effect::new("operations", Term::Operations, &[], 0.5).fixed(),
        Effect::new("operations.class", Term::Operations, &[Class], 0.4).fixed(),
        Effect::new("operations.experts", Term::Operations, &[], 0.3).fixed().when(Flag::Moe),
        // Flash attention converts each row of the cache for each head; without it a matrix product reads it.
        Effect::new("cache", Term::Cache, &[], 0.42).around(1.8).fixed(),
        Effect::new("cache.no_flash", Term::Cache, &[], 0.3).around(-1.5).fixed().when(Flag::NoFlash),
        Effect::new("family", Term::Whole, &[Family], 0.05).fixed(),
        Effect::new("device", Term::Whole, &[Device], 0.15).fixed(),
    ],
};

/// One request decodes on a device and, for what is in main memory, on the processor beside it. A device stands
/// for the computer that it was measured in. All deviations are given.
pub const HYBRID: Form = Form {
    fixed_s: 0.0,
    effects: &[
        Effect::new("device", Term::Device, &[], 0.1).fixed(),
        Effect::new("device.backend", Term::Device, &[Vendor, Backend], 0.15).fixed(),
        Effect::new("experts", Term::Experts, &[], 0.2).around(0.45).fixed(),
        Effect::new("experts.computer", Term::Experts, &[Device], 0.2).fixed(),
        Effect::new("experts.ik", Term::Experts, &[], 0.2).fixed().when(Flag::Fork),
        Effect::new("weights", Term::Weights, &[], 0.2).around(0.45).fixed(),
        Effect::new("weights.computer", Term::Weights, &[Device], 0.2).fixed(),
        Effect::new("flops", Term::Flops, &[], 0.4).around(-0.3).fixed(),
        Effect::new("flops.format", Term::Flops, &[Format], 0.3).fixed(),
        Effect::new("flops.computer", Term::Flops, &[Device], 0.25).fixed(),
        Effect::new("flops.server", Term::Flops, &[], 0.4).around(-1.0).fixed().when(Flag::ServerMemory),
        Effect::new("hops", Term::Operations, &[], 0.5).fixed(),
        Effect::new("hops.backend", Term::Operations, &[Vendor, Backend], 0.6).fixed(),
        Effect::new("hops.computer", Term::Operations, &[Device], 0.25).fixed(),
        Effect::new("family", Term::Whole, &[Family], 0.05).fixed(),
        Effect::new("computer", Term::Whole, &[Device], 0.1).fixed(),
        Effect::new("served", Term::Whole, &[], 0.1).fixed().when(Flag::Served),
    ],
};

/// Several requests at once on one card or on several that share each layer, a step of all of them. What [`DECODE`] says of operations
/// and weights is where both start. All deviations are given: few devices were measured.
pub const BATCH: Form = Form {
    fixed_s: 0.0,
    effects: &[
        Effect::new("operations", Term::Operations, &[Vendor, Backend, Engine], 0.4).fixed(),
        Effect::new("operations.architecture", Term::Operations, &[Architecture, Engine], 0.3).fixed(),
        Effect::new("operations.experts", Term::Operations, &[], 0.3).fixed().when(Flag::Moe),
        Effect::new("weights", Term::Weights, &[Vendor, Backend, Engine], 0.2).fixed(),
        Effect::new("weights.architecture", Term::Weights, &[Architecture, Engine], 0.2).fixed(),
        Effect::new("weights.experts", Term::Weights, &[], 0.15).fixed().when(Flag::Moe),
        Effect::new("weights.several", Term::Weights, &[], 0.1).fixed().when(Flag::Several),
        Effect::new("again", Term::Again, &[], 0.3).around(-4.0).fixed(),
        Effect::new("again.llama", Term::Again, &[], 0.3).around(3.2).fixed().when(Flag::LlamaCpp),
        Effect::new("again.architecture", Term::Again, &[Architecture, Engine], 0.4).fixed(),
        Effect::new("cache", Term::Cache, &[], 0.3).fixed(),
        Effect::new("cache.architecture", Term::Cache, &[Architecture, Engine], 0.3).fixed(),
        Effect::new("cache.model", Term::Cache, &[ModelArchitecture], 0.3).fixed(),
        Effect::new("flops", Term::Flops, &[], 0.4).fixed(),
        Effect::new("flops.engine", Term::Flops, &[Vendor, Backend, Engine], 0.4).fixed(),
        Effect::new("flops.architecture", Term::Flops, &[Architecture, Engine], 0.3).fixed(),
        Effect::new("flops.experts", Term::Flops, &[], 0.3).around(0.5).fixed().when(Flag::Moe),
        Effect::new("attention", Term::Attention, &[], 0.5).fixed(),
        Effect::new("planning", Term::Planning, &[], 0.5).around(-0.5).fixed(),
        Effect::new("planning.engine", Term::Planning, &[Engine], 0.6).fixed(),
        Effect::new("sampling", Term::Sampling, &[], 0.5).fixed(),
        Effect::new("sampling.engine", Term::Sampling, &[Engine], 0.5).fixed(),
        Effect::new("prompts", Term::Prompts, &[], 0.1).fixed(),
        Effect::new("prompts.engine", Term::Prompts, &[Vendor, Backend, Engine], 0.6).fixed(),
        Effect::new("prompts.architecture", Term::Prompts, &[Architecture, Engine], 0.3).fixed(),
        Effect::new("prompts.experts", Term::Prompts, &[], 0.3).fixed().when(Flag::Moe),
        Effect::new("meetings", Term::Meetings, &[], 0.5).fixed().when(Flag::Several),
        Effect::new("meetings.architecture", Term::Meetings, &[Architecture, Engine], 0.4)
            .fixed()
            .when(Flag::Several),
        Effect::new("exchange", Term::Exchange, &[], 0.5).around(0.3).fixed().when(Flag::Several),
        Effect::new("exchange.architecture", Term::Exchange, &[Architecture, Engine], 0.4)
            .fixed()
            .when(Flag::Several),
        Effect::new("family", Term::Whole, &[Family], 0.06).fixed(),
        Effect::new("gpu", Term::Whole, &[Device], 0.1).fixed(),
        Effect::new("engine", Term::Whole, &[Vendor, Backend, Engine], 0.1).fixed(),
        Effect::new("model", Term::Whole, &[ModelArchitecture], 0.06).fixed(),
    ],
};
