//! The real `cargo local`: its process on a folder, used over HTTP, killed and restarted.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

/// Time between two checks while waiting.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A running installation; killed when it is dropped.
pub struct Installation {
    process: Child,
    ready: Value,
    client: Client,
}

/// The binary built with the test's features; otherwise every dependency would be compiled a second time.
pub fn binary() -> PathBuf {
    let mut build = std::process::Command::new(env!("CARGO"));
    build.args(["test", "--quiet", "--workspace", "--test", "process", "--no-run"]);
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    assert!(build.status().unwrap().success());
    std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("local")
}

/// The first of four free ports in a row, below those that the system assigns: each start uses them again, so that
/// issued URLs stay valid.
pub async fn four_free_ports() -> u16 {
    // Two tests of one process ask at the same time, before either has bound what it was given.
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let skipped = std::process::id() as usize % 2_000 + ASKED.fetch_add(1, Ordering::Relaxed);
    for first in (20_000..30_000).step_by(4).cycle().skip(skipped).take(2_500) {
        let mut taken = Vec::new();
        for port in first..first + 4 {
            taken.extend(TcpListener::bind(("127.0.0.1", port)).await.ok());
        }
        if taken.len() == 4 {
            return first;
        }
    }
    panic!("no four free ports in a row");
}

impl Installation {
    /// Starts it on a folder, and returns when everything responds. Its log is appended to `envol.log` there.
    pub async fn start(binary: &Path, folder: &Path, options: &[String], longest: Duration) -> Self {
        let log = std::fs::File::options().create(true).append(true).open(folder.join("envol.log")).unwrap();
        let mut command = Command::new(binary);
        command.arg("--data").arg(folder).args(options).stdout(Stdio::null()).stderr(log).kill_on_drop(true);
        let mut process = command.spawn().unwrap();
        let number = process.id().unwrap();
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
        let client = client.timeout(Duration::from_secs(60)).build().unwrap();
        let ready = until("ready.json of this process", longest, || {
            let log = || std::fs::read_to_string(folder.join("envol.log")).unwrap_or_default();
            assert!(process.try_wait().unwrap().is_none(), "the process has ended: {}", log());
            let text = std::fs::read_to_string(folder.join("ready.json")).ok();
            let ready = text.and_then(|text| serde_json::from_str::<Value>(&text).ok());
            async move { ready.filter(|ready| ready["pid"] == number) }
        });
        Self { ready: ready.await, process, client }
    }

    /// `kill -9`.
    pub async fn kill(mut self) {
        self.process.kill().await.unwrap();
    }

    /// A text of `ready.json`.
    pub fn text(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap_or_else(|| panic!("no {name} in {}", self.ready))
    }

    /// Calls the API with the demo account's key.
    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        self.ask_once(method, path, "", body).await
    }

    /// Calls the API with this `Idempotency-Key`.
    pub async fn ask_once(&self, method: Method, path: &str, key: &str, body: Option<Value>) -> (u16, Value) {
        let url = format!("{}{path}", self.text("api_url"));
        let mut request = self.client.request(method, url).bearer_auth(self.text("api_key"));
        if !key.is_empty() {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Uploads a file to the URL from `POST /lists`; returns whether it was accepted.
    pub async fn upload(&self, made: &Value, file: String) -> bool {
        let mut put = self.client.put(made["upload"]["url"].as_str().unwrap()).body(file);
        for (name, value) in made["upload"]["headers"].as_object().unwrap() {
            put = put.header(name, value.as_str().unwrap());
        }
        put.send().await.is_ok_and(|answer| answer.status().is_success())
    }

    /// Uploads a file as a new list, waits for its import, and returns its id.
    pub async fn import(&self, file: String, longest: Duration) -> String {
        let (status, made) = self.ask(Method::POST, "/v1/lists", Some(json!({"name": "Clients"}))).await;
        assert_eq!(status, 201, "{made}");
        assert!(self.upload(&made, file).await);
        let id = made["id"].as_str().unwrap().to_owned();
        until("the import", longest, || async {
            (self.get(&format!("/v1/lists/{id}")).await["status"] == "ready").then_some(())
        })
        .await;
        id
    }

    /// How many different messages the sandbox got.
    pub async fn submitted(&self) -> u64 {
        let stats = self.client.get(format!("{}/stats", self.text("sandbox_url"))).send().await.unwrap();
        let stats: Value = stats.json().await.unwrap();
        stats["messages"].as_u64().unwrap_or_else(|| panic!("no count of messages in {stats}"))
    }

    /// The sandbox's messages of a campaign.
    pub async fn messages(&self, campaign: &str) -> Vec<Value> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let url = format!("{}/messages?campaign={campaign}&limit=1000{after}", self.text("sandbox_url"));
            let page: Value = self.client.get(url).send().await.unwrap().json().await.unwrap();
            all.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return all,
            }
        }
    }

    /// Follows a 303 to its file.
    pub async fn download(&self, path: &str) -> String {
        let url = format!("{}{path}", self.text("api_url"));
        let answer = self.client.get(url).bearer_auth(self.text("api_key")).send().await.unwrap();
        assert_eq!(answer.status(), 303, "{path}");
        let file = self.client.get(answer.headers()["location"].to_str().unwrap()).send().await.unwrap();
        assert_eq!(file.status(), 200, "{path}");
        file.text().await.unwrap()
    }
}

/// Repeats until there is a result. Fails after `longest`.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, longest: Duration, mut look: impl FnMut() -> F) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < longest, "waited in vain for {what}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
