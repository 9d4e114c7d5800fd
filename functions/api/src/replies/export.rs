//! `GET /v1/replies/export`: the replies that are asked for, as a CSV that Excel opens well.

use app::exports::{self, ReplyWords};
use domain::account::Scope;

use super::page::{filters, wanted};
use crate::App;
use crate::account::account_of;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, get};
use crate::contract::schema::id;
use crate::gate::{Caller, Query};

const WORDS: ReplyWords = ReplyWords {
    header: ["at", "from", "to", "text", "stop", "campaign", "campaign_name"],
    stop: "stop",
    name: "replies",
};

pub fn operations() -> Vec<Operation> {
    let export = get("/replies/export", Scope::Read, "Replies as a CSV that Excel opens well", export)
        .named("export_replies")
        .query("campaign", id("cmp_").about("Answers to this campaign", "Réponses à cette campagne"));
    vec![filters(export).answers_empty(303, "To the file", "Vers le fichier")]
}

async fn export(app: App, caller: Caller, query: Query) -> Answered {
    let zone = account_of(&app, &caller).await?.zone();
    let (store, now) = (app.store_of(&caller), app.clock.now());
    Ok(Answer::see(&exports::replies(&store, &app.files, &wanted(&query), &zone, WORDS, now).await?))
}
