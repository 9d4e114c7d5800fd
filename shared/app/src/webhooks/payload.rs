//! The bodies of requests: `{"type", "timestamp", "data"}` as in Standard Webhooks, with data in the shapes of the API.

use domain::announcement::{Announcement, Moment};
use domain::campaign::{Campaign, PauseReason, Status};
use domain::delivery::Event;
use domain::ids::{AccountId, CampaignId, EventId, ListId};
use domain::list::List;
use domain::phone::PhoneNumber;
use domain::tally::Tally;
use domain::webhook::{EventKind, Webhook};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use crate::import_report::ReportView;

/// An event with its body.
fn event(id: EventId, kind: EventKind, at: Timestamp, phone: Option<PhoneNumber>, data: &impl Serialize) -> Event {
    let payload = json!({ "type": kind.code(), "timestamp": at, "data": data }).to_string();
    Event { id, kind, at, payload, phone }
}

/// A campaign event.
pub fn campaign_event(campaign: &Campaign, Announcement { moment, at }: &Announcement) -> Event {
    let (kind, status, pause_reason) = match moment {
        Moment::Started => (EventKind::CampaignStarted, Status::Sending, None),
        Moment::Paused(reason) => (EventKind::CampaignPaused, Status::Paused, Some(*reason)),
        Moment::Finished => (EventKind::CampaignFinished, Status::Finished, None),
    };
    let id = EventId::derived(*at, &[campaign.account.as_str(), campaign.id.as_str(), kind.code()]);
    let statistics = campaign.tally.as_ref().filter(|_| kind == EventKind::CampaignFinished).map(Statistics::new);
    let data = CampaignData {
        id: &campaign.id,
        name: &campaign.settings.name,
        kind: campaign.settings.kind.code(),
        proof: campaign.settings.proof,
        status: status.code(),
        pause_reason: pause_reason.map(PauseReason::code),
        cancelled: campaign.cancelled,
        recipients: recipients(campaign),
        credits: Credits { reserved: campaign.reserved, used: campaign.used, given_back: campaign.given_back },
        started_at: campaign.started_at,
        finished_at: campaign.finished_at.filter(|_| kind == EventKind::CampaignFinished),
        statistics,
    };
    event(id, kind, *at, None, &data)
}

fn recipients(campaign: &Campaign) -> Option<u32> {
    let counted = campaign.count.as_ref().map(|count| count.recipients);
    campaign.audience.as_ref().map(|audience| audience.recipients).or(counted)
}

/// A campaign without its message; the receiver can request more by its id.
#[derive(Serialize)]
struct CampaignData<'a> {
    id: &'a CampaignId,
    name: &'a str,
    kind: &'static str,
    proof: bool,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pause_reason: Option<&'static str>,
    cancelled: bool,
    recipients: Option<u32>,
    credits: Credits,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statistics: Option<Statistics>,
}

#[derive(Serialize)]
struct Credits {
    reserved: u64,
    used: u64,
    given_back: u64,
}

/// The outcomes of a finished campaign.
#[derive(Serialize)]
struct Statistics {
    recipients: u32,
    handed_over: u32,
    delivered: u32,
    failed: u32,
    expired: u32,
    rejected: u32,
    unknown: u32,
    excluded: u32,
    clicks: Clicks,
    stops: u32,
    replies: u32,
}

#[derive(Serialize)]
struct Clicks {
    human: u32,
    bot: u32,
    total: u32,
    unique: u32,
}

impl Statistics {
    fn new(tally: &Tally) -> Self {
        let (human, bot) = (tally.human_clicks, tally.bot_clicks);
        Self {
            recipients: tally.recipients,
            handed_over: tally.handed_over,
            delivered: tally.delivered,
            failed: tally.failed,
            expired: tally.expired,
            rejected: tally.rejected,
            unknown: tally.unknown,
            excluded: tally.excluded,
            clicks: Clicks { human, bot, total: human.saturating_add(bot), unique: tally.unique_clicks },
            stops: tally.stops,
            replies: tally.replies,
        }
    }
}

/// An upload became a list, or failed. `at` is when the upload arrived: a repeated import sends the same event.
pub fn list_event(list: &List, at: Timestamp) -> Event {
    // A list that could not be replaced stays ready, and contains the failure.
    let kind = if list.failure.is_some() { EventKind::ListFailed } else { EventKind::ListReady };
    let generation = list.generation.to_string();
    let id = EventId::derived(at, &[list.account.as_str(), list.id.as_str(), &generation, kind.code()]);
    let report = list.report.as_ref().filter(|_| kind == EventKind::ListReady);
    let data = ListData {
        id: &list.id,
        name: &list.name,
        purpose: list.purpose.code(),
        status: list.status.code(),
        contacts: list.contacts,
        report: report.map(ReportView::from),
        failure: list.failure.as_deref().map(|code| Failure { code }),
    };
    event(id, kind, at, None, &data)
}

#[derive(Serialize)]
struct ListData<'a> {
    id: &'a ListId,
    name: &'a str,
    purpose: &'static str,
    status: &'static str,
    contacts: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<ReportView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<Failure<'a>>,
}

/// Its words are in the list as the API shows it.
#[derive(Serialize)]
struct Failure<'a> {
    code: &'a str,
}

/// A reply from a phone, as an account may read it.
#[derive(Debug, Clone, Copy)]
pub struct Reply<'a> {
    pub account: &'a AccountId,
    pub from: PhoneNumber,
    /// The short code or sender that it was sent to.
    pub to: &'a str,
    pub text: &'a str,
    pub at: Timestamp,
    pub is_stop: bool,
    /// The campaign that it answers, if known.
    pub campaign: Option<&'a Campaign>,
}

#[derive(Serialize)]
struct CampaignName<'a> {
    id: &'a CampaignId,
    name: &'a str,
}

impl<'a> Reply<'a> {
    fn id(&self, kind: EventKind) -> EventId {
        let from = self.from.to_string();
        EventId::derived(self.at, &[self.account.as_str(), &from, self.to, self.text, kind.code()])
    }

    fn campaign_name(&self) -> Option<CampaignName<'a>> {
        self.campaign.map(|campaign| CampaignName { id: &campaign.id, name: &campaign.settings.name })
    }
}

/// A reply arrived.
pub fn replied_event(reply: &Reply<'_>) -> Event {
    let data = json!({
        "from": reply.from.to_string(),
        "to": reply.to,
        "text": reply.text,
        "at": reply.at,
        "stop": reply.is_stop,
        "campaign": reply.campaign_name(),
    });
    event(reply.id(EventKind::MessageReplied), EventKind::MessageReplied, reply.at, Some(reply.from), &data)
}

/// A recipient sent STOP and gets no more messages.
pub fn stopped_event(reply: &Reply<'_>) -> Event {
    let data = json!({ "phone": reply.from.to_string(), "at": reply.at, "campaign": reply.campaign_name() });
    event(reply.id(EventKind::ContactStopped), EventKind::ContactStopped, reply.at, Some(reply.from), &data)
}

/// A test event, to check the connection.
pub(super) fn test_event(webhook: &Webhook, now: Timestamp, random: [u8; 6]) -> Event {
    event(EventId::new(now, random), EventKind::Test, now, None, &json!({ "webhook": webhook.id }))
}
