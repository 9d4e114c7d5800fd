//! Maps the names of functions in the template to their Rust code.

use std::collections::BTreeMap;
use std::sync::Arc;

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
    let get = |variable: &str| environment.get(variable).cloned();
    let (sdk, clock) = (cloud.sdk_config_of(name), clock.clone());
    Ok(match name {
        "api" => {
            let config = api::Config::read(&get)?;
            Handler::Http(api::router(api::App::new(&sdk, config, clock)))
        }
        "console" => {
            let config = console::Config::read(&get)?;
            Handler::Http(console::router(console::App::new(&sdk, config, clock)))
        }
        "redirect" => {
            let config = redirect::Config::read(&get)?;
            Handler::Http(redirect::router(redirect::App::new(&sdk, config, clock)))
        }
        "receipts" => {
            let config = receipts::Config::read(&get)?;
            Handler::Http(receipts::router(receipts::App::new(&sdk, config, clock)))
        }
        "import" => {
            let app = Arc::new(import::App::new(&sdk, import::Config::read(&get)?, clock));
            Handler::fallible(move |event| {
                let app = app.clone();
                async move { import::handle(&app, event).await }
            })
        }
        "dispatch" => {
            let app = Arc::new(dispatch::App::new(&sdk, dispatch::Config::read(&get)?, clock));
            Handler::events(move |event| {
                let app = app.clone();
                async move { dispatch::handle(&app, event).await }
            })
        }
        "send" => {
            let app = Arc::new(send::App::new(&sdk, send::Config::read(&get)?, clock));
            Handler::events(move |event| {
                let app = app.clone();
                async move { send::handle(&app, event).await }
            })
        }
        "track" => {
            let app = Arc::new(track::App::new(&sdk, track::Config::read(&get)?, clock));
            Handler::events(move |event| {
                let app = app.clone();
                async move { track::handle(&app, event).await }
            })
        }
        "webhooks" => {
            let app = Arc::new(webhooks::App::new(&sdk, webhooks::Config::read(&get)?, clock));
            Handler::events(move |event| {
                let app = app.clone();
                async move { webhooks::handle(&app, event).await }
            })
        }
        other => return Err(ConfigErrors(vec![format!("{other} of the template has no function here")])),
    })
}
