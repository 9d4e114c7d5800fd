//! Operators' use cases on accounts: create, change credits, show a message.

use aws::store::{Grant, Granted};
use domain::account::Account;
use domain::credits::{Credits, Mode};
use domain::message_id::MessageId;

use crate::actor::Actor;
use crate::context::{Context, Services};
use crate::error::Error;
use crate::use_case::UseCase;

/// Creates an account, without credits.
pub async fn create(services: &Services, actor: &Actor, account: &Account) -> Result<Context, Error> {
    let context = services.context(&account.id, actor.clone());
    let permit = context.permit(UseCase::CreateAccount)?;
    permit.noting(&account.id, account.balance.mode.code()).create_account(account).await?;
    Ok(context)
}

/// Adds credits to a limited account, once for each reference.
pub async fn add_credits(context: &Context, grant: &Grant) -> Result<Granted, Error> {
    let permit = context.permit(UseCase::AddCredits)?;
    let details = format!("{} ({})", grant.credits, grant.reference);
    Ok(permit.noting(context.account_id(), details).grant_credits(grant).await?)
}

/// Limits an account to this balance. A conflict if its credits have changed since it was read.
pub async fn set_balance(context: &Context, read: &Account, credits: Credits, note: &str) -> Result<(), Error> {
    let permit = context.permit(UseCase::SetBalance)?;
    let before = match read.balance.mode {
        Mode::Unlimited => "unlimited".to_owned(),
        Mode::Limited => read.balance.balance.to_string(),
    };
    let noting = permit.noting(context.account_id(), format!("{before} to {credits}: {note}"));
    Ok(noting.set_balance(read, credits, note, context.now()).await?)
}

/// Lets an account spend without limit.
pub async fn lift_credit_limit(context: &Context, read: &Account) -> Result<(), Error> {
    let permit = context.permit(UseCase::LiftCreditLimit)?;
    let noting = permit.noting(context.account_id(), format!("{} before", read.balance.balance));
    Ok(noting.set_credit_mode(Mode::Unlimited).await?)
}

/// Records that all data of an account was exported.
pub async fn note_export(context: &Context) -> Result<(), Error> {
    let permit = context.permit(UseCase::ExportAccount)?;
    permit.note(context.account_id(), "").await;
    Ok(())
}

/// Records that the number behind a message was shown.
pub async fn note_revealed(context: &Context, message: &MessageId) -> Result<(), Error> {
    let permit = context.permit(UseCase::RevealMessage)?;
    permit.note(message, "").await;
    Ok(())
}
