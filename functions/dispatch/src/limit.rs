//! How much of a campaign may be under way to the carrier: never more than it takes until the next look, so that an
//! account that starts to send beside a large one waits for seconds, and being throttled stays rare.

use domain::campaign::Campaign;
use domain::flow::{Flow, share};
use jiff::Timestamp;

use crate::{App, Error};

/// Messages of a campaign under way at once, where nothing is known of the carrier's rate: some seconds' worth of a fast
/// one.
const UNDER_WAY_MAX: u32 = 128_000;
/// Where the rate is known: what the carrier takes in so many seconds.
const AHEAD_SECONDS: u64 = 10;
/// Seconds until the next look at a campaign that this holds back: soon enough that the carrier is never idle.
const LOOK_SECONDS: i64 = 2;
const LOOK_SECONDS_AT_RATE: i64 = 5;
/// The same while the circuit is open, at least and at most.
const LOOK_SECONDS_OPEN: std::ops::RangeInclusive<i64> = 2..=30;

/// How much more may be released.
pub struct Limit {
    pub messages: u32,
    /// Seconds after which there may be room for more, when all of it was released.
    pub look_seconds: i64,
}

/// How much more of a campaign may be released, of which `under_way` messages are released and not sent yet.
pub async fn limit(
    app: &App,
    campaign: &Campaign,
    flow: &Flow,
    under_way: u32,
    now: Timestamp,
) -> Result<Limit, Error> {
    if flow.is_open() {
        let probe = flow.probe_at.map_or(0, |at| at.duration_since(now).as_secs() + 1);
        let look_seconds = probe.clamp(*LOOK_SECONDS_OPEN.start(), *LOOK_SECONDS_OPEN.end());
        // Something has to be there that can probe the carrier.
        return Ok(Limit { messages: u32::from(under_way == 0), look_seconds });
    }
    let Some(rate) = flow.rate(&app.config.contract) else {
        return Ok(Limit { messages: UNDER_WAY_MAX.saturating_sub(under_way), look_seconds: LOOK_SECONDS });
    };
    let most = campaign.pacing.per_hour.map(|per_hour| u64::from(per_hour) * 1_000 / 3_600);
    let demands = app.store.demand(&app.config.carrier, &campaign.account, &campaign.id, most, now).await?;
    let ahead = share(rate, &demands.all, demands.own).saturating_mul(AHEAD_SECONDS).div_ceil(1_000).max(1);
    let messages = u32::try_from(ahead).unwrap_or(u32::MAX).saturating_sub(under_way);
    Ok(Limit { messages, look_seconds: LOOK_SECONDS_AT_RATE })
}
