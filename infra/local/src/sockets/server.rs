//! A server for one port.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use futures_util::FutureExt;
use futures_util::stream;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::Stop;

/// Handles requests. Its panics are caught and answered with 500.
pub trait Service: Clone + Send + Sync + 'static {
    fn answer(&self, request: Request<Body>, peer: SocketAddr) -> impl Future<Output = Response<Body>> + Send;
}

impl Service for Router {
    async fn answer(&self, request: Request<Body>, _: SocketAddr) -> Response<Body> {
        let Ok(response) = self.clone().oneshot(request).await;
        response
    }
}

/// Time and connection limits.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Time for a request's header, and between two requests of a connection.
    pub header: Duration,
    /// Time between two parts of a request's body.
    pub body_pause: Duration,
    /// After this time a connection takes no further request; a tenth of it later it is closed.
    pub connection: Duration,
    /// Concurrent connections; others wait to be accepted. Well below the usual limit of open files.
    pub connections: usize,
    /// Time after a stop to finish running requests.
    pub finish: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header: Duration::from_secs(20),
            body_pause: Duration::from_secs(20),
            connection: Duration::from_secs(600),
            connections: 512,
            finish: Duration::from_secs(3),
        }
    }
}

/// A server and its limits.
pub struct Server<S> {
    service: S,
    limits: Limits,
}

impl<S: Service> Server<S> {
    pub fn new(service: S) -> Self {
        Self { service, limits: Limits::default() }
    }

    #[must_use]
    pub fn with(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Serves until it is stopped, then until running requests are done or `limits.finish` has passed.
    pub async fn run(self, listener: TcpListener, mut stop: Stop) {
        let server = Arc::new(self);
        let indexes = Arc::new(Semaphore::new(server.limits.connections));
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                () = stop.requested() => break,
                Some(_) = connections.join_next() => continue,
                accepted = accept(&listener, &indexes) => accepted,
            };
            let Some((socket, peer, index)) = accepted else { continue };
            let (server, stop) = (server.clone(), stop.clone());
            connections.spawn(async move {
                server.connection(socket, peer, stop).await;
                drop(index);
            });
        }
        drop(listener);
        let all_done = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(server.limits.finish, all_done).await.is_err() {
            connections.shutdown().await;
        }
    }

    async fn connection(&self, socket: TcpStream, peer: SocketAddr, mut stop: Stop) {
        let _ = socket.set_nodelay(true); // small responses are sent at once
        let answer = |request: Request<Incoming>| async move { Ok::<_, Infallible>(self.answer(request, peer).await) };
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(self.limits.header);
        let connection = builder.serve_connection(TokioIo::new(socket), hyper::service::service_fn(answer));
        let mut connection = std::pin::pin!(connection);
        tokio::select! {
            _ = connection.as_mut() => return,
            () = stop.requested() => {}
            () = tokio::time::sleep(self.limits.connection) => {}
        }
        connection.as_mut().graceful_shutdown();
        let _ = tokio::time::timeout(self.limits.connection / 10, connection).await;
    }

    async fn answer(&self, request: Request<Incoming>, peer: SocketAddr) -> Response<Body> {
        let pause = self.limits.body_pause;
        let request = request.map(|body| unless_stalled(body, pause));
        let answer = AssertUnwindSafe(self.service.answer(request, peer)).catch_unwind().await;
        answer.unwrap_or_else(|_| {
            tracing::error!("a request handler panicked");
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        })
    }
}

type Accepted = (TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit);

/// The next connection, once there is a free slot.
async fn accept(listener: &TcpListener, indexes: &Arc<Semaphore>) -> Option<Accepted> {
    let index = indexes.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((socket, peer)) => Some((socket, peer, index)),
        Err(error) => {
            tracing::warn!(%error, "a connection was not accepted");
            tokio::time::sleep(Duration::from_millis(50)).await; // usually too many open files: some will be closed
            None
        }
    }
}

/// The body, which fails when its next part does not arrive within `pause`.
fn unless_stalled(body: Incoming, pause: Duration) -> Body {
    let frames = stream::unfold(Some(body), move |body| async move {
        let mut body = body?;
        match tokio::time::timeout(pause, body.frame()).await {
            Ok(None) => None,
            Ok(Some(Ok(frame))) => Some((Ok(frame), Some(body))),
            Ok(Some(Err(error))) => Some((Err(std::io::Error::other(error)), None)),
            Err(_) => Some((Err(std::io::ErrorKind::TimedOut.into()), None)),
        }
    });
    Body::new(StreamBody::new(frames))
}
