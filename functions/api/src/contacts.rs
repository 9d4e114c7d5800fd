//! Right to erasure: a number leaves every file of the account, and only its fingerprint stays, so that it never gets
//! marketing again. Asked for here, carried on by dispatch. The number comes in a body: what stands in a path stands in
//! logs.

use app::{Context, UseCase, erasure};
use domain::country::Country;
use domain::erasure::{Erasure, Stage};
use domain::ids::ErasureId;
use domain::phone;
use serde::Deserialize;
use serde_json::{Value, json};
use web::{FieldError, Problem};

use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, get, post};
use crate::contract::schema::{Schema, all, count, field, id, instant, line, object, word};
use crate::error::not_found;
use crate::gate::{Body, Id};
use crate::words::phone_problem;

/// Seconds after which it is worth asking how far it is.
const AGAIN_SECONDS: u32 = 60;

pub fn operations() -> Vec<Operation> {
    let (asked, demande) = (
        "Asked for: no campaign writes to it any more, its traces go",
        "Demandé : plus aucune campagne ne lui écrit, ses traces disparaissent",
    );
    vec![
        post(
            "/contacts/erase",
            UseCase::RequestErasure,
            "Erases a number everywhere; only a keyed fingerprint stays",
            erase,
        )
        .takes(object([field("phone", line(40))]))
        .example(json!({ "phone": "06 12 34 56 78" }))
        .named("erase_contact")
        .answers(202, asked, demande, schema()),
        get("/contacts/erasures/{id}", UseCase::ReadErasures, "How far an erasure is", show)
            .named("get_erasure")
            .answers(200, "The erasure", "L’effacement", schema()),
    ]
}

fn schema() -> Schema {
    let waiting = object([
        field("lists", all(id("lst_")).about("Being imported", "En cours d’import")),
        field(
            "campaigns",
            all(id("cmp_")).about(
                "Not finished: they no longer write to it, and keep it until they are",
                "Non terminées : elles ne lui écrivent plus, et le gardent jusqu’à leur fin",
            ),
        ),
    ]);
    let removed = object([field("lists", count()), field("campaigns", count()), field("replies", count())]);
    object([
        field("id", id("ers_")),
        field("status", word(["running", "waiting", "done"])),
        field("asked_at", instant()),
        field("done_at", instant().or_null()),
        field("waiting_for", waiting),
        field("removed_from", removed.about("How many held it", "Combien le contenaient")),
    ])
    .named("Erasure")
}

fn view(erasure: &Erasure) -> Value {
    let (lists, campaigns) = match erasure.stage {
        Stage::Done => (&[][..], &[][..]),
        _ => (erasure.waiting_lists.as_slice(), erasure.waiting_campaigns.as_slice()),
    };
    json!({
        "id": erasure.id.as_str(),
        "status": erasure.stage.code(),
        "asked_at": erasure.asked_at,
        "done_at": erasure.done_at,
        "waiting_for": {
            "lists": lists.iter().map(|id| id.as_str()).collect::<Vec<_>>(),
            "campaigns": campaigns.iter().map(|id| id.as_str()).collect::<Vec<_>>(),
        },
        "removed_from": { "lists": erasure.lists, "campaigns": erasure.campaigns, "replies": erasure.replies },
    })
}

#[derive(Deserialize)]
struct ErasureBody {
    phone: String,
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
