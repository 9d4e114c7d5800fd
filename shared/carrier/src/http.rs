//! The JSON protocol of `PROTOCOL.md`: `POST {url}` with up to a window of messages; the response has one result each.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use domain::flow::Contract;
use domain::message_id::MessageId;
use domain::outcome::{Outcome, Reason};
use domain::receipt;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{StatusCode, Url};
use serde::ser::{SerializeSeq as _, SerializeStruct as _};
use serde::{Deserialize, Serialize, Serializer};

use super::{Answer, CallError, Submission};

/// Messages per call, unless the carrier's contract says otherwise.
pub const WINDOW_DEFAULT: usize = 500;
/// Largest configurable number of messages per call.
pub(super) const WINDOW_MAX: usize = 10_000;
/// Time to connect.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Time until the response is complete, unless configured.
pub const TIMEOUT_DEFAULT: Duration = Duration::from_secs(30);
/// Largest response; one for 500 messages takes about 50 KB.
pub(super) const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Approximate size of one message in the request, to reserve memory.
pub(super) const MESSAGE_BYTES: usize = 320;
/// The longest wait that a carrier may ask for.
pub(super) const RETRY_AFTER_MAX: Duration = Duration::from_secs(15 * 60);

/// How to reach a carrier.
#[derive(Clone)]
pub struct HttpSettings {
    /// Where messages go: `https`, or anything on loopback.
    pub url: String,
    /// The whole value of the `Authorization` header; not sent if empty.
    pub authorization: String,
    /// Most messages per call.
    pub window: usize,
    /// The carrier accepts each message id only once.
    pub deduplicates: bool,
    /// Messages per second of its contract; `None` means that the rate is learnt.
    pub rate_per_second: Option<u32>,
    pub timeout: Duration,
}

impl HttpSettings {
    /// A carrier at `url` that is not known to deduplicate.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            authorization: String::new(),
            window: WINDOW_DEFAULT,
            deduplicates: false,
            rate_per_second: None,
            timeout: TIMEOUT_DEFAULT,
        }
    }
}

/// Hides the authorization.
impl fmt::Debug for HttpSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, authorization: _, window, deduplicates, rate_per_second, timeout } = self;
        let mut shown = f.debug_struct("HttpSettings");
        shown.field("url", url).field("window", window).field("deduplicates", deduplicates);
        shown.field("rate_per_second", rate_per_second).field("timeout", timeout);
        shown.finish_non_exhaustive()
    }
}

/// What is wrong with a carrier's settings. Names the setting, never its value.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("the carrier is none that we know")]
    UnknownCarrier,
    #[error("the carrier's address is not a URL")]
    NotAUrl,
    #[error("the carrier's address must begin with https://, but on loopback")]
    NotEncrypted,
    #[error("the carrier's address must not hold a user or password")]
    Credentials,
    #[error("the carrier's authorization is not a header value")]
    Authorization,
    #[error("the carrier's window must be 1 to {WINDOW_MAX} messages")]
    Window,
    #[error("the carrier's rate must be at least one message a second")]
    Rate,
}

/// A carrier that speaks the protocol.
#[derive(Debug, Clone)]
pub struct Http {
    /// Created at the first call: it loads every root certificate of the machine, which takes milliseconds of a
    /// function's start, and api and console rarely send.
    client: Arc<OnceLock<reqwest::Client>>,
    timeout: Duration,
    url: Url,
    authorization: Option<HeaderValue>,
    window: usize,
    deduplicates: bool,
    rate_per_second: Option<u32>,
}

impl Http {
    pub fn new(settings: HttpSettings) -> Result<Self, SettingsError> {
        let url = Url::parse(&settings.url).map_err(|_| SettingsError::NotAUrl)?;
        if !(url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url))) {
            return Err(SettingsError::NotEncrypted);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(SettingsError::Credentials);
        }
        if !(1..=WINDOW_MAX).contains(&settings.window) {
            return Err(SettingsError::Window);
        }
        if settings.rate_per_second == Some(0) {
            return Err(SettingsError::Rate);
        }
        let authorization = match settings.authorization.as_str() {
            "" => None,
            text => {
                let mut value = HeaderValue::from_str(text).map_err(|_| SettingsError::Authorization)?;
                value.set_sensitive(true);
                Some(value)
            }
        };
        let HttpSettings { window, deduplicates, rate_per_second, timeout, .. } = settings;
        Ok(Self { client: Arc::default(), timeout, url, authorization, window, deduplicates, rate_per_second })
    }

    fn client(&self) -> Result<&reqwest::Client, reqwest::Error> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        // A function sleeps between invocations while its connections die. Writing to a dead one looks like losing a
        // response, which a carrier that does not deduplicate cannot resolve: it gets a fresh connection each time.
        let idle_connections = if self.deduplicates { 8 } else { 0 };
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(self.timeout)
            .pool_max_idle_per_host(idle_connections)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(self.client.get_or_init(|| client))
    }

    pub fn deduplicates(&self) -> bool {
        self.deduplicates
    }

    pub fn window(&self) -> usize {
        self.window
    }

    pub(super) fn contract(&self) -> Contract {
        Contract { window: u32::try_from(self.window).unwrap_or(u32::MAX), rate_per_second: self.rate_per_second }
    }

    /// Makes one call. Returns an answer per message, in order, or the error of the call.
    pub(super) async fn submit(&self, messages: &[Submission<'_>]) -> Result<Vec<Answer>, CallError> {
        let mut body = Vec::with_capacity(messages.len() * MESSAGE_BYTES + 16);
        serde_json::to_writer(&mut body, &Body(messages)).map_err(CallError::Unwritable)?;
        let client = self.client().map_err(CallError::NotReached)?;
        let mut request = client.post(self.url.clone()).header(CONTENT_TYPE, "application/json").body(body);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        let response = request.send().await.map_err(|error| {
            // Before the connection existed nothing can have been read. The URL may contain a token, so it is not
            // shown.
            let is_unread = error.is_connect() || error.is_builder();
            let error = error.without_url();
            if is_unread { CallError::NotReached(error) } else { CallError::Lost(error) }
        })?;
        let status = response.status();
        if status == StatusCode::TOO_MANY_REQUESTS {
            let header = response.headers().get(RETRY_AFTER);
            return Err(CallError::Throttled { retry_after: header.and_then(retry_after) });
        }
        if status.is_redirection() || status.is_client_error() {
            return Err(CallError::Refused { status: status.as_u16() });
        }
        if !status.is_success() {
            return Err(CallError::Failed { status: status.as_u16() });
        }
        answers(messages, &whole(response).await?)
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Seconds of a `Retry-After`; a date is ignored, as it depends on the sender's clock.
fn retry_after(value: &HeaderValue) -> Option<Duration> {
    let seconds: u64 = value.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(RETRY_AFTER_MAX))
}

/// Reads the whole response, up to the limit.
async fn whole(mut response: reqwest::Response) -> Result<Vec<u8>, CallError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| CallError::Lost(error.without_url()))? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(CallError::TooLong { limit: ANSWER_BYTES_MAX });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// `{"messages": […]}`, serialised directly into the body.
struct Body<'a>(&'a [Submission<'a>]);

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut body = serializer.serialize_struct("Body", 1)?;
        body.serialize_field("messages", &Messages(self.0))?;
        body.end()
    }
}

struct Messages<'a>(&'a [Submission<'a>]);

impl Serialize for Messages<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut messages = serializer.serialize_seq(Some(self.0.len()))?;
        for message in self.0 {
            messages.serialize_element(&Message {
                id: message.id,
                from: message.from,
                to: message.to.e164().as_str(),
                text: &message.text,
                encoding: message.encoding.code(),
                segments: message.segments,
            })?;
        }
        messages.end()
    }
}

#[derive(Serialize)]
struct Message<'a> {
    id: MessageId,
    from: &'a str,
    to: &'a str,
    text: &'a str,
    encoding: &'static str,
    segments: u32,
}

#[derive(Deserialize)]
struct Results<'a> {
    #[serde(borrow)]
    results: Vec<ResultOfOne<'a>>,
}

#[derive(Deserialize)]
struct ResultOfOne<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    status: Cow<'a, str>,
    #[serde(borrow, default)]
    reason: Option<Cow<'a, str>>,
}

/// Finds each message's answer, in any order. A message without one, or with two that differ, is in doubt; results for
/// unknown ids are ignored.
pub(super) fn answers(messages: &[Submission<'_>], body: &[u8]) -> Result<Vec<Answer>, CallError> {
    let Results { results } = serde_json::from_slice(body).map_err(|error| CallError::Unreadable(error.into()))?;
    let mut found: Vec<Option<Answer>> = vec![None; messages.len()];
    // Nearly all carriers answer in order; indexes are looked up only when one does not.
    let mut indexes: Option<HashMap<MessageId, usize>> = None;
    for (expected, result) in results.iter().enumerate() {
        let Ok(id) = result.id.parse::<MessageId>() else { continue };
        let index = match messages.get(expected) {
            Some(message) if message.id == id => Some(expected),
            _ => {
                let indexes =
                    indexes.get_or_insert_with(|| messages.iter().map(|message| message.id).zip(0..).collect());
                indexes.get(&id).copied()
            }
        };
        let Some(slot) = index.and_then(|index| found.get_mut(index)) else { continue };
        let answer = result.answer();
        *slot = match *slot {
            None => Some(answer),
            Some(same) if same == answer => Some(answer),
            Some(_) => Some(Answer::Unknown),
        };
    }
    Ok(found.into_iter().map(|answer| answer.unwrap_or(Answer::Unknown)).collect())
}

impl ResultOfOne<'_> {
    fn answer(&self) -> Answer {
        match &*self.status {
            "accepted" => Answer::Accepted,
            "throttled" => Answer::Throttled,
            "rejected" => {
                let reason: Reason = receipt::reason(Outcome::Rejected, self.reason.as_deref());
                Answer::Rejected { reason }
            }
            _ => Answer::Unknown,
        }
    }
}
