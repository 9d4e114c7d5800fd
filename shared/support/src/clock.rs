//! The clock: the system's, or one that a test sets.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

#[derive(Debug, Clone, Default)]
pub enum Clock {
    #[default]
    System,
    /// Milliseconds since 1970, advanced by hand.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stays at `at` until it is advanced.
    pub fn manual(at: jiff::Timestamp) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(at.as_millisecond())))
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system clock")]
    pub fn now(&self) -> jiff::Timestamp {
        match self {
            Self::System => jiff::Timestamp::now(),
            Self::Manual(ms) => {
                jiff::Timestamp::from_millisecond(ms.load(Ordering::SeqCst)).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
            }
        }
    }

    /// Whether it advances by itself.
    pub fn moves(&self) -> bool {
        matches!(self, Self::System)
    }

    /// Waits if the clock advances by itself; returns `false` without waiting if it is advanced by hand.
    pub async fn wait(&self, time: std::time::Duration) -> bool {
        match self {
            Self::System => {
                tokio::time::sleep(time).await;
                true
            }
            Self::Manual(_) => false,
        }
    }

    /// Advances a manual clock; has no effect on the system's.
    pub fn advance(&self, by: std::time::Duration) {
        if let Self::Manual(ms) = self {
            ms.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }
}
