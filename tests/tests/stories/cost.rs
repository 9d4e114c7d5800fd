//! The cost of a campaign in AWS requests: tested, not guessed.

use std::time::Duration;

use serde_json::json;
use stories::{Harness, Measured, contacts};

use crate::numbers;

/// Requests per 1,000 messages, from validation to the end, with a bulk carrier and batched receipts.
const REQUESTS_PER_THOUSAND_MAX: u64 = 40;
const RECIPIENTS: u32 = 20_000;
const FINISHED_WITHIN: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_thousand_messages_cost_forty_requests_at_most() {
    let harness = Harness::new().await;
    let list = harness.list("Clients", contacts(numbers(0..RECIPIENTS))).await;
    let message = json!({"text": "Bonjour {{prenom}} : {{lien}}", "stop": true,
        "links": [{"name": "lien", "url": "https://example.com"}]});
    let campaign = harness.campaign(json!({"name": "Coût", "lists": [list], "message": message})).await;
    let before = harness.machine.cloud().requests();
    harness.validate(&campaign).await;
    // Nothing reads it meanwhile, as those requests would not be the campaign's.
    harness.settle().await;
    harness.pass(FINISHED_WITHIN).await;
    let requests = harness.machine.cloud().requests().since(&before);
    assert_eq!(harness.status(&campaign).await, "finished");
    let per_thousand = requests.total() * 1_000 / u64::from(RECIPIENTS);
    assert!(per_thousand <= REQUESTS_PER_THOUSAND_MAX, "{per_thousand} requests per 1,000 messages: {requests:?}");
    harness.end().await;
}

/// At a hundredth of a million, single events over two days weigh more than they do in a million.
/// `--bench cost` counts larger campaigns, and a test of the store a million by the same rules.
#[tokio::test]
async fn a_hundredth_of_a_million_messages_has_its_budget_of_write_units() {
    for (receipts_of_a_call, units_max) in [(500, 60_000.0), (1, 330_000.0)] {
        let measured = Measured::campaign(10_000, 300, receipts_of_a_call).await;
        let (units, peak) = (measured.write_units_a_million(), measured.peak);
        assert!(units <= units_max, "{units} write units a million: {}", measured.requests);
        assert!(peak <= 300.0, "{peak} write units of one key in a second: {}", measured.requests);
    }
}
