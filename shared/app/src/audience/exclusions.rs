//! The exclusions of an account: single decisions from the table, imports from the bucket; the newest decision counts.

use std::collections::HashSet;

use aws::files::{FileKey, Files};
use aws::store::AccountStore;
use contacts::{Decision, Exclusions};
use domain::account::{Exclusion, ExclusionSource};
use domain::campaign::Kind;
use domain::fingerprint::Erased;
use domain::list::List;
use domain::phone::PhoneNumber;

use super::{Error, search};

/// An imported file of exclusions.
#[derive(Debug, Clone, PartialEq)]
pub struct ExclusionFile {
    pub key: FileKey,
    pub imported_at: jiff::Timestamp,
}

fn decision(exclusion: &Exclusion) -> Decision {
    Decision { phone: exclusion.phone, is_excluded: exclusion.excluded, at: exclusion.at }
}

/// Everything that an audience leaves out.
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

    /// What alerts leave out: only numbers being erased at this moment, which lists may still contain.
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

/// Every import of exclusions with a file, whatever the status of its list, oldest first.
pub async fn files(store: &AccountStore) -> Result<Vec<ExclusionFile>, aws::store::Error> {
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

/// Most decisions since the start of a campaign that a batch reads: about 300 KB. Beyond, it looks up its own numbers.
const DECISIONS_MAX: usize = 2_000;

/// The numbers, of some in ascending order, that were excluded since an instant and still are; for an alert, those
/// erased since. The cost does not grow with the account's exclusions.
pub async fn excluded_since(
    store: &AccountStore,
    files: &Files,
    kind: Kind,
    since: jiff::Timestamp,
    numbers: &[PhoneNumber],
) -> Result<HashSet<PhoneNumber>, Error> {
    let (decisions, imports) = match kind {
        Kind::Marketing => tokio::try_join!(decided_since(store, since, numbers), self::files(store))?,
        Kind::Alert => (decided_since(store, since, numbers).await?, Vec::new()),
    };
    let wanted: HashSet<_> = numbers.iter().copied().collect();
    let counts = |exclusion: &&Exclusion| {
        let is_obeyed = kind == Kind::Marketing || exclusion.source == ExclusionSource::Erasure;
        is_obeyed && wanted.contains(&exclusion.phone)
    };
    let mut known: Vec<Decision> = decisions.iter().filter(counts).map(decision).collect();
    // Earlier imports were known at the start.
    for import in imports.iter().filter(|import| import.imported_at >= since) {
        let found = search::found(files, &import.key, numbers).await?;
        known.extend(found.into_iter().map(|phone| Decision { phone, is_excluded: true, at: import.imported_at }));
    }
    // Of two decisions at one instant the exclusion wins.
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

/// Decisions since an instant, about some numbers at least: from the log while it is short, otherwise the newest of
/// each number.
async fn decided_since(
    store: &AccountStore,
    since: jiff::Timestamp,
    numbers: &[PhoneNumber],
) -> Result<Vec<Exclusion>, aws::store::Error> {
    if let Some(decisions) = store.decisions_since(since, DECISIONS_MAX).await? {
        return Ok(decisions);
    }
    let mut newest = store.decisions_on(numbers).await?;
    newest.retain(|decision| decision.at >= since);
    Ok(newest)
}

/// The exclusion of a number, if it is excluded now: the newest decision counts.
pub async fn exclusion_of(store: &AccountStore, files: &Files, phone: PhoneNumber) -> Result<Option<Exclusion>, Error> {
    let decided = store.exclusion(phone).await?;
    if let Some(decision) = decided.as_ref().filter(|decision| decision.excluded) {
        return Ok(Some(decision.clone()));
    }
    if let Some(mark) = store.erased_mark(phone).await? {
        let source = ExclusionSource::Erasure;
        return Ok(Some(Exclusion { phone, excluded: true, source, reason: None, by: mark.by, at: mark.at }));
    }
    // Of two decisions at one instant the exclusion wins.
    let is_newer = |file: &ExclusionFile| decided.as_ref().is_none_or(|decision| file.imported_at >= decision.at);
    for file in self::files(store).await?.into_iter().rev().filter(is_newer) {
        if !search::found(files, &file.key, &[phone]).await?.is_empty() {
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
