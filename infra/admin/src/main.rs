//! `envol-admin`, the operators' command line. Reads the environment and the arguments, prints one answer.

use std::process::ExitCode;

use admin::{CommandLine, Environment, Printed};
use clap::Parser;
use support::Clock;

fn main() -> ExitCode {
    let command = CommandLine::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return print(Printed::of_failure(&admin::CommandError::Runtime(error))),
    };
    let environment = Environment { operator: operator(), clock: Clock::System };
    print(runtime.block_on(admin::run(command, environment)))
}

/// Name of the operator, unless the command line gives one.
#[expect(clippy::disallowed_methods, reason = "the environment is read here and passed on")]
fn operator() -> Option<String> {
    let names = ["ENVOL_OPERATOR", "USER", "LOGNAME", "USERNAME"];
    names.into_iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.trim().is_empty()))
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "what the command has to say")]
fn print(printed: Printed) -> ExitCode {
    eprint!("{}", printed.errors);
    print!("{}", printed.answer);
    ExitCode::from(printed.code)
}
