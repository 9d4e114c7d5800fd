//! Options of a list before and after its import: its sheet, its column, disabling it.

use serde_json::json;
use stories::{Harness, contacts};

use crate::numbers;

/// Three sheets: `Notes` without a number, `Clients` with two, `Prospects` with one.
const WORKBOOK: &[u8] = include_bytes!("../../files/three-sheets.xlsx");

#[tokio::test]
async fn a_sheet_is_chosen_by_its_name_and_all_sheets_are_listed() {
    let harness = Harness::new().await;
    let made = harness.post("/v1/lists", json!({ "name": "a", "sheet": "Clientes" })).await.expect(201);
    harness.put_upload(&made, WORKBOOK).await;
    harness.settle().await;
    let path = format!("/v1/lists/{}", made.text("id"));
    let failed = harness.get(&path).await.expect(200);
    assert_eq!((failed.text("status"), failed.text("failure.code")), ("failed".into(), "sheet_not_found".into()));
    assert_eq!(failed.value("failure.names"), &json!(["Notes", "Clients", "Prospects"]));
    for (sheet, count) in [("clients", 2), ("Prospects", 1)] {
        harness.patch(&path, json!({ "sheet": sheet })).await.expect(200);
        harness.settle().await;
        let list = harness.get(&path).await.expect(200);
        assert_eq!((list.text("status"), list.number("contacts")), ("ready".into(), count), "{}", list.body);
    }
    let text = harness.post("/v1/lists", json!({ "name": "b", "sheet": "Clients" })).await.expect(201);
    harness.put_upload(&text, contacts(numbers(0..3))).await;
    harness.settle().await;
    let text = harness.get(&format!("/v1/lists/{}", text.text("id"))).await.expect(200);
    assert_eq!(text.text("failure.code"), "no_workbook");
    harness.post("/v1/lists", json!({ "name": "c", "sheet": "x", "values": ["0600000010"] })).await.expect(422);
    harness.end().await;
}

#[tokio::test]
async fn a_disabled_list_blocks_every_draft_that_uses_it_until_it_is_enabled() {
    let harness = Harness::new().await;
    let list = harness.list("Clients", contacts(numbers(0..3))).await;
    let message = json!({ "text": "Bonjour", "stop": true });
    let campaign = harness.campaign(json!({ "name": "a", "lists": [list], "message": message })).await;
    let path = format!("/v1/lists/{list}");
    harness.patch(&path, json!({ "disabled": true })).await.expect(200);
    let estimate = harness.command(&campaign, "estimate").await.expect(200);
    assert_eq!(
        (estimate.text("blockers.0.code"), estimate.text("blockers.0.pointer")),
        ("list_not_ready".into(), "/lists/0".into())
    );
    harness.command(&campaign, "validate").await.expect(422);
    let chosen = harness.post("/v1/campaigns", json!({ "name": "b", "lists": [list] })).await;
    assert_eq!(chosen.expect(422).text("errors.0.code"), "list_disabled");
    // A list that it already uses may stay while something else is changed.
    harness.patch(&format!("/v1/campaigns/{campaign}"), json!({ "name": "c", "lists": [list] })).await.expect(200);
    harness.patch(&path, json!({ "disabled": false })).await.expect(200);
    harness.validate(&campaign).await;
    harness.until(&campaign, "finished").await;
    harness.end().await;
}
