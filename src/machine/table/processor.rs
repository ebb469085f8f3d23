//! What a processor computes and reads with, whatever a model needs of it.

use std::sync::LazyLock;

use serde::Deserialize;

use super::cpu::{CpuPlatform, CpuPlatforms};

const INSTRUCTION_SETS: &str = include_str!("../../../assets/instruction_sets.json");

/// What cores compute with, as far as quantized products feel it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstructionSet {
    /// AVX-512 with VNNI.
    #[serde(rename = "avx512")]
    Avx512,
    /// AVX2.
    Avx2,
    /// AVX2 on narrow cores.
    Atom,
    /// x86 without AVX2.
    Sse,
    /// NEON, a server's cores.
    ArmServer,
    /// NEON, the widest cores: Apple's, Oryon.
    ArmWide,
    /// NEON, Cortex cores of boards and phones.
    ArmBoard,
    /// RISC-V without vectors.
    RiscV,
}

/// A line of the table of instruction sets.
#[derive(Debug, Deserialize)]
struct Rate {
    id: InstructionSet,
    name: String,
    /// GFLOP/s that a big core does in products with K-quants.
    gflops: f64,
}

static RATES: LazyLock<Vec<Rate>> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the embedded table is read by the tests")]
    serde_json::from_str(INSTRUCTION_SETS).expect("embedded table of instruction sets")
});

impl InstructionSet {
    /// Its name.
    pub fn name(self) -> &'static str {
        self.rate().map_or("", |rate| &rate.name)
    }

    /// GFLOP/s that a big core does in products with K-quants.
    pub fn gflops(self) -> f64 {
        self.rate().map_or(0.0, |rate| rate.gflops)
    }

    fn rate(self) -> Option<&'static Rate> {
        RATES.iter().find(|rate| rate.id == self)
    }
}

/// The kind of computer that a processor is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Desktops, laptops, workstations.
    Client,
    /// Servers.
    Server,
    /// Apple's.
    Apple,
    /// Single boards.
    Board,
}

impl Class {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
            Self::Apple => "apple",
            Self::Board => "board",
        }
    }

    fn of(platform: &CpuPlatform) -> Self {
        match platform.kind.as_str() {
            "server" => Self::Server,
            "apple" => Self::Apple,
            "sbc" => Self::Board,
            _ => Self::Client,
        }
    }
}

/// Main memory that is faster than this is a server's, GB/s.
pub const SERVER_GBS: f64 = 200.0;
/// Cores of a processor of which nothing is known.
const ASSUMED_CORES: u32 = 8;
/// Cores of a chiplet, or of a cluster with a link of its own.
const CCD_CORES: u32 = 8;

/// One processor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Processor {
    /// Its platform's identity in the table; `None`: not known.
    pub platform: Option<&'static str>,
    /// What its cores compute with.
    pub isa: InstructionSet,
    /// The kind of computer that it is made for.
    pub class: Class,
    /// Physical cores.
    pub cores: u32,
    /// What they do together, in big cores.
    pub big_cores: f64,
    /// What they can read together, whatever memory could give, GB/s; `None`: all that memory gives.
    pub link_gbs: Option<f64>,
}

impl Processor {
    /// The processor that is called `name` and has `cores` physical cores, as far as they are known, before
    /// memory of `ram_gbs` GB/s.
    ///
    /// Of an unknown one it is believed that it has AVX2, 8 equal cores where their number is not known either,
    /// no link that is narrower than memory, and that it is a server's where memory is as fast as a server's.
    pub fn new(name: Option<&str>, cores: Option<u32>, ram_gbs: f64) -> Self {
        let cores = cores.filter(|cores| *cores > 0);
        let Some(platform) = name.and_then(|name| CpuPlatforms::embedded().find(name)) else {
            let cores = cores.unwrap_or(ASSUMED_CORES);
            return Self {
                platform: None,
                isa: InstructionSet::Avx2,
                class: if ram_gbs > SERVER_GBS { Class::Server } else { Class::Client },
                cores,
                big_cores: f64::from(cores),
                link_gbs: None,
            };
        };
        // A limit on threads can leave fewer than all cores to be counted.
        let cores = platform.cores.or(cores).unwrap_or(ASSUMED_CORES);
        Self {
            platform: Some(&platform.id),
            isa: platform.isa,
            class: Class::of(platform),
            cores,
            big_cores: f64::from(cores) * platform.core_share.unwrap_or(1.0),
            link_gbs: platform.ccd_gbs.map(|gbs| gbs * f64::from(cores.div_ceil(CCD_CORES))),
        }
    }

    /// Threads that compute where `wanted` may: more than cores do not help, and by default each core has one.
    pub fn threads(&self, wanted: Option<u32>) -> u32 {
        wanted.filter(|wanted| *wanted > 0).map_or(self.cores, |wanted| wanted.min(self.cores))
    }

    /// GFLOP/s of `threads` threads in products with K-quants: few threads are on the big cores.
    pub fn gflops(&self, threads: u32) -> f64 {
        self.isa.gflops() * f64::from(threads).min(self.big_cores)
    }

    /// What it reads of memory of `ram_gbs` GB/s.
    pub fn bandwidth(&self, ram_gbs: f64) -> f64 {
        self.link_gbs.map_or(ram_gbs, |link| link.min(ram_gbs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instruction_set_has_a_rate() {
        for platform in CpuPlatforms::embedded().platforms() {
            assert!(platform.isa.gflops() > 0.0, "{}", platform.id);
            assert!(platform.core_share.is_none_or(|share| share > 0.5 && share < 1.0), "{}", platform.id);
            assert!(platform.ccd_gbs.is_none() || platform.id.starts_with("amd"), "{}", platform.id);
        }
    }

    #[test]
    fn one_chiplet_cannot_read_all_that_memory_gives() {
        let eight = Processor::new(Some("AMD Ryzen 7 9800X3D 8-Core Processor"), Some(8), 89.6);
        assert_eq!(eight.bandwidth(89.6), 64.0);
        let sixteen = Processor::new(Some("AMD Ryzen 9 7950X 16-Core Processor"), Some(16), 83.2);
        assert_eq!(sixteen.bandwidth(83.2), 83.2);
        let halo = Processor::new(Some("AMD RYZEN AI MAX+ 395 w/ Radeon 8060S"), Some(16), 256.0);
        assert_eq!(halo.bandwidth(256.0), 128.0);
    }

    #[test]
    fn small_cores_count_less_and_few_threads_are_on_the_big_ones() {
        let laptop = Processor::new(Some("Intel(R) Core(TM) Ultra 7 155H"), Some(16), 119.5);
        assert!((laptop.gflops(16) - 70.0 * 10.6).abs() < 1e-9);
        assert_eq!(laptop.gflops(4), 280.0);
        let apple = Processor::new(Some("Apple M2 Max"), Some(12), 400.0);
        assert_eq!((apple.class, apple.gflops(4)), (Class::Apple, 220.0));
        assert_eq!(apple.threads(Some(64)), 12);
    }

    #[test]
    fn an_unknown_processor_is_an_ordinary_one() {
        let unknown = Processor::new(Some("Virtual CPU bdver2"), None, 89.6);
        assert_eq!((unknown.platform, unknown.isa), (None, InstructionSet::Avx2));
        assert_eq!((unknown.class, unknown.cores, unknown.link_gbs), (Class::Client, 8, None));
        assert_eq!(Processor::new(None, Some(64), 460.8).class, Class::Server);
    }
}
