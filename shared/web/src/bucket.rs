//! Rate limits: requests per account, and failures per address. Token buckets in the memory of one instance.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// Most holders kept in memory; the one idle for longest is dropped first, whose bucket is full anyway.
const HOLDERS_MAX: usize = 10_000;

#[derive(Debug, Clone, Copy)]
pub struct Rate {
    pub per_second: u32,
    /// Requests allowed at once after an idle time.
    pub burst: u32,
}

/// The state of a bucket after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    pub limit: u32,
    pub remaining: u32,
    /// Seconds until the bucket is full again.
    pub reset_seconds: u32,
    /// Set if this request exceeds the limit: seconds until the next one is allowed.
    pub retry_after_seconds: Option<u32>,
}

/// One bucket per holder (an account or an address).
#[derive(Debug)]
pub struct Buckets<K> {
    rate: Rate,
    /// Requests left, in thousandths, and the instant of that value.
    left: Mutex<HashMap<K, (u64, i64)>>,
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    pub fn new(rate: Rate) -> Self {
        let rate = Rate { per_second: rate.per_second.max(1), burst: rate.burst.max(1) };
        Self { rate, left: Mutex::default() }
    }

    /// Seconds until a holder with an empty bucket may ask again; `None` if it may now.
    pub fn wait_seconds(&self, holder: &K, now: jiff::Timestamp) -> Option<u32> {
        let now_ms = now.as_millisecond();
        let buckets = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let (tokens, since) = buckets.get(holder).copied()?;
        let per_ms = u64::from(self.rate.per_second);
        let tokens = tokens.saturating_add(u64::try_from(now_ms - since).unwrap_or(0).saturating_mul(per_ms));
        let missing = 1_000_u64.checked_sub(tokens).filter(|missing| *missing > 0)?;
        Some(u32::try_from(missing.div_ceil(per_ms * 1_000)).unwrap_or(u32::MAX))
    }

    /// Takes one request from the holder's bucket.
    pub fn take(&self, holder: &K, now: jiff::Timestamp) -> Left {
        let now_ms = now.as_millisecond();
        let full = u64::from(self.rate.burst) * 1_000;
        let per_ms = u64::from(self.rate.per_second);
        // After a panic the value is still a valid number of tokens.
        let mut buckets = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let (tokens, since) = buckets.get(holder).copied().unwrap_or((full, now_ms));
        let gained = u64::try_from(now_ms - since).unwrap_or(0).saturating_mul(per_ms);
        let tokens = tokens.saturating_add(gained).min(full);
        let (tokens, retry) = match tokens.checked_sub(1_000) {
            Some(left) => (left, None),
            None => (tokens, Some((1_000 - tokens).div_ceil(per_ms * 1_000))),
        };
        if buckets.len() >= HOLDERS_MAX && !buckets.contains_key(holder) {
            buckets.retain(|_, (left, since)| {
                left.saturating_add(u64::try_from(now_ms - *since).unwrap_or(0).saturating_mul(per_ms)) < full
            });
        }
        buckets.insert(holder.clone(), (tokens, now_ms));
        let seconds = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
        Left {
            limit: self.rate.burst,
            remaining: seconds(tokens / 1_000),
            reset_seconds: seconds((full - tokens).div_ceil(per_ms * 1_000)),
            retry_after_seconds: retry.map(seconds),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::AccountId;

    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let buckets = Buckets::new(Rate { per_second: 2, burst: 3 });
        let account: AccountId = "acc_00000000000000000001".parse().unwrap();
        let other: AccountId = "acc_00000000000000000002".parse().unwrap();
        let at = |ms: i64| jiff::Timestamp::from_millisecond(1_700_000_000_000 + ms).unwrap();
        let remaining: Vec<_> = (0..3).map(|_| buckets.take(&account, at(0)).remaining).collect();
        assert_eq!(remaining, [2, 1, 0]);
        assert_eq!(buckets.wait_seconds(&account, at(100)), Some(1));
        assert_eq!(buckets.take(&account, at(100)).retry_after_seconds, Some(1));
        assert_eq!(buckets.wait_seconds(&other, at(100)), None);
        assert_eq!(buckets.take(&other, at(100)).remaining, 2);
        assert_eq!(buckets.wait_seconds(&account, at(500)), None);
        assert_eq!(buckets.take(&account, at(500)).retry_after_seconds, None);
        assert_eq!(buckets.take(&account, at(60_000)).remaining, 2);
    }
}
