//! Reads each value once per invocation, however many tasks need it at the same time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex};

use tokio::sync::OnceCell;

/// Values by key; at most `max`, then all are dropped.
pub struct Memo<K, V> {
    cells: Mutex<HashMap<K, Arc<OnceCell<V>>>>,
    max: usize,
}

impl<K: Eq + Hash + Clone, V: Clone> Memo<K, V> {
    pub fn new(max: usize) -> Self {
        Self { cells: Mutex::default(), max }
    }

    /// The value of a key; `read` computes it the first time. After an error the next caller reads again.
    pub async fn get<E>(&self, key: &K, read: impl Future<Output = Result<V, E>>) -> Result<V, E> {
        let cell = match self.cells.lock() {
            Ok(mut cells) => {
                if cells.len() >= self.max && !cells.contains_key(key) {
                    cells.clear();
                }
                cells.entry(key.clone()).or_default().clone()
            }
            Err(_) => Arc::default(),
        };
        cell.get_or_try_init(|| read).await.cloned()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_value_is_read_once_and_again_after_an_error() {
        let (memo, reads) = (Memo::new(2), AtomicU32::new(0));
        let read = |result: Result<u8, ()>| {
            let reads = &reads;
            async move {
                reads.fetch_add(1, Ordering::Relaxed);
                result
            }
        };
        assert_eq!(memo.get(&"a", read(Err(()))).await, Err(()));
        assert_eq!(memo.get(&"a", read(Ok(1))).await, Ok(1));
        assert_eq!(memo.get(&"a", read(Ok(2))).await, Ok(1));
        assert_eq!(reads.load(Ordering::Relaxed), 2);
        // A third key drops the others.
        assert_eq!(memo.get(&"b", read(Ok(3))).await, Ok(3));
        assert_eq!(memo.get(&"c", read(Ok(4))).await, Ok(4));
        assert_eq!(memo.get(&"a", read(Ok(5))).await, Ok(5));
    }
}
