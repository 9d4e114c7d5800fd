//! Lists and removes all files of one account. For operators.

use aws_sdk_s3::primitives::ByteStream;
use domain::ids::AccountId;

use super::{Error, Files, failed};

/// What keys begin with, before the account's id.
const ROOTS: [&str; 5] = ["uploads", "lists", "campaigns", "media", "exports"];

/// A file of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnFile {
    key: String,
    pub size: u64,
}

impl OwnFile {
    /// Its path relative to the account's id.
    pub fn path(&self, account: &AccountId) -> String {
        self.key.replacen(&format!("/{account}/"), "/", 1)
    }
}

impl Files {
    /// Every file that lies below an account's id.
    pub async fn of_account(&self, account: &AccountId) -> Result<Vec<OwnFile>, Error> {
        let mut files = Vec::new();
        for root in ROOTS {
            let prefix = format!("{root}/{account}/");
            let mut pages = self.s3.list_objects_v2().bucket(&*self.bucket).prefix(&prefix).into_paginator().send();
            while let Some(page) = pages.next().await {
                let page = page.map_err(failed("list", &prefix))?;
                let own = page.contents.unwrap_or_default().into_iter().filter_map(|object| {
                    let size = object.size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0);
                    object.key.map(|key| OwnFile { key, size })
                });
                files.extend(own);
            }
        }
        Ok(files)
    }

    /// A file of an account as it arrives.
    pub async fn stream_own(&self, file: &OwnFile) -> Result<ByteStream, Error> {
        let answer = self.s3.get_object().bucket(&*self.bucket).key(&file.key).send().await;
        Ok(answer.map_err(failed("read", &file.key))?.body)
    }

    /// Removes a file of an account; a missing one is no error.
    pub async fn remove_own(&self, file: &OwnFile) -> Result<(), Error> {
        let removed = self.s3.delete_object().bucket(&*self.bucket).key(&file.key).send().await;
        removed.map(drop).map_err(failed("delete", &file.key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::FileKey;

    #[test]
    fn every_kind_of_file_lies_below_a_root() {
        let account: AccountId = "acc_00000000000000000001".parse().unwrap();
        let (list, campaign) =
            ("lst_00000000000000000002".parse().unwrap(), "cmp_00000000000000000003".parse().unwrap());
        let image = "img_00000000000000000004".parse().unwrap();
        let owner = || account.clone();
        let kinds = [
            FileKey::Upload { account: owner(), list, generation: 1 },
            FileKey::Audience { account: owner(), campaign },
            FileKey::Image { account: owner(), image },
            FileKey::Export { account: owner(), name: "a.csv".into() },
        ];
        for file in kinds {
            let key = file.key();
            assert!(ROOTS.iter().any(|root| key.starts_with(&format!("{root}/{account}/"))), "{key}");
            let path = OwnFile { key, size: 0 }.path(&account);
            assert!(!path.contains("acc_") && !path.starts_with('/'), "{path}");
        }
    }
}
