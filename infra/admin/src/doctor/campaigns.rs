//! Checks for campaigns without progress: not checked by dispatch, standing still, or paused by the system.

use aws::store::Task;
use domain::campaign::{Campaign, PauseReason, Status};
use jiff::SignedDuration;
use support::telemetry::chain;

use super::{Findings, running};
use crate::answer::minute;
use crate::operator::Operator;

pub(super) const AREA: &str = "campaigns";
/// The schedule runs every minute; after this time something is wrong.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);
/// Most campaigns named.
const NAMED: usize = 5;
/// Campaigns checked per account, newest first.
const NEWEST: usize = 200;

pub async fn look(operator: &Operator, found: &mut Findings) {
    let looked = async {
        overdue(operator, found).await?;
        each(operator, found).await
    };
    if let Err(error) = looked.await {
        let error: crate::CommandError = error;
        found.problem(AREA, "campaigns", chain(&error), "repair the tables first");
    }
}

async fn overdue(operator: &Operator, found: &mut Findings) -> Result<(), crate::CommandError> {
    let late = operator.now() - PATIENCE;
    let waiting = operator.store()?.due(late, NAMED + 1).await?;
    if waiting.is_empty() {
        found.ok(AREA, "dispatch", "nothing is overdue");
        return Ok(());
    }
    let names: Vec<_> =
        waiting.iter().take(NAMED).map(|due| format!("{} of {}", named(&due.task), due.account)).collect();
    let more = if waiting.len() > NAMED { " and more" } else { "" };
    let finding = format!("not checked for more than 5 minutes: {}{more}", names.join(", "));
    let todo = "check that the schedule is enabled, and the log of DispatchFunction; when it runs, everything continues by itself";
    found.problem(AREA, "dispatch", finding, todo);
    Ok(())
}

fn named(task: &Task) -> String {
    match task {
        Task::Campaign(id) => id.to_string(),
        Task::Erasure(id) => id.to_string(),
        Task::Import(id) => id.to_string(),
        Task::Fold(id) => format!("the journal of {id}"),
        Task::UnusedLists => "unused lists".to_owned(),
    }
}

/// Checks the newest campaigns of each account.
async fn each(operator: &Operator, found: &mut Findings) -> Result<(), crate::CommandError> {
    let store = operator.store()?;
    let accounts = store.accounts().await?;
    for account in &accounts {
        let campaigns = store.account(&account.id).campaigns(None, NEWEST).await?.items;
        for campaign in &campaigns {
            running::look(operator, campaign, found).await?;
            paused(campaign, found);
        }
    }
    found.ok(AREA, "accounts", format!("{} accounts", accounts.len()));
    Ok(())
}

/// A campaign that the system has paused.
fn paused(campaign: &Campaign, found: &mut Findings) {
    if campaign.status != Status::Paused || campaign.pause_reason.is_none_or(|reason| reason == PauseReason::User) {
        return;
    }
    let (account, id) = (&campaign.account, &campaign.id);
    let reason = campaign.pause_reason.map_or("", PauseReason::code);
    let todo = match campaign.pause_reason {
        Some(PauseReason::Credits) => {
            format!("`account credits add {account} …`, then `campaign resume {account} {id}`")
        }
        Some(PauseReason::CarrierErrors) => {
            "check the carrier's answers (log of SendFunction); it resumes by itself when they are right".into()
        }
        Some(PauseReason::Audience) => {
            format!(
                "its audience file is missing: restore it (versions of the bucket), then `campaign resume {account} {id}`"
            )
        }
        Some(PauseReason::Lists | PauseReason::User) | None => {
            format!("a list of it is missing: its author cancels it, or `campaign resume {account} {id}`")
        }
    };
    let finding = format!("paused by the system: {reason}, since {}", minute(campaign.modified_at));
    found.warning(AREA, format!("{id} of {account}"), finding, todo);
}
