//! All present exclusions as a sheet: single decisions, and those of imported files.

use std::collections::HashMap;

use aws::files::{FileKey, Files};
use aws::store::AccountStore;
use contacts::{ListFileError, Rows, Sheet};
use domain::account::{Exclusion, ExclusionSource};
use domain::phone::PhoneNumber;
use jiff::Timestamp;

use super::{CSV, Error};
use crate::audience;

/// The sheet's texts, in the language of the user.
pub struct ExclusionWords<'a> {
    /// Number, source, reason, by whom, when.
    pub header: [&'static str; 5],
    pub source: &'a (dyn Fn(ExclusionSource) -> &'static str + Sync),
    pub at: &'a (dyn Fn(Timestamp) -> String + Sync),
    /// Name of the downloaded file.
    pub file: String,
}

/// For one number: the import that contains it, or only its own decision.
type Named = (PhoneNumber, Timestamp);

/// Where all exclusions can be downloaded.
pub async fn exclusions(
    store: &AccountStore,
    files: &Files,
    words: &ExclusionWords<'_>,
    now: Timestamp,
) -> Result<String, Error> {
    let broken = |error: ListFileError| Error::Broken { cause: error.to_string() };
    let (decisions, imports) = (store.all_decisions().await?, audience::exclusion_files(store).await?);
    let decisions: HashMap<PhoneNumber, Exclusion> =
        decisions.into_iter().map(|decision| (decision.phone, decision)).collect();
    let mut named: Vec<Named> =
        decisions.values().filter(|decision| decision.excluded).map(|decision| (decision.phone, decision.at)).collect();
    for import in &imports {
        let bytes = files.get(&import.key).await?;
        for row in Rows::of_file(&bytes).map_err(broken)? {
            let phone = row.map_err(broken)?.phone;
            let is_newest =
                decisions.get(&phone).is_none_or(|decision| !decision.excluded && import.imported_at >= decision.at);
            if is_newest {
                named.push((phone, import.imported_at));
            }
        }
    }
    named.sort_unstable();
    // Of several imports the newest counts: the last one for a number.
    let newest = named.chunk_by(|one, other| one.0 == other.0).filter_map(<[Named]>::last);
    let mut sheet = Sheet::new(words.header);
    for (phone, at) in newest {
        let decision = decisions.get(phone).filter(|decision| decision.excluded);
        let source = decision.map_or(ExclusionSource::Import, |decision| decision.source);
        let reason = decision.and_then(|decision| decision.reason.as_deref()).unwrap_or_default();
        let by = decision.map_or("", |decision| decision.by.as_str());
        sheet.row([phone.to_string().as_str(), (words.source)(source), reason, by, &(words.at)(*at)]);
    }
    let name = format!("exclusions-{}.csv", now.as_millisecond());
    let file = FileKey::Export { account: store.id().clone(), name };
    files.put(&file, sheet.into_bytes(), CSV).await?;
    Ok(files.download_address(&file, &words.file).await?)
}
