//! Contact files as people really have them.

use serde_json::json;
use stories::Harness;

#[tokio::test]
async fn a_windows_file_with_a_header_duplicates_and_invalid_rows_is_read_and_reported() {
    let harness = Harness::new().await;
    let text = "Prénom;Téléphone mobile;Ville\r\n\
        Anaïs;06 12 34 56 78;Orléans\r\n\
        Zoé;+33 (0)6 12 34 56 79;\"Saint\r\nDenis\"\r\n\
        Doublon;0612345678;Paris\r\n\
        \r\n\
        Fixe;01 42 00 00 00;Paris\r\n\
        Excel;3,36E+10;Paris\r\n\
        Zéro perdu;612345670;Paris\r\n\
        Réunion;0692 12 34 56;Saint-Pierre\r\n\
        Vide;;Paris\r\n";
    let list = harness.upload("Été", windows_1252(text)).await;
    assert_eq!(list.text("status"), "ready", "{}", list.body);
    let report = list.value("report");
    for (name, expected) in [("rows", 8), ("contacts", 4), ("duplicates", 1), ("invalid", 3), ("excluded", 0)] {
        assert_eq!(report[name], expected, "{name} in {report}");
    }
    assert_eq!(report["phone_column"], json!({"index": 1, "name": "Téléphone mobile"}));
    assert_eq!((&report["delimiter"], &report["header"]), (&json!(";"), &json!(true)));
    assert_eq!(report["by_territory"], json!({"FR": 3, "RE": 1}));
    let rejects = harness.download(&format!("/v1/lists/{}/rejects", list.text("id"))).await;
    let rejects = String::from_utf8(rejects.to_vec()).unwrap();
    for (line, reason) in [(7, "landline"), (8, "scientific_notation"), (11, "empty")] {
        let row = rejects.lines().find(|row| row.starts_with(&format!("{line};")));
        assert!(row.is_some_and(|row| row.ends_with(reason)), "line {line}: {rejects}");
    }
    let contacts = harness.get(&format!("/v1/lists/{}/contacts", list.text("id"))).await.expect(200);
    assert_eq!(contacts.text("items.0.phone"), "+33612345670");
    let fields = contacts.body["items"].as_array().unwrap().iter().map(|item| item["fields"]["Prénom"].clone());
    assert!(fields.collect::<Vec<_>>().contains(&json!("Anaïs")), "{}", contacts.body);
    harness.end().await;
}

/// Windows-1252, for characters that it has.
fn windows_1252(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect()
}

#[tokio::test]
async fn files_without_contacts_fail_with_a_reason_and_change_nothing() {
    let harness = Harness::new().await;
    for (name, file, reason) in [
        ("vide", "".to_owned(), "empty_file"),
        ("sans numéros", "nom;ville\nAnna;Paris\nBob;Lyon\n".to_owned(), "no_phone_column"),
    ] {
        let list = harness.upload(name, file).await;
        assert_eq!((list.text("status"), list.text("failure.code")), ("failed".into(), reason.into()), "{}", list.body);
    }
    harness.end().await;
}

#[tokio::test]
async fn another_phone_column_imports_again() {
    let harness = Harness::new().await;
    let list = harness.list("Deux", "portable;bureau\n0612345678;0731111111\n0612345679;0731111112\n").await;
    assert_eq!(harness.get(&format!("/v1/lists/{list}")).await.body["report"]["phone_column"]["index"], 0);
    harness.patch(&format!("/v1/lists/{list}"), json!({"phone_column": "bureau"})).await.expect(200);
    harness.settle().await;
    let list = harness.get(&format!("/v1/lists/{list}")).await.expect(200);
    assert_eq!((list.text("status"), list.number("report.phone_column.index")), ("ready".into(), 1), "{}", list.body);
    let contacts = harness.get(&format!("/v1/lists/{}/contacts", list.text("id"))).await.expect(200);
    assert_eq!(contacts.text("items.0.phone"), "+33731111111");
    harness.end().await;
}
