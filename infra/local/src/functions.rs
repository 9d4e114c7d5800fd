//! The one thing that the template cannot say: which Rust function stands behind a name.

use std::collections::BTreeMap;

use app::Start;
use support::{Clock, ConfigErrors};

use crate::cloud::LocalCloud;
use crate::runner::Door;

/// Opens the function of this name, configured by its environment in the template.
pub fn open(
    name: &str,
    environment: &BTreeMap<String, String>,
    cloud: &LocalCloud,
    clock: &Clock,
) -> Result<Door, ConfigErrors> {
    let start = Start { sdk: cloud.sdk_config_of(name), environment: environment.clone().into(), clock: clock.clone() };
    Ok(match name {
        "api" => Door::Http(api::router(api::App::new(&start)?)),
        "console" => Door::Http(console::router(console::App::new(&start)?)),
        "redirect" => Door::Http(redirect::router(redirect::App::new(&start)?)),
        "receipts" => Door::Http(receipts::router(receipts::App::new(&start)?)),
        "import" => {
            let app = import::App::new(&start)?;
            Door::fallible(move |event| {
                let app = app.clone();
                async move { import::handle(&app, event).await }
            })
        }
        "dispatch" => {
            let app = dispatch::App::new(&start)?;
            Door::events(move |event| {
                let app = app.clone();
                async move { dispatch::handle(&app, event).await }
            })
        }
        "send" => {
            let app = send::App::new(&start)?;
            Door::events(move |event| {
                let app = app.clone();
                async move { send::handle(&app, event).await }
            })
        }
        "track" => {
            let app = track::App::new(&start)?;
            Door::events(move |event| {
                let app = app.clone();
                async move { track::handle(&app, event).await }
            })
        }
        "webhooks" => {
            let app = webhooks::App::new(&start)?;
            Door::events(move |event| {
                let app = app.clone();
                async move { webhooks::handle(&app, event).await }
            })
        }
        other => return Err(ConfigErrors(vec![format!("{other} of the template has no function here")])),
    })
}
