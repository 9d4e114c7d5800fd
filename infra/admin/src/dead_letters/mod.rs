//! Dead letters: messages that failed again and again. Look at them, find out why, then send them back, or drop them.

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
    /// Every dead-letter queue, with how many messages it holds
    List,
    /// What the messages are about; they stay where they are
    Show {
        #[command(flatten)]
        which: Which,
        /// Messages at most
        #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100))]
        limit: u32,
        /// The messages themselves too, which may hold what recipients wrote
        #[arg(long)]
        bodies: bool,
    },
    /// Send the messages back to where they failed. What is done twice is done once: no message of ours hurts by
    /// coming again
    Redrive {
        #[command(flatten)]
        which: Which,
        /// Messages at most [default: all that are there now]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
        limit: Option<u64>,
    },
    /// Drop the messages for good
    Purge {
        #[command(flatten)]
        which: Which,
        /// Yes, they shall be lost
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
struct LetterView {
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
    /// Messages that went back, or that the queue service is bringing back.
    messages: u64,
    /// Whether they are there already.
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
    let letters = find(operator, name)?.look(limit).await?;
    let mut table = Table::new(["SENT", "RECEIVED", "ABOUT"]);
    let mut text = String::new();
    for letter in &letters {
        table.row([maybe_minute(letter.sent_at), letter.received.to_string(), letter.about.summary()]);
        if bodies {
            text.push_str(&format!("\n{}\n{}\n", letter.sent_at.map(minute).unwrap_or_default(), letter.body));
        }
    }
    let view = |letter: &queues::FoundLetter| LetterView {
        id: letter.id.clone(),
        sent_at: letter.sent_at,
        received: letter.received,
        about: letter.about.summary(),
        body: bodies.then(|| letter.body.clone()),
    };
    let views: Vec<_> = letters.iter().map(view).collect();
    Ok(Answer::list(&views, table, &format!("no message is dead in {name}"))?.with_more(&text))
}

async fn redrive(operator: &Operator, name: &str, limit: Option<u64>) -> Result<Answer, CommandError> {
    let from = find(operator, name)?;
    let waiting = from.depth().await?.waiting;
    let (messages, done) = match limit {
        // The queue service moves all or nothing: some are moved by hand.
        None if waiting > 0 && from.has_source(operator) && from.ask_the_service().await? => (waiting, false),
        _ => (moving::by_hand(operator, &from, limit.unwrap_or(waiting).min(waiting)).await?, true),
    };
    let text = match (messages, done) {
        (0, _) => format!("no message is dead in {name}\n"),
        (_, true) => format!("{messages} messages of {name} are back where they failed\n"),
        (_, false) => format!("{messages} messages of {name} are on their way back; `dlq list` shows the rest\n"),
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
