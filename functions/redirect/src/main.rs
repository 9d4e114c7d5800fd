//! Start-up of the function on Lambda.

use aws::secrets;
use redirect::{App, Config, router};
use support::{Clock, telemetry};

#[tokio::main]
#[expect(clippy::disallowed_methods, reason = "the environment is read here and passed on")]
async fn main() -> Result<(), lambda_http::Error> {
    telemetry::start(std::env::var("RUST_LOG").ok().as_deref());
    let sdk = aws::sdk::sdk_config();
    let environment = secrets::resolve(&sdk, std::env::vars_os()).await?;
    let config = Config::read(&|name| environment.get(name))?;
    lambda_http::run(router(App::new(&sdk, config, Clock::System))).await
}
