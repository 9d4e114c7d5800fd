//! Measures a burst of STOPs: one for each recipient of a campaign, in a few callbacks, with the latency of AWS on each
//! request to the embedded cloud. `cargo bench -p stories --bench stops -- [STOPS]`, 16,000 by default.

mod running;

use std::time::{Duration, Instant};

use domain::signature::{ID_HEADER, SIGNATURE_HEADER, Secret, TIMESTAMP_HEADER};
use reqwest::Method;
use running::Installation;
use serde_json::json;

const STOPS: u32 = 16_000;
const REPLIES_PER_CALLBACK: usize = 8_000;
const LATENCY: Duration = Duration::from_millis(10);

fn main() {
    let size = std::env::args().skip(1).find(|argument| argument != "--bench");
    let stops = size.map_or(STOPS, |size| size.replace(['_', ','], "").parse().unwrap());
    tokio::runtime::Runtime::new().unwrap().block_on(measure(stops));
}

async fn measure(stops: u32) {
    let installation = Installation::start().await;
    let list = installation.list(stops).await;
    let campaign = installation.campaign(&list).await;
    let path = format!("/campaigns/{campaign}");
    installation.ask(Method::POST, &format!("{path}/validate"), json!({})).await;
    let all = u64::from(stops);
    installation.until(async || installation.sandbox().await["delivered"].as_u64() == Some(all)).await;

    let machine = installation.running.machine();
    let cloud = machine.cloud();
    cloud.delay(LATENCY);
    let begun = Instant::now();
    for part in running::phones(stops).collect::<Vec<_>>().chunks(REPLIES_PER_CALLBACK) {
        call_back(&installation, part).await;
    }
    println!("{stops} STOPs, {} ms a request: taken after {:.1} s", LATENCY.as_millis(), begun.elapsed().as_secs_f64());
    // Counted after they are excluded. Reading all exclusions meanwhile would be most of the work.
    installation.until(async || installation.get(&format!("{path}/stats")).await["stops"].as_u64() == Some(all)).await;
    println!("all are excluded and counted after {:.1} s", begun.elapsed().as_secs_f64());
    let account = installation.get("/account").await["id"].as_str().unwrap().parse().unwrap();
    let excluded = stories::store(machine).account(&account).all_decisions().await.unwrap().len();
    assert_eq!(excluded, stops as usize);
    let waiting = machine.waiting().await.unwrap();
    let dead: Vec<_> = waiting.iter().filter(|(queue, _)| queue.contains("Dead")).collect();
    assert!(dead.is_empty(), "dead letters: {dead:?}");
    installation.running.stop().await.unwrap();
}

/// A callback of the carrier, signed.
async fn call_back(installation: &Installation, phones: &[String]) {
    let machine = installation.running.machine();
    let (setup, now) = (machine.setup(), machine.clock().now());
    let reply = |from: &String| json!({ "from": from, "to": "36105", "text": "STOP", "at": now });
    let body = json!({ "receipts": [], "replies": phones.iter().map(reply).collect::<Vec<_>>() }).to_string();
    let secret: Secret = setup.secrets.callback_secret.parse().unwrap();
    let id = format!("msg_{}", phones[0].trim_start_matches('+'));
    let call = reqwest::Client::new().post(setup.callback_url()).header("content-type", "application/json");
    let call = call.header(SIGNATURE_HEADER, secret.sign(&id, now, body.as_bytes()));
    let call = call.header(TIMESTAMP_HEADER, now.as_second()).header(ID_HEADER, id).body(body);
    let answer = call.send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
}
