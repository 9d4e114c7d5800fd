//! What moves a campaign: pause, resume, edit, end, delete, duplicate, another pace. Each one conditional write.

use app::planning;
use axum::extract::Path;
use domain::campaign::{Campaign, Settings};
use domain::ids::CampaignId;
use domain::release::PACE_PER_HOUR;
use support::random;

use crate::gate::{Answer, Failure, Fields, Visitor, see};
use crate::words::campaigns as c;

pub async fn run(v: Visitor, Path((id, verb)): Path<(String, String)>, fields: Fields) -> Answer {
    let id: CampaignId = id.parse().map_err(|_| Failure::NotFound)?;
    let campaign = v.store.campaign(&id).await?.ok_or(Failure::NotFound)?;
    let planner = v.planner();
    let page = format!("/campaigns/{id}");
    let back = if fields.get("back") == "/campaigns" { "/campaigns" } else { page.as_str() };
    let answer = match verb.as_str() {
        "pause" => {
            planner.pause(campaign, v.now).await?;
            v.done(back, "paused")
        }
        "resume" => match planner.resume(campaign, v.now).await {
            // Its page says which list and what to do.
            Err(planning::Error::Blocked { .. }) => return Ok(see(&page)),
            resumed => {
                resumed?;
                v.done(back, "resumed")
            }
        },
        "edit" => {
            planner.edit(&v.account, campaign, v.now).await?;
            v.done(&format!("{page}/general"), "draft")
        }
        "cancel" => {
            planner.cancel(&v.account, campaign, v.now).await?;
            v.done("/campaigns", "cancelled")
        }
        "delete" => {
            planner.delete(campaign, v.now).await?;
            v.done("/campaigns", "deleted")
        }
        "copy" => copy(&v, campaign, &fields).await,
        "pace" => pace(&v, campaign, &fields).await,
        _ => Err(Failure::NotFound),
    }?;
    let action = match verb.as_str() {
        "pause" => "campaign.paused",
        "resume" => "campaign.resumed",
        "edit" => "campaign.edited",
        "cancel" => "campaign.cancelled",
        "delete" => "campaign.deleted",
        "copy" => "campaign.copied",
        _ => "campaign.pace_changed",
    };
    v.note(action, id.as_str(), "").await;
    Ok(answer)
}

/// A new draft with every setting of the campaign but its time.
async fn copy(v: &Visitor, campaign: Campaign, fields: &Fields) -> Answer {
    let mut settings = campaign.settings;
    settings.name = v.tf(c::COPY_NAME, &[&settings.name]).chars().take(100).collect();
    settings.schedule.at = None;
    new_draft(v, settings, fields).await
}

/// Makes a draft under the id that its form carries: sent twice, it is still one.
pub async fn new_draft(v: &Visitor, settings: Settings, fields: &Fields) -> Answer {
    let id = fields.id().unwrap_or_else(|| CampaignId::new(v.now, random::octets()));
    let path = format!("/campaigns/{id}/general");
    let draft = Campaign::draft(v.account.id.clone(), id, settings, v.author(), v.now);
    match v.store.put_campaign(draft).await {
        Ok(_) | Err(aws::store::Error::Conflict { .. }) => Ok(see(&path)),
        Err(error) => Err(error.into()),
    }
}

/// Pace can be changed while sending; blank is as fast as the carrier takes them.
async fn pace(v: &Visitor, campaign: Campaign, fields: &Fields) -> Answer {
    let asked = fields.some("pace").map(crate::pages::draft::schedule::digits);
    let pace = match asked {
        None => None,
        Some(text) => match text.parse().ok().filter(|pace| PACE_PER_HOUR.contains(pace)) {
            Some(pace) => Some(pace),
            None => return Ok(see(&format!("/campaigns/{}?pace=wrong#pace", campaign.id))),
        },
    };
    let id = v.planner().change_pace(campaign, pace, v.now).await?.id;
    v.done(&format!("/campaigns/{id}"), "pace")
}
