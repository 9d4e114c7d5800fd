use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::post;
use domain::flow::Call;
use domain::ids::{AccountId, CampaignId};
use domain::message_id::{Addressee, MessageId};
use domain::outcome::Reason;
use domain::segments::Encoding;
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::http::answers;
use crate::{Answer, CallError, Carrier, HttpSettings, SettingsError, Submission, SubmitReport};

pub(super) fn messages(count: u32) -> Vec<Submission<'static>> {
    let account = AccountId::from_tail("01hqxz0000000000000a").unwrap();
    let campaign = CampaignId::from_tail("01hqxz0000000000000b").unwrap();
    let message = |index| Submission {
        id: MessageId::new(&account, &campaign, Addressee::Recipient(index)),
        from: "ENVOL",
        to: "+33612345678".parse().unwrap(),
        text: "Ça \"va\" ?\n😀".into(),
        encoding: Encoding::Ucs2,
        segments: 1,
    };
    (0..count).map(message).collect()
}

pub(super) fn carrier(url: &str) -> Carrier {
    let timeout = Duration::from_secs(3);
    Carrier::from_name("http", HttpSettings { timeout, ..HttpSettings::new(url) }).unwrap()
}

/// The calls received: authorization and body.
type Seen = Arc<Mutex<Vec<(Option<String>, Value)>>>;

/// Starts a carrier that answers every call with this.
pub(super) async fn answering<R: IntoResponse + Clone + Send + Sync + 'static>(answer: R) -> String {
    serving(Router::new().route("/submit", post(move || async move { answer.clone() }))).await
}

pub(super) async fn serving(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/submit", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

/// Starts a carrier that does this with each connection.
pub(super) async fn behaving(behave: impl AsyncFn(tokio::net::TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/submit", listener.local_addr().unwrap());
    let (sockets, mut waiting) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let _ = sockets.send(socket);
        }
    });
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            while let Some(socket) = waiting.recv().await {
                behave(socket).await;
            }
        });
    });
    url
}

pub(super) async fn submit(url: &str, count: u32) -> SubmitReport {
    carrier(url).submit(&messages(count)).await
}

#[tokio::test]
async fn messages_go_out_as_the_protocol_writes_them() {
    let seen: Seen = Arc::default();
    let notes = seen.clone();
    let handler = move |headers: http::HeaderMap, axum::Json(body): axum::Json<Value>| async move {
        let authorization = headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
        notes.lock().unwrap().push((authorization, body.clone()));
        let results = body["messages"].as_array().unwrap().iter();
        axum::Json(
            json!({"results": results.map(|m| json!({"id": m["id"], "status": "accepted"})).collect::<Vec<_>>()}),
        )
    };
    let url = serving(Router::new().route("/submit", post(handler))).await;
    let settings = HttpSettings { authorization: "Bearer s3cret".into(), ..HttpSettings::new(url) };
    let carrier = Carrier::from_name("http", settings).unwrap();
    let report = carrier.submit(&messages(2)).await;
    assert!(report.error.is_none());
    assert_eq!(report.answers, [Answer::Accepted; 2]);
    let seen = seen.lock().unwrap();
    assert_eq!(seen[0].0.as_deref(), Some("Bearer s3cret"));
    let expected = json!({
        "id": "01hqxz0000000000000a.01hqxz0000000000000b.1", "from": "ENVOL", "to": "+33612345678",
        "text": "Ça \"va\" ?\n😀", "encoding": "ucs2", "segments": 1,
    });
    assert_eq!(seen[0].1["messages"][1], expected);
}

#[tokio::test]
async fn answers_find_their_messages_in_any_order() {
    let id = |index: u32| messages(4)[index as usize].id.to_string();
    let url = answering(axum::Json(json!({"results": [
        {"id": id(3), "status": "rejected", "reason": "invalid_number"},
        {"id": "a stranger", "status": "accepted"},
        {"id": id(1), "status": "throttled"},
        {"id": id(0), "status": "accepted", "reason": null, "extra": {}},
    ]})))
    .await;
    let report = submit(&url, 4).await;
    let rejected = Answer::Rejected { reason: Reason::InvalidNumber };
    assert_eq!(report.answers, [Answer::Accepted, Answer::Throttled, Answer::Unknown, rejected]);
    assert!(report.error.is_none());
}

#[tokio::test]
async fn an_unreachable_carrier_accepted_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let report = submit(&url, 2).await;
    assert!(matches!(report.error, Some(CallError::NotReached(_))), "{report:?}");
    assert_eq!(report.answers, [Answer::Throttled; 2]);
}

#[tokio::test]
async fn a_request_to_wait_is_no_failure() {
    for (header, expected) in
        [("7", Some(7)), ("999999", Some(900)), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None)]
    {
        let url = answering((StatusCode::TOO_MANY_REQUESTS, [("retry-after", header)], "slow down")).await;
        let report = submit(&url, 1).await;
        let call = Call::Throttled { messages: 1, retry_after_seconds: expected };
        assert_eq!(report.call(), Some(call), "{header}");
        assert_eq!(report.answers, [Answer::Throttled]);
    }
}

#[tokio::test]
async fn a_refused_call_accepted_nothing_and_redirects_are_not_followed() {
    for status in [StatusCode::FOUND, StatusCode::UNAUTHORIZED, StatusCode::NOT_FOUND, StatusCode::PAYLOAD_TOO_LARGE] {
        let url = answering((status, [("location", "http://127.0.0.1:1/elsewhere")], "no")).await;
        let report = submit(&url, 1).await;
        assert!(matches!(report.error, Some(CallError::Refused { status: found }) if found == status.as_u16()));
        assert_eq!(report.answers, [Answer::Throttled]);
    }
}

#[tokio::test]
async fn rejected_messages_are_told_from_rejected_calls() {
    for (status, messages, expected) in [
        (StatusCode::BAD_REQUEST, 1, Some(Call::Refused)),
        (StatusCode::UNPROCESSABLE_ENTITY, 1, Some(Call::Refused)),
        // Any of them may be the cause: halving the call shows which.
        (StatusCode::BAD_REQUEST, 2, None),
        (StatusCode::PAYLOAD_TOO_LARGE, 2, None),
        (StatusCode::UNAUTHORIZED, 2, Some(Call::Failed)),
        (StatusCode::PAYMENT_REQUIRED, 1, Some(Call::Failed)),
    ] {
        let report = submit(&answering((status, "no")).await, messages).await;
        assert_eq!(report.call(), expected, "{status}");
        assert!(report.answers.iter().all(|answer| *answer == Answer::Throttled));
    }
}

#[tokio::test]
async fn an_unusable_answer_leaves_everything_in_doubt() {
    let accepted = format!(r#"{{"results": [{{"id": "{}", "status": "accepted"}}]}}"#, messages(1)[0].id);
    for (status, body) in [
        (StatusCode::INTERNAL_SERVER_ERROR, accepted.clone()),
        (StatusCode::SERVICE_UNAVAILABLE, String::new()),
        (StatusCode::OK, String::new()),
        (StatusCode::OK, "<html>".into()),
        (StatusCode::OK, r#"{"results": 5}"#.into()),
        (StatusCode::OK, r#"{"results": [{"id": 1, "status": "accepted"}]}"#.into()),
        (StatusCode::OK, accepted[..accepted.len() - 3].into()),
        (StatusCode::OK, " ".repeat(5 * 1024 * 1024)),
    ] {
        let report = submit(&answering((status, body.clone())).await, 1).await;
        assert_eq!(report.answers, [Answer::Unknown], "{status} {:.60}", body);
        assert_eq!(report.call(), Some(Call::Failed));
    }
}

#[tokio::test]
async fn a_connection_that_breaks_after_sending_leaves_everything_in_doubt() {
    let hangs_up = behaving(async |mut socket: tokio::net::TcpStream| {
        let _ = socket.read(&mut [0; 1024]).await;
    })
    .await;
    let hangs = behaving(async |mut socket: tokio::net::TcpStream| {
        let _ = socket.read(&mut [0; 1024]).await;
        std::future::pending::<()>().await;
    })
    .await;
    let stops_short = behaving(async |mut socket: tokio::net::TcpStream| {
        let _ = socket.read(&mut [0; 65_536]).await;
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"results\":").await;
    })
    .await;
    for url in [hangs_up, hangs, stops_short] {
        let report = submit(&url, 1).await;
        assert!(matches!(report.error, Some(CallError::Lost(_))), "{report:?}");
        assert_eq!(report.answers, [Answer::Unknown]);
    }
}

#[test]
fn settings_that_leak_or_cannot_work_are_refused() {
    let fault = |url: &str, change: fn(&mut HttpSettings)| {
        let mut settings = HttpSettings::new(url);
        change(&mut settings);
        Carrier::from_name("http", settings).map(|_| ()).unwrap_err()
    };
    assert!(matches!(fault("http://carrier.example/", |_| ()), SettingsError::NotEncrypted));
    assert!(matches!(fault("http://127.0.0.1.example/", |_| ()), SettingsError::NotEncrypted));
    assert!(matches!(fault("ftp://127.0.0.1/", |_| ()), SettingsError::NotEncrypted));
    assert!(matches!(fault("carrier", |_| ()), SettingsError::NotAUrl));
    assert!(matches!(fault("https://me:secret@carrier.example/", |_| ()), SettingsError::Credentials));
    assert!(matches!(fault("https://carrier.example/", |s| s.window = 0), SettingsError::Window));
    assert!(matches!(
        fault("https://carrier.example/", |s| s.authorization = "a\nb".into()),
        SettingsError::Authorization
    ));
    for url in ["https://carrier.example/v1", "http://127.0.0.1:8/", "http://[::1]:8/", "http://localhost/"] {
        assert!(Carrier::from_name("http", HttpSettings::new(url)).is_ok(), "{url}");
    }
    assert!(matches!(
        Carrier::from_name("pigeon", HttpSettings::new("https://a/")),
        Err(SettingsError::UnknownCarrier)
    ));
    let secret = HttpSettings { authorization: "Bearer s3cret".into(), ..HttpSettings::new("https://a/") };
    assert!(!format!("{secret:?}{:?}", Carrier::from_name("http", secret.clone()).unwrap()).contains("s3cret"));
}

#[test]
fn the_sandbox_deduplicates_and_other_carriers_only_if_configured() {
    let settings = HttpSettings::new("http://127.0.0.1:8/");
    assert!(Carrier::from_name("sandbox", settings.clone()).unwrap().deduplicates());
    assert!(!Carrier::from_name("http", settings.clone()).unwrap().deduplicates());
    assert_eq!(Carrier::from_name("http", settings).unwrap().window(), 500);
}

#[test]
fn two_answers_that_differ_leave_a_doubt() {
    let id = messages(1)[0].id;
    let body =
        format!(r#"{{"results": [{{"id": "{id}", "status": "accepted"}}, {{"id": "{id}", "status": "rejected"}}]}}"#);
    assert_eq!(answers(&messages(1), body.as_bytes()).unwrap(), [Answer::Unknown]);
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(body in any::<Vec<u8>>()) {
        let _ = answers(&messages(3), &body);
    }

    #[test]
    fn answers_in_any_order_read_the_same(order in Just((0u32..20).collect::<Vec<_>>()).prop_shuffle()) {
        let messages = messages(20);
        let status = |index: u32| if index.is_multiple_of(3) { "accepted" } else { "throttled" };
        let results: Vec<_> = order.iter().map(|i| json!({"id": messages[*i as usize].id, "status": status(*i)})).collect();
        let found = answers(&messages, json!({"results": results}).to_string().as_bytes()).unwrap();
        let expected: Vec<_> =
            (0u32..20).map(|index| if index.is_multiple_of(3) { Answer::Accepted } else { Answer::Throttled }).collect();
        prop_assert_eq!(found, expected);
    }
}
