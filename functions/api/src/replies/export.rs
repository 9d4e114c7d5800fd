//! `GET /v1/replies/export`: the replies of a search, as a CSV file for Excel.

use app::exports::{self, ReplyWords};
use app::{Context, UseCase};

use super::page::AllReplies;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, get};
use crate::gate::Query;

const WORDS: ReplyWords = ReplyWords {
    header: ["at", "from", "to", "text", "stop", "campaign", "campaign_name"],
    stop: "stop",
    name: "replies",
};

pub fn operations() -> Vec<Operation> {
    vec![
        get("/replies/export", UseCase::ReadReplies, export)
            .summary("Replies as a CSV that Excel opens well", "Les réponses en CSV, que lit bien un tableur")
            .named("export_replies")
            .answers_empty(303, "To the file", "Vers le fichier"),
    ]
}

async fn export(context: Context, Query(filter): Query<AllReplies>) -> Answered {
    let zone = context.account().await?.zone();
    let (store, now) = (context.store.clone(), context.now());
    Ok(Answer::redirect_to(&exports::replies(&store, &context.files, &filter.into(), &zone, WORDS, now).await?))
}
