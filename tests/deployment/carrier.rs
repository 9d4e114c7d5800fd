//! The sandbox as an external carrier: a separate process that knows what any carrier knows.
//!
//! `carrier PORT FOLDER CALLBACK_URL`, with `AUTHORIZATION` and `CALLBACK_SECRET` in the environment.

use std::error::Error;
use std::time::Duration;

use local::sandbox::{CallbackSettings, Delays, Sandbox, Settings};
use support::Clock;
use tokio::net::TcpListener;

#[tokio::main]
#[expect(clippy::disallowed_methods, reason = "the environment is read here and passed on")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [port, folder, callback_url] = arguments.as_slice() else {
        return Err("carrier PORT FOLDER CALLBACK_URL".into());
    };
    let callback = CallbackSettings { url: callback_url.clone(), secret: std::env::var("CALLBACK_SECRET")?.parse()? };
    let sandbox = Sandbox::open(Settings {
        callback: Some(callback),
        authorization: Some(std::env::var("AUTHORIZATION")?),
        delays: Delays { first: Duration::from_millis(500), spread: Duration::from_millis(500) },
        ..Settings::new(folder, Clock::System)
    })?;
    let listener = TcpListener::bind(("127.0.0.1", port.parse()?)).await?;
    let router = sandbox.router();
    tokio::spawn(sandbox.run());
    axum::serve(listener, router).await?;
    Ok(())
}
