//! HTTP on sockets, with limits, so that every connection ends: a header that does not come, a body that stalls, a
//! client that does not read. What is answered is somebody else's business (`Service`).

mod server;
mod stop;

pub use server::{Limits, Server, Service};
pub use stop::{Stop, Stopper};
