//! Prepares the messages of a batch: reads its rows, drops numbers excluded since the start, renders each text.

use std::collections::HashSet;

use app::audience::{self, AudienceRows};
use aws::store::Batch;
use carrier::Submission;
use domain::campaign::{Audience, Campaign, MadeWith};
use domain::compose::{Composer, SEGMENTS_MAX, Values};
use domain::hand_over::settle;
use domain::message_id::{self, MessageId};
use domain::outcome::{Outcome, Reason};
use domain::phone::PhoneNumber;
use domain::release::BatchSlice;
use domain::segments::Encoding;

use crate::ready::Ready;
use crate::{App, Error};

/// A rendered message.
pub struct Outgoing {
    /// Index of its record in the batch.
    pub index: usize,
    pub segments: u8,
    id: MessageId,
    from: String,
    to: PhoneNumber,
    text: String,
    encoding: Encoding,
}

impl Outgoing {
    pub fn submission(&self) -> Submission<'_> {
        Submission {
            id: self.id,
            from: &self.from,
            to: self.to,
            text: self.text.as_str().into(),
            encoding: self.encoding,
            segments: u32::from(self.segments),
        }
    }
}

/// A recipient from the audience file.
struct Contact {
    phone: PhoneNumber,
    fields: Vec<String>,
}

/// Renders every message of the batch that may be sent now. The others are settled in the batch's ledger.
pub async fn prepare(app: &App, ready: &Ready, batch: &mut Batch) -> Result<Vec<Outgoing>, Error> {
    let Ready { campaign, audience, account, slice } = ready;
    let released = slice.released as usize;
    if !batch.ledger.records().iter().take(released).any(|record| record.state.outcome().is_to_send()) {
        return Ok(Vec::new());
    }
    let contacts = contacts(app, campaign, slice, batch).await?;
    let numbers: Vec<_> = contacts.iter().map(|contact| contact.phone).collect();
    let excluded = excluded(app, ready, &numbers).await?;
    let message = &campaign.settings.message;
    let MadeWith { sender, stop_code, short_url } = campaign.messages_made_with(account, &app.short_url);
    let composer = Composer::new(message, &stop_code, &short_url).map_err(audience::Error::Message)?;
    let writer = Writer {
        app,
        composer,
        audience,
        id: MessageId::new(&campaign.account, &campaign.id, message_id::Addressee::Recipient(0)),
        from: sender,
        first: slice.first,
    };
    let now = app.minute();
    let mut scratch = Vec::new();
    let mut outgoing = Vec::new();
    for (at, (record, contact)) in batch.ledger.records_mut().iter_mut().zip(&contacts).take(released).enumerate() {
        if let Some(settled) = settle(*record, excluded.contains(&contact.phone), app.carrier.deduplicates(), now) {
            *record = settled;
        } else if record.state.outcome().is_to_send() {
            match writer.write(at, contact, &mut scratch) {
                Some(message) => outgoing.push(message),
                None => *record = record.settle(Outcome::Rejected, Reason::TooLong, now),
            }
        }
    }
    Ok(outgoing)
}

async fn contacts(app: &App, campaign: &Campaign, slice: &BatchSlice, batch: &Batch) -> Result<Vec<Contact>, Error> {
    let rows = AudienceRows::read(&app.files, campaign, std::slice::from_ref(batch)).await?;
    let mut contacts = Vec::with_capacity(slice.recipients as usize);
    for pair in rows.of(batch) {
        let (row, _) = pair?;
        contacts.push(Contact { phone: row.phone, fields: row.fields().map(|field| field.into_owned()).collect() });
    }
    if contacts.len() != slice.recipients as usize {
        let cause = format!("{} rows, {} recipients", contacts.len(), slice.recipients);
        return Err(Error::Unexpected { campaign: campaign.id.clone(), batch: batch.number, cause });
    }
    Ok(contacts)
}

/// Leaves out numbers that were excluded after the messages were rendered.
pub async fn leave_out_excluded(
    app: &App,
    ready: &Ready,
    batch: &mut Batch,
    outgoing: &mut Vec<Outgoing>,
) -> Result<(), Error> {
    let numbers: Vec<_> = outgoing.iter().map(|message| message.to).collect();
    let excluded = excluded(app, ready, &numbers).await?;
    if excluded.is_empty() {
        return Ok(());
    }
    let now = app.minute();
    for message in outgoing.iter().filter(|message| excluded.contains(&message.to)) {
        if let Some(record) = batch.ledger.records_mut().get_mut(message.index) {
            *record = settle(*record, true, app.carrier.deduplicates(), now).unwrap_or(*record);
        }
    }
    outgoing.retain(|message| !excluded.contains(&message.to));
    Ok(())
}

/// Of some numbers in ascending order those that were excluded since the campaign started.
async fn excluded(app: &App, ready: &Ready, numbers: &[PhoneNumber]) -> Result<HashSet<PhoneNumber>, Error> {
    let Ready { campaign, audience, .. } = ready;
    let store = app.store.account(&campaign.account);
    Ok(audience::excluded_since(&store, &app.files, campaign.settings.kind, audience.excluded_until, numbers).await?)
}

struct Writer<'a> {
    app: &'a App,
    composer: Composer,
    audience: &'a Audience,
    /// Any id of the campaign.
    id: MessageId,
    from: String,
    /// Index of the batch's first recipient in the audience.
    first: u32,
}

impl Writer<'_> {
    /// The message of the batch's recipient `at`; `None` if it is too long to be sent.
    fn write(&self, at: usize, contact: &Contact, scratch: &mut Vec<String>) -> Option<Outgoing> {
        let index = self.first + u32::try_from(at).ok()?;
        let code = |first: &u64| *self.app.link_key.encode(first + u64::from(index)).as_bytes();
        let codes: Vec<_> = self.audience.link_ranges.iter().map(code).collect();
        let mut text = String::new();
        self.composer.write(&Values { fields: &contact.fields, codes: &codes }, scratch, &mut text);
        let counted = Composer::count(&text);
        let segments = u8::try_from(counted.segments).ok().filter(|_| counted.segments <= SEGMENTS_MAX)?;
        Some(Outgoing {
            index: at,
            segments,
            id: self.id.at(message_id::Addressee::Recipient(index)),
            from: self.from.clone(),
            to: contact.phone,
            text,
            encoding: counted.encoding,
        })
    }
}
