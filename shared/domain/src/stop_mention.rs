//! The STOP mention, which a marketing message must contain: how to stop. Pure.

use std::borrow::Cow;

/// Most bytes between the word `STOP` and its short code, as in `STOP SMS au 36105`.
const MAX_GAP_BYTES: usize = 16;
const STOP: &str = "stop";

/// The mention itself, `STOP au 36105`: 13 septets with a code of five digits.
pub fn stop_mention(stop_code: &str) -> String {
    format!("STOP au {stop_code}")
}

/// Whether a text, rendered or with its variables, contains the mention: the word `STOP` in any case, shortly before
/// exactly this short code. Text inside `{{…}}` does not count, as not every recipient gets it.
pub fn has_stop_mention(text: &str, stop_code: &str) -> bool {
    let mut rest = text;
    while let Some((before, variable)) = rest.split_once("{{") {
        if mentions(before, stop_code) {
            return true;
        }
        rest = variable.split_once("}}").map_or("", |(_, after)| after);
    }
    mentions(rest, stop_code)
}

/// The text with ` STOP au 36105` appended, if it lacks the mention.
pub fn with_stop<'t>(text: &'t str, stop_code: &str) -> Cow<'t, str> {
    if has_stop_mention(text, stop_code) {
        return Cow::Borrowed(text);
    }
    let separator = if text.is_empty() || text.ends_with(char::is_whitespace) { "" } else { " " };
    Cow::Owned(format!("{text}{separator}{}", stop_mention(stop_code)))
}

/// Searches a text without variables for the mention.
fn mentions(text: &str, stop_code: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    !stop_code.is_empty()
        && lower.match_indices(STOP).any(|(at, _)| {
            let begins_word = !lower[..at].ends_with(char::is_alphanumeric);
            let after = &lower[at + STOP.len()..];
            let digits = after.find(|character: char| character.is_ascii_digit()).unwrap_or(after.len());
            let (gap, code) = after.split_at(digits);
            let code_ends =
                code.strip_prefix(stop_code).is_some_and(|end| !end.starts_with(|c: char| c.is_ascii_digit()));
            begins_word && gap.len() <= MAX_GAP_BYTES && code_ends
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mention_is_recognised_as_people_write_it() {
        for text in [
            "Soldes ! STOP au 36105",
            "Soldes ! stop 36105",
            "Soldes ! Stop SMS au 36105.",
            "STOP:36105 Soldes",
            "Soldes !\nSTOPSMS=36105",
            "{{prenom}} (STOP au 36105)",
        ] {
            assert!(has_stop_mention(text, "36105"), "{text}");
            assert_eq!(with_stop(text, "36105"), text);
        }
    }

    #[test]
    fn text_that_does_not_say_how_to_stop_is_no_mention() {
        for text in [
            "",
            "Soldes non-stop",
            "STOP au 36111",
            "STOP au 361050",
            "Laststop au 36105",
            "STOP à la hausse des prix, composez le 36105",
            "STOP jusqu'au 12, puis 36105",
            "{{x|STOP au 36105}}",
            "STOP {{x}} 36105",
            "{{x STOP au 36105",
        ] {
            assert!(!has_stop_mention(text, "36105"), "{text}");
        }
        assert!(!has_stop_mention("STOP", ""));
    }

    #[test]
    fn a_missing_mention_is_appended_after_one_space() {
        assert_eq!(with_stop("Soldes", "36105"), "Soldes STOP au 36105");
        assert_eq!(with_stop("Soldes\n", "36105"), "Soldes\nSTOP au 36105");
        assert_eq!(with_stop("", "36105"), "STOP au 36105");
        assert_eq!(stop_mention("36105").len(), 13);
        assert_eq!(with_stop("STOP au 36111", "36105"), "STOP au 36111 STOP au 36105");
    }

    #[test]
    fn adding_twice_adds_once() {
        let once = with_stop("Bonjour {{prenom}}", "36180").into_owned();
        assert_eq!(with_stop(&once, "36180"), once);
    }
}
