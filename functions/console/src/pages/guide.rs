//! `/guide`: how to send a campaign, for new users. Labels come from the other pages' words and limits from the code,
//! so that the guide matches the console.

use app::UseCase;
use app::campaigns::TESTS_MAX;
use aws::files::UPLOAD_BYTES_MAX;
use axum::response::Response;
use domain::account::{Account, IMAGE_BYTES_MAX};
use domain::campaign::{LINKS_MAX, RECEIPTS_HOURS};
use domain::compose::SEGMENTS_MAX;
use domain::segments::{PART_SEPTETS, PART_UTF16, SINGLE_SEPTETS, SINGLE_UTF16};
use domain::stop_mention::stop_mention;
use domain::template::MAX_VARIABLES;
use domain::{reply, sender};
use maud::{Markup, html};
use web::Language;

use crate::pages::draft::schedule::window;
use crate::view::format;
use crate::view::layout::{self, NavItem};
use crate::visitor::Visitor;
use crate::words::{self, Word};

/// Bytes in a megabyte, as on the other pages.
const MEGABYTE: u64 = 1024 * 1024;
/// Days in a year, as in `reply::KEPT_DAYS`.
const YEAR_DAYS: i64 = 366;

/// One chapter: anchor, title, content, and the page to begin with, for users who may open it.
struct Chapter {
    anchor: &'static str,
    title: Word,
    items: Vec<String>,
    page: Option<(&'static str, Word, UseCase)>,
}

pub async fn show(visitor: Visitor) -> Response {
    let chapters = chapters(&visitor.account, visitor.language, &window(&visitor));
    let content = html! {
        div.title { div { h1 { (visitor.text(words::guide::TITLE)) } p.lead { (visitor.text(words::guide::LEAD)) } } }
        nav.guide-contents aria-label=(visitor.text(words::guide::CONTENTS)) {
            @for chapter in &chapters { a href={ "#" (chapter.anchor) } { (visitor.text(chapter.title)) } }
        }
        div.guide { @for chapter in &chapters { (section(&visitor, chapter)) } }
    };
    layout::page(&visitor, visitor.text(words::guide::TITLE), NavItem::Guide, content)
}

fn section(visitor: &Visitor, chapter: &Chapter) -> Markup {
    let page = chapter.page.filter(|(.., use_case)| visitor.may(*use_case));
    html! {
        section.card id=(chapter.anchor) {
            h2 { (visitor.text(chapter.title)) }
            ul.bullets { @for item in &chapter.items { li { (item) } } }
            @if let Some((path, label, _)) = page {
                p.noprint { a.button.plain.small href=(path) { (visitor.text(label)) } }
            }
        }
    }
}

/// The link to the guide on an empty page.
pub fn invitation(visitor: &Visitor) -> Markup {
    html! { p.guide-link { a href="/guide" { (visitor.text(words::guide::FIRST_TIME)) } } }
}

/// Fills the placeholders of a text: labels are words, limits numbers.
macro_rules! say {
    ($language:expr, $word:expr $(, $value:expr)*) => {
        filled($language, $word, &[$(Value::from($value).in_language($language)),*])
    };
}

/// The value of a placeholder.
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
        say!(
            language,
            words::guide::CONTACTS_FILE,
            words::common::LISTS,
            words::contacts::NEW_LIST,
            UPLOAD_BYTES_MAX / MEGABYTE
        ),
        say!(language, words::guide::CONTACTS_ROWS),
        say!(language, words::guide::CONTACTS_NUMBERS),
        say!(language, words::guide::CONTACTS_CHECK, words::contacts::REJECTS),
        say!(language, words::guide::CONTACTS_PURGE, account.purge_after_days),
    ];
    Chapter {
        anchor: "contacts",
        title: words::guide::CONTACTS,
        items,
        page: Some(("/lists/new", words::contacts::IMPORT_TITLE, UseCase::CreateList)),
    }
}

fn exclusions(account: &Account, language: Language) -> Chapter {
    let items = vec![
        say!(language, words::guide::EXCLUSIONS_RULE, words::common::EXCLUSIONS),
        say!(language, words::guide::EXCLUSIONS_STOP),
        say!(language, words::guide::EXCLUSIONS_OWN, words::contacts::EXCLUSION_IMPORT),
        say!(
            language,
            words::guide::EXCLUSIONS_MENTION,
            words::draft::STOP_ADD,
            stop_mention(&account.stop_code).as_str()
        ),
        say!(language, words::guide::EXCLUSIONS_ERASURE, words::erasure::MENU),
    ];
    Chapter {
        anchor: "exclusions",
        title: words::guide::EXCLUSIONS,
        items,
        page: Some(("/exclusions", words::common::EXCLUSIONS, UseCase::ReadExclusions)),
    }
}

fn message(language: Language) -> Chapter {
    let items = vec![
        say!(language, words::guide::MESSAGE_STEPS, words::common::NEW_CAMPAIGN),
        say!(language, words::guide::MESSAGE_SENDER, sender::MIN_CHARS, sender::MAX_CHARS),
        say!(language, words::guide::MESSAGE_VARIABLES, MAX_VARIABLES),
        say!(language, words::guide::MESSAGE_LINKS, IMAGE_BYTES_MAX / MEGABYTE, LINKS_MAX),
        say!(language, words::guide::MESSAGE_LENGTH, SINGLE_SEPTETS, PART_SEPTETS, SEGMENTS_MAX),
        say!(language, words::guide::MESSAGE_UNICODE, SINGLE_UTF16, PART_UTF16),
        say!(language, words::guide::MESSAGE_PREVIEW, words::common::TEMPLATES),
    ];
    Chapter {
        anchor: "message",
        title: words::guide::MESSAGE,
        items,
        page: Some(("/campaigns/new", words::common::NEW_CAMPAIGN, UseCase::CreateDraft)),
    }
}

fn proof(language: Language) -> Chapter {
    let items = vec![
        say!(language, words::guide::PROOF_TEST, words::draft::TEST, TESTS_MAX),
        say!(language, words::guide::PROOF_WHAT, words::draft::PROOF),
        say!(language, words::guide::PROOF_THEN, words::draft::LOAD),
        say!(language, words::guide::PROOF_REQUIRED),
    ];
    Chapter { anchor: "proof", title: words::guide::PROOF, items, page: None }
}

fn schedule(account: &Account, language: Language, window: &str) -> Chapter {
    let items = vec![
        say!(
            language,
            words::guide::WINDOW_WHEN,
            words::draft::AT_ONCE,
            words::draft::LATER,
            account.time_zone.as_str()
        ),
        format!("{} {window}", say!(language, words::guide::WINDOW_LEGAL)),
        say!(language, words::guide::WINDOW_ALERT, words::draft::ALERT),
        say!(language, words::guide::WINDOW_PACE),
    ];
    Chapter { anchor: "schedule", title: words::guide::WINDOW, items, page: None }
}

fn validation(language: Language) -> Chapter {
    let items = vec![
        say!(language, words::guide::VALIDATE_COUNT),
        say!(language, words::guide::VALIDATE_CREDITS, words::draft::VALIDATE),
        say!(language, words::guide::VALIDATE_EDIT, words::common::EDIT),
    ];
    Chapter { anchor: "validate", title: words::guide::VALIDATE, items, page: None }
}

fn sending(language: Language) -> Chapter {
    let items = vec![
        say!(language, words::guide::FOLLOW_WHERE, words::common::CAMPAIGNS_NOW),
        say!(
            language,
            words::guide::FOLLOW_PAUSE,
            words::campaigns::PAUSE,
            words::campaigns::RESUME,
            words::campaigns::END
        ),
        say!(language, words::guide::FOLLOW_PAUSED),
        say!(language, words::guide::FOLLOW_END, words::campaigns::CONSOLIDATING, RECEIPTS_HOURS.unsigned_abs()),
    ];
    Chapter {
        anchor: "follow",
        title: words::guide::FOLLOW,
        items,
        page: Some(("/campaigns", words::common::CAMPAIGNS_NOW, UseCase::ReadCampaigns)),
    }
}

fn statistics(language: Language) -> Chapter {
    let items = vec![
        say!(
            language,
            words::guide::STATISTICS_RESULTS,
            words::statistics::DELIVERED,
            words::statistics::FAILED,
            words::statistics::EXPIRED,
            words::statistics::REJECTED,
            words::statistics::UNKNOWN
        ),
        say!(language, words::guide::STATISTICS_CLICKS, words::statistics::BOT),
        say!(
            language,
            words::guide::STATISTICS_REPLIES,
            words::common::REPLIES,
            (reply::KEPT_DAYS / YEAR_DAYS).unsigned_abs()
        ),
        say!(language, words::guide::STATISTICS_EXPORT, words::statistics::EXPORT),
    ];
    Chapter {
        anchor: "statistics",
        title: words::guide::STATISTICS,
        items,
        page: Some(("/statistics", words::common::STATISTICS, UseCase::ReadCampaigns)),
    }
}

fn retry(language: Language) -> Chapter {
    let items = vec![
        say!(language, words::guide::RETRY_WHAT, words::statistics::RETRY),
        say!(language, words::guide::RETRY_THEN),
    ];
    Chapter { anchor: "retry", title: words::guide::RETRY, items, page: None }
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
    fn every_placeholder_is_filled_with_a_label_or_limit_of_the_console() {
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
