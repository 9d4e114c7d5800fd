//! Composes each recipient's message: text, STOP mention, variables, links.

use super::campaign::Message;
use super::links::CODE_CHARACTERS;
use super::segments::{self, Count};
use super::stop_mention::with_stop;
use super::template::{Template, TemplateProblem, variable_name};

/// Most segments of one message; operators reassemble longer ones unreliably.
pub const SEGMENTS_MAX: u32 = 10;

/// The source of a variable's value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    /// Column of the audience file, not counting the phone column.
    Column(usize),
    /// Link of the message; short links come before images.
    Link(usize),
}

/// A message whose variables are resolved to columns and links.
#[derive(Debug, Clone)]
pub struct Composer {
    template: Template,
    /// One for each variable of the template.
    sources: Vec<Source>,
    columns: Vec<String>,
    /// The URL before the code, such as `https://short.example/`.
    link_base: String,
    links: usize,
}

/// The values of one recipient's message.
pub struct Values<'a> {
    /// Fields in the order of [`Composer::columns`].
    pub fields: &'a [String],
    /// Codes of the links, in the order of the message.
    pub codes: &'a [[u8; CODE_CHARACTERS]],
}

impl Composer {
    /// `short_url` is the address of the short domain, with or without its final slash.
    pub fn new(message: &Message, stop_code: &str, short_url: &str) -> Result<Self, TemplateProblem> {
        let text = match message.stop {
            true => with_stop(&message.text, stop_code),
            false => message.text.as_str().into(),
        };
        let template = Template::parse(&text)?;
        let names = message.links.iter().map(|link| &link.name).chain(message.images.iter().map(|image| &image.name));
        let names: Vec<_> = names.map(|name| variable_name(name)).collect();
        let mut columns = Vec::new();
        let mut source = |variable: &String| match names.iter().position(|name| name == variable) {
            Some(link) => Source::Link(link),
            None => {
                columns.push(variable.clone());
                Source::Column(columns.len() - 1)
            }
        };
        let sources = template.variables().iter().map(&mut source).collect();
        let link_base = format!("{}/", short_url.trim_end_matches('/'));
        Ok(Self { template, sources, columns, link_base, links: names.len() })
    }

    /// Variables whose values come from the lists: the columns of the audience file.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Number of links, short links and images; each message has one code per link.
    pub fn links(&self) -> usize {
        self.links
    }

    /// Whether the text uses a link. Unused links need no number range.
    pub fn uses_link(&self, link: usize) -> bool {
        self.sources.contains(&Source::Link(link))
    }

    /// Writes one recipient's message to `out`, which is cleared first. `scratch` is a buffer for the URLs.
    pub fn write(&self, values: &Values<'_>, scratch: &mut Vec<String>, out: &mut String) {
        out.clear();
        scratch.resize(self.links, String::new());
        for (url, code) in scratch.iter_mut().zip(values.codes) {
            url.clear();
            url.push_str(&self.link_base);
            url.extend(code.iter().map(|byte| char::from(*byte)));
        }
        let scratch = &*scratch;
        let value = |variable: usize, _: &str| match self.sources.get(variable)? {
            Source::Column(column) => values.fields.get(*column).map(String::as_str),
            Source::Link(link) => scratch.get(*link).map(String::as_str),
        };
        self.template.render(value, out);
    }

    /// Counts the segments of a composed message.
    pub fn count(text: &str) -> Count {
        segments::count(text)
    }
}

/// A placeholder of the same length as any code, used when counting.
pub const SAMPLE_CODE: [u8; CODE_CHARACTERS] = [b'0'; CODE_CHARACTERS];

#[cfg(test)]
mod tests {
    use super::super::campaign::ShortLink;
    use super::*;

    fn message(text: &str) -> Message {
        let url = "https://example.com".into();
        let link = ShortLink { name: "lien".into(), url, expires_at: None, fallback_url: None };
        Message { text: text.into(), links: vec![link], stop: true, ..Message::default() }
    }

    fn written(composer: &Composer, fields: &[&str]) -> String {
        let (mut out, mut scratch) = (String::from("old"), Vec::new());
        let fields: Vec<_> = fields.iter().map(|field| (*field).to_owned()).collect();
        composer.write(&Values { fields: &fields, codes: &[*b"abcd1234"] }, &mut scratch, &mut out);
        out
    }

    #[test]
    fn a_message_contains_its_fields_links_and_stop_mention() {
        let message = message("Bonjour {{Prénom|cher client}} : {{lien}}");
        let composer = Composer::new(&message, "36105", "https://s.example").unwrap();
        assert_eq!(composer.columns(), ["prenom"]);
        assert_eq!(written(&composer, &["Anna"]), "Bonjour Anna : https://s.example/abcd1234 STOP au 36105");
        assert_eq!(written(&composer, &[""]), "Bonjour cher client : https://s.example/abcd1234 STOP au 36105");
    }

    #[test]
    fn the_stop_mention_is_added_only_when_requested() {
        let message = Message { stop: false, ..message("Code 1234") };
        let composer = Composer::new(&message, "36105", "https://s.example/").unwrap();
        assert_eq!(written(&composer, &[]), "Code 1234");
        assert!(!composer.uses_link(0));
    }
}
