//! JSON Schema as far as the schemas under `tests/data/schemas` use it. A keyword that it does not know is refused
//! rather than passed over.

use serde_json::Value;

/// What is wrong with `document`, each with its place; `root` is the schema, with its `$defs`.
pub fn errors(root: &Value, document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(root, root, document, "", &mut found);
    found
}

fn check(root: &Value, schema: &Value, value: &Value, place: &str, found: &mut Vec<String>) {
    let schema = match schema {
        Value::Bool(true) => return,
        Value::Bool(false) => return found.push(format!("{place}: nothing may stand here")),
        Value::Object(schema) => schema,
        other => panic!("no schema: {other}"),
    };
    let mut wrong = |what: String| found.push(format!("{place}: {what}"));
    for (keyword, rule) in schema {
        match keyword.as_str() {
            "type" if !is_type(rule, value) => wrong(format!("{value} is no {rule}")),
            "enum" if !rule.as_array().unwrap().contains(value) => {
                wrong(format!("{value} is none of {rule}"));
            }
            "const" if rule != value => wrong(format!("{value} is not {rule}")),
            "minimum" if value.as_f64().is_some_and(|number| number < rule.as_f64().unwrap()) => {
                wrong(format!("{value} is below {rule}"));
            }
            "maximum" if value.as_f64().is_some_and(|number| number > rule.as_f64().unwrap()) => {
                wrong(format!("{value} is above {rule}"));
            }
            "pattern" if value.as_str().is_some_and(|text| !matches(rule.as_str().unwrap(), text)) => {
                wrong(format!("{value} is not like {rule}"));
            }
            "uniqueItems" if rule == true && has_twins(value) => wrong("an entry stands twice".to_owned()),
            "required" => {
                for name in rule.as_array().unwrap() {
                    let is_there =
                        value.as_object().is_none_or(|all| all.contains_key(name.as_str().unwrap()));
                    if !is_there {
                        wrong(format!("{name} is missing"));
                    }
                }
            }
            "type"
            | "enum"
            | "const"
            | "minimum"
            | "maximum"
            | "pattern"
            | "uniqueItems"
            | "$defs"
            | "$comment"
            | "$schema"
            | "default"
            | "deprecated"
            | "properties"
            | "patternProperties"
            | "additionalProperties"
            | "items"
            | "$ref"
            | "anyOf"
            | "oneOf"
            // Kinds of numbers and dates; no file here holds a date.
            | "format" => {}
            other => panic!("the keyword {other} is not known here"),
        }
    }
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let name = name.strip_prefix("#/$defs/").expect("references are to definitions");
        check(root, &root["$defs"][name], value, place, found);
    }
    if let (Some(rule), Some(items)) = (schema.get("items"), value.as_array()) {
        for (number, item) in items.iter().enumerate() {
            check(root, rule, item, &format!("{place}/{number}"), found);
        }
    }
    choice(root, schema.get("anyOf"), value, place, found, |fitting| fitting >= 1);
    choice(root, schema.get("oneOf"), value, place, found, |fitting| fitting == 1);
    entries(root, schema, value, place, found);
}

/// Of several schemas so many must fit.
fn choice(
    root: &Value,
    rules: Option<&Value>,
    value: &Value,
    place: &str,
    found: &mut Vec<String>,
    is_enough: impl Fn(usize) -> bool,
) {
    let Some(rules) = rules.and_then(Value::as_array) else { return };
    let tried: Vec<Vec<String>> = rules
        .iter()
        .map(|rule| {
            let mut wrong = Vec::new();
            check(root, rule, value, place, &mut wrong);
            wrong
        })
        .collect();
    if !is_enough(tried.iter().filter(|wrong| wrong.is_empty()).count()) {
        found.push(format!("{place}: none or too many of several forms fit: {tried:?}"));
    }
}

/// Named entries, those like a pattern, and the others.
fn entries(
    root: &Value,
    schema: &serde_json::Map<String, Value>,
    value: &Value,
    place: &str,
    found: &mut Vec<String>,
) {
    let Some(all) = value.as_object() else { return };
    let named = schema.get("properties").and_then(Value::as_object);
    let like = schema.get("patternProperties").and_then(Value::as_object);
    let others = schema.get("additionalProperties");
    for (name, entry) in all {
        let place = format!("{place}/{name}");
        let mut is_known = false;
        if let Some(rule) = named.and_then(|named| named.get(name)) {
            check(root, rule, entry, &place, found);
            is_known = true;
        }
        for (pattern, rule) in like.into_iter().flatten() {
            if matches(pattern, name) {
                check(root, rule, entry, &place, found);
                is_known = true;
            }
        }
        if let (false, Some(rule)) = (is_known, others) {
            check(root, rule, entry, &place, found);
        }
    }
}

fn is_type(rule: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("no type: {other}"),
    };
    match rule {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().any(|name| is(name.as_str().unwrap())),
        other => panic!("no type: {other}"),
    }
}

fn has_twins(value: &Value) -> bool {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().enumerate().any(|(place, item)| items[..place].contains(item))
}

/// The patterns of these schemas.
fn matches(pattern: &str, text: &str) -> bool {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    match pattern {
        "^[a-zA-Z0-9._-]+$" => !text.is_empty() && text.chars().all(is_name),
        "[a-zA-Z0-9][a-zA-Z0-9_.-]+" => {
            text.len() > 1 && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        }
        "^x-" => text.starts_with("x-"),
        "^.+$" | ".+" => !text.is_empty(),
        "^[a-z]+$" => !text.is_empty() && text.chars().all(|letter| letter.is_ascii_lowercase()),
        other => panic!("the pattern {other} is not known here"),
    }
}

#[test]
fn what_is_wrong_is_found() {
    use serde_json::json;

    let schema = json!({
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"$ref": "#/$defs/b"}, "c": {"oneOf": [{"type": "string"}, {"type": "integer"}]}},
        "patternProperties": {"^x-": true},
        "additionalProperties": false,
        "$defs": {"b": {"type": "array", "items": {"type": ["string", "null"]}, "uniqueItems": true}},
    });
    assert!(errors(&schema, &json!({"a": ["b", null], "c": 1, "x-y": {}})).is_empty());
    for wrong in [
        json!({}),
        json!([]),
        json!({"a": [1]}),
        json!({"a": ["b", "b"]}),
        json!({"a": [], "c": 1.5}),
        json!({"a": [], "d": 1}),
    ] {
        assert!(!errors(&schema, &wrong).is_empty(), "{wrong}");
    }
}
