//! Which lists of an account are purged because they are unused. Pure.

use jiff::{SignedDuration, Timestamp};

use super::list::{List, Status};

/// Time between two checks of an account; shorter if a list is due earlier.
const CHECK: SignedDuration = SignedDuration::from_hours(24);
/// Time between two checks while lists are due and in use.
const CHECK_LEAST: SignedDuration = SignedDuration::from_hours(1);

/// The result of one check of an account's lists.
#[derive(Debug)]
pub struct UnusedLists {
    /// To be purged, unless a campaign uses them.
    pub due: Vec<List>,
    pub next_check_at: Timestamp,
}

impl UnusedLists {
    /// Lists not used for `after_days` are due, except those that are being imported.
    pub fn find(lists: Vec<List>, after_days: u32, now: Timestamp) -> Self {
        let purge_at = |list: &List| list.purge_at(after_days);
        let is_due = |list: &List| list.status != Status::Importing && purge_at(list).is_some_and(|at| at <= now);
        let (due, others): (Vec<_>, Vec<_>) = lists.into_iter().partition(is_due);
        let first = others.iter().filter_map(purge_at).min();
        let next_check_at = first.map_or(now + CHECK, |at| at.clamp(now + CHECK_LEAST, now + CHECK));
        Self { due, next_check_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::Purpose;

    const DAYS: u32 = 90;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + 3_600 * hour).unwrap()
    }

    /// A list that is due in this many hours.
    fn list(due_in_hours: i64, status: Status) -> List {
        let (account, id) = ("acc_00000000000000000001".parse().unwrap(), "lst_00000000000000000001".parse().unwrap());
        let made_at = at(due_in_hours - 24 * i64::from(DAYS));
        List { status, ..List::awaiting(account, id, String::new(), Purpose::Contacts, String::new(), made_at) }
    }

    #[test]
    fn unused_lists_are_due_and_the_next_check_is_when_the_next_list_is_due() {
        use Status::{Importing, Ready};
        // Lists by the hours until they are due; how many are due, and the hours until the next check.
        let table = [
            (vec![], 0, 24),
            (vec![(-1, Ready)], 1, 24),
            (vec![(0, Ready), (30, Ready)], 1, 24),
            (vec![(5, Ready), (7, Ready)], 0, 5),
            (vec![(-9, Importing)], 0, 1),
            (vec![(-9, Ready), (-9, Importing), (3, Ready)], 1, 1),
        ];
        for (hours, due, next) in table {
            let lists = hours.iter().map(|(hours, status)| list(*hours, *status)).collect();
            let found = UnusedLists::find(lists, DAYS, at(0));
            assert_eq!((found.due.len(), found.next_check_at), (due, at(next)), "{hours:?}");
        }
    }
}
