//! The rules. Pure: no clock, no I/O, no async, no AWS, no HTTP; time and randomness are arguments.

pub mod credits;
pub mod ids;
pub mod ledger;
pub mod list;
pub mod outcome;
pub mod tally;
