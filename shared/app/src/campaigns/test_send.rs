//! Test messages: the message of a draft to a few numbers, with the values of the first contact of its lists. They
//! count in no statistic and cost their segments.

use aws::files::FileKey;
use aws::store::{LinkRange, LinkTarget, Store};
use carrier::{Answer, Carrier, Submission};
use contacts::{ListHeader, Rows};
use domain::account::Account;
use domain::campaign::{Campaign, Kind, MadeWith};
use domain::compose::{Composer, SEGMENTS_MAX, Values};
use domain::credits::{Movement, MovementKind};
use domain::ids::CampaignId;
use domain::links::LinkKey;
use domain::message_id::{Addressee, MessageId};
use domain::phone::PhoneNumber;
use domain::sender::Sender;
use domain::template::variable_name;
use jiff::Timestamp;
use support::random;

use super::check::stop_excess;
use super::commands::blocked;
use super::{Blocker, find};
use crate::audience::exclusion_of;
use crate::context::{Context, Expected};
use crate::error::Error;
use crate::use_case::UseCase;

/// Numbers of one test at most.
pub const TESTS_MAX: usize = 5;
/// Bytes of a list's file that are read for the first contact's values.
const HEAD_BYTES: u64 = 64 * 1024;
/// How long the links of a test work.
const LINKS_HOURS: i64 = 30 * 24;

/// The services that test messages need in addition to a context: the carrier, and the key of links.
#[derive(Debug, Clone, Copy)]
pub struct TestSend<'a> {
    pub links: &'a Store,
    pub carrier: &'a Carrier,
    pub link_key: &'a LinkKey,
}

/// The result of a test.
#[derive(Debug, Clone, PartialEq)]
pub struct Tested {
    /// The text as sent to the first number; with links, each number got its own.
    pub text: String,
    pub segments: u32,
    /// Credits spent; those of rejected messages were given back.
    pub credits: u64,
    /// One for each number, in their order.
    pub results: Vec<(PhoneNumber, Answer)>,
}

impl Tested {
    /// Whether every message was accepted, or is in doubt.
    pub fn is_taken(&self) -> bool {
        self.results.iter().all(|(_, answer)| !is_refused(answer))
    }
}

fn is_refused(answer: &Answer) -> bool {
    matches!(answer, Answer::Rejected { .. } | Answer::Throttled)
}

/// A message for one number.
struct Written {
    phone: PhoneNumber,
    text: String,
    count: domain::segments::Count,
}

/// Sends the message of a campaign to some numbers, each once. For marketing no number may be excluded. Credits are
/// spent before the carrier is called: otherwise unpaid messages could be sent.
pub async fn send_test(
    context: &Context,
    test: &TestSend<'_>,
    id: &CampaignId,
    phones: &[PhoneNumber],
) -> Result<Tested, Error> {
    let permit = context.permit(UseCase::SendTest)?;
    let (account, now) = (context.account().await?, context.now());
    let campaign = find(context, id, &Expected::Any).await?;
    let MadeWith { sender, stop_code, .. } = campaign.messages_made_with(&account, &context.short_url);
    let sender =
        Sender::parse(&sender, &[&stop_code]).map_err(|problem| blocked(&campaign, vec![Blocker::Sender(problem)]))?;
    let phones = each_once(phones);
    let excluded = excluded_of(context, &campaign, &phones).await?;
    if !excluded.is_empty() {
        return Err(Error::Excluded { phones: excluded });
    }
    let messages = messages(context, &account, &campaign, &phones, test, now).await?;
    let credits: u64 = messages.iter().map(|message| u64::from(message.count.segments)).sum();
    let movement = |kind, credits| Movement { at: now, kind, credits, about: campaign.id.to_string() };
    let mode = account.balance.mode;
    let noting = permit.noting(id, format!("{} messages", messages.len()));
    noting.move_credits(mode, &movement(MovementKind::Spent, credits), random::bytes()).await?;
    let answers = submit(test.carrier, &campaign, sender.as_str(), &messages).await;
    let refused = messages.iter().zip(&answers).filter(|(_, answer)| is_refused(answer));
    let back: u64 = refused.map(|(message, _)| u64::from(message.count.segments)).sum();
    if back > 0 {
        context.store.move_credits(mode, &movement(MovementKind::Refunded, back), random::bytes()).await?;
    }
    let segments = messages.first().map_or(0, |message| message.count.segments);
    let text = messages.first().map_or(String::new(), |message| message.text.clone());
    Ok(Tested { text, segments, credits: credits - back, results: phones.into_iter().zip(answers).collect() })
}

/// The numbers in their order, each once, at most `TESTS_MAX`.
fn each_once(phones: &[PhoneNumber]) -> Vec<PhoneNumber> {
    let mut once = Vec::with_capacity(phones.len());
    for phone in phones {
        if !once.contains(phone) {
            once.push(*phone);
        }
    }
    once.truncate(TESTS_MAX);
    once
}

/// Those of some numbers that must not get a test of a campaign.
pub async fn excluded(context: &Context, id: &CampaignId, phones: &[PhoneNumber]) -> Result<Vec<PhoneNumber>, Error> {
    context.permit(UseCase::ReadExclusions)?;
    excluded_of(context, &find(context, id, &Expected::Any).await?, phones).await
}

async fn excluded_of(
    context: &Context,
    campaign: &Campaign,
    phones: &[PhoneNumber],
) -> Result<Vec<PhoneNumber>, Error> {
    let mut excluded = Vec::new();
    if campaign.settings.kind == Kind::Alert {
        return Ok(excluded);
    }
    for phone in phones {
        if exclusion_of(&context.store, &context.files, *phone).await?.is_some() {
            excluded.push(*phone);
        }
    }
    Ok(excluded)
}

/// The messages, as they will be sent.
async fn messages(
    context: &Context,
    account: &Account,
    campaign: &Campaign,
    phones: &[PhoneNumber],
    test: &TestSend<'_>,
    now: Timestamp,
) -> Result<Vec<Written>, Error> {
    let message = &campaign.settings.message;
    let blocked = |blocker| blocked(campaign, vec![blocker]);
    if message.text.trim().is_empty() {
        return Err(blocked(Blocker::NoText));
    }
    let MadeWith { stop_code, short_url, .. } = campaign.messages_made_with(account, &context.short_url);
    if let Some(excess) = stop_excess(message, &stop_code) {
        return Err(blocked(Blocker::StopDoesNotFit { excess }));
    }
    let composer = Composer::new(message, &stop_code, &short_url).map_err(|problem| blocked(Blocker::Text(problem)))?;
    let firsts = links(campaign, &composer, test, phones.len() as u64, now).await?;
    let fields = fields(context, campaign, composer.columns()).await;
    let (mut messages, mut scratch) = (Vec::new(), Vec::new());
    for (index, phone) in (0u64..).zip(phones) {
        let codes: Vec<_> = firsts.iter().map(|first| *test.link_key.encode(first + index).as_bytes()).collect();
        let mut text = String::new();
        composer.write(&Values { fields: &fields, codes: &codes }, &mut scratch, &mut text);
        messages.push(Written { phone: *phone, count: Composer::count(&text), text });
    }
    let too_long = messages.iter().filter(|message| message.count.segments > SEGMENTS_MAX).count();
    match u32::try_from(too_long).unwrap_or(u32::MAX) {
        0 => Ok(messages),
        messages => Err(blocked(Blocker::TooLong { messages })),
    }
}

/// Numbers for the links that the text uses. They belong to no campaign, so a click on them counts nowhere.
async fn links(
    campaign: &Campaign,
    composer: &Composer,
    test: &TestSend<'_>,
    count: u64,
    now: Timestamp,
) -> Result<Vec<u64>, Error> {
    let nowhere = CampaignId::new(now, random::bytes());
    let mut firsts = Vec::new();
    for (index, link) in campaign.settings.message.all_links().enumerate() {
        if !composer.uses_link(index) {
            firsts.push(0);
            continue;
        }
        let first = test.links.reserve_link_numbers(count).await?;
        let (target, fallback_url) = LinkTarget::split(link.target);
        let end = now + jiff::SignedDuration::from_hours(LINKS_HOURS);
        let range = LinkRange {
            first,
            count,
            account: campaign.account.clone(),
            campaign: nowhere.clone(),
            name: link.name.to_owned(),
            index: u8::try_from(index).unwrap_or(u8::MAX),
            target,
            expires_at: Some(link.expires_at.map_or(end, |own| own.min(end))),
            fallback_url,
        };
        test.links.put_link_range(&range).await?;
        firsts.push(first);
    }
    Ok(firsts)
}

/// The first contact's values; empty ones, and so the fallbacks, if no list can be read.
async fn fields(context: &Context, campaign: &Campaign, columns: &[String]) -> Vec<String> {
    for id in &campaign.settings.lists {
        let Ok(Some(list)) = context.store.list(id).await else { continue };
        let key = FileKey::Contacts { account: list.account, list: list.id, generation: list.generation };
        let Ok(head) = context.files.get_range(&key, 0, HEAD_BYTES).await else { continue };
        let Ok(Some((header, begin))) = ListHeader::parse(&head) else { continue };
        let Some(Ok(row)) = Rows::new(head.get(begin..).unwrap_or_default(), begin as u64).next() else { continue };
        let index = |wanted: &String| header.columns().iter().position(|name| variable_name(name) == *wanted);
        let value = |wanted| index(wanted).map_or(String::new(), |index| row.field(index).into_owned());
        return columns.iter().map(value).collect();
    }
    vec![String::new(); columns.len()]
}

/// Hands the messages over, in calls as large as the carrier takes, and returns its answer for each.
async fn submit(carrier: &Carrier, campaign: &Campaign, sender: &str, messages: &[Written]) -> Vec<Answer> {
    let base = u32::from_be_bytes(random::bytes());
    let any = MessageId::new(&campaign.account, &campaign.id, Addressee::Test(base));
    let submissions: Vec<_> = (0u32..)
        .zip(messages)
        .map(|(index, message)| Submission {
            id: any.at(Addressee::Test(base.wrapping_add(index))),
            from: sender,
            to: message.phone,
            text: message.text.as_str().into(),
            encoding: message.count.encoding,
            segments: message.count.segments,
        })
        .collect();
    let mut answers = Vec::with_capacity(messages.len());
    for window in submissions.chunks(carrier.window().max(1)) {
        answers.extend(carrier.submit(window).await.answers);
    }
    answers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_gets_one_test() {
        let phone = |digits| PhoneNumber::from_digits(digits).unwrap();
        let (anna, paul) = (phone(33_612_345_678), phone(33_612_345_679));
        assert_eq!(each_once(&[anna, paul, anna]), [anna, paul]);
    }
}
