//! Answers from phones: kept with the campaign that they answer, as far as that can be told.

mod export;
mod page;

use domain::reply::Reply;
use serde::Serialize;

use crate::contract::operation::Operation;
use crate::contract::schema::{Schema, any_text, boolean, field, id, instant, object, phone};

pub fn operations() -> Vec<Operation> {
    [page::operations(), export::operations()].into_iter().flatten().collect()
}

fn reply() -> Schema {
    object([
        field("id", id("rpl_")),
        field("from", phone()),
        field(
            "to",
            any_text().about(
                "Short code or sender that it was sent to",
                "Numéro court ou expéditeur auquel elle a été envoyée",
            ),
        ),
        field("text", any_text()),
        field(
            "campaign",
            id("cmp_").or_null().about(
                "The newest that had written to this number; null when none had",
                "La dernière qui avait écrit à ce numéro ; null quand aucune ne l’avait fait",
            ),
        ),
        field(
            "stop",
            boolean().about(
                "It asked to stop, and the number is excluded since",
                "Elle demandait l’arrêt, et le numéro est exclu depuis",
            ),
        ),
        field("at", instant()),
    ])
    .named("Reply")
}

#[derive(Serialize)]
struct ReplyView {
    id: String,
    from: String,
    to: String,
    text: String,
    campaign: Option<String>,
    stop: bool,
    at: jiff::Timestamp,
}

fn view(reply: Reply) -> ReplyView {
    let Reply { id, from, to, text, campaign, is_stop, at } = reply;
    ReplyView {
        id: id.to_string(),
        from: from.to_string(),
        to,
        text,
        campaign: campaign.map(|campaign| campaign.to_string()),
        stop: is_stop,
        at,
    }
}
