//! The schema of a JSON value, with its limits, for requests and responses.

use std::mem::discriminant;

use serde_json::Value;
use web::Language;

/// A text of the document in both languages; one without the other does not compile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Localized {
    pub english: &'static str,
    pub french: &'static str,
}

impl Localized {
    pub fn of(self, language: Language) -> &'static str {
        match language {
            Language::English => self.english,
            Language::French => self.french,
        }
    }
}

/// The format of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Any text; line ends and tabs too.
    Free,
    /// One line: no control characters, not only spaces.
    Line,
    /// RFC 3339, UTC.
    Instant,
    /// E.164: `+33612345678`.
    Phone,
    /// A prefix, then 20 characters.
    Id(&'static str),
    Uri,
}

#[derive(Debug, Clone)]
pub enum Type {
    /// Length in characters.
    Text {
        min: usize,
        max: usize,
        format: Format,
    },
    /// One of these words.
    Word(Vec<&'static str>),
    Integer {
        min: i64,
        max: i64,
    },
    Number {
        min: f64,
        max: f64,
    },
    Boolean,
    List {
        items: Box<Schema>,
        min: usize,
        max: usize,
    },
    Object(Vec<Field>),
    /// Keys of any name.
    Map(Box<Schema>),
    OneOf(Vec<Schema>),
}

#[derive(Debug, Clone)]
pub struct Field {
    pub name: &'static str,
    pub is_required: bool,
    pub schema: Schema,
}

#[derive(Debug, Clone)]
pub struct Schema {
    pub of: Type,
    pub is_nullable: bool,
    /// Named schemas stand once in the document, under this name.
    pub name: Option<&'static str>,
    pub about: Localized,
    /// A realistic example; generated from the type if there is none.
    pub example: Option<Value>,
}

impl From<Type> for Schema {
    fn from(of: Type) -> Self {
        Self { of, is_nullable: false, name: None, about: Localized::default(), example: None }
    }
}

impl Schema {
    /// Sets the description for the document.
    #[must_use]
    pub fn about(self, english: &'static str, french: &'static str) -> Self {
        // Lines of a doc comment begin with a space.
        Self { about: Localized { english: english.trim_start(), french: french.trim_start() }, ..self }
    }

    /// Sets the example for the document.
    #[must_use]
    pub fn such_as(self, example: impl Into<Value>) -> Self {
        Self { example: Some(example.into()), ..self }
    }

    #[must_use]
    pub fn or_null(self) -> Self {
        Self { is_nullable: true, ..self }
    }

    #[must_use]
    pub fn named(self, name: &'static str) -> Self {
        Self { name: Some(name), ..self }
    }

    /// The same object with more fields.
    #[must_use]
    pub fn with(mut self, more: impl IntoIterator<Item = Field>) -> Self {
        if let Type::Object(fields) = &mut self.of {
            fields.extend(more);
        }
        Self { name: None, example: None, ..self }
    }

    /// The same object with one more field, which must be there.
    #[must_use]
    pub fn field(self, name: &'static str, schema: Self) -> Self {
        self.with([field(name, schema)])
    }

    /// The same object with one more field, which may be absent.
    #[must_use]
    pub fn maybe(self, name: &'static str, schema: Self) -> Self {
        self.with([maybe(name, schema)])
    }

    /// The same object where one field must be there.
    #[must_use]
    pub fn requiring(mut self, name: &str) -> Self {
        if let Type::Object(fields) = &mut self.of {
            fields.iter_mut().filter(|field| field.name == name).for_each(|field| field.is_required = true);
        }
        self
    }

    /// The fields of an object.
    pub fn fields(self) -> Vec<Field> {
        match self.of {
            Type::Object(fields) => fields,
            _ => Vec::new(),
        }
    }

    /// Whether values of the other schema are of the same kind.
    pub fn holds(&self, other: &Self) -> bool {
        let is_text = |of: &Type| matches!(of, Type::Text { .. } | Type::Word(_));
        discriminant(&self.of) == discriminant(&other.of) || (is_text(&self.of) && is_text(&other.of))
    }
}

pub fn text(min: usize, max: usize) -> Schema {
    Type::Text { min, max, format: Format::Free }.into()
}

/// One line of text that is not blank.
pub fn line(max: usize) -> Schema {
    Type::Text { min: 1, max, format: Format::Line }.into()
}

/// A text in a response, without limits.
pub fn any_text() -> Schema {
    text(0, 100_000)
}

pub fn instant() -> Schema {
    Type::Text { min: 1, max: 40, format: Format::Instant }.into()
}

pub fn phone() -> Schema {
    Type::Text { min: 1, max: 16, format: Format::Phone }.into()
}

pub fn id(prefix: &'static str) -> Schema {
    Type::Text { min: 1, max: 24, format: Format::Id(prefix) }.into()
}

pub fn uri() -> Schema {
    Type::Text { min: 1, max: 8_192, format: Format::Uri }.into()
}

pub fn word(words: impl IntoIterator<Item = &'static str>) -> Schema {
    Type::Word(words.into_iter().collect()).into()
}

pub fn integer(min: i64, max: i64) -> Schema {
    Type::Integer { min, max }.into()
}

/// Zero or more of something.
pub fn count() -> Schema {
    integer(0, i64::MAX)
}

/// From nothing to all.
pub fn share() -> Schema {
    Type::Number { min: 0.0, max: 1.0 }.into()
}

pub fn number() -> Schema {
    Type::Number { min: f64::MIN, max: f64::MAX }.into()
}

pub fn boolean() -> Schema {
    Type::Boolean.into()
}

pub fn list(items: Schema, min: usize, max: usize) -> Schema {
    Type::List { items: Box::new(items), min, max }.into()
}

/// Items of a list in a response, without a limit.
pub const ALL_MAX: usize = 1_000_000;

/// A list in an answer.
pub fn all(items: Schema) -> Schema {
    list(items, 0, ALL_MAX)
}

pub fn object(fields: impl IntoIterator<Item = Field>) -> Schema {
    Type::Object(fields.into_iter().collect()).into()
}

pub fn map(values: Schema) -> Schema {
    Type::Map(Box::new(values)).into()
}

pub fn one_of(schemas: impl IntoIterator<Item = Schema>) -> Schema {
    Type::OneOf(schemas.into_iter().collect()).into()
}

/// A field that must be there.
pub fn field(name: &'static str, schema: Schema) -> Field {
    Field { name: name.trim_start_matches("r#"), is_required: true, schema }
}

/// A field that may be absent.
pub fn maybe(name: &'static str, schema: Schema) -> Field {
    Field { is_required: false, ..field(name, schema) }
}
