//! Reads `infra/template.yaml`, so that this machine runs what is deployed. Pure: text in, plain structures out.
//!
//! - `resolve`: the CloudFormation functions (`Ref`, `Sub`, `GetAtt`, `If` …) that the template uses;
//! - `resources`: tables, queues, the bucket's notifications and CORS rules;
//! - `functions`: environment, time-outs, queues and schedules that call a function;
//! - `roles`: permissions of functions;
//! - `routes`: HTTP APIs, their routes, and which one a request takes.
//!
//! Nothing is declared twice: the runner adds only the Rust code of each function.

mod error;
mod functions;
mod resolve;
mod resources;
mod roles;
mod routes;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;

pub use error::TemplateError;
pub use functions::{Function, QueueSource};
pub use resolve::StackContext;
pub use resources::{Bucket, CorsRule, Notification, Queue, Redrive, Table};
pub use roles::{Role, Statement};
pub use routes::{Api, Route, RouteKey};

use resolve::Resolver;

/// The template that this binary was built with.
pub const TEXT: &str = include_str!("../../../template.yaml");

/// What the runner has to set up, with all names resolved for this machine.
#[derive(Debug)]
pub struct Template {
    pub tables: Vec<Table>,
    pub queues: Vec<Queue>,
    pub buckets: Vec<Bucket>,
    /// By name: `ImportFunction` in the template is `import` here.
    pub functions: BTreeMap<String, Function>,
    /// By logical name, as in the template.
    pub apis: BTreeMap<String, Api>,
    /// The value of `Ref` for each table, queue, bucket and function, by logical name; a function's asynchronous calls
    /// wait in the queue `<logical name>Calls`.
    pub names: BTreeMap<String, String>,
}

impl Template {
    /// Reads a template for `context`: its account, region, URLs, parameters and secrets.
    pub fn read(text: &str, context: &StackContext) -> Result<Self, TemplateError> {
        let resolver = Resolver::new(text, context)?;
        Ok(Self {
            tables: resources::tables(&resolver)?,
            queues: resources::queues(&resolver)?,
            buckets: resources::buckets(&resolver)?,
            functions: functions::read(&resolver)?,
            apis: routes::read(&resolver)?,
            names: resources::names(&resolver)?,
        })
    }

    /// The queue of this ARN.
    pub fn queue_by_arn(&self, arn: &str) -> Option<&Queue> {
        self.queues.iter().find(|queue| queue.arn == arn)
    }

    /// The function of this ARN.
    pub fn function_by_arn(&self, arn: &str) -> Option<&Function> {
        self.functions.values().find(|function| function.arn == arn)
    }
}
