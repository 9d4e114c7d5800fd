//! The console's pages in an account with much data: small enough for a phone, and each in one language.

use std::collections::BTreeSet;

use stories::{Crowd, Harness, pages};

/// Largest page with every file that it loads, as sent.
const BYTES_MAX: usize = 60_000;

#[tokio::test]
async fn every_page_weighs_less_than_60_kb_with_a_thousand_campaigns_and_500_lists() {
    let harness = Harness::new().await;
    let crowd = harness.crowd(1_000, 500).await;
    for (name, path) in pages(&crowd) {
        let answer = harness.page(&path, &crowd.cookie).await;
        assert_eq!((answer.status, answer.header("content-encoding")), (200, "gzip"), "{name} ({path})");
        let mut size = answer.bytes.len();
        for asset in stories::assets(&answer.unpacked()) {
            size += harness.page(&asset, &crowd.cookie).await.expect(200).bytes.len();
        }
        assert!(size < BYTES_MAX, "{name} weighs {size} bytes");
    }
    harness.end().await;
}

/// Texts that are equal in both languages, or are data.
const SAME: &[&str] = &[
    "Envol",
    "Contacts",
    "Message",
    "Actions",
    "Menu",
    "Webhooks",
    "Webhooks · Envol",
    "Description",
    "Total",
    "Date",
    "Tiny URL",
    "Marketing",
    "STOP",
    "ENVOL",
];

/// What is read on a page, or by a screen reader: text, and attributes with text.
fn texts(page: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for piece in page.split('<').skip(1) {
        let Some((tag, text)) = piece.split_once('>') else { continue };
        if !tag.starts_with("script") && !tag.starts_with("option") {
            found.insert(text.trim().to_owned());
        }
        for name in ["aria-label=\"", "title=\"", "placeholder=\""] {
            found.extend(tag.split(name).nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned));
        }
    }
    // Words of four letters and more; figures, dates and symbols are formats, which have their own tests.
    found.retain(|text| text.split(|letter: char| !letter.is_alphabetic()).any(|word| word.chars().count() >= 4));
    found
}

#[tokio::test]
async fn no_text_is_the_same_in_french_and_english_except_names() {
    let harness = Harness::new().await;
    let crowd = harness.crowd(6, 3).await;
    let mut paths = pages(&crowd);
    paths.extend([("connexion", "/signin".to_owned()), ("introuvable", "/nowhere".to_owned())]);
    paths.push(("supprimer", format!("/campaigns/{}/confirm/delete", crowd.draft)));
    paths.push(("modifier une liste", format!("/lists/{}/edit", crowd.list)));
    let mut leaks = BTreeSet::new();
    for (name, path) in paths {
        let mut both = Vec::new();
        for language in ["fr", "en"] {
            let cookie = format!("{}; envol_language={language}", crowd.cookie);
            let page = harness.page(&path, &cookie).await.unpacked();
            assert!(page.contains(&format!("<html lang=\"{language}\">")), "{name} is not in {language}");
            both.push(texts(&page));
        }
        let is_data = |text: &&String| {
            SAME.contains(&text.as_str()) || stories::CROWD_WORDS.iter().any(|word| text.contains(word))
        };
        let same = both[0].intersection(&both[1]).filter(|text| !is_data(text));
        leaks.extend(same.map(|text| format!("{name}: {text}")));
    }
    assert!(leaks.is_empty(), "the same in both languages: {leaks:#?}");
    harness.end().await;
}

/// Every page of a table, from `path` on, by following the links to the next one.
async fn followed(harness: &Harness, crowd: &Crowd, path: &str) -> Vec<String> {
    let (mut next, mut pages) = (Some(path.to_owned()), Vec::new());
    while let Some(path) = next.take() {
        let page = harness.page(&path, &crowd.cookie).await.unpacked();
        let link = page.split("href=\"").find(|link| link.contains(">Page suivante<"));
        next = link.and_then(|link| link.split('"').next()).map(|link| link.replace("&amp;", "&"));
        pages.push(page);
        assert!(pages.len() < 20, "the pages do not end");
    }
    pages
}

#[tokio::test]
async fn tables_show_every_row_once_page_by_page() {
    let harness = Harness::new().await;
    let crowd = harness.crowd(130, 70).await;
    // Half of the campaigns were finished yesterday.
    for (path, row, rows, count) in [
        ("/campaigns", "<tr id=\"row-cmp_", 65, 2),
        ("/campaigns?q=RELANCE", "<tr id=\"row-cmp_", 65, 2),
        ("/lists", "<tr id=\"row-lst_", 70, 2),
        ("/lists?q=agence", "<tr id=\"row-lst_", 69, 2),
        ("/statistics", "<td class=\"name\"", 65, 2),
    ] {
        let pages = followed(&harness, &crowd, path).await;
        let shown: Vec<_> = pages.iter().flat_map(|page| page.split(row).skip(1)).collect();
        let named: BTreeSet<_> = shown.iter().filter_map(|row| row.split("</td>").next()).collect();
        assert_eq!((shown.len(), named.len(), pages.len()), (rows, rows, count), "{path}");
    }
    let statistics = harness.page("/statistics", &crowd.cookie).await.unpacked();
    assert!(statistics.contains("1 à 50 sur 65"), "{statistics}");
    assert!(statistics.contains("780\u{202f}000"), "the period's sum counts every page: {statistics}");
    harness.end().await;
}

#[tokio::test]
async fn results_stay_in_the_statistics_until_the_campaign_is_deleted() {
    let harness = Harness::new().await;
    let crowd = harness.crowd(4, 3).await;
    let list = harness.list("Trois", stories::contacts((1..4).map(|number| format!("060000000{number}")))).await;
    let message = serde_json::json!({ "text": "Orages", "sender": "MAIRIE" });
    let wanted = serde_json::json!({ "name": "Météo", "kind": "alert", "lists": [list], "message": message });
    let campaign = harness.campaign(wanted).await;
    harness.validate(&campaign).await;
    let row = format!("<a href=\"/statistics/{campaign}\">Météo</a>");
    let today = || harness.page("/statistics", &crowd.cookie);
    harness.until(&campaign, "finished").await;
    assert!(today().await.unpacked().contains(&row));
    let other = harness.page("/statistics?from=2020-01-01&to=2020-02-01", &crowd.cookie).await.unpacked();
    assert!(!other.contains(&row));
    harness.delete(&format!("/v1/campaigns/{campaign}")).await.expect(204);
    assert!(!today().await.unpacked().contains(&row));
    harness.end().await;
}
