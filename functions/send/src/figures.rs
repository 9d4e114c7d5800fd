//! The metrics of one batch, as one log line.

use carrier::{Answer, SubmitReport};
use domain::flow::Call;
use jiff::SignedDuration;
use support::Metric;

use crate::App;

/// Calls to the carrier and its answers so far.
#[derive(Debug, Default)]
pub struct Figures {
    calls: u32,
    errors: u32,
    throttles: u32,
    took: SignedDuration,
    handed_over: u32,
    rejected: u32,
    put_off: u32,
    in_doubt: u32,
}

impl Figures {
    /// Adds one call.
    pub fn add(&mut self, report: &SubmitReport, took: SignedDuration) {
        self.calls += 1;
        self.took += took;
        match report.call() {
            Some(Call::Failed | Call::Refused) | None => self.errors += 1,
            Some(Call::Throttled { .. }) => self.throttles += 1,
            Some(Call::Answered { .. }) => (),
        }
        for answer in &report.answers {
            match answer {
                Answer::Accepted => self.handed_over += 1,
                Answer::Rejected { .. } => self.rejected += 1,
                Answer::Throttled => self.put_off += 1,
                Answer::Unknown => self.in_doubt += 1,
            }
        }
    }

    /// Writes the line, if the carrier was called at all.
    pub fn write(&self, app: &App) {
        app.metrics.write(app.clock.now(), &self.values());
    }

    fn values(&self) -> Vec<(Metric, f64)> {
        if self.calls == 0 {
            return Vec::new();
        }
        vec![
            (Metric::CarrierCalls, self.calls.into()),
            (Metric::CarrierErrors, self.errors.into()),
            (Metric::CarrierErrorPercent, f64::from(self.errors) * 100.0 / f64::from(self.calls)),
            (Metric::CarrierThrottles, self.throttles.into()),
            (Metric::CarrierMs, self.took.as_secs_f64() * 1_000.0 / f64::from(self.calls)),
            (Metric::MessagesHandedOver, self.handed_over.into()),
            (Metric::MessagesRejected, self.rejected.into()),
            (Metric::MessagesPutOff, self.put_off.into()),
            (Metric::MessagesInDoubt, self.in_doubt.into()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use carrier::CallError;
    use domain::outcome::Reason;

    use super::*;

    #[test]
    fn calls_and_answers_are_counted_once_each() {
        let mut figures = Figures::default();
        let rejected = Answer::Rejected { reason: Reason::default() };
        let answers = vec![Answer::Accepted, Answer::Accepted, rejected, Answer::Throttled, Answer::Unknown];
        figures.add(&SubmitReport { answers, error: None }, SignedDuration::from_millis(300));
        let busy = CallError::Throttled { retry_after: None };
        figures.add(&SubmitReport { answers: vec![Answer::Throttled], error: Some(busy) }, SignedDuration::ZERO);
        let failed = CallError::Failed { status: 503 };
        figures.add(&SubmitReport { answers: vec![Answer::Unknown], error: Some(failed) }, SignedDuration::ZERO);
        figures.add(&SubmitReport { answers: Vec::new(), error: None }, SignedDuration::from_millis(100));
        let values: Vec<f64> = figures.values().into_iter().map(|(_, value)| value).collect();
        assert_eq!(values, [4.0, 1.0, 25.0, 1.0, 100.0, 2.0, 1.0, 2.0, 2.0]);
    }

    #[test]
    fn a_batch_that_never_called_the_carrier_gives_no_line() {
        assert!(Figures::default().values().is_empty());
    }
}
