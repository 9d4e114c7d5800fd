//! The AWS SDK without a socket: its requests go directly to the embedded cloud.

use std::fmt;
use std::time::Duration;

use aws::sdk::{BehaviorVersion, Region, RetryConfig, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use http::HeaderValue;
use http::header::HOST;
use s3s::Body;

use super::{Asker, Credentials, LocalCloud};

/// The SDK's longest first pause before a retry. Only injected faults need one, and stories should not wait.
const RETRY_AFTER: Duration = Duration::from_millis(20);

/// The SDK configuration with these credentials.
pub(super) fn config(cloud: &LocalCloud, credentials: &Credentials) -> SdkConfig {
    let provider = aws_credential_types::Credentials::from_keys(&credentials.access_key, &credentials.secret_key, None);
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(cloud.region().to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(provider))
        .endpoint_url(cloud.url())
        .http_client(InProcess(cloud.clone()))
        .retry_config(RetryConfig::standard().with_initial_backoff(RETRY_AFTER))
        .build()
}

#[derive(Clone)]
struct InProcess(LocalCloud);

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess")
    }
}

impl HttpClient for InProcess {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let cloud = self.0.clone();
        HttpConnectorFuture::new(async move {
            // Nothing below waits for a socket: without this, a busy loop of requests would starve other tasks.
            tokio::task::yield_now().await;
            let mut request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            if let Some(authority) = request.uri().authority() {
                let host = HeaderValue::from_str(authority.as_str());
                let host = host.map_err(|error| ConnectorError::user(error.into()))?;
                request.headers_mut().entry(HOST).or_insert(host);
            }
            let request = request.map(Body::http_body_unsync);
            let response = cloud.call(request, Asker::Code).await.map_err(|error| ConnectorError::io(error.into()))?;
            HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}
