//! Logs as JSON lines: the message reads alone, fields are searched. Never a number, a text, a token.

use tracing_subscriber::EnvFilter;

/// Starts logging for a function; `filter` is that of `RUST_LOG`, `info` when it is empty or wrong.
pub fn start(filter: Option<&str>) {
    let filter = filter.and_then(|filter| EnvFilter::try_new(filter).ok()).unwrap_or_else(|| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().json().flatten_event(true).with_current_span(true).with_span_list(false);
    // A second start, as in tests, keeps the first.
    let _ = lines.with_env_filter(filter).with_target(false).without_time().try_init();
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
