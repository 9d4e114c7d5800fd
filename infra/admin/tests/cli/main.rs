//! The program itself on a running local cloud: its effects, its output, its errors.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of their functions")]

mod accounts;
mod campaigns;
mod cloud;
mod credits;
mod dead_letters;
mod doctor;
mod handbook;
mod leaving;
mod messages;
mod people;
mod places;
