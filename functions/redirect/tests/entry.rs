//! Tests the handler with the events of `events/redirect`, on the embedded cloud.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::time::Duration;

use app::Start;
use app::config::Table;
use aws::queue::{self, Click, Events};
use aws::store::{LinkRange, LinkTarget};
use axum::body::{Body, to_bytes};
use http::{HeaderMap, Request, StatusCode};
use local::cloud::{Credentials, Data, LocalCloud, Options};
use local::template::{self, StackContext, Template};
use redirect::{App, router};
use rustack_sqs_model::input::ReceiveMessageInput;
use serde_json::Value;
use support::Clock;
use tower::ServiceExt;

const PERSON: &str = include_str!("../../../events/redirect/person.json");
const HEAD: &str = include_str!("../../../events/redirect/head.json");
const PREVIEW: &str = include_str!("../../../events/redirect/preview.json");
const IMAGE: &str = include_str!("../../../events/redirect/image.json");
const UNKNOWN: &str = include_str!("../../../events/redirect/unknown.json");
/// The key that their codes were made with: `PERSON` is number 1007, `IMAGE` 2003, `UNKNOWN` 3000.
const LINK_KEY: &str = "abababababababababababababababababababababababababababababababab";
/// Number 999, just below the first link's range.
const NEIGHBOUR: &str = "/VuZe1OHM";

struct Harness {
    cloud: LocalCloud,
    queue_url: String,
    clock: Clock,
    app: App,
}

fn strings(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl Harness {
    async fn new() -> Self {
        Self::without(None).await
    }

    /// Without the table or queue that a variable names.
    async fn without(missing: Option<&str>) -> Self {
        let position = StackContext {
            region: "eu-west-3".into(),
            account: "000000000000".into(),
            stack: "envol".into(),
            cloud_url: "http://127.0.0.1:3002".into(),
            api_urls: strings(&[("HttpApi", "http://127.0.0.1:3000"), ("ShortApi", "http://127.0.0.1:3001")]),
            parameters: strings(&[("Carrier", "sandbox")]),
            secrets: strings(&[
                ("link_key", LINK_KEY),
                ("fingerprint_key", LINK_KEY),
                ("webhook_key", "4567"),
                ("authorization", ""),
                ("callback_token", "t0ken"),
                ("callback_secret", "whsec_c"),
            ]),
        };
        let template = Template::read(template::TEXT, &position).unwrap();
        let clock = Clock::manual("2026-03-01T12:00:00Z".parse().unwrap());
        let options = Options {
            data: Data::Memory,
            clock: clock.clone(),
            credentials: Credentials { access_key: "AKLOCALTEST".into(), secret_key: "secret".into() },
            region: position.region.clone(),
            account: position.account.clone(),
            port: 3002,
        };
        let cloud = LocalCloud::open(options, &template).await.unwrap();
        let environment = &template.functions["redirect"].environment;
        let mut start =
            Start { sdk: cloud.sdk_config(), environment: environment.clone().into(), clock: clock.clone() };
        let store = start.make(|resources| Some(resources.store(&[Table::Links]))).unwrap();
        let url = LinkTarget::Url("https://example.com/soldes?b=c&d=%20é".into());
        let image = LinkTarget::Image("img_01hqxz0000000000000d".parse().unwrap());
        for (index, first, count, target) in [(0, 1_000, 50, url), (1, 2_000, 10, image)] {
            let range = LinkRange {
                first,
                count,
                account: "acc_01hqxz0000000000000a".parse().unwrap(),
                campaign: "cmp_01hqxz0000000000000b".parse().unwrap(),
                name: "lien".into(),
                index,
                target,
                expires_at: Some("2026-06-01T00:00:00Z".parse().unwrap()),
                fallback_url: None,
            };
            store.put_link_range(&range).await.unwrap();
        }
        let queue_url = environment["EVENTS_QUEUE_URL"].clone();
        if let Some(variable) = missing {
            let mut environment = environment.clone();
            environment.get_mut(variable).unwrap().push_str("-that-is-not-there");
            start.environment = environment.into();
        }
        Self { cloud, queue_url, clock, app: App::new(&start).unwrap() }
    }

    async fn call(&self, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
        let response = router(self.app.clone()).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn clicks(&self) -> Vec<Click> {
        let queue_url = self.queue_url.clone();
        let input = ReceiveMessageInput { queue_url, max_number_of_messages: Some(10), ..Default::default() };
        let messages = self.cloud.queues().receive(input).await.unwrap().messages;
        let events = messages.iter().map(|message| queue::events(message.body.as_deref().unwrap()).unwrap());
        events
            .flat_map(|events| match events {
                Events::Clicks(clicks) => {
                    assert_eq!(clicks.campaign.as_str(), "cmp_01hqxz0000000000000b");
                    clicks.items
                }
                Events::Receipts(_) | Events::Replies(_) => Vec::new(),
            })
            .collect()
    }
}

/// An event as Lambda hands it to the router.
fn request(event: &str) -> Request<Body> {
    lambda_http::request::from_str(event).unwrap().map(Body::new)
}

fn changed(change: impl Fn(&mut Value)) -> Request<Body> {
    let mut event: Value = serde_json::from_str(PERSON).unwrap();
    change(&mut event);
    request(&event.to_string())
}

fn asking(method: &'static str, path: &'static str) -> Request<Body> {
    changed(|event| {
        event["rawPath"] = path.into();
        event["requestContext"]["http"]["path"] = path.into();
        event["requestContext"]["http"]["method"] = method.into();
    })
}

#[tokio::test]
async fn a_code_leads_to_its_target_and_the_click_is_queued() {
    let harness = Harness::new().await;
    let (status, headers, body) = harness.call(request(PERSON)).await;
    assert_eq!((status, body.as_str()), (StatusCode::FOUND, ""));
    assert_eq!(headers["location"], "https://example.com/soldes?b=c&d=%20%C3%A9");
    assert_eq!(headers["cache-control"], "private, no-store");
    for name in ["content-security-policy", "referrer-policy", "x-content-type-options", "x-robots-tag"] {
        assert!(headers.contains_key(name), "{name}");
    }
    let clicks = harness.clicks().await;
    let [Click { index, visitor, second, link, .. }] = &clicks[..] else { panic!("{clicks:?}") };
    assert_eq!((*index, visitor.as_str(), *second, *link), (7, "person", 1_772_366_400, 0));
}

#[tokio::test]
async fn robots_are_redirected_and_classified() {
    let harness = Harness::new().await;
    for event in [HEAD, PREVIEW] {
        assert_eq!(harness.call(request(event)).await.0, StatusCode::FOUND);
    }
    let nameless = changed(|event| drop(event["headers"].as_object_mut().unwrap().remove("user-agent")));
    assert_eq!(harness.call(nameless).await.0, StatusCode::FOUND);
    let mut visitors: Vec<_> = harness.clicks().await.into_iter().map(|click| click.visitor).collect();
    visitors.sort();
    assert_eq!(visitors, ["head", "nameless", "preview"]);
}

#[tokio::test]
async fn an_image_link_shows_its_image() {
    let harness = Harness::new().await;
    let (status, headers, body) = harness.call(request(IMAGE)).await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        body.contains("<html lang=fr>") && body.contains("media/acc_01hqxz0000000000000a/img_01hqxz0000000000000d")
    );
    assert!(headers["content-security-policy"].to_str().unwrap().contains("img-src http://127.0.0.1:3002"));
    assert_eq!(headers["cache-control"], "private, no-store");
    assert!(matches!(&harness.clicks().await[..], [Click { index: 3, link: 1, .. }]), "the second link of its message");
}

#[tokio::test]
async fn everything_else_is_a_small_error_page() {
    let harness = Harness::new().await;
    let english = changed(|event| {
        event["rawPath"] = "/nothing".into();
        event["headers"]["accept-language"] = "en".into();
    });
    let (status, _, body) = harness.call(english).await;
    assert!(status == StatusCode::NOT_FOUND && body.contains("Link not found"), "{body}");
    let requests = [
        request(UNKNOWN),
        asking("GET", NEIGHBOUR),
        asking("GET", "/"),
        asking("GET", "/IqW5iLp"),
        asking("GET", "/IqW5iLp9/"),
        asking("GET", "/IqW5iLp9/more"),
        asking("GET", "/favicon.ico"),
        asking("GET", "/%FF%FE%00%00"),
        asking("POST", "/IqW5iLp9"),
        asking("DELETE", "/"),
        asking("OPTIONS", "/IqW5iLp9"),
    ];
    for request in requests {
        let asked = format!("{} {}", request.method(), request.uri());
        let (status, headers, body) = harness.call(request).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{asked}");
        assert!(body.contains("Lien introuvable") && body.len() < 2_000, "{asked} {body}");
        assert_eq!(headers["cache-control"], "private, no-store", "{asked}");
    }
    assert!(harness.clicks().await.is_empty());
}

#[tokio::test]
async fn an_expired_link_is_refused_even_when_cached() {
    let harness = Harness::new().await;
    assert_eq!(harness.call(request(PERSON)).await.0, StatusCode::FOUND);
    harness.clock.advance(Duration::from_secs(100 * 24 * 60 * 60));
    assert_eq!(harness.call(request(PERSON)).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_range_is_read_once_and_simultaneous_clicks_share_a_request() {
    let harness = Harness::new().await;
    harness.call(request(PERSON)).await;
    let before = harness.cloud.requests();
    let visits = (0..500).map(|_| harness.call(request(PERSON)));
    for (status, _, _) in futures_util::future::join_all(visits).await {
        assert_eq!(status, StatusCode::FOUND);
    }
    let asked = harness.cloud.requests().since(&before);
    assert_eq!(asked.of("Query"), 0);
    assert!(asked.total() <= 5, "{asked}");
    let clicks = harness.clicks().await;
    assert_eq!(clicks.len(), 501);
    let keys: std::collections::HashSet<_> = clicks.iter().map(|click| click.key).collect();
    assert_eq!(keys.len(), 501, "a key of its own for each");
    let addresses: std::collections::HashSet<_> = clicks.iter().map(|click| click.key >> 32).collect();
    assert_eq!(addresses.len(), 1, "all from one address");
}

#[tokio::test]
async fn a_queue_that_fails_keeps_nobody_from_going_on() {
    let harness = Harness::without(Some("EVENTS_QUEUE_URL")).await;
    for _ in 0..3 {
        assert_eq!(harness.call(request(PERSON)).await.0, StatusCode::FOUND);
    }
}

#[tokio::test]
async fn a_table_that_fails_is_said_to_be_ours() {
    let harness = Harness::without(Some("LINKS_TABLE")).await;
    let (status, headers, _) = harness.call(request(PERSON)).await;
    assert_eq!((status, &headers["retry-after"]), (StatusCode::SERVICE_UNAVAILABLE, &"5".parse().unwrap()));
}
