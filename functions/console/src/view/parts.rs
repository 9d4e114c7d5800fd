//! Parts shared by many pages: fields with errors, notes, statuses.

use std::borrow::Cow;

use axum::response::Response;
use domain::campaign::Status;
use maud::{Markup, html};

use super::icons;
use super::layout::{self, NavItem};
use crate::visitor::Visitor;
use crate::words::{self, Word};

/// Errors in a form, each beside its field.
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

    /// Above the form: the number of errors, with links to them.
    pub fn summary(&self, visitor: &Visitor) -> Markup {
        html! {
            @if !self.0.is_empty() {
                div.note.bad role="alert" tabindex="-1" data-focus {
                    p { strong { (visitor.text(words::common::TO_CORRECT)) } }
                    ul { @for (field, text) in &self.0 { li { a href={ "#" (field) } { (text) } } } }
                }
            }
        }
    }
}

/// A labelled input. `input` gets the attributes that link it to its label, hint and error.
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

    /// Ids of hint and error, for the control.
    fn described_by(&self) -> Option<String> {
        let hint = self.hint.map(|_| format!("{}-hint", self.name));
        let error = self.error.map(|_| format!("{}-error", self.name));
        let ids: Vec<_> = [hint, error].into_iter().flatten().collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    pub fn input(&self, kind: &str, value: &str, autocomplete: &str) -> Markup {
        let invalid = self.error.map(|_| "true");
        // URLs are validated here, with our own messages beside the field.
        let (kind, inputmode) = if kind == "url" { ("text", Some("url")) } else { (kind, None) };
        self.show(html! {
            input id=(self.name) name=(self.name) type=(kind) value=(value) autocomplete=(autocomplete) inputmode=[inputmode]
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

/// A checkbox with a line of explanation.
pub fn tick(name: &str, is_on: bool, label: &str, hint: Option<&str>) -> Markup {
    html! {
        label.tick {
            input type="checkbox" name=(name) value="1" checked[is_on];
            span { strong { (label) } @if let Some(hint) = hint { small { (hint) } } }
        }
    }
}

/// The hidden CSRF field of every form.
pub fn csrf(visitor: &Visitor) -> Markup {
    html! { input type="hidden" name="csrf" value=(visitor.csrf); }
}

pub fn status_word(status: Status) -> Word {
    match status {
        Status::Draft => words::campaigns::DRAFT,
        Status::Ready => words::campaigns::READY,
        Status::Sending => words::campaigns::SENDING,
        Status::Paused => words::campaigns::PAUSED,
        Status::Consolidating => words::campaigns::CONSOLIDATING,
        Status::Finished | Status::Deleted => words::campaigns::FINISHED,
    }
}

/// A status as colour and text.
pub fn status(visitor: &Visitor, status: Status) -> Markup {
    html! { span class={ "status " (status.code()) } { (visitor.text(status_word(status))) } }
}

/// The link to the parent page.
pub fn back(path: &str, label: &str) -> Markup {
    html! { a.back href=(path) { span aria-hidden="true" { "←" } " " (label) } }
}

/// A figure with its name, in a row of figures.
pub fn figure(name: &str, value: &str, note: Option<&str>) -> Markup {
    html! { div.figure { dt { (name) } dd { strong { (value) } @if let Some(note) = note { small { (note) } } } } }
}

/// A confirmation before an action that cannot be undone: a dialog with scripts, a page without.
pub struct Ask<'a> {
    pub title: &'a str,
    pub help: &'a str,
    /// Where « yes » is sent.
    pub action: &'a str,
    /// Where « no » leads.
    pub back: &'a str,
    pub yes: Word,
    pub is_danger: bool,
    /// Hidden fields of the form.
    pub fields: Markup,
}

impl Ask<'_> {
    pub fn page(self, visitor: &Visitor, index: NavItem) -> Response {
        let content = html! {
            section.ask {
                h1 { (self.title) }
                p { (self.help) }
                form method="post" action=(self.action) {
                    (csrf(visitor))
                    (self.fields)
                    div.buttons {
                        a.button.plain href=(self.back) data-close { (visitor.text(words::common::CANCEL)) }
                        button.button.danger[self.is_danger] { (visitor.text(self.yes)) }
                    }
                }
            }
        };
        layout::page(visitor, self.title, index, content)
    }
}

/// Below a table with several pages: links to the next and the first page.
pub fn pages(visitor: &Visitor, path: &str, query: &str, is_first: bool, next: Option<&str>) -> Markup {
    let to = |after: Option<&str>| {
        let query = Some(query).filter(|query| !query.is_empty());
        let pairs: Vec<_> = [("q", query), ("after", after)].into_iter().filter(|(_, value)| value.is_some()).collect();
        let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    };
    html! {
        @if !is_first || next.is_some() {
            nav.more aria-label=(visitor.text(words::common::PAGES)) {
                @if !is_first { a.button.plain.small href=(to(None)) { (visitor.text(words::common::FIRST_PAGE)) } }
                @if next.is_some() { a.button.plain.small href=(to(next)) { (visitor.text(words::common::MORE)) } }
            }
        }
    }
}

/// A search that updates while typing, with a button for when no script runs.
pub fn search(visitor: &Visitor, path: &str, query: &str, label: Word) -> Markup {
    html! {
        form.search role="search" method="get" action=(path) data-search {
            label.unseen for="q" { (visitor.text(label)) }
            (icons::search())
            input #q name="q" type="search" value=(query) placeholder=(visitor.text(label)) autocomplete="off";
            button.button.plain.unscripted { (visitor.text(words::common::SEARCH)) }
        }
    }
}

/// Counts by territory, as a small table.
pub fn territories<'a>(visitor: &Visitor, counts: impl Iterator<Item = (&'a str, u64)>) -> Markup {
    html! {
        table.small {
            caption { (visitor.text(words::draft::BY_TERRITORY)) }
            tbody { @for (code, count) in counts { tr { th scope="row" { (visitor.text(words::contacts::territory(code))) } td.right { (visitor.number(count)) } } } }
        }
    }
}
