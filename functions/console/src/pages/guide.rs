//! `/guide`: how to send a campaign, for somebody who has never done it. Labels come from the other pages' words and
//! limits from the code, so that the guide says what the console does.

use app::UseCase;
use app::campaigns::TESTS_MAX;
use aws::files::UPLOAD_OCTETS_MAX;
use axum::response::Response;
use domain::account::{Account, IMAGE_OCTETS_MAX};
use domain::campaign::{LINKS_MAX, RECEIPTS_HOURS};
use domain::compose::SEGMENTS_MAX;
use domain::segments::{PART_SEPTETS, PART_UTF16, SINGLE_SEPTETS, SINGLE_UTF16};
use domain::stop_mention::stop_mention;
use domain::template::MAX_VARIABLES;
use domain::{reply, sender};
use maud::{Markup, html};
use web::Language;

use crate::gate::Visitor;
use crate::pages::draft::schedule::window;
use crate::view::format;
use crate::view::layout::{self, Place};
use crate::words::{
    Word, campaigns as c, common as w, contacts as l, draft as d, erasure as e, guide as g, statistics as s,
};

/// Octets of a megabyte, as the other pages count them.
const MEGABYTE: u64 = 1024 * 1024;
/// Days of a year, as `reply::KEPT_DAYS` counts them.
const YEAR_DAYS: i64 = 366;

/// One chapter: its anchor, its title, what it says, and the page where to begin, for those who may.
struct Chapter {
    anchor: &'static str,
    title: Word,
    items: Vec<String>,
    page: Option<(&'static str, Word, UseCase)>,
}

pub async fn show(v: Visitor) -> Response {
    let chapters = chapters(&v.account, v.language, &window(&v));
    let content = html! {
        div.title { div { h1 { (v.t(g::TITLE)) } p.lead { (v.t(g::LEAD)) } } }
        nav.guide-contents aria-label=(v.t(g::CONTENTS)) {
            @for chapter in &chapters { a href={ "#" (chapter.anchor) } { (v.t(chapter.title)) } }
        }
        div.guide { @for chapter in &chapters { (section(&v, chapter)) } }
    };
    layout::page(&v, v.t(g::TITLE), Place::Guide, content)
}

fn section(v: &Visitor, chapter: &Chapter) -> Markup {
    let page = chapter.page.filter(|(.., use_case)| v.may(*use_case));
    html! {
        section.card id=(chapter.anchor) {
            h2 { (v.t(chapter.title)) }
            ul.bullets { @for item in &chapter.items { li { (item) } } }
            @if let Some((path, label, _)) = page {
                p.noprint { a.button.plain.small href=(path) { (v.t(label)) } }
            }
        }
    }
}

/// Where a page without anything on it leads somebody who is new.
pub fn invitation(v: &Visitor) -> Markup {
    html! { p.guide-link { a href="/guide" { (v.t(g::FIRST_TIME)) } } }
}

/// Fills the places of a sentence. A label is a word, a limit a number.
macro_rules! say {
    ($language:expr, $word:expr $(, $value:expr)*) => {
        filled($language, $word, &[$(Value::from($value).in_language($language)),*])
    };
}

/// What stands in a place of a sentence.
enum Value<'a> {
    Label(Word),
    Number(u64),
    Text(&'a str),
}

impl Value<'_> {
    fn in_language(&self, language: Language) -> String {
        match self {
            Self::Label(word) => word.of(language).to_owned(),
            Self::Number(number) => format::number(language, *number),
            Self::Text(text) => (*text).to_owned(),
        }
    }
}

impl From<Word> for Value<'_> {
    fn from(word: Word) -> Self {
        Self::Label(word)
    }
}

impl From<u64> for Value<'_> {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<usize> for Value<'_> {
    fn from(number: usize) -> Self {
        Self::Number(number as u64)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

fn filled(language: Language, word: Word, values: &[String]) -> String {
    debug_assert_eq!(word.of(language).matches("{}").count(), values.len(), "{}", word.en);
    word.with(language, values)
}

/// The whole guide, for one account. `window` is its legal window in a sentence.
fn chapters(account: &Account, language: Language, window: &str) -> Vec<Chapter> {
    vec![
        contacts(account, language),
        exclusions(account, language),
        message(language),
        proof(language),
        schedule(account, language, window),
        validation(language),
        sending(language),
        statistics(language),
        retry(language),
    ]
}

fn contacts(account: &Account, language: Language) -> Chapter {
    let items = vec![
        say!(language, g::CONTACTS_FILE, w::LISTS, l::NEW_LIST, UPLOAD_OCTETS_MAX / MEGABYTE),
        say!(language, g::CONTACTS_ROWS),
        say!(language, g::CONTACTS_NUMBERS),
        say!(language, g::CONTACTS_CHECK, l::REJECTS),
        say!(language, g::CONTACTS_PURGE, account.purge_after_days),
    ];
    Chapter {
        anchor: "contacts",
        title: g::CONTACTS,
        items,
        page: Some(("/lists/new", l::IMPORT_TITLE, UseCase::CreateList)),
    }
}

fn exclusions(account: &Account, language: Language) -> Chapter {
    let items = vec![
        say!(language, g::EXCLUSIONS_RULE, w::EXCLUSIONS),
        say!(language, g::EXCLUSIONS_STOP),
        say!(language, g::EXCLUSIONS_OWN, l::EXCLUSION_IMPORT),
        say!(language, g::EXCLUSIONS_MENTION, d::STOP_ADD, stop_mention(&account.stop_code).as_str()),
        say!(language, g::EXCLUSIONS_ERASURE, e::MENU),
    ];
    Chapter {
        anchor: "exclusions",
        title: g::EXCLUSIONS,
        items,
        page: Some(("/exclusions", w::EXCLUSIONS, UseCase::ReadExclusions)),
    }
}

fn message(language: Language) -> Chapter {
    let items = vec![
        say!(language, g::MESSAGE_STEPS, w::NEW_CAMPAIGN),
        say!(language, g::MESSAGE_SENDER, sender::MIN_CHARS, sender::MAX_CHARS),
        say!(language, g::MESSAGE_VARIABLES, MAX_VARIABLES),
        say!(language, g::MESSAGE_LINKS, IMAGE_OCTETS_MAX / MEGABYTE, LINKS_MAX),
        say!(language, g::MESSAGE_LENGTH, SINGLE_SEPTETS, PART_SEPTETS, SEGMENTS_MAX),
        say!(language, g::MESSAGE_UNICODE, SINGLE_UTF16, PART_UTF16),
        say!(language, g::MESSAGE_PREVIEW, w::MODELS),
    ];
    Chapter {
        anchor: "message",
        title: g::MESSAGE,
        items,
        page: Some(("/campaigns/new", w::NEW_CAMPAIGN, UseCase::CreateDraft)),
    }
}

fn proof(language: Language) -> Chapter {
    let items = vec![
        say!(language, g::PROOF_TEST, d::TEST, TESTS_MAX),
        say!(language, g::PROOF_WHAT, d::PROOF),
        say!(language, g::PROOF_THEN, d::LOAD),
        say!(language, g::PROOF_REQUIRED),
    ];
    Chapter { anchor: "proof", title: g::PROOF, items, page: None }
}

fn schedule(account: &Account, language: Language, window: &str) -> Chapter {
    let items = vec![
        say!(language, g::WINDOW_WHEN, d::AT_ONCE, d::LATER, account.time_zone.as_str()),
        format!("{} {window}", say!(language, g::WINDOW_LEGAL)),
        say!(language, g::WINDOW_ALERT, d::ALERT),
        say!(language, g::WINDOW_PACE),
    ];
    Chapter { anchor: "schedule", title: g::WINDOW, items, page: None }
}

fn validation(language: Language) -> Chapter {
    let items = vec![
        say!(language, g::VALIDATE_COUNT),
        say!(language, g::VALIDATE_CREDITS, d::VALIDATE),
        say!(language, g::VALIDATE_EDIT, w::EDIT),
    ];
    Chapter { anchor: "validate", title: g::VALIDATE, items, page: None }
}

fn sending(language: Language) -> Chapter {
    let items = vec![
        say!(language, g::FOLLOW_WHERE, w::CAMPAIGNS_NOW),
        say!(language, g::FOLLOW_PAUSE, c::PAUSE, c::RESUME, c::END),
        say!(language, g::FOLLOW_PAUSED),
        say!(language, g::FOLLOW_END, c::CONSOLIDATING, RECEIPTS_HOURS.unsigned_abs()),
    ];
    Chapter {
        anchor: "follow",
        title: g::FOLLOW,
        items,
        page: Some(("/campaigns", w::CAMPAIGNS_NOW, UseCase::ReadCampaigns)),
    }
}

fn statistics(language: Language) -> Chapter {
    let items = vec![
        say!(language, g::STATISTICS_RESULTS, s::DELIVERED, s::FAILED, s::EXPIRED, s::REJECTED, s::UNKNOWN),
        say!(language, g::STATISTICS_CLICKS, s::BOT),
        say!(language, g::STATISTICS_REPLIES, w::REPLIES, (reply::KEPT_DAYS / YEAR_DAYS).unsigned_abs()),
        say!(language, g::STATISTICS_EXPORT, s::EXPORT),
    ];
    Chapter {
        anchor: "statistics",
        title: g::STATISTICS,
        items,
        page: Some(("/statistics", w::STATISTICS, UseCase::ReadCampaigns)),
    }
}

fn retry(language: Language) -> Chapter {
    let items = vec![say!(language, g::RETRY_WHAT, s::RETRY), say!(language, g::RETRY_THEN)];
    Chapter { anchor: "retry", title: g::RETRY, items, page: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guide(language: Language) -> String {
        let id = "acc_00000000000000000001".parse().unwrap();
        let account = Account::new(id, "2026-03-01T12:00:00Z".parse().unwrap());
        let chapters = chapters(&account, language, "08:00 – 20:00");
        chapters.into_iter().flat_map(|chapter| chapter.items).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn every_place_is_filled_with_labels_and_limits_of_the_console() {
        for (language, known) in [
            (
                Language::French,
                ["« Créer une liste de contacts »", "(512 Mo", "160 caractères", "5 numéros", "72 heures"],
            ),
            (Language::English, ["“Create a contact list”", "(512 MB", "160 characters", "5 numbers", "72 hours"]),
        ] {
            let guide = guide(language);
            assert!(!guide.contains("{}"), "{guide}");
            for text in known {
                let text = text.replace("« ", "«\u{a0}").replace(" »", "\u{a0}»");
                assert!(guide.contains(&text), "{text} is missing in\n{guide}");
            }
        }
    }
}
