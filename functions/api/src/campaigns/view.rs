//! A campaign as the API shows it.

use app::campaigns;
use aws::store::AccountStore;
use domain::account::Account;
use domain::campaign::{Campaign, PauseCause, PauseReason, Status};
use domain::ids::{CampaignId, ListId};
use domain::standstill::standstill;
use domain::tally::Tally;
use web::Language;

use super::settings::{self, SettingsView};
use super::words::pause_cause;
use crate::contract::schema::word;
use crate::error::ApiError;

/// Statuses that a client can see.
pub const STATUSES: [Status; 6] =
    [Status::Draft, Status::Ready, Status::Sending, Status::Paused, Status::Consolidating, Status::Finished];

answers! {
    pub struct CampaignView as "Campaign" {
        id: CampaignId,
        ..settings: SettingsView,
        author: String,
        status: Status = word(STATUSES.map(Status::code)),
        pause_reason?: PauseReason,
        /// What paused it before anything was sent, and what to do
        /// Ce qui l’a mise en pause avant tout envoi, et que faire
        pause_cause?: PauseCauseView,
        cancelled: bool,
        /// Nothing has moved since then, though there is work to do; the operator of the platform is alerted
        /// Plus rien n’avance depuis, alors qu’il reste à faire ; l’exploitant de la plateforme est prévenu
        stalled_since: Option<jiff::Timestamp>,
        /// As counted last; fixed when it starts; null when unknown
        /// D’après le dernier compte ; figé au départ ; null si inconnu
        recipients: Option<u32>,
        /// One per segment
        /// Un par SMS
        credits: CreditsView,
        progress: ProgressView,
        /// When it starts
        /// Quand elle démarre
        due_at: Option<jiff::Timestamp>,
        started_at: Option<jiff::Timestamp>,
        /// When the last batch was handed over
        /// Quand le dernier lot a été remis
        handed_over_at: Option<jiff::Timestamp>,
        finished_at: Option<jiff::Timestamp>,
        created_at: jiff::Timestamp,
        modified_at: jiff::Timestamp,
        version: u64,
    }

    struct PauseCauseView as "PauseCause" {
        code: &'static str = word(PauseCause::CODES),
        list: Option<ListId>,
        detail: String,
    }

    struct CreditsView {
        reserved: u64,
        used: u64,
        given_back: u64,
    }

    struct ProgressView {
        handed_over: u32,
        total: u32,
        /// Measured since it started
        /// Mesuré depuis le départ
        rate_per_minute: u32,
        expected_end: Option<jiff::Timestamp>,
    }
}

/// A campaign with its progress.
pub async fn view(
    store: &AccountStore,
    campaign: &Campaign,
    account: &Account,
    language: Language,
    now: jiff::Timestamp,
) -> Result<CampaignView, ApiError> {
    let tally = campaigns::statistics::summary(store, campaign).await?;
    let recipients = match (&campaign.audience, &campaign.count) {
        (Some(audience), _) => Some(audience.recipients),
        (None, Some(count)) => Some(count.recipients),
        (None, None) => None,
    };
    let progress = campaigns::progress(account, campaign, &tally, now);
    Ok(CampaignView {
        id: campaign.id.clone(),
        settings: settings::view(&campaign.settings),
        author: campaign.author.clone(),
        status: campaign.status,
        pause_reason: campaign.pause_reason,
        pause_cause: campaign.pause_cause.as_ref().map(|cause| PauseCauseView {
            code: cause.code(),
            list: cause.list().map(|(list, _)| list.clone()),
            detail: pause_cause(cause).in_language(language).to_owned(),
        }),
        cancelled: campaign.cancelled,
        stalled_since: standstill(campaign, now),
        recipients,
        credits: CreditsView {
            reserved: campaign.reserved,
            used: used(campaign, &tally),
            given_back: campaign.given_back,
        },
        progress: ProgressView {
            handed_over: progress.handed_over,
            total: progress.total,
            rate_per_minute: progress.rate_per_minute,
            expected_end: progress.expected_end,
        },
        due_at: campaign.due_at,
        started_at: campaign.started_at,
        handed_over_at: campaign.handed_over_at,
        finished_at: campaign.finished_at,
        created_at: campaign.created_at,
        modified_at: campaign.modified_at,
        version: campaign.version,
    })
}

/// Credits are settled at the end; until then, those of messages handed over count as used.
fn used(campaign: &Campaign, tally: &Tally) -> u64 {
    if campaign.status == Status::Finished { campaign.used } else { tally.segments.min(campaign.reserved) }
}
