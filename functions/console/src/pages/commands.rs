//! Commands on a campaign: pause, resume, edit, end, delete, duplicate, change the pace.

use app::drafts::{self, DraftChanges, OnInvalid};
use app::{Error, Expected, campaigns};
use axum::extract::Path;
use domain::ids::CampaignId;
use domain::release::PACE_PER_HOUR;

use crate::visitor::{Answer, Fields, PageError, Visitor, redirect_to};
use crate::words;

pub async fn run(visitor: Visitor, Path((id, verb)): Path<(String, String)>, fields: Fields) -> Answer {
    let id: CampaignId = id.parse().map_err(|_| PageError::NotFound)?;
    let (context, any) = (&visitor.context, &Expected::Any);
    let page = format!("/campaigns/{id}");
    let back = if fields.get("back") == "/campaigns" { "/campaigns" } else { page.as_str() };
    match verb.as_str() {
        "pause" => {
            campaigns::pause(context, &id, any).await?;
            visitor.done(back, "paused")
        }
        "resume" => match campaigns::resume(context, &id, any).await {
            // The campaign's page says which list is the cause and what to do.
            Err(Error::Blocked { .. }) => Ok(redirect_to(&page)),
            resumed => {
                resumed?;
                visitor.done(back, "resumed")
            }
        },
        "edit" => {
            campaigns::take_back(context, &id, any).await?;
            visitor.done(&format!("{page}/general"), "draft")
        }
        "cancel" => {
            campaigns::cancel(context, &id, any).await?;
            visitor.done("/campaigns", "cancelled")
        }
        "delete" => {
            campaigns::delete(context, &id, any).await?;
            visitor.done("/campaigns", "deleted")
        }
        "copy" => {
            let copy = drafts::copy(context, &id, fields.id(), visitor.text(words::campaigns::COPY_SUFFIX)).await?;
            Ok(redirect_to(&format!("/campaigns/{}/general", copy.id)))
        }
        "pace" => pace(&visitor, &id, &fields).await,
        _ => Err(PageError::NotFound),
    }
}

/// Creates a draft under the id in its form: sending it twice creates one.
pub async fn new_draft(visitor: &Visitor, changes: &DraftChanges, fields: &Fields) -> Answer {
    let draft = drafts::create(&visitor.context, fields.id(), changes, OnInvalid::Keep).await?;
    Ok(redirect_to(&format!("/campaigns/{}/general", draft.id)))
}

/// Changes the pace while sending; blank means as fast as the carrier takes messages.
async fn pace(visitor: &Visitor, id: &CampaignId, fields: &Fields) -> Answer {
    let per_hour = match fields.some("pace").map(crate::pages::draft::schedule::digits) {
        None => None,
        Some(text) => match text.parse().ok().filter(|pace| PACE_PER_HOUR.contains(pace)) {
            Some(pace) => Some(pace),
            None => return Ok(redirect_to(&format!("/campaigns/{id}?pace=wrong#pace"))),
        },
    };
    campaigns::change_pace(&visitor.context, id, &Expected::Any, per_hour).await?;
    visitor.done(&format!("/campaigns/{id}"), "pace")
}
