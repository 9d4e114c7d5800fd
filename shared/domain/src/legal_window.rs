//! The legal window as it applies to one campaign. Pure.

use jiff::Timestamp;

use super::account::Account;
use super::status::Kind;
use super::territory::Territory;

/// When an account's messages of one kind may be sent, evaluated at one instant. Alerts may be sent at any time.
#[derive(Debug, Clone, Copy)]
pub struct LegalWindow<'a> {
    account: &'a Account,
    kind: Kind,
    now: Timestamp,
}

impl<'a> LegalWindow<'a> {
    pub fn new(account: &'a Account, kind: Kind, now: Timestamp) -> Self {
        Self { account, kind, now }
    }

    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Whether messages may be sent now to numbers of a territory.
    pub fn is_open(&self, territory: Territory) -> bool {
        match self.kind {
            Kind::Alert => true,
            Kind::Marketing => self.account.is_open(self.now, territory),
        }
    }

    /// When messages may next be sent to numbers of a territory: now, if the window is open.
    pub fn next_opening(&self, territory: Territory) -> Timestamp {
        match self.kind {
            Kind::Alert => self.now,
            Kind::Marketing => self.account.next_opening(self.now, territory),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marketing_waits_for_the_window_of_the_territory_and_alerts_do_not() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        // A Tuesday, 23:00 in Paris and 18:00 in Guadeloupe.
        let now = at("2026-12-01T22:00:00Z");
        let account = Account::new("acc_00000000000000000001".parse().unwrap(), now);
        let marketing = LegalWindow::new(&account, Kind::Marketing, now);
        assert!(!marketing.is_open(Territory::Metropolitan) && marketing.is_open(Territory::Guadeloupe));
        assert!(marketing.next_opening(Territory::Metropolitan) > at("2026-12-02T06:00:00Z"));
        assert_eq!(marketing.next_opening(Territory::Guadeloupe), now);
        let alert = LegalWindow::new(&account, Kind::Alert, now);
        assert!(alert.is_open(Territory::Metropolitan));
        assert_eq!(alert.next_opening(Territory::Metropolitan), now);
    }
}
