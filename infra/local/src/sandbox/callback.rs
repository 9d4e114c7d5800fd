//! The carrier's word to us: receipts and replies, in bulk, over real HTTP, signed as any carrier would.

use std::time::Duration;

use domain::signature::{ID_HEADER, SIGNATURE_HEADER, Secret, TIMESTAMP_HEADER};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// How long an answer may take; after it the call is made again.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Hexadecimal digits of a call's id.
const ID_DIGITS: usize = 32;

/// Where the carrier calls back, and how it signs.
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

/// Why a call has to be made again.
#[derive(Debug, thiserror::Error)]
pub enum CallFailed {
    #[error("the receiver of callbacks cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    #[error("the receiver of callbacks answered {0}")]
    Refused(u16),
    #[error("the callback cannot be written")]
    Unwritable(#[source] serde_json::Error),
}

/// Makes signed calls.
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

    /// One call; only an answer of 2xx counts.
    pub async fn call(&self, body: &Body, now: jiff::Timestamp) -> Result<(), CallFailed> {
        let body = serde_json::to_vec(body).map_err(CallFailed::Unwritable)?;
        // The same content has the same id each time it is tried, as Standard Webhooks asks.
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
