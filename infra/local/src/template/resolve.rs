//! CloudFormation's functions, evaluated for one machine. Pure.
//!
//! Only functions that the template uses are supported; anything else is an error with its location, never a silent
//! guess.

use std::collections::BTreeMap;

use aws::secrets::Reference;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};
use serde_norway::{Value as Yaml, value::TaggedValue};

use super::TemplateError;

/// What the names of the template resolve to.
#[derive(Debug, Clone, Default)]
pub struct StackContext {
    pub region: String,
    /// Twelve digits.
    pub account: String,
    pub stack: String,
    /// Scheme, host and port of the cloud's endpoint: the beginning of queue URLs.
    pub cloud_url: String,
    /// Scheme, host and port of each HTTP API, by logical name.
    pub api_urls: BTreeMap<String, String>,
    /// Parameters that differ from their defaults.
    pub parameters: BTreeMap<String, String>,
    /// The values of `secret:<name>:<key>` in a function's environment, by key.
    pub secrets: BTreeMap<String, String>,
}

/// A parsed template and its context.
pub struct Resolver<'a> {
    document: Yaml,
    context: &'a StackContext,
}

impl<'a> Resolver<'a> {
    pub fn new(text: &str, context: &'a StackContext) -> Result<Self, TemplateError> {
        Ok(Self { document: serde_norway::from_str(text).map_err(TemplateError::Yaml)?, context })
    }

    /// The resources of one type, in the order of the template: logical name and resource.
    pub fn of_type(&self, kind: &str) -> impl Iterator<Item = (&str, &Yaml)> {
        let resources = self.document.get("Resources").and_then(Yaml::as_mapping);
        let kind = kind.to_owned();
        resources.into_iter().flatten().filter_map(move |(name, resource)| {
            let is_kind = resource.get("Type").and_then(Yaml::as_str) == Some(&kind);
            if is_kind { name.as_str().map(|name| (name, resource)) } else { None }
        })
    }

    /// A top-level section, as `Globals`.
    pub fn section(&self, name: &str) -> Option<&Yaml> {
        self.document.get(name)
    }

    /// Evaluates a part of the template and deserialises it.
    pub fn shape<T: DeserializeOwned>(&self, at: &str, yaml: &Yaml) -> Result<T, TemplateError> {
        let json = self.value(at, yaml)?;
        serde_json::from_value(json).map_err(|source| TemplateError::Shape { at: at.to_owned(), source })
    }

    /// Evaluates a part of the template. A value removed by `AWS::NoValue` is `null` in a list and absent in a mapping.
    pub fn value(&self, at: &str, yaml: &Yaml) -> Result<Json, TemplateError> {
        Ok(match yaml {
            Yaml::Null => Json::Null,
            Yaml::Bool(value) => Json::Bool(*value),
            Yaml::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => whole.into(),
                (None, Some(fraction)) => fraction.into(),
                (None, None) => return Err(TemplateError::malformed(at, "not a number")),
            },
            Yaml::String(text) => Json::String(text.clone()),
            Yaml::Sequence(items) => Json::Array(
                items
                    .iter()
                    .enumerate()
                    .map(|(i, item)| self.value(&format!("{at}.{i}"), item))
                    .collect::<Result<_, _>>()?,
            ),
            Yaml::Mapping(entries) => {
                let mut map = Map::new();
                for (key, value) in entries {
                    let key = key.as_str().ok_or_else(|| TemplateError::malformed(at, "a key is not a text"))?;
                    let value = self.value(&format!("{at}.{key}"), value)?;
                    if !value.is_null() {
                        map.insert(key.to_owned(), value);
                    }
                }
                Json::Object(map)
            }
            Yaml::Tagged(tagged) => self.call(at, tagged)?,
        })
    }

    fn call(&self, at: &str, tagged: &TaggedValue) -> Result<Json, TemplateError> {
        let tag = tagged.tag.to_string();
        let argument = &tagged.value;
        match tag.as_str() {
            "!Ref" => self.reference(at, text(at, argument)?),
            "!GetAtt" => {
                let (name, attribute) = text(at, argument)?
                    .split_once('.')
                    .ok_or_else(|| TemplateError::malformed(at, "GetAtt takes Name.Attribute"))?;
                self.attribute(at, name, attribute).map(Json::String)
            }
            "!Sub" => self.substitute(at, argument).map(Json::String),
            "!If" => {
                let [condition, then, otherwise] = items(at, argument)?;
                let chosen = if self.condition(at, text(at, condition)?)? { then } else { otherwise };
                self.value(at, chosen)
            }
            "!Equals" => {
                let [left, right] = items(at, argument)?;
                Ok(Json::Bool(self.value(at, left)? == self.value(at, right)?))
            }
            "!Not" => {
                let [inner] = items(at, argument)?;
                match self.value(at, inner)? {
                    Json::Bool(value) => Ok(Json::Bool(!value)),
                    _ => Err(TemplateError::malformed(at, "Not takes a condition")),
                }
            }
            "!Condition" => self.condition(at, text(at, argument)?).map(Json::Bool),
            _ => Err(TemplateError::UnknownTag { at: at.to_owned(), tag }),
        }
    }

    /// `!Ref`: a pseudo parameter, a parameter, or the name of a resource.
    fn reference(&self, at: &str, name: &str) -> Result<Json, TemplateError> {
        let context = self.context;
        let pseudo = match name {
            "AWS::NoValue" => return Ok(Json::Null),
            "AWS::Region" => Some(context.region.as_str()),
            "AWS::AccountId" => Some(context.account.as_str()),
            "AWS::StackName" => Some(context.stack.as_str()),
            "AWS::Partition" => Some("aws"),
            "AWS::URLSuffix" => Some("amazonaws.com"),
            _ => None,
        };
        if let Some(value) = pseudo {
            return Ok(value.into());
        }
        if let Some(parameter) = self.document.get("Parameters").and_then(|all| all.get(name)) {
            return self.parameter(at, name, parameter);
        }
        match self.kind(name) {
            Some("AWS::SQS::Queue") => Ok(self.queue_url(&self.physical_name(at, name)?).into()),
            Some(_) | None => self.physical_name(at, name).map(Json::String),
        }
    }

    /// A queue's URL.
    pub fn queue_url(&self, name: &str) -> String {
        format!("{}/{}/{name}", self.context.cloud_url, self.context.account)
    }

    /// A queue's ARN.
    pub fn queue_arn(&self, name: &str) -> String {
        format!("arn:aws:sqs:{}:{}:{name}", self.context.region, self.context.account)
    }

    fn parameter(&self, at: &str, name: &str, parameter: &Yaml) -> Result<Json, TemplateError> {
        let value = match self.context.parameters.get(name) {
            Some(given) => given.clone(),
            None => match parameter.get("Default") {
                Some(Yaml::String(text)) => text.clone(),
                Some(Yaml::Number(number)) => number.to_string(),
                Some(Yaml::Bool(value)) => value.to_string(),
                _ => return Err(TemplateError::malformed(at, format!("the parameter {name} has no value"))),
            },
        };
        Ok(match parameter.get("Type").and_then(Yaml::as_str) {
            Some("Number") => match value.parse::<i64>() {
                Ok(number) => number.into(),
                Err(_) => return Err(TemplateError::malformed(at, format!("the parameter {name} is not a number"))),
            },
            Some("CommaDelimitedList") => value.split(',').map(|item| Json::from(item.trim())).collect(),
            _ => value.into(),
        })
    }

    /// `!GetAtt`: the attributes used by the template.
    pub fn attribute(&self, at: &str, name: &str, attribute: &str) -> Result<String, TemplateError> {
        let unknown = || TemplateError::UnknownName { at: at.to_owned(), name: format!("{name}.{attribute}") };
        let StackContext { region, account, .. } = self.context;
        let physical = self.physical_name(at, name)?;
        match (self.kind(name).ok_or_else(unknown)?, attribute) {
            ("AWS::DynamoDB::Table", "Arn") => Ok(format!("arn:aws:dynamodb:{region}:{account}:table/{physical}")),
            ("AWS::SQS::Queue", "Arn") => Ok(self.queue_arn(&physical)),
            ("AWS::SQS::Queue", "QueueName") => Ok(physical),
            ("AWS::IAM::Role", "Arn") => Ok(format!("arn:aws:iam::{account}:role/{physical}")),
            ("AWS::Logs::LogGroup", "Arn") => Ok(format!("arn:aws:logs:{region}:{account}:log-group:{physical}:*")),
            ("AWS::S3::Bucket", "Arn") => Ok(format!("arn:aws:s3:::{physical}")),
            ("AWS::Serverless::Function", "Arn") => {
                Ok(format!("arn:aws:lambda:{region}:{account}:function:{physical}"))
            }
            ("AWS::ApiGatewayV2::Api", "ApiEndpoint") => self.context.api_urls.get(name).cloned().ok_or_else(unknown),
            _ => Err(unknown()),
        }
    }

    /// The name of a resource on this machine: from the template, or `<stack>-<logical name>`.
    pub fn physical_name(&self, at: &str, name: &str) -> Result<String, TemplateError> {
        let resource = self
            .document
            .get("Resources")
            .and_then(|all| all.get(name))
            .ok_or_else(|| TemplateError::UnknownName { at: at.to_owned(), name: name.to_owned() })?;
        let named = ["TableName", "QueueName", "BucketName", "FunctionName"]
            .into_iter()
            .find_map(|property| resource.get("Properties").and_then(|all| all.get(property)));
        match named {
            Some(yaml) => self.shape(&format!("Resources.{name}.Properties"), yaml),
            None => Ok(format!("{}-{name}", self.context.stack)),
        }
    }

    fn kind(&self, name: &str) -> Option<&str> {
        self.document.get("Resources")?.get(name)?.get("Type")?.as_str()
    }

    fn condition(&self, at: &str, name: &str) -> Result<bool, TemplateError> {
        let unknown = || TemplateError::UnknownName { at: at.to_owned(), name: name.to_owned() };
        let yaml = self.document.get("Conditions").and_then(|all| all.get(name)).ok_or_else(unknown)?;
        match self.value(&format!("Conditions.{name}"), yaml)? {
            Json::Bool(value) => Ok(value),
            _ => Err(TemplateError::malformed(at, format!("the condition {name} is neither true nor false"))),
        }
    }

    /// `!Sub`: `${Name}`, `${Name.Attribute}`, `${!literal}`, with or without its own values.
    fn substitute(&self, at: &str, argument: &Yaml) -> Result<String, TemplateError> {
        let (pattern, own) = match argument {
            Yaml::Sequence(pair) => match pair.as_slice() {
                [pattern, own] => (text(at, pattern)?, Some(own)),
                _ => return Err(TemplateError::malformed(at, "Sub takes a text, or a text and its values")),
            },
            _ => (text(at, argument)?, None),
        };
        let mut result = String::with_capacity(pattern.len());
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once("${") {
            result.push_str(before);
            let (name, after) =
                after.split_once('}').ok_or_else(|| TemplateError::malformed(at, "Sub has a ${ without }"))?;
            rest = after;
            if let Some(literal) = name.strip_prefix('!') {
                result.push_str(&format!("${{{literal}}}"));
                continue;
            }
            let value = match (own.and_then(|own| own.get(name)), name.split_once('.')) {
                (Some(own), _) => self.value(at, own)?,
                (None, Some((name, attribute))) => self.attribute(at, name, attribute)?.into(),
                (None, None) => self.reference(at, name)?,
            };
            match value {
                Json::String(text) => result.push_str(&text),
                other => result.push_str(&other.to_string()),
            }
        }
        result.push_str(rest);
        Ok(result)
    }

    /// Replaces a reference to a secret by its value, as a function does at start-up; other values stay.
    pub fn put_secret(&self, at: &str, value: &mut String) -> Result<(), TemplateError> {
        let Some(reference) = Reference::parse(value) else { return Ok(()) };
        let Reference { key, .. } = reference.map_err(|fault| TemplateError::malformed(at, fault.to_string()))?;
        let unknown = || TemplateError::UnknownName { at: at.to_owned(), name: format!("secret {key}") };
        *value = self.context.secrets.get(key).cloned().ok_or_else(unknown)?;
        Ok(())
    }
}

fn text<'y>(at: &str, yaml: &'y Yaml) -> Result<&'y str, TemplateError> {
    yaml.as_str().ok_or_else(|| TemplateError::malformed(at, "a text is expected"))
}

fn items<'y, const N: usize>(at: &str, yaml: &'y Yaml) -> Result<&'y [Yaml; N], TemplateError> {
    yaml.as_sequence()
        .and_then(|items| items.as_slice().try_into().ok())
        .ok_or_else(|| TemplateError::malformed(at, format!("{N} items are expected")))
}
