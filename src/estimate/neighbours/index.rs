//! Published configurations, found by device, model and architecture.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use crate::machine::table::{CpuPlatforms, Record, Table};
use crate::model::{Catalog, ModelId};
use crate::quant::Level;

use super::super::calibration::{Measurement, measurements};
use super::super::pace::{self, architecture_name, vendor_name};
use super::super::profile;
use super::super::scenario::Engine;
use super::{Run, depth_log, depth_of, log2};

/// A published configuration.
#[derive(Clone, Debug)]
pub struct Published {
    /// The measurement in the middle of those of the configuration.
    pub row: &'static Measurement,
    /// How many there are.
    pub count: u32,
    /// The model.
    pub model: ModelId,
    /// The level that stands for its quantization.
    pub level: Level,
    pub(super) run: Run,
    pub(super) family: &'static str,
    pub(super) device: &'static str,
    pub(super) architecture: String,
    pub(super) vendor: &'static str,
    pub(super) engine: &'static str,
    /// Bits of a weight, as a binary logarithm.
    pub(super) bits: f64,
    /// Active parameters, as a binary logarithm.
    pub(super) active: f64,
    /// Mean depth, as [`super::depth_log`] has it.
    pub(super) depth: f64,
    /// Requests at once, as a binary logarithm.
    pub(super) requests: f64,
}

/// A processor as measurements are compared by: its platform where that is known.
pub fn platform(cpu: &str) -> &str {
    CpuPlatforms::embedded().find(cpu).map_or(cpu, |platform| platform.id.as_str())
}

/// The engine that a measurement's stands for; `None`: a fork that is not one of ours.
pub fn engine_of(name: &str) -> Option<Engine> {
    Engine::ALL.into_iter().find(|engine| engine.name() == name)
}

fn class_of(name: &str) -> &'static str {
    // Forks of llama.cpp read the same files.
    engine_of(name).map_or("llama.cpp", pace::engine_class)
}

/// All configurations.
#[derive(Debug)]
pub struct Index {
    all: Vec<Published>,
    by_device: Places,
    by_family: Places,
    by_architecture: Places,
}

type Places = HashMap<Box<str>, Vec<usize>>;

impl Index {
    /// Of the embedded measurements; made when it is first asked for.
    pub fn embedded() -> &'static Self {
        static INDEX: LazyLock<Index> = LazyLock::new(|| Index::new(configurations()));
        &INDEX
    }

    fn new(all: Vec<Published>) -> Self {
        let by = |key: fn(&Published) -> &str| {
            let mut places = Places::new();
            for (place, published) in all.iter().enumerate() {
                places.entry(key(published).into()).or_default().push(place);
            }
            places
        };
        Self {
            by_device: by(|published| published.device),
            by_family: by(|published| published.family),
            by_architecture: by(|published| &published.architecture),
            all,
        }
    }

    /// All of them.
    pub fn all(&self) -> &[Published] {
        &self.all
    }

    /// Those on a device.
    pub fn of_device(&'static self, device: &str) -> impl Iterator<Item = &'static Published> + use<> {
        self.at(&self.by_device, device)
    }

    /// Those of a model and its fine-tunes.
    pub fn of_family(&'static self, family: &str) -> impl Iterator<Item = &'static Published> + use<> {
        self.at(&self.by_family, family)
    }

    /// Those on devices of an architecture.
    pub fn of_architecture(&'static self, name: &str) -> impl Iterator<Item = &'static Published> + use<> {
        self.at(&self.by_architecture, name)
    }

    fn at(
        &'static self,
        places: &'static Places,
        key: &str,
    ) -> impl Iterator<Item = &'static Published> + use<> {
        // What is not known is not the same.
        let found = if key.is_empty() { None } else { places.get(key) };
        found.into_iter().flatten().map(|place| &self.all[*place])
    }
}

/// The configurations of all measurements that the fit does not leave out.
fn configurations() -> Vec<Published> {
    let records: HashMap<&str, &'static Record> =
        Table::embedded().records().iter().map(|record| (record.name.as_str(), record)).collect();
    let mut models: HashMap<&str, Option<ModelId>> = HashMap::new();
    let mut groups: BTreeMap<String, Vec<&'static Measurement>> = BTreeMap::new();
    for row in measurements().iter().filter(|row| row.skip.is_empty()) {
        let key = format!(
            "{}|{}|{}|{:?}|{}|{}|{}|{}|{:?}|{:?}|{:?}|{:?}|{}|{}|{}|{:?}",
            row.gpu,
            row.gpus,
            row.cpu,
            row.threads,
            row.backend,
            row.engine,
            row.model,
            row.quant,
            row.test,
            row.prompt,
            row.depth,
            row.requests,
            row.cache,
            row.flash,
            row.placement,
            row.kind,
        );
        groups.entry(key).or_default().push(row);
    }
    let configuration = |mut rows: Vec<&'static Measurement>| {
        rows.sort_by(|a, b| a.tokens_per_s.total_cmp(&b.tokens_per_s).then_with(|| a.id.cmp(&b.id)));
        let row = rows[(rows.len() - 1) / 2];
        let model = *models.entry(&row.model).or_insert_with(|| Catalog::embedded().find(&row.model).ok());
        published(row, rows.len() as u32, model?, records.get(row.gpu.as_str()).copied())
    };
    groups.into_values().filter_map(configuration).collect()
}

fn published(
    row: &'static Measurement,
    count: u32,
    id: ModelId,
    record: Option<&'static Record>,
) -> Option<Published> {
    let model = Catalog::embedded().get(id);
    let level: Level = row.level.parse().ok()?;
    let run = match (row.placement.as_str(), row.gpus) {
        ("cpu", _) | (_, 0) => Run::Processor,
        ("", 1) => Run::Device,
        ("", _) => Run::Devices,
        _ => Run::Divided,
    };
    let of_file = row.file_gib.map(|gib| gib * (1_u64 << 30) as f64 * 8.0 / model.params_total as f64);
    Some(Published {
        row,
        count,
        model: id,
        level,
        run,
        family: profile::family(model),
        device: if run == Run::Processor { platform(&row.cpu) } else { &row.gpu },
        architecture: record
            .map(|record| {
                architecture_name(&record.architecture, record.unified_memory, pace::is_stacked(record))
            })
            .unwrap_or_default(),
        vendor: record.map_or("", |record| vendor_name(record.vendor)),
        engine: class_of(&row.engine),
        bits: log2(of_file.unwrap_or(level.nominal_bits())),
        active: log2(model.params_active as f64),
        depth: depth_log(depth_of(row)),
        requests: log2(f64::from(row.requests.unwrap_or(1).max(1))),
    })
}
