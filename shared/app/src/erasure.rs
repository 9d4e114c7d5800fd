//! Right to erasure: the immediate part, and the record of the erasure that dispatch continues until no file contains
//! the number.

use aws::store::{AccountStore, ErasedMark};
use domain::account::{Exclusion, ExclusionSource};
use domain::erasure::Erasure;
use domain::ids::ErasureId;
use domain::phone::PhoneNumber;
use jiff::Timestamp;
use support::random;

use crate::actor::Actor;
use crate::context::Context;
use crate::error::Error;
use crate::use_case::UseCase;

/// Requests the erasure of a number. When this returns no campaign of any kind writes to it any more: starting
/// campaigns know its fingerprint, running ones the decision, which is erased last.
pub async fn request(context: &Context, phone: PhoneNumber) -> Result<Erasure, Error> {
    let permit = context.permit(UseCase::RequestErasure)?;
    let (by, now) = (context.actor.author.clone(), context.now());
    // The fingerprint first: after a crash in between the number is excluded, and repeating the call completes it.
    context.store.mark_erased(phone, &ErasedMark { at: now, by: by.clone() }).await?;
    let standing = context.store.exclusion(phone).await?.map_or(now, |standing| standing.at.max(now));
    let source = ExclusionSource::Erasure;
    let decision = Exclusion { phone, excluded: true, source, reason: None, by: by.clone(), at: standing };
    context.store.exclude(&decision).await?;
    let id = ErasureId::new(now, random::bytes());
    // Not even the masked number: the entry is kept.
    let store = permit.noting(&id, "");
    Ok(store.put_erasure(Erasure::asked(id, phone, by, now)).await?)
}

/// Writes the last step of an erasure that is unchanged since it was read: the number is erased everywhere.
pub async fn finish(actor: &Actor, store: &AccountStore, erasure: Erasure, now: Timestamp) -> Result<Erasure, Error> {
    let Erasure { lists, campaigns, replies, .. } = &erasure;
    let details = format!("{lists} lists, {campaigns} campaigns, {replies} replies");
    let entry = actor.entry(UseCase::FinishErasure, &erasure.id, details, now)?;
    Ok(store.with_audit(&entry).put_erasure(erasure).await?)
}
