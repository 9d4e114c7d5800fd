//! The folder of an installation: used by one process at a time, with files that only its owner can read.

use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Serialize, de::DeserializeOwned};

const LOCK: &str = "lock";

/// The locked folder, until this is dropped or the process ends in any way.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    _lock: File,
}

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("another Envol is running on {}: stop it, or choose another folder with --data", path.display())]
    InUse { path: PathBuf },
    #[error("{missing} is gone from {}: put it back, or move the folder away for a fresh start", path.display())]
    Headless { path: PathBuf, missing: &'static str },
    #[error("cannot use {}", path.display())]
    Unusable { path: PathBuf, source: io::Error },
    #[error("{} cannot be read: repair it, or move the folder away for a fresh start", path.display())]
    Corrupt { path: PathBuf, source: serde_json::Error },
}

impl Folder {
    /// Locks the folder; creates it if necessary.
    pub fn take(path: &Path) -> Result<Self, FolderError> {
        let unusable = |source| FolderError::Unusable { path: path.to_owned(), source };
        std::fs::create_dir_all(path).map_err(unusable)?;
        let path = path.canonicalize().map_err(unusable)?;
        only_for_its_owner(&path).map_err(unusable)?;
        let lock = File::options().create(true).append(true).open(path.join(LOCK)).map_err(unusable)?;
        // A lock of the operating system, not the existence of a file: it ends with the process, even with `kill -9`.
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(FolderError::InUse { path }),
            Err(TryLockError::Error(source)) => Err(FolderError::Unusable { path, source }),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads a file of the folder; `None` if it does not exist.
    pub fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, FolderError> {
        let path = self.path.join(name);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(FolderError::Unusable { path, source }),
        };
        serde_json::from_slice(&text).map(Some).map_err(|source| FolderError::Corrupt { path, source })
    }

    /// Writes a file of the folder atomically: a reader sees the new or the old content.
    pub fn write<T: Serialize>(&self, name: &str, content: &T) -> Result<(), FolderError> {
        let (path, new) = (self.path.join(name), self.path.join(format!("{name}.new")));
        let written = (|| {
            let mut text = serde_json::to_vec_pretty(content)?;
            text.push(b'\n');
            let mut file = private(&new)?;
            file.write_all(&text)?;
            file.sync_all()?;
            std::fs::rename(&new, &path)
        })();
        written.map_err(|source| FolderError::Unusable { path, source })
    }

    /// Removes a file of the folder, if it exists.
    pub fn remove(&self, name: &str) -> Result<(), FolderError> {
        let path = self.path.join(name);
        match std::fs::remove_file(&path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(source) => Err(FolderError::Unusable { path, source }),
        }
    }
}

#[cfg(unix)]
fn only_for_its_owner(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn only_for_its_owner(_: &Path) -> io::Result<()> {
    Ok(())
}

/// A new, empty file that only its owner can read.
fn private(path: &Path) -> io::Result<File> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_used_by_one_process_at_a_time() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("data");
        let first = Folder::take(&path).unwrap();
        let refused = Folder::take(&path).unwrap_err().to_string();
        assert!(refused.contains("--data") && refused.contains("data"), "{refused}");
        drop(first);
        Folder::take(&path).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn files_are_written_atomically_and_readable_by_their_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::take(home.path()).unwrap();
        folder.write("ready.json", &[1, 2]).unwrap();
        folder.write("ready.json", &[3]).unwrap();
        assert_eq!(folder.read::<Vec<u8>>("ready.json").unwrap(), Some(vec![3]));
        let mode = std::fs::metadata(folder.path().join("ready.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        folder.remove("ready.json").unwrap();
        folder.remove("ready.json").unwrap();
        assert_eq!(folder.read::<Vec<u8>>("ready.json").unwrap(), None);
    }
}
