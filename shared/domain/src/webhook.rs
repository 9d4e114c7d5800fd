//! Webhook endpoints of an account: address, chosen events, secrets and health.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;

use super::codes::codes;
use super::ids::{AccountId, WebhookId};

/// Most endpoints of one account.
pub const WEBHOOKS_MAX: usize = 10;
/// Longest address of an endpoint, in characters.
pub const URL_CHARACTERS_MAX: usize = 2_048;
/// Longest description of an endpoint, in characters.
pub const DESCRIPTION_CHARACTERS_MAX: usize = 200;
/// An endpoint that failed for this long, without one success, is disabled.
pub const DISABLED_AFTER: SignedDuration = SignedDuration::from_hours(5 * 24);
/// Failures in a row after which an endpoint rests between attempts, whatever is waiting for it.
pub const REST_AFTER_FAILURES: u32 = 5;
/// The first rest, doubled with each failure up to the longest, in seconds.
const REST_SECONDS: i64 = 30;
const REST_SECONDS_MAX: i64 = 30 * 60;
/// How long a replaced secret still signs beside its successor.
pub const RETIRING: SignedDuration = SignedDuration::from_hours(24);
/// Most replaced secrets that still sign: receivers read at most eight signatures.
pub const RETIRING_MAX: usize = 5;
/// Events that an account can subscribe to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    CampaignStarted,
    CampaignPaused,
    CampaignFinished,
    ListReady,
    ListFailed,
    MessageReplied,
    ContactStopped,
    /// Requested by the account, to test an endpoint.
    Test,
}
codes!(EventKind {
    CampaignStarted = "campaign.started",
    CampaignPaused = "campaign.paused",
    CampaignFinished = "campaign.finished",
    ListReady = "list.ready",
    ListFailed = "list.failed",
    MessageReplied = "message.replied",
    ContactStopped = "contact.stopped",
    Test = "webhook.test",
});

impl EventKind {
    /// Events that an endpoint can choose; a test is sent to the tested endpoint only.
    pub const CHOICES: [Self; 7] = [
        Self::CampaignStarted,
        Self::CampaignPaused,
        Self::CampaignFinished,
        Self::ListReady,
        Self::ListFailed,
        Self::MessageReplied,
        Self::ContactStopped,
    ];
}

/// An endpoint of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    pub account: AccountId,
    pub id: WebhookId,
    pub url: String,
    pub description: String,
    /// Sorted, without repetition.
    pub events: Vec<EventKind>,
    /// Why it is disabled; `None` while it is enabled.
    pub disabled: Option<Disabled>,
    /// The generation of the signing secret; rises with each rotation.
    pub generation: u32,
    /// Earlier secrets that still sign, oldest first.
    pub retiring: Vec<Retiring>,
    pub health: Health,
    /// The user or key that created it.
    pub author: String,
    pub created_at: Timestamp,
    pub modified_at: Timestamp,
    /// Rises with every change by a user; changes of its health leave it alone.
    pub version: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disabled {
    pub reason: DisabledReason,
    pub at: Timestamp,
}

/// Why an endpoint is disabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisabledReason {
    /// A user disabled it.
    User,
    /// It failed for [`DISABLED_AFTER`].
    Failing,
    /// It answered 410 Gone.
    Gone,
}
codes!(DisabledReason { User = "user", Failing = "failing", Gone = "gone" });

/// A replaced secret that still signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retiring {
    pub generation: u32,
    pub until: Timestamp,
}

/// The recent health of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Health {
    /// Failures in a row.
    pub failures: u32,
    /// The first of them.
    pub failing_since: Option<Timestamp>,
    /// No attempt before this instant; then one attempt decides.
    pub resting_until: Option<Timestamp>,
}

impl Health {
    /// After a failed attempt. An endpoint that keeps failing rests, longer each time, so that it does not block
    /// others.
    #[must_use]
    pub fn failed(self, now: Timestamp) -> Self {
        let failures = self.failures.saturating_add(1);
        let doublings = failures.saturating_sub(REST_AFTER_FAILURES).min(10);
        let seconds = (REST_SECONDS << doublings).min(REST_SECONDS_MAX);
        let rests = failures >= REST_AFTER_FAILURES;
        Self {
            failures,
            failing_since: self.failing_since.or(Some(now)),
            resting_until: rests.then(|| now + SignedDuration::from_secs(seconds)),
        }
    }

    /// The end of its rest, if it rests now.
    pub fn rests_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.resting_until.filter(|until| *until > now)
    }

    /// Whether it has failed for so long that it is disabled.
    pub fn is_hopeless(&self, now: Timestamp) -> bool {
        self.failing_since.is_some_and(|since| now.duration_since(since) >= DISABLED_AFTER)
    }
}

impl Webhook {
    /// Whether it is subscribed to such an event.
    pub fn wants(&self, kind: EventKind) -> bool {
        self.disabled.is_none() && (kind == EventKind::Test || self.events.contains(&kind))
    }

    /// Host and port of its address, for the audit log: paths and queries may contain secrets.
    pub fn host(&self) -> &str {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        rest.split(['/', '?', '#']).next().unwrap_or_default()
    }

    /// With a new secret; the earlier one still signs for [`RETIRING`]. `None` if too many still do.
    pub fn rotated(&self, now: Timestamp) -> Option<Self> {
        let mut retiring: Vec<_> = self.retiring.iter().copied().filter(|old| old.until > now).collect();
        if retiring.len() >= RETIRING_MAX {
            return None;
        }
        retiring.push(Retiring { generation: self.generation, until: now + RETIRING });
        Some(Self { generation: self.generation + 1, retiring, modified_at: now, ..self.clone() })
    }

    /// The secrets that sign now, newest first.
    pub fn secrets(&self, key: &WebhookKey, now: Timestamp) -> Vec<String> {
        let old = self.retiring.iter().rev().filter(|old| old.until > now).map(|old| old.generation);
        std::iter::once(self.generation).chain(old).map(|n| key.secret(&self.account, &self.id, n)).collect()
    }

    /// Enabled again, with its health reset.
    #[must_use]
    pub fn enabled(self) -> Self {
        Self { disabled: None, health: Health::default(), ..self }
    }
}

/// The key that all secrets of endpoints are derived from, one per installation; losing it changes every secret.
#[derive(Clone)]
pub struct WebhookKey([u8; 32]);

impl fmt::Debug for WebhookKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookKey(…)")
    }
}

impl WebhookKey {
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// The secret of an endpoint, `whsec_…`: never stored, always the same for one generation.
    pub fn secret(&self, account: &AccountId, id: &WebhookId, generation: u32) -> String {
        // HMAC pads a key to its block with zeros (RFC 2104); done here, as the type takes a whole block.
        let mut block = [0; 64];
        block[..self.0.len()].copy_from_slice(&self.0);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        // Identifiers have a fixed length, so that no two triples give the same text.
        for part in ["webhook", account.as_str(), id.as_str(), &generation.to_string()] {
            mac.update(part.as_bytes());
        }
        format!("whsec_{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn webhook() -> Webhook {
        Webhook {
            account: AccountId::new(at(0), [1; 6]),
            id: WebhookId::new(at(0), [2; 6]),
            url: "https://example.com".into(),
            description: String::new(),
            events: vec![EventKind::ListReady],
            disabled: None,
            generation: 1,
            retiring: Vec::new(),
            health: Health::default(),
            author: "key_".into(),
            created_at: at(0),
            modified_at: at(0),
            version: 1,
        }
    }

    #[test]
    fn a_secret_depends_on_generation_endpoint_and_account() {
        let (key, hook) = (WebhookKey::new([7; 32]), webhook());
        let secret = key.secret(&hook.account, &hook.id, 1);
        assert_eq!(secret, key.secret(&hook.account, &hook.id, 1));
        assert!(secret.parse::<crate::signature::Secret>().is_ok());
        assert!(standardwebhooks::Webhook::new(&secret).is_ok(), "the reference library reads it too");
        let (other_account, other_id) = (AccountId::new(at(1), [1; 6]), WebhookId::new(at(1), [2; 6]));
        for other in [
            key.secret(&hook.account, &hook.id, 2),
            key.secret(&other_account, &hook.id, 1),
            key.secret(&hook.account, &other_id, 1),
            WebhookKey::new([8; 32]).secret(&hook.account, &hook.id, 1),
        ] {
            assert_ne!(secret, other);
        }
        assert_eq!(format!("{key:?}"), "WebhookKey(…)");
    }

    #[test]
    fn an_old_secret_signs_beside_the_new_one_for_a_day() {
        let (key, hook) = (WebhookKey::new([7; 32]), webhook());
        let old = hook.secrets(&key, at(0));
        let rotated = hook.rotated(at(10)).unwrap();
        let day = RETIRING.as_secs();
        let both = rotated.secrets(&key, at(10 + day - 1));
        assert_eq!((both.len(), &both[1]), (2, &old[0]));
        assert_ne!(both[0], old[0]);
        assert_eq!(rotated.secrets(&key, at(10 + day)), both[..1]);
        let again = rotated.rotated(at(20)).unwrap();
        assert_eq!(again.secrets(&key, at(20))[1..], both, "a second rotation does not cut the first one short");
    }

    #[test]
    fn no_more_secrets_sign_than_receivers_read() {
        let mut hook = webhook();
        for second in 0..RETIRING_MAX as i64 {
            hook = hook.rotated(at(second)).unwrap();
        }
        assert_eq!(hook.rotated(at(9)), None);
        assert!(hook.rotated(at(RETIRING.as_secs())).is_some(), "until the first has retired");
    }

    #[test]
    fn an_endpoint_that_keeps_failing_rests_longer_each_time() {
        let mut health = Health::default();
        let mut rests = Vec::new();
        for _ in 0..14 {
            health = health.failed(at(0));
            rests.push(health.rests_until(at(0)).map_or(0, Timestamp::as_second));
        }
        assert_eq!(rests, [0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1_800, 1_800, 1_800, 1_800]);
        assert_eq!(health.rests_until(at(1_800)), None);
        assert!(
            !health.is_hopeless(at(DISABLED_AFTER.as_secs() - 1)) && health.is_hopeless(at(DISABLED_AFTER.as_secs()))
        );
    }

    #[test]
    fn the_audit_log_shows_the_host_only() {
        let host = |url: &str| Webhook { url: url.into(), ..webhook() }.host().to_owned();
        assert_eq!(host("https://example.com:8443/hooks?token=secret"), "example.com:8443");
        assert_eq!((host("https://example.com?token=secret"), host("")), ("example.com".into(), String::new()));
    }

    #[test]
    fn an_endpoint_gets_chosen_events_and_always_tests() {
        let hook = webhook();
        let wanted: Vec<_> = EventKind::ALL.into_iter().filter(|kind| hook.wants(*kind)).collect();
        assert_eq!(wanted, [EventKind::ListReady, EventKind::Test]);
        let disabled = Webhook { disabled: Some(Disabled { reason: DisabledReason::Gone, at: at(0) }), ..hook };
        assert!(EventKind::ALL.into_iter().all(|kind| !disabled.wants(kind)));
        assert!(disabled.enabled().wants(EventKind::ListReady));
    }
}
