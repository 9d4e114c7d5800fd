//! Groups the events of one callback into as few queue messages as possible: one per campaign, never per recipient.

use std::collections::HashMap;

use aws::queue::{EVENTS_PER_MESSAGE, Events, Receipt, Receipts, Reply};
use carrier::callback::Callback;
use domain::message_id::{Addressee, MessageId};

/// Most bytes of replies in one message: SQS takes 256 KiB, and JSON adds quotes.
const REPLIES_BYTES_MAX: usize = 192 * 1024;
/// Most replies in one message: each costs `track` several writes, so thousands are spread over its instances, and one
/// that cannot be recorded brings few others back with it.
const REPLIES_PER_MESSAGE: usize = 100;
/// Approximate size of a reply besides its text.
const REPLY_BYTES: usize = 120;

/// Queue messages for a callback. Test messages count in no statistic, so their receipts are dropped.
pub fn events(callback: &Callback) -> Vec<Events> {
    let mut campaigns: HashMap<_, (MessageId, Vec<Receipt>)> = HashMap::new();
    for receipt in &callback.receipts {
        let Addressee::Recipient(index) = receipt.id.addressee() else { continue };
        let (_, items) = campaigns.entry(receipt.id.group()).or_insert_with(|| (receipt.id, Vec::new()));
        let state = domain::outcome::State::from(receipt.outcome);
        items.push(Receipt {
            index,
            state: state.byte(),
            reason: receipt.reason.byte(),
            second: receipt.at.as_second(),
        });
    }
    let mut events = Vec::with_capacity(campaigns.len() + 1);
    for (id, items) in campaigns.into_values() {
        for items in items.chunks(EVENTS_PER_MESSAGE) {
            let (account, campaign) = (id.account(), id.campaign());
            events.push(Events::Receipts(Receipts { account, campaign, items: items.to_vec() }));
        }
    }
    events.extend(replies(callback));
    events
}

fn replies(callback: &Callback) -> Vec<Events> {
    let mut messages: Vec<Vec<Reply>> = Vec::new();
    let mut bytes = 0;
    for reply in &callback.replies {
        // Control characters are escaped as six bytes.
        let escaped: usize = reply.text.chars().map(|c| if c < ' ' { 6 } else { c.len_utf8() + 1 }).sum();
        let size = escaped + REPLY_BYTES;
        let is_full = bytes + size > REPLIES_BYTES_MAX;
        let reply =
            Reply { from: reply.from.to_string(), to: reply.to.clone(), text: reply.text.clone(), at: reply.at };
        match messages.last_mut() {
            Some(message) if !is_full && message.len() < REPLIES_PER_MESSAGE => message.push(reply),
            Some(_) | None => {
                messages.push(vec![reply]);
                bytes = 0;
            }
        }
        bytes += size;
    }
    messages.into_iter().map(Events::Replies).collect()
}

#[cfg(test)]
mod tests {
    use carrier::callback::parse;

    use super::*;

    fn grouped(body: &serde_json::Value) -> Vec<Events> {
        let now = "2026-03-01T12:00:00Z".parse().unwrap();
        events(&parse(body.to_string().as_bytes(), now).unwrap())
    }

    fn receipt(campaign: u32, position: &str) -> serde_json::Value {
        serde_json::json!({"id": format!("01hqxz0000000000000a.01hqxz000000000000{campaign:02}.{position}"), "status": "delivered"})
    }

    #[test]
    fn receipts_of_one_campaign_are_one_message() {
        let receipts: Vec<_> = (0..1_000).map(|index| receipt(index % 3, &index.to_string())).collect();
        let events = grouped(&serde_json::json!({"receipts": receipts}));
        let mut counts: Vec<_> = events
            .iter()
            .map(|event| match event {
                Events::Receipts(receipts) => receipts.items.len(),
                Events::Replies(_) | Events::Clicks(_) => panic!("{event:?}"),
            })
            .collect();
        counts.sort_unstable();
        assert_eq!(counts, [333, 333, 334]);
    }

    #[test]
    fn more_than_fit_one_message_make_two_and_test_messages_none() {
        let receipts: Vec<_> = (0..1_001).map(|index| receipt(0, &index.to_string())).collect();
        assert_eq!(grouped(&serde_json::json!({"receipts": receipts})).len(), 2);
        assert_eq!(grouped(&serde_json::json!({"receipts": [receipt(0, "t5")]})), []);
        assert_eq!(grouped(&serde_json::json!({})), []);
    }

    #[test]
    fn a_receipt_keeps_recipient_outcome_reason_and_second() {
        let mut one = receipt(0, "7");
        (one["status"], one["reason"], one["at"]) = ("failed".into(), "spam".into(), "2026-03-01T11:00:00.9Z".into());
        let events = grouped(&serde_json::json!({"receipts": [one]}));
        let [Events::Receipts(receipts)] = &events[..] else { panic!("{events:?}") };
        assert_eq!(receipts.items, [Receipt { index: 7, state: 133, reason: 7, second: 1_772_362_800 }]);
    }

    #[test]
    fn long_replies_are_split_so_that_each_message_fits_the_queue() {
        let reply = |text: String| serde_json::json!({"from": "+33612345678", "to": "36105", "text": text});
        for text in ["é".repeat(2_000), "\u{1}".repeat(2_000), "\"".repeat(2_000), "ok".into()] {
            let replies: Vec<_> = (0..1_200).map(|_| reply(text.clone())).collect();
            let events = grouped(&serde_json::json!({"replies": replies}));
            let mut total = 0;
            for event in &events {
                let Events::Replies(replies) = event else { panic!() };
                total += replies.len();
                assert!(serde_json::to_string(event).unwrap().len() < 256 * 1024);
            }
            assert_eq!(total, 1_200);
        }
    }
}
