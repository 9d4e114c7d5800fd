//! Counts what the cloud is asked, because on AWS each request is paid: cost is a test, not a guess.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asker {
    /// Our code, through the SDK or a presigned address.
    Code,
    /// What brings messages to functions; on AWS its requests are paid like ours.
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

/// Requests by kind, at one moment or between two.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requests(BTreeMap<Call, u64>);

impl Requests {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// Those of one operation, whoever asked.
    pub fn of(&self, operation: &str) -> u64 {
        self.0.iter().filter(|(call, _)| call.operation == operation).map(|(_, count)| count).sum()
    }

    /// Those of one service, whoever asked.
    pub fn of_service(&self, service: Service) -> u64 {
        self.0.iter().filter(|(call, _)| call.service == service).map(|(_, count)| count).sum()
    }

    /// What came after `earlier`.
    pub fn since(&self, earlier: &Self) -> Self {
        let grown = |(call, count): (&Call, &u64)| {
            let before = earlier.0.get(call).copied().unwrap_or(0);
            (*count > before).then(|| (call.clone(), count - before))
        };
        Self(self.0.iter().filter_map(grown).collect())
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Call, u64)> {
        self.0.iter().map(|(call, count)| (call, *count))
    }
}

impl fmt::Display for Requests {
    /// A table, one kind a line, for the message of a failed test.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (Call { service, operation, asker }, count) in self.iter() {
            writeln!(f, "{count:>9}  {service:?} {operation} ({asker:?})")?;
        }
        write!(f, "{:>9}  in all", self.total())
    }
}

/// The running count.
#[derive(Debug, Clone, Default)]
pub(super) struct Counter(Arc<Mutex<Requests>>);

impl Counter {
    pub fn add(&self, service: Service, operation: &str, asker: Asker) {
        let call = Call { service, operation: operation.to_owned(), asker };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).0.entry(call).or_default() += 1;
    }

    pub fn read(&self) -> Requests {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
