//! Tests the handler with the events of `events/console`, on the embedded cloud.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use app::config::Table;
use app::{Start, password};
use aws::store::Store;
use axum::Router;
use axum::body::{Body, to_bytes};
use console::{App, router};
use domain::account::{Account, Role, User};
use domain::credits::{Balance, Mode};
use domain::ids::{AccountId, UserId};
use domain::sending_window::SendingWindow;
use http::{HeaderMap, Request, StatusCode, header};
use local::cloud::{Credentials, Data, LocalCloud, Options};
use local::template::{self, StackContext, Template};
use std::collections::BTreeMap;
use std::time::Duration;
use support::Clock;
use tower::ServiceExt;

const SIGNIN_PAGE: &str = include_str!("../../../events/console/signin-page.json");
const SIGNIN: &str = include_str!("../../../events/console/signin.json");
const CAMPAIGNS: &str = include_str!("../../../events/console/campaigns.json");
const LATE_FORM: &str = include_str!("../../../events/console/form-after-the-session.json");
const STRANGER: &str = include_str!("../../../events/console/form-of-a-stranger.json");

struct Harness {
    _cloud: LocalCloud,
    store: Store,
    clock: Clock,
    router: Router,
}

fn strings(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl Harness {
    /// An account whose user `anna@example.com` signs in with `correct-horse`.
    async fn with(role: Role) -> Self {
        let index = StackContext {
            region: "eu-west-3".into(),
            account: "000000000000".into(),
            stack: "envol".into(),
            cloud_url: "http://127.0.0.1:3002".into(),
            api_urls: strings(&[("HttpApi", "http://127.0.0.1:3000"), ("ShortApi", "http://127.0.0.1:3001")]),
            parameters: strings(&[("Carrier", "sandbox"), ("CarrierUrl", "http://127.0.0.1:3003/messages")]),
            secrets: strings(&[
                ("link_key", &"ab".repeat(32)),
                ("webhook_key", &"cd".repeat(32)),
                ("fingerprint_key", &"ab".repeat(32)),
                ("authorization", ""),
                ("callback_token", "t0ken"),
                ("callback_secret", "whsec_c"),
            ]),
        };
        let template = Template::read(template::TEXT, &index).unwrap();
        let clock = Clock::manual("2026-11-23T10:00:00Z".parse().unwrap());
        let options = Options {
            data: Data::Memory,
            clock: clock.clone(),
            credentials: Credentials { access_key: "AKLOCALTEST".into(), secret_key: "secret".into() },
            region: index.region.clone(),
            account: index.account.clone(),
            port: 3002,
        };
        let cloud = LocalCloud::open(options, &template).await.unwrap();
        let environment = template.functions["console"].environment.clone().into();
        let start = Start { sdk: cloud.sdk_config(), environment, clock: clock.clone() };
        let store = start.make(|resources| Some(resources.store(&[Table::Accounts]))).unwrap();
        seed(&store, role, clock.now()).await;
        let router = router(App::new(&start).unwrap());
        Self { _cloud: cloud, store, clock, router }
    }

    async fn call(&self, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        let body = to_bytes(body, 4 << 20).await.unwrap();
        (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    /// Signs in and returns the cookie.
    async fn cookie(&self) -> String {
        let (status, headers, body) = self.call(event(SIGNIN)).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{body}");
        let cookie = headers[header::SET_COOKIE].to_str().unwrap();
        assert!(cookie.contains("HttpOnly; SameSite=Lax; Secure"), "{cookie}");
        cookie.split(';').next().unwrap().to_owned()
    }

    async fn get(&self, path: &str, cookie: &str) -> (StatusCode, HeaderMap, String) {
        let request = Request::get(path).header("host", "console.envol.example").header("cookie", cookie);
        self.call(request.body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, cookie: &str, form: String) -> (StatusCode, HeaderMap, String) {
        let request = Request::post(path)
            .header("host", "console.envol.example")
            .header("origin", "https://console.envol.example")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", cookie);
        self.call(request.body(Body::from(form)).unwrap()).await
    }
}

async fn seed(store: &Store, role: Role, now: jiff::Timestamp) {
    let id = AccountId::new(now, [1; 6]);
    let account = Account {
        id: id.clone(),
        name: "Ma boutique".into(),
        time_zone: "Europe/Paris".into(),
        default_sender: "BOUTIQUE".into(),
        stop_code: "36105".into(),
        window: SendingWindow::default(),
        purge_after_days: 90,
        requires_proof: false,
        balance: Balance { mode: Mode::Limited, balance: 12_345, reserved: 0 },
        created_at: now,
        version: 0,
    };
    store.account(&account.id).create_account(&account).await.unwrap();
    let user = User {
        id: UserId::new(now, [2; 6]),
        email: "anna@example.com".into(),
        password_hash: password::hash("correct-horse").unwrap(),
        role,
        created_at: now,
        version: 0,
    };
    store.account(&id).put_new_user(&user).await.unwrap();
}

fn event(text: &str) -> Request<Body> {
    lambda_http::request::from_str(text).unwrap().map(|body| Body::from(body.to_vec()))
}

fn csrf(page: &str) -> String {
    page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_page_runs_our_own_scripts_and_styles_only() {
    let harness = Harness::with(Role::Owner).await;
    let (status, headers, body) = harness.call(event(SIGNIN_PAGE)).await;
    assert_eq!(status, StatusCode::OK);
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"), "{policy}");
    assert!(policy.contains("connect-src 'self' http://127.0.0.1:3002") && !policy.contains("unsafe"), "{policy}");
    assert!(!body.contains("<style") && !body.contains(" style=") && !body.contains("onclick="), "{body}");
    let style = body.split("href=\"").find(|piece| piece.starts_with("/assets/console-")).unwrap();
    let (status, headers, _) = harness.get(style.split('"').next().unwrap(), "").await;
    assert_eq!(
        (status, headers["cache-control"].to_str().unwrap()),
        (StatusCode::OK, "public, max-age=31536000, immutable")
    );
}

#[tokio::test]
async fn the_table_shows_credits_and_invites() {
    let harness = Harness::with(Role::Owner).await;
    let (status, _, body) = harness.get("/campaigns", &harness.cookie().await).await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("12\u{202f}345") && body.contains("Aucune campagne en cours"), "{body}");
}

#[tokio::test]
async fn a_draft_is_created_by_its_first_step_only() {
    let harness = Harness::with(Role::Editor).await;
    let cookie = harness.cookie().await;
    let (_, _, page) = harness.get("/campaigns/new", &cookie).await;
    let nameless = format!("csrf={}&name=&kind=marketing&go=next", csrf(&page));
    let (status, _, body) = harness.post("/campaigns/new", &cookie, nameless).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(body.contains("Donnez un nom à la campagne."), "{body}");
    let named = format!("csrf={}&name=Soldes&kind=marketing&go=next", csrf(&page));
    let (status, headers, _) = harness.post("/campaigns/new", &cookie, named).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert!(headers["location"].to_str().unwrap().ends_with("/contacts"));
}

#[tokio::test]
async fn a_form_of_another_site_changes_nothing() {
    let harness = Harness::with(Role::Owner).await;
    let (status, ..) = harness.call(event(STRANGER)).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let cookie = harness.cookie().await;
    let (status, ..) = harness.post("/campaigns/new", &cookie, "csrf=0&name=x".into()).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn input_sent_after_the_session_ended_is_restored() {
    let harness = Harness::with(Role::Owner).await;
    let (status, _, body) = harness.call(event(LATE_FORM)).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(body.contains("ce que vous avez saisi est conservé") && body.contains("Soldes+d%E2%80%99hiver"), "{body}");
    assert_eq!(harness.call(event(CAMPAIGNS)).await.0, StatusCode::UNAUTHORIZED, "a made-up cookie opens nothing");
}

#[tokio::test]
async fn a_viewer_may_read_and_not_change() {
    let harness = Harness::with(Role::Viewer).await;
    let cookie = harness.cookie().await;
    let (status, _, body) = harness.get("/campaigns", &cookie).await;
    assert!(status == StatusCode::OK && !body.contains("/campaigns/new"), "{body}");
    assert_eq!(harness.get("/campaigns/new", &cookie).await.0, StatusCode::FORBIDDEN);
    let form = format!("csrf={}&name=x", csrf(&body));
    assert_eq!(harness.post("/campaigns/new", &cookie, form).await.0, StatusCode::FORBIDDEN);
    assert_eq!(harness.get("/account/keys", &cookie).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_session_ends_when_idle_and_all_end_on_request() {
    let harness = Harness::with(Role::Owner).await;
    let (here, there) = (harness.cookie().await, harness.cookie().await);
    let (_, _, page) = harness.get("/campaigns", &here).await;
    let form = format!("csrf={}", csrf(&page));
    assert_eq!(harness.post("/me/signout-everywhere", &here, form).await.0, StatusCode::SEE_OTHER);
    assert_eq!(harness.get("/campaigns", &there).await.0, StatusCode::UNAUTHORIZED);
    let again = harness.cookie().await;
    harness.clock.advance(Duration::from_secs(5 * 3600));
    assert_eq!(harness.get("/campaigns", &again).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn guessing_passwords_ends_after_ten_tries() {
    let harness = Harness::with(Role::Owner).await;
    let guess = || harness.post("/signin", "", "email=anna%40example.com&password=wrong".into());
    for _ in 0..12 {
        harness.cookie().await;
    }
    for _ in 0..10 {
        assert_eq!(guess().await.0, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let (status, headers, _) = guess().await;
    assert_eq!((status, headers["retry-after"].to_str().unwrap()), (StatusCode::TOO_MANY_REQUESTS, "900"));
    assert!(harness.store.user_of_email("anna@example.com").await.unwrap().is_some());
}

#[tokio::test]
async fn automatic_requests_do_not_keep_a_session_alive() {
    let harness = Harness::with(Role::Owner).await;
    let (there, away) = (harness.cookie().await, harness.cookie().await);
    harness.clock.advance(Duration::from_secs(3 * 3600));
    assert_eq!(harness.get("/campaigns", &there).await.0, StatusCode::OK);
    let quiet = Request::get("/campaigns").header("cookie", &away).header("x-envol-quiet", "1");
    assert_eq!(harness.call(quiet.body(Body::empty()).unwrap()).await.0, StatusCode::OK);
    harness.clock.advance(Duration::from_secs(2 * 3600));
    assert_eq!(harness.get("/campaigns", &there).await.0, StatusCode::OK);
    assert_eq!(harness.get("/campaigns", &away).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn each_page_has_another_token_and_each_is_valid() {
    let harness = Harness::with(Role::Owner).await;
    let cookie = harness.cookie().await;
    let (one, other) = (harness.get("/campaigns", &cookie).await.2, harness.get("/campaigns", &cookie).await.2);
    assert_ne!(csrf(&one), csrf(&other));
    for page in [one, other] {
        let form = format!("csrf={}&name=Soldes&kind=marketing&go=next", csrf(&page));
        assert_eq!(harness.post("/campaigns/new", &cookie, form).await.0, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn a_form_sent_twice_makes_one_thing() {
    let harness = Harness::with(Role::Owner).await;
    let cookie = harness.cookie().await;
    let hidden = |page: &str, name: &str| {
        page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let (_, _, page) = harness.get("/campaigns/new", &cookie).await;
    let form =
        |name: &str| format!("csrf={}&id={}&name={name}&kind=marketing&go=next", csrf(&page), hidden(&page, "id"));
    let first = harness.post("/campaigns/new", &cookie, form("Soldes")).await.1[header::LOCATION].clone();
    let second = harness.post("/campaigns/new", &cookie, form("Promos")).await.1[header::LOCATION].clone();
    assert_eq!(first, second);
    let (_, _, table) = harness.get("/campaigns", &cookie).await;
    assert!(table.contains("Promos") && !table.contains("Soldes"), "{table}");

    let (_, _, page) = harness.get("/account/keys", &cookie).await;
    let form = format!("csrf={}&id={}&name=CRM&scope=read", csrf(&page), hidden(&page, "id"));
    for _ in 0..2 {
        let (status, _, body) = harness.post("/account/keys", &cookie, form.clone()).await;
        assert!(status == StatusCode::OK && body.contains("envol_"), "{body}");
    }
    let (_, _, keys) = harness.get("/account/keys", &cookie).await;
    assert_eq!(keys.matches("Révoquer la clé CRM").count(), 1);
}

#[tokio::test]
async fn a_change_in_one_step_does_not_conflict_with_others() {
    let harness = Harness::with(Role::Editor).await;
    let cookie = harness.cookie().await;
    let (_, _, page) = harness.get("/campaigns/new", &cookie).await;
    let named = format!("csrf={}&name=Soldes&kind=marketing&go=next", csrf(&page));
    let (_, headers, _) = harness.post("/campaigns/new", &cookie, named).await;
    let path = headers[header::LOCATION].to_str().unwrap().trim_end_matches("/contacts").to_owned();
    let general = harness.get(&format!("{path}/general"), &cookie).await.2;
    let seen = general.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let schedule = harness.get(&format!("{path}/schedule"), &cookie).await.2;
    let schedule_seen = schedule.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let paced = format!("csrf={}&seen={schedule_seen}&when=now&pace=1200&go=leave", csrf(&schedule));
    assert_eq!(harness.post(&format!("{path}/schedule"), &cookie, paced).await.0, StatusCode::SEE_OTHER);
    let rename = |name: &str| format!("csrf={}&seen={seen}&name={name}&kind=marketing&go=next", csrf(&general));
    assert_eq!(harness.post(&format!("{path}/general"), &cookie, rename("Promos")).await.0, StatusCode::SEE_OTHER);
    let (status, _, body) = harness.post(&format!("{path}/general"), &cookie, rename("Autre")).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(body.contains("value=\"Autre\"") && body.contains("<td>Promos</td>"), "{body}");
}

#[tokio::test]
async fn long_responses_are_compressed_for_clients_that_accept_it() {
    let harness = Harness::with(Role::Owner).await;
    let (_, _, page) = harness.get("/signin", "").await;
    let style = page[page.find("/assets/parts-").unwrap()..].split('"').next().unwrap();
    for (path, accepted, encoding) in [
        ("/signin", "gzip, deflate, br, zstd", Some("gzip")),
        (style, "br;q=1, gzip;q=0.5", Some("gzip")),
        ("/signin", "br", None),
        (style, "gzip;q=0", None),
        ("/assets/nothing.css", "gzip", None),
    ] {
        let request = Request::get(path).header("accept-encoding", accepted).body(Body::empty()).unwrap();
        let response = harness.router.clone().oneshot(request).await.unwrap();
        let headers = response.headers();
        assert_eq!(headers.get("content-encoding").map(|value| value.to_str().unwrap()), encoding, "{path} {accepted}");
        assert_eq!(headers.get_all("vary").iter().collect::<Vec<_>>(), ["accept-encoding, accept-language, cookie"]);
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        assert_eq!(body.starts_with(&[0x1f, 0x8b]), encoding.is_some(), "{path} {accepted}");
    }
}
