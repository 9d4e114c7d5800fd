//! The real `cargo local`: its process is killed in the middle of sending, and the next one continues. `tests/kill`
//! kills at random.

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use stories::{Installation, binary, contacts, until};

use crate::{e164, numbers};

const RECIPIENTS: u32 = 20_000;
/// Longest wait; an abandoned lease expires within it.
const PATIENCE: Duration = Duration::from_secs(240);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_kill_in_the_middle_of_sending_the_next_process_continues() {
    let (binary, folder) = (binary(), tempfile::tempdir().unwrap());
    let options = ["--port".to_owned(), "0".to_owned()];
    let first = Installation::start(&binary, folder.path(), &options, PATIENCE).await;
    let list = first.import(contacts(numbers(0..RECIPIENTS)), PATIENCE).await;
    // An alert, because this test runs at any hour of the real day.
    let settings = json!({"name": "Alerte", "kind": "alert", "lists": [list], "message": {
        "text": "Bonjour {{prenom}} : {{lien}}", "links": [{"name": "lien", "url": "https://example.com"}]}});
    let (status, made) = first.ask(Method::POST, "/v1/campaigns", Some(settings)).await;
    assert_eq!(status, 201, "{made}");
    let campaign = made["id"].as_str().unwrap().to_owned();
    let (status, ready) = first.ask(Method::POST, &format!("/v1/campaigns/{campaign}/validate"), Some(json!({}))).await;
    assert_eq!(status, 200, "{ready}");
    until("the first messages", PATIENCE, || async { (first.submitted().await > 0).then_some(()) }).await;
    let key = first.text("api_key").to_owned();
    first.kill().await;

    let second = Installation::start(&binary, folder.path(), &options, PATIENCE).await;
    assert_eq!(second.text("api_key"), key, "a restart is not a new installation");
    let before = second.submitted().await;
    assert!(before < u64::from(RECIPIENTS), "it was killed too late to prove anything");
    until("the campaign to finish", PATIENCE, || async {
        (second.get(&format!("/v1/campaigns/{campaign}")).await["status"] == "finished").then_some(())
    })
    .await;
    let messages = second.messages(&campaign).await;
    let texts: BTreeSet<_> = messages.iter().map(|message| message["text"].as_str().unwrap()).collect();
    let to: BTreeSet<_> = messages.iter().map(|message| message["to"].as_str().unwrap().to_owned()).collect();
    assert_eq!(to, numbers(0..RECIPIENTS).map(|number| e164(&number)).collect());
    assert_eq!((messages.len(), texts.len()), (RECIPIENTS as usize, RECIPIENTS as usize), "a number got two messages");
    let stats = second.get(&format!("/v1/campaigns/{campaign}/stats")).await;
    assert_eq!((&stats["delivered"], &stats["unknown"]), (&json!(RECIPIENTS), &json!(0)), "{stats}");
}
