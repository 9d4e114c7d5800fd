//! The SDK's configuration on AWS; the local cloud brings its own.

use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::region::ProvideRegion as _;
use aws_config::retry::RetryConfig;
pub use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

/// The configuration on Lambda: region and credentials of the function's role, and with an emulator its endpoint, all
/// from the environment. The SDK's own search would also try profiles, single sign-on and instance metadata, which do
/// not exist there but would be linked into each function and run at each start.
pub async fn sdk_config() -> SdkConfig {
    #[expect(clippy::disallowed_methods, reason = "as the SDK reads the variables beside it")]
    let endpoint = std::env::var("AWS_ENDPOINT_URL").ok().filter(|url| !url.is_empty());
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(EnvironmentVariableRegionProvider::new().region().await)
        .credentials_provider(SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()))
        .retry_config(RetryConfig::standard())
        .http_client(http_client());
    config.set_endpoint_url(endpoint);
    config.build()
}

/// Configured like the AWS CLI, for operators: they have profiles and single sign-on.
pub fn loader() -> aws_config::ConfigLoader {
    aws_config::defaults(BehaviorVersion::latest()).http_client(http_client())
}

/// The SDK crates are built without their own HTTPS client: this one shares its TLS with the calls to carriers.
pub fn http_client() -> SharedHttpClient {
    let tls = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc);
    aws_smithy_http_client::Builder::new().tls_provider(tls).build_https()
}

/// The S3 client: addresses buckets by path where the endpoint is not AWS's own, as emulators need.
pub fn s3(config: &SdkConfig) -> aws_sdk_s3::Client {
    let path_style = config.endpoint_url().is_some();
    let builder = aws_sdk_s3::config::Builder::from(config).force_path_style(path_style);
    aws_sdk_s3::Client::from_conf(builder.build())
}

pub fn dynamodb(config: &SdkConfig) -> aws_sdk_dynamodb::Client {
    aws_sdk_dynamodb::Client::new(config)
}

pub fn sqs(config: &SdkConfig) -> aws_sdk_sqs::Client {
    aws_sdk_sqs::Client::new(config)
}
