//! The rules. Pure: no clock, no I/O, no async, no AWS, no HTTP; time and randomness are arguments.

pub mod account;
pub mod campaign;
pub mod clicks;
pub mod compose;
pub mod country;
pub mod credits;
pub mod holidays;
pub mod ids;
pub mod ledger;
pub mod letters;
pub mod links;
pub mod list;
pub mod local_time;
pub mod message_id;
pub mod outcome;
pub mod phone;
pub mod receipt;
pub mod release;
pub mod reply;
pub mod segments;
pub mod sender;
pub mod sending_window;
pub mod stop_mention;
pub mod tally;
pub mod template;
pub mod territory;
