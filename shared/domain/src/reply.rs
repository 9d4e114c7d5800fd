//! A reply from a phone, and whether it is a STOP. Pure.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::ids::{CampaignId, ReplyId};
use super::letters;
use super::phone::PhoneNumber;

/// How long a reply is kept, in days: three years (CNIL), as the statistics that count it and the opposition that it
/// may prove.
pub const KEPT_DAYS: i64 = 3 * 366;

/// A stored reply.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    pub id: ReplyId,
    pub from: PhoneNumber,
    /// Short code or sender that it was sent to.
    pub to: String,
    pub text: String,
    /// The campaign that it answers, as far as known: that of the newest message to this number.
    pub campaign: Option<CampaignId>,
    pub is_stop: bool,
    /// When the carrier received it.
    pub at: Timestamp,
}

impl Reply {
    pub fn new(from: PhoneNumber, to: &str, text: &str, campaign: Option<CampaignId>, at: Timestamp) -> Self {
        Self {
            id: id(from, to, text, at),
            from,
            to: to.to_owned(),
            text: text.to_owned(),
            campaign,
            is_stop: is_stop(text),
            at,
        }
    }
}

/// The id is derived, so that a reply delivered twice has one id; ids sort by time.
fn id(from: PhoneNumber, to: &str, text: &str, at: Timestamp) -> ReplyId {
    let digest: [u8; 32] = Sha256::digest(format!("{} {to}\n{}\n{text}", from.digits(), at.as_nanosecond())).into();
    let [a, b, c, d, e, f, ..] = digest;
    ReplyId::new(at, [a, b, c, d, e, f])
}

impl std::fmt::Debug for Reply {
    /// Shows neither the number nor the text: personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply").field("id", &self.id).field("is_stop", &self.is_stop).finish()
    }
}

/// First words that mean "no more messages", folded.
const STOP_KEYWORDS: [&str; 13] = [
    "stop",
    "arret",
    "arreter",
    "desabonner",
    "desinscrire",
    "unsubscribe",
    "cancel",
    "end",
    "quit",
    "remove",
    "optout",
    "opt-out",
    "stopall",
];

/// Whether a reply asks to stop: its first word is a STOP keyword in any case, with or without accents and punctuation.
/// Of a hyphenated word the first part counts (`stop-pub`), and digits may follow directly (`STOP36105`): one exclusion
/// too many is better than one message too many.
pub fn is_stop(reply: &str) -> bool {
    let folded = letters::fold(reply);
    let start = folded.trim_start_matches(|character: char| !character.is_alphanumeric());
    let word_end = start.find(|character: char| !character.is_alphanumeric() && character != '-');
    let word = start[..word_end.unwrap_or(start.len())].trim_end_matches('-');
    let first_part = word.split('-').next().unwrap_or(word);
    let without_code = word.trim_end_matches(|character: char| character.is_ascii_digit());
    STOP_KEYWORDS.iter().any(|keyword| [word, first_part, without_code].contains(keyword))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_keyword_stops_in_any_case() {
        for keyword in STOP_KEYWORDS {
            assert!(is_stop(keyword));
            assert!(is_stop(&keyword.to_uppercase()));
            assert!(is_stop(&format!(" {keyword} svp")));
        }
    }

    #[test]
    fn accents_and_punctuation_around_the_first_word_do_not_matter() {
        for reply in [
            "Arrêt",
            "ARRE\u{302}TER",
            "désabonner",
            "Stop.",
            "« STOP »",
            "stop!!!",
            "\nStop,merci",
            "STOP-PUB",
            "Opt-Out",
            "stop 36105",
            "STOP36105",
            "« Stop. »",
            "(unsubscribe)",
        ] {
            assert!(is_stop(reply), "{reply}");
        }
    }

    #[test]
    fn other_replies_do_not_stop() {
        for reply in ["", "...", "non stop", "Stopper", "36105 STOP", "merci", "Opt", "opt in", "Fin", "endroit"] {
            assert!(!is_stop(reply), "{reply}");
        }
    }

    #[test]
    fn a_reply_delivered_twice_has_one_id_and_another_reply_another() {
        let at: Timestamp = "2026-12-01T09:00:00Z".parse().unwrap();
        let reply = |from: u64, to: &str, text: &str, at| {
            Reply::new(PhoneNumber::from_digits(from).unwrap(), to, text, None, at).id
        };
        let one = reply(33_600_000_020, "36105", "Merci", at);
        assert_eq!(one, reply(33_600_000_020, "36105", "Merci", at));
        let later = at + jiff::SignedDuration::from_secs(1);
        for other in [
            reply(33_600_000_021, "36105", "Merci", at),
            reply(33_600_000_020, "36106", "Merci", at),
            reply(33_600_000_020, "36105", "Merci !", at),
            reply(33_600_000_020, "36105", "Merci", later),
        ] {
            assert_ne!(one, other);
        }
        assert!(one < reply(33_600_000_020, "36105", "Merci", later));
    }

    proptest! {
        #[test]
        fn no_reply_makes_it_panic(reply in any::<String>()) {
            let _ = is_stop(&reply);
        }
    }
}
