//! `POST /v1/campaigns/{id}/retry-failed`: « Relancer les échecs », a draft for the temporary failures only.

use app::{Context, UseCase, campaigns};
use domain::ids::CampaignId;

use super::created;
use super::view::CampaignView;
use crate::answer::Answered;
use crate::contract::operation::{Operation, post};
use crate::gate::{Caller, Id};

/// Suffix of the name of the draft.
const RETRY_SUFFIX: &str = " (relance)";

pub fn operations() -> Vec<Operation> {
    vec![
        post("/campaigns/{id}/retry-failed", UseCase::RetryFailures, retry)
            .summary(
                "Makes a draft for those whose failure was temporary",
                "Relancer les échecs : un brouillon pour les échecs temporaires seulement",
            )
            .named("retry_failed")
            .answers::<CampaignView>(201, "The draft, with a list of its own", "Le brouillon, avec sa propre liste"),
    ]
}

async fn retry(context: Context, caller: Caller, Id(id): Id<CampaignId>) -> Answered {
    let draft = campaigns::retry_failures(&context, &id, RETRY_SUFFIX).await?;
    created(&context, &draft, caller.language).await
}
