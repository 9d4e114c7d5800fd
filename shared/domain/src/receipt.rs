//! Reads the statuses and reasons of operators' receipts. Pure.
//!
//! A receipt has a status and, for a failure, perhaps a reason. Statuses are a known set (those of our HTTP protocol
//! and of SMPP 3.4, appendix B); other words are rejected, never guessed. Reasons are free text: recognised ones tell
//! temporary from permanent, the rest is `unspecified`.

use super::outcome::{Outcome, Reason};

/// Characters of a reason that are read.
pub const REASON_CHARACTERS_MAX: usize = 200;

/// The outcome of a receipt's status; `None` for an unknown word.
pub fn outcome(status: &str) -> Option<Outcome> {
    let words: [(&[&str], Outcome); 6] = [
        (&["delivered", "delivrd"], Outcome::Delivered),
        // Under way: the message keeps its state.
        (&["accepted", "acceptd", "enroute"], Outcome::HandedOver),
        (&["expired"], Outcome::Expired),
        (&["failed", "undeliv", "undelivered"], Outcome::Failed),
        (&["rejected", "rejectd", "deleted"], Outcome::Rejected),
        (&["unknown"], Outcome::Unknown),
    ];
    words
        .iter()
        .find(|(words, _)| words.iter().any(|word| word.eq_ignore_ascii_case(status)))
        .map(|(_, outcome)| *outcome)
}

/// The reason for an outcome and the text that came with it. Success has no reason; a failure without text gets the
/// default of its outcome.
pub fn reason(outcome: Outcome, prose: Option<&str>) -> Reason {
    let silent = match outcome {
        Outcome::Expired => Reason::ValidityEnded,
        Outcome::Failed => Reason::Unspecified,
        Outcome::Rejected => Reason::Refused,
        Outcome::Pending | Outcome::Submitting | Outcome::HandedOver | Outcome::Delivered => return Reason::None,
        Outcome::Excluded => return Reason::ExcludedSince,
        Outcome::Unknown => return Reason::None,
    };
    let Some(prose) = prose.map(str::trim).filter(|prose| !prose.is_empty()) else { return silent };
    let prose: String = prose.chars().take(REASON_CHARACTERS_MAX).map(|c| c.to_ascii_lowercase()).collect();
    own_code(&prose).or_else(|| network_code(&prose)).or_else(|| phrase(&prose)).unwrap_or(Reason::Unspecified)
}

/// One of our own codes, as the built-in carrier and careful integrators send it.
fn own_code(prose: &str) -> Option<Reason> {
    Reason::ALL.iter().copied().find(|reason| *reason != Reason::None && reason.code() == prose)
}

/// `err:027` or a bare number: a MAP user error (3GPP TS 29.002, 17.6.6), which operators often put there.
fn network_code(prose: &str) -> Option<Reason> {
    let digits = prose.strip_prefix("err:").unwrap_or(prose).trim();
    if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match digits.parse().ok()? {
        // Unknown, unidentified, illegal subscriber.
        1u16 | 5 | 9 => Some(Reason::UnknownSubscriber),
        // Absent, busy, memory full, waiting list full.
        6 | 27 | 31 | 32 | 33 => Some(Reason::Unreachable),
        // Teleservice not provisioned, illegal equipment, call barred, facility not supported.
        11 | 12 | 13 | 21 => Some(Reason::Blocked),
        34 => Some(Reason::Network),
        _ => None,
    }
}

/// Recognises common phrases; the first match wins, so the more specific ones come first.
fn phrase(prose: &str) -> Option<Reason> {
    const PHRASES: [(&[&str], Reason); 11] = [
        (&["spam"], Reason::Spam),
        (&["sender", "originator", "source addr", "alpha"], Reason::SenderRefused),
        (&["blocked", "barred", "blacklist", "opt-out", "opted out", "opt out", "stop list"], Reason::Blocked),
        (
            &["unknown subscriber", "unassigned", "not allocated", "not in service", "no such"],
            Reason::UnknownSubscriber,
        ),
        (
            &[
                "invalid number",
                "invalid destination",
                "invalid dest",
                "invalid msisdn",
                "invalid recipient",
                "landline",
            ],
            Reason::InvalidNumber,
        ),
        (&["absent", "unreachable", "not reachable", "switched off", "memory", "handset", "busy"], Reason::Unreachable),
        (&["validity", "expired"], Reason::ValidityEnded),
        (&["content", "text refused", "forbidden word"], Reason::ContentRefused),
        (&["too long"], Reason::TooLong),
        (&["throttl", "rate limit", "too many"], Reason::Throttled),
        (&["congest", "network", "timeout", "time-out", "temporar", "system failure"], Reason::Network),
    ];
    PHRASES.iter().find(|(words, _)| words.iter().any(|word| prose.contains(word))).map(|(_, reason)| *reason)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_known_status_has_its_outcome_in_any_case() {
        for (word, expected) in [
            ("delivered", Outcome::Delivered),
            ("DELIVRD", Outcome::Delivered),
            ("ACCEPTD", Outcome::HandedOver),
            ("ENROUTE", Outcome::HandedOver),
            ("Expired", Outcome::Expired),
            ("failed", Outcome::Failed),
            ("UNDELIV", Outcome::Failed),
            ("REJECTD", Outcome::Rejected),
            ("DELETED", Outcome::Rejected),
            ("unknown", Outcome::Unknown),
        ] {
            assert_eq!(outcome(word), Some(expected), "{word}");
        }
    }

    #[test]
    fn an_unknown_status_is_not_guessed() {
        for word in ["", "ok", "DELIVERED ", "delivering", "pending", "null", "livré"] {
            assert_eq!(outcome(word), None, "{word}");
        }
    }

    #[test]
    fn reasons_tell_temporary_from_permanent() {
        for (outcome, prose, expected, is_temporary) in [
            (Outcome::Delivered, Some("spam"), Reason::None, false),
            (Outcome::Expired, None, Reason::ValidityEnded, true),
            (Outcome::Failed, None, Reason::Unspecified, false),
            (Outcome::Failed, Some("  "), Reason::Unspecified, false),
            (Outcome::Rejected, None, Reason::Refused, false),
            (Outcome::Failed, Some("Absent subscriber"), Reason::Unreachable, true),
            (Outcome::Failed, Some("unknown_subscriber"), Reason::UnknownSubscriber, false),
            (Outcome::Failed, Some("Unknown Subscriber"), Reason::UnknownSubscriber, false),
            (Outcome::Failed, Some("err:027"), Reason::Unreachable, true),
            (Outcome::Failed, Some("34"), Reason::Network, true),
            (Outcome::Failed, Some("err:4711"), Reason::Unspecified, false),
            (Outcome::Failed, Some("SMSC system failure"), Reason::Network, true),
            (Outcome::Rejected, Some("Sender not allowed"), Reason::SenderRefused, false),
            (Outcome::Rejected, Some("invalid_number"), Reason::InvalidNumber, false),
            (Outcome::Rejected, Some("Le ciel était gris"), Reason::Unspecified, false),
            (Outcome::Unknown, Some("spam"), Reason::None, false),
        ] {
            let found = reason(outcome, prose);
            assert_eq!((found, found.is_temporary()), (expected, is_temporary), "{outcome:?} {prose:?}");
        }
    }

    #[test]
    fn every_reason_is_understood_under_its_own_code() {
        for expected in Reason::ALL.iter().filter(|reason| **reason != Reason::None) {
            assert_eq!(reason(Outcome::Failed, Some(expected.code())), *expected);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = outcome(&text);
            let _ = reason(Outcome::Failed, Some(&text));
        }
    }
}
