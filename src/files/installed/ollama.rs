//! Ollama's store: manifests by name, blobs by digest.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Installed, Program, Scan};
use crate::files::error::{Fault, place_of, short};
use crate::files::input;
use crate::language::{mark, of_json, of_system, tr};
use crate::units::Bytes;

/// Largest manifest that is read, bytes; they have about one thousand.
const MOST_MANIFEST: u64 = 1 << 20;
/// Registry, owner, model, tag.
const DEPTH: usize = 4;
/// Most manifests.
const MOST_MANIFESTS: usize = 20_000;
/// Most layers of a manifest.
const MOST_LAYERS: usize = 1000;

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    layers: Vec<Layer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Layer {
    media_type: String,
    digest: String,
    #[serde(default)]
    size: u64,
}

/// Looks through the store in `root`.
pub fn scan(root: &Path, scan: &mut Scan) {
    let manifests = root.join("manifests");
    let mut names = Vec::new();
    collect(&manifests, 0, &mut names);
    names.sort();
    for path in names {
        match read(root, &manifests, &path) {
            Ok(Some(model)) => scan.models.push(model),
            Ok(None) => {}
            Err(fault) => scan.problems.push(fault.of(&path)),
        }
    }
}

/// Files at the depth of a tag.
fn collect(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.take(MOST_MANIFESTS).flatten() {
        if found.len() == MOST_MANIFESTS {
            return;
        }
        let Ok(kind) = entry.file_type() else { continue };
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if kind.is_dir() && depth + 1 < DEPTH {
            collect(&entry.path(), depth + 1, found);
        } else if kind.is_file() && depth + 1 == DEPTH && !hidden {
            found.push(entry.path());
        }
    }
}

fn read(root: &Path, manifests: &Path, path: &Path) -> Result<Option<Installed>, Fault> {
    let text = input::read_small(path, MOST_MANIFEST, mark!("manifest")).map_err(|error| error.fault)?;
    let layers = parse(&text)?;
    let mut model = None;
    let mut projector = None;
    let mut files = Vec::new();
    for (kind, digest, stated) in layers {
        let blob = root.join("blobs").join(format!("sha256-{digest}"));
        let found = fs::metadata(&blob).map_err(|error| {
            let problem = tr!(
                "its layer sha256-{digest} cannot be read: {why}",
                digest = short(&digest),
                why = of_system(&error)
            );
            Fault::unreadable(problem)
        })?;
        if found.len() != stated {
            let problem = tr!("says {stated} bytes, and the blob has {found}", stated, found = found.len());
            let place = tr!("layer sha256-{digest}", digest = &digest[..12]);
            return Err(Fault::invalid(place, problem));
        }
        files.push((blob.clone(), Bytes(found.len())));
        match kind {
            Kind::Model if model.is_none() => model = Some((blob, digest)),
            Kind::Projector => projector = Some(blob),
            _ => {}
        }
    }
    // A name for a model elsewhere (a cloud model) has no layer here.
    let Some((blob, digest)) = model else { return Ok(None) };
    Ok(Some(Installed {
        program: Program::Ollama,
        name: name(manifests, path),
        path: blob,
        files,
        projector,
        digest: Some(digest),
    }))
}

/// What a layer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Weights.
    Model,
    /// Vision projector.
    Projector,
    /// Adapter.
    Adapter,
}

/// The layers of a manifest that hold weights: kind, digest, stated size.
///
/// # Errors
/// It is no manifest.
pub fn parse(text: &[u8]) -> Result<Vec<(Kind, String, u64)>, Fault> {
    let manifest: Manifest = serde_json::from_slice(text).map_err(|error| {
        Fault::invalid(place_of(&error), tr!("is no manifest: {why}", why = of_json(&error)))
    })?;
    if manifest.layers.len() > MOST_LAYERS {
        return Err(Fault::invalid(
            "\"layers\"",
            tr!("{layers} layers, more than any model has", layers = manifest.layers.len()),
        ));
    }
    let mut layers = Vec::new();
    for layer in manifest.layers {
        let kind = match layer.media_type.as_str() {
            "application/vnd.ollama.image.model" => Kind::Model,
            "application/vnd.ollama.image.projector" => Kind::Projector,
            "application/vnd.ollama.image.adapter" => Kind::Adapter,
            _ => continue,
        };
        let digest = layer.digest.strip_prefix("sha256:").unwrap_or(&layer.digest);
        // It becomes part of a path.
        if digest.len() != 64 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Fault::invalid(
                "\"digest\"",
                tr!("{text} is no SHA-256", text = format!("{:?}", short(&layer.digest))),
            ));
        }
        layers.push((kind, digest.to_ascii_lowercase(), layer.size));
    }
    Ok(layers)
}

/// `qwen3:8b`; with owner and registry where they are not the usual ones.
fn name(manifests: &Path, path: &Path) -> String {
    let below = path.strip_prefix(manifests).unwrap_or(path);
    let parts: Vec<String> = below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    match parts.as_slice() {
        [registry, owner, model, tag] if registry == "registry.ollama.ai" && owner == "library" => {
            format!("{model}:{tag}")
        }
        [registry, owner, model, tag] if registry == "registry.ollama.ai" => format!("{owner}/{model}:{tag}"),
        [registry, owner, model, tag] => format!("{registry}/{owner}/{model}:{tag}"),
        _ => parts.join("/"),
    }
}
