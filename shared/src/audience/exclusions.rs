//! What an account excludes: single decisions out of the table, imports out of the bucket; the newest word counts.

use std::collections::HashSet;

use super::Error;
use crate::contacts::{Decision, Exclusions, Rows};
use crate::domain::account::{Exclusion, ExclusionSource};
use crate::domain::campaign::Kind;
use crate::domain::fingerprint::Erased;
use crate::domain::list::List;
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

/// Everything that is left out of an audience.
pub(super) struct LeftOut {
    pub files: Vec<ExclusionFile>,
    pub exclusions: Exclusions,
    pub erased: Erased,
}

impl LeftOut {
    /// What marketing leaves out now.
    pub async fn all(store: &AccountStore) -> Result<Self, Error> {
        let (files, decisions, erased) = tokio::try_join!(files(store), store.all_decisions(), store.erased())?;
        let exclusions =
            Exclusions::new(decisions.iter().map(decision).collect(), files.iter().map(|file| file.imported_at));
        Ok(Self { files, exclusions, erased })
    }

    /// What alerts leave out: only numbers that are being erased at this moment, whose lists may still hold them.
    pub async fn being_erased(store: &AccountStore) -> Result<Self, Error> {
        let erased = store.erased().await?;
        let decisions = match erased.is_empty() {
            true => Vec::new(),
            false => store.all_decisions().await?,
        };
        let decisions = decisions.iter().filter(|one| one.source == ExclusionSource::Erasure).map(decision).collect();
        Ok(Self { files: Vec::new(), exclusions: Exclusions::new(decisions, []), erased: Erased::none() })
    }

    pub fn nothing() -> Self {
        Self { files: Vec::new(), exclusions: Exclusions::none(), erased: Erased::none() }
    }

    pub fn is_empty(&self) -> bool {
        self.exclusions.is_empty() && self.erased.is_empty()
    }
}

/// Imports of exclusions that are ready, oldest first.
pub async fn files(store: &AccountStore) -> Result<Vec<ExclusionFile>, crate::store::Error> {
    let lists = store.exclusion_lists().await?;
    let mut files: Vec<_> = lists.iter().filter_map(file).collect();
    files.sort_by_key(|file| file.imported_at);
    Ok(files)
}

fn file(list: &List) -> Option<ExclusionFile> {
    let imported_at = list.imported_at.filter(|_| list.is_readable())?;
    let key = FileKey::Contacts { account: list.account.clone(), list: list.id.clone(), generation: list.generation };
    Some(ExclusionFile { key, imported_at })
}

/// Of some numbers in ascending order, those that were excluded since an instant and still are; for an alert, those
/// that were erased since.
pub async fn excluded_since(
    store: &AccountStore,
    files: &Files,
    kind: Kind,
    since: jiff::Timestamp,
    numbers: &[PhoneNumber],
) -> Result<HashSet<PhoneNumber>, Error> {
    let (decisions, imports) = match kind {
        Kind::Marketing => tokio::try_join!(store.decisions_since(since), self::files(store))?,
        Kind::Alert => (store.decisions_since(since).await?, Vec::new()),
    };
    let wanted: HashSet<_> = numbers.iter().copied().collect();
    let counts = |exclusion: &&Exclusion| {
        let is_obeyed = kind == Kind::Marketing || exclusion.source == ExclusionSource::Erasure;
        is_obeyed && wanted.contains(&exclusion.phone)
    };
    let decisions = decisions.iter().filter(counts).map(decision);
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

/// The exclusion of a number, if it is excluded now: the newest word counts.
pub async fn exclusion_of(store: &AccountStore, files: &Files, phone: PhoneNumber) -> Result<Option<Exclusion>, Error> {
    let decided = store.exclusion(phone).await?;
    if let Some(decision) = decided.as_ref().filter(|decision| decision.excluded) {
        return Ok(Some(decision.clone()));
    }
    if let Some(mark) = store.erased_mark(phone).await? {
        let source = ExclusionSource::Erasure;
        return Ok(Some(Exclusion { phone, excluded: true, source, reason: None, by: mark.by, at: mark.at }));
    }
    // Of two words of one instant the exclusion wins.
    let is_newer = |file: &ExclusionFile| decided.as_ref().is_none_or(|decision| file.imported_at >= decision.at);
    for file in self::files(store).await?.into_iter().rev().filter(is_newer) {
        if holds(files, &file, phone).await? {
            return Ok(Some(imported(&file, phone)));
        }
    }
    Ok(None)
}

/// A number of an import, as an exclusion.
pub fn imported(file: &ExclusionFile, phone: PhoneNumber) -> Exclusion {
    let by = match &file.key {
        FileKey::Contacts { list, .. } => list.to_string(),
        _ => String::new(),
    };
    Exclusion { phone, excluded: true, source: ExclusionSource::Import, reason: None, by, at: file.imported_at }
}

async fn holds(files: &Files, file: &ExclusionFile, phone: PhoneNumber) -> Result<bool, Error> {
    let octets = files.get(&file.key).await?;
    let broken = |error: crate::contacts::ListFileError| Error::Broken { cause: error.to_string() };
    for row in Rows::of_file(&octets).map_err(broken)? {
        let found = row.map_err(broken)?.phone;
        if found >= phone {
            return Ok(found == phone);
        }
    }
    Ok(false)
}
