//! Tests the handler with the events of `events/receipts`, on the embedded cloud.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use app::Start;
use aws::queue::{self, Events};
use axum::body::{Body, to_bytes};
use http::{Request, StatusCode};
use local::cloud::{Credentials, Data, LocalCloud, Options};
use local::template::{self, StackContext, Template};
use receipts::{App, BODY_BYTES_MAX, router};
use rustack_sqs_model::input::ReceiveMessageInput;
use serde_json::{Value, json};
use support::Clock;
use tower::ServiceExt;

const RECEIPTS: &str = include_str!("../../../events/receipts/receipts.json");
const REPLIES: &str = include_str!("../../../events/receipts/replies.json");
/// The protocol as carriers' programmers read it.
const PROTOCOL: &str = include_str!("../../../shared/carrier/PROTOCOL.md");
const PARTLY_UNREADABLE: &str = include_str!("../../../events/receipts/partly-unreadable.json");
/// The secret that signed the events.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

struct Harness {
    cloud: LocalCloud,
    environment: BTreeMap<String, String>,
    queue_url: String,
    clock: Clock,
}

fn strings(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl Harness {
    async fn new() -> Self {
        let context = StackContext {
            region: "eu-west-3".into(),
            account: "000000000000".into(),
            stack: "envol".into(),
            cloud_url: "http://127.0.0.1:3002".into(),
            api_urls: strings(&[("HttpApi", "http://127.0.0.1:3000"), ("ShortApi", "http://127.0.0.1:3001")]),
            parameters: strings(&[("Carrier", "http")]),
            secrets: strings(&[
                ("link_key", &"ab".repeat(32)),
                ("fingerprint_key", &"ab".repeat(32)),
                ("webhook_key", "4567"),
                ("authorization", ""),
                ("callback_token", "t0ken"),
                ("callback_secret", SECRET),
            ]),
        };
        let template = Template::read(template::TEXT, &context).unwrap();
        let clock = Clock::manual("2026-03-01T12:00:00Z".parse().unwrap());
        let credentials = Credentials { access_key: "AKLOCALTEST".into(), secret_key: "secret".into() };
        let options = Options {
            data: Data::Memory,
            clock: clock.clone(),
            credentials,
            region: context.region.clone(),
            account: context.account.clone(),
            port: 3002,
        };
        let cloud = LocalCloud::open(options, &template).await.unwrap();
        let environment = template.functions["receipts"].environment.clone();
        let queue_url = environment["EVENTS_QUEUE_URL"].clone();
        Self { cloud, environment, queue_url, clock }
    }

    fn app(&self) -> App {
        let environment = self.environment.clone().into();
        App::new(&Start { sdk: self.cloud.sdk_config(), environment, clock: self.clock.clone() }).unwrap()
    }

    async fn call(&self, request: Request<Body>) -> (StatusCode, Value) {
        let response = router(self.app()).oneshot(request).await.unwrap();
        let (status, body) = (response.status(), to_bytes(response.into_body(), 1 << 20).await.unwrap());
        (status, serde_json::from_slice(&body).unwrap())
    }

    /// Messages on the events queue, in any order.
    async fn queued(&self) -> Vec<Events> {
        let queue_url = self.queue_url.clone();
        let input = ReceiveMessageInput { queue_url, max_number_of_messages: Some(10), ..Default::default() };
        let messages = self.cloud.queues().receive(input).await.unwrap().messages;
        messages.iter().map(|message| queue::events(message.body.as_deref().unwrap()).unwrap()).collect()
    }
}

/// An event as Lambda hands it to the router.
fn request(event: &str) -> Request<Body> {
    lambda_http::request::from_str(event).unwrap().map(Body::new)
}

#[tokio::test]
async fn receipts_are_queued_as_one_message_per_campaign() {
    let harness = Harness::new().await;
    let before = harness.cloud.requests();
    let (status, body) = harness.call(request(RECEIPTS)).await;
    assert_eq!((status, &body["receipts"], &body["refused"]), (StatusCode::ACCEPTED, &json!(5), &json!(0)), "{body}");
    assert_eq!(harness.cloud.requests().since(&before).total(), 1, "one request to the queue and none elsewhere");
    let mut counts: Vec<_> = harness
        .queued()
        .await
        .into_iter()
        .map(|events| match events {
            Events::Receipts(receipts) => (receipts.campaign.tail().to_owned(), receipts.items.len()),
            Events::Replies(_) | Events::Clicks(_) => panic!("{events:?}"),
        })
        .collect();
    counts.sort();
    assert_eq!(counts, [("01hqxz0000000000000b".into(), 3), ("01hqxz0000000000000c".into(), 1)]);
}

#[tokio::test]
async fn replies_are_queued_together() {
    let harness = Harness::new().await;
    let (status, body) = harness.call(request(REPLIES)).await;
    assert_eq!((status, &body["replies"]), (StatusCode::ACCEPTED, &json!(2)), "{body}");
    let events = harness.queued().await;
    let [Events::Replies(replies)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((&*replies[0].text, &*replies[0].to), ("STOP", "36105"));
    assert_eq!((&*replies[1].from, &*replies[1].text), ("+33698765432", "Oui, à 18 h 🙂"));
}

#[tokio::test]
async fn a_bad_record_fails_alone() {
    let harness = Harness::new().await;
    let (status, body) = harness.call(request(PARTLY_UNREADABLE)).await;
    assert_eq!((status, &body["receipts"], &body["refused"]), (StatusCode::ACCEPTED, &json!(1), &json!(2)));
    assert_eq!(body["errors"][1]["pointer"], "/receipts/2/status");
    assert_eq!(harness.queued().await.len(), 1);
}

/// The event with a change in it, and its original signature.
fn changed(change: impl Fn(&mut Value)) -> Request<Body> {
    let mut event: Value = serde_json::from_str(RECEIPTS).unwrap();
    change(&mut event);
    request(&event.to_string())
}

/// A request with this body, properly signed.
fn signed(body: &str) -> Request<Body> {
    changed(|event| {
        let secret: domain::signature::Secret = SECRET.parse().unwrap();
        let at = "2026-03-01T12:00:00Z".parse().unwrap();
        event["headers"]["webhook-signature"] = secret.sign("msg_2f6c1a0d", at, body.as_bytes()).into();
        event["headers"]["content-length"] = body.len().to_string().into();
        event["body"] = body.into();
    })
}

#[tokio::test]
async fn another_caller_is_refused_without_details() {
    let harness = Harness::new().await;
    let path = |path: &'static str| changed(move |event| event["rawPath"] = path.into());
    for (request, expected) in [
        (path("/v1/callbacks/http/wrong"), 404),
        (path("/v1/callbacks/sandbox/t0ken"), 404),
        (path("/v1/callbacks/http/t0ken/more"), 404),
        (path("/"), 404),
        (changed(|event| event["requestContext"]["http"]["method"] = "GET".into()), 405),
        (changed(|event| event["headers"]["webhook-signature"] = "v1,AAAA".into()), 401),
        (changed(|event| event["headers"]["webhook-id"] = "msg_other".into()), 401),
        (changed(|event| drop(event["headers"].as_object_mut().unwrap().remove("webhook-timestamp"))), 401),
        (changed(|event| event["body"] = r#"{"receipts": []}"#.into()), 401),
    ] {
        let (status, body) = harness.call(request).await;
        assert_eq!((status.as_u16(), &body["status"]), (expected, &json!(expected)), "{body}");
        assert!(!body.to_string().contains("t0ken"));
    }
    assert!(harness.queued().await.is_empty());
}

#[tokio::test]
async fn a_replayed_call_is_refused_after_five_minutes() {
    let harness = Harness::new().await;
    harness.clock.advance(std::time::Duration::from_secs(301));
    assert_eq!(harness.call(request(RECEIPTS)).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_invalid_body_is_a_problem_that_does_not_repeat_it() {
    let harness = Harness::new().await;
    for (body, expected) in [
        ("", 400),
        ("{\"s3cret\"", 400),
        ("\"s3cret\"", 422),
        (r#"{"receipts": "s3cret"}"#, 422),
        (r#"{"receipts": [{"id": "s3cret", "status": "delivered"}]}"#, 422),
        ("{}", 202),
    ] {
        let (status, answer) = harness.call(signed(body)).await;
        assert_eq!(status.as_u16(), expected, "{body}");
        assert!(!answer.to_string().contains("s3cret"), "{answer}");
    }
    let long = format!(r#"{{"receipts": []{}}}"#, " ".repeat(BODY_BYTES_MAX));
    assert_eq!(harness.call(signed(&long)).await.0, StatusCode::PAYLOAD_TOO_LARGE);
}

/// An example of `PROTOCOL.md`.
fn example(mark: &str) -> &'static str {
    let (_, rest) = PROTOCOL.split_once(&format!("\n```{mark}\n")).unwrap();
    rest.split_once("\n```").unwrap().0
}

#[tokio::test]
async fn the_protocol_documents_every_answer() {
    let harness = Harness::new().await;
    let (status, body) = harness.call(signed(example("json mixed"))).await;
    let taken: Value = serde_json::from_str(example("json taken")).unwrap();
    assert_eq!((status, body), (StatusCode::ACCEPTED, taken));
    assert_eq!(harness.call(signed(example("json callback"))).await.0, StatusCode::ACCEPTED);

    let (_, table) = PROTOCOL.split_once("\n| status | when | you |\n").unwrap();
    let rows = table.lines().skip(1).take_while(|line| line.starts_with('|'));
    let statuses: Vec<&str> = rows.filter_map(|row| row.split('|').nth(1)).map(str::trim).collect();
    // 429 comes from the gateway; the tests around this one cover all others.
    assert_eq!(statuses, ["202", "400", "401", "404", "405", "413", "422", "429", "503"]);
    assert_eq!(BODY_BYTES_MAX, 1024 * 1024, "PROTOCOL.md says 1 MiB");
}

#[tokio::test]
async fn when_the_queue_fails_the_carrier_is_asked_to_retry() {
    let mut harness = Harness::new().await;
    harness.environment.get_mut("EVENTS_QUEUE_URL").unwrap().push_str("-that-is-not-there");
    let response = router(harness.app()).oneshot(request(RECEIPTS)).await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["retry-after"], "5");
}

#[tokio::test]
async fn without_a_configured_secret_the_carrier_is_asked_to_retry() {
    let mut harness = Harness::new().await;
    harness.environment.remove("CALLBACK_SECRET");
    let response = router(harness.app()).oneshot(request(RECEIPTS)).await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["retry-after"], "300");
    assert_eq!(harness.queued().await, []);
}

#[tokio::test]
async fn every_fault_of_the_configuration_is_named() {
    let Harness { cloud, clock, .. } = Harness::new().await;
    let environment = BTreeMap::from([("CALLBACK_SECRET".to_owned(), "short".to_owned())]).into();
    let made = App::new(&Start { sdk: cloud.sdk_config(), environment, clock });
    let errors = made.err().unwrap().to_string();
    for name in ["EVENTS_QUEUE_URL", "CARRIER", "CALLBACK_TOKEN", "CALLBACK_SECRET"] {
        assert!(errors.contains(name), "{errors}");
    }
    assert!(!errors.contains("short"));
}
