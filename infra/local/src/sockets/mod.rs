//! HTTP servers with limits, so that every connection ends: a header that does not arrive, a body that stalls, a client
//! that does not read. Requests are handled by a `Service`.

mod server;
mod stop;

pub use server::{Limits, Server, Service};
pub use stop::{Stop, Stopper};
