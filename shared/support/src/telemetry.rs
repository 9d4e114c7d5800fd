//! Logs as JSON lines: each message can be read alone, fields are for searching. Never a phone number, text or token.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

/// Starts logging for a function; `filter` is that of `RUST_LOG`, `info` if it is empty or invalid. Levels by target
/// only: filters on fields would link a regular expression engine into each function.
pub fn start(filter: Option<&str>) {
    let targets = filter.filter(|filter| !filter.is_empty()).and_then(|filter| filter.parse::<Targets>().ok());
    let targets = targets.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_current_span(true);
    let lines = lines.with_span_list(false).with_target(false).without_time().with_filter(targets);
    // A second start, as in tests, keeps the first subscriber.
    let _ = tracing_subscriber::registry().with(lines).try_init();
}

/// An error with its causes, outermost first.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
