//! A campaign as an item: the format of the document, and the conversions.

use std::collections::BTreeMap;

use domain::announcement::{Announcement, Moment, Outbox};
use domain::campaign::{
    Audience, Campaign, Count, CountedList, Counting, ImageLink, MadeWith, Message, PauseCause, Schedule, Settings,
    ShortLink,
};
use domain::ids::{AccountId, CampaignId, ImageId, ListId, TemplateId};
use domain::release::{Pacing, Run};
use domain::standstill::Progress;
use domain::territory::Territory;
use serde::{Deserialize, Serialize};

use super::item::{code, instant, maybe_instant, ms};
use super::tally_item::TallyItem;
use super::{Error, Result};

pub(super) const WHAT: &str = "campaign";

#[derive(Serialize, Deserialize)]
pub(super) struct CampaignItem {
    settings: SettingsItem,
    status: String,
    pause_reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pause_cause: Option<PauseCauseItem>,
    cancelled: bool,
    author: String,
    created_at: i64,
    modified_at: i64,
    due_at: Option<i64>,
    #[serde(rename = "look_at")]
    next_check_at: Option<i64>,
    started_at: Option<i64>,
    handed_over_at: Option<i64>,
    finished_at: Option<i64>,
    count: Option<CountItem>,
    counting: Option<(String, u16)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    made_with: Option<MadeWithItem>,
    audience: Option<AudienceItem>,
    granted_until: Option<i64>,
    repaired_at: Option<i64>,
    /// Recipients done, since when, whether it waits.
    progress: Option<(u32, i64, bool)>,
    pace_per_hour: Option<u32>,
    reserved: u64,
    used: u64,
    given_back: u64,
    tally: Option<TallyItem>,
}

/// Code, list, its name.
type PauseCauseItem = (String, Option<ListId>, Option<String>);
/// Sender, STOP code, address of the short domain.
type MadeWithItem = (String, String, String);

#[derive(Serialize, Deserialize)]
struct SettingsItem {
    name: String,
    kind: String,
    proof: bool,
    lists: Vec<ListId>,
    template: Option<TemplateId>,
    sender: Option<String>,
    text: String,
    links: Vec<LinkItem>,
    images: Vec<ImageItem>,
    stop: bool,
    at: Option<String>,
    pace_per_hour: Option<u32>,
}

#[derive(Serialize, Deserialize)]
struct LinkItem {
    name: String,
    url: String,
    expires_at: Option<i64>,
    fallback_url: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct ImageItem {
    name: String,
    image: ImageId,
    expires_at: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct CountItem {
    of: String,
    /// Id, generation, contacts.
    #[serde(default)]
    lists: Vec<(ListId, u32, u64)>,
    contacts: u64,
    recipients: u32,
    duplicates: u64,
    excluded: u64,
    segments: (u32, u32),
    credits: u64,
    unicode: u32,
    too_long: u32,
    by_territory: BTreeMap<String, u64>,
}

#[derive(Serialize, Deserialize)]
struct AudienceItem {
    recipients: u32,
    /// Territory, first, recipients, first batch, released, batches that are done.
    runs: Vec<(String, u32, u32, u32, u32, u32)>,
    link_ranges: Vec<u64>,
    excluded_until: i64,
}

impl CampaignItem {
    pub(super) fn new(c: &Campaign) -> Self {
        Self {
            settings: SettingsItem::new(&c.settings),
            status: c.status.code().into(),
            pause_reason: c.pause_reason.map(|reason| reason.code().into()),
            pause_cause: c.pause_cause.as_ref().map(pause_cause_item),
            cancelled: c.cancelled,
            author: c.author.clone(),
            created_at: ms(c.created_at),
            modified_at: ms(c.modified_at),
            due_at: c.due_at.map(ms),
            next_check_at: c.next_check_at.map(ms),
            started_at: c.started_at.map(ms),
            handed_over_at: c.handed_over_at.map(ms),
            finished_at: c.finished_at.map(ms),
            count: c.count.as_ref().map(CountItem::new),
            counting: c.counting.as_ref().map(|counting| (counting.of.clone(), counting.done_per_mille)),
            made_with: c
                .made_with
                .clone()
                .map(|MadeWith { sender, stop_code, short_url }| (sender, stop_code, short_url)),
            audience: c.audience.as_ref().map(AudienceItem::new),
            granted_until: c.pacing.granted_until.map(ms),
            repaired_at: c.repaired_at.map(ms),
            progress: c.progress.map(|Progress { done, at, is_waiting }| (done, ms(at), is_waiting)),
            pace_per_hour: c.pacing.per_hour,
            reserved: c.reserved,
            used: c.used,
            given_back: c.given_back,
            tally: c.tally.as_ref().map(TallyItem::new),
        }
    }

    pub(super) fn campaign(self, account: AccountId, id: CampaignId, outbox: Outbox, version: u64) -> Result<Campaign> {
        Ok(Campaign {
            account,
            id,
            settings: self.settings.settings()?,
            status: code(&self.status, WHAT)?,
            pause_reason: self.pause_reason.map(|reason| code(&reason, WHAT)).transpose()?,
            pause_cause: self.pause_cause.map(pause_cause).transpose()?,
            cancelled: self.cancelled,
            author: self.author,
            created_at: instant(self.created_at, WHAT)?,
            modified_at: instant(self.modified_at, WHAT)?,
            due_at: maybe_instant(self.due_at, WHAT)?,
            next_check_at: maybe_instant(self.next_check_at, WHAT)?,
            started_at: maybe_instant(self.started_at, WHAT)?,
            handed_over_at: maybe_instant(self.handed_over_at, WHAT)?,
            finished_at: maybe_instant(self.finished_at, WHAT)?,
            count: self.count.map(CountItem::count).transpose()?,
            counting: self.counting.map(|(of, done_per_mille)| Counting { of, done_per_mille }),
            made_with: self.made_with.map(|(sender, stop_code, short_url)| MadeWith { sender, stop_code, short_url }),
            audience: self.audience.map(AudienceItem::audience).transpose()?,
            pacing: Pacing { per_hour: self.pace_per_hour, granted_until: maybe_instant(self.granted_until, WHAT)? },
            repaired_at: maybe_instant(self.repaired_at, WHAT)?,
            progress: self.progress.map(progress).transpose()?,
            reserved: self.reserved,
            used: self.used,
            given_back: self.given_back,
            tally: self.tally.map(TallyItem::tally),
            outbox,
            version,
        })
    }
}

impl SettingsItem {
    // Destructured, so that a new field does not compile until it is stored here.
    fn new(s: &Settings) -> Self {
        let Settings { name, kind, proof, lists, message, schedule } = s.clone();
        let Message { template, sender, text, links, images, stop } = message;
        let Schedule { at, pace_per_hour } = schedule;
        let link = |ShortLink { name, url, expires_at, fallback_url }| LinkItem {
            name,
            url,
            expires_at: expires_at.map(ms),
            fallback_url,
        };
        let image = |ImageLink { name, image, expires_at }| ImageItem { name, image, expires_at: expires_at.map(ms) };
        Self {
            name,
            kind: kind.code().into(),
            proof,
            lists,
            template,
            sender,
            text,
            links: links.into_iter().map(link).collect(),
            images: images.into_iter().map(image).collect(),
            stop,
            at,
            pace_per_hour,
        }
    }

    fn settings(self) -> Result<Settings> {
        let link = |LinkItem { name, url, expires_at, fallback_url }| {
            Ok(ShortLink { name, url, expires_at: maybe_instant(expires_at, WHAT)?, fallback_url })
        };
        let image = |ImageItem { name, image, expires_at }| {
            Ok(ImageLink { name, image, expires_at: maybe_instant(expires_at, WHAT)? })
        };
        Ok(Settings {
            name: self.name,
            kind: code(&self.kind, WHAT)?,
            proof: self.proof,
            lists: self.lists,
            message: Message {
                template: self.template,
                sender: self.sender,
                text: self.text,
                links: self.links.into_iter().map(link).collect::<Result<_>>()?,
                images: self.images.into_iter().map(image).collect::<Result<_>>()?,
                stop: self.stop,
            },
            schedule: Schedule { at: self.at, pace_per_hour: self.pace_per_hour },
        })
    }
}

fn pause_cause_item(cause: &PauseCause) -> PauseCauseItem {
    let (list, name) = cause.list().map_or((None, None), |(list, name)| (Some(list.clone()), name));
    (cause.code().into(), list, name.map(Into::into))
}

fn pause_cause((code, list, name): PauseCauseItem) -> Result<PauseCause> {
    let unknown = || Error::Corrupt { what: WHAT, cause: format!("no such cause of a pause {code}") };
    PauseCause::from_parts(&code, list, name).ok_or_else(unknown)
}

/// Event, reason of a pause, when. In a separate attribute, so that it can be emptied alone.
pub(super) type AnnouncementItem = (String, Option<String>, i64);

pub(super) fn outbox_item(outbox: &Outbox) -> Vec<AnnouncementItem> {
    outbox.waiting().iter().map(announcement_item).collect()
}

pub(super) fn outbox(items: Vec<AnnouncementItem>) -> Result<Outbox> {
    Ok(Outbox::new(items.into_iter().map(announcement).collect::<Result<_>>()?))
}

fn announcement_item(Announcement { moment, at }: &Announcement) -> AnnouncementItem {
    let (word, reason) = match moment {
        Moment::Started => ("started", None),
        Moment::Paused(reason) => ("paused", Some(reason.code().into())),
        Moment::Finished => ("finished", None),
    };
    (word.into(), reason, ms(*at))
}

fn announcement((word, reason, at): AnnouncementItem) -> Result<Announcement> {
    let moment = match (word.as_str(), reason) {
        ("started", None) => Moment::Started,
        ("paused", Some(reason)) => Moment::Paused(code(&reason, WHAT)?),
        ("finished", None) => Moment::Finished,
        _ => return Err(Error::Corrupt { what: WHAT, cause: format!("no such moment {word}") }),
    };
    Ok(Announcement { moment, at: instant(at, WHAT)? })
}

fn progress((done, at, is_waiting): (u32, i64, bool)) -> Result<Progress> {
    Ok(Progress { done, at: instant(at, WHAT)?, is_waiting })
}

impl CountItem {
    fn new(c: &Count) -> Self {
        Self {
            of: c.of.clone(),
            lists: c.lists.iter().map(|list| (list.id.clone(), list.generation, list.contacts)).collect(),
            contacts: c.contacts,
            recipients: c.recipients,
            duplicates: c.duplicates,
            excluded: c.excluded,
            segments: (c.segments_min, c.segments_max),
            credits: c.credits,
            unicode: c.unicode,
            too_long: c.too_long,
            by_territory: c.by_territory.iter().map(|(code, count)| ((*code).to_owned(), *count)).collect(),
        }
    }

    fn count(self) -> Result<Count> {
        let list = |(id, generation, contacts)| CountedList { id, generation, contacts };
        Ok(Count {
            of: self.of,
            lists: self.lists.into_iter().map(list).collect(),
            contacts: self.contacts,
            recipients: self.recipients,
            duplicates: self.duplicates,
            excluded: self.excluded,
            segments_min: self.segments.0,
            segments_max: self.segments.1,
            credits: self.credits,
            unicode: self.unicode,
            too_long: self.too_long,
            by_territory: self
                .by_territory
                .into_iter()
                .map(|(territory, count)| Ok((code::<Territory>(&territory, WHAT)?.code(), count)))
                .collect::<Result<_>>()?,
        })
    }
}

impl AudienceItem {
    fn new(a: &Audience) -> Self {
        let run =
            |r: &Run| (r.territory.code().to_owned(), r.first, r.recipients, r.first_batch, r.released, r.done_batches);
        Self {
            recipients: a.recipients,
            runs: a.runs.iter().map(run).collect(),
            link_ranges: a.link_ranges.clone(),
            excluded_until: ms(a.excluded_until),
        }
    }

    fn audience(self) -> Result<Audience> {
        let run =
            |(territory, first, recipients, first_batch, released, done_batches): (String, u32, u32, u32, u32, u32)| {
                let territory = code(&territory, WHAT)?;
                Ok(Run { territory, first, recipients, first_batch, released, done_batches })
            };
        Ok(Audience {
            recipients: self.recipients,
            runs: self.runs.into_iter().map(run).collect::<Result<_>>()?,
            link_ranges: self.link_ranges,
            excluded_until: instant(self.excluded_until, WHAT)?,
        })
    }
}
