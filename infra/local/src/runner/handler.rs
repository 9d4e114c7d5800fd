//! The handler of a Rust function, as the runner calls it.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;

/// The handler of a function.
#[derive(Clone)]
pub enum Handler {
    /// Requests: as `lambda_http` calls it on AWS.
    Http(Router),
    /// Events: as `lambda_runtime` calls it on AWS.
    Events(EventHandler),
}

/// JSON in, JSON out; after an error Lambda calls again.
#[derive(Clone)]
pub struct EventHandler(Arc<dyn Fn(Json) -> Answering + Send + Sync>);

type Answering = Pin<Box<dyn Future<Output = Result<Json, Box<dyn Error + Send + Sync>>> + Send>>;

impl Handler {
    /// A handler of events that always returns a response.
    pub fn events<E, R, A>(handle: impl Fn(E) -> A + Clone + Send + Sync + 'static) -> Self
    where
        E: DeserializeOwned + Send,
        R: Serialize,
        A: Future<Output = R> + Send,
    {
        Self::fallible(move |event| {
            let answer = handle(event);
            async move { Ok::<_, std::convert::Infallible>(answer.await) }
        })
    }

    /// A handler of events that may fail as a whole.
    pub fn fallible<E, R, F, A>(handle: impl Fn(E) -> A + Clone + Send + Sync + 'static) -> Self
    where
        E: DeserializeOwned + Send,
        R: Serialize,
        F: Error + Send + Sync + 'static,
        A: Future<Output = Result<R, F>> + Send,
    {
        let handler = move |event: Json| -> Answering {
            let handle = handle.clone();
            Box::pin(async move {
                let answer = handle(serde_json::from_value(event)?).await?;
                Ok(serde_json::to_value(answer)?)
            })
        };
        Self::Events(EventHandler(Arc::new(handler)))
    }
}

impl EventHandler {
    pub fn enter(&self, event: Json) -> Answering {
        (self.0)(event)
    }
}

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http(_) => "Http",
            Self::Events(_) => "Events",
        })
    }
}
