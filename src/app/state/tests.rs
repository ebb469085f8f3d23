use super::*;
use crate::app::action::{Action, Step};
use crate::app::notice::NoticeKind;
use crate::app::rows::{Column, Outcome};
use crate::app::settings::Filters;
use crate::app::testing::{with_rtx_4090, without_gpu};
use crate::estimate::{FitClass, engine};
use crate::machine::Problem;
use crate::model::record::Tag;

fn on_rtx_4090() -> State {
    State::with_machine(Settings::default(), with_rtx_4090(22.6))
}

fn act(state: &mut State, action: Action) {
    state.apply(action);
    state.update();
}

fn names(state: &State) -> Vec<String> {
    state.rows.iter().map(|row| row.name.clone()).collect()
}

fn classes(state: &State) -> Vec<FitClass> {
    state.rows.iter().filter_map(|row| row.outcome.class()).collect()
}

fn place(state: &State, name: &str) -> usize {
    state.rows.iter().position(|row| row.name == name).unwrap_or_else(|| panic!("{name} is not listed"))
}

#[test]
fn the_table_opens_with_the_largest_model_that_fits() {
    let state = on_rtx_4090();
    assert!(classes(&state).is_sorted(), "best verdict first");
    let first = &state.rows[0];
    assert_eq!(first.outcome.class(), Some(FitClass::Fits));
    assert!(first.params > 20_000_000_000, "{}", first.name);
    assert_eq!(state.selected, Some(first.model));
    assert_eq!(state.counts.total(), state.rows.iter().filter(|row| row.outcome.brief().is_some()).count());
    assert!(state.notices.is_empty() && !state.probing);
}

#[test]
fn a_search_finds_words_in_any_order() {
    let mut state = on_rtx_4090();
    act(&mut state, Action::Search("30b qwen3".to_owned()));
    assert!(names(&state).contains(&"Qwen3 30B A3B".to_owned()), "{:?}", names(&state));
    assert!(state.rows.len() < 10);
    assert!(state.is_filtered());
    act(&mut state, Action::ClearFilters);
    assert!(state.rows.len() > 300 && state.search.is_empty() && !state.is_filtered());
}

#[test]
fn a_search_names_the_variant_that_it_found() {
    let mut state = on_rtx_4090();
    let catalog = std::sync::Arc::clone(&state.catalog);
    let (base, variant) = catalog
        .bases()
        .iter()
        .find_map(|base| {
            let hit = |name: &str| catalog.search(name).into_iter().any(|hit| hit.variant.is_some());
            base.variants.iter().find(|variant| hit(&variant.name)).map(|variant| (base, variant))
        })
        .unwrap();
    act(&mut state, Action::Search(variant.name.clone()));
    let row = &state.rows[place(&state, &base.name)];
    assert_eq!(row.matched.as_deref(), Some(variant.name.as_str()));
}

#[test]
fn every_column_sorts_both_ways_and_is_stable() {
    let mut state = on_rtx_4090();
    for column in Column::ALL {
        for _ in 0..2 {
            act(&mut state, Action::Sort(column));
            let sort = state.settings.sort;
            let (once, rises) = (names(&state), sort.rises());
            let speeds: Vec<Option<f64>> = state.rows.iter().map(|row| row.outcome.speed()).collect();
            if column == Column::Speed {
                let known: Vec<f64> = speeds.iter().copied().flatten().collect();
                assert!(known.is_sorted_by(|a, b| if rises { a <= b } else { a >= b }));
                assert!(speeds[known.len()..].iter().all(Option::is_none), "n/a stands last");
            }
            state.dirty.list = true;
            state.update();
            assert_eq!(names(&state), once);
        }
    }
}

#[test]
fn rows_keep_their_place_under_the_pointer() {
    let mut state = on_rtx_4090();
    let before = names(&state);
    state.apply(Action::HoldOrder(true));
    act(&mut state, Action::SetContext(1 << 18));
    assert_eq!(names(&state), before);
    assert!(!classes(&state).is_sorted(), "the figures are new all the same");
    let counts = state.counts;
    act(&mut state, Action::HoldOrder(false));
    assert!(classes(&state).is_sorted());
    assert_eq!(state.counts, counts);
    assert_ne!(names(&state), before);
}

#[test]
fn asking_for_another_order_wins_over_the_pointer() {
    let mut state = on_rtx_4090();
    state.apply(Action::HoldOrder(true));
    act(&mut state, Action::Sort(Column::Model));
    let listed = names(&state);
    act(&mut state, Action::HoldOrder(false));
    assert_eq!(names(&state), listed);
    assert!(listed[0].to_lowercase() < listed[100].to_lowercase());
}

#[test]
fn filters_leave_what_they_say() {
    let mut state = on_rtx_4090();
    let all = state.rows.len();
    act(&mut state, Action::OnlyFits(true));
    assert!(!state.rows.is_empty() && state.rows.len() < all);
    assert!(classes(&state).iter().all(|class| *class <= FitClass::Tight));
    act(&mut state, Action::ReadingSpeed(true));
    assert!(state.rows.iter().all(|row| row.outcome.speed().is_some_and(|speed| speed >= 10.0)));
    act(&mut state, Action::WithTag(Tag::Vision, true));
    assert!(!state.rows.is_empty());
    assert!(state.rows.iter().all(|row| state.catalog.get(row.model).has_tag(Tag::Vision)));
    act(&mut state, Action::ClearFilters);
    assert_eq!(state.rows.len(), all);
    assert_eq!(state.settings.filters, Filters::default());
}

#[test]
fn reading_speed_is_that_of_one_reader() {
    let mut state = on_rtx_4090();
    act(&mut state, Action::SetConcurrency(16));
    act(&mut state, Action::ReadingSpeed(true));
    assert!(state.rows.iter().all(|row| row.outcome.speed().is_some_and(|speed| speed >= 160.0)));
}

#[test]
fn models_that_generate_no_text_say_why() {
    let mut state = on_rtx_4090();
    let all = state.rows.len();
    act(&mut state, Action::NotGenerating(true));
    assert!(state.rows.len() > all);
    let reasons: Vec<&str> = state
        .rows
        .iter()
        .filter_map(|row| match &row.outcome {
            Outcome::NotAvailable(reason) => Some(&**reason),
            _ => None,
        })
        .collect();
    assert!(reasons.iter().any(|reason| reason.contains("embedding")), "{reasons:?}");
}

#[test]
fn the_selection_moves_through_the_rows() {
    let mut state = on_rtx_4090();
    let at = |state: &State| state.cursor_index();
    assert_eq!(at(&state), Some(0));
    let moves = state.moves;
    act(&mut state, Action::Move(Step::Down));
    act(&mut state, Action::Move(Step::Down));
    assert_eq!(at(&state), Some(2));
    assert_eq!(state.selected, Some(state.rows[2].model));
    act(&mut state, Action::Move(Step::Last));
    assert_eq!(at(&state), Some(state.rows.len() - 1));
    assert_eq!(state.moves, moves + 3);
    // A search that leaves the selection out leaves it selected; the first key finds the list again.
    act(&mut state, Action::Search("gemma 3 27b".to_owned()));
    assert_eq!(at(&state), None);
    act(&mut state, Action::Move(Step::Down));
    assert_eq!(at(&state), Some(0));
}

#[test]
fn variants_unfold_under_their_base() {
    let mut state = on_rtx_4090();
    let base = state.rows.iter().find(|row| row.variants > 1).unwrap().clone();
    let before = state.rows.len();
    act(&mut state, Action::Unfold(base.model, true));
    assert_eq!(state.rows.len(), before + base.variants);
    let at = place(&state, &base.name);
    assert!(state.rows[at].unfolded && state.rows[at + 1].key.variant == Some(0));
    assert!(state.rows[at + 1].outcome.brief().is_some());
    let variant = state.rows[at + 1].key;
    act(&mut state, Action::SelectRow(variant));
    act(&mut state, Action::Unfold(base.model, false));
    assert_eq!(state.rows.len(), before);
    assert_eq!(state.cursor, Some(base.key), "what is hidden is not selected");
}

#[test]
fn the_level_is_the_same_everywhere() {
    let mut state = on_rtx_4090();
    let model = state.catalog.find("Qwen/Qwen3-14B").unwrap();
    let q8 = "Q8_0".parse().unwrap();
    let need = |state: &State| state.rows[place(state, "Qwen3 14B")].outcome.brief().unwrap().need;
    let before = need(&state);
    act(&mut state, Action::SelectCell(model, q8));
    assert_eq!((state.level(), state.selected), (q8, Some(model)));
    assert!(need(&state) > before);
}

#[test]
fn without_a_gpu_everything_is_judged_by_ram() {
    let mut state = State::with_machine(Settings::default(), without_gpu());
    assert!(!state.has_gpu());
    assert_eq!(state.notices.len(), 1);
    assert!(classes(&state).iter().all(|class| *class >= FitClass::Cpu));
    act(&mut state, Action::OnlyFits(true));
    assert!(!state.rows.is_empty());
    act(&mut state, Action::Dismiss(NoticeKind::NoGpu));
    assert!(state.notices.is_empty());
    let again = State::with_machine(state.settings.clone(), without_gpu());
    assert!(again.notices.is_empty(), "read once is read");
}

#[test]
fn what_could_not_be_read_is_said() {
    let mut machine = with_rtx_4090(22.6);
    machine.problems.push(Problem { part: "AMD card1".to_owned(), reason: "no permission".to_owned() });
    let state = State::with_machine(Settings::default(), machine);
    assert!(state.notices[0].text.contains("AMD card1"));
    assert!(state.rows[0].outcome.brief().is_some(), "the rest works");
}

#[test]
fn the_selection_is_remembered() {
    let settings = Settings { selected: Some("google/gemma-3-27b-it".to_owned()), ..Settings::default() };
    let state = State::with_machine(settings, with_rtx_4090(22.6));
    assert_eq!(state.cursor_index(), Some(place(&state, "Gemma 3 27B")));
    let lost = Settings { selected: Some("nobody/nothing".to_owned()), ..Settings::default() };
    assert_eq!(State::with_machine(lost, with_rtx_4090(22.6)).cursor_index(), Some(0));
}

#[test]
fn each_engine_has_its_level_and_gets_it_back() {
    let mut state = on_rtx_4090();
    act(&mut state, Action::SetLevel("Q6_K".parse().unwrap()));
    let fits = state.counts;
    for engine in [Engine::Vllm, Engine::Mlx, Engine::ExLlamaV3] {
        act(&mut state, Action::SetEngine(engine));
        let level = state.settings.level;
        assert!(engine::ladder(engine).contains(&level), "{engine:?} at {level}");
        assert_eq!(engine::nearest_cache(engine, state.settings.cache), state.settings.cache);
        assert_ne!(state.counts, fits, "{engine:?} is asked");
    }
    act(&mut state, Action::SetEngine(Engine::Vllm));
    act(&mut state, Action::SetLevel(Level::Nf4));
    act(&mut state, Action::SetEngine(Engine::LlamaCpp));
    assert_eq!(state.settings.level.to_string(), "Q6_K");
    assert_eq!(state.counts, fits);
    act(&mut state, Action::SetEngine(Engine::Vllm));
    assert_eq!(state.settings.level, Level::Nf4);
}
