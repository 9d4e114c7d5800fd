//! Metrics as lines of the log, in CloudWatch's embedded metric format: one line an invocation or a batch, never one a
//! message, and nothing of an account in it. `METRICS=emf` turns them on; on one machine they are off.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::io::Write as _;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

/// The namespace of alarms and dashboard.
pub const NAMESPACE: &str = "Envol";

/// What is measured. The variant's name is the metric's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    CampaignsStarted,
    CampaignsFinished,
    /// Paused because the carrier failed again and again.
    CampaignsPausedByCarrier,
    /// Due for longer than dispatch may take, or looked at and not moving.
    CampaignsStuck,
    BatchesReleased,
    /// Of these, those that had been released before and were lost.
    BatchesReleasedAgain,
    MessagesHandedOver,
    MessagesRejected,
    /// Certainly not taken: tried again later.
    MessagesPutOff,
    /// Perhaps taken.
    MessagesInDoubt,
    CarrierCalls,
    CarrierErrors,
    /// Of the calls of a batch: an alarm without arithmetic.
    CarrierErrorPercent,
    CarrierThrottles,
    /// Mean of the calls of a batch.
    CarrierMs,
    Receipts,
    Replies,
    Clicks,
    /// Of the event that waited longest, from the queue to the ledger.
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

/// Where metrics go: nowhere, or to the log under the name of the stack.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    stack: Option<Arc<str>>,
}

impl Metrics {
    /// Written to the log, apart from those of other stacks.
    pub fn of_stack(stack: &str) -> Self {
        Self { stack: Some(stack.into()) }
    }

    /// Writes one line with all these values. A log that cannot be written loses it: nothing fails for a metric.
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
    fn a_line_says_what_its_values_are() {
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
