//! Dead letters: messages that failed repeatedly. Commands to inspect, send back or drop them.

mod moving;
mod queues;

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::CommandError;
use crate::answer::{Answer, Table, maybe_minute, minute};
use crate::operator::Operator;

pub use queues::{DeadLetterQueue, queues};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List every dead-letter queue, with its number of messages
    List,
    /// Show what the messages are about; they stay on the queue
    Show {
        #[command(flatten)]
        which: Which,
        /// Most messages
        #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
        limit: u32,
        /// Show the messages themselves too, which may contain texts of recipients
        #[arg(long)]
        bodies: bool,
    },
    /// Send the messages back to their queue. This is safe: processing a message twice has no additional effect
    Redrive {
        #[command(flatten)]
        which: Which,
        /// Most messages [default: all that are there now]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
        limit: Option<u64>,
    },
    /// Drop the messages for good
    Purge {
        #[command(flatten)]
        which: Which,
        /// Confirm that they will be lost
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
pub struct Which {
    /// wakeups, batches, events, imports, …, as `dlq list` names them
    #[arg(value_name = "NAME")]
    name: String,
}

#[derive(Serialize)]
struct BoxView {
    name: String,
    messages: u64,
    in_flight: u64,
}

#[derive(Serialize)]
struct DeadLetterView {
    id: String,
    sent_at: Option<jiff::Timestamp>,
    received: u32,
    about: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

#[derive(Serialize)]
struct Moved {
    name: String,
    /// Messages that were sent back, or that the queue service is moving.
    messages: u64,
    /// Whether the move is complete.
    done: bool,
}

pub async fn run(operator: &Operator, command: Command) -> Result<Answer, CommandError> {
    match command {
        Command::List => list(operator).await,
        Command::Show { which, limit, bodies } => show(operator, &which.name, limit, bodies).await,
        Command::Redrive { which, limit } => redrive(operator, &which.name, limit).await,
        Command::Purge { which, yes } => purge(operator, &which.name, yes).await,
    }
}

fn find(operator: &Operator, name: &str) -> Result<DeadLetterQueue, CommandError> {
    let all = queues(operator);
    let names: Vec<_> = all.iter().map(|one| one.name.as_str()).collect();
    let none = || CommandError::NotFound { what: format!("dead-letter queue {name}; there are {}", names.join(", ")) };
    all.iter().find(|one| one.name == name).cloned().ok_or_else(none)
}

async fn list(operator: &Operator) -> Result<Answer, CommandError> {
    let mut table = Table::new(["NAME", "MESSAGES", "BEING LOOKED AT"]);
    let mut views = Vec::new();
    for one in queues(operator) {
        let depth = one.depth().await?;
        table.row([one.name.clone(), depth.waiting.to_string(), depth.in_flight.to_string()]);
        views.push(BoxView { name: one.name, messages: depth.waiting, in_flight: depth.in_flight });
    }
    Answer::list(&views, table, "there is no dead-letter queue")
}

async fn show(operator: &Operator, name: &str, limit: u32, bodies: bool) -> Result<Answer, CommandError> {
    let messages = find(operator, name)?.look(limit).await?;
    let mut table = Table::new(["SENT", "RECEIVED", "ABOUT"]);
    let mut text = String::new();
    for message in &messages {
        table.row([maybe_minute(message.sent_at), message.received.to_string(), message.about.summary()]);
        if bodies {
            text.push_str(&format!("\n{}\n{}\n", message.sent_at.map(minute).unwrap_or_default(), message.body));
        }
    }
    let view = |message: &queues::InspectedMessage| DeadLetterView {
        id: message.id.clone(),
        sent_at: message.sent_at,
        received: message.received,
        about: message.about.summary(),
        body: bodies.then(|| message.body.clone()),
    };
    let views: Vec<_> = messages.iter().map(view).collect();
    Ok(Answer::list(&views, table, &format!("no message is dead in {name}"))?.with_more(&text))
}

async fn redrive(operator: &Operator, name: &str, limit: Option<u64>) -> Result<Answer, CommandError> {
    let from = find(operator, name)?;
    let waiting = from.depth().await?.waiting;
    let (messages, done) = match limit {
        // The queue service moves all or nothing: a limited number is moved here.
        None if waiting > 0 && from.has_source(operator) && from.ask_the_service().await? => (waiting, false),
        _ => (moving::by_hand(operator, &from, limit.unwrap_or(waiting).min(waiting)).await?, true),
    };
    let text = match (messages, done) {
        (0, _) => format!("no dead letter in {name}\n"),
        (_, true) => format!("{messages} messages of {name} are back on their queue\n"),
        (_, false) => format!("{messages} messages of {name} are being moved back; `dlq list` shows the rest\n"),
    };
    Answer::new(&Moved { name: name.to_owned(), messages, done }, text)
}

async fn purge(operator: &Operator, name: &str, yes: bool) -> Result<Answer, CommandError> {
    let from = find(operator, name)?;
    let messages = from.depth().await?.waiting;
    if !yes {
        let refused = format!("{messages} messages of {name} would be lost for good; say --yes if they shall");
        return Err(CommandError::Refused(refused));
    }
    from.purge().await?;
    let text = format!("{messages} messages of {name} are gone\n");
    Answer::new(&Moved { name: name.to_owned(), messages, done: true }, text)
}
