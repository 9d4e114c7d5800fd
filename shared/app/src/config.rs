//! Configuration from a look-up closure: `main.rs` passes the environment, the runner a map. All errors are reported
//! at once, each naming its variable; no value is printed.

use std::time::Duration;

use aws::queue::QueueUrls;
use aws::store::Tables;
use carrier::{Carrier, HttpSettings, WINDOW_DEFAULT};
use domain::fingerprint::FingerprintKey;
use domain::flow::Contract;
use domain::links::LinkKey;
use domain::webhook::WebhookKey;
use hex::FromHex;
use support::{ConfigErrors, Metrics};

use crate::webhooks::Reach;

/// Reads variables and collects errors.
pub struct Lookup<'a> {
    get: &'a dyn Fn(&str) -> Option<String>,
    errors: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    Accounts,
    Lists,
    Campaigns,
    Links,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    Wakeups,
    Batches,
    Events,
    Deliveries,
}

impl<'a> Lookup<'a> {
    pub fn new(get: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { get, errors: Vec::new() }
    }

    /// A variable that may be absent; an empty one is absent.
    pub fn maybe(&self, name: &str) -> Option<String> {
        (self.get)(name).filter(|value| !value.is_empty())
    }

    /// A variable that must be there.
    pub fn text(&mut self, name: &'static str) -> String {
        self.maybe(name).unwrap_or_else(|| {
            self.errors.push(format!("{name} is not set"));
            String::new()
        })
    }

    /// A variable read as something else; absent is `default`.
    pub fn parsed<T: std::str::FromStr>(&mut self, name: &'static str, default: T) -> T {
        match self.maybe(name).map(|text| text.parse()) {
            None => default,
            Some(Ok(value)) => value,
            Some(Err(_)) => {
                self.errors.push(format!("{name} cannot be read"));
                default
            }
        }
    }

    /// Names of the tables that a function uses; the others stay empty.
    pub fn tables(&mut self, used: &[Table]) -> Tables {
        let mut name = |table, variable| if used.contains(&table) { self.text(variable) } else { String::new() };
        Tables {
            accounts: name(Table::Accounts, "ACCOUNTS_TABLE"),
            lists: name(Table::Lists, "LISTS_TABLE"),
            campaigns: name(Table::Campaigns, "CAMPAIGNS_TABLE"),
            links: name(Table::Links, "LINKS_TABLE"),
        }
    }

    /// URLs of the queues that a function writes to; the others stay empty.
    pub fn queues(&mut self, used: &[Queue]) -> QueueUrls {
        let mut url = |queue, variable| if used.contains(&queue) { self.text(variable) } else { String::new() };
        QueueUrls {
            wakeups: url(Queue::Wakeups, "WAKEUPS_QUEUE_URL"),
            batches: url(Queue::Batches, "BATCHES_QUEUE_URL"),
            events: url(Queue::Events, "EVENTS_QUEUE_URL"),
            deliveries: url(Queue::Deliveries, "DELIVERIES_QUEUE_URL"),
        }
    }

    /// The key of short links, 64 hexadecimal digits.
    pub fn link_key(&mut self) -> LinkKey {
        LinkKey::new(self.key("LINK_KEY"))
    }

    /// The key of erased numbers' fingerprints, 64 hexadecimal digits.
    pub fn fingerprint_key(&mut self) -> FingerprintKey {
        FingerprintKey::new(self.key("FINGERPRINT_KEY"))
    }

    /// The key that webhooks' secrets are derived from, 64 hexadecimal digits.
    pub fn webhook_key(&mut self) -> WebhookKey {
        WebhookKey::new(self.key("WEBHOOK_KEY"))
    }

    /// Which networks webhooks may reach.
    pub fn reach(&mut self) -> Reach {
        match self.parsed("WEBHOOKS_MAY_REACH_PRIVATE_ADDRESSES", false) {
            true => Reach::Anywhere,
            false => Reach::Public,
        }
    }

    fn key(&mut self, name: &'static str) -> [u8; 32] {
        let text = self.text(name);
        <[u8; 32]>::from_hex(&text).unwrap_or_else(|_| {
            if !text.is_empty() {
                self.add_error(format!("{name} is not 64 hexadecimal digits"));
            }
            [0; 32]
        })
    }

    /// The configured carrier, and the time limit of one call.
    pub fn carrier(&mut self, timeout: Duration) -> Option<Carrier> {
        let name = self.text("CARRIER");
        let settings = HttpSettings {
            authorization: self.maybe("CARRIER_AUTHORIZATION").unwrap_or_default(),
            window: self.parsed("CARRIER_WINDOW", WINDOW_DEFAULT),
            deduplicates: self.parsed("CARRIER_DEDUPLICATES", false),
            rate_per_second: self.carrier_rate(),
            timeout,
            ..HttpSettings::new(self.text("CARRIER_URL"))
        };
        Carrier::from_name(&name, settings).map_err(|error| self.add_error(error.to_string())).ok()
    }

    /// The limits of the carrier's contract.
    pub fn contract(&mut self) -> Contract {
        let window = self.parsed("CARRIER_WINDOW", WINDOW_DEFAULT);
        let window = u32::try_from(window).unwrap_or(u32::MAX);
        Contract { window, rate_per_second: self.carrier_rate() }
    }

    /// Messages per second that the carrier's contract allows; empty means that the rate is learnt.
    fn carrier_rate(&mut self) -> Option<u32> {
        self.maybe("CARRIER_RATE_PER_SECOND").map(|_| self.parsed("CARRIER_RATE_PER_SECOND", 1))
    }

    /// Whether metrics are written, and under which name.
    pub fn metrics(&mut self) -> Metrics {
        match self.maybe("METRICS").as_deref() {
            None | Some("off") => Metrics::default(),
            Some("emf") => Metrics::of_stack(&self.text("METRICS_STACK")),
            Some(_) => {
                self.add_error("METRICS is neither emf nor off".into());
                Metrics::default()
            }
        }
    }

    /// Adds an error found by the caller.
    pub fn add_error(&mut self, error: String) {
        self.errors.push(error);
    }

    /// What was made of the configuration, unless something was wrong or it could not be made at all.
    pub fn finish<T>(self, config: Option<T>) -> Result<T, ConfigErrors> {
        let errors = ConfigErrors(self.errors);
        config.filter(|_| errors.0.is_empty()).ok_or(errors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_faults_are_named_at_once_and_no_value_is_printed() {
        let get = |name: &str| (name == "LINK_KEY").then(|| "secret".to_owned());
        let mut lookup = Lookup::new(&get);
        lookup.text("BUCKET");
        lookup.tables(&[Table::Lists]);
        lookup.link_key();
        let errors = lookup.finish(Some(())).unwrap_err().to_string();
        for name in ["BUCKET", "LISTS_TABLE", "LINK_KEY"] {
            assert!(errors.contains(name), "{errors}");
        }
        assert!(!errors.contains("secret") && !errors.contains("ACCOUNTS_TABLE"));
    }

    #[test]
    fn a_complete_configuration_has_no_faults() {
        let get = |_: &str| Some("ab".repeat(32));
        let mut lookup = Lookup::new(&get);
        lookup.link_key();
        assert_eq!(lookup.finish(Some(1)), Ok(1));
    }
}
