//! How the rate of a carrier is shared among accounts and their campaigns. Pure.

/// The demand of a campaign for messages to hand over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand<A> {
    pub account: A,
    /// The most that it can use, in messages per 1,000 seconds: its own pace; `None` means no limit.
    pub most: Option<u64>,
}

/// The part of `rate` that demand `mine` gets: accounts share equally, campaigns of one account share its part, and
/// what one cannot use is left to the others.
pub fn share<A: PartialEq>(rate: u64, demands: &[Demand<A>], mine: usize) -> u64 {
    let Some(me) = demands.get(mine) else { return rate };
    let mut accounts: Vec<(&A, Option<u64>)> = Vec::new();
    for demand in demands {
        match accounts.iter_mut().find(|(account, _)| **account == demand.account) {
            Some((_, most)) => *most = most.zip(demand.most).map(|(sum, most)| sum.saturating_add(most)),
            None => accounts.push((&demand.account, demand.most)),
        }
    }
    let of_account = accounts.iter().position(|(account, _)| **account == me.account).unwrap_or(0);
    let mosts: Vec<_> = accounts.iter().map(|(_, most)| *most).collect();
    let part = max_min(rate, &mosts, of_account);
    let siblings: Vec<_> = demands.iter().enumerate().filter(|(_, one)| one.account == me.account).collect();
    let position = siblings.iter().position(|(index, _)| *index == mine).unwrap_or(0);
    let mosts: Vec<_> = siblings.iter().map(|(_, one)| one.most).collect();
    max_min(part, &mosts, position)
}

/// Max-min fairness: equal shares, except that a demand below its share leaves the rest to the others.
fn max_min(whole: u64, mosts: &[Option<u64>], mine: usize) -> u64 {
    let (mut left, mut open): (u64, Vec<usize>) = (whole, (0..mosts.len()).collect());
    loop {
        let equal = left / u64::try_from(open.len().max(1)).unwrap_or(1);
        let modest: Vec<usize> =
            open.iter().copied().filter(|index| mosts[*index].is_some_and(|most| most < equal)).collect();
        if modest.is_empty() {
            return mosts.get(mine).copied().flatten().map_or(equal, |most| most.min(equal));
        }
        if modest.contains(&mine) {
            return mosts[mine].unwrap_or(equal);
        }
        left -= modest.iter().filter_map(|index| mosts[*index]).sum::<u64>();
        open.retain(|index| !modest.contains(index));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn demands(of: &[(u8, Option<u64>)]) -> Vec<Demand<u8>> {
        of.iter().map(|(account, most)| Demand { account: *account, most: *most }).collect()
    }

    #[track_caller]
    fn check(rate: u64, of: &[(u8, Option<u64>)], expected: &[u64]) {
        let demands = demands(of);
        let found: Vec<_> = (0..demands.len()).map(|mine| share(rate, &demands, mine)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn accounts_share_alike_however_many_campaigns_they_have() {
        check(90, &[(1, None), (1, None), (1, None), (2, None)], &[15, 15, 15, 45]);
    }

    #[test]
    fn what_one_cannot_use_is_left_to_the_others() {
        check(90, &[(1, Some(10)), (2, None)], &[10, 80]);
        check(90, &[(1, Some(10)), (2, Some(20)), (3, None), (4, None)], &[10, 20, 30, 30]);
        check(90, &[(1, Some(10)), (1, None), (2, None)], &[10, 35, 45]);
    }

    #[test]
    fn a_single_demand_gets_all_that_it_can_use() {
        check(90, &[(1, None)], &[90]);
        check(90, &[(1, Some(7))], &[7]);
    }

    proptest! {
        #[test]
        fn shares_add_up_to_no_more_than_the_rate(
            rate in 0u64..100_000,
            of in proptest::collection::vec((0u8..5, proptest::option::of(0u64..50_000)), 1..12),
        ) {
            let demands = demands(&of);
            let shares: Vec<_> = (0..demands.len()).map(|mine| share(rate, &demands, mine)).collect();
            prop_assert!(shares.iter().sum::<u64>() <= rate);
            for (share, demand) in shares.iter().zip(&demands) {
                prop_assert!(demand.most.is_none_or(|most| *share <= most));
            }
        }
    }
}
