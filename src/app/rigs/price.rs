//! What a rig costs: what its owner says, else the price at launch of the cards that this computer has not.

use super::{NamedRig, resolve, short_name};
use crate::language::{date, tr};
use crate::machine::table::{Record, Table};
use crate::machine::{Gpu, Machine};
use crate::units::thousands;

/// A price with how it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Price {
    /// US dollars.
    pub usd: f64,
    /// "as you say"; "RTX 3090 1,499 USD at launch (2020-09)".
    pub source: String,
    /// It is what a person has set.
    pub given: bool,
}

/// The price of a rig beyond what `this` computer has already; `None` is not known.
pub fn of(rig: &NamedRig, this: Option<&Machine>) -> Option<Price> {
    if let Some(usd) = rig.price_usd {
        return Some(Price { usd, source: tr!("your price").to_owned(), given: true });
    }
    at_launch(rig, this)
}

/// The same as the table has it: cards alone, and all of them.
pub fn at_launch(rig: &NamedRig, this: Option<&Machine>) -> Option<Price> {
    let of_this = this.map(|this| this.gpus.as_slice()).unwrap_or_default();
    let mut there: Vec<&str> = of_this.iter().filter_map(record).map(|record| record.id.as_str()).collect();
    let machine = resolve(&rig.machine).ok()?.machine;
    let mut added: Vec<&Record> = Vec::new();
    for gpu in &machine.gpus {
        let record = record(gpu)?;
        match there.iter().position(|known| *known == record.id) {
            Some(place) => drop(there.swap_remove(place)),
            None => added.push(record),
        }
    }
    let mut usd = 0.0;
    let mut words: Vec<String> = Vec::new();
    for record in &added {
        let price = record.launch_price_usd?;
        usd += price;
        let text = launch_words(record, price);
        if !words.contains(&text) {
            words.push(text);
        }
    }
    (!added.is_empty()).then(|| Price { usd, source: words.join(", "), given: false })
}

/// "RTX 3090 1,499 USD at launch (2020-09)".
pub fn launch_words(record: &Record, usd: f64) -> String {
    let month = record.release.as_deref().map(|month| format!(" ({})", date(month))).unwrap_or_default();
    tr!("{name} {price} USD at launch{month}", name = short_name(&record.name), price = thousands(usd), month)
}

/// The record of a GPU: that which it was identified with, else the one of its name.
fn record(gpu: &Gpu) -> Option<&'static Record> {
    let table = Table::embedded();
    let vram_gib = gpu.memory_total.as_ref().map(|total| total.value.gib());
    let by_name = || table.find(&gpu.name.value, vram_gib).ok().map(|found| found.record);
    gpu.table_id.as_deref().and_then(|id| table.by_id(id)).or_else(by_name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::spec::{GpuSpec, MachineSpec};

    fn rig(gpus: &[&str]) -> NamedRig {
        let gpus = gpus.iter().map(|gpu| GpuSpec::named(*gpu)).collect();
        let machine = MachineSpec { gpus, ram_gib: Some(64.0), ..MachineSpec::default() };
        NamedRig { name: "rig".to_owned(), machine, price_usd: None }
    }

    #[test]
    fn only_what_is_added_is_paid() {
        let this = resolve(&rig(&["RTX 3060 12 GB"]).machine).unwrap().machine;
        let more = rig(&["RTX 3090", "RTX 3060 12 GB"]);
        let price = of(&more, Some(&this)).unwrap();
        assert_eq!((price.usd, price.given), (1499.0, false));
        assert_eq!(price.source, "RTX 3090 1,499 USD at launch (2020-09)");
        assert_eq!(of(&more, None).map(|price| price.usd), Some(1499.0 + 329.0));
        assert_eq!(of(&rig(&["RTX 3090", "RTX 3090"]), Some(&this)).map(|price| price.usd), Some(2998.0));
    }

    #[test]
    fn what_is_not_known_is_no_number() {
        let this = resolve(&rig(&["RTX 3060 12 GB"]).machine).unwrap().machine;
        assert_eq!(of(&rig(&["RTX 3060 12 GB"]), Some(&this)), None, "its memory may be another");
        assert_eq!(of(&rig(&["H100 SXM5 80 GB"]), Some(&this)), None, "it was never sold at a list price");
        let said = NamedRig { price_usd: Some(700.0), ..rig(&["H100 SXM5 80 GB"]) };
        assert_eq!(of(&said, Some(&this)).map(|price| (price.usd, price.given)), Some((700.0, true)));
    }
}
