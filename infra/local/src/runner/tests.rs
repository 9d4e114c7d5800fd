//! Test functions with the real template.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use axum::Router;
use axum::body::Bytes;
use axum::routing::{any, get};
use http::{HeaderMap, Request, StatusCode};
use serde_json::{Value as Json, json};
use tokio::sync::watch;

use super::Handler;
use crate::machine::{Drained, Listeners, Machine, Setup};
use crate::sockets::Stopper;

/// Longer than the slowest machine needs.
const PATIENCE: Duration = Duration::from_secs(120);

fn setup() -> Setup {
    Setup::in_memory("2026-01-05T08:00:00Z".parse().unwrap())
}

/// A machine whose functions do nothing, except the one of this name.
async fn machine(setup: Setup, name: &'static str, handler: Handler) -> Machine {
    let sockets = move |asked: &str, _: &_, _: &_| {
        Ok(if asked == name { handler.clone() } else { Handler::events(|_: Json| async {}) })
    };
    Machine::open_with(setup, sockets).await.unwrap()
}

async fn send(machine: &Machine, variable: &str, bodies: &[&str]) {
    let sqs = aws_sdk_sqs::Client::new(&machine.cloud().sdk_config());
    let environment = |function: &str| machine.template().functions[function].environment.get(variable).cloned();
    let url = ["api", "dispatch", "receipts"].into_iter().find_map(environment).unwrap();
    for body in bodies {
        sqs.send_message().queue_url(&url).message_body(*body).send().await.unwrap();
    }
}

/// Fails the messages whose body is "bad", and records all messages.
fn picky(seen: Arc<Mutex<Vec<String>>>) -> Handler {
    Handler::events(move |event: SqsEvent| {
        let seen = seen.clone();
        async move {
            let mut answer = SqsBatchResponse::default();
            for record in event.records {
                let body = record.body.unwrap_or_default();
                if body == "bad" {
                    let mut failure = BatchItemFailure::default();
                    failure.item_identifier = record.message_id.unwrap_or_default();
                    answer.batch_item_failures.push(failure);
                }
                seen.lock().unwrap().push(body);
            }
            answer
        }
    })
}

#[tokio::test]
async fn a_bad_message_fails_alone_is_retried_and_becomes_a_dead_letter() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let machine = machine(setup(), "track", picky(seen.clone())).await;
    send(&machine, "EVENTS_QUEUE_URL", &["good", "bad", "fine"]).await;
    assert_eq!(machine.drain().await.unwrap(), Drained { calls: 1, messages: 3, failed: 1 });
    assert_eq!(machine.drain().await.unwrap(), Drained::default(), "it is not visible yet");
    for _ in 1..5 {
        machine.clock().advance(Duration::from_secs(365));
        assert_eq!(machine.drain().await.unwrap(), Drained { calls: 1, messages: 1, failed: 1 });
    }
    machine.clock().advance(Duration::from_secs(365));
    assert_eq!(machine.drain().await.unwrap(), Drained::default());
    assert_eq!(machine.waiting().await.unwrap(), [("envol-EventsDeadLetters".to_owned(), 1)]);
    assert_eq!(*seen.lock().unwrap(), ["good", "bad", "fine", "bad", "bad", "bad", "bad"]);
}

#[tokio::test]
async fn a_call_with_an_unusable_answer_repeats_all_its_messages() {
    for answer in [json!({ "batchItemFailures": [{ "itemIdentifier": "nobody" }] }), json!("what?")] {
        let handler = Handler::events(move |_: Json| std::future::ready(answer.clone()));
        let machine = machine(setup(), "track", handler).await;
        send(&machine, "EVENTS_QUEUE_URL", &["one", "two"]).await;
        assert_eq!(machine.drain().await.unwrap(), Drained { calls: 1, messages: 2, failed: 2 });
    }
    let panicking = Handler::events(|_: Json| async { assert!(std::hint::black_box(false), "on purpose") });
    let machine = machine(setup(), "track", panicking).await;
    send(&machine, "EVENTS_QUEUE_URL", &["one"]).await;
    assert_eq!(machine.drain().await.unwrap(), Drained { calls: 1, messages: 1, failed: 1 });
}

#[derive(Debug, thiserror::Error)]
#[error("not this time")]
struct NotThisTime;

#[tokio::test]
async fn a_failing_import_is_retried_twice_and_then_becomes_a_dead_letter() {
    let calls = Arc::new(AtomicUsize::new(0));
    let count = calls.clone();
    let handler = Handler::fallible(move |_: aws_lambda_events::s3::S3Event| {
        count.fetch_add(1, Ordering::SeqCst);
        std::future::ready(Err::<(), _>(NotThisTime))
    });
    let machine = machine(setup(), "import", handler).await;
    let s3 = aws::sdk::s3(&machine.cloud().sdk_config());
    let body = aws_sdk_s3::primitives::ByteStream::from_static(b"x");
    s3.put_object().bucket("envol-data-000000000000-eu-west-3").key("uploads/a/l/1").body(body).send().await.unwrap();
    for (after_s, expected) in [(0, 1), (59, 1), (1, 2), (119, 2), (1, 3), (600, 3)] {
        machine.clock().advance(Duration::from_secs(after_s));
        machine.drain().await.unwrap();
        assert_eq!(calls.load(Ordering::SeqCst), expected);
    }
    assert_eq!(machine.waiting().await.unwrap(), [("envol-ImportsDeadLetters".to_owned(), 1)]);
}

async fn answer(machine: &Machine, request: http::request::Builder, body: Vec<u8>) -> (StatusCode, HeaderMap, String) {
    let response = machine.request(request.body(body.into()).unwrap()).await;
    let (parts, body) = response.into_parts();
    (parts.status, parts.headers, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test]
async fn requests_are_answered_within_the_limits_of_aws() {
    let router = Router::new()
        .route("/v1/echo", any(|headers: HeaderMap, body: Bytes| async move { format!("{headers:?} {}", body.len()) }))
        .route("/v1/panic", get(|| async { assert!(std::hint::black_box(false), "on purpose") }))
        .route("/v1/large", get(|| async { vec![b'x'; 6 * 1024 * 1024 + 1] }))
        .route("/v1/slow", get(|| async { tokio::time::sleep(Duration::from_secs(3600)).await }));
    let machine = machine(setup(), "api", Handler::Http(router)).await;
    let (status, _, text) = answer(&machine, Request::post("/v1/echo"), vec![1; 5]).await;
    assert!(status == 200 && text.ends_with(" 5") && text.contains("x-forwarded-for"), "{text}");
    let too_large = vec![0; 10 * 1024 * 1024 + 1];
    let (status, headers, _) = answer(&machine, Request::post("/v1/echo"), too_large).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(headers["content-type"], "application/problem+json");
    for path in ["/v1/panic", "/v1/large"] {
        let (status, headers, text) = answer(&machine, Request::get(path), vec![]).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert_eq!(headers["content-type"], "application/problem+json");
        assert!(!text.contains("purpose"), "{text}");
    }
}

#[tokio::test]
async fn messages_are_handled_concurrently_up_to_the_limit_and_a_stop_lets_them_finish() {
    let (running, done) = (watch::Sender::new(0_usize), Arc::new(AtomicUsize::new(0)));
    // Nothing ends before the test allows it, so the speed of the machine does not matter.
    let gate = watch::Sender::new(false);
    let (counter, ended, gate_of_each) = (running.clone(), done.clone(), gate.subscribe());
    let handler = Handler::events(move |_: SqsEvent| {
        let (counter, ended, mut gate) = (counter.clone(), ended.clone(), gate_of_each.clone());
        async move {
            counter.send_modify(|running| *running += 1);
            let _ = gate.wait_for(|is_open| *is_open).await;
            ended.fetch_add(1, Ordering::SeqCst);
        }
    });
    let listeners = Listeners::bind(0).await.unwrap();
    let setup = Setup { clock: support::Clock::System, ports: listeners.ports(), ..setup() };
    let machine = machine(setup, "send", handler).await;
    send(&machine, "BATCHES_QUEUE_URL", &["b"; 12]).await;
    let (stopper, stop) = Stopper::new();
    let serving = tokio::spawn({
        let machine = machine.clone();
        async move { machine.serve(listeners.sockets, stop).await }
    });
    let mut started = running.subscribe();
    tokio::time::timeout(PATIENCE, started.wait_for(|running| *running >= 5)).await.unwrap().unwrap();
    assert_eq!(*running.borrow(), 5, "MaximumConcurrency of the template");
    stopper.stop();
    gate.send_replace(true);
    tokio::time::timeout(PATIENCE, serving).await.unwrap().unwrap();
    let done = done.load(Ordering::SeqCst) as u64;
    assert!(done >= 5, "what had begun was done");
    let left: u64 = machine.waiting().await.unwrap().iter().map(|(_, count)| count).sum();
    assert_eq!(done + left, 12);
}

#[tokio::test]
async fn a_message_in_progress_when_the_process_ends_is_delivered_again() {
    let home = tempfile::tempdir().unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let first = machine(setup().on(home.path()), "track", picky(seen.clone())).await;
    send(&first, "EVENTS_QUEUE_URL", &["bad", "good"]).await;
    assert_eq!(first.drain().await.unwrap().failed, 1); // "bad" is in flight and was not deleted
    drop(first);
    let second = machine(setup().on(home.path()), "track", picky(seen.clone())).await;
    assert_eq!(second.drain().await.unwrap(), Drained { calls: 1, messages: 1, failed: 1 });
    assert_eq!(*seen.lock().unwrap(), ["bad", "good", "bad"]);
}

#[tokio::test]
async fn a_tick_moves_the_clock_and_calls_dispatch() {
    let events = Arc::new(Mutex::new(Vec::new()));
    let noted = events.clone();
    let handler = Handler::events(move |event: Json| {
        noted.lock().unwrap().push(event);
        std::future::ready(())
    });
    let machine = machine(setup(), "dispatch", handler).await;
    let at = "2026-01-05T08:01:00Z".parse().unwrap();
    machine.tick(at).await.unwrap();
    assert_eq!(machine.clock().now(), at);
    let events = events.lock().unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["detail-type"], "Scheduled Event");
}

#[tokio::test]
async fn the_error_for_a_used_port_names_the_option_to_change_it() {
    let taken = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = Listeners::bind(port).await.unwrap_err().to_string();
    assert!(error.contains(&port.to_string()) && error.contains("--port"), "{error}");
}
