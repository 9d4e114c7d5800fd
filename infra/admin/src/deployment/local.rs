//! An installation of `cargo local`, read from the `ready.json` that exists while it runs.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use aws::sdk::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use serde::Deserialize;

use super::{Deployment, Kind};
use crate::CommandError;

const FILE: &str = "ready.json";

#[derive(Deserialize)]
struct Ready {
    api_url: String,
    short_url: String,
    aws_url: String,
    aws: Aws,
    resources: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Aws {
    region: String,
    access_key_id: String,
    secret_access_key: String,
}

pub fn open(folder: &Path) -> Result<Deployment, CommandError> {
    let file = folder.join(FILE);
    let text = match std::fs::read(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(CommandError::NotRunning { folder: folder.to_owned() });
        }
        Err(source) => return Err(CommandError::Unreadable { file, source }),
    };
    let ready: Ready = serde_json::from_slice(&text).map_err(|source| CommandError::Strange { file, source })?;
    let credentials = Credentials::from_keys(ready.aws.access_key_id, ready.aws.secret_access_key, None);
    let sdk = aws::sdk::SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(ready.aws.region))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(ready.aws_url)
        .http_client(aws::sdk::http_client())
        .build();
    Ok(Deployment {
        sdk,
        kind: Kind::Local { folder: folder.to_owned() },
        resources: ready.resources,
        api_url: ready.api_url,
        short_url: ready.short_url,
        is_sandbox: true,
    })
}
