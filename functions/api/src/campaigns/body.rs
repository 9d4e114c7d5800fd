//! A draft as requests change it: a merge patch (RFC 7396) in which an absent field stays and null takes away.

use app::Error;
use app::drafts::{DraftChanges, DraftProblem, MessageChanges, ScheduleChanges};
use domain::campaign::{ImageLink, Kind, Message, Schedule, ShortLink};
use domain::ids::{ListId, TemplateId};
use serde::Deserialize;

use super::settings::{ImageView, LinkView};
use crate::gate::{maybe_word, present};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct DraftBody {
    from_campaign: Option<String>,
    name: Option<String>,
    #[serde(deserialize_with = "maybe_word")]
    kind: Option<Kind>,
    proof: Option<bool>,
    #[serde(deserialize_with = "present")]
    lists: Option<Option<Vec<ListId>>>,
    #[serde(deserialize_with = "present")]
    message: Option<Option<MessageBody>>,
    #[serde(deserialize_with = "present")]
    schedule: Option<Option<ScheduleBody>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct MessageBody {
    #[serde(deserialize_with = "present")]
    template: Option<Option<TemplateId>>,
    #[serde(deserialize_with = "present")]
    sender: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    text: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    links: Option<Option<Vec<LinkView>>>,
    #[serde(deserialize_with = "present")]
    images: Option<Option<Vec<ImageView>>>,
    #[serde(deserialize_with = "present")]
    stop: Option<Option<bool>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ScheduleBody {
    #[serde(deserialize_with = "present")]
    at: Option<Option<String>>,
    #[serde(deserialize_with = "present")]
    pace_per_hour: Option<Option<u32>>,
}

impl DraftBody {
    /// What it changes.
    pub fn changes(self) -> Result<DraftChanges, Error> {
        let no_such_campaign = |_| Error::Draft(vec![DraftProblem::NoSuchCampaign]);
        let message = match self.message {
            None => MessageChanges::default(),
            Some(None) => MessageChanges::to(Message::default()),
            Some(Some(message)) => message.changes(),
        };
        let schedule = match self.schedule {
            None => ScheduleChanges::default(),
            Some(None) => ScheduleChanges::to(Schedule::default()),
            Some(Some(schedule)) => ScheduleChanges { at: schedule.at, pace_per_hour: schedule.pace_per_hour },
        };
        Ok(DraftChanges {
            from_campaign: self.from_campaign.map(|id| id.parse()).transpose().map_err(no_such_campaign)?,
            name: self.name,
            kind: self.kind,
            proof: self.proof,
            lists: self.lists.map(Option::unwrap_or_default),
            add_list: None,
            message,
            schedule,
        })
    }
}

impl MessageBody {
    fn changes(self) -> MessageChanges {
        let links = |links: Vec<LinkView>| links.into_iter().map(ShortLink::from).collect();
        let images = |images: Vec<ImageView>| images.into_iter().map(ImageLink::from).collect();
        MessageChanges {
            template: self.template,
            sender: self.sender,
            text: self.text.map(Option::unwrap_or_default),
            links: self.links.map(|given| given.map(links).unwrap_or_default()),
            images: self.images.map(|given| given.map(images).unwrap_or_default()),
            stop: self.stop.map(Option::unwrap_or_default),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn changes(body: serde_json::Value) -> DraftChanges {
        serde_json::from_value::<DraftBody>(body).unwrap().changes().unwrap()
    }

    #[test]
    fn a_patch_changes_what_it_names_and_nothing_else() {
        assert_eq!(changes(json!({})), DraftChanges::default());
        let named = changes(json!({
            "message": { "text": "Bonjour", "links": [{ "name": "lien", "url": "https://example.com" }] },
            "schedule": { "pace_per_hour": 20_000 },
        }));
        assert_eq!(named.message.text.as_deref(), Some("Bonjour"));
        assert_eq!(named.message.links.as_ref().map(Vec::len), Some(1));
        assert_eq!((named.message.sender, named.message.stop), (None, None));
        assert_eq!((named.schedule.at, named.schedule.pace_per_hour), (None, Some(Some(20_000))));
    }

    #[test]
    fn null_takes_away() {
        let nothing = changes(json!({ "lists": null, "message": { "links": null, "sender": null }, "schedule": null }));
        assert_eq!(nothing.lists, Some(vec![]));
        assert_eq!((nothing.message.links, nothing.message.sender), (Some(vec![]), Some(None)));
        assert_eq!(nothing.schedule, ScheduleChanges::to(Schedule::default()));
        assert_eq!(changes(json!({ "message": null })).message, MessageChanges::to(Message::default()));
    }
}
