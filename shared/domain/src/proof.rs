//! Proof sign-off: whether a proof had the same message as a campaign. Pure.

use sha2::{Digest, Sha256};

use super::campaign::{ImageLink, MadeWith, Message, ShortLink};

/// A hash of what recipients see and where the links lead: messages with equal fingerprints are the same. Excluded is
/// what they cannot see: the template used, and a STOP code that the message does not contain.
pub fn fingerprint(message: &Message, made_with: &MadeWith) -> String {
    // Destructured, so that a new field does not compile until it is handled here.
    let Message { template: _, sender: _, text, links, images, stop } = message;
    let MadeWith { sender, stop_code, short_url: _ } = made_with;
    let mut hash = Sha256::new();
    let mut word = |text: &str| {
        hash.update(text.len().to_be_bytes());
        hash.update(text.as_bytes());
    };
    word(sender);
    word(text);
    word(if *stop { stop_code } else { "" });
    for ShortLink { name, url, expires_at, fallback_url } in links {
        word("link");
        word(name);
        word(url);
        word(&expires_at.map(|at| at.to_string()).unwrap_or_default());
        word(fallback_url.as_deref().unwrap_or_default());
    }
    for ImageLink { name, image, expires_at } in images {
        word("image");
        word(name);
        word(image.as_str());
        word(&expires_at.map(|at| at.to_string()).unwrap_or_default());
    }
    hex::encode(&hash.finalize()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made_with(sender: &str, stop_code: &str) -> MadeWith {
        MadeWith { sender: sender.into(), stop_code: stop_code.into(), short_url: "https://s.example".into() }
    }

    fn message() -> Message {
        let link =
            ShortLink { name: "lien".into(), url: "https://example.com".into(), expires_at: None, fallback_url: None };
        Message { text: "Bonjour {{lien}}".into(), stop: true, links: vec![link], ..Message::default() }
    }

    #[test]
    fn visible_changes_make_another_message_and_invisible_ones_do_not() {
        let usual = made_with("ENVOL", "36105");
        let one = fingerprint(&message(), &usual);
        let same = Message {
            template: Some("tpl_00000000000000000001".parse().unwrap()),
            sender: Some("ENVOL".into()),
            ..message()
        };
        assert_eq!(fingerprint(&same, &usual), one);
        let image =
            ImageLink { name: "photo".into(), image: "img_00000000000000000001".parse().unwrap(), expires_at: None };
        let mut led_elsewhere = message();
        led_elsewhere.links[0].fallback_url = Some("https://example.com/fini".into());
        let mut ended = message();
        ended.links[0].expires_at = Some(jiff::Timestamp::UNIX_EPOCH);
        for other in [
            Message { text: "Bonsoir {{lien}}".into(), ..message() },
            Message { stop: false, ..message() },
            Message { links: vec![], ..message() },
            Message { images: vec![image], ..message() },
            led_elsewhere,
            ended,
        ] {
            assert_ne!(fingerprint(&other, &usual), one, "{other:?}");
        }
        assert_ne!(fingerprint(&message(), &made_with("AUTRE", "36105")), one);
        assert_ne!(fingerprint(&message(), &made_with("ENVOL", "36180")), one);
    }
}
