//! `GET /v1/lists/{id}/contacts`: « Visualiser ». A page is a part of the list file, read from the end of the previous
//! page, so that the millionth contact costs as little as the first.

use std::collections::BTreeMap;

use app::{Context, UseCase};
use aws::files::{self, FileKey, Files};
use aws::store::Page;
use contacts::{ListFileError, ListHeader, Rows};
use domain::ids::ListId;
use domain::list::List;
use web::{Kind, Problem};

use super::find;
use crate::answer::Answered;
use crate::contract::operation::{Operation, get};
use crate::contract::schema::phone;
use crate::error::ApiError;
use crate::gate::{Id, Pages, wrong_cursor};

const LISTING: &str = "contacts";
/// Bytes read for the header: a name of a column is cut far below this by people.
const HEADER_BYTES: u64 = 64 * 1024;
/// Bytes read for the rows of a page, to begin with: 200 rows of 300 bytes.
const ROWS_BYTES: u64 = 64 * 1024;
/// Bytes of a header or of one page at most; a row may have 64 KiB.
const BYTES_MAX: u64 = 16 * 1024 * 1024;

pub fn operations() -> Vec<Operation> {
    vec![
        get("/lists/{id}/contacts", UseCase::ReadLists, page)
            .summary("Contacts of a list, by number", "Contacts d’une liste, par numéro")
            .named("list_contacts")
            .pages::<ContactView>()
            .conflict_before_ready(),
    ]
}

answers! {
    #[derive(Debug)]
    pub struct ContactView as "Contact" {
        pub phone: String = phone(),
        /// By column
        /// Par colonne
        fields: BTreeMap<String, String>,
    }
}

/// The list file of a list, unless there is none now.
pub fn contacts_file(list: &List) -> Result<FileKey, Problem> {
    if !list.is_readable() {
        let (english, french) = ("the list is not imported yet", "la liste n’est pas encore importée");
        return Err(Problem::new(Kind::Conflict, english, french));
    }
    Ok(FileKey::Contacts { account: list.account.clone(), list: list.id.clone(), generation: list.generation })
}

async fn page(context: Context, Id(id): Id<ListId>, pages: Pages) -> Answered {
    let list = find(&context.store, &id).await?;
    let file = contacts_file(&list)?;
    // A cursor is for one generation of a list: after a new import its offset has no meaning.
    let listing = format!("{LISTING} {id} {}", list.generation);
    let paging = pages.paging(&listing)?;
    let from = paging.after.map(|after| after.parse::<u64>()).transpose().map_err(|_| wrong_cursor())?;
    let (items, next) = contacts(&context.files, &file, from, paging.limit).await?;
    let next = next.map(|offset| offset.to_string());
    pages.page(&listing, Page { items, next }, |contact| contact)
}

/// Contacts of a list file from the row at byte `from` on, and where the next page begins.
pub async fn contacts(
    files: &Files,
    file: &FileKey,
    from: Option<u64>,
    limit: usize,
) -> Result<(Vec<ContactView>, Option<u64>), ApiError> {
    let end = files.size(file).await?;
    let (header, first) = header(files, file, end).await?;
    let (is_chosen, from) = (from.is_some(), from.unwrap_or(first));
    let mut size = ROWS_BYTES;
    loop {
        let until = (from + size).min(end);
        let bytes = files.get_range(file, from, until).await?;
        let mut rows = Rows::new(&bytes, from);
        let mut items = Vec::new();
        while items.len() < limit {
            match rows.next() {
                Some(Ok(row)) => {
                    let fields = row.fields().map(|field| field.into_owned());
                    let fields = header.columns().iter().cloned().zip(fields).collect();
                    items.push(ContactView { phone: row.phone.to_string(), fields });
                }
                // The last row is cut off where the read bytes end.
                Some(Err(ListFileError::Unfinished { .. })) if until < end => break,
                // This position was never given out.
                Some(Err(_)) if is_chosen && items.is_empty() => return Err(wrong_cursor().into()),
                Some(Err(error)) => return Err(broken(file, &error)),
                None => break,
            }
        }
        let next = rows.offset();
        // A page may be shorter than requested, but never empty before the end.
        if items.len() >= limit || until == end || size >= BYTES_MAX {
            return Ok((items, (next < end).then_some(next)));
        }
        size *= 4;
    }
}

async fn header(files: &Files, file: &FileKey, end: u64) -> Result<(ListHeader, u64), ApiError> {
    let mut size = HEADER_BYTES;
    loop {
        let bytes = files.get_range(file, 0, size.min(end)).await?;
        match ListHeader::parse(&bytes).map_err(|error| broken(file, &error))? {
            Some((header, first)) => return Ok((header, first as u64)),
            None if size >= end.min(BYTES_MAX) => return Err(broken(file, &"no end of the header")),
            None => size *= 4,
        }
    }
}

fn broken(file: &FileKey, cause: &dyn std::fmt::Display) -> ApiError {
    files::Error::Unavailable { verb: "read", key: format!("{file:?}"), cause: cause.to_string() }.into()
}
