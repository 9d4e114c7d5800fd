//! The operators' command line: accounts and their credits, users, keys, campaigns, dead letters, and checks of a
//! deployment. On AWS (`--stage NAME`) and on one machine (`--local`), with the same code.
//!
//! - `command_line`: commands and options; `deployment`: which deployment; `operator`: what a command works with;
//! - `accounts`, `users`, `keys`, `campaigns`, `messages`, `dead_letters`: commands; `doctor`: checks;
//! - `answer`: JSON document or table; `error`: messages and exit codes.
//!
//! Rules and storage are in `shared`; every change of an account is recorded in its audit log.

mod accounts;
mod answer;
mod campaigns;
mod command_line;
mod dead_letters;
mod deployment;
mod doctor;
mod error;
mod keys;
mod messages;
mod operator;
mod users;

pub use answer::Printed;
pub use command_line::CommandLine;
pub use error::CommandError;

use answer::Answer;
use command_line::Command;
use deployment::Deployment;
use operator::Operator;
use support::Clock;

/// What the process gets besides its command line.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Name of the operator, if known.
    pub operator: Option<String>,
    pub clock: Clock,
}

/// Runs the command.
pub async fn run(command_line: CommandLine, environment: Environment) -> Printed {
    let is_json = command_line.json;
    match perform(command_line, environment).await {
        Ok((answer, warnings)) => Printed::of_answer(&answer, is_json, &warnings),
        Err(failure) => Printed::of_failure(&failure),
    }
}

async fn perform(command_line: CommandLine, environment: Environment) -> Result<(Answer, Vec<String>), CommandError> {
    let operator = command_line.operator.or(environment.operator).filter(|name| !name.trim().is_empty());
    let operator = operator.ok_or(CommandError::Nobody)?;
    let deployment = Deployment::find(&command_line.deployment).await?;
    let operator = Operator::new(deployment, operator.trim().to_owned(), environment.clock);
    let answer = match command_line.command {
        Command::Account(command) => accounts::run(&operator, command).await?,
        Command::User(command) => users::run(&operator, command).await?,
        Command::Key(command) => keys::run(&operator, command).await?,
        Command::Campaign(command) => campaigns::run(&operator, command).await?,
        Command::Message(command) => messages::run(&operator, command).await?,
        Command::Dlq(command) => dead_letters::run(&operator, command).await?,
        Command::Doctor(doctor) => doctor::run(&operator, doctor).await?,
    };
    Ok((answer, operator.warnings()))
}
