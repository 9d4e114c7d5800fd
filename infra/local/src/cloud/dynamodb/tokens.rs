//! Responses of transactions by their tokens, so that a repeated transaction is not run again. dynoxide's own cache
//! scans ten minutes of tokens at each transaction, so it gets requests without tokens.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use dynoxide::Result;
use dynoxide::actions::transact_write_items::TransactWriteItemsResponse as Response;
use jiff::{SignedDuration, Timestamp};

/// How long DynamoDB remembers a token.
const KNOWN: SignedDuration = SignedDuration::from_mins(10);
/// Most tokens kept, so that many transactions do not fill the memory: a client retries within seconds.
const TOKENS_MAX: usize = 1 << 16;

#[derive(Default)]
pub struct Tokens(Mutex<Known>);

#[derive(Default)]
struct Known {
    answers: HashMap<String, Response>,
    /// Tokens, oldest first.
    order: VecDeque<(Timestamp, String)>,
}

impl Tokens {
    /// The stored response for this token, or the result of `transact`. A failed transaction may be tried again.
    pub fn once(
        &self,
        token: Option<String>,
        now: Timestamp,
        transact: impl FnOnce() -> Result<Response>,
    ) -> Result<Response> {
        let Some(token) = token else { return transact() };
        // Locked during the call: of two requests with one token, one waits.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.forget(now);
        if let Some(answer) = known.answers.get(&token) {
            return Ok(answer.clone());
        }
        let answer = transact()?;
        known.order.push_back((now, token.clone()));
        known.answers.insert(token, answer.clone());
        Ok(answer)
    }
}

impl Known {
    fn forget(&mut self, now: Timestamp) {
        let is_old = |order: &VecDeque<(Timestamp, String)>| {
            order.front().is_some_and(|(at, _)| order.len() >= TOKENS_MAX || *at + KNOWN <= now)
        };
        while is_old(&self.order) {
            if let Some((_, token)) = self.order.pop_front() {
                self.answers.remove(&token);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(tokens: &Tokens, token: &str, second: i64) -> bool {
        let mut is_done = false;
        let transact = || {
            is_done = true;
            Ok(Response::default())
        };
        tokens.once(Some(token.to_owned()), Timestamp::from_second(second).unwrap(), transact).unwrap();
        is_done
    }

    #[test]
    fn a_token_is_remembered_for_ten_minutes() {
        let tokens = Tokens::default();
        assert!(done(&tokens, "a", 0));
        assert!(!done(&tokens, "a", 599));
        assert!(done(&tokens, "b", 300));
        assert!(done(&tokens, "a", 600));
        assert!(!done(&tokens, "b", 600));
    }

    #[test]
    fn the_oldest_token_is_dropped_when_there_are_too_many() {
        let tokens = Tokens::default();
        for number in 0..=TOKENS_MAX {
            assert!(done(&tokens, &number.to_string(), 0));
        }
        assert!(!done(&tokens, &TOKENS_MAX.to_string(), 0));
        assert!(done(&tokens, "0", 0));
        let known = tokens.0.lock().unwrap();
        assert_eq!((known.answers.len(), known.order.len()), (TOKENS_MAX, TOKENS_MAX));
    }
}
