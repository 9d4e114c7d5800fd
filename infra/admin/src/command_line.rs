//! The command line. Each command's own arguments are beside its code.

use clap::{Args, Parser, Subcommand};

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

/// Options that choose the deployment.
#[derive(Debug, Clone, Default, Args)]
pub struct DeploymentArgs {
    /// Stack envol-NAME on AWS, with the usual credentials (AWS_PROFILE, SSO, …; AWS_ENDPOINT_URL for an emulator)
    #[arg(long, value_name = "NAME", global = true, conflicts_with = "local")]
    pub stage: Option<String>,
    /// Profile of ~/.aws/config to use
    #[arg(long, value_name = "NAME", global = true, conflicts_with = "local")]
    pub profile: Option<String>,
    /// Region of the stack [default: from the profile]
    #[arg(long, value_name = "NAME", global = true, conflicts_with = "local")]
    pub region: Option<String>,
    /// Installation that `cargo local` runs, and its folder if it is not .envol
    #[arg(
        long,
        value_name = "DIR",
        global = true,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = ".envol"
    )]
    pub local: Option<std::path::PathBuf>,
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
