//! `GET /v1/campaigns/{id}/stats` and `/links`: what became of a campaign.

use app::campaigns::statistics::statistics;
use app::{Context, UseCase};
use domain::campaign::{Campaign, Link, MadeWith, Target};
use domain::compose::Composer;
use domain::ids::CampaignId;
use domain::link_clicks::LinkTally;
use domain::tally::Tally;
use serde_json::{Value, json};

use super::find;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, get};
use crate::contract::schema::{Schema, all, any_text, count, field, instant, map, object, page, uri};
use crate::gate::Id;

/// Steps of the timeline at most: as many as a chart shows apart.
const STEPS_MAX: usize = 96;

pub fn operations() -> Vec<Operation> {
    vec![
        get("/campaigns/{id}/stats", UseCase::ReadCampaigns, "What became of a campaign, so far or for good", stats)
            .answers(
                200,
                "The statistics. Outcomes are final once the campaign is finished: a receipt that comes later changes \
             nothing, while clicks, replies and STOPs go on counting. Of a large campaign they may be a minute old",
                "Les statistiques. Les résultats sont définitifs dès que la campagne est terminée : un accusé de \
             réception qui vient plus tard ne change rien, tandis que clics, réponses et STOP continuent de compter. \
             Pour une grande campagne, elles peuvent dater d’une minute",
                schema(),
            ),
        get(
            "/campaigns/{id}/links",
            UseCase::ReadCampaigns,
            "Its short links and image links with their counts",
            links,
        )
        .answers(200, "Every link", "Tous les liens", page(link())),
    ]
}

fn clicks() -> Schema {
    object([
        field("human", count()),
        field("bot", count().about("Previews and what looks like a robot", "Aperçus et ce qui ressemble à un robot")),
        field("total", count()),
        field(
            "unique",
            count().about("Recipients of whom a person clicked", "Destinataires dont une personne a cliqué"),
        ),
    ])
    .named("Clicks")
}

fn schema() -> Schema {
    let step = object([
        field("at", instant().about("Begin of the step", "Début du pas")),
        field("handed_over", count()),
        field("delivered", count()),
        field("clicks", count().about("First clicks of people", "Premiers clics de personnes")),
    ]);
    object([
        field(
            "recipients",
            count().about(
                "delivered + failed + expired + rejected + unknown + excluded + cancelled + pending",
                "delivered + failed + expired + rejected + unknown + excluded + cancelled + pending",
            ),
        ),
        field(
            "handed_over",
            count().about(
                "The carrier took them, whatever became of them since",
                "L’opérateur les a pris, quoi qu’il en soit advenu depuis",
            ),
        ),
        field("delivered", count()),
        field("failed", count()),
        field("expired", count()),
        field("rejected", count()),
        field("unknown", count().about("Nobody can tell; not sent again", "Nul ne le sait ; pas renvoyés")),
        field(
            "excluded",
            count()
                .about("Excluded after the start and before their turn", "Exclus après le départ et avant leur tour"),
        ),
        field(
            "pending",
            count()
                .about("Without a final outcome: to_send + awaiting", "Sans résultat définitif : to_send + awaiting"),
        ),
        field(
            "cancelled",
            count().about(
                "Not handed over when the campaign was cancelled, and never will be; their credits are given back",
                "Pas remis quand la campagne a été annulée : ils ne le seront jamais, leurs crédits sont libérés",
            ),
        ),
        field("to_send", count().about("Not handed over yet", "Pas encore remis")),
        field(
            "awaiting",
            count().about("Handed over, receipt not here yet", "Remis, accusé de réception pas encore arrivé"),
        ),
        field(
            "temporary",
            count().about("Failures that « Relancer les échecs » takes", "Échecs que reprend « Relancer les échecs »"),
        ),
        field("segments", count()),
        field("by_reason", map(count())),
        field("clicks", clicks()),
        field("stops", count()),
        field("replies", count()),
        field("timeline", all(step)),
    ])
    .named("Statistics")
}

fn link() -> Schema {
    object([
        field("name", any_text()),
        field("url", uri().or_null()),
        field("expires_at", instant().or_null()),
        field(
            "fallback_url",
            uri().or_null().about("Where it leads from `expires_at` on", "Où il mène à partir de `expires_at`"),
        ),
        field("image", any_text().or_null()),
        field(
            "messages",
            count().about(
                "Each message has a short URL of its own; none where the text does not use the link",
                "Chaque message a sa propre URL courte ; aucun si le texte n’utilise pas le lien",
            ),
        ),
        field("clicks", clicks()),
    ])
    .named("Link")
}

fn clicks_of(tally: &Tally) -> LinkTally {
    LinkTally { human: tally.human_clicks, bot: tally.bot_clicks, unique: tally.unique_clicks }
}

fn view_of_clicks(clicks: LinkTally) -> Value {
    let LinkTally { human, bot, unique } = clicks;
    json!({ "human": human, "bot": bot, "total": human + bot, "unique": unique })
}

async fn stats(context: Context, Id(id): Id<CampaignId>) -> Answered {
    let store = &context.store;
    let found = find(&context, &id).await?;
    let tally = statistics(store, &found).await?;
    let cancelled = found.never_sent(tally.to_send);
    let to_send = tally.to_send - cancelled;
    let timeline: Vec<_> = tally
        .timeline(STEPS_MAX)
        .into_iter()
        .map(|(at, step)| json!({ "at": at, "handed_over": step.handed_over, "delivered": step.delivered, "clicks": step.clicks }))
        .collect();
    Answer::ok(&json!({
        "recipients": tally.recipients.max(recipients(&found)),
        "handed_over": tally.handed_over,
        "delivered": tally.delivered,
        "failed": tally.failed,
        "expired": tally.expired,
        "rejected": tally.rejected,
        "unknown": tally.unknown,
        "excluded": tally.excluded,
        "cancelled": cancelled,
        "pending": to_send + tally.awaiting,
        "to_send": to_send,
        "awaiting": tally.awaiting,
        "temporary": tally.temporary,
        "segments": tally.segments,
        "by_reason": tally.by_reason,
        "clicks": view_of_clicks(clicks_of(&tally)),
        "stops": tally.stops,
        "replies": tally.replies,
        "timeline": timeline,
    }))
}

/// Recipients of a campaign that has begun.
fn recipients(campaign: &Campaign) -> u32 {
    campaign.audience.as_ref().map_or(0, |audience| audience.recipients)
}

async fn links(context: Context, Id(id): Id<CampaignId>) -> Answered {
    let store = &context.store;
    let found = find(&context, &id).await?;
    let tally = statistics(store, &found).await?;
    let message = &found.settings.message;
    let account = context.account().await?;
    // A draft's text may not be one yet.
    let MadeWith { stop_code, short_url, .. } = found.messages_made_with(&account, &context.short_url);
    let composer = Composer::new(message, &stop_code, &short_url).ok();
    let is_used = |index| composer.as_ref().is_some_and(|composer| composer.uses_link(index));
    // The ledger counts clicks by recipient: those on the only link are the campaign's.
    let is_only = message.all_links().count() == 1;
    let item = |(index, link): (usize, Link<'_>)| {
        let clicks = if is_only { clicks_of(&tally) } else { tally.links.get(index).copied().unwrap_or_default() };
        let (url, fallback_url, image) = match link.target {
            Target::Url { url, fallback_url } => (Some(url), fallback_url, None),
            Target::Image(image) => (None, None, Some(image.as_str())),
        };
        json!({
            "name": link.name,
            "url": url,
            "expires_at": link.expires_at,
            "fallback_url": fallback_url,
            "image": image,
            "messages": if is_used(index) { recipients(&found) } else { 0 },
            "clicks": view_of_clicks(clicks),
        })
    };
    let items: Vec<_> = message.all_links().enumerate().map(item).collect();
    Answer::ok(&json!({ "items": items, "next": null }))
}
