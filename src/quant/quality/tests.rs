use super::*;

const BILLION: u64 = 1_000_000_000;

fn of(id: &str, family: &str, params_total: u64, level: &str, bits_per_weight: f64) -> Retained {
    let model = Identity { id, aliases: &[], family, params_total };
    let level = level.parse().unwrap();
    retained(&model, &Squeezed { level, bits_per_weight, imatrix: true, native: false })
}

/// A model that nobody measured.
fn unknown(level: &str, bits: f64) -> Retained {
    of("nobody/Model-8B", "Nobody", 8 * BILLION, level, bits)
}

#[test]
fn worked_examples() {
    for (bits, params, kept) in [
        (4.9, 8 * BILLION, 0.985_706_967_151_221_3),
        (3.0, 70 * BILLION, 0.962_984_199_184_908_3),
        (4.5, 1_500_000_000, 0.915_988_327_912_269_5),
    ] {
        let retained = by_size(bits, params);
        assert!((retained.mid.unwrap() - kept).abs() < 1e-6, "{bits} bits, {params} parameters");
        assert!(retained.low < kept && kept < retained.high && retained.high <= 1.0);
    }
    let retained = unknown("Q4_K_M", 4.9);
    assert_eq!(retained, by_size(4.9, 8 * BILLION));
    assert_eq!(retained.basis(), Basis::Formula);
}

/// The band narrows with the loss: about 97 to 99.5 % around 98.6.
#[test]
fn the_band_goes_with_the_loss() {
    let band = |bits: f64| {
        let retained = by_size(bits, 8 * BILLION);
        (retained.low, retained.high)
    };
    let (low, high) = band(4.9);
    assert!((low - 0.972).abs() < 0.005 && (high - 0.994).abs() < 0.002, "{low} {high}");
    let (low, high) = band(8.5);
    assert!(high - low < 0.002);
}

#[test]
fn below_three_bits_there_is_a_band_and_no_point() {
    let rough = by_size(2.4, 8 * BILLION);
    assert_eq!(rough.mid, None);
    assert!(rough.low < 0.38 && 0.58 < rough.high, "{rough:?}");
    assert_eq!((rough.text(), rough.spoken()), ("~48".to_owned(), "quality about 48 %".to_owned()));
    // Not even a measured one is named to a tenth.
    let measured = of("Meta-Llama-3-8B-Instruct", "Llama 3", 8_030_261_248, "IQ2_M", 2.942);
    assert_eq!((measured.basis(), measured.mid), (Basis::MeasuredModel, None));
    assert_eq!(measured.text(), "~81");
    assert!(!measured.band_text().contains('.'));
    assert!(measured.sentence().starts_with("Keeps roughly 8"), "{}", measured.sentence());
}

#[test]
fn benchmarks_of_the_level_come_first() {
    // MMLU 64.64 of 65.2, chance 25: 39.64 ÷ 40.2, known within 1 %.
    let retained = of("meta-llama/Meta-Llama-3-8B-Instruct", "Llama 3", 8_030_261_248, "Q4_K_M", 4.89);
    assert!((retained.mid.unwrap() - 39.64 / 40.2).abs() < 1e-9);
    assert!((retained.high - retained.low - 2.0 * 1.2816 * 0.010_05).abs() < 2e-4, "{retained:?}");
    assert!(matches!(retained.ground, Ground::Benchmark(row) if row.source.key == "matt-c1"));
    assert_eq!(retained.basis(), Basis::MeasuredModel);
}

/// A level that stands for the unquantized model was not measured against it.
#[test]
fn a_stand_in_is_no_measurement_of_itself() {
    let at = |level, bits| of("meta-llama/Meta-Llama-3-70B-Instruct", "Llama 3", 70_553_706_496, level, bits);
    assert!(matches!(at("Q5_K_M", 5.66).ground, Ground::OtherLevels(_)));
    assert!(matches!(at("IQ4_XS", 4.3).ground, Ground::Benchmark(_)));
}

#[test]
fn luck_keeps_no_more_than_all() {
    // 67.62 of 67.46: the quantized model answered better.
    let retained = of("Qwen/Qwen3-30B-A3B-Instruct-2507", "Qwen3", 30_532_122_624, "Q4_K_S", 4.57);
    assert_eq!((retained.mid, retained.high), (Some(1.0), 1.0));
    assert!(retained.low > 0.98 && retained.low < 1.0);
    assert_eq!(retained.text(), "100");
}

#[test]
fn distances_of_the_level_come_next() {
    let retained = of("Qwen/Qwen2.5-32B-Instruct", "Qwen2.5", 32_763_876_352, "IQ4_XS", 4.32);
    let Ground::Distance(row) = retained.ground else { panic!("{:?}", retained.ground) };
    assert_eq!(row.metric, Metric::Ppl);
    let mapping = &Fitted::embedded().mapping;
    let loss = mapping.loss((row.value / row.base.unwrap()).ln(), 32_763_876_352);
    assert!((retained.mid.unwrap() - (-loss).exp()).abs() < 1e-12);
    // A perplexity without that of the unquantized model is held against the one that was found.
    let without = of("Qwen/Qwen2.5-14B-Instruct", "Qwen2.5", 14_770_033_664, "Q3_K_M", 3.976);
    assert!(matches!(without.ground, Ground::Distance(row) if row.base.is_none()));
    assert!(without.low < without.mid.unwrap() && without.mid.unwrap() < without.high);
}

#[test]
fn a_small_test_gives_way_to_a_distance() {
    // 164 questions of HumanEval, and a divergence by the same source.
    let retained = of("MiniMaxAI/MiniMax-M2", "MiniMax-M2", 228_689_764_864, "EXL3-4.0", 4.0);
    assert!(matches!(retained.ground, Ground::Distance(row) if row.metric == Metric::KldMean));
}

#[test]
fn files_of_several_makers_widen_the_band() {
    let at = |level| of("Qwen/Qwen3.5-9B", "Qwen3.5", 9_653_104_368, level, 4.9);
    let (one, three) = (at("Q4_K_S"), at("Q4_K_M"));
    let width = |r: &Retained| (r.low.ln() / r.high.ln()).ln();
    assert!(width(&three) > width(&one) * 1.2, "{one:?} {three:?}");
}

#[test]
fn other_levels_of_the_model_carry_over() {
    let model = |level, bits| of("Qwen/Qwen3-8B", "Qwen3", 8_190_735_360, level, bits);
    let carried = model("IQ4_XS", 4.48);
    assert!(matches!(carried.ground, Ground::OtherLevels(anchor) if anchor.source == "auto-round"));
    assert_eq!(carried.basis(), Basis::MeasuredModel);
    // It kept more at its five levels than the formula says, so it does here.
    let formula = by_size(4.48, 8_190_735_360);
    assert!(carried.mid > formula.mid && carried.low > formula.low);
    let width = |r: &Retained| r.low.ln() / r.high.ln();
    assert!(width(&carried) < width(&formula));
    // Too near to the unquantized perplexity to be a distance: the line through the levels decides.
    let near = of("Qwen/Qwen2.5-Coder-7B-Instruct", "Qwen2.5-Coder", 7_615_616_512, "Q6_K", 6.569);
    assert!(matches!(near.ground, Ground::OtherLevels(anchor) if anchor.c.is_some()));
    assert!(near.low > 0.995, "{near:?}");
}

#[test]
fn the_family_speaks_where_the_model_was_not_measured() {
    let retained = of("Qwen/Qwen3-14B", "Qwen3", 14_768_307_200, "Q4_K_M", 4.9);
    let Ground::Family(anchor) = retained.ground else { panic!("{:?}", retained.ground) };
    assert_eq!((anchor.model.as_ref(), retained.basis()), ("Qwen/Qwen3-8B", Basis::SameFamily));
    let own = of("Qwen/Qwen3-8B", "Qwen3", 8_190_735_360, "Q5_K_M", 5.71);
    let relative = of("Qwen/Qwen3-14B", "Qwen3", 14_768_307_200, "Q5_K_M", 5.71);
    let width = |r: &Retained| r.low.ln() / r.high.ln();
    assert!(width(&relative) > width(&own), "wider than what the model itself says");
    // Too small to be like its sisters; another generation of the same size is a relative.
    let tiny = of("Qwen/Qwen3-0.6B", "Qwen3", 596_049_920, "Q4_K_M", 5.2);
    assert_eq!(tiny.basis(), Basis::Formula);
    let next = of("meta-llama/Llama-3.3-8B", "Llama 3.3", 8_030_261_248, "Q4_K_M", 4.89);
    assert!(matches!(next.ground, Ground::Family(anchor) if anchor.family.starts_with("Llama 3")));
    let large = of("meta-llama/Llama-3.3-70B", "Llama 3.3", 70_553_706_496, "Q4_K_M", 4.82);
    assert!(matches!(large.ground, Ground::Family(anchor) if anchor.model.contains("70B")));
}

#[test]
fn sources_are_never_mixed() {
    // Llama 3 8B has divergences with and without an importance matrix, and a second table of one source.
    let model = Identity {
        id: "meta-llama/Meta-Llama-3-8B",
        aliases: &[],
        family: "Llama 3",
        params_total: 8_030_261_248,
    };
    let at = |imatrix| {
        let file =
            Squeezed { level: "Q4_K_M".parse().unwrap(), bits_per_weight: 4.89, imatrix, native: false };
        let Ground::Distance(row) = retained(&model, &file).ground else { panic!("a distance") };
        row.value
    };
    assert_eq!((at(true), at(false)), (0.028_152, 0.031_273));
}

#[test]
fn as_published_is_whole() {
    let model =
        Identity { id: "openai/gpt-oss-20b", aliases: &[], family: "gpt-oss", params_total: 20 * BILLION };
    let file = Squeezed { level: Level::Native, bits_per_weight: 4.25, imatrix: true, native: true };
    let native = retained(&model, &file);
    assert_eq!((native.low, native.mid, native.high), (1.0, Some(1.0), 1.0));
    assert_eq!(native.text(), "100");
    assert_eq!(native.sentence(), "Keeps all of the quality: as published.");
}

#[test]
fn texts() {
    let retained = by_size(4.9, 8 * BILLION);
    assert_eq!((retained.text(), retained.spoken()), ("98.6".to_owned(), "quality 98.6 %".to_owned()));
    assert!(retained.band_text().starts_with("97."), "{}", retained.band_text());
    assert!(retained.sentence().ends_with("), estimated from bits per weight and size."));
    assert_eq!(by_size(16.0, 8 * BILLION).text(), "100");
    assert_eq!(by_size(16.0, 8 * BILLION).band_text(), "100");
    let wide = by_size(3.2, 1_500_000_000);
    assert!(!wide.band_text().contains('.'), "a wide band has no tenths: {}", wide.band_text());
}

#[test]
fn the_text_form_names_the_basis() {
    let json = serde_json::to_value(by_size(2.4, 8 * BILLION)).unwrap();
    assert_eq!(json["basis"], "formula");
    assert!(json["mid"].is_null() && json.get("centre").is_none());
    let basis = |b: Basis| serde_json::to_value(b).unwrap();
    assert_eq!(basis(Basis::MeasuredModel), "measured-model");
    assert_eq!(basis(Basis::SameFamily), "same-family");
    assert_eq!(basis(Basis::Native), "native");
}

#[test]
fn absurd_input_stays_in_range() {
    for (bits, params) in [(0.0, 0), (-1.0, 1), (f64::NAN, 8 * BILLION), (1e9, u64::MAX)] {
        for retained in [by_size(bits, params), of("Qwen3-8B", "Qwen3", params, "Q2_K", bits)] {
            assert!(0.0 <= retained.low && retained.low <= retained.high && retained.high <= 1.0);
            assert!(retained.low <= retained.point() && retained.point() <= retained.high);
        }
    }
}
