//! Replies from phones: stored with the campaign that they answer, as far as known.

mod export;
mod page;

use domain::ids::{CampaignId, ReplyId};
use domain::reply::Reply;

use crate::contract::operation::Operation;
use crate::contract::schema::phone;

pub fn operations() -> Vec<Operation> {
    [page::operations(), export::operations()].into_iter().flatten().collect()
}

answers! {
    struct ReplyView as "Reply" {
        id: ReplyId,
        from: String = phone(),
        /// Short code or sender that it was sent to
        /// Numéro court ou expéditeur auquel elle a été envoyée
        to: String,
        text: String,
        /// The newest that had written to this number; null when none had
        /// La dernière qui avait écrit à ce numéro ; null quand aucune ne l’avait fait
        campaign: Option<CampaignId>,
        /// It asked to stop, and the number is excluded since
        /// Elle demandait l’arrêt, et le numéro est exclu depuis
        stop: bool,
        at: jiff::Timestamp,
    }
}

fn view(reply: Reply) -> ReplyView {
    let Reply { id, from, to, text, campaign, is_stop, at } = reply;
    ReplyView { id, from: from.to_string(), to, text, campaign, stop: is_stop, at }
}
