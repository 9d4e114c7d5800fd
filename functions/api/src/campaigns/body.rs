//! Request bodies for drafts: a merge patch (RFC 7396), in which an absent field stays and null removes it.

use app::drafts::{DraftChanges, MessageChanges, ScheduleChanges};
use domain::campaign::{ImageLink, Message, Schedule, ShortLink};
use domain::ids::CampaignId;
use serde::Deserialize;

use super::settings::{ImageView, LinkView, MessagePatch, SettingsPatch};
use crate::contract::described::Described;
use crate::contract::schema::Schema;

requests! {
    #[derive(Debug)]
    pub struct DraftBody {
        ..settings: SettingsPatch,
        /// Copies every setting of this campaign first
        /// Copie d’abord tous les réglages de cette campagne
        from_campaign?: Option<CampaignId>,
    }
}

/// The same for a new draft, which needs a name.
#[derive(Debug, Deserialize)]
pub struct NewDraft(pub DraftBody);

impl Described for NewDraft {
    type Patch = DraftBody;
    fn schema() -> Schema {
        DraftBody::schema().requiring("name")
    }
}

impl DraftBody {
    /// What it changes.
    pub fn changes(self) -> DraftChanges {
        let SettingsPatch { name, kind, channel: _sms, proof, lists, message, schedule } = self.settings;
        let message = match message {
            None => MessageChanges::default(),
            Some(None) => MessageChanges::to(Message::default()),
            Some(Some(message)) => message.changes(),
        };
        let schedule = match schedule {
            None => ScheduleChanges::default(),
            Some(None) => ScheduleChanges::to(Schedule::default()),
            Some(Some(schedule)) => ScheduleChanges { at: schedule.at, pace_per_hour: schedule.pace_per_hour },
        };
        DraftChanges {
            from_campaign: self.from_campaign.flatten(),
            name,
            kind,
            proof,
            lists: lists.map(Option::unwrap_or_default),
            add_list: None,
            message,
            schedule,
        }
    }
}

impl MessagePatch {
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
        serde_json::from_value::<DraftBody>(body).unwrap().changes()
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
