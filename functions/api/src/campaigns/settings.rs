//! The settings of a campaign in requests and responses.

use domain::campaign::{
    ImageLink, Kind, LINKS_MAX, LISTS_MAX, Message, NAME_CHARACTERS_MAX, Schedule, Settings, ShortLink,
    URL_CHARACTERS_MAX,
};
use domain::ids::{ImageId, ListId, TemplateId};
use domain::release::PACE_PER_HOUR;
use domain::template::{MAX_NAME_CHARS, MAX_TEXT_CHARS};
use jiff::Timestamp;

use crate::contract::schema::{Schema, integer, line, list, text, word};

answers! {
    #[derive(Debug)]
    pub struct SettingsView, patch SettingsPatch {
        pub name: String = line(NAME_CHARACTERS_MAX).such_as("Soldes d’hiver"),
        /// marketing needs the STOP mention and obeys the legal window
        /// marketing exige la mention STOP et respecte la fenêtre légale
        pub kind: Kind,
        pub channel: String = word(["sms"]),
        /// « BAT »: a small run before the real one
        /// BAT : un petit envoi avant le vrai
        pub proof: bool,
        pub lists: Vec<ListId> | null = list(ListId::schema(), 0, LISTS_MAX),
        pub message: MessageView | null,
        pub schedule: ScheduleView | null,
    }

    #[derive(Debug)]
    pub struct MessageView as "Message", patch MessagePatch {
        /// Sender and text are copied from it unless given
        /// Expéditeur et texte en sont copiés s’ils ne sont pas donnés
        pub template: Option<TemplateId>,
        pub sender: Option<String> = text(0, 40).such_as("MABOUTIQUE"),
        /// With variables: `{{prenom|cher client}}`
        /// Avec des variables : `{{prenom|cher client}}`
        pub text: String | null =
            text(0, MAX_TEXT_CHARS).such_as("Bonjour {{prenom|cher client}}, -20% : {{lien}}"),
        pub links: Vec<LinkView> | null = list(LinkView::schema(), 0, LINKS_MAX),
        pub images: Vec<ImageView> | null = list(ImageView::schema(), 0, LINKS_MAX),
        /// Appends the STOP mention if the text lacks it
        /// Ajoute la mention STOP si le texte ne l’a pas
        pub stop: bool | null,
    }
}

shape! {
    #[derive(Debug)]
    pub struct LinkView as "ShortLink" {
        /// `{{name}}` in the text becomes its short URL
        /// `{{nom}}` dans le texte devient son URL courte
        name: String = line(MAX_NAME_CHARS).such_as("lien"),
        /// http or https
        /// http ou https
        url: String = text(1, URL_CHARACTERS_MAX).such_as("https://example.com/soldes"),
        /// From then on it leads to `fallback_url`, or to a page that says so
        /// À partir de là, il mène à `fallback_url`, ou à une page qui le dit
        expires_at?: Option<Timestamp>,
        /// Where it leads from `expires_at` on
        /// Où il mène à partir de `expires_at`
        fallback_url?: Option<String> = text(1, URL_CHARACTERS_MAX).such_as("https://example.com/fini"),
    }
}

shape! {
    #[derive(Debug)]
    pub struct ImageView as "ImageLink" {
        /// `{{name}}` in the text becomes its short URL
        /// `{{nom}}` dans le texte devient son URL courte
        name: String = line(MAX_NAME_CHARS).such_as("lien"),
        image: ImageId,
        /// From then on it leads to a page that says so
        /// À partir de là, il mène à une page qui le dit
        expires_at?: Option<Timestamp>,
    }
}

answers! {
    #[derive(Debug)]
    pub struct ScheduleView as "Schedule", patch SchedulePatch {
        /// Local to the account's time zone, or with an offset; null is now
        /// À l’heure du compte, ou avec un décalage ; null : maintenant
        pub at: Option<String> = text(1, 40).such_as("2026-12-01T09:00:00"),
        /// SMS per hour; null is unlimited
        /// SMS par heure ; null : sans limite
        pub pace_per_hour: Option<u32> = pace(),
    }
}

/// A pace, in SMS per hour.
pub fn pace() -> Schema {
    integer(i64::from(*PACE_PER_HOUR.start()), i64::from(*PACE_PER_HOUR.end()))
}

/// Destructured, so that a new field does not compile until it is shown here.
pub fn view(s: &Settings) -> SettingsView {
    let Settings { name, kind, proof, lists, message, schedule } = s.clone();
    let Message { template, sender, text, links, images, stop } = message;
    let Schedule { at, pace_per_hour } = schedule;
    let link = |ShortLink { name, url, expires_at, fallback_url }| LinkView {
        name,
        url,
        expires_at: Some(expires_at),
        fallback_url: Some(fallback_url),
    };
    let image = |ImageLink { name, image, expires_at }| ImageView { name, image, expires_at: Some(expires_at) };
    SettingsView {
        name,
        kind,
        channel: "sms".to_owned(),
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
        Self { name, url, expires_at: expires_at.flatten(), fallback_url: fallback_url.flatten() }
    }
}

impl From<ImageView> for ImageLink {
    fn from(link: ImageView) -> Self {
        let ImageView { name, image, expires_at } = link;
        Self { name, image, expires_at: expires_at.flatten() }
    }
}
