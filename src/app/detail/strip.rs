//! Where each layer goes, as runs and words: the strip under "Where it goes".

use crate::estimate::{Candidate, FitClass, LayerPlace, Place, Plan};
use crate::language::tr;
use crate::model::Model;
use crate::model::record::{Ffn, Mixer};
use crate::units::{Bytes, rate_text};

use super::Subject;
use super::memory::{self, precise};

/// A strip: one column a layer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strip {
    /// What the layers are and what waits elsewhere: "48 layers; experts of 24 in RAM".
    pub note: String,
    /// Runs of layers on one device, first to last.
    pub runs: Vec<Run>,
    /// Layers, first to last.
    pub columns: Vec<Column>,
    /// What the second row shows: "Experts", "Feed-forward".
    pub feed_forward: &'static str,
    /// What the low marks of the first row are: "linear attention"; empty where there are none.
    pub light: &'static str,
    /// All of it in a sentence.
    pub spoken: String,
    /// Why it lies so, and what else could be done, each with its figures.
    pub beside: Vec<Beside>,
}

/// A line about the placement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// The line.
    pub text: String,
    /// Figures behind it; may be empty.
    pub why: String,
}

/// Layers that lie on one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Name of the device, or "RAM".
    pub name: String,
    /// The same for a narrow place: without the words before a number.
    pub short: String,
    /// First layer, 0-based.
    pub first: usize,
    /// Last layer.
    pub last: usize,
}

/// One layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Where its attention and its cache are.
    pub place: Store,
    /// How it mixes tokens; `None`: not at all.
    pub mixing: Option<Mixing>,
    /// Where its experts or its feed-forward network are; `None`: it has none.
    pub feed_forward: Option<Store>,
    /// What it keeps of the tokens that it has read.
    pub kept: Cached,
    /// Its name, parts, bytes and devices.
    pub words: String,
}

/// Kind of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Store {
    /// A GPU's.
    Gpu,
    /// Main memory.
    Ram,
    /// Main memory, and the disk for what it does not hold.
    Disk,
}

/// How a layer mixes tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mixing {
    /// Over the whole context.
    Full,
    /// Over a window, or by a fixed state.
    Light,
}

/// What a layer keeps of the tokens that it has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cached {
    /// Keys and values, which grow with the context.
    Cache,
    /// Keys and values of a window.
    Window,
    /// A state of fixed size.
    State,
    /// Nothing of its own.
    Nothing,
}

/// `layers`: where each layer lies; empty where only the engine knows, which gives an empty strip.
pub(super) fn strip(subject: &Subject<'_>, plan: &Plan, layers: &[LayerPlace]) -> Strip {
    let Subject { model, rig, .. } = *subject;
    if layers.is_empty() {
        return Strip::default();
    }
    let names = Names { devices: memory::names(rig), plan };
    let columns: Vec<Column> =
        layers.iter().enumerate().map(|(index, layer)| column(model, index, layer, &names)).collect();
    let places = runs(layers.iter().map(|layer| layer.place));
    let runs: Vec<Run> = places
        .iter()
        .map(|&(place, first, last)| {
            let name = names.of(place);
            Run { short: short(&name), name, first, last }
        })
        .collect();
    let away = experts_away(layers, &names);
    Strip {
        note: note(&columns, away.as_ref()),
        spoken: spoken(&runs, away.as_ref()),
        feed_forward: if layers.iter().any(|layer| layer.experts > Bytes::ZERO) {
            tr!("Experts")
        } else {
            tr!("Feed-forward")
        },
        light: light(layers),
        beside: beside(subject, plan),
        runs,
        columns,
    }
}

/// The reason for the placement, the runner-up, and what llama.cpp would do by itself where that is another.
fn beside(subject: &Subject<'_>, plan: &Plan) -> Vec<Beside> {
    let Subject { estimator, model, scenario, rig } = *subject;
    let Ok(all) = estimator.alternatives(model, plan.level, scenario, rig) else { return Vec::new() };
    if !plan.fit.class.runs() || !scenario.placement.is_auto() {
        return Vec::new();
    }
    let mut lines = vec![Beside { text: all.reason.clone(), why: figures(&all.chosen) }];
    if let Some(other) = &all.runner_up {
        lines.push(Beside { text: tr!("Next best: {other}", other = told(other)), why: figures(other) });
    }
    let is_other = |other: &&Candidate| other.what != all.chosen.what;
    if let Some(other) = all.engine_default.as_ref().filter(is_other) {
        let text = tr!("llama.cpp by itself (--fit): {other}", other = told(other));
        lines.push(Beside { text, why: figures(other) });
    }
    lines
}

/// "everything on the RTX 3090, 17 tok/s".
fn told(candidate: &Candidate) -> String {
    match candidate.decode {
        Some(rate) => format!("{}, {} tok/s", candidate.what, rate_text(rate.p50)),
        None => candidate.what.clone(),
    }
}

fn figures(candidate: &Candidate) -> String {
    let mut lines = vec![format!("{}: {}", candidate.class.word(), candidate.what)];
    if let Some(rate) = candidate.decode {
        lines.push(tr!(
            "Decode {rate} tok/s ({low} to {high})",
            rate = rate_text(rate.p50),
            low = rate_text(rate.p10),
            high = rate_text(rate.p90)
        ));
    }
    lines.push(tr!(
        "{on_devices} on the GPUs, {total} in RAM",
        on_devices = precise(candidate.memory.on_devices()),
        total = precise(candidate.memory.host.total())
    ));
    lines.join("\n")
}

/// Names of the places.
struct Names<'a> {
    devices: Vec<String>,
    plan: &'a Plan,
}

impl Names<'_> {
    fn of(&self, place: Place) -> String {
        match place {
            Place::Device(device) => self.devices.get(device).cloned().unwrap_or_else(|| "GPU".to_owned()),
            Place::Ram => "RAM".to_owned(),
            Place::Disk if self.plan.fit.class == FitClass::Disk => tr!("RAM and disk").to_owned(),
            Place::Disk => tr!("disk").to_owned(),
        }
    }
}

const fn store(place: Place) -> Store {
    match place {
        Place::Device(_) => Store::Gpu,
        Place::Ram => Store::Ram,
        Place::Disk => Store::Disk,
    }
}

fn column(model: &Model, index: usize, layer: &LayerPlace, names: &Names<'_>) -> Column {
    let has_experts = layer.experts > Bytes::ZERO;
    let feed_forward = match model.ffn(index as u32) {
        Ffn::None => None,
        _ if has_experts => Some(store(layer.experts_place)),
        _ => Some(store(layer.place)),
    };
    let kept = match layer.mixer {
        _ if layer.kv == Bytes::ZERO && layer.state == Bytes::ZERO => Cached::Nothing,
        _ if layer.kv == Bytes::ZERO => Cached::State,
        Mixer::Window => Cached::Window,
        _ => Cached::Cache,
    };
    let mixing = match layer.mixer {
        Mixer::None => None,
        Mixer::Attention | Mixer::AttentionMamba2 | Mixer::Compressed => Some(Mixing::Full),
        _ => Some(Mixing::Light),
    };
    Column {
        place: store(layer.place),
        mixing,
        feed_forward,
        kept,
        words: words(index, layer, has_experts, names),
    }
}

/// "Layer 12: full attention", and below it each part with its bytes and its device.
fn words(index: usize, layer: &LayerPlace, has_experts: bool, names: &Names<'_>) -> String {
    let place = names.of(layer.place);
    let weights = if has_experts { tr!("Attention and shared weights") } else { tr!("Weights") };
    let mut lines = vec![
        tr!("Layer {index}: {mixer}", index, mixer = kind(layer.mixer)),
        tr!("{weights} {dense} on {place}", weights, dense = precise(layer.dense), place),
    ];
    if has_experts {
        lines.push(tr!(
            "Experts {experts} on {experts_place}",
            experts = precise(layer.experts),
            experts_place = names.of(layer.experts_place)
        ));
    }
    if layer.kv > Bytes::ZERO {
        lines.push(tr!("KV cache {kv} on {place}", kv = precise(layer.kv), place));
    }
    if layer.state > Bytes::ZERO {
        lines.push(tr!("Fixed state {state} on {place}", state = precise(layer.state), place));
    }
    lines.join("\n").replace(tr!(" on RAM"), tr!(" in RAM"))
}

fn kind(mixer: Mixer) -> &'static str {
    match mixer {
        Mixer::Attention => tr!("full attention"),
        Mixer::Window => tr!("attention over a window"),
        Mixer::GatedDeltaNet => tr!("linear attention (Gated DeltaNet)"),
        Mixer::Kda => tr!("linear attention (KDA)"),
        Mixer::Mamba2 => "Mamba-2",
        Mixer::Mamba1 => "Mamba",
        Mixer::ShortConv => tr!("short convolution"),
        Mixer::Lightning => tr!("linear attention (lightning)"),
        Mixer::AttentionMamba2 => tr!("attention beside Mamba-2"),
        Mixer::Compressed => tr!("compressed attention"),
        Mixer::Rwkv7 => "RWKV-7",
        Mixer::None => tr!("feed-forward only"),
    }
}

/// The word for the low marks of the first row.
fn light(layers: &[LayerPlace]) -> &'static str {
    let has = |kind: &dyn Fn(Mixer) -> bool| layers.iter().any(|layer| kind(layer.mixer));
    let window = has(&|mixer| mixer == Mixer::Window);
    let linear = has(&|mixer| {
        matches!(
            mixer,
            Mixer::GatedDeltaNet
                | Mixer::Kda
                | Mixer::Lightning
                | Mixer::Mamba2
                | Mixer::Mamba1
                | Mixer::Rwkv7
                | Mixer::ShortConv
        )
    });
    match (window, linear) {
        (true, true) => tr!("windowed or linear"),
        (true, false) => tr!("windowed attention"),
        (false, true) => tr!("linear attention"),
        (false, false) => "",
    }
}

/// Runs of equal places: the place, its first and its last layer.
fn runs(places: impl Iterator<Item = Place>) -> Vec<(Place, usize, usize)> {
    let mut runs: Vec<(Place, usize, usize)> = Vec::new();
    for (index, place) in places.enumerate() {
        match runs.last_mut() {
            Some((known, _, last)) if *known == place => *last = index,
            _ => runs.push((place, index, index)),
        }
    }
    runs
}

/// Layers whose experts are elsewhere than the rest of them: how many, and in words where.
struct Away {
    layers: usize,
    place: String,
    ranges: String,
}

fn experts_away(layers: &[LayerPlace], names: &Names<'_>) -> Option<Away> {
    let away = |layer: &&LayerPlace| layer.experts > Bytes::ZERO && layer.experts_place != layer.place;
    let place = names.of(layers.iter().find(away)?.experts_place);
    let indices: Vec<usize> =
        layers.iter().enumerate().filter(|(_, layer)| away(layer)).map(|(index, _)| index).collect();
    Some(Away { layers: indices.len(), place, ranges: ranges(&indices) })
}

/// "0 to 23 and 40".
fn ranges(indices: &[usize]) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &index in indices {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == index => *last = index,
            _ => runs.push((index, index)),
        }
    }
    let words: Vec<String> = runs.into_iter().map(|(first, last)| range(first, last)).collect();
    words.join(tr!(" and "))
}

fn range(first: usize, last: usize) -> String {
    if first == last { first.to_string() } else { tr!("{first} to {last}", first, last) }
}

fn note(columns: &[Column], away: Option<&Away>) -> String {
    let all = columns.len();
    let layers = if all == 1 { tr!("1 layer").to_owned() } else { tr!("{all} layers", all) };
    let outside = columns.iter().filter(|column| column.place != Store::Gpu).count();
    match away {
        Some(away) if outside > 0 => {
            tr!(
                "{layers}; {outside} and experts of {away} in {place}",
                layers,
                outside,
                away = away.layers,
                place = away.place
            )
        }
        Some(away) => {
            tr!("{layers}; experts of {away} in {place}", layers, away = away.layers, place = away.place)
        }
        None if outside > 0 && outside < all => tr!("{layers}; {outside} in RAM", layers, outside),
        None => layers,
    }
}

/// "layers 0 to 39 on RTX 3090, 40 to 47 on RTX 3060; experts of layers 0 to 23 in RAM".
fn spoken(runs: &[Run], away: Option<&Away>) -> String {
    let preposition = |name: &str| if name.starts_with("RAM") { tr!("in") } else { tr!("on") };
    let parts: Vec<String> = runs
        .iter()
        .map(|run| format!("{} {} {}", range(run.first, run.last), preposition(&run.name), run.name))
        .collect();
    let experts = away
        .map(|away| tr!("; experts of layers {ranges} in {place}", ranges = away.ranges, place = away.place))
        .unwrap_or_default();
    tr!("layers {parts}{experts}", parts = parts.join(", "), experts)
}

/// "3090" for "RTX 3090", "3090 #2" for "RTX 3090 #2": from the first word with a digit on.
fn short(name: &str) -> String {
    let words: Vec<&str> = name.split(' ').collect();
    let from = words.iter().position(|word| word.chars().any(|c| c.is_ascii_digit())).unwrap_or(0);
    words[from..].join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_told_in_words() {
        assert_eq!(ranges(&[0, 1, 2, 3]), "0 to 3");
        assert_eq!(ranges(&[0, 1, 5, 7, 8]), "0 to 1 and 5 and 7 to 8");
        assert_eq!(ranges(&[]), "");
    }

    #[test]
    fn runs_end_where_the_place_changes() {
        let places = [Place::Ram, Place::Ram, Place::Device(1), Place::Device(0), Place::Device(0)];
        assert_eq!(
            runs(places.into_iter()),
            [(Place::Ram, 0, 1), (Place::Device(1), 2, 2), (Place::Device(0), 3, 4)]
        );
    }

    #[test]
    fn short_names_keep_the_number() {
        assert_eq!(short("RTX 3090"), "3090");
        assert_eq!(short("RTX 3090 #2"), "3090 #2");
        assert_eq!(short("Radeon RX 7900 XTX"), "7900 XTX");
        assert_eq!(short("RAM"), "RAM");
    }
}
