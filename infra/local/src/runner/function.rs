//! One function, called as Lambda calls it: with a time limit, and isolated panics.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::{Request, Response};
use serde_json::Value as Json;
use tower::ServiceExt;
use tracing::Instrument;

use super::Handler;

/// A function of the template and its Rust code.
#[derive(Debug, Clone)]
pub struct Function {
    name: Arc<str>,
    timeout: Duration,
    handler: Handler,
}

/// Why a call has no response.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    #[error("{function} was not done within {} s", timeout.as_secs())]
    TimedOut { function: Arc<str>, timeout: Duration },
    #[error("{function} ended in a panic")]
    Panicked { function: Arc<str> },
    #[error("{function} failed")]
    Failed { function: Arc<str>, source: Box<dyn Error + Send + Sync> },
    #[error("{function} takes {takes}")]
    WrongDoor { function: Arc<str>, takes: &'static str },
}

impl Function {
    pub fn new(name: &str, timeout: Duration, handler: Handler) -> Self {
        Self { name: name.into(), timeout, handler }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Calls it with an event.
    pub async fn call(&self, event: Json) -> Result<Json, CallError> {
        let Handler::Events(handler) = &self.handler else {
            return Err(CallError::WrongDoor { function: self.name.clone(), takes: "requests" });
        };
        let answered = self.within_limits(handler.enter(event)).await?;
        answered.map_err(|source| CallError::Failed { function: self.name.clone(), source })
    }

    /// Calls it with a request.
    pub async fn answer(&self, request: Request<Body>) -> Result<Response<Body>, CallError> {
        let Handler::Http(router) = &self.handler else {
            return Err(CallError::WrongDoor { function: self.name.clone(), takes: "events" });
        };
        let Ok(response) = self.within_limits(router.clone().oneshot(request)).await?;
        Ok(response)
    }

    /// Runs in its own task, to isolate panics, and because it continues when the caller is gone, as on Lambda.
    async fn within_limits<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, CallError> {
        let span = tracing::info_span!("call", function = &*self.name);
        let limited = tokio::time::timeout(self.timeout, work);
        match tokio::spawn(limited.instrument(span)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(CallError::TimedOut { function: self.name.clone(), timeout: self.timeout }),
            Err(_) => Err(CallError::Panicked { function: self.name.clone() }),
        }
    }
}
