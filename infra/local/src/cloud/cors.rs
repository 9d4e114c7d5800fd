//! CORS of the buckets: browsers upload to presigned URLs from the origins in the template. Pure.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode};
use s3s::Body;

use crate::template::CorsRule;

/// The rule that allows this origin to use this method.
pub fn rule_for<'r>(rules: &'r [CorsRule], origin: &str, method: &Method) -> Option<&'r CorsRule> {
    rules.iter().find(|rule| {
        rule.allowed_origins.iter().any(|allowed| allowed == "*" || allowed == origin)
            && rule.allowed_methods.iter().any(|allowed| allowed == method.as_str())
    })
}

/// The response to a preflight request.
pub fn preflight(rules: &[CorsRule], headers: &HeaderMap) -> Response<Body> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let asked = text(header::ACCESS_CONTROL_REQUEST_METHOD).and_then(|method| method.parse::<Method>().ok());
    let rule = match (text(header::ORIGIN), asked) {
        (Some(origin), Some(method)) => rule_for(rules, origin, &method),
        _ => None,
    };
    let mut response = Response::new(Body::empty());
    let Some(rule) = rule else {
        *response.status_mut() = StatusCode::FORBIDDEN;
        return response;
    };
    let answer = response.headers_mut();
    let asked_headers = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS);
    let allowed = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, headers.get(header::ORIGIN).cloned()),
        (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_str(&rule.allowed_methods.join(", ")).ok()),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, asked_headers.cloned()),
        (header::ACCESS_CONTROL_MAX_AGE, Some(HeaderValue::from(rule.max_age_s))),
        (header::VARY, Some(HeaderValue::from_static("Origin"))),
    ];
    answer.extend(allowed.into_iter().filter_map(|(name, value)| Some((name, value?))));
    response
}

/// The headers without which a browser hides a response from its page.
pub fn allow(rules: &[CorsRule], method: &Method, origin: &HeaderValue, answer: &mut HeaderMap) {
    let Some(rule) = origin.to_str().ok().and_then(|origin| rule_for(rules, origin, method)) else { return };
    answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    answer.insert(header::VARY, HeaderValue::from_static("Origin"));
    if let Ok(exposed) = HeaderValue::from_str(&rule.exposed_headers.join(", ")) {
        answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
}
