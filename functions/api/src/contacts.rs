//! Right to erasure: a number is removed from every file of the account, and only its fingerprint is kept, so that it
//! never gets marketing again. Requested here, continued by dispatch. The number is sent in a body, because paths are
//! logged.

use app::{Context, UseCase, erasure};
use domain::country::Country;
use domain::erasure::{Erasure, Stage};
use domain::ids::{CampaignId, ErasureId, ListId};
use domain::phone;
use serde_json::json;
use web::{FieldError, Problem};

use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, get, post};
use crate::contract::schema::{line, word};
use crate::error::not_found;
use crate::gate::{Body, Id};
use crate::words::phone_problem;

/// Seconds after which to ask for the progress again.
const AGAIN_SECONDS: u32 = 60;

pub fn operations() -> Vec<Operation> {
    let (asked, demande) = (
        "Asked for: no campaign writes to it any more, its traces go",
        "Demandé : plus aucune campagne ne lui écrit, ses traces disparaissent",
    );
    vec![
        post("/contacts/erase", UseCase::RequestErasure, erase)
            .summary(
                "Erases a number everywhere; only a keyed fingerprint stays",
                "Efface un numéro partout ; seule une empreinte à clé reste",
            )
            .example(json!({ "phone": "06 12 34 56 78" }))
            .named("erase_contact")
            .answers::<ErasureView>(202, asked, demande),
        get("/contacts/erasures/{id}", UseCase::ReadErasures, show)
            .summary("How far an erasure is", "Où en est un effacement")
            .named("get_erasure")
            .answers::<ErasureView>(200, "The erasure", "L’effacement"),
    ]
}

requests! {
    struct ErasureBody {
        phone: String = line(40),
    }
}

answers! {
    struct ErasureView as "Erasure" {
        id: ErasureId,
        status: &'static str = word(["running", "waiting", "done"]),
        asked_at: jiff::Timestamp,
        done_at: Option<jiff::Timestamp>,
        waiting_for: WaitingView,
        /// How many held it
        /// Combien le contenaient
        removed_from: RemovedView,
    }

    struct WaitingView {
        /// Being imported
        /// En cours d’import
        lists: Vec<ListId>,
        /// Not finished: they no longer write to it, and keep it until they are
        /// Non terminées : elles ne lui écrivent plus, et le gardent jusqu’à leur fin
        campaigns: Vec<CampaignId>,
    }

    struct RemovedView {
        lists: u32,
        campaigns: u32,
        replies: u32,
    }
}

fn view(erasure: &Erasure) -> ErasureView {
    let (lists, campaigns) = match erasure.stage {
        Stage::Done => (vec![], vec![]),
        _ => (erasure.waiting_lists.clone(), erasure.waiting_campaigns.clone()),
    };
    ErasureView {
        id: erasure.id.clone(),
        status: erasure.stage.code(),
        asked_at: erasure.asked_at,
        done_at: erasure.done_at,
        waiting_for: WaitingView { lists, campaigns },
        removed_from: RemovedView { lists: erasure.lists, campaigns: erasure.campaigns, replies: erasure.replies },
    }
}

async fn erase(context: Context, Body(wanted): Body<ErasureBody>) -> Answered {
    let phone = phone::parse(&wanted.phone, Country::France)
        .map_err(|problem| Problem::invalid(vec![FieldError::new(problem.code(), "/phone", phone_problem(problem))]))?;
    let requested = erasure::request(&context, phone).await?;
    Answer::later(AGAIN_SECONDS, &view(&requested))
}

async fn show(context: Context, Id(id): Id<ErasureId>) -> Answered {
    let found = context.store.erasure(&id).await?.ok_or_else(not_found)?;
    Ok(Answer::ok(&view(&found))?.version(found.version))
}
