//! Enforces each function's role, as AWS does: what the template does not allow is refused here too, in every story.
//!
//! A function's SDK uses its own access key, `<the installation's><NAME>`, which its presigned URLs contain too. The
//! installation's own key (operators' tools, tests) may do everything.

use std::borrow::Cow;
use std::collections::BTreeMap;

use http::{Request, Response, StatusCode, header};
use s3s::Body;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

use super::{Credentials, Service};
use crate::template::{Role, Template};

/// The roles of the functions, by access key.
pub(super) struct Roles {
    by_key: BTreeMap<String, (String, Role)>,
    region: String,
    account: String,
}

/// What a request needs: actions and their resources.
type Needs = Vec<(String, String)>;

impl Credentials {
    /// The credentials of a function's SDK.
    pub(super) fn of_function(&self, name: &str) -> Self {
        let access_key = format!("{}{}", self.access_key, name.to_uppercase());
        Self { access_key, secret_key: self.secret_key.clone() }
    }
}

impl Roles {
    pub fn new(credentials: &Credentials, template: &Template, region: &str, account: &str) -> Self {
        let role = |(name, function): (&String, &crate::template::Function)| {
            (credentials.of_function(name).access_key, (name.clone(), function.role.clone()))
        };
        let by_key = template.functions.iter().map(role).collect();
        Self { by_key, region: region.to_owned(), account: account.to_owned() }
    }

    /// The access keys of the functions.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.by_key.keys().map(String::as_str)
    }

    /// Checks that this access key may make a request to tables; the error names the action and the resource.
    pub fn check_tables(&self, key: Option<&str>, operation: &str, body: &[u8]) -> Result<(), String> {
        self.check(key, || self.of_tables(operation, body))
    }

    /// Checks a request to queues.
    pub fn check_queues(&self, key: Option<&str>, operation: &str, body: &[u8]) -> Result<(), String> {
        self.check(key, || self.of_queues(operation, body))
    }

    /// Checks a request to files.
    pub fn check_files<B>(&self, key: Option<&str>, operation: &str, request: &Request<B>) -> Result<(), String> {
        self.check(key, || of_files(operation, request))
    }

    fn check(&self, key: Option<&str>, needs: impl FnOnce() -> Needs) -> Result<(), String> {
        let Some((name, role)) = key.and_then(|key| self.by_key.get(key)) else { return Ok(()) };
        match needs().iter().find(|(action, resource)| !role.allows(action, resource)) {
            None => Ok(()),
            Some((action, resource)) => {
                tracing::error!(
                    function = name,
                    action,
                    resource,
                    "the role of a function does not allow what it does"
                );
                Err(format!("the role of {name} does not allow {action} on {resource}"))
            }
        }
    }

    /// The needs of a DynamoDB request. A transaction needs what its parts need; an unreadable request needs what no
    /// role has.
    fn of_tables(&self, operation: &str, body: &[u8]) -> Needs {
        let need = |operation: &str, on: &Named<'_>| {
            let index = on.index.as_ref().map(|index| format!("/index/{index}")).unwrap_or_default();
            (format!("dynamodb:{operation}"), self.table(on.table.as_deref().unwrap_or_default(), &index))
        };
        let unreadable = || vec![(format!("dynamodb:{operation}"), String::new())];
        match operation {
            "TransactWriteItems" | "TransactGetItems" => {
                let Ok(Transaction { parts }) = serde_json::from_slice(body) else { return unreadable() };
                let action = |part: &str| {
                    if part == "ConditionCheck" { "ConditionCheckItem".into() } else { format!("{part}Item") }
                };
                parts.iter().flatten().map(|(part, on)| need(&action(part), on)).collect()
            }
            "BatchGetItem" | "BatchWriteItem" => {
                let Ok(Batch { tables }) = serde_json::from_slice(body) else { return unreadable() };
                let tables = tables.keys();
                tables.map(|table| (format!("dynamodb:{operation}"), self.table(table, ""))).collect()
            }
            _ => serde_json::from_slice(body).map_or_else(|_| unreadable(), |on| vec![need(operation, &on)]),
        }
    }

    fn table(&self, name: &str, index: &str) -> String {
        format!("arn:aws:dynamodb:{}:{}:table/{name}{index}", self.region, self.account)
    }

    /// The needs of an SQS request. A batch needs what a single message needs.
    fn of_queues(&self, operation: &str, body: &[u8]) -> Needs {
        let url = serde_json::from_slice(body).map(|Sent { url }| url).unwrap_or_default();
        let name = url.as_deref().and_then(|url| url.rsplit('/').next()).unwrap_or_default();
        let action = format!("sqs:{}", operation.trim_end_matches("Batch"));
        vec![(action, format!("arn:aws:sqs:{}:{}:{name}", self.region, self.account))]
    }
}

/// The target of a request; the items in it are skipped.
#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow, rename = "TableName")]
    table: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "IndexName")]
    index: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Transaction<'a> {
    #[serde(borrow, rename = "TransactItems")]
    parts: Vec<BTreeMap<Cow<'a, str>, Named<'a>>>,
}

#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow, rename = "RequestItems")]
    tables: BTreeMap<Cow<'a, str>, IgnoredAny>,
}

#[derive(Deserialize)]
struct Sent<'a> {
    #[serde(borrow, rename = "QueueUrl")]
    url: Option<Cow<'a, str>>,
}

/// The needs of an S3 request, by the name under which it is counted.
fn of_files<B>(operation: &str, request: &Request<B>) -> Needs {
    let on = |path: &str| format!("arn:aws:s3:::{}", path.trim_matches('/'));
    let target = on(request.uri().path());
    let one = |action: &str| vec![(format!("s3:{action}"), target.clone())];
    match operation {
        "GetObject" | "HeadObject" => one("GetObject"),
        "ListObjectsV2" | "HeadBucket" => one("ListBucket"),
        "PutObject" | "CreateMultipartUpload" | "UploadPart" | "CompleteMultipartUpload" => one("PutObject"),
        "CopyObject" => {
            let source = request.headers().get("x-amz-copy-source").and_then(|source| source.to_str().ok());
            let mut needs = one("PutObject");
            needs.push(("s3:GetObject".to_owned(), on(source.unwrap_or_default())));
            needs
        }
        "ListParts" => one("ListMultipartUploadParts"),
        other => one(other),
    }
}

/// The access key of a request, from its header or its presigned URL.
pub(super) fn key_of<B>(request: &Request<B>) -> Option<String> {
    let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let credential = match header {
        Some(header) => header.split("Credential=").nth(1)?,
        None => request.uri().query()?.split('&').find_map(|pair| pair.strip_prefix("X-Amz-Credential="))?,
    };
    Some(credential.split(['/', '%']).next().unwrap_or_default().to_owned())
}

/// The error response in the format of each protocol.
pub(super) fn refused(service: Service, message: &str) -> Response<Body> {
    let (status, kind, body) = match service {
        Service::DynamoDb => {
            (StatusCode::BAD_REQUEST, "application/x-amz-json-1.0", protocol("AccessDeniedException", message))
        }
        Service::Sqs => (StatusCode::FORBIDDEN, "application/x-amz-json-1.0", protocol("AccessDenied", message)),
        Service::S3 => {
            let text = format!("<Error><Code>AccessDenied</Code><Message>{message}</Message></Error>");
            (StatusCode::FORBIDDEN, "application/xml", text)
        }
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static(kind));
    response
}

fn protocol(code: &str, message: &str) -> String {
    json!({ "__type": format!("com.amazonaws#{code}"), "message": message }).to_string()
}
