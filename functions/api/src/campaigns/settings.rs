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
use serde_json::Value;

use crate::contract::schema::{
    Field, any_text, boolean, field, id, instant, integer, line, list, maybe, object, text, word,
};
use crate::failure::Failure;
use crate::gate::merge;

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

#[derive(Debug, Serialize, Deserialize)]
pub struct SettingsView {
    pub name: String,
    #[serde(default = "marketing")]
    kind: String,
    #[serde(default = "sms")]
    channel: String,
    #[serde(default)]
    proof: bool,
    #[serde(default)]
    pub lists: Vec<ListId>,
    #[serde(default)]
    pub message: MessageView,
    #[serde(default)]
    schedule: ScheduleView,
}

fn marketing() -> String {
    Kind::Marketing.code().into()
}

fn sms() -> String {
    "sms".into()
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub struct MessageView {
    pub template: Option<TemplateId>,
    pub sender: Option<String>,
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    links: Vec<LinkView>,
    #[serde(default)]
    images: Vec<ImageView>,
    #[serde(default)]
    stop: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct LinkView {
    name: String,
    url: String,
    expires_at: Option<Timestamp>,
    fallback_url: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ImageView {
    name: String,
    image: ImageId,
    expires_at: Option<Timestamp>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
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
        kind: kind.code().into(),
        channel: sms(),
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

impl SettingsView {
    /// The settings with a merge patch laid over them.
    pub fn patched(settings: &Settings, patch: &Value) -> Result<Self, Failure> {
        let mut merged = serde_json::to_value(view(settings)).map_err(Failure::Unwritable)?;
        merge(&mut merged, patch);
        serde_json::from_value(merged).map_err(Failure::Unread)
    }

    pub fn settings(self) -> Settings {
        let MessageView { template, sender, text, links, images, stop } = self.message;
        let mut seen = std::collections::HashSet::new();
        Settings {
            name: self.name.trim().to_owned(),
            kind: self.kind.parse().unwrap_or_default(),
            proof: self.proof,
            // A list that is chosen twice is chosen.
            lists: self.lists.into_iter().filter(|id| seen.insert(id.clone())).collect(),
            message: Message {
                template,
                sender: sender.map(|sender| sender.trim().to_owned()).filter(|sender| !sender.is_empty()),
                text,
                links: links.into_iter().map(LinkView::link).collect(),
                images: images.into_iter().map(ImageView::link).collect(),
                stop,
            },
            schedule: Schedule { at: self.schedule.at, pace_per_hour: self.schedule.pace_per_hour },
        }
    }
}

impl LinkView {
    fn link(self) -> ShortLink {
        let Self { name, url, expires_at, fallback_url } = self;
        ShortLink { name: name.trim().into(), url, expires_at, fallback_url }
    }
}

impl ImageView {
    fn link(self) -> ImageLink {
        let Self { name, image, expires_at } = self;
        ImageLink { name: name.trim().into(), image, expires_at }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_changes_what_it_names_and_nothing_else() {
        let settings = Settings { name: "Été".into(), proof: true, ..Settings::default() };
        let patch = json!({
            "message": { "text": "Bonjour", "links": [{ "name": "lien", "url": "https://example.com" }] },
            "schedule": { "at": "2026-12-01T09:00:00", "pace_per_hour": 20_000 },
            "lists": ["lst_00000000000000000001", "lst_00000000000000000001"],
        });
        let once = SettingsView::patched(&settings, &patch).unwrap().settings();
        assert_eq!((once.name.as_str(), once.proof, once.lists.len()), ("Été", true, 1));
        assert_eq!(once.message.links.len(), 1);
        let patch = json!({ "schedule": null, "message": { "links": null }, "kind": "alert" });
        let twice = SettingsView::patched(&once, &patch).unwrap().settings();
        assert_eq!((twice.schedule, twice.kind), (Schedule::default(), Kind::Alert));
        assert_eq!((twice.message.links.len(), twice.message.text.as_str()), (0, "Bonjour"));
    }
}
