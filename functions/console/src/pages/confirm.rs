//! Asks for confirmation before actions that cannot be undone: delete, end, back to draft. A dialog with scripts, a
//! page without.

use app::UseCase;
use axum::extract::Path;
use domain::ids::CampaignId;
use maud::Markup;

use crate::view::layout::NavItem;
use crate::view::parts::Ask;
use crate::visitor::{Answer, PageError, Visitor};
use crate::words;

pub async fn show(visitor: Visitor, Path((id, verb)): Path<(String, String)>) -> Answer {
    let id: CampaignId = id.parse().map_err(|_| PageError::NotFound)?;
    let campaign = visitor.context.store.campaign(&id).await?.ok_or(PageError::NotFound)?;
    let (use_case, ask, help, act) = match verb.as_str() {
        "delete" => (
            UseCase::DeleteCampaign,
            words::campaigns::DELETE_ASK,
            words::campaigns::DELETE_HELP,
            words::common::DELETE,
        ),
        "cancel" => {
            (UseCase::CancelCampaign, words::campaigns::END_ASK, words::campaigns::END_HELP, words::campaigns::END)
        }
        "edit" => (
            UseCase::TakeBackCampaign,
            words::campaigns::EDIT_ASK,
            words::campaigns::EDIT_HELP,
            words::campaigns::EDIT_DO,
        ),
        _ => return Err(PageError::NotFound),
    };
    visitor.needs(use_case)?;
    let ask = Ask {
        title: &visitor.text_with(ask, &[&campaign.settings.name]),
        help: visitor.text(help),
        action: &format!("/campaigns/{id}/do/{verb}"),
        back: "/campaigns",
        yes: act,
        is_danger: verb != "edit",
        fields: Markup::default(),
    };
    Ok(ask.page(&visitor, NavItem::Campaigns))
}
