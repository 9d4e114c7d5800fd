//! Simulates histories of dispatch, send, track, users, carrier and clock over the rules of `domain`: a seed decides
//! who sends what and what goes wrong; after every step all invariants are checked.
//!
//! `SIMULATION_SEED=7 cargo test -p app --test simulation -- --nocapture` repeats one history and prints it;
//! `SIMULATION_HISTORIES=100000` runs that many.

#![cfg(test)]

mod actors;
mod broken;
mod call;
mod carrier;
mod checks;
mod closer;
mod commands;
mod dispatcher;
mod ending;
mod engine;
mod flows;
mod folder;
mod histories;
mod journal;
mod model;
mod plan;
mod queue;
mod random;
mod requests;
mod rules;
mod sender;
mod starter;
mod table;
mod tracker;
mod truth;
