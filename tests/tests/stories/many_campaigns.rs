//! An account with many old campaigns: they add no cost to current views.

use domain::campaign::{Campaign, Settings, Status};
use domain::ids::CampaignId;
use futures_util::{StreamExt, TryStreamExt};
use jiff::SignedDuration;
use serde_json::json;
use stories::Harness;
use support::random;

/// Enough for several pages of a query, few enough to be made in seconds.
const PAST: u32 = 250;

/// Campaigns that were finished a week ago.
async fn past(harness: &Harness) {
    let (store, at) = (harness.store.account(&harness.account), harness.now() - SignedDuration::from_hours(24 * 7));
    let make = |number: u32| {
        let store = &store;
        let at = at + SignedDuration::from_secs(i64::from(number));
        let id = CampaignId::new(at, random::bytes());
        let settings = Settings { name: format!("Ancienne {number}"), ..Settings::default() };
        let draft = Campaign::draft(harness.account.clone(), id, settings, "story".into(), at);
        async move {
            let draft = store.put_campaign(draft).await?;
            let over = Campaign { status: Status::Finished, finished_at: Some(at), ..draft };
            store.put_campaign(over).await.map(drop)
        }
    };
    futures_util::stream::iter((0..PAST).map(make)).buffer_unordered(16).try_collect::<()>().await.unwrap();
}

/// Drafts made now.
async fn drafts(harness: &Harness, count: u32) {
    let (store, now) = (harness.store.account(&harness.account), harness.now());
    let draft = |number: u32| {
        let settings = Settings { name: format!("Brouillon {number}"), ..Settings::default() };
        let id = CampaignId::new(now, random::bytes());
        store.put_campaign(Campaign::draft(harness.account.clone(), id, settings, "story".into(), now))
    };
    futures_util::stream::iter((0..count).map(draft)).buffer_unordered(16).try_collect::<Vec<_>>().await.unwrap();
}

/// AWS requests that an API request needs, and the number of items it returns.
async fn asked(harness: &Harness, path: &str) -> (u64, usize) {
    let before = harness.machine.cloud().requests().total();
    let page = harness.get(path).await.expect(200);
    (harness.machine.cloud().requests().total() - before, page.body["items"].as_array().unwrap().len())
}

#[tokio::test]
async fn finished_campaigns_cost_the_current_view_nothing() {
    let harness = Harness::new().await;
    for name in ["Une", "Deux"] {
        harness.campaign(json!({ "name": name })).await;
    }
    let fresh = asked(&harness, "/v1/campaigns?view=current").await;
    past(&harness).await;
    // The first request removes the projections of finished campaigns.
    assert_eq!(asked(&harness, "/v1/campaigns?view=current").await.1, 2);
    for path in ["view=current", "view=current&q=deux", "status=draft", "status=sending"] {
        let (requests, _) = asked(&harness, &format!("/v1/campaigns?{path}")).await;
        assert!(requests <= fresh.0, "{path}: {requests} requests, {} before", fresh.0);
    }
    // Searching one name among all: reads the names, and the campaign found.
    assert_eq!(asked(&harness, "/v1/campaigns?view=all&q=ANCIENNE%20177").await, (fresh.0, 1));
    let (requests, found) = asked(&harness, "/v1/campaigns?view=all&q=anc&limit=50").await;
    assert!(requests <= fresh.0 && found == 50, "{requests} requests for {found}");
    // Checking whether a list is used reads no finished campaign.
    let list = harness.list("a", stories::contacts(crate::numbers(0..3))).await;
    let before = harness.machine.cloud().requests().total();
    harness.delete(&format!("/v1/lists/{list}")).await.expect(204);
    assert!(harness.machine.cloud().requests().total() - before <= 12);
    // And all pages together are complete.
    let (mut seen, mut path) = (0, "/v1/campaigns?view=all&q=ancienne&limit=200".to_owned());
    loop {
        let page = harness.get(&path).await.expect(200);
        seen += page.body["items"].as_array().unwrap().len();
        match page.body["next"].as_str() {
            Some(next) => path = format!("/v1/campaigns?view=all&q=ancienne&limit=200&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, PAST as usize);
    harness.end().await;
}

#[tokio::test]
async fn a_status_costs_the_same_however_many_drafts_there_are() {
    let harness = Harness::new().await;
    let list = harness.list("Clients", stories::contacts(crate::numbers(0..3))).await;
    let message = json!({ "text": "Bonjour", "stop": true });
    let later = json!({ "at": "2026-12-15T10:00:00" });
    let ready =
        harness.campaign(json!({ "name": "Prête", "lists": [list], "message": message, "schedule": later })).await;
    harness.validate(&ready).await;
    let paths =
        ["status=ready", "status=ready&q=pret", "view=current&status=ready", "status=draft&limit=50", "status=paused"];
    let ask = async |path: &str| asked(&harness, &format!("/v1/campaigns?{path}")).await;
    let mut before = Vec::new();
    for path in paths {
        before.push(ask(path).await.0);
    }
    drafts(&harness, 1_000).await;
    for (path, before) in paths.into_iter().zip(before) {
        let (requests, found) = ask(path).await;
        let expected = match path {
            "status=draft&limit=50" => 50,
            "status=paused" => 0,
            _ => 1,
        };
        assert_eq!(found, expected, "{path}");
        assert!(requests <= before + 1, "{path}: {requests} requests, {before} before there were drafts");
    }
    // All pages together are complete, and campaigns that are no longer drafts are missing.
    let (mut seen, mut path) = (std::collections::HashSet::new(), "/v1/campaigns?status=draft&limit=200".to_owned());
    loop {
        let page = harness.get(&path).await.expect(200);
        let items = page.body["items"].as_array().unwrap();
        assert!(items.iter().all(|item| seen.insert(item["id"].as_str().unwrap().to_owned())), "none twice");
        match page.body["next"].as_str() {
            Some(next) => path = format!("/v1/campaigns?status=draft&limit=200&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 1_000);
    harness.command(&ready, "edit").await.expect(200);
    assert_eq!((ask("status=ready").await.1, ask("status=draft&q=PRET").await.1), (0, 1));
    harness.delete(&format!("/v1/campaigns/{ready}")).await.expect(204);
    assert_eq!(ask("status=draft&q=pret").await.1, 0);
    harness.end().await;
}

#[tokio::test]
async fn a_campaign_is_found_by_its_present_name() {
    let harness = Harness::new().await;
    let campaign = harness.campaign(json!({ "name": "Été" })).await;
    let named = async |name: &str| asked(&harness, &format!("/v1/campaigns?q={name}")).await.1;
    assert_eq!((named("ete").await, named("hiver").await), (1, 0));
    harness.patch(&format!("/v1/campaigns/{campaign}"), json!({ "name": "Hiver" })).await.expect(200);
    assert_eq!((named("ete").await, named("hiver").await), (0, 1));
    harness.delete(&format!("/v1/campaigns/{campaign}")).await.expect(204);
    assert_eq!(named("hiver").await, 0);
    harness.settle().await;
    assert_eq!(named("hiver").await, 0);
    harness.end().await;
}

#[tokio::test]
async fn only_the_requested_period_is_read() {
    let harness = Harness::new().await;
    past(&harness).await;
    harness.campaign(json!({ "name": "Une" })).await;
    // A week ago, 09:00:10 to 09:00:20: ten campaigns, one per second.
    let (requests, found) = asked(&harness, "/v1/campaigns?from=2026-11-24T09:00:10Z&to=2026-11-24T09:00:20Z").await;
    assert!(requests <= 5, "{requests} requests");
    assert_eq!(found, 10);
    harness.end().await;
}

#[tokio::test]
async fn a_reply_finds_its_campaign_however_many_drafts_are_newer() {
    let harness = Harness::new().await;
    let list = harness.list("Clients", stories::contacts(crate::numbers(0..3))).await;
    let message = json!({ "text": "Bonjour", "stop": true });
    let campaign = harness.campaign(json!({ "name": "Partie", "lists": [list], "message": message })).await;
    harness.validate(&campaign).await;
    harness.until(&campaign, "finished").await;
    harness.skip(std::time::Duration::from_secs(60)).await;
    drafts(&harness, PAST).await;
    let to = harness.messages(&campaign).await.remove(0).to;
    let before = harness.machine.cloud().requests().total();
    harness.reply(&to, "36105", "Merci").await;
    let requests = harness.machine.cloud().requests().total() - before;
    assert!(requests <= 25, "{requests} requests for one reply");
    let replies = harness.get(&format!("/v1/campaigns/{campaign}/replies")).await.expect(200);
    assert_eq!(replies.text("items.0.text"), "Merci");
    harness.end().await;
}
