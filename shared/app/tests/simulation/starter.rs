//! Starts: a campaign is claimed, its audience fixed and cut into batches. Follows the steps of
//! `functions/dispatch/src/start.rs` between which others can run; lists and credits are fixed in a history.

use domain::campaign::{Audience, Campaign, Command};
use domain::release::{Pacing, Run};

use crate::dispatcher::advance;
use crate::engine::{Sim, after_ms};
use crate::table::Result;

const START_LEASE_MS: i64 = 60_000;
const BEING_WRITTEN_MS: i64 = 90_000;

pub async fn start(sim: &Sim, number: usize, campaign: Campaign) -> Result<()> {
    let now = sim.now();
    let Ok(mut next) = campaign.apply(Command::Start, now) else { return Ok(()) };
    next.next_check_at = Some(after_ms(now, START_LEASE_MS));
    let won = sim.put_campaign(number, next).await?;
    build_won(sim, number, won).await
}

pub async fn build(sim: &Sim, number: usize, campaign: Campaign) -> Result<()> {
    let next_check_at = Some(after_ms(sim.now(), START_LEASE_MS));
    let won = sim.put_campaign(number, Campaign { next_check_at, ..campaign }).await?;
    build_won(sim, number, won).await
}

async fn build_won(sim: &Sim, number: usize, campaign: Campaign) -> Result<()> {
    let excluded_until = after_ms(sim.now(), -BEING_WRITTEN_MS);
    let excluded = sim.excluded_since(sim.account_of(number), jiff::Timestamp::UNIX_EPOCH).await?.0;
    let (runs, recipients) = cut(sim, number, &excluded);
    sim.create_batches(number, &sizes(&runs), campaign.version).await?;
    let per_hour = campaign.pacing.per_hour.or(campaign.settings.schedule.pace_per_hour);
    let recipients_count = u32::try_from(recipients.len()).unwrap_or(u32::MAX);
    let audience = Audience { recipients: recipients_count, runs, link_ranges: Vec::new(), excluded_until };
    let next = Campaign { audience: Some(audience.clone()), pacing: Pacing::new(per_hour), ..campaign };
    let written = sim
        .call(|model| {
            let written = model.write_campaign(number, next.clone())?;
            model.truth.audience_is(number, &recipients);
            Ok(written)
        })
        .await?;
    advance(sim, number, written, audience).await
}

/// The runs of the audience, and the index of each recipient among the campaign's contacts.
fn cut(sim: &Sim, number: usize, excluded: &[u32]) -> (Vec<Run>, Vec<usize>) {
    let model = sim.model();
    let plan = &model.plan.campaigns[number];
    let is_marketing = plan.kind == domain::campaign::Kind::Marketing;
    let (mut runs, mut recipients): (Vec<Run>, Vec<usize>) = (Vec::new(), Vec::new());
    for (slice, contact) in plan.contacts.iter().enumerate() {
        if is_marketing && excluded.contains(&contact.phone) {
            continue;
        }
        match runs.last_mut().filter(|run| run.territory == contact.territory) {
            Some(run) => run.recipients += 1,
            None => runs.push(Run {
                territory: contact.territory,
                first: u32::try_from(recipients.len()).unwrap_or(u32::MAX),
                recipients: 1,
                first_batch: runs.iter().map(Run::batches).sum(),
                released: 0,
                done_batches: 0,
            }),
        }
        recipients.push(slice);
    }
    (runs, recipients)
}

fn sizes(runs: &[Run]) -> Vec<u32> {
    let batches: u32 = runs.iter().map(Run::batches).sum();
    (0..batches).filter_map(|number| Some(domain::release::batch_slice(runs, number)?.recipients)).collect()
}
