//! The part of Lambda, API Gateway, EventBridge and their event sources, for functions in this process.
//!
//! - `handler`: the handler of a Rust function: a request or an event in, a response out;
//! - `function`: one call: its time limit, its panics;
//! - `gateway`: HTTP APIs; `poller`, `delivery`: queues, and asynchronous calls; `schedule`: the minute tick.
//!
//! Everything here uses JSON events in AWS's formats, so that code that runs here also reads AWS's events.

mod delivery;
mod function;
mod gateway;
mod handler;
mod poller;
mod schedule;
#[cfg(test)]
mod tests;

pub use delivery::Delivered;
pub use function::{CallError, Function};
pub use gateway::Gateway;
pub use handler::Handler;
pub use poller::{Feed, Poller};
pub use schedule::Ticker;
