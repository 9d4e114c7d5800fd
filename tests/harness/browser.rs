//! A user of the console: signed in, reading pages, sending their forms.

use app::password;
use bytes::Bytes;
use domain::account::{Role, User};
use domain::ids::UserId;
use http::Request;
use support::random;
use tokio::sync::OnceCell;

use crate::{Answer, Harness};

const PASSWORD: &str = "correct-horse-battery";
const ORIGIN: &str = "http://127.0.0.1:3000";

/// A signed-in user.
pub struct Browser<'a> {
    harness: &'a Harness,
    cookie: String,
    pub email: String,
    /// The CSRF token; read from a page when it is needed.
    token: OnceCell<String>,
}

impl Harness {
    /// Creates a user with this role, and signs them in.
    pub async fn browser(&self, role: Role) -> Browser<'_> {
        let email = format!("{}-{:x}@example.com", role.code(), u64::from_be_bytes(random::bytes()));
        let user = User {
            id: UserId::new(self.now(), random::bytes()),
            email: email.clone(),
            password_hash: password::hash(PASSWORD).unwrap(),
            role,
            created_at: self.now(),
            version: 0,
        };
        self.store.account(&self.account).put_new_user(&user).await.unwrap();
        let form = format!("email={}&password={PASSWORD}", email.replace('@', "%40"));
        let request = Request::post("/signin").header("content-type", "application/x-www-form-urlencoded");
        let answer = Answer::new(self.machine.request(request.body(Bytes::from(form)).unwrap()).await).expect(303);
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        Browser { harness: self, cookie, email, token: OnceCell::new() }
    }
}

impl Browser<'_> {
    pub async fn page(&self, path: &str) -> Answer {
        let request = Request::get(path).header("cookie", &self.cookie);
        Answer::new(self.harness.machine.request(request.body(Bytes::new()).unwrap()).await)
    }

    /// Sends the form for `action` on a page, with its hidden fields and these.
    pub async fn submit(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let text = self.page(page).await.expect(200).unpacked();
        let mut form = hidden_fields(&text, action);
        assert!(!form.is_empty(), "{page} has no form that leads to {action}");
        form.retain(|(name, _)| !fields.iter().any(|(given, _)| given == name));
        form.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.post(action, &form).await
    }

    /// Reads the CSRF token, so that sending a form takes a single request.
    pub async fn remember_token(&self) {
        self.token().await;
    }

    /// Sends a form that no page contains, with a valid token.
    pub async fn force(&self, action: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = vec![("csrf".to_owned(), self.token().await.to_owned())];
        form.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.post(action, &form).await
    }

    async fn token(&self) -> &str {
        let read = || async {
            let text = self.page("/campaigns").await.expect(200).unpacked();
            let token = hidden_fields(&text, "/me/signout").into_iter().find(|(name, _)| name == "csrf");
            token.unwrap().1
        };
        self.token.get_or_init(read).await
    }

    async fn post(&self, action: &str, form: &[(String, String)]) -> Answer {
        let encode = |text: &str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            let escaped = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
            text.bytes().map(escaped).collect::<String>()
        };
        let pairs = form.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let request = Request::post(action)
            .header("cookie", &self.cookie)
            .header("host", ORIGIN.trim_start_matches("http://"))
            .header("origin", ORIGIN)
            .header("content-type", "application/x-www-form-urlencoded");
        Answer::new(self.harness.machine.request(request.body(Bytes::from(body)).unwrap()).await)
    }
}

/// Names and values of the hidden fields of the form for `action`.
fn hidden_fields(page: &str, action: &str) -> Vec<(String, String)> {
    let leads = |form: &&str| form.contains(&format!("action=\"{action}\""));
    let Some(form) = page.split("<form").skip(1).find(leads) else { return Vec::new() };
    let form = form.split("</form>").next().unwrap_or_default();
    let inputs = form.split("<input").skip(1).filter(|input| input.contains("type=\"hidden\""));
    let attribute = |input: &str, name: &str| {
        let rest = input.split(&format!("{name}=\"")).nth(1)?;
        Some(rest.split('"').next()?.replace("&amp;", "&").replace("&quot;", "\"").replace("&lt;", "<"))
    };
    inputs.filter_map(|input| Some((attribute(input, " name")?, attribute(input, " value")?))).collect()
}
