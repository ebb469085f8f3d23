//! What is known of a person's own model beside the figures: what its file is really made of, what was inferred.

use crate::app::models::{Entry, ModelFile};
use crate::estimate::mix_context;
use crate::language::{fixed, tr};
use crate::model::Model;
use crate::quant::table::{Difference, FormatShare};
use crate::quant::{GgmlType, Level, TensorTable};
use crate::units::Bytes;

/// Differences that are told one by one.
const TOLD: usize = 6;

/// A person's own model.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnModel {
    /// Where it is.
    pub place: String,
    /// Its page on the hub, where it has one.
    pub page: Option<String>,
    /// What the catalog calls it, where it was recognized.
    pub known: Option<&'static str>,
    /// What its file at this level is made of.
    pub made: Option<Made>,
    /// Why that is not told, where one might expect it.
    pub not_made: Option<String>,
    /// What was inferred, and what cannot be known.
    pub notes: Vec<String>,
}

/// What a file is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// The file's name.
    pub file: String,
    /// Its size.
    pub bytes: Bytes,
    /// Its tensors.
    pub tensors: usize,
    /// Bits for each weight.
    pub bits: f64,
    /// What is in it.
    pub is: Mixture,
    /// What the usual mix of the same name would be; `None` where it is the same.
    pub usual: Option<Mixture>,
    /// The usual mix's name.
    pub usual_name: String,
    /// In a sentence whether it is the usual one.
    pub verdict: String,
    /// What differs, largest first: tensors, how their format is and how it usually is, bytes.
    pub differences: Vec<String>,
}

/// Formats with their shares, most first.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture {
    /// The formats.
    pub parts: Vec<Part>,
    /// Bytes of all tensors.
    pub bytes: Bytes,
    /// In a sentence.
    pub spoken: String,
}

/// A format's part of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Its name: `Q4_K`.
    pub format: String,
    /// Share of the bytes, 0 to 1.
    pub share: f32,
    /// Bits for each weight of it.
    pub bits: f32,
    /// In words: its tensors, their bytes and share, bits per weight.
    pub words: String,
}

impl OwnModel {
    /// What is known of `entry` at `level`.
    pub fn of(entry: &Entry, level: Level) -> Self {
        let file = entry.file(level);
        let not_made = match (&entry.missing, file) {
            (Some(reason), _) => Some(tr!("What its file is made of is not known now: {reason}", reason)),
            (None, None) if !entry.files.is_empty() => {
                let levels: Vec<String> = entry.files.iter().map(|file| file.level.to_string()).collect();
                Some(tr!(
                    "There is no file at {level}: its size follows the rules of the format. There are {levels}",
                    level,
                    levels = listed(&levels)
                ))
            }
            _ => None,
        };
        Self {
            place: entry.place(),
            page: entry.kept.repository.clone(),
            known: entry.known_name(),
            made: file.map(|file| Made::of(entry.record(), file)),
            not_made,
            notes: entry.notes.iter().map(|note| super::facts::sentence(note)).collect(),
        }
    }
}

/// A few of them, and how many more there are.
fn listed(levels: &[String]) -> String {
    const SHOWN: usize = 8;
    match levels.len() {
        0..=SHOWN => levels.join(", "),
        more => tr!("{levels} and {more} more", levels = levels[..SHOWN].join(", "), more = more - SHOWN),
    }
}

impl Made {
    fn of(model: &Model, ModelFile { name, table, .. }: &ModelFile) -> Self {
        let context = mix_context(model, table);
        let differences = table.differences(&context);
        let file_type = table.file_type();
        let is_usual = differences.is_empty();
        let extra: i64 =
            differences.iter().fold(0, |sum, difference| sum.saturating_add(difference.extra_bytes));
        let verdict = if is_usual {
            tr!("Exactly the mix that llama-quantize makes as {file_type}", file_type)
        } else {
            let count: u32 = differences.iter().map(|difference| difference.tensors).sum();
            tr!(
                "Not the usual {file_type}: {count} of {tensors} tensors are in another format, {extra}",
                file_type,
                count,
                tensors = table.tensors.len(),
                extra = more_or_less(extra)
            )
        };
        let left = differences.len().saturating_sub(TOLD);
        let mut told: Vec<String> = differences.iter().take(TOLD).map(in_words).collect();
        if left > 0 {
            told.push(tr!("and {left} further kinds of tensor", left));
        }
        Self {
            file: name.clone(),
            bytes: table.file_bytes,
            tensors: table.tensors.len(),
            bits: table.bits_per_weight(),
            is: Mixture::of(&table.shares()),
            usual: (!is_usual).then(|| Mixture::of(&table.usual_shares(&context))),
            usual_name: file_type.to_string(),
            verdict,
            differences: told,
        }
    }
}

impl Mixture {
    fn of(shares: &[FormatShare]) -> Self {
        let all: u64 = shares.iter().map(|share| share.bytes.0).sum::<u64>().max(1);
        let mut shares = shares.to_vec();
        shares.sort_by_key(|share| std::cmp::Reverse((share.bytes, share.format)));
        let parts: Vec<Part> = shares
            .iter()
            .map(|share| {
                let part = share.bytes.0 as f64 / all as f64;
                let bits = share.bytes.0 as f64 * 8.0 / share.elements.max(1) as f64;
                let tensors = if share.tensors == 1 {
                    tr!("1 tensor").to_owned()
                } else {
                    tr!("{tensors} tensors", tensors = share.tensors)
                };
                let words = tr!(
                    "{share}: {tensors}, {bytes}, {part} of the bytes, {bits} bits per weight",
                    share = name_of(share.format),
                    tensors,
                    bytes = super::memory::precise(share.bytes),
                    part = percent(part),
                    bits = fixed(bits, 2)
                );
                Part { format: name_of(share.format), share: part as f32, bits: bits as f32, words }
            })
            .collect();
        let spoken: Vec<String> =
            parts.iter().map(|part| format!("{} {}", part.format, percent(part.share.into()))).collect();
        Self { parts, bytes: Bytes(all), spoken: spoken.join(", ") }
    }
}

/// A format as files are named after it: `Q4_K`.
fn name_of(format: GgmlType) -> String {
    format.name().to_ascii_uppercase()
}

fn percent(share: f64) -> String {
    match share * 100.0 {
        percent if percent >= 9.95 => format!("{percent:.0} %"),
        percent if percent >= 0.05 => format!("{} %", fixed(percent, 1)),
        _ => tr!("under 0.1 %").to_owned(),
    }
}

fn in_words(difference: &Difference) -> String {
    tr!(
        "{tensors} × {suffix}: {is} in place of {usual}, {extra_bytes}",
        tensors = difference.tensors,
        suffix = difference.suffix,
        is = name_of(difference.is),
        usual = name_of(difference.usual),
        extra_bytes = more_or_less(difference.extra_bytes)
    )
}

fn more_or_less(extra: i64) -> String {
    let size = super::memory::precise(Bytes(extra.unsigned_abs()));
    match extra {
        0 => tr!("the same size").to_owned(),
        1.. => tr!("{size} more", size),
        _ => tr!("{size} less", size),
    }
}

/// What the row of the size says of a file that was read.
pub(super) fn size_words(table: &TensorTable, file: &str) -> (String, String) {
    let statement = tr!("read from the file, {tensors} tensors", tensors = table.tensors.len());
    (
        statement,
        tr!(
            "{file}: {bits_per_weight} bits per weight, {gb} GB",
            file,
            bits_per_weight = fixed(table.bits_per_weight(), 2),
            gb = fixed(table.file_bytes.gb(), 2)
        ),
    )
}
