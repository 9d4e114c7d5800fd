//! Previews a message and counts its segments with a real contact's values.

use aws::files::FileKey;
use axum::response::{Html, IntoResponse, Response};
use contacts::{ListHeader, Rows};
use domain::campaign::{Message, Settings};
use domain::compose::{Composer, SAMPLE_CODE, Values};
use domain::ids::ListId;
use domain::list::Status;
use domain::segments::{self, Encoding};
use domain::stop_mention::with_stop;
use domain::template::variable_name;
use futures_util::future::join_all;
use maud::{Markup, html};

use crate::visitor::{Fields, Visitor};
use crate::words;

/// Contacts whose values are used, and bytes of a list's file read for them.
const CONTACTS: usize = 5;
const HEAD_BYTES: u64 = 64 * 1024;

/// Columns of the chosen lists as variables, and some contacts, one of which is shown.
#[derive(Debug, Default)]
pub struct Samples {
    pub columns: Vec<String>,
    /// Phone, and values by variable.
    contacts: Vec<(String, Vec<(String, String)>)>,
    index: usize,
}

/// A short URL of the right length, used in place of each recipient's own.
pub fn short(base: &str) -> String {
    format!("{}/{}", base.trim_end_matches('/'), SAMPLE_CODE.map(char::from).iter().collect::<String>())
}

/// Reads the beginning of the chosen lists; a list that cannot be read is skipped.
pub async fn samples(visitor: &Visitor, lists: &[ListId]) -> Samples {
    let mut samples = Samples::default();
    for (names, contacts) in join_all(lists.iter().map(|id| head(visitor, id))).await.into_iter().flatten() {
        for name in names {
            if !name.is_empty() && !samples.columns.contains(&name) {
                samples.columns.push(name);
            }
        }
        let missing = CONTACTS.saturating_sub(samples.contacts.len());
        samples.contacts.extend(contacts.into_iter().take(missing));
    }
    samples
}

type Head = (Vec<String>, Vec<(String, Vec<(String, String)>)>);

/// Variables and first contacts of one list.
async fn head(visitor: &Visitor, id: &ListId) -> Option<Head> {
    let list = visitor.context.store.list(id).await.ok()?.filter(|list| list.status == Status::Ready)?;
    let key = FileKey::Contacts { account: list.account, list: list.id, generation: list.generation };
    let head = visitor.context.files.get_range(&key, 0, HEAD_BYTES).await.ok()?;
    let (header, begin) = ListHeader::parse(&head).ok()??;
    let names: Vec<_> = header.columns().iter().map(|name| variable_name(name)).collect();
    let rows = Rows::new(head.get(begin..).unwrap_or_default(), begin as u64).flatten();
    let contacts = rows.take(CONTACTS).map(|row| {
        let fields = row.fields().map(|field| field.into_owned());
        (row.phone.to_string(), names.iter().cloned().zip(fields).collect())
    });
    let contacts = contacts.collect();
    Some((names, contacts))
}

impl Samples {
    /// Selects the contact that the form names.
    pub fn at(self, fields: &Fields) -> Self {
        let index: usize = fields.get("contact").parse().unwrap_or(0);
        let next = usize::from(fields.get("do") == "contact");
        Self { index: (index.min(CONTACTS) + next).checked_rem(self.contacts.len()).unwrap_or(0), ..self }
    }

    fn contact(&self) -> Option<&(String, Vec<(String, String)>)> {
        self.contacts.get(self.index)
    }

    /// The contact's values for some variables.
    fn fields(&self, variables: &[String]) -> Vec<String> {
        let values = self.contact().map(|(_, values)| values);
        let value = |name: &String| values?.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        variables.iter().map(|name| value(name).unwrap_or_default()).collect()
    }
}

/// The draft's message for the selected contact; the raw text if it cannot be parsed.
pub fn render(visitor: &Visitor, settings: &Settings, samples: &Samples) -> String {
    render_with(&settings.message, &visitor.account.stop_code, &visitor.context.short_url, samples)
}

/// Like `render`, for a message with this STOP code and short domain.
pub fn render_with(message: &Message, stop_code: &str, short_url: &str, samples: &Samples) -> String {
    match Composer::new(message, stop_code, short_url) {
        Ok(composer) => {
            let (mut scratch, mut out) = (Vec::new(), String::new());
            let fields = samples.fields(composer.columns());
            let codes = vec![SAMPLE_CODE; composer.links()];
            composer.write(&Values { fields: &fields, codes: &codes }, &mut scratch, &mut out);
            out
        }
        Err(_) => raw(message, stop_code),
    }
}

fn raw(message: &Message, stop_code: &str) -> String {
    match message.stop {
        true => with_stop(&message.text, stop_code).into_owned(),
        false => message.text.clone(),
    }
}

/// Counter and phone only, for the form that requests them while typing.
pub fn parts(visitor: &Visitor, settings: &Settings, samples: &Samples) -> Response {
    Html(html! { (counter(visitor, settings, samples)) (phone(visitor, settings, samples)) }.into_string())
        .into_response()
}

/// Length, encoding, segments, and what forces Unicode.
pub fn counter(visitor: &Visitor, settings: &Settings, samples: &Samples) -> Markup {
    let text = render(visitor, settings, samples);
    let count = segments::count(&text);
    let mut forced: Vec<char> = Vec::new();
    for one in segments::unicode_because(&settings.message.text) {
        if !forced.contains(&one.character) {
            forced.push(one.character);
        }
    }
    let is_unicode = count.encoding == Encoding::Ucs2;
    html! {
        div.counter #counter data-segments=(count.segments) {
            p {
                strong { (visitor.text_with(words::draft::SEGMENTS, &[count.segments.to_string()])) }
                span { (visitor.text_with(words::draft::CHARACTERS, &[segments::characters(&text).to_string()])) }
                span { (visitor.text_with(words::draft::LEFT, &[count.units_left.to_string()])) }
                span.tag.warn[is_unicode] { (visitor.text(if is_unicode { words::draft::UCS } else { words::draft::GSM })) }
            }
            @if !forced.is_empty() {
                div.note.warn {
                    p { (visitor.text(words::draft::FORCED_BY)) " " @for one in &forced { code { (one) } " " } }
                    button.button.plain.small #replace name="do" value="replace" { (visitor.text(words::draft::REPLACE)) }
                }
            } @else if is_unicode { p.hint { (visitor.text(words::draft::FORCED_BY_VALUE)) } }
        }
    }
}

/// A phone that shows the message. Without a contact the variables are shown as typed.
pub fn phone(visitor: &Visitor, settings: &Settings, samples: &Samples) -> Markup {
    let sender = settings.message.sender.as_deref().unwrap_or(&visitor.account.default_sender);
    let text = match samples.contacts.is_empty() {
        true => raw(&settings.message, &visitor.account.stop_code),
        false => render(visitor, settings, samples),
    };
    html! {
        section.preview #phone aria-label=(visitor.text(words::draft::PREVIEW)) {
            div.phone {
                div.notch aria-hidden="true" {}
                p.from { (sender) }
                p.today { (visitor.text(words::draft::TODAY_AT)) " " (crate::view::format::time(&visitor.zone, visitor.now)) }
                p.bubble { (text) }
            }
            input type="hidden" name="contact" value=(samples.index);
            @if let Some((phone, _)) = samples.contact() {
                p.hint { (visitor.text_with(words::draft::PREVIEW_OF, &[phone])) }
                @if samples.contacts.len() > 1 {
                    button.button.plain.small #other-contact name="do" value="contact" { (visitor.text(words::draft::PREVIEW_OTHER)) }
                }
            } @else { p.hint { (visitor.text(words::draft::PREVIEW_NONE)) } }
        }
    }
}
