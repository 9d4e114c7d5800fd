//! What a recipient's reply asks for. Pure.

use crate::domain::letters;

/// First words that mean "no more messages", folded. The list of `facts.md`.
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

/// Whether a reply asks to stop: its first word is a STOP keyword, whatever its case and accents and whatever stands
/// around it; of a word with hyphens the first part is enough, `stop-pub`.
pub fn is_stop(reply: &str) -> bool {
    let folded = letters::fold(reply);
    let start = folded.trim_start_matches(|character: char| !character.is_alphanumeric());
    let word_end = start.find(|character: char| !character.is_alphanumeric() && character != '-');
    let word = start[..word_end.unwrap_or(start.len())].trim_end_matches('-');
    let first_part = word.split('-').next().unwrap_or(word);
    STOP_KEYWORDS.iter().any(|keyword| *keyword == word || *keyword == first_part)
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
    fn accents_and_what_stands_around_the_first_word_do_not_matter() {
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
        ] {
            assert!(is_stop(reply), "{reply}");
        }
    }

    #[test]
    fn other_replies_do_not_stop() {
        for reply in ["", "...", "non stop", "Stopper", "STOP36105", "merci", "Opt", "opt in", "Fin", "endroit"] {
            assert!(!is_stop(reply), "{reply}");
        }
    }

    proptest! {
        #[test]
        fn no_reply_makes_it_panic(reply in any::<String>()) {
            let _ = is_stop(&reply);
        }
    }
}
