//! Functions of the template: environment, limits, and event sources. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value as Json;
use serde_norway::Value as Yaml;

use super::{Queue, Role, TemplateError, resolve::Resolver, roles};

/// A function, as deployed.
#[derive(Debug)]
pub struct Function {
    pub arn: String,
    pub timeout: Duration,
    /// Its environment variables.
    pub environment: BTreeMap<String, String>,
    pub queues: Vec<QueueSource>,
    /// The periods of its schedules.
    pub schedules: Vec<Duration>,
    /// Queue for asynchronous calls, which is part of Lambda: the template does not name it.
    pub calls: Queue,
    /// How often a failed asynchronous call is repeated.
    pub retries: u32,
    /// The queue for asynchronous calls that failed finally.
    pub on_failure: Option<String>,
    /// Its permissions.
    pub role: Role,
}

/// A queue whose messages are delivered to a function.
#[derive(Debug, Clone)]
pub struct QueueSource {
    pub queue_arn: String,
    /// Most messages per call.
    pub batch_size: usize,
    /// How long to wait for a batch to fill.
    pub window: Duration,
    /// Most concurrent calls.
    pub max_concurrency: usize,
}

/// Lambda's own defaults.
const DEFAULT_TIMEOUT_S: u32 = 3;
const DEFAULT_BATCH_SIZE: usize = 10;
const DEFAULT_RETRIES: u32 = 2;
/// Concurrent calls that a queue starts with; on AWS the number then grows, here it stays.
const DEFAULT_CONCURRENCY: usize = 5;

pub fn read(resolver: &Resolver<'_>) -> Result<BTreeMap<String, Function>, TemplateError> {
    let globals = resolver.section("Globals").and_then(|globals| globals.get("Function"));
    let everywhere = match globals {
        Some(yaml) => properties(resolver, "Globals.Function", yaml)?,
        None => Properties::default(),
    };
    let mut functions = BTreeMap::new();
    let roles = roles::read(resolver)?;
    for (logical, resource) in resolver.of_type("AWS::Serverless::Function") {
        let at = format!("Resources.{logical}.Properties");
        let yaml = resource.get("Properties").ok_or_else(|| TemplateError::Missing { at: at.clone() })?;
        let own = properties(resolver, &at, yaml)?;
        let name = logical.strip_suffix("Function").unwrap_or(logical).to_lowercase();
        let timeout_s = own.timeout.or(everywhere.timeout).unwrap_or(DEFAULT_TIMEOUT_S);
        let calls = Queue::of_calls(resolver, &at, logical, timeout_s)?;
        let arn = resolver.attribute(&at, logical, "Arn")?;
        let mut environment = everywhere.environment.texts();
        environment.extend(own.environment.texts());
        for (name, value) in &mut environment {
            resolver.put_secret(&format!("{at}.Environment.Variables.{name}"), value)?;
        }
        let timeout = Duration::from_secs(timeout_s.into());
        let missing = || TemplateError::Missing { at: format!("{at}.Role") };
        let role = own.role.as_ref().and_then(|arn| roles.get(arn)).cloned().ok_or_else(missing)?;
        functions.insert(name, function(&at, Known { arn, timeout, environment, calls, role }, own)?);
    }
    Ok(functions)
}

/// What is known about a function before its events are read.
struct Known {
    arn: String,
    timeout: Duration,
    environment: BTreeMap<String, String>,
    calls: Queue,
    role: Role,
}

fn function(at: &str, known: Known, own: Properties) -> Result<Function, TemplateError> {
    let Known { arn, timeout, environment, calls, role } = known;
    let (mut queues, mut schedules) = (Vec::new(), Vec::new());
    for (name, event) in own.events {
        match event {
            Event::Sqs(sqs) => queues.push(sqs.into_source(at, &name)?),
            Event::Schedule(schedule) => schedules.push(period(at, &schedule.schedule)?),
        }
    }
    Ok(Function {
        arn,
        timeout,
        environment,
        queues,
        schedules,
        calls,
        retries: own.event_invoke_config.maximum_retry_attempts.unwrap_or(DEFAULT_RETRIES),
        on_failure: own.event_invoke_config.destination_config.on_failure.map(|target| target.destination),
        role,
    })
}

/// The properties of a function that matter here: memory and code are ignored.
fn properties(resolver: &Resolver<'_>, at: &str, yaml: &Yaml) -> Result<Properties, TemplateError> {
    let mut kept = serde_norway::Mapping::new();
    for name in ["Timeout", "Environment", "Events", "EventInvokeConfig", "Role"] {
        if let Some(value) = yaml.get(name) {
            kept.insert(name.into(), value.clone());
        }
    }
    resolver.shape(at, &Yaml::Mapping(kept))
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Properties {
    timeout: Option<u32>,
    environment: Environment,
    events: BTreeMap<String, Event>,
    event_invoke_config: EventInvokeConfig,
    role: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Environment {
    variables: BTreeMap<String, Json>,
}

impl Environment {
    fn texts(&self) -> BTreeMap<String, String> {
        let text = |value: &Json| match value {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        self.variables.iter().map(|(name, value)| (name.clone(), text(value))).collect()
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct EventInvokeConfig {
    maximum_retry_attempts: Option<u32>,
    destination_config: DestinationConfig,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct DestinationConfig {
    on_failure: Option<Destination>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Destination {
    destination: String,
}

#[derive(Deserialize)]
#[serde(tag = "Type", content = "Properties")]
enum Event {
    #[serde(rename = "SQS")]
    Sqs(SqsEvent),
    Schedule(ScheduleEvent),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ScheduleEvent {
    schedule: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SqsEvent {
    queue: String,
    batch_size: Option<usize>,
    maximum_batching_window_in_seconds: Option<u64>,
    #[serde(default)]
    function_response_types: Vec<String>,
    scaling_config: Option<ScalingConfig>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ScalingConfig {
    maximum_concurrency: usize,
}

impl SqsEvent {
    fn into_source(self, at: &str, name: &str) -> Result<QueueSource, TemplateError> {
        if !self.function_response_types.iter().any(|kind| kind == "ReportBatchItemFailures") {
            let problem = "without ReportBatchItemFailures one bad message repeats all of its batch";
            return Err(TemplateError::malformed(&format!("{at}.Events.{name}"), problem));
        }
        Ok(QueueSource {
            queue_arn: self.queue,
            batch_size: self.batch_size.unwrap_or(DEFAULT_BATCH_SIZE),
            window: Duration::from_secs(self.maximum_batching_window_in_seconds.unwrap_or(0)),
            max_concurrency: self.scaling_config.map_or(DEFAULT_CONCURRENCY, |config| config.maximum_concurrency),
        })
    }
}

/// `rate(1 minute)` as a duration.
fn period(at: &str, expression: &str) -> Result<Duration, TemplateError> {
    let unknown = || TemplateError::malformed(at, format!("{expression} is not rate(<number> <unit>)"));
    let inner = expression.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')')).ok_or_else(unknown)?;
    let (number, unit) = inner.split_once(' ').ok_or_else(unknown)?;
    let number: u64 = number.parse().map_err(|_| unknown())?;
    let unit_s = match unit.strip_suffix('s').unwrap_or(unit) {
        "minute" => 60,
        "hour" => 3600,
        "day" => 24 * 3600,
        _ => return Err(unknown()),
    };
    Ok(Duration::from_secs(number * unit_s))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_number_and_a_unit() {
        let seconds = |expression| period("here", expression).map(|period| period.as_secs()).ok();
        assert_eq!(seconds("rate(1 minute)"), Some(60));
        assert_eq!(seconds("rate(5 minutes)"), Some(300));
        assert_eq!(seconds("rate(1 day)"), Some(86_400));
        assert_eq!(seconds("cron(0 8 * * ? *)"), None);
    }
}
