//! The doctor: content with what is well, and precise about what is not.

use jiff::SignedDuration;
use serde_json::{Value as Json, json};

use crate::cloud::{Cloud, text};

/// Findings that are not `ok`: area and subject.
fn ill(report: &Json) -> Vec<(String, String)> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings.filter(|one| one["verdict"] != "ok").map(|one| (text(one, "/area"), text(one, "/subject"))).collect()
}

#[test]
fn a_new_installation_is_well() {
    let cloud = Cloud::start();
    let said = cloud.admin(&["--json", "doctor"]);
    let report = said.json(0);
    assert_eq!((ill(&report), &report["healthy"]), (vec![], &Json::Bool(true)), "{report:#}");
    for area in ["tables", "queues", "bucket", "web", "campaigns"] {
        assert!(report["findings"].as_array().unwrap().iter().any(|one| one["area"] == area), "{area}");
    }
    let said = cloud.admin(&["doctor"]);
    assert!(said.out.ends_with("everything is as it should be\n"), "{}", said.out);
}

#[test]
fn a_table_that_is_gone_and_a_message_that_is_dead_are_found() {
    let cloud = Cloud::start();
    let (table, queue) = (cloud.name("LinksTable"), cloud.name("BatchesDeadLetters"));
    cloud.with(async |sdk| {
        shared::runtime::aws::dynamodb(sdk).delete_table().table_name(&table).send().await.unwrap();
        shared::runtime::aws::sqs(sdk).send_message().queue_url(&queue).message_body("x").send().await.unwrap();
    });
    let report = cloud.admin(&["--json", "doctor"]).json(5);
    let found = ill(&report);
    for (area, subject) in [("tables", "LinksTable"), ("queues", "BatchesDeadLetters")] {
        assert!(found.contains(&(area.into(), subject.into())), "{found:?}");
    }
    assert_eq!(report["healthy"], false);
    let said = cloud.admin(&["doctor"]);
    assert_eq!(said.code, 5);
    assert!(said.out.contains("WRONG  tables LinksTable") && said.out.contains("dlq redrive batches"), "{}", said.out);
}

#[test]
fn a_door_that_does_not_answer_is_found() {
    let cloud = Cloud::start();
    // Nobody listens on a port that has just been free.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let report = cloud.admin(&["--json", "doctor", "--api-url", &format!("http://{free}")]).json(5);
    assert_eq!(ill(&report), [("web".into(), "API".into()), ("web".to_owned(), "console".to_owned())]);
}

#[test]
fn a_campaign_that_nobody_looks_at_is_found() {
    let cloud = Cloud::start_ago(SignedDuration::from_mins(10));
    let key = text(&cloud.ready, "/api_key");
    let (_, list) = cloud.api("POST", "/lists", &key, Some(json!({ "name": "a", "values": ["0612345678"] })));
    cloud.settle();
    let campaign = json!({
        "name": "a", "kind": "alert", "lists": [text(&list, "/id")], "message": { "sender": "ENVOL", "text": "a" }
    });
    let (_, campaign) = cloud.api("POST", "/campaigns", &key, Some(campaign));
    let campaign = text(&campaign, "/id");
    let (status, answer) = cloud.api("POST", &format!("/campaigns/{campaign}/validate"), &key, None);
    assert_eq!(status, 200, "{answer}");
    let report = cloud.admin(&["--json", "doctor"]).json(5);
    let found = report["findings"].as_array().unwrap().iter().find(|one| one["subject"] == "dispatch").unwrap();
    assert!(text(found, "/finding").contains(&campaign), "{found}");
}
