//! How much more of a campaign may be released: computes its share of the carrier's rate.

use domain::campaign::Campaign;
use domain::dispatch::{Limit, limit_at_rate, limit_while_open, limit_without_rate};
use domain::flow::{Flow, share};
use jiff::Timestamp;

use crate::{App, Error};

/// How much more of a campaign may be released when `under_way` messages are released and not sent yet.
pub async fn limit(
    app: &App,
    campaign: &Campaign,
    flow: &Flow,
    under_way: u32,
    now: Timestamp,
) -> Result<Limit, Error> {
    if flow.is_open() {
        return Ok(limit_while_open(flow, under_way, now));
    }
    let Some(rate) = flow.rate(&app.contract) else { return Ok(limit_without_rate(under_way)) };
    let most = campaign.pacing.per_hour.map(|per_hour| u64::from(per_hour) * 1_000 / 3_600);
    let demands = app.store.demand(&app.carrier, &campaign.account, &campaign.id, most, now).await?;
    Ok(limit_at_rate(share(rate, &demands.all, demands.own), under_way))
}
