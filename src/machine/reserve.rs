//! Memory that the system keeps when only a capacity is known.
//!
//! A machine that is probed says how much is free. One that is given by name ("RTX 4090, 64 GB") does not:
//! there the usual reserve of its operating system is taken off. The figures are in `assets/reserves.json`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{Known, Os, Pool, Vendor};
use crate::units::{Bytes, GB};

const RESERVES: &str = include_str!("../../assets/reserves.json");

#[derive(Debug, Deserialize)]
struct Reserves {
    device: BySystem,
    host: BySystem,
    apple_gpu_limit: Limit,
    intel_integrated_limit: Limit,
}

#[derive(Debug, Deserialize)]
struct BySystem {
    windows: Reserve,
    macos: Reserve,
    linux: Reserve,
    server: Reserve,
}

/// A share of the capacity, or a size; the data gives one of the three.
#[derive(Debug, Deserialize)]
struct Reserve {
    #[serde(default)]
    share: f64,
    #[serde(default)]
    gb: f64,
    #[serde(default)]
    gib: f64,
    source: String,
}

/// The part of the computer's memory that a GPU without its own may use.
#[derive(Debug, Deserialize)]
struct Limit {
    small: SmallShare,
    large: Share,
    source: String,
}

#[derive(Debug, Deserialize)]
struct SmallShare {
    up_to_gib: f64,
    share: f64,
}

#[derive(Debug, Deserialize)]
struct Share {
    share: f64,
}

static EMBEDDED: LazyLock<Reserves> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the embedded figures are read by the tests")]
    serde_json::from_str(RESERVES).expect("embedded reserves")
});

impl BySystem {
    fn get(&self, os: Os, server: bool) -> &Reserve {
        match os {
            Os::Windows => &self.windows,
            Os::Macos => &self.macos,
            Os::Linux if server => &self.server,
            Os::Linux => &self.linux,
        }
    }
}

impl Reserve {
    fn of(&self, capacity: Bytes) -> Known<Bytes> {
        let kept =
            capacity.scaled(self.share) + Bytes((self.gb * GB as f64) as u64) + Bytes::from_gib(self.gib);
        Known::new(kept.min(capacity), format!("usually kept by {}", self.source))
    }

    fn taken_from(&self, capacity: Bytes) -> Known<Bytes> {
        let free = capacity.saturating_sub(self.of(capacity).value);
        Known::new(free, format!("capacity less what is kept by {}", self.source))
    }
}

impl Limit {
    fn of(&self, capacity: Bytes) -> Bytes {
        let small = capacity.gib() <= self.small.up_to_gib;
        capacity.scaled(if small { self.small.share } else { self.large.share })
    }
}

/// What the system usually keeps of a computer's main memory, and why. `server`: it runs no desktop.
pub fn host_kept(capacity: Bytes, os: Os, server: bool) -> Known<Bytes> {
    EMBEDDED.host.get(os, server).of(capacity)
}

/// What the system usually keeps of a card's own memory, and why. `server`: it drives no desktop.
pub fn device_kept(capacity: Bytes, os: Os, server: bool) -> Known<Bytes> {
    EMBEDDED.device.get(os, server).of(capacity)
}

/// Free main memory of a computer with this capacity, and why. `server`: it runs no desktop.
pub fn host_free(capacity: Bytes, os: Os, server: bool) -> Known<Bytes> {
    EMBEDDED.host.get(os, server).taken_from(capacity)
}

/// Free memory of a GPU with this capacity, and why. `server`: it drives no desktop.
///
/// A GPU that shares the computer's memory has what the system leaves, and no more than
/// [`shared_limit`].
pub fn device_free(capacity: Bytes, os: Os, vendor: Vendor, pool: Pool, server: bool) -> Known<Bytes> {
    if pool == Pool::Discrete {
        return EMBEDDED.device.get(os, server).taken_from(capacity);
    }
    let left = host_free(capacity, os, server);
    match shared_limit(capacity, os, vendor) {
        Some(limit) if limit.value < left.value => limit,
        _ => left,
    }
}

/// The most that the system lets a GPU without memory of its own use, where there is such a limit.
///
/// AMD's under Linux is the GTT size, which can be read; it is not here.
pub fn shared_limit(capacity: Bytes, os: Os, vendor: Vendor) -> Option<Known<Bytes>> {
    let limit = match (vendor, os) {
        (Vendor::Apple, _) => &EMBEDDED.apple_gpu_limit,
        (Vendor::Intel, Os::Linux) => &EMBEDDED.intel_integrated_limit,
        _ => return None,
    };
    Some(Known::new(limit.of(capacity), limit.source.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gib(size: &Known<Bytes>) -> f64 {
        (size.value.gib() * 100.0).round() / 100.0
    }

    #[test]
    fn discrete_cards() {
        let card = Bytes::from_gib(24.0);
        let free = |os, server| device_free(card, os, Vendor::Nvidia, Pool::Discrete, server);
        assert_eq!(gib(&free(Os::Windows, false)), 22.32);
        assert_eq!(card.saturating_sub(free(Os::Linux, false).value), Bytes(500_000_000));
        assert_eq!(card.saturating_sub(free(Os::Linux, true).value), Bytes(50_000_000));
        assert!(free(Os::Windows, false).source.contains("node-llama-cpp"));
    }

    #[test]
    fn apple_limits_as_measured() {
        for (memory, limit) in [(16.0, 10.67), (32.0, 21.33), (64.0, 48.0), (96.0, 72.0), (192.0, 144.0)] {
            let free = device_free(Bytes::from_gib(memory), Os::Macos, Vendor::Apple, Pool::Unified, false);
            assert_eq!(gib(&free), limit, "{memory}");
        }
        // On 8 GiB macOS itself leaves less than its limit for the GPU.
        let small = device_free(Bytes::from_gib(8.0), Os::Macos, Vendor::Apple, Pool::Unified, false);
        assert_eq!(gib(&small), 4.0);
    }

    #[test]
    fn shared_memory_keeps_the_system_s_part() {
        let pool = Bytes::from_gib(128.0);
        let spark = device_free(pool, Os::Linux, Vendor::Nvidia, Pool::Unified, false);
        assert_eq!(spark, host_free(pool, Os::Linux, false));
        assert_eq!(gib(&spark), 125.5);
        let arc = device_free(Bytes::from_gib(32.0), Os::Linux, Vendor::Intel, Pool::Unified, false);
        assert_eq!(gib(&arc), 24.0);
    }

    #[test]
    fn what_is_kept_and_what_is_free_are_all() {
        let card = Bytes::from_gib(12.0);
        for os in [Os::Linux, Os::Windows, Os::Macos] {
            let free = device_free(card, os, Vendor::Nvidia, Pool::Discrete, false);
            assert_eq!(device_kept(card, os, false).value + free.value, card);
            assert_eq!(host_kept(card, os, true).value + host_free(card, os, true).value, card);
        }
        assert!(
            device_kept(card, Os::Windows, false).source.starts_with("usually kept by the Windows desktop")
        );
    }

    #[test]
    fn small_machines_do_not_underflow() {
        assert_eq!(host_free(Bytes::from_gib(2.0), Os::Windows, false).value, Bytes::ZERO);
    }
}
