//! One call of the API: what the router serves, the gate enforces and the document describes.

use axum::routing::MethodRouter;
use http::Method;
use shared::domain::account::Scope;
use shared::http::cursor::{LIMIT_DEFAULT, LIMIT_MAX};

use super::schema::{self, Schema};
use crate::App;

/// Octets of a body that has no larger limit of its own.
pub const BODY_OCTETS_MAX: usize = 256 * 1024;

/// A parameter of the query.
#[derive(Debug, Clone)]
pub struct Param {
    pub name: &'static str,
    pub schema: Schema,
}

/// What an operation answers, by status.
#[derive(Debug, Clone)]
pub struct Answers {
    pub status: u16,
    pub about: &'static str,
    /// `None` has no body.
    pub schema: Option<Schema>,
}

/// What the gate must know of an operation.
#[derive(Debug, Clone)]
pub struct Rule {
    pub method: Method,
    /// Below `/v1`.
    pub path: &'static str,
    pub tag: &'static str,
    pub summary: &'static str,
    /// `None` needs no key.
    pub scope: Option<Scope>,
    pub query: Vec<Param>,
    /// `None` takes no body, or an empty object.
    pub body: Option<Schema>,
    pub body_octets_max: usize,
    pub answers: Vec<Answers>,
}

/// An operation and who does it.
pub struct Operation {
    pub rule: Rule,
    pub handler: MethodRouter<App>,
}

impl Operation {
    /// An operation that needs a scope. The method is that of the handler.
    pub fn new(
        method: Method,
        path: &'static str,
        scope: Scope,
        summary: &'static str,
        handler: MethodRouter<App>,
    ) -> Self {
        let tag = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        let rule = Rule {
            method,
            path,
            tag,
            summary,
            scope: Some(scope),
            query: Vec::new(),
            body: None,
            body_octets_max: BODY_OCTETS_MAX,
            answers: Vec::new(),
        };
        Self { rule, handler }
    }

    /// Needs no key.
    pub fn public(mut self) -> Self {
        self.rule.scope = None;
        self
    }

    pub fn query(mut self, name: &'static str, schema: Schema) -> Self {
        self.rule.query.push(Param { name, schema });
        self
    }

    /// A listing: `cursor` and `limit`, and pages of these items.
    pub fn pages(self, items: Schema) -> Self {
        let limit = schema::integer(1, LIMIT_MAX as i64).about("Items of one page, 50 unless told");
        const _: () = assert!(LIMIT_DEFAULT == 50);
        self.query("cursor", schema::text(1, 1_024).about("`next` of the page before")).query("limit", limit).answers(
            200,
            "A page",
            schema::page(items),
        )
    }

    pub fn takes(mut self, body: Schema) -> Self {
        self.rule.body = Some(body);
        self
    }

    /// A body of up to so many octets.
    pub fn takes_up_to(mut self, octets: usize, body: Schema) -> Self {
        self.rule.body_octets_max = octets;
        self.takes(body)
    }

    pub fn answers(mut self, status: u16, about: &'static str, schema: Schema) -> Self {
        self.rule.answers.push(Answers { status, about, schema: Some(schema) });
        self
    }

    /// An answer without a body: 204, or 303 to a file.
    pub fn answers_empty(mut self, status: u16, about: &'static str) -> Self {
        self.rule.answers.push(Answers { status, about, schema: None });
        self
    }
}

impl Rule {
    /// The path as the router serves it.
    pub fn route(&self) -> String {
        format!("/v1{}", self.path)
    }

    /// Names between braces.
    pub fn path_parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }
}

macro_rules! methods {
    ($($name:ident = $method:ident,)*) => {$(
        pub fn $name<H, T>(path: &'static str, scope: Scope, summary: &'static str, handler: H) -> Operation
        where
            H: axum::handler::Handler<T, App>,
            T: 'static,
        {
            Operation::new(Method::$method, path, scope, summary, axum::routing::$name(handler))
        }
    )*};
}
methods! { get = GET, post = POST, patch = PATCH, delete = DELETE, }
