//! Where the next page begins: opaque to clients, base64url on the wire.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Items of a page when the client does not say, and at most.
pub const LIMIT_DEFAULT: usize = 50;
pub const LIMIT_MAX: usize = 200;
/// Longest cursor: a sort key is far shorter.
const CURSOR_OCTETS_MAX: usize = 512;

/// A position as a client gets it. `scope` names the listing, so that a cursor of one is refused by another.
pub fn encode(scope: &str, position: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{scope}\n{position}"))
}

/// The position of a cursor that `encode` made for the same listing.
pub fn decode(scope: &str, cursor: &str) -> Option<String> {
    if cursor.len() > CURSOR_OCTETS_MAX {
        return None;
    }
    let octets = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (found, position) = str::from_utf8(&octets).ok()?.split_once('\n')?;
    (found == scope).then(|| position.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cursor_of_another_listing_or_of_nobody_is_refused() {
        let cursor = encode("lists", "lst_1");
        assert_eq!(decode("lists", &cursor).as_deref(), Some("lst_1"));
        assert_eq!(decode("campaigns", &cursor), None);
        for text in ["", "%", "abc", "bHN0", &"a".repeat(1_000)] {
            assert_eq!(decode("lists", text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_position_comes_back(position in "[ -~]{0,80}") {
            prop_assert_eq!(decode("x", &encode("x", &position)), Some(position));
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = decode("x", &text);
        }
    }
}
