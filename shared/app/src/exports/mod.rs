//! Files for people: what an account holds, as a CSV that Excel opens well, behind an address that works for minutes.
//!
//! Joins `store`, `files` and `contacts` like `audience` does, because two doors give the same files: the API and the
//! console. The doors say in which words.

mod exclusions;
mod lists;
mod replies;

pub use exclusions::{ExclusionWords, exclusions};
pub use lists::list;
pub use replies::{ReplyWords, replies};

pub use crate::audience::Error;

pub const CSV: &str = "text/csv; charset=utf-8";
