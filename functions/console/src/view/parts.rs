//! Small parts that many pages share: fields with their errors, notes, statuses.

use std::borrow::Cow;

use axum::response::Response;
use maud::{Markup, html};
use shared::domain::campaign::Status;

use super::icons;
use super::layout::{self, Place};
use crate::gate::Visitor;
use crate::words::{Word, campaigns, common as w};

/// What is wrong with a form, beside the field that it is about.
#[derive(Debug, Clone, Default)]
pub struct Errors(Vec<(Cow<'static, str>, String)>);

impl Errors {
    pub fn add(&mut self, field: impl Into<Cow<'static, str>>, text: impl Into<String>) {
        self.0.push((field.into(), text.into()));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| *name == field).map(|(_, text)| text.as_str())
    }

    /// Above the form: how many things there are to see to, and where.
    pub fn summary(&self, v: &Visitor) -> Markup {
        html! {
            @if !self.0.is_empty() {
                div.note.bad role="alert" tabindex="-1" data-focus {
                    p { strong { (v.t(w::TO_CORRECT)) } }
                    ul { @for (field, text) in &self.0 { li { a href={ "#" (field) } { (text) } } } }
                }
            }
        }
    }
}

/// A labelled input. `input` gets the attributes that tie it to its label, hint and error.
pub struct Field<'a> {
    pub name: &'a str,
    pub label: &'a str,
    pub hint: Option<&'a str>,
    pub error: Option<&'a str>,
}

impl Field<'_> {
    pub fn show(&self, control: Markup) -> Markup {
        html! {
            div.field.bad[self.error.is_some()] {
                label for=(self.name) { (self.label) }
                @if let Some(hint) = self.hint { p.hint id={ (self.name) "-hint" } { (hint) } }
                (control)
                @if let Some(error) = self.error { p.error id={ (self.name) "-error" } { (error) } }
            }
        }
    }

    /// Ids of hint and error, as the control names them.
    fn described_by(&self) -> Option<String> {
        let hint = self.hint.map(|_| format!("{}-hint", self.name));
        let error = self.error.map(|_| format!("{}-error", self.name));
        let ids: Vec<_> = [hint, error].into_iter().flatten().collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    pub fn input(&self, kind: &str, value: &str, autocomplete: &str) -> Markup {
        let invalid = self.error.map(|_| "true");
        self.show(html! {
            input id=(self.name) name=(self.name) type=(kind) value=(value) autocomplete=(autocomplete)
                aria-invalid=[invalid] aria-describedby=[self.described_by()];
        })
    }

    pub fn area(&self, value: &str, rows: u32) -> Markup {
        let invalid = self.error.map(|_| "true");
        self.show(html! {
            textarea id=(self.name) name=(self.name) rows=(rows) aria-invalid=[invalid]
                aria-describedby=[self.described_by()] { "\n" (value) }
        })
    }

    pub fn select(&self, value: &str, options: &[(String, String)]) -> Markup {
        self.show(html! {
            select id=(self.name) name=(self.name) aria-describedby=[self.described_by()] {
                @for (code, text) in options {
                    option value=(code) selected[code == value] { (text) }
                }
            }
        })
    }
}

/// A box to tick, with a line that says what it does.
pub fn tick(name: &str, is_on: bool, label: &str, hint: Option<&str>) -> Markup {
    html! {
        label.tick {
            input type="checkbox" name=(name) value="1" checked[is_on];
            span { strong { (label) } @if let Some(hint) = hint { small { (hint) } } }
        }
    }
}

/// The hidden field of every form.
pub fn csrf(v: &Visitor) -> Markup {
    html! { input type="hidden" name="csrf" value=(v.csrf); }
}

pub fn status_word(status: Status) -> Word {
    match status {
        Status::Draft => campaigns::DRAFT,
        Status::Ready => campaigns::READY,
        Status::Sending => campaigns::SENDING,
        Status::Paused => campaigns::PAUSED,
        Status::Consolidating => campaigns::CONSOLIDATING,
        Status::Finished | Status::Deleted => campaigns::FINISHED,
    }
}

/// A status as colour and text.
pub fn status(v: &Visitor, status: Status) -> Markup {
    html! { span class={ "status " (status.code()) } { (v.t(status_word(status))) } }
}

/// Where a page stands below others.
pub fn back(path: &str, label: &str) -> Markup {
    html! { a.back href=(path) { span aria-hidden="true" { "←" } " " (label) } }
}

/// A figure with its name, in a row of figures.
pub fn figure(name: &str, value: &str, note: Option<&str>) -> Markup {
    html! { div.figure { dt { (name) } dd { strong { (value) } @if let Some(note) = note { small { (note) } } } } }
}

/// A question before what cannot be undone: a dialog where scripts run, a page where not.
pub struct Ask<'a> {
    pub title: &'a str,
    pub help: &'a str,
    /// Where « yes » is sent.
    pub action: &'a str,
    /// Where « no » leads.
    pub back: &'a str,
    pub yes: Word,
    pub is_danger: bool,
    /// Fields that go along.
    pub fields: Markup,
}

impl Ask<'_> {
    pub fn page(self, v: &Visitor, place: Place) -> Response {
        let content = html! {
            section.ask {
                h1 { (self.title) }
                p { (self.help) }
                form method="post" action=(self.action) {
                    (csrf(v))
                    (self.fields)
                    div.buttons {
                        a.button.plain href=(self.back) data-close { (v.t(w::CANCEL)) }
                        button.button.danger[self.is_danger] { (v.t(self.yes)) }
                    }
                }
            }
        };
        layout::page(v, self.title, place, content)
    }
}

/// Rows of a table that are shown first, and at most.
const ROWS: usize = 100;
const ROWS_MAX: usize = 1_000;

/// How many rows of a long table somebody asked for.
pub fn rows_shown(v: &Visitor) -> usize {
    v.query("show").and_then(|rows| rows.parse().ok()).unwrap_or(ROWS).clamp(1, ROWS_MAX)
}

/// Below a table that goes on: how much of it there is, and the way to more.
pub fn more(v: &Visitor, path: &str, wanted: &str, shown: usize, count: usize) -> Markup {
    let rows = (shown + ROWS).min(ROWS_MAX).to_string();
    let query = serde_urlencoded::to_string([("q", wanted), ("show", &rows)]).unwrap_or_default();
    html! {
        @if shown < count {
            p.more {
                span.faint { (v.tf(w::SHOWN_OF, &[v.number(shown as u64), v.number(count as u64)])) }
                @if shown < ROWS_MAX { a.button.plain.small href={ (path) "?" (query) } { (v.t(w::MORE)) } }
            }
        }
    }
}

/// A search that finds as one types, and with its button where no script runs.
pub fn search(v: &Visitor, path: &str, wanted: &str, label: Word) -> Markup {
    html! {
        form.search role="search" method="get" action=(path) data-search {
            label.unseen for="q" { (v.t(label)) }
            (icons::search())
            input #q name="q" type="search" value=(wanted) placeholder=(v.t(label)) autocomplete="off";
            button.button.plain.unscripted { (v.t(w::SEARCH)) }
        }
    }
}
