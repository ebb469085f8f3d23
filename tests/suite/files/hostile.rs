//! Files that lie, that are damaged, or that are no files: a message with file, place and problem, soon.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use super::sparse;
use super::writer::Head;
use plimsoll::files::gguf::{Gguf, Header};
use plimsoll::files::{self, FaultKind};

/// What reading says, of a head alone.
fn refused(head: &Head) -> (FaultKind, String) {
    let bytes = head.bytes();
    let length = head.length();
    let fault = match Header::read(Cursor::new(bytes), length) {
        Err(fault) => fault,
        Ok(header) => {
            files::open::local(&Gguf::of(header, Vec::new()), Path::new("m.gguf")).unwrap_err().fault
        }
    };
    (fault.kind, fault.to_string())
}

fn invalid(head: &Head, says: &str) {
    let (kind, message) = refused(head);
    assert_eq!(kind, FaultKind::Invalid, "{message}");
    assert!(message.contains(says), "{message:?} does not say {says:?}");
}

#[test]
fn the_sound_head_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let head = Head::sound();
    let path = folder.path().join("a.gguf");
    sparse(&path, &head.bytes(), head.length());
    let file = files::open(&path).unwrap();
    assert_eq!((file.model.n_layer, file.model.n_vocab, file.model.head_dim_k), (1, 100, 16));
}

#[test]
fn every_cut_is_told() {
    let head = Head::sound();
    let bytes = head.bytes();
    for cut in 0..bytes.len() {
        let fault = Header::read(Cursor::new(bytes[..cut].to_vec()), cut as u64).unwrap_err();
        assert!(matches!(fault.kind, FaultKind::Truncated | FaultKind::Invalid), "{cut}: {fault}");
        // The head may be there in part only, of a file that is elsewhere: then more must be fetched.
        let fault = Header::read(Cursor::new(bytes[..cut].to_vec()), head.length()).unwrap_err();
        assert_eq!(fault.kind, FaultKind::Truncated, "{cut}: {fault}");
    }
    for cut in bytes.len() as u64..head.length() {
        let fault = Header::read(Cursor::new(bytes.clone()), cut).unwrap_err();
        assert_eq!(fault.kind, FaultKind::Truncated, "{fault}");
        assert!(fault.to_string().contains("the download is not complete"), "{fault}");
    }
}

#[test]
fn every_changed_byte_is_read_or_refused() {
    let head = Head::sound();
    let bytes = head.bytes();
    for at in 0..bytes.len() {
        for value in [0, 1, 0x7f, 0x80, 0xff, bytes[at] ^ 1, bytes[at].wrapping_add(1)] {
            let mut changed = bytes.clone();
            changed[at] = value;
            if let Ok(header) = Header::read(Cursor::new(changed), head.length()) {
                let _ = files::open::local(&Gguf::of(header, Vec::new()), Path::new("m.gguf"));
            }
        }
    }
}

#[test]
fn absurd_counts_are_refused_before_anything_is_allocated() {
    for count in [1 << 20, 1 << 40, 1 << 63, u64::MAX] {
        let mut head = Head::sound();
        head.entry_count = count;
        invalid(&head, &format!("metadata: announces {count} entries, and the file has room for"));
        let mut head = Head::sound();
        head.tensor_count = count;
        invalid(&head, &format!("tensor table: announces {count} tensors, and the file has room for"));
        let mut head = Head::sound();
        head.array("tokenizer.ggml.tokens", 8, count, &[]);
        invalid(&head, &format!("an array of {count}"));
    }
    let mut head = Head::sound();
    head.key("x", 8, &u64::MAX.to_le_bytes());
    let (kind, message) = refused(&head);
    assert!(message.contains("metadata \"x\""), "{message}");
    assert_ne!(kind, FaultKind::Unreadable);
}

#[test]
fn wrong_types_are_named_with_their_key() {
    let mut head = Head::sound();
    head.text("llama.expert_count", "eight");
    head.tensor("blk.0.ffn_down_exps.weight", &[64, 64, 8]);
    invalid(&head, "metadata \"llama.expert_count\": must be a whole number from 0, not a text");
    let mut head = Head::sound();
    head.key("llama.rope.scale", 99, &[0; 8]);
    invalid(&head, "metadata \"llama.rope.scale\", byte");
    let mut head = Head::sound();
    head.u32("llama.block_count", 1);
    invalid(&head, "metadata \"llama.block_count\": stands twice");
    let mut head = Head::sound();
    head.u32("general.alignment", 33);
    invalid(&head, "33 is no power of two");
}

#[test]
fn nested_arrays_end() {
    let mut nested = Vec::new();
    for _ in 0..1000 {
        nested.extend(9_u32.to_le_bytes());
        nested.extend(1_u64.to_le_bytes());
    }
    let mut head = Head::sound();
    head.array("x", 9, 1, &nested);
    invalid(&head, "arrays are nested more than 4 deep");
}

#[test]
fn tensors_that_cannot_be_are_named() {
    let mut head = Head::sound();
    head.raw_tensor("blk.0.ffn_up.bias", &[64], 0, 0);
    invalid(&head, "its data lies within");
    let mut head = Head::sound();
    head.tensor("output_norm.weight", &[64]);
    invalid(&head, "tensor \"output_norm.weight\": stands twice");
    let mut head = Head::sound();
    head.raw_tensor("x.weight", &[1 << 40, 1 << 40], 0, 1 << 20);
    invalid(&head, "tensor \"x.weight\": axis 1");
    let mut head = Head::sound();
    head.raw_tensor("x.weight", &[0], 0, 1 << 20);
    invalid(&head, "tensor \"x.weight\": axis 0 of 0");
    let mut head = Head::sound();
    head.raw_tensor("x.weight", &[1, 1, 1, 1, 1], 0, 1 << 20);
    invalid(&head, "tensor \"x.weight\": has 5 axes");
    let mut head = Head::sound();
    head.raw_tensor("x.weight", &[100], 12, 1 << 20);
    invalid(&head, "rows of 100 are no whole number of q4_K blocks of 256");
    for (format, says) in [(4, "was dropped by llama.cpp"), (77, "is not known")] {
        let mut head = Head::sound();
        head.raw_tensor("x.weight", &[256], format, 1 << 20);
        invalid(&head, says);
    }
    let mut head = Head::sound();
    head.raw_tensor("x.weight", &[1], 0, 33);
    invalid(&head, "is not aligned to 32");
    let mut head = Head::sound();
    head.raw_tensor("x.weight", &[1], 0, u64::MAX - 31);
    assert_eq!(refused(&head).0, FaultKind::Truncated);
    let mut head = Head::sound();
    head.raw_tensor(&"n".repeat(300), &[1], 0, 1 << 20);
    invalid(&head, "its name has 300 bytes");
}

#[test]
fn a_model_that_contradicts_itself_is_refused() {
    let entries = [
        ("llama.block_count", 4096, "up to 2048 is plausible"),
        ("llama.embedding_length", 65, "has rows of 64, and the metadata says 65"),
        ("llama.attention.head_count", u32::MAX, "up to 4096 is plausible"),
        ("llama.block_count", 3, "says 3 blocks, and tensors end with block 0"),
    ];
    for (key, value, says) in entries {
        let mut head = Head::sound();
        let at = head.entries.windows(key.len()).position(|w| w == key.as_bytes()).unwrap() + key.len() + 4;
        head.entries[at..at + 4].copy_from_slice(&value.to_le_bytes());
        invalid(&head, says);
    }
    let mut head = Head::sound();
    head.tensor("blk.1.attn_q.weight", &[64, 64]);
    invalid(&head, "says 1 blocks, and there are tensors of block 1");
}

#[test]
fn other_kinds_of_files_are_told_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        files::open(&path).unwrap_err().to_string()
    };
    let padded = |start: &[u8]| [start, &[7; 64]].concat();
    assert!(write("a.gguf", b"").ends_with("has 0 bytes, and no header"));
    assert!(write("b.gguf", &padded(b"tjgg")).contains("one of the formats before it"));
    assert!(write("c.gguf", &padded(b"PK\x03\x04")).contains("as PyTorch writes it"));
    assert!(write("d.gguf", b"version https://git-lfs.github.com/spec/v1\n").contains("a Git LFS pointer"));
    assert!(write("e.gguf", &padded(b"<!DOCTYPE html>")).contains("the download failed"));
    assert!(write("f.gguf", &[0; 64]).contains("begins with zeros"));
    assert!(write("g.bin", &padded(b"????")).contains("is neither a GGUF file"));
    for (version, says) in
        [(1_u32, "GGUF version 1, which llama.cpp no longer reads"), (9, "version 9 is not known")]
    {
        let head = Head { version: Some(version), ..Head::sound() };
        assert!(write("h.gguf", &head.bytes()).contains(says));
    }
}

#[test]
fn parts_of_models_are_no_models() {
    let of_type = |kind: &str| {
        let mut head = Head::sound();
        head.text("general.type", kind);
        refused(&head)
    };
    for (kind, says) in [
        ("adapter", "is a LoRA adapter of"),
        ("mmproj", "is a vision or audio projector of"),
        ("imatrix", "is an importance matrix"),
    ] {
        let (fault, message) = of_type(kind);
        assert_eq!(fault, FaultKind::Unsupported);
        assert!(message.contains(says), "{message}");
    }
    let mut vocabulary = Head::default();
    vocabulary.text("general.architecture", "llama");
    assert!(refused(&vocabulary).1.contains("holds no tensors"));
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_read() {
    use std::os::unix::fs::symlink;

    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let says = |path: &Path| files::open(path).unwrap_err().to_string();
    let pipe = at("pipe.gguf");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert!(says(&pipe).ends_with("is a pipe, socket or device, not a file"));
    symlink(at("loop.gguf"), at("loop.gguf")).unwrap();
    assert!(says(&at("loop.gguf")).contains("loop.gguf: "));
    symlink("/dev/zero", at("zero.gguf")).unwrap();
    assert!(says(&at("zero.gguf")).ends_with("is a pipe, socket or device, not a file"));
    symlink(at("nowhere"), at("gone.gguf")).unwrap();
    assert!(says(&at("gone.gguf")).contains("gone.gguf: "));
    fs::create_dir(at("folder.gguf")).unwrap();
    assert!(says(&at("folder.gguf")).contains("holds neither a config.json nor a GGUF file"));
}
