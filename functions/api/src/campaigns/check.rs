//! What can never become right in a draft, so that it is refused at once; what is only incomplete is for validating.

use std::collections::BTreeSet;

use domain::campaign::{Message, Settings};
use domain::local_time;
use domain::template::variable_name;
use domain::web_address::is_web_address;
use jiff::tz::TimeZone;
use web::{Fault, Text};

use crate::words::time_problem;

fn fault(
    code: &'static str,
    pointer: impl Into<String>,
    english: impl Into<String>,
    french: impl Into<String>,
) -> Fault {
    Fault::new(code, pointer, Text::new(english, french))
}

pub fn no_such_list(place: usize) -> Fault {
    fault("no_such_list", format!("/lists/{place}"), "there is no such list", "cette liste n’existe pas")
}

pub fn disabled_list(place: usize) -> Fault {
    let english = "the list is disabled: enable it first";
    fault("list_disabled", format!("/lists/{place}"), english, "la liste est désactivée : réactivez-la d’abord")
}

pub fn no_such_image(place: usize) -> Fault {
    let pointer = format!("/message/images/{place}/image");
    fault("no_such_image", pointer, "there is no such image", "cette image n’existe pas")
}

pub fn no_upload(place: usize) -> Fault {
    let pointer = format!("/message/images/{place}/image");
    fault("image_not_ready", pointer, "the image was not uploaded yet", "l’image n’est pas encore déposée")
}

/// What can never become right, so that even a draft does not take it.
pub fn never_right(settings: &Settings, zone: &TimeZone) -> Vec<Fault> {
    let mut faults = Vec::new();
    links(&settings.message, &mut faults);
    if let Some(at) = &settings.schedule.at
        && let Err(problem) = local_time::resolve(at, zone)
    {
        faults.push(Fault::new(problem.code(), "/schedule/at", time_problem(&problem)));
    }
    faults
}

fn links(message: &Message, faults: &mut Vec<Fault>) {
    let mut names = BTreeSet::new();
    let links =
        message.links.iter().map(|link| &link.name).enumerate().map(|(n, name)| (format!("/message/links/{n}"), name));
    let images = message
        .images
        .iter()
        .map(|link| &link.name)
        .enumerate()
        .map(|(n, name)| (format!("/message/images/{n}"), name));
    for (pointer, name) in links.chain(images) {
        let pointer = format!("{pointer}/name");
        if variable_name(name).is_empty() || name.contains(['{', '}', '|']) {
            faults.push(fault("malformed", pointer, "a name without braces and bars", "un nom sans accolade ni barre"));
        } else if !names.insert(variable_name(name)) {
            faults.push(fault("repeated_name", pointer, "two links have this name", "deux liens portent ce nom"));
        }
    }
    for (place, link) in message.links.iter().enumerate() {
        let urls = [("url", Some(&link.url)), ("fallback_url", link.fallback_url.as_ref())];
        for (field, _) in urls.into_iter().filter(|(_, url)| url.is_some_and(|url| !is_web_address(url))) {
            let pointer = format!("/message/links/{place}/{field}");
            let english = "a complete http or https URL without user name";
            let french = "une URL http ou https complète, sans identifiants";
            faults.push(fault("bad_url", pointer, english, french));
        }
        if link.fallback_url.is_some() && link.expires_at.is_none() {
            let pointer = format!("/message/links/{place}/fallback_url");
            let english = "a link that never expires needs no fallback: say when with `expires_at`";
            let french = "un lien qui n’expire jamais n’a pas besoin de repli : indiquez quand avec `expires_at`";
            faults.push(fault("no_expiry", pointer, english, french));
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::campaign::{Schedule, ShortLink};

    use super::*;

    fn faults(links: &[(&str, &str)], at: Option<&str>) -> Vec<(&'static str, String)> {
        let link = |(name, url): &(&str, &str)| ShortLink {
            name: (*name).into(),
            url: (*url).into(),
            expires_at: None,
            fallback_url: None,
        };
        let links = links.iter().map(link).collect();
        let settings = Settings {
            message: Message { links, ..Message::default() },
            schedule: Schedule { at: at.map(Into::into), pace_per_hour: None },
            ..Settings::default()
        };
        let zone = TimeZone::get("Europe/Paris").unwrap();
        never_right(&settings, &zone).into_iter().map(|fault| (fault.code, fault.pointer)).collect()
    }

    #[test]
    fn a_fallback_is_a_web_address_too_and_needs_an_end() {
        let link = |fallback: &str, expires_at| ShortLink {
            name: "lien".into(),
            url: "https://example.com".into(),
            expires_at,
            fallback_url: Some(fallback.into()),
        };
        let faults = |link| {
            let message = Message { links: vec![link], ..Message::default() };
            let settings = Settings { message, ..Settings::default() };
            never_right(&settings, &TimeZone::UTC)
                .into_iter()
                .map(|fault| (fault.code, fault.pointer))
                .collect::<Vec<_>>()
        };
        let (end, at) = (Some(jiff::Timestamp::UNIX_EPOCH), "/message/links/0/fallback_url".to_owned());
        assert_eq!(faults(link("https://example.com/fini", end)), []);
        assert_eq!(faults(link("https://u:p@example.com", end)), [("bad_url", at.clone())]);
        assert_eq!(faults(link("https://example.com/fini", None)), [("no_expiry", at)]);
    }

    #[test]
    fn links_have_names_of_their_own() {
        let (url, at) = ("https://example.com", |n: usize| format!("/message/links/{n}/name"));
        assert_eq!(faults(&[("lien", url), ("Lien", url)], None), [("repeated_name", at(1))]);
        assert_eq!(faults(&[("a}b", url)], None), [("malformed", at(0))]);
    }

    #[test]
    fn an_hour_that_the_clocks_skip_is_refused() {
        assert_eq!(faults(&[], Some("2027-03-28T02:30:00")), [("skipped_time", "/schedule/at".to_owned())]);
        assert_eq!(faults(&[], Some("demain")), [("malformed_time", "/schedule/at".to_owned())]);
        assert_eq!(faults(&[], Some("2027-03-28T03:30:00")), []);
    }
}
