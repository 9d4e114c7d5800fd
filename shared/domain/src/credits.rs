//! Credits of an account: one per segment. Credits reserved for a campaign leave the balance; those of messages never
//! handed over return to it. A balance never goes below zero.

use super::codes::codes;

/// A number of credits; one credit pays one segment.
pub type Credits = u64;

/// What an account may still spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Balance {
    pub mode: Mode,
    /// Spendable credits, without the reserved ones. Not used for an unlimited account.
    pub balance: Credits,
    /// Reserved for campaigns that are not finished.
    pub reserved: Credits,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    Unlimited,
    #[default]
    Limited,
}
codes!(Mode { Unlimited = "unlimited", Limited = "limited" });

/// The balance is too small.
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
    /// The campaign or the reason of the movement.
    pub about: String,
}

/// The effect of a movement on `(balance, reserved)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MovementKind {
    /// An operator added credits: balance up.
    Granted,
    /// An operator took credits away: balance down.
    Withdrawn,
    /// Reserved for a campaign: balance down, reserved up.
    Reserved,
    /// Handed over by a campaign: reserved down.
    Used,
    /// Never handed over: reserved down, balance up.
    GivenBack,
    /// Spent at once, by a test message: balance down.
    Spent,
    /// A test message that the carrier rejected: balance up.
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
