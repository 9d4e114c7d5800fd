//! A tally as stored in items: short names, because every batch has one.

use std::collections::BTreeMap;

use domain::link_clicks::LinkTally;
use domain::outcome::Reason;
use domain::tally::{Step, Tally};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct TallyItem {
    /// Recipients, to send, handed over, awaiting, delivered, failed, expired, rejected, unknown, excluded.
    o: [u32; 10],
    /// Human clicks, robots' clicks, unique, stops, replies, temporary failures.
    c: [u32; 6],
    /// By link: clicks of people, of robots, unique.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    l: Vec<(u32, u32, u32)>,
    s: u64,
    r: BTreeMap<String, u32>,
    /// Minutes of a step, then steps: number, handed over, delivered, clicks.
    m: u32,
    t: Vec<(u32, u32, u32, u32)>,
}

impl TallyItem {
    pub(super) fn new(t: &Tally) -> Self {
        Self {
            o: [
                t.recipients,
                t.to_send,
                t.handed_over,
                t.awaiting,
                t.delivered,
                t.failed,
                t.expired,
                t.rejected,
                t.unknown,
                t.excluded,
            ],
            c: [t.human_clicks, t.bot_clicks, t.unique_clicks, t.stops, t.replies, t.temporary],
            l: t.links.iter().map(|link| (link.human, link.bot, link.unique)).collect(),
            s: t.segments,
            r: t.by_reason.iter().map(|(reason, count)| ((*reason).to_owned(), *count)).collect(),
            m: t.step_minutes,
            t: t.timeline.iter().map(|(at, step)| (*at, step.handed_over, step.delivered, step.clicks)).collect(),
        }
    }

    pub(super) fn tally(self) -> Tally {
        let [recipients, to_send, handed_over, awaiting, delivered, failed, expired, rejected, unknown, excluded] =
            self.o;
        let [human_clicks, bot_clicks, unique_clicks, stops, replies, temporary] = self.c;
        let known = |code: String, count| {
            Reason::ALL.iter().find(|reason| reason.code() == code).map(|reason| (reason.code(), count))
        };
        Tally {
            recipients,
            to_send,
            handed_over,
            awaiting,
            delivered,
            failed,
            expired,
            rejected,
            unknown,
            excluded,
            by_reason: self.r.into_iter().filter_map(|(code, count)| known(code, count)).collect(),
            temporary,
            segments: self.s,
            human_clicks,
            bot_clicks,
            unique_clicks,
            links: self.l.into_iter().map(|(human, bot, unique)| LinkTally { human, bot, unique }).collect(),
            stops,
            replies,
            step_minutes: self.m,
            timeline: self
                .t
                .into_iter()
                .map(|(at, handed_over, delivered, clicks)| (at, Step { handed_over, delivered, clicks }))
                .collect(),
        }
    }
}
