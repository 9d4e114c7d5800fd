//! The simulated outcome of a message, by the last two digits of its number. Pure, so that a test needs no script.

/// What the built-in carrier does with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Delivered,
    /// `01`: fails permanently.
    Failed,
    /// `02`: the phone cannot be reached within the validity.
    Expired,
    /// `03`: rejected at once.
    Rejected,
    /// `04`: throttled the first time, accepted the second.
    ThrottledOnce,
    /// `05`: perhaps delivered, but without any receipt.
    Silent,
    /// `06`: the receipt is sent twice.
    Twice,
    /// `07`: the receipt is sent before the response to the submission.
    Early,
}

impl Fate {
    /// The fate of a number, given its E.164 digits; zero is no number.
    pub fn from_digits(digits: u64) -> Self {
        match digits % 100 {
            _ if digits == 0 => Self::Rejected,
            1 => Self::Failed,
            2 => Self::Expired,
            3 => Self::Rejected,
            4 => Self::ThrottledOnce,
            5 => Self::Silent,
            6 => Self::Twice,
            7 => Self::Early,
            _ => Self::Delivered,
        }
    }

    /// Number of receipts for an accepted message of this fate.
    pub fn receipts(self) -> u8 {
        match self {
            Self::Rejected | Self::Silent => 0,
            Self::Delivered | Self::Failed | Self::Expired | Self::ThrottledOnce | Self::Early => 1,
            Self::Twice => 2,
        }
    }

    /// The status and reason in its receipt.
    pub fn receipt(self) -> (Status, Option<&'static str>) {
        match self {
            Self::Failed => (Status::Failed, Some("unknown_subscriber")),
            Self::Expired => (Status::Expired, Some("validity_ended")),
            Self::Rejected => (Status::Rejected, Some("blocked")),
            Self::Delivered | Self::ThrottledOnce | Self::Silent | Self::Twice | Self::Early => {
                (Status::Delivered, None)
            }
        }
    }
}

/// The status of a message, as listed and in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Throttled, not accepted.
    Throttled,
    Rejected,
    /// Accepted; its receipt is not acknowledged yet.
    Accepted,
    Expired,
    Failed,
    Delivered,
}

impl Status {
    /// The code in answers, receipts and listings.
    pub fn code(self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::Rejected => "rejected",
            Self::Accepted => "accepted",
            Self::Expired => "expired",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_two_digits_decide() {
        for (digits, expected) in [
            (33_612_345_600, Fate::Delivered),
            (33_612_345_601, Fate::Failed),
            (33_612_345_602, Fate::Expired),
            (33_612_345_603, Fate::Rejected),
            (33_612_345_604, Fate::ThrottledOnce),
            (33_612_345_605, Fate::Silent),
            (33_612_345_606, Fate::Twice),
            (33_612_345_607, Fate::Early),
            (33_612_345_608, Fate::Delivered),
            (33_612_345_611, Fate::Delivered),
            (262_692_000_001, Fate::Failed),
            (0, Fate::Rejected),
        ] {
            assert_eq!(Fate::from_digits(digits), expected, "{digits}");
        }
    }
}
