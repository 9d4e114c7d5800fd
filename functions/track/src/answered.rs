//! Finds the message that a reply answers: the account's last one to its number. A reply reads a bounded number of
//! items, and an invocation reads each once: campaigns of an account, the directory of a campaign, a batch.

use std::sync::Arc;

use app::audience::{self, AudienceRows};
use aws::store::{Directory, ReplyRoute, Sent};
use domain::campaign::Campaign;
use domain::ids::{AccountId, CampaignId};
use domain::ledger::Record;
use domain::phone::PhoneNumber;
use domain::release::batch_slice;
use jiff::{SignedDuration, Timestamp};

use crate::memo::Memo;
use crate::{App, Error};

/// A reply can answer a message of at most this age, in days.
const ANSWERED_DAYS: i64 = 90;
/// Most campaigns of an account that are searched, newest first.
const CAMPAIGNS_MAX: usize = 64;
/// Most campaigns cached, with directories of up to 100 KB.
const CUTS_MAX: usize = 128;
/// Most batches cached, of 8 KB each.
const BATCHES_MAX: usize = 2_048;

/// A campaign that was cut into batches.
pub struct Cut {
    pub campaign: Campaign,
    directory: Directory,
}

/// The numbers of a batch, in the order of the audience, and whether their message was sent.
#[derive(Default)]
struct Numbers {
    /// Index of the first one in the audience.
    first: u32,
    numbers: Vec<(PhoneNumber, bool)>,
}

/// The message that a reply answers.
pub struct AnsweredMessage {
    pub cut: Arc<Cut>,
    /// The recipient's index in the audience.
    pub index: u32,
}

impl AnsweredMessage {
    pub fn campaign(&self) -> &Campaign {
        &self.cut.campaign
    }
}

/// What an invocation has read for its replies.
pub struct ReplyLookups<'a> {
    pub app: &'a App,
    routes: Memo<String, Arc<Vec<ReplyRoute>>>,
    sent: Memo<AccountId, Arc<Vec<Sent>>>,
    cuts: Memo<CampaignId, Option<Arc<Cut>>>,
    batches: Memo<(CampaignId, u32), Arc<Numbers>>,
    listeners: Memo<AccountId, bool>,
}

impl<'a> ReplyLookups<'a> {
    pub fn new(app: &'a App) -> Self {
        Self {
            app,
            routes: Memo::new(CUTS_MAX),
            sent: Memo::new(CUTS_MAX),
            cuts: Memo::new(CUTS_MAX),
            batches: Memo::new(BATCHES_MAX),
            listeners: Memo::new(CUTS_MAX),
        }
    }

    /// Accounts that use this short code or sender.
    pub async fn routes(&self, to: &str) -> Result<Arc<Vec<ReplyRoute>>, Error> {
        let read = async { Ok(Arc::new(self.app.store.reply_routes(to).await?)) };
        self.routes.get(&to.to_owned(), read).await
    }

    /// Whether an account has webhooks at all.
    pub async fn has_webhooks(&self, account: &AccountId) -> Result<bool, Error> {
        let read = async { Ok(!self.app.store.account(account).webhooks().await?.is_empty()) };
        self.listeners.get(account, read).await
    }

    /// The newest message of an account to a number.
    pub async fn answered(&self, account: &AccountId, phone: PhoneNumber) -> Result<Option<AnsweredMessage>, Error> {
        for card in self.sent(account).await?.iter().take(CAMPAIGNS_MAX) {
            let Some(cut) = self.cut(account, &card.id).await? else { continue };
            let Some(batch) = cut.directory.batch_of(phone) else { continue };
            let members = self.numbers(&cut.campaign, batch).await?;
            let is_phone = |(number, _): &(PhoneNumber, bool)| *number == phone;
            let Some(position) = members.numbers.iter().position(is_phone) else { continue };
            let went_out = members.numbers.get(position).is_some_and(|(_, went_out)| *went_out);
            if let Some(offset) = u32::try_from(position).ok().filter(|_| went_out) {
                return Ok(Some(AnsweredMessage { cut, index: members.first + offset }));
            }
        }
        Ok(None)
    }

    /// Projections of sent campaigns: drafts and planned campaigns cost no reads and hide none.
    async fn sent(&self, account: &AccountId) -> Result<Arc<Vec<Sent>>, Error> {
        let read = async {
            let now: Timestamp = self.app.clock.now();
            let since = now - SignedDuration::from_hours(24 * ANSWERED_DAYS);
            let store = self.app.store.account(account);
            Ok(Arc::new(store.sent_between(since, now + SignedDuration::from_secs(1)).await?))
        };
        self.sent.get(account, read).await
    }

    async fn cut(&self, account: &AccountId, id: &CampaignId) -> Result<Option<Arc<Cut>>, Error> {
        let read = async {
            let store = self.app.store.account(account);
            let campaign = store.campaign(id).await?.filter(|campaign| campaign.audience.is_some());
            let Some(campaign) = campaign else { return Ok(None) };
            let directory = store.directory(id).await?;
            Ok(directory.map(|directory| Arc::new(Cut { campaign, directory })))
        };
        self.cuts.get(id, read).await
    }

    async fn numbers(&self, campaign: &Campaign, number: u32) -> Result<Arc<Numbers>, Error> {
        let read = async {
            let runs = campaign.audience.as_ref().map_or(&[][..], |audience| &audience.runs);
            let batch = self.app.store.account(&campaign.account).batch(&campaign.id, number).await?;
            let (Some(batch), Some(slice)) = (batch, batch_slice(runs, number)) else { return Ok(Arc::default()) };
            let rows = AudienceRows::read_if_kept(&self.app.files, campaign, &batch).await?;
            let Some(rows) = rows else { return Ok(Arc::default()) };
            let numbers = rows.of(&batch).map(|pair| pair.map(|(row, record)| (row.phone, went_out(record))));
            let numbers = numbers.collect::<Result<_, audience::Error>>();
            let numbers = numbers.map_err(|source| Error::Audience { campaign: campaign.id.clone(), source })?;
            Ok(Arc::new(Numbers { first: slice.first, numbers }))
        };
        self.batches.get(&(campaign.id.clone(), number), read).await
    }
}

/// Whether a message was sent; only then can it be answered.
fn went_out(record: &Record) -> bool {
    !record.state.outcome().is_to_send()
}
