//! A cold start: how long the file of a model takes to be read from a disk before the first answer.

use crate::machine::parts::Medium;
use crate::units::Bytes;

use super::plan::{Range, Speed};
use super::rig::Host;
use super::rules;

/// Rate of a disk for a file that is read from end to end, GB/s: what was `typed`, or what the host's usually has.
pub fn disk_gbs(host: &Host, typed: Option<f64>) -> Range {
    let rules = &rules::speed().load;
    if let Some(typed) = typed {
        let spread = rules.typed_spread.exp();
        return Range { p10: typed / spread, p50: typed, p90: typed * spread };
    }
    let [p10, p50, p90] = match host.disk {
        Medium::Nvme => rules.nvme,
        Medium::Ssd => rules.ssd,
        Medium::Hdd => rules.hdd,
        Medium::Unknown => rules.unknown,
    };
    Range { p10, p50, p90 }
}

/// Seconds until `file` is read.
pub fn load(file: Bytes, host: &Host, typed: Option<f64>) -> Range {
    let (disk, gb) = (disk_gbs(host, typed), file.0 as f64 / 1e9);
    Range { p10: gb / disk.p90, p50: gb / disk.p50, p90: gb / disk.p10 }
}

/// Seconds to the first token after a cold start; `None`: a warm one is not known.
pub fn first_token(speed: &Speed) -> Option<Range> {
    let (load, warm) = (speed.load?, speed.ttft?);
    Some(Range { p10: load.p10 + warm.p10, p50: load.p50 + warm.p50, p90: load.p90 + warm.p90 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::GIB;

    #[test]
    fn a_file_takes_its_bytes_over_the_rate_of_its_disk() {
        assert!((load(Bytes(8_000_000_000), &Host::default(), Some(2.0)).p50 - 4.0).abs() < 1e-12);
        let on = |disk| load(Bytes(8 * GIB), &Host { disk, ..Host::default() }, None);
        let all = [Medium::Nvme, Medium::Ssd, Medium::Hdd].map(on);
        assert!(all.windows(2).all(|pair| pair[0].p50 < pair[1].p50));
        let any = on(Medium::Unknown);
        assert!(any.p10 <= all[0].p10 && any.p90 >= all[1].p90);
    }
}
