//! `POST /v1/campaigns/{id}/retry-failed`: « Relancer les échecs », a draft for the temporary failures only.

use app::planning;
use domain::account::Scope;
use domain::ids::CampaignId;
use web::{Kind, Problem};

use super::draft::{made, named};
use super::view::campaign;
use super::{find, planner};
use crate::App;
use crate::answer::Answered;
use crate::contract::operation::{Operation, post};
use crate::gate::{Caller, Id};

pub fn operations() -> Vec<Operation> {
    vec![
        post(
            "/campaigns/{id}/retry-failed",
            Scope::Write,
            "Makes a draft for those whose failure was temporary",
            retry,
        )
        .named("retry_failed")
        .answers(201, "The draft, with a list of its own", "Le brouillon, avec sa propre liste", campaign()),
    ]
}

async fn retry(app: App, caller: Caller, Id(id): Id<CampaignId>) -> Answered {
    let planner = planner(&app, &caller);
    let found = find(&planner.store, &id).await?;
    let name = named(&found.settings.name, " (relance)");
    match planner.retry_failed(&found, name, caller.author.clone(), app.clock.now()).await {
        Ok(Some(draft)) => made(&app, &caller, draft).await,
        Ok(None) => {
            let (english, french) =
                ("no failure of this campaign was temporary", "aucun échec de cette campagne n’est temporaire");
            Err(Problem::new(Kind::Conflict, english, french).into())
        }
        Err(planning::Error::StillSending) => {
            let (english, french) = ("the campaign is still being sent", "la campagne est encore en cours d’envoi");
            Err(Problem::new(Kind::Conflict, english, french).into())
        }
        Err(error) => Err(error.into()),
    }
}
