//! Checks the deployment over HTTPS: the API's health and version, the console's sign-in page, the short domain's error
//! page.

use std::time::Duration;

use reqwest::{Client, StatusCode, redirect};
use support::telemetry::chain;

use super::Findings;
use crate::deployment::Kind;
use crate::operator::Operator;

const AREA: &str = "web";
/// A cold start takes a moment.
const TIMEOUT: Duration = Duration::from_secs(15);
const LOGS: &str = "the function's log has the cause; `infra/deploy` restores it";

pub async fn look(operator: &Operator, api_url: &str, short_url: &str, found: &mut Findings) {
    let client = Client::builder().timeout(TIMEOUT).redirect(redirect::Policy::none());
    let client = if matches!(operator.deployment.kind, Kind::Local { .. }) { client.no_proxy() } else { client };
    let client = match client.build() {
        Ok(client) => client,
        Err(error) => return found.problem(AREA, "client", chain(&error), "check this machine"),
    };
    api(&client, api_url.trim_end_matches('/'), found).await;
    console(&client, api_url.trim_end_matches('/'), found).await;
    short(&client, short_url.trim_end_matches('/'), found).await;
    let is_plain = |url: &str| matches!(operator.deployment.kind, Kind::Stack { .. }) && !url.starts_with("https://");
    for url in [api_url, short_url].into_iter().filter(|url| !url.is_empty() && is_plain(url)) {
        found.problem(
            AREA,
            url,
            "is not HTTPS: keys and passwords are sent unencrypted",
            "deploy with an https address",
        );
    }
}

async fn ask(client: &Client, url: &str) -> Result<(StatusCode, String), String> {
    let answer = client.get(url).send().await.map_err(|error| chain(&error))?;
    let status = answer.status();
    Ok((status, answer.text().await.map_err(|error| chain(&error))?))
}

async fn api(client: &Client, base: &str, found: &mut Findings) {
    let url = format!("{base}/health");
    let (status, body) = match ask(client, &url).await {
        Ok(answer) => answer,
        Err(cause) => return found.problem(AREA, "API", format!("{url} does not answer: {cause}"), LOGS),
    };
    let health: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
    let version = health.get("version").and_then(|version| version.as_str()).unwrap_or_default();
    if status != StatusCode::OK || health.get("status").and_then(|status| status.as_str()) != Some("ok") {
        return found.problem(AREA, "API", format!("{url} answers {status}: unhealthy"), LOGS);
    }
    match version == env!("CARGO_PKG_VERSION") {
        true => found.ok(AREA, "API", format!("{url} answers, version {version}")),
        false => {
            let finding = format!("{url} answers with version {version}, this is {}", env!("CARGO_PKG_VERSION"));
            found.warning(AREA, "API", finding, "deploy this version, or use the other one's tools");
        }
    }
}

async fn console(client: &Client, base: &str, found: &mut Findings) {
    let url = format!("{base}/signin");
    match ask(client, &url).await {
        Ok((StatusCode::OK, _)) => found.ok(AREA, "console", format!("{url} answers")),
        Ok((status, _)) => found.problem(AREA, "console", format!("{url} answers {status}"), LOGS),
        Err(cause) => found.problem(AREA, "console", format!("{url} does not answer: {cause}"), LOGS),
    }
}

/// No link has a code of this form, so that no click is counted.
async fn short(client: &Client, base: &str, found: &mut Findings) {
    let url = format!("{base}/-");
    match ask(client, &url).await {
        Ok((StatusCode::NOT_FOUND, page)) if page.contains("<h1>") => {
            found.ok(AREA, "short links", format!("{url} answers 404, as it should"));
        }
        Ok((status, _)) => {
            let finding = format!("{url} answers {status} instead of the page for unknown links");
            found.problem(AREA, "short links", finding, "check that the short domain leads to ShortApi, then the log");
        }
        Err(cause) => found.problem(AREA, "short links", format!("{url} does not answer: {cause}"), LOGS),
    }
}
