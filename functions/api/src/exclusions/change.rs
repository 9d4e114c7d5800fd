//! `POST /v1/exclusions`, `DELETE /v1/exclusions/{phone}`, `POST /v1/exclusions/import`.

use app::exclusions::{self, REASON_CHARACTERS_MAX};
use app::{Context, UseCase, audience};
use domain::campaign::NAME_CHARACTERS_MAX;
use domain::country::Country;
use domain::list::Purpose;
use domain::phone::{self, PhoneNumber};
use serde::Deserialize;
use serde_json::json;
use web::{FieldError, Problem};

use super::{exclusion, view};
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, delete, get, post};
use crate::contract::schema::{field, line, maybe, object, text};
use crate::error::not_found;
use crate::gate::{Body, Caller, Id, IfMatch, Query};
use crate::lists::{NewExclusions, PASTED_BYTES_MAX, create_list, created, sources};
use crate::words::phone_problem;

pub fn operations() -> Vec<Operation> {
    let reason = || text(0, REASON_CHARACTERS_MAX).about("Why, for people", "Pourquoi, pour des humains");
    let body = object([field("phone", line(40)), maybe("reason", reason().or_null())]);
    vec![
        post("/exclusions", UseCase::AddExclusion, "Excludes a number", add)
            .takes(body)
            .example(json!({ "phone": "06 12 34 56 78", "reason": "a demandé par téléphone" }))
            .answers(201, "The exclusion", "L’exclusion", exclusion()),
        get("/exclusions/{phone}", UseCase::ReadExclusions, "Whether a number is excluded", show).answers(
            200,
            "It is; 404 when it is not",
            "Il l’est ; 404 s’il ne l’est pas",
            exclusion(),
        ),
        delete("/exclusions/{phone}", UseCase::RemoveExclusion, "Allows a number again", remove)
            .query("reason", reason())
            .never_conflicts()
            .answers_empty(204, "Allowed again", "Autorisé à nouveau"),
        post(
            "/exclusions/import",
            UseCase::ImportExclusions,
            "Excludes the numbers of a file or of pasted values",
            import,
        )
        .named("import_exclusions")
        .takes_up_to(PASTED_BYTES_MAX, object([maybe("name", line(NAME_CHARACTERS_MAX))]).with(sources()))
        .example(json!({ "name": "Anciens STOP", "values": ["06 12 34 56 78", "0612345679"] }))
        .answers(
            201,
            "A list to upload to and to ask for its progress, as any list; it keeps the numbers only",
            "Une liste où déposer, et dont suivre l’avancement, comme toute liste ; elle ne garde que les numéros",
            created(),
        ),
    ]
}

#[derive(Deserialize)]
struct NewExclusion {
    phone: String,
    reason: Option<String>,
}

async fn add(context: Context, Body(wanted): Body<NewExclusion>) -> Answered {
    let phone = phone::parse(&wanted.phone, Country::France)
        .map_err(|problem| Problem::invalid(vec![FieldError::new(problem.code(), "/phone", phone_problem(problem))]))?;
    let decision = exclusions::add(&context, phone, wanted.reason.as_deref()).await?;
    let version = exclusions::version(&decision);
    Ok(Answer::created(&format!("/exclusions/{phone}"), &view(decision))?.version(version))
}

async fn show(context: Context, Id(phone): Id<PhoneNumber>) -> Answered {
    let standing = audience::exclusion_of(&context.store, &context.files, phone).await?.ok_or_else(not_found)?;
    let version = exclusions::version(&standing);
    Ok(Answer::ok(&view(standing))?.version(version))
}

async fn remove(context: Context, Id(phone): Id<PhoneNumber>, IfMatch(expected): IfMatch, query: Query) -> Answered {
    exclusions::remove(&context, phone, query.get("reason"), &expected).await?;
    Ok(Answer::empty())
}

async fn import(context: Context, caller: Caller, Body(wanted): Body<NewExclusions>) -> Answered {
    let name = wanted.name.unwrap_or_else(|| format!("Exclusions {}", context.now().strftime("%Y-%m-%d %H:%M")));
    create_list(&context, caller.language, name, Purpose::Exclusions, wanted.source).await
}
