//! An account that leaves: its data is exported, all of it is removed, and other accounts are unchanged.

use serde_json::{Value as Json, json};

use crate::cloud::{Cloud, text};

/// An account with a user, a key, a list and a finished campaign with a link.
fn with_everything(cloud: &Cloud, email: &str) -> (String, String) {
    let id = cloud.account(&["--credits", "100"]);
    cloud.json(&["user", "create", &id, email]);
    let key = text(&cloud.json(&["key", "create", &id, "--name", "a", "--scopes", "read,write,send,admin"]), "/key");
    let (_, list) = cloud.api("POST", "/lists", &key, Some(json!({ "name": "a", "values": ["0612345678"] })));
    cloud.settle();
    let campaign = json!({
        "name": "a", "kind": "alert", "lists": [text(&list, "/id")],
        "message": {
            "sender": "ENVOL", "text": "a {{lien}}", "links": [{ "name": "lien", "url": "https://example.com/" }]
        }
    });
    let (_, campaign) = cloud.api("POST", "/campaigns", &key, Some(campaign));
    let campaign = text(&campaign, "/id");
    let (status, answer) = cloud.api("POST", &format!("/campaigns/{campaign}/validate"), &key, None);
    assert_eq!(status, 200, "{answer}");
    (id, campaign)
}

#[test]
fn an_account_that_leaves_takes_everything_but_its_hashes() {
    let cloud = Cloud::start();
    let (id, campaign) = with_everything(&cloud, "jeanne@example.com");
    cloud.settle();
    let to = cloud.folder.path().join("export");
    let to = to.to_str().unwrap();
    let counted = cloud.json(&["account", "export", &id, "--to", to]);
    let items = std::fs::read_to_string(format!("{to}/items.jsonl")).unwrap();
    assert_eq!(counted["items"], items.lines().count());
    for found in [campaign.as_str(), "jeanne@example.com", "Boutique", "granted", "key.created"] {
        assert!(items.contains(found), "{found} is missing");
    }
    assert!(!items.contains("argon2") && !items.contains("secret_sha256"), "a hash has left");
    assert!(items.lines().all(|line| serde_json::from_str::<Json>(line).is_ok()));
    let audience = std::fs::read_to_string(format!("{to}/files/campaigns/{campaign}/audience.csv")).unwrap();
    assert!(audience.contains("33612345678"), "{audience}");
    cloud.admin(&["account", "export", &id, "--to", to]).refuses(1, "cannot be written");
}

#[test]
fn nothing_of_a_removed_account_stays_and_others_keep_theirs() {
    let cloud = Cloud::start();
    let (other, kept) = with_everything(&cloud, "paul@example.com");
    let (id, campaign) = with_everything(&cloud, "jeanne@example.com");
    let remove = |name: &str| cloud.admin(&["--json", "account", "remove", &id, "--confirm", name]);
    remove("boutique").refuses(4, "is called \"Boutique\"");
    remove("Boutique").refuses(4, "campaign cancel");
    cloud.json(&["campaign", "cancel", &id, &campaign]);
    assert_eq!(remove("Boutique").json(0)["account"], json!(id));
    remove("Boutique").refuses(3, "there is no account");

    cloud.admin(&["user", "reset-password", "jeanne@example.com"]).refuses(3, "no user");
    assert_eq!(left_of(&cloud, &id), Vec::<String>::new());
    assert!(!left_of(&cloud, &other).is_empty());
    assert_eq!(text(&cloud.json(&["campaign", "show", &other, &kept]), "/id"), kept);
    cloud.json(&["user", "reset-password", "paul@example.com"]);
    cloud.json(&["user", "create", &other, "jeanne@example.com"]);
}

/// Everything in tables and bucket that names an account.
fn left_of(cloud: &Cloud, account: &str) -> Vec<String> {
    let tables = ["AccountsTable", "ListsTable", "CampaignsTable", "LinksTable"].map(|logical| cloud.name(logical));
    let bucket = cloud.name("Bucket");
    cloud.with(async |sdk| {
        let mut left = Vec::new();
        let db = aws::sdk::dynamodb(sdk);
        for table in &tables {
            let items = db.scan().table_name(table).send().await.unwrap().items.unwrap_or_default();
            left.extend(items.iter().map(|item| format!("{item:?}")).filter(|item| item.contains(account)));
        }
        let files = aws::sdk::s3(sdk).list_objects_v2().bucket(&bucket).send().await.unwrap();
        left.extend(files.contents().iter().filter_map(|file| file.key().map(str::to_owned)));
        left.retain(|one| one.contains(account));
        left
    })
}
