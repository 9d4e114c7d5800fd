//! Compact encoding of columns of numbers: differences and runs, as variable-length integers. Pure.
//!
//! Records are stored column by column, because neighbouring values resemble each other: 500 equal values take 3 bytes,
//! 500 values that differ a little take one byte each. A general compressor makes messages of this size only a little
//! smaller and takes ten times as long.

/// Bytes of the longest variable-length integer.
const VARINT_BYTES_MAX: usize = 10;
/// Most values of one column; a longer length is rejected.
const VALUES_MAX: usize = 1 << 20;

/// Writes numbers and columns in sequence.
#[derive(Debug, Default)]
pub struct Writer(Vec<u8>);

/// Reads what a `Writer` wrote, in the same order. Every method returns `None` for other input.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a>(&'a [u8]);

impl Writer {
    pub fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// A column: for each run of equal values its difference from the previous run, and its length if above one. The
    /// reader must know the number of values.
    pub fn column(&mut self, values: impl IntoIterator<Item = u32>) {
        let mut values = values.into_iter().peekable();
        let mut before = 0;
        while let Some(value) = values.next() {
            let mut more = 0;
            while values.next_if_eq(&value).is_some() {
                more += 1;
            }
            let difference = i64::from(value) - i64::from(before);
            let zigzag = ((difference << 1) ^ (difference >> 63)).cast_unsigned();
            self.number(zigzag << 1 | u64::from(more > 0));
            if more > 0 {
                self.number(more - 1);
            }
            before = value;
        }
    }

    /// A column in which zero means "absent"; other values are stored as differences from the smallest of them.
    pub fn sparse_column(&mut self, values: impl Iterator<Item = u32> + Clone) {
        let base = values.clone().filter(|value| *value > 0).min().unwrap_or(1);
        self.number(u64::from(base));
        self.column(values.map(|value| if value == 0 { 0 } else { value - base + 1 }));
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub fn number(&mut self) -> Option<u64> {
        let mut number = 0u64;
        for index in 0..VARINT_BYTES_MAX {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F).checked_shl(u32::try_from(index).ok()? * 7)?;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// The number of values in the columns that follow.
    pub fn length(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok().filter(|length| *length <= VALUES_MAX)
    }

    pub fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    /// A column of exactly `length` values.
    pub fn column(&mut self, length: usize) -> Option<Vec<u32>> {
        let mut values = Vec::with_capacity(length.min(VALUES_MAX));
        let mut before = 0i64;
        while values.len() < length {
            let token = self.number()?;
            let zigzag = token >> 1;
            let difference = (zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed();
            before = before.checked_add(difference)?;
            let value = u32::try_from(before).ok()?;
            let more = if token & 1 == 1 { self.length()? + 1 } else { 0 };
            let end = Some(values.len() + more + 1).filter(|end| *end <= length)?;
            values.resize(end, value);
        }
        Some(values)
    }

    /// A column of bytes.
    pub fn byte_column(&mut self, length: usize) -> Option<Vec<u8>> {
        self.column(length)?.into_iter().map(|value| u8::try_from(value).ok()).collect()
    }

    /// Reads a column written by `Writer::sparse_column`.
    pub fn sparse_column(&mut self, length: usize) -> Option<Vec<u32>> {
        let base = u32::try_from(self.number()?).ok()?;
        let whole = |value: u32| if value == 0 { Some(0) } else { base.checked_add(value - 1) };
        self.column(length)?.into_iter().map(whole).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values() -> impl Strategy<Value = Vec<u32>> {
        proptest::collection::vec(prop_oneof![0u32..4, any::<u32>(), Just(7u32)], 0..60)
    }

    proptest! {
        #[test]
        fn columns_read_back_as_themselves(one in values(), other in values(), number in any::<u64>()) {
            let mut writer = Writer::default();
            writer.column(one.iter().copied());
            writer.number(number);
            writer.sparse_column(other.iter().copied());
            let bytes = writer.into_bytes();
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.column(one.len()), Some(one));
            prop_assert_eq!(reader.number(), Some(number));
            prop_assert_eq!(reader.sparse_column(other.len()), Some(other));
            prop_assert!(reader.is_empty());
        }

        #[test]
        fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..80), length in 0usize..100) {
            let mut reader = Reader::new(&bytes);
            while reader.sparse_column(length).is_some() && !reader.is_empty() && length > 0 {}
        }
    }

    #[test]
    fn equal_values_take_three_bytes_and_a_run_too_long_is_refused() {
        let mut writer = Writer::default();
        writer.column(std::iter::repeat_n(3, 500));
        let bytes = writer.into_bytes();
        assert_eq!(bytes.len(), 3);
        assert_eq!(Reader::new(&bytes).column(499), None);
        assert_eq!(Reader::new(&bytes).column(501), None);
    }
}
