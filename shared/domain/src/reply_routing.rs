//! Which accounts a reply concerns when several share its short code. Pure.

use jiff::Timestamp;

/// The accounts that a reply concerns, as indexes into the accounts of its short code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routing {
    /// They exclude its number, if it is a STOP.
    pub excluding: Vec<usize>,
    /// The account that stores the reply.
    pub keeping: Option<usize>,
    /// Their answered campaign counts the reply; the account that wrote last comes last.
    pub counting: Vec<usize>,
}

impl Routing {
    /// `answered_at` has one entry per account: the start of the campaign of its newest message to the number, or
    /// `None` without a message.
    ///
    /// A STOP excludes its number in every account that wrote to it, and in all accounts if no message is known: one
    /// exclusion too many is better than one message too many. The text is stored only where it belongs: in the account
    /// that wrote last, or in the only account of the code. Other accounts that wrote learn of a STOP only.
    pub fn new(answered_at: &[Option<Timestamp>], is_stop: bool) -> Self {
        let mut answered: Vec<usize> = (0..answered_at.len()).filter(|index| answered_at[*index].is_some()).collect();
        answered.sort_by_key(|index| answered_at[*index]);
        let all = || (0..answered_at.len()).collect();
        let only = (answered_at.len() == 1).then_some(0);
        let last = answered.last().copied();
        Self {
            excluding: match (is_stop, answered.is_empty()) {
                (false, _) => Vec::new(),
                (true, true) => all(),
                (true, false) => answered.clone(),
            },
            keeping: last.or(only),
            counting: if is_stop { answered } else { last.into_iter().collect() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(
        answered_seconds: &[Option<i64>],
        is_stop: bool,
        excluding: &[usize],
        keeping: Option<usize>,
        counting: &[usize],
    ) {
        let at = |second: &Option<i64>| second.map(|second| Timestamp::from_second(second).unwrap());
        let answered_at: Vec<_> = answered_seconds.iter().map(at).collect();
        let expected = Routing { excluding: excluding.to_vec(), keeping, counting: counting.to_vec() };
        assert_eq!(Routing::new(&answered_at, is_stop), expected, "{answered_seconds:?}");
    }

    #[test]
    fn a_stop_excludes_in_accounts_that_wrote_or_in_all_if_none_did() {
        check(&[], true, &[], None, &[]);
        check(&[None], true, &[0], Some(0), &[]);
        check(&[Some(5)], true, &[0], Some(0), &[0]);
        check(&[None, None, None], true, &[0, 1, 2], None, &[]);
        check(&[None, Some(5), None], true, &[1], Some(1), &[1]);
        check(&[Some(9), Some(5), None], true, &[1, 0], Some(0), &[1, 0]);
    }

    #[test]
    fn another_reply_is_kept_and_counted_by_the_account_that_wrote_last() {
        check(&[], false, &[], None, &[]);
        check(&[None], false, &[], Some(0), &[]);
        check(&[None, None], false, &[], None, &[]);
        check(&[Some(5), Some(9), None], false, &[], Some(1), &[1]);
        check(&[Some(9), Some(5)], false, &[], Some(0), &[0]);
        // Of two campaigns that started at once, that of the later account.
        check(&[Some(5), Some(5)], false, &[], Some(1), &[1]);
    }
}
