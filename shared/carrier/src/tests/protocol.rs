//! Compares `PROTOCOL.md` with the code: the examples go through the writer and the parsers, tables and numbers are
//! compared with constants.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use domain::campaign::RECEIPTS_HOURS;
use domain::compose::SEGMENTS_MAX;
use domain::flow::{Call, Contract, FAILURES_MAX, Flow, Grant, PAUSE_AFTER, Party};
use domain::message_id::MESSAGE_ID_BYTES_MAX;
use domain::outcome::{Outcome, Reason};
use domain::receipt::{self, REASON_CHARACTERS_MAX};
use domain::segments::{self, Encoding};
use domain::sender;
use domain::signature::{SECRET_BYTES, SIGNATURES_MAX, Secret, TOLERANCE_SECONDS};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};

use super::submitting::{answering, behaving, messages, serving, submit};
use crate::callback::{CallbackAuth, ERRORS_MAX, REPLY_CHARACTERS_MAX, SHORT_CODE_CHARACTERS_MAX, parse};
use crate::http::{ANSWER_BYTES_MAX, CONNECT_TIMEOUT, MESSAGE_BYTES, RETRY_AFTER_MAX, WINDOW_MAX, answers};
use crate::{Answer, Carrier, HttpSettings, Submission, WINDOW_DEFAULT};

const TEXT: &str = include_str!("../../PROTOCOL.md");
/// The secret that signs the example in the document.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// The fenced block with this mark.
fn block(mark: &str) -> &'static str {
    let (_, rest) = TEXT.split_once(&format!("\n```{mark}\n")).unwrap_or_else(|| panic!("no block `{mark}`"));
    rest.split_once("\n```").unwrap().0
}

fn example(mark: &str) -> Value {
    serde_json::from_str(block(mark)).unwrap_or_else(|error| panic!("`{mark}` is not JSON: {error}"))
}

/// Rows of the table with this head, as cells without backticks.
fn table(head: &str) -> Vec<Vec<String>> {
    let (_, rest) = TEXT.split_once(&format!("\n{head}")).unwrap_or_else(|| panic!("no table `{head}`"));
    let cells = |row: &str| row.split('|').map(|cell| cell.trim().replace('`', "")).collect::<Vec<_>>();
    let rows = rest.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| cells(row.trim_matches('|'))).collect()
}

/// Headers and body of an HTTP message.
fn http(mark: &str) -> (Vec<(&'static str, &'static str)>, &'static str) {
    let (head, body) = block(mark).split_once("\n\n").unwrap();
    (head.lines().skip(1).map(|line| line.split_once(": ").unwrap()).collect(), body)
}

/// The messages of the example, as `send` submits them.
fn submissions(request: &Value) -> Vec<Submission<'_>> {
    request["messages"].as_array().unwrap().iter().map(submission).collect()
}

fn submission(message: &Value) -> Submission<'_> {
    let text = |field: &str| message[field].as_str().unwrap();
    Submission {
        id: text("id").parse().unwrap(),
        from: message["from"].as_str().unwrap(),
        to: text("to").parse().unwrap(),
        text: message["text"].as_str().unwrap().into(),
        encoding: Encoding::from_code(text("encoding")).unwrap(),
        segments: message["segments"].as_u64().unwrap().try_into().unwrap(),
    }
}

#[tokio::test]
async fn the_request_is_what_the_adapter_sends_and_the_answer_what_it_reads() {
    let (request, (headers, _)) = (example("json request"), http("http request"));
    for message in submissions(&request) {
        let counted = segments::count(&message.text);
        assert_eq!((counted.encoding, counted.segments), (message.encoding, message.segments), "{}", message.text);
    }
    let seen = Arc::new(Mutex::new(None));
    let notes = seen.clone();
    let handler = move |headers: HeaderMap, body: String| async move {
        *notes.lock().unwrap() = Some((headers, body));
        block("json answer")
    };
    let url = serving(Router::new().route("/submit", post(handler))).await;
    let authorization = headers.iter().find(|(name, _)| *name == "Authorization").unwrap().1;
    let settings = HttpSettings { authorization: authorization.into(), ..HttpSettings::new(url) };
    let report = Carrier::from_name("http", settings).unwrap().submit(&submissions(&request)).await;

    let (sent, body) = seen.lock().unwrap().take().unwrap();
    for (name, value) in headers.iter().filter(|(name, _)| *name != "Host") {
        assert_eq!(sent.get(*name).unwrap_or_else(|| panic!("no {name}")), value);
    }
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), request);
    assert!(report.error.is_none());
    let rejected = Answer::Rejected { reason: Reason::Blocked };
    assert_eq!(report.answers, [Answer::Accepted, Answer::Throttled, rejected, Answer::Unknown]);
    let fields: Vec<_> = table("| field | what it is |").into_iter().map(|row| row[0].clone()).collect();
    assert_eq!(fields, ["id", "from", "to", "text", "encoding", "segments"], "in the order of the table");
    for message in request["messages"].as_array().unwrap() {
        assert!(fields.iter().all(|field| message.get(field).is_some()) && message.as_object().unwrap().len() == 6);
    }
}

#[test]
fn every_status_of_an_answer_is_the_one_of_its_row() {
    let answer = |status: &str| {
        let body = format!(r#"{{"results": [{{"id": "{}", "status": "{status}"}}]}}"#, messages(1)[0].id);
        answers(&messages(1), body.as_bytes()).unwrap()[0]
    };
    let found: Vec<_> = table("| `status` | you say |").iter().map(|row| answer(&row[0])).collect();
    assert_eq!(found, [Answer::Accepted, Answer::Throttled, Answer::Rejected { reason: Reason::Refused }]);
    assert_eq!(answer("queued"), Answer::Unknown);
}

#[tokio::test]
async fn every_answer_to_a_call_means_what_its_row_says() {
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let unreachable = format!("http://{}/", gone.local_addr().unwrap());
    drop(gone);
    let mut rows = table("| answer | the messages of the call |").into_iter();
    let readable = rows.next().unwrap();
    assert!(readable[0].starts_with("2xx, readable") && readable[1] == "as the results say");
    for row in rows {
        let mut urls = Vec::new();
        for (word, code) in [
            ("2xx, not readable", 200),
            ("3xx", 302),
            ("400", 400),
            ("401", 401),
            ("403", 403),
            ("404", 404),
            ("413", 413),
            ("422", 422),
            ("4xx", 410),
            ("429", 429),
            ("5xx", 503),
        ] {
            if row[0].contains(word) {
                urls.push(answering((StatusCode::from_u16(code).unwrap(), "no answer")).await);
            }
        }
        if row[0].contains("no connection") {
            urls.push(unreachable.clone());
        }
        if row[0].contains("the connection breaks") {
            let hangs_up = async |mut socket: TcpStream| drop(socket.read(&mut [0; 1024]).await);
            urls.push(behaving(hangs_up).await);
        }
        assert!(!urls.is_empty(), "a row that this test does not know: {row:?}");
        for url in urls {
            let report = submit(&url, 2).await;
            let expected = match row[1].as_str() {
                "not taken" => Answer::Throttled,
                "in doubt" => Answer::Unknown,
                other => panic!("{other}"),
            };
            assert_eq!(report.answers, [expected; 2], "{row:?}");
            assert_eq!(report.call() == Some(Call::Failed), row[2].contains("counts a failure"), "{row:?} {report:?}");
            let is_about_messages = report.error.as_ref().is_some_and(crate::CallError::is_about_messages);
            assert_eq!(is_about_messages, row[2].contains("sends the half"), "{row:?}");
        }
    }
}

#[test]
fn the_signed_example_is_accepted_and_read() {
    let (headers, body) = http("http callback");
    let header = |name: &str| headers.iter().find(|(found, _)| *found == name).unwrap().1;
    let now = Timestamp::from_second(header("webhook-timestamp").parse().unwrap()).unwrap();
    let caller = CallbackAuth { carrier: "http".into(), token: "t0ken".into(), secrets: vec![SECRET.parse().unwrap()] };
    let map: HeaderMap =
        headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect::<HeaderMap>();
    let signed = SECRET.parse::<Secret>().unwrap().sign(header("webhook-id"), now, body.as_bytes());
    assert_eq!(header("webhook-signature"), signed, "the signature in PROTOCOL.md is another's");
    assert_eq!(caller.verify(&map, body.as_bytes(), now), Ok(()));
    assert!(TEXT.contains(SECRET) && block("http callback").starts_with("POST /v1/callbacks/http/t0ken "));
    let callback = parse(body.as_bytes(), now).unwrap();
    assert_eq!((callback.receipts.len(), callback.refused), (1, 0));

    // The document's Python example makes the same signature, independently of our code.
    let driver = "\nimport json, sys\nprint(signature(*json.load(sys.stdin), sys.argv[1].encode()), end='')\n";
    let mut python = Command::new("python3");
    let python = python.args(["-c", &format!("{}{driver}", block("python")), body]);
    let mut python = python.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("this test needs python3");
    let asked = serde_json::json!([SECRET, header("webhook-id"), header("webhook-timestamp")]);
    python.stdin.take().unwrap().write_all(asked.to_string().as_bytes()).unwrap();
    let said = python.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(said.stdout).unwrap(), signed);
}

#[test]
fn the_bodies_of_callbacks_are_read() {
    let now = "2026-03-01T12:00:00Z".parse().unwrap();
    let callback = parse(block("json callback").as_bytes(), now).unwrap();
    let [delivered, failed] = callback.receipts[..] else { panic!("{callback:?}") };
    assert_eq!((delivered.outcome, failed.outcome), (Outcome::Delivered, Outcome::Failed));
    assert_eq!((failed.reason, failed.at), (Reason::Unreachable, "2026-03-01T11:59:59Z".parse().unwrap()));
    assert_eq!((callback.replies.len(), callback.refused), (1, 0));
    let mixed = parse(block("json mixed").as_bytes(), now).unwrap();
    assert_eq!((mixed.receipts.len(), mixed.replies.len(), mixed.refused), (1, 1, 1));
}

#[test]
fn every_receipt_status_is_documented_with_its_outcome() {
    let rows = table("| `status` | also as |");
    for row in &rows {
        let means = match row[2].as_str() {
            "on its way: nothing changes" => Outcome::HandedOver,
            code => code.parse().unwrap(),
        };
        let words = row[1].split(", ").filter(|word| !word.is_empty());
        for word in std::iter::once(&*row[0]).chain(words) {
            assert_eq!(receipt::outcome(word), Some(means), "{word}");
        }
    }
    let order = "unknown, rejected, expired, failed, delivered";
    assert!(TEXT.contains(order));
    let order: Vec<Outcome> = order.split(", ").map(|word| word.parse().unwrap()).collect();
    assert!(order.is_sorted(), "the greater outcome counts");
}

#[test]
fn every_reason_that_a_carrier_may_give_is_documented() {
    let rows = table("| code | meaning |");
    for row in &rows {
        let reason = receipt::reason(Outcome::Failed, Some(&row[0]));
        assert_eq!(reason.code(), row[0]);
        assert_eq!(if reason.is_temporary() { "yes" } else { "no" }, row[2], "{}", row[0]);
    }
    // Reasons that only Envol itself sets.
    let own = [Reason::None, Reason::NoReceipt, Reason::NoAnswer, Reason::ExcludedSince];
    for reason in Reason::ALL.iter().filter(|reason| !own.contains(reason)) {
        assert!(rows.iter().any(|row| row[0] == reason.code()), "{} is not documented", reason.code());
    }
    for (outcome, expected) in
        [(Outcome::Rejected, "refused"), (Outcome::Expired, "validity_ended"), (Outcome::Failed, "unspecified")]
    {
        assert_eq!(receipt::reason(outcome, None).code(), expected);
        assert!(
            TEXT.contains(&format!("`{}` counts as `{expected}`", outcome.code()))
                || TEXT.contains(&format!("`{}` as `{expected}`", outcome.code()))
        );
    }
}

#[test]
fn numbers_are_those_of_the_code() {
    let kib = 1024;
    for expected in [
        format!("({WINDOW_DEFAULT}, unless configured; {} at most)", thousands(WINDOW_MAX)),
        format!(
            "about {MESSAGE_BYTES} bytes, {WINDOW_DEFAULT} messages about {} kB",
            MESSAGE_BYTES * WINDOW_DEFAULT / 1_000
        ),
        format!("at most {MESSAGE_ID_BYTES_MAX} characters"),
        format!("{} to {} letters and digits", sender::MIN_CHARS, sender::MAX_CHARS),
        format!("charges for, 1 to {SEGMENTS_MAX}"),
        format!("at most {} MiB", ANSWER_BYTES_MAX / kib / kib),
        format!("no connection within {} s", CONNECT_TIMEOUT.as_secs()),
        format!("({} at least, {} at most)", 1, RETRY_AFTER_MAX.as_secs()),
        format!("After {FAILURES_MAX} failures in a row"),
        format!("After {} minutes of that", PAUSE_AFTER.as_secs() / 60),
        format!("base64 of {} to {} bytes", SECRET_BYTES.start(), SECRET_BYTES.end()),
        format!("at most {} minutes from now", TOLERANCE_SECONDS / 60),
        format!("up to {SIGNATURES_MAX} signatures"),
        format!("1 to {SHORT_CODE_CHARACTERS_MAX} characters"),
        format!("{} characters are kept", thousands(REPLY_CHARACTERS_MAX)),
        format!("at most {ERRORS_MAX} bad records"),
        format!("the first {REASON_CHARACTERS_MAX} characters"),
        format!("or {RECEIPTS_HOURS} hours after"),
    ] {
        assert!(TEXT.contains(&expected), "PROTOCOL.md does not say: {expected}");
    }
}

fn thousands(number: usize) -> String {
    format!("{},{:03}", number / 1_000, number % 1_000)
}

/// Seconds until the next call may be made.
fn wait_seconds(flow: &mut Flow, now: Timestamp) -> i64 {
    match flow.grant(500, Party(1), &Contract { window: 500, rate_per_second: None }, now) {
        Grant::Now(_) => 0,
        Grant::At(at) | Grant::Open(at) => at.duration_since(now).as_secs(),
    }
}

#[test]
fn pauses_are_those_of_the_code() {
    let mut now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    let throttled = |retry_after_seconds| Call::Throttled { messages: 1, retry_after_seconds };
    for (asked, expected) in [(Some(0), 1), (Some(7), 7), (Some(9_999), 900), (None, 1)] {
        let mut flow = Flow::default();
        flow.learn(throttled(asked), now, now);
        assert_eq!(wait_seconds(&mut flow, now), expected, "{asked:?}");
    }
    let mut flow = Flow::default();
    let mut longest = 0;
    for _ in 0..20 {
        flow.learn(throttled(None), now, now);
        let wait = wait_seconds(&mut flow, now);
        longest = longest.max(wait);
        now += SignedDuration::from_secs(wait);
    }
    assert!(longest == 16 && TEXT.contains("it waits 1 s, longer if it goes on (16 s at most)"), "{longest}");

    let mut flow = Flow::default();
    for _ in 0..FAILURES_MAX {
        assert_eq!(wait_seconds(&mut flow, now), 0);
        flow.learn(Call::Failed, now, now);
    }
    let mut probes = Vec::new();
    for _ in 0..6 {
        let wait = wait_seconds(&mut flow, now);
        probes.push(wait);
        now += SignedDuration::from_secs(wait);
        flow.learn(Call::Failed, now, now);
    }
    assert_eq!(probes, [5, 10, 20, 40, 60, 60]);
    assert!(TEXT.contains("tries one message after 5 s, then after 10, 20 and 40 s, then every 60 s"));
}
