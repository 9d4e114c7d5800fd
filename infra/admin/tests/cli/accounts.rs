//! Accounts: created, listed, shown, changed.

use serde_json::json;

use crate::cloud::{Cloud, text};

#[test]
fn an_account_is_created_listed_shown_and_changed() {
    let cloud = Cloud::start();
    let create = ["account", "create", "--name", "Été", "--stop-code", "36105", "--sender", "ETE", "--credits", "500"];
    let made = cloud.json(&create);
    assert_eq!((text(&made, "/name"), text(&made, "/default_sender")), ("Été".into(), "ETE".into()));
    assert_eq!(made["credits"], json!({ "mode": "limited", "balance": 500, "reserved": 0 }));
    assert_eq!(made["sending_window"]["days"].as_array().unwrap().len(), 6);
    let id = text(&made, "/id");

    let listed = cloud.json(&["account", "list"]);
    let names: Vec<_> = listed["items"].as_array().unwrap().iter().map(|item| text(item, "/name")).collect();
    assert_eq!(names, ["Démo", "Été"]);
    let table = cloud.admin(&["account", "list"]);
    assert!(table.out.starts_with("ACCOUNT ") && table.out.contains(&id), "{}", table.out);

    let window = ["--days", "monday,tuesday", "--from", "09:00", "--to", "23:00", "--holidays", "true"];
    let changed = cloud.json(&[&["account", "set", &id, "--name", "Hiver"], window.as_slice()].concat());
    assert_eq!(text(&changed, "/name"), "Hiver");
    let expected = json!({
        "days": ["monday", "tuesday"], "from": "09:00", "to": "23:00", "holidays": true, "alsace_moselle": false
    });
    assert_eq!(changed["sending_window"], expected, "the carrier is the sandbox, so the night is open");

    let shown = cloud.json(&["account", "show", &id]);
    assert_eq!((&shown["users"], &shown["movements"][0]["about"]), (&json!(0), &json!("opening balance")));
    let done: Vec<_> = cloud.audit(&id).into_iter().map(|(by, action)| format!("{by} {action}")).collect();
    let expected = ["operator:ada account.changed", "operator:ada credits.added", "operator:ada account.created"];
    assert_eq!(done, expected);
}

#[test]
fn all_errors_in_settings_are_reported_and_nothing_is_created() {
    let cloud = Cloud::start();
    let wrong = ["account", "create", "--name", " ", "--stop-code", "36 105", "--time-zone", "Europe/Lutetia"];
    let refused = cloud.admin(&wrong);
    refused.refuses(4, "STOP code");
    assert!(refused.err.contains("IANA") && refused.err.contains("a name has"), "{}", refused.err);
    assert_eq!(cloud.json(&["account", "list"])["items"].as_array().unwrap().len(), 1);
    cloud.admin(&["account", "create", "--name", "a"]).refuses(2, "--stop-code");
    cloud.admin(&["account", "show", "acc_00000000000000000000"]).refuses(3, "there is no account");
    cloud.admin(&["account", "show", "Boutique"]).refuses(2, "acc_");
    let id = cloud.account(&[]);
    cloud.admin(&["account", "set", &id]).refuses(2, "--name");
    cloud.admin(&["account", "set", &id, "--from", "21:00"]).refuses(4, "begins before it ends");
}
