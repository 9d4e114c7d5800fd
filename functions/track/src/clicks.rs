//! Clicks into a ledger. Counts are not idempotent by themselves: a batch remembers the clicks that it counted last.
//!
//! What one click cannot show, several do: a message's link is known to its recipient alone, so several addresses that
//! follow it within moments of the hand-over are previews, however much each looks like a person (facts: one GET and
//! three HEAD of an ordinary telephone). They are counted, as suspected bots.

use jiff::Timestamp;
use shared::domain::clicks::Visitor;
use shared::domain::ledger::{Minute, Record};
use shared::queue::Click;
use shared::store::{Batch, SEEN_CLICKS_MAX, SeenClick};

/// « Within moments »: seconds after the hand-over, of which only the minute is kept.
const MOMENTS_SECONDS: i64 = 60 + 30;

/// Counts clicks on the links of a batch whose first recipient has index `first`; link by link where the message has
/// several.
pub fn count(batch: &mut Batch, first: u32, has_several_links: bool, clicks: &[&Click]) {
    for Click(index, visitor, second, key, link) in clicks {
        let Ok(at) = Timestamp::from_second(*second) else { continue };
        let Some(place) = index.checked_sub(first).and_then(|place| u16::try_from(place).ok()) else { continue };
        let Some(record) = batch.ledger.records_mut().get_mut(usize::from(place)) else { continue };
        if batch.seen_clicks.iter().any(|seen| seen.key == *key) {
            continue;
        }
        // A visitor that this version does not know was named by a newer one: better a robot too many.
        let visitor: Option<Visitor> = visitor.parse().ok();
        let is_person = visitor == Some(Visitor::Person);
        // Who says what it is, is counted as that and says nothing of the others.
        let plays_person = matches!(visitor, Some(Visitor::Person | Visitor::Head));
        let is_early = is_early(record, at);
        // Once a recipient's clicks are no longer counted, their links' are not either: the sums agree.
        let counted = if is_person { record.human_clicks } else { record.bot_clicks };
        match is_person {
            _ if !has_several_links || counted == u8::MAX => (),
            true => batch.link_clicks.count_person(place, *link, is_early),
            false => batch.link_clicks.count_bot(place, *link),
        }
        if is_person {
            record.human_clicks = record.human_clicks.saturating_add(1);
            record.early_clicks = record.early_clicks.saturating_add(u8::from(is_early));
            *record = record.merge(Record { first_click: Some(Minute::of(at)), ..Record::default() });
        } else {
            record.bot_clicks = record.bot_clicks.saturating_add(1);
        }
        let is_other = |seen: &SeenClick| seen.plays_person && seen.place == place && seen.key >> 32 != key >> 32;
        record.is_previewed |= plays_person && is_early && batch.seen_clicks.iter().any(is_other);
        batch.seen_clicks.push(SeenClick { place, key: *key, plays_person });
    }
    let surplus = batch.seen_clicks.len().saturating_sub(SEEN_CLICKS_MAX);
    batch.seen_clicks.drain(..surplus);
}

/// A hand-over that is not recorded yet was a moment ago.
fn is_early(record: &Record, at: Timestamp) -> bool {
    record.handed_over.is_none_or(|minute| at.duration_since(minute.start()).as_secs() <= MOMENTS_SECONDS)
}
