//! Device names as people and drivers write them, brought to one spelling.
//!
//! Two spellings of a device differ in case, trade marks, spaces, dashes, a leading "NVIDIA" or "GeForce",
//! "Laptop GPU" against "Mobile", "12 GB" against "12GB". What is left after those is compared whole: "L4"
//! never finds "L40S", and "RTX 4070" neither the Ti nor the laptop part.

use super::super::Vendor;

/// A name in the spelling that names are compared in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spelling {
    /// The maker, where the name begins with it.
    pub vendor: Option<Vendor>,
    /// The words of the name without maker and family.
    pub words: Vec<String>,
}

impl Spelling {
    /// Brings a name to the one spelling.
    pub fn of(name: &str) -> Self {
        let mut words = words(name);
        let vendor = words.first().and_then(|word| vendor(word));
        if vendor.is_some() {
            words.remove(0);
        }
        // "Radeon Graphics" and "Intel Graphics" would both shrink to "graphics": the family stays there.
        let family =
            matches!(words.as_slice(), [first, second, ..] if is_family(first) && second != "graphics");
        if family {
            words.remove(0);
        }
        Self { vendor, words }
    }

    /// The words in one, so that "RTX4090" and "RTX 4090" are equal.
    pub fn key(&self) -> String {
        self.words.concat()
    }

    /// The name without a memory size at its end, and that size: "RTX 3060 12GB" is "RTX 3060" with 12 GiB.
    pub fn without_memory(&self) -> Option<(String, f64)> {
        let (last, rest) = self.words.split_last()?;
        let size = last.strip_suffix("gb")?.parse().ok()?;
        (!rest.is_empty()).then(|| (rest.concat(), size))
    }
}

fn vendor(word: &str) -> Option<Vendor> {
    Some(match word {
        "nvidia" => Vendor::Nvidia,
        "amd" | "ati" => Vendor::Amd,
        "intel" => Vendor::Intel,
        "apple" => Vendor::Apple,
        "qualcomm" => Vendor::Qualcomm,
        _ => return None,
    })
}

fn is_family(word: &str) -> bool {
    matches!(word, "geforce" | "radeon" | "tesla" | "instinct")
}

/// The words of a name, in lower case and one spelling each.
fn words(name: &str) -> Vec<String> {
    let plain = name.to_lowercase().replace(['®', '™'], " ").replace("(r)", " ").replace("(tm)", " ");
    let mut words: Vec<String> = Vec::new();
    for word in plain.split(|c: char| !(c.is_alphanumeric() || c == '+' || c == '.')) {
        let last = words.last().map(String::as_str);
        match word {
            "" | "generation" => {}
            "gpu" if last == Some("laptop") => {}
            "mobile" => words.push("laptop".to_owned()),
            "gb" | "gib" if last.is_some_and(is_number) => {
                if let Some(size) = words.last_mut() {
                    size.push_str("gb");
                }
            }
            _ => match word.strip_suffix("gib").filter(|size| is_number(size)) {
                Some(size) => words.push(format!("{size}gb")),
                None => words.push(word.to_owned()),
            },
        }
    }
    words
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> String {
        Spelling::of(name).key()
    }

    #[test]
    fn one_device_has_one_spelling() {
        for name in ["NVIDIA GeForce RTX 4090", "GeForce RTX 4090", "rtx  4090", "RTX4090", "RTX-4090"] {
            assert_eq!(key(name), "rtx4090", "{name}");
        }
        assert_eq!(key("NVIDIA GeForce RTX 4070 Laptop GPU"), key("RTX 4070 Mobile"));
        assert_eq!(key("NVIDIA A100-SXM4-40GB"), key("A100 SXM4 40 GB"));
        assert_eq!(key("Intel(R) Arc(TM) B580 Graphics"), key("Intel Arc B580 graphics"));
        assert_eq!(key("NVIDIA RTX 6000 Ada Generation"), key("RTX 6000 Ada"));
        assert_eq!(key("RTX 3060 12 GiB"), key("RTX 3060 12GB"));
    }

    #[test]
    fn maker_is_kept_apart() {
        assert_eq!(Spelling::of("AMD Radeon RX 6800").vendor, Some(Vendor::Amd));
        assert_eq!(Spelling::of("Radeon RX 6800").vendor, None);
        assert_eq!(key("Radeon(TM) Graphics"), "radeongraphics");
        assert_ne!(key("AMD Radeon Graphics"), key("Intel(R) Graphics"));
    }

    #[test]
    fn memory_at_the_end_is_split_off() {
        assert_eq!(Spelling::of("RTX 3060 12 GB").without_memory(), Some(("rtx3060".into(), 12.0)));
        assert_eq!(Spelling::of("RTX 3060").without_memory(), None);
        assert_eq!(Spelling::of("12GB").without_memory(), None);
        assert_eq!(Spelling::of("").without_memory(), None);
    }
}
