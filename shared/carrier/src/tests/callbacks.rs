use domain::outcome::{Outcome, Reason};
use proptest::prelude::*;

use crate::callback::{CallbackAuth, ERRORS_MAX, REPLY_CHARACTERS_MAX, Unreadable, parse};

const ID: &str = "01hqxz0000000000000a.01hqxz0000000000000b.7";

fn now() -> jiff::Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

#[test]
fn receipts_and_replies_are_read() {
    let body = format!(
        r#"{{"receipts": [{{"id": "{ID}", "status": "failed", "reason": "absent subscriber", "at": "2026-03-01T11:59:00Z"}}],
            "replies": [{{"from": "+33612345678", "to": "36105", "text": "STOP", "at": "2026-03-01T11:58:00Z"}}]}}"#
    );
    let callback = parse(body.as_bytes(), now()).unwrap();
    let [receipt] = callback.receipts[..] else { panic!("{callback:?}") };
    assert_eq!((receipt.id.to_string().as_str(), receipt.outcome), (ID, Outcome::Failed));
    assert_eq!((receipt.reason, receipt.at), (Reason::Unreachable, "2026-03-01T11:59:00Z".parse().unwrap()));
    let [reply] = &callback.replies[..] else { panic!("{callback:?}") };
    assert_eq!((reply.from.to_string().as_str(), &*reply.to, &*reply.text), ("+33612345678", "36105", "STOP"));
    assert_eq!(callback.refused, 0);
}

#[test]
fn a_missing_or_future_time_is_now() {
    let body = format!(
        r#"{{"receipts": [{{"id": "{ID}", "status": "delivered"}}, {{"id": "{ID}", "status": "delivered", "at": null}},
            {{"id": "{ID}", "status": "delivered", "at": "2099-01-01T00:00:00Z"}}], "extra": 1}}"#
    );
    let callback = parse(body.as_bytes(), now()).unwrap();
    assert_eq!(callback.receipts.len(), 3);
    assert!(callback.receipts.iter().all(|receipt| receipt.at == now()));
}

#[test]
fn a_bad_record_fails_alone_with_its_pointer() {
    for (record, pointer) in [
        (r#"{"status": "delivered"}"#, "/receipts/1/id"),
        (r#"{"id": "somebody-else", "status": "delivered"}"#, "/receipts/1/id"),
        (r#"{"id": 5, "status": "delivered"}"#, "/receipts/1/id"),
        (r#"{"id": "ID"}"#, "/receipts/1/status"),
        (r#"{"id": "ID", "status": ["delivered"]}"#, "/receipts/1/status"),
        (r#"{"id": "ID", "status": "perhaps"}"#, "/receipts/1/status"),
        (r#"{"id": "ID", "status": "delivered", "at": "yesterday"}"#, "/receipts/1/at"),
        (r#"{"id": "ID", "status": "delivered", "at": {"s": 1.5}}"#, "/receipts/1/at"),
    ] {
        let body = format!(r#"{{"receipts": [{{"id": "ID", "status": "delivered"}}, {record}]}}"#).replace("ID", ID);
        let callback = parse(body.as_bytes(), now()).unwrap();
        assert_eq!((callback.receipts.len(), callback.refused), (1, 1), "{record}");
        assert_eq!(callback.errors[0].pointer, pointer);
    }
    for (record, pointer) in [
        (r#"{"from": "MABOUTIQUE", "to": "36105", "text": ""}"#, "/replies/0/from"),
        (r#"{"from": "36105", "to": "36105", "text": ""}"#, "/replies/0/from"),
        (r#"{"from": "0123456789", "to": "36105", "text": ""}"#, "/replies/0/from"),
        (r#"{"from": 3.5, "to": "36105", "text": ""}"#, "/replies/0/from"),
        (r#"{"from": "+33612345678", "text": ""}"#, "/replies/0/to"),
        (r#"{"from": "+33612345678", "to": " ", "text": ""}"#, "/replies/0/to"),
        (r#"{"from": "+33612345678", "to": "36105"}"#, "/replies/0/text"),
    ] {
        let callback = parse(format!(r#"{{"replies": [{record}]}}"#).as_bytes(), now()).unwrap();
        assert_eq!((callback.errors[0].pointer.as_str(), callback.refused), (pointer, 1), "{record}");
    }
}

#[test]
fn a_reply_is_read_however_the_carrier_writes_its_numbers() {
    let reply = |from: &str, to: &str| {
        let body = format!(r#"{{"replies": [{{"from": {from}, "to": {to}, "text": "STOP"}}]}}"#);
        let callback = parse(body.as_bytes(), now()).unwrap();
        assert_eq!(callback.errors, [], "{from} {to}");
        (callback.replies[0].from.to_string(), callback.replies[0].to.clone())
    };
    for (from, expected) in [
        (r#""+33611008105""#, "+33611008105"),
        (r#""33611008105""#, "+33611008105"),
        (r#""0033611008105""#, "+33611008105"),
        (r#""0611008105""#, "+33611008105"),
        (r#"" +33 6 11 00 81 05 ""#, "+33611008105"),
        (r#""06.11.00.81.05""#, "+33611008105"),
        ("33611008105", "+33611008105"),
        (r#""262692123456""#, "+262692123456"),
        (r#""0692123456""#, "+262692123456"),
        (r#""32470123456""#, "+32470123456"),
        (r#""0032470123456""#, "+32470123456"),
        (r#""447911123456""#, "+447911123456"),
    ] {
        assert_eq!(reply(from, r#""36105""#).0, expected, "{from}");
    }
    for (to, expected) in [
        (r#""36105""#, "36105"),
        (r#"" 36 105 ""#, "36105"),
        ("36105", "36105"),
        (r#""+33755000000""#, "33755000000"),
        (r#"" MaBoutique ""#, "MaBoutique"),
        (r#""Ma +1""#, "Ma +1"),
    ] {
        assert_eq!(reply(r#""+33611008105""#, to).1, expected, "{to}");
    }
}

#[test]
fn a_body_that_is_no_callback_is_refused() {
    for body in ["", "{", "hello", "{\"receipts\": [}", "\u{1}"] {
        assert!(matches!(parse(body.as_bytes(), now()), Err(Unreadable::NotJson(_))), "{body}");
    }
    for body in ["5", "null", "\"x\"", r#"{"receipts": 5}"#, r#"{"receipts": [5]}"#, r#"{"replies": {}}"#] {
        assert!(matches!(parse(body.as_bytes(), now()), Err(Unreadable::NotACallback(_))), "{body}");
    }
    assert!(matches!(parse(&[0xFF, 0xFE], now()), Err(Unreadable::NotJson(_))));
}

#[test]
fn long_replies_are_shortened_and_errors_are_counted() {
    let text = "é".repeat(REPLY_CHARACTERS_MAX + 1);
    let body = format!(r#"{{"replies": [{{"from": "+33612345678", "to": "36105", "text": "{text}"}}]}}"#);
    let callback = parse(body.as_bytes(), now()).unwrap();
    assert_eq!(callback.replies[0].text.chars().count(), REPLY_CHARACTERS_MAX);
    let body = format!(r#"{{"receipts": [{}]}}"#, ["{}"; 100].join(","));
    let callback = parse(body.as_bytes(), now()).unwrap();
    assert_eq!((callback.errors.len(), callback.refused), (ERRORS_MAX, 100));
}

#[test]
fn only_the_right_carrier_and_token_match() {
    let caller = |token: &str| CallbackAuth { carrier: "http".into(), token: token.into(), secrets: Vec::new() };
    assert!(caller("t0ken").is_named("http", "t0ken"));
    for (carrier, token) in [("http", "t0keN"), ("http", ""), ("http", "t0ken2"), ("sandbox", "t0ken")] {
        assert!(!caller("t0ken").is_named(carrier, token), "{carrier} {token}");
    }
    assert!(!caller("").is_named("http", ""), "an empty token matches nothing");
}

/// JSON that resembles a callback.
fn nearly() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("null".to_owned()),
        any::<f64>().prop_filter("finite", |x| x.is_finite()).prop_map(|x| x.to_string()),
        ".*".prop_map(|text| serde_json::to_string(&text).unwrap()),
        Just(format!("\"{ID}\"")),
        Just("[[], {}]".to_owned()),
        Just("\"delivered\"".to_owned()),
    ];
    let field =
        prop_oneof![Just("id"), Just("status"), Just("reason"), Just("at"), Just("from"), Just("to"), Just("text")];
    let record = prop::collection::btree_map(field, value, 0..6).prop_map(|fields| {
        let fields: Vec<_> = fields.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
        format!("{{{}}}", fields.join(","))
    });
    (prop::collection::vec(record.clone(), 0..4), prop::collection::vec(record, 0..4)).prop_map(
        |(receipts, replies)| {
            format!(r#"{{"receipts": [{}], "replies": [{}]}}"#, receipts.join(","), replies.join(","))
        },
    )
}

proptest! {
    #[test]
    fn no_body_makes_it_panic(body in any::<Vec<u8>>()) {
        let _ = parse(&body, now());
    }

    #[test]
    fn each_record_is_accepted_or_refused(body in nearly()) {
        let value: serde_json::Value = serde_json::from_str(&body).unwrap();
        let given = |list: &str| value[list].as_array().unwrap().len();
        let callback = parse(body.as_bytes(), now()).unwrap();
        let taken = callback.receipts.len() + callback.replies.len();
        prop_assert_eq!(taken + callback.refused, given("receipts") + given("replies"));
    }
}
