//! Main memory of a machine that is described by hand.

use super::super::memory::Taken;
use super::super::table::CpuPlatform;
use super::super::{Known, Os, Ram, reserve};
use super::{GIVEN, MachineSpec, NEITHER, Named};
use crate::units::Bytes;

/// RAM of a machine that is described without any, GiB.
const USUAL_RAM_GIB: f64 = 64.0;
/// Width of a memory channel, bits.
const CHANNEL_BITS: u32 = 64;

impl MachineSpec {
    /// Theoretical bandwidth, GB/s, where speed or channels are given; the platform says the other.
    fn by_channels(&self, platform: Option<&CpuPlatform>) -> Option<Known<f64>> {
        if self.ram_mts.is_none() && self.ram_channels.is_none() {
            return None;
        }
        let of_platform = |value: fn(&CpuPlatform) -> Option<u32>| platform.and_then(value);
        let speed = self.ram_mts.or_else(|| of_platform(|platform| platform.max_official_mts))?;
        let channels = self.ram_channels.or_else(|| of_platform(|platform| platform.channels))?;
        let bits = of_platform(|platform| platform.channel_bits).unwrap_or(CHANNEL_BITS);
        let gbs = f64::from(speed) * f64::from(channels) * f64::from(bits) / 8.0 / 1e3;
        let kind = self.ram_type.as_deref().or(platform.map(|platform| platform.ram_type.as_str()));
        let source = format!("{GIVEN}: {}-{speed} ×{channels}, theoretical", kind.unwrap_or("RAM"));
        Some(Known::new((gbs * 10.0).round() / 10.0, source))
    }

    /// As given; by speed and channels; of the processor's platform; of the memory that a GPU shares with the
    /// processor.
    pub(super) fn ram_bandwidth(
        &self,
        platform: Option<&CpuPlatform>,
        gpus: &[Named<'_>],
    ) -> Option<Known<f64>> {
        let shared = || {
            gpus.iter().filter(|gpu| gpu.is_unified()).find_map(|gpu| {
                let own = gpu.spec.bandwidth_gbs.map(|gbs| Known::new(gbs, GIVEN));
                // Of a GPU that takes any RAM the table says nothing about this one's.
                own.or_else(|| {
                    let gbs = gpu.record?.memory_bandwidth_gbs?;
                    Some(Known::new(gbs, "hardware table, shared with the GPU"))
                })
            })
        };
        self.ram_bandwidth_gbs
            .map(|gbs| Known::new(gbs, GIVEN))
            .or_else(|| self.by_channels(platform))
            .or_else(|| platform.map(CpuPlatform::bandwidth))
            .or_else(shared)
    }

    /// How much there is and what is free of it.
    pub(super) fn ram(
        &self,
        os: Os,
        server: bool,
        bandwidth_gbs: Option<Known<f64>>,
        gpus: &[Named<'_>],
        warnings: &mut Vec<String>,
    ) -> Ram {
        let pool = gpus.iter().filter(|gpu| gpu.is_unified()).find_map(|gpu| gpu.spec.vram_gib);
        let all_shared = gpus.iter().all(Named::is_unified);
        let total = match (pool, self.ram_gib) {
            // One pool: what the GPU addresses is what there is.
            (Some(pool), _) if all_shared => {
                Known::new(Bytes::from_gib(pool), "given; one pool with the GPU")
            }
            (_, Some(gib)) => Known::new(Bytes::from_gib(gib), GIVEN),
            (Some(pool), None) => Known::new(Bytes::from_gib(pool), "given; one pool with the GPU"),
            (None, None) => {
                warnings.push(format!("ram_gib is not given: {USUAL_RAM_GIB} GiB is assumed"));
                Known::new(Bytes::from_gib(USUAL_RAM_GIB), "assumed")
            }
        };
        let kept = reserve::host_kept(total.value, os, server);
        let (available, taken) = match self.ram_free_gib {
            Some(gib) => {
                let available = Known::new(Bytes::from_gib(gib), GIVEN);
                let taken = Taken::between(total.value, available.value, kept, NEITHER);
                (available, taken)
            }
            None => (reserve::host_free(total.value, os, server), Taken::only_reserved(kept)),
        };
        Ram { taken, bandwidth_gbs, ..Ram::new(total, available) }
    }
}
