//! A harness for stories: all of Envol in this process, with a clock that the story advances.
//!
//! All parts are real: the functions behind the gateway of the template, the tables, bucket and queues of the embedded
//! cloud, and the sandbox, or a misbehaving peer, behind real HTTP. Nothing happens by itself; `pass` advances the
//! time, `settle` runs everything that is possible now. A story must call `end`, which requires empty queues.

mod account;
mod answer;
mod browser;
mod carrier;
mod crowd;
mod everything;
mod installation;
mod lists;
mod measured;
pub mod peer;
pub mod prices;
mod receiver;
mod with_peer;

use std::time::Duration;

use app::Start;
use aws::store::Store;
use bytes::Bytes;
use carrier::Carrier;
use domain::ids::AccountId;
use http::Request;
use local::machine::{Listeners, Setup};
use local::{Machine, template};
use serde_json::Value;

pub use account::{NewAccount, store};
pub use answer::Answer;
pub use browser::Browser;
pub use carrier::Sms;
pub use crowd::{CROWD_WORDS, Crowd, assets, pages};
pub use installation::{Installation, binary, four_free_ports, until};
pub use lists::contacts;
pub use measured::Measured;
pub use receiver::{Call, Receiver};

/// A Tuesday in winter, ten o'clock in Paris: every window of metropolitan France is open.
pub const TUESDAY: &str = "2026-12-01T09:00:00Z";
/// Step in which time passes.
const STEP: Duration = Duration::from_secs(2);
/// Seconds between two ticks of the schedules, as in the template.
const TICK_SECONDS: i64 = 60;
/// Longest wait of a story, in the harness's time.
const PATIENCE: Duration = Duration::from_secs(4 * 3_600);

pub struct Harness {
    pub machine: Machine,
    carrier: Carrier,
    pub store: Store,
    pub account: AccountId,
    key: String,
    /// Counts of a harness with a peer.
    runs: with_peer::Runs,
    /// The API for the carrier's callbacks, the carrier for our calls.
    sockets: [tokio::task::JoinHandle<()>; 2],
    has_ended: bool,
    _folder: tempfile::TempDir,
}

impl Harness {
    /// A harness on Tuesday at ten, with an unlimited account.
    pub async fn new() -> Self {
        Self::at(TUESDAY).await
    }

    /// A harness at another instant.
    pub async fn at(instant: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listeners = Listeners::bind(0).await.unwrap();
        let setup = Setup { ports: listeners.ports(), ..Setup::in_memory(instant.parse().unwrap()) };
        let carrier = Carrier::Sandbox(carrier::open(&setup, folder.path()));
        let machine = Machine::open(setup).await.unwrap();
        Self::open(folder, listeners, machine, carrier).await
    }

    async fn open(folder: tempfile::TempDir, listeners: Listeners, machine: Machine, carrier: Carrier) -> Self {
        // The carrier calls back over real HTTP.
        let sockets = [
            tokio::spawn(answer::forward(listeners.sockets.api, machine.clone())),
            tokio::spawn(carrier::serve(listeners.sandbox, carrier.router())),
        ];
        let store = account::store(&machine);
        let (account, key) = account::create(&store, &machine, NewAccount::default()).await;
        let runs = with_peer::Runs::default();
        Self { machine, carrier, store, account, key, runs, sockets, has_ended: false, _folder: folder }
    }

    /// Creates another account and uses its key from now on. Returns the previous account and key.
    pub async fn becomes(&mut self, new: NewAccount) -> (AccountId, String) {
        let (account, key) = account::create(&self.store, &self.machine, new).await;
        self.speaks_as((account, key))
    }

    /// Uses another account's key from now on.
    pub fn speaks_as(&mut self, (account, key): (AccountId, String)) -> (AccountId, String) {
        (std::mem::replace(&mut self.account, account), std::mem::replace(&mut self.key, key))
    }

    /// The key in use.
    pub fn key(&self) -> &str {
        &self.key
    }

    pub fn now(&self) -> jiff::Timestamp {
        self.machine.clock().now()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call("PATCH", path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path, None).await
    }

    async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let request =
            Request::builder().method(method).uri(path).header("authorization", format!("Bearer {}", self.key));
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(Bytes::from(body.to_string())),
            None => request.body(Bytes::new()),
        };
        Answer::new(self.machine.request(request.unwrap()).await)
    }

    /// Sends a request with additional headers; one of the same name replaces the key's, an empty one removes it.
    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let key = format!("Bearer {}", self.key);
        let own = [("authorization", key.as_str()), ("content-type", "application/json")];
        let is_replaced = |name: &str| headers.iter().any(|(other, _)| *other == name);
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in own.iter().filter(|(name, _)| !is_replaced(name)).chain(headers) {
            if !value.is_empty() {
                request = request.header(*name, *value);
            }
        }
        Answer::new(self.machine.request(request.body(Bytes::from(body.to_owned())).unwrap()).await)
    }

    /// Requests a URL as a browser would, from any server of the machine.
    pub async fn visit(&self, url: &str, user_agent: &str) -> Answer {
        let request = Request::get(url).header("user-agent", user_agent).body(Bytes::new()).unwrap();
        Answer::new(self.machine.request(request).await)
    }

    /// Runs everything that is possible without time passing.
    pub async fn settle(&self) {
        loop {
            let drained = self.machine.drain().await.unwrap();
            let delivered = self.carrier.deliver_due(self.now()).await;
            if drained.calls == 0 && delivered == 0 {
                return;
            }
        }
    }

    /// Lets time pass in steps of seconds, and runs what happens meanwhile. Schedules tick once a minute, as on AWS.
    pub async fn pass(&self, time: Duration) {
        self.pass_by(STEP, time).await;
    }

    /// Lets time pass in steps of this length.
    pub async fn pass_by(&self, step: Duration, time: Duration) {
        let end = self.now() + time;
        while self.now() < end {
            let step = step.min(end.duration_since(self.now()).try_into().unwrap());
            let (before, next) = (self.now(), self.now() + step);
            match before.as_second() / TICK_SECONDS == next.as_second() / TICK_SECONDS {
                true => self.machine.wait(next).unwrap(),
                false => self.machine.tick(next).await.unwrap(),
            }
            self.settle().await;
        }
    }

    /// Lets time pass in large steps, for waits of hours: nothing is checked in between.
    pub async fn skip(&self, time: Duration) {
        self.machine.tick(self.now() + time).await.unwrap();
        self.settle().await;
    }

    /// Creates a campaign and returns its id.
    pub async fn campaign(&self, settings: Value) -> String {
        self.post("/v1/campaigns", settings).await.expect(201).text("id")
    }

    /// Validates a campaign.
    pub async fn validate(&self, campaign: &str) -> Answer {
        self.post(&format!("/v1/campaigns/{campaign}/validate"), Value::Object(Default::default())).await.expect(200)
    }

    pub async fn command(&self, campaign: &str, command: &str) -> Answer {
        self.post(&format!("/v1/campaigns/{campaign}/{command}"), Value::Object(Default::default())).await
    }

    pub async fn status(&self, campaign: &str) -> String {
        self.get(&format!("/v1/campaigns/{campaign}")).await.expect(200).text("status")
    }

    /// Lets time pass until a campaign has a status.
    pub async fn until(&self, campaign: &str, status: &str) {
        let end = self.now() + PATIENCE;
        self.settle().await;
        while self.status(campaign).await != status {
            assert!(self.now() < end, "{campaign} is {} and not {status}", self.status(campaign).await);
            self.pass(Duration::from_secs(5)).await;
        }
    }

    pub async fn stats(&self, campaign: &str) -> Value {
        self.get(&format!("/v1/campaigns/{campaign}/stats")).await.expect(200).body
    }

    /// The template.
    pub fn template(&self) -> &template::Template {
        self.machine.template()
    }

    /// What a function is started with, some variables changed.
    pub fn start_of(&self, function: &str, variables: &[(&str, &str)]) -> Start {
        let mut environment = self.template().functions[function].environment.clone();
        environment.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Start { environment: environment.into(), ..self.machine.start_of(function) }
    }

    /// Ends the story: nothing may be left on any queue, dead letters included.
    pub async fn end(mut self) {
        // Delayed messages are delivered now.
        self.pass(Duration::from_secs(900)).await;
        self.has_ended = true;
        let waiting = self.machine.waiting().await.unwrap();
        assert!(waiting.is_empty(), "left on the queues: {waiting:?}");
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        self.sockets.iter().for_each(tokio::task::JoinHandle::abort);
        assert!(self.has_ended || std::thread::panicking(), "a harness must end()");
    }
}
