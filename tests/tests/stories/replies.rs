//! Replies from phones are stored once, found, exported, and private to their account.

use serde_json::json;
use stories::{Harness, NewAccount, contacts};

use crate::numbers;

async fn sent(harness: &Harness, name: &str, count: u32) -> String {
    let list = harness.list(name, contacts(numbers(0..count))).await;
    let message = json!({ "text": "Bonjour", "stop": true });
    let campaign = harness.campaign(json!({ "name": name, "lists": [list], "message": message })).await;
    harness.validate(&campaign).await;
    harness.until(&campaign, "finished").await;
    campaign
}

fn texts(page: &stories::Answer) -> Vec<&str> {
    page.body["items"].as_array().unwrap().iter().map(|reply| reply["text"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn replies_are_stored_with_their_campaign_and_found_by_word_number_and_time() {
    let harness = Harness::new().await;
    let campaign = sent(&harness, "Soldes", 3).await;
    let to = harness.messages(&campaign).await;
    harness.reply(&to[0].to, "36105", "Merci, à bientôt !").await;
    harness.skip(std::time::Duration::from_secs(60)).await;
    let noon = harness.now();
    harness.reply(&to[1].to, "36105", "=1+1; « voilà »").await;
    harness.skip(std::time::Duration::from_secs(60)).await;
    harness.reply("+33600000999", "36105", "Qui êtes-vous ?").await;
    harness.reply(&to[2].to, "36105", "STOP36105").await;

    let all = harness.get("/v1/replies").await.expect(200);
    assert_eq!(texts(&all).len(), 4, "{}", all.body);
    assert_eq!(texts(&all)[3], "Merci, à bientôt !");
    let own = harness.get(&format!("/v1/campaigns/{campaign}/replies")).await.expect(200);
    assert_eq!(texts(&own).len(), 3);
    assert_eq!(own.text("items.2.from"), to[0].to);
    for (query, count) in [
        ("q=BIENTOT".to_owned(), 1),
        ("q=0600000999".to_owned(), 1),
        ("stop=true".to_owned(), 1),
        ("stop=false".to_owned(), 3),
        (format!("campaign={campaign}"), 3),
        (format!("to={noon}"), 1),
        (format!("from={noon}"), 3),
        (format!("from={noon}&to={noon}"), 0),
    ] {
        let found = harness.get(&format!("/v1/replies?{query}")).await.expect(200);
        assert_eq!(texts(&found).len(), count, "{query}: {}", found.body);
    }
    // Page by page, each once.
    let (mut path, mut seen) = ("/v1/replies?limit=1".to_owned(), Vec::new());
    loop {
        let page = harness.get(&path).await.expect(200);
        seen.extend(texts(&page).into_iter().map(str::to_owned));
        match page.body["next"].as_str() {
            Some(next) => path = format!("/v1/replies?limit=1&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, texts(&all));
    let sheet = String::from_utf8(harness.download("/v1/replies/export").await.to_vec()).unwrap();
    assert!(sheet.starts_with("\u{FEFF}at;from;to;text;stop;campaign;campaign_name\r\n"), "{sheet}");
    assert!(sheet.contains(";'=1+1") || sheet.contains(";\"'=1+1; « voilà »\";"), "{sheet}");
    assert_eq!(sheet.lines().count(), 5);
    assert_eq!(sheet.matches(&format!(";{campaign};Soldes\r\n")).count(), 3, "{sheet}");
    assert_eq!(harness.get("/v1/exclusions").await.text("items.0.phone"), to[2].to);
    harness.get("/v1/replies?cursor=cmVwbGllcwp4").await.expect(400);
    harness.end().await;
}

#[tokio::test]
async fn a_reply_delivered_twice_is_stored_once() {
    let harness = Harness::new().await;
    let campaign = sent(&harness, "Une", 1).await;
    let to = harness.messages(&campaign).await.remove(0).to;
    harness.reply(&to, "36105", "Oui").await;
    // The callback is repeated with the same instant: the sandbox's clock stands still.
    harness.reply(&to, "36105", "Oui").await;
    let page = harness.get("/v1/replies").await.expect(200);
    assert_eq!(texts(&page), ["Oui"], "{}", page.body);
    assert_eq!(harness.stats(&campaign).await["replies"], 1);
    harness.end().await;
}

#[tokio::test]
async fn on_a_shared_code_a_reply_goes_to_the_last_sender_and_a_stop_to_all() {
    let mut harness = Harness::new().await;
    sent(&harness, "Première", 2).await;
    let first = harness.becomes(NewAccount { name: "Seconde".into(), ..Default::default() }).await;
    harness.skip(std::time::Duration::from_secs(60)).await;
    let second = sent(&harness, "Seconde", 1).await;
    let both = harness.messages(&second).await.remove(0).to;
    harness.reply(&both, "36105", "Pour la seconde").await;
    harness.reply("+33600000777", "36105", "Pour personne").await;
    harness.reply(&both, "36105", "stop").await;
    assert_eq!(texts(&harness.get("/v1/replies").await.expect(200)), ["stop", "Pour la seconde"]);
    assert_eq!(harness.get("/v1/exclusions").await.text("items.0.phone"), both);
    harness.speaks_as(first);
    assert_eq!(texts(&harness.get("/v1/replies").await.expect(200)), Vec::<&str>::new());
    assert_eq!(harness.get("/v1/exclusions").await.text("items.0.phone"), both);
    harness.get(&format!("/v1/campaigns/{second}/replies")).await.expect(404);
    harness.end().await;
}
