//! The page's answers on a recorded machine: an RTX 3060 with 64 GiB.

use std::sync::Arc;

use super::answer::Answerer;
use super::chosen::Chosen;
use super::output::{WorkAnswer, text};
use super::page::Found;
use super::question::Question;
use super::{Work, WorkAction, field};
use crate::app::Settings;
use crate::app::testing::rtx_3060;
use crate::estimate::engine;
use crate::estimate::workload::{Kind, presets};
use crate::model::Catalog;

fn question(chosen: Chosen, model: Option<&str>) -> Question {
    let catalog = Arc::clone(Catalog::embedded_shared());
    let scenario = Settings::default().scenario();
    Question {
        model: model.map(|name| catalog.find(name).unwrap()),
        level: model.map(|_| "Q5_K_M".parse().unwrap()),
        catalog,
        levels: engine::ladder(scenario.engine).to_vec(),
        scenario,
        rig: rtx_3060(),
        chosen,
    }
}

fn solve(chosen: Chosen, model: Option<&str>) -> (Found, WorkAnswer) {
    Answerer::default().solve(&question(chosen, model), &|| false).unwrap()
}

fn near(found: f64, expected: f64, tolerance: f64) -> bool {
    (found / expected - 1.0).abs() < tolerance
}

#[test]
fn five_thousand_contracts() {
    let mut chosen = Chosen::default();
    field::set(&mut chosen, "words", "5000 contracts of 12 pages").unwrap();
    let (page, numbers) = solve(chosen, Some("Qwen/Qwen3.5-9B"));
    println!("{}", text(&page));
    assert_eq!(page.title, "5,000 contracts of 12 pages");
    let (time, cost) = (numbers.time.unwrap(), numbers.cost.unwrap());
    // Electricity: watts at the wall times seconds, at 0.1883 USD a kWh.
    let kwh = cost.watts.p50 * time.busy_s.p50 / 3.6e6;
    assert!(near(cost.kwh.p50, kwh, 1e-9) && near(cost.electricity.amount.p50, kwh * 0.1883, 1e-9));
    assert_eq!(cost.watts.p50, 224.0);
    // API: 5,000 · (6,240 + 160) tokens read at 0.10 and 5,000 · 400 written at 0.15 USD a million.
    assert!(near(cost.api.unwrap().amount.p50, 32.0 * 0.10 + 2.0 * 0.15, 1e-9));
    // The card: 329 USD, of which 30 % are left.
    let even = (329.0 - 99.0) / (3.5 - cost.electricity.amount.p50);
    assert!(near(cost.even_after.unwrap().p50, even, 1e-9));
    // One request at a time: what one contract takes, 5,000 times.
    let one = time.over_requests.iter().find(|point| point.at_once == 1).unwrap();
    assert!(one.seconds.p50 >= time.busy_s.p50 * 0.97, "several at once are no slower");
    assert!(time.best_at_once <= time.most_at_once.max(1));
    for word in ["*", "NaN", "inf", "USD USD"] {
        assert!(page.text().iter().all(|sentence| !sentence.contains(word)), "{:?}", page.text());
    }
    assert!(page.text()[1].contains("2026-06-15"), "a price has its date: {:?}", page.text());
    assert_eq!(page.charts.len(), 2);
    assert!(page.charts[0].title.contains("to finish"));
}

#[test]
fn every_preset_has_an_answer_with_sources() {
    for preset in presets::presets() {
        let mut chosen = Chosen::default();
        chosen.take(preset);
        let (page, numbers) = solve(chosen, Some("Qwen/Qwen3.5-9B"));
        assert_eq!(page.problem, None, "{}", preset.id);
        println!("{}\n{}", preset.id, page.text().join("\n"));
        let (time, cost) = (numbers.time.unwrap(), numbers.cost.unwrap());
        for range in [time.busy_s, time.first_token_s, time.answer_tps, time.decode_tps, cost.kwh] {
            assert!(
                range.p10 > 0.0 && range.p10 <= range.p50 && range.p50 <= range.p90,
                "{}: {range:?}",
                preset.id
            );
        }
        assert!(!page.figures.is_empty() && page.tables.len() == 3);
        for (what, said) in
            [("electricity", &cost.per_kwh_source), ("power", &cost.watts_source), ("API", &cost.api_source)]
        {
            assert!(said.contains("202"), "{}: {what} has no date: {said}", preset.id);
        }
        assert!(
            page.notes.iter().any(|note| preset.sources.iter().all(|source| note.contains(source.as_str())))
        );
        for row in page.tables.iter().flat_map(|table| &table.rows) {
            for cell in &row.cells {
                assert!(
                    !cell.text.contains("NaN") && !cell.text.contains("inf"),
                    "{}: {}",
                    row.name,
                    cell.text
                );
            }
        }
    }
}

#[test]
fn what_does_not_fit_says_so_and_others_are_named() {
    let mut chosen = Chosen::default();
    field::set(&mut chosen, "words", "3 books of 600 pages").unwrap();
    // 312,000 tokens are more than Qwen3 8B holds.
    let (page, numbers) = solve(chosen, Some("Qwen/Qwen3-8B"));
    let problem = page.problem.unwrap();
    assert!(
        problem.contains("the model holds 40960") || problem.contains("the model holds 32768"),
        "{problem}"
    );
    assert!(numbers.time.is_none() && numbers.cost.is_none());
    assert!(!page.tables.is_empty());
}

#[test]
fn euros_are_not_compared_with_dollars_without_a_rate() {
    let mut chosen = Chosen::default();
    "de".clone_into(&mut chosen.place);
    let (page, numbers) = solve(chosen.clone(), Some("Qwen/Qwen3.5-9B"));
    let cost = numbers.cost.unwrap();
    assert_eq!(cost.electricity.currency.code(), "EUR");
    assert!(cost.even_after.is_none() && cost.never_because.unwrap().contains("1 EUR"));
    assert!(page.text()[1].contains("EUR of electricity") && page.text()[1].contains("USD by API"));
    field::set(&mut chosen, "exchange", "1.1").unwrap();
    let (_, numbers) = solve(chosen, Some("Qwen/Qwen3.5-9B"));
    let cost = numbers.cost.unwrap();
    let home = cost.electricity.amount.p50 * 1.1;
    assert!(near(cost.even_after.unwrap().p50, 230.0 / (3.5 - home), 1e-9));
}

#[test]
fn a_wrong_value_stays_at_its_field_and_the_answer_stays() {
    let (mut work, mut chosen) = (Work::inline(), Chosen::default());
    work.ask(question(chosen.clone(), Some("Qwen/Qwen3-8B")));
    work.poll();
    let before = work.found.clone().unwrap();
    for nonsense in ["", "0", "-5", "NaN", "1e30", "ten"] {
        assert!(!work.apply(WorkAction::Type("items", nonsense.to_owned()), &mut chosen));
        work.refresh(&chosen, None, None);
        let items = work.fields.iter().find(|field| field.key == "items").unwrap();
        assert_eq!(items.text, nonsense);
        assert!(items.error.is_some(), "{nonsense}");
    }
    work.ask(question(chosen.clone(), Some("Qwen/Qwen3-8B")));
    work.poll();
    assert_eq!(work.found.as_ref(), Some(&before));
    work.apply(WorkAction::Leave("items"), &mut chosen);
    work.refresh(&chosen, None, None);
    assert_eq!(work.fields[0].text, "5,000");
    assert!(work.apply(WorkAction::Type("items", "10".to_owned()), &mut chosen));
    assert_eq!(chosen.batch.items, 10);
}

#[test]
fn saved_nonsense_is_tamed() {
    let text = r#"{"kind":"agent","agent":{"turns":4000000000,"first":0,"new":1,"output":0,"kept":7.5},
        "place":"atlantis","price":-3,"watts":1e99,"years":0,"utilization":0,"start":99999,"at_once":9999,
        "words":"x","page_tokens":-1,"items":""}"#;
    let mut chosen: Chosen = serde_json::from_str(text).unwrap();
    chosen.tidy();
    let usual = Chosen::default();
    assert_eq!(chosen.agent, usual.agent);
    assert_eq!((chosen.place.as_str(), chosen.price, chosen.watts), ("us", None, None));
    assert_eq!((chosen.years, chosen.utilization, chosen.at_once), (usual.years, None, Some(64)));
    assert!(chosen.start < 24 * 60 && chosen.items == usual.items && chosen.kind == Kind::Agent);
    let again: Chosen = serde_json::from_str(&serde_json::to_string(&usual).unwrap()).unwrap();
    assert_eq!(again, usual);
}
