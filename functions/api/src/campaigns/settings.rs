//! What an author chooses, as the API shows and takes it.

use domain::campaign::{
    ImageLink, Kind, LINKS_MAX, LISTS_MAX, Message, NAME_CHARACTERS_MAX, Schedule, Settings, ShortLink,
    URL_CHARACTERS_MAX,
};
use domain::ids::{ImageId, ListId, TemplateId};
use domain::release::PACE_PER_HOUR;
use domain::template::{MAX_NAME_CHARS, MAX_TEXT_CHARS};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::contract::schema::{
    Field, any_text, boolean, field, id, instant, integer, line, list, maybe, object, text, word,
};

/// The fields of a campaign's settings.
pub fn fields() -> Vec<Field> {
    let name = || {
        line(MAX_NAME_CHARS)
            .such_as("lien")
            .about("`{{name}}` in the text becomes its short URL", "`{{nom}}` dans le texte devient son URL courte")
    };
    let expires_at = |then, alors| maybe("expires_at", instant().or_null().about(then, alors));
    let fallback = text(1, URL_CHARACTERS_MAX)
        .or_null()
        .such_as("https://example.com/fini")
        .about("Where it leads from `expires_at` on", "Où il mène à partir de `expires_at`");
    let link = object([
        field("name", name()),
        field(
            "url",
            text(1, URL_CHARACTERS_MAX).such_as("https://example.com/soldes").about("http or https", "http ou https"),
        ),
        expires_at(
            "From then on it leads to `fallback_url`, or to a page that says so",
            "À partir de là, il mène à `fallback_url`, ou à une page qui le dit",
        ),
        maybe("fallback_url", fallback),
    ]);
    let image = object([
        field("name", name()),
        field("image", id("img_")),
        expires_at("From then on it leads to a page that says so", "À partir de là, il mène à une page qui le dit"),
    ]);
    let message = object([
        maybe(
            "template",
            id("tpl_").or_null().about(
                "Sender and text are copied from it unless given",
                "Expéditeur et texte en sont copiés s’ils ne sont pas donnés",
            ),
        ),
        maybe("sender", text(0, 40).or_null().such_as("MABOUTIQUE")),
        maybe(
            "text",
            text(0, MAX_TEXT_CHARS)
                .or_null()
                .such_as("Bonjour {{prenom|cher client}}, -20% : {{lien}}")
                .about("With variables: `{{prenom|cher client}}`", "Avec des variables : `{{prenom|cher client}}`"),
        ),
        maybe("links", list(link.named("ShortLink"), 0, LINKS_MAX).or_null()),
        maybe("images", list(image.named("ImageLink"), 0, LINKS_MAX).or_null()),
        maybe(
            "stop",
            boolean().or_null().about(
                "Appends the STOP mention if the text lacks it",
                "Ajoute la mention STOP si le texte ne l’a pas",
            ),
        ),
    ]);
    let at = text(1, 40).or_null().such_as("2026-12-01T09:00:00").about(
        "Local to the account's time zone, or with an offset; null is now",
        "À l’heure du compte, ou avec un décalage ; null : maintenant",
    );
    let pace = integer(i64::from(*PACE_PER_HOUR.start()), i64::from(*PACE_PER_HOUR.end())).or_null();
    let schedule = object([
        maybe("at", at),
        maybe("pace_per_hour", pace.about("SMS per hour; null is unlimited", "SMS par heure ; null : sans limite")),
    ]);
    vec![
        field("name", line(NAME_CHARACTERS_MAX).such_as("Soldes d’hiver")),
        maybe(
            "kind",
            word(Kind::ALL.map(Kind::code)).about(
                "marketing needs the STOP mention and obeys the legal window",
                "marketing exige la mention STOP et respecte la fenêtre légale",
            ),
        ),
        maybe("channel", word(["sms"])),
        maybe(
            "proof",
            boolean().about("« BAT »: a small run before the real one", "BAT : un petit envoi avant le vrai"),
        ),
        maybe("lists", list(id("lst_"), 0, LISTS_MAX).or_null()),
        maybe("message", message.named("Message").or_null()),
        maybe("schedule", schedule.named("Schedule").or_null()),
    ]
}

/// Fields of a request only.
pub fn from_campaign() -> Field {
    maybe(
        "from_campaign",
        id("cmp_")
            .or_null()
            .about("Copies every setting of this campaign first", "Copie d’abord tous les réglages de cette campagne"),
    )
}

#[derive(Debug, Serialize)]
pub struct SettingsView {
    name: String,
    kind: &'static str,
    channel: &'static str,
    proof: bool,
    lists: Vec<ListId>,
    message: MessageView,
    schedule: ScheduleView,
}

#[derive(Debug, Serialize)]
struct MessageView {
    template: Option<TemplateId>,
    sender: Option<String>,
    text: String,
    links: Vec<LinkView>,
    images: Vec<ImageView>,
    stop: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct LinkView {
    name: String,
    url: String,
    expires_at: Option<Timestamp>,
    fallback_url: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct ImageView {
    name: String,
    image: ImageId,
    expires_at: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
struct ScheduleView {
    at: Option<String>,
    pace_per_hour: Option<u32>,
}

/// Taken apart field by field: one that is added and not shown here must not compile.
pub fn view(s: &Settings) -> SettingsView {
    let Settings { name, kind, proof, lists, message, schedule } = s.clone();
    let Message { template, sender, text, links, images, stop } = message;
    let Schedule { at, pace_per_hour } = schedule;
    let link = |ShortLink { name, url, expires_at, fallback_url }| LinkView { name, url, expires_at, fallback_url };
    let image = |ImageLink { name, image, expires_at }| ImageView { name, image, expires_at };
    SettingsView {
        name,
        kind: kind.code(),
        channel: "sms",
        proof,
        lists,
        message: MessageView {
            template,
            sender,
            text,
            links: links.into_iter().map(link).collect(),
            images: images.into_iter().map(image).collect(),
            stop,
        },
        schedule: ScheduleView { at, pace_per_hour },
    }
}

impl From<LinkView> for ShortLink {
    fn from(link: LinkView) -> Self {
        let LinkView { name, url, expires_at, fallback_url } = link;
        Self { name, url, expires_at, fallback_url }
    }
}

impl From<ImageView> for ImageLink {
    fn from(link: ImageView) -> Self {
        let ImageView { name, image, expires_at } = link;
        Self { name, image, expires_at }
    }
}

/// The fields of settings in an answer: every one is there.
pub fn answered_fields() -> Vec<Field> {
    let mut fields = fields();
    for field in &mut fields {
        field.is_required = true;
    }
    fields.push(field("author", any_text()));
    fields
}
