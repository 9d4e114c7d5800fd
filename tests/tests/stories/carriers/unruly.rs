//! A carrier that behaves badly but correctly: the statistics match what it knows.

use std::time::Duration;

use serde_json::json;
use stories::peer::{Conduct, Reaction, Receipts, fate};
use stories::{Harness, NewAccount, contacts};

use super::until;
use crate::e164;

const RECIPIENTS: u32 = 3_000;

/// Numbers of every fate: one in a hundred fails, expires, is rejected.
fn numbers() -> impl Iterator<Item = String> {
    (0..RECIPIENTS).map(|n| format!("06{:06}{:02}", n, n % 100))
}

#[tokio::test]
async fn answers_and_receipts_in_any_order_twice_or_early_give_correct_figures() {
    for before_the_answer in [false, true] {
        let spread = Duration::from_secs(60);
        let receipts = Receipts { spread, again: true, before_the_answer, of_a_call_max: 50, ..Receipts::default() };
        let conduct = Conduct { answers_in_any_order: true, receipts, ..Conduct::default() };
        let mut harness = Harness::with_peer(conduct).await;
        harness.becomes(NewAccount { credits: Some(10_000), ..Default::default() }).await;
        let list = harness.list("Clients", contacts(numbers())).await;
        let message = json!({"text": "Bonjour", "stop": true});
        let campaign = harness.campaign(json!({"name": "Soldes", "lists": [list], "message": message})).await;
        harness.validate(&campaign).await;
        // Half of one call is accepted, without saying which half; the receipts show it.
        harness.peer().next([Reaction::Answers, Reaction::TakesHalfAndFails]);
        until(&harness, &campaign, "finished", Duration::from_secs(1_800)).await;
        let stats = harness.stats(&campaign).await;
        let taken = harness.peer().taken(&campaign);
        let of_fate = |wanted: &str| taken.iter().filter(|taken| fate(&taken.message.to) == wanted).count();
        for outcome in ["delivered", "failed", "expired"] {
            assert_eq!(stats[outcome], json!(of_fate(outcome)), "{outcome} in {stats}");
        }
        let in_doubt = RECIPIENTS as usize - taken.len();
        let count = |name: &str| stats[name].as_u64().unwrap() as usize;
        assert_eq!(count("rejected") + count("unknown"), in_doubt, "{stats}");
        assert!(count("unknown") <= 500, "{stats}");
        assert!(count("rejected") <= numbers().filter(|number| fate(&e164(number)) == "rejected").count());
        harness.end().await;
    }
}
