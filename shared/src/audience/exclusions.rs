//! What an account excludes: single decisions out of the table, imports out of the bucket; the newest word counts.

use std::collections::HashSet;

use super::Error;
use crate::contacts::{Decision, Exclusions, Rows};
use crate::domain::account::Exclusion;
use crate::domain::list::{List, Purpose};
use crate::domain::phone::PhoneNumber;
use crate::files::{FileKey, Files};
use crate::store::AccountStore;

/// An imported file of exclusions.
#[derive(Debug, Clone, PartialEq)]
pub struct ExclusionFile {
    pub key: FileKey,
    pub imported_at: jiff::Timestamp,
}

fn decision(exclusion: &Exclusion) -> Decision {
    Decision { phone: exclusion.phone, is_excluded: exclusion.excluded, at: exclusion.at }
}

/// Everything that is excluded now.
pub(super) async fn all(store: &AccountStore) -> Result<(Vec<ExclusionFile>, Exclusions), Error> {
    let (files, decisions) = tokio::try_join!(files(store), store.all_decisions())?;
    let exclusions =
        Exclusions::new(decisions.iter().map(decision).collect(), files.iter().map(|file| file.imported_at));
    Ok((files, exclusions))
}

/// Imports of exclusions that are ready, oldest first.
pub async fn files(store: &AccountStore) -> Result<Vec<ExclusionFile>, crate::store::Error> {
    let lists = store.lists_of(Purpose::Exclusions).await?;
    let mut files: Vec<_> = lists.iter().filter_map(file).collect();
    files.sort_by_key(|file| file.imported_at);
    Ok(files)
}

fn file(list: &List) -> Option<ExclusionFile> {
    let imported_at = list.imported_at.filter(|_| list.is_readable())?;
    let key = FileKey::Contacts { account: list.account.clone(), list: list.id.clone(), generation: list.generation };
    Some(ExclusionFile { key, imported_at })
}

/// Of some numbers in ascending order, those that were excluded since an instant and still are.
pub async fn excluded_since(
    store: &AccountStore,
    files: &Files,
    since: jiff::Timestamp,
    numbers: &[PhoneNumber],
) -> Result<HashSet<PhoneNumber>, Error> {
    let (decisions, imports) = tokio::try_join!(store.decisions_since(since), self::files(store))?;
    let wanted: HashSet<_> = numbers.iter().copied().collect();
    let decisions = decisions.iter().filter(|exclusion| wanted.contains(&exclusion.phone)).map(decision);
    // What an import of before says was known at the start; an import of since is read whole, which is rare.
    let mut known: Vec<Decision> = decisions.collect();
    for import in imports.iter().filter(|import| import.imported_at >= since) {
        let octets = files.get(&import.key).await?;
        let broken = |error: crate::contacts::ListFileError| Error::Broken { cause: error.to_string() };
        for row in Rows::of_file(&octets).map_err(broken)? {
            let phone = row.map_err(broken)?.phone;
            if wanted.contains(&phone) {
                known.push(Decision { phone, is_excluded: true, at: import.imported_at });
            }
        }
    }
    // Of two words of one instant the exclusion wins.
    known.sort_by_key(|decision| (decision.at, decision.is_excluded));
    let mut excluded = HashSet::new();
    for decision in known {
        match decision.is_excluded {
            true => excluded.insert(decision.phone),
            false => excluded.remove(&decision.phone),
        };
    }
    Ok(excluded)
}
