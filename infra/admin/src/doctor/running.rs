//! Checks running campaigns: whether they progress, and whether their audience file exists.

use aws::files::{self, FileKey};
use domain::campaign::{Campaign, Status};
use domain::standstill::standstill;

use super::Findings;
use super::campaigns::AREA;
use crate::CommandError;
use crate::answer::minute;
use crate::operator::Operator;

/// Checks one campaign, if it runs.
pub async fn look(operator: &Operator, campaign: &Campaign, found: &mut Findings) -> Result<(), CommandError> {
    if !matches!(campaign.status, Status::Sending | Status::Consolidating) {
        return Ok(());
    }
    let (account, id) = (&campaign.account, &campaign.id);
    let subject = format!("{id} of {account}");
    if campaign.audience.is_some() && is_without_file(operator, campaign).await? {
        let todo = format!(
            "restore it, where BucketVersioning is on; else `campaign pause {account} {id}` and `campaign cancel {account} {id}`"
        );
        found.problem(AREA, &subject, "the file with its recipients is gone: nothing can be sent", todo);
    }
    if let Some(since) = standstill(campaign, operator.now()) {
        let finding = match campaign.audience {
            None => format!("its start has not ended since {}", minute(since)),
            Some(_) => format!("stands still since {}: it waits for nothing and makes no progress", minute(since)),
        };
        let todo = format!(
            "the logs of DispatchFunction and SendFunction, contain {id} and the cause; runbook: stuck campaigns"
        );
        found.problem(AREA, &subject, finding, todo);
    }
    Ok(())
}

async fn is_without_file(operator: &Operator, campaign: &Campaign) -> Result<bool, CommandError> {
    let file = FileKey::Audience { account: campaign.account.clone(), campaign: campaign.id.clone() };
    match operator.files()?.size(&file).await {
        Err(files::Error::NotFound { .. }) => Ok(true),
        found => found.map(|_| false).map_err(CommandError::from),
    }
}
