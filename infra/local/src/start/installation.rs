//! The permanent data of an installation: its secrets and its first account (`installation.json`).

use app::password;
use domain::api_key;
use domain::ids::{AccountId, KeyId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use support::random;

use super::folder::{Folder, FolderError};
use crate::machine::Secrets;

const FILE: &str = "installation.json";
/// The file that shows that an installation exists.
const TABLES: &str = "tables.sqlite";
/// The user of a new installation.
const EMAIL: &str = "demo@envol.local";

/// The secrets and the first account.
#[derive(Clone, Serialize, Deserialize)]
pub struct Installation {
    pub secrets: Secrets,
    pub account_id: AccountId,
    pub key_id: KeyId,
    /// As clients send it.
    pub api_key: String,
    pub email: String,
    pub password: String,
    /// Whether the account was created. Until then the tables hold no account.
    pub is_complete: bool,
}

impl Installation {
    /// Reads the installation of this folder, or writes a new one before anything else is created.
    pub fn open(folder: &Folder, now: Timestamp) -> Result<Self, FolderError> {
        if let Some(found) = folder.read::<Self>(FILE)? {
            return found.completed(folder);
        }
        if folder.path().join(TABLES).exists() {
            // New secrets would invalidate its links and keys, and a new account would hide the old ones.
            return Err(FolderError::Headless { path: folder.path().to_owned(), missing: FILE });
        }
        let new = Self::generate(now);
        folder.write(FILE, &new)?;
        Ok(new)
    }

    /// Adds secrets that an older installation lacks, and saves them.
    fn completed(mut self, folder: &Folder) -> Result<Self, FolderError> {
        let new = Secrets::generate();
        let missing = [
            (&mut self.secrets.fingerprint_key, new.fingerprint_key),
            (&mut self.secrets.webhook_key, new.webhook_key),
        ];
        let mut is_older = false;
        for (key, new) in missing.into_iter().filter(|(key, _)| key.is_empty()) {
            *key = new;
            is_older = true;
        }
        if is_older {
            folder.write(FILE, &self)?;
        }
        Ok(self)
    }

    fn generate(now: Timestamp) -> Self {
        let key_id = KeyId::new(now, random::bytes());
        let (api_key, _) = api_key::issue(&key_id, random::bytes());
        Self {
            secrets: Secrets::generate(),
            account_id: AccountId::new(now, random::bytes()),
            key_id,
            api_key,
            email: EMAIL.to_owned(),
            password: password::made_up(random::bytes()),
            is_complete: false,
        }
    }

    /// Records that the account was created.
    pub fn complete(&mut self, folder: &Folder) -> Result<(), FolderError> {
        self.is_complete = true;
        folder.write(FILE, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_without_its_secrets_is_not_overwritten() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::take(home.path()).unwrap();
        std::fs::write(folder.path().join(TABLES), b"").unwrap();
        let refused = Installation::open(&folder, Timestamp::UNIX_EPOCH).err().unwrap().to_string();
        assert!(refused.contains(FILE), "{refused}");
    }

    #[test]
    fn an_installation_is_the_same_at_every_start() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::take(home.path()).unwrap();
        let first = Installation::open(&folder, Timestamp::UNIX_EPOCH).unwrap();
        let second = Installation::open(&folder, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!((&first.api_key, &first.password), (&second.api_key, &second.password));
        assert_eq!(first.secrets.link_key, second.secrets.link_key);
        assert_eq!(first.secrets.fingerprint_key, second.secrets.fingerprint_key);
        assert!(password::CHARACTERS.contains(&first.password.len()));
    }
}
