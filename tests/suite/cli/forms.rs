//! The schema, the report and the machine as text.

use plimsoll::app::machine_text::{self, MachineAnswer};
use plimsoll::app::report::{self, On, Report, Row, Selection};
use plimsoll::cli::query::{self, Query};
use plimsoll::cli::schema::schema;
use plimsoll::estimate::{Estimator, FitClass, Rig, Scenario};
use plimsoll::machine::spec::{Described, MachineSpec};
use plimsoll::model::catalog::Catalog;
use plimsoll::quant::Level;
use serde_json::{Value, json};

use super::{answer, described};

#[test]
fn the_schema_says_what_the_parser_allows() {
    let schema = schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let query = &schema["$defs"]["Query"];
    assert_eq!(query["required"], json!(["model"]));
    assert_eq!(query["additionalProperties"], false);
    let fields = query["properties"].as_object().unwrap();
    assert_eq!(fields["context"]["default"], 8192);
    assert_eq!(fields["quant"]["default"], "Q4_K_M");
    assert_eq!(fields["context"]["minimum"], 1);
    let defaults = serde_json::to_value(Query::default()).unwrap();
    for (name, field) in fields {
        assert!(field["description"].is_string() || field["$ref"].is_string(), "{name} is not described");
        if name != "model" {
            assert_eq!(field["default"], defaults[name], "{name}");
        }
        // The parser knows every field of the schema: a wrong value is not an unknown field.
        let error = query::parse(&json!({ "model": "x", name: {"no": "such"} })).err();
        if let Some(error) = error {
            assert!(!error.message.starts_with(&format!("unknown field \"{name}\"")), "{}", error.message);
        } else {
            assert_eq!(name, "id", "{name} takes anything");
        }
    }
    // And the schema every field of the parser: with the defaults written out nothing is unknown.
    let mut whole = defaults.clone();
    whole["model"] = json!("qwen3-4b");
    assert_eq!(query::parse(&whole).unwrap().scenario(), Scenario::default());
    let machine = schema["$defs"]["MachineSpec"]["properties"].as_object().unwrap();
    let spec = serde_json::to_value(described("RTX 4090", 64.0)).unwrap();
    for name in spec.as_object().unwrap().keys() {
        assert!(machine.contains_key(name), "{name}");
    }
    assert_eq!(query::described(&spec).unwrap(), described("RTX 4090", 64.0));
}

#[test]
fn answers_have_the_fields_of_their_schema() {
    let schema = schema();
    let answered = answer("\"model\":\"qwen3-4b\"");
    let failed = answer("\"model\":\"no such\"");
    for (name, answer) in [("Answer", answered), ("ErrorLine", failed)] {
        let properties = schema["$defs"][name]["properties"].as_object().unwrap();
        let keys: Vec<&String> = answer.as_object().unwrap().keys().collect();
        assert_eq!(keys, properties.keys().collect::<Vec<_>>(), "{name}");
        let required = schema["$defs"][name]["required"].as_array().unwrap();
        assert_eq!(required.len(), keys.len(), "{name}: every field is always there");
    }
}

/// All references of a schema lead somewhere.
#[test]
fn references_of_the_schema_resolve() {
    fn walk(value: &Value, root: &Value) {
        match value {
            Value::Object(map) => {
                if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
                    let pointer = reference.strip_prefix('#').unwrap();
                    assert!(root.pointer(pointer).is_some(), "{reference}");
                }
                map.values().for_each(|value| walk(value, root));
            }
            Value::Array(list) => list.iter().for_each(|value| walk(value, root)),
            _ => {}
        }
    }
    let schema = schema();
    walk(&schema, &schema);
}

fn report(spec: &MachineSpec, selection: &Selection) -> Report {
    let Described { machine, warnings } = spec.resolve().unwrap();
    let on = On { machine: &machine, rig: &Rig::from(&machine), assumed: &warnings };
    report::build(Catalog::embedded_shared(), Estimator::embedded(), on, &Scenario::default(), selection)
}

fn searched(words: &str) -> Selection {
    Selection { search: words.to_owned(), ..Selection::default() }
}

#[test]
fn the_report_has_a_row_for_every_base_model_that_generates_text() {
    let report = report(&described("RTX 4090", 64.0), &Selection::default());
    let bases = Catalog::embedded().bases().len();
    assert!(report.left_out > 0, "embedding models are left out");
    assert_eq!(report.models.len() + report.left_out, bases);
    assert_eq!(report.counts.total() + report.unknown, report.models.len());
    let classes: Vec<usize> =
        report.models.iter().map(|row| row.class().map_or(9, |class| class as usize)).collect();
    assert!(classes.is_sorted(), "best verdict first");
    assert!(report.counts.of(FitClass::Fits) > 50, "an RTX 4090 carries many: {:?}", report.counts);
    let all = Selection { all: true, limit: Some(7), ..Selection::default() };
    let all = self::report(&described("RTX 4090", 64.0), &all);
    assert_eq!((all.models.len(), all.cut, all.left_out), (7, bases - 7, 0));
}

#[test]
fn a_small_model_gets_a_higher_level_than_a_large_one() {
    let level = |words: &str| {
        let report = report(&described("RTX 3060", 64.0), &searched(words));
        report.models[0].quant.nominal_bits()
    };
    assert!(level("qwen3 4b") > level("qwen3 14b"));
}

#[test]
fn the_text_is_aligned_and_complete() {
    let spec = described("RTX 4090", 64.0);
    let report = report(&spec, &searched("qwen3"));
    let text = report::text(&report);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].contains("NVIDIA GeForce RTX 4090") && lines[0].contains("RAM"), "{}", lines[0]);
    assert!(lines[1].starts_with("Context 8K, cache f16, 1 request, llama.cpp"), "{}", lines[1]);
    let head = lines[3];
    let at = head.chars().collect::<String>().find("Model").unwrap();
    for (line, row) in lines[4..].iter().zip(&report.models) {
        let cell: String = line.chars().skip(at).collect();
        assert!(cell.starts_with(&row.name), "{line}");
        assert!(line.contains(&row.quant.to_string()), "{line}");
    }
    assert!(lines.last().unwrap().starts_with(&format!("{} base models: ", report.models.len())));
    assert!(lines.iter().all(|line| line.trim_end() == *line), "no trailing spaces");
    let none = self::report(&spec, &searched("zzzz-nothing"));
    assert!(report::text(&none).contains("No model matches."));
}

#[test]
fn one_level_for_all_is_said_and_used() {
    let level: Level = "Q8_0".parse().unwrap();
    let selection = Selection { level: Some(level), ..searched("qwen3") };
    let report = report(&described("RTX 4090", 64.0), &selection);
    assert!(!report.models.is_empty());
    assert!(report.models.iter().all(|row| row.quant == level));
    assert!(report::text(&report).contains("all at Q8_0"));
}

#[test]
fn json_has_the_shape_of_the_interface() {
    let report = report(&described("RTX 4090", 64.0), &searched("qwen3 30b"));
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["machine"]["devices"][0]["memory_total"]["source"], "hardware table");
    assert_eq!(json["scenario"]["context"], 8192);
    let of_family = |row: &&Value| row["name"] == "Qwen3 30B A3B";
    let row = json["models"].as_array().unwrap().iter().find(of_family).unwrap();
    for name in ["quant", "file", "memory", "fit", "speed", "quality", "variants"] {
        assert!(!row[name].is_null(), "{name}");
    }
    let variants = row["variants"].as_array().unwrap();
    let names = variants.iter().chain([&row["model"]]);
    assert_eq!(names.filter(|name| *name == "Qwen/Qwen3-30B-A3B").count(), 1, "{row}");
    let same = super::answers(&format!(
        "{{\"model\":{},\"quant\":{},\"machine\":{}}}",
        row["model"],
        row["quant"],
        super::MACHINE
    ));
    for name in ["file", "memory", "fit", "speed", "quality"] {
        assert_eq!(row[name], same[0][name], "{name} is what estimate answers");
    }
}

/// Reads a line of CSV as RFC 4180 says.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => field.extend(chars.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    fields.push(field);
    fields
}

#[test]
fn csv_has_as_many_fields_in_every_line() {
    let spec = described("RTX 4090", 64.0);
    let mut report = report(&spec, &searched("qwen3"));
    report.models[0].name = "A, \"quoted\" name".to_owned();
    let csv = report::csv(&report);
    let lines: Vec<Vec<String>> = csv.trim_end().split("\r\n").map(fields).collect();
    assert_eq!(lines.len(), report.models.len() + 1);
    let column = |name: &str| lines[0].iter().position(|head| head == name).unwrap();
    for (line, row) in lines[1..].iter().zip(&report.models) {
        assert_eq!(line.len(), lines[0].len(), "{line:?}");
        assert_eq!(line[column("name")], row.name);
        assert_eq!(line[column("variants")], row.variants.join(" "));
        let file = row.file.as_ref().map(|file| file.bytes.0.to_string()).unwrap_or_default();
        assert_eq!(line[column("file_bytes")], file);
    }
}

#[test]
fn markdown_is_one_table_with_escaped_names() {
    let spec = described("RTX 4090", 64.0);
    let mut report = report(&spec, &searched("qwen3"));
    report.models[0].name = "pipe | star * under_score".to_owned();
    let markdown = report::markdown(&report);
    assert!(markdown.contains("pipe \\| star \\* under\\_score"), "{markdown}");
    let rows: Vec<&str> = markdown.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), report.models.len() + 2);
    for row in rows {
        let bars = row.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 9, "{row}");
    }
}

#[test]
fn unknown_figures_are_blank_with_their_reason() {
    let selection = Selection { all: true, ..searched("embedding") };
    let report = report(&described("RTX 4090", 64.0), &selection);
    let row = report.models.iter().find(|row| row.class() == Some(FitClass::Fits)).unwrap();
    assert_eq!(row.speed.as_ref().unwrap().decode_tps, None);
    let text = report::text(&report);
    let line = |text: &str, row: &Row| {
        text.lines().find(|line| line.contains(&row.name)).map(str::to_owned).unwrap()
    };
    let line_of_row = line(&text, row);
    assert!(line_of_row.contains("n/a") && line_of_row.contains("embedding"), "{line_of_row}");
    // A card whose bandwidth nobody knows, and an architecture that llama.cpp does not run.
    let mut spec = described("NVIDIA RTX PRO 1000 Blackwell Generation Laptop GPU", 64.0);
    spec.gpus[0].vram_gib = Some(8.0);
    let report = self::report(&spec, &searched("qwen3 4b"));
    let line = line(&report::text(&report), &report.models[0]);
    assert!(line.contains("n/a") && line.contains("bandwidth"), "{line}");
    assert!(report::text(&report).contains("give bandwidth_gbs"), "what was assumed is said below the table");
}

#[test]
fn what_llama_cpp_does_not_run_is_listed_with_the_reason() {
    let report = report(&described("RTX 4090", 64.0), &Selection::default());
    let row = report.models.iter().find(|row| row.file.is_none()).unwrap();
    let record = Catalog::embedded().models().iter().find(|model| model.id == row.model).unwrap();
    assert!(!record.llama_cpp, "{row:?}");
    assert!(row.why_unknown().unwrap().contains("llama.cpp"), "{row:?}");
}

#[test]
fn every_value_of_the_machine_has_its_source() {
    let machine = described("RTX 4090", 64.0).resolve().unwrap().machine;
    let json = serde_json::to_value(MachineAnswer::of(&machine)).unwrap();
    for place in [
        "/os",
        "/devices/0/name",
        "/devices/0/vendor",
        "/devices/0/memory_total",
        "/devices/0/memory_free",
        "/devices/0/memory_reserved",
        "/devices/0/bandwidth_gbs",
        "/devices/0/power_watts",
        "/pools/0/total",
        "/pools/1/free",
        "/pools/0/reserved",
        "/pools/1/reserved",
        "/ram/reserved",
        "/cpu/name",
        "/ram/total",
        "/ram/bandwidth_gbs",
    ] {
        let value = json.pointer(place).unwrap_or_else(|| panic!("{place} of {json}"));
        assert!(!value["value"].is_null() && value["source"].is_string(), "{place}: {value}");
    }
    assert_eq!(json["pools"][0]["devices"], json!([0]));
    let text = machine_text::readable(&machine);
    for part in ["GPU 0", "NVIDIA GeForce RTX 4090", "24.0 GiB", "1008 GB/s", "hardware table", "Main memory"]
    {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(text.contains("used by others") && text.contains("usually kept by a Linux desktop"), "{text}");
    let none = MachineSpec { gpus: Vec::new(), ..described("RTX 4090", 64.0) };
    let text = machine_text::readable(&none.resolve().unwrap().machine);
    assert!(text.contains("none found"), "{text}");
}

#[test]
fn a_shared_memory_is_listed_once_with_its_limit() {
    let machine = described("Apple M2 Max", 64.0).resolve().unwrap().machine;
    let json = serde_json::to_value(MachineAnswer::of(&machine)).unwrap();
    let pools = json["pools"].as_array().unwrap();
    assert_eq!(pools.len(), 1, "{pools:?}");
    assert_eq!((&pools[0]["kind"], &pools[0]["devices"]), (&json!("unified"), &json!([0])));
    assert_eq!(pools[0]["total"]["value"], json!(64_u64 << 30));
    assert_eq!(pools[0]["limit"]["value"], json!(48_u64 << 30));
    assert!(pools[0]["limit"]["source"].as_str().unwrap().contains("macOS"));
    let text = machine_text::readable(&machine);
    assert!(text.contains("shared memory") && text.contains("GPU may use"), "{text}");
}
