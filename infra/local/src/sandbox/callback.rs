//! The carrier's callbacks to us: receipts and replies, several per request, over real HTTP, signed as by any carrier.

use std::time::Duration;

use domain::signature::{ID_HEADER, SIGNATURE_HEADER, Secret, TIMESTAMP_HEADER};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// Time limit of a request; afterwards it is repeated.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Hexadecimal digits of a request's id.
const ID_DIGITS: usize = 32;

/// The callback URL, and how requests are signed.
#[derive(Debug, Clone)]
pub struct CallbackSettings {
    pub url: String,
    pub secret: Secret,
}

/// One message's receipt on the wire.
#[derive(Debug, Serialize)]
pub struct Receipt {
    pub id: String,
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    pub at: jiff::Timestamp,
}

/// One reply on the wire.
#[derive(Debug, Serialize)]
pub struct ReplyBody {
    pub from: String,
    pub to: String,
    pub text: String,
    pub at: jiff::Timestamp,
}

/// The body of a call.
#[derive(Debug, Default, Serialize)]
pub struct Body {
    pub receipts: Vec<Receipt>,
    pub replies: Vec<ReplyBody>,
}

/// Why a request has to be repeated.
#[derive(Debug, thiserror::Error)]
pub enum CallFailed {
    #[error("the receiver of callbacks cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    #[error("the receiver of callbacks answered {0}")]
    Refused(u16),
    #[error("the callback cannot be written")]
    Unwritable(#[source] serde_json::Error),
}

/// Sends signed requests.
pub struct CallbackAuth {
    client: reqwest::Client,
    settings: CallbackSettings,
}

impl CallbackAuth {
    pub fn new(settings: CallbackSettings) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { client, settings })
    }

    /// One request; only a 2xx response counts.
    pub async fn call(&self, body: &Body, now: jiff::Timestamp) -> Result<(), CallFailed> {
        let body = serde_json::to_vec(body).map_err(CallFailed::Unwritable)?;
        // Equal content has an equal id at each attempt, as Standard Webhooks requires.
        let digest: [u8; 32] = Sha256::digest(&body).into();
        let id = format!("msg_{}", hex::encode(&digest[..ID_DIGITS / 2]));
        let signature = self.settings.secret.sign(&id, now, &body);
        let answer = self
            .client
            .post(&self.settings.url)
            .header(reqwest::header::CONTENT_TYPE, "application/json")
            .header(ID_HEADER, id)
            .header(TIMESTAMP_HEADER, now.as_second())
            .header(SIGNATURE_HEADER, signature)
            .body(body)
            .send()
            .await
            .map_err(CallFailed::Unreachable)?;
        if answer.status().is_success() { Ok(()) } else { Err(CallFailed::Refused(answer.status().as_u16())) }
    }
}
