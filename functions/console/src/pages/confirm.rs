//! Asks before what cannot be undone: delete, end, take back to draft. A dialog where scripts run, a page where not.

use app::UseCase;
use axum::extract::Path;
use domain::ids::CampaignId;
use maud::Markup;

use crate::gate::{Answer, Failure, Visitor};
use crate::view::layout::Place;
use crate::view::parts::Ask;
use crate::words::{campaigns as c, common as w};

pub async fn show(v: Visitor, Path((id, verb)): Path<(String, String)>) -> Answer {
    let id: CampaignId = id.parse().map_err(|_| Failure::NotFound)?;
    let campaign = v.context.store.campaign(&id).await?.ok_or(Failure::NotFound)?;
    let (use_case, ask, help, act) = match verb.as_str() {
        "delete" => (UseCase::DeleteCampaign, c::DELETE_ASK, c::DELETE_HELP, w::DELETE),
        "cancel" => (UseCase::CancelCampaign, c::END_ASK, c::END_HELP, c::END),
        "edit" => (UseCase::TakeBackCampaign, c::EDIT_ASK, c::EDIT_HELP, c::EDIT_DO),
        _ => return Err(Failure::NotFound),
    };
    v.needs(use_case)?;
    let ask = Ask {
        title: &v.tf(ask, &[&campaign.settings.name]),
        help: v.t(help),
        action: &format!("/campaigns/{id}/do/{verb}"),
        back: "/campaigns",
        yes: act,
        is_danger: verb != "edit",
        fields: Markup::default(),
    };
    Ok(ask.page(&v, Place::Campaigns))
}
