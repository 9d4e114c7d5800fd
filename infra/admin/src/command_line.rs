//! The command line. Each command's own arguments are beside its code.

use clap::{Parser, Subcommand};

use crate::deployment::DeploymentArgs;
use crate::{accounts, campaigns, dead_letters, doctor, keys, messages, users};

const EXIT_CODES: &str = "\
Exit codes:
  0  done, or found to be as it should be
  1  the cloud did not do it: not reachable, not allowed, failed
  2  the command line is not understood, or does not say where
  3  there is no such account, user, key, campaign, queue or stack
  4  refused by a rule; nothing was changed
  5  doctor: something is wrong

Answers go to stdout: a table, or with --json one JSON document. Everything else goes to stderr.
Every change is written to the account's audit log as operator:NAME.";

/// Operators' tasks on a deployment of Envol.
#[derive(Debug, Parser)]
#[command(name = "envol-admin", version, after_help = EXIT_CODES, disable_help_subcommand = true)]
pub struct CommandLine {
    #[command(flatten)]
    pub deployment: DeploymentArgs,
    /// Print one JSON document
    #[arg(long, global = true)]
    pub json: bool,
    /// Name for the audit log [default: ENVOL_OPERATOR, or the name you are signed in with]
    #[arg(long = "as", value_name = "NAME", global = true)]
    pub operator: Option<String>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Accounts: create, list, show, set, credits, export, remove
    #[command(subcommand)]
    Account(accounts::Command),
    /// Users of the console: create, list, reset-password, delete
    #[command(subcommand)]
    User(users::Command),
    /// API keys: create, list, revoke
    #[command(subcommand)]
    Key(keys::Command),
    /// Campaigns: list, show, pause, resume, cancel
    #[command(subcommand)]
    Campaign(campaigns::Command),
    /// Messages: show
    #[command(subcommand)]
    Message(messages::Command),
    /// Dead letters: list, show, redrive, purge
    #[command(subcommand)]
    Dlq(dead_letters::Command),
    /// Check the whole deployment: what is wrong, and what to do
    Doctor(doctor::Doctor),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn a_command_after_local_is_not_read_as_its_folder() {
        let parsed = CommandLine::try_parse_from(["envol-admin", "--local", "account", "list"]).unwrap();
        assert_eq!(parsed.deployment.local, Some(".envol".into()));
        let parsed = CommandLine::try_parse_from(["envol-admin", "account", "list", "--local=/tmp/e"]).unwrap();
        assert_eq!(parsed.deployment.local, Some("/tmp/e".into()));
    }

    #[test]
    fn only_one_deployment_can_be_named() {
        assert!(CommandLine::try_parse_from(["envol-admin", "--local", "--stage", "a", "account", "list"]).is_err());
    }
}
