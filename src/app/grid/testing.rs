//! Estimates for tests of what is done with estimates.

use std::sync::{Arc, Mutex};

use super::{Ask, Cell, Extra, Judge, Wanted};
use crate::estimate::plan::{Brief, Range};
use crate::estimate::{FitClass, Rig, Scenario};
use crate::machine::Os;
use crate::model::catalog::{Catalog, ModelId};
use crate::quant::Level;
use crate::quant::quality::{Ground, Retained};
use crate::units::Bytes;

/// An estimate of this verdict, middle decode rate and share of quality.
pub(crate) fn brief(class: FitClass, tokens_per_second: f64, kept: f64) -> Brief {
    let need = Bytes::from_gib(10.0);
    let gpu_share = match class {
        FitClass::Fits | FitClass::Tight => 1.0,
        FitClass::Offload => 0.5,
        _ => 0.0,
    };
    Brief {
        class,
        need,
        on_gpu: need.scaled(f64::from(gpu_share)),
        gpu_share,
        decode: Some(Range {
            p10: tokens_per_second * 0.8,
            p50: tokens_per_second,
            p90: tokens_per_second * 1.2,
        }),
        file_bytes: need,
        quality: Retained {
            low: kept - 0.01,
            mid: Some(kept),
            high: kept.min(0.99) + 0.01,
            centre: kept,
            ground: Ground::Formula,
        },
        margin_bytes: 0,
    }
}

/// A machine without a GPU.
pub(crate) fn rig() -> Rig {
    Rig {
        devices: Vec::new(),
        host: crate::estimate::rig::Host {
            cpu: None,
            threads: None,
            capacity: Bytes::from_gib(64.0),
            free: Bytes::from_gib(60.0),
            bandwidth_gbs: 50.0,
            bandwidth_is_assumed: false,
            ..crate::estimate::rig::Host::default()
        },
        os: Os::Linux,
        unused: Vec::new(),
        own: None,
    }
}

/// The same machine with one GPU of this capacity, all of it free but a gibibyte.
pub(crate) fn rig_with_gpu(capacity: Bytes) -> Rig {
    let gpu = crate::estimate::rig::Device {
        name: "RTX 3060".to_owned(),
        vendor: crate::machine::Vendor::Nvidia,
        architecture: Some("Ampere".to_owned()),
        compute_units: Some(28),
        capacity,
        free: capacity - Bytes::from_gib(1.0),
        free_is_known: true,
        bandwidth_gbs: Some(360.0),
        fp16_tflops: Some(51.0),
        unified: false,
        power_watts: Some(170.0),
        ..crate::estimate::rig::Device::default()
    };
    Rig { devices: vec![gpu], ..rig() }
}

/// The ladder at a context of `context` tokens.
pub(crate) fn ask(context: u32) -> Ask {
    Ask {
        catalog: Arc::clone(Catalog::embedded_shared()),
        scenario: Scenario { context, ..Scenario::default() },
        rig: rig(),
        levels: Level::LADDER.to_vec(),
        wanted: Wanted::Nothing,
    }
}

/// Says the context that it was asked with as the speed, and remembers the order of the models.
#[derive(Debug, Default)]
pub(crate) struct EchoJudge {
    pub asked: Mutex<Vec<(u32, ModelId)>>,
}

impl Judge for EchoJudge {
    fn cells(&self, model: ModelId, ask: &Ask) -> Vec<Cell> {
        let context = ask.scenario.context;
        self.asked.lock().unwrap().push((context, model));
        let extra = match ask.wanted {
            Wanted::Nothing => Extra::NotAsked,
            Wanted::LongestContext => Extra::Context(context * 2),
            Wanted::FirstToken => Extra::FirstToken(Some(f64::from(context) / 1000.0)),
        };
        let cell = |level: &Level| match level {
            Level::Native => Cell::Unsupported("published in no native quantization".into()),
            _ => Cell::Known(brief(FitClass::Cpu, f64::from(context), 0.99), extra),
        };
        ask.levels.iter().map(cell).collect()
    }
}
