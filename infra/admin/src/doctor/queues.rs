//! Checks queues: each exists, has a dead-letter queue, and no dead letters.

use std::collections::HashMap;

use aws::cause;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName as Name;

use super::Findings;
use crate::answer::minute;
use crate::dead_letters::queues;
use crate::operator::Operator;

const AREA: &str = "queues";
const DEPLOY: &str = "deploy again: the template sets this";
/// The queues that every deployment reads from.
const QUEUES: [&str; 4] = ["WakeupsQueue", "BatchesQueue", "EventsQueue", "DeliveriesQueue"];
/// Dead letters read to find the oldest.
const LETTERS: u32 = 10;

type Attributes = HashMap<Name, String>;

pub async fn look(operator: &Operator, found: &mut Findings) {
    let sqs = aws::sdk::sqs(&operator.deployment.sdk);
    for logical in QUEUES {
        let Some(url) = operator.deployment.maybe_resource(logical) else {
            found.problem(AREA, logical, "is not in the stack", DEPLOY);
            continue;
        };
        match attributes(&sqs, url).await {
            Err(cause) => found.problem(AREA, logical, format!("cannot be read: {cause}"), DEPLOY),
            Ok(queue) => {
                let dead = format!("{}DeadLetters", logical.trim_end_matches("Queue"));
                let problems = problems(operator, &sqs, &queue, &dead).await;
                found.problems(AREA, logical, problems.into_iter().collect(), &depth(&queue), DEPLOY);
            }
        }
    }
    dead_letters(operator, found).await;
}

async fn attributes(sqs: &Client, url: &str) -> Result<Attributes, String> {
    let answer = sqs.get_queue_attributes().queue_url(url).attribute_names(Name::All).send().await;
    answer.map(|answer| answer.attributes.unwrap_or_default()).map_err(|error| cause::of_call(&error))
}

/// Why failing messages would not reach the dead-letter queue, if so.
async fn problems(operator: &Operator, sqs: &Client, queue: &Attributes, dead: &str) -> Option<String> {
    let Some(dead_url) = operator.deployment.maybe_resource(dead) else {
        return Some(format!("{dead} is not in the stack"));
    };
    let arn = match attributes(sqs, dead_url).await {
        Ok(attributes) => attributes.get(&Name::QueueArn).cloned().unwrap_or_default(),
        Err(cause) => return Some(format!("{dead} cannot be read: {cause}")),
    };
    let policy = queue.get(&Name::RedrivePolicy).map(String::as_str).unwrap_or_default();
    let policy: serde_json::Value = serde_json::from_str(policy).unwrap_or_default();
    let is_right = policy.get("deadLetterTargetArn").and_then(|target| target.as_str()) == Some(arn.as_str());
    (!is_right).then(|| format!("messages that keep failing do not go to {dead}"))
}

fn depth(queue: &Attributes) -> String {
    let count = |name| queue.get(&name).map_or("0", String::as_str);
    let (waiting, later) = (count(Name::ApproximateNumberOfMessages), count(Name::ApproximateNumberOfMessagesDelayed));
    let at_work = count(Name::ApproximateNumberOfMessagesNotVisible);
    format!("{waiting} waiting, {at_work} in progress, {later} delayed")
}

async fn dead_letters(operator: &Operator, found: &mut Findings) {
    for one in queues(operator) {
        let subject = format!("{}DeadLetters", one.stem);
        let depth = match one.depth().await {
            Ok(depth) => depth,
            Err(failure) => {
                let cause = support::telemetry::chain(&failure);
                found.problem(AREA, subject, cause, DEPLOY);
                continue;
            }
        };
        if depth.waiting == 0 {
            found.ok(AREA, subject, "empty");
            continue;
        }
        let messages = one.look(LETTERS).await.unwrap_or_default();
        let oldest = messages.iter().filter_map(|message| message.sent_at).min();
        let since = oldest.map(|at| format!(", the oldest of {}", minute(at))).unwrap_or_default();
        let about = messages.first().map(|message| format!(": {}", message.about.summary())).unwrap_or_default();
        let todo =
            format!("`dlq show {0}`, then the function's log; once the cause is fixed, `dlq redrive {0}`", one.name);
        found.problem(AREA, subject, format!("{} messages{since}{about}", depth.waiting), todo);
    }
}
