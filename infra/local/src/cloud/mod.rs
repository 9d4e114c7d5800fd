//! The embedded cloud: DynamoDB, S3 and SQS in this process, behind one entry point (`LocalCloud::call`).
//!
//! - `dynamodb`, `s3`, `sqs`: one service each, as far as the embedded crates need help;
//! - `sdk`: the AWS SDK without a socket; `endpoint`: the cloud for other processes, on one port;
//! - `access`: enforces the functions' roles;
//! - `notify`: S3 events to functions; `cors`: browsers that upload;
//! - `requests`, `meter`: counts requests and their cost;
//! - `faults`: fault injection.
//!
//! This module does not know Envol: it is set up from the template and used over AWS's protocols.
//!
//! What grows, and its bound:
//!
//! - tables: one SQLite file as large as the items in it; a request costs by the items that it names or finds, however
//!   many others there are. Deleting expired items reads every item of every table, once an hour;
//! - files: one file per object and two beside it. A read takes as many bytes as requested, in blocks of 1 MiB; a
//!   listing walks through the whole bucket (operators and erasures request it);
//! - locks of objects: at most 64, or twice those in use;
//! - queues: in memory with their messages. Receiving looks at every message in flight or delayed on that queue: as
//!   many as the pollers hold, and failed ones until their time-out. Their journal has its own bound;
//! - counts: one number per kind of request, two per table and index, and the partition keys of the current second;
//! - lagging indexes (fault injection): a second copy of the tables, in memory.

mod access;
mod cors;
mod dynamodb;
mod endpoint;
mod error;
mod faults;
mod meter;
mod notify;
mod requests;
mod s3;
mod sdk;
mod sqs;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use http::{HeaderMap, Method, Request, Response, header};
use http_body_util::BodyExt;
use rustack_sqs_model::operations::SqsOperation;
use s3s::Body;
use support::Clock;

use crate::template::{Bucket, CorsRule, Template};
use access::Roles;
use faults::Meets;
use notify::Listener;
use requests::Counter;

pub use endpoint::Endpoint;
pub use error::CloudError;
pub use faults::Chance;
pub use meter::{Billed, Capacity, Peak, Units};
pub use requests::{Asker, Call, FileClass, Requests, Service};
pub use sqs::{Depth, Queues, payload_bytes};

/// The host of all URLs: an IP address, because then the SDK puts a bucket's name into the path.
pub const HOST: &str = "127.0.0.1";

/// Where an installation keeps its data.
#[derive(Debug, Clone)]
pub enum Data {
    /// Tables and queues in memory, files in a temporary folder: for tests.
    Memory,
    /// In this folder: `tables.sqlite`, `queues.journal`, `files/`.
    Folder(PathBuf),
}

/// The access key of the installation.
#[derive(Clone)]
pub struct Credentials {
    pub access_key: String,
    pub secret_key: String,
}

/// Options of a cloud.
#[derive(Clone)]
pub struct Options {
    pub data: Data,
    pub clock: Clock,
    pub credentials: Credentials,
    pub region: String,
    /// Twelve digits.
    pub account: String,
    /// Port of its endpoint, even if nothing listens there: it is part of queue URLs and presigned URLs.
    pub port: u16,
}

/// The cloud. Clones share it.
#[derive(Clone)]
pub struct LocalCloud(Arc<Inner>);

struct Inner {
    options: Options,
    tables: dynamodb::Tables,
    files: s3::Files,
    queues: Queues,
    buckets: Vec<Bucket>,
    listeners: Vec<Listener>,
    roles: Roles,
    counter: Counter,
    faults: faults::Faults,
    /// Keeps the files of an in-memory cloud until its end.
    _folder: Option<tempfile::TempDir>,
}

impl LocalCloud {
    /// Opens the cloud, creates what the template describes, and restores queued messages.
    pub async fn open(options: Options, template: &Template) -> Result<Self, CloudError> {
        let folder = match options.data {
            Data::Memory => {
                Some(tempfile::tempdir().map_err(|source| CloudError::Folder { path: "tmp".into(), source })?)
            }
            Data::Folder(_) => None,
        };
        let (tables_file, journal, files_root) = match (&options.data, &folder) {
            (Data::Folder(root), _) => {
                std::fs::create_dir_all(root).map_err(|source| CloudError::Folder { path: root.clone(), source })?;
                (Some(root.join("tables.sqlite")), Some(root.join("queues.journal")), root.join("files"))
            }
            (Data::Memory, Some(folder)) => (None, None, folder.path().to_owned()),
            (Data::Memory, None) => (None, None, std::env::temp_dir()),
        };
        let mut tables = dynamodb::Tables::open(tables_file.as_deref(), &options.clock)?;
        let roles = Roles::new(&options.credentials, template, &options.region, &options.account);
        let files = s3::Files::open(&files_root, &options.credentials, roles.keys())?;
        let address = (HOST, options.port);
        let queues =
            Queues::open(&options.region, &options.account, address, journal.as_deref(), options.clock.clone())?;
        template.tables.iter().try_for_each(|table| tables.create(table))?;
        template.buckets.iter().try_for_each(|bucket| files.create(&bucket.name))?;
        for queue in template.queues.iter().chain(template.functions.values().map(|function| &function.calls)) {
            queues.create(queue).await?;
        }
        let replayed = queues.replay().await?;
        if replayed > 0 {
            tracing::info!(replayed, "queued messages were restored");
        }
        let (buckets, listeners) = (template.buckets.clone(), notify::listeners(template));
        let counter = Counter::default();
        let inner = Inner {
            options,
            tables,
            files,
            queues,
            buckets,
            listeners,
            roles,
            counter,
            faults: faults::Faults::default(),
            _folder: folder,
        };
        Ok(Self(Arc::new(inner)))
    }

    /// One request to any service, recognised as on AWS: by `X-Amz-Target`; everything else is S3.
    pub async fn call(&self, request: Request<Body>, asker: Asker) -> Result<Response<Body>, CloudError> {
        if let Some(delay) = self.0.faults.delay() {
            tokio::time::sleep(delay).await;
        }
        let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok()).map(str::to_owned);
        match target.as_deref().and_then(|target| target.split_once('.')) {
            Some(("DynamoDB_20120810", operation)) => self.call_tables(operation, request, asker).await,
            Some(("AmazonSQS", operation)) => self.call_queues(operation, request, asker).await,
            Some(_) | None => self.call_files(request, asker).await,
        }
    }

    async fn call_tables(
        &self,
        operation: &str,
        request: Request<Body>,
        asker: Asker,
    ) -> Result<Response<Body>, CloudError> {
        self.0.counter.add(Service::DynamoDb, operation, asker);
        let key = access::key_of(&request);
        let body = whole(request).await?;
        if let Err(message) = self.0.roles.check_tables(key.as_deref(), operation, &body) {
            return Ok(access::refused(Service::DynamoDb, &message));
        }
        let answer = match self.0.faults.meets(operation, &body) {
            Meets::Nothing => self.0.tables.call(operation, &body),
            Meets::Collision => dynamodb::collision(),
            Meets::Throttle => dynamodb::Answer::throttled(),
            Meets::Partly { done, left } => self.0.tables.call(operation, &done).leaving(left),
        };
        self.0.counter.charge(answer.charges, self.0.options.clock.now());
        self.answered(Service::DynamoDb, operation)?;
        let response =
            Response::builder().status(answer.status).header(header::CONTENT_TYPE, "application/x-amz-json-1.0");
        response.body(Body::from(answer.body)).map_err(|error| CloudError::Protocol { problem: error.to_string() })
    }

    async fn call_queues(
        &self,
        operation: &str,
        request: Request<Body>,
        asker: Asker,
    ) -> Result<Response<Body>, CloudError> {
        self.0.counter.add(Service::Sqs, operation, asker);
        let known = SqsOperation::from_name(operation)
            .ok_or_else(|| CloudError::Protocol { problem: format!("SQS has no {operation}") })?;
        let key = access::key_of(&request);
        let body = whole(request).await?;
        if let Err(message) = self.0.roles.check_queues(key.as_deref(), operation, &body) {
            return Ok(access::refused(Service::Sqs, &message));
        }
        let answer = self.0.queues.call(known, body).await;
        self.0.counter.add_payload(answer.payload_bytes);
        self.answered(Service::Sqs, operation)?;
        Ok(answer.response)
    }

    async fn call_files(&self, request: Request<Body>, asker: Asker) -> Result<Response<Body>, CloudError> {
        let (method, headers) = (request.method().clone(), request.headers());
        let rules = self.cors_rules(request.uri().path());
        if method == Method::OPTIONS {
            return Ok(cors::preflight(rules, headers));
        }
        let origin = headers.get(header::ORIGIN).cloned();
        let is_copy = headers.contains_key("x-amz-copy-source");
        let operation = s3::operation(&method, request.uri(), is_copy);
        self.0.counter.add(Service::S3, operation, asker);
        let key = access::key_of(&request);
        if let Err(message) = self.0.roles.check_files(key.as_deref(), operation, &request) {
            return Ok(access::refused(Service::S3, &message));
        }
        let (mut response, created) = self.0.files.call(request).await?;
        if let Some(origin) = origin {
            cors::allow(rules, &method, &origin, response.headers_mut());
        }
        // Before the response: a client that knows of the file may rely on its import.
        if let Some(created) = created {
            notify::notify(&self.0.listeners, &created, &self.0.queues, &self.0.options).await?;
        }
        self.answered(Service::S3, operation)?;
        Ok(response)
    }

    /// Whether the response of a completed request is to be lost.
    fn answered(&self, service: Service, operation: &str) -> Result<(), CloudError> {
        if self.0.faults.loses(service, operation) { Err(CloudError::AnswerLost) } else { Ok(()) }
    }

    fn cors_rules(&self, path: &str) -> &[CorsRule] {
        let name = path.trim_start_matches('/').split('/').next();
        let bucket = self.0.buckets.iter().find(|bucket| Some(bucket.name.as_str()) == name);
        bucket.map_or(&[], |bucket| &bucket.cors)
    }

    /// The SDK configuration of the installation's operator, who may do everything.
    pub fn sdk_config(&self) -> aws::sdk::SdkConfig {
        sdk::config(self, self.credentials())
    }

    /// The SDK configuration of a function, limited by its role.
    pub fn sdk_config_of(&self, function: &str) -> aws::sdk::SdkConfig {
        sdk::config(self, &self.credentials().of_function(function))
    }

    /// The queues, without the protocol: for pollers.
    pub fn queues(&self) -> &Queues {
        &self.0.queues
    }

    /// The requests so far. `cloud.requests().since(&before)` is the cost of a step.
    pub fn requests(&self) -> Requests {
        self.0.counter.read(self.0.files.read_bytes())
    }

    /// Resets the peaks of units.
    pub fn forget_peaks(&self) {
        self.0.counter.forget_peaks();
    }

    /// Counts a request that a poller makes without the protocol, and the bytes of its messages.
    pub fn count(&self, operation: &str, bytes: usize) {
        self.0.counter.add(Service::Sqs, operation, Asker::Poller);
        self.0.counter.add_payload(bytes);
    }

    /// Deletes expired items.
    pub fn expire(&self) -> Result<usize, CloudError> {
        self.0.tables.expire()
    }

    pub fn credentials(&self) -> &Credentials {
        &self.0.options.credentials
    }

    pub fn region(&self) -> &str {
        &self.0.options.region
    }

    /// The URL of the endpoint: scheme, host, port.
    pub fn url(&self) -> String {
        format!("http://{HOST}:{}", self.0.options.port)
    }

    /// Whether a request has an access key of the installation. S3 checks signatures itself; the other services accept
    /// the key alone, which is random and never leaves this machine.
    fn is_known(&self, headers: &HeaderMap) -> bool {
        // The functions' keys begin with it.
        let credential = format!("Credential={}", self.0.options.credentials.access_key);
        headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|text| text.contains(&credential))
    }
}

async fn whole(request: Request<Body>) -> Result<bytes::Bytes, CloudError> {
    let body = request.into_body().collect().await;
    Ok(body.map_err(|error| CloudError::Protocol { problem: error.to_string() })?.to_bytes())
}
