//! Starts a campaign: claims it, fixes its audience, and cuts it into batches.

use std::time::Duration;

use app::audience::{self, BeforeStart};
use aws::files::FileKey;
use aws::store;
use aws::store::{AccountStore, LinkRange, LinkTarget};
use domain::account::Account;
use domain::campaign::{Audience, Campaign, Command, MadeWith, PauseCause, PauseReason};
use domain::compose::Composer;
use domain::credits::{Movement, MovementKind};
use domain::release::Pacing;
use jiff::SignedDuration;
use support::Metric;
use tracing::{info, warn};

use crate::announce::announce;
use crate::schedule::reschedule;
use crate::{App, Error, advance};

/// Longest time between the timestamp of an exclusion and its write: the longest request that excludes, and clock
/// differences.
const BEING_WRITTEN: SignedDuration = SignedDuration::from_secs(90);
/// Lease of a start before another dispatch takes over; it is renewed while the start runs.
const START_LEASE: SignedDuration = SignedDuration::from_secs(60);
const RENEW_EVERY: Duration = Duration::from_secs(20);

/// Seconds between two checks of a campaign that waits for an import.
const IMPORT_SECONDS: i64 = 10;

/// Claims a campaign that is due: of two attempts the conditional write lets one succeed.
pub async fn start(app: &App, campaign: Campaign) -> Result<(), Error> {
    let now = app.clock.now();
    let store = app.store.account(&campaign.account);
    let Some(campaign) = ready(app, &store, campaign).await? else { return Ok(()) };
    let Ok(mut next) = campaign.apply(Command::Start, now) else { return Ok(()) };
    next.next_check_at = Some(now + START_LEASE);
    let won = store.put_campaign(next).await?;
    info!(account.id = %won.account, campaign.id = %won.id, "campaign started");
    app.measure(&[(Metric::CampaignsStarted, 1.0)]);
    Box::pin(build_won(app, announce(app, won).await)).await
}

/// The campaign if it may start now; otherwise it waits for an import, or is paused.
async fn ready(app: &App, store: &AccountStore, campaign: Campaign) -> Result<Option<Campaign>, Error> {
    let now = app.clock.now();
    match audience::before_start(store, &campaign, now).await? {
        BeforeStart::Ready => return Ok(Some(campaign)),
        BeforeStart::Importing => drop(reschedule(app, campaign, IMPORT_SECONDS).await?),
        BeforeStart::Obstacle(cause) => pause_for_lists(store, campaign, Some(cause), now).await?,
    }
    Ok(None)
}

/// Continues a start that was cut off. Every step can be repeated.
pub async fn build(app: &App, campaign: Campaign) -> Result<(), Error> {
    let store = app.store.account(&campaign.account);
    let Some(campaign) = ready(app, &store, campaign).await? else { return Ok(()) };
    let won = renew(app, campaign).await?;
    Box::pin(build_won(app, won)).await
}

/// Extends the lease of the start.
async fn renew(app: &App, campaign: Campaign) -> Result<Campaign, Error> {
    let next_check_at = Some(app.clock.now() + START_LEASE);
    Ok(app.store.account(&campaign.account).put_campaign(Campaign { next_check_at, ..campaign }).await?)
}

/// Runs work that may take long and renews the start's lease meanwhile. Fails if the campaign was changed: another
/// process may continue.
async fn renewing<T>(app: &App, mut campaign: Campaign, work: impl Future<Output = T>) -> Result<(Campaign, T), Error> {
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return Ok((campaign, done)),
            () = tokio::time::sleep(RENEW_EVERY) => campaign = renew(app, campaign).await?,
        }
    }
}

async fn build_won(app: &App, campaign: Campaign) -> Result<(), Error> {
    let store = app.store.account(&campaign.account);
    let account = app.account_of(&campaign).await?;
    // Each batch reads the exclusions decided from then on. Earlier by this margin, to include exclusions decided
    // before this instant that are not written yet.
    let excluded_until = app.clock.now() - BEING_WRITTEN;
    let settings = campaign.settings.clone();
    let MadeWith { stop_code, short_url, .. } = campaign.messages_made_with(&account, &app.short_url);
    let composer = Composer::new(&settings.message, &stop_code, &short_url).map_err(audience::Error::Message)?;
    let counted = campaign.count.clone().unwrap_or_default();
    let work = audience::build(&store, &app.files, &settings, &counted, &composer);
    let (campaign, built) = renewing(app, campaign, work).await?;
    let built = match built {
        Ok(built) => built,
        Err(audience::Error::Obstacle(cause)) => {
            return pause_for_lists(&store, campaign, Some(cause), app.clock.now()).await;
        }
        Err(error) if error.is_temporary() => return Err(error.into()),
        Err(error) => {
            warn!(campaign.id = %campaign.id, error.chain = support::telemetry::chain(&error), "a list cannot be read");
            return pause_for_lists(&store, campaign, None, app.clock.now()).await;
        }
    };
    // The credits first: a campaign that cannot be paid for leaves nothing behind.
    let Some(campaign) = reserve_the_rest(app, &store, &account, campaign, built.count.credits).await? else {
        return Ok(());
    };
    let recipients = built.count.recipients;
    let file = FileKey::Audience { account: campaign.account.clone(), campaign: campaign.id.clone() };
    let batches = u32::try_from(built.batches.len()).unwrap_or(u32::MAX);
    let link_ranges = reserve_links(app, &campaign, &composer, recipients).await?;
    let id = campaign.id.clone();
    let work = async {
        let (file_written, batches_written) = tokio::join!(
            app.files.put(&file, built.file, "text/csv; charset=utf-8"),
            store.create_batches(&id, &built.batches),
        );
        file_written?;
        batches_written?;
        // A start that was cut off may have made more batches than this one.
        store.forget_batches_from(&id, batches).await?;
        for list in &settings.lists {
            store.touch_list(list, app.clock.now()).await?;
        }
        Ok::<(), Error>(())
    };
    let (campaign, written) = renewing(app, campaign, work).await?;
    written?;
    let per_hour = campaign.pacing.per_hour.or(campaign.settings.schedule.pace_per_hour);
    let audience = Audience { recipients, runs: built.runs, link_ranges, excluded_until };
    let next = Campaign {
        audience: Some(audience.clone()),
        count: Some(built.count),
        pacing: Pacing::new(per_hour),
        ..campaign
    };
    Box::pin(advance::advance(app, store.put_campaign(next).await?, audience)).await
}

/// Reserves what the audience costs beyond the credits reserved at validation, as the lists may have grown. Without
/// enough credits the campaign is paused and nothing is sent.
async fn reserve_the_rest(
    app: &App,
    store: &AccountStore,
    account: &Account,
    campaign: Campaign,
    needed: u64,
) -> Result<Option<Campaign>, Error> {
    let now = app.clock.now();
    let missing = needed.saturating_sub(campaign.reserved);
    if missing == 0 {
        return Ok(Some(campaign));
    }
    let movement = Movement { at: now, kind: MovementKind::Reserved, credits: missing, about: campaign.id.to_string() };
    let next = Campaign { reserved: needed, ..campaign.clone() };
    match store.put_campaign_and_move(next, account.balance.mode, &[movement]).await {
        Ok(written) => Ok(Some(written)),
        Err(store::Error::NotEnoughCredits) => {
            // Resuming builds the audience again, from the lists at that time.
            pause(store, campaign, PauseReason::Credits, now).await?;
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Pauses a campaign whose audience would differ from the validated one, and logs which list and why.
async fn pause_for_lists(
    store: &AccountStore,
    campaign: Campaign,
    cause: Option<PauseCause>,
    now: jiff::Timestamp,
) -> Result<(), Error> {
    let Ok(paused) = campaign.apply(Command::Pause(PauseReason::Lists), now) else { return Ok(()) };
    let code = cause.as_ref().map_or("unreadable", PauseCause::code);
    store.put_campaign(Campaign { pause_cause: cause, ..paused }).await?;
    warn!(campaign.id = %campaign.id, reason = PauseReason::Lists.code(), cause = code, "campaign paused");
    Ok(())
}

async fn pause(
    store: &AccountStore,
    campaign: Campaign,
    reason: PauseReason,
    now: jiff::Timestamp,
) -> Result<(), Error> {
    let Ok(paused) = campaign.apply(Command::Pause(reason), now) else { return Ok(()) };
    store.put_campaign(paused).await?;
    warn!(campaign.id = %campaign.id, reason = reason.code(), "campaign paused");
    Ok(())
}

/// Reserves a number range per link, short links before images; a link not used in the text gets none.
async fn reserve_links(
    app: &App,
    campaign: &Campaign,
    composer: &Composer,
    recipients: u32,
) -> Result<Vec<u64>, store::Error> {
    let mut firsts = Vec::new();
    for (index, link) in campaign.settings.message.all_links().enumerate() {
        if !composer.uses_link(index) || recipients == 0 {
            firsts.push(0);
            continue;
        }
        let first = app.store.reserve_link_numbers(u64::from(recipients)).await?;
        let (target, fallback_url) = LinkTarget::split(link.target);
        let range = LinkRange {
            first,
            count: u64::from(recipients),
            account: campaign.account.clone(),
            campaign: campaign.id.clone(),
            name: link.name.to_owned(),
            index: u8::try_from(index).unwrap_or(u8::MAX),
            target,
            expires_at: link.expires_at,
            fallback_url,
        };
        app.store.put_link_range(&range).await?;
        firsts.push(first);
    }
    Ok(firsts)
}
