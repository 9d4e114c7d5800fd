//! Users and keys: created, listed, removed; secrets are shown once.

use serde_json::json;

use crate::cloud::{Cloud, text};

#[test]
fn a_user_is_created_gets_a_new_password_and_is_deleted() {
    let cloud = Cloud::start();
    let id = cloud.account(&[]);
    let made = cloud.json(&["user", "create", &id, "Jeanne@Example.com"]);
    assert_eq!((text(&made, "/email"), text(&made, "/role")), ("jeanne@example.com".into(), "owner".into()));
    assert_eq!(text(&made, "/password").len(), 20);
    let session = sign_in(&cloud, "jeanne@example.com", &text(&made, "/password")).unwrap();
    assert_eq!(status_of("/campaigns", &cloud, &session), 200);

    let reset = cloud.json(&["user", "reset-password", "JEANNE@example.com"]);
    assert_ne!(text(&reset, "/password"), text(&made, "/password"));
    assert_eq!(status_of("/campaigns", &cloud, &session), 401, "who was signed in is out");
    assert_eq!(sign_in(&cloud, "jeanne@example.com", &text(&made, "/password")), None);
    assert!(sign_in(&cloud, "jeanne@example.com", &text(&reset, "/password")).is_some());

    cloud.admin(&["user", "create", &id, "jeanne@example.com"]).refuses(4, "taken");
    cloud.admin(&["user", "create", &id, "jeanne"]).refuses(4, "not an e-mail address");
    cloud.admin(&["user", "delete", "jeanne@example.com"]).refuses(4, "at least one owner");
    cloud.admin(&["user", "delete", "paul@example.com"]).refuses(3, "no user paul@example.com");
    cloud.json(&["user", "create", &id, "paul@example.com", "--role", "owner"]);
    cloud.json(&["user", "delete", "jeanne@example.com"]);
    let listed = cloud.json(&["user", "list", &id]);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert!(!listed.to_string().contains("password"), "{listed}");
    let actions: Vec<_> = cloud.audit(&id).into_iter().map(|(_, action)| action).collect();
    let expected = ["user.deleted", "user.created", "user.password_reset", "user.created", "account.created"];
    assert_eq!(actions, expected);
}

#[test]
fn a_key_allows_its_scopes_until_it_is_revoked() {
    let cloud = Cloud::start();
    let id = cloud.account(&[]);
    let made = cloud.json(&["key", "create", &id, "--name", "caisse", "--scopes", "write,read,read"]);
    assert_eq!(made["scopes"], json!(["read", "write"]));
    let (key, secret) = (text(&made, "/id"), text(&made, "/key"));
    assert_eq!(cloud.api("GET", "/account", &secret, None).1["id"], json!(id));
    assert_eq!(cloud.api("GET", "/account/keys", &secret, None).0, 403);
    let listed = cloud.json(&["key", "list", &id]);
    assert_eq!((text(&listed["items"][0], "/id"), listed["items"][0].get("key")), (key.clone(), None));
    assert!(listed["items"][0]["last_used_at"].is_string());
    cloud.json(&["key", "revoke", &key]);
    cloud.admin(&["key", "revoke", &key]).refuses(3, "there is no key");
    assert_eq!(cloud.json(&["key", "list", &id])["items"], json!([]));
    cloud.admin(&["key", "create", &id, "--name", "a", "--scopes", "root"]).refuses(2, "read, write, send, admin");
    cloud.admin(&["key", "create", &id, "--name", " ", "--scopes", "read"]).refuses(4, "a name of 1 to");
}

/// The session's cookie, if signing in succeeds.
fn sign_in(cloud: &Cloud, email: &str, password: &str) -> Option<String> {
    let url = text(&cloud.ready, "/console_url");
    cloud.with(async |_| {
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let body = format!("email={}&password={password}", email.replace('@', "%40"));
        let request = client.post(format!("{url}/signin")).header("origin", &url).body(body);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.send().await.unwrap();
        let cookie = answer.headers().get("set-cookie")?.to_str().unwrap();
        Some(cookie.split(';').next()?.to_owned())
    })
}

fn status_of(path: &str, cloud: &Cloud, cookie: &str) -> u16 {
    let url = format!("{}{path}", text(&cloud.ready, "/console_url"));
    cloud.with(async |_| {
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        client.get(url).header("cookie", cookie).send().await.unwrap().status().as_u16()
    })
}
