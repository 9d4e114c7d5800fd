//! From a file to delivered messages, receipts, clicks, STOPs, statistics.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use stories::{Harness, contacts};

use crate::{e164, each_exactly_once, numbers};

const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1";

#[tokio::test]
async fn a_file_becomes_messages_and_answers_become_statistics() {
    let harness = Harness::new().await;
    for path in ["/health", "/v1/health"] {
        assert_eq!(harness.get(path).await.expect(200).text("status"), "ok");
    }
    let list = harness.list("Clients", contacts(numbers(0..1_200))).await;
    let campaign = harness
        .campaign(json!({
            "name": "Soldes d'hiver",
            "lists": [list],
            "message": {
                "sender": "MABOUTIQUE",
                "text": "Bonjour {{prenom|cher client}}, -20% : {{lien}}",
                "links": [{"name": "lien", "url": "https://example.com/soldes?a=1&b=2"}],
                "stop": true
            }
        }))
        .await;
    let estimate = harness.command(&campaign, "estimate").await.expect(200);
    assert_eq!((estimate.number("recipients"), estimate.number("credits")), (1_200, 1_200), "{}", estimate.body);
    harness.validate(&campaign).await;
    harness.until(&campaign, "finished").await;

    let messages = harness.messages(&campaign).await;
    each_exactly_once(&messages, numbers(0..1_200).map(|number| e164(&number)));
    let mut links = BTreeSet::new();
    for message in &messages {
        assert_eq!(message.from, "MABOUTIQUE");
        assert!(message.text.starts_with("Bonjour Pr") && message.text.ends_with(" STOP au 36105"), "{}", message.text);
        links.insert(message.text.split(' ').find(|word| word.starts_with("http")).unwrap().to_owned());
    }
    assert_eq!(links.len(), 1_200, "links are shared");

    let link = links.first().unwrap();
    let answer = harness.visit(link, PHONE).await.expect(302);
    assert_eq!(answer.header("location"), "https://example.com/soldes?a=1&b=2");
    assert_eq!(answer.header("cache-control"), "private, no-store");
    harness.visit(link, "facebookexternalhit/1.1").await.expect(302);
    harness.reply(&messages[7].to, "36105", "Stop svp").await;
    harness.reply(&messages[8].to, "36105", "Merci !").await;

    let stats = harness.stats(&campaign).await;
    assert_eq!(stats["recipients"], 1_200);
    assert_eq!((&stats["handed_over"], &stats["delivered"]), (&json!(1_200), &json!(1_200)));
    assert_eq!(stats["clicks"], json!({"human": 1, "bot": 1, "total": 2, "unique": 1}));
    assert_eq!((&stats["stops"], &stats["replies"]), (&json!(1), &json!(2)));
    let excluded = harness.get("/v1/exclusions").await.expect(200);
    assert_eq!(excluded.value("items.0.phone"), &messages[7].to);
    let report =
        String::from_utf8(harness.download(&format!("/v1/campaigns/{campaign}/report")).await.to_vec()).unwrap();
    assert_eq!(report.lines().count(), 1_201);
    harness.end().await;
}

#[tokio::test]
async fn every_fate_of_the_sandbox_has_its_outcome() {
    let harness = Harness::new().await;
    let endings = ["01", "02", "03", "04", "05", "06", "07", "08"];
    let list = harness.list("Fins", contacts(endings.iter().map(|end| format!("06000000{end}")))).await;
    let campaign =
        harness.campaign(json!({"name": "Fins", "lists": [list], "message": {"text": "x", "stop": true}})).await;
    harness.validate(&campaign).await;
    harness.until(&campaign, "consolidating").await;
    harness.pass(Duration::from_secs(60)).await;
    // One receipt never arrives: the campaign stays open for 72 hours, then the outcome is unknown.
    assert_eq!(harness.status(&campaign).await, "consolidating");
    for _ in 0..100 {
        harness.skip(Duration::from_secs(3_600)).await;
    }
    assert_eq!(harness.status(&campaign).await, "finished");

    let messages = harness.messages(&campaign).await;
    each_exactly_once(&messages, endings.map(|end| format!("+336000000{end}")));
    let outcomes = harness.get(&format!("/v1/campaigns/{campaign}/recipients")).await.expect(200);
    let outcome = |index: usize| outcomes.text(&format!("items.{index}.outcome"));
    let found: Vec<_> = (0..8).map(outcome).collect();
    assert_eq!(found, ["failed", "expired", "rejected", "delivered", "unknown", "delivered", "delivered", "delivered"]);
    let stats = harness.stats(&campaign).await;
    for (name, count) in
        [("delivered", 4), ("failed", 1), ("expired", 1), ("rejected", 1), ("unknown", 1), ("pending", 0)]
    {
        assert_eq!(stats[name], count, "{name} in {stats}");
    }
    harness.end().await;
}
