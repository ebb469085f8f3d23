//! Models in many parts.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::sparse;
use super::writer::Head;
use plimsoll::files;
use plimsoll::model::Catalog;
use plimsoll::model::inventory::inventory;

fn part_name(part: u32, parts: u32) -> String {
    format!("big-{part:05}-of-{parts:05}.gguf")
}

/// Writes a model of the deepest sort in `parts` files without data: `DeepSeek-V3` in 16 bits has 1.3 TB.
fn write(folder: &Path, parts: u32) -> Vec<PathBuf> {
    let id = Catalog::embedded().find("deepseek-ai/DeepSeek-V3").unwrap();
    let model = Catalog::embedded().get(id);
    let tensors = inventory(model).tensors;
    let of_part = tensors.len().div_ceil(parts as usize);
    let mut paths = Vec::new();
    for (part, tensors) in (0..).zip(tensors.chunks(of_part)) {
        let mut head = Head::default();
        if part == 0 {
            head.text("general.architecture", "deepseek2");
            for (key, value) in [
                ("block_count", 61),
                ("embedding_length", 7168),
                ("context_length", 163_840),
                ("feed_forward_length", 18_432),
                ("attention.head_count", 128),
                ("attention.head_count_kv", 1),
                ("attention.q_lora_rank", 1536),
                ("attention.kv_lora_rank", 512),
                ("attention.key_length", 576),
                ("attention.value_length", 512),
                ("attention.key_length_mla", 192),
                ("attention.value_length_mla", 128),
                ("rope.dimension_count", 64),
                ("expert_count", 256),
                ("expert_used_count", 8),
                ("expert_shared_count", 1),
            ] {
                head.u32(&format!("deepseek2.{key}"), value);
            }
            let words: Vec<u8> =
                (0..129_280_u64).flat_map(|_| [5_u64.to_le_bytes().as_slice(), b"token"].concat()).collect();
            head.array("tokenizer.ggml.tokens", 8, 129_280, &words);
            head.key(
                "split.tensors.count",
                4,
                &u32::try_from(inventory(model).tensors.len()).unwrap().to_le_bytes(),
            );
        }
        head.key("split.no", 2, &(part as u16).to_le_bytes());
        head.key("split.count", 2, &(parts as u16).to_le_bytes());
        for tensor in tensors {
            head.tensor(&tensor.name(), &tensor.dims[..tensor.n_dims.into()]);
        }
        let path = folder.join(part_name(part + 1, parts));
        sparse(&path, &head.bytes(), head.length());
        paths.push(path);
    }
    paths
}

/// The beginning of a file, whose rest is a hole.
fn head_of(path: &Path) -> Vec<u8> {
    let mut head = Vec::new();
    fs::File::open(path).unwrap().take(1 << 20).read_to_end(&mut head).unwrap();
    head
}

#[test]
fn a_terabyte_in_parts_is_one_model() {
    let folder = tempfile::tempdir().unwrap();
    let paths = write(folder.path(), 30);
    let id = Catalog::embedded().find("deepseek-ai/DeepSeek-V3").unwrap();
    // Any part stands for the whole.
    for path in [&paths[0], &paths[17]] {
        let file = files::open(path).unwrap();
        assert_eq!(file.files, paths);
        assert_eq!(file.model.params_text, Catalog::embedded().get(id).params_text);
        let bytes = file.table.unwrap().file_bytes;
        assert!((1340.0..1345.0).contains(&bytes.gb()), "{} GB", bytes.gb());
    }
    // The folder holds one model, not thirty.
    assert!(files::open(folder.path()).is_ok());
}

#[test]
fn parts_that_do_not_belong_together_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let paths = write(folder.path(), 3);
    let says = |path: &Path| files::open(path).unwrap_err().to_string();

    let other = folder.path().join("big.gguf");
    fs::rename(&paths[0], &other).unwrap();
    assert!(says(&other).contains("is one of 3 parts, so its name must end in -00001-of-00003.gguf"));
    assert!(says(&paths[1]).contains(&part_name(1, 3)), "the missing part is named: {}", says(&paths[1]));
    fs::rename(&other, &paths[0]).unwrap();

    fs::rename(&paths[1], folder.path().join("kept")).unwrap();
    let head = head_of(&paths[2]);
    sparse(&paths[1], &head, fs::metadata(&paths[2]).unwrap().len());
    assert!(
        says(&paths[0]).contains("metadata \"split.no\": says 2, and its name says 1"),
        "{}",
        says(&paths[0])
    );
    fs::rename(folder.path().join("kept"), &paths[1]).unwrap();

    fs::remove_file(&paths[2]).unwrap();
    assert!(says(&paths[0]).starts_with(&*paths[2].to_string_lossy()), "{}", says(&paths[0]));
}
