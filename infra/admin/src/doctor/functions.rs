//! Checks functions: deployed, connected to their queues, scheduled. On one machine they are part of the process.

use aws::cause;
use aws_sdk_eventbridge::types::RuleState;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::{LastUpdateStatus, State};

use super::{Findings, secrets};
use crate::deployment::Kind;
use crate::operator::Operator;

const AREA: &str = "functions";
const DEPLOY: &str = "deploy again: the template sets this";
/// Suffix of the logical names of functions.
const SUFFIX: &str = "Function";
/// The functions that read from queues, by logical name.
const READERS: [&str; 4] = ["DispatchFunction", "SendFunction", "TrackFunction", "WebhooksFunction"];
/// The rules that call functions every minute, as SAM names them, and what stops without them.
const TICKS: [(&str, &str); 2] = [
    ("DispatchFunctionTick", "no campaign starts or ends"),
    ("WebhooksFunctionTick", "webhooks that failed are not tried again"),
];

pub async fn look(operator: &Operator, found: &mut Findings) {
    if matches!(operator.deployment.kind, Kind::Local { .. }) {
        return;
    }
    let lambda = Client::new(&operator.deployment.sdk);
    let functions = operator.deployment.resources().filter(|(logical, _)| logical.ends_with(SUFFIX));
    for (logical, name) in functions.map(|(logical, name)| (logical.to_owned(), name.to_owned())).collect::<Vec<_>>() {
        let configuration = match lambda.get_function_configuration().function_name(&name).send().await {
            Ok(configuration) => configuration,
            Err(error) => {
                found.problem(AREA, logical, format!("{name} cannot be read: {}", cause::of_call(&error)), DEPLOY);
                continue;
            }
        };
        let mut problems = Vec::new();
        if let Some(state) = configuration.state().filter(|state| matches!(state, State::Failed | State::Pending)) {
            problems.push(format!("is {state}: {}", configuration.state_reason().unwrap_or("no reason")));
        }
        if configuration.last_update_status() == Some(&LastUpdateStatus::Failed) {
            problems
                .push(format!("its update failed: {}", configuration.last_update_status_reason().unwrap_or_default()));
        }
        if READERS.contains(&logical.as_str()) {
            match unfed(&lambda, &name).await {
                Ok(problem) => problems.extend(problem),
                Err(cause) => {
                    let todo = format!("aws lambda list-event-source-mappings --function-name {name}");
                    found.warning(AREA, &logical, format!("its event sources cannot be read: {cause}"), todo);
                }
            }
        }
        let architecture = configuration.architectures().first().map_or("", |architecture| architecture.as_str());
        let (memory, timeout) = (configuration.memory_size().unwrap_or(0), configuration.timeout().unwrap_or(0));
        let fine = format!("{architecture}, {memory} MB, {timeout} s");
        found.problems(AREA, &logical, problems, &fine, DEPLOY);
        let variables = configuration.environment.and_then(|environment| environment.variables).unwrap_or_default();
        secrets::look(operator, &logical, variables, found).await;
    }
    for (rule, without) in TICKS {
        schedule(operator, rule, without, found).await;
    }
}

/// Why no queue delivers its messages here, if so.
async fn unfed(lambda: &Client, name: &str) -> Result<Option<String>, String> {
    let answer = lambda.list_event_source_mappings().function_name(name).send().await;
    let mappings = answer.map_err(|error| cause::of_call(&error))?.event_source_mappings.unwrap_or_default();
    let problem = match mappings.iter().find(|mapping| mapping.state() != Some("Enabled")) {
        None if mappings.is_empty() => Some("no queue delivers messages to it".to_owned()),
        None => None,
        Some(off) => {
            let (id, state) = (off.uuid().unwrap_or_default(), off.state().unwrap_or("of no state"));
            Some(format!("its queue is {state}: aws lambda update-event-source-mapping --enabled --uuid {id}"))
        }
    };
    Ok(problem)
}

async fn schedule(operator: &Operator, tick: &str, without: &str, found: &mut Findings) {
    let area = "schedule";
    let Some(rule) = operator.deployment.maybe_resource(tick) else {
        found.problem(area, tick, format!("is not in the stack: {without}"), DEPLOY);
        return;
    };
    let client = aws_sdk_eventbridge::Client::new(&operator.deployment.sdk);
    match client.describe_rule().name(rule).send().await {
        Ok(answer) if answer.state() == Some(&RuleState::Disabled) => {
            let todo = format!("aws events enable-rule --name {rule}");
            found.problem(area, tick, format!("is switched off: {without}"), todo);
        }
        Ok(answer) => found.ok(area, tick, answer.schedule_expression().unwrap_or_default()),
        Err(error) => found.problem(area, tick, format!("cannot be read: {}", cause::of_call(&error)), DEPLOY),
    }
}
