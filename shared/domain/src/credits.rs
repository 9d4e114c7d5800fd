//! Credits of an account: one per segment. What is held for a campaign has left the balance; what was never handed
//! over comes back. A balance never goes below zero.

use super::codes::codes;

/// A number of credits, or of segments: the same.
pub type Credits = u64;

/// What an account may still spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Balance {
    pub mode: Mode,
    /// Spendable credits, what is reserved already taken off. Without meaning in an unlimited account.
    pub balance: Credits,
    /// Held for campaigns that are not finished.
    pub reserved: Credits,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    Unlimited,
    #[default]
    Limited,
}
codes!(Mode { Unlimited = "unlimited", Limited = "limited" });

/// The balance does not cover it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{needed} credits are needed and {balance} are left")]
pub struct NotEnough {
    pub needed: Credits,
    pub balance: Credits,
}

impl Balance {
    /// The balance left after `credits` were spent or reserved; `None` in an unlimited account.
    pub fn after(self, credits: Credits) -> Result<Option<Credits>, NotEnough> {
        match (self.mode, self.balance.checked_sub(credits)) {
            (Mode::Unlimited, _) => Ok(None),
            (Mode::Limited, Some(left)) => Ok(Some(left)),
            (Mode::Limited, None) => Err(NotEnough { needed: credits, balance: self.balance }),
        }
    }
}

/// A line of the credit ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    pub at: jiff::Timestamp,
    pub kind: MovementKind,
    pub credits: Credits,
    /// The campaign or the reason that it belongs to.
    pub about: String,
}

/// What a movement does to `(balance, reserved)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MovementKind {
    /// An operator added credits: balance up.
    Granted,
    /// An operator took credits away: balance down.
    Withdrawn,
    /// Held for a campaign: balance down, reserved up.
    Reserved,
    /// Handed over by a campaign: reserved down.
    Used,
    /// Never handed over: reserved down, balance up.
    GivenBack,
    /// Spent at once, by a test message: balance down.
    Spent,
    /// A test message that the carrier refused: balance up.
    Refunded,
}
codes!(MovementKind {
    Granted = "granted",
    Withdrawn = "withdrawn",
    Reserved = "reserved",
    Used = "used",
    GivenBack = "given_back",
    Spent = "spent",
    Refunded = "refunded",
});

impl MovementKind {
    /// Signs of the change of `(balance, reserved)`.
    pub fn signs(self) -> (i8, i8) {
        match self {
            Self::Granted | Self::Refunded => (1, 0),
            Self::Withdrawn | Self::Spent => (-1, 0),
            Self::Reserved => (-1, 1),
            Self::Used => (0, -1),
            Self::GivenBack => (1, -1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limited_balance_never_goes_below_zero() {
        let balance = Balance { mode: Mode::Limited, balance: 10, reserved: 5 };
        assert_eq!(balance.after(10), Ok(Some(0)));
        assert_eq!(balance.after(11), Err(NotEnough { needed: 11, balance: 10 }));
    }

    #[test]
    fn an_unlimited_account_has_no_balance() {
        assert_eq!(Balance { mode: Mode::Unlimited, balance: 0, reserved: 0 }.after(u64::MAX), Ok(None));
    }
}
