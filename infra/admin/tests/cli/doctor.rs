//! The doctor reports problems precisely, and none in a healthy deployment.

use aws::files::{FileKey, Files};
use domain::campaign::Campaign;
use domain::ids::{AccountId, CampaignId};
use domain::standstill::Progress;
use jiff::SignedDuration;
use serde_json::{Value as Json, json};
use support::Clock;

use crate::cloud::{Cloud, text};

/// Findings that are not `ok`: area and subject.
fn unhealthy(report: &Json) -> Vec<(String, String)> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings.filter(|one| one["verdict"] != "ok").map(|one| (text(one, "/area"), text(one, "/subject"))).collect()
}

#[test]
fn a_new_installation_is_healthy() {
    let cloud = Cloud::start();
    let said = cloud.admin(&["--json", "doctor"]);
    let report = said.json(0);
    assert_eq!((unhealthy(&report), &report["healthy"]), (vec![], &Json::Bool(true)), "{report:#}");
    for area in ["tables", "queues", "bucket", "web", "campaigns"] {
        assert!(report["findings"].as_array().unwrap().iter().any(|one| one["area"] == area), "{area}");
    }
    let said = cloud.admin(&["doctor"]);
    assert!(said.out.ends_with("everything is as it should be\n"), "{}", said.out);
}

#[test]
fn a_missing_table_and_a_dead_letter_are_found() {
    let cloud = Cloud::start();
    let (table, queue) = (cloud.name("LinksTable"), cloud.name("BatchesDeadLetters"));
    cloud.with(async |sdk| {
        aws::sdk::dynamodb(sdk).delete_table().table_name(&table).send().await.unwrap();
        aws::sdk::sqs(sdk).send_message().queue_url(&queue).message_body("x").send().await.unwrap();
    });
    let report = cloud.admin(&["--json", "doctor"]).json(5);
    let found = unhealthy(&report);
    for (area, subject) in [("tables", "LinksTable"), ("queues", "BatchesDeadLetters")] {
        assert!(found.contains(&(area.into(), subject.into())), "{found:?}");
    }
    assert_eq!(report["healthy"], false);
    let said = cloud.admin(&["doctor"]);
    assert_eq!(said.code, 5);
    assert!(said.out.contains("WRONG  tables LinksTable") && said.out.contains("dlq redrive batches"), "{}", said.out);
}

#[test]
fn an_api_that_does_not_answer_is_found() {
    let cloud = Cloud::start();
    // A port that was just free has no listener.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let report = cloud.admin(&["--json", "doctor", "--api-url", &format!("http://{free}")]).json(5);
    assert_eq!(unhealthy(&report), [("web".into(), "API".into()), ("web".to_owned(), "console".to_owned())]);
}

#[test]
fn a_campaign_that_dispatch_does_not_check_is_found() {
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

/// A campaign that sends one message an hour, so that it keeps running; its account.
fn slow_campaign(cloud: &Cloud) -> (AccountId, CampaignId) {
    let key = text(&cloud.ready, "/api_key");
    let (_, list) =
        cloud.api("POST", "/lists", &key, Some(json!({ "name": "a", "values": ["0612345678", "0612345679"] })));
    cloud.settle();
    let campaign = json!({
        "name": "a", "kind": "alert", "lists": [text(&list, "/id")], "message": { "sender": "ENVOL", "text": "a" },
        "schedule": { "pace_per_hour": 1 }
    });
    let (_, campaign) = cloud.api("POST", "/campaigns", &key, Some(campaign));
    let campaign = text(&campaign, "/id");
    let (status, answer) = cloud.api("POST", &format!("/campaigns/{campaign}/validate"), &key, None);
    assert_eq!(status, 200, "{answer}");
    cloud.settle();
    (text(&cloud.ready, "/account_id").parse().unwrap(), campaign.parse().unwrap())
}

/// The doctor's findings about a campaign.
fn of_campaign(cloud: &Cloud, id: &CampaignId) -> Vec<String> {
    let report = cloud.admin(&["--json", "doctor"]).json(5);
    let findings = report["findings"].as_array().unwrap().iter();
    findings.filter(|one| text(one, "/subject").contains(id.as_str())).map(|one| text(one, "/finding")).collect()
}

#[test]
fn a_campaign_without_progress_is_found_and_shown() {
    let cloud = Cloud::start();
    let (account, id) = slow_campaign(&cloud);
    assert_eq!(cloud.admin(&["doctor"]).code, 0);
    let (store, since) = (cloud.store(), Clock::System.now() - SignedDuration::from_mins(20));
    cloud.with(async |_| {
        let store = store.account(&account);
        let campaign = store.campaign(&id).await.unwrap().unwrap();
        let progress = Some(Progress { done: 1, at: since, is_waiting: false });
        store.put_campaign(Campaign { progress, ..campaign }).await.unwrap();
    });
    let said = of_campaign(&cloud, &id);
    assert!(said.len() == 1 && said[0].starts_with("stands still since"), "{said:?}");
    let shown = cloud.json(&["campaign", "show", account.as_str(), id.as_str()]);
    assert!(shown["stands_still_since"].is_string(), "{shown}");
    assert!(cloud.admin(&["campaign", "list"]).out.contains("sending (stands still)"));
}

#[test]
fn a_campaign_without_its_audience_file_is_found() {
    let cloud = Cloud::start();
    let (account, id) = slow_campaign(&cloud);
    let bucket = cloud.name("Bucket");
    cloud.with(async |sdk| {
        let file = FileKey::Audience { account: account.clone(), campaign: id.clone() };
        Files::new(aws::sdk::s3(sdk), &bucket).delete(&file).await.unwrap();
    });
    let said = of_campaign(&cloud, &id);
    assert!(said.len() == 1 && said[0].contains("the file with its recipients is gone"), "{said:?}");
    let message = format!("{}.{}.1", account.tail(), id.tail());
    let shown = cloud.admin(&["--json", "message", "show", &message]);
    assert!(shown.err.contains("the audience file of") && shown.json(0)["recipient"]["phone"].is_null(), "{shown:?}");
}
