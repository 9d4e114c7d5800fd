//! End-to-end stories: what a user does and what Envol answers.

mod api_account;
mod api_and_console;
mod api_campaigns;
mod api_entry;
mod carriers;
mod clones;
mod console_pages;
mod contract;
mod cost;
mod credits_running_out;
mod erasure;
mod exclusions_imported;
mod fixed_by_validating;
mod handlers;
mod journal;
mod links;
mod lists_and_exclusions;
mod lists_changed;
mod main_job;
mod many_campaigns;
mod pace;
mod pause_and_resume;
mod proofs;
mod purge;
mod replies;
mod restart;
mod stop_during_a_campaign;
mod throttled;
mod ugly_files;
mod use_cases;
mod webhooks_delivered;
mod webhooks_failing;
mod window;

use std::collections::{BTreeMap, BTreeSet};

use stories::Sms;

/// Numbers of metropolitan mobile phones, `06` and eight digits, without endings that the sandbox treats specially.
fn numbers(range: std::ops::Range<u32>) -> impl Iterator<Item = String> {
    range.map(|n| format!("06{:06}{:02}", n, 10 + n % 90))
}

/// A number in E.164.
fn e164(national: &str) -> String {
    format!("+33{}", &national[1..])
}

/// Fails unless each of these numbers got exactly one message, and no other number one.
#[track_caller]
fn each_exactly_once(messages: &[Sms], expected: impl IntoIterator<Item = String>) {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for message in messages {
        *counts.entry(&message.to).or_default() += 1;
    }
    let twice: Vec<_> = counts.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "more than one message: {twice:?}");
    let expected: BTreeSet<String> = expected.into_iter().collect();
    let got: BTreeSet<String> = counts.keys().map(|to| (*to).to_owned()).collect();
    let (skipped, extra): (Vec<_>, Vec<_>) = (expected.difference(&got).collect(), got.difference(&expected).collect());
    assert!(skipped.is_empty() && extra.is_empty(), "skipped {skipped:?}, not asked for {extra:?}");
}
