//! A folder that stands for `/` in tests: the kernel's files of some machine.

use std::fs;
use std::path::Path;

/// A folder that is removed with the value.
pub(in crate::machine) struct Tree(tempfile::TempDir);

impl Tree {
    /// A root with these files.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let tree = Self(tempfile::tempdir().unwrap());
        for (path, text) in files {
            tree.write(path, text);
        }
        tree
    }

    /// The root.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Adds a file.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Adds a link to a file or folder of the tree.
    #[cfg(unix)]
    pub fn link(&self, path: &str, target: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(self.path().join(target), path).unwrap();
    }
}
