//! The SDK's configuration on AWS; the local cloud brings its own.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::tls;
pub use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
pub use aws_smithy_types::retry::RetryConfig;
pub use aws_types::SdkConfig;
pub use aws_types::region::Region;

/// What Lambda gives a function: region and credentials of its role, and from an emulator its endpoint, all in the
/// environment, for as long as the process lives. The crate `aws-config` would look for profiles, single sign-on and
/// instance metadata as well: none of it exists there, and each function would link it with the client of STS.
#[expect(clippy::disallowed_methods, reason = "the SDK's own variables, read as the SDK reads them")]
pub fn sdk_config() -> SdkConfig {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .retry_config(RetryConfig::standard())
        .http_client(http_client());
    let keys = variable("AWS_ACCESS_KEY_ID").zip(variable("AWS_SECRET_ACCESS_KEY"));
    config.set_credentials_provider(keys.map(|(id, secret)| {
        let credentials = Credentials::new(id, secret, variable("AWS_SESSION_TOKEN"), None, "environment");
        SharedCredentialsProvider::new(credentials)
    }));
    config.set_region(variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")).map(Region::new));
    config.set_endpoint_url(variable("AWS_ENDPOINT_URL"));
    config.build()
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
