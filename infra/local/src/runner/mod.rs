//! What Lambda, API Gateway, EventBridge and their event sources do on AWS, for functions in this process.
//!
//! - `door`: a Rust function as the template's functions are called: a request or an event in, an answer out;
//! - `function`: one call: its time limit, its panics;
//! - `gateway`: HTTP APIs; `poller`, `delivery`: queues, and asynchronous calls; `schedule`: the minute tick.
//!
//! Everything here works on JSON events in AWS's shapes, so that what runs here also reads what AWS sends.

mod delivery;
mod door;
mod function;
mod gateway;
mod poller;
mod schedule;
#[cfg(test)]
mod tests;

pub use delivery::Delivered;
pub use door::Door;
pub use function::{CallError, Function};
pub use gateway::Gateway;
pub use poller::{Feed, Poller};
pub use schedule::Ticker;
