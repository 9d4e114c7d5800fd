//! Tests of the whole process: output, errors, shutdown, and restart after any end.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "helpers of tests, outside of their functions")]

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value as Json;

/// A running `cargo local`; killed when the test ends.
struct Process {
    child: Child,
    ready: Json,
    folder: PathBuf,
}

impl Process {
    fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    fn start_with(data: &Path, options: &[&str]) -> Self {
        let mut child = command(data, "0").args(options).stdout(Stdio::piped()).spawn().unwrap();
        // It prints when everything responds.
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("Envol is ready")), "it ended before it was ready");
        std::thread::spawn(move || lines.for_each(drop)); // otherwise the pipe would fill
        let ready = serde_json::from_slice(&std::fs::read(data.join("ready.json")).unwrap()).unwrap();
        Self { child, ready, folder: data.to_owned() }
    }

    fn text(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap()
    }

    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// Sends a request to the cloud, as the AWS CLI does.
    async fn ask(&self, target: &str, body: &str) -> Json {
        let installation = std::fs::read(self.folder.join("installation.json")).unwrap();
        let installation: Json = serde_json::from_slice(&installation).unwrap();
        let key = installation["secrets"]["cloud_access_key"].as_str().unwrap();
        let ask =
            reqwest::Client::new().post(self.text("aws_url")).header("x-amz-target", target).body(body.to_owned());
        let ask =
            ask.header("authorization", format!("AWS4-HMAC-SHA256 Credential={key}/20260101/eu-west-3/x/aws4_request"));
        ask.send().await.unwrap().json().await.unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(data: &Path, port: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.args(["--", "--port", port, "--data"]).arg(data).stderr(Stdio::piped());
    command
}

/// Starts a process that cannot run, and returns its error output.
fn refused(data: &Path, port: &str) -> String {
    let Output { status, stderr, .. } = command(data, port).output().unwrap();
    assert!(!status.success());
    String::from_utf8(stderr).unwrap()
}

#[tokio::test]
async fn it_prints_where_everything_is_and_shuts_down_on_a_signal() {
    let home = tempfile::tempdir().unwrap();
    let mut process = Process::start(home.path());
    for name in ["console_url", "api_url", "short_url", "aws_url", "sandbox_url"] {
        reqwest::get(process.text(name)).await.unwrap();
    }
    assert_eq!(process.ready["pid"], process.child.id());
    assert!(process.text("account_id").starts_with("acc_") && process.text("api_key").starts_with("envol_"));
    process.signal("-TERM");
    assert!(process.child.wait().unwrap().success());
    assert!(!home.path().join("ready.json").exists());
}

#[tokio::test]
async fn a_second_process_on_the_same_folder_or_port_is_refused_with_a_hint() {
    let home = tempfile::tempdir().unwrap();
    let process = Process::start(home.path());
    let said = refused(home.path(), "0");
    assert!(said.contains("another Envol is running") && said.contains("--data"), "{said}");
    let elsewhere = tempfile::tempdir().unwrap();
    let port = process.text("api_url").rsplit(':').next().unwrap();
    let said = refused(elsewhere.path(), port);
    assert!(said.contains(port) && said.contains("--port"), "{said}");
}

#[tokio::test]
async fn after_kill_9_the_next_start_has_everything_that_was_acknowledged() {
    let home = tempfile::tempdir().unwrap();
    let first = Process::start(home.path());
    let queue = "http://x/000000000000/envol-EventsDeadLetters"; // it has no reader
    let send = format!(r#"{{"QueueUrl":"{queue}","MessageBody":"kept"}}"#);
    assert!(first.ask("AmazonSQS.SendMessage", &send).await["MessageId"].is_string());
    let item = r#"{"TableName":"envol-ListsTable","Item":{"pk":{"S":"a"},"sk":{"S":"b"}}}"#;
    first.ask("DynamoDB_20120810.PutItem", item).await;
    first.signal("-KILL");
    let api_key = first.text("api_key").to_owned();
    drop(first);

    let second = Process::start(home.path());
    assert_eq!(second.text("api_key"), api_key);
    let received = second.ask("AmazonSQS.ReceiveMessage", &format!(r#"{{"QueueUrl":"{queue}"}}"#)).await;
    assert_eq!(received["Messages"][0]["Body"], "kept");
    let key = r#"{"TableName":"envol-ListsTable","Key":{"pk":{"S":"a"},"sk":{"S":"b"}}}"#;
    assert_eq!(second.ask("DynamoDB_20120810.GetItem", key).await["Item"]["pk"]["S"], "a");
}

#[tokio::test]
async fn an_external_carrier_replaces_the_sandbox_and_gets_the_callback_url() {
    use domain::signature::{ID_HEADER, SIGNATURE_HEADER, Secret, TIMESTAMP_HEADER};
    let home = tempfile::tempdir().unwrap();
    let process = Process::start_with(home.path(), &["--carrier", "http://127.0.0.1:1/messages", "--carrier-rate=40"]);
    assert!(process.ready["sandbox_url"].is_null(), "{}", process.ready);
    let (secret, now): (Secret, _) = (process.text("callback_secret").parse().unwrap(), support::Clock::System.now());
    let body = r#"{"receipts": [], "replies": []}"#;
    let call = |signature: String| {
        let call = reqwest::Client::new().post(process.text("callback_url")).body(body);
        let call = call.header("content-type", "application/json").header(ID_HEADER, "c1");
        call.header(TIMESTAMP_HEADER, now.as_second()).header(SIGNATURE_HEADER, signature).send()
    };
    assert_eq!(call("v1,AAAA".to_owned()).await.unwrap().status(), 401);
    assert!(call(secret.sign("c1", now, body.as_bytes())).await.unwrap().status().is_success());
}

#[test]
fn an_invalid_argument_is_refused_by_name() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    let mut child = command.arg("--prot=1").stderr(Stdio::piped()).spawn().unwrap();
    assert!(!child.wait().unwrap().success());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains("--prot=1") && said.contains("--help"), "{said}");
}
