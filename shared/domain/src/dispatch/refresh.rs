//! When the sum of a campaign's batches, which pages show, is read again.

use jiff::SignedDuration;

/// Age after which a sum is read again, in seconds; it grows with the number of batches, as reading them takes time.
const STALE_SECONDS: std::ops::RangeInclusive<i64> = 2..=60;
const BATCHES_PER_SECOND: u32 = 100;

/// Whether the sum of this many batches is too old.
pub fn is_sum_stale(batches: u32, age: SignedDuration) -> bool {
    let seconds = i64::from(batches / BATCHES_PER_SECOND);
    age.as_secs() >= seconds.clamp(*STALE_SECONDS.start(), *STALE_SECONDS.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_of_many_batches_may_be_older() {
        let table = [
            (1, 1, false),
            (1, 2, true),
            (2_000, 19, false),
            (2_000, 20, true),
            (20_000, 59, false),
            (20_000, 60, true),
        ];
        for (batches, age, expected) in table {
            assert_eq!(is_sum_stale(batches, SignedDuration::from_secs(age)), expected, "{batches} {age}");
        }
    }
}
