//! `POST /v1/campaigns/{id}/estimate` and `/validate`: exactly what would be sent, and what stands in the way.

use app::campaigns::{self, Counted, Estimate};
use app::{Context, UseCase};
use domain::campaign::Settings;
use domain::ids::CampaignId;
use serde_json::{Value, json};
use web::Language;

use super::answer;
use super::view::campaign;
use super::words::{blocker, warning};
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, post};
use crate::contract::schema::{Schema, all, any_text, count, field, instant, number, object, share, word};
use crate::gate::{Caller, Id, IfMatch};

/// Seconds after which a count that dispatch does is worth asking for again.
const COUNTING_SECONDS: u32 = 2;

pub fn operations() -> Vec<Operation> {
    let counting =
        object([field("counting", share().about("How far the count is", "Où en est le compte"))]).named("Counting");
    vec![
        post(
            "/campaigns/{id}/estimate",
            UseCase::EstimateCampaign,
            "Counts recipients, segments and credits; names what stands in the way",
            estimate,
        )
        .answers(200, "The estimate", "L’estimation", schema())
        .answers(202, "Still counting: ask again", "Le compte continue : redemander", counting.clone()),
        post(
            "/campaigns/{id}/validate",
            UseCase::ValidateCampaign,
            "Reserves the credits and makes the campaign ready; 422 with every blocker",
            validate,
        )
        .conditional()
        .answers(200, "The campaign, ready", "La campagne, prête", campaign())
        .answers(202, "Still counting: ask again", "Le compte continue : redemander", counting),
    ]
}

fn schema() -> Schema {
    let finding =
        object([field("code", any_text()), field("pointer", any_text()), field("detail", any_text())]).named("Finding");
    let segments = object([field("min", count()), field("mean", number()), field("max", count())]);
    let carry_over = object([field("messages", count()), field("at", instant())]);
    let window = object([
        field(
            "next_opening",
            instant().about("When the first message may go out", "Quand le premier message peut partir"),
        ),
        field("expected_end", instant().or_null()),
        field(
            "carry_over",
            carry_over
                .or_null()
                .about("What the window holds back, and until when", "Ce que la fenêtre retient, et jusqu’à quand"),
        ),
    ]);
    object([
        field("recipients", count()),
        field("contacts", count()),
        field("duplicates", count()),
        field("excluded", count()),
        field("by_territory", crate::contract::schema::map(count())),
        field("segments", segments.about("Of one message", "D’un message")),
        field("credits", count()),
        field(
            "balance_after",
            count().or_null().about(
                "null when unlimited, not counted, or not enough",
                "null si illimité, pas compté ou insuffisant",
            ),
        ),
        field(
            "encoding",
            word(["gsm7", "ucs2", "mixed"])
                .about("mixed: some values force Unicode", "mixed : certaines valeurs imposent Unicode"),
        ),
        field("window", window.or_null()),
        field("warnings", all(finding.clone())),
        field("blockers", all(finding)),
    ])
    .named("Estimate")
}

fn document(estimate: &Estimate, settings: &Settings, language: Language) -> Value {
    let count = estimate.count.clone().unwrap_or_default();
    let sent = count.recipients - count.too_long.min(count.recipients);
    let mean = if sent > 0 { count.credits as f64 / f64::from(sent) } else { 0.0 };
    let encoding = match (count.unicode, count.recipients) {
        (_, 0) => estimate.encoding.code(),
        (0, _) => "gsm7",
        (unicode, recipients) if unicode == recipients => "ucs2",
        _ => "mixed",
    };
    let window = estimate.forecast.as_ref().map(|forecast| {
        let carry_over = forecast.carries_on_at.filter(|_| forecast.carried_over > 0);
        json!({
            "next_opening": forecast.begins_at,
            "expected_end": forecast.ends_at,
            "carry_over": carry_over.map(|at| json!({ "messages": forecast.carried_over, "at": at })),
        })
    });
    let warnings: Vec<_> = estimate.warnings.iter().map(|found| warning(found, settings).to_json(language)).collect();
    let blockers: Vec<_> = estimate.blockers.iter().map(|found| blocker(found, settings).to_json(language)).collect();
    json!({
        "recipients": count.recipients,
        "contacts": count.contacts,
        "duplicates": count.duplicates,
        "excluded": count.excluded,
        "by_territory": count.by_territory,
        "segments": { "min": count.segments_min, "mean": (mean * 1_000.0).round() / 1_000.0, "max": count.segments_max },
        "credits": count.credits,
        "balance_after": estimate.balance_after,
        "encoding": encoding,
        "window": window,
        "warnings": warnings,
        "blockers": blockers,
    })
}

fn counting(done_per_mille: u16) -> Answered {
    Answer::later(COUNTING_SECONDS, &json!({ "counting": f64::from(done_per_mille) / 1_000.0 }))
}

async fn estimate(context: Context, caller: Caller, Id(id): Id<CampaignId>) -> Answered {
    match campaigns::estimate(&context, &id).await? {
        // Keeping the count made a new version; whoever goes on with `If-Match` goes on from there.
        (found, Counted::Now(estimate)) => {
            Ok(Answer::ok(&document(&estimate, &found.settings, caller.language))?.version(found.version))
        }
        (_, Counted::Counting { done_per_mille }) => counting(done_per_mille),
    }
}

async fn validate(context: Context, caller: Caller, Id(id): Id<CampaignId>, IfMatch(expected): IfMatch) -> Answered {
    match campaigns::validate(&context, &id, &expected).await? {
        (ready, Counted::Now(_)) => answer(&context, &ready, caller.language).await,
        (_, Counted::Counting { done_per_mille }) => counting(done_per_mille),
    }
}
