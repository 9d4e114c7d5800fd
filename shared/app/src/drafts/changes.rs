//! Changes of a draft's settings, field by field: `None` leaves a field unchanged.

use std::collections::HashSet;

use domain::account::{Account, MessageTemplate};
use domain::campaign::{ImageLink, Kind, LISTS_MAX, Message, Schedule, Settings, ShortLink};
use domain::ids::{CampaignId, ListId, TemplateId};

use super::problems;
use super::{OnInvalid, reusable};
use crate::context::Context;
use crate::error::{DraftProblem, Error};

/// Changes of a draft's settings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DraftChanges {
    /// « Charger avec les paramètres d’une campagne précédente »: copies every setting of this campaign first. A draft
    /// that has a name keeps it.
    pub from_campaign: Option<CampaignId>,
    pub name: Option<String>,
    pub kind: Option<Kind>,
    pub proof: Option<bool>,
    pub lists: Option<Vec<ListId>>,
    /// Added after the present lists.
    pub add_list: Option<ListId>,
    pub message: MessageChanges,
    pub schedule: ScheduleChanges,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct MessageChanges {
    /// Sender and text are copied from it unless given.
    pub template: Option<Option<TemplateId>>,
    pub sender: Option<Option<String>>,
    pub text: Option<String>,
    pub links: Option<Vec<ShortLink>>,
    pub images: Option<Vec<ImageLink>>,
    pub stop: Option<bool>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScheduleChanges {
    pub at: Option<Option<String>>,
    pub pace_per_hour: Option<Option<u32>>,
}

impl MessageChanges {
    /// Every field, as in this message. The template is only a note: nothing is copied from it.
    pub fn to(message: Message) -> Self {
        let Message { template, sender, text, links, images, stop } = message;
        Self {
            template: Some(template),
            sender: Some(sender),
            text: Some(text),
            links: Some(links),
            images: Some(images),
            stop: Some(stop),
        }
    }

    fn apply(&self, message: &mut Message) {
        let Self { template, sender, text, links, images, stop } = self.clone();
        replace(&mut message.template, template);
        replace(&mut message.sender, sender.map(tidy_sender));
        replace(&mut message.text, text);
        replace(&mut message.links, links.map(|links| links.into_iter().map(tidy_link).collect()));
        replace(&mut message.images, images.map(|images| images.into_iter().map(tidy_image).collect()));
        replace(&mut message.stop, stop);
    }
}

impl ScheduleChanges {
    /// Every field, as in this schedule.
    pub fn to(schedule: Schedule) -> Self {
        Self { at: Some(schedule.at), pace_per_hour: Some(schedule.pace_per_hour) }
    }
}

impl DraftChanges {
    /// The settings with these changes, for an existing or a new draft.
    pub(super) async fn apply(
        &self,
        context: &Context,
        account: &Account,
        present: Option<&Settings>,
        faulty: OnInvalid,
    ) -> Result<Settings, Error> {
        let mut problems = Vec::new();
        let mut settings = present.cloned().unwrap_or_default();
        if let Some(id) = &self.from_campaign {
            match context.store.campaign(id).await? {
                Some(from) => {
                    let name = Some(settings.name).filter(|name| !name.is_empty());
                    settings = reusable(context, account, &from);
                    replace(&mut settings.name, name);
                }
                None => problems.push(DraftProblem::NoSuchCampaign),
            }
        }
        self.copy_template(context, &mut settings.message, faulty, &mut problems).await?;
        self.apply_fields(&mut settings);
        if faulty == OnInvalid::Keep {
            return Ok(settings);
        }
        problems.extend(self.problems(context, present, &settings).await?);
        problems.extend(problems::never_right(&settings, &account.zone()));
        if problems.is_empty() { Ok(settings) } else { Err(Error::Draft(problems)) }
    }

    fn apply_fields(&self, settings: &mut Settings) {
        replace(&mut settings.name, self.name.as_ref().map(|name| name.trim().to_owned()));
        replace(&mut settings.kind, self.kind);
        replace(&mut settings.proof, self.proof);
        self.apply_lists(&mut settings.lists);
        self.message.apply(&mut settings.message);
        replace(&mut settings.schedule.at, self.schedule.at.clone());
        replace(&mut settings.schedule.pace_per_hour, self.schedule.pace_per_hour);
    }

    /// Whether settings are as these changes would make them.
    pub fn are_in(&self, settings: &Settings) -> bool {
        let mut changed = settings.clone();
        self.apply_fields(&mut changed);
        self.from_campaign.is_none() && changed == *settings
    }

    /// A list that is chosen twice is chosen once.
    fn apply_lists(&self, lists: &mut Vec<ListId>) {
        replace(lists, self.lists.clone());
        lists.extend(self.add_list.clone());
        let mut seen = HashSet::new();
        lists.retain(|id| seen.insert(id.clone()));
        lists.truncate(LISTS_MAX);
    }

    async fn copy_template(
        &self,
        context: &Context,
        message: &mut Message,
        faulty: OnInvalid,
        problems: &mut Vec<DraftProblem>,
    ) -> Result<(), Error> {
        let changes = &self.message;
        let is_whole = changes.text.is_some() && changes.sender.is_some();
        if let (Some(Some(id)), true) = (&changes.template, faulty == OnInvalid::Refuse || !is_whole) {
            match context.store.template(id).await? {
                Some(template) => apply_template(message, &template),
                None => problems.push(DraftProblem::NoSuchTemplate),
            }
        }
        Ok(())
    }

    /// Problems of what the changes refer to: lists, images.
    async fn problems(
        &self,
        context: &Context,
        present: Option<&Settings>,
        settings: &Settings,
    ) -> Result<Vec<DraftProblem>, Error> {
        let mut problems = Vec::new();
        if self.lists.is_some() {
            problems.extend(problems::lists(context, present, settings).await?);
        }
        if self.message.images.is_some() {
            problems.extend(problems::images(context, &settings.message).await?);
        }
        Ok(problems)
    }

    /// Whether a field that these changes set differs between `now` and `seen`.
    pub(super) fn touches_what_differs(&self, seen: &Settings, now: &Settings) -> bool {
        let loads = self.from_campaign.is_some();
        let is_general = loads || self.name.is_some() || self.kind.is_some() || self.proof.is_some();
        let is_lists = loads || self.lists.is_some();
        let is_message = loads || self.message != MessageChanges::default();
        let is_schedule = loads || self.schedule != ScheduleChanges::default();
        let general = |of: &Settings| (of.name.clone(), of.kind, of.proof);
        is_general && general(seen) != general(now)
            || is_lists && seen.lists != now.lists
            || is_message && seen.message != now.message
            || is_schedule && seen.schedule != now.schedule
    }
}

/// Text and sender of a template; the message keeps its sender if the template has none.
pub fn apply_template(message: &mut Message, template: &MessageTemplate) {
    message.template = Some(template.id.clone());
    message.text.clone_from(&template.text);
    if template.sender.is_some() {
        message.sender.clone_from(&template.sender);
    }
}

/// Names of the fields that differ, as in the API.
pub(super) fn names(before: &Settings, after: &Settings) -> String {
    let fields = [
        ("name", before.name != after.name),
        ("kind", before.kind != after.kind),
        ("proof", before.proof != after.proof),
        ("lists", before.lists != after.lists),
        ("message", before.message != after.message),
        ("schedule", before.schedule != after.schedule),
    ];
    fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect::<Vec<_>>().join(", ")
}

fn replace<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

fn tidy_sender(sender: Option<String>) -> Option<String> {
    sender.map(|sender| sender.trim().to_owned()).filter(|sender| !sender.is_empty())
}

fn tidy_link(link: ShortLink) -> ShortLink {
    ShortLink { name: link.name.trim().to_owned(), ..link }
}

fn tidy_image(image: ImageLink) -> ImageLink {
    ImageLink { name: image.name.trim().to_owned(), ..image }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(number: u8) -> ListId {
        format!("lst_0000000000000000000{number}").parse().unwrap()
    }

    #[test]
    fn a_list_is_chosen_once_and_stands_where_it_stood() {
        let mut lists = vec![list(1), list(2)];
        DraftChanges { add_list: Some(list(1)), ..DraftChanges::default() }.apply_lists(&mut lists);
        assert_eq!(lists, [list(1), list(2)]);
        DraftChanges { lists: Some(vec![list(3), list(3)]), ..DraftChanges::default() }.apply_lists(&mut lists);
        assert_eq!(lists, [list(3)]);
    }

    #[test]
    fn only_what_is_changed_must_stand_as_it_was_seen() {
        let seen = Settings { name: "Été".into(), ..Settings::default() };
        let renamed = Settings { name: "Hiver".into(), ..seen.clone() };
        let lists = DraftChanges { lists: Some(vec![list(1)]), ..DraftChanges::default() };
        let name = DraftChanges { name: Some("Automne".into()), ..DraftChanges::default() };
        let load = DraftChanges {
            from_campaign: Some("cmp_00000000000000000001".parse().unwrap()),
            ..DraftChanges::default()
        };
        assert!(!lists.touches_what_differs(&seen, &renamed));
        assert!(name.touches_what_differs(&seen, &renamed));
        assert!(load.touches_what_differs(&seen, &Settings { lists: vec![list(1)], ..seen.clone() }));
        assert!(!load.touches_what_differs(&seen, &seen));
    }

    #[test]
    fn fields_that_differ_are_named_as_the_api_names_them() {
        let before = Settings { name: "Été".into(), ..Settings::default() };
        let after = Settings { lists: vec![list(1)], proof: true, ..before.clone() };
        assert_eq!(names(&before, &after), "proof, lists");
        assert_eq!(names(&before, &before), "");
    }
}
