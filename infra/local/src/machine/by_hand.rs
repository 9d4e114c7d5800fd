//! Stepping a machine: nothing happens by itself, so a test sees each step.

use std::net::{Ipv4Addr, SocketAddr};

use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use jiff::Timestamp;

use super::Machine;
use super::serving::EXPIRY_PERIOD;
use crate::cloud::{CloudError, Endpoint};
use crate::runner::Delivered;
use crate::sockets::Service;

/// More calls than any test makes; beyond them functions call each other endlessly.
const CALLS_MAX: usize = 100_000;

/// The result of draining the queues.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Drained {
    pub calls: usize,
    pub messages: usize,
    /// Messages that failed and wait for their visibility time-out.
    pub failed: usize,
}

impl Machine {
    /// Answers a request as over HTTP: by its host it goes to the API, the short domain or the cloud. Without a host,
    /// or with an unknown one, to the API.
    pub async fn request(&self, request: Request<Bytes>) -> Response<Bytes> {
        let ports = &self.0.setup.ports;
        let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 50_000));
        let port = request.uri().port_u16();
        let request = as_on_the_wire(request);
        let response = if port == Some(ports.cloud) {
            Endpoint(self.0.cloud.clone()).answer(request, peer).await
        } else if port == Some(ports.short) {
            self.0.short_gateway.answer(request, peer).await
        } else {
            self.0.gateway.answer(request, peer).await
        };
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        Response::from_parts(parts, body)
    }

    /// Advances the clock to `now`, expires items if another hour has begun, and calls the scheduled functions once.
    /// Messages that these send wait for `drain`.
    pub async fn tick(&self, now: Timestamp) -> Result<(), CloudError> {
        self.wait(now)?;
        for ticker in &self.0.tickers {
            ticker.tick().await;
        }
        Ok(())
    }

    /// Advances the clock to `now`, and expires items if another hour has begun. Schedules do not run.
    pub fn wait(&self, now: Timestamp) -> Result<(), CloudError> {
        let period = |at: Timestamp| at.as_duration().as_secs().div_euclid(EXPIRY_PERIOD.as_secs() as i64);
        let before = self.clock().now();
        self.clock().advance(now.duration_since(before).try_into().unwrap_or_default());
        if period(now) > period(before) { self.0.cloud.expire().map(drop) } else { Ok(()) }
    }

    /// Delivers messages to their functions until none is available at this time. Failed and delayed messages stay
    /// until the clock advances.
    pub async fn drain(&self) -> Result<Drained, CloudError> {
        let mut drained = Drained::default();
        self.0.cloud.queues().bring_back_due().await?;
        loop {
            let before = drained.calls;
            for poller in &self.0.pollers {
                let Delivered { messages, failed } = poller.step().await;
                if messages > 0 {
                    drained.calls += 1;
                    drained.messages += messages;
                    drained.failed += failed;
                }
            }
            if drained.calls == before || drained.calls > CALLS_MAX {
                return Ok(drained);
            }
        }
    }

    /// Names of the queues with messages, and how many: empty when all is done. Includes dead-letter queues: a story
    /// that ends well leaves none.
    pub async fn waiting(&self) -> Result<Vec<(String, u64)>, CloudError> {
        let mut waiting = Vec::new();
        let template = &self.0.template;
        for queue in template.queues.iter().chain(template.functions.values().map(|function| &function.calls)) {
            let depth = self.0.cloud.queues().depth(&queue.url).await?;
            if !depth.is_empty() {
                waiting.push((queue.name.clone(), depth.visible + depth.in_flight + depth.delayed));
            }
        }
        Ok(waiting)
    }
}

/// Path and host as a server sees them: the host in the header, the path in the request line.
fn as_on_the_wire(request: Request<Bytes>) -> Request<Body> {
    let (mut parts, body) = request.into_parts();
    if let Some(host) = parts.uri.authority().and_then(|host| http::HeaderValue::from_str(host.as_str()).ok()) {
        parts.headers.entry(http::header::HOST).or_insert(host);
    }
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    if let Ok(uri) = path.parse() {
        parts.uri = uri;
    }
    parts.headers.entry(http::header::CONTENT_LENGTH).or_insert(http::HeaderValue::from(body.len()));
    Request::from_parts(parts, Body::from(body))
}
