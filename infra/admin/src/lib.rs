//! The operators' command line: accounts and their credits, users, keys, campaigns, dead letters, and what is wrong
//! with a deployment. On AWS (`--stage NAME`) and on one machine (`--local`), by the same code.
//!
//! - `command_line`: what can be asked; `place`: which deployment; `desk`: what a command works with;
//! - `accounts`, `users`, `keys`, `campaigns`, `messages`, `dead_letters`: what is done; `doctor`: what is wrong;
//! - `answer`: one JSON document, or a table; `failure`: plain words, and the exit code.
//!
//! Rules and items are `shared`'s; whatever changes an account leaves a line in that account's audit log.

mod accounts;
mod answer;
mod campaigns;
mod command_line;
mod dead_letters;
mod desk;
mod doctor;
mod failure;
mod keys;
mod messages;
mod place;
mod users;

pub use answer::Printed;
pub use command_line::CommandLine;
pub use failure::Failure;

use answer::Answer;
use command_line::Command;
use desk::Desk;
use place::Place;
use support::Clock;

/// What the process is told from outside of its command line.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Who is at the keyboard, if anybody says.
    pub operator: Option<String>,
    pub clock: Clock,
}

/// Does what the command line asks for.
pub async fn run(command_line: CommandLine, environment: Environment) -> Printed {
    let is_json = command_line.json;
    match perform(command_line, environment).await {
        Ok((answer, warnings)) => Printed::of_answer(&answer, is_json, &warnings),
        Err(failure) => Printed::of_failure(&failure),
    }
}

async fn perform(command_line: CommandLine, environment: Environment) -> Result<(Answer, Vec<String>), Failure> {
    let operator = command_line.operator.or(environment.operator).filter(|name| !name.trim().is_empty());
    let operator = operator.ok_or(Failure::Nobody)?;
    let place = Place::find(&command_line.place).await?;
    let desk = Desk::new(place, operator.trim().to_owned(), environment.clock);
    let answer = match command_line.command {
        Command::Account(command) => accounts::run(&desk, command).await?,
        Command::User(command) => users::run(&desk, command).await?,
        Command::Key(command) => keys::run(&desk, command).await?,
        Command::Campaign(command) => campaigns::run(&desk, command).await?,
        Command::Message(command) => messages::run(&desk, command).await?,
        Command::Dlq(command) => dead_letters::run(&desk, command).await?,
        Command::Doctor(doctor) => doctor::run(&desk, doctor).await?,
    };
    Ok((answer, desk.warnings()))
}
