//! Measures every page of the console in an account of 1,000 campaigns and 500 lists: response time, including tables
//! and gateway of the embedded cloud, compared with reading those campaigns in the same run; and size on the wire.
//! `cargo bench -p stories --bench console`. Fails beyond 100 ms or 60 KB.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use stories::{Crowd, Harness, pages};

const CAMPAIGNS: usize = 1_000;
const LISTS: usize = 500;
const ROUNDS: usize = 15;
const MAX: Duration = Duration::from_millis(100);
const BYTES_MAX: usize = 60_000;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let is_within = runtime.block_on(measure());
    assert!(is_within, "beyond {MAX:?} or {BYTES_MAX} bytes");
}

async fn measure() -> bool {
    let harness = Harness::new().await;
    let crowd = harness.crowd(CAMPAIGNS, LISTS).await;
    let store = harness.store.account(&harness.account);
    let mut reading = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        assert_eq!(store.campaigns(None, usize::MAX).await.unwrap().items.len(), CAMPAIGNS);
        reading.push(begun.elapsed());
    }
    let reading = median(reading);
    println!("reading {CAMPAIGNS} campaigns: {:.1} ms\n", ms(reading));
    println!("{:<20} {:>8} {:>10} {:>10} {:>12}", "page", "ms", "× reading", "page KB", "with assets");
    let mut is_within = true;
    let mut assets = BTreeMap::new();
    for (name, path) in pages(&crowd) {
        let mut times = Vec::new();
        let mut page = String::new();
        let mut size = 0;
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            let answer = harness.page(&path, &crowd.cookie).await.expect(200);
            times.push(begun.elapsed());
            size = answer.bytes.len();
            page = answer.unpacked();
        }
        let (time, weight) = (median(times), size + weigh(&harness, &crowd, &page, &mut assets).await);
        let ratio = time.as_secs_f64() / reading.as_secs_f64();
        println!("{name:<20} {:>8.1} {ratio:>10.2} {:>10.1} {:>12.1}", ms(time), kb(size), kb(weight));
        is_within &= time <= MAX && weight <= BYTES_MAX;
    }
    harness.end().await;
    is_within
}

/// Size of the files that a page loads, as sent.
async fn weigh(harness: &Harness, crowd: &Crowd, page: &str, known: &mut BTreeMap<String, usize>) -> usize {
    let mut sum = 0;
    for path in stories::assets(page) {
        if !known.contains_key(&path) {
            let size = harness.page(&path, &crowd.cookie).await.expect(200).bytes.len();
            known.insert(path.clone(), size);
        }
        sum += known[&path];
    }
    sum
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn kb(size: usize) -> f64 {
    size as f64 / 1e3
}
