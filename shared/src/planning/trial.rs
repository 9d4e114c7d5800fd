//! Test messages: the message of a draft to a few numbers, with the values of the first contact of its lists.

use jiff::Timestamp;

use super::{Blocker, Error, Planner};
use crate::carrier::{Answer, Carrier, Submission};
use crate::contacts::{ListHeader, Rows};
use crate::domain::account::Account;
use crate::domain::campaign::Campaign;
use crate::domain::compose::{Composer, SEGMENTS_MAX, Values};
use crate::domain::credits::{Movement, MovementKind};
use crate::domain::ids::CampaignId;
use crate::domain::links::LinkKey;
use crate::domain::message_id::{MessageId, Place};
use crate::domain::phone::PhoneNumber;
use crate::domain::sender::Sender;
use crate::domain::template::variable_name;
use crate::files::FileKey;
use crate::runtime::random;
use crate::store::{LinkRange, LinkTarget, Store};

/// Numbers of one test at most.
pub const TESTS_MAX: usize = 5;
/// As much of a list's file is read for the first contact's values.
const HEAD_OCTETS: u64 = 64 * 1024;
/// A test's links lead somewhere for so long.
const LINKS_HOURS: i64 = 30 * 24;

/// Who takes test messages, and what their links are made with.
#[derive(Debug, Clone, Copy)]
pub struct Trial<'a> {
    pub links: &'a Store,
    pub carrier: &'a Carrier,
    pub link_key: &'a LinkKey,
}

impl Planner {
    /// Sends the test and answers how many messages the carrier took. Credits are spent before; what the carrier
    /// refuses is given back.
    pub async fn test(
        &self,
        account: &Account,
        campaign: &Campaign,
        phones: &[PhoneNumber],
        trial: &Trial<'_>,
        now: Timestamp,
    ) -> Result<usize, Error> {
        let message = &campaign.settings.message;
        let blocked = |blocker| Error::Blocked { campaign: campaign.id.clone(), blockers: vec![blocker] };
        if message.text.trim().is_empty() {
            return Err(blocked(Blocker::NoText));
        }
        let sender = message.sender.as_deref().unwrap_or(&account.default_sender);
        let sender =
            Sender::parse(sender, &[&account.stop_code]).map_err(|problem| blocked(Blocker::Sender(problem)))?;
        let composer = Composer::new(message, &account.stop_code, &self.short_url)
            .map_err(|problem| blocked(Blocker::Text(problem)))?;
        let phones: Vec<_> = phones.iter().copied().take(TESTS_MAX).collect();
        let firsts = self.links(campaign, trial, phones.len() as u64, now).await?;
        let fields = self.fields(campaign, composer.columns()).await;
        let (mut texts, mut scratch) = (Vec::new(), Vec::new());
        for place in 0..phones.len() as u64 {
            let codes: Vec<_> = firsts.iter().map(|first| *trial.link_key.encode(first + place).as_bytes()).collect();
            let mut text = String::new();
            composer.write(&Values { fields: &fields, codes: &codes }, &mut scratch, &mut text);
            texts.push((Composer::count(&text), text));
        }
        if texts.iter().any(|(count, _)| count.segments > SEGMENTS_MAX) {
            return Err(blocked(Blocker::TooLong { messages: 1 }));
        }
        let credits = texts.iter().map(|(count, _)| u64::from(count.segments)).sum();
        let movement = |kind, credits| Movement { at: now, kind, credits, about: campaign.id.to_string() };
        let mode = account.balance.mode;
        self.store.move_credits(mode, &movement(MovementKind::Spent, credits)).await?;
        let submissions: Vec<_> = phones
            .iter()
            .zip(&texts)
            .map(|(to, (count, text))| Submission {
                id: MessageId::new(&campaign.account, &campaign.id, Place::Test(u32::from_be_bytes(random::octets()))),
                from: sender.as_str(),
                to: *to,
                text: text.as_str().into(),
                encoding: count.encoding,
                segments: count.segments,
            })
            .collect();
        let report = trial.carrier.submit(&submissions).await;
        let refused = |answer: &Answer| matches!(answer, Answer::Rejected { .. } | Answer::Throttled);
        let pairs = report.answers.iter().zip(&submissions);
        let back = pairs.filter(|(answer, _)| refused(answer)).map(|(_, message)| u64::from(message.segments)).sum();
        if back > 0 {
            self.store.move_credits(mode, &movement(MovementKind::Refunded, back)).await?;
        }
        Ok(report.answers.iter().filter(|answer| !refused(answer)).count())
    }

    /// Numbers for the links of a test. They belong to no campaign, so that a click on them counts nowhere.
    async fn links(
        &self,
        campaign: &Campaign,
        trial: &Trial<'_>,
        count: u64,
        now: Timestamp,
    ) -> Result<Vec<u64>, Error> {
        let message = &campaign.settings.message;
        let short = message.links.iter().map(|link| (&link.name, LinkTarget::Url(link.url.clone())));
        let images = message.images.iter().map(|link| (&link.name, LinkTarget::Image(link.image.clone())));
        let nowhere = CampaignId::new(now, random::octets());
        let mut firsts = Vec::new();
        for (name, target) in short.chain(images) {
            let first = trial.links.reserve_link_numbers(count).await?;
            let range = LinkRange {
                first,
                count,
                account: campaign.account.clone(),
                campaign: nowhere.clone(),
                name: name.clone(),
                target,
                expires_at: Some(now + jiff::SignedDuration::from_hours(LINKS_HOURS)),
            };
            trial.links.put_link_range(&range).await?;
            firsts.push(first);
        }
        Ok(firsts)
    }

    /// The first contact's values; empty ones, and so the fallbacks, where no list can be read.
    async fn fields(&self, campaign: &Campaign, columns: &[String]) -> Vec<String> {
        for id in &campaign.settings.lists {
            let Ok(Some(list)) = self.store.list(id).await else { continue };
            let key = FileKey::Contacts { account: list.account, list: list.id, generation: list.generation };
            let Ok(head) = self.files.get_range(&key, 0, HEAD_OCTETS).await else { continue };
            let Ok(Some((header, begin))) = ListHeader::parse(&head) else { continue };
            let Some(Ok(row)) = Rows::new(head.get(begin..).unwrap_or_default(), begin as u64).next() else { continue };
            let place = |wanted: &String| header.columns().iter().position(|name| variable_name(name) == *wanted);
            let value = |wanted| place(wanted).map_or(String::new(), |place| row.field(place).into_owned());
            return columns.iter().map(value).collect();
        }
        vec![String::new(); columns.len()]
    }
}
