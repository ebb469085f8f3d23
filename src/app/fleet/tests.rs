use super::*;

#[test]
fn a_wrong_value_is_named_and_the_last_good_one_stays() {
    let (mut kept, mut typed) = (Kept::default(), Typed::default());
    assert!(typed.take(Field::Arrivals, "1,200".to_owned(), &mut kept));
    assert_eq!(kept.demand.arrivals_per_minute, 1200.0);
    for (text, why) in [
        ("", "Needs a number."),
        ("many", "Is no number."),
        ("NaN", "Must lie between 0.001 and 1,000,000."),
        ("-3", "Must lie between 0.001 and 1,000,000."),
        ("1e30", "Must lie between 0.001 and 1,000,000."),
    ] {
        assert!(!typed.take(Field::Arrivals, text.to_owned(), &mut kept), "{text}");
        assert_eq!(typed.error_of(Field::Arrivals), Some(why), "{text}");
        assert_eq!(typed.text(Field::Arrivals, &kept), text);
        assert_eq!(typed.error_of(Field::Wait), None);
    }
    typed.leave(Field::Arrivals);
    assert_eq!(
        (typed.text(Field::Arrivals, &kept).as_str(), typed.error_of(Field::Arrivals)),
        ("1,200", None)
    );
    assert!(!typed.take(Field::TokensIn, "10.5".to_owned(), &mut kept));
    assert_eq!(typed.error_of(Field::TokensIn), Some("Must be a whole number."));
}

#[test]
fn what_was_remembered_is_brought_into_bounds() {
    let mut kept = Kept {
        demand: Demand { wait_s: f64::NAN, ..Demand::default() },
        network: Network { gbs: -1.0, latency_us: 1e30 },
        engine: Engine::Mlx,
        ..Kept::default()
    };
    kept.tidy();
    assert_eq!(kept, Kept::default());
    let mut good = Kept { engine: Engine::Vllm, ..Kept::default() };
    good.network.gbs = 12.5;
    let before = good.clone();
    good.tidy();
    assert_eq!(good, before);
}
