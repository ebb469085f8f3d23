//! Values that a person may set on the page: which, how they are written, and what is wrong with a text.

use crate::language::{localized, tr, typed};
use crate::machine::overrides::{GpuField, HostField};
use crate::machine::{Machine, Pcie};

/// A value that can be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A number of the GPU at this place.
    Gpu(usize, GpuField),
    /// The link of the GPU at this place: generation and lanes.
    Link(usize),
    /// A number of processor or main memory.
    Host(HostField),
    /// Name of the kept rig that is looked at.
    Name,
    /// Size of its main memory, GiB: the builder's field of the same value that the card of the memory shows.
    RamSize,
    /// Its price.
    Price,
    /// Its processor.
    Cpu,
}

/// A value that is being typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Editing {
    /// Which.
    pub target: Target,
    /// What stands in the field.
    pub text: String,
    /// What is wrong with it; it is said at the field.
    pub error: Option<String>,
}

/// What a text means.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// The field was emptied: back to what was read, or to the hardware table.
    Reset,
    /// A number.
    Number(f64),
    /// A link.
    Link(Pcie),
    /// Words.
    Words(String),
}

impl Target {
    /// The unit behind the field; may be empty.
    pub const fn unit(&self) -> &'static str {
        match self {
            Self::Gpu(_, GpuField::MemoryGib | GpuField::FreeGib)
            | Self::Host(HostField::RamGib | HostField::RamFreeGib)
            | Self::RamSize => "GiB",
            Self::Gpu(_, GpuField::BandwidthGbs) | Self::Host(HostField::RamGbs) => "GB/s",
            Self::Gpu(_, GpuField::Fp16Tflops) => "TFLOPS",
            Self::Gpu(_, GpuField::Int8Tops) => "TOPS",
            Self::Gpu(_, GpuField::PowerWatts) => "W",
            Self::Price => "USD",
            Self::Gpu(..) | Self::Link(_) | Self::Host(_) | Self::Name | Self::Cpu => "",
        }
    }

    /// Reads what was typed; `machine` is the one that it is about.
    ///
    /// # Errors
    /// What is wrong with it and what it should be.
    pub fn parse(&self, text: &str, machine: Option<&Machine>) -> Result<Value, String> {
        let text = text.trim();
        match self {
            Self::Name if text.is_empty() => return Err(tr!("a rig needs a name").to_owned()),
            Self::Name => return Ok(Value::Words(text.to_owned())),
            _ if text.is_empty() => return Ok(Value::Reset),
            Self::Cpu => return Ok(Value::Words(text.to_owned())),
            Self::Link(_) => return link(text).map(Value::Link),
            Self::Gpu(..) | Self::Host(_) | Self::Price | Self::RamSize => {}
        }
        let number = number(text, self.unit())?;
        let (low, high) = self.range();
        if !(low..=high).contains(&number) {
            return Err(tr!(
                "from {low} to {high}",
                low = plain(low),
                high = [&plain(high), self.unit()].join(" ").trim_end()
            ));
        }
        if self.is_whole() && number.fract() != 0.0 {
            return Err(tr!("a whole number").to_owned());
        }
        match self.most(machine).filter(|most| number > most + 0.005) {
            Some(most) => Err(tr!(
                "at most {most} {unit}: there is no more",
                most = number_text(most),
                unit = self.unit()
            )),
            None => Ok(Value::Number(number)),
        }
    }

    fn range(&self) -> (f64, f64) {
        let range = match self {
            Self::Gpu(_, field) => field.range(),
            Self::Host(field) => field.range(),
            Self::RamSize => HostField::RamGib.range(),
            _ => 0.0..=1e9,
        };
        (*range.start(), *range.end())
    }

    const fn is_whole(&self) -> bool {
        matches!(
            self,
            Self::Gpu(_, GpuField::PcieGeneration | GpuField::PcieLanes)
                | Self::Host(HostField::Cores | HostField::Threads)
        )
    }

    /// What is free cannot be more than what there is.
    fn most(&self, machine: Option<&Machine>) -> Option<f64> {
        match self {
            Self::Gpu(place, GpuField::FreeGib) => GpuField::MemoryGib.of(machine?.gpus.get(*place)?),
            Self::Host(HostField::RamFreeGib) => HostField::RamGib.of(machine?),
            _ => None,
        }
    }

    /// The present value as it stands in the field when typing begins.
    pub fn present(&self, machine: &Machine) -> String {
        let gpu = |place: &usize| machine.gpus.get(*place);
        let number = match self {
            Self::Gpu(place, GpuField::FreeGib) => {
                gpu(place).and_then(|gpu| gpu.free_or_usual(machine.os)).map(|free| free.value.gib())
            }
            Self::Gpu(place, field) => gpu(place).and_then(|gpu| field.of(gpu)),
            Self::Host(field) => field.of(machine),
            Self::RamSize => HostField::RamGib.of(machine),
            Self::Link(place) => {
                let link = gpu(place).and_then(|gpu| gpu.pcie.as_ref());
                return link.map(|link| link_text(link.value)).unwrap_or_default();
            }
            Self::Name | Self::Price | Self::Cpu => None,
        };
        number.map(number_text).unwrap_or_default()
    }
}

/// "4.0 ×16".
pub fn link_text(link: Pcie) -> String {
    format!("{}.0 ×{}", link.generation, link.lanes)
}

/// A number with two decimals at most, and none that say nothing.
pub fn number_text(number: f64) -> String {
    let text = format!("{number:.2}");
    localized(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

/// A limit without an exponent.
pub(in crate::app) fn plain(number: f64) -> String {
    if number.fract() == 0.0 { crate::units::thousands(number) } else { localized(number.to_string()) }
}

/// A number as people write it: "11.5", "11,5", "11.5 GiB", "1,499".
pub(in crate::app) fn number(text: &str, unit: &str) -> Result<f64, String> {
    let unlike =
        || if unit.is_empty() { tr!("a number").to_owned() } else { tr!("a number in {unit}", unit) };
    let bare = typed(strip_unit(text, unit));
    // A comma before three digits at the end parts thousands, any other is a decimal one.
    let is_thousands = bare.rsplit_once(',').is_some_and(|(head, tail)| {
        tail.split('.').next().is_some_and(|digits| digits.len() == 3) && head != "0"
    });
    let bare = if is_thousands { bare.replace(',', "") } else { bare.replace(',', ".") };
    bare.parse::<f64>().ok().filter(|number| number.is_finite()).ok_or_else(unlike)
}

fn strip_unit<'a>(text: &'a str, unit: &str) -> &'a str {
    let split = text.len().checked_sub(unit.len()).filter(|at| text.is_char_boundary(*at));
    match split {
        Some(at) if text[at..].eq_ignore_ascii_case(unit) => text[..at].trim_end(),
        _ => text,
    }
}

/// A link as people write it: "4.0 ×16", "4 x16", "gen 3, x4", "PCIe 5.0 x8".
fn link(text: &str) -> Result<Pcie, String> {
    let unlike = || tr!("generation and lanes, such as 4.0 ×16").to_owned();
    let lower = text.to_lowercase().replace('×', "x");
    let bare = lower.trim_start_matches("pcie").trim_start().trim_start_matches("gen").trim_start();
    let (generation, lanes) = bare.rsplit_once('x').ok_or_else(unlike)?;
    let generation = generation.trim().trim_end_matches(',').trim();
    let generation: u32 =
        generation.strip_suffix(".0").unwrap_or(generation).parse().map_err(|_| unlike())?;
    let lanes: u32 = lanes.trim().parse().map_err(|_| unlike())?;
    let within = |field: GpuField, value: u32| field.range().contains(&f64::from(value));
    if !within(GpuField::PcieGeneration, generation) {
        return Err(tr!("generation from 1 to 8").to_owned());
    }
    if !within(GpuField::PcieLanes, lanes) {
        return Err(tr!("lanes from 1 to 32").to_owned());
    }
    Ok(Pcie { generation, lanes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::testing::with_rtx_4090;

    fn parse(target: &Target, text: &str) -> Result<Value, String> {
        target.parse(text, Some(&with_rtx_4090(22.0)))
    }

    #[test]
    fn numbers_as_people_write_them() {
        let power = Target::Gpu(0, GpuField::PowerWatts);
        for (text, number) in
            [("150", 150.0), (" 150 W", 150.0), ("150w", 150.0), ("1,499", 1499.0), ("11,5", 11.5)]
        {
            assert_eq!(parse(&power, text), Ok(Value::Number(number)), "{text}");
        }
        assert_eq!(parse(&power, ""), Ok(Value::Reset));
        assert_eq!(parse(&power, "much"), Err("a number in W".to_owned()));
        assert_eq!(parse(&power, "0"), Err("from 1 to 100,000 W".to_owned()));
        assert_eq!(parse(&power, "nan"), Err("a number in W".to_owned()));
        assert_eq!(parse(&Target::Host(HostField::Cores), "8.5"), Err("a whole number".to_owned()));
        assert_eq!(parse(&Target::Price, "-3"), Err("from 0 to 1,000,000,000 USD".to_owned()));
        assert!(parse(&power, "日本").is_err());
    }

    #[test]
    fn no_more_is_free_than_there_is() {
        let free = Target::Gpu(0, GpuField::FreeGib);
        assert_eq!(parse(&free, "24"), Ok(Value::Number(24.0)));
        assert_eq!(parse(&free, "25"), Err("at most 24 GiB: there is no more".to_owned()));
        assert_eq!(
            parse(&Target::Host(HostField::RamFreeGib), "65"),
            Err("at most 64 GiB: there is no more".to_owned())
        );
    }

    #[test]
    fn links_as_people_write_them() {
        for text in ["4.0 ×16", "4 x16", "gen 4, x16", "PCIe 4.0 x16", "4x16"] {
            let link = Pcie { generation: 4, lanes: 16 };
            assert_eq!(parse(&Target::Link(0), text), Ok(Value::Link(link)), "{text}");
        }
        for text in ["16", "x", "4 x", "four x16"] {
            assert!(parse(&Target::Link(0), text).unwrap_err().contains("4.0 ×16"), "{text}");
        }
        assert_eq!(parse(&Target::Link(0), "9 x16"), Err("generation from 1 to 8".to_owned()));
        assert_eq!(parse(&Target::Link(0), "4 x64"), Err("lanes from 1 to 32".to_owned()));
    }

    #[test]
    fn what_stands_in_a_field_is_read_again() {
        let machine = with_rtx_4090(22.36);
        for field in [GpuField::MemoryGib, GpuField::FreeGib, GpuField::BandwidthGbs, GpuField::PowerWatts] {
            let target = Target::Gpu(0, field);
            let text = target.present(&machine);
            assert!(matches!(target.parse(&text, Some(&machine)), Ok(Value::Number(_))), "{field:?}: {text}");
        }
        assert_eq!(Target::Gpu(0, GpuField::FreeGib).present(&machine), "22.36");
        assert_eq!(Target::Gpu(3, GpuField::FreeGib).present(&machine), "");
    }
}
