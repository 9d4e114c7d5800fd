//! `GET /v1/replies/export`: the replies that are asked for, as a CSV that Excel opens well.

use app::exports::{self, ReplyWords};
use app::{Context, UseCase};

use super::page::{filters, wanted};
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, get};
use crate::contract::schema::id;
use crate::gate::Query;

const WORDS: ReplyWords = ReplyWords {
    header: ["at", "from", "to", "text", "stop", "campaign", "campaign_name"],
    stop: "stop",
    name: "replies",
};

pub fn operations() -> Vec<Operation> {
    let export = get("/replies/export", UseCase::ReadReplies, "Replies as a CSV that Excel opens well", export)
        .named("export_replies")
        .query("campaign", id("cmp_").about("Answers to this campaign", "Réponses à cette campagne"));
    vec![filters(export).answers_empty(303, "To the file", "Vers le fichier")]
}

async fn export(context: Context, query: Query) -> Answered {
    let zone = context.account().await?.zone();
    let (store, now) = (context.store.clone(), context.now());
    Ok(Answer::redirect_to(&exports::replies(&store, &context.files, &wanted(&query), &zone, WORDS, now).await?))
}
