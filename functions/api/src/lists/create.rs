//! `POST /v1/lists`: a list for an uploaded file, or of pasted values.

use std::collections::BTreeMap;

use app::lists::{self, Contents, ImportSource, NewList};
use app::{Context, UseCase};
use aws::files::{ADDRESS_VALIDITY, Address, UPLOAD_BYTES_MAX};
use domain::campaign::NAME_CHARACTERS_MAX;
use domain::country::Country;
use domain::list::{Column, Purpose};
use serde::Deserialize;
use serde_json::json;
use web::{Language, Problem};

use super::view::{ListView, view};
use crate::answer::{Answer, Answered};
use crate::contract::described::Described;
use crate::contract::operation::{Operation, post};
use crate::contract::schema::{Schema, integer, line, list, one_of, text, uri, word};
use crate::gate::{Body, Caller};

/// Most pasted values, and bytes of such a request: Lambda takes 6 MB.
pub const VALUES_MAX: usize = 200_000;
pub const PASTED_BYTES_MAX: usize = 5 * 1024 * 1024;
/// Longest pasted value, in characters: room for a number and a mistake.
const VALUE_CHARACTERS_MAX: usize = 200;

pub fn operations() -> Vec<Operation> {
    vec![
        post("/lists", UseCase::CreateList, create)
            .summary(
                "Makes a list, to upload a file for or of pasted values",
                "Crée une liste, pour y déposer un fichier ou à partir de valeurs collées",
            )
            .takes_up_to(PASTED_BYTES_MAX)
            .example(json!({ "name": "Clients", "values": ["06 12 34 56 78", "+33 (0)6 12 34 56 79"] }))
            .answers::<NewListView>(
                201,
                "The list; with `upload` unless values were pasted",
                "La liste ; avec `upload` sauf si des valeurs ont été collées",
            ),
    ]
}

requests! {
    struct NewListBody {
        name: String = line(NAME_CHARACTERS_MAX),
        ..source: Source,
    }

    /// An import of exclusions, as a list.
    pub struct NewExclusions {
        pub name?: String = line(NAME_CHARACTERS_MAX),
        ..pub source: Source,
    }

    /// Where contacts come from, as lists and imports of exclusions take it.
    pub struct Source {
        /// Pasted instead of a file
        /// Collées au lieu d’un fichier
        values?: Vec<String> = list(text(0, VALUE_CHARACTERS_MAX), 1, VALUES_MAX),
        /// Sheet of an XLSX workbook; the first visible one when absent
        /// Feuille d’un classeur XLSX ; la première visible en son absence
        sheet?: String = sheet(),
        /// Index from 0, or name; found by itself when absent
        /// Rang à partir de 0, ou nom ; trouvée toute seule en son absence
        phone_column?: ColumnView,
        /// Country of national numbers, FR by default
        /// Pour lire les numéros nationaux ; FR sauf indication contraire
        country?: Country,
    }
}

/// Excel's names have 31 characters; others' may be longer.
pub fn sheet() -> Schema {
    line(100)
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum ColumnView {
    Index(usize),
    Name(String),
}

impl Described for ColumnView {
    type Patch = Self;
    fn schema() -> Schema {
        one_of([integer(0, 255), line(200)])
    }
}

answers! {
    pub struct NewListView as "NewList" {
        ..list: ListView,
        /// Takes a file until one is imported; what is put there later is not read
        /// Prend un fichier jusqu’à ce qu’un soit importé ; ce qui y est déposé ensuite n’est pas lu
        upload?: UploadView,
    }

    /// Where a client may upload a file directly.
    pub struct UploadView as "Upload" {
        method: &'static str = word(["PUT"]),
        url: String = uri(),
        /// To be sent with it
        /// À envoyer avec lui
        headers: BTreeMap<String, String>,
        expires_at: jiff::Timestamp,
        octets_max: u64,
    }
}

impl From<ColumnView> for Column {
    fn from(column: ColumnView) -> Self {
        match column {
            ColumnView::Index(index) => Self::Index(index),
            ColumnView::Name(name) => Self::Name(name.trim().to_owned()),
        }
    }
}

async fn create(context: Context, caller: Caller, Body(wanted): Body<NewListBody>) -> Answered {
    create_list(&context, caller.language, wanted.name, Purpose::Contacts, wanted.source).await
}

/// Creates a list for a file or of pasted values, and returns it.
pub async fn create_list(
    context: &Context,
    language: Language,
    name: String,
    purpose: Purpose,
    source: Source,
) -> Answered {
    if source.values.is_some() && (source.phone_column.is_some() || source.sheet.is_some()) {
        let pointer = if source.sheet.is_some() { "/sheet" } else { "/phone_column" };
        let (english, french) = ("pasted values have one column", "des valeurs collées n’ont qu’une colonne");
        return Err(Problem::invalid_field("not_together", pointer, english, french).into());
    }
    let wanted = NewList {
        id: None,
        name,
        purpose,
        contents: source.values.map_or(Contents::Upload, Contents::Pasted),
        country: source.country.unwrap_or_default(),
        source: ImportSource { phone_column: source.phone_column.map(Into::into), sheet: source.sheet },
    };
    let made = lists::create(context, wanted).await?;
    let upload = made.upload.map(|address| upload_view(address, UPLOAD_BYTES_MAX, context.now()));
    let (location, version) = (format!("/lists/{}", made.list.id), made.list.version);
    let days = context.account().await?.purge_after_days;
    let view = NewListView { list: view(&made.list, language, days), upload };
    Ok(Answer::created(&location, &view)?.version(version))
}

/// Where a client may upload a file directly.
pub fn upload_view(address: Address, size_max: u64, now: jiff::Timestamp) -> UploadView {
    let validity = jiff::SignedDuration::try_from(ADDRESS_VALIDITY).unwrap_or_default();
    UploadView {
        method: "PUT",
        url: address.url,
        headers: address.headers.into_iter().collect(),
        expires_at: now + validity,
        octets_max: size_max,
    }
}
