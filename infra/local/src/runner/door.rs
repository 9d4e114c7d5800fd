//! A Rust function, as the runner calls it.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;

/// Where a function is entered.
#[derive(Clone)]
pub enum Door {
    /// Requests: what `lambda_http` calls on AWS.
    Http(Router),
    /// Events: what `lambda_runtime` calls on AWS.
    Events(EventDoor),
}

/// JSON in, JSON out; an error is what makes Lambda call again.
#[derive(Clone)]
pub struct EventDoor(Arc<dyn Fn(Json) -> Answering + Send + Sync>);

type Answering = Pin<Box<dyn Future<Output = Result<Json, Box<dyn Error + Send + Sync>>> + Send>>;

impl Door {
    /// A function of events that always has an answer.
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

    /// A function of events that may fail as a whole.
    pub fn fallible<E, R, F, A>(handle: impl Fn(E) -> A + Clone + Send + Sync + 'static) -> Self
    where
        E: DeserializeOwned + Send,
        R: Serialize,
        F: Error + Send + Sync + 'static,
        A: Future<Output = Result<R, F>> + Send,
    {
        let door = move |event: Json| -> Answering {
            let handle = handle.clone();
            Box::pin(async move {
                let answer = handle(serde_json::from_value(event)?).await?;
                Ok(serde_json::to_value(answer)?)
            })
        };
        Self::Events(EventDoor(Arc::new(door)))
    }
}

impl EventDoor {
    pub fn enter(&self, event: Json) -> Answering {
        (self.0)(event)
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http(_) => "Http",
            Self::Events(_) => "Events",
        })
    }
}
