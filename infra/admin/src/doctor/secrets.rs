//! Reads a function's configuration as the function will at its next start: every secret must exist and be filled in.
//! No value is printed.

use std::collections::HashMap;

use app::config::Lookup;
use aws::secrets;
use domain::signature::Secret;

use super::Findings;
use crate::operator::Operator;

const AREA: &str = "secrets";

pub async fn look(operator: &Operator, function: &str, variables: HashMap<String, String>, found: &mut Findings) {
    let is_http = variables.get("CARRIER").is_some_and(|carrier| carrier == "http");
    let environment = match secrets::resolve(&operator.deployment.sdk, variables.into_iter().collect()).await {
        Ok(environment) => environment,
        Err(problems) => {
            let todo = "put the secret back, or deploy again";
            found.problem(AREA, function, problems.0.join("; "), todo);
            return;
        }
    };
    let get = |name: &str| environment.get(name);
    let mut problems = Vec::new();
    let is_missing = |name: &str| get(name).is_some_and(|value| value.trim().is_empty());
    let mut keys = Lookup::new(&get);
    if get("LINK_KEY").is_some() {
        keys.link_key();
    }
    if get("WEBHOOK_KEY").is_some() {
        keys.webhook_key();
    }
    if get("FINGERPRINT_KEY").is_some() {
        keys.fingerprint_key();
    }
    problems.extend(keys.finish(Some(())).err().map(|errors| errors.0.join("; ")));
    for name in ["CARRIER_URL", "CARRIER_AUTHORIZATION", "CALLBACK_TOKEN", "CALLBACK_SECRET"] {
        if is_http && is_missing(name) {
            problems.push(format!("{name} is empty"));
        }
    }
    // Several during a rotation, separated by commas.
    let callback = get("CALLBACK_SECRET").filter(|_| is_http).unwrap_or_default();
    let callers = callback.split(',').map(str::trim).filter(|secret| !secret.is_empty());
    if let Some(Err(error)) = callers.map(str::parse::<Secret>).find(Result::is_err) {
        problems.push(format!("CALLBACK_SECRET is {error}"));
    }
    let todo = "the carrier gives its address, authorization and callback secret: CarrierUrl of `infra/deploy`, and \
                `aws secretsmanager put-secret-value` for the rest; then deploy again, so that functions read them";
    found.problems(AREA, function, problems, "complete", todo);
}
