//! Credits: added once per reference, set, unlimited; each with a ledger entry.

use serde_json::json;

use crate::cloud::{Cloud, text};

#[test]
fn an_addition_is_made_once_for_its_reference() {
    let cloud = Cloud::start();
    let id = cloud.account(&[]);
    let add = |credits: &str, reference: &str| {
        cloud.admin(&["--json", "account", "credits", "add", &id, credits, "--id", reference, "--note", "Facture"])
    };
    let balance = |balance: u64| json!({ "mode": "limited", "balance": balance, "reserved": 0 });
    let first = add("1000", "F-118").json(0);
    assert_eq!((&first["credits"], &first["changed"]), (&balance(1000), &json!(true)));
    let again = add("1000", "F-118");
    assert!(again.err.contains("F-118 was added already"), "{}", again.err);
    assert_eq!((&again.json(0)["credits"], &again.json(0)["changed"]), (&balance(1000), &json!(false)));
    add("2000", "F-118").refuses(4, "stands for 1000 credits");
    assert_eq!(add("1", "F-119").json(0)["credits"], balance(1001));
    add("0", "F-120").refuses(2, "0");
    add("-5", "F-120").refuses(2, "-5");
    let ledger = cloud.json(&["account", "credits", "ledger", &id]);
    let lines: Vec<_> = ledger["items"].as_array().unwrap().iter().map(|line| text(line, "/about")).collect();
    assert_eq!(lines, ["Facture (F-119)", "Facture (F-118)"]);
    let added = cloud.audit(&id).into_iter().filter(|(_, action)| action == "credits.added").count();
    assert_eq!(added, 2);
}

#[test]
fn a_balance_is_set_and_the_ledger_shows_the_difference() {
    let cloud = Cloud::start();
    let id = cloud.account(&["--credits", "300"]);
    let set = |credits: &str| cloud.json(&["account", "credits", "set", &id, credits, "--note", "inventaire"]);
    assert_eq!(set("120")["credits"]["balance"], 120);
    assert_eq!(set("120")["changed"], false);
    assert_eq!(set("0")["credits"]["balance"], 0);
    let ledger = cloud.json(&["account", "credits", "ledger", &id]);
    let line = |at: usize| (ledger["items"][at]["kind"].clone(), ledger["items"][at]["credits"].clone());
    assert_eq!((line(0), line(1)), ((json!("withdrawn"), json!(120)), (json!("withdrawn"), json!(180))));
}

#[test]
fn an_unlimited_account_has_no_balance_to_add_to() {
    let cloud = Cloud::start();
    let id = cloud.account(&["--unlimited"]);
    let add = ["account", "credits", "add", &id, "5", "--id", "a"];
    cloud.admin(&add).refuses(4, "credits set");
    assert_eq!(cloud.json(&["account", "credits", "unlimited", &id])["changed"], false);
    assert_eq!(cloud.json(&["account", "credits", "set", &id, "7"])["credits"]["mode"], "limited");
    assert_eq!(cloud.json(&add)["credits"]["balance"], 12);
    assert_eq!(cloud.json(&["account", "credits", "unlimited", &id])["credits"]["mode"], "unlimited");
}
