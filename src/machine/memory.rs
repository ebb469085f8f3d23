//! A memory that is not all free: who holds the rest, and whom it is shared with.

use serde::{Deserialize, Serialize};

use super::Known;
use crate::language::tr;
use crate::units::{Bytes, small_text};

/// Who holds what is not free of a memory; `None` is not known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Taken {
    /// Held by other programs now, and free once they end.
    pub used: Option<Known<Bytes>>,
    /// Kept by driver and system whatever runs.
    pub reserved: Option<Known<Bytes>>,
}

/// The memory that a GPU shares with the processor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shared {
    /// All of the pool.
    pub total: Known<Bytes>,
    /// The most of it that the GPU may use; `None`: all of it.
    pub limit: Option<Known<Bytes>>,
}

impl Taken {
    /// Of `total`, of which `free` is free, the system keeps `kept` and others hold the rest, as `source`
    /// says.
    pub fn between(total: Bytes, free: Bytes, kept: Known<Bytes>, source: &str) -> Self {
        let taken = total.saturating_sub(free);
        let reserved = Known { value: kept.value.min(taken), ..kept };
        let used = Known::new(taken.saturating_sub(reserved.value), source);
        Self { used: Some(used), reserved: Some(reserved) }
    }

    /// Of `total` others hold what is not `free`, what the system keeps included, for it is not told apart.
    pub fn undivided(total: Bytes, free: Bytes, source: &str) -> Self {
        let source = format!("{source}; what driver and system keep is in it");
        Self { used: Some(Known::new(total.saturating_sub(free), source)), reserved: None }
    }

    /// Nobody says what others hold; the system keeps `kept`.
    pub fn only_reserved(kept: Known<Bytes>) -> Self {
        Self { used: None, reserved: Some(kept) }
    }

    /// "1.1 GiB used by others, 0.3 GiB reserved by driver and system".
    pub fn text(used: Option<Bytes>, reserved: Bytes) -> String {
        let used = used
            .filter(|used| *used > Bytes::ZERO)
            .map(|used| tr!("{used} used by others", used = small_text(used)));
        let reserved = (reserved > Bytes::ZERO)
            .then(|| tr!("{reserved} reserved by driver and system", reserved = small_text(reserved)));
        let parts: Vec<String> = used.into_iter().chain(reserved).collect();
        parts.join(", ")
    }
}

impl Shared {
    /// A pool of which a GPU may use `limit`, where that is less than all.
    pub fn new(total: Known<Bytes>, limit: Option<Known<Bytes>>) -> Self {
        let limit = limit.filter(|limit| limit.value < total.value);
        Self { total, limit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gib(gib: f64) -> Bytes {
        Bytes::from_gib(gib)
    }

    #[test]
    fn what_is_taken_is_split_and_sums_up() {
        let kept = Known::new(gib(0.5), "kept by a desktop");
        let taken = Taken::between(gib(24.0), gib(22.0), kept.clone(), "given");
        assert_eq!(taken.reserved, Some(kept.clone()));
        assert_eq!(taken.used, Some(Known::new(gib(1.5), "given")));
        // More is free than the system usually leaves: it keeps less here.
        let idle = Taken::between(gib(24.0), gib(23.75), kept, "given");
        assert_eq!(idle.reserved.unwrap().value, gib(0.25));
        assert_eq!(idle.used.unwrap().value, Bytes::ZERO);
        let whole = Taken::undivided(gib(16.0), gib(15.0), "sysfs");
        assert_eq!(whole.used.as_ref().unwrap().value, gib(1.0));
        assert!(whole.used.unwrap().source.contains("in it") && whole.reserved.is_none());
    }

    #[test]
    fn a_limit_that_limits_nothing_is_none() {
        let pool = || Known::new(gib(64.0), "test");
        assert_eq!(Shared::new(pool(), Some(pool())).limit, None);
        assert!(Shared::new(pool(), Some(Known::new(gib(48.0), "macOS"))).limit.is_some());
    }

    #[test]
    fn in_words() {
        assert_eq!(
            Taken::text(Some(gib(1.1)), gib(0.3)),
            "1.1 GiB used by others, 0.3 GiB reserved by driver and system"
        );
        assert_eq!(Taken::text(None, gib(0.5)), "0.5 GiB reserved by driver and system");
        assert_eq!(Taken::text(Some(Bytes::ZERO), Bytes::ZERO), "");
    }
}
