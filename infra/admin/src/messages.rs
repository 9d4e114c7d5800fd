//! Shows one message from the campaign to the receipt, by the id that the carrier knows.

use app::accounts;
use app::audience::AudienceRows;
use aws::store::Batch;
use clap::Subcommand;
use domain::campaign::Campaign;
use domain::ledger::{Minute, Record};
use domain::message_id::{Addressee, MessageId};
use domain::phone::PhoneNumber;
use domain::release;
use serde::Serialize;

use crate::CommandError;
use crate::answer::{Answer, Table, maybe_minute, minute};
use crate::operator::Operator;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show where a message is, from its campaign to its receipt
    Show {
        /// Id given to the carrier, and returned in receipts: ACCOUNT.CAMPAIGN.NUMBER without acc_ and cmp_
        id: MessageId,
        /// Show the recipient's full number; the account's audit log records who looked
        #[arg(long)]
        reveal: bool,
    },
}

#[derive(Serialize)]
struct MessageView {
    id: MessageId,
    account: String,
    campaign: String,
    campaign_name: String,
    campaign_status: &'static str,
    /// User or key that created the campaign.
    author: String,
    created_at: jiff::Timestamp,
    due_at: Option<jiff::Timestamp>,
    started_at: Option<jiff::Timestamp>,
    /// A test message has no place in the audience and counts in no statistic.
    is_test: bool,
    /// `null` for a test message, and until the campaign has started.
    recipient: Option<RecipientView>,
}

#[derive(Serialize)]
struct RecipientView {
    /// Index in the audience, from zero.
    index: u32,
    /// Masked, unless requested; `null` once erased, or if the audience file is gone.
    phone: Option<String>,
    territory: &'static str,
    /// Whether pace and window allow it to be handed over.
    is_released: bool,
    batch: BatchView,
    outcome: &'static str,
    reason: Option<&'static str>,
    /// Zero before it was rendered.
    segments: u8,
    /// To the minute, like the other times.
    handed_over_at: Option<jiff::Timestamp>,
    final_at: Option<jiff::Timestamp>,
    first_click_at: Option<jiff::Timestamp>,
    human_clicks: u8,
    bot_clicks: u8,
    replied: bool,
    stopped: bool,
}

#[derive(Serialize)]
struct BatchView {
    number: u32,
    recipients: usize,
    /// Index of the message in it, from 0.
    index: usize,
    /// End of its lease; `null` without one.
    lease_until: Option<jiff::Timestamp>,
    /// How often it was leased.
    leases: u64,
}

pub async fn run(operator: &Operator, Command::Show { id, reveal }: Command) -> Result<Answer, CommandError> {
    let account = operator.account(&id.account()).await?;
    let store = operator.store()?.account(&account.id);
    let found = store.campaign_or_deleted(&id.campaign()).await?;
    let campaign = found
        .ok_or_else(|| CommandError::NotFound { what: format!("campaign {} in {}", id.campaign(), account.id) })?;
    let recipient = match id.addressee() {
        Addressee::Test(_) => None,
        Addressee::Recipient(index) => recipient(operator, &campaign, index, reveal).await?,
    };
    if reveal && recipient.as_ref().is_some_and(|recipient| recipient.phone.is_some()) {
        accounts::note_revealed(&operator.context(&account.id)?, &id).await?;
    }
    let view = MessageView {
        id,
        account: account.id.to_string(),
        campaign: campaign.id.to_string(),
        campaign_name: campaign.settings.name.clone(),
        campaign_status: campaign.status.code(),
        author: campaign.author.clone(),
        created_at: campaign.created_at,
        due_at: campaign.due_at,
        started_at: campaign.started_at,
        is_test: matches!(id.addressee(), Addressee::Test(_)),
        recipient,
    };
    Answer::new(&view, words(&view))
}

/// The recipient with this index; `None` while the campaign has no audience.
async fn recipient(
    operator: &Operator,
    campaign: &Campaign,
    index: u32,
    reveal: bool,
) -> Result<Option<RecipientView>, CommandError> {
    let Some(audience) = &campaign.audience else { return Ok(None) };
    let not_found =
        || CommandError::NotFound { what: format!("recipient {index} in {}, of {}", campaign.id, audience.recipients) };
    let number = release::batch_of(&audience.runs, index).ok_or_else(not_found)?;
    let slice = release::batch_slice(&audience.runs, number).ok_or_else(not_found)?;
    let batch =
        operator.store()?.account(&campaign.account).batch(&campaign.id, number).await?.ok_or_else(not_found)?;
    let at = (index - slice.first) as usize;
    let record = *batch.ledger.records().get(at).ok_or_else(not_found)?;
    let phone = phone(operator, campaign, &batch, at).await?;
    let spelled = |phone: PhoneNumber| if reveal { phone.to_string() } else { format!("{phone:?}") };
    let Record { segments, human_clicks, bot_clicks, replied, stopped, .. } = record;
    Ok(Some(RecipientView {
        index,
        phone: phone.map(spelled),
        territory: slice.territory.code(),
        is_released: at < slice.released as usize,
        outcome: record.state.outcome().code(),
        reason: Some(record.reason.code()).filter(|code| !code.is_empty()),
        segments,
        handed_over_at: record.handed_over.map(Minute::start),
        final_at: record.settled.map(Minute::start),
        first_click_at: record.first_click.map(Minute::start),
        human_clicks,
        bot_clicks,
        replied,
        stopped,
        batch: BatchView {
            number,
            recipients: batch.ledger.records().len(),
            index: at,
            lease_until: Some(batch.lease_until).filter(|until| *until > operator.now()),
            leases: batch.fence,
        },
    }))
}

/// The number at an index of a batch, from the audience file.
async fn phone(
    operator: &Operator,
    campaign: &Campaign,
    batch: &Batch,
    index: usize,
) -> Result<Option<PhoneNumber>, CommandError> {
    let Some(rows) = AudienceRows::read_if_kept(&operator.files()?, campaign, batch).await? else {
        operator.warn(format!("the audience file of {} is gone: its numbers are not known", campaign.id));
        return Ok(None);
    };
    let recipient = rows.of(batch).nth(index).transpose();
    let recipient = recipient.map_err(|error| CommandError::Internal(error.into()))?;
    Ok(recipient.map(|(row, _)| row.phone).filter(|phone| !phone.is_placeholder()))
}

fn words(view: &MessageView) -> String {
    let text = Table::pairs([
        ("message", view.id.to_string()),
        ("account", view.account.clone()),
        ("campaign", format!("{} ({}), {}", view.campaign, view.campaign_name, view.campaign_status)),
        ("made", format!("{} by {}", minute(view.created_at), view.author)),
        ("due", maybe_minute(view.due_at)),
        ("started", maybe_minute(view.started_at)),
    ])
    .to_string();
    match &view.recipient {
        Some(recipient) => text + &recipient_words(view, recipient),
        None if view.is_test => text + "a test message: no record is kept\n",
        None => text + "the campaign has not started: it has no audience yet\n",
    }
}

fn recipient_words(view: &MessageView, recipient: &RecipientView) -> String {
    let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
    let BatchView { number, recipients, index, lease_until, leases } = &recipient.batch;
    let at_work = lease_until.map_or("not leased".to_owned(), |at| format!("leased until {}", minute(at)));
    let outcome = format!("{} {}", recipient.outcome, recipient.reason.unwrap_or_default());
    let clicks = format!("{} of people, {} of robots", recipient.human_clicks, recipient.bot_clicks);
    let answered = match (recipient.stopped, recipient.replied) {
        (true, _) => "STOP",
        (false, true) => "yes",
        (false, false) => "no",
    };
    let table = Table::pairs([
        (
            "recipient",
            format!(
                "{}, number {} of the audience",
                recipient.phone.as_deref().unwrap_or("not known"),
                recipient.index
            ),
        ),
        ("territory", recipient.territory.to_owned()),
        ("released", yes(recipient.is_released)),
        ("batch", format!("{number}, index {index} of {recipients}; {at_work}, {leases} leases")),
        ("outcome", outcome.trim().to_owned()),
        ("segments", recipient.segments.to_string()),
        ("handed over", maybe_minute(recipient.handed_over_at)),
        ("final", maybe_minute(recipient.final_at)),
        ("first click", maybe_minute(recipient.first_click_at)),
        ("clicks", clicks),
        ("answered", answered.to_owned()),
    ]);
    format!("{table}logs of SendFunction and TrackFunction: campaign.id = {} and batch = {number}\n", view.campaign)
}
