//! What becomes of a message, read off the last two digits of its number. Pure, so that a test needs no script.

/// What the built-in carrier does with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Delivered,
    /// `01`: fails permanently.
    Failed,
    /// `02`: the phone cannot be reached in time.
    Expired,
    /// `03`: refused at once.
    Rejected,
    /// `04`: put off the first time, taken the second.
    ThrottledOnce,
    /// `05`: delivered perhaps, but no receipt ever says so.
    Silent,
    /// `06`: the receipt comes twice.
    Twice,
    /// `07`: the receipt comes before the answer to the submission.
    Early,
}

impl Fate {
    /// The fate of a number, given the digits of its E.164 form; zero is nobody's number.
    pub fn of(digits: u64) -> Self {
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

    /// Receipts that a message of this fate gets once it was accepted.
    pub fn receipts(self) -> u8 {
        match self {
            Self::Rejected | Self::Silent => 0,
            Self::Delivered | Self::Failed | Self::Expired | Self::ThrottledOnce | Self::Early => 1,
            Self::Twice => 2,
        }
    }

    /// What its receipt says: where the message stands then, and why.
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

/// Where a message stands, as listed and as written in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Put off, not taken.
    Throttled,
    Rejected,
    /// Taken; its receipt has not been acknowledged.
    Accepted,
    Expired,
    Failed,
    Delivered,
}

impl Status {
    /// The word of answers, receipts and listings.
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
            assert_eq!(Fate::of(digits), expected, "{digits}");
        }
    }
}
