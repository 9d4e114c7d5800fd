//! Maps the names of functions in the template to their Rust code.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;

use app::Start;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use support::{Clock, ConfigErrors};

use crate::cloud::LocalCloud;
use crate::runner::Handler;

/// Creates the handler of the function with this name, configured by its environment in the template.
pub fn open(
    name: &str,
    environment: &BTreeMap<String, String>,
    cloud: &LocalCloud,
    clock: &Clock,
) -> Result<Handler, ConfigErrors> {
    let start = Start { sdk: cloud.sdk_config_of(name), environment: environment.clone().into(), clock: clock.clone() };
    Ok(match name {
        "api" => Handler::Http(api::router(api::App::new(&start)?)),
        "console" => Handler::Http(console::router(console::App::new(&start)?)),
        "redirect" => Handler::Http(redirect::router(redirect::App::new(&start)?)),
        "receipts" => Handler::Http(receipts::router(receipts::App::new(&start)?)),
        "import" => events(import::App::new(&start)?, |app, event| import::handle(app, event).boxed()),
        "dispatch" => events(dispatch::App::new(&start)?, |app, event| dispatch::handle(app, event).map(done).boxed()),
        "send" => events(send::App::new(&start)?, |app, event| send::handle(app, event).map(done).boxed()),
        "track" => events(track::App::new(&start)?, |app, event| track::handle(app, event).map(done).boxed()),
        "webhooks" => events(webhooks::App::new(&start)?, |app, event| webhooks::handle(app, event).map(done).boxed()),
        other => return Err(ConfigErrors(vec![format!("{other} of the template has no function here")])),
    })
}

fn events<A, E, R, F>(app: A, handle: for<'a> fn(&'a A, E) -> BoxFuture<'a, Result<R, F>>) -> Handler
where
    A: Send + Sync + 'static,
    E: DeserializeOwned + Send + 'static,
    R: Serialize + 'static,
    F: Error + Send + Sync + 'static,
{
    let app = Arc::new(app);
    Handler::fallible(move |event| {
        let app = app.clone();
        async move { handle(&app, event).await }
    })
}

/// An answer of what always has one.
fn done<R>(answer: R) -> Result<R, Infallible> {
    Ok(answer)
}
