//! `POST /v1/exclusions`, `DELETE /v1/exclusions/{phone}`, `POST /v1/exclusions/import`.

use app::exclusions::{self, REASON_CHARACTERS_MAX};
use app::{Context, UseCase, audience};
use domain::country::Country;
use domain::list::Purpose;
use domain::phone::{self, PhoneNumber};
use serde_json::json;
use web::{FieldError, Problem};

use super::{ExclusionView, view};
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, delete, get, post};
use crate::contract::schema::{line, text};
use crate::error::not_found;
use crate::gate::{Body, Caller, Id, IfMatch, Query};
use crate::lists::{NewExclusions, NewListView, PASTED_BYTES_MAX, create_list};
use crate::words::phone_problem;

pub fn operations() -> Vec<Operation> {
    vec![
        post("/exclusions", UseCase::AddExclusion, add)
            .summary("Excludes a number", "Exclut un numéro")
            .example(json!({ "phone": "06 12 34 56 78", "reason": "a demandé par téléphone" }))
            .answers::<ExclusionView>(201, "The exclusion", "L’exclusion"),
        get("/exclusions/{phone}", UseCase::ReadExclusions, show)
            .summary("Whether a number is excluded", "Si un numéro est exclu")
            .answers::<ExclusionView>(200, "It is; 404 when it is not", "Il l’est ; 404 s’il ne l’est pas"),
        delete("/exclusions/{phone}", UseCase::RemoveExclusion, remove)
            .summary("Allows a number again", "Autorise à nouveau un numéro")
            .never_conflicts()
            .answers_empty(204, "Allowed again", "Autorisé à nouveau"),
        post("/exclusions/import", UseCase::ImportExclusions, import)
            .summary(
                "Excludes the numbers of a file or of pasted values",
                "Exclut les numéros d’un fichier ou de valeurs collées",
            )
            .named("import_exclusions")
            .takes_up_to(PASTED_BYTES_MAX)
            .example(json!({ "name": "Anciens STOP", "values": ["06 12 34 56 78", "0612345679"] }))
            .answers::<NewListView>(
                201,
                "A list to upload to and to ask for its progress, as any list; it keeps the numbers only",
                "Une liste où déposer, et dont suivre l’avancement, comme toute liste ; elle ne garde que les numéros",
            ),
    ]
}

requests! {
    struct NewExclusion {
        phone: String = line(40),
        /// Why, for people
        /// Pourquoi, pour des humains
        reason?: Option<String> = text(0, REASON_CHARACTERS_MAX),
    }

    struct Removal {
        /// Why, for people
        /// Pourquoi, pour des humains
        reason?: String = text(0, REASON_CHARACTERS_MAX),
    }
}

async fn add(context: Context, Body(wanted): Body<NewExclusion>) -> Answered {
    let phone = phone::parse(&wanted.phone, Country::France)
        .map_err(|problem| Problem::invalid(vec![FieldError::new(problem.code(), "/phone", phone_problem(problem))]))?;
    let decision = exclusions::add(&context, phone, wanted.reason.flatten().as_deref()).await?;
    let version = exclusions::version(&decision);
    Ok(Answer::created(&format!("/exclusions/{phone}"), &view(decision))?.version(version))
}

async fn show(context: Context, Id(phone): Id<PhoneNumber>) -> Answered {
    let standing = audience::exclusion_of(&context.store, &context.files, phone).await?.ok_or_else(not_found)?;
    let version = exclusions::version(&standing);
    Ok(Answer::ok(&view(standing))?.version(version))
}

async fn remove(
    context: Context,
    Id(phone): Id<PhoneNumber>,
    IfMatch(expected): IfMatch,
    Query(removal): Query<Removal>,
) -> Answered {
    exclusions::remove(&context, phone, removal.reason.as_deref(), &expected).await?;
    Ok(Answer::empty())
}

async fn import(context: Context, caller: Caller, Body(wanted): Body<NewExclusions>) -> Answered {
    let name = wanted.name.unwrap_or_else(|| format!("Exclusions {}", context.now().strftime("%Y-%m-%d %H:%M")));
    create_list(&context, caller.language, name, Purpose::Exclusions, wanted.source).await
}
