//! The commands that move a campaign: pause, resume, edit, cancel, pace, delete.

use app::planning;
use domain::account::Scope;
use domain::ids::CampaignId;
use domain::release::PACE_PER_HOUR;
use serde::Deserialize;
use serde_json::json;
use web::Problem;

use super::view::{campaign, view};
use super::words::blocker;
use super::{Tries, current, planner};
use crate::App;
use crate::account::account_of;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, delete, patch, post};
use crate::contract::schema::{field, integer, object};
use crate::failure::Failure;
use crate::gate::{Body, Caller, Id, IfMatch};

pub fn operations() -> Vec<Operation> {
    let pace = integer(i64::from(*PACE_PER_HOUR.start()), i64::from(*PACE_PER_HOUR.end()));
    let pace = object([field(
        "pace_per_hour",
        pace.or_null().about("SMS per hour; null is unlimited", "SMS par heure ; null : sans limite"),
    )]);
    let moved = |operation: Operation| operation.conditional().answers(200, "The campaign", "La campagne", campaign());
    vec![
        moved(post("/campaigns/{id}/pause", Scope::Send, "Stops a sending campaign", pause)),
        moved(post("/campaigns/{id}/resume", Scope::Send, "Lets a paused campaign go on", resume)),
        moved(post("/campaigns/{id}/edit", Scope::Write, "Takes a ready campaign back to draft", edit)),
        moved(post(
            "/campaigns/{id}/cancel",
            Scope::Send,
            "Ends a paused or ready campaign: what was not handed over never is",
            cancel,
        )),
        moved(
            patch("/campaigns/{id}/pace", Scope::Send, "Changes the pace, also while sending", change_pace)
                .takes(pace)
                .example(json!({ "pace_per_hour": 20_000 })),
        ),
        delete("/campaigns/{id}", Scope::Write, "Deletes a draft, ready, paused or finished campaign", remove)
            .answers_empty(204, "Deleted", "Supprimée"),
    ]
}

#[derive(Debug, Clone, Copy)]
enum Verb {
    Pause,
    Resume,
    Edit,
    Cancel,
}

async fn pause(app: App, caller: Caller, Id(id): Id<CampaignId>, if_match: IfMatch) -> Answered {
    command(&app, &caller, &id, &if_match, Verb::Pause).await
}

async fn resume(app: App, caller: Caller, Id(id): Id<CampaignId>, if_match: IfMatch) -> Answered {
    command(&app, &caller, &id, &if_match, Verb::Resume).await
}

async fn edit(app: App, caller: Caller, Id(id): Id<CampaignId>, if_match: IfMatch) -> Answered {
    command(&app, &caller, &id, &if_match, Verb::Edit).await
}

async fn cancel(app: App, caller: Caller, Id(id): Id<CampaignId>, if_match: IfMatch) -> Answered {
    command(&app, &caller, &id, &if_match, Verb::Cancel).await
}

async fn command(app: &App, caller: &Caller, id: &CampaignId, if_match: &IfMatch, verb: Verb) -> Answered {
    let account = account_of(app, caller).await?;
    let (planner, now) = (planner(app, caller), app.clock.now());
    let mut tries = Tries::default();
    let moved = loop {
        let found = current(&planner.store, id, if_match).await?;
        let settings = found.settings.clone();
        let moved = match verb {
            Verb::Pause => planner.pause(found, now).await,
            Verb::Resume => planner.resume(found, now).await,
            Verb::Edit => planner.edit(&account, found, now).await,
            Verb::Cancel => planner.cancel(&account, found, now).await,
        };
        let moved = moved.map_err(|error| match error {
            planning::Error::Blocked { blockers, .. } => {
                Problem::invalid(blockers.iter().map(|one| blocker(one, &settings)).collect()).into()
            }
            error => Failure::from(error),
        });
        if !tries.again(&moved) {
            break moved?;
        }
    };
    let action = match verb {
        Verb::Pause => "campaign.paused",
        Verb::Resume => "campaign.resumed",
        Verb::Edit => "campaign.taken_back",
        Verb::Cancel => "campaign.cancelled",
    };
    app.trail(caller).note(action, id.as_str(), "").await;
    Ok(Answer::ok(&view(&planner.store, &moved, &account, caller.language, app.clock.now()).await?)?
        .version(moved.version))
}

#[derive(Deserialize)]
struct Pace {
    pace_per_hour: Option<u32>,
}

async fn change_pace(
    app: App,
    caller: Caller,
    Id(id): Id<CampaignId>,
    if_match: IfMatch,
    Body(wanted): Body<Pace>,
) -> Answered {
    let account = account_of(&app, &caller).await?;
    let planner = planner(&app, &caller);
    let mut tries = Tries::default();
    let changed = loop {
        let found = current(&planner.store, &id, &if_match).await?;
        let changed = planner.change_pace(found, wanted.pace_per_hour, app.clock.now()).await.map_err(Failure::from);
        if !tries.again(&changed) {
            break changed?;
        }
    };
    let pace = wanted.pace_per_hour.map_or("unlimited".into(), |pace| pace.to_string());
    app.trail(&caller).note("campaign.pace_changed", id.as_str(), pace).await;
    Ok(Answer::ok(&view(&planner.store, &changed, &account, caller.language, app.clock.now()).await?)?
        .version(changed.version))
}

async fn remove(app: App, caller: Caller, Id(id): Id<CampaignId>, if_match: IfMatch) -> Answered {
    let planner = planner(&app, &caller);
    let mut tries = Tries::default();
    let name = loop {
        let found = current(&planner.store, &id, &if_match).await?;
        let name = found.settings.name.clone();
        let deleted = planner.delete(found, app.clock.now()).await.map_err(Failure::from);
        if !tries.again(&deleted) {
            deleted?;
            break name;
        }
    };
    app.trail(&caller).note("campaign.deleted", id.as_str(), name).await;
    Ok(Answer::empty())
}
