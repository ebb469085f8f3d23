//! Memory bars and the load line.

use crate::estimate::plan::Parts;
use crate::estimate::rig::Device;
use crate::estimate::{FitClass, LayerPlace, Plan, Rig};
use crate::language::{fixed, tr};
use crate::machine::memory::Taken;
use crate::units::{Bytes, small_text};

use super::{Subject, parts};

/// Memory of one device or of the RAM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryBar {
    /// Name of the device, or "RAM".
    pub name: String,
    /// What the model takes there.
    pub parts: Parts,
    /// What was free before the model loads: where the load line stands.
    pub free: Bytes,
    /// All of its memory.
    pub capacity: Bytes,
    /// Who holds what is not free, in words.
    pub others: String,
    /// Parts and limits in words, with where they come from.
    pub why: String,
}

/// What is not worth a bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// In words.
    pub text: String,
    /// Parts and limits.
    pub why: String,
}

impl MemoryBar {
    /// How much more it would need.
    pub fn over(&self) -> Bytes {
        self.parts.total() - self.free
    }
}

/// What all bars of the ladder are held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadLine {
    /// Free on the GPUs; of the RAM without one.
    pub free: Bytes,
    /// "free on the GPU".
    pub name: &'static str,
    /// Free on the GPUs and in RAM together; `None` without a GPU or where both are one pool.
    pub with_ram: Option<Bytes>,
}

impl LoadLine {
    /// The load line of a rig.
    pub fn of(rig: &Rig) -> Self {
        let device = rig.device_free();
        if rig.devices.is_empty() {
            Self { free: rig.host.free, name: tr!("free RAM"), with_ram: None }
        } else if rig.devices.iter().any(|device| device.unified) {
            Self { free: device.min(rig.host.free), name: tr!("free shared memory"), with_ram: None }
        } else {
            let name = if rig.devices.len() == 1 { tr!("free on the GPU") } else { tr!("free on the GPUs") };
            Self { free: device, name, with_ram: Some(device + rig.host.free) }
        }
    }
}

/// A bar for each device and one for the RAM; one for all where they share a pool.
pub(super) fn bars(subject: &Subject<'_>, plan: &Plan, layers: &[LayerPlace]) -> Vec<MemoryBar> {
    let rig = subject.rig;
    let host = &rig.host;
    let in_ram = || parts::lines(subject, None, &plan.memory.host, layers);
    if let [device] = rig.devices.as_slice()
        && device.unified
    {
        let on_device = plan.memory.devices.first().copied().unwrap_or_default();
        let free = device.free.min(host.free);
        let parts = on_device + plan.memory.host;
        let limit = match device.limit.filter(|limit| *limit < host.capacity) {
            Some(limit) => tr!("Processor and GPU share it; the GPU may use {limit} of it.", limit),
            None => tr!("Processor and GPU share it.").to_owned(),
        };
        let name = tr!("{short_name}, shared memory", short_name = device.short_name());
        let pool = Held { free, capacity: host.capacity, used: host.used_by_others, reserved: host.reserved };
        let lines = parts::lines(subject, Some(0), &on_device, layers);
        let on = |place: &'static str| move |line: String| format!("{place}: {line}");
        let lines = lines.into_iter().map(on("GPU")).chain(in_ram().into_iter().map(on(tr!("Processor"))));
        return vec![bar(name, parts, &pool, &limit, lines.collect())];
    }
    let mut bars: Vec<MemoryBar> = rig
        .devices
        .iter()
        .zip(names(rig))
        .zip(&plan.memory.devices)
        .enumerate()
        .map(|(index, ((device, name), parts))| {
            let source = if device.free_is_known {
                tr!("Free memory was read from the device.")
            } else {
                tr!("Free memory is not known: capacity less the usual reserve of the system.")
            };
            let held = Held {
                free: device.free,
                capacity: device.capacity,
                used: device.used_by_others,
                reserved: device.reserved,
            };
            bar(name, *parts, &held, source, parts::lines(subject, Some(index), parts, layers))
        })
        .collect();
    let source = tr!("RAM available to a new program.");
    let held =
        Held { free: host.free, capacity: host.capacity, used: host.used_by_others, reserved: host.reserved };
    bars.push(bar("RAM".to_owned(), plan.memory.host, &held, source, in_ram()));
    bars
}

/// "RTX 4090" for each device; several of a name are counted.
pub(super) fn names(rig: &Rig) -> Vec<String> {
    let short: Vec<&str> = rig.devices.iter().map(Device::short_name).collect();
    let of_name = |name: &str, upto: usize| short[..upto].iter().filter(|other| **other == name).count();
    let numbered = short.iter().enumerate().map(|(place, name)| match of_name(name, short.len()) {
        1 => (*name).to_owned(),
        _ => format!("{name} #{}", of_name(name, place) + 1),
    });
    numbered.collect()
}

/// Takes the bar of the RAM away where the model is wholly on the GPUs: almost empty, it would only make
/// theirs short.
pub(super) fn take_aside(bars: &mut Vec<MemoryBar>, plan: &Plan) -> Option<Aside> {
    if bars.len() < 2 || plan.fit.class > FitClass::Tight {
        return None;
    }
    let ram = bars.pop()?;
    if ram.parts.total() == Bytes::ZERO {
        return None;
    }
    let text = tr!("{total} in RAM: input embedding and buffers", total = precise(ram.parts.total()));
    Some(Aside { text, why: ram.why })
}

/// What is free of a memory, and who holds the rest.
struct Held {
    free: Bytes,
    capacity: Bytes,
    used: Option<Bytes>,
    reserved: Bytes,
}

impl Held {
    /// "1.40 GiB others: 0.91 GiB used by others, 0.49 GiB reserved by driver and system".
    fn others(&self) -> String {
        let all = self.capacity - self.free;
        // Of a pool with a limit some is free and yet not for the GPU.
        let parts = Taken::text(self.used, self.reserved);
        let limited = all - self.used.unwrap_or_default() - self.reserved;
        match (all, parts.is_empty()) {
            (Bytes::ZERO, _) => String::new(),
            (_, true) => tr!("{all} held by others", all = precise(all)),
            (_, false) if self.used.is_some() && limited > Bytes::from_mib(1) => {
                tr!(
                    "{all} not free: {parts}, {limited} not for the GPU",
                    all = precise(all),
                    parts,
                    limited = small_text(limited)
                )
            }
            (_, false) => tr!("{all} not free: {parts}", all = precise(all), parts),
        }
    }
}

/// `why`: the parts, a line each.
fn bar(name: String, parts: Parts, held: &Held, source: &str, mut why: Vec<String>) -> MemoryBar {
    why.push(tr!("Sum {total} of {free} free", total = precise(parts.total()), free = precise(held.free)));
    let others = held.others();
    if !others.is_empty() {
        why.push(others.clone());
    }
    why.push(source.to_owned());
    MemoryBar { name, parts, free: held.free, capacity: held.capacity, others, why: why.join("\n") }
}

/// The parts that are not empty, heaviest kind first.
pub(super) fn named(parts: &Parts) -> impl Iterator<Item = (&'static str, Bytes)> {
    [
        (tr!("weights"), parts.weights),
        (tr!("KV cache"), parts.kv),
        (tr!("recurrent state"), parts.recurrent),
        (tr!("compute"), parts.compute),
        (tr!("overhead"), parts.overhead),
    ]
    .into_iter()
    .filter(|(_, size)| *size > Bytes::ZERO)
}

/// A size for a formula: two decimals of GiB, MiB below a tenth of one.
pub(super) fn precise(size: Bytes) -> String {
    let mib = size.gib() * 1024.0;
    if mib < 102.4 { format!("{} MiB", fixed(mib, 1)) } else { format!("{} GiB", fixed(size.gib(), 2)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> MemoryBar {
        let parts = Parts {
            weights: Bytes::from_gib(18.5),
            kv: Bytes::from_gib(4.0),
            compute: Bytes::from_gib(0.3),
            overhead: Bytes::from_gib(0.7),
            ..Parts::default()
        };
        let held = Held {
            free: Bytes::from_gib(22.6),
            capacity: Bytes::from_gib(24.0),
            used: Some(Bytes::from_gib(1.0)),
            reserved: Bytes::from_gib(0.4),
        };
        let lines = named(&parts).map(|(name, size)| format!("{name} {}", precise(size))).collect();
        bar("RTX 4090".to_owned(), parts, &held, "Read.", lines)
    }

    #[test]
    fn a_bar_explains_itself() {
        let bar = example();
        assert_eq!(precise(bar.over()), "0.90 GiB");
        assert_eq!(
            bar.why,
            "weights 18.50 GiB\nKV cache 4.00 GiB\ncompute 0.30 GiB\noverhead 0.70 GiB\n\
             Sum 23.50 GiB of 22.60 GiB free\n\
             1.40 GiB not free: 1.0 GiB used by others, 0.4 GiB reserved by driver and system\nRead."
        );
        let held = |used, reserved, free| {
            let gib = Bytes::from_gib;
            Held { free: gib(free), capacity: gib(64.0), used, reserved: gib(reserved) }.others()
        };
        assert_eq!(held(None, 0.0, 64.0), "");
        assert_eq!(held(None, 0.0, 60.0), "4.00 GiB held by others");
        assert_eq!(held(None, 4.0, 60.0), "4.00 GiB not free: 4.0 GiB reserved by driver and system");
        assert_eq!(
            held(Some(Bytes::from_gib(2.0)), 1.0, 48.0),
            "16.00 GiB not free: 2.0 GiB used by others, 1.0 GiB reserved by driver and system, 13.0 GiB not \
             for the GPU"
        );
    }

    #[test]
    fn small_sizes_are_told_in_mib() {
        assert_eq!(precise(Bytes::from_mib(50)), "50.0 MiB");
        assert_eq!(precise(Bytes::from_gib(1.256)), "1.26 GiB");
    }
}
