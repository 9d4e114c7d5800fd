//! The cloud for other processes: browsers that upload to presigned URLs, the AWS CLI, operators' tools.

use axum::body::Body as HttpBody;
use http::{Method, Request, Response, StatusCode, header};
use s3s::Body;

use super::{Asker, LocalCloud};
use crate::sockets::Service;

/// Answers the requests of one port.
#[derive(Clone)]
pub struct Endpoint(pub LocalCloud);

impl Service for Endpoint {
    async fn answer(&self, request: Request<HttpBody>, _peer: std::net::SocketAddr) -> Response<HttpBody> {
        let is_protocol = request.headers().contains_key("x-amz-target");
        if is_protocol && !self.0.is_known(request.headers()) {
            return plain(StatusCode::FORBIDDEN, r#"{"__type":"UnrecognizedClientException"}"#);
        }
        if is_protocol && request.method() == Method::OPTIONS {
            return plain(StatusCode::FORBIDDEN, ""); // web pages may not use tables and queues
        }
        match self.0.call(with_body(request), Asker::Code).await {
            Ok(response) => response.map(HttpBody::new),
            Err(error) => {
                tracing::error!(error = support::telemetry::chain(&error), "a request to the cloud failed");
                plain(StatusCode::INTERNAL_SERVER_ERROR, r#"{"__type":"InternalFailure"}"#)
            }
        }
    }
}

/// The request for the cloud. Without an announced body it is empty; S3 needs the length of a stream.
fn with_body(request: Request<HttpBody>) -> Request<Body> {
    let announces = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING];
    let has_body = announces.iter().any(|name| request.headers().contains_key(name));
    request.map(|body| if has_body { Body::http_body_unsync(body) } else { Body::empty() })
}

fn plain(status: StatusCode, body: &'static str) -> Response<HttpBody> {
    let mut response = Response::new(HttpBody::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static("application/x-amz-json-1.0"));
    response
}
