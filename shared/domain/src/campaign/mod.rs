//! A campaign and its life: message, recipients, schedule, and the commands that change its status.

mod fixed;
mod limits;
mod progress;

use crate::announcement::{Moment, Outbox};
use crate::credits::Credits;
use crate::ids::{AccountId, CampaignId, ImageId, ListId, TemplateId};
use crate::outcome::Outcome;
use crate::release::{Pacing, Run};
use crate::tally::Tally;

pub use crate::status::{Command, InvalidTransition, Kind, PauseReason, Status};
pub use fixed::{CountedList, MadeWith, PauseCause};
pub use limits::{LINKS_MAX, LISTS_MAX, NAME_CHARACTERS_MAX, RECEIPTS_HOURS, URL_CHARACTERS_MAX};
pub use progress::Progress;

/// The code for recipients of a cancelled campaign whose message was not handed over.
pub const CANCELLED: &str = "cancelled";

/// A name with something behind it, cut so that both fit.
pub fn name_with_suffix(name: &str, suffix: &str) -> String {
    let room = NAME_CHARACTERS_MAX.saturating_sub(suffix.chars().count());
    name.chars().take(room).collect::<String>() + suffix
}

/// A short link: `{{name}}` in the text becomes a unique URL in each message, leading to `url`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShortLink {
    pub name: String,
    pub url: String,
    /// From then on it leads to `fallback_url`, if there is one.
    pub expires_at: Option<jiff::Timestamp>,
    pub fallback_url: Option<String>,
}

/// An image link, leading to an uploaded image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageLink {
    pub name: String,
    pub image: ImageId,
    /// From then on it shows nothing.
    pub expires_at: Option<jiff::Timestamp>,
}

/// The target of a link in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    Url { url: &'a str, fallback_url: Option<&'a str> },
    Image(&'a ImageId),
}

/// A link of a message, short or image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link<'a> {
    pub name: &'a str,
    pub target: Target<'a>,
    pub expires_at: Option<jiff::Timestamp>,
}

impl Message {
    /// Every link in the order of its ranges: short ones first, then images.
    pub fn all_links(&self) -> impl Iterator<Item = Link<'_>> {
        let short = self.links.iter().map(|ShortLink { name, url, expires_at, fallback_url }| Link {
            name,
            target: Target::Url { url, fallback_url: fallback_url.as_deref() },
            expires_at: *expires_at,
        });
        let images = self.images.iter().map(|ImageLink { name, image, expires_at }| Link {
            name,
            target: Target::Image(image),
            expires_at: *expires_at,
        });
        short.chain(images)
    }
}

/// The message, as its author wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// The template used; only a note, text and sender are copies.
    pub template: Option<TemplateId>,
    pub sender: Option<String>,
    pub text: String,
    pub links: Vec<ShortLink>,
    pub images: Vec<ImageLink>,
    /// Append the STOP mention if the text lacks it.
    pub stop: bool,
}

/// Start and pace.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schedule {
    /// As requested: local to the account's zone, or with an offset. `None` means now.
    pub at: Option<String>,
    /// SMS per hour; `None` means as fast as the carrier takes them.
    pub pace_per_hour: Option<u32>,
}

/// All settings of a campaign. Cloning and « Charger avec les paramètres » copy them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    pub name: String,
    pub kind: Kind,
    /// « Considérer comme BAT ».
    pub proof: bool,
    pub lists: Vec<ListId>,
    pub message: Message,
    pub schedule: Schedule,
}

/// The result of counting the audience. Exact for the versions that `of` names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Count {
    /// Fingerprint of what was counted: lists, exclusions, message, account's STOP code.
    pub of: String,
    /// The lists as counted, in their order. A validated campaign is sent to exactly these.
    pub lists: Vec<CountedList>,
    /// Contacts in the lists together.
    pub contacts: u64,
    pub recipients: u32,
    /// Numbers in more than one of the lists.
    pub duplicates: u64,
    pub excluded: u64,
    pub segments_min: u32,
    pub segments_max: u32,
    /// Sum of segments: one credit each.
    pub credits: Credits,
    /// Messages that need UCS-2.
    pub unicode: u32,
    /// Messages that are longer than can be sent.
    pub too_long: u32,
    pub by_territory: std::collections::BTreeMap<&'static str, u64>,
}

/// The audience as fixed at the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience {
    pub recipients: u32,
    pub runs: Vec<Run>,
    /// First number of the range of each link, then of each image, in the order of the message.
    pub link_ranges: Vec<u64>,
    /// When the exclusions were read; later ones are looked up by each batch.
    pub excluded_until: jiff::Timestamp,
}

impl Audience {
    pub fn batches(&self) -> u32 {
        self.runs.iter().map(Run::batches).sum()
    }

    /// Recipients that may be handed over.
    pub fn released(&self) -> u32 {
        self.runs.iter().map(|run| run.released).sum()
    }
}

/// A campaign of an account.
#[derive(Debug, Clone, PartialEq)]
pub struct Campaign {
    pub account: AccountId,
    pub id: CampaignId,
    pub settings: Settings,
    pub status: Status,
    pub pause_reason: Option<PauseReason>,
    /// Details of the reason, for problems with lists.
    pub pause_cause: Option<PauseCause>,
    /// Ended before everything was handed over.
    pub cancelled: bool,
    /// The user or key that created it.
    pub author: String,
    pub created_at: jiff::Timestamp,
    pub modified_at: jiff::Timestamp,
    /// When it starts; set by validation.
    pub due_at: Option<jiff::Timestamp>,
    /// When dispatch checks it next; `None` if it needs nothing, except for what waits in the outbox.
    pub next_check_at: Option<jiff::Timestamp>,
    pub started_at: Option<jiff::Timestamp>,
    /// When the last batch was handed over, or the campaign cancelled.
    pub handed_over_at: Option<jiff::Timestamp>,
    pub finished_at: Option<jiff::Timestamp>,
    pub count: Option<Count>,
    /// A count requested from dispatch: the audience is too large to be counted within a request.
    pub counting: Option<Counting>,
    /// The account settings in its messages, fixed by validation; `None` in a draft.
    pub made_with: Option<MadeWith>,
    pub audience: Option<Audience>,
    pub pacing: Pacing,
    /// When batches were last put on the queue because they seemed lost.
    pub repaired_at: Option<jiff::Timestamp>,
    /// Its progress when dispatch last saw it change; `None` until the first check, and after every command.
    pub progress: Option<Progress>,
    /// Credits reserved for it, used and given back.
    pub reserved: Credits,
    pub used: Credits,
    pub given_back: Credits,
    /// Frozen statistics of a finished campaign; a running one's are summed from its batches.
    pub tally: Option<Tally>,
    /// Announcements that the account's webhooks still have to be sent.
    pub outbox: Outbox,
    /// Rises with every write; the write is conditioned on it.
    pub version: u64,
}

/// The progress of a count by dispatch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counting {
    /// Fingerprint of what is to be counted.
    pub of: String,
    /// Thousandths done.
    pub done_per_mille: u16,
}

impl Campaign {
    /// A new draft.
    pub fn draft(account: AccountId, id: CampaignId, settings: Settings, author: String, now: jiff::Timestamp) -> Self {
        Self {
            account,
            id,
            settings,
            status: Status::Draft,
            pause_reason: None,
            pause_cause: None,
            cancelled: false,
            author,
            created_at: now,
            modified_at: now,
            due_at: None,
            next_check_at: None,
            started_at: None,
            handed_over_at: None,
            finished_at: None,
            count: None,
            counting: None,
            made_with: None,
            audience: None,
            pacing: Pacing::default(),
            repaired_at: None,
            progress: None,
            reserved: 0,
            used: 0,
            given_back: 0,
            tally: None,
            outbox: Outbox::default(),
            version: 0,
        }
    }

    /// The code of a recipient's outcome: a message that a cancelled campaign never handed over is `cancelled`.
    pub fn outcome_code(&self, outcome: Outcome) -> &'static str {
        let is_over = matches!(self.status, Status::Consolidating | Status::Finished);
        if self.cancelled && is_over && outcome.is_to_send() { CANCELLED } else { outcome.code() }
    }

    /// How many of its unsent messages will never be sent, because it was cancelled.
    pub fn never_sent(&self, to_send: u32) -> u32 {
        if self.outcome_code(Outcome::Pending) == CANCELLED { to_send } else { 0 }
    }

    /// Credits that are still reserved for it.
    pub fn held(&self) -> Credits {
        self.reserved.saturating_sub(self.used).saturating_sub(self.given_back)
    }

    /// Whether a recipient got its message, by the receipts so far.
    pub fn was_seen(&self) -> bool {
        self.tally.as_ref().is_some_and(|tally| tally.handed_over > 0)
    }

    /// When dispatch has to check it: at its time, or as soon as there are announcements.
    pub fn next_due_at(&self) -> Option<jiff::Timestamp> {
        self.next_check_at.or_else(|| self.outbox.waiting().first().map(|oldest| oldest.at))
    }

    /// The campaign after a command: its status and everything that changes with it. The caller moves credits in the
    /// same write. Announcements for webhooks go to the outbox.
    pub fn apply(&self, command: Command, now: jiff::Timestamp) -> Result<Self, InvalidTransition> {
        let status = match (command, self.pause_reason) {
            // It would resume automatically, which the user does not want.
            (Command::Pause(PauseReason::User), Some(PauseReason::CarrierErrors)) => Status::Paused,
            _ => self.status.after(command, self.started_at.is_some())?,
        };
        let mut next =
            Self { status, modified_at: now, pause_reason: None, pause_cause: None, progress: None, ..self.clone() };
        match command {
            Command::Validate => next.next_check_at = next.due_at,
            Command::Edit => (next.due_at, next.next_check_at, next.made_with) = (None, None, None),
            Command::Start => {
                (next.started_at, next.next_check_at) = (Some(now), Some(now));
                next.outbox.add(Moment::Started, now);
            }
            Command::Pause(reason) => {
                // A campaign that resumes automatically is checked until it does.
                let next_check_at = (reason == PauseReason::CarrierErrors).then_some(now);
                (next.pause_reason, next.next_check_at) = (Some(reason), next_check_at);
                next.outbox.add(Moment::Paused(reason), now);
            }
            // Senders dropped what was released before the pause: it is put on the queue again at once.
            Command::Resume => {
                next.next_check_at = Some(now);
                next.repaired_at = Some(jiff::Timestamp::UNIX_EPOCH);
                next.pacing = next.pacing.after_rest(now);
            }
            Command::Consolidate => (next.handed_over_at, next.next_check_at) = (Some(now), Some(now)),
            Command::Finish => {
                (next.finished_at, next.next_check_at) = (Some(now), None);
                next.outbox.add(Moment::Finished, now);
            }
            Command::Cancel if status == Status::Finished => {
                (next.cancelled, next.finished_at, next.next_check_at) = (true, Some(now), None);
                next.outbox.add(Moment::Finished, now);
            }
            Command::Cancel => (next.cancelled, next.handed_over_at, next.next_check_at) = (true, Some(now), Some(now)),
            Command::Delete => next.next_check_at = Some(now),
        }
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_copy_fits() {
        assert_eq!(name_with_suffix("Été", " (copie)"), "Été (copie)");
        let long = name_with_suffix(&"é".repeat(100), " (copie)");
        assert_eq!(long.chars().count(), NAME_CHARACTERS_MAX);
        assert!(long.ends_with("é (copie)"));
    }
}
