//! EventBridge: calls a function once per period.

use std::time::Duration;

use serde_json::{Value as Json, json};
use support::Clock;
use support::telemetry::chain;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::Function;
use crate::sockets::Stop;

/// A schedule of a function.
#[derive(Debug, Clone)]
pub struct Ticker {
    pub function: Function,
    pub period: Duration,
    pub clock: Clock,
    pub region: String,
    /// Twelve digits.
    pub account: String,
}

impl Ticker {
    /// Ticks now and once per period until it is stopped, then waits for running calls.
    ///
    /// The first tick continues the work that the previous process left.
    pub async fn run(self, mut stop: Stop) {
        let mut ticks = tokio::time::interval(self.period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut calls = JoinSet::new();
        loop {
            tokio::select! {
                () = stop.requested() => break,
                _ = ticks.tick() => {}
            }
            while calls.try_join_next().is_some() {}
            // Each in its own task, as on AWS: a long one does not delay the next.
            let ticker = self.clone();
            calls.spawn(async move { ticker.tick().await });
        }
        while calls.join_next().await.is_some() {}
    }

    /// One tick.
    pub async fn tick(&self) {
        if let Err(error) = self.function.call(self.event()).await {
            tracing::error!(error.chain = chain(&error), "a scheduled call failed");
        }
    }

    /// The event in the format of AWS.
    fn event(&self) -> Json {
        let at = self.clock.now();
        json!({
            "version": "0",
            "id": format!("tick-{}", at.as_millisecond()),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": self.account,
            "time": at.to_string(),
            "region": self.region,
            "resources": [format!("arn:aws:events:{}:{}:rule/{}", self.region, self.account, self.function.name())],
            "detail": {},
        })
    }
}
