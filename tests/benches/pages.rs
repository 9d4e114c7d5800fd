//! Measures the cost of viewing a large campaign: its statistics and the table of its recipients, while it is sent and
//! afterwards, over the API. `cargo bench -p stories --bench pages -- [RECIPIENTS]`, 1,000,000 by default. Linux only.

mod running;
mod used;

use std::time::{Duration, Instant};

use reqwest::Method;
use running::Installation;
use serde_json::json;
use used::Used;

const RECIPIENTS: u32 = 1_000_000;
const ROUNDS: u32 = 20;

fn main() {
    let size = std::env::args().skip(1).find(|argument| argument != "--bench");
    let recipients = size.map_or(RECIPIENTS, |size| size.replace(['_', ','], "").parse().unwrap());
    tokio::runtime::Runtime::new().unwrap().block_on(measure(recipients));
}

async fn measure(recipients: u32) {
    let installation = Installation::start().await;
    let list = installation.list(recipients).await;
    let campaign = installation.campaign(&list).await;
    let path = format!("/campaigns/{campaign}");
    installation.ask(Method::POST, &format!("{path}/validate"), json!({})).await;
    let half = u64::from(recipients) / 2;
    let messages = async || installation.sandbox().await["messages"].as_u64().unwrap();
    installation.until(async || messages().await >= half).await;
    installation.ask(Method::POST, &format!("{path}/pause"), json!({})).await;
    let is_delivered = async || {
        let counts = installation.sandbox().await;
        counts["messages"] == counts["delivered"]
    };
    installation.until(is_delivered).await;
    println!("{recipients} recipients, paused at {}", messages().await);
    look(&installation, &path).await;
    installation.ask(Method::POST, &format!("{path}/resume"), json!({})).await;
    installation.until(async || installation.get(&path).await["status"] == "finished").await;
    println!("finished");
    look(&installation, &path).await;
    installation.running.stop().await.unwrap();
}

async fn look(installation: &Installation, campaign: &str) {
    for page in [
        "",
        "/stats",
        "/recipients?limit=50",
        "/recipients?limit=50&outcome=delivered",
        "/recipients?limit=50&outcome=failed",
    ] {
        let path = format!("{campaign}{page}");
        let (before, mut times) = (Used::now(), Vec::new());
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            installation.get(&path).await;
            times.push(begun.elapsed());
        }
        let spent = Used::now().since(before);
        times.sort_unstable();
        println!(
            "  {:<40} {:>8.1} ms, {:>8.1} ms CPU; {} rounds in {:.1} s, {} switches",
            page,
            ms(times[times.len() / 2]),
            ms(spent.cpu() / ROUNDS),
            ROUNDS,
            spent.wall.as_secs_f64(),
            spent.switches
        );
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
