//! `POST /v1/exclusions`, `DELETE /v1/exclusions/{phone}`, `POST /v1/exclusions/import`.

use app::audience;
use domain::account::{Exclusion, ExclusionSource, Scope};
use domain::campaign::NAME_CHARACTERS_MAX;
use domain::country::Country;
use domain::list::Purpose;
use domain::phone::{self, PhoneNumber};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;
use web::{Fault, Problem};

use super::{exclusion, view};
use crate::App;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, delete, get, post};
use crate::contract::schema::{field, line, maybe, object, text};
use crate::failure::{Failure, not_found};
use crate::gate::{Body, Caller, Id, IfMatch, Query};
use crate::lists::{NewExclusions, PASTED_OCTETS_MAX, create_list, created, sources};
use crate::words::phone_problem;

const REASON_CHARACTERS_MAX: usize = 200;

pub fn operations() -> Vec<Operation> {
    let reason = || text(0, REASON_CHARACTERS_MAX).about("Why, for people", "Pourquoi, pour des humains");
    let body = object([field("phone", line(40)), maybe("reason", reason().or_null())]);
    vec![
        post("/exclusions", Scope::Write, "Excludes a number", add)
            .takes(body)
            .example(json!({ "phone": "06 12 34 56 78", "reason": "a demandé par téléphone" }))
            .answers(201, "The exclusion", "L’exclusion", exclusion()),
        get("/exclusions/{phone}", Scope::Read, "Whether a number is excluded", show).answers(
            200,
            "It is; 404 when it is not",
            "Il l’est ; 404 s’il ne l’est pas",
            exclusion(),
        ),
        delete("/exclusions/{phone}", Scope::Write, "Allows a number again", remove)
            .query("reason", reason())
            .unopposed()
            .answers_empty(204, "Allowed again", "Autorisé à nouveau"),
        post("/exclusions/import", Scope::Write, "Excludes the numbers of a file or of pasted values", import)
            .named("import_exclusions")
            .takes_up_to(PASTED_OCTETS_MAX, object([maybe("name", line(NAME_CHARACTERS_MAX))]).with(sources()))
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

async fn add(app: App, caller: Caller, Body(wanted): Body<NewExclusion>) -> Answered {
    let phone = phone::parse(&wanted.phone, Country::France)
        .map_err(|problem| Problem::invalid(vec![Fault::new(problem.code(), "/phone", phone_problem(problem))]))?;
    let reason = wanted.reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    let at = app.clock.now();
    let decision = decide(&app, &caller, Exclusion { reason, ..manual(&caller, phone, true, at) }).await?;
    let version = version(&decision);
    Ok(Answer::created(&format!("/exclusions/{phone}"), &view(decision))?.version(version))
}

/// Of two words on a number the newer counts: when it was said tells which word stands.
fn version(exclusion: &Exclusion) -> u64 {
    u64::try_from(exclusion.at.as_millisecond()).unwrap_or(0)
}

async fn show(app: App, caller: Caller, Id(phone): Id<PhoneNumber>) -> Answered {
    let standing = known(&app, &caller, phone).await?.ok_or_else(not_found)?;
    let version = version(&standing);
    Ok(Answer::ok(&view(standing))?.version(version))
}

async fn remove(app: App, caller: Caller, Id(phone): Id<PhoneNumber>, if_match: IfMatch, query: Query) -> Answered {
    let standing = known(&app, &caller, phone).await?.ok_or_else(not_found)?;
    if_match.holds(version(&standing))?;
    // Of two words of one instant the exclusion wins, so this one comes after what it takes back.
    let after = standing.at.checked_add(SignedDuration::from_millis(1)).unwrap_or(standing.at);
    let at = app.clock.now().max(after);
    let reason = query.get("reason").map(ToOwned::to_owned);
    decide(&app, &caller, Exclusion { reason, ..manual(&caller, phone, false, at) }).await?;
    Ok(Answer::empty())
}

fn manual(caller: &Caller, phone: PhoneNumber, excluded: bool, at: Timestamp) -> Exclusion {
    Exclusion { phone, excluded, source: ExclusionSource::Manual, reason: None, by: caller.author.clone(), at }
}

async fn decide(app: &App, caller: &Caller, decision: Exclusion) -> Result<Exclusion, Failure> {
    app.store_of(caller).decide(&decision).await?;
    // The number stands masked in the trail; the exclusion itself says which it was.
    let action = if decision.excluded { "exclusion.added" } else { "exclusion.removed" };
    app.trail(caller).note(action, &format!("{:?}", decision.phone), "").await;
    Ok(decision)
}

async fn import(app: App, caller: Caller, Body(wanted): Body<NewExclusions>) -> Answered {
    let name = wanted.name.unwrap_or_else(|| format!("Exclusions {}", app.clock.now().strftime("%Y-%m-%d %H:%M")));
    let answer = create_list(&app, &caller, &name, Purpose::Exclusions, wanted.source).await?;
    app.trail(&caller).note("exclusions.imported", answer.id(), name).await;
    Ok(answer)
}

/// The exclusion of a number, if it is excluded now.
pub async fn known(app: &App, caller: &Caller, phone: PhoneNumber) -> Result<Option<Exclusion>, Failure> {
    Ok(audience::exclusion_of(&app.store_of(caller), &app.files, phone).await?)
}
