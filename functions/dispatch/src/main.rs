//! Start-up of the function on Lambda.

use app::Start;
use dispatch::{App, handle};
use lambda_runtime::{LambdaEvent, service_fn};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let app = App::new(&Start::on_lambda(std::env::vars_os()).await?)?;
    lambda_runtime::run(service_fn(|event: LambdaEvent<_>| async {
        Ok::<_, lambda_runtime::Error>(Box::pin(handle(&app, event.payload)).await)
    }))
    .await
}
