//! `account credits …`: adds credits once per reference, sets a balance, lifts the limit, shows the ledger. A balance
//! never goes below zero, and every movement has a ledger entry.

use app::accounts;
use aws::store::{Error, Grant, Granted};
use clap::Subcommand;
use domain::account::Account;
use domain::credits::Mode;
use domain::ids::AccountId;
use serde::Serialize;

use super::view::{CreditsView, MovementView, balance};
use crate::CommandError;
use crate::answer::{Answer, minute};
use crate::operator::Operator;

/// Most credits of one command, as a protection against typing errors.
pub const CREDITS_MAX: u64 = 1_000_000_000;
const REFERENCE_CHARACTERS_MAX: usize = 64;
const NOTE_CHARACTERS_MAX: usize = 200;
/// Ledger entries shown by default.
const LINES: u16 = 50;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add credits, once per reference: repeating the command adds nothing
    Add {
        account: AccountId,
        /// Number of credits: one per segment
        #[arg(value_name = "N", value_parser = clap::value_parser!(u64).range(1..=CREDITS_MAX))]
        credits: u64,
        /// Reference that makes this addition unique: an invoice, an order
        #[arg(long, value_name = "REFERENCE", value_parser = reference)]
        id: String,
        /// Text that the account sees in its ledger
        #[arg(long, value_parser = note, default_value = "")]
        note: String,
    },
    /// Set the balance to exactly this, and limit the account
    Set {
        account: AccountId,
        #[arg(value_name = "N", value_parser = clap::value_parser!(u64).range(..=CREDITS_MAX))]
        credits: u64,
        /// Text that the account sees in its ledger
        #[arg(long, value_parser = note, default_value = "balance set by the operator")]
        note: String,
    },
    /// Let the account spend without limit
    Unlimited { account: AccountId },
    /// Show what was added, reserved, used and given back, newest first
    Ledger {
        account: AccountId,
        /// Most entries
        #[arg(long, value_name = "N", default_value_t = LINES, value_parser = clap::value_parser!(u16).range(1..))]
        limit: u16,
    },
}

#[derive(Serialize)]
struct Changed {
    account: String,
    credits: CreditsView,
    /// Whether anything changed: a repeated addition changes nothing.
    changed: bool,
}

pub async fn run(operator: &Operator, command: Command) -> Result<Answer, CommandError> {
    match command {
        Command::Add { account, credits, id, note } => add(operator, &account, credits, id, &note).await,
        Command::Set { account, credits, note } => set(operator, &account, credits, &note).await,
        Command::Unlimited { account } => unlimited(operator, &account).await,
        Command::Ledger { account, limit } => ledger(operator, &account, limit).await,
    }
}

/// A text that can be part of a key and of a sentence.
fn reference(text: &str) -> Result<String, String> {
    let is_plain = text.chars().all(|character| character.is_ascii_alphanumeric() || "._-/:".contains(character));
    if is_plain && (1..=REFERENCE_CHARACTERS_MAX).contains(&text.len()) {
        return Ok(text.to_owned());
    }
    Err(format!("1 to {REFERENCE_CHARACTERS_MAX} letters without accents, digits and . _ - / :"))
}

fn note(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.chars().count() <= NOTE_CHARACTERS_MAX && !text.chars().any(char::is_control) {
        return Ok(text.to_owned());
    }
    Err(format!("one line of at most {NOTE_CHARACTERS_MAX} characters"))
}

async fn add(
    operator: &Operator,
    id: &AccountId,
    credits: u64,
    reference: String,
    note: &str,
) -> Result<Answer, CommandError> {
    let account = operator.account(id).await?;
    if account.balance.mode == Mode::Unlimited {
        return Err(unlimited_already(id));
    }
    let about = if note.is_empty() { reference.clone() } else { format!("{note} ({reference})") };
    let grant = Grant { reference: reference.clone(), credits, about, at: operator.now() };
    let granted = match accounts::add_credits(&operator.context(id)?, &grant).await {
        Err(app::Error::Store(Error::NotEnoughCredits)) => return Err(unlimited_already(id)),
        granted => granted?,
    };
    match granted {
        Granted::Now => changed(&operator.account(id).await?, true),
        Granted::Before(at) => {
            operator.warn(format!("{reference} was added already, at {}: nothing moved", minute(at)));
            changed(&operator.account(id).await?, false)
        }
        Granted::Otherwise { credits: before, at } => Err(CommandError::Refused(format!(
            "{reference} stands for {before} credits that were added at {}: another addition takes another --id",
            minute(at)
        ))),
    }
}

fn unlimited_already(id: &AccountId) -> CommandError {
    CommandError::Refused(format!("{id} may spend without limit; `account credits set {id} N` gives it a balance"))
}

async fn set(operator: &Operator, id: &AccountId, credits: u64, note: &str) -> Result<Answer, CommandError> {
    let account = operator.account(id).await?;
    let held = account.balance.reserved;
    if account.balance.mode == Mode::Limited && account.balance.balance == credits {
        return changed(&account, false);
    }
    if account.balance.mode == Mode::Unlimited && held > 0 {
        // These credits were not taken from a balance: giving them back would be a gift.
        return Err(CommandError::Refused(format!(
            "{id} has {held} credits held for campaigns that began without a limit; set its balance when they are \
             finished, cancelled or deleted"
        )));
    }
    accounts::set_balance(&operator.context(id)?, &account, credits, note).await?;
    changed(&operator.account(id).await?, true)
}

async fn unlimited(operator: &Operator, id: &AccountId) -> Result<Answer, CommandError> {
    let account = operator.account(id).await?;
    if account.balance.mode == Mode::Unlimited {
        return changed(&account, false);
    }
    accounts::lift_credit_limit(&operator.context(id)?, &account).await?;
    changed(&operator.account(id).await?, true)
}

fn changed(account: &Account, changed: bool) -> Result<Answer, CommandError> {
    let text = format!("{}  {}, {} held for campaigns\n", account.id, balance(account), account.balance.reserved);
    Answer::new(&Changed { account: account.id.to_string(), credits: CreditsView::new(account), changed }, text)
}

async fn ledger(operator: &Operator, id: &AccountId, limit: u16) -> Result<Answer, CommandError> {
    operator.account(id).await?;
    let movements = operator.store()?.account(id).movements(None, limit.into()).await?.items;
    let movements: Vec<_> = movements.into_iter().map(MovementView::new).collect();
    let table = MovementView::table(&movements);
    Answer::list(&movements, table, "no credit has moved yet")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_and_notes_fit_their_places() {
        assert!(reference("F2026-118").is_ok() && reference("2026/11/25:a").is_ok());
        for wrong in ["", "a b", "é", "a#b", &"a".repeat(REFERENCE_CHARACTERS_MAX + 1)] {
            assert!(reference(wrong).is_err(), "{wrong}");
        }
        assert_eq!(note(" Facture n° 118 "), Ok("Facture n° 118".into()));
        assert!(note("a\nb").is_err());
    }
}
