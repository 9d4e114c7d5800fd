//! One body of each kind, made by the code that makes the real ones: the documents show these, and tests compare them
//! with the documented schemas.

use std::collections::BTreeMap;

use domain::announcement::{Announcement, Moment};
use domain::campaign::{Campaign, Count, PauseReason, Settings, Status};
use domain::delivery::Event;
use domain::ids::{AccountId, CampaignId, ListId, WebhookId};
use domain::import_report::{Delimiter, ImportReport, PhoneColumn};
use domain::list::{self, List, Purpose};
use domain::tally::Tally;
use domain::territory::Territory;
use domain::webhook::{EventKind, Health, Webhook};
use jiff::Timestamp;
use serde_json::Value;

use super::payload::{Reply, campaign_event, list_event, replied_event, stopped_event, test_event};

/// 1 December 2026, 09:00 UTC.
const MORNING: i64 = 1_796_115_600;

/// A body of each kind, in the order of [`EventKind::ALL`].
pub fn samples() -> Vec<(EventKind, Value)> {
    let events = EventKind::ALL.map(sample);
    events.into_iter().map(|event| (event.kind, serde_json::from_str(&event.payload).unwrap_or_default())).collect()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(MORNING + seconds).unwrap_or_default()
}

fn sample(kind: EventKind) -> Event {
    let announced = |moment| Announcement { moment, at: at(60) };
    match kind {
        EventKind::CampaignStarted => campaign_event(&campaign(Status::Sending), &announced(Moment::Started)),
        EventKind::CampaignPaused => {
            campaign_event(&campaign(Status::Paused), &announced(Moment::Paused(PauseReason::CarrierErrors)))
        }
        EventKind::CampaignFinished => campaign_event(&campaign(Status::Finished), &announced(Moment::Finished)),
        EventKind::ListReady => list_event(&list(list::Status::Ready), at(5)),
        EventKind::ListFailed => list_event(&list(list::Status::Failed), at(5)),
        EventKind::MessageReplied => replied("Oui, à samedi !", false, replied_event),
        EventKind::ContactStopped => replied("STOP", true, stopped_event),
        EventKind::Test => test_event(&webhook(), at(0), [0; 6]),
    }
}

fn account() -> AccountId {
    AccountId::new(at(-86_400), [0; 6])
}

fn campaign(status: Status) -> Campaign {
    let id = CampaignId::new(at(-600), [0; 6]);
    let settings = Settings { name: "Soldes d’hiver".into(), ..Settings::default() };
    let finished = status == Status::Finished;
    Campaign {
        status,
        started_at: Some(at(0)),
        finished_at: finished.then(|| at(3_600)),
        count: Some(Count { recipients: 1_228, ..Count::default() }),
        reserved: 1_228,
        used: if finished { 1_224 } else { 0 },
        given_back: if finished { 4 } else { 0 },
        tally: finished.then(|| Tally {
            recipients: 1_228,
            handed_over: 1_224,
            delivered: 1_190,
            failed: 30,
            unknown: 4,
            excluded: 4,
            human_clicks: 214,
            bot_clicks: 31,
            unique_clicks: 180,
            stops: 4,
            replies: 9,
            by_reason: BTreeMap::new(),
            ..Tally::default()
        }),
        ..Campaign::draft(account(), id, settings, String::new(), at(-600))
    }
}

fn list(status: list::Status) -> List {
    let is_ready = status == list::Status::Ready;
    let id = ListId::new(at(0), [0; 6]);
    List {
        status,
        contacts: if is_ready { 1_240 } else { 0 },
        report: is_ready.then(report),
        failure: (!is_ready).then(|| "no_phone_column".to_owned()),
        ..List::awaiting(account(), id, "Clients".into(), Purpose::Contacts, String::new(), at(0))
    }
}

fn report() -> ImportReport {
    ImportReport {
        rows: 1_250,
        contacts: 1_240,
        duplicates: 6,
        invalid: 4,
        excluded: 12,
        phone_column: PhoneColumn { index: 1, name: "Téléphone".into() },
        columns: vec!["Prénom".into(), "Téléphone".into()],
        delimiter: Some(Delimiter::Semicolon),
        header: true,
        by_territory: [(Territory::Metropolitan, 1_240)].into(),
        invalid_by_reason: [("too_short".into(), 4)].into(),
        ..ImportReport::default()
    }
}

fn replied(text: &str, is_stop: bool, event: impl Fn(&Reply<'_>) -> Event) -> Event {
    let (account, campaign) = (account(), campaign(Status::Sending));
    // A number in the range that the regulator reserves for fiction.
    let from = domain::phone::PhoneNumber::from_digits(262_639_980_001);
    match from {
        Some(from) => {
            let reply =
                Reply { account: &account, from, to: "36105", text, at: at(900), is_stop, campaign: Some(&campaign) };
            event(&reply)
        }
        None => test_event(&webhook(), at(0), [0; 6]),
    }
}

fn webhook() -> Webhook {
    Webhook {
        account: account(),
        id: WebhookId::new(at(-60), [0; 6]),
        url: "https://example.com/envol".into(),
        description: String::new(),
        events: EventKind::CHOICES.to_vec(),
        disabled: None,
        generation: 1,
        retiring: Vec::new(),
        health: Health::default(),
        author: String::new(),
        created_at: at(-60),
        modified_at: at(-60),
        version: 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_of_each_kind_and_it_says_so() {
        let found: Vec<_> = samples().iter().map(|(_, body)| body["type"].as_str().unwrap().to_owned()).collect();
        assert_eq!(found, EventKind::ALL.map(EventKind::code));
        for (kind, body) in samples() {
            assert!(body["timestamp"].is_string() && body["data"].is_object(), "{kind:?}: {body}");
        }
    }
}
