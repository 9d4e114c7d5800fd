//! Campaigns of one account or of all: their state, and commands to stop them.

use app::Expected;
use app::campaigns::{self, progress, statistics};
use clap::Subcommand;
use domain::account::Account;
use domain::campaign::{Campaign, Status};
use domain::ids::{AccountId, CampaignId};
use domain::standstill::standstill;
use serde::Serialize;

use crate::CommandError;
use crate::answer::{Answer, Table, maybe_minute};
use crate::operator::Operator;

/// Most campaigns of one account that are listed, newest first.
const LISTED_MAX: usize = 1_000;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List campaigns that are not finished, of one account or of all
    List {
        account: Option<AccountId>,
        /// Finished ones too
        #[arg(long)]
        all: bool,
    },
    /// Show one campaign, its progress and its cost
    Show { account: AccountId, campaign: CampaignId },
    /// Pause a sending campaign; messages being handed over at this moment are still sent
    Pause { account: AccountId, campaign: CampaignId },
    /// Resume a paused campaign
    Resume { account: AccountId, campaign: CampaignId },
    /// End a paused or ready campaign: messages not handed over are not sent, and their credits return
    Cancel { account: AccountId, campaign: CampaignId },
}

#[derive(Serialize)]
struct CampaignView {
    account: String,
    id: String,
    name: String,
    kind: &'static str,
    status: &'static str,
    pause_reason: Option<&'static str>,
    recipients: u32,
    credits: CreditsView,
    created_at: jiff::Timestamp,
    due_at: Option<jiff::Timestamp>,
    started_at: Option<jiff::Timestamp>,
    handed_over_at: Option<jiff::Timestamp>,
    finished_at: Option<jiff::Timestamp>,
    /// When dispatch checks it next; a time long past means that dispatch does not run.
    next_check_at: Option<jiff::Timestamp>,
    /// Since when it makes no progress, although it waits for nothing.
    stands_still_since: Option<jiff::Timestamp>,
}

#[derive(Serialize)]
struct CreditsView {
    reserved: u64,
    used: u64,
    given_back: u64,
}

#[derive(Serialize)]
struct WithProgress {
    #[serde(flatten)]
    campaign: CampaignView,
    progress: ProgressView,
}

#[derive(Serialize)]
struct ProgressView {
    handed_over: u32,
    total: u32,
    rate_per_minute: u32,
    expected_end: Option<jiff::Timestamp>,
    batches: usize,
    /// Batches that are leased now.
    leased: usize,
}

fn view(campaign: &Campaign, now: jiff::Timestamp) -> CampaignView {
    let counted = campaign.count.as_ref().map_or(0, |count| count.recipients);
    CampaignView {
        account: campaign.account.to_string(),
        id: campaign.id.to_string(),
        name: campaign.settings.name.clone(),
        kind: campaign.settings.kind.code(),
        status: campaign.status.code(),
        pause_reason: campaign.pause_reason.map(|reason| reason.code()),
        recipients: campaign.audience.as_ref().map_or(counted, |audience| audience.recipients),
        credits: CreditsView { reserved: campaign.reserved, used: campaign.used, given_back: campaign.given_back },
        created_at: campaign.created_at,
        due_at: campaign.due_at,
        started_at: campaign.started_at,
        handed_over_at: campaign.handed_over_at,
        finished_at: campaign.finished_at,
        next_check_at: campaign.next_check_at,
        stands_still_since: standstill(campaign, now),
    }
}

pub async fn run(operator: &Operator, command: Command) -> Result<Answer, CommandError> {
    match command {
        Command::List { account, all } => list(operator, account, all).await,
        Command::Show { account, campaign } => {
            let (account, found) = find(operator, &account, &campaign).await?;
            show(operator, &account, &found).await
        }
        Command::Pause { account, campaign } => change(operator, &account, &campaign, Change::Pause).await,
        Command::Resume { account, campaign } => change(operator, &account, &campaign, Change::Resume).await,
        Command::Cancel { account, campaign } => change(operator, &account, &campaign, Change::Cancel).await,
    }
}

async fn list(operator: &Operator, account: Option<AccountId>, all: bool) -> Result<Answer, CommandError> {
    let store = operator.store()?;
    let accounts = match account {
        Some(id) => vec![operator.account(&id).await?],
        None => store.accounts().await?,
    };
    let mut views = Vec::new();
    for account in &accounts {
        let page = store.account(&account.id).campaigns(None, LISTED_MAX).await?;
        if page.next.is_some() {
            operator.warn(format!("{} has more campaigns: its {LISTED_MAX} newest are listed", account.id));
        }
        let wanted = page.items.iter().filter(|campaign| all || campaign.status != Status::Finished);
        views.extend(wanted.map(|campaign| view(campaign, operator.now())));
    }
    let mut table = Table::new(["ACCOUNT", "CAMPAIGN", "STATUS", "RECIPIENTS", "STARTED", "NEXT LOOK", "NAME"]);
    for one in &views {
        let status = match (one.pause_reason, one.stands_still_since) {
            (Some(reason), _) => format!("{} ({reason})", one.status),
            (None, Some(_)) => format!("{} (stands still)", one.status),
            (None, None) => one.status.to_owned(),
        };
        let (started, look) = (maybe_minute(one.started_at), maybe_minute(one.next_check_at));
        let (account, recipients) = (one.account.clone(), one.recipients.to_string());
        table.row([account, one.id.clone(), status, recipients, started, look, one.name.clone()]);
    }
    Answer::list(&views, table, "no campaign is under way")
}

async fn find(operator: &Operator, account: &AccountId, id: &CampaignId) -> Result<(Account, Campaign), CommandError> {
    let account = operator.account(account).await?;
    let found = operator.store()?.account(&account.id).campaign(id).await?;
    let found = found.ok_or_else(|| CommandError::NotFound { what: format!("campaign {id} in {}", account.id) })?;
    Ok((account, found))
}

async fn show(operator: &Operator, account: &Account, campaign: &Campaign) -> Result<Answer, CommandError> {
    let now = operator.now();
    let store = operator.store()?.account(&account.id);
    let batches = store.tallies(&campaign.id).await?;
    let tally = statistics::summary(&store, campaign).await?;
    let progress = progress(account, campaign, &tally, now);
    let progress = ProgressView {
        handed_over: progress.handed_over,
        total: progress.total,
        rate_per_minute: progress.rate_per_minute,
        expected_end: progress.expected_end,
        batches: batches.len(),
        leased: batches.iter().filter(|batch| batch.lease_until > now).count(),
    };
    let campaign = view(campaign, now);
    let ProgressView { handed_over, total, rate_per_minute, expected_end, batches, leased } = &progress;
    let CreditsView { reserved, used, given_back } = &campaign.credits;
    let table = Table::pairs([
        ("campaign", campaign.id.clone()),
        ("name", campaign.name.clone()),
        ("status", format!("{} {}", campaign.status, campaign.pause_reason.unwrap_or_default()).trim().to_owned()),
        ("handed over", format!("{handed_over} of {total}, {rate_per_minute} a minute")),
        ("batches", format!("{batches}, {leased} at work")),
        ("credits", format!("{reserved} reserved, {used} used, {given_back} given back")),
        ("due", maybe_minute(campaign.due_at)),
        ("started", maybe_minute(campaign.started_at)),
        ("next look", maybe_minute(campaign.next_check_at)),
        ("stands still since", maybe_minute(campaign.stands_still_since)),
        ("expected end", maybe_minute(*expected_end)),
        ("finished", maybe_minute(campaign.finished_at)),
    ]);
    Answer::new(&WithProgress { campaign, progress }, table.to_string())
}

#[derive(Debug, Clone, Copy)]
enum Change {
    Pause,
    Resume,
    Cancel,
}

async fn change(
    operator: &Operator,
    account: &AccountId,
    id: &CampaignId,
    change: Change,
) -> Result<Answer, CommandError> {
    let (account, _) = find(operator, account, id).await?;
    let (context, any) = (operator.context(&account.id)?, &Expected::Any);
    let changed = match change {
        Change::Pause => campaigns::pause(&context, id, any).await?,
        Change::Resume => campaigns::resume(&context, id, any).await?,
        Change::Cancel => campaigns::cancel(&context, id, any).await?,
    };
    show(operator, &account, &changed).await
}
