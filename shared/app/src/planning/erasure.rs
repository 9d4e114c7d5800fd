//! Right to erasure: what is done at once, and the work that dispatch carries on until no file holds the number.

use aws::store::ErasedMark;
use domain::account::{Exclusion, ExclusionSource};
use domain::erasure::Erasure;
use domain::ids::ErasureId;
use domain::phone::PhoneNumber;
use jiff::Timestamp;
use support::random;

use super::{Error, Planner};

impl Planner {
    /// Asks for the erasure of a number. When this returns no campaign of any kind writes to it any more: campaigns that
    /// start know its fingerprint, those under way the decision, which is erased last.
    pub async fn erase(&self, phone: PhoneNumber, by: String, now: Timestamp) -> Result<Erasure, Error> {
        // The fingerprint first: after a crash in between the number is excluded for good and the same call ends it.
        self.store.mark_erased(phone, &ErasedMark { at: now, by: by.clone() }).await?;
        let source = ExclusionSource::Erasure;
        let standing = self.store.exclusion(phone).await?.map_or(now, |standing| standing.at.max(now));
        let decision = Exclusion { phone, excluded: true, source, reason: None, by: by.clone(), at: standing };
        self.store.exclude(&decision).await?;
        let id = ErasureId::new(now, random::octets());
        Ok(self.store.put_erasure(Erasure::asked(id, phone, by, now)).await?)
    }
}
