//! The contract: every operation with its parameters, bodies and answers, once. Requests are checked against it, the
//! OpenAPI document is written from it, and in debug builds every answer is checked against it too, so that code and
//! document cannot part.
//!
//! - `schema` – the shape of JSON values; `check` – what is wrong with a value.
//! - `operation` – one call of the API; `openapi` – the document; `docs` – the same for people.

pub mod check;
pub mod docs;
pub mod openapi;
pub mod operation;
pub mod schema;
