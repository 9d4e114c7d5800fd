//! Start-up of the function on Lambda.

use aws::secrets;
use dispatch::{App, Config, handle};
use lambda_runtime::{LambdaEvent, service_fn};
use support::{Clock, telemetry};

#[tokio::main]
#[expect(clippy::disallowed_methods, reason = "the environment is read here and passed on")]
async fn main() -> Result<(), lambda_runtime::Error> {
    telemetry::start(std::env::var("RUST_LOG").ok().as_deref());
    let sdk = aws::sdk::sdk_config();
    let environment = secrets::resolve(&sdk, std::env::vars_os()).await?;
    let config = Config::read(&|name| environment.get(name))?;
    let app = App::new(&sdk, config, Clock::System);
    lambda_runtime::run(service_fn(|event: LambdaEvent<_>| async {
        Ok::<_, lambda_runtime::Error>(Box::pin(handle(&app, event.payload)).await)
    }))
    .await
}
