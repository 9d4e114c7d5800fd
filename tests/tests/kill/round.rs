//! One campaign, from its file to its statistics, with kills.

use std::cell::Cell;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use stories::peer::{Conduct, Peer, Random, Reaction, Receipts};
use stories::{Installation, binary, contacts, four_free_ports, until};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::truth;

pub const RECIPIENTS: u32 = 20_000;
/// After a kill everything continues within this time.
const RECOVERY: Duration = Duration::from_secs(110);
/// Until a process responds; other programs use this machine too.
const START: Duration = Duration::from_secs(300);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum With {
    Sandbox,
    /// A test carrier that does not deduplicate.
    Peer,
}

/// One campaign of the test.
pub struct Round {
    with: With,
    seed: u64,
    random: Random,
    folder: tempfile::TempDir,
    binary: PathBuf,
    options: Vec<String>,
    peer: Option<Peer>,
    /// The peer's server and its callbacks, until the round ends.
    _tasks: JoinSet<()>,
    /// `None` only between a kill and the next start.
    running: Option<Installation>,
    begun: Instant,
    kills: u32,
    longest_recovery: Duration,
}

impl Round {
    pub async fn begin(with: With, seed: u64) -> Self {
        let (binary, folder, mut random) = (binary(), tempfile::tempdir().unwrap(), Random(seed));
        let mut options = vec!["--port".to_owned(), four_free_ports().await.to_string()];
        let mut tasks = JoinSet::new();
        let peer = match with {
            With::Sandbox => None,
            With::Peer => Some(serve_peer(random.draw(), &mut options, &mut tasks).await),
        };
        let running = Installation::start(&binary, folder.path(), &options, START).await;
        if let Some(peer) = &peer {
            peer.calls_back(running.text("callback_url"), running.text("callback_secret"));
            tasks.spawn(peer.clone().run());
        }
        let running = Some(running);
        let (begun, kills, longest_recovery) = (Instant::now(), 0, Duration::ZERO);
        let new = Self {
            with,
            seed,
            random,
            folder,
            binary,
            options,
            peer,
            _tasks: tasks,
            running,
            begun,
            kills,
            longest_recovery,
        };
        new.say(&format!("KILL_SEED={seed}"));
        new
    }

    /// Runs the campaign. Each step is repeated after each kill, like by a client that got no response.
    pub async fn run(mut self) {
        let file = contacts(truth::numbers());
        let upload_again = Cell::new(true);
        let list = self
            .step("import", 2, 1_500, async |running| {
                let made = made(running, "/v1/lists", "list", json!({"name": "Clients"})).await;
                let path = format!("/v1/lists/{}", made["id"].as_str().unwrap());
                if upload_again.get() {
                    upload_again.set(!running.upload(&made, file.clone()).await);
                }
                until("the import", RECOVERY, || async {
                    (running.get(&path).await["status"] == "ready").then_some(())
                })
                .await;
                made["id"].as_str().unwrap().to_owned()
            })
            .await;
        // An alert, because this test runs at any hour of the real day.
        let settings = json!({"name": "Alerte", "kind": "alert", "lists": [list], "message": {
            "text": "Bonjour {{prenom}} : {{lien}}", "links": [{"name": "lien", "url": "https://example.com"}]}});
        let campaign = self
            .step("validation", 1, 400, async |running| {
                let made = made(running, "/v1/campaigns", "campaign", settings.clone()).await;
                let campaign = made["id"].as_str().unwrap().to_owned();
                while status_of(running, &campaign).await == "draft" {
                    let path = format!("/v1/campaigns/{campaign}/validate");
                    running.ask(Method::POST, &path, Some(json!({}))).await;
                }
                campaign
            })
            .await;
        self.misbehave();
        self.step("start", 1, 800, async |running| {
            until("the start", RECOVERY, || async { (status_of(running, &campaign).await != "ready").then_some(()) })
                .await;
            until("the first messages", RECOVERY, || async { (progress(running, &campaign).await > 0).then_some(()) })
                .await;
        })
        .await;
        self.send(&campaign).await;
        self.step("receipts", 2, 1_000, async |running| {
            until("the end", RECOVERY, || async { (status_of(running, &campaign).await == "finished").then_some(()) })
                .await;
        })
        .await;
        truth::check(self.running(), self.peer.as_ref(), &campaign).await;
        let (kills, longest, seed) = (self.kills, self.longest_recovery.as_secs(), self.seed);
        self.say(&format!("{kills} kills, longest recovery {longest} s (KILL_SEED={seed})"));
    }

    /// Sends everything, with kills, and a pause and a resume in between.
    async fn send(&mut self, campaign: &str) {
        for _ in 0..2 {
            self.kill_after("sending", 1_500).await;
        }
        self.step("pause and resume", 2, 500, async |running| {
            until("a pause or the end", RECOVERY, || command(running, campaign, "pause", "sending")).await;
            until("a resume or the end", RECOVERY, || command(running, campaign, "resume", "paused")).await;
        })
        .await;
        self.step("sending", 2, 1_500, async |running| {
            until("the hand-over", RECOVERY, || async {
                ["consolidating", "finished"].contains(&&*status_of(running, campaign).await).then_some(())
            })
            .await;
        })
        .await;
    }

    /// Runs a step; kills the process up to `kills` times at random moments within `within_ms` of its beginning, then
    /// lets it complete. The time after the last kill is the recovery.
    async fn step<T>(&mut self, name: &str, kills: u32, within_ms: u64, step: impl AsyncFn(&Installation) -> T) -> T {
        for _ in 0..kills {
            let fuse = self.fuse(within_ms);
            tokio::select! {
                done = step(self.running()) => return done,
                () = tokio::time::sleep(fuse) => self.kill(name, fuse).await,
            }
        }
        let since = Instant::now();
        let done = step(self.running()).await;
        let took = since.elapsed();
        if kills > 0 {
            self.say(&format!("{name} done {:.1} s after its last kill", took.as_secs_f64()));
            self.longest_recovery = self.longest_recovery.max(took);
        }
        done
    }

    /// Kills the process at a random moment.
    async fn kill_after(&mut self, name: &str, within_ms: u64) {
        let fuse = self.fuse(within_ms);
        tokio::time::sleep(fuse).await;
        self.kill(name, fuse).await;
    }

    fn fuse(&mut self, within_ms: u64) -> Duration {
        Duration::from_millis(self.random.below(within_ms + 1))
    }

    async fn kill(&mut self, name: &str, fuse: Duration) {
        self.kills += 1;
        self.running.take().unwrap().kill().await;
        self.misbehave();
        let since = Instant::now();
        self.running = Some(Installation::start(&self.binary, self.folder.path(), &self.options, START).await);
        let started = since.elapsed().as_secs_f64();
        self.say(&format!("killed in {name} after {} ms, started again in {started:.1} s", fuse.as_millis()));
    }

    fn say(&self, what: &str) {
        println!("{:>4} s {:?}: {what}", self.begun.elapsed().as_secs(), self.with);
    }

    fn running(&self) -> &Installation {
        self.running.as_ref().unwrap()
    }

    /// Makes some of the peer's next calls fail.
    fn misbehave(&mut self) {
        let Some(peer) = &self.peer else { return };
        let retry_after_seconds = None;
        let reactions = [
            Reaction::Answers,
            Reaction::TakesAndBreaks,
            Reaction::TakesHalfAndFails,
            Reaction::Throttles { retry_after_seconds },
            Reaction::Hangs,
        ];
        let mut wrong =
            || if self.random.below(6) == 0 { reactions[self.random.below(5) as usize] } else { reactions[0] };
        peer.next((0..6).map(|_| wrong()).collect::<Vec<_>>());
    }
}

/// Keeps the folder of a failed round for analysis.
impl Drop for Round {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.folder.disable_cleanup(true);
            self.say(&format!("KILL_SEED={} left {}", self.seed, self.folder.path().display()));
        }
    }
}

async fn serve_peer(seed: u64, options: &mut Vec<String>, tasks: &mut JoinSet<()>) -> Peer {
    let receipts = Receipts { spread: Duration::from_secs(4), again: true, of_a_call_max: 200, ..Receipts::default() };
    let conduct = Conduct { receipts, answers_in_any_order: true, ..Conduct::default() };
    let peer = Peer::new(conduct, support::Clock::System, seed);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    options.extend(["--carrier".to_owned(), format!("http://{}/messages", listener.local_addr().unwrap())]);
    let router = peer.router();
    tasks.spawn(async move { drop(axum::serve(listener, router).await) });
    peer
}

/// Creates something once, however often it is requested. A request that was killed holds its key for a minute.
async fn made(running: &Installation, path: &str, key: &str, body: Value) -> Value {
    until("the answer to a request with a key", RECOVERY, || async {
        let (status, made) = running.ask_once(Method::POST, path, key, Some(body.clone())).await;
        assert!(status == 201 || status == 409, "{status}: {made}");
        (status == 201).then_some(made)
    })
    .await
}

pub async fn status_of(running: &Installation, campaign: &str) -> String {
    let found = running.get(&format!("/v1/campaigns/{campaign}")).await;
    found["status"].as_str().unwrap().to_owned()
}

async fn progress(running: &Installation, campaign: &str) -> u64 {
    let found: Value = running.get(&format!("/v1/campaigns/{campaign}")).await;
    found["progress"]["handed_over"].as_u64().unwrap_or(0)
}

/// Sends a command while the campaign has the status `before`; `Some` once it has another.
async fn command(running: &Installation, campaign: &str, command: &str, before: &str) -> Option<()> {
    if status_of(running, campaign).await != before {
        return Some(());
    }
    running.ask(Method::POST, &format!("/v1/campaigns/{campaign}/{command}"), Some(json!({}))).await;
    None
}
