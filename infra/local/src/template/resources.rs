//! Tables, queues and buckets of the template. Pure.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value as Json};
use serde_norway::Value as Yaml;

use super::{TemplateError, resolve::Resolver};

/// A DynamoDB table, as `CreateTable` needs it.
#[derive(Debug)]
pub struct Table {
    pub name: String,
    /// The body of a `CreateTable` request.
    pub create: Json,
    /// The attribute with an item's expiry, in epoch seconds.
    pub expires_by: Option<String>,
}

/// An SQS queue.
#[derive(Debug, Clone)]
pub struct Queue {
    pub name: String,
    pub arn: String,
    pub url: String,
    pub visibility_timeout_s: u32,
    pub delay_s: u32,
    pub retention_s: u32,
    pub redrive: Option<Redrive>,
}

/// Where a message goes that was received too often.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Redrive {
    pub dead_letter_target_arn: String,
    /// A number: CloudFormation accepts a text, the embedded queues do not.
    pub max_receive_count: u32,
}

/// An S3 bucket.
#[derive(Debug, Clone)]
pub struct Bucket {
    pub name: String,
    pub cors: Vec<CorsRule>,
    pub notifications: Vec<Notification>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CorsRule {
    pub allowed_methods: Vec<String>,
    pub allowed_origins: Vec<String>,
    #[serde(default)]
    pub allowed_headers: Vec<String>,
    #[serde(default)]
    pub exposed_headers: Vec<String>,
    #[serde(rename = "MaxAge", default)]
    pub max_age_s: u32,
}

/// "When an object whose key begins with `prefix` is created, call `function_arn`."
#[derive(Debug, Clone)]
pub struct Notification {
    /// `s3:ObjectCreated:*`, or one of its kinds.
    pub event: String,
    pub prefix: String,
    pub suffix: String,
    pub function_arn: String,
}

/// The properties of a table that `CreateTable` takes; others are set by other calls or ignored here.
const CREATE_TABLE: [&str; 5] =
    ["AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "LocalSecondaryIndexes", "BillingMode"];

/// SQS's own defaults.
const DEFAULT_VISIBILITY_S: u32 = 30;
const DEFAULT_RETENTION_S: u32 = 4 * 24 * 3600;
/// Lambda gives up an asynchronous call after six hours.
const CALL_RETENTION_S: u32 = 6 * 3600;
/// Between a function's time limit and the moment at which its call counts as lost.
const CALL_MARGIN_S: u32 = 60;

pub fn tables(resolver: &Resolver<'_>) -> Result<Vec<Table>, TemplateError> {
    let mut tables = Vec::new();
    for (logical, resource) in resolver.of_type("AWS::DynamoDB::Table") {
        let at = format!("Resources.{logical}.Properties");
        let name = resolver.physical_name(&at, logical)?;
        let mut create = Map::from_iter([("TableName".to_owned(), Json::from(name.clone()))]);
        for property in CREATE_TABLE {
            if let Some(yaml) = resource.get("Properties").and_then(|all| all.get(property)) {
                create.insert(property.to_owned(), resolver.value(&at, yaml)?);
            }
        }
        let expiry = resource.get("Properties").and_then(|all| all.get("TimeToLiveSpecification"));
        let expires_by = match expiry {
            Some(yaml) => {
                let expiry: Expiry = resolver.shape(&at, yaml)?;
                expiry.enabled.then_some(expiry.attribute_name)
            }
            None => None,
        };
        tables.push(Table { name, create: Json::Object(create), expires_by });
    }
    Ok(tables)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Expiry {
    attribute_name: String,
    enabled: bool,
}

pub fn queues(resolver: &Resolver<'_>) -> Result<Vec<Queue>, TemplateError> {
    let mut queues = Vec::new();
    for (logical, resource) in resolver.of_type("AWS::SQS::Queue") {
        let at = format!("Resources.{logical}.Properties");
        let properties: QueueProperties = properties(resolver, &at, resource)?;
        queues.push(Queue {
            name: resolver.physical_name(&at, logical)?,
            arn: resolver.attribute(&at, logical, "Arn")?,
            url: resolver.queue_url(&resolver.physical_name(&at, logical)?),
            visibility_timeout_s: properties.visibility_timeout.unwrap_or(DEFAULT_VISIBILITY_S),
            delay_s: properties.delay_seconds.unwrap_or(0),
            retention_s: properties.message_retention_period.unwrap_or(DEFAULT_RETENTION_S),
            redrive: properties.redrive_policy,
        });
    }
    Ok(queues)
}

impl Queue {
    /// The queue of a function's asynchronous calls; its time-out is longer than a call may take.
    pub(super) fn of_calls(
        resolver: &Resolver<'_>,
        at: &str,
        function: &str,
        timeout_s: u32,
    ) -> Result<Self, TemplateError> {
        let name = format!("{}-calls", resolver.physical_name(at, function)?);
        Ok(Self {
            arn: resolver.queue_arn(&name),
            url: resolver.queue_url(&name),
            name,
            visibility_timeout_s: timeout_s + CALL_MARGIN_S,
            delay_s: 0,
            retention_s: CALL_RETENTION_S,
            redrive: None,
        })
    }
}

/// Names of everything that requests can address.
pub fn names(resolver: &Resolver<'_>) -> Result<BTreeMap<String, String>, TemplateError> {
    let mut names = BTreeMap::new();
    for kind in ["AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::S3::Bucket", "AWS::Serverless::Function"] {
        for (logical, _) in resolver.of_type(kind) {
            let name = resolver.physical_name("Resources", logical)?;
            let name = match kind {
                "AWS::SQS::Queue" => resolver.queue_url(&name),
                _ => name,
            };
            if kind == "AWS::Serverless::Function" {
                let calls = Queue::of_calls(resolver, "Resources", logical, 0)?;
                names.insert(format!("{logical}Calls"), calls.url);
            }
            names.insert(logical.to_owned(), name);
        }
    }
    Ok(names)
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct QueueProperties {
    visibility_timeout: Option<u32>,
    delay_seconds: Option<u32>,
    message_retention_period: Option<u32>,
    redrive_policy: Option<Redrive>,
}

pub fn buckets(resolver: &Resolver<'_>) -> Result<Vec<Bucket>, TemplateError> {
    let mut buckets = Vec::new();
    for (logical, resource) in resolver.of_type("AWS::S3::Bucket") {
        let at = format!("Resources.{logical}.Properties");
        let properties: BucketProperties = properties(resolver, &at, resource)?;
        let notifications = properties.notification_configuration.lambda_configurations;
        buckets.push(Bucket {
            name: resolver.physical_name(&at, logical)?,
            cors: properties.cors_configuration.cors_rules,
            notifications: notifications.into_iter().map(LambdaConfiguration::into_notification).collect(),
        });
    }
    Ok(buckets)
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct BucketProperties {
    cors_configuration: CorsConfiguration,
    notification_configuration: NotificationConfiguration,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct CorsConfiguration {
    cors_rules: Vec<CorsRule>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct NotificationConfiguration {
    lambda_configurations: Vec<LambdaConfiguration>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LambdaConfiguration {
    event: String,
    function: String,
    #[serde(default)]
    filter: Filter,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Filter {
    s3_key: FilterRules,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct FilterRules {
    rules: Vec<FilterRule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FilterRule {
    name: String,
    value: String,
}

impl LambdaConfiguration {
    fn into_notification(self) -> Notification {
        let rules = &self.filter.s3_key.rules;
        let rule = |name: &str| rules.iter().find(|rule| rule.name == name).map(|rule| rule.value.clone());
        Notification {
            prefix: rule("prefix").unwrap_or_default(),
            suffix: rule("suffix").unwrap_or_default(),
            event: self.event,
            function_arn: self.function,
        }
    }
}

impl Notification {
    /// Whether this kind of event (`s3:ObjectCreated:Put`) for this object triggers the call.
    pub fn is_for(&self, event: &str, key: &str) -> bool {
        let is_event = match self.event.strip_suffix('*') {
            Some(beginning) => event.starts_with(beginning),
            None => event == self.event,
        };
        is_event && key.starts_with(&self.prefix) && key.ends_with(&self.suffix)
    }
}

/// The properties of a resource; a resource without any has defaults.
pub(super) fn properties<T: serde::de::DeserializeOwned + Default>(
    resolver: &Resolver<'_>,
    at: &str,
    resource: &Yaml,
) -> Result<T, TemplateError> {
    resource.get("Properties").map_or_else(|| Ok(T::default()), |yaml| resolver.shape(at, yaml))
}
