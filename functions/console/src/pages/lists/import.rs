//! The progress of an import; then rows, duplicates, invalid and final contacts, and the phone column, which can be
//! changed before the list is confirmed.

use app::lists::{self, ListChanges, NotAgain};
use app::{Error, Expected, UseCase, drafts};
use axum::extract::Path;
use domain::ids::CampaignId;
use domain::import_report::ImportReport;
use domain::list::{Column, List, Purpose, Status};
use maud::{Markup, html};

use super::open;
use crate::view::icons;
use crate::view::layout::{self, NavItem};
use crate::view::parts::{csrf, figure, territories};
use crate::visitor::{Answer, Fields, PageError, Visitor, redirect_to};
use crate::words;

pub async fn show(visitor: Visitor, Path(id): Path<String>) -> Answer {
    let list = open(&visitor, &id).await?;
    let campaign = visitor.query("campaign").unwrap_or_default();
    let content = html! {
        h1 { (list.name) }
        @if visitor.query("gone").is_some() { p.note.warn role="alert" { (visitor.text(words::contacts::NOT_KEPT)) } }
        @match (list.status, &list.report) {
            (Status::Ready | Status::Disabled, Some(report)) => {
                @if list.failure.is_some() { p.note.bad role="alert" { (failure(&visitor, &list)) } }
                (ready(&visitor, &list, report, &campaign))
            },
            (Status::Failed, _) => {
                p.note.bad role="alert" { (failure(&visitor, &list)) }
                @if visitor.may(UseCase::ChangeList) {
                    @if list.sheets.len() > 1 && list.purpose == Purpose::Contacts {
                        form method="post" action={ "/lists/" (list.id) "/import" } {
                            (csrf(&visitor))
                            input type="hidden" name="campaign" value=(campaign);
                            (sheets(&visitor, &list))
                        }
                    }
                    div.buttons { a.button.plain href=(again(&list, &campaign)) data-dialog { (visitor.text(words::contacts::IMPORT_TITLE)) } }
                }
            },
            (Status::AwaitingUpload, _) => (working(&visitor, &list, visitor.text(words::contacts::WAITING))),
            _ => (working(&visitor, &list, visitor.text(words::contacts::READING))),
        }
    };
    Ok(layout::page(&visitor, &list.name, NavItem::Lists, content))
}

/// Why there is no list; for a workbook with several sheets, which sheet was read.
fn failure(visitor: &Visitor, list: &List) -> String {
    let text = visitor.text(words::contacts::failure(list.failure.as_deref().unwrap_or_default()));
    match list.sheet.as_ref().or(list.sheets.first()).filter(|_| list.sheets.len() > 1) {
        Some(sheet) => format!("{text} {}", visitor.text_with(words::contacts::FAILED_SHEET, &[sheet])),
        None => text.to_owned(),
    }
}

/// The choice of the workbook's sheet; the first by default.
fn sheets(visitor: &Visitor, list: &List) -> Markup {
    let read = list.sheet.as_ref().or(list.sheets.first());
    html! {
        @if list.sheets.len() > 1 {
            div.field {
                label for="sheet" { (visitor.text(words::contacts::SHEET)) }
                p.hint #sheet-hint { (visitor.text(words::contacts::SHEET_HINT)) }
                div.joined {
                    select #sheet name="sheet" aria-describedby="sheet-hint" {
                        @for name in &list.sheets { option value=(name) selected[Some(name) == read] { (name) } }
                    }
                    button.button.plain name="do" value="sheet" { (visitor.text(words::contacts::REREAD_SHEET)) }
                }
            }
        }
    }
}

/// The link to a new import for the same purpose.
fn again(list: &List, campaign: &str) -> String {
    let purpose = if list.purpose == Purpose::Exclusions { "&purpose=exclusions" } else { "" };
    format!("/lists/new?campaign={campaign}{purpose}")
}

fn working(visitor: &Visitor, list: &List, text: &str) -> Markup {
    html! {
        section data-refresh-main="1" {
            br;
            p role="status" { (text) " " (visitor.percent(u64::from(list.done_per_mille), 1_000u64)) }
            progress value=(list.done_per_mille) max="1000" aria-label=(text) {}
        }
    }
}

fn ready(visitor: &Visitor, list: &List, report: &ImportReport, campaign: &str) -> Markup {
    html! {
        p.lead { (visitor.text(words::contacts::SUMMARY)) }
        br;
        (figures(visitor, report))
        form method="post" action={ "/lists/" (list.id) "/import" } {
            (csrf(visitor))
            input type="hidden" name="campaign" value=(campaign);
            @if visitor.may(UseCase::ChangeList) && list.purpose == Purpose::Contacts { (sheets(visitor, list)) }
            @if visitor.may(UseCase::ChangeList) && report.columns.len() > 1 && !list.is_pasted && list.purpose == Purpose::Contacts {
                div.field {
                    label for="column" { (visitor.text(words::contacts::PHONE_COLUMN)) }
                    p.hint #column-hint { (visitor.text(words::contacts::PHONE_COLUMN_HINT)) }
                    div.joined {
                        select #column name="column" aria-describedby="column-hint" {
                            @for (index, name) in report.columns.iter().enumerate() {
                                option value=(index) selected[index == report.phone_column.index] { (name) }
                            }
                        }
                        button.button.plain name="do" value="column" { (visitor.text(words::contacts::REREAD)) }
                    }
                }
            }
            (reasons(visitor, list, report))
            div.buttons.foot {
                span.grow {}
                button.button name="do" value="validate" { (icons::check()) (visitor.text(words::contacts::VALIDATE)) }
            }
        }
    }
}

pub fn figures(visitor: &Visitor, report: &ImportReport) -> Markup {
    html! {
        dl.figures-row {
            (figure(visitor.text(words::contacts::FINAL), &visitor.number(report.contacts), None))
            (figure(visitor.text(words::contacts::ROWS), &visitor.number(report.rows), None))
            (figure(visitor.text(words::contacts::DUPLICATES), &visitor.number(report.duplicates), None))
            (figure(visitor.text(words::contacts::INVALID), &visitor.number(report.invalid), None))
            @if report.excluded > 0 { (figure(visitor.text(words::contacts::EXCLUDED), &visitor.number(report.excluded), None)) }
        }
        @if report.by_territory.len() > 1 {
            (territories(visitor, report.by_territory_code().into_iter()))
        }
    }
}

/// Why rows were rejected, and the file with the reason for each row.
pub fn reasons(visitor: &Visitor, list: &List, report: &ImportReport) -> Markup {
    html! {
        @if report.invalid > 0 {
            table.small {
                caption { (visitor.text(words::contacts::BY_REASON)) }
                tbody {
                    @for (code, count) in &report.invalid_by_reason {
                        tr { th scope="row" { (visitor.text_with(words::contacts::reason(code), &[code])) } td.right { (visitor.number(*count)) } }
                    }
                }
            }
            p { a href={ "/lists/" (list.id) "/file/rejects" } { (icons::download()) " " (visitor.text(words::contacts::REJECTS)) } }
        }
    }
}

/// Another phone column starts a new import; confirming adds the list to the campaign that it was imported for.
pub async fn save(visitor: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let list = open(&visitor, &id).await?;
    let campaign = fields.get("campaign").parse::<CampaignId>().ok();
    if let Some(changes) = reread(&list, &fields) {
        let suffix = campaign.map(|id| format!("?campaign={id}")).unwrap_or_default();
        return match lists::change(&visitor.context, &list.id, &Expected::Any, &changes).await {
            Ok(list) => Ok(redirect_to(&format!("/lists/{}/import{suffix}", list.id))),
            Err(Error::NotAgain(NotAgain::UploadGone)) => {
                let mark = if suffix.is_empty() { '?' } else { '&' };
                Ok(redirect_to(&format!("/lists/{id}/import{suffix}{mark}gone=1")))
            }
            Err(error) => Err(error.into()),
        };
    }
    match campaign {
        Some(campaign) => into_campaign(&visitor, &campaign, &list).await,
        None if list.purpose == Purpose::Exclusions => visitor.done("/exclusions", "saved"),
        None => visitor.done("/lists", "saved"),
    }
}

/// The changed options of an import: another column, or another sheet, whose columns are detected again.
fn reread(list: &List, fields: &Fields) -> Option<ListChanges> {
    let (phone_column, sheet) = match fields.get("do") {
        "column" => (Some(Column::Index(fields.get("column").parse().ok()?)), list.sheet.clone()),
        "sheet" => (None, fields.some("sheet").map(ToOwned::to_owned)),
        _ => return None,
    };
    Some(ListChanges { phone_column: Some(phone_column), sheet: Some(sheet), ..ListChanges::default() })
}

async fn into_campaign(visitor: &Visitor, id: &CampaignId, list: &List) -> Answer {
    if list.purpose == Purpose::Contacts {
        match drafts::add_list(&visitor.context, id, &list.id).await {
            Err(Error::NotADraft) => return Err(PageError::NotFound),
            added => drop(added?),
        }
    }
    Ok(redirect_to(&format!("/campaigns/{id}/contacts")))
}
