//! Where a message can stand, and why. Every state has its byte in a ledger; what is written is never renumbered.

use std::fmt;

use super::codes::codes;

/// Where one recipient's message stands, least to greatest: a later word of higher rank replaces a lower one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Nothing was sent yet.
    Pending,
    /// About to be handed over, or handed over and the answer not recorded.
    Submitting,
    /// The carrier took it; its receipt has not come.
    HandedOver,
    /// Nobody can tell: the carrier never said, or said so.
    Unknown,
    /// Excluded after the campaign started and before its message was handed over.
    Excluded,
    /// The carrier refused it, at once or by receipt.
    Rejected,
    /// Not deliverable in time.
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
    /// No word can come that matters, but for a receipt after `unknown`.
    pub fn is_final(self) -> bool {
        self >= Self::Unknown
    }

    /// The campaign still has to hand it over.
    pub fn is_to_send(self) -> bool {
        self < Self::HandedOver
    }
}

/// First byte of those that the carrier took; below stand pending and submitting.
const HANDED_OVER: u8 = 128;

/// An outcome as a ledger orders it: later words rank higher. Only who holds the lease of a batch takes a message back
/// from submitting to pending, where the carrier certainly did not take it (`hand_over`). Submitting has two states:
/// handed over once, and again while nobody knew what became of the time before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct State(u8);

impl State {
    /// Submitting, of a message that the carrier may have from an earlier time.
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
        /// Why a message ended as it did, or was put off.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub enum Reason { $($(#[$doc])* $name,)* }

        impl Reason {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word of the API and of exports; empty for no reason.
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

            /// The same message may arrive another day: « Relancer les échecs » takes these.
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
    /// The carrier gave a reason that it does not explain.
    Unspecified = 1 "unspecified" Permanent,
    InvalidNumber = 2 "invalid_number" Permanent,
    UnknownSubscriber = 3 "unknown_subscriber" Permanent,
    /// Switched off, out of reach, memory full.
    Unreachable = 4 "unreachable" Temporary,
    /// The operator's network could not take it.
    Network = 5 "network" Temporary,
    Blocked = 6 "blocked" Permanent,
    Spam = 7 "spam" Permanent,
    SenderRefused = 8 "sender_refused" Permanent,
    ContentRefused = 9 "content_refused" Permanent,
    /// Its validity ended before the phone could be reached.
    ValidityEnded = 10 "validity_ended" Temporary,
    /// The carrier said so in a receipt: it took the message and put it off for too long.
    Throttled = 11 "throttled" Temporary,
    /// 72 hours passed without a receipt.
    NoReceipt = 12 "no_receipt" Permanent,
    /// The connection broke and the carrier cannot tell whether it took the message.
    NoAnswer = 13 "no_answer" Permanent,
    /// The number was excluded after the campaign had started.
    ExcludedSince = 14 "excluded_since_start" Permanent,
    /// The text could not be rendered within the limits of an SMS.
    TooLong = 15 "too_long" Permanent,
    /// The carrier refused without a word.
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
    fn every_reason_reads_back_from_its_octet_and_codes_differ() {
        let mut codes: Vec<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Reason::ALL.len());
        for reason in Reason::ALL {
            assert_eq!(Reason::from_byte(reason.byte()), Some(*reason));
        }
    }
}
