//! Parameters of the query: known ones only, each once, within its limits.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws::store::Page;
use axum::extract::FromRequestParts;
use domain::ids::AccountId;
use http::request::Parts;
use serde::Serialize;
use serde_json::{Value, json};
use web::cursor::{LIMIT_DEFAULT, Seal};
use web::{FieldError, Kind, Problem, Text};

use crate::App;
use crate::answer::{Answer, Answered};
use crate::contract::check::check as faults_of;
use crate::contract::operation::OperationSpec;
use crate::contract::schema::Type;
use crate::error::ApiError;

/// The parameters of a request, checked, and what cursors of the caller are sealed with.
#[derive(Debug, Clone)]
pub struct Query {
    params: BTreeMap<&'static str, String>,
    account: AccountId,
    seal: Arc<Seal>,
}

/// Reads and checks the query of a request.
pub fn check(spec: &OperationSpec, query: &str, account: &AccountId, seal: &Arc<Seal>) -> Result<Query, Problem> {
    let pairs: Vec<(String, String)> = match axum::extract::Query::try_from_uri(&uri(query)) {
        Ok(axum::extract::Query(pairs)) => pairs,
        Err(_) => return Err(Problem::new(Kind::Malformed, "the query is malformed", "la requête est mal formée")),
    };
    let mut params = BTreeMap::new();
    let mut errors = Vec::new();
    for (name, text) in pairs {
        let pointer = format!("?{name}");
        let Some(param) = spec.query.iter().find(|param| param.name == name) else {
            let known: Vec<_> = spec.query.iter().map(|param| param.name).collect();
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
        if params.insert(param.name, text).is_some() {
            let text = Text::new("given more than once", "donné plusieurs fois");
            errors.push(FieldError::new("repeated_parameter", pointer, text));
        }
    }
    if !errors.is_empty() {
        return Err(Problem::faulty(Kind::Malformed, errors));
    }
    Ok(Query { params, account: account.clone(), seal: seal.clone() })
}

/// Reading a query needs a URI around it.
fn uri(query: &str) -> http::Uri {
    http::Uri::builder().path_and_query(format!("/?{query}")).build().unwrap_or_default()
}

impl Query {
    /// A parameter, unless it is absent or blank.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.params.get(name).map(String::as_str).filter(|text| !text.trim().is_empty())
    }

    /// A parameter read as what the contract says it is.
    pub fn parsed<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.get(name)?.parse().ok()
    }

    /// Which page of a listing is asked for.
    pub fn paging(&self, listing: &str) -> Result<Paging, Problem> {
        let limit = self.parsed("limit").unwrap_or(LIMIT_DEFAULT);
        let Some(text) = self.get("cursor") else { return Ok(Paging { after: None, limit }) };
        match self.seal.decode(self.account.as_str(), listing, text) {
            Some(after) => Ok(Paging { after: Some(after), limit }),
            None => Err(wrong_cursor()),
        }
    }

    /// A page of a listing, with the cursor of the next one.
    pub fn page<T, V: Serialize>(&self, listing: &str, page: Page<T>, view: impl FnMut(T) -> V) -> Answered {
        let items: Vec<V> = page.items.into_iter().map(view).collect();
        let next = page.next.map(|position| self.seal.encode(self.account.as_str(), listing, &position));
        Answer::ok(&json!({ "items": items, "next": next }))
    }
}

/// A cursor that this listing did not make.
pub fn wrong_cursor() -> Problem {
    let text = Text::new("not a cursor of this listing", "pas un curseur de cette liste");
    Problem::faulty(Kind::Malformed, vec![FieldError::new("malformed", "?cursor", text)])
}

/// A page that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    pub after: Option<String>,
    pub limit: usize,
}

impl FromRequestParts<App> for Query {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, ApiError> {
        // The gate puts it there, as it does the caller.
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Kind::Unauthenticated.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::operation::get;
    use app::UseCase;

    use crate::contract::schema::{any_text, text};

    async fn nothing() -> Answered {
        Ok(Answer::empty())
    }

    fn read(query: &str) -> Result<Query, Vec<String>> {
        let spec = get("/x", UseCase::ReadAccount, "", nothing).pages(any_text()).query("q", text(0, 5)).spec;
        let account = "acc_00000000000000000001".parse().unwrap();
        check(&spec, query, &account, &Arc::new(Seal::of("secret"))).map_err(|problem| {
            assert_eq!(problem.kind, Kind::Malformed);
            problem.errors.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
        })
    }

    #[test]
    fn known_parameters_are_read() {
        let query = read("q=%C3%A9t%C3%A9&limit=2").unwrap();
        assert_eq!((query.get("q"), query.paging("x")), (Some("été"), Ok(Paging { after: None, limit: 2 })));
        assert_eq!(read("").unwrap().paging("x").unwrap().limit, 50);
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
            assert_eq!(read(query).unwrap_err(), errors, "{query}");
        }
        assert!(read("cursor=abc").unwrap().paging("x").is_err());
    }
}
