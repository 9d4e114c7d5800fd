//! `GET /v1/campaigns/{id}/stats` and `/links`: the results of a campaign.

use std::collections::BTreeMap;

use app::campaigns::statistics::statistics;
use app::{Context, UseCase};
use domain::campaign::{Campaign, Link, MadeWith, Target};
use domain::compose::Composer;
use domain::ids::{CampaignId, ImageId};
use domain::link_clicks::LinkTally;
use domain::tally::{Step, Tally};

use super::find;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, get};
use crate::contract::schema::uri;
use crate::gate::Id;

/// Most steps of the timeline: as many as a chart can show.
const STEPS_MAX: usize = 96;

pub fn operations() -> Vec<Operation> {
    vec![
        get("/campaigns/{id}/stats", UseCase::ReadCampaigns, stats)
            .summary(
                "What became of a campaign, so far or for good",
                "Ce qu’est devenue une campagne, à ce jour ou pour de bon",
            )
            .answers::<StatisticsView>(
                200,
                "The statistics. Outcomes are final once the campaign is finished: a receipt that comes later changes \
             nothing, while clicks, replies and STOPs go on counting. Of a large campaign they may be a minute old",
                "Les statistiques. Les résultats sont définitifs dès que la campagne est terminée : un accusé de \
             réception qui vient plus tard ne change rien, tandis que clics, réponses et STOP continuent de compter. \
             Pour une grande campagne, elles peuvent dater d’une minute",
            ),
        get("/campaigns/{id}/links", UseCase::ReadCampaigns, links)
            .summary(
                "Its short links and image links with their counts",
                "Ses liens courts et liens image avec leurs comptes",
            )
            .lists::<LinkView>("Every link", "Tous les liens"),
    ]
}

answers! {
    struct ClicksView as "Clicks" {
        human: u32,
        /// Previews and what looks like a robot
        /// Aperçus et ce qui ressemble à un robot
        bot: u32,
        total: u32,
        /// Recipients of whom a person clicked
        /// Destinataires dont une personne a cliqué
        unique: u32,
    }

    struct StatisticsView as "Statistics" {
        /// delivered + failed + expired + rejected + unknown + excluded + cancelled + pending
        /// delivered + failed + expired + rejected + unknown + excluded + cancelled + pending
        recipients: u32,
        /// The carrier took them, whatever became of them since
        /// L’opérateur les a pris, quoi qu’il en soit advenu depuis
        handed_over: u32,
        delivered: u32,
        failed: u32,
        expired: u32,
        rejected: u32,
        /// Nobody can tell; not sent again
        /// Nul ne le sait ; pas renvoyés
        unknown: u32,
        /// Excluded after the start and before their turn
        /// Exclus après le départ et avant leur tour
        excluded: u32,
        /// Without a final outcome: to_send + awaiting
        /// Sans résultat définitif : to_send + awaiting
        pending: u32,
        /// Not handed over when the campaign was cancelled, and never will be; their credits are given back
        /// Pas remis quand la campagne a été annulée : ils ne le seront jamais, leurs crédits sont libérés
        cancelled: u32,
        /// Not handed over yet
        /// Pas encore remis
        to_send: u32,
        /// Handed over, receipt not here yet
        /// Remis, accusé de réception pas encore arrivé
        awaiting: u32,
        /// Failures that « Relancer les échecs » takes
        /// Échecs que reprend « Relancer les échecs »
        temporary: u32,
        segments: u64,
        by_reason: BTreeMap<&'static str, u32>,
        clicks: ClicksView,
        stops: u32,
        replies: u32,
        timeline: Vec<StepView>,
    }

    struct StepView {
        /// Begin of the step
        /// Début du pas
        at: jiff::Timestamp,
        handed_over: u32,
        delivered: u32,
        /// First clicks of people
        /// Premiers clics de personnes
        clicks: u32,
    }

    struct LinkView as "Link" {
        name: String,
        url: Option<String> = uri(),
        expires_at: Option<jiff::Timestamp>,
        /// Where it leads from `expires_at` on
        /// Où il mène à partir de `expires_at`
        fallback_url: Option<String> = uri(),
        image: Option<ImageId>,
        /// Each message has a short URL of its own; none where the text does not use the link
        /// Chaque message a sa propre URL courte ; aucun si le texte n’utilise pas le lien
        messages: u32,
        clicks: ClicksView,
    }
}

fn clicks_of(tally: &Tally) -> LinkTally {
    LinkTally { human: tally.human_clicks, bot: tally.bot_clicks, unique: tally.unique_clicks }
}

fn view_of_clicks(clicks: LinkTally) -> ClicksView {
    let LinkTally { human, bot, unique } = clicks;
    ClicksView { human, bot, total: human + bot, unique }
}

async fn stats(context: Context, Id(id): Id<CampaignId>) -> Answered {
    let store = &context.store;
    let found = find(&context, &id).await?;
    let tally = statistics(store, &found).await?;
    let cancelled = found.never_sent(tally.to_send);
    let to_send = tally.to_send - cancelled;
    let step = |(at, step): (_, Step)| StepView {
        at,
        handed_over: step.handed_over,
        delivered: step.delivered,
        clicks: step.clicks,
    };
    Answer::ok(&StatisticsView {
        recipients: tally.recipients.max(recipients(&found)),
        handed_over: tally.handed_over,
        delivered: tally.delivered,
        failed: tally.failed,
        expired: tally.expired,
        rejected: tally.rejected,
        unknown: tally.unknown,
        excluded: tally.excluded,
        cancelled,
        pending: to_send + tally.awaiting,
        to_send,
        awaiting: tally.awaiting,
        temporary: tally.temporary,
        segments: tally.segments,
        by_reason: tally.by_reason.clone(),
        clicks: view_of_clicks(clicks_of(&tally)),
        stops: tally.stops,
        replies: tally.replies,
        timeline: tally.timeline(STEPS_MAX).into_iter().map(step).collect(),
    })
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
    // A draft's text may be invalid.
    let MadeWith { stop_code, short_url, .. } = found.messages_made_with(&account, &context.short_url);
    let composer = Composer::new(message, &stop_code, &short_url).ok();
    let is_used = |index| composer.as_ref().is_some_and(|composer| composer.uses_link(index));
    // The ledger counts clicks by recipient: with one link they are that link's.
    let is_only = message.all_links().count() == 1;
    let item = |(index, link): (usize, Link<'_>)| {
        let clicks = if is_only { clicks_of(&tally) } else { tally.links.get(index).copied().unwrap_or_default() };
        let (url, fallback_url, image) = match link.target {
            Target::Url { url, fallback_url } => (Some(url.to_owned()), fallback_url.map(str::to_owned), None),
            Target::Image(image) => (None, None, Some(image.clone())),
        };
        LinkView {
            name: link.name.to_owned(),
            url,
            expires_at: link.expires_at,
            fallback_url,
            image,
            messages: if is_used(index) { recipients(&found) } else { 0 },
            clicks: view_of_clicks(clicks),
        }
    };
    Answer::list(message.all_links().enumerate().collect(), item)
}
