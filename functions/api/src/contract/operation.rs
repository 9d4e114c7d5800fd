//! One call of the API: what the router serves, the gate enforces and the document describes. What a handler reads of a
//! request its extractors say; schemas are made when they are first needed.

use std::sync::LazyLock;

use app::{Context, UseCase};
use axum::routing::MethodRouter;
use domain::account::Scope;
use http::Method;
use serde_json::Value;
use web::cursor::{LIMIT_DEFAULT, LIMIT_MAX};

use super::described::Described;
use super::schema::{Field, Localized, Schema, Type, integer, maybe, text};
use crate::App;
use crate::answer::PageView;

/// Default limit of a body, in bytes.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// Parameters of listings.
static PAGING: LazyLock<Vec<Field>> = LazyLock::new(|| {
    const _: () = assert!(LIMIT_DEFAULT == 50);
    let limit = integer(1, LIMIT_MAX as i64)
        .about("Items per page, 50 by default", "Éléments d’une page, 50 sauf indication contraire");
    let cursor = text(1, 1_024).about("`next` of the page before", "`next` de la page précédente");
    vec![maybe("cursor", cursor), maybe("limit", limit)]
});

/// What an operation answers, by status.
#[derive(Debug)]
pub struct Answers {
    pub status: u16,
    pub about: Localized,
    /// `None` has no body.
    pub schema: Option<LazyLock<Schema>>,
}

/// What the gate needs to know about an operation.
#[derive(Debug)]
pub struct OperationSpec {
    pub method: Method,
    /// Below `/v1`.
    pub path: &'static str,
    pub tag: &'static str,
    pub summary: Localized,
    /// Its permission is in the table of use cases; `None` needs no key.
    pub use_case: Option<UseCase>,
    /// Parameters of the query, but for those of listings.
    pub filter: Option<LazyLock<Schema>>,
    /// Takes `cursor` and `limit`.
    pub is_listing: bool,
    /// `None` takes no body, or an empty object.
    pub body: Option<LazyLock<Schema>>,
    pub body_bytes_max: usize,
    /// A complete example body for the document.
    pub example: Option<Value>,
    pub answers: Vec<Answers>,
    /// The name in generated clients, if the one from path and method is not good.
    pub named: Option<&'static str>,
    /// Honours `If-Match`.
    pub is_conditional: bool,
    /// Whether there may be other conflicts: a state, another change at the same time.
    pub may_conflict: bool,
}

/// An operation and its handler.
pub struct Operation {
    pub spec: OperationSpec,
    pub handler: MethodRouter<App>,
}

/// An operation that does not say yet what it does.
pub struct Undescribed(Operation);

impl Undescribed {
    /// An operation that does a use case.
    fn new<T: Extract>(method: Method, path: &'static str, use_case: UseCase, handler: MethodRouter<App>) -> Self {
        let tag = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        let may_conflict = method != Method::GET;
        let mut spec = OperationSpec {
            method,
            path,
            tag,
            summary: Localized::default(),
            use_case: Some(use_case),
            filter: None,
            is_listing: false,
            body: None,
            body_bytes_max: BODY_BYTES_MAX,
            example: None,
            answers: Vec::new(),
            named: None,
            is_conditional: false,
            may_conflict,
        };
        T::specify(&mut spec);
        Self(Operation { spec, handler })
    }

    pub fn summary(self, english: &'static str, french: &'static str) -> Operation {
        let Self(mut operation) = self;
        operation.spec.summary = Localized { english, french };
        operation
    }
}

impl Operation {
    /// Needs no key.
    pub fn public(mut self) -> Self {
        self.spec.use_case = None;
        self
    }

    /// Pages of these items.
    pub fn pages<T: Described>(self) -> Self {
        self.lists::<T>("A page", "Une page")
    }

    /// Everything that there is of something, in the shape of a listing.
    pub fn lists<T: Described>(self, english: &'static str, french: &'static str) -> Self {
        self.answers::<PageView<T>>(200, english, french)
    }

    /// A body of up to so many bytes.
    pub fn takes_up_to(mut self, bytes: usize) -> Self {
        self.spec.body_bytes_max = bytes;
        self
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

    /// A file or page that is not available at every stage: 409 before.
    pub fn conflict_before_ready(mut self) -> Self {
        self.spec.may_conflict = true;
        self
    }

    /// A change without conflicts.
    pub fn never_conflicts(mut self) -> Self {
        self.spec.may_conflict = false;
        self
    }

    pub fn answers<T: Described>(self, status: u16, english: &'static str, french: &'static str) -> Self {
        self.answer(status, english, french, Some(LazyLock::new(T::schema)))
    }

    /// An answer without a body: 204, or 303 to a file.
    pub fn answers_empty(self, status: u16, english: &'static str, french: &'static str) -> Self {
        self.answer(status, english, french, None)
    }

    fn answer(
        mut self,
        status: u16,
        english: &'static str,
        french: &'static str,
        schema: Option<LazyLock<Schema>>,
    ) -> Self {
        self.spec.answers.push(Answers { status, about: Localized { english, french }, schema });
        self
    }
}

impl OperationSpec {
    /// The scope that a key needs.
    pub fn scope(&self) -> Option<Scope> {
        self.use_case.and_then(UseCase::scope)
    }

    /// Every parameter of the query.
    pub fn query(&self) -> impl Iterator<Item = &Field> {
        let filter = self.filter.iter().flat_map(|filter| match &filter.of {
            Type::Object(fields) => fields.as_slice(),
            _ => &[],
        });
        filter.chain(PAGING.iter().filter(|_| self.is_listing))
    }

    /// The path as the router serves it.
    pub fn route(&self) -> String {
        format!("/v1{}", self.path)
    }

    /// Parameter names in braces, each with the path segment before it.
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

    /// Whether a body is read, if only to check that it is empty.
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

/// What an argument of a handler reads of a request, as the contract has it.
pub trait Extract {
    fn specify(_: &mut OperationSpec) {}
}

impl Extract for App {}
impl Extract for Context {}

macro_rules! handlers {
    ($(($($argument:ident)*))+) => {$(
        /// The arguments of a handler, behind the mark that axum puts before them.
        impl<M, $($argument: Extract),*> Extract for (M, $($argument,)*) {
            fn specify(_spec: &mut OperationSpec) {
                $($argument::specify(_spec);)*
            }
        }
    )+};
}
handlers! { () (A) (A B) (A B C) (A B C D) (A B C D E) }

macro_rules! methods {
    ($($name:ident = $method:ident,)*) => {$(
        pub fn $name<H, T>(path: &'static str, use_case: UseCase, handler: H) -> Undescribed
        where
            H: axum::handler::Handler<T, App>,
            T: Extract + 'static,
        {
            Undescribed::new::<T>(Method::$method, path, use_case, axum::routing::$name(handler))
        }
    )*};
}
methods! { get = GET, post = POST, patch = PATCH, delete = DELETE, }
