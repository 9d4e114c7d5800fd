//! The possible outcomes of a message, and their reasons. Each state has a byte in stored ledgers; the bytes are never
//! renumbered.

use std::fmt;

use super::codes::codes;

/// The outcome of one recipient's message, least to greatest: a later outcome of higher rank replaces a lower one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Nothing was sent yet.
    Pending,
    /// About to be handed over, or handed over without a recorded answer.
    Submitting,
    /// The carrier accepted it; no receipt yet.
    HandedOver,
    /// Cannot be determined: the carrier never answered, or said so itself.
    Unknown,
    /// Excluded after the campaign started and before its message was handed over.
    Excluded,
    /// The carrier rejected it, at once or by receipt.
    Rejected,
    /// Not delivered within its validity.
    Expired,
    Failed,
    Delivered,
}
codes!(Outcome {
    Pending = "pending",
    Submitting = "submitting",
    HandedOver = "handed_over",
    Unknown = "unknown",
    Excluded = "excluded",
    Rejected = "rejected",
    Expired = "expired",
    Failed = "failed",
    Delivered = "delivered",
});

impl Outcome {
    /// Whether no later receipt changes it, except one after `unknown`.
    pub fn is_final(self) -> bool {
        self >= Self::Unknown
    }

    /// Whether the campaign still has to hand it over.
    pub fn is_to_send(self) -> bool {
        self < Self::HandedOver
    }
}

/// First byte of the states that the carrier accepted; below are pending and submitting.
const HANDED_OVER: u8 = 128;

/// An outcome as a ledger orders it: later outcomes rank higher. Only the lease holder of a batch sets a message back
/// from submitting to pending, when the carrier certainly did not accept it (`hand_over`). Submitting has two states:
/// handed over once, and handed over again while the result of the first time is unknown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct State(u8);

impl State {
    /// Submitting, for a message that the carrier may have from an earlier attempt.
    pub const AGAIN: Self = Self(2);

    pub fn outcome(self) -> Outcome {
        match self.0 {
            0 => Outcome::Pending,
            1..HANDED_OVER => Outcome::Submitting,
            HANDED_OVER => Outcome::HandedOver,
            129 => Outcome::Unknown,
            130 => Outcome::Excluded,
            131 => Outcome::Rejected,
            132 => Outcome::Expired,
            133 => Outcome::Failed,
            _ => Outcome::Delivered,
        }
    }

    pub fn byte(self) -> u8 {
        self.0
    }

    pub fn from_byte(byte: u8) -> Option<Self> {
        matches!(byte, 0..=2 | HANDED_OVER..=134).then_some(Self(byte))
    }
}

impl From<Outcome> for State {
    fn from(outcome: Outcome) -> Self {
        Self(match outcome {
            Outcome::Pending => 0,
            Outcome::Submitting => 1,
            Outcome::HandedOver => HANDED_OVER,
            Outcome::Unknown => 129,
            Outcome::Excluded => 130,
            Outcome::Rejected => 131,
            Outcome::Expired => 132,
            Outcome::Failed => 133,
            Outcome::Delivered => 134,
        })
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.outcome().code(), self.0)
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $byte:literal $code:literal $kind:ident,)*) => {
        /// Why a message has its outcome, or was postponed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub enum Reason { $($(#[$doc])* $name,)* }

        impl Reason {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code in the API and in exports; empty for no reason.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// Its byte in a ledger.
            pub fn byte(self) -> u8 {
                match self { $(Self::$name => $byte,)* }
            }

            pub fn from_byte(byte: u8) -> Option<Self> {
                match byte { $($byte => Some(Self::$name),)* _ => None }
            }

            /// Whether the same message may arrive another day: « Relancer les échecs » sends to these.
            pub fn is_temporary(self) -> bool {
                match self { $(Self::$name => Kind::$kind.is_temporary(),)* }
            }
        }
    };
}

enum Kind {
    Temporary,
    Permanent,
}

impl Kind {
    fn is_temporary(&self) -> bool {
        match self {
            Self::Temporary => true,
            Self::Permanent => false,
        }
    }
}

reasons! {
    #[default]
    None = 0 "" Permanent,
    /// The carrier gave a reason that is not recognised.
    Unspecified = 1 "unspecified" Permanent,
    InvalidNumber = 2 "invalid_number" Permanent,
    UnknownSubscriber = 3 "unknown_subscriber" Permanent,
    /// Switched off, out of coverage, or memory full.
    Unreachable = 4 "unreachable" Temporary,
    /// The operator's network could not take it.
    Network = 5 "network" Temporary,
    Blocked = 6 "blocked" Permanent,
    Spam = 7 "spam" Permanent,
    SenderRefused = 8 "sender_refused" Permanent,
    ContentRefused = 9 "content_refused" Permanent,
    /// Its validity ended before the phone could be reached.
    ValidityEnded = 10 "validity_ended" Temporary,
    /// From a receipt: the carrier accepted the message and throttled it for too long.
    Throttled = 11 "throttled" Temporary,
    /// 72 hours passed without a receipt.
    NoReceipt = 12 "no_receipt" Permanent,
    /// The connection broke and the carrier cannot say whether it accepted the message.
    NoAnswer = 13 "no_answer" Permanent,
    /// The number was excluded after the campaign had started.
    ExcludedSince = 14 "excluded_since_start" Permanent,
    /// The text could not be rendered within the limits of an SMS.
    TooLong = 15 "too_long" Permanent,
    /// The carrier rejected it without a reason.
    Refused = 16 "refused" Permanent,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_reads_back_from_its_state_and_its_code() {
        for outcome in Outcome::ALL {
            assert_eq!(State::from(outcome).outcome(), outcome);
            assert_eq!(outcome.code().parse(), Ok(outcome));
        }
        assert_eq!(State::from_byte(State::AGAIN.byte()).map(State::outcome), Some(Outcome::Submitting));
        assert!(Outcome::ALL.is_sorted() && Outcome::ALL.map(State::from).is_sorted());
    }

    #[test]
    fn every_reason_reads_back_from_its_byte_and_codes_differ() {
        let mut codes: Vec<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Reason::ALL.len());
        for reason in Reason::ALL {
            assert_eq!(Reason::from_byte(reason.byte()), Some(*reason));
        }
    }
}
