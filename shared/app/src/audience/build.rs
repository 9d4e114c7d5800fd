//! Builds an audience: writes its file and cuts it into batches.

use aws::files::Files;
use aws::store::{AccountStore, NewBatch};
use contacts::{ListHeader, write_row};
use domain::campaign::{Count, PauseCause, Settings};
use domain::compose::Composer;
use domain::phone::PhoneNumber;
use domain::release::{BATCH_RECIPIENTS, Run};
use domain::territory::Territory;

use super::count::Meter;
use super::open::Leaving;
use super::{Error, Sources};

/// An audience ready to be stored.
#[derive(Debug)]
pub struct Built {
    /// The audience file: the columns that the message uses, sorted by number.
    pub file: Vec<u8>,
    pub runs: Vec<Run>,
    pub batches: Vec<NewBatch>,
    pub count: Count,
}

/// Merges the lists of a campaign as counted, without exclusions, and cuts batches that never mix territories.
pub async fn build(
    store: &AccountStore,
    files: &Files,
    settings: &Settings,
    counted: &Count,
    composer: &Composer,
) -> Result<Built, Error> {
    let sources = Sources::counted(store, &settings.lists, counted, Leaving::new(settings.kind)).await?;
    let lists = sources.counted_lists();
    let mut file = Vec::new();
    ListHeader::new(composer.columns().to_vec()).write(&mut file);
    let mut cutter = Cutter { runs: Vec::new(), batches: Vec::new() };
    let mut meter = Meter::new(composer);
    let counts = sources
        .open(files)
        .await?
        .run(composer.columns(), |phone, fields| {
            meter.add(fields);
            let begin = file.len() as u64;
            write_row(&mut file, phone, fields);
            cutter.add(phone, begin, file.len() as u64);
        })
        .await?;
    if count_is_lost(counted, meter.count.recipients) {
        return Err(Error::Obstacle(PauseCause::NoRecipients));
    }
    let count = meter.finish(counted.of.clone(), lists, &counts);
    Ok(Built { file, runs: cutter.runs, batches: cutter.batches, count })
}

/// There were recipients at validation, and there are none now.
fn count_is_lost(counted: &Count, recipients: u32) -> bool {
    counted.recipients > 0 && recipients == 0
}

struct Cutter {
    runs: Vec<Run>,
    batches: Vec<NewBatch>,
}

impl Cutter {
    /// Adds the next recipient, whose row is the bytes `begin..end`.
    fn add(&mut self, phone: PhoneNumber, begin: u64, end: u64) {
        let territory = phone.territory();
        match self.runs.last_mut() {
            Some(run) if run.territory == territory => run.recipients += 1,
            _ => self.start_run(territory),
        }
        let is_full = self.runs.last().is_some_and(|run| run.recipients % BATCH_RECIPIENTS == 1);
        match self.batches.last_mut() {
            Some(batch) if !is_full => {
                batch.recipients += 1;
                batch.bytes.end = end;
                batch.phones = *batch.phones.start()..=phone;
            }
            _ => {
                let number = u32::try_from(self.batches.len()).unwrap_or(u32::MAX);
                self.batches.push(NewBatch { number, recipients: 1, bytes: begin..end, phones: phone..=phone });
            }
        }
    }

    fn start_run(&mut self, territory: Territory) {
        let (first, first_batch) =
            self.runs.last().map_or((0, 0), |run| (run.first + run.recipients, run.first_batch + run.batches()));
        self.runs.push(Run { territory, first, recipients: 1, first_batch, released: 0, done_batches: 0 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::release::batch_slice;

    #[test]
    fn batches_lie_where_their_runs_say() {
        let mut cutter = Cutter { runs: Vec::new(), batches: Vec::new() };
        let numbers =
            (0..1_001).map(|n| 33_600_000_000 + n).chain((0..3).map(|n| 262_692_000_000 + n)).chain([590_690_123_456]);
        for (index, digits) in numbers.enumerate() {
            cutter.add(PhoneNumber::from_digits(digits).unwrap(), index as u64 * 10, index as u64 * 10 + 10);
        }
        let sizes: Vec<_> = cutter.batches.iter().map(|batch| batch.recipients).collect();
        assert_eq!(sizes, [500, 500, 1, 3, 1]);
        for batch in &cutter.batches {
            let slice = batch_slice(&cutter.runs, batch.number).unwrap();
            assert_eq!((slice.recipients, u64::from(slice.first) * 10), (batch.recipients, batch.bytes.start));
            assert_eq!(batch.phones.start().territory(), batch.phones.end().territory());
        }
    }
}
