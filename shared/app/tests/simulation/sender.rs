//! Send: one batch goes to the carrier. Follows `functions/send/src/{batch,ready,prepare,call,record}.rs` in the same
//! order, over the same domain.

use carrier::{Answer, SubmitReport};
use domain::account::Account;
use domain::campaign::{Campaign, Kind, Status};
use domain::flow::Party;
use domain::hand_over;
use domain::ledger::Minute;
use domain::legal_window::LegalWindow;
use domain::release::{BatchSlice, batch_slice};
use domain::send::{LAST_CALL, Outlook, Turn, comes_back, is_more_released, may_send, try_again_at};
use jiff::Timestamp;

use crate::engine::{Sim, after_ms};
use crate::flows::Flows;
use crate::queue::Hint;
use crate::rules::Break;
use crate::table::{Batch, Result, TableError};

const LEASE_MS: i64 = 45_000;
pub const CALL_TIMEOUT_MS: i64 = 20_000;
const TRIES: u32 = 10;

/// A rendered message.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing {
    /// Index of its record in the batch.
    pub position: usize,
    /// Its recipient's index in the audience.
    pub index: u32,
    pub segments: u8,
}

/// What was read before a call, and when.
#[derive(Debug, Clone, Copy)]
pub struct Looked {
    /// When the exclusions were read.
    pub excluded_at: Timestamp,
    /// The instant for which the window was checked, without waiting since.
    pub is_fresh: bool,
    /// When the carrier's flow was asked for this call.
    pub asked_at: Timestamp,
}

/// A leased batch and its state.
struct Work<'a> {
    sim: &'a Sim,
    flows: Flows<'a>,
    hint: Hint,
    campaign: &'a Campaign,
    account: &'a Account,
    slice: &'a BatchSlice,
    deduplicates: bool,
    looked: Looked,
}

/// Whether there is a next call: with this many messages, or when to continue.
enum NextCall {
    Allowed(usize),
    Not(Option<Timestamp>),
}

pub async fn send(sim: &Sim, session: usize, hint: Hint) -> Result<()> {
    let flows = Flows { sim, session, party: Party(account_of(sim, hint) as u64) };
    match Outlook::new(flows.outlook(1).await?, true, sim.now()) {
        Outlook::TakeUp => {}
        Outlook::ComeBack(at) => {
            flows.wait().await?;
            return come_back(sim, hint, at).await;
        }
        Outlook::Leave => return Ok(()),
    }
    let early = match sim.is_broken(Break::CampaignReadBeforeLease) {
        true => ready(sim, hint).await?,
        false => None,
    };
    let until = after_ms(sim.now(), LEASE_MS);
    let Some(mut batch) = sim.lease_batch(hint.campaign, hint.batch, until).await? else { return Ok(()) };
    let found = match early {
        Some(early) => Some(early),
        None => ready(sim, hint).await?,
    };
    let next = match &found {
        Some((campaign, account, slice)) => {
            let deduplicates = sim.model().plan.carrier.deduplicates;
            let nobody = Timestamp::UNIX_EPOCH;
            let looked = Looked { excluded_at: nobody, is_fresh: true, asked_at: nobody };
            let mut work = Work { sim, flows, hint, campaign, account, slice, deduplicates, looked };
            let outgoing = work.prepare(&mut batch).await?;
            work.hand_over_all(&mut batch, outgoing).await?
        }
        None => None,
    };
    batch.lease_until = Timestamp::UNIX_EPOCH;
    save(sim, hint, &mut batch).await?;
    match next {
        Some(at) => come_back(sim, hint, at).await,
        None if has_more(sim, hint, found.map(|(.., slice)| slice)).await? => {
            come_back(sim, Hint { waits_since: None, ..hint }, sim.now()).await
        }
        None => Ok(()),
    }
}

async fn has_more(sim: &Sim, hint: Hint, sent: Option<BatchSlice>) -> Result<bool> {
    let Some(sent) = sent.filter(|sent| sent.released < sent.recipients) else { return Ok(false) };
    let audience = sim.campaign(hint.campaign).await?.filter(may_send).and_then(|campaign| campaign.audience);
    Ok(is_more_released(sent, audience.and_then(|audience| batch_slice(&audience.runs, hint.batch))))
}

async fn ready(sim: &Sim, hint: Hint) -> Result<Option<(Campaign, Account, BatchSlice)>> {
    let Some(campaign) = sim.campaign(hint.campaign).await?.filter(|found| found.status != Status::Deleted) else {
        return Ok(None);
    };
    let Some(audience) = campaign.audience.as_ref().filter(|_| may_send(&campaign)) else { return Ok(None) };
    let slice = batch_slice(&audience.runs, hint.batch).ok_or(TableError::Unexpected)?;
    if slice.released == 0 {
        return Ok(None);
    }
    let account = sim.account(account_of(sim, hint)).await?;
    let is_open = is_open(&campaign, &account, &slice, sim.now());
    Ok(is_open.then_some((campaign, account, slice)))
}

fn account_of(sim: &Sim, hint: Hint) -> usize {
    sim.model().plan.campaigns[hint.campaign].account
}

fn is_open(campaign: &Campaign, account: &Account, slice: &BatchSlice, now: Timestamp) -> bool {
    LegalWindow::new(account, campaign.settings.kind, now).is_open(slice.territory)
}

async fn come_back(sim: &Sim, mut hint: Hint, at: Timestamp) -> Result<()> {
    let now = sim.now();
    let since = *hint.waits_since.get_or_insert(now);
    if !comes_back(since.as_second(), now) {
        return Ok(());
    }
    let seconds = at.duration_since(sim.now()).as_secs_f64().ceil().max(0.0) as i64;
    sim.release_again(hint, seconds.min(900) * 1_000).await
}

impl Work<'_> {
    fn minute(&self) -> Minute {
        Minute::from_timestamp(self.sim.now())
    }

    /// Which of some recipients were excluded since the start; records the instant of the read.
    async fn excluded(&mut self, indexes: &[u32]) -> Result<Vec<u32>> {
        let Some(audience) = &self.campaign.audience else { return Ok(Vec::new()) };
        let account = account_of(self.sim, self.hint);
        let (phones, at) = self.sim.excluded_since(account, audience.excluded_until).await?;
        (self.looked.excluded_at, self.looked.is_fresh) = (at, true);
        if self.campaign.settings.kind == Kind::Alert {
            return Ok(Vec::new());
        }
        let model = self.sim.model();
        let is_excluded = |index: &u32| phones.contains(&model.truth.phone(self.hint.campaign, *index));
        Ok(indexes.iter().copied().filter(is_excluded).collect())
    }

    async fn prepare(&mut self, batch: &mut Batch) -> Result<Vec<Outgoing>> {
        let (first, released) = (self.slice.first, self.slice.released);
        if !batch.ledger.records().iter().take(released as usize).any(|record| record.state.outcome().is_to_send()) {
            return Ok(Vec::new());
        }
        // The rows out of the audience file.
        self.sim.call(|_| Ok(())).await?;
        if batch.ledger.records().len() != self.slice.recipients as usize {
            return Err(TableError::Unexpected);
        }
        let indexes: Vec<_> = (first..first + released).collect();
        let excluded = self.excluded(&indexes).await?;
        let now = self.minute();
        let mut outgoing = Vec::new();
        for (position, (record, index)) in batch.ledger.records_mut().iter_mut().zip(indexes).enumerate() {
            let settled = hand_over::settle(*record, excluded.contains(&index), self.deduplicates, now);
            if let Some(settled) = settled {
                *record = settled;
            } else if record.state.outcome().is_to_send() {
                let segments = self.sim.model().truth.segments(self.hint.campaign, index);
                outgoing.push(Outgoing { position, index, segments });
            }
        }
        Ok(outgoing)
    }

    async fn hand_over_all(&mut self, batch: &mut Batch, mut left: Vec<Outgoing>) -> Result<Option<Timestamp>> {
        let begun_at = self.sim.now();
        let (mut calls, mut most, mut waits) = (0, usize::MAX, 0);
        while !left.is_empty() {
            let messages = match self.next_call(begun_at, left.len().min(most)).await? {
                NextCall::Allowed(messages) => messages.min(most),
                NextCall::Not(come_back_at) => return Ok(come_back_at),
            };
            // The first call uses what was just read; before every other call time has passed.
            let has_waited = !self.looked.is_fresh && !self.sim.is_broken(Break::FirstCallAfterWait);
            if (calls > 0 || has_waited) && !self.goes_on(batch, &mut left).await? {
                return Ok(None);
            }
            if left.is_empty() {
                break;
            }
            if calls == 0 && messages == 1 {
                // Any of them probes the carrier.
                let offset = self.sim.now().as_millisecond().rem_euclid(left.len() as i64);
                left.rotate_left(usize::try_from(offset).unwrap_or_default());
            }
            calls += 1;
            let rest = left.split_off(messages.min(left.len()));
            let Some(report) = self.call(batch, &left).await? else { return Ok(None) };
            self.looked.is_fresh = false;
            if report.error.as_ref().is_some_and(|error| error.is_about_messages()) {
                most = self.smaller(batch, &left).await?;
                left.extend(rest);
                left.retain(|message| batch.ledger.records()[message.position].state.outcome().is_to_send());
                continue;
            }
            most = most.saturating_mul(2);
            let is_left = |message: &&Outgoing| batch.ledger.records()[message.position].state.outcome().is_to_send();
            waits += left.iter().filter(is_left).count();
            left = rest;
        }
        if waits == 0 {
            return Ok(None);
        }
        let grant = self.flows.outlook(u32::try_from(waits).unwrap_or(u32::MAX)).await?;
        Ok(try_again_at(grant, self.sim.now()))
    }

    async fn next_call(&mut self, begun_at: Timestamp, wanted: usize) -> Result<NextCall> {
        loop {
            let now = self.sim.now();
            if now > begun_at + LAST_CALL {
                return Ok(NextCall::Not(Some(now)));
            }
            self.looked.asked_at = now;
            let grant = self.flows.grant(u32::try_from(wanted).unwrap_or(u32::MAX)).await?;
            match Turn::new(grant, false, now) {
                Turn::Call(messages) => return Ok(NextCall::Allowed(messages as usize)),
                Turn::Stop => return Ok(NextCall::Not(None)),
                Turn::ComeBack(at) => return Ok(NextCall::Not(Some(at))),
                Turn::Wait(wait) => {
                    self.looked.is_fresh = false;
                    self.sim.sleep(i64::try_from(wait.as_millis()).unwrap_or(0).max(0)).await;
                }
            }
        }
    }

    async fn goes_on(&mut self, batch: &mut Batch, left: &mut Vec<Outgoing>) -> Result<bool> {
        let now = self.sim.now();
        let fresh = self.sim.campaign(self.hint.campaign).await?.filter(|found| found.status != Status::Deleted);
        let goes_on =
            fresh.is_some_and(|campaign| may_send(&campaign)) && is_open(self.campaign, self.account, self.slice, now);
        if !goes_on {
            return Ok(false);
        }
        let indexes: Vec<_> = left.iter().map(|message| message.index).collect();
        let excluded = self.excluded(&indexes).await?;
        let now = self.minute();
        for message in left.iter().filter(|message| excluded.contains(&message.index)) {
            let record = &mut batch.ledger.records_mut()[message.position];
            *record = hand_over::settle(*record, true, self.deduplicates, now).unwrap_or(*record);
        }
        left.retain(|message| !excluded.contains(&message.index));
        Ok(true)
    }

    /// One call to the carrier. `None` if it must not begin: after a delay the window may be closed, or the lease
    /// expired.
    async fn call(&mut self, batch: &mut Batch, outgoing: &[Outgoing]) -> Result<Option<SubmitReport>> {
        for message in outgoing {
            let record = &mut batch.ledger.records_mut()[message.position];
            *record = hand_over::submitting(*record, message.segments);
        }
        batch.lease_until = after_ms(self.sim.now(), LEASE_MS);
        if !self.sim.is_broken(Break::CallBeforeMark) {
            save(self.sim, self.hint, batch).await?;
        }
        let now = self.sim.now();
        let is_open = is_open(self.campaign, self.account, self.slice, now);
        if (!is_open || now >= batch.lease_until) && !self.sim.is_broken(Break::HeldUpAndCalls) {
            self.answered(batch, outgoing, &vec![Answer::Throttled; outgoing.len()]);
            return Ok(None);
        }
        self.sim.model().call_begins(self.hint.campaign, outgoing, &self.looked, is_open);
        let report = self.sim.submit(self.hint.campaign, outgoing).await;
        self.answered(batch, outgoing, &report.answers);
        if let Some(call) = report.call() {
            self.flows.learn(call, now).await;
        }
        Ok(Some(report))
    }

    fn answered(&self, batch: &mut Batch, outgoing: &[Outgoing], answers: &[Answer]) {
        let now = self.minute();
        for (message, answer) in outgoing.iter().zip(answers) {
            let record = &mut batch.ledger.records_mut()[message.position];
            *record = hand_over::answered(*record, *answer, self.deduplicates, now);
        }
    }

    async fn smaller(&self, batch: &mut Batch, refused: &[Outgoing]) -> Result<usize> {
        let left = batch.ledger.records().iter().filter(|record| record.state.outcome().is_to_send()).count();
        if let [only] = refused
            && self.flows.now().await?.refuses_for_good(left, self.sim.now())
        {
            let record = &mut batch.ledger.records_mut()[only.position];
            *record = hand_over::refused(*record, self.minute());
        }
        Ok((refused.len() / 2).max(1))
    }
}

/// Writes a batch; merges what others wrote meanwhile, unless another sender holds it now.
async fn save(sim: &Sim, hint: Hint, batch: &mut Batch) -> Result<()> {
    for _ in 0..TRIES {
        match sim.put_batch(hint.campaign, batch).await {
            Err(TableError::Conflict) => (),
            written => return written,
        }
        let Some(mut fresh) = sim.batch(hint.campaign, hint.batch).await? else { return Err(TableError::Unexpected) };
        if fresh.fence != batch.fence {
            return Err(TableError::Unexpected);
        }
        match sim.is_broken(Break::MaxMerge) {
            true => fresh.ledger.merge(&batch.ledger),
            false => hand_over::lay_over(&mut fresh.ledger, &batch.ledger),
        }
        fresh.lease_until = batch.lease_until;
        *batch = fresh;
    }
    Err(TableError::Unexpected)
}
