//! Problems as in RFC 9457: stable type, title, status, detail, instance, errors with their pointers.

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::json;

use super::language::{Language, Text};

pub const CONTENT_TYPE_PROBLEM: &str = "application/problem+json";
/// Types are tag URIs (RFC 4151): stable names without a page, as RFC 9457, 3.1.1 advises.
pub const TYPE_PREFIX: &str = "tag:envol.example,2026:problem/";

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $status:literal $slug:literal $english:literal $french:literal,)*) => {
        /// Every kind of problem.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Kind { $($(#[$doc])* $name,)* }

        impl Kind {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The last part of its type URI.
            pub fn slug(self) -> &'static str {
                match self { $(Self::$name => $slug,)* }
            }

            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            pub fn title(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$name, Language::English) => $english, (Self::$name, Language::French) => $french,)*
                }
            }
        }
    };
}

kinds! {
    /// The request is not well formed: JSON, query, cursor, header.
    Malformed = 400 "malformed" "The request is malformed" "La requête est mal formée",
    /// No key, or an invalid one.
    Unauthenticated = 401 "unauthenticated" "A valid API key is needed" "Une clé d’API valide est nécessaire",
    /// The key lacks the scope.
    Forbidden = 403 "forbidden" "The key may not do this" "La clé ne permet pas cette action",
    /// Unknown, or belongs to another account.
    NotFound = 404 "not-found" "Not found" "Introuvable",
    MethodNotAllowed = 405 "method-not-allowed" "The method does not exist here" "Méthode non autorisée ici",
    /// Changed by another request, or not allowed in the present status.
    Conflict = 409 "conflict" "The present state does not allow it" "L’état actuel ne le permet pas",
    /// `If-Match` names another version.
    PreconditionFailed = 412 "precondition-failed" "It was changed meanwhile" "Modifié entre-temps",
    TooLarge = 413 "too-large" "The body is too large" "Le corps est trop volumineux",
    UnsupportedMediaType = 415 "unsupported-media-type" "The content type is not supported" "Type de contenu non pris en charge",
    /// Well formed, but invalid: see `errors`.
    Invalid = 422 "invalid" "The content is not valid" "Le contenu n’est pas valide",
    /// The same `Idempotency-Key` was used with another request.
    KeyReused = 422 "idempotency-key-reused" "The idempotency key belongs to another request" "La clé d’idempotence appartient à une autre requête",
    /// Too many requests; see `Retry-After`.
    TooMany = 429 "too-many-requests" "Too many requests" "Trop de requêtes",
    /// An internal error; the log has the cause.
    Internal = 500 "internal" "Something went wrong on our side" "Une erreur s’est produite de notre côté",
    /// A service that we need does not answer; trying again may help.
    Unavailable = 503 "unavailable" "Temporarily unavailable" "Temporairement indisponible",
}

impl Kind {
    pub fn type_uri(self) -> String {
        format!("{TYPE_PREFIX}{}", self.slug())
    }

    fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            401 => Self::Unauthenticated,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            405 => Self::MethodNotAllowed,
            409 => Self::Conflict,
            412 => Self::PreconditionFailed,
            413 => Self::TooLarge,
            415 => Self::UnsupportedMediaType,
            422 => Self::Invalid,
            429 => Self::TooMany,
            503 => Self::Unavailable,
            400..500 => Self::Malformed,
            _ => Self::Internal,
        }
    }
}

/// One error in the content of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Stable name, for programs.
    pub code: &'static str,
    /// JSON pointer into the body (RFC 6901), or `?name` for a parameter of the query.
    pub pointer: String,
    pub detail: Text,
}

impl FieldError {
    pub fn new(code: &'static str, pointer: impl Into<String>, detail: Text) -> Self {
        Self { code, pointer: pointer.into(), detail }
    }

    /// As a member of `errors`.
    fn to_json(&self, language: Language) -> serde_json::Value {
        json!({ "code": self.code, "pointer": self.pointer, "detail": self.detail.in_language(language) })
    }
}

/// An error response. The entry point writes it in the language of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub kind: Kind,
    /// Explains this occurrence. Absent for 500 and above, whose cause is for the log.
    detail: Option<Text>,
    pub errors: Vec<FieldError>,
    /// Seconds after which to try again.
    pub retry_after: Option<u32>,
}

impl Problem {
    pub fn new(kind: Kind, english: impl Into<String>, french: impl Into<String>) -> Self {
        Self { detail: Some(Text::new(english, french)), ..Self::from(kind) }
    }

    /// Invalid content, with one entry per error.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        Self::with_errors(Kind::Invalid, errors)
    }

    /// A kind of problem with one entry per error.
    pub fn with_errors(kind: Kind, errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::from(kind) }
    }

    /// Invalid content with a single error.
    pub fn invalid_field(
        code: &'static str,
        pointer: &str,
        english: impl Into<String>,
        french: impl Into<String>,
    ) -> Self {
        Self::invalid(vec![FieldError::new(code, pointer, Text::new(english, french))])
    }

    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// The explanation of this occurrence; that of a single error by default.
    pub fn detail(&self) -> Option<&Text> {
        match (&self.detail, self.errors.as_slice()) {
            _ if self.kind.status() >= 500 => None,
            (Some(detail), _) => Some(detail),
            (None, [fault]) => Some(&fault.detail),
            (None, _) => None,
        }
    }

    /// The document for one request.
    pub fn to_json(&self, language: Language, instance: &str) -> serde_json::Value {
        let mut document = json!({
            "type": self.kind.type_uri(),
            "title": self.kind.title(language),
            "status": self.kind.status(),
            "instance": instance,
        });
        if let Some(detail) = self.detail() {
            document["detail"] = detail.in_language(language).into();
        }
        if !self.errors.is_empty() {
            document["errors"] = self.errors.iter().map(|fault| fault.to_json(language)).collect();
        }
        document
    }

    /// The response for one request.
    pub fn response(&self, language: Language, instance: &str) -> Response {
        let status = StatusCode::from_u16(self.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut headers = HeaderMap::from_iter([
            (CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE_PROBLEM)),
            (CONTENT_LANGUAGE, HeaderValue::from_static(language.code())),
        ]);
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        if self.kind == Kind::Unauthenticated {
            headers.insert(http::header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        let body = self.to_json(language, instance).to_string();
        (status, headers, body).into_response()
    }

    /// The problem for a failure response of a library.
    pub(super) fn of_status(status: StatusCode) -> Self {
        Self::from(Kind::of_status(status))
    }
}

impl From<Kind> for Problem {
    fn from(kind: Kind) -> Self {
        Self { kind, detail: None, errors: Vec::new(), retry_after: None }
    }
}

/// In English and without an instance; the problem itself is attached, so that the entry can translate it.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.response(Language::English, "");
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_has_the_members_of_rfc_9457_in_the_language_asked_for() {
        let problem = Problem::invalid_field("too_long", "/name", "at most 100 characters", "100 caractères au plus");
        let document = problem.to_json(Language::French, "req_1");
        assert_eq!(
            document,
            json!({
                "type": "tag:envol.example,2026:problem/invalid",
                "title": "Le contenu n’est pas valide",
                "status": 422,
                "detail": "100 caractères au plus",
                "instance": "req_1",
                "errors": [{ "code": "too_long", "pointer": "/name", "detail": "100 caractères au plus" }],
            })
        );
    }

    #[test]
    fn an_internal_error_has_no_detail() {
        let problem = Problem::new(Kind::Internal, "the table is called x", "la table s’appelle x");
        assert_eq!(problem.to_json(Language::English, "r").get("detail"), None);
    }

    #[test]
    fn slugs_differ_and_every_kind_is_a_failure() {
        let slugs: std::collections::HashSet<_> = Kind::ALL.iter().map(|kind| kind.slug()).collect();
        assert_eq!(slugs.len(), Kind::ALL.len());
        assert!(Kind::ALL.iter().all(|kind| (400..600).contains(&kind.status())));
    }
}
