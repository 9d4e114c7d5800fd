//! Clicks into a ledger. Counts are not idempotent by themselves: a batch remembers the clicks that it counted last.

use shared::domain::clicks::Visitor;
use shared::domain::ledger::{Minute, Record};
use shared::queue::Click;
use shared::store::{Batch, SEEN_CLICKS_MAX};

/// Counts clicks on the links of a batch whose first recipient has index `first`.
pub fn count(batch: &mut Batch, first: u32, clicks: &[&Click]) {
    for Click(index, visitor, second, key) in clicks {
        if batch.seen_clicks.contains(key) {
            continue;
        }
        let Some(at) = jiff::Timestamp::from_second(*second).ok().map(Minute::of) else { continue };
        let place = index.checked_sub(first).map(|place| place as usize);
        let Some(record) = place.and_then(|place| batch.ledger.records_mut().get_mut(place)) else { continue };
        // A visitor that this version does not know was named by a newer one: better a robot too many.
        let is_person = Visitor::ALL.iter().any(|one| one.code() == visitor && !one.is_bot());
        if is_person {
            record.human_clicks = record.human_clicks.saturating_add(1);
            *record = record.merge(Record { first_click: Some(at), ..Record::default() });
        } else {
            record.bot_clicks = record.bot_clicks.saturating_add(1);
        }
        batch.seen_clicks.push(*key);
    }
    let surplus = batch.seen_clicks.len().saturating_sub(SEEN_CLICKS_MAX);
    batch.seen_clicks.drain(..surplus);
}
