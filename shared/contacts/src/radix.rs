//! The import's index of numbers, and its sort. Pure.

/// One row: its number and its offset. 12 bytes, because an import keeps millions of them in memory besides the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    high: u32,
    low: u32,
    /// Offset of the row in the text.
    pub start: u32,
}

const _: () = assert!(size_of::<Entry>() == 12);

impl Entry {
    #[inline]
    pub fn new(number: u64, start: u32) -> Self {
        Self { high: (number >> 32) as u32, low: number as u32, start }
    }

    #[inline]
    pub fn number(self) -> u64 {
        u64::from(self.high) << 32 | u64::from(self.low)
    }
}

/// Bits that one pass sorts by: 2,048 buckets stay in the second-level cache.
const DIGIT_BITS: u32 = 10;
const BUCKETS: usize = 1 << DIGIT_BITS;
/// Below this many entries a comparison sort is faster.
const SMALL: usize = 4096;

/// Sorts by number; entries of one number keep their order. Least significant digit first, one scratch copy.
pub fn sort(mut entries: Vec<Entry>) -> Vec<Entry> {
    if entries.is_sorted_by_key(|entry| entry.number()) {
        return entries;
    }
    if entries.len() < SMALL {
        entries.sort_by_key(|entry| entry.number());
        return entries;
    }
    // Relative to the least number, fewer digits differ.
    let least = entries.iter().map(|entry| entry.number()).min().unwrap_or(0);
    let greatest = entries.iter().map(|entry| entry.number()).max().unwrap_or(0);
    let digits = (u64::BITS - (greatest - least).leading_zeros()).div_ceil(DIGIT_BITS) as usize;
    let digit = |entry: &Entry, index: usize| {
        ((entry.number() - least) >> (DIGIT_BITS * index as u32)) as usize & (BUCKETS - 1)
    };
    let mut counts = vec![[0_u32; BUCKETS]; digits];
    for entry in &entries {
        for (index, counts) in counts.iter_mut().enumerate() {
            counts[digit(entry, index)] += 1;
        }
    }
    let mut scratch = vec![Entry::default(); entries.len()];
    for (index, counts) in counts.iter_mut().enumerate() {
        if counts.iter().filter(|count| **count > 0).count() == 1 {
            continue; // all entries have the same digit
        }
        let mut next = 0;
        for count in counts.iter_mut() {
            next += std::mem::replace(count, next);
        }
        for entry in &entries {
            let slot = &mut counts[digit(entry, index)];
            scratch[*slot as usize] = *entry;
            *slot += 1;
        }
        std::mem::swap(&mut entries, &mut scratch);
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn the_order_is_that_of_a_stable_sort(numbers in prop::collection::vec(0_u64..10_u64.pow(15), 0..9_000)) {
            let entries: Vec<Entry> =
                numbers.iter().enumerate().map(|(at, number)| Entry::new(number % 5_000 + number / 3, at as u32)).collect();
            let mut expected = entries.clone();
            expected.sort_by_key(|entry| entry.number());
            prop_assert_eq!(sort(entries), expected);
        }
    }
}
