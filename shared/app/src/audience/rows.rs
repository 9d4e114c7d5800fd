//! The rows of batches in the audience file, together with the records of their ledgers.

use std::ops::Range;

use aws::files::{self, FileKey, Files};
use aws::store::Batch;
use bytes::Bytes;
use contacts::{Row, Rows};
use domain::campaign::Campaign;
use domain::ledger::Record;

use super::Error;

/// The rows of consecutive batches in the audience of a campaign.
#[derive(Debug)]
pub struct AudienceRows {
    bytes: Bytes,
    /// Offset in the audience file of the first byte.
    begin: u64,
}

impl AudienceRows {
    /// Reads the rows of consecutive batches, in one request.
    pub async fn read(files: &Files, campaign: &Campaign, batches: &[Batch]) -> Result<Self, files::Error> {
        let begin = batches.first().map_or(0, |batch| batch.bytes.start);
        let end = batches.last().map_or(0, |batch| batch.bytes.end);
        let file = FileKey::Audience { account: campaign.account.clone(), campaign: campaign.id.clone() };
        Ok(Self { bytes: files.get_range(&file, begin, end).await?, begin })
    }

    /// Reads the rows of one batch; `None` if the audience file is gone, as it is purged some time after the campaign.
    pub async fn read_if_kept(files: &Files, campaign: &Campaign, batch: &Batch) -> Result<Option<Self>, files::Error> {
        match Self::read(files, campaign, std::slice::from_ref(batch)).await {
            Err(files::Error::NotFound { .. }) => Ok(None),
            read => read.map(Some),
        }
    }

    /// The recipients of one of the batches that were read: row and record of each. An error if the numbers of rows and
    /// records differ.
    pub fn of<'a>(&'a self, batch: &'a Batch) -> impl Iterator<Item = Result<(Row<'a>, &'a Record), Error>> {
        let rows = Rows::new(self.slice(&batch.bytes), batch.bytes.start);
        side_by_side(rows, batch.ledger.records(), batch.number)
    }

    fn slice(&self, bytes: &Range<u64>) -> &[u8] {
        let offset = |at: u64| usize::try_from(at.checked_sub(self.begin)?).ok();
        let range = offset(bytes.start).zip(offset(bytes.end));
        range.and_then(|(begin, end)| self.bytes.get(begin..end)).unwrap_or_default()
    }
}

fn side_by_side<'a>(
    mut rows: Rows<'a>,
    records: &'a [Record],
    batch: u32,
) -> impl Iterator<Item = Result<(Row<'a>, &'a Record), Error>> {
    let mut records = records.iter();
    let unfit = move |cause: String| Err(Error::Batch { batch, cause });
    std::iter::from_fn(move || match (rows.next(), records.next()) {
        (None, None) => None,
        (Some(Ok(row)), Some(record)) => Some(Ok((row, record))),
        (Some(Err(error)), _) => Some(unfit(error.to_string())),
        (Some(Ok(_)), None) => Some(unfit("more rows than records".into())),
        (None, Some(_)) => Some(unfit("fewer rows than records".into())),
    })
}

#[cfg(test)]
mod tests {
    use domain::ledger::Ledger;

    use super::*;

    const ROWS: &[u8] = b"+33612345678,a\n+33612345679,b\n+33612345680,c\n";

    fn audience() -> AudienceRows {
        AudienceRows { bytes: Bytes::from_static(ROWS), begin: 1_000 }
    }

    /// The fields of the rows in these bytes of the file, for this many records, until the first error.
    fn read(bytes: Range<u64>, records: usize) -> Result<String, String> {
        let (audience, ledger) = (audience(), Ledger::pending(records));
        let rows = Rows::new(audience.slice(&bytes), bytes.start);
        let fields = side_by_side(rows, ledger.records(), 7).map(|pair| Ok(pair?.0.field(0).into_owned()));
        fields.collect::<Result<_, Error>>().map_err(|error| error.to_string())
    }

    #[test]
    fn each_batch_has_its_own_rows_of_what_was_read_at_once() {
        assert_eq!(read(1_000..1_015, 1), Ok("a".into()));
        assert_eq!(read(1_015..1_045, 2), Ok("bc".into()));
        assert_eq!(read(1_000..1_000, 0), Ok(String::new()));
    }

    #[test]
    fn a_batch_whose_rows_are_not_those_of_its_ledger_is_broken() {
        let unfit = |cause: &str| Err(format!("batch 7 does not fit its audience file: {cause}"));
        assert_eq!(read(1_000..1_045, 2), unfit("more rows than records"));
        assert_eq!(read(1_000..1_015, 2), unfit("fewer rows than records"));
        // Outside the bytes that were read.
        assert_eq!(read(900..1_015, 1), unfit("fewer rows than records"));
        assert!(read(1_001..1_015, 1).is_err_and(|error| error.starts_with("batch 7 does not fit")));
    }
}
