//! How far an import is; then rows, duplicates, invalid and final contacts, and the phone column, which can be changed
//! before the list is confirmed.

use app::lists::{self, ListChanges, NotAgain};
use app::{Error, Expected, UseCase, drafts};
use axum::extract::Path;
use domain::ids::CampaignId;
use domain::import_report::ImportReport;
use domain::list::{Column, List, Purpose, Status};
use maud::{Markup, html};

use super::open;
use crate::gate::{Answer, Failure, Fields, Visitor, see};
use crate::pages::settings_of;
use crate::view::icons;
use crate::view::layout::{self, Place};
use crate::view::parts::{csrf, figure};
use crate::words::contacts as l;

pub async fn show(v: Visitor, Path(id): Path<String>) -> Answer {
    let list = open(&v, &id).await?;
    let campaign = v.query("campaign").unwrap_or_default();
    let content = html! {
        h1 { (list.name) }
        @if v.query("gone").is_some() { p.note.warn role="alert" { (v.t(l::NOT_KEPT)) } }
        @match (list.status, &list.report) {
            (Status::Ready | Status::Disabled, Some(report)) => {
                @if list.failure.is_some() { p.note.bad role="alert" { (failure(&v, &list)) } }
                (ready(&v, &list, report, &campaign))
            },
            (Status::Failed, _) => {
                p.note.bad role="alert" { (failure(&v, &list)) }
                @if v.may(UseCase::ChangeList) {
                    @if list.sheets.len() > 1 && list.purpose == Purpose::Contacts {
                        form method="post" action={ "/lists/" (list.id) "/import" } {
                            (csrf(&v))
                            input type="hidden" name="campaign" value=(campaign);
                            (sheets(&v, &list))
                        }
                    }
                    div.buttons { a.button.plain href=(again(&list, &campaign)) data-dialog { (v.t(l::IMPORT_TITLE)) } }
                }
            },
            (Status::AwaitingUpload, _) => (working(&v, &list, v.t(l::WAITING))),
            _ => (working(&v, &list, v.t(l::READING))),
        }
    };
    Ok(layout::page(&v, &list.name, Place::Lists, content))
}

/// Why there is no list; of a workbook with several sheets, which one gave none.
fn failure(v: &Visitor, list: &List) -> String {
    let text = v.t(l::failure(list.failure.as_deref().unwrap_or_default()));
    match list.sheet.as_ref().or(list.sheets.first()).filter(|_| list.sheets.len() > 1) {
        Some(sheet) => format!("{text} {}", v.tf(l::FAILED_SHEET, &[sheet])),
        None => text.to_owned(),
    }
}

/// Which sheet of the workbook is read: the first unless another is chosen.
fn sheets(v: &Visitor, list: &List) -> Markup {
    let read = list.sheet.as_ref().or(list.sheets.first());
    html! {
        @if list.sheets.len() > 1 {
            div.field {
                label for="sheet" { (v.t(l::SHEET)) }
                p.hint #sheet-hint { (v.t(l::SHEET_HINT)) }
                div.joined {
                    select #sheet name="sheet" aria-describedby="sheet-hint" {
                        @for name in &list.sheets { option value=(name) selected[Some(name) == read] { (name) } }
                    }
                    button.button.plain name="do" value="sheet" { (v.t(l::REREAD_SHEET)) }
                }
            }
        }
    }
}

/// A new import for the same end.
fn again(list: &List, campaign: &str) -> String {
    let purpose = if list.purpose == Purpose::Exclusions { "&purpose=exclusions" } else { "" };
    format!("/lists/new?campaign={campaign}{purpose}")
}

fn working(v: &Visitor, list: &List, text: &str) -> Markup {
    html! {
        section data-refresh-main="1" {
            br;
            p role="status" { (text) " " (v.percent(u64::from(list.done_per_mille), 1_000u64)) }
            progress value=(list.done_per_mille) max="1000" aria-label=(text) {}
        }
    }
}

fn ready(v: &Visitor, list: &List, report: &ImportReport, campaign: &str) -> Markup {
    html! {
        p.lead { (v.t(l::SUMMARY)) }
        br;
        (figures(v, report))
        form method="post" action={ "/lists/" (list.id) "/import" } {
            (csrf(v))
            input type="hidden" name="campaign" value=(campaign);
            @if v.may(UseCase::ChangeList) && list.purpose == Purpose::Contacts { (sheets(v, list)) }
            @if v.may(UseCase::ChangeList) && report.columns.len() > 1 && !list.is_pasted && list.purpose == Purpose::Contacts {
                div.field {
                    label for="column" { (v.t(l::PHONE_COLUMN)) }
                    p.hint #column-hint { (v.t(l::PHONE_COLUMN_HINT)) }
                    div.joined {
                        select #column name="column" aria-describedby="column-hint" {
                            @for (index, name) in report.columns.iter().enumerate() {
                                option value=(index) selected[index == report.phone_column.index] { (name) }
                            }
                        }
                        button.button.plain name="do" value="column" { (v.t(l::REREAD)) }
                    }
                }
            }
            (reasons(v, list, report))
            div.buttons.foot {
                span.grow {}
                button.button name="do" value="validate" { (icons::check()) (v.t(l::VALIDATE)) }
            }
        }
    }
}

pub fn figures(v: &Visitor, report: &ImportReport) -> Markup {
    html! {
        dl.figures-row {
            (figure(v.t(l::FINAL), &v.number(report.contacts), None))
            (figure(v.t(l::ROWS), &v.number(report.rows), None))
            (figure(v.t(l::DUPLICATES), &v.number(report.duplicates), None))
            (figure(v.t(l::INVALID), &v.number(report.invalid), None))
            @if report.excluded > 0 { (figure(v.t(l::EXCLUDED), &v.number(report.excluded), None)) }
        }
        @if report.by_territory.len() > 1 {
            (settings_of::territories(v, report.by_territory_code().into_iter()))
        }
    }
}

/// Why rows were refused, and the file that says it of each.
pub fn reasons(v: &Visitor, list: &List, report: &ImportReport) -> Markup {
    html! {
        @if report.invalid > 0 {
            table.small {
                caption { (v.t(l::BY_REASON)) }
                tbody {
                    @for (code, count) in &report.invalid_by_reason {
                        tr { th scope="row" { (v.tf(l::reason(code), &[code])) } td.right { (v.number(*count)) } }
                    }
                }
            }
            p { a href={ "/lists/" (list.id) "/file/rejects" } { (icons::download()) " " (v.t(l::REJECTS)) } }
        }
    }
}

/// Another phone column imports again; confirming puts the list into the campaign that it was imported for.
pub async fn save(v: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let list = open(&v, &id).await?;
    let campaign = fields.get("campaign").parse::<CampaignId>().ok();
    if let Some(changes) = reread(&list, &fields) {
        let suffix = campaign.map(|id| format!("?campaign={id}")).unwrap_or_default();
        return match lists::change(&v.context, &list.id, &Expected::Any, &changes).await {
            Ok(list) => Ok(see(&format!("/lists/{}/import{suffix}", list.id))),
            Err(Error::NotAgain(NotAgain::UploadGone)) => {
                let mark = if suffix.is_empty() { '?' } else { '&' };
                Ok(see(&format!("/lists/{id}/import{suffix}{mark}gone=1")))
            }
            Err(error) => Err(error.into()),
        };
    }
    match campaign {
        Some(campaign) => into_campaign(&v, &campaign, &list).await,
        None if list.purpose == Purpose::Exclusions => v.done("/exclusions", "saved"),
        None => v.done("/lists", "saved"),
    }
}

/// How the upload is to be read instead: another column, or another sheet, whose columns are found anew.
fn reread(list: &List, fields: &Fields) -> Option<ListChanges> {
    let (phone_column, sheet) = match fields.get("do") {
        "column" => (Some(Column::Index(fields.get("column").parse().ok()?)), list.sheet.clone()),
        "sheet" => (None, fields.some("sheet").map(ToOwned::to_owned)),
        _ => return None,
    };
    Some(ListChanges { phone_column: Some(phone_column), sheet: Some(sheet), ..ListChanges::default() })
}

async fn into_campaign(v: &Visitor, id: &CampaignId, list: &List) -> Answer {
    if list.purpose == Purpose::Contacts {
        match drafts::add_list(&v.context, id, &list.id).await {
            Err(Error::NotADraft) => return Err(Failure::NotFound),
            added => drop(added?),
        }
    }
    Ok(see(&format!("/campaigns/{id}/contacts")))
}
