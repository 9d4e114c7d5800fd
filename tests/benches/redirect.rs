//! Measures redirects with their clicks on the queue, on two cores including visitors and queue: `cargo bench -p
//! stories --bench redirect`. Fails beyond its limits.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::{Duration, Instant};

use app::Start;
use app::config::Table;
use aws::store::{LinkRange, LinkTarget};
use domain::links::LinkKey;
use local::cloud::{Credentials, Data, LocalCloud, Options};
use local::template::{self, StackContext, Template};
use redirect::{App, router};
use support::Clock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const VISITS: u64 = 300_000;
/// Connections, each with one visit at a time.
const VISITORS: u64 = 32;
const MIN_PER_SECOND: f64 = 10_000.0;
const MAX_P99: Duration = Duration::from_millis(10);
const AGENT: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                     Version/17.5 Mobile/15E148 Safari/604.1";

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let (cloud, start) = cloud().await?;
    let link_key = start.make(|resources| Some(resources.lookup.link_key()))?;
    let app = App::new(&start)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(axum::serve(listener, router(app)).into_future());

    let before = cloud.requests();
    let begun = Instant::now();
    let visitors = (0..VISITORS).map(|visitor| tokio::spawn(visit(address, link_key.clone(), visitor)));
    let mut times = Vec::new();
    for visitor in visitors.collect::<Vec<_>>() {
        times.extend(visitor.await??);
    }
    let per_second = times.len() as f64 / begun.elapsed().as_secs_f64();
    times.sort_unstable();
    let p99 = times[times.len() * 99 / 100];
    let asked = cloud.requests().since(&before);
    println!("{} redirects: {per_second:.0}/s, p99 {p99:?}, {} requests to AWS", times.len(), asked.total());
    if per_second >= MIN_PER_SECOND && p99 <= MAX_P99 {
        Ok(())
    } else {
        Err(format!("below {MIN_PER_SECOND}/s or beyond {MAX_P99:?}").into())
    }
}

async fn visit(address: std::net::SocketAddr, key: LinkKey, visitor: u64) -> std::io::Result<Vec<Duration>> {
    let mut socket = TcpStream::connect(address).await?;
    socket.set_nodelay(true)?;
    let (mut times, mut answer) = (Vec::new(), [0; 4096]);
    for visit in (visitor..VISITS).step_by(VISITORS as usize) {
        let code = key.encode(visit % 100_000);
        let request = format!(
            "GET /{code} HTTP/1.1\r\nhost: e.nv\r\nuser-agent: {AGENT}\r\nx-forwarded-for: 203.0.113.{}\r\n\r\n",
            visit % 256
        );
        let begun = Instant::now();
        socket.write_all(request.as_bytes()).await?;
        let mut read = 0;
        while !answer[..read].ends_with(b"\r\n\r\n") {
            read += socket.read(&mut answer[read..]).await?;
        }
        times.push(begun.elapsed());
        assert!(answer.starts_with(b"HTTP/1.1 302"), "{}", String::from_utf8_lossy(&answer[..read]));
    }
    Ok(times)
}

/// A cloud with one link of 100,000 numbers.
async fn cloud() -> Result<(LocalCloud, Start), Box<dyn Error>> {
    let strings = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let context = StackContext {
        region: "eu-west-3".into(),
        account: "000000000000".into(),
        stack: "envol".into(),
        cloud_url: "http://127.0.0.1:3002".into(),
        api_urls: strings(&[("HttpApi", "http://127.0.0.1:3000"), ("ShortApi", "http://127.0.0.1:3001")]),
        parameters: strings(&[("Carrier", "sandbox")]),
        secrets: strings(&[
            ("link_key", &"ab".repeat(32)),
            ("fingerprint_key", &"ab".repeat(32)),
            ("webhook_key", "4567"),
            ("authorization", ""),
            ("callback_token", "t"),
            ("callback_secret", "s"),
        ]),
    };
    let template = Template::read(template::TEXT, &context)?;
    let options = Options {
        data: Data::Memory,
        clock: Clock::System,
        credentials: Credentials { access_key: "AKLOCALTEST".into(), secret_key: "secret".into() },
        region: context.region.clone(),
        account: context.account.clone(),
        port: 3002,
    };
    let cloud = LocalCloud::open(options, &template).await?;
    let environment = template.functions["redirect"].environment.clone().into();
    let start = Start { sdk: cloud.sdk_config(), environment, clock: Clock::System };
    let range = LinkRange {
        first: 0,
        count: 100_000,
        account: "acc_01hqxz0000000000000a".parse()?,
        campaign: "cmp_01hqxz0000000000000b".parse()?,
        name: "lien".into(),
        index: 0,
        target: LinkTarget::Url("https://example.com/soldes".into()),
        expires_at: None,
        fallback_url: None,
    };
    start.make(|resources| Some(resources.store(&[Table::Links])))?.put_link_range(&range).await?;
    Ok((cloud, start))
}
