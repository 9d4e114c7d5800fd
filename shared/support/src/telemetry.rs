//! Logs as JSON lines: the message reads alone, fields are searched. Never a number, a text, a token.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

/// Starts logging for a function; `filter` is that of `RUST_LOG`, `info` when it is empty or wrong. Levels by target
/// only: filters on fields would bring an engine of regular expressions into each function.
pub fn start(filter: Option<&str>) {
    let wanted = filter.filter(|filter| !filter.is_empty()).and_then(|filter| filter.parse::<Targets>().ok());
    let wanted = wanted.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_current_span(true);
    let lines = lines.with_span_list(false).with_target(false).without_time().with_filter(wanted);
    // A second start, as in tests, keeps the first.
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
