//! « Synthèse »: all chosen lists of a draft together.

use axum::extract::Path;
use domain::ids::CampaignId;
use domain::list::Status;
use maud::html;

use crate::gate::{Answer, Failure, Visitor};
use crate::pages::settings_of;
use crate::view::layout::{self, Place};
use crate::view::parts::{back, figure};
use crate::words::{contacts as l, draft as d};

pub async fn show(v: Visitor, Path(id): Path<String>) -> Answer {
    let id: CampaignId = id.parse().map_err(|_| Failure::NotFound)?;
    let campaign = v.context.store.campaign(&id).await?.ok_or(Failure::NotFound)?;
    let (mut ready, mut invalid) = (Vec::new(), 0);
    for list in &campaign.settings.lists {
        if let Some(list) = v.context.store.list(list).await?.filter(|list| list.status == Status::Ready) {
            invalid += list.report.as_ref().map_or(0, |report| report.invalid);
            ready.push(list.id);
        }
    }
    let counts = match ready.is_empty() {
        true => None,
        false => Some(app::audience::summarise(&v.context.store, &v.context.files, &ready).await?.counts),
    };
    let title = v.t(l::SUMMARY_TITLE);
    let content = html! {
        (back(&format!("/campaigns/{id}/contacts"), v.t(d::CONTACTS)))
        h1 { (title) }
        br;
        @match &counts {
            None => p.empty { (v.t(l::SUMMARY_NONE)) },
            Some(counts) => {
                dl.figures-row {
                    (figure(v.t(l::SUMMARY_FINAL), &v.number(counts.recipients), None))
                    (figure(v.t(l::SUMMARY_LISTS), &v.number(ready.len() as u64), None))
                    (figure(v.t(l::SUMMARY_CONTACTS), &v.number(counts.contacts), None))
                    (figure(v.t(l::SUMMARY_DUPLICATES), &v.number(counts.duplicates), None))
                    (figure(v.t(l::SUMMARY_EXCLUDED), &v.number(counts.excluded), None))
                    (figure(v.t(l::SUMMARY_INVALID), &v.number(invalid), None))
                }
                (settings_of::territories(&v, counts.by_territory.iter().map(|(at, count)| (at.code(), *count))))
            },
        }
    };
    Ok(layout::page(&v, title, Place::New, content))
}
