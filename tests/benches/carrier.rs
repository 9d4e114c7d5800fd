//! Measures the hand-over of 1,000,000 messages to a bulk carrier on loopback, including the carrier, its memory, its
//! restart, and a million receipts back: `cargo bench -p stories --bench carrier`. Fails beyond its limits.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use carrier::{Carrier, HttpSettings, Submission};
use domain::ids::{AccountId, CampaignId};
use domain::message_id::{Addressee, MessageId};
use domain::phone::PhoneNumber;
use domain::segments::Encoding;
use local::sandbox::{CallbackSettings, Delays, Sandbox, Settings};
use support::Clock;
use tokio::net::TcpListener;

const MESSAGES: u32 = 1_000_000;
/// Messages per call.
const WINDOW: u32 = 500;
/// Concurrent batches, as `CarrierSessions` allows.
const SESSIONS: u32 = 5;
const MIN_PER_SECOND: f64 = 30_000.0;
/// Memory of the whole process once the carrier stores all messages.
const MAX_MEGABYTES: f64 = 300.0;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let clock = Clock::manual("2026-03-02T12:00:00Z".parse()?);
    let sandbox = open(dir.path(), clock.clone()).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/messages", listener.local_addr()?);
    let serving = tokio::spawn(axum::serve(listener, sandbox.router()).into_future());
    let carrier = Carrier::from_name("sandbox", HttpSettings::new(url))?;

    let begun = Instant::now();
    let sessions = (0..SESSIONS).map(|session| tokio::spawn(hand_over(carrier.clone(), session)));
    for session in sessions.collect::<Vec<_>>() {
        session.await?;
    }
    let per_second = f64::from(MESSAGES) / begun.elapsed().as_secs_f64();
    let megabytes = resident_megabytes()?;
    let taken = sandbox.stats();
    println!("handed over {} messages: {per_second:.0}/s; {megabytes:.0} MB", taken.accepted);
    assert_eq!(taken.accepted, u64::from(MESSAGES));
    serving.abort();
    drop(sandbox);

    let begun = Instant::now();
    let sandbox = open(dir.path(), clock.clone()).await?;
    println!("restarted in {:.2} s", begun.elapsed().as_secs_f64());

    clock.advance(Duration::from_secs(10));
    let begun = Instant::now();
    let delivered = sandbox.deliver_due(clock.now()).await;
    let rate = delivered.receipts as f64 / begun.elapsed().as_secs_f64();
    println!("delivered {} receipts in {} calls: {rate:.0}/s", delivered.receipts, delivered.calls);
    assert_eq!((delivered.receipts, delivered.failed_calls), (MESSAGES as usize, 0));

    let is_within = per_second >= MIN_PER_SECOND && megabytes <= MAX_MEGABYTES;
    if is_within { Ok(()) } else { Err(format!("below {MIN_PER_SECOND}/s or beyond {MAX_MEGABYTES} MB").into()) }
}

/// The sandbox, with a receiver of its callbacks.
async fn open(dir: &Path, clock: Clock) -> Result<Sandbox, Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/", listener.local_addr()?);
    let receiver = axum::Router::new().route("/", axum::routing::post(async |_: axum::body::Bytes| StatusCode::OK));
    tokio::spawn(axum::serve(listener, receiver).into_future());
    let callback = CallbackSettings { url, secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse()? };
    let delays = Delays { first: Duration::from_secs(1), spread: Duration::from_secs(2) };
    Ok(Sandbox::open(Settings { callback: Some(callback), delays, ..Settings::new(dir, clock) })?)
}

/// Hands over every `SESSIONS`-th batch.
async fn hand_over(carrier: Carrier, session: u32) {
    let account = AccountId::new(jiff::Timestamp::UNIX_EPOCH, [1; 6]);
    let campaign = CampaignId::new(jiff::Timestamp::UNIX_EPOCH, [2; 6]);
    for batch in (session..MESSAGES / WINDOW).step_by(SESSIONS as usize) {
        let messages: Vec<_> = (batch * WINDOW..(batch + 1) * WINDOW)
            .filter_map(|index| {
                Some(Submission {
                    id: MessageId::new(&account, &campaign, Addressee::Recipient(index)),
                    from: "MABOUTIQUE",
                    // One phone each, whose last two digits are 10 to 99: all are delivered.
                    to: PhoneNumber::from_digits(33_600_000_010 + u64::from(index / 90 * 100 + index % 90))?,
                    text: format!(
                        "Bonjour Marie, -20 % sur tout jusqu'à dimanche avec le code HIVER{index} : \
                         https://e.nv/Ab12Cd34 STOP au 36105"
                    )
                    .into(),
                    encoding: Encoding::Gsm7,
                    segments: 1,
                })
            })
            .collect();
        let report = carrier.submit(&messages).await;
        assert!(report.error.is_none() && report.answers.len() == WINDOW as usize, "{:?}", report.error);
    }
}

fn resident_megabytes() -> Result<f64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(resident.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
}
