//! The five steps of a campaign. Each saves the draft whichever way the user leaves it: next, back, any step, or out.

pub mod contacts;
pub mod general;
pub mod links;
pub mod message;
pub mod problems;
pub mod review;
pub mod schedule;
pub mod stale;
pub mod summary;

use app::drafts::{self, DraftChanges, OnInvalid, Seen};
use app::{Error, UseCase};
use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use domain::campaign::{Campaign, Settings, Status};
use domain::ids::CampaignId;
use http::StatusCode;
use maud::{Markup, html};
use stale::Differences;
use support::random;

use crate::App;
use crate::view::icons;
use crate::view::layout::{self, NavItem};
use crate::view::parts::{self, Errors};
use crate::visitor::{Answer, Fields, PageError, Visitor, redirect_to, session};
use crate::words::{self, Word};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/campaigns/{id}/general", get(general::show).post(general::save))
        .route("/campaigns/{id}/contacts", get(contacts::show).post(contacts::save))
        .route("/campaigns/{id}/message", get(message::show).post(message::save))
        .route("/campaigns/{id}/message/preview", post(message::preview))
        .route("/campaigns/{id}/schedule", get(schedule::show).post(schedule::save))
        .route("/campaigns/{id}/schedule/preview", post(schedule::preview))
        .route("/campaigns/{id}/review", get(review::show).post(review::save))
        .route("/campaigns/{id}/test", post(review::test))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    General,
    Contacts,
    Message,
    Schedule,
    Review,
}

impl Step {
    pub const ALL: [Self; 5] = [Self::General, Self::Contacts, Self::Message, Self::Schedule, Self::Review];

    pub fn code(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::Contacts => "contacts",
            Self::Message => "message",
            Self::Schedule => "schedule",
            Self::Review => "review",
        }
    }

    pub fn word(self) -> Word {
        match self {
            Self::General => words::draft::GENERAL,
            Self::Contacts => words::draft::CONTACTS,
            Self::Message => words::draft::MESSAGE,
            Self::Schedule => words::draft::SCHEDULE,
            Self::Review => words::draft::REVIEW,
        }
    }

    fn index(self) -> usize {
        Self::ALL.iter().position(|step| *step == self).unwrap_or(0)
    }

    pub fn next(self) -> Self {
        Self::ALL.get(self.index() + 1).copied().unwrap_or(self)
    }

    fn previous(self) -> Option<Self> {
        self.index().checked_sub(1).and_then(|index| Self::ALL.get(index)).copied()
    }
}

/// A draft of the account, for a user who may change it. A campaign that is no longer a draft is shown instead.
pub async fn open(visitor: &Visitor, id: &str) -> Result<Campaign, PageError> {
    visitor.needs(UseCase::ChangeDraft)?;
    let id: CampaignId = id.parse().map_err(|_| PageError::NotFound)?;
    let campaign = visitor.context.store.campaign(&id).await?.ok_or(PageError::NotFound)?;
    match campaign.status {
        Status::Draft => Ok(campaign),
        _ => Err(PageError::Elsewhere(format!("/campaigns/{id}"))),
    }
}

/// A fingerprint of the settings that a step's page was made from, to detect changes since. A step covers its own
/// settings only; the summary covers all.
fn seen(step: Step, settings: &Settings) -> String {
    let Settings { name, kind, proof, lists, message, schedule, .. } = settings;
    let of = match step {
        Step::General => format!("{:?}", (name, kind, proof)),
        Step::Contacts => format!("{lists:?}"),
        Step::Message => format!("{message:?}"),
        Step::Schedule => format!("{schedule:?}"),
        Step::Review => format!("{settings:?}"),
    };
    session::hash(&of).chars().take(24).collect()
}

/// The result of saving a draft.
pub enum SaveResult {
    Saved(Campaign),
    /// The draft was changed since the page was made: the typed settings, applied to the present ones.
    Stale(Campaign),
}

/// The differences to show, if the draft was changed since the page was made.
pub fn differences(
    visitor: &Visitor,
    step: Step,
    typed: &Settings,
    now: &Campaign,
    is_stale: bool,
) -> Option<Differences> {
    is_stale.then(|| Differences::new(visitor, step, typed, &now.settings, &|id| id.to_string()))
}

/// Stores the typed settings, unless the draft was changed since the page was made.
pub async fn keep(
    visitor: &Visitor,
    step: Step,
    stored: &Campaign,
    changes: &DraftChanges,
    fields: &Fields,
) -> Result<SaveResult, PageError> {
    let is_seen = fields.get("seen") == seen(step, &stored.settings);
    if !is_seen && !changes.are_in(&stored.settings) {
        return Ok(SaveResult::Stale(stored.clone()));
    }
    let seen = Seen::Settings(Box::new(stored.settings.clone()));
    match drafts::change(&visitor.context, &stored.id, &seen, changes, OnInvalid::Keep).await {
        Err(Error::Stale { .. }) => {
            let now = visitor.context.store.campaign(&stored.id).await?.ok_or(PageError::NotFound)?;
            Ok(SaveResult::Stale(now))
        }
        Err(Error::NotADraft) => Err(PageError::Elsewhere(format!("/campaigns/{}", stored.id))),
        saved => Ok(SaveResult::Saved(saved?)),
    }
}

/// Where to go after a step: the chosen step, or out. `None` stays on the page.
pub fn destination(campaign: &CampaignId, step: Step, fields: &Fields) -> Option<String> {
    match fields.get("go") {
        "leave" => Some("/campaigns?done=saved".into()),
        "stay" => None,
        "" | "next" => Some(format!("/campaigns/{campaign}/{}", step.next().code())),
        code => {
            let step = Step::ALL.into_iter().find(|step| step.code() == code)?;
            Some(format!("/campaigns/{campaign}/{}", step.code()))
        }
    }
}

/// Whether the user goes on: only then do errors hold them back.
pub fn goes_on(step: Step, fields: &Fields) -> bool {
    match fields.get("go") {
        "" | "next" => true,
        code => Step::ALL.into_iter().any(|to| to.code() == code && to.index() > step.index()),
    }
}

/// The page of one step.
pub struct Sheet<'a> {
    pub step: Step,
    /// The stored draft; `None` before the first save.
    pub stored: Option<&'a Campaign>,
    pub errors: &'a Errors,
    /// Differences between the stored settings and those that the page was made from.
    pub stale: Option<Differences>,
}

impl Sheet<'_> {
    fn path(&self, step: Step) -> String {
        self.stored.map_or("/campaigns/new".into(), |stored| format!("/campaigns/{}/{}", stored.id, step.code()))
    }

    pub fn page(&self, visitor: &Visitor, title: &str, content: Markup) -> Response {
        self.page_with(visitor, title, content, html! {}, html! {})
    }

    /// Like `page`, with other final buttons, and a separate form below.
    pub fn page_with(&self, visitor: &Visitor, title: &str, content: Markup, last: Markup, after: Markup) -> Response {
        let page_title = format!(
            "{} – {}",
            visitor.text(self.step.word()),
            if title.is_empty() { visitor.text(words::draft::TITLE) } else { title }
        );
        let content = html! {
            (parts::back("/campaigns", visitor.text(words::common::CAMPAIGNS_NOW)))
            form.draft #draft method="post" action=(self.path(self.step)) data-live data-dirty {
                (parts::csrf(visitor))
                @match self.stored {
                    Some(stored) => input type="hidden" name="seen" value=(seen(self.step, &stored.settings));,
                    // Sending the form twice creates one campaign.
                    None => input type="hidden" name="id" value=(CampaignId::new(visitor.now, random::bytes()));,
                }
                // Enter activates the first button: go on, not back.
                button.unseen name="go" value="next" tabindex="-1" aria-hidden="true" {}
                div.title {
                    h1 { @if title.is_empty() { (visitor.text(words::draft::TITLE)) } @else { (title) } }
                    p.hint { (visitor.text_with(words::draft::STEP_OF, &[(self.step.index() + 1).to_string()])) }
                }
                (self.steps(visitor))
                @if let Some(stale) = &self.stale { (stale.show(visitor, &self.path(self.step))) }
                (self.errors.summary(visitor))
                (content)
                (self.buttons(visitor, last))
            }
            (after)
        };
        let mut response = layout::page(visitor, &page_title, NavItem::New, content);
        *response.status_mut() = match (self.stale.is_some(), self.errors.is_empty()) {
            (true, _) => StatusCode::CONFLICT,
            (false, false) => StatusCode::UNPROCESSABLE_ENTITY,
            (false, true) => StatusCode::OK,
        };
        response
    }

    fn steps(&self, visitor: &Visitor) -> Markup {
        html! {
            nav.steps aria-label=(visitor.text(words::draft::STEPS)) {
                ol {
                    @for (index, step) in Step::ALL.into_iter().enumerate() {
                        @let is_current = step == self.step;
                        li.past[index < self.step.index()] aria-current=[is_current.then_some("step")] {
                            button name="go" value=(step.code()) disabled[self.stored.is_none() || is_current] {
                                i { @if index < self.step.index() { (icons::check()) } @else { (index + 1) } }
                                span { (visitor.text(step.word())) }
                            }
                        }
                    }
                }
            }
        }
    }

    fn buttons(&self, visitor: &Visitor, last: Markup) -> Markup {
        html! {
            div.buttons.foot {
                @if let Some(previous) = self.step.previous() {
                    button.button.plain name="go" value=(previous.code()) { (visitor.text(words::common::BACK)) }
                }
                span.grow {}
                button.button.plain name="go" value="leave" { (visitor.text(words::draft::SAVE_LEAVE)) }
                @if self.step != Step::Review { button.button name="go" value="next" { (visitor.text(words::common::NEXT)) } }
                (last)
            }
        }
    }
}

/// Where to go after saving, if nothing holds the user back.
pub fn leave(campaign: &Campaign, step: Step, fields: &Fields, errors: &Errors) -> Option<Answer> {
    if !errors.is_empty() && goes_on(step, fields) {
        return None;
    }
    destination(&campaign.id, step, fields).map(|path| Ok(redirect_to(&path)))
}
