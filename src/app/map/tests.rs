//! The map of real models on a described machine.

use super::*;
use crate::app::testing::{with_rtx_4090, without_gpu};
use crate::app::{Action, Page, Settings, State};
use crate::machine::Machine;

fn state(machine: Machine, chosen: Chosen) -> State {
    State::with_machine(Settings { page: Page::Map, map: chosen, ..Settings::default() }, machine)
}

fn on_4090(x: Quantity, y: Quantity) -> State {
    state(with_rtx_4090(22.6), Chosen { x, y, ..Chosen::default() })
}

fn find<'a>(state: &'a State, name: &str) -> &'a Point {
    let base = state.catalog.base_of(state.catalog.find(name).unwrap());
    let map = &state.map.map;
    &map.points[map.point_of(base).unwrap_or_else(|| panic!("{name} is not on the map"))]
}

fn select(state: &mut State, action: MapAction) {
    state.apply(Action::Map(action));
    state.update();
}

#[test]
fn a_point_has_the_figures_of_its_row() {
    let mut state = on_4090(Quantity::Memory, Quantity::Speed);
    let point = find(&state, "Qwen/Qwen3-30B-A3B").clone();
    state.apply(Action::SetPage(Page::Models));
    state.update();
    let row = state.rows.iter().find(|row| row.model == point.model).unwrap();
    let brief = row.outcome.brief().unwrap();
    assert_eq!(point.class, Some(FitClass::Fits));
    assert_eq!(point.at, [Some(brief.on_gpu.gib()), row.outcome.speed()]);
}

#[test]
fn what_lies_on_the_gpu_lies_left_of_the_line() {
    let state = on_4090(Quantity::Memory, Quantity::Speed);
    let map = &state.map.map;
    let line = map.capacity.unwrap();
    assert!(line.has_gpu && (line.first - 22.6).abs() < 1e-6 && line.all.unwrap() > 70.0);
    let mut inside = 0;
    for point in map.points.iter().filter(|point| point.class.is_some_and(|class| class <= FitClass::Tight)) {
        assert!(point.at[0].unwrap() <= line.first, "{point:?}");
        inside += 1;
    }
    assert!(inside > 200, "{inside}");
    // Not what needs more than there is.
    let llama = find(&state, "meta-llama/Llama-3.1-405B");
    assert!(llama.at[0].unwrap() > line.all.unwrap() && llama.class == Some(FitClass::TooBig));
    assert_eq!(llama.at[1], None, "it runs nowhere, and lies on the floor");
}

#[test]
fn every_model_is_counted_once() {
    for (x, y) in [(Quantity::Memory, Quantity::Speed), (Quantity::Context, Quantity::Kept)] {
        let state = on_4090(x, y);
        let map = &state.map.map;
        assert_eq!(map.points.len() + map.without + map.waiting, map.all, "{x:?}");
        assert_eq!((map.waiting, map.all), (0, state.subjects));
        let mut by_x = map.by_x.clone();
        by_x.sort_unstable();
        assert_eq!(by_x, (0..map.points.len()).collect::<Vec<_>>());
    }
}

#[test]
fn points_lie_on_their_axes() {
    for (x, y) in [(Quantity::Memory, Quantity::Speed), (Quantity::Released, Quantity::Total)] {
        let state = on_4090(x, y);
        let map = &state.map.map;
        for point in &map.points {
            for (axis, value) in map.axes.iter().zip(point.at) {
                let place = value.map_or(0.5, |value| axis.place(value));
                assert!((0.0..=1.0).contains(&place), "{axis:?} {value:?}");
            }
        }
    }
}

#[test]
fn the_front_is_what_runs_and_nothing_beats() {
    let state = on_4090(Quantity::Memory, Quantity::Kept);
    let map = &state.map.map;
    assert!(!map.front.is_empty());
    assert_eq!(map.front.len(), map.points.iter().filter(|point| point.on_front).count());
    let value = |point: &Point| (point.at[0].unwrap(), point.at[1].unwrap());
    for place in &map.front {
        let (memory, kept) = value(&map.points[*place]);
        assert!(map.points[*place].class.unwrap().runs());
        for other in map.points.iter().filter(|point| point.class.unwrap().runs()) {
            let (m, k) = value(other);
            assert!(!(m <= memory && k >= kept && (m, k) != (memory, kept)), "{other:?} beats it");
        }
    }
    assert_eq!(map.front_words(), "No model that runs here is both smaller in memory and better kept than");
}

#[test]
fn arrows_reach_every_point() {
    let state = on_4090(Quantity::Active, Quantity::Speed);
    let map = &state.map.map;
    let walk = |step: &dyn Fn(Option<usize>) -> Option<usize>, from: Option<usize>| {
        let (mut at, mut seen) = (from, 0);
        loop {
            let next = step(at);
            if next == at {
                return seen;
            }
            (at, seen) = (next, seen + 1);
        }
    };
    assert_eq!(walk(&|at| map.beside(at, true), None), map.points.len());
    assert_eq!(walk(&|at| map.beside(at, false), None), map.points.len());
    let mut lowest = map.above(None, true);
    while map.above(lowest, false) != lowest {
        lowest = map.above(lowest, false);
    }
    assert_eq!(walk(&|at| map.above(at, true), lowest), map.points.len() - 1);
}

#[test]
fn without_a_gpu_the_line_is_ram() {
    let state = state(without_gpu(), Chosen::default());
    let line = state.map.map.capacity.unwrap();
    assert_eq!(line, Capacity { first: 52.0, all: None, has_gpu: false });
    assert!(state.map.map.points.iter().all(|point| point.class != Some(FitClass::Fits)));
}

#[test]
fn each_model_may_be_at_its_best() {
    let mut state = on_4090(Quantity::Memory, Quantity::Kept);
    select(&mut state, MapAction::AtBest(true));
    let map = &state.map.map;
    assert_eq!(map.waiting, 0);
    let small = find(&state, "Qwen/Qwen3-4B");
    assert!(small.level != state.level() && small.at[1].unwrap() > 99.0, "{small:?}");
    let levels: std::collections::BTreeSet<String> = map.points.iter().map(|p| p.level.to_string()).collect();
    assert!(levels.len() > 3, "{levels:?}");
    select(&mut state, MapAction::AtBest(false));
    assert!(state.map.map.points.iter().all(|point| point.level == state.level()));
}

#[test]
fn the_longest_context_is_an_axis_too() {
    let state = on_4090(Quantity::Memory, Quantity::Context);
    let point = find(&state, "Qwen/Qwen3-14B");
    assert!(point.at[1].is_some_and(|tokens| tokens > 16_384.0), "{point:?}");
}

#[test]
fn scores_say_whether_they_are_published_and_prices_when() {
    let mut state = on_4090(Quantity::Memory, Quantity::Score);
    let map = &state.map.map;
    assert!(map.points.len() > 300, "{}", map.points.len());
    let kinds: std::collections::BTreeSet<&str> =
        map.points.iter().filter_map(|p| Quantity::Score.kind(state.catalog.get(p.model))).collect();
    assert_eq!(kinds, ["estimated", "published"].into());
    let point = find(&state, "Qwen/Qwen3-30B-A3B").clone();
    let model = state.catalog.get(point.model);
    assert!(Quantity::Score.source(model).unwrap().contains("LiveBench"));
    select(&mut state, MapAction::SetX(Quantity::Price));
    let map = &state.map.map;
    assert!((40..100).contains(&map.points.len()) && map.without > 300, "{}", map.points.len());
    for point in &map.points {
        assert!(Quantity::Price.source(state.catalog.get(point.model)).unwrap().contains(", 202"), "a date");
    }
}

#[test]
fn what_is_picked_filters_the_table_and_not_the_map() {
    let mut state = on_4090(Quantity::Memory, Quantity::Speed);
    let (all, total) = (state.map.map.points.len(), state.rows.len());
    let model = |name: &str, state: &State| find(state, name).model;
    let [a, b] = ["Qwen/Qwen3-14B", "Qwen/Qwen3-30B-A3B"].map(|name| model(name, &state));
    select(&mut state, MapAction::Pick { models: vec![a], add: false });
    select(&mut state, MapAction::Pick { models: vec![b], add: true });
    assert_eq!(state.map.map.points.len(), all);
    assert_eq!(state.map.map.points.iter().filter(|point| point.picked).count(), 2);
    state.apply(Action::SetPage(Page::Models));
    state.update();
    assert_eq!(
        state.rows.iter().map(|row| row.model).collect::<std::collections::BTreeSet<_>>(),
        [a, b].into()
    );
    assert!(state.is_filtered());
    select(&mut state, MapAction::Toggle(a));
    assert_eq!(state.rows.len(), 1);
    select(&mut state, MapAction::Unpick);
    assert_eq!((state.rows.len(), state.is_filtered()), (total, false));
    select(&mut state, MapAction::Pick { models: vec![a], add: false });
    state.apply(Action::ClearFilters);
    state.update();
    assert_eq!(state.rows.len(), total);
}

#[test]
fn search_and_filters_count_here_too() {
    let mut state = on_4090(Quantity::Memory, Quantity::Speed);
    let before = state.map.map.all;
    state.apply(Action::OnlyFits(true));
    state.update();
    assert!(state.map.map.all < before);
    assert!(state.map.map.points.iter().all(|point| point.class.unwrap() <= FitClass::Tight));
    state.apply(Action::Search("qwen3 14b".to_owned()));
    state.update();
    assert!(state.map.map.all < 10);
    state.apply(Action::Search("nothing is called so".to_owned()));
    state.update();
    assert_eq!((state.map.map.all, state.map.map.points.len()), (0, 0));
}

#[test]
fn an_axis_that_is_chosen_twice_changes_places() {
    let mut chosen = Chosen::default();
    chosen.set_x(Quantity::Speed);
    assert_eq!((chosen.x, chosen.y), (Quantity::Speed, Quantity::Memory));
    chosen.set_y(Quantity::Speed);
    assert_eq!((chosen.x, chosen.y), (Quantity::Memory, Quantity::Speed));
    chosen.y = Quantity::Memory;
    chosen.tidy();
    assert_ne!(chosen.x, chosen.y);
}
