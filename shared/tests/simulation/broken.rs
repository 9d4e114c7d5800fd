//! Histories in which a rule is left out: that is found, so what holds in the others means something.

use crate::histories::first_violation;
use crate::rules::{Break, Rules};

#[track_caller]
fn is_found(rule: Break, within: u64, expected: &str) {
    let found = first_violation(0..within, Rules { broken: Some(rule) });
    let Some((seed, violation)) = found else { panic!("{rule:?} was not found in {within} histories") };
    println!("{rule:?}: seed {seed}: {violation}");
    assert!(violation.contains(expected), "{violation}");
}

#[test]
fn messages_that_are_not_marked_before_the_call_are_found() {
    is_found(Break::CallBeforeMark, 200, "the table says");
}
