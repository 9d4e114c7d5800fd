//! Compares what the carrier knows with what Envol reports about the same campaign.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use stories::Installation;
use stories::peer::{Peer, fate};

use crate::round::RECIPIENTS;

/// Messages whose receipts may arrive after the end: two calls.
const TOO_LATE_MAX: usize = 1_000;

/// Checks a finished campaign: no recipient got two messages, none was skipped, and report, statistics and credits
/// match the carrier. Messages in doubt are counted as `unknown`.
pub async fn check(running: &Installation, peer: Option<&Peer>, campaign: &str) {
    let truth = match peer {
        Some(peer) => taken(peer, campaign),
        None => submitted(running, campaign).await,
    };
    let reported = report(running, campaign).await;
    assert_eq!(reported.len(), RECIPIENTS as usize, "recipients of the report");
    let mut too_late = 0;
    for phone in numbers().map(|number| e164(&number)) {
        let (known, said) = (truth.get(&phone).copied(), reported[&phone].as_str());
        let is_right = match known {
            Some(outcome) if said == outcome => true,
            // Its answer was lost and it was the campaign's last: the receipt came after the end.
            Some(_) => {
                too_late += 1;
                peer.is_some() && said == "unknown"
            }
            // The carrier never accepted it, and its answer was lost.
            None => peer.is_some() && (said == "unknown" || said == "rejected" && fate(&phone) == "rejected"),
        };
        assert!(is_right, "{phone} is {known:?} and {said} in the report");
    }
    let stats = running.get(&format!("/v1/campaigns/{campaign}/stats")).await;
    for outcome in ["delivered", "failed", "expired", "rejected", "unknown"] {
        let count = reported.values().filter(|said| *said == outcome).count();
        assert_eq!(stats[outcome], json!(count), "{outcome} in {stats}");
    }
    assert_eq!((&stats["pending"], &stats["excluded"]), (&json!(0), &json!(0)), "{stats}");
    let charged = reported.values().filter(|said| *said != "rejected").count();
    let credits = running.get(&format!("/v1/campaigns/{campaign}")).await["credits"].clone();
    assert_eq!(number(&credits["used"]), charged as u64, "{credits}, {stats}");
    assert_eq!(number(&credits["used"]) + number(&credits["given_back"]), number(&credits["reserved"]), "{credits}");
    let account = running.get("/v1/account").await;
    assert_eq!(account["credits"]["reserved"], json!(0), "{account}");
    assert!(too_late <= TOO_LATE_MAX, "{too_late} were taken and are unknown, though their receipts came");
    println!("{} delivered, {} unknown, of which {too_late} were taken", stats["delivered"], stats["unknown"]);
}

/// Numbers of every fate of a carrier, except the one without a receipt, which takes three days.
pub fn numbers() -> impl Iterator<Item = String> {
    (0..RECIPIENTS).map(|n| format!("06{:06}{:02}", n, if n % 100 == 5 { 10 } else { n % 100 }))
}

fn e164(national: &str) -> String {
    format!("+33{}", &national[1..])
}

/// The outcome of each message that the peer accepted. Fails if a number got two.
fn taken(peer: &Peer, campaign: &str) -> BTreeMap<String, &'static str> {
    let mut truth = BTreeMap::new();
    for taken in peer.taken(campaign) {
        let to = taken.message.to;
        let outcome = fate(&to);
        assert!(truth.insert(to.clone(), outcome).is_none(), "{to} got two messages");
    }
    truth
}

/// The outcome of each message of the sandbox. Fails if a number got two, or none.
async fn submitted(running: &Installation, campaign: &str) -> BTreeMap<String, &'static str> {
    let mut truth = BTreeMap::new();
    for message in running.messages(campaign).await {
        let to = message["to"].as_str().unwrap().to_owned();
        let outcome = fate(&to);
        assert_eq!(message["status"], outcome, "{message}");
        assert!(truth.insert(to.clone(), outcome).is_none(), "{to} got two messages");
    }
    assert_eq!(truth.len(), RECIPIENTS as usize, "a number was skipped");
    truth
}

/// The outcome of each number in the campaign's report.
async fn report(running: &Installation, campaign: &str) -> BTreeMap<String, String> {
    let file = running.download(&format!("/v1/campaigns/{campaign}/report")).await;
    let rows = file.lines().skip(1).map(|row| row.split(';'));
    let cell = |row: &mut std::str::Split<'_, char>| row.next().unwrap().to_owned();
    // An apostrophe keeps the number from being a formula.
    rows.map(|mut row| (cell(&mut row).trim_start_matches('\'').to_owned(), cell(&mut row))).collect()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no number"))
}
