//! Resolves secrets at start-up: a variable `secret:<arn or name>:<json key>` gets its value from AWS Secrets Manager,
//! so that no secret is in a function's configuration, which consoles and logs show.
//!
//! A secret is read once in the life of a process: after a change the functions have to start anew (`SecretsVersion` of
//! the template does that).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use aws_sdk_secretsmanager::Client;
use aws_types::SdkConfig;
use futures_util::future::join_all;
use support::ConfigErrors;

use crate::cause;

/// The prefix of a reference to a secret.
const PREFIX: &str = "secret:";

/// Where a secret is: `secret:<id>:<key>`. An ARN holds colons, a key does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference<'a> {
    /// ARN or name.
    pub id: &'a str,
    /// Key in the JSON object of the secret.
    pub key: &'a str,
}

/// A value that begins like a reference but is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not secret:<arn or name>:<json key>")]
pub struct NotAReference;

impl<'a> Reference<'a> {
    /// `None` for a plain value.
    pub fn parse(value: &'a str) -> Option<Result<Self, NotAReference>> {
        let rest = value.strip_prefix(PREFIX)?;
        let found = rest.rsplit_once(':').filter(|(id, key)| !id.is_empty() && !key.is_empty());
        Some(found.map(|(id, key)| Self { id, key }).ok_or(NotAReference))
    }
}

/// The variables of a function with secrets resolved. `Debug` shows names only.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    pub fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }
}

impl From<BTreeMap<String, String>> for Environment {
    fn from(variables: BTreeMap<String, String>) -> Self {
        Self(variables)
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Replaces each reference by its secret: one request per secret, all at the same time. Reports all errors at once, by
/// the variable's name; no value is shown.
pub async fn resolve(sdk: &SdkConfig, variables: BTreeMap<String, String>) -> Result<Environment, ConfigErrors> {
    let references = variables.values().filter_map(|value| Reference::parse(value)?.ok());
    let ids: BTreeSet<&str> = references.map(|reference| reference.id).collect();
    let secrets = read(sdk, ids).await;
    let mut faults = Vec::new();
    let mut environment = BTreeMap::new();
    for (name, value) in &variables {
        let found = match Reference::parse(value) {
            None => Ok(value.clone()),
            Some(Err(malformed)) => Err(malformed.to_string()),
            Some(Ok(reference)) => value_of(reference, &secrets),
        };
        match found {
            Ok(value) => drop(environment.insert(name.clone(), value)),
            Err(fault) => faults.push(format!("{name} {fault}")),
        }
    }
    if faults.is_empty() { Ok(Environment(environment)) } else { Err(ConfigErrors(faults)) }
}

/// A secret as it was read: its values by key, or the error.
type Secret = Result<BTreeMap<String, serde_json::Value>, String>;

async fn read<'a>(sdk: &SdkConfig, ids: BTreeSet<&'a str>) -> BTreeMap<&'a str, Secret> {
    if ids.is_empty() {
        return BTreeMap::new();
    }
    let client = &Client::new(sdk);
    join_all(ids.into_iter().map(async |id| (id, one(client, id).await))).await.into_iter().collect()
}

async fn one(client: &Client, id: &str) -> Secret {
    let answer = client.get_secret_value().secret_id(id).send().await;
    let answer = answer.map_err(|error| format!("cannot be read from the secret {id}: {}", cause::of_call(&error)))?;
    let text = answer.secret_string().unwrap_or_default();
    // The parser's own message would quote the secret.
    serde_json::from_str(text).map_err(|_| format!("cannot be read: the secret {id} is not a JSON object"))
}

fn value_of(reference: Reference<'_>, secrets: &BTreeMap<&str, Secret>) -> Result<String, String> {
    let Reference { id, key } = reference;
    let missing = || format!("cannot be read: the secret {id} has no text under {key}");
    let values = secrets.get(id).ok_or_else(missing)?.as_ref().map_err(Clone::clone)?;
    values.get(key).and_then(serde_json::Value::as_str).map(str::to_owned).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use crate::sdk::{BehaviorVersion, Region};
    use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
    use aws_smithy_runtime_api::client::http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    };
    use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
    use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
    use aws_smithy_types::body::SdkBody;
    use serde_json::json;

    use super::*;

    const ARN: &str = "arn:aws:secretsmanager:eu-west-3:000000000000:secret:carrier-AbCdEf";

    /// Secrets Manager with three secrets. Remembers what it was asked.
    #[derive(Debug, Clone, Default)]
    struct Vault(Arc<Mutex<Vec<String>>>);

    impl HttpClient for Vault {
        fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
            SharedHttpConnector::new(self.clone())
        }
    }

    impl HttpConnector for Vault {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let asked: serde_json::Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
            let id = asked["SecretId"].as_str().unwrap().to_owned();
            let secret = match id.as_str() {
                ARN => Some(json!({"authorization": "Bearer s3cret", "empty": "", "number": 4242}).to_string()),
                "links" => Some(json!({"link_key": "k3y"}).to_string()),
                "plain" => Some("s3cret".to_owned()),
                _ => None,
            };
            self.0.lock().unwrap().push(id);
            let (status, body) = match secret {
                Some(secret) => (200_u16, json!({ "SecretString": secret })),
                None => (400, json!({"__type": "ResourceNotFoundException", "message": "no such secret"})),
            };
            let body = SdkBody::from(body.to_string());
            HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), body)))
        }
    }

    async fn resolved(variables: &[(&str, &str)]) -> (Result<Environment, ConfigErrors>, Vec<String>) {
        let vault = Vault::default();
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-3"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::from_keys("a", "b", None)))
            .http_client(vault.clone())
            .build();
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let environment = resolve(&sdk, variables).await;
        let asked = vault.0.lock().unwrap().clone();
        (environment, asked)
    }

    #[tokio::test]
    async fn references_become_their_secrets_with_one_request_a_secret() {
        let (authorization, empty) = (format!("secret:{ARN}:authorization"), format!("secret:{ARN}:empty"));
        let variables = [
            ("BUCKET", "data"),
            ("CARRIER_AUTHORIZATION", authorization.as_str()),
            ("CALLBACK_SECRET", empty.as_str()),
            ("LINK_KEY", "secret:links:link_key"),
        ];
        let (environment, mut asked) = resolved(&variables).await;
        let environment = environment.unwrap();
        assert_eq!(environment.get("BUCKET").as_deref(), Some("data"));
        assert_eq!(environment.get("CARRIER_AUTHORIZATION").as_deref(), Some("Bearer s3cret"));
        assert_eq!(environment.get("CALLBACK_SECRET").as_deref(), Some(""));
        assert_eq!(environment.get("LINK_KEY").as_deref(), Some("k3y"));
        assert_eq!(environment.get("OTHER"), None);
        asked.sort();
        assert_eq!(asked, [ARN, "links"]);
        assert!(!format!("{environment:?}").contains("s3cret"));
    }

    #[tokio::test]
    async fn without_references_nobody_is_asked() {
        let (environment, asked) =
            resolved(&[("CARRIER", "http"), ("CARRIER_URL", "https://secret:x@a.example")]).await;
        assert_eq!(environment.unwrap().get("CARRIER").as_deref(), Some("http"));
        assert_eq!(asked, Vec::<String>::new());
    }

    #[tokio::test]
    async fn all_faults_are_said_at_once_by_name_and_without_values() {
        let number = format!("secret:{ARN}:number");
        let variables = [
            ("A_KEY", "secret:links:other"),
            ("B_KEY", number.as_str()),
            ("C_KEY", "secret:gone:key"),
            ("D_KEY", "secret:plain:key"),
            ("E_KEY", "secret:links"),
            ("LINK_KEY", "secret:links:link_key"),
        ];
        let (environment, _) = resolved(&variables).await;
        let faults = environment.unwrap_err().to_string();
        for part in [
            "A_KEY cannot be read: the secret links has no text under other",
            "B_KEY cannot be read: the secret arn:",
            "C_KEY cannot be read from the secret gone: ",
            "ResourceNotFoundException",
            "D_KEY cannot be read: the secret plain is not a JSON object",
            "E_KEY is not secret:<arn or name>:<json key>",
        ] {
            assert!(faults.contains(part), "{part} is not in: {faults}");
        }
        for value in ["s3cret", "k3y", "4242", "LINK_KEY"] {
            assert!(!faults.contains(value), "{faults}");
        }
    }
}
