//! What the map says: the answer, what is left out, a point in a sentence.

use crate::app::State;
use crate::app::map::{Map, Point};
use crate::app::rows::answer::{self, Wording};
use crate::language::{noun_inside, tr, tr_n};
use crate::ui::verdict;

/// The answer above the map, longest first, by the room that there is: its beginning, which is set bold, and the rest.
pub(super) fn answers(state: &State) -> Vec<[String; 2]> {
    let map = &state.map.map;
    if state.rig.is_none() || map.counts.total() == 0 {
        let rest = if state.rig.is_none() { tr!(": this machine is being read") } else { "" };
        return vec![[tr!("{all} models", all = map.all), rest.to_owned()]];
    }
    let best = state.settings.map.best;
    let full = if best { Wording::NoLevel } else { Wording::Full(state.level()) };
    [full, Wording::NoLevel, Wording::Short]
        .map(|wording| {
            let (strong, rest) = answer::sentence(&map.counts, map.all, state.has_gpu(), wording);
            [strong, if best { tr!(", each at its best level,{rest}", rest) } else { rest }]
        })
        .to_vec()
}

/// What is not on the map, and that search and filters count here too; `None` where all is on it.
pub(super) fn left_out(state: &State) -> Option<String> {
    let map = &state.map.map;
    let mut parts = Vec::new();
    if state.is_narrowed() {
        parts.push(tr_n!(
            map.all,
            "Search and filters apply here too and leave {all} model",
            "Search and filters apply here too and leave {all} models",
            all = map.all
        ));
    }
    if map.waiting > 0 {
        parts.push(tr!("{waiting} are being estimated", waiting = map.waiting));
    }
    if map.without > 0 {
        parts.push(tr!("{without} have no value on these axes and are not shown", without = map.without));
    }
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// What a screen reader speaks for a point.
pub(super) fn spoken(state: &State, map: &Map, point: &Point) -> String {
    let name = &state.catalog.bases()[point.base].name;
    let model = state.catalog.get(point.model);
    let mut words = vec![point.class.map_or(tr!("no verdict"), |class| verdict(class).spoken()).to_owned()];
    for (axis, value) in map.axes.iter().zip(point.at) {
        match value {
            Some(value) => {
                words.push(axis.quantity.spoken(value));
                words.extend(axis.quantity.kind(model).map(str::to_owned));
            }
            None => words.push(tr!("runs nowhere here").to_owned()),
        }
    }
    if let Some(size) = point.size {
        words.push(tr!(
            "{size} by {measure}",
            size = size.word(),
            measure = state.settings.map.lens.measure()
        ));
    }
    if point.on_front {
        words.push(tr!("on the front").to_owned());
    }
    if point.picked {
        words.push(tr!("picked").to_owned());
    }
    format!("{name}, {}: {}", point.level, words.join(", "))
}

/// What the plot is, for who cannot see it.
pub(super) fn described(map: &Map) -> String {
    let [x, y] = map.axes.map(|axis| {
        let title = noun_inside(axis.quantity.title());
        title.split(',').next().unwrap_or_default().to_owned()
    });
    tr!("Map of {points} models: {y} over {x}", points = map.points.len(), y, x)
}

/// The front in a sentence, with as many names as `most`; empty where there is none.
pub(super) fn front(state: &State, map: &Map, most: usize) -> [String; 2] {
    if map.front.is_empty() {
        return [String::new(), String::new()];
    }
    let name = |place: &usize| state.catalog.bases()[map.points[*place].base].name.as_str();
    let mut names: Vec<&str> = map.front.iter().map(name).collect();
    let hidden = names.len().saturating_sub(most);
    names.truncate(most);
    let members = names.join(", ");
    let more = if hidden > 0 { tr!(" and {hidden} more", hidden) } else { String::new() };
    [format!("{}:", map.front_words()), members + &more]
}
