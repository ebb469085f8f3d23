//! The same model more than once on the disk.

use std::collections::BTreeMap;
use std::fs::File;
use std::hash::{DefaultHasher, Hasher};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use super::Installed;
use crate::files::input;

/// Bytes that are compared at each of several places of a file.
const SAMPLE: usize = 1 << 16;

/// Where a file really is: links lead to one place.
pub(super) fn on_disk(path: &Path) -> OnDisk {
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        if let Ok(found) = std::fs::metadata(&real) {
            return OnDisk::Node(found.dev(), found.ino());
        }
    }
    OnDisk::Path(real)
}

/// A file by its place on the disk.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum OnDisk {
    #[cfg_attr(not(unix), expect(dead_code, reason = "other systems go by paths"))]
    Node(u64, u64),
    Path(PathBuf),
}

/// Groups of models, by their places in `models`, whose content is the same in different places on the disk: by the
/// digest that a program states, else by size and samples of the content.
pub fn duplicates(models: &[Installed]) -> Vec<Vec<usize>> {
    let mut by_size: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (index, model) in models.iter().enumerate() {
        // One file alone is compared; parts and checkpoints differ from each other by their first.
        if let Some((_, bytes)) = model.files.first() {
            by_size.entry(bytes.0).or_default().push(index);
        }
    }
    let mut groups: BTreeMap<(u64, u64), Vec<usize>> = BTreeMap::new();
    for (size, same) in by_size.into_iter().filter(|(_, same)| same.len() > 1) {
        let mut places = std::collections::BTreeSet::new();
        for index in same {
            let path = &models[index].files[0].0;
            if !places.insert(on_disk(path)) {
                continue;
            }
            if let Some(content) = sampled(path) {
                groups.entry((size, content)).or_default().push(index);
            }
        }
    }
    groups.into_values().filter(|group| group.len() > 1).collect()
}

/// A hash of the beginning, the middle and the end of a file. Weights differ everywhere, so two files of one
/// size that agree there are the same.
fn sampled(path: &Path) -> Option<u64> {
    let (mut file, length) = input::open(path).ok()?;
    let mut hasher = DefaultHasher::new();
    hasher.write_u64(length);
    for start in [0, length / 2, length.saturating_sub(SAMPLE as u64)] {
        sample(&mut file, start, &mut hasher)?;
    }
    Some(hasher.finish())
}

fn sample(file: &mut File, start: u64, hasher: &mut DefaultHasher) -> Option<()> {
    let mut bytes = Vec::with_capacity(SAMPLE);
    file.seek(SeekFrom::Start(start)).ok()?;
    file.take(SAMPLE as u64).read_to_end(&mut bytes).ok()?;
    hasher.write(&bytes);
    Some(())
}
