//! The commands on a campaign: pause, resume, edit, cancel, pace, delete.

use app::{Context, UseCase, campaigns};
use domain::ids::CampaignId;
use serde_json::json;

use super::answer;
use super::settings::pace;
use super::view::CampaignView;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, delete, patch, post};
use crate::gate::{Body, Caller, Id, IfMatch};

pub fn operations() -> Vec<Operation> {
    let moved = |operation: Operation| operation.answers::<CampaignView>(200, "The campaign", "La campagne");
    vec![
        moved(
            post("/campaigns/{id}/pause", UseCase::PauseCampaign, pause)
                .summary("Stops a sending campaign", "Met en pause une campagne en cours d’envoi"),
        ),
        moved(
            post("/campaigns/{id}/resume", UseCase::ResumeCampaign, resume)
                .summary("Lets a paused campaign go on", "Reprend une campagne en pause"),
        ),
        moved(
            post("/campaigns/{id}/edit", UseCase::TakeBackCampaign, edit)
                .summary("Takes a ready campaign back to draft", "Ramène une campagne prête à l’état de brouillon"),
        ),
        moved(post("/campaigns/{id}/cancel", UseCase::CancelCampaign, cancel).summary(
            "Ends a paused or ready campaign: what was not handed over never is",
            "Met fin à une campagne prête ou en pause : ce qui n’est pas remis ne le sera jamais",
        )),
        moved(
            patch("/campaigns/{id}/pace", UseCase::ChangePace, change_pace)
                .summary("Changes the pace, also while sending", "Change la cadence, même en cours d’envoi")
                .example(json!({ "pace_per_hour": 20_000 })),
        ),
        delete("/campaigns/{id}", UseCase::DeleteCampaign, remove)
            .summary(
                "Deletes a draft, ready, paused or finished campaign",
                "Supprime une campagne en brouillon, prête, en pause ou terminée",
            )
            .answers_empty(204, "Deleted", "Supprimée"),
    ]
}

async fn pause(context: Context, caller: Caller, Id(id): Id<CampaignId>, IfMatch(expected): IfMatch) -> Answered {
    let moved = campaigns::pause(&context, &id, &expected).await?;
    answer(&context, &moved, caller.language).await
}

async fn resume(context: Context, caller: Caller, Id(id): Id<CampaignId>, IfMatch(expected): IfMatch) -> Answered {
    let moved = campaigns::resume(&context, &id, &expected).await?;
    answer(&context, &moved, caller.language).await
}

async fn edit(context: Context, caller: Caller, Id(id): Id<CampaignId>, IfMatch(expected): IfMatch) -> Answered {
    let moved = campaigns::take_back(&context, &id, &expected).await?;
    answer(&context, &moved, caller.language).await
}

async fn cancel(context: Context, caller: Caller, Id(id): Id<CampaignId>, IfMatch(expected): IfMatch) -> Answered {
    let moved = campaigns::cancel(&context, &id, &expected).await?;
    answer(&context, &moved, caller.language).await
}

requests! {
    struct Pace {
        /// SMS per hour; null is unlimited
        /// SMS par heure ; null : sans limite
        pace_per_hour: Option<u32> = pace(),
    }
}

async fn change_pace(
    context: Context,
    caller: Caller,
    Id(id): Id<CampaignId>,
    IfMatch(expected): IfMatch,
    Body(pace): Body<Pace>,
) -> Answered {
    let changed = campaigns::change_pace(&context, &id, &expected, pace.pace_per_hour).await?;
    answer(&context, &changed, caller.language).await
}

async fn remove(context: Context, Id(id): Id<CampaignId>, IfMatch(expected): IfMatch) -> Answered {
    campaigns::delete(&context, &id, &expected).await?;
    Ok(Answer::empty())
}
