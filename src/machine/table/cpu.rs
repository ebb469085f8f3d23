//! Processor platforms and the bandwidth of their memory.

use std::sync::LazyLock;

use serde::Deserialize;

use super::super::Known;
use super::pattern::{self, Pattern};
use super::processor::InstructionSet;

const CPUS: &str = include_str!("../../../assets/cpus.json");

/// Other memory that a platform takes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct RamOption {
    /// Kind of memory: "DDR4-3200".
    pub ram: String,
    /// Theoretical bandwidth with it, GB/s.
    pub gbs: f64,
}

/// A processor platform: the processors that share a memory system.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CpuPlatform {
    /// Stable identity: "amd-am5-zen4".
    pub id: String,
    /// Name for the screen.
    pub name: String,
    /// "desktop", "laptop", "hedt", "server", "apple", "sbc", "laptop/mini".
    pub kind: String,
    /// Years of release.
    pub years: String,
    /// Kind of memory: "DDR5".
    pub ram_type: String,
    /// Memory channels of a socket.
    pub channels: Option<u32>,
    /// Width of a channel, bits.
    pub channel_bits: Option<u32>,
    /// Highest memory speed that the maker states, MT/s.
    pub max_official_mts: Option<u32>,
    /// Channels × width × speed, GB/s; of a socket.
    pub theoretical_gbs: f64,
    /// What its cores compute with.
    pub isa: InstructionSet,
    /// Cores, where all its processors have as many.
    pub cores: Option<u32>,
    /// What all cores do together, in big cores, for each core: less than 1 where some are small. A small core
    /// of Intel counts as half a big one, of Apple as 0.4, in a part of its own that saves power as 0.3.
    pub core_share: Option<f64>,
    /// What one chiplet or cluster of up to 8 cores reads over the fabric, GB/s: 32 bytes a clock.
    pub ccd_gbs: Option<f64>,
    /// What somebody measured, GB/s.
    pub achieved_gbs: Option<f64>,
    /// Who.
    pub achieved_source: Option<String>,
    /// Processor names, in the form of the `pattern` module.
    #[serde(rename = "match")]
    patterns: Vec<Pattern>,
    /// Other memory that the name of the processor does not exclude.
    #[serde(default)]
    pub alternatives: Vec<RamOption>,
    /// What a reader should know.
    pub note: Option<String>,
    /// Where the values come from.
    pub source: String,
    /// "single-source" where only one source gives the bandwidth.
    pub status: Option<String>,
}

impl CpuPlatform {
    /// Theoretical bandwidth, GB/s, and in its source which memory it assumes.
    pub fn bandwidth(&self) -> Known<f64> {
        let memory = match (self.max_official_mts, self.channels) {
            (Some(speed), Some(channels)) => format!("{}-{speed} ×{channels}", self.ram_type),
            _ => self.ram_type.clone(),
        };
        let others = self.alternatives.iter().map(|other| format!("; {} with {}", other.gbs, other.ram));
        let source = format!(
            "CPU platform table: {}, {memory}, theoretical{}",
            self.name,
            others.collect::<Vec<_>>().concat()
        );
        Known::new(self.theoretical_gbs, source)
    }

    /// Whether computers with it are servers, which keep little memory for themselves.
    pub fn is_server(&self) -> bool {
        self.kind == "server"
    }
}

/// All processor platforms.
#[derive(Debug)]
pub struct CpuPlatforms(Vec<CpuPlatform>);

static PLATFORMS: LazyLock<CpuPlatforms> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the embedded table is read by the tests")]
    CpuPlatforms(serde_json::from_str(CPUS).expect("embedded table of processor platforms"))
});

impl CpuPlatforms {
    /// The platforms that the program carries; read on first use.
    pub fn embedded() -> &'static Self {
        &PLATFORMS
    }

    /// All platforms.
    pub fn platforms(&self) -> &[CpuPlatform] {
        &self.0
    }

    /// The platform of a processor by the name that the system or a person gives it; `None` rather than a
    /// guess.
    pub fn find(&self, processor: &str) -> Option<&CpuPlatform> {
        let name = pattern::words(processor);
        self.0.iter().find(|platform| platform.patterns.iter().any(|pattern| pattern.matches(&name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(processor: &str) -> Option<&'static str> {
        CpuPlatforms::embedded().find(processor).map(|platform| platform.id.as_str())
    }

    #[test]
    fn names_as_systems_give_them() {
        let expected = [
            ("AMD Ryzen 9 7950X 16-Core Processor", "amd-am5-zen4"),
            ("Ryzen 9 7950X", "amd-am5-zen4"),
            ("AMD Ryzen 7 9800X3D 8-Core Processor", "amd-am5-zen5"),
            ("AMD Ryzen 7 8700G w/ Radeon 780M Graphics", "amd-am5-zen4"),
            ("AMD Ryzen 9 5900X 12-Core Processor", "amd-am4-zen2-3"),
            ("AMD Ryzen 7 PRO 5750G with Radeon Graphics", "amd-am4-zen2-3"),
            ("AMD Ryzen 7 7840HS", "amd-phoenix-hawk"),
            ("Ryzen 7 8840U", "amd-phoenix-hawk"),
            ("AMD Ryzen 7 7735HS with Radeon Graphics", "amd-rembrandt"),
            ("AMD Ryzen 9 7945HX with Radeon Graphics", "amd-dragon-range"),
            ("AMD Ryzen AI 9 HX 370 w/ Radeon 890M", "amd-strix"),
            ("AMD RYZEN AI MAX+ 395 w/ Radeon 8060S", "amd-strix-halo"),
            ("AMD Ryzen Threadripper 2990WX 32-Core Processor", "amd-tr-2000"),
            ("AMD Ryzen Threadripper PRO 5975WX 32-Cores", "amd-trpro-3000-5000"),
            ("AMD Ryzen Threadripper 7970X 32-Cores", "amd-tr-7000"),
            ("EPYC 7642", "amd-epyc-rome-milan"),
            ("AMD EPYC 7R13 Processor", "amd-epyc-rome-milan"),
            ("AMD EPYC 9654 96-Core Processor", "amd-epyc-genoa"),
            ("AMD EPYC 9755 128-Core Processor", "amd-epyc-turin"),
            ("13th Gen Intel(R) Core(TM) i9-13900KF", "intel-lga1700-13-14"),
            ("Core i9-14900K", "intel-lga1700-13-14"),
            ("12th Gen Intel(R) Core(TM) i7-12700H", "intel-mobile-12-13"),
            ("Intel(R) Core(TM) i9-10900X CPU @ 3.70GHz", "intel-lga2066-10"),
            ("Intel(R) Core(TM) i7-8700K CPU @ 3.70GHz", "intel-lga1151-8-9"),
            ("Intel(R) Core(TM) i7-10700K CPU @ 3.80GHz", "intel-lga1200-10"),
            ("i7-10750H", "intel-mobile-10-h"),
            ("Intel(R) Core(TM) Ultra 9 275HX", "intel-mobile-arl-hx"),
            ("Core Ultra 265K", "intel-lga1851"),
            ("Intel(R) Core(TM) Ultra 9 285K", "intel-lga1851"),
            ("Intel(R) Core(TM) Ultra 7 155H", "intel-mobile-mtl"),
            ("Intel(R) Core(TM) Ultra 7 258V", "intel-mobile-lunarlake"),
            ("Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz", "intel-xeon-bdw"),
            ("Intel Xeon Gold 6138", "intel-xeon-skx"),
            ("Intel Xeon Platinum 8468 (20 vCPU)", "intel-xeon-spr"),
            ("Xeon 6980P", "intel-xeon-gnr-ap"),
            ("Apple M4 Pro", "apple-m4-pro"),
            ("Apple M1", "apple-m1"),
            ("Intel(R) N150", "intel-n"),
            ("Intel(R) Core(TM) i7-7820HQ CPU @ 2.90GHz", "intel-mobile-6-7-hq"),
            ("Intel(R) Core(TM)2 Quad CPU    Q8400  @ 2.66GHz", "intel-core2-quad"),
            ("Snapdragon(R) X Elite - X1E78100 - Qualcomm(R) Oryon(TM) CPU", "qualcomm-x-elite"),
        ];
        for (name, platform) in expected {
            assert_eq!(id(name), Some(platform), "{name}");
        }
    }

    #[test]
    fn unknown_is_no_guess() {
        for name in [
            "",
            "AMD EPYC",
            "Cortex-A725",
            "amd64",
            "AMD Ryzen (CachyOS)",
            "Virtual CPU bdver2",
            "AMD Ryzen 5 3500U with Radeon Vega Mobile Gfx",
            "Intel(R) Xeon(R) Gold 6548Y+",
            "Intel(R) Core(TM) i9-7900X CPU @ 3.30GHz",
            "QEMU Virtual CPU version 2.5+",
        ] {
            assert_eq!(id(name), None, "{name}");
        }
    }

    #[test]
    fn each_name_has_one_platform() {
        let names = [
            "Ryzen 7 5700X",
            "Ryzen 7 5700U",
            "Ryzen 7 5700G",
            "Ryzen 7 7700",
            "Ryzen 7 7735U",
            "Ryzen 7 7745HX",
            "Ryzen 7 7840U",
            "Ryzen 5 8600G",
            "Ryzen 9 9955HX",
            "Ryzen 9 9950X",
            "i5-12600K",
            "i5-13600K",
            "i5-13400",
            "i7-13700H",
            "i9-13980HX",
            "Ultra 7 265H",
            "Ultra 7 265HX",
            "Ultra 7 265",
            "Ultra 7 268V",
            "EPYC 9474F",
            "EPYC 7453",
            "EPYC 8534P",
            "EPYC 4564P",
            "Apple M3 Max",
        ];
        for name in names {
            let words = pattern::words(name);
            let found: Vec<&str> = CpuPlatforms::embedded()
                .platforms()
                .iter()
                .filter(|platform| platform.patterns.iter().any(|pattern| pattern.matches(&words)))
                .map(|platform| platform.id.as_str())
                .collect();
            assert_eq!(found.len(), 1, "{name}: {found:?}");
        }
    }

    #[test]
    fn bandwidth_is_channels_times_speed() {
        for platform in CpuPlatforms::embedded().platforms() {
            let CpuPlatform {
                channels: Some(n), channel_bits: Some(bits), max_official_mts: Some(mts), ..
            } = platform
            else {
                continue;
            };
            let product = f64::from(n * bits / 8 * mts) / 1000.0;
            assert!((product - platform.theoretical_gbs).abs() < 0.11, "{}: {product}", platform.id);
        }
    }

    #[test]
    fn source_names_the_memory_assumed() {
        let known = CpuPlatforms::embedded().find("Core i9-14900K").unwrap().bandwidth();
        assert_eq!(known.value, 89.6);
        assert!(known.source.contains("DDR5-5600 ×2"), "{}", known.source);
        assert!(known.source.contains("51.2 with DDR4-3200"), "{}", known.source);
    }
}
