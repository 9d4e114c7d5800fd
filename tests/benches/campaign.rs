//! Measures whole campaigns on an installation as `cargo local` runs it, from validation to the last receipt: time, CPU
//! per message, requests and units of the embedded cloud, memory. Each size runs in its own process. `cargo bench -p
//! stories --bench campaign -- [RECIPIENTS…]`; default sizes 100,000 and 1,000,000. Linux only.

mod running;
mod used;

use std::process::Command;
use std::time::Duration;

use local::cloud::{FileClass, Service};
use reqwest::Method;
use running::Installation;
use serde_json::{Value, json};
use used::{Spent, Used};

const SIZES: [u32; 2] = [100_000, 1_000_000];
/// Marks the process that measures one size.
const ONE: &str = "--one";

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments.first().is_some_and(|first| first == ONE) {
        let recipients = arguments.remove(1).parse().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        println!("{}", runtime.block_on(measure(recipients)));
        return;
    }
    let sizes: Vec<u32> = arguments.iter().map(|size| size.replace(['_', ','], "").parse().unwrap()).collect();
    let sizes = if sizes.is_empty() { SIZES.to_vec() } else { sizes };
    let mut by_size = Vec::new();
    for recipients in sizes {
        let figures = of_own_process(recipients);
        print(recipients, &figures);
        by_size.push(figures["cpu_us_a_message"].as_f64().unwrap());
    }
    if let [first, .., last] = by_size[..] {
        println!("CPU a message, last size against first: {:.2}", last / first);
    }
}

fn of_own_process(recipients: u32) -> Value {
    let own = std::env::current_exe().unwrap();
    let mut command = Command::new(own);
    let output = command.args([ONE, &recipients.to_string()]).stderr(std::process::Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "{recipients} recipients: {}", output.status);
    serde_json::from_slice(&output.stdout).unwrap()
}

async fn measure(recipients: u32) -> Value {
    let installation = Installation::start().await;
    let begun = Used::now();
    let list = installation.list(recipients).await;
    let imported = Used::now().since(begun);
    let campaign = installation.campaign(&list).await;
    let cloud = installation.running.machine().cloud().clone();
    cloud.forget_peaks();
    forget_peak_memory();
    let (before, asked_before) = (Used::now(), cloud.requests());
    installation.ask(Method::POST, &format!("/campaigns/{campaign}/validate"), json!({})).await;
    let all = u64::from(recipients);
    let counts = async |name: &str| installation.sandbox().await[name].as_u64() == Some(all);
    installation.until(async || counts("messages").await).await;
    let handed_over = Used::now().since(before);
    installation.until(async || counts("delivered").await).await;
    let stats = format!("/campaigns/{campaign}/stats");
    installation.until(async || installation.get(&stats).await["delivered"].as_u64() == Some(all)).await;
    let spent = Used::now().since(before);
    let asked = cloud.requests().since(&asked_before);
    installation
        .until(async || installation.get(&format!("/campaigns/{campaign}")).await["status"] == "finished")
        .await;
    let finished = Used::now().since(before);
    let memory = peak_memory();
    if std::env::var_os("REQUESTS").is_some() {
        eprintln!("{asked}");
    }
    let peak = asked.peak_write_units_per_second();
    let figures = json!({
        "import_s": imported.wall.as_secs_f64(),
        "import_cpu_us": each(imported.cpu(), recipients),
        "handed_over_s": handed_over.wall.as_secs_f64(),
        "delivered_s": spent.wall.as_secs_f64(),
        "finished_s": finished.wall.as_secs_f64(),
        "cpu_us_a_message": each(spent.cpu(), recipients),
        "user_us": each(spent.user, recipients),
        "system_us": each(spent.system, recipients),
        "switches": switches(spent, recipients),
        "write_units": asked.write_units(),
        "read_units": asked.read_units(),
        "peak_write_units": peak.map_or(0.0, |peak| peak.units.get()),
        "peak_on": peak.map(|peak| peak.on.0.clone()),
        "table_requests": asked.of_service(Service::DynamoDb),
        "queue_requests": asked.billed_by_queues(),
        "file_writes": asked.of_class(FileClass::Write),
        "file_reads": asked.of_class(FileClass::Read),
        "memory_mb": memory as f64 / 1e6,
    });
    installation.running.stop().await.unwrap();
    figures
}

fn each(time: Duration, recipients: u32) -> f64 {
    time.as_secs_f64() * 1e6 / f64::from(recipients)
}

fn switches(spent: Spent, recipients: u32) -> f64 {
    spent.switches as f64 / f64::from(recipients)
}

fn print(recipients: u32, figures: &Value) {
    let n = |name: &str| figures[name].as_f64().unwrap_or(0.0);
    println!("{recipients} recipients");
    println!("  import            {:8.1} s, {:.1} µs CPU a row", n("import_s"), n("import_cpu_us"));
    println!("  handed over after {:8.1} s", n("handed_over_s"));
    println!(
        "  delivered after   {:8.1} s ({:.0} messages/s)",
        n("delivered_s"),
        f64::from(recipients) / n("delivered_s")
    );
    println!("  finished after    {:8.1} s", n("finished_s"));
    let (cpu, user, system) = (n("cpu_us_a_message"), n("user_us"), n("system_us"));
    println!(
        "  CPU a message     {cpu:8.1} µs (user {user:.1}, system {system:.1}; {:.3} context switches)",
        n("switches")
    );
    let millions = f64::from(recipients) / 1e6;
    println!(
        "  write units       {:8.0} a million messages, at most {} a second of one key ({})",
        n("write_units") / millions,
        n("peak_write_units"),
        figures["peak_on"].as_str().unwrap_or("none")
    );
    println!("  read units        {:8.0} a million messages", n("read_units") / millions);
    println!(
        "  requests          {:8.0} DynamoDB, {:.0} SQS, {:.0} S3 writes, {:.0} S3 reads a million messages",
        n("table_requests") / millions,
        n("queue_requests") / millions,
        n("file_writes") / millions,
        n("file_reads") / millions
    );
    println!("  memory            {:8.0} MB at most", n("memory_mb"));
}

/// Resets `peak_memory`.
fn forget_peak_memory() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// The peak memory of this process, in bytes.
fn peak_memory() -> u64 {
    used::status(std::path::Path::new("/proc/self/status"), "VmHWM") * 1024
}
