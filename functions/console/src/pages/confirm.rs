//! Asks before what cannot be undone: delete, end, take back to draft. A dialog where scripts run, a page where not.

use axum::extract::Path;
use maud::html;
use shared::domain::ids::CampaignId;

use crate::gate::{Answer, Failure, Visitor};
use crate::view::layout::{self, Place};
use crate::view::parts;
use crate::words::{campaigns as c, common as w};

pub async fn show(v: Visitor, Path((id, verb)): Path<(String, String)>) -> Answer {
    v.needs_editor()?;
    let id: CampaignId = id.parse().map_err(|_| Failure::NotFound)?;
    let campaign = v.store.campaign(&id).await?.ok_or(Failure::NotFound)?;
    let (ask, help, act) = match verb.as_str() {
        "delete" => (c::DELETE_ASK, c::DELETE_HELP, w::DELETE),
        "cancel" => (c::END_ASK, c::END_HELP, c::END),
        "edit" => (c::EDIT_ASK, c::EDIT_HELP, c::EDIT_DO),
        _ => return Err(Failure::NotFound),
    };
    let title = v.tf(ask, &[&campaign.settings.name]);
    let content = html! {
        section.ask {
            h1 { (title) }
            p { (v.t(help)) }
            form.buttons method="post" action={ "/campaigns/" (id) "/do/" (verb) } {
                (parts::csrf(&v))
                a.button.plain href="/campaigns" data-close { (v.t(w::CANCEL)) }
                button.button.danger[verb != "edit"] { (v.t(act)) }
            }
        }
    };
    Ok(layout::page(&v, &title, Place::Campaigns, content))
}
