//! Searches a list file for some numbers without reading all of it: the file is sorted, so a few short reads find their
//! position.

use std::ops::Range;

use aws::files::{FileKey, Files};
use contacts::{ListHeader, Rows};
use domain::phone::PhoneNumber;

use super::Error;

/// A file or a range up to this size is read at once.
const STRETCH_BYTES: u64 = 64 * 1024;
/// Bytes read to find the beginning of a row: a row with only a number has at most 17 bytes.
const PROBE_BYTES: u64 = 64;
/// Bytes read for the header: `phone` and a line end, if there are no other columns.
const HEADER_BYTES: u64 = 6;

/// The numbers, of some in ascending order, that are in a list file.
///
/// Only rows with a number alone can be recognised from any offset. A file with columns, as earlier imports of
/// exclusions wrote, is read completely.
pub(super) async fn found(files: &Files, key: &FileKey, numbers: &[PhoneNumber]) -> Result<Vec<PhoneNumber>, Error> {
    let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else { return Ok(Vec::new()) };
    let bytes = files.size(key).await?;
    let mut found = Vec::new();
    let is_narrow = bytes > STRETCH_BYTES && files.get_range(key, 0, HEADER_BYTES).await?.as_ref() == b"phone\n";
    if !is_narrow {
        let file = files.get(key).await?;
        let begin = ListHeader::parse(&file).map_err(broken)?.map_or(file.len(), |(_, begin)| begin);
        pick(Rows::new(file.get(begin..).unwrap_or_default(), begin as u64), numbers, &mut found)?;
        return Ok(found);
    }
    let begin = row_before(files, key, *first, HEADER_BYTES..bytes).await?.start;
    let end = row_before(files, key, *last, begin..bytes).await?.end;
    let mut at = begin;
    while at < end {
        let stretch = files.get_range(key, at, (at + STRETCH_BYTES).min(end)).await?;
        let mut rows = Rows::new(&stretch, at);
        pick(rows.by_ref(), numbers, &mut found)?;
        if rows.offset() == at {
            return Err(Error::Broken { cause: format!("a row at byte {at} has no end") });
        }
        at = rows.offset();
    }
    Ok(found)
}

fn broken(error: contacts::ListFileError) -> Error {
    Error::Broken { cause: error.to_string() }
}

/// Adds the numbers that some rows hold.
fn pick<'b>(
    rows: impl Iterator<Item = Result<contacts::Row<'b>, contacts::ListFileError>>,
    numbers: &[PhoneNumber],
    found: &mut Vec<PhoneNumber>,
) -> Result<(), Error> {
    for row in rows {
        let phone = row.map_err(broken)?.phone;
        if numbers.binary_search(&phone).is_ok() {
            found.push(phone);
        }
    }
    Ok(())
}

/// Halves a range of bytes, each end at the beginning of a row, until it is small enough to be read at once.
async fn row_before(files: &Files, key: &FileKey, number: PhoneNumber, range: Range<u64>) -> Result<Range<u64>, Error> {
    let Range { start: mut begin, mut end } = range;
    while end - begin > STRETCH_BYTES {
        let middle = begin + (end - begin) / 2;
        let probe = files.get_range(key, middle, middle + PROBE_BYTES).await?;
        let start = probe.iter().position(|byte| *byte == b'\n').map_or(probe.len(), |line_end| line_end + 1);
        let row_at = middle + start as u64;
        let row = Rows::new(probe.get(start..).unwrap_or_default(), row_at).next();
        let row = row.ok_or_else(|| Error::Broken { cause: format!("no row at byte {row_at}") })?.map_err(broken)?;
        if row.phone <= number {
            begin = row_at;
        } else {
            end = row_at;
        }
    }
    Ok(begin..end)
}
