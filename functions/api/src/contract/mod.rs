//! The contract: every operation with its parameters, bodies and responses, defined once. Requests are validated
//! against it, the OpenAPI document is written from it, and in debug builds every response is validated too, so that
//! code and document cannot differ.
//!
//! - `described` – the types of requests and answers, which give their schemas; `schema` – the shape of JSON values;
//!   `check` – what is wrong with a value.
//! - `operation` – one call of the API; `openapi` – the document; `docs` – the same for people, with the
//!   shapes that `sketch` draws and the words of `french`.
//! - `reference` – what applies to all calls: problems, limits, stability.
//! - `shape` – schemas as JSON Schema; `example` – values that fit them; `headers` – what travels beside the bodies.

#[macro_use]
pub mod described;

pub mod check;
pub mod docs;
mod example;
mod french;
mod headers;
pub mod openapi;
pub mod operation;
mod reference;
pub mod schema;
mod shape;
mod sketch;
#[cfg(test)]
mod tests;
