//! Names of processors as systems give them, and the platform of each: `tests/data/processors.tsv`. A dash is a
//! processor whose platform the table does not know; it must not be taken for another.

use plimsoll::machine::table::CpuPlatforms;

#[test]
fn names_that_systems_give_lead_to_their_platform() {
    let lines: Vec<(&str, &str)> = include_str!("../data/processors.tsv")
        .lines()
        .map(|line| line.split_once('\t').unwrap_or_else(|| panic!("{line}")))
        .collect();
    let known = lines.iter().filter(|(platform, _)| *platform != "-").count();
    assert!(known >= 60 && lines.len() > known, "{known}");
    let mut wrong = Vec::new();
    for (platform, name) in lines {
        let found = CpuPlatforms::embedded().find(name).map_or("-", |platform| platform.id.as_str());
        if found != platform {
            wrong.push(format!("{name}: {found}, not {platform}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
