//! Lists of an account: their metadata. Their contacts are files.

use std::collections::HashMap;

use domain::ids::ListId;
use domain::list::{Before, Column, Import, List, Purpose, Status, Upload};
use serde::{Deserialize, Serialize};

use super::item::{Item, Page, code, doc, instant, item, maybe_instant, ms, n, number, s, text};
use super::reading::{self, Slice};
use super::report_item;
use super::{AccountStore, CONFLICT_TRIES, Result, filtered, retry_on_conflict};

const WHAT: &str = "list";

#[derive(Serialize, Deserialize)]
struct ListItem {
    name: String,
    purpose: String,
    status: String,
    phone_column: Option<ColumnItem>,
    #[serde(default)]
    sheet: Option<String>,
    #[serde(default)]
    sheets: Vec<String>,
    is_pasted: bool,
    country: String,
    generation: u32,
    /// Number and tag.
    #[serde(default)]
    source: Option<(u32, String)>,
    /// Absent in items from before uploads had their own numbers.
    #[serde(default)]
    upload: Option<u32>,
    #[serde(default)]
    attempts: u32,
    #[serde(default)]
    import: Option<ImportItem>,
    done_per_mille: u16,
    report: Option<String>,
    contacts: u64,
    failure: Option<String>,
    #[serde(default)]
    failure_names: Vec<String>,
    author: String,
    created_at: i64,
    modified_at: i64,
    imported_at: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct ImportItem {
    upload: u32,
    generation: u32,
    began_at: i64,
    moved_at: i64,
    status_before: String,
    phone_column_before: Option<ColumnItem>,
    sheet_before: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum ColumnItem {
    Index(usize),
    Name(String),
}

impl ColumnItem {
    fn new(column: &Column) -> Self {
        match column {
            Column::Index(index) => Self::Index(*index),
            Column::Name(name) => Self::Name(name.clone()),
        }
    }

    fn column(self) -> Column {
        match self {
            Self::Index(index) => Column::Index(index),
            Self::Name(name) => Column::Name(name),
        }
    }
}

impl ImportItem {
    fn new(import: &Import) -> Self {
        let Import { upload, generation, began_at, moved_at, before } = import;
        let Before { status, phone_column, sheet } = before;
        Self {
            upload: *upload,
            generation: *generation,
            began_at: ms(*began_at),
            moved_at: ms(*moved_at),
            status_before: status.code().into(),
            phone_column_before: phone_column.as_ref().map(ColumnItem::new),
            sheet_before: sheet.clone(),
        }
    }

    fn import(self) -> Result<Import> {
        let before = Before {
            status: code(&self.status_before, WHAT)?,
            phone_column: self.phone_column_before.map(ColumnItem::column),
            sheet: self.sheet_before,
        };
        let (began_at, moved_at) = (instant(self.began_at, WHAT)?, instant(self.moved_at, WHAT)?);
        Ok(Import { upload: self.upload, generation: self.generation, began_at, moved_at, before })
    }
}

fn shape(list: &List) -> ListItem {
    ListItem {
        name: list.name.clone(),
        purpose: list.purpose.code().into(),
        status: list.status.code().into(),
        phone_column: list.phone_column.as_ref().map(ColumnItem::new),
        sheet: list.sheet.clone(),
        sheets: list.sheets.clone(),
        is_pasted: list.is_pasted,
        country: list.country.clone(),
        generation: list.generation,
        source: list.source.as_ref().map(|source| (source.number, source.etag.clone())),
        upload: Some(list.upload),
        attempts: list.attempts,
        import: list.import.as_ref().map(ImportItem::new),
        done_per_mille: list.done_per_mille,
        report: list.report.as_ref().map(report_item::write),
        contacts: list.contacts,
        failure: list.failure.clone(),
        failure_names: list.failure_names.clone(),
        author: list.author.clone(),
        created_at: ms(list.created_at),
        modified_at: ms(list.modified_at),
        imported_at: list.imported_at.map(ms),
    }
}

/// A list from before uploads had their own numbers: its generation was that of its newest upload, whose contacts
/// existed once it was ready. Exclusions were never read again, so theirs stayed.
fn renumbered(list: List) -> List {
    let (number, attempts, status) = (list.generation, list.generation, list.status);
    let stands = match status {
        Status::Ready | Status::Disabled => true,
        Status::AwaitingUpload | Status::Importing | Status::Failed => list.purpose == Purpose::Exclusions,
    };
    let imported_at = list.imported_at.filter(|_| stands);
    let generation = if imported_at.is_some() { number } else { 0 };
    let list = List { generation, imported_at, attempts, ..list };
    match status {
        Status::Importing => {
            let began_at = list.modified_at;
            let before = if imported_at.is_some() { Status::Ready } else { Status::AwaitingUpload };
            List { status: before, ..list }.asked(number, began_at)
        }
        Status::AwaitingUpload | Status::Ready | Status::Failed | Status::Disabled => list,
    }
}

impl AccountStore {
    pub async fn list(&self, id: &ListId) -> Result<Option<List>> {
        let got = reading::get(&self.db, &self.tables.lists, self.account.as_str(), id.as_str(), WHAT).await?;
        got.map(|item| self.read_list(&item)).transpose()
    }

    /// Names of lists by id; deleted ones are left out.
    pub async fn list_names(&self, ids: &[ListId]) -> Result<HashMap<ListId, String>> {
        let sks: Vec<&str> = ids.iter().map(ListId::as_str).collect();
        let lists = reading::get_all(&self.db, &self.tables.lists, self.account.as_str(), &sks, WHAT).await?;
        lists
            .values()
            .map(|list| Ok((code(text(list, "sk", WHAT)?, WHAT)?, doc::<ListItem>(list, WHAT)?.name)))
            .collect()
    }

    fn read_list(&self, item: &Item) -> Result<List> {
        let shape: ListItem = doc(item, WHAT)?;
        let used: i64 = number(item, "last_used_at", WHAT)?;
        let numbered = shape.upload.is_some();
        let list = List {
            account: self.account.clone(),
            id: code(text(item, "sk", WHAT)?, WHAT)?,
            name: shape.name,
            purpose: code(&shape.purpose, WHAT)?,
            status: code(&shape.status, WHAT)?,
            phone_column: shape.phone_column.map(ColumnItem::column),
            sheet: shape.sheet,
            sheets: shape.sheets,
            is_pasted: shape.is_pasted,
            country: shape.country,
            generation: shape.generation,
            source: shape.source.map(|(number, etag)| Upload { number, etag }),
            upload: shape.upload.unwrap_or(shape.generation),
            attempts: shape.attempts,
            import: shape.import.map(ImportItem::import).transpose()?,
            done_per_mille: shape.done_per_mille,
            report: shape.report.as_deref().and_then(report_item::read),
            contacts: shape.contacts,
            failure: shape.failure,
            failure_names: shape.failure_names,
            author: shape.author,
            created_at: instant(shape.created_at, WHAT)?,
            modified_at: instant(shape.modified_at, WHAT)?,
            last_used_at: (used > 0).then(|| instant(used, WHAT)).transpose()?,
            imported_at: maybe_instant(shape.imported_at, WHAT)?,
            version: number(item, "version", WHAT)?,
        };
        Ok(if numbered { list } else { renumbered(list) })
    }

    /// Writes a list that is unchanged since it was read; returns it at its new version. From an account's first list
    /// on, dispatch checks for unused ones.
    pub async fn put_list(&self, list: List) -> Result<List> {
        let mut item = item(self.account.as_str(), list.id.as_str(), &shape(&list));
        if let Some(used) = list.last_used_at {
            item.insert("last_used_at".into(), n(ms(used)));
        }
        self.put(&self.tables.lists, item, list.version, WHAT).await?;
        if list.version == 0 {
            self.begin_to_look_for_unused_lists(list.created_at).await?;
        }
        Ok(List { version: list.version + 1, ..list })
    }

    /// Changes the present list; `None` if it is gone or `change` no longer applies to it.
    pub async fn change_list(&self, id: &ListId, change: impl Fn(List) -> Option<List>) -> Result<Option<List>> {
        retry_on_conflict(CONFLICT_TRIES, || async {
            match self.list(id).await?.and_then(&change) {
                Some(list) => self.put_list(list).await.map(Some),
                None => Ok(None),
            }
        })
        .await
    }

    /// Records that a campaign used a list; the list's version stays.
    pub async fn touch_list(&self, id: &ListId, now: jiff::Timestamp) -> Result<()> {
        let pk = self.account.as_str();
        reading::note_instant(&self.db, &self.tables.lists, pk, id.as_str(), "last_used_at", now, WHAT).await
    }

    /// Lists, newest first, contacts and exclusions alike.
    pub async fn lists(&self, after: Option<&str>, limit: usize) -> Result<Page<List>> {
        let slice = Slice { pk: self.account.as_str(), prefix: ListId::PREFIX, after, newest_first: true };
        let page = reading::page(&self.db, &self.tables.lists, slice, limit, WHAT).await?;
        let items = page.items.iter().map(|item| self.read_list(item)).collect::<Result<_>>()?;
        Ok(Page { items, next: page.next })
    }

    /// Lists of one purpose that are wanted, newest first.
    pub async fn lists_wanted(
        &self,
        purpose: Purpose,
        is_wanted: impl Fn(&List) -> bool,
        after: Option<String>,
        limit: usize,
    ) -> Result<Page<List>> {
        let read = |after: Option<String>, limit| async move { self.lists(after.as_deref(), limit).await };
        let is_wanted = |list: &List| list.purpose == purpose && is_wanted(list);
        filtered(after, limit, read, |list| list.id.to_string(), is_wanted).await
    }

    /// Every import of exclusions, newest first. The table leaves out the lists of contacts, of which there may be many.
    pub async fn exclusion_lists(&self) -> Result<Vec<List>> {
        let query = self
            .db
            .query()
            .table_name(&self.tables.lists)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            // As spelled in the document; in other texts its quotes would be escaped.
            .filter_expression("contains(doc, :purpose)")
            .expression_attribute_values(":pk", s(self.account.as_str()))
            .expression_attribute_values(":prefix", s(ListId::PREFIX))
            .expression_attribute_values(":purpose", s(format!("\"purpose\":\"{}\"", Purpose::Exclusions.code())))
            .scan_index_forward(false)
            .consistent_read(true);
        reading::every(query, WHAT).await?.iter().map(|item| self.read_list(item)).collect()
    }

    /// Removes a list that is unchanged since it was read; the caller removes its files.
    pub async fn delete_list(&self, list: &List) -> Result<()> {
        self.delete(&self.tables.lists, list.id.as_str(), list.version, WHAT).await
    }
}
