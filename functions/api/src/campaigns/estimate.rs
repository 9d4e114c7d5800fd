//! `POST /v1/campaigns/{id}/estimate` and `/validate`: exactly what would be sent, with blockers and warnings.

use std::collections::BTreeMap;

use app::campaigns::{self, Counted, Estimate};
use app::{Context, UseCase};
use domain::campaign::Settings;
use domain::ids::CampaignId;
use web::{FieldError, Language};

use super::answer;
use super::view::CampaignView;
use super::words::{blocker, warning};
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, post};
use crate::contract::schema::{share, word};
use crate::gate::{Caller, Id, IfMatch};

/// Seconds after which to ask again for a count by dispatch.
const COUNTING_SECONDS: u32 = 2;

pub fn operations() -> Vec<Operation> {
    vec![
        post("/campaigns/{id}/estimate", UseCase::EstimateCampaign, estimate)
            .summary(
                "Counts recipients, segments and credits; names what stands in the way",
                "Compte destinataires, SMS et crédits ; nomme ce qui fait obstacle",
            )
            .answers::<EstimateView>(200, "The estimate", "L’estimation")
            .answers::<CountingView>(202, "Still counting: ask again", "Le compte continue : redemander"),
        post("/campaigns/{id}/validate", UseCase::ValidateCampaign, validate)
            .summary(
                "Reserves the credits and makes the campaign ready; 422 with every blocker",
                "Réserve les crédits et rend la campagne prête ; 422 avec tous les obstacles",
            )
            .answers::<CampaignView>(200, "The campaign, ready", "La campagne, prête")
            .answers::<CountingView>(202, "Still counting: ask again", "Le compte continue : redemander"),
    ]
}

answers! {
    struct CountingView as "Counting" {
        /// How far the count is
        /// Où en est le compte
        counting: f64 = share(),
    }

    struct EstimateView as "Estimate" {
        recipients: u32,
        contacts: u64,
        duplicates: u64,
        excluded: u64,
        by_territory: BTreeMap<&'static str, u64>,
        /// Of one message
        /// D’un message
        segments: SegmentsView,
        credits: u64,
        /// null when unlimited, not counted, or not enough
        /// null si illimité, pas compté ou insuffisant
        balance_after: Option<u64>,
        /// mixed: some values force Unicode
        /// mixed : certaines valeurs imposent Unicode
        encoding: &'static str = word(["gsm7", "ucs2", "mixed"]),
        window: Option<WindowView>,
        warnings: Vec<FindingView>,
        blockers: Vec<FindingView>,
    }

    struct SegmentsView {
        min: u32,
        mean: f64,
        max: u32,
    }

    struct WindowView {
        /// When the first message may go out
        /// Quand le premier message peut partir
        next_opening: jiff::Timestamp,
        expected_end: Option<jiff::Timestamp>,
        /// What the window holds back, and until when
        /// Ce que la fenêtre retient, et jusqu’à quand
        carry_over: Option<CarryOverView>,
    }

    struct CarryOverView {
        messages: u64,
        at: jiff::Timestamp,
    }

    struct FindingView as "Finding" {
        code: &'static str,
        pointer: String,
        detail: String,
    }
}

fn view(estimate: &Estimate, settings: &Settings, language: Language) -> EstimateView {
    let count = estimate.count.clone().unwrap_or_default();
    let sent = count.recipients - count.too_long.min(count.recipients);
    let mean = if sent > 0 { count.credits as f64 / f64::from(sent) } else { 0.0 };
    let encoding = match (count.unicode, count.recipients) {
        (_, 0) => estimate.encoding.code(),
        (0, _) => "gsm7",
        (unicode, recipients) if unicode == recipients => "ucs2",
        _ => "mixed",
    };
    let window = estimate.forecast.as_ref().map(|forecast| WindowView {
        next_opening: forecast.begins_at,
        expected_end: forecast.ends_at,
        carry_over: forecast
            .carries_on_at
            .filter(|_| forecast.carried_over > 0)
            .map(|at| CarryOverView { messages: forecast.carried_over, at }),
    });
    let finding = |FieldError { code, pointer, detail }: FieldError| FindingView {
        code,
        pointer,
        detail: detail.in_language(language).to_owned(),
    };
    EstimateView {
        recipients: count.recipients,
        contacts: count.contacts,
        duplicates: count.duplicates,
        excluded: count.excluded,
        by_territory: count.by_territory,
        segments: SegmentsView {
            min: count.segments_min,
            mean: (mean * 1_000.0).round() / 1_000.0,
            max: count.segments_max,
        },
        credits: count.credits,
        balance_after: estimate.balance_after,
        encoding,
        window,
        warnings: estimate.warnings.iter().map(|found| finding(warning(found, settings))).collect(),
        blockers: estimate.blockers.iter().map(|found| finding(blocker(found, settings))).collect(),
    }
}

fn counting(done_per_mille: u16) -> Answered {
    Answer::later(COUNTING_SECONDS, &CountingView { counting: f64::from(done_per_mille) / 1_000.0 })
}

async fn estimate(context: Context, caller: Caller, Id(id): Id<CampaignId>) -> Answered {
    match campaigns::estimate(&context, &id).await? {
        // Storing the count made a new version; a client with `If-Match` continues from it.
        (found, Counted::Now(estimate)) => {
            Ok(Answer::ok(&view(&estimate, &found.settings, caller.language))?.version(found.version))
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
