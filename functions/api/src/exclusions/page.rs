//! `GET /v1/exclusions`: single decisions by number, then those of imports, file by file.

use app::audience::{self, ExclusionFile, imported};
use app::{Context, UseCase};
use aws::files::Files;
use aws::store::{AccountStore, Page};
use domain::account::Exclusion;
use domain::country::Country;
use domain::phone::{self, PhoneNumber};
use futures_util::{StreamExt, TryStreamExt};

use super::{ExclusionView, view};
use crate::answer::Answered;
use crate::contract::operation::{Operation, get};
use crate::contract::schema::text;
use crate::error::ApiError;
use crate::gate::{Pages, Query, wrong_cursor};
use crate::lists::contacts;

const LISTING: &str = "exclusions";
/// Decisions looked up at once.
const LOOKUPS_AT_ONCE: usize = 16;

pub fn operations() -> Vec<Operation> {
    vec![
        get("/exclusions", UseCase::ReadExclusions, page)
            .summary("Excluded numbers", "Numéros exclus")
            .pages::<ExclusionView>(),
    ]
}

requests! {
    struct Filter {
        /// A number, or some digits of those that were excluded one by one
        /// Un numéro, ou quelques chiffres de ceux qui ont été exclus un à un
        q?: String = text(0, 40),
    }
}

/// Where a page begins.
enum PageStart {
    Decisions(Option<PhoneNumber>),
    /// In the file imported at this instant, at this byte.
    Import(jiff::Timestamp, Option<u64>),
}

impl PageStart {
    fn read(text: &str) -> Option<Self> {
        match text.split_once(' ')? {
            ("d", digits) => PhoneNumber::from_digits(digits.parse().ok()?).map(|phone| Self::Decisions(Some(phone))),
            ("i", rest) => {
                let (at, byte) = rest.split_once(' ')?;
                Some(Self::Import(at.parse().ok()?, byte.parse().ok()))
            }
            _ => None,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Decisions(after) => format!("d {}", after.map_or(0, PhoneNumber::digits)),
            Self::Import(at, byte) => format!("i {at} {}", byte.map_or(String::new(), |byte| byte.to_string())),
        }
    }
}

async fn page(context: Context, pages: Pages, Query(filter): Query<Filter>) -> Answered {
    let paging = pages.paging(LISTING)?;
    let store = &context.store;
    // In a query `+` is a space.
    let wanted = filter.q.as_deref().map(str::trim);
    if let Some(phone) = wanted.and_then(number) {
        let items = audience::exclusion_of(store, &context.files, phone).await?.into_iter().collect();
        return pages.page(LISTING, Page { items, next: None }, view);
    }
    let page = match paging.after.as_deref().map(|after| PageStart::read(after).ok_or_else(wrong_cursor)).transpose()? {
        None => decisions(store, None, paging.limit, wanted).await?,
        Some(PageStart::Decisions(after)) => decisions(store, after, paging.limit, wanted).await?,
        Some(PageStart::Import(at, byte)) => import(&context.files, store, at, byte, paging.limit).await?,
    };
    pages.page(LISTING, page, view)
}

fn number(text: &str) -> Option<PhoneNumber> {
    phone::parse(text, Country::France).or_else(|_| format!("+{text}").parse()).ok()
}

/// Single decisions; after the last one, where the imports begin.
async fn decisions(
    store: &AccountStore,
    after: Option<PhoneNumber>,
    limit: usize,
    wanted: Option<&str>,
) -> Result<Page<Exclusion>, ApiError> {
    let page = store.excluded(wanted, after, limit).await?;
    let next = match page.next {
        Some(phone) => Some(PageStart::Decisions(Some(phone)).text()),
        None if wanted.is_some() => None,
        None => next_import(store, None).await?.map(|file| PageStart::Import(file.imported_at, None).text()),
    };
    Ok(Page { items: page.decisions, next })
}

/// The first import after an instant.
async fn next_import(store: &AccountStore, after: Option<jiff::Timestamp>) -> Result<Option<ExclusionFile>, ApiError> {
    let files = audience::exclusion_files(store).await?;
    Ok(files.into_iter().find(|file| after.is_none_or(|after| file.imported_at > after)))
}

/// Numbers of one import without a single decision, or only an older one that allows them.
async fn import(
    files: &Files,
    store: &AccountStore,
    at: jiff::Timestamp,
    byte: Option<u64>,
    limit: usize,
) -> Result<Page<Exclusion>, ApiError> {
    let imports = audience::exclusion_files(store).await?;
    let Some(file) = imports.into_iter().find(|file| file.imported_at == at) else { return Err(wrong_cursor().into()) };
    let (rows, next) = contacts(files, &file.key, byte, limit).await?;
    let lookup = |phone: PhoneNumber| async move { Ok::<_, ApiError>((phone, store.exclusion(phone).await?)) };
    let found: Vec<_> = rows.iter().filter_map(|row| row.phone.parse().ok()).map(lookup).collect();
    let found: Vec<_> = futures_util::stream::iter(found).buffered(LOOKUPS_AT_ONCE).try_collect().await?;
    let is_shown = |decision: &Option<Exclusion>| {
        decision.as_ref().is_none_or(|decision| !decision.excluded && file.imported_at >= decision.at)
    };
    let items = found.into_iter().filter(|(_, decision)| is_shown(decision)).map(|(phone, _)| imported(&file, phone));
    let next = match next {
        Some(byte) => Some(PageStart::Import(at, Some(byte)).text()),
        None => next_import(store, Some(at)).await?.map(|file| PageStart::Import(file.imported_at, None).text()),
    };
    Ok(Page { items: items.collect(), next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_back() {
        for text in ["d 33612345678", "i 2026-12-01T08:00:00Z 123", "i 2026-12-01T08:00:00.5Z "] {
            assert_eq!(PageStart::read(text).map(|start| start.text()).as_deref(), Some(text));
        }
        for text in ["", "d", "d x", "x 1", "i now 1"] {
            assert!(PageStart::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_number_is_found_however_it_is_written() {
        for text in ["0612345678", "06 12 34 56 78", "+33612345678", "33612345678"] {
            assert_eq!(number(text).map(|phone| phone.digits()), Some(33_612_345_678), "{text}");
        }
        assert_eq!(number("0612"), None);
    }
}
