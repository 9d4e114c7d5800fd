//! Options of a machine, and what the template's parameters become with them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use support::{Clock, random};

use super::{MAIN_API, SHORT_API};
use crate::cloud::{Credentials, Data, HOST, Options};
use crate::sandbox;
use crate::template::StackContext;

/// The simulated region and account. No request leaves the machine.
const REGION: &str = "eu-west-3";
const ACCOUNT: &str = "000000000000";
const STACK: &str = "envol";

/// Options of a machine.
#[derive(Clone)]
pub struct Setup {
    pub data: Data,
    pub clock: Clock,
    pub ports: Ports,
    pub secrets: Secrets,
    pub carrier: CarrierChoice,
}

/// Which carrier a machine uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CarrierChoice {
    /// The built-in one, on its own port.
    Sandbox,
    /// One outside this process. Other settings are the template's defaults.
    Http(HttpCarrier),
}

/// A carrier that speaks the `Http` protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpCarrier {
    /// Where it takes messages: `https`, or any URL on loopback.
    pub url: String,
    /// Whether it accepts each message id only once.
    pub deduplicates: bool,
    /// Most messages per second, if its contract has a limit.
    pub rate_per_second: Option<u32>,
}

/// One port each, on the loopback interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    pub api: u16,
    pub short: u16,
    pub cloud: u16,
    pub sandbox: u16,
}

/// The installation's callback secret is invalid.
#[derive(Debug, thiserror::Error)]
#[error("the secret of the carrier's calls cannot be read")]
pub struct BadSecret;

/// The random values of an installation, which must stay the same.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
pub struct Secrets {
    /// 64 hexadecimal digits.
    pub link_key: String,
    /// 64 hexadecimal digits; an installation from before erasures gets one when it is opened.
    #[serde(default)]
    pub fingerprint_key: String,
    /// 64 hexadecimal digits; empty in an installation from before webhooks, until it is opened.
    #[serde(default)]
    pub webhook_key: String,
    /// The `Authorization` header of requests to the carrier.
    pub carrier_authorization: String,
    /// The last segment of the carrier's callback URL.
    pub callback_token: String,
    /// The secret with which the carrier signs its callbacks: `whsec_…`.
    pub callback_secret: String,
    pub cloud_access_key: String,
    pub cloud_secret_key: String,
}

impl Setup {
    /// A machine in memory, whose clock stays at `at` until the test advances it.
    pub fn in_memory(at: jiff::Timestamp) -> Self {
        let ports = Ports { api: 3000, short: 3001, cloud: 3002, sandbox: 3003 };
        let (data, clock, secrets) = (Data::Memory, Clock::manual(at), Secrets::generate());
        Self { data, clock, ports, secrets, carrier: CarrierChoice::Sandbox }
    }

    /// The machine on a folder, which can be opened again.
    #[must_use]
    pub fn on(self, folder: impl Into<PathBuf>) -> Self {
        Self { data: Data::Folder(folder.into()), ..self }
    }

    pub fn api_url(&self) -> String {
        url(self.ports.api)
    }

    pub fn short_url(&self) -> String {
        url(self.ports.short)
    }

    pub fn cloud_url(&self) -> String {
        url(self.ports.cloud)
    }

    pub fn sandbox_url(&self) -> String {
        url(self.ports.sandbox)
    }

    /// The carrier's callback URL.
    pub fn callback_url(&self) -> String {
        format!("{}/v1/callbacks/{}/{}", self.api_url(), self.carrier.name(), self.secrets.callback_token)
    }

    /// The settings of this machine's sandbox, with its journal in `dir`.
    pub fn sandbox(&self, dir: impl Into<PathBuf>) -> Result<sandbox::Settings, BadSecret> {
        let secret = self.secrets.callback_secret.parse().map_err(|_| BadSecret)?;
        Ok(sandbox::Settings {
            callback: Some(sandbox::CallbackSettings { url: self.callback_url(), secret }),
            authorization: Some(self.secrets.carrier_authorization.clone()),
            ..sandbox::Settings::new(dir, self.clock.clone())
        })
    }

    pub(super) fn cloud(&self) -> Options {
        Options {
            data: self.data.clone(),
            clock: self.clock.clone(),
            credentials: Credentials {
                access_key: self.secrets.cloud_access_key.clone(),
                secret_key: self.secrets.cloud_secret_key.clone(),
            },
            region: REGION.to_owned(),
            account: ACCOUNT.to_owned(),
            port: self.ports.cloud,
        }
    }

    /// The template's parameters, secrets and URLs on this machine.
    pub(super) fn context(&self) -> StackContext {
        let named = |pairs: &[(&str, String)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
        };
        // A browser sends the origin of its address bar, and people type either host.
        let origins = format!("{},{}", self.api_url(), self.api_url().replace(HOST, "localhost"));
        let mut parameters = named(&[
            ("ConsoleOrigins", origins),
            ("Metrics", "off".to_owned()),
            // A developer's endpoint runs on this machine.
            ("WebhooksMayReachPrivateAddresses", "true".to_owned()),
        ]);
        parameters.extend(self.carrier.parameters(&self.sandbox_url()));
        StackContext {
            region: REGION.to_owned(),
            account: ACCOUNT.to_owned(),
            stack: STACK.to_owned(),
            cloud_url: self.cloud_url(),
            api_urls: named(&[(MAIN_API, self.api_url()), (SHORT_API, self.short_url())]),
            parameters,
            secrets: named(&[
                ("link_key", self.secrets.link_key.clone()),
                ("fingerprint_key", self.secrets.fingerprint_key.clone()),
                ("webhook_key", self.secrets.webhook_key.clone()),
                ("authorization", self.secrets.carrier_authorization.clone()),
                ("callback_token", self.secrets.callback_token.clone()),
                ("callback_secret", self.secrets.callback_secret.clone()),
            ]),
        }
    }
}

impl CarrierChoice {
    /// Its name in the template, the configuration and the callback URL.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Http(_) => "http",
        }
    }

    /// The template parameters that it determines.
    fn parameters(&self, sandbox_url: &str) -> BTreeMap<String, String> {
        let url = match self {
            Self::Sandbox => format!("{sandbox_url}/messages"),
            Self::Http(http) => http.url.clone(),
        };
        let named = |name: &str, value: String| (name.to_owned(), value);
        let mut parameters = BTreeMap::from([named("Carrier", self.name().to_owned()), named("CarrierUrl", url)]);
        if let Self::Http(http) = self {
            parameters.extend([named("CarrierDeduplicates", http.deduplicates.to_string())]);
            let rate = http.rate_per_second.map(|rate| named("CarrierRatePerSecond", rate.to_string()));
            parameters.extend(rate);
        }
        parameters
    }
}

impl Secrets {
    /// New random values.
    pub fn generate() -> Self {
        use base64::Engine;
        let base64 = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
        Self {
            link_key: hex::encode(random::bytes::<32>()),
            fingerprint_key: hex::encode(random::bytes::<32>()),
            webhook_key: hex::encode(random::bytes::<32>()),
            carrier_authorization: format!("Bearer {}", hex::encode(random::bytes::<20>())),
            callback_token: hex::encode(random::bytes::<20>()),
            callback_secret: format!("whsec_{}", base64(&random::bytes::<32>())),
            cloud_access_key: format!("AKLOCAL{}", hex::encode(random::bytes::<10>()).to_uppercase()),
            cloud_secret_key: hex::encode(random::bytes::<20>()),
        }
    }
}

fn url(port: u16) -> String {
    format!("http://{HOST}:{port}")
}
