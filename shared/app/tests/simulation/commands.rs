//! Commands of users, following `app/src/campaigns/commands.rs`; and STOP replies.

use domain::campaign::{Campaign, Command as Verb, PauseReason, Status};
use domain::credits::{Movement, MovementKind};
use domain::release::Pacing;
use domain::tally::Tally;

use crate::engine::Sim;
use crate::plan::Command;
use crate::rules::Break;
use crate::table::{Decision, Result, TableError};

pub async fn obey(sim: &Sim, number: usize, command: Command) -> Result<()> {
    sim.model().trace(|| format!("{number}: {command:?} is asked for"));
    match command {
        Command::Pause => step(sim, number, Verb::Pause(PauseReason::User)).await,
        Command::Resume => step(sim, number, Verb::Resume).await,
        Command::Cancel => {
            let _ = step(sim, number, Verb::Pause(PauseReason::User)).await;
            cancel(sim, number).await
        }
        Command::Delete => {
            let _ = step(sim, number, Verb::Pause(PauseReason::User)).await;
            step(sim, number, Verb::Delete).await
        }
        Command::Pace(per_hour) => change_pace(sim, number, per_hour).await,
        Command::Exclude(phone) => exclude(sim, number, phone).await,
        Command::Window(window) => {
            let account = sim.account_of(number);
            sim.call(|model| {
                model.table.accounts[account].window = window;
                Ok(())
            })
            .await
        }
    }
}

async fn read(sim: &Sim, number: usize) -> Result<Campaign> {
    let found = sim.campaign(number).await?.filter(|found| found.status != Status::Deleted);
    found.ok_or(TableError::Unexpected)
}

async fn step(sim: &Sim, number: usize, verb: Verb) -> Result<()> {
    let next = read(sim, number).await?.apply(verb, sim.now()).map_err(|_| TableError::Unexpected)?;
    sim.put_campaign(number, next).await?;
    let _ = sim.wake(number, 0).await;
    Ok(())
}

async fn cancel(sim: &Sim, number: usize) -> Result<()> {
    let campaign = read(sim, number).await?;
    let now = sim.now();
    let cancelled = campaign.apply(Verb::Cancel, now).map_err(|_| TableError::Unexpected)?;
    if cancelled.status != Status::Finished {
        sim.put_campaign(number, cancelled).await?;
    } else {
        let credits = campaign.reserved;
        let back = Movement { at: now, kind: MovementKind::GivenBack, credits, about: campaign.id.to_string() };
        let ended = Campaign { given_back: credits, tally: Some(Tally::default()), ..cancelled };
        sim.put_campaign_and_move(number, ended, &[back]).await?;
    }
    let _ = sim.wake(number, 0).await;
    Ok(())
}

async fn change_pace(sim: &Sim, number: usize, per_hour: Option<u32>) -> Result<()> {
    let campaign = read(sim, number).await?;
    let now = sim.now();
    match campaign.status {
        Status::Consolidating | Status::Finished | Status::Deleted => return Err(TableError::Unexpected),
        Status::Draft | Status::Ready | Status::Sending | Status::Paused => {}
    }
    let pacing = match sim.is_broken(Break::PaceGrantsAnew) {
        true => Pacing::new(per_hour),
        false => campaign.pacing.at_pace(per_hour, now),
    };
    let mut next = Campaign { pacing, modified_at: now, ..campaign };
    next.settings.schedule.pace_per_hour = per_hour;
    let is_sending = next.status == Status::Sending;
    if is_sending {
        next.next_check_at = Some(now);
    }
    sim.put_campaign(number, next).await?;
    if is_sending {
        let _ = sim.wake(number, 0).await;
    }
    Ok(())
}

/// Excludes a number; after the response the client relies on it.
async fn exclude(sim: &Sim, number: usize, phone: u32) -> Result<()> {
    let account = sim.account_of(number);
    let at = sim.now();
    sim.exclude(account, Decision { phone, at }).await?;
    let mut model = sim.model();
    let now = model.now;
    // Requests that exclude have a time limit: longer ones were never answered.
    if now.duration_since(at).as_secs() < 85 {
        model.truth.is_excluded(account, phone, now);
    }
    Ok(())
}
