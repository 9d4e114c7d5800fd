//! Files for people: the data of an account as CSV for Excel, at a URL that works for minutes.
//!
//! Combines `store`, `files` and `contacts`, because the API and the console offer the same files, with their own
//! texts.

mod exclusions;
mod lists;
mod replies;

pub use exclusions::{ExclusionWords, exclusions};
pub use lists::list;
pub use replies::{ReplyWords, replies};

pub use crate::audience::Error;

pub const CSV: &str = "text/csv; charset=utf-8";
