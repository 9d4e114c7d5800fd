//! What one invocation reads once, however many ask for it at the same time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex};

use tokio::sync::OnceCell;

/// Values by key; at most `max` of them, then it forgets all.
pub struct Memo<K, V> {
    cells: Mutex<HashMap<K, Arc<OnceCell<V>>>>,
    max: usize,
}

impl<K: Eq + Hash + Clone, V: Clone> Memo<K, V> {
    pub fn new(max: usize) -> Self {
        Self { cells: Mutex::default(), max }
    }

    /// The value of a key; `read` gives it the first time. What fails is read again by the next who asks.
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
