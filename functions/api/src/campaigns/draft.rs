//! `POST /v1/campaigns`, `PATCH /v1/campaigns/{id}`, clone: drafts, saved at each step. Incomplete settings are stored
//! and reported at validation; settings that can never become valid are refused at once.

use app::drafts::{self, OnInvalid, Seen};
use app::{Context, UseCase};
use domain::ids::CampaignId;
use serde_json::{Value, json};

use super::body::{DraftBody, NewDraft};
use super::view::CampaignView;
use super::{answer, created};
use crate::answer::Answered;
use crate::contract::operation::{Operation, patch, post};
use crate::gate::{Body, Caller, Id, IfMatch};

/// Suffix of the name of a copy.
const COPY_SUFFIX: &str = " (copie)";

pub fn operations() -> Vec<Operation> {
    vec![
        post("/campaigns", UseCase::CreateDraft, create)
            .summary("Makes a draft; a name is enough", "Crée un brouillon ; un nom suffit")
            .example(example())
            .answers::<CampaignView>(201, "The draft", "Le brouillon"),
        patch("/campaigns/{id}", UseCase::ChangeDraft, change)
            .summary("Changes the settings of a draft", "Change les réglages d’un brouillon")
            .example(json!({ "schedule": { "at": null, "pace_per_hour": 20_000 }, "message": { "stop": true } }))
            .answers::<CampaignView>(200, "The draft", "Le brouillon"),
        post("/campaigns/{id}/clone", UseCase::CopyCampaign, clone)
            .summary("Makes a draft with the same settings", "Crée un brouillon avec les mêmes réglages")
            .answers::<CampaignView>(201, "The draft", "Le brouillon"),
    ]
}

fn example() -> Value {
    json!({
        "name": "Soldes d’hiver",
        "kind": "marketing",
        "lists": ["lst_06h0n5z5tpvzrpzg95ng"],
        "message": {
            "sender": "MABOUTIQUE",
            "text": "Bonjour {{prenom|cher client}}, -20% : {{lien}}",
            "links": [{ "name": "lien", "url": "https://example.com/soldes" }],
            "stop": true
        },
        "schedule": { "at": "2026-12-01T09:00:00", "pace_per_hour": 20_000 }
    })
}

async fn create(context: Context, caller: Caller, Body(NewDraft(body)): Body<NewDraft>) -> Answered {
    let made = drafts::create(&context, None, &body.changes(), OnInvalid::Refuse).await?;
    created(&context, &made, caller.language).await
}

async fn change(
    context: Context,
    caller: Caller,
    Id(id): Id<CampaignId>,
    IfMatch(expected): IfMatch,
    Body(body): Body<DraftBody>,
) -> Answered {
    let seen = Seen::Version(expected);
    let changed = drafts::change(&context, &id, &seen, &body.changes(), OnInvalid::Refuse).await?;
    answer(&context, &changed, caller.language).await
}

async fn clone(context: Context, caller: Caller, Id(id): Id<CampaignId>) -> Answered {
    let copy = drafts::copy(&context, &id, None, COPY_SUFFIX).await?;
    created(&context, &copy, caller.language).await
}
