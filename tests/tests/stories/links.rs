//! Short links with an end, a fallback, and simultaneous clicks from several addresses.

use std::time::Duration;

use aws_lambda_events::event::sqs::SqsEvent;
use serde_json::{Value, json};
use stories::{Harness, contacts};

use crate::numbers;

const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1";

/// A sent campaign, with its links.
async fn sent(harness: &Harness, count: u32, links: Value) -> String {
    let names: Vec<_> =
        links.as_array().unwrap().iter().map(|link| format!("{{{{{}}}}}", link["name"].as_str().unwrap())).collect();
    let list = harness.list("Clients", contacts(numbers(0..count))).await;
    let message = json!({ "text": names.join(" "), "stop": true, "links": links });
    let campaign = harness.campaign(json!({ "name": "Liens", "lists": [list], "message": message })).await;
    harness.validate(&campaign).await;
    harness.machine.drain().await.unwrap();
    campaign
}

#[tokio::test]
async fn a_link_leads_to_its_fallback_after_its_end_or_to_an_error_page() {
    let harness = Harness::new().await;
    let links = json!([
        { "name": "solde", "url": "https://example.com/solde", "expires_at": "2026-12-01T12:00:00Z", "fallback_url": "https://example.com/fini" },
        { "name": "jeu", "url": "https://example.com/jeu", "expires_at": "2026-12-01T12:00:00Z" },
        { "name": "aide", "url": "https://example.com/aide" },
    ]);
    let campaign = sent(&harness, 1, links).await;
    harness.until(&campaign, "finished").await;
    let text = harness.messages(&campaign).await.remove(0).text;
    let urls: Vec<_> = text.split(' ').filter(|word| word.starts_with("http")).collect();
    let leads = async |url: &str| harness.visit(url, PHONE).await.expect(302).header("location").to_owned();
    assert_eq!(leads(urls[0]).await, "https://example.com/solde");
    assert_eq!(leads(urls[1]).await, "https://example.com/jeu");
    harness.skip(Duration::from_secs(4 * 3_600)).await;
    assert_eq!(leads(urls[0]).await, "https://example.com/fini");
    let expired = harness.visit(urls[1], PHONE).await.expect(404);
    assert!(String::from_utf8_lossy(&expired.bytes).contains("expir"), "{}", String::from_utf8_lossy(&expired.bytes));
    assert_eq!(leads(urls[2]).await, "https://example.com/aide");
    harness.settle().await;
    assert_eq!(harness.stats(&campaign).await["clicks"]["total"], 5);
    let shown = harness.get(&format!("/v1/campaigns/{campaign}/links")).await.expect(200);
    assert_eq!(shown.text("items.0.fallback_url"), "https://example.com/fini");
    assert_eq!(
        (shown.text("items.1.expires_at"), shown.number("items.1.messages")),
        ("2026-12-01T12:00:00Z".into(), 1)
    );
    harness.end().await;
}

#[tokio::test]
async fn an_end_before_the_last_message_is_a_warning_and_a_bad_fallback_an_error() {
    let harness = Harness::new().await;
    let list = harness.list("Clients", contacts(numbers(0..3))).await;
    let link = |end: &str, fallback: &str| json!({ "links": [{ "name": "lien", "url": "https://example.com", "expires_at": end, "fallback_url": fallback }] });
    let message = json!({ "text": "Voir {{lien}}", "stop": true });
    let schedule = json!({ "at": "2026-12-01T15:00:00" });
    let campaign =
        harness.campaign(json!({ "name": "a", "lists": [list], "message": message, "schedule": schedule })).await;
    let path = format!("/v1/campaigns/{campaign}");
    for (end, fallback) in [
        ("2026-12-02T12:00:00Z", "javascript:alert(1)"),
        ("2026-12-02T12:00:00Z", "https://a:b@example.com"),
        ("demain", "https://example.com"),
    ] {
        harness.patch(&path, json!({ "message": link(end, fallback) })).await.expect(422);
    }
    harness
        .patch(&path, json!({ "message": link("2026-12-01T12:00:00Z", "https://example.com/fini") }))
        .await
        .expect(200);
    let estimate = harness.command(&campaign, "estimate").await.expect(200);
    assert_eq!((estimate.text("warnings.0.code"), estimate.value("blockers")), ("link_expires".into(), &json!([])));
    harness.end().await;
}

/// The function that counts clicks, as the queue calls it.
fn track(harness: &Harness) -> track::App {
    track::App::new(&harness.start_of("track", &[])).unwrap()
}

/// Clicks: recipient, visitor, seconds from now, address, index of the link in the message.
fn clicks(harness: &Harness, campaign: &str, items: &[(u32, &str, i64, u64, u8)]) -> SqsEvent {
    let clicks = items.iter().enumerate().map(|(index, (recipient, visitor, seconds, address, link))| {
        json!([recipient, visitor, harness.now().as_second() + seconds, address << 32 | index as u64, link])
    });
    let clicks =
        json!({ "clicks": { "account": harness.account, "campaign": campaign, "items": clicks.collect::<Vec<_>>() } });
    serde_json::from_value(json!({ "Records": [{ "messageId": "a", "body": clicks.to_string() }] })).unwrap()
}

#[tokio::test]
async fn simultaneous_addresses_are_a_preview_and_a_returning_person_is_a_person() {
    let harness = Harness::new().await;
    let campaign = sent(&harness, 4, json!([{ "name": "lien", "url": "https://example.com" }])).await;
    let app = track(&harness);
    let event = clicks(
        &harness,
        &campaign,
        &[
            // One GET and three HEAD of an ordinary phone, from four addresses.
            (0, "person", 5, 1, 0),
            (0, "head", 5, 2, 0),
            (0, "head", 6, 3, 0),
            (0, "head", 6, 4, 0),
            // A person, twice from one address.
            (1, "person", 5, 5, 0),
            (1, "person", 9, 5, 0),
            // A person at home, then on the way.
            (2, "person", 20, 6, 0),
            (2, "person", 3_600, 7, 0),
            // A messenger that identifies itself, and a person at once.
            (3, "preview", 2, 8, 0),
            (3, "person", 8, 9, 0),
        ],
    );
    for _ in 0..3 {
        assert!(track::handle(&app, event.clone()).await.batch_item_failures.is_empty());
    }
    assert_eq!(harness.stats(&campaign).await["clicks"], json!({ "human": 5, "bot": 5, "total": 10, "unique": 3 }));
    let recipients = harness.get(&format!("/v1/campaigns/{campaign}/recipients")).await.expect(200);
    assert_eq!((recipients.value("items.0.clicked_at"), recipients.number("items.0.clicks")), (&json!(null), 4));
    harness.until(&campaign, "finished").await;
    let report =
        String::from_utf8(harness.download(&format!("/v1/campaigns/{campaign}/report")).await.to_vec()).unwrap();
    assert!(report.starts_with("\u{FEFF}phone;outcome;reason;segments;handed_over_at;final_at;clicked_at;clicks\r\n"));
    assert!(report.contains("\r\n'+33600000010;delivered;;1;"), "{report}");
    harness.end().await;
}

#[tokio::test]
async fn each_link_of_a_message_has_its_own_clicks() {
    let harness = Harness::new().await;
    let list = harness.list("Clients", contacts(numbers(0..3))).await;
    let link = |name: &str| json!({ "name": name, "url": format!("https://example.com/{name}") });
    let links = json!([link("solde"), link("jeu"), link("reste")]);
    let message = json!({ "text": "{{solde}} {{jeu}}", "stop": true, "links": links });
    let campaign = harness.campaign(json!({ "name": "Liens", "lists": [list], "message": message })).await;
    harness.validate(&campaign).await;
    harness.machine.drain().await.unwrap();
    let mut messages = harness.messages(&campaign).await;
    messages.sort_by(|a, b| a.to.cmp(&b.to));
    let url = |recipient: usize, link: usize| messages[recipient].text.split(' ').nth(link).unwrap().to_owned();
    // A person twice on the first link and once on the second; a messenger, then a person, on the first.
    for (recipient, link, agent) in
        [(0, 0, PHONE), (0, 0, PHONE), (0, 1, PHONE), (1, 0, "WhatsApp/2.23.20.0 A"), (1, 0, PHONE)]
    {
        harness.visit(&url(recipient, link), agent).await.expect(302);
    }
    harness.settle().await;
    let of_links = async || {
        let shown = harness.get(&format!("/v1/campaigns/{campaign}/links")).await.expect(200);
        shown.body["items"].as_array().unwrap().iter().map(|link| link["clicks"].clone()).collect::<Vec<_>>()
    };
    let counts = |human: u32, bot: u32, unique: u32| json!({ "human": human, "bot": bot, "total": human + bot, "unique": unique });
    assert_eq!(of_links().await, [counts(3, 1, 2), counts(1, 0, 1), counts(0, 0, 0)]);
    assert_eq!(harness.stats(&campaign).await["clicks"], counts(4, 1, 2));

    // Previews of both links from two addresses, delivered three times by the queue.
    let event = clicks(
        &harness,
        &campaign,
        &[(2, "person", 5, 1, 0), (2, "head", 6, 2, 0), (2, "person", 5, 1, 1), (1, "person", 600, 3, 1)],
    );
    let app = track(&harness);
    for _ in 0..3 {
        assert!(track::handle(&app, event.clone()).await.batch_item_failures.is_empty());
    }
    let expected = [counts(3, 3, 2), counts(2, 1, 2), counts(0, 0, 0)];
    assert_eq!(of_links().await, expected);
    harness.until(&campaign, "finished").await;
    assert_eq!(of_links().await, expected, "the same for good");
    assert_eq!(harness.stats(&campaign).await["clicks"], counts(5, 4, 2));
    let shown = harness.get(&format!("/v1/campaigns/{campaign}/links")).await.expect(200);
    let sent: Vec<_> = (0..3).map(|index| shown.number(&format!("items.{index}.messages"))).collect();
    assert_eq!(sent, [3, 3, 0], "the text does not use the last one");
    harness.end().await;
}

#[tokio::test]
async fn a_repeated_message_of_clicks_counts_once() {
    let harness = Harness::new().await;
    let campaign = sent(&harness, 50, json!([{ "name": "lien", "url": "https://example.com" }])).await;
    let items: Vec<_> = (0..1_000).map(|click| (click % 50, "person", 600, 1, 0)).collect();
    let event = clicks(&harness, &campaign, &items);
    let app = track(&harness);
    for _ in 0..2 {
        assert!(track::handle(&app, event.clone()).await.batch_item_failures.is_empty());
    }
    let expected = json!({ "human": 1_000, "bot": 0, "total": 1_000, "unique": 50 });
    assert_eq!(harness.stats(&campaign).await["clicks"], expected);
    harness.until(&campaign, "finished").await;
    harness.end().await;
}
