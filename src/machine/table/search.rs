//! Looking for a device while its name is typed.

use super::name::Spelling;
use super::{Kind, Record, Table};

impl Table {
    /// Devices that all words of `text` lead to, at most `limit`: a word leads to a device if it begins one of the
    /// words of its name, or of another name of it. Best first: those whose own name the words are of before those
    /// with an alias, then the shortest name, cards before laptop parts. An empty text leads nowhere.
    pub fn search(&self, text: &str, limit: usize) -> Vec<&Record> {
        let asked = Spelling::of(text);
        if asked.words.is_empty() {
            return Vec::new();
        }
        let leads_to = |name: &str| {
            let name = Spelling::of(name);
            let of_maker = asked.vendor.is_none_or(|vendor| name.vendor.is_none_or(|own| own == vendor));
            let mut words = asked.words.iter();
            // "rtx3090" is typed as often as "rtx 3090".
            let begins = |word: &String| name.words.iter().any(|own| own.starts_with(word.as_str()));
            of_maker && (words.all(begins) || name.key().contains(&asked.key()))
        };
        let mut found: Vec<(bool, bool, usize, &Record)> = self
            .records()
            .iter()
            .filter(|record| asked.vendor.is_none_or(|vendor| vendor == record.vendor))
            .filter_map(|record| {
                let by_name = leads_to(&record.name);
                let is_led_to = by_name || record.aliases.iter().any(|alias| leads_to(alias));
                is_led_to.then_some((!by_name, record.kind == Kind::Laptop, record.name.len(), record))
            })
            .collect();
        found.sort_by(|a, b| (a.0, a.1, a.2, &a.3.name).cmp(&(b.0, b.1, b.2, &b.3.name)));
        found.into_iter().map(|(.., record)| record).take(limit).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&'static str> {
        Table::embedded().search(text, 5).into_iter().map(|record| record.name.as_str()).collect()
    }

    #[test]
    fn what_is_typed_leads_to_the_device() {
        for (text, name) in [
            ("3090", "NVIDIA GeForce RTX 3090"),
            ("rtx3090", "NVIDIA GeForce RTX 3090"),
            ("rtx 30", "NVIDIA GeForce RTX 3080"),
            ("nvidia 4090", "NVIDIA GeForce RTX 4090"),
            ("7900 xtx", "AMD Radeon RX 7900 XTX"),
            ("m4 max", "Apple M4 Max (32-core GPU)"),
            ("dgx", "NVIDIA GB10 (DGX Spark)"),
            ("b580", "Intel Arc B580"),
        ] {
            assert!(names(text).contains(&name), "{text}: {:?}", names(text));
        }
        assert_eq!(names("3090")[0], "NVIDIA GeForce RTX 3090");
        assert_eq!(names("7900 xtx")[0], "AMD Radeon RX 7900 XTX");
    }

    #[test]
    fn a_word_that_is_none_leads_nowhere() {
        for text in ["", "   ", "nvidia", "zzz", "amd 3090"] {
            assert_eq!(names(text), [""; 0], "{text}");
        }
        assert_eq!(Table::embedded().search("rtx", 3).len(), 3);
    }

    #[test]
    fn every_device_is_found_by_its_name() {
        let table = Table::embedded();
        for record in table.records() {
            assert!(
                table.search(&record.name, 20).iter().any(|found| found.id == record.id),
                "{}",
                record.name
            );
        }
    }
}
