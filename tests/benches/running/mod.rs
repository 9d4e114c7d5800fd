//! An installation as `cargo local` runs it, in this process: a folder, ports, the sandbox, the system clock.

use std::time::{Duration, Instant};

use local::machine::CarrierChoice;
use local::start::{CommandLine, Running};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use support::Clock;

/// Longest wait.
const PATIENCE: Duration = Duration::from_secs(3 * 3_600);
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// The last two digits of a number decide what the sandbox does with it; from these on it delivers.
const PLAIN_ENDINGS: std::ops::Range<u32> = 10..100;

pub struct Installation {
    pub running: Running,
    ready: Value,
    client: Client,
    _folder: tempfile::TempDir,
}

impl Installation {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let command = CommandLine { data: folder.path().join("data"), port: 0, carrier: CarrierChoice::Sandbox };
        let running = Running::start(&command, Clock::System).await.unwrap();
        let ready = std::fs::read(command.data.join("ready.json")).unwrap();
        // One connection per request: the server closes those older than ten minutes, perhaps while the next request is
        // written.
        let client =
            Client::builder().redirect(reqwest::redirect::Policy::none()).pool_max_idle_per_host(0).build().unwrap();
        Self { running, ready: serde_json::from_slice(&ready).unwrap(), client, _folder: folder }
    }

    /// Calls the API and returns the response; any error ends the benchmark.
    pub async fn ask(&self, method: Method, path: &str, body: Value) -> Value {
        let url = format!("{}/v1{path}", self.text("api_url"));
        let mut request = self.client.request(method, &url).bearer_auth(self.text("api_key"));
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{url}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    pub async fn get(&self, path: &str) -> Value {
        self.ask(Method::GET, path, Value::Null).await
    }

    /// Uploads this many contacts with five columns besides the number, and waits for their import. Returns the list's
    /// id.
    pub async fn list(&self, recipients: u32) -> String {
        let list = self.ask(Method::POST, "/lists", json!({ "name": "Clients" })).await;
        let upload = self.client.put(list["upload"]["url"].as_str().unwrap());
        let answer = upload.body(contacts(recipients)).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
        let path = format!("/lists/{}", list["id"].as_str().unwrap());
        self.until(async || self.get(&path).await["status"] == "ready").await;
        list["id"].as_str().unwrap().to_owned()
    }

    /// An alert, which no window delays, with three columns and a link in its text.
    pub async fn campaign(&self, list: &str) -> String {
        let text = "Bonjour {{prenom}} {{nom}}, votre commande {{commande}} vous attend à {{ville}} : {{lien}}";
        let links = json!([{ "name": "lien", "url": "https://example.com/suivi" }]);
        let message = json!({ "sender": "ENVOL", "text": text, "links": links });
        let settings = json!({ "name": "Mesure", "lists": [list], "kind": "alert", "message": message });
        self.ask(Method::POST, "/campaigns", settings).await["id"].as_str().unwrap().to_owned()
    }

    /// The sandbox's counts, without reading the tables.
    pub async fn sandbox(&self) -> Value {
        let answer = self.client.get(format!("{}/stats", self.text("sandbox_url"))).send().await.unwrap();
        answer.json().await.unwrap()
    }

    pub async fn until(&self, is_so: impl AsyncFn() -> bool) {
        let begun = Instant::now();
        while !is_so().await {
            assert!(begun.elapsed() < PATIENCE, "it does not come");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    fn text(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap()
    }
}

/// A file of contacts as shops export them.
fn contacts(recipients: u32) -> Vec<u8> {
    use std::io::Write as _;
    let mut file = Vec::with_capacity(recipients as usize * 64 + 100);
    file.extend_from_slice("Téléphone;Prénom;Nom;Ville;Commande;Points\n".as_bytes());
    for (number, phone) in phones(recipients).enumerate() {
        let phone = phone.replacen("+33", "0", 1);
        writeln!(file, "{phone};Camille{};Martin;Saint-Denis;{number:08};{}", number % 97, number % 1_000).unwrap();
    }
    file
}

/// The numbers of that file.
pub fn phones(recipients: u32) -> impl Iterator<Item = String> {
    let endings = PLAIN_ENDINGS.end - PLAIN_ENDINGS.start;
    (0..recipients).map(move |number| {
        let (head, ending) = (number / endings, PLAIN_ENDINGS.start + number % endings);
        format!("+33{}{:06}{ending}", 6 + head / 1_000_000, head % 1_000_000)
    })
}
