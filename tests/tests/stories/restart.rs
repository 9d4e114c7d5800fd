//! `cargo local` for real: its process is killed in the middle of sending, and the next one carries on.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use stories::contacts;
use tokio::process::{Child, Command};

use crate::{e164, numbers};

const RECIPIENTS: u32 = 20_000;
/// Longest wait for anything; a lease that nobody holds any more lapses within it.
const PATIENCE: Duration = Duration::from_secs(240);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The binary beside this test's, built as it is now: with the features that tests have, or every dependency would be
/// compiled a second time.
fn binary() -> PathBuf {
    let args = ["test", "--quiet", "--workspace", "--test", "process", "--no-run"];
    assert!(std::process::Command::new(env!("CARGO")).args(args).status().unwrap().success());
    std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("local")
}

/// A running installation.
struct Installation {
    process: Child,
    ready: Value,
    client: Client,
}

impl Installation {
    async fn start(folder: &Path) -> Self {
        let mut command = Command::new(binary());
        command.arg("--data").arg(folder).args(["--port", "0"]).stdout(Stdio::null()).kill_on_drop(true);
        let process = command.spawn().unwrap();
        let number = process.id().unwrap();
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let ready = until("ready.json of this process", || async {
            let text = std::fs::read_to_string(folder.join("ready.json")).ok()?;
            serde_json::from_str::<Value>(&text).ok().filter(|ready| ready["pid"] == number)
        });
        Self { ready: ready.await, process, client }
    }

    fn url(&self, of: &str) -> &str {
        self.ready[of].as_str().unwrap()
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let request =
            self.client.request(method, format!("{}{path}", self.url("api_url"))).bearer_auth(self.url("api_key"));
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    async fn import(&self, file: String) -> String {
        let (status, made) = self.ask(Method::POST, "/v1/lists", Some(json!({"name": "Clients"}))).await;
        assert_eq!(status, 201, "{made}");
        let mut put = self.client.put(made["upload"]["url"].as_str().unwrap()).body(file);
        for (name, value) in made["upload"]["headers"].as_object().unwrap() {
            put = put.header(name, value.as_str().unwrap());
        }
        assert!(put.send().await.unwrap().status().is_success());
        let id = made["id"].as_str().unwrap().to_owned();
        until("the import", || async {
            let (_, list) = self.ask(Method::GET, &format!("/v1/lists/{id}"), None).await;
            (list["status"] == "ready").then_some(())
        })
        .await;
        id
    }

    async fn submitted(&self) -> u64 {
        let stats: Value =
            self.client.get(format!("{}/stats", self.url("sandbox_url"))).send().await.unwrap().json().await.unwrap();
        stats["messages"].as_u64().unwrap_or_else(|| panic!("no count of messages in {stats}"))
    }

    async fn messages(&self, campaign: &str) -> Vec<Value> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let url = format!("{}/messages?campaign={campaign}&limit=1000{after}", self.url("sandbox_url"));
            let page: Value = self.client.get(url).send().await.unwrap().json().await.unwrap();
            all.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return all,
            }
        }
    }
}

async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_killed_in_the_middle_of_sending_is_carried_on_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Installation::start(folder.path()).await;
    let list = first.import(contacts(numbers(0..RECIPIENTS))).await;
    // An alert, because this test runs at any hour of the real day.
    let settings = json!({"name": "Alerte", "kind": "alert", "lists": [list], "message": {
        "text": "Bonjour {{prenom}} : {{lien}}", "links": [{"name": "lien", "url": "https://example.com"}]}});
    let (status, made) = first.ask(Method::POST, "/v1/campaigns", Some(settings)).await;
    assert_eq!(status, 201, "{made}");
    let campaign = made["id"].as_str().unwrap().to_owned();
    let (status, ready) = first.ask(Method::POST, &format!("/v1/campaigns/{campaign}/validate"), Some(json!({}))).await;
    assert_eq!(status, 200, "{ready}");
    until("the first messages", || async { (first.submitted().await > 0).then_some(()) }).await;
    first.process.kill().await.unwrap();

    let second = Installation::start(folder.path()).await;
    assert_eq!(second.url("api_key"), first.url("api_key"), "a restart is not a new installation");
    let before = second.submitted().await;
    assert!(before < u64::from(RECIPIENTS), "it was killed too late to prove anything");
    until("the campaign to finish", || async {
        let (_, found) = second.ask(Method::GET, &format!("/v1/campaigns/{campaign}"), None).await;
        (found["status"] == "finished").then_some(())
    })
    .await;
    let messages = second.messages(&campaign).await;
    let texts: BTreeSet<_> = messages.iter().map(|message| message["text"].as_str().unwrap()).collect();
    let to: BTreeSet<_> = messages.iter().map(|message| message["to"].as_str().unwrap().to_owned()).collect();
    assert_eq!(to, numbers(0..RECIPIENTS).map(|number| e164(&number)).collect());
    assert_eq!((messages.len(), texts.len()), (RECIPIENTS as usize, RECIPIENTS as usize), "somebody got two messages");
    let (_, stats) = second.ask(Method::GET, &format!("/v1/campaigns/{campaign}/stats"), None).await;
    assert_eq!((&stats["delivered"], &stats["unknown"]), (&json!(RECIPIENTS), &json!(0)), "{stats}");
}
