//! The plan of a history, drawn from the seed: who sends what to whom and when, what goes wrong and for how long.

use domain::sending_window::SendingWindow;
use domain::status::Kind;
use domain::territory::Territory;
use jiff::Timestamp;

use crate::engine::after_ms;
use crate::random::Random;

/// Probabilities of faults while they are active, per mille, and their durations.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// A process is killed at an await.
    pub dies: u32,
    /// A call to a table or queue is refused.
    pub refused: u32,
    /// A call has its effect, and its response is lost.
    pub unanswered: u32,
    /// An actor is delayed by up to two minutes.
    pub stalls: u32,
    /// A queue message is delivered twice, late, or lost (which includes dead letters).
    pub twice: u32,
    pub lost: u32,
    pub late: u32,
    /// An index shows a write some seconds later.
    pub index_lags: u32,
    /// A tick happens twice, or not at all.
    pub tick_twice: u32,
    pub tick_missing: u32,
}

/// The properties of a carrier.
#[derive(Debug, Clone)]
pub struct CarrierPlan {
    pub deduplicates: bool,
    /// Most messages per call, and messages per second by contract.
    pub window: u32,
    pub contract_rate: Option<u32>,
    /// Messages per second that it really accepts.
    pub takes: Option<u32>,
    /// Throttles a call completely, with a time to wait.
    pub throttles_whole: bool,
    pub says_how_long: bool,
    /// Answers 503, times out or breaks off, before or after accepting the messages.
    pub fails: u32,
    pub slow: u32,
    /// Outages: from, to.
    pub outages: Vec<(Timestamp, Timestamp)>,
    /// Receipts are missing, sent twice, or late: per mille.
    pub no_receipt: u32,
    pub receipt_twice: u32,
    pub receipt_late: u32,
}

#[derive(Debug, Clone)]
pub struct AccountPlan {
    pub window: SendingWindow,
    pub time_zone: &'static str,
    pub grants: u64,
}

/// A contact in a campaign's lists.
#[derive(Debug, Clone, Copy)]
pub struct Contact {
    pub territory: Territory,
    /// Identifies the person across all campaigns of the account.
    pub phone: u32,
    pub segments: u8,
    /// The carrier rejects the call that contains it, or the message.
    pub is_poison: bool,
    pub is_refused: bool,
}

#[derive(Debug, Clone)]
pub struct CampaignPlan {
    pub account: usize,
    pub kind: Kind,
    pub per_hour: Option<u32>,
    pub due_at: Timestamp,
    pub contacts: Vec<Contact>,
}

/// A user's command.
#[derive(Debug, Clone, Copy)]
pub enum Command {
    Pause,
    Resume,
    Cancel,
    Delete,
    Pace(Option<u32>),
    /// The number of a contact is excluded, by a user or a STOP.
    Exclude(u32),
    Window(SendingWindow),
}

#[derive(Debug, Clone)]
pub struct Plan {
    pub begins_at: Timestamp,
    /// From then on nothing goes wrong any more.
    pub calm_at: Timestamp,
    pub faults: Faults,
    pub has_timeouts: bool,
    pub sessions: usize,
    pub carrier: CarrierPlan,
    pub accounts: Vec<AccountPlan>,
    pub campaigns: Vec<CampaignPlan>,
    /// When, to which campaign, what.
    pub commands: Vec<(Timestamp, usize, Command)>,
    pub tick_outage: Option<(Timestamp, Timestamp)>,
}

const TERRITORIES: [Territory; 6] = [
    Territory::Metropolitan,
    Territory::Guadeloupe,
    Territory::Reunion,
    Territory::NewCaledonia,
    Territory::Polynesia,
    Territory::Other,
];

/// Instants with difficult calendars and clocks, and an ordinary Tuesday.
const BEGINNINGS: [&str; 10] = [
    "2026-12-01T08:58:00Z",
    "2026-12-01T08:58:00Z",
    "2026-12-01T08:58:00Z",
    // The end of the day in Paris, before a Sunday, before Christmas and its second day in Alsace.
    "2026-12-05T18:52:00Z",
    "2026-12-24T18:56:00Z",
    // The abolition of slavery in Réunion, a holiday only there; 1 May.
    "2026-12-20T03:55:00Z",
    "2027-04-30T17:50:00Z",
    // The clocks of Paris change: forward, back; and Saint-Pierre's, one of its own.
    "2027-03-28T00:50:00Z",
    "2026-10-25T00:40:00Z",
    "2026-10-31T17:50:00Z",
];

fn window(random: &mut Random) -> SendingWindow {
    use jiff::civil::{Weekday, time};
    let all = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ];
    let (from, to) = random.pick(&[(0, 22), (1, 4), (8, 20), (2, 3), (9, 19), (0, 22)]);
    let minute = random.pick(&[0, 0, 30]);
    match random.below(3) {
        0 => SendingWindow::default(),
        _ => SendingWindow::new(&all, time(from, minute, 0, 0), time(to, 0, 0, 0))
            .map(|window| window.with_holidays(minute == 0))
            .unwrap_or_default(),
    }
}

impl Plan {
    pub fn draw(random: &mut Random) -> Self {
        let begins_at: Timestamp = random.pick(&BEGINNINGS).parse().unwrap_or(Timestamp::UNIX_EPOCH);
        let calm_at = after_ms(begins_at, random.between(3, 25) * 60_000);
        let accounts: Vec<_> = (0..random.between(1, 3))
            .map(|_| AccountPlan {
                window: window(random),
                time_zone: random.pick(&["Europe/Paris", "Europe/Paris", "America/New_York", "Pacific/Auckland"]),
                grants: 100_000,
            })
            .collect();
        let campaigns: Vec<_> =
            (0..random.pick(&[1, 1, 1, 2, 2, 3])).map(|_| campaign(random, accounts.len(), begins_at)).collect();
        let mut plan = Self {
            begins_at,
            calm_at,
            faults: faults(random),
            has_timeouts: random.chance(500),
            sessions: random.pick(&[1, 2, 2, 3, 5]),
            carrier: carrier(random, begins_at, calm_at),
            tick_outage: random.chance(100).then(|| (after_ms(begins_at, 60_000), after_ms(begins_at, 3_660_000))),
            accounts,
            campaigns,
            commands: Vec::new(),
        };
        plan.commands = commands(random, &plan);
        plan
    }
}

fn faults(random: &mut Random) -> Faults {
    if random.chance(80) {
        return Faults::default();
    }
    let mut some = |most: u32| random.pick(&[0, most / 4, most, most * 3]);
    Faults {
        dies: some(4),
        refused: some(8),
        unanswered: some(8),
        stalls: some(8),
        twice: some(60),
        lost: some(20),
        late: some(60),
        index_lags: some(200),
        tick_twice: some(60),
        tick_missing: some(100),
    }
}

fn carrier(random: &mut Random, begins_at: Timestamp, calm_at: Timestamp) -> CarrierPlan {
    let chaos_ms = calm_at.as_millisecond() - begins_at.as_millisecond();
    let mut outage = || {
        let from = after_ms(begins_at, random.between(0, chaos_ms));
        (from, after_ms(from, random.between(1_000, 600_000)))
    };
    let outages = [outage(), outage()];
    let count = random.pick(&[0, 0, 1, 2]);
    CarrierPlan {
        deduplicates: random.chance(400),
        window: random.pick(&[1, 3, 10, 50, 500]),
        contract_rate: random.pick(&[None, None, Some(2), Some(20)]),
        takes: random.pick(&[None, None, Some(1), Some(5), Some(40)]),
        throttles_whole: random.chance(300),
        says_how_long: random.chance(500),
        fails: random.pick(&[0, 0, 20, 150]),
        slow: random.pick(&[0, 30, 200]),
        outages: outages[..count].to_vec(),
        no_receipt: random.pick(&[0, 0, 0, 30]),
        receipt_twice: random.pick(&[0, 100]),
        receipt_late: random.pick(&[0, 50]),
    }
}

fn campaign(random: &mut Random, accounts: usize, begins_at: Timestamp) -> CampaignPlan {
    let faulty = random.chance(150);
    let mut territories: Vec<_> = (0..random.between(1, 3)).map(|_| random.pick(&TERRITORIES)).collect();
    territories.sort_unstable();
    territories.dedup();
    let mut contacts = Vec::new();
    for territory in territories {
        // Sometimes so many that one territory has several batches.
        let recipients = if random.chance(12) { random.between(490, 1_010) } else { random.between(1, 12) };
        for _ in 0..recipients {
            contacts.push(Contact {
                territory,
                phone: 0,
                segments: random.pick(&[1, 1, 2]),
                is_poison: faulty && random.chance(40),
                is_refused: faulty && random.chance(80),
            });
        }
    }
    // Campaigns of an account have the same contacts, as far as possible.
    for (phone, contact) in (0..).zip(&mut contacts) {
        contact.phone = phone;
    }
    let pace = match contacts.len() > 100 {
        true => random.pick(&[None, Some(60_000)]),
        false => random.pick(&[None, None, Some(12), Some(60), Some(600), Some(6_000)]),
    };
    CampaignPlan {
        account: random.below(u32::try_from(accounts).unwrap_or(1)) as usize,
        kind: if random.chance(200) { Kind::Alert } else { Kind::Marketing },
        per_hour: pace,
        due_at: after_ms(begins_at, random.between(0, 240_000)),
        contacts,
    }
}

fn commands(random: &mut Random, plan: &Plan) -> Vec<(Timestamp, usize, Command)> {
    let chaos_ms = plan.calm_at.as_millisecond() - plan.begins_at.as_millisecond();
    let mut commands = Vec::new();
    let mut at = after_ms(plan.begins_at, random.between(0, chaos_ms));
    for _ in 0..random.pick(&[0, 0, 1, 2, 4, 8]) {
        // Some right after others, some much later.
        at = match random.below(3) {
            0 => after_ms(plan.begins_at, random.between(0, chaos_ms)),
            1 => after_ms(at, random.between(0, 4_000)),
            _ => after_ms(at, random.between(20_000, 90_000)),
        };
        let campaign = random.below(u32::try_from(plan.campaigns.len()).unwrap_or(1)) as usize;
        let contacts = u32::try_from(plan.campaigns[campaign].contacts.len()).unwrap_or(1);
        // Slower than this, many recipients take longer than a history lasts.
        let slow = plan.campaigns[campaign].per_hour.is_some() && contacts <= 100;
        let command = match random.below(20) {
            0..5 => Command::Pause,
            5..8 => Command::Resume,
            8..11 => Command::Cancel,
            11 => Command::Delete,
            12..15 => Command::Pace(random.pick(&[None, Some(if slow { 30 } else { 600 }), Some(600), Some(60_000)])),
            15..19 => Command::Exclude(random.below(contacts)),
            _ => Command::Window(window(random)),
        };
        commands.push((at.min(plan.calm_at), campaign, command));
        // The same command is repeated.
        if let Command::Pace(Some(600)) = command
            && random.chance(250)
        {
            let times = (1..20).map(|time| after_ms(at, time * 300).min(plan.calm_at));
            commands.extend(times.map(|at| (at, campaign, command)));
        }
    }
    commands
}
