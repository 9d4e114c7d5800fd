//! Drafts: created, changed, copied. Incomplete settings are stored and reported at validation; settings that can never
//! become valid are refused at once, unless a user is still typing.

mod changes;
mod problems;

use aws::store;
use domain::account::Account;
use domain::campaign::{Campaign, Settings, name_with_suffix};
use domain::ids::{CampaignId, ListId};
use support::random;

pub use crate::error::{DraftProblem, LinkKind, UrlField};
pub use changes::{DraftChanges, MessageChanges, ScheduleChanges, apply_template};

use crate::campaigns::{self, due_at};
use crate::context::{Attempts, Context, Expected};
use crate::error::Error;
use crate::use_case::UseCase;

/// How to treat settings that can never become valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnInvalid {
    /// Refuse: a program has to correct them.
    Refuse,
    /// Store: a user is still typing, and validation reports them.
    Keep,
}

/// What an actor saw of the draft that they change.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    Version(Expected),
    /// These settings. Other steps of the draft may have changed since.
    Settings(Box<Settings>),
}

/// Creates a draft. With the id of a form, a form sent twice creates one, with what was sent last.
pub async fn create(
    context: &Context,
    id: Option<CampaignId>,
    changes: &DraftChanges,
    faulty: OnInvalid,
) -> Result<Campaign, Error> {
    let permit = context.permit(UseCase::CreateDraft)?;
    let account = context.account().await?;
    let settings = changes.apply(context, &account, None, faulty).await?;
    let draft = draft(context, id, settings);
    match permit.noting(&draft.id, "").put_campaign(draft.clone()).await {
        Err(store::Error::Conflict { .. }) => {
            change(context, &draft.id, &Seen::Version(Expected::Any), changes, faulty).await
        }
        made => Ok(made?),
    }
}

/// Changes a draft; refused for other campaigns. Unchanged settings are not written.
pub async fn change(
    context: &Context,
    id: &CampaignId,
    seen: &Seen,
    changes: &DraftChanges,
    faulty: OnInvalid,
) -> Result<Campaign, Error> {
    let permit = context.permit(UseCase::ChangeDraft)?;
    let account = context.account().await?;
    let mut attempts = Attempts::default();
    loop {
        let found = campaigns::find(context, id, &Expected::Any).await?;
        if !found.status.is_editable() {
            return Err(Error::NotADraft);
        }
        match seen {
            Seen::Version(expected) => expected.holds(found.version, "campaign")?,
            Seen::Settings(settings) if changes.touches_what_differs(settings, &found.settings) => {
                return Err(Error::Stale { what: "campaign" });
            }
            Seen::Settings(_) => {}
        }
        let settings = changes.apply(context, &account, Some(&found.settings), faulty).await?;
        let names = changes::names(&found.settings, &settings);
        if names.is_empty() {
            return Ok(found);
        }
        let next = Campaign { settings, modified_at: context.now(), counting: None, next_check_at: None, ..found };
        let written = permit.noting(id, names).put_campaign(next).await.map_err(Error::from);
        if !attempts.again(&written) {
            return written;
        }
    }
}

/// Adds a list to a draft.
pub async fn add_list(context: &Context, id: &CampaignId, list: &ListId) -> Result<Campaign, Error> {
    let changes = DraftChanges { add_list: Some(list.clone()), ..DraftChanges::default() };
    change(context, id, &Seen::Version(Expected::Any), &changes, OnInvalid::Keep).await
}

/// Creates a draft with the settings of a campaign; a planned time in the past is left out. Its name gets `suffix`.
/// With the id of a form, a form sent twice creates one.
pub async fn copy(
    context: &Context,
    id: &CampaignId,
    copy: Option<CampaignId>,
    suffix: &str,
) -> Result<Campaign, Error> {
    let permit = context.permit(UseCase::CopyCampaign)?;
    let account = context.account().await?;
    let found = campaigns::find(context, id, &Expected::Any).await?;
    let name = name_with_suffix(&found.settings.name, suffix);
    let settings = Settings { name, ..reusable(context, &account, &found) };
    let draft = draft(context, copy, settings);
    match permit.noting(&draft.id, id.as_str()).put_campaign(draft.clone()).await {
        Err(store::Error::Conflict { .. }) => campaigns::find(context, &draft.id, &Expected::Any).await,
        made => Ok(made?),
    }
}

fn draft(context: &Context, id: Option<CampaignId>, settings: Settings) -> Campaign {
    let (account, now) = (context.account_id().clone(), context.now());
    let id = id.unwrap_or_else(|| CampaignId::new(now, random::bytes()));
    Campaign::draft(account, id, settings, context.actor.author.clone(), now)
}

/// The settings of a campaign for a copy: a planned time in the past is left out.
fn reusable(context: &Context, account: &Account, campaign: &Campaign) -> Settings {
    let now = context.now();
    let mut settings = campaign.settings.clone();
    if due_at(account, campaign, now).is_ok_and(|at| at <= now) {
        settings.schedule.at = None;
    }
    settings
}
