//! E-mail addresses of people who sign in. Pure.

/// Longest address (RFC 5321, 4.5.3.1.3).
pub const CHARACTERS_MAX: usize = 254;

/// The address as stored and looked up: trimmed, in lower case. `None` unless it is text, `@`, and a domain with a dot
/// inside. Only a mail can show that the address exists.
pub fn parse(text: &str) -> Option<String> {
    let email = text.trim().to_lowercase();
    let (local, domain) = email.rsplit_once('@')?;
    let is_domain = domain.trim_matches('.').contains('.') && !domain.starts_with('.');
    let is_local = !local.is_empty() && !local.contains('@');
    let is_plain = email.bytes().all(|byte| byte.is_ascii_graphic()) && email.len() <= CHARACTERS_MAX;
    (is_plain && is_local && is_domain).then_some(email)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_look_like_addresses() {
        for email in ["a@b.fr", "jeanne.d-arc+sms@mail.example.com"] {
            assert_eq!(parse(email).as_deref(), Some(email));
        }
        assert_eq!(parse(" Jeanne@Example.COM ").as_deref(), Some("jeanne@example.com"));
        for email in ["", "a", "a@b", "@b.fr", "a@b.", "a@.fr", "a b@c.fr", "a@b@c.fr", "é@b.fr"] {
            assert_eq!(parse(email), None, "{email}");
        }
        assert_eq!(parse(&format!("{}@b.fr", "a".repeat(CHARACTERS_MAX))), None);
    }
}
