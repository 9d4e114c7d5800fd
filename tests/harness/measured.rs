//! The cost of a campaign, counted from validation to the end, with receipts that arrive as phones are reached.

use std::time::Duration;

use domain::campaign::Status;
use local::cloud::{FileClass, Requests};
use serde_json::json;

use crate::peer::{Conduct, Receipts};
use crate::prices::{Counted, Runs};
use crate::{Harness, contacts};

/// Five pollers of Lambda with windows of five seconds append about one block of the journal per second.
const STEP: Duration = Duration::from_secs(1);
/// Time after the last message in which receipts arrive in quick succession.
const DENSE: Duration = Duration::from_secs(3_700);
/// Later, single receipts arrive now and then.
const SPARSE_STEP: Duration = Duration::from_secs(60);
/// What a local clock cannot measure: duration of a run on Lambda in seconds, and memory in MB. For `send`, the
/// duration is mostly the carrier's.
const LAMBDA: [(&str, f64, f64); 4] =
    [("send", 2.0, 512.0), ("track", 0.1, 512.0), ("dispatch", 0.2, 2_048.0), ("receipts", 0.01, 512.0)];

/// The counts of a campaign.
pub struct Measured {
    pub requests: Requests,
    pub counted: Counted,
    /// The most write units of one key within one second.
    pub peak: f64,
}

impl Measured {
    /// Counts a campaign with this many recipients and messages per second, whose receipts arrive in calls of this
    /// size, a moment after the messages; or one by one, as phones are reached.
    pub async fn campaign(recipients: u32, per_second: u32, receipts_of_a_call_max: usize) -> Self {
        let receipts = match receipts_of_a_call_max {
            1 => Receipts { as_phones_are: true, of_a_call_max: 1, ..Receipts::default() },
            of_a_call_max => Receipts { of_a_call_max, ..Receipts::default() },
        };
        let harness = Harness::with_peer_of_rate(Conduct { receipts, ..Conduct::default() }, Some(per_second)).await;
        let list =
            harness.list("Clients", contacts((0..recipients).map(|n| format!("06{:06}{}", n / 90, 10 + n % 90)))).await;
        let text = "Bonjour {{prenom}}, votre commande vous attend : {{lien}}";
        let message = json!({ "text": text, "links": [{ "name": "lien", "url": "https://example.com" }] });
        let settings = json!({ "name": "Mesure", "kind": "alert", "lists": [list], "message": message });
        let campaign = harness.campaign(settings).await;
        let cloud = harness.machine.cloud();
        cloud.forget_peaks();
        let (requests, runs) = (cloud.requests(), LAMBDA.map(|(function, ..)| harness.runs.of(function)));
        harness.validate(&campaign).await;
        let end = harness.now() + Duration::from_secs(80 * 3_600 + u64::from(recipients / per_second));
        while harness.peer().count() < recipients as usize {
            assert!(harness.now() < end, "{} of {recipients} are handed over", harness.peer().count());
            harness.pass_by(STEP, Duration::from_secs(10)).await;
        }
        harness.pass_by(STEP, DENSE).await;
        let (store, id) = (harness.store.account(&harness.account), campaign.parse().unwrap());
        while store.campaign(&id).await.unwrap().unwrap().status != Status::Finished {
            assert!(harness.now() < end, "it does not finish");
            harness.pass_by(SPARSE_STEP, Duration::from_secs(600)).await;
        }
        assert_eq!(harness.stats(&campaign).await["delivered"], json!(recipients));
        let requests = harness.machine.cloud().requests().since(&requests);
        let calls = harness.peer().receipt_calls();
        let counted = Counted {
            messages: f64::from(recipients),
            write_units: requests.write_units(),
            read_units: requests.read_units(),
            queue_requests: requests.billed_by_queues() as f64,
            file_writes: requests.of_class(FileClass::Write) as f64,
            file_reads: requests.of_class(FileClass::Read) as f64,
            http_requests: calls as f64,
            runs: std::iter::zip(LAMBDA, runs)
                .map(|((function, seconds_each, memory_mb), before)| {
                    let runs = if function == "receipts" { calls } else { harness.runs.of(function) - before };
                    Runs { function, runs: runs as f64, seconds_each, memory_mb }
                })
                .collect(),
        };
        let peak = requests.peak_write_units_per_second().map_or(0.0, |peak| peak.units.get());
        harness.end().await;
        Self { requests, counted, peak }
    }

    /// Write units for a million messages.
    pub fn write_units_a_million(&self) -> f64 {
        self.counted.write_units * 1e6 / self.counted.messages
    }
}
