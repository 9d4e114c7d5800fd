//! A stack on AWS, or on an emulator, described by CloudFormation.

use std::collections::BTreeMap;

use aws::cause;
use aws::sdk::{BehaviorVersion, SdkConfig};
use aws_config::Region;
use aws_credential_types::provider::ProvideCredentials;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudformation::types::Stack;
use support::telemetry::chain;

use super::{Deployment, Kind};
use crate::CommandError;

/// A stack's name is `envol-` and its stage.
const PREFIX: &str = "envol-";

/// The state of the stack itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackState {
    /// For example `UPDATE_COMPLETE`.
    pub status: String,
    pub reason: Option<String>,
    /// Whether it is protected against deletion.
    pub is_protected: bool,
}

pub async fn open(stage: &str, profile: Option<&str>, region: Option<String>) -> Result<Deployment, CommandError> {
    let sdk = sdk(profile, region).await?;
    let region = sdk.region().map(ToString::to_string).ok_or(CommandError::NoRegion)?;
    let name = format!("{PREFIX}{stage}");
    let client = Client::new(&sdk);
    let stack = stack(&client, &name, &region).await?;
    let resources = resources(&client, &name).await?;
    let outputs: BTreeMap<_, _> = stack
        .outputs()
        .iter()
        .filter_map(|output| Some((output.output_key()?.to_owned(), output.output_value()?.to_owned())))
        .collect();
    let is_sandbox = stack.parameters().iter().any(|parameter| {
        parameter.parameter_key() == Some("Carrier") && parameter.parameter_value() == Some("sandbox")
    });
    let url = |url: &str, id: &str| address(&sdk, &outputs, url, id).unwrap_or_default();
    let (api_url, short_url) = (url("ApiUrl", "ApiId"), url("ShortUrl", "ShortApiId"));
    let state = StackState {
        status: stack.stack_status().map_or("UNKNOWN", |status| status.as_str()).to_owned(),
        reason: stack.stack_status_reason().map(str::to_owned),
        is_protected: stack.enable_termination_protection().unwrap_or(false),
    };
    Ok(Deployment { kind: Kind::Stack { name, region, state }, sdk, resources, api_url, short_url, is_sandbox })
}

/// Finds region and credentials as the AWS CLI does. Reports what is missing at once, not at the first request.
async fn sdk(profile: Option<&str>, region: Option<String>) -> Result<SdkConfig, CommandError> {
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(aws::sdk::http_client());
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = region {
        loader = loader.region(Region::new(region));
    }
    let sdk = loader.load().await;
    if sdk.region().is_none() {
        return Err(CommandError::NoRegion);
    }
    let provider = sdk.credentials_provider().ok_or_else(|| CommandError::NoCredentials { cause: "none".into() })?;
    let credentials = provider.provide_credentials().await;
    credentials.map_err(|error| CommandError::NoCredentials { cause: chain(&error) })?;
    Ok(sdk)
}

async fn stack(client: &Client, name: &str, region: &str) -> Result<Stack, CommandError> {
    let no_stack = || CommandError::NoStack { stack: name.to_owned(), region: region.to_owned() };
    match client.describe_stacks().stack_name(name).send().await {
        Ok(answer) => answer.stacks.and_then(|stacks| stacks.into_iter().next()).ok_or_else(no_stack),
        Err(error) if is_absent(&error) => Err(no_stack()),
        Err(error) => Err(failed("read", name, &error)),
    }
}

/// CloudFormation reports "does not exist" only as text.
fn is_absent<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    let error = error.as_service_error();
    error.and_then(ProvideErrorMetadata::message).is_some_and(|message| message.contains("does not exist"))
}

async fn resources(client: &Client, name: &str) -> Result<BTreeMap<String, String>, CommandError> {
    let (mut resources, mut next) = (BTreeMap::new(), None);
    loop {
        let request = client.list_stack_resources().stack_name(name).set_next_token(next.take());
        let answer = request.send().await.map_err(|error| failed("list the resources of", name, &error))?;
        for resource in answer.stack_resource_summaries() {
            if let (Some(logical), Some(physical)) = (resource.logical_resource_id(), resource.physical_resource_id()) {
                resources.insert(logical.to_owned(), physical.to_owned());
            }
        }
        next = answer.next_token;
        if next.is_none() {
            return Ok(resources);
        }
    }
}

fn failed<E, R>(verb: &'static str, what: &str, error: &SdkError<E, R>) -> CommandError
where
    E: ProvideErrorMetadata,
    SdkError<E, R>: std::error::Error + 'static,
{
    CommandError::Cloud { verb, what: format!("the stack {what}"), cause: cause::of_call(error) }
}

/// The URL of an HTTP API. An emulator's host names do not resolve: it is called by path at its endpoint.
fn address(sdk: &SdkConfig, outputs: &BTreeMap<String, String>, url: &str, id: &str) -> Option<String> {
    let output = |name: &str| outputs.get(name).map(|value| value.trim_end_matches('/').to_owned());
    match (sdk.endpoint_url(), output(id)) {
        (Some(endpoint), Some(id)) => {
            Some(format!("{}/_aws/execute-api/{id}/$default", endpoint.trim_end_matches('/')))
        }
        (_, _) => output(url),
    }
}
