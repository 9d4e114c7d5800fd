//! A message, from its campaign to its receipt.

use serde_json::json;

use crate::cloud::{Cloud, text};

#[test]
fn a_message_is_followed_by_its_id() {
    let cloud = Cloud::start();
    let (account, key) = (text(&cloud.ready, "/account_id"), text(&cloud.ready, "/api_key"));
    let (_, list) =
        cloud.api("POST", "/lists", &key, Some(json!({ "name": "a", "values": ["0612345610", "0612345611"] })));
    cloud.settle();
    let campaign = json!({
        "name": "Alerte", "kind": "alert", "lists": [text(&list, "/id")],
        "message": { "sender": "ENVOL", "text": "Bonjour" }
    });
    let (_, campaign) = cloud.api("POST", "/campaigns", &key, Some(campaign));
    let campaign = text(&campaign, "/id");
    let tail = |id: &str| id.split_once('_').unwrap().1.to_owned();
    let id = |deployment: &str| format!("{}.{}.{deployment}", tail(&account), tail(&campaign));

    let before = cloud.json(&["message", "show", &id("1")]);
    assert_eq!((text(&before, "/campaign"), &before["recipient"]), (campaign.clone(), &json!(null)));
    let (status, answer) = cloud.api("POST", &format!("/campaigns/{campaign}/validate"), &key, None);
    assert_eq!(status, 200, "{answer}");
    cloud.settle();

    let shown = cloud.json(&["message", "show", &id("1")]);
    let recipient = &shown["recipient"];
    assert_eq!((text(&shown, "/account"), text(&shown, "/campaign_name")), (account.clone(), "Alerte".into()));
    assert_eq!((text(recipient, "/phone"), text(recipient, "/territory")), ("+336******11".into(), "FR".into()));
    assert_eq!((text(recipient, "/outcome"), &recipient["segments"]), ("handed_over".into(), &json!(1)));
    assert_eq!((&recipient["batch"]["number"], &recipient["batch"]["index"]), (&json!(0), &json!(1)));
    assert!(recipient["is_released"] == true && recipient["handed_over_at"].is_string(), "{recipient}");
    let people = cloud.admin(&["message", "show", &id("1")]).out;
    assert!(people.contains("handed_over") && people.contains("campaign.id = cmp_"), "{people}");
    assert!(!people.contains("612345611"), "{people}");

    let revealed = cloud.json(&["message", "show", &id("1"), "--reveal"]);
    assert_eq!(text(&revealed, "/recipient/phone"), "+33612345611");
    let looked = ("operator:ada".to_owned(), "message.revealed".to_owned());
    assert_eq!(cloud.audit(&account).iter().filter(|entry| **entry == looked).count(), 1);

    assert_eq!(cloud.json(&["message", "show", &id("t7")])["is_test"], true);
    cloud.admin(&["message", "show", &id("2")]).refuses(3, "there is no recipient 2");
    cloud
        .admin(&["message", "show", &id("2").replacen(&tail(&account), "00000000000000000000", 1)])
        .refuses(3, "account");
    cloud.admin(&["message", "show", "abc"]).refuses(2, "not a message id");
}
