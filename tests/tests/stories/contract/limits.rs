//! Rate limits: of accounts, of failed authentication, and with other settings than the template's.

use serde_json::json;
use stories::{Answer, Harness};

/// The API of a harness with some other environment variables.
pub fn router(harness: &Harness, variables: &[(&str, &str)]) -> axum::Router {
    api::router(api::App::new(&harness.start_of("api", variables)).unwrap())
}

async fn send(router: &axum::Router, request: http::Request<axum::body::Body>) -> Answer {
    let (parts, body) = tower::ServiceExt::oneshot(router.clone(), request).await.unwrap().into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    Answer::new(http::Response::from_parts(parts, bytes))
}

/// Calls such an API with the key of the harness.
pub async fn ask(router: &axum::Router, harness: &Harness, method: &str, path: &str, body: &str) -> Answer {
    let request = http::Request::builder().method(method).uri(path).header("content-type", "application/json");
    let request = request.header("authorization", format!("Bearer {}", harness.key()));
    send(router, request.body(body.to_owned().into()).unwrap()).await
}

async fn knock(router: &axum::Router, key: &str, address: &str) -> Answer {
    let request = http::Request::get("/v1/account").header("x-forwarded-for", address);
    send(router, request.header("authorization", format!("Bearer {key}")).body(Default::default()).unwrap()).await
}

#[tokio::test]
async fn an_address_with_many_failed_authentications_waits_and_others_do_not() {
    let harness = Harness::new().await;
    let router = router(&harness, &[]);
    let wrong = format!("envol_{}_{}", "0".repeat(20), "0".repeat(64));
    let own = harness.key().to_owned();
    knock(&router, &own, "203.0.113.7").await.expect(200);
    let statuses: Vec<_> = times(120, async |_| knock(&router, &wrong, "8.8.8.8, 203.0.113.7").await.status).await;
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 100, "{statuses:?}");
    let answer = knock(&router, &wrong, "203.0.113.7").await.expect(429);
    assert_eq!((answer.header("retry-after"), answer.header("content-type")), ("1", "application/problem+json"));
    // A key in use still works; other addresses are not affected.
    knock(&router, &own, "203.0.113.7").await.expect(200);
    knock(&router, &wrong, "203.0.113.8").await.expect(401);
    let fresh = harness.post("/v1/account/keys", json!({ "name": "neuve", "scopes": ["read"] })).await.text("key");
    knock(&router, &fresh, "203.0.113.7").await.expect(429);
    harness.pass(std::time::Duration::from_secs(5)).await;
    knock(&router, &fresh, "203.0.113.7").await.expect(200);
    harness.end().await;
}

async fn times<T>(times: usize, mut ask: impl AsyncFnMut(usize) -> T) -> Vec<T> {
    let mut answers = Vec::with_capacity(times);
    for time in 0..times {
        answers.push(ask(time).await);
    }
    answers
}

#[tokio::test]
async fn an_account_over_its_limit_gets_the_time_to_wait() {
    let harness = Harness::new().await;
    let router = router(&harness, &[("RATE_PER_SECOND", "2"), ("RATE_BURST", "4")]);
    let answers = times(6, async |_| ask(&router, &harness, "GET", "/v1/account", "").await).await;
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 429, 429]);
    let left: Vec<_> = answers.iter().map(|answer| answer.header("ratelimit-remaining")).collect();
    assert_eq!(left, ["3", "2", "1", "0", "0", "0"]);
    assert_eq!((answers[4].header("ratelimit-limit"), answers[4].header("ratelimit-reset")), ("4", "2"));
    assert_eq!(answers[4].header("retry-after"), "1");
    harness.pass(std::time::Duration::from_secs(5)).await;
    ask(&router, &harness, "GET", "/v1/account", "").await.expect(200);
    harness.end().await;
}
