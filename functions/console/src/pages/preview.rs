//! How a message looks and counts with a real contact's values.

use maud::{Markup, html};
use shared::contacts::{ListHeader, Rows};
use shared::domain::campaign::{Message, Settings};
use shared::domain::compose::{Composer, SAMPLE_CODE, Values};
use shared::domain::ids::ListId;
use shared::domain::list::Status;
use shared::domain::segments::{self, Encoding};
use shared::domain::stop_mention::with_stop;
use shared::domain::template::variable_name;
use shared::files::FileKey;

use crate::gate::Visitor;
use crate::words::draft as d;

/// Contacts that lend their values, and how much of a list's file is read for them.
const CONTACTS: usize = 5;
const HEAD_OCTETS: u64 = 64 * 1024;

/// Columns of the chosen lists as variables, and some contacts.
#[derive(Debug, Default)]
pub struct Samples {
    pub columns: Vec<String>,
    /// Phone, and values by variable.
    pub contacts: Vec<(String, Vec<(String, String)>)>,
}

/// The short URL that counting puts in place of each message's own.
pub fn short(base: &str) -> String {
    format!("{}/{}", base.trim_end_matches('/'), SAMPLE_CODE.map(char::from).iter().collect::<String>())
}

/// Reads the heads of the chosen lists; a list that cannot be read lends nothing.
pub async fn samples(v: &Visitor, lists: &[ListId]) -> Samples {
    let mut samples = Samples::default();
    for id in lists {
        let Ok(Some(list)) = v.store.list(id).await else { continue };
        if list.status != Status::Ready {
            continue;
        }
        let key = FileKey::Contacts { account: list.account, list: list.id, generation: list.generation };
        let Ok(head) = v.app.files.get_range(&key, 0, HEAD_OCTETS).await else { continue };
        let Ok(Some((header, begin))) = ListHeader::parse(&head) else { continue };
        let names: Vec<_> = header.columns().iter().map(|name| variable_name(name)).collect();
        for name in names.iter().filter(|name| !name.is_empty()) {
            if !samples.columns.contains(name) {
                samples.columns.push(name.clone());
            }
        }
        let rows = Rows::new(head.get(begin..).unwrap_or_default(), begin as u64).flatten();
        let wanted = CONTACTS.saturating_sub(samples.contacts.len());
        samples.contacts.extend(rows.take(wanted).map(|row| {
            let fields = row.fields().map(|field| field.into_owned());
            (row.phone.to_string(), names.iter().cloned().zip(fields).collect())
        }));
    }
    samples
}

impl Samples {
    /// The values of one contact for some variables.
    fn fields(&self, place: usize, variables: &[String]) -> Vec<String> {
        let contact = self.contacts.get(place).map(|(_, values)| values);
        let value = |name: &String| contact?.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        variables.iter().map(|name| value(name).unwrap_or_default()).collect()
    }

    /// What the script counts and previews with.
    pub fn json(&self, short_url: &str, message: &Message) -> String {
        let links = message.links.iter().map(|link| &link.name).chain(message.images.iter().map(|link| &link.name));
        let link = short(short_url);
        let links: serde_json::Map<_, _> = links.map(|name| (name.clone(), link.clone().into())).collect();
        let contacts: Vec<_> = self
            .contacts
            .iter()
            .map(|(phone, values)| {
                let values: serde_json::Map<_, _> =
                    values.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
                serde_json::json!({ "phone": phone, "values": values })
            })
            .collect();
        serde_json::json!({ "links": links, "contacts": contacts }).to_string()
    }
}

/// The message of the first contact; the raw text when it cannot be read.
pub fn render(v: &Visitor, settings: &Settings, samples: &Samples) -> String {
    let message = &settings.message;
    match Composer::new(message, &v.account.stop_code, &v.app.short_url) {
        Ok(composer) => {
            let (mut scratch, mut out) = (Vec::new(), String::new());
            let fields = samples.fields(0, composer.columns());
            let codes = vec![SAMPLE_CODE; composer.links()];
            composer.write(&Values { fields: &fields, codes: &codes }, &mut scratch, &mut out);
            out
        }
        Err(_) if message.stop => with_stop(&message.text, &v.account.stop_code).into_owned(),
        Err(_) => message.text.clone(),
    }
}

/// Length, encoding, segments, and what forces Unicode.
pub fn counter(v: &Visitor, settings: &Settings, samples: &Samples) -> Markup {
    let text = render(v, settings, samples);
    let count = segments::count(&text);
    let forced: Vec<char> = segments::unicode_because(&settings.message.text).iter().map(|one| one.character).collect();
    html! {
        div.counter #counter data-characters=(v.t(d::CHARACTERS)) data-segments=(v.t(d::SEGMENTS))
            data-left=(v.t(d::LEFT)) data-gsm=(v.t(d::GSM)) data-ucs=(v.t(d::UCS)) {
            p aria-live="polite" {
                strong data-count="segments" { (v.tf(d::SEGMENTS, &[count.segments.to_string()])) }
                span data-count="characters" { (v.tf(d::CHARACTERS, &[segments::characters(&text).to_string()])) }
                span data-count="left" { (v.tf(d::LEFT, &[count.units_left.to_string()])) }
                span data-count="encoding" {
                    @match count.encoding { Encoding::Gsm7 => (v.t(d::GSM)), Encoding::Ucs2 => (v.t(d::UCS)) }
                }
            }
            div.note.warn data-forced hidden[forced.is_empty()] {
                p { (v.t(d::FORCED_BY)) " " span data-forced-list { @for one in &forced { code { (one) } " " } } }
                button.button.plain.small name="do" value="replace" data-replace { (v.t(d::REPLACE)) }
            }
        }
    }
}

/// A phone that shows the message.
pub fn phone(v: &Visitor, settings: &Settings, samples: &Samples) -> Markup {
    let sender = settings.message.sender.as_deref().unwrap_or(&v.account.default_sender);
    html! {
        section.preview aria-label=(v.t(d::PREVIEW)) {
            div.phone {
                div.notch aria-hidden="true" {}
                p.from data-preview-sender data-default=(v.account.default_sender) { (sender) }
                p.today { (v.t(d::TODAY_AT)) " " (crate::view::format::time(&v.zone, v.now)) }
                p.bubble data-preview { (render(v, settings, samples)) }
            }
            @match samples.contacts.first() {
                Some((phone, _)) => {
                    p.hint { span data-preview-of=(v.t(d::PREVIEW_OF)) { (v.tf(d::PREVIEW_OF, &[phone])) } }
                    @if samples.contacts.len() > 1 {
                        button.button.plain.small type="button" data-preview-next { (v.t(d::PREVIEW_OTHER)) }
                    }
                },
                None => p.hint { (v.t(d::PREVIEW_NONE)) },
            }
        }
    }
}
