//! Lists of contacts and imports of exclusions: created for a file or from pasted values, changed, imported again,
//! removed.

mod imports;
mod removal;

use aws::files::{Address, FileKey};
use aws::store;
use domain::country::Country;
use domain::ids::ListId;
use domain::list::{Column, List, Purpose, Status};
use support::random;

pub use crate::error::NotAgain;
pub use imports::{ImportSource, Watched, settle_import};
pub use removal::{campaign_using, lists_in_use, purge, remove};

use crate::context::{Attempts, Context, Expected};
use crate::error::Error;
use crate::use_case::UseCase;
use imports::{begin_import, import_again};

/// A new list.
#[derive(Debug, Clone)]
pub struct NewList {
    /// The id of a form, so that a form sent twice creates one list.
    pub id: Option<ListId>,
    pub name: String,
    pub purpose: Purpose,
    pub contents: Contents,
    /// The country in which national numbers are read.
    pub country: Country,
    pub source: ImportSource,
}

/// Where its numbers come from.
#[derive(Debug, Clone)]
pub enum Contents {
    /// A file that the client uploads to the bucket directly.
    Upload,
    /// One value per line.
    Pasted(Vec<String>),
}

/// A new list.
#[derive(Debug)]
pub struct Created {
    pub list: List,
    /// Where its file is to be uploaded; `None` if its import is running.
    pub upload: Option<Address>,
}

/// Creates a list. Pasted values are stored as an upload, whose arrival starts the import.
pub async fn create(context: &Context, wanted: NewList) -> Result<Created, Error> {
    let permit = context.permit(match wanted.purpose {
        Purpose::Contacts => UseCase::CreateList,
        Purpose::Exclusions => UseCase::ImportExclusions,
    })?;
    let (account, author, now) = (context.account_id().clone(), context.actor.author.clone(), context.now());
    let id = wanted.id.unwrap_or_else(|| ListId::new(now, random::bytes()));
    let list = List {
        phone_column: wanted.source.phone_column,
        sheet: wanted.source.sheet.map(|sheet| sheet.trim().to_owned()),
        is_pasted: matches!(wanted.contents, Contents::Pasted(_)),
        country: wanted.country.code().to_owned(),
        ..List::awaiting(account, id, wanted.name.trim().to_owned(), wanted.purpose, author, now)
    };
    let noting = permit.noting(&list.id, &list.name);
    let written = match &wanted.contents {
        Contents::Upload => noting.put_list(list.clone()).await,
        Contents::Pasted(_) => begin_import(&noting, list.clone().asked(list.upload, now), now).await,
    };
    let list = match written {
        Ok(list) => list,
        // Created before: an upload that broke off is tried again, anything else is running.
        Err(store::Error::Conflict { .. }) => {
            let first = find(context, &list.id, &Expected::Any).await?;
            if first.status != Status::AwaitingUpload || first.is_pasted {
                return Ok(Created { list: first, upload: None });
            }
            first
        }
        Err(error) => return Err(error.into()),
    };
    let file = FileKey::Upload { account: list.account.clone(), list: list.id.clone(), generation: list.upload };
    let upload = match wanted.contents {
        Contents::Upload => Some(context.files.upload_address(&file, None).await?),
        Contents::Pasted(values) => {
            context.files.put(&file, contacts::pasted(values), "text/csv; charset=utf-8").await?;
            None
        }
    };
    Ok(Created { list, upload })
}

/// Changes of a list; `None` leaves a field unchanged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListChanges {
    pub name: Option<String>,
    /// A disabled list cannot be used by campaigns.
    pub disabled: Option<bool>,
    /// Imports again; with `Some(None)` the import detects the column.
    pub phone_column: Option<Option<Column>>,
    /// Imports again; `Some(None)` means the first visible sheet.
    pub sheet: Option<Option<String>>,
}

impl ListChanges {
    /// Names of the fields that change, as the API has them.
    fn names(&self) -> String {
        let fields = [
            ("name", self.name.is_some()),
            ("disabled", self.disabled.is_some()),
            ("phone_column", self.phone_column.is_some()),
            ("sheet", self.sheet.is_some()),
        ];
        let named = fields.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name);
        named.collect::<Vec<_>>().join(", ")
    }

    /// The list with its new name and status.
    fn apply(&self, list: List) -> Result<List, Error> {
        let name = self.name.as_ref().map_or(list.name.clone(), |name| name.trim().to_owned());
        let status = match (list.status, self.disabled) {
            (Status::Ready | Status::Disabled, Some(true)) => Status::Disabled,
            (Status::Ready | Status::Disabled, Some(false)) => Status::Ready,
            (_, Some(true)) => return Err(Error::ListNotReady),
            (status, Some(false) | None) => status,
        };
        Ok(List { name, status, ..list })
    }

    /// The options to read the upload with, if they change.
    fn source(&self, list: &List) -> Option<ImportSource> {
        if self.phone_column.is_none() && self.sheet.is_none() {
            return None;
        }
        let phone_column = self.phone_column.clone().unwrap_or_else(|| list.phone_column.clone());
        let sheet = self.sheet.clone().unwrap_or_else(|| list.sheet.clone());
        Some(ImportSource { phone_column, sheet: sheet.map(|sheet| sheet.trim().to_owned()) })
    }
}

/// Renames a list, disables or enables it, or imports it again with another column or sheet.
pub async fn change(context: &Context, id: &ListId, expected: &Expected, changes: &ListChanges) -> Result<List, Error> {
    let permit = context.permit(UseCase::ChangeList)?;
    let mut attempts = Attempts::default();
    loop {
        let found = find(context, id, expected).await?;
        let source = changes.source(&found);
        let next = changes.apply(found.clone())?;
        if source.is_none() && next == found {
            return Ok(found);
        }
        let list = List { modified_at: context.now(), ..next };
        let written = match source {
            Some(source) => match import_again(context, list, source).await {
                Ok(list) => {
                    permit.note(id, changes.names()).await;
                    Ok(list)
                }
                failed => failed,
            },
            None => permit.noting(id, changes.names()).put_list(list).await.map_err(Error::from),
        };
        if !attempts.again(&written) {
            return written;
        }
    }
}

/// A list of the account, contacts or exclusions, at an expected version.
pub(crate) async fn find(context: &Context, id: &ListId, expected: &Expected) -> Result<List, Error> {
    let list = context.store.list(id).await?.ok_or(Error::NotFound { what: "list" })?;
    expected.holds(list.version, "list")?;
    Ok(list)
}
