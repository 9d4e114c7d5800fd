//! Reads, changes and writes again after a conflict with another writer.

use super::Error;

/// Default number of attempts of one change. Writers of one item are few: the second attempt nearly always succeeds.
pub const CONFLICT_TRIES: u32 = 6;

/// An error that knows whether a conditional write failed.
pub trait IsConflict {
    fn is_conflict(&self) -> bool;
}

impl IsConflict for Error {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. })
    }
}

/// Counts the attempts of one change, for a loop that cannot be a closure.
#[derive(Debug)]
pub struct Attempts {
    made: u32,
    most: u32,
}

impl Default for Attempts {
    fn default() -> Self {
        Self::at_most(CONFLICT_TRIES)
    }
}

impl Attempts {
    pub fn at_most(most: u32) -> Self {
        Self { made: 0, most }
    }

    /// Whether to read again and try again: after a conflict, unless there were too many.
    pub fn again<T, E: IsConflict>(&mut self, tried: &Result<T, E>) -> bool {
        self.made += 1;
        self.made < self.most && tried.as_ref().is_err_and(IsConflict::is_conflict)
    }
}

/// Runs `attempt`, which reads an item, changes and writes it, up to `tries` times: again only after a conflict. Returns
/// the conflict of the last attempt.
pub async fn retry_on_conflict<T, E, F>(tries: u32, mut attempt: impl FnMut() -> F) -> Result<T, E>
where
    E: IsConflict,
    F: Future<Output = Result<T, E>>,
{
    // Not `AsyncFnMut`: the compiler cannot see that such an attempt may cross threads.
    let mut attempts = Attempts::at_most(tries);
    loop {
        let tried = attempt().await;
        if !attempts.again(&tried) {
            return tried;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFLICT: Error = Error::Conflict { what: "list" };

    /// The result, and the number of attempts, of an attempt that meets these errors before it succeeds.
    async fn attempts(errors: Vec<Error>) -> (bool, usize) {
        let (mut errors, mut runs) = (errors.into_iter(), 0);
        let done = retry_on_conflict(3, || {
            runs += 1;
            std::future::ready(errors.next().map_or(Ok(()), Err))
        });
        (done.await.is_ok(), runs)
    }

    #[tokio::test]
    async fn a_change_is_tried_again_after_a_conflict_only_and_not_for_ever() {
        assert_eq!(attempts(vec![]).await, (true, 1));
        assert_eq!(attempts(vec![CONFLICT, CONFLICT]).await, (true, 3));
        assert_eq!(attempts(vec![CONFLICT, CONFLICT, CONFLICT]).await, (false, 3));
        assert_eq!(attempts(vec![Error::NotEnoughCredits]).await, (false, 1));
    }
}
