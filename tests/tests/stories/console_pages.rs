//! The console's pages in an account in which much has gathered: light enough for a phone, and each in one language.

use std::collections::BTreeSet;

use stories::{World, pages};

/// A page with every file that it names, as it comes over the wire.
const OCTETS_MAX: usize = 60_000;

#[tokio::test]
async fn every_page_weighs_less_than_60_kb_with_a_thousand_campaigns_and_500_lists() {
    let world = World::new().await;
    let crowd = world.crowd(1_000, 500).await;
    for (name, path) in pages(&crowd) {
        let answer = world.page(&path, &crowd.cookie).await;
        assert_eq!((answer.status, answer.header("content-encoding")), (200, "gzip"), "{name} ({path})");
        let mut octets = answer.octets.len();
        for asset in stories::assets(&answer.unpacked()) {
            octets += world.page(&asset, &crowd.cookie).await.expect(200).octets.len();
        }
        assert!(octets < OCTETS_MAX, "{name} weighs {octets} octets");
    }
    world.end().await;
}

/// Texts that are right in both languages, or are somebody's data.
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

/// What a person reads or hears on a page: text, and the attributes that speak.
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
    // Words of four letters and more; figures, dates and marks are formats, which have tests of their own.
    found.retain(|text| text.split(|letter: char| !letter.is_alphabetic()).any(|word| word.chars().count() >= 4));
    found
}

#[tokio::test]
async fn no_page_says_the_same_in_french_and_english_but_names() {
    let world = World::new().await;
    let crowd = world.crowd(6, 3).await;
    let mut paths = pages(&crowd);
    paths.extend([("connexion", "/signin".to_owned()), ("introuvable", "/nowhere".to_owned())]);
    paths.push(("supprimer", format!("/campaigns/{}/confirm/delete", crowd.draft)));
    paths.push(("modifier une liste", format!("/lists/{}/edit", crowd.list)));
    let mut leaks = BTreeSet::new();
    for (name, path) in paths {
        let mut both = Vec::new();
        for language in ["fr", "en"] {
            let cookie = format!("{}; envol_language={language}", crowd.cookie);
            let page = world.page(&path, &cookie).await.unpacked();
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
    world.end().await;
}
