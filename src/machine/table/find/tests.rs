use super::*;

fn table() -> &'static Table {
    Table::embedded()
}

fn id(name: &str, vram_gib: Option<f64>) -> Option<&'static str> {
    table().find(name, vram_gib).ok().map(|found| found.record.id.as_str())
}

#[test]
fn the_embedded_table_is_whole() {
    assert_eq!(table().records().len(), 489);
    let mut ids: Vec<&str> = table().records().iter().map(|record| record.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 489, "an id appears twice");
    for record in table().records() {
        assert!(!record.source.is_empty(), "{} has no source", record.id);
        assert!(record.bandwidth(None).is_none_or(|known| known.value > 5.0), "{}", record.id);
        assert!(record.memory_sizes().iter().all(|gib| *gib > 0.0), "{}", record.id);
    }
}

#[test]
fn short_names_find_the_whole_device() {
    let expected = [
        ("RTX 4090", "nvidia-geforce-rtx-4090"),
        ("nvidia geforce rtx 4090", "nvidia-geforce-rtx-4090"),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", "nvidia-geforce-rtx-4090-mobile"),
        ("RTX 4070 Laptop GPU", "nvidia-geforce-rtx-4070-mobile"),
        ("RTX 4070", "nvidia-geforce-rtx-4070"),
        ("RTX 4070 Ti", "nvidia-geforce-rtx-4070-ti"),
        ("RTX 4070 Ti Super", "nvidia-geforce-rtx-4070-ti-super"),
        ("rtx 3060 12gb", "nvidia-geforce-rtx-3060-12-gb"),
        ("RTX 4090 24GB", "nvidia-geforce-rtx-4090"),
        ("Radeon RX 7900 XTX", "amd-radeon-rx-7900-xtx"),
        ("RX 9070 XT", "amd-radeon-rx-9070-xt"),
        ("l4", "nvidia-l4"),
        ("L40S", "nvidia-l40s"),
        ("NVIDIA T4", "nvidia-tesla-t4"),
        ("A10", "nvidia-a10-pcie"),
        ("NVIDIA A100-SXM4-80GB", "nvidia-a100-sxm4-80-gb"),
        ("NVIDIA H100 80GB HBM3", "nvidia-h100-sxm5-80-gb"),
        ("H100", "nvidia-h100-sxm5-80-gb"),
        ("RTX 6000 Ada", "nvidia-rtx-6000-ada-generation"),
        ("NVIDIA GB10", "nvidia-gb10-dgx-spark"),
        ("Apple M3 Max 40-core", "apple-m3-max-40-core-gpu"),
        ("Intel(R) Arc(TM) B580 Graphics", "intel-arc-b580"),
        ("AMD Radeon 780M Graphics", "amd-radeon-780m"),
        ("nvidia-l4", "nvidia-l4"),
    ];
    for (name, record) in expected {
        assert_eq!(id(name, None), Some(record), "{name}");
    }
}

#[test]
fn never_by_substring_and_never_of_another_maker() {
    for name in
        ["4090", "RTX", "RTX 40", "GeForce", "AMD T4", "RTX 4090 12GB", "", "  ", "Arc", "L", "NVIDIA"]
    {
        assert_eq!(id(name, None), None, "{name}");
    }
}

#[test]
fn memory_tells_namesakes_apart() {
    assert_eq!(id("RTX 3060", Some(8.0)), Some("nvidia-geforce-rtx-3060-8-gb"));
    assert_eq!(id("RTX 3060", Some(12.0)), Some("nvidia-geforce-rtx-3060-12-gb"));
    assert_eq!(id("RTX 3060", Some(11.76)), Some("nvidia-geforce-rtx-3060-12-gb"));
    assert_eq!(id("RTX 3080", Some(12.0)), Some("nvidia-geforce-rtx-3080-12-gb"));
    assert_eq!(id("RTX 4060 Ti", Some(16.0)), Some("nvidia-geforce-rtx-4060-ti-16-gb"));
    assert_eq!(id("Apple M3 Max", Some(36.0)), Some("apple-m3-max-30-core-gpu"));
    let hints = Hints { ram_gib: Some(128.0), ..Hints::default() };
    assert_eq!(table().find_with("Apple M3 Max", &hints).unwrap().record.id, "apple-m3-max-40-core-gpu");
    let hints = Hints { ram_gib: Some(8.0), ..Hints::default() };
    assert_eq!(table().find_with("RTX 3060", &hints).unwrap().record.id, "nvidia-geforce-rtx-3060-12-gb");
}

#[test]
fn what_is_assumed_is_said() {
    let found = table().find("Apple M3 Max", None).unwrap();
    assert_eq!(found.record.memory_bandwidth_gbs, Some(400.0));
    assert_eq!(found.warnings.len(), 1);
    assert!(found.warnings[0].contains("30-core GPU) (300 GB/s)"), "{:?}", found.warnings);

    let desktop = table().find("GTX 1650", None).unwrap();
    assert_eq!(desktop.record.kind, Kind::Desktop);
    assert_eq!(desktop.record.memory_bandwidth_gbs, Some(192.0));
    assert_eq!(desktop.warnings.len(), 1);

    assert!(table().find("RTX 4090", Some(24.0)).unwrap().warnings.is_empty());
    let modded = table().find("RTX 4090", Some(48.0)).unwrap();
    assert_eq!(modded.record.id, "nvidia-geforce-rtx-4090");
    assert!(modded.warnings[0].contains("not sold with 48 GiB"), "{:?}", modded.warnings);
}

#[test]
fn live_facts_tell_namesakes_apart() {
    let found = |hints: Hints| table().find_with("GTX 1650", &hints).unwrap();
    let gddr5 = found(Hints { memory_clock_eff_gbps: Some(8.0), ..Hints::default() });
    assert_eq!(gddr5.record.id, "nvidia-geforce-gtx-1650");
    assert!(gddr5.warnings.iter().all(|w| !w.contains("GDDR6")), "{:?}", gddr5.warnings);
    let gre = table()
        .find_with("Radeon RX 9070 GRE", &Hints { bus_width_bits: Some(192), ..Hints::default() })
        .unwrap();
    assert_eq!(gre.record.id, "amd-radeon-rx-9070-gre");
}

#[test]
fn every_name_of_the_table_is_found() {
    for record in table().records() {
        for name in std::iter::once(&record.name).chain(&record.aliases) {
            let found = table().find(name, record.memory_sizes().first().copied());
            let found = found.unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(found.record.vendor, record.vendor, "{name}");
        }
        let hints = Hints {
            vram_gib: record.vram_gib.first().copied(),
            ram_gib: record.ram_options_gib.first().copied(),
            bus_width_bits: record.bus_width_bits,
            cores: record.cores,
            compute_units: record.sm_or_cu,
            memory_clock_eff_gbps: record.memory_clock_eff_gbps,
        };
        assert_eq!(table().find_with(&record.name, &hints).unwrap().record.id, record.id);
    }
}

#[test]
fn unknown_names_get_suggestions() {
    let error = table().find("RTX 4090 Ti", None).unwrap_err();
    assert!(error.suggestions.contains(&"NVIDIA GeForce RTX 4090".to_owned()), "{error:?}");
    assert!(error.suggestions.len() <= SUGGESTIONS);
    assert!(error.to_string().contains("did you mean"), "{error}");
    let typo = table().find("Radeon RX 7990 XTX", None).unwrap_err();
    assert_eq!(typo.suggestions[0], "AMD Radeon RX 7900 XTX");
    assert_eq!(table().find("RTX4O90", None).unwrap_err().suggestions[0], "NVIDIA GeForce RTX 4090");
    assert_eq!(table().find(&"RTX ".repeat(100_000), None).unwrap_err().suggestions, Vec::<String>::new());
    let nothing = table().find("zzzzqqqq", None).unwrap_err();
    assert_eq!(nothing.suggestions, Vec::<String>::new());
    assert!(nothing.to_string().contains("give its memory and bandwidth"), "{nothing}");
}

#[test]
fn pci_ids() {
    let found = |id: &str, hints: &Hints| -> Vec<&str> {
        table().by_pci(id.parse().unwrap(), hints).iter().map(|record| record.id.as_str()).collect()
    };
    let none = Hints::default();
    assert_eq!(found("10de:2684", &none), ["nvidia-geforce-rtx-4090"]);
    assert_eq!(found("1002:744c:revC8", &none), ["amd-radeon-rx-7900-xtx"]);
    assert_eq!(found("1002:744c:revCC", &none), ["amd-radeon-rx-7900-xt"]);
    assert!(found("1002:744c", &none).len() > 1, "an unknown revision leaves several");
    assert!(found("1002:744c", &Hints { vram_gib: Some(23.98), ..none }).contains(&"amd-radeon-rx-7900-xtx"));
    assert_eq!(found("10de:ffff", &none), Vec::<&str>::new());
    assert_eq!(
        found("1002:7590", &Hints { vram_gib: Some(7.98), ..none }),
        ["amd-radeon-rx-9060-xt-8-gb", "amd-radeon-rx-9050-8-gb"]
    );
}
