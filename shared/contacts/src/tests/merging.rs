//! The merge, compared with a model that keeps everything in a map.

use std::collections::{BTreeMap, BTreeSet};

use domain::phone::PhoneNumber;
use jiff::Timestamp;
use proptest::prelude::*;

use super::*;

fn number(tail: u64) -> PhoneNumber {
    PhoneNumber::from_digits(33_600_000_000 + tail).unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn list(name: &str, tails: &BTreeSet<u64>) -> Vec<u8> {
    let mut file = Vec::new();
    ListHeader::new(vec!["from".into()]).write(&mut file);
    for tail in tails {
        write_row(&mut file, number(*tail), [name]);
    }
    file
}

/// Runs a merge to its end, each input in chunks of `chunk` bytes: recipients with the list they came from, and counts.
fn run(lists: &[Vec<u8>], files: &[Vec<u8>], exclusions: Exclusions, chunk: usize) -> (Vec<(u64, usize)>, Counts) {
    let mut merge = Merge::new(lists.len(), exclusions);
    let mut read: BTreeMap<String, usize> = BTreeMap::new();
    let mut recipients = Vec::new();
    loop {
        match merge.step().unwrap() {
            Step::Recipient { list, row } => {
                assert_eq!(row.field(0), list.to_string());
                recipients.push((row.phone.digits() - 33_600_000_000, list));
            }
            Step::Needs(input) => {
                let file = match input {
                    Input::List(index) => &lists[index],
                    Input::Exclusion(index) => &files[index],
                };
                let from = read.entry(format!("{input:?}")).or_default();
                match file.get(*from..).filter(|rest| !rest.is_empty()) {
                    Some(rest) => merge.feed(input, &rest[..chunk.min(rest.len())]),
                    None => merge.close(input),
                }
                *from += chunk;
            }
            Step::Done => return (recipients, merge.counts()),
        }
    }
}

proptest! {
    #[test]
    fn a_merge_is_what_a_map_would_give(
        lists in prop::collection::vec(prop::collection::btree_set(0_u64..60, 0..40), 0..5),
        decisions in prop::collection::vec((0_u64..60, any::<bool>(), 0_i64..6), 0..30),
        files in prop::collection::vec((prop::collection::btree_set(0_u64..60, 0..20), 0_i64..6), 0..3),
        chunk in 1_usize..200,
    ) {
        let mut newest: BTreeMap<u64, (i64, bool)> = BTreeMap::new();
        let imported = files.iter().flat_map(|(tails, at)| tails.iter().map(|tail| (*tail, true, *at)));
        for (tail, is_excluded, at) in decisions.iter().copied().chain(imported) {
            let word = newest.entry(tail).or_insert((at, is_excluded));
            *word = (*word).max((at, is_excluded));
        }
        let mut first: BTreeMap<u64, usize> = BTreeMap::new();
        for (index, tails) in lists.iter().enumerate() {
            for tail in tails {
                first.entry(*tail).or_insert(index);
            }
        }
        let is_excluded = |tail: &u64| newest.get(tail).is_some_and(|(_, is_excluded)| *is_excluded);
        let expected: Vec<_> = first.iter().filter(|(tail, _)| !is_excluded(tail)).map(|(a, b)| (*a, *b)).collect();

        let list_files: Vec<_> = lists.iter().enumerate().map(|(index, tails)| list(&index.to_string(), tails)).collect();
        let exclusion_files: Vec<_> = files.iter().map(|(tails, _)| list("", tails)).collect();
        let decisions = decisions.iter().map(|(tail, is_excluded, second)| Decision {
            phone: number(*tail), is_excluded: *is_excluded, at: at(*second),
        });
        let exclusions = Exclusions::new(decisions.collect(), files.iter().map(|(_, second)| at(*second)));
        let (recipients, counts) = run(&list_files, &exclusion_files, exclusions, chunk);

        let contacts = lists.iter().map(BTreeSet::len).sum::<usize>() as u64;
        prop_assert_eq!(&recipients, &expected);
        prop_assert_eq!(counts.contacts, contacts);
        prop_assert_eq!(counts.recipients, expected.len() as u64);
        prop_assert_eq!(counts.excluded, (first.len() - expected.len()) as u64);
        prop_assert_eq!(counts.duplicates, contacts - first.len() as u64);
        prop_assert_eq!(counts.by_territory.values().sum::<u64>(), counts.recipients);
    }
}

#[test]
fn headers_are_known_when_the_first_recipient_comes() {
    let lists = [list("0", &BTreeSet::from([1, 2])), list("1", &BTreeSet::from([2]))];
    let mut merge = Merge::new(2, Exclusions::none());
    for (index, file) in lists.iter().enumerate() {
        merge.feed(Input::List(index), file);
        merge.close(Input::List(index));
    }
    assert!(matches!(merge.step(), Ok(Step::Recipient { list: 0, .. })));
    assert!((0..2).all(|list| merge.header(list).is_some()));
}

#[test]
fn chunks_may_come_before_they_are_asked_for() {
    let lists = [list("0", &BTreeSet::from([1, 4, 5])), list("1", &BTreeSet::from([2, 3, 6]))];
    let mut merge = Merge::new(2, Exclusions::none());
    let mut chunks: Vec<_> = (0..2).map(|list| lists[list].chunks(7)).collect();
    let mut recipients = Vec::new();
    loop {
        match merge.step().unwrap() {
            Step::Recipient { list, row } => {
                assert_eq!(row.field(0), list.to_string());
                recipients.push(row.phone.digits() - 33_600_000_000);
            }
            Step::Needs(_) => {}
            Step::Done => break,
        }
        for (list, chunks) in chunks.iter_mut().enumerate() {
            match chunks.next() {
                Some(chunk) => merge.feed(Input::List(list), chunk),
                None => merge.close(Input::List(list)),
            }
        }
    }
    assert_eq!(recipients, [1, 2, 3, 4, 5, 6]);
}

#[test]
fn a_recipient_can_be_excluded_by_the_caller() {
    let mut merge = Merge::new(1, Exclusions::none());
    merge.feed(Input::List(0), &list("0", &BTreeSet::from([1, 2])));
    merge.close(Input::List(0));
    assert!(matches!(merge.step(), Ok(Step::Recipient { .. })));
    merge.exclude_last();
    assert!(matches!(merge.step(), Ok(Step::Recipient { .. })));
    assert!(matches!(merge.step(), Ok(Step::Done)));
    let counts = merge.counts();
    assert_eq!((counts.contacts, counts.recipients, counts.excluded), (2, 1, 1));
    assert_eq!(counts.by_territory.values().sum::<u64>(), 1);
}

#[test]
fn a_list_out_of_order_is_refused_with_its_offset() {
    let mut file = list("0", &BTreeSet::from([5]));
    write_row(&mut file, number(4), ["0"]);
    let mut merge = Merge::new(1, Exclusions::none());
    merge.feed(Input::List(0), &file);
    merge.close(Input::List(0));
    assert!(merge.step().is_ok());
    let refused = merge.step().map(|_| ()).unwrap_err();
    assert_eq!(refused.input, Input::List(0));
    assert!(matches!(refused.source, ListFileError::Unsorted { .. }));
}
