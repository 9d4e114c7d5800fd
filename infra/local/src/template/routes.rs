//! HTTP APIs of the template: which function handles which request. Pure.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{TemplateError, resolve::Resolver};

/// An HTTP API and its routes.
#[derive(Debug, Default)]
pub struct Api {
    pub routes: Vec<Route>,
}

#[derive(Debug)]
pub struct Route {
    pub key: RouteKey,
    pub function_arn: String,
}

/// `$default`, or a method and a path: `ANY /v1/callbacks/{carrier}/{token}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteKey {
    Default,
    Path { method: Option<String>, segments: Vec<Segment> },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// This text.
    Exactly(String),
    /// `{name}`: any one segment.
    One,
    /// `{name+}`: the rest of the path.
    Rest,
}

impl Api {
    /// The function that handles a request, as API Gateway chooses: the most specific route wins.
    pub fn function_for(&self, method: &str, path: &str) -> Option<&str> {
        let best = self
            .routes
            .iter()
            .filter_map(|route| Some((route.key.fit(method, path)?, route)))
            .max_by(|(left, _), (right, _)| left.cmp(right));
        best.map(|(_, route)| route.function_arn.as_str())
    }
}

/// How well a route fits: segments that match exactly, segments that match at all, and whether the method is named.
type Fit = (usize, usize, bool);

impl RouteKey {
    fn fit(&self, method: &str, path: &str) -> Option<Fit> {
        let (named, segments) = match self {
            Self::Default => return Some((0, 0, false)),
            Self::Path { method: Some(named), .. } if named != method => return None,
            Self::Path { method, segments } => (method.is_some(), segments),
        };
        let mut parts = path.trim_matches('/').split('/');
        let (mut exact, mut matched) = (0, 0);
        for segment in segments {
            match (segment, parts.next()) {
                (Segment::Exactly(text), Some(part)) if text == part => exact += 1,
                (Segment::One, Some(part)) if !part.is_empty() => {}
                (Segment::Rest, Some(_)) => return Some((exact, matched, named)),
                _ => return None,
            }
            matched += 1;
        }
        parts.next().is_none().then_some((exact, matched, named))
    }

    fn parse(at: &str, text: &str) -> Result<Self, TemplateError> {
        if text == "$default" {
            return Ok(Self::Default);
        }
        let (method, path) =
            text.split_once(' ').ok_or_else(|| TemplateError::malformed(at, "a route is METHOD /path or $default"))?;
        let segments = path.trim_matches('/').split('/').map(|part| match part.strip_prefix('{') {
            Some(name) if name.ends_with("+}") => Segment::Rest,
            Some(_) => Segment::One,
            None => Segment::Exactly(part.to_owned()),
        });
        Ok(Self::Path { method: (method != "ANY").then(|| method.to_owned()), segments: segments.collect() })
    }
}

pub fn read(resolver: &Resolver<'_>) -> Result<BTreeMap<String, Api>, TemplateError> {
    let mut names = BTreeMap::new(); // physical name -> logical name: the value of `!Ref` of an API
    let mut apis = BTreeMap::new();
    for (logical, _) in resolver.of_type("AWS::ApiGatewayV2::Api") {
        names.insert(resolver.physical_name(logical, logical)?, logical.to_owned());
        apis.insert(logical.to_owned(), Api::default());
    }
    let mut targets = BTreeMap::new();
    for (logical, resource) in resolver.of_type("AWS::ApiGatewayV2::Integration") {
        let at = format!("Resources.{logical}.Properties");
        let integration: Integration = resolver.shape(&at, properties(&at, resource)?)?;
        let id = resolver.physical_name(&at, logical)?;
        targets.insert(format!("integrations/{id}"), integration.integration_uri);
    }
    for (logical, resource) in resolver.of_type("AWS::ApiGatewayV2::Route") {
        let at = format!("Resources.{logical}.Properties");
        let route: RouteProperties = resolver.shape(&at, properties(&at, resource)?)?;
        let unknown = |name: &str| TemplateError::UnknownName { at: at.clone(), name: name.to_owned() };
        let function_arn = targets.get(&route.target).cloned().ok_or_else(|| unknown(&route.target))?;
        let api = names.get(&route.api_id).and_then(|name| apis.get_mut(name));
        let api = api.ok_or_else(|| unknown(&route.api_id))?;
        api.routes.push(Route { key: RouteKey::parse(&at, &route.route_key)?, function_arn });
    }
    Ok(apis)
}

fn properties<'y>(at: &str, resource: &'y serde_norway::Value) -> Result<&'y serde_norway::Value, TemplateError> {
    resource.get("Properties").ok_or_else(|| TemplateError::Missing { at: at.to_owned() })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Integration {
    integration_uri: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RouteProperties {
    api_id: String,
    route_key: String,
    target: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(method: &str, path: &str, expected: &str) {
        let keys =
            ["$default", "GET /health", "ANY /v1/callbacks/{carrier}/{token}", "ANY /v1/{rest+}", "POST /v1/one"];
        let routes = keys.map(|key| Route { key: RouteKey::parse("here", key).unwrap(), function_arn: key.to_owned() });
        let api = Api { routes: routes.into() };
        assert_eq!(api.function_for(method, path), Some(expected), "{method} {path}");
    }

    #[test]
    fn the_most_specific_route_answers() {
        check("GET", "/health", "GET /health");
        check("POST", "/health", "$default");
        check("POST", "/v1/callbacks/http/abc", "ANY /v1/callbacks/{carrier}/{token}");
        check("GET", "/v1/callbacks/http/abc/more", "ANY /v1/{rest+}");
        check("POST", "/v1/one", "POST /v1/one");
        check("GET", "/v1/one", "ANY /v1/{rest+}");
        check("GET", "/", "$default");
        check("GET", "/abc", "$default");
    }
}
