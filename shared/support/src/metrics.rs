//! Metrics as lines of the log, in CloudWatch's embedded metric format: one line per invocation or batch, never per
//! message, and without account data. `METRICS=emf` turns them on; on one machine they are off.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::io::Write as _;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

/// The namespace of alarms and dashboard.
pub const NAMESPACE: &str = "Envol";

/// The metrics. The variant's name is the metric's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    CampaignsStarted,
    CampaignsFinished,
    /// Paused because calls to the carrier kept failing.
    CampaignsPausedByCarrier,
    /// Due for too long, or checked without making progress.
    CampaignsStuck,
    BatchesReleased,
    /// Those of them that had been released before and were lost.
    BatchesReleasedAgain,
    MessagesHandedOver,
    MessagesRejected,
    /// Certainly not accepted: tried again later.
    MessagesPutOff,
    /// Perhaps accepted.
    MessagesInDoubt,
    CarrierCalls,
    CarrierErrors,
    /// Share of failed calls of a batch, so that an alarm needs no arithmetic.
    CarrierErrorPercent,
    CarrierThrottles,
    /// Mean of the calls of a batch.
    CarrierMs,
    Receipts,
    Replies,
    Clicks,
    /// Age of the oldest event, from the callback to the journal.
    EventsLagSeconds,
    ImportRows,
    ImportSeconds,
    /// Files that cannot be imported, and imports that will be tried again.
    ImportsFailed,
}

impl Metric {
    /// All of them, for the test that compares them with the template.
    pub const ALL: [Self; 22] = [
        Self::CampaignsStarted,
        Self::CampaignsFinished,
        Self::CampaignsPausedByCarrier,
        Self::CampaignsStuck,
        Self::BatchesReleased,
        Self::BatchesReleasedAgain,
        Self::MessagesHandedOver,
        Self::MessagesRejected,
        Self::MessagesPutOff,
        Self::MessagesInDoubt,
        Self::CarrierCalls,
        Self::CarrierErrors,
        Self::CarrierErrorPercent,
        Self::CarrierThrottles,
        Self::CarrierMs,
        Self::Receipts,
        Self::Replies,
        Self::Clicks,
        Self::EventsLagSeconds,
        Self::ImportRows,
        Self::ImportSeconds,
        Self::ImportsFailed,
    ];

    pub fn name(self) -> String {
        format!("{self:?}")
    }

    fn unit(self) -> &'static str {
        match self {
            Self::CarrierMs => "Milliseconds",
            Self::CarrierErrorPercent => "Percent",
            Self::EventsLagSeconds | Self::ImportSeconds => "Seconds",
            _ => "Count",
        }
    }
}

/// Where metrics go: nowhere, or to the log, tagged with the stack's name.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    stack: Option<Arc<str>>,
}

impl Metrics {
    /// Writes to the log, with the stack's name as a dimension.
    pub fn of_stack(stack: &str) -> Self {
        Self { stack: Some(stack.into()) }
    }

    /// Writes one line with these values. An unwritable log loses them: a metric never causes a failure.
    pub fn write(&self, at: Timestamp, values: &[(Metric, f64)]) {
        if let Some(line) = self.line(at, values) {
            let _ = std::io::stdout().lock().write_all(line.as_bytes());
        }
    }

    fn line(&self, at: Timestamp, values: &[(Metric, f64)]) -> Option<String> {
        let stack = self.stack.as_deref().filter(|_| !values.is_empty())?;
        let metrics: Vec<_> =
            values.iter().map(|(metric, _)| json!({ "Name": metric.name(), "Unit": metric.unit() })).collect();
        let about = json!({
            "Timestamp": at.as_millisecond(),
            "CloudWatchMetrics": [{ "Namespace": NAMESPACE, "Dimensions": [["Stack"]], "Metrics": metrics }],
        });
        let mut line = Map::from_iter([("_aws".to_owned(), about), ("Stack".to_owned(), stack.into())]);
        line.extend(values.iter().map(|(metric, value)| (metric.name(), Json::from(*value))));
        Some(format!("{}\n", Json::Object(line)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_declares_its_metrics() {
        let at = Timestamp::from_millisecond(1_700_000_000_123).unwrap();
        let line = Metrics::of_stack("envol").line(at, &[(Metric::Receipts, 12.0), (Metric::EventsLagSeconds, 0.5)]);
        let line = line.unwrap();
        assert!(line.ends_with('\n') && line.matches('\n').count() == 1, "one line");
        let line: Json = serde_json::from_str(&line).unwrap();
        assert_eq!(
            line,
            json!({
                "_aws": {
                    "Timestamp": 1_700_000_000_123_i64,
                    "CloudWatchMetrics": [{
                        "Namespace": "Envol",
                        "Dimensions": [["Stack"]],
                        "Metrics": [
                            { "Name": "Receipts", "Unit": "Count" },
                            { "Name": "EventsLagSeconds", "Unit": "Seconds" },
                        ],
                    }],
                },
                "Stack": "envol",
                "Receipts": 12.0,
                "EventsLagSeconds": 0.5,
            })
        );
    }

    #[test]
    fn nothing_is_written_where_metrics_are_off_or_nothing_was_measured() {
        assert_eq!(Metrics::default().line(Timestamp::UNIX_EPOCH, &[(Metric::Receipts, 1.0)]), None);
        assert_eq!(Metrics::of_stack("envol").line(Timestamp::UNIX_EPOCH, &[]), None);
    }
}
