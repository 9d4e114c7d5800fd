//! A local cloud as `cargo local` runs it, in its own folder and on free ports, and the program. It answers by itself;
//! it is advanced only by the test.

use std::process::{Command, Output};

use aws::sdk::{BehaviorVersion, Region};
use aws::store::{Store, Tables};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use jiff::SignedDuration;
use local::machine::CarrierChoice;
use local::start::{CommandLine, Running};
use serde_json::Value as Json;
use support::Clock;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A running installation; it ends with the test.
pub struct Cloud {
    pub folder: TempDir,
    pub ready: Json,
    runtime: Runtime,
    running: Option<Running>,
}

/// The output of the program.
#[derive(Debug)]
pub struct CommandOutput {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Cloud {
    pub fn start() -> Self {
        Self::start_ago(SignedDuration::ZERO)
    }

    /// A cloud whose clock is in the past by this time.
    pub fn start_ago(ago: SignedDuration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = Runtime::new().unwrap();
        let command = CommandLine { data: folder.path().to_owned(), port: 0, carrier: CarrierChoice::Sandbox };
        let running = runtime.block_on(Running::start(&command, Clock::manual(Clock::System.now() - ago))).unwrap();
        let ready = serde_json::from_slice(&std::fs::read(folder.path().join("ready.json")).unwrap()).unwrap();
        Self { folder, ready, runtime, running: Some(running) }
    }

    /// Delivers every message to its function, until none is available.
    pub fn settle(&self) {
        let machine = self.running.as_ref().unwrap().machine();
        self.runtime.block_on(machine.drain()).unwrap();
    }

    /// Runs the program with these arguments on this cloud.
    pub fn admin(&self, arguments: &[&str]) -> CommandOutput {
        let deployment = format!("--local={}", self.folder.path().display());
        said(program().arg(deployment).args(["--as", "ada"]).args(arguments))
    }

    /// Runs it with `--json`, expecting success.
    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Json {
        self.admin(&[&["--json"], arguments].concat()).json(0)
    }

    /// Creates an account and returns its id.
    pub fn account(&self, more: &[&str]) -> String {
        let create = ["account", "create", "--name", "Boutique", "--stop-code", "36105"];
        text(&self.json(&[&create, more].concat()), "/id")
    }

    /// The API's response to a request with a key.
    pub fn api(&self, method: &str, path: &str, key: &str, body: Option<Json>) -> (u16, Json) {
        let url = format!("{}/v1{path}", text(&self.ready, "/api_url"));
        self.runtime.block_on(async {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let request = client.request(method.parse().unwrap(), url).bearer_auth(key);
            let request = body.iter().fold(request, |request, body| request.json(body));
            let answer = request.send().await.unwrap();
            let status = answer.status().as_u16();
            (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
        })
    }

    /// Runs code with this cloud's SDK configuration.
    pub fn with<T>(&self, run: impl AsyncFnOnce(&aws::sdk::SdkConfig) -> T) -> T {
        let field = |name: &str| text(&self.ready, name);
        let credentials = Credentials::from_keys(field("/aws/access_key_id"), field("/aws/secret_access_key"), None);
        let sdk = aws::sdk::SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(field("/aws/region")))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .endpoint_url(field("/aws_url"))
            .http_client(aws::sdk::http_client())
            .build();
        self.runtime.block_on(run(&sdk))
    }

    /// The physical name of a resource.
    pub fn name(&self, logical: &str) -> String {
        text(&self.ready, &format!("/resources/{logical}"))
    }

    /// The tables of this cloud.
    pub fn store(&self) -> Store {
        let table = |logical| self.name(logical);
        let (accounts, lists) = (table("AccountsTable"), table("ListsTable"));
        let tables = Tables { accounts, lists, campaigns: table("CampaignsTable"), links: table("LinksTable") };
        self.with(async |sdk| Store::new(aws::sdk::dynamodb(sdk), tables))
    }

    /// The audit log of an account, newest first: actor and action.
    pub fn audit(&self, account: &str) -> Vec<(String, String)> {
        let key = text(&self.json(&["key", "create", account, "--name", "audit", "--scopes", "admin"]), "/key");
        let (status, page) = self.api("GET", "/account/audit", &key, None);
        assert_eq!(status, 200, "{page}");
        let items = page["items"].as_array().unwrap();
        items.iter().skip(1).map(|item| (text(item, "/by"), text(item, "/action"))).collect()
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            let _ = self.runtime.block_on(running.stop());
        }
    }
}

/// The program, without this machine's own environment.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_envol-admin"));
    command.env_clear();
    command
}

pub fn said(command: &mut Command) -> CommandOutput {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    CommandOutput { code: status.code().unwrap(), out: text(stdout), err: text(stderr) }
}

impl CommandOutput {
    /// The document, expecting this exit code.
    #[track_caller]
    pub fn json(&self, code: i32) -> Json {
        assert_eq!(self.code, code, "{self:?}");
        serde_json::from_str(&self.out).unwrap()
    }

    /// Expects this exit code, these words on stderr, and nothing on stdout.
    #[track_caller]
    pub fn refuses(&self, code: i32, words: &str) {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{self:?}");
        assert!(self.err.contains(words), "{}", self.err);
    }
}

/// A text by its JSON pointer.
#[track_caller]
pub fn text(json: &Json, pointer: &str) -> String {
    match json.pointer(pointer).and_then(Json::as_str) {
        Some(text) => text.to_owned(),
        None => panic!("no text {pointer} in {json}"),
    }
}
