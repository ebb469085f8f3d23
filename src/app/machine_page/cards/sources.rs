//! Sources of values in the language of the window: a machine keeps them in English, as recordings do.

use crate::language::{mark, text, tr};
use crate::machine::overrides::BY_HAND;

/// Sources that have words in other languages; names of interfaces and files stay as they are.
const KNOWN: [&str; 22] = [
    mark!("operating system"),
    mark!("operating system, from the firmware"),
    mark!("hardware table"),
    mark!("hardware table, by PCI id"),
    mark!("hardware table, shared with the GPU"),
    mark!("processor table"),
    mark!("table of processors, by the name"),
    mark!("firmware"),
    mark!("device tree"),
    mark!("measured here"),
    mark!("installed memory"),
    mark!("given"),
    mark!("not given"),
    mark!("not found"),
    mark!("assumed"),
    mark!("not reported"),
    mark!("set by hand"),
    mark!("shared with the processor"),
    mark!("main memory, shared with the processor"),
    mark!("bandwidth of the RAM it shares"),
    mark!("NVML, kept by driver and firmware"),
    mark!("memory limit of this container or control group"),
];

/// Notes of parts that have words in other languages; those with values of their own stay as they are.
const NOTES: [&str; 10] = [
    mark!("Its speed cannot be said without its bandwidth"),
    mark!("Read through DXGI, because NVIDIA's driver does not answer"),
    mark!("Windows gives a size that was cut to 32 bits, which is not believed"),
    mark!("Asleep and not woken; identified by its PCI id"),
    mark!("Identified by its PCI id; NVIDIA's driver does not answer"),
    mark!("On the bus, but NVIDIA's driver does not list it: it cannot be used as it is"),
    mark!("Identified by its PCI id; NVIDIA's library is missing"),
    mark!("Identified by its PCI id; NVIDIA's driver does not run it"),
    mark!("Identified by its PCI id; it has no driver"),
    mark!("Not in the hardware table; compute rates are unknown"),
];

/// Notes of a part as they are shown.
pub(super) fn notes(notes: &[String]) -> Vec<String> {
    let shown = |note: &String| {
        NOTES.iter().find(|known| *known == note).map_or(note.as_str(), |known| text(known)).to_owned()
    };
    notes.iter().map(shown).collect()
}

/// A source as it is shown.
pub(super) fn words(source: &str) -> String {
    if let Some(read) = source.strip_prefix(BY_HAND).and_then(|rest| rest.strip_prefix("; read: ")) {
        return tr!("set by hand; read: {source}", source = words(read));
    }
    if let Some(usual) = source.strip_prefix("not reported; ") {
        return tr!("not reported; {source}", source = words(usual));
    }
    KNOWN.iter().find(|known| **known == source).map_or(source, |known| text(known)).to_owned()
}

/// A source in as few words as a line has room for: what was set by hand is said by its frame.
pub(super) fn short(source: &str) -> String {
    let bare = source.strip_prefix(BY_HAND).unwrap_or(source);
    let bare = bare.strip_prefix("; read: ").unwrap_or(bare);
    if bare.is_empty() { words(BY_HAND) } else { words(bare) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{Language, within};

    #[test]
    fn sources_are_said_in_the_language_of_the_window() {
        let sources = ["set by hand; read: operating system", "not reported; assumed", "NVML"];
        assert_eq!(sources.map(words), sources);
        assert_eq!(sources.map(short), ["operating system", "not reported; assumed", "NVML"]);
        within(Language::German, || {
            assert_eq!(
                sources.map(words),
                ["von Hand gesetzt; ausgelesen: Betriebssystem", "nicht gemeldet; angenommen", "NVML"]
            );
            assert_eq!(short("set by hand"), "von Hand gesetzt");
        });
    }
}
