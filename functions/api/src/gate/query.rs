//! Parameters of the query: known ones only, each once, within its limits.

use std::sync::{Arc, LazyLock};

use aws::store::Page;
use axum::extract::FromRequestParts;
use domain::ids::AccountId;
use http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use web::cursor::{LIMIT_DEFAULT, Seal};
use web::{FieldError, Kind, Problem, Text};

use crate::App;
use crate::answer::{Answer, Answered, PageView};
use crate::contract::check::check as faults_of;
use crate::contract::described::Described;
use crate::contract::operation::{Extract, OperationSpec};
use crate::contract::schema::{Type, text};
use crate::error::ApiError;
use crate::gate::Caller;

requests! {
    /// Part of a name.
    pub struct NameFilter {
        /// Part of the name; case and accents do not matter
        /// Une partie du nom, sans égard à la casse ni aux accents
        pub q?: String = text(0, 100),
    }
}

/// The parameters of a request, but for those of listings.
pub struct Query<T>(pub T);

/// Which page of a listing is asked for, and what cursors of the caller are sealed with.
#[derive(Debug)]
pub struct Pages {
    cursor: Option<String>,
    limit: usize,
    account: AccountId,
    seal: Arc<Seal>,
}

/// The parameters of a request, checked: those that are not blank.
#[derive(Debug, Clone)]
pub struct CheckedQuery(Value);

/// Reads and checks the query of a request.
pub fn check(spec: &OperationSpec, query: &str) -> Result<CheckedQuery, Problem> {
    let pairs: Vec<(String, String)> = match axum::extract::Query::try_from_uri(&uri(query)) {
        Ok(axum::extract::Query(pairs)) => pairs,
        Err(_) => return Err(Problem::new(Kind::Malformed, "the query is malformed", "la requête est mal formée")),
    };
    let mut params = Map::new();
    let mut errors = Vec::new();
    for (name, text) in pairs {
        let pointer = format!("?{name}");
        let Some(param) = spec.query().find(|param| param.name == name) else {
            let known: Vec<_> = spec.query().map(|param| param.name).collect();
            let known = if known.is_empty() { "–".to_owned() } else { known.join(", ") };
            let text = Text::new(
                format!("no such parameter; known: {known}"),
                format!("paramètre inconnu ; connus : {known}"),
            );
            errors.push(FieldError::new("unknown_parameter", pointer, text));
            continue;
        };
        let value = match param.schema.of {
            Type::Integer { .. } => text.parse::<i64>().map_or(Value::String(text.clone()), Value::from),
            _ => Value::String(text.clone()),
        };
        errors.extend(
            faults_of(&param.schema, &value).into_iter().map(|fault| FieldError { pointer: pointer.clone(), ..fault }),
        );
        if params.insert(name, value).is_some() {
            let text = Text::new("given more than once", "donné plusieurs fois");
            errors.push(FieldError::new("repeated_parameter", pointer, text));
        }
    }
    if !errors.is_empty() {
        return Err(Problem::with_errors(Kind::Malformed, errors));
    }
    params.retain(|_, value| value.as_str().is_none_or(|text| !text.trim().is_empty()));
    Ok(CheckedQuery(params.into()))
}

/// Wraps a query in a URI, as parsing needs one.
fn uri(query: &str) -> http::Uri {
    http::Uri::builder().path_and_query(format!("/?{query}")).build().unwrap_or_default()
}

impl Pages {
    fn new(CheckedQuery(params): &CheckedQuery, account: AccountId, seal: Arc<Seal>) -> Self {
        let limit = params["limit"].as_u64().and_then(|limit| limit.try_into().ok()).unwrap_or(LIMIT_DEFAULT);
        Self { cursor: params["cursor"].as_str().map(str::to_owned), limit, account, seal }
    }

    /// Which page of a listing is asked for.
    pub fn paging(&self, listing: &str) -> Result<Paging, Problem> {
        let limit = self.limit;
        let Some(text) = &self.cursor else { return Ok(Paging { after: None, limit }) };
        match self.seal.decode(self.account.as_str(), listing, text) {
            Some(after) => Ok(Paging { after: Some(after), limit }),
            None => Err(wrong_cursor()),
        }
    }

    /// A page of a listing, with the cursor of the next one.
    pub fn page<I, V: serde::Serialize>(&self, listing: &str, page: Page<I>, view: impl FnMut(I) -> V) -> Answered {
        let items = page.items.into_iter().map(view).collect();
        let next = page.next.map(|position| self.seal.encode(self.account.as_str(), listing, &position));
        Answer::ok(&PageView { items, next })
    }
}

/// A cursor that this listing did not make.
pub fn wrong_cursor() -> Problem {
    let text = Text::new("not a cursor of this listing", "pas un curseur de cette liste");
    Problem::with_errors(Kind::Malformed, vec![FieldError::new("malformed", "?cursor", text)])
}

/// A page that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    pub after: Option<String>,
    pub limit: usize,
}

/// The gate puts it there, as it does the caller.
fn checked(parts: &Parts) -> Result<&CheckedQuery, ApiError> {
    parts.extensions.get().ok_or_else(|| Kind::Unauthenticated.into())
}

impl<T: Described> Extract for Query<T> {
    fn specify(spec: &mut OperationSpec) {
        spec.filter = Some(LazyLock::new(T::schema));
    }
}

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        let CheckedQuery(params) = checked(parts)?;
        T::deserialize(params).map(Self).map_err(ApiError::Unread)
    }
}

impl Extract for Pages {
    fn specify(spec: &mut OperationSpec) {
        spec.is_listing = true;
    }
}

impl FromRequestParts<App> for Pages {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, app).await?;
        Ok(Self::new(checked(parts)?, caller.account, app.seal.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::UseCase;

    use crate::contract::operation::get;

    requests! {
        #[derive(Debug, PartialEq)]
        struct Filter {
            q?: String = text(0, 5),
        }
    }

    async fn nothing(_: Query<Filter>, _: Pages) -> Answered {
        Ok(Answer::empty())
    }

    fn read(query: &str) -> Result<(Filter, Pages), Vec<String>> {
        let spec = get("/x", UseCase::ReadAccount, nothing).summary("", "").spec;
        let params = check(&spec, query).map_err(|problem| {
            assert_eq!(problem.kind, Kind::Malformed);
            let faults = problem.errors.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code));
            faults.collect::<Vec<_>>()
        })?;
        let account = "acc_00000000000000000001".parse().unwrap();
        let pages = Pages::new(&params, account, Arc::new(Seal::new("secret")));
        Ok((serde_json::from_value(params.0).unwrap(), pages))
    }

    #[test]
    fn known_parameters_are_read() {
        let (filter, pages) = read("q=%C3%A9t%C3%A9&limit=2").unwrap();
        assert_eq!((filter.q.as_deref(), pages.paging("x")), (Some("été"), Ok(Paging { after: None, limit: 2 })));
        let (filter, pages) = read("q=%20").unwrap();
        assert_eq!((filter.q, pages.limit), (None, 50));
    }

    #[test]
    fn anything_else_is_refused() {
        for (query, errors) in [
            ("p=1", vec!["?p unknown_parameter"]),
            ("limit=0", vec!["?limit out_of_range"]),
            ("limit=201&q=123456", vec!["?limit out_of_range", "?q too_long"]),
            ("limit=x", vec!["?limit wrong_type"]),
            ("q=a&q=b", vec!["?q repeated_parameter"]),
        ] {
            assert_eq!(read(query).map(drop), Err(errors.into_iter().map(str::to_owned).collect()), "{query}");
        }
        assert!(read("cursor=abc").unwrap().1.paging("x").is_err());
    }
}
