//! Writing files that Envoy reads: whole, or not at all.

use super::document;
use anyhow::Context as _;
use envoy_config::{Names, Written};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Where the configuration goes.
pub struct Out {
    file: PathBuf,
    folder: PathBuf,
    stem: String,
}

impl Out {
    /// Below a folder that is there.
    pub fn new(file: &Path) -> anyhow::Result<Self> {
        let stem = file.file_stem().with_context(|| format!("--out {} names no file", file.display()))?;
        let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder =
            parent.canonicalize().with_context(|| format!("the folder {} of --out is not there", parent.display()))?;
        Ok(Self { file: file.to_owned(), folder, stem: stem.to_string_lossy().into_owned() })
    }

    /// How the files beside it are called.
    pub fn names(&self) -> Names {
        Names { folder: self.folder.display().to_string(), stem: self.stem.clone() }
    }

    /// Writes everything that differs from what is there; the bootstrap last, which names the others.
    pub fn write(&self, written: &Written) -> anyhow::Result<()> {
        for (name, content) in &written.beside {
            replace(&self.folder.join(name), &document(content)?)?;
        }
        replace(&self.file, &document(&written.bootstrap)?)
    }
}

/// Envoy sees the old text or the new one: a file beside it takes its name.
fn replace(file: &Path, text: &str) -> anyhow::Result<()> {
    if fs::read_to_string(file).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let mut beside = file.as_os_str().to_owned();
    beside.push(format!(".{}.tmp", std::process::id()));
    let beside = PathBuf::from(beside);
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, file));
    written
        .inspect_err(|_| drop(fs::remove_file(&beside)))
        .with_context(|| format!("{} cannot be written", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt as _;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_only_if_it_changes() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("envoy.yaml");
        replace(&file, "a: 1\n").unwrap();
        let inode = || fs::metadata(&file).unwrap().ino();
        let first = inode();
        replace(&file, "a: 1\n").unwrap();
        assert_eq!(inode(), first, "nothing changed");
        replace(&file, "a: 2\n").unwrap();
        assert_ne!(inode(), first, "another file took the name");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = Out::new(Path::new("nowhere/envoy.yaml")).err().unwrap().to_string();
        assert!(error.contains("nowhere"), "{error}");
    }
}
