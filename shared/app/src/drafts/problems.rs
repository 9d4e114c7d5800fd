//! Problems of a draft that can never become valid. Missing settings are reported at validation.

use std::collections::BTreeSet;

use domain::campaign::{Message, Settings};
use domain::list::{Purpose, Status};
use domain::local_time;
use domain::template::variable_name;
use domain::web_address::is_web_address;
use jiff::tz::TimeZone;

use crate::context::Context;
use crate::error::{DraftProblem, Error, LinkKind, UrlField};
use crate::images;

/// Lists that do not exist, or are disabled. One that the draft already uses may stay: validation reports it.
pub(super) async fn lists(
    context: &Context,
    present: Option<&Settings>,
    settings: &Settings,
) -> Result<Vec<DraftProblem>, Error> {
    let mut problems = Vec::new();
    for (index, id) in settings.lists.iter().enumerate() {
        match context.store.list(id).await?.filter(|list| list.purpose == Purpose::Contacts) {
            None => problems.push(DraftProblem::NoSuchList(index)),
            Some(list) => {
                let is_held = present.is_some_and(|present| present.lists.contains(id));
                if list.status == Status::Disabled && !is_held {
                    problems.push(DraftProblem::DisabledList(index));
                }
            }
        }
    }
    Ok(problems)
}

/// Images that do not exist, or are not uploaded yet.
pub(super) async fn images(context: &Context, message: &Message) -> Result<Vec<DraftProblem>, Error> {
    let mut problems = Vec::new();
    for (index, link) in message.images.iter().enumerate() {
        match images::checked(context, &link.image).await? {
            None => problems.push(DraftProblem::NoSuchImage(index)),
            Some(image) if !image.is_checked => problems.push(DraftProblem::ImageNotUploaded(index)),
            Some(_) => {}
        }
    }
    Ok(problems)
}

/// Problems of the settings alone.
pub(super) fn never_right(settings: &Settings, zone: &TimeZone) -> Vec<DraftProblem> {
    let mut problems = link_names(&settings.message);
    problems.extend(link_targets(&settings.message));
    let time = settings.schedule.at.as_deref().map(|at| local_time::resolve(at, zone));
    problems.extend(time.and_then(Result::err).map(DraftProblem::Time));
    problems
}

fn link_names(message: &Message) -> Vec<DraftProblem> {
    let mut seen = BTreeSet::new();
    let links = message.links.iter().enumerate().map(|(index, link)| (LinkKind::Short, index, &link.name));
    let images = message.images.iter().enumerate().map(|(index, link)| (LinkKind::Image, index, &link.name));
    let problem = |(kind, index, name): (LinkKind, usize, &String)| {
        if variable_name(name).is_empty() || name.contains(['{', '}', '|']) {
            return Some(DraftProblem::LinkName(kind, index));
        }
        (!seen.insert(variable_name(name))).then_some(DraftProblem::RepeatedName(kind, index))
    };
    links.chain(images).filter_map(problem).collect()
}

fn link_targets(message: &Message) -> Vec<DraftProblem> {
    let mut problems = Vec::new();
    for (index, link) in message.links.iter().enumerate() {
        let urls = [(UrlField::Url, Some(&link.url)), (UrlField::FallbackUrl, link.fallback_url.as_ref())];
        let bad = urls.into_iter().filter(|(_, url)| url.is_some_and(|url| !is_web_address(url)));
        problems.extend(bad.map(|(field, _)| DraftProblem::BadUrl(field, index)));
        if link.fallback_url.is_some() && link.expires_at.is_none() {
            problems.push(DraftProblem::FallbackWithoutExpiry(index));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use domain::campaign::{Schedule, ShortLink};

    use super::*;

    fn link(name: &str, url: &str) -> ShortLink {
        ShortLink { name: name.into(), url: url.into(), expires_at: None, fallback_url: None }
    }

    fn problems(links: Vec<ShortLink>, at: Option<&str>) -> Vec<DraftProblem> {
        let settings = Settings {
            message: Message { links, ..Message::default() },
            schedule: Schedule { at: at.map(Into::into), pace_per_hour: None },
            ..Settings::default()
        };
        never_right(&settings, &TimeZone::get("Europe/Paris").unwrap())
    }

    #[test]
    fn a_fallback_is_a_web_address_too_and_needs_an_end() {
        let with = |fallback: &str, expires_at| ShortLink {
            expires_at,
            fallback_url: Some(fallback.into()),
            ..link("lien", "https://example.com")
        };
        let end = Some(jiff::Timestamp::UNIX_EPOCH);
        assert_eq!(problems(vec![with("https://example.com/fini", end)], None), []);
        let bad = DraftProblem::BadUrl(UrlField::FallbackUrl, 0);
        assert_eq!(problems(vec![with("https://u:p@example.com", end)], None), [bad]);
        let endless = DraftProblem::FallbackWithoutExpiry(0);
        assert_eq!(problems(vec![with("https://example.com/fini", None)], None), [endless]);
    }

    #[test]
    fn links_have_names_of_their_own() {
        let url = "https://example.com";
        let repeated = DraftProblem::RepeatedName(LinkKind::Short, 1);
        assert_eq!(problems(vec![link("lien", url), link("Lien", url)], None), [repeated]);
        assert_eq!(problems(vec![link("a}b", url)], None), [DraftProblem::LinkName(LinkKind::Short, 0)]);
    }

    #[test]
    fn an_hour_that_the_clocks_skip_is_refused() {
        let code = |at| match problems(vec![], Some(at)).as_slice() {
            [DraftProblem::Time(problem)] => problem.code(),
            _ => "",
        };
        assert_eq!(code("2027-03-28T02:30:00"), "skipped_time");
        assert_eq!(code("demain"), "malformed_time");
        assert_eq!(code("2027-03-28T03:30:00"), "");
    }
}
