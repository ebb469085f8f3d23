//! The models that a person keeps.

use std::fs;
use std::path::PathBuf;

use plimsoll::files::kept::{Kept, Library, parse, verify};
use plimsoll::model::{Catalog, Model};

fn record(name: &str) -> Model {
    Catalog::embedded().get(Catalog::embedded().find(name).unwrap()).clone()
}

fn kept(name: &str) -> Kept {
    Kept {
        record: record(name),
        path: Some(PathBuf::from("/models/x.gguf")),
        level: Some("Q4_K_M".parse().unwrap()),
        repository: None,
    }
}

#[test]
fn every_record_of_the_catalog_passes_its_own_check() {
    for model in Catalog::embedded().models() {
        let off = plimsoll::model::inventory::inventory(model).exactness;
        assert_eq!(verify(model), Ok(()), "{} ({off:?})", model.id);
    }
    let parsed = parse(include_bytes!("../../../assets/models.jsonl")).unwrap();
    assert_eq!((parsed.kept.len(), parsed.refused.len()), (511, 0));
}

#[test]
fn a_library_is_written_and_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/models.jsonl");
    assert!(Library::load(&path).unwrap().0.models().is_empty(), "one that is not there is empty");
    let mut library = Library::default();
    library.add(kept("Qwen/Qwen3-4B")).unwrap();
    library.add(kept("google/gemma-3-4b-it")).unwrap();
    library.add(kept("Qwen/Qwen3-4B")).unwrap();
    library.save(&path).unwrap();
    let (read, refused) = Library::load(&path).unwrap();
    assert!(refused.is_empty(), "{refused:?}");
    let ids: Vec<&str> = read.models().iter().map(|kept| kept.record.id.as_str()).collect();
    assert_eq!(ids, ["Qwen/Qwen3-4B", "google/gemma-3-4b-it"]);
    assert_eq!(read.models()[0].path, Some(PathBuf::from("/models/x.gguf")));
    // Exported, it is a catalog that says nothing of this computer.
    let exported = read.export().unwrap();
    assert!(!exported.contains("/models/"));
    assert_eq!(Catalog::parse(&exported).unwrap().models().len(), 2);
    let mut other = Library::default();
    assert_eq!(other.add_all(exported.as_bytes()).unwrap().0, 2);
}

#[test]
fn edits_that_contradict_are_refused() {
    let mut library = Library::default();
    library.add(kept("Qwen/Qwen3-4B")).unwrap();
    library.edit("Qwen/Qwen3-4B", |kept| kept.record.display_name = "Mine".to_owned()).unwrap();
    assert_eq!(library.models()[0].record.display_name, "Mine");
    let refused = library.edit("Qwen/Qwen3-4B", |kept| kept.record.n_layer = 99).unwrap_err();
    assert!(refused.contains("its dimensions give") && refused.contains("% apart"), "{refused}");
    assert_eq!(library.models()[0].record.n_layer, 36, "it stays as it was");
    assert!(library.edit("nobody", |_| ()).unwrap_err().contains("no model \"nobody\" is kept"));
    assert!(library.remove("Qwen/Qwen3-4B") && !library.remove("Qwen/Qwen3-4B"));
}

#[test]
fn a_bad_record_says_why_and_spoils_no_other() {
    let good = serde_json::to_string(&record("Qwen/Qwen3-4B")).unwrap();
    let mut absurd = record("google/gemma-3-4b-it");
    absurd.n_embd = u32::MAX;
    let mut wrong_sum = record("google/gemma-3-4b-it");
    wrong_sum.params_text += 1;
    let lines = [
        good.clone(),
        "{\"id\": 3}".to_owned(),
        serde_json::to_string(&absurd).unwrap(),
        serde_json::to_string(&wrong_sum).unwrap(),
        good.clone(),
        good.replacen("\"arch\"", "\"n_heads\":1,\"arch\"", 1),
        "[".repeat(10_000),
        good.replacen("\"n_head\":32", &format!("\"n_head\":[{}1]", "1,".repeat(200_000)), 1),
    ];
    let parsed = parse(lines.join("\n").as_bytes()).unwrap();
    assert_eq!(parsed.kept.len(), 1);
    let said: Vec<(usize, &str)> = parsed.refused.iter().map(|r| (r.line, r.reason.as_str())).collect();
    assert_eq!(said.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3, 4, 5, 6, 7, 8]);
    assert!(said[0].1.contains("invalid type: integer `3`"), "{said:?}");
    assert!(said[1].1.contains("n_embd is 4294967295"), "{said:?}");
    assert!(said[2].1.contains("its parts add up to"), "{said:?}");
    assert!(said[3].1.contains("stands twice"), "{said:?}");
    assert!(said[4].1.contains("n_heads"), "{said:?}");
    assert!(said[6].1.contains("no record has more than"), "{said:?}");
    assert!(parse(&[0xff, 0xfe]).unwrap_err().to_string().contains("no UTF-8"));
}

#[test]
fn a_library_that_cannot_be_written_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("models.jsonl");
    fs::create_dir(&path).unwrap();
    let mut library = Library::default();
    library.add(kept("Qwen/Qwen3-4B")).unwrap();
    assert!(library.save(&path).unwrap_err().to_string().contains("cannot be written"));
    assert!(Library::load(&path).is_err());
}
