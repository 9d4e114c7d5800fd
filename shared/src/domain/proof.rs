//! Proof sign-off: whether a proof said what a campaign says. Pure.

use sha2::{Digest, Sha256};

use super::account::Account;
use super::campaign::{ImageLink, Message, ShortLink};

/// Names what recipients of a message see, and where its links lead: two messages with one fingerprint are the same.
/// What does not show is left out: the template that it was taken from, and a STOP code that it does not use.
pub fn fingerprint(message: &Message, account: &Account) -> String {
    // Taken apart field by field: one that is added and not thought of here must not compile.
    let Message { template: _, sender, text, links, images, stop } = message;
    let mut hash = Sha256::new();
    let mut word = |text: &str| {
        hash.update(text.len().to_be_bytes());
        hash.update(text.as_bytes());
    };
    word(sender.as_deref().unwrap_or(&account.default_sender));
    word(text);
    word(if *stop { &account.stop_code } else { "" });
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
    hash.finalize().iter().take(16).map(|octet| format!("{octet:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::credits::Balance;
    use crate::domain::sending_window::SendingWindow;

    fn account() -> Account {
        Account {
            id: "acc_00000000000000000001".parse().unwrap(),
            name: "a".into(),
            time_zone: "Europe/Paris".into(),
            default_sender: "ENVOL".into(),
            stop_code: "36105".into(),
            window: SendingWindow::default(),
            purge_after_days: 90,
            requires_proof: true,
            balance: Balance::default(),
            created_at: jiff::Timestamp::UNIX_EPOCH,
            version: 1,
        }
    }

    fn message() -> Message {
        let link =
            ShortLink { name: "lien".into(), url: "https://example.com".into(), expires_at: None, fallback_url: None };
        Message { text: "Bonjour {{lien}}".into(), stop: true, links: vec![link], ..Message::default() }
    }

    #[test]
    fn what_a_recipient_sees_makes_another_message_and_what_nobody_sees_does_not() {
        let one = fingerprint(&message(), &account());
        let same = Message {
            template: Some("tpl_00000000000000000001".parse().unwrap()),
            sender: Some("ENVOL".into()),
            ..message()
        };
        assert_eq!(fingerprint(&same, &account()), one);
        let image =
            ImageLink { name: "photo".into(), image: "img_00000000000000000001".parse().unwrap(), expires_at: None };
        let mut led_elsewhere = message();
        led_elsewhere.links[0].fallback_url = Some("https://example.com/fini".into());
        let mut ended = message();
        ended.links[0].expires_at = Some(jiff::Timestamp::UNIX_EPOCH);
        for other in [
            Message { text: "Bonsoir {{lien}}".into(), ..message() },
            Message { sender: Some("AUTRE".into()), ..message() },
            Message { stop: false, ..message() },
            Message { links: vec![], ..message() },
            Message { images: vec![image], ..message() },
            led_elsewhere,
            ended,
        ] {
            assert_ne!(fingerprint(&other, &account()), one, "{other:?}");
        }
        assert_ne!(fingerprint(&message(), &Account { stop_code: "36180".into(), ..account() }), one);
    }
}
