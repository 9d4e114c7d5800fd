//! A list as the API shows it.

use app::import_report::ReportView;
use domain::campaign::NAME_CHARACTERS_MAX;
use domain::ids::ListId;
use domain::list::{List, Purpose, Status};
use web::{Language, Text};

use crate::contract::described::Described;
use crate::contract::schema::{Schema, all, any_text, boolean, count, line, map, object, share};

impl Described for ReportView {
    type Patch = Self;
    fn schema() -> Schema {
        let index = count().about("From 0", "À partir de 0");
        object([])
            .field("rows", count())
            .field("contacts", count().about("Distinct numbers", "Numéros distincts"))
            .field("duplicates", count())
            .field("invalid", count().about("Rows in the rejects", "Lignes dans les rejets"))
            .field(
                "excluded",
                count().about(
                    "Contacts that were excluded when the list was imported",
                    "Contacts qui étaient exclus à l’import de la liste",
                ),
            )
            .field("phone_column", object([]).field("index", index).field("name", any_text()))
            .field("columns", all(any_text()))
            .field("encoding", any_text())
            .field("delimiter", any_text().or_null())
            .field("header", boolean())
            .field("by_territory", map(count()))
            .field("invalid_by_reason", map(count()))
            .named("ImportReport")
    }
}

answers! {
    pub struct ListView as "List" {
        id: ListId,
        name: String = line(NAME_CHARACTERS_MAX),
        purpose: Purpose,
        status: Status,
        /// Of the import
        /// De l’import
        progress: f64 = share(),
        contacts: u64,
        report?: ReportView,
        /// Why the last file could not be imported; what was imported before stands
        /// Pourquoi le dernier fichier n’a pas pu être importé ; ce qui l’était avant reste
        failure?: FailureView,
        /// Sheet of the workbook that is read; null is the first visible one
        /// Feuille du classeur qui est lue ; null : la première visible
        sheet: Option<String>,
        /// Sheets of the workbook; none of any other file
        /// Feuilles du classeur ; aucune pour un autre fichier
        sheets: Vec<String>,
        /// Whose national numbers the file holds
        /// Le pays dont le fichier contient les numéros nationaux
        country: String,
        author: String,
        created_at: jiff::Timestamp,
        modified_at: jiff::Timestamp,
        last_used_at: Option<jiff::Timestamp>,
        /// When it is removed unless a campaign uses it; null is never
        /// Quand elle est supprimée si aucune campagne ne l’utilise ; null : jamais
        purge_at: Option<jiff::Timestamp>,
        version: u64,
    }

    struct FailureView {
        code: String,
        detail: String,
        /// The sheets, or the columns, that there are
        /// Les feuilles, ou les colonnes, qui existent
        names: Vec<String>,
    }
}

pub fn view(list: &List, language: Language, purge_after_days: u32) -> ListView {
    let progress = match list.status {
        Status::Ready | Status::Disabled => 1.0,
        Status::AwaitingUpload => 0.0,
        Status::Importing | Status::Failed => f64::from(list.done_per_mille) / 1_000.0,
    };
    let report = list.report.as_ref().filter(|_| list.is_readable());
    ListView {
        id: list.id.clone(),
        name: list.name.clone(),
        purpose: list.purpose,
        status: list.status,
        progress,
        contacts: list.contacts,
        report: report.map(ReportView::from),
        failure: list.failure.as_ref().map(|code| FailureView {
            code: code.clone(),
            detail: failure(code).in_language(language).to_owned(),
            names: list.failure_names.clone(),
        }),
        sheet: list.sheet.clone(),
        sheets: list.sheets.clone(),
        country: list.country.clone(),
        author: list.author.clone(),
        created_at: list.created_at,
        modified_at: list.modified_at,
        last_used_at: list.last_used_at,
        purge_at: list.purge_at(purge_after_days),
        version: list.version,
    }
}

fn failure(code: &str) -> Text {
    let (english, french) = match code {
        "empty_file" => ("the file holds no row", "le fichier ne contient aucune ligne"),
        "no_phone_column" => ("no column holds phone numbers", "aucune colonne ne contient de numéros de téléphone"),
        "phone_column_not_found" => ("the file has no such column", "le fichier n’a pas cette colonne"),
        "too_many_columns" => ("the file has too many columns", "le fichier a trop de colonnes"),
        "too_large" => ("the file is too large", "le fichier est trop volumineux"),
        "unreadable_encoding" => {
            ("the file is not text in a known encoding", "le fichier n’est pas un texte dans un encodage connu")
        }
        "unsupported_format" => ("the file is not a CSV or XLSX file", "le fichier n’est ni un CSV ni un XLSX"),
        "unreadable_workbook" => ("the workbook cannot be read", "le classeur est illisible"),
        "sheet_not_found" => ("the workbook has no such sheet", "le classeur n’a pas cette feuille"),
        "no_workbook" => (
            "a sheet is named and the file is not an XLSX workbook",
            "une feuille est indiquée et le fichier n’est pas un classeur XLSX",
        ),
        "upload_missing" => (
            "the file did not arrive or is no longer kept; upload it anew",
            "le fichier n’est pas arrivé ou n’est plus conservé ; déposez-le à nouveau",
        ),
        "cut_off" => {
            ("the import was cut off; upload the file anew", "l’import a été interrompu ; déposez le fichier à nouveau")
        }
        _ => ("the file cannot be imported", "le fichier ne peut pas être importé"),
    };
    Text::new(english, french)
}
