//! Histories with one rule disabled must fail, which shows that the checks detect it. Thousands of histories take
//! minutes without optimisation, so these run in `tests/run long`.

use crate::histories::first_violation;
use crate::rules::{Break, Rules};

#[track_caller]
fn is_found(rule: Break, within: u64, expected: &str) {
    let found = first_violation(0..within, Rules { broken: Some(rule) });
    let Some((seed, violation)) = found else { panic!("{rule:?} was not found in {within} histories") };
    println!("{rule:?}: seed {seed}: {violation}");
    assert!(violation.contains(expected), "seed {seed}: {violation}");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "needs optimised code: tests/run long")]
fn a_campaign_that_is_read_before_its_batch_is_leased_is_found() {
    is_found(Break::CampaignReadBeforeLease, 3_000, "");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "needs optimised code: tests/run long")]
fn a_throttled_message_that_stays_marked_is_found() {
    is_found(Break::MaxMerge, 60_000, "");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "needs optimised code: tests/run long")]
fn messages_that_are_not_marked_before_the_call_are_found() {
    is_found(Break::CallBeforeMark, 200, "the table says Pending");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "needs optimised code: tests/run long")]
fn a_first_call_after_a_wait_with_what_was_read_before_it_is_found() {
    is_found(Break::FirstCallAfterWait, 500, "after a wait");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "needs optimised code: tests/run long")]
fn a_start_that_writes_over_the_one_that_overtook_it_is_found() {
    is_found(Break::StartWritesOver, 6_000, "");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "needs optimised code: tests/run long")]
fn a_call_of_somebody_who_was_held_up_past_the_windows_end_is_found() {
    is_found(Break::HeldUpAndCalls, 3_000, "outside the window");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "needs optimised code: tests/run long")]
fn what_the_carrier_may_have_and_nobody_settles_is_found() {
    is_found(Break::NothingSettled, 3_000, "");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "needs optimised code: tests/run long")]
fn a_batch_that_is_not_taken_from_who_may_still_hold_it_is_found() {
    is_found(Break::NoFence, 3_000, "");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "needs optimised code: tests/run long")]
fn a_fold_that_leaves_out_what_came_late_is_found() {
    is_found(Break::NoOverlap, 3_000, "told");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "needs optimised code: tests/run long")]
fn a_block_that_is_written_too_late_for_any_fold_is_found() {
    is_found(Break::LateBlocks, 60_000, "told");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "needs optimised code: tests/run long")]
fn a_campaign_that_waits_for_a_carrier_which_nobody_asks_is_found() {
    is_found(Break::NothingProbes, 3_000, "");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "needs optimised code: tests/run long")]
fn a_pace_that_grants_anew_with_each_change_is_found() {
    is_found(Break::PaceGrantsAnew, 60_000, "at once");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "needs optimised code: tests/run long")]
fn a_fold_that_goes_on_after_its_right_has_lapsed_is_found() {
    is_found(Break::LapsedFoldWrites, 60_000, "");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "needs optimised code: tests/run long")]
fn an_end_by_somebody_whose_right_has_lapsed_is_found() {
    is_found(Break::LapsedFoldEnds, 60_000, "");
}

#[test]
#[cfg_attr(debug_assertions, ignore = "needs optimised code: tests/run long")]
fn a_second_end_that_does_not_see_the_first_is_found() {
    is_found(Break::FoldsForAnother, 60_000, "");
}
