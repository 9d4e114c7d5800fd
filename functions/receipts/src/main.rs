//! Start-up of the function on Lambda.

use app::Start;
use receipts::{App, router};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let start = Start::on_lambda(std::env::vars_os()).await?;
    lambda_http::run(router(App::new(&start)?)).await
}
