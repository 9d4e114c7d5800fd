//! Dead letters: listed, inspected, sent back by the service and one by one, dropped.

use serde_json::json;

use crate::cloud::{Cloud, text};

const ACCOUNT: &str = "acc_00000000000000000001";
const CAMPAIGN: &str = "cmp_00000000000000000002";

fn batch(number: u32) -> String {
    json!({ "account": ACCOUNT, "campaign": CAMPAIGN, "batch": number }).to_string()
}

fn put(cloud: &Cloud, queue: &str, bodies: &[String]) {
    let url = cloud.name(queue);
    cloud.with(async |sdk| {
        let sqs = aws::sdk::sqs(sdk);
        for body in bodies {
            sqs.send_message().queue_url(&url).message_body(body).send().await.unwrap();
        }
    });
}

/// Number of messages available on a queue.
fn waiting(cloud: &Cloud, queue: &str) -> u64 {
    let (url, name) = (cloud.name(queue), aws_sdk_sqs::types::QueueAttributeName::ApproximateNumberOfMessages);
    cloud.with(async |sdk| {
        let request = aws::sdk::sqs(sdk).get_queue_attributes().queue_url(&url).attribute_names(name.clone());
        request.send().await.unwrap().attributes.unwrap()[&name].parse().unwrap()
    })
}

fn messages(cloud: &Cloud, name: &str) -> u64 {
    let listed = cloud.json(&["dlq", "list"]);
    let found = listed["items"].as_array().unwrap().iter().find(|item| item["name"] == name).unwrap();
    found["messages"].as_u64().unwrap()
}

#[test]
fn dead_letters_are_inspected_and_stay() {
    let cloud = Cloud::start();
    let names: Vec<_> =
        cloud.json(&["dlq", "list"])["items"].as_array().unwrap().iter().map(|i| text(i, "/name")).collect();
    for name in ["wakeups", "batches", "events", "imports"] {
        assert!(names.contains(&name.to_owned()), "{names:?}");
    }
    let reply = json!({ "replies": [{ "from": "+33612345678", "to": "36105", "text": "privé", "at": "2026-12-01T09:00:00Z" }] });
    put(&cloud, "EventsDeadLetters", &[reply.to_string()]);
    let shown = cloud.admin(&["--json", "dlq", "show", "events"]);
    assert_eq!(text(&shown.json(0), "/items/0/about"), "1 replies of recipients");
    assert!(!shown.out.contains("priv") && !shown.out.contains("33612"), "{}", shown.out);
    let bodies = cloud.json(&["dlq", "show", "events", "--bodies"]);
    assert!(text(&bodies, "/items/0/body").contains("privé"));
    assert_eq!(messages(&cloud, "events"), 1);
    cloud.admin(&["dlq", "show", "evnts"]).refuses(3, "there are batches, ");
}

#[test]
fn dead_letters_go_back_by_the_service_or_one_by_one() {
    let cloud = Cloud::start();
    put(&cloud, "BatchesDeadLetters", &[batch(1), batch(2), batch(3)]);
    let moved = cloud.json(&["dlq", "redrive", "batches", "--limit", "2"]);
    assert_eq!(moved, json!({ "name": "batches", "messages": 2, "done": true }));
    assert_eq!((messages(&cloud, "batches"), waiting(&cloud, "BatchesQueue")), (1, 2));
    put(&cloud, "BatchesDeadLetters", &["strange".to_owned()]);
    // The rest at once, whatever its content: the service does not read it.
    let moved = cloud.json(&["dlq", "redrive", "batches"]);
    assert_eq!(moved, json!({ "name": "batches", "messages": 2, "done": false }));
    assert_eq!((messages(&cloud, "batches"), waiting(&cloud, "BatchesQueue")), (0, 4));
    assert_eq!(cloud.json(&["dlq", "redrive", "events"]), json!({ "name": "events", "messages": 0, "done": true }));
}

#[test]
fn a_failed_import_is_called_again() {
    let cloud = Cloud::start();
    let key = text(&cloud.ready, "/api_key");
    let (_, list) = cloud.api("POST", "/lists", &key, Some(json!({ "name": "a" })));
    let account = text(&cloud.ready, "/account_id");
    let object = format!("uploads/{account}/{}/1", text(&list, "/id"));
    let event = json!({ "Records": [{
        "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "eu-west-3", "eventName": "ObjectCreated:Put",
        "s3": { "bucket": { "name": cloud.name("Bucket") }, "object": { "key": object } }
    }] });
    put(&cloud, "ImportsDeadLetters", &[json!({ "requestPayload": event }).to_string(), "strange".to_owned()]);
    let called = waiting(&cloud, "ImportFunctionCalls");
    let said = cloud.admin(&["--json", "dlq", "redrive", "imports"]);
    assert_eq!(said.json(0)["messages"], 1);
    assert!(said.err.contains("1 messages are none of Envol's"), "{}", said.err);
    assert_eq!(waiting(&cloud, "ImportFunctionCalls"), called + 1);
}

#[test]
fn ticks_are_not_sent_back() {
    let cloud = Cloud::start();
    put(&cloud, "TicksDeadLetters", &["{}".to_owned()]);
    cloud.admin(&["dlq", "redrive", "ticks"]).refuses(4, "dlq purge ticks --yes");
    assert_eq!(messages(&cloud, "ticks"), 1);
}

#[test]
fn dead_letters_are_dropped_only_with_confirmation() {
    let cloud = Cloud::start();
    put(&cloud, "WakeupsDeadLetters", &[batch(1)]);
    cloud.admin(&["dlq", "purge", "wakeups"]).refuses(4, "1 messages of wakeups would be lost");
    assert_eq!(messages(&cloud, "wakeups"), 1);
    cloud.json(&["dlq", "purge", "wakeups", "--yes"]);
    assert_eq!(messages(&cloud, "wakeups"), 0);
}
