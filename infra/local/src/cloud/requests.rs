//! Counts requests to the cloud, because on AWS each request is billed: cost is tested, not guessed.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::meter::{Capacity, Charge, Meter, Metered, Peak};

/// Bytes that SQS bills as one request; a larger one counts as several.
const QUEUE_CHUNK_BYTES: usize = 64 * 1024;

/// Who makes a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asker {
    /// Our code, through the SDK or a presigned URL.
    Code,
    /// The pollers that deliver messages to functions; on AWS their requests are billed too.
    Poller,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    DynamoDb,
    S3,
    Sqs,
}

/// One kind of request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    pub service: Service,
    /// As in the API: `PutItem`, `SendMessageBatch`.
    pub operation: String,
    pub asker: Asker,
}

/// How S3 bills a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileClass {
    /// PUT, COPY, POST and LIST.
    Write,
    /// GET and all others.
    Read,
    /// DELETE and the requests that end an upload.
    Free,
}

impl FileClass {
    fn new(operation: &str) -> Self {
        match operation {
            "DeleteObject" | "DeleteObjects" | "AbortMultipartUpload" => Self::Free,
            "GetObject" | "HeadObject" | "HeadBucket" => Self::Read,
            _ => Self::Write,
        }
    }
}

/// Requests by kind and units, at one moment or between two.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requests {
    calls: BTreeMap<Call, u64>,
    /// What SQS bills in addition, for messages beyond 64 KB.
    more_queue_chunks: u64,
    read_file_bytes: u64,
    metered: Metered,
}

impl Requests {
    /// All requests.
    pub fn total(&self) -> u64 {
        self.calls.values().sum()
    }

    /// Requests of one operation, by any asker.
    pub fn of(&self, operation: &str) -> u64 {
        self.calls.iter().filter(|(call, _)| call.operation == operation).map(|(_, count)| count).sum()
    }

    /// Requests to one service, by any asker.
    pub fn of_service(&self, service: Service) -> u64 {
        self.calls.iter().filter(|(call, _)| call.service == service).map(|(_, count)| count).sum()
    }

    /// Requests that SQS bills: one for each started 64 KB.
    pub fn billed_by_queues(&self) -> u64 {
        self.of_service(Service::Sqs) + self.more_queue_chunks
    }

    /// Requests that S3 bills in this class.
    pub fn of_class(&self, class: FileClass) -> u64 {
        let is_of = |call: &Call| call.service == Service::S3 && FileClass::new(&call.operation) == class;
        self.calls.iter().filter(|(call, _)| is_of(call)).map(|(_, count)| count).sum()
    }

    /// Bytes of objects read from disk.
    pub fn read_file_bytes(&self) -> u64 {
        self.read_file_bytes
    }

    /// Write units of all tables and their indexes.
    pub fn write_units(&self) -> f64 {
        self.metered.sum(Capacity::Write, |_| true)
    }

    /// Read units of all tables and their indexes.
    pub fn read_units(&self) -> f64 {
        self.metered.sum(Capacity::Read, |_| true)
    }

    /// Write units of one table without its indexes, or of one index: `<table>/<index>`.
    pub fn write_units_of(&self, on: &str) -> f64 {
        self.metered.sum(Capacity::Write, |name| name == on)
    }

    /// Read units of one table without its indexes, or of one index: `<table>/<index>`.
    pub fn read_units_of(&self, on: &str) -> f64 {
        self.metered.sum(Capacity::Read, |name| name == on)
    }

    /// The most write units of one partition key of any table or index in one second. In a difference of two moments:
    /// if reached between them. `LocalCloud::forget_peaks` resets it.
    pub fn peak_write_units_per_second(&self) -> Option<&Peak> {
        self.metered.peak(Capacity::Write, |_| true)
    }

    /// The most write units of one partition key of one table without its indexes, or of one index.
    pub fn peak_write_units_per_second_of(&self, on: &str) -> Option<&Peak> {
        self.metered.peak(Capacity::Write, |name| name == on)
    }

    /// The most read units of one partition key of any table or index in one second.
    pub fn peak_read_units_per_second(&self) -> Option<&Peak> {
        self.metered.peak(Capacity::Read, |_| true)
    }

    /// The difference to `earlier`.
    pub fn since(&self, earlier: &Self) -> Self {
        let grown = |(call, count): (&Call, &u64)| {
            let before = earlier.calls.get(call).copied().unwrap_or(0);
            (*count > before).then(|| (call.clone(), count - before))
        };
        Self {
            calls: self.calls.iter().filter_map(grown).collect(),
            more_queue_chunks: self.more_queue_chunks.saturating_sub(earlier.more_queue_chunks),
            read_file_bytes: self.read_file_bytes.saturating_sub(earlier.read_file_bytes),
            metered: self.metered.since(&earlier.metered),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Call, u64)> {
        self.calls.iter().map(|(call, count)| (call, *count))
    }
}

impl fmt::Display for Requests {
    /// A table, one kind per line, for the message of a failed test.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (Call { service, operation, asker }, count) in self.iter() {
            writeln!(f, "{count:>9}  {service:?} {operation} ({asker:?})")?;
        }
        write!(f, "{:>9}  in all{}", self.total(), self.metered)
    }
}

/// The running count.
#[derive(Debug, Clone, Default)]
pub(super) struct Counter(Arc<Mutex<Running>>);

#[derive(Debug, Default)]
struct Running {
    /// By service and asker, then by operation.
    calls: BTreeMap<(Service, Asker), BTreeMap<String, u64>>,
    more_queue_chunks: u64,
    meter: Meter,
}

impl Counter {
    pub fn add(&self, service: Service, operation: &str, asker: Asker) {
        let mut running = self.running();
        let calls = running.calls.entry((service, asker)).or_default();
        match calls.get_mut(operation) {
            Some(count) => *count += 1,
            None => drop(calls.insert(operation.to_owned(), 1)),
        }
    }

    /// Adds what an SQS request costs beyond the first 64 KB of its messages.
    pub fn add_payload(&self, bytes: usize) {
        let more = bytes.div_ceil(QUEUE_CHUNK_BYTES).saturating_sub(1) as u64;
        if more > 0 {
            self.running().more_queue_chunks += more;
        }
    }

    pub fn charge(&self, charges: Vec<Charge>, now: Timestamp) {
        self.running().meter.add(charges, now);
    }

    pub fn forget_peaks(&self) {
        self.running().meter.forget_peaks();
    }

    /// The present counts; bytes of objects are counted by the reader.
    pub fn read(&self, read_file_bytes: u64) -> Requests {
        let running = self.running();
        let of = |(of, calls): (&(Service, Asker), &BTreeMap<String, u64>)| {
            let (service, asker) = *of;
            let call = |operation: &String| Call { service, operation: operation.clone(), asker };
            calls.iter().map(|(operation, count)| (call(operation), *count)).collect::<Vec<_>>()
        };
        Requests {
            calls: running.calls.iter().flat_map(of).collect(),
            more_queue_chunks: running.more_queue_chunks,
            read_file_bytes,
            metered: running.meter.read(),
        }
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_of_sqs_is_billed_for_each_started_64_kb() {
        let counter = Counter::default();
        for bytes in [0, 1, 65_536, 65_537, 262_144] {
            counter.add(Service::Sqs, "SendMessage", Asker::Code);
            counter.add_payload(bytes);
        }
        assert_eq!(counter.read(0).of("SendMessage"), 5);
        assert_eq!(counter.read(0).billed_by_queues(), 1 + 1 + 1 + 2 + 4);
    }

    #[test]
    fn requests_of_s3_are_billed_by_class() {
        let counter = Counter::default();
        for operation in ["PutObject", "ListObjectsV2", "CopyObject", "GetObject", "HeadObject", "DeleteObject"] {
            counter.add(Service::S3, operation, Asker::Code);
        }
        let asked = counter.read(0);
        let classes = [FileClass::Write, FileClass::Read, FileClass::Free].map(|class| asked.of_class(class));
        assert_eq!(classes, [3, 2, 1]);
    }
}
