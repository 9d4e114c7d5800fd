//! « Synthèse »: all chosen lists of a draft together.

use axum::extract::Path;
use domain::ids::CampaignId;
use domain::list::Status;
use maud::html;

use crate::view::layout::{self, NavItem};
use crate::view::parts::{back, figure, territories};
use crate::visitor::{Answer, PageError, Visitor};
use crate::words;

pub async fn show(visitor: Visitor, Path(id): Path<String>) -> Answer {
    let id: CampaignId = id.parse().map_err(|_| PageError::NotFound)?;
    let campaign = visitor.context.store.campaign(&id).await?.ok_or(PageError::NotFound)?;
    let (mut ready, mut invalid) = (Vec::new(), 0);
    for list in &campaign.settings.lists {
        if let Some(list) = visitor.context.store.list(list).await?.filter(|list| list.status == Status::Ready) {
            invalid += list.report.as_ref().map_or(0, |report| report.invalid);
            ready.push(list.id);
        }
    }
    let counts = match ready.is_empty() {
        true => None,
        false => Some(app::audience::summarise(&visitor.context.store, &visitor.context.files, &ready).await?.counts),
    };
    let title = visitor.text(words::contacts::SUMMARY_TITLE);
    let content = html! {
        (back(&format!("/campaigns/{id}/contacts"), visitor.text(words::draft::CONTACTS)))
        h1 { (title) }
        br;
        @match &counts {
            None => p.empty { (visitor.text(words::contacts::SUMMARY_NONE)) },
            Some(counts) => {
                dl.figures-row {
                    (figure(visitor.text(words::contacts::SUMMARY_FINAL), &visitor.number(counts.recipients), None))
                    (figure(visitor.text(words::contacts::SUMMARY_LISTS), &visitor.number(ready.len() as u64), None))
                    (figure(visitor.text(words::contacts::SUMMARY_CONTACTS), &visitor.number(counts.contacts), None))
                    (figure(visitor.text(words::contacts::SUMMARY_DUPLICATES), &visitor.number(counts.duplicates), None))
                    (figure(visitor.text(words::contacts::SUMMARY_EXCLUDED), &visitor.number(counts.excluded), None))
                    (figure(visitor.text(words::contacts::SUMMARY_INVALID), &visitor.number(invalid), None))
                }
                (territories(&visitor, counts.by_territory.iter().map(|(at, count)| (at.code(), *count))))
            },
        }
    };
    Ok(layout::page(&visitor, title, NavItem::New, content))
}
