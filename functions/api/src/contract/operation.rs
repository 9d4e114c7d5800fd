//! One call of the API: what the router serves, the gate enforces and the document describes.

use app::UseCase;
use axum::routing::MethodRouter;
use domain::account::Scope;
use http::Method;
use serde_json::Value;
use web::cursor::{LIMIT_DEFAULT, LIMIT_MAX};

use super::schema::{self, Localized, Schema};
use crate::App;

/// Bytes of a body that has no larger limit of its own.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

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
    pub about: Localized,
    /// `None` has no body.
    pub schema: Option<Schema>,
}

/// What the gate must know of an operation.
#[derive(Debug, Clone)]
pub struct OperationSpec {
    pub method: Method,
    /// Below `/v1`.
    pub path: &'static str,
    pub tag: &'static str,
    pub summary: &'static str,
    /// Who may call it stands in the table of use cases; `None` needs no key.
    pub use_case: Option<UseCase>,
    pub query: Vec<Param>,
    /// `None` takes no body, or an empty object.
    pub body: Option<Schema>,
    pub body_bytes_max: usize,
    /// A body that stands in the document, whole.
    pub example: Option<Value>,
    pub answers: Vec<Answers>,
    /// The name in generated clients, where the one that path and method give is not a good one.
    pub named: Option<&'static str>,
    /// Honours `If-Match`.
    pub is_conditional: bool,
    /// Whether something else may stand in the way: a state, another change at the same time.
    pub may_conflict: bool,
}

/// An operation and who does it.
pub struct Operation {
    pub spec: OperationSpec,
    pub handler: MethodRouter<App>,
}

impl Operation {
    /// An operation that does a use case. The method is that of the handler.
    pub fn new(
        method: Method,
        path: &'static str,
        use_case: UseCase,
        summary: &'static str,
        handler: MethodRouter<App>,
    ) -> Self {
        let tag = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        let may_conflict = method != Method::GET;
        let is_conditional = matches!(method, Method::PATCH | Method::DELETE);
        let spec = OperationSpec {
            method,
            path,
            tag,
            summary,
            use_case: Some(use_case),
            query: Vec::new(),
            body: None,
            body_bytes_max: BODY_BYTES_MAX,
            example: None,
            answers: Vec::new(),
            named: None,
            is_conditional,
            may_conflict,
        };
        Self { spec, handler }
    }

    /// Needs no key.
    pub fn public(mut self) -> Self {
        self.spec.use_case = None;
        self
    }

    pub fn query(mut self, name: &'static str, schema: Schema) -> Self {
        self.spec.query.push(Param { name, schema });
        self
    }

    /// A listing: `cursor` and `limit`, and pages of these items.
    pub fn pages(self, items: Schema) -> Self {
        let limit = schema::integer(1, LIMIT_MAX as i64)
            .about("Items of one page, 50 unless told", "Éléments d’une page, 50 sauf indication contraire");
        const _: () = assert!(LIMIT_DEFAULT == 50);
        self.query("cursor", schema::text(1, 1_024).about("`next` of the page before", "`next` de la page précédente"))
            .query("limit", limit)
            .answers(200, "A page", "Une page", schema::page(items))
    }

    pub fn takes(mut self, body: Schema) -> Self {
        self.spec.body = Some(body);
        self
    }

    /// A body of up to so many bytes.
    pub fn takes_up_to(mut self, bytes: usize, body: Schema) -> Self {
        self.spec.body_bytes_max = bytes;
        self.takes(body)
    }

    /// A body that shows how it is used.
    pub fn example(mut self, body: Value) -> Self {
        self.spec.example = Some(body);
        self
    }

    /// The name of the call in generated clients.
    pub fn named(mut self, name: &'static str) -> Self {
        self.spec.named = Some(name);
        self
    }

    /// A command that honours `If-Match`.
    pub fn conditional(mut self) -> Self {
        self.spec.is_conditional = true;
        self
    }

    /// A file or page that is not there at every stage: 409 before.
    pub fn conflict_before_ready(mut self) -> Self {
        self.spec.may_conflict = true;
        self
    }

    /// A change that nothing stands in the way of.
    pub fn never_conflicts(mut self) -> Self {
        self.spec.may_conflict = false;
        self
    }

    pub fn answers(mut self, status: u16, english: &'static str, french: &'static str, schema: Schema) -> Self {
        self.spec.answers.push(Answers { status, about: Localized { english, french }, schema: Some(schema) });
        self
    }

    /// An answer without a body: 204, or 303 to a file.
    pub fn answers_empty(mut self, status: u16, english: &'static str, french: &'static str) -> Self {
        self.spec.answers.push(Answers { status, about: Localized { english, french }, schema: None });
        self
    }
}

impl OperationSpec {
    /// The scope that a key needs.
    pub fn scope(&self) -> Option<Scope> {
        self.use_case.and_then(UseCase::scope)
    }

    /// The path as the router serves it.
    pub fn route(&self) -> String {
        format!("/v1{}", self.path)
    }

    /// Names between braces, each behind the name of what it is one of.
    pub fn path_parameters(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let parts = self.path.split('/');
        parts.clone().zip(parts.skip(1)).filter_map(|(of, part)| Some((of, part.strip_prefix('{')?.strip_suffix('}')?)))
    }

    /// Whether an answer of this status is one resource, with its version as `ETag`.
    pub fn is_single(&self, answer: &Answers) -> bool {
        let is_resource = self.path == "/account" || self.path.ends_with('}');
        match self.method {
            _ if answer.schema.is_none() => false,
            Method::PATCH => true,
            Method::GET => is_resource,
            Method::POST => answer.status == 201 || (self.is_conditional && answer.status == 200),
            _ => false,
        }
    }

    /// Whether a body is read, if only to see that it is empty.
    pub fn reads_body(&self) -> bool {
        matches!(self.method, Method::POST | Method::PATCH)
    }

    /// The statuses of problems that this operation may answer, in order.
    pub fn problems(&self) -> Vec<u16> {
        if self.use_case.is_none() {
            return Vec::new();
        }
        let possible = [
            (400, true),
            (401, true),
            (403, true),
            (404, self.path.contains('{')),
            (409, self.may_conflict),
            (412, self.is_conditional),
            (413, self.reads_body()),
            (415, self.reads_body()),
            (422, self.reads_body()),
            (429, true),
            (500, true),
            (503, true),
        ];
        possible.into_iter().filter(|(_, may)| *may).map(|(status, _)| status).collect()
    }
}

macro_rules! methods {
    ($($name:ident = $method:ident,)*) => {$(
        pub fn $name<H, T>(path: &'static str, use_case: UseCase, summary: &'static str, handler: H) -> Operation
        where
            H: axum::handler::Handler<T, App>,
            T: 'static,
        {
            Operation::new(Method::$method, path, use_case, summary, axum::routing::$name(handler))
        }
    )*};
}
methods! { get = GET, post = POST, patch = PATCH, delete = DELETE, }
