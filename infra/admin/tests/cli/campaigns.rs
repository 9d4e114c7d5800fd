//! Campaigns: listed, shown, paused and resumed.

use serde_json::json;

use crate::cloud::{Cloud, text};

#[test]
fn a_campaign_is_found_and_invalid_commands_are_refused() {
    let cloud = Cloud::start();
    let id = cloud.account(&["--credits", "10"]);
    let made = cloud.json(&["key", "create", &id, "--name", "a", "--scopes", "read,write,send"]);
    let key = text(&made, "/key");
    assert_eq!(cloud.json(&["campaign", "list"])["items"], json!([]));
    let (status, campaign) = cloud.api("POST", "/campaigns", &key, Some(json!({ "name": "Soldes" })));
    assert_eq!(status, 201);
    let campaign = text(&campaign, "/id");
    for list in [vec!["campaign", "list"], vec!["campaign", "list", &id, "--all"]] {
        let listed = cloud.json(&list);
        assert_eq!(
            (text(&listed, "/items/0/id"), text(&listed, "/items/0/status")),
            (campaign.clone(), "draft".into())
        );
    }
    let shown = cloud.json(&["campaign", "show", &id, &campaign]);
    assert_eq!((&shown["progress"]["total"], &shown["credits"]["reserved"]), (&json!(0), &json!(0)));
    cloud.admin(&["campaign", "pause", &id, &campaign]).refuses(4, "a campaign that is draft cannot be paused");
    cloud.admin(&["campaign", "show", &id, "cmp_00000000000000000000"]).refuses(3, "there is no campaign");
    let other = cloud.account(&[]);
    cloud.admin(&["campaign", "show", &other, &campaign]).refuses(3, "there is no campaign");
}

#[test]
fn a_sending_campaign_is_paused_and_resumed() {
    let cloud = Cloud::start();
    let (id, key) = (text(&cloud.ready, "/account_id"), text(&cloud.ready, "/api_key"));
    let numbers: Vec<_> = (0..40).map(|n| format!("06123456{n:02}")).collect();
    let (_, list) = cloud.api("POST", "/lists", &key, Some(json!({ "name": "a", "values": numbers })));
    let list = text(&list, "/id");
    cloud.settle();
    let campaign = json!({
        "name": "a", "kind": "alert", "lists": [list],
        "message": { "sender": "ENVOL", "text": "Bonjour" }, "schedule": { "pace_per_hour": 100 }
    });
    let (_, campaign) = cloud.api("POST", "/campaigns", &key, Some(campaign));
    let campaign = text(&campaign, "/id");
    let (status, answer) = cloud.api("POST", &format!("/campaigns/{campaign}/validate"), &key, None);
    assert_eq!(status, 200, "{answer}");
    cloud.settle();
    // With a pace of a hundred an hour, some are handed over and most are not.
    assert_eq!(cloud.json(&["campaign", "show", &id, &campaign])["status"], "sending");
    let paused = cloud.json(&["campaign", "pause", &id, &campaign]);
    assert_eq!((text(&paused, "/status"), text(&paused, "/pause_reason")), ("paused".into(), "user".into()));
    let resumed = cloud.json(&["campaign", "resume", &id, &campaign]);
    assert_eq!(text(&resumed, "/status"), "sending");
    let (_, audit) = cloud.api("GET", "/account/audit?limit=2", &key, None);
    let by = |at: usize| (text(&audit["items"][at], "/by"), text(&audit["items"][at], "/action"));
    assert_eq!(by(0), ("operator:ada".into(), "campaign.resumed".into()));
    assert_eq!(by(1), ("operator:ada".into(), "campaign.paused".into()));
}
