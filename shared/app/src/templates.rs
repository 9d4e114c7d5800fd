//! Templates: a named sender and text to start a message from. Campaigns keep copies.

use domain::account::MessageTemplate;
use domain::campaign::NAME_CHARACTERS_MAX;
use domain::ids::TemplateId;
use domain::sender::Sender;
use domain::template::Template;
use support::random;

use crate::context::{Attempts, Context, Expected};
pub use crate::error::TemplateError;

use crate::error::Error;
use crate::use_case::UseCase;

/// The content of a template.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TemplateText {
    pub name: String,
    /// The account's own sender if `None` or blank.
    pub sender: Option<String>,
    pub text: String,
}

impl TemplateText {
    /// The present text of a template.
    pub fn from_template(template: &MessageTemplate) -> Self {
        let MessageTemplate { name, sender, text, .. } = template;
        Self { name: name.clone(), sender: sender.clone(), text: text.clone() }
    }

    /// All problems of it, in an account with this STOP code.
    pub fn problems(&self, stop_code: &str) -> Vec<TemplateError> {
        let mut faults = Vec::new();
        if !(1..=NAME_CHARACTERS_MAX).contains(&self.name.trim().chars().count()) {
            faults.push(TemplateError::Name);
        }
        if let Some(Err(problem)) = self.own_sender().map(|sender| Sender::parse(sender, &[stop_code])) {
            faults.push(TemplateError::Sender(problem));
        }
        if self.text.trim().is_empty() {
            faults.push(TemplateError::NoText);
        } else if let Err(problem) = Template::parse(&self.text) {
            faults.push(TemplateError::Text(problem));
        }
        faults
    }

    fn own_sender(&self) -> Option<&str> {
        self.sender.as_deref().map(str::trim).filter(|sender| !sender.is_empty())
    }
}

/// Creates a template. With the id of a form, a form sent twice creates one.
pub async fn create(context: &Context, wanted: TemplateText, id: Option<TemplateId>) -> Result<MessageTemplate, Error> {
    let permit = context.permit(UseCase::CreateTemplate)?;
    let now = context.now();
    let id = id.unwrap_or_else(|| TemplateId::new(now, random::bytes()));
    let blank = MessageTemplate {
        id: id.clone(),
        name: String::new(),
        sender: None,
        text: String::new(),
        author: context.actor.author.clone(),
        created_at: now,
        modified_at: now,
        version: 0,
    };
    let made = with(context, blank, wanted.clone()).await?;
    match permit.noting(&id, "").put_template(made).await {
        Err(aws::store::Error::Conflict { .. }) => change(context, &id, &Expected::Any, |_| Ok(wanted.clone())).await,
        made => Ok(made?),
    }
}

/// Changes a template, but no campaign that was made from it. `edit` makes the new text from the present one.
pub async fn change<E: From<Error>>(
    context: &Context,
    id: &TemplateId,
    expected: &Expected,
    edit: impl Fn(TemplateText) -> Result<TemplateText, E>,
) -> Result<MessageTemplate, E> {
    let permit = context.permit(UseCase::ChangeTemplate)?;
    let mut attempts = Attempts::default();
    loop {
        let found = find(context, id, expected).await?;
        let wanted = edit(TemplateText::from_template(&found))?;
        let next = with(context, found.clone(), wanted).await?;
        if next == found {
            return Ok(found);
        }
        let next = MessageTemplate { modified_at: context.now(), ..next };
        let written = permit.noting(id, "").put_template(next).await.map_err(Error::from);
        if !attempts.again(&written) {
            return Ok(written?);
        }
    }
}

/// Removes a template.
pub async fn remove(context: &Context, id: &TemplateId, expected: &Expected) -> Result<(), Error> {
    let permit = context.permit(UseCase::DeleteTemplate)?;
    let found = find(context, id, expected).await?;
    Ok(permit.noting(id, &found.name).delete_template(&found).await?)
}

async fn find(context: &Context, id: &TemplateId, expected: &Expected) -> Result<MessageTemplate, Error> {
    let found = context.store.template(id).await?.ok_or(Error::NotFound { what: "template" })?;
    expected.holds(found.version, "template")?;
    Ok(found)
}

/// A template with another text, if that is valid.
async fn with(context: &Context, template: MessageTemplate, wanted: TemplateText) -> Result<MessageTemplate, Error> {
    let faults = wanted.problems(&context.account().await?.stop_code);
    if !faults.is_empty() {
        return Err(Error::Template(faults));
    }
    let sender = wanted.own_sender().map(str::to_owned);
    Ok(MessageTemplate { name: wanted.name.trim().to_owned(), sender, text: wanted.text, ..template })
}
