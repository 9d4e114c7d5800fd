//! Users' decisions on single numbers: excluded, or allowed again. `track` records STOP replies; imports are lists.

use domain::account::{Exclusion, ExclusionSource};
use domain::phone::PhoneNumber;
use jiff::{SignedDuration, Timestamp};

use crate::audience;
use crate::context::{Context, Expected};
use crate::error::Error;
use crate::use_case::UseCase;

/// Longest reason of a decision, in characters; longer ones are shortened.
pub const REASON_CHARACTERS_MAX: usize = 200;

/// Excludes a number from marketing.
pub async fn add(context: &Context, phone: PhoneNumber, reason: Option<&str>) -> Result<Exclusion, Error> {
    let permit = context.permit(UseCase::AddExclusion)?;
    let decision = decision(context, phone, reason, true, context.now());
    context.store.decide(&decision).await?;
    // The number is masked in the log; the exclusion itself contains it.
    permit.note(format!("{phone:?}"), "").await;
    Ok(decision)
}

/// Allows a number again, whatever excluded it.
pub async fn remove(
    context: &Context,
    phone: PhoneNumber,
    reason: Option<&str>,
    expected: &Expected,
) -> Result<Exclusion, Error> {
    let permit = context.permit(UseCase::RemoveExclusion)?;
    let standing = audience::exclusion_of(&context.store, &context.files, phone).await?;
    let standing = standing.ok_or(Error::NotFound { what: "exclusion" })?;
    expected.holds(version(&standing), "exclusion")?;
    // Of two decisions at one instant the exclusion wins, so this one is dated after the one that it takes back.
    let after = standing.at.checked_add(SignedDuration::from_millis(1)).unwrap_or(standing.at);
    let decision = decision(context, phone, reason, false, context.now().max(after));
    context.store.decide(&decision).await?;
    permit.note(format!("{phone:?}"), "").await;
    Ok(decision)
}

/// Of two decisions on a number the newer counts: its instant is its version.
pub fn version(exclusion: &Exclusion) -> u64 {
    u64::try_from(exclusion.at.as_millisecond()).unwrap_or(0)
}

fn decision(context: &Context, phone: PhoneNumber, reason: Option<&str>, excluded: bool, at: Timestamp) -> Exclusion {
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
    let reason = reason.map(|reason| reason.chars().take(REASON_CHARACTERS_MAX).collect());
    let by = context.actor.author.clone();
    Exclusion { phone, excluded, source: ExclusionSource::Manual, reason, by, at }
}
