//! `cargo local`: Envol on this machine.

use std::process::ExitCode;

use local::start::{Asked, CommandLine, HELP, run};
use support::{Clock, telemetry};
use tracing_subscriber::EnvFilter;

/// The default of `RUST_LOG`: warnings, except for requests that S3 refuses.
const LOG: &str = "warn,s3s=off,s3s_fs=off";

#[expect(clippy::disallowed_methods, reason = "the environment is read here and passed on")]
fn main() -> ExitCode {
    let filter = std::env::var("RUST_LOG").unwrap_or_else(|_| LOG.to_owned());
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new(LOG));
    tracing_subscriber::fmt().with_env_filter(filter).with_target(false).with_writer(std::io::stderr).init();
    let command = match CommandLine::parse(std::env::args().skip(1)) {
        Ok(Asked::Start(command)) => command,
        Ok(Asked::Help) => return print(HELP),
        Ok(Asked::Version) => return print(concat!("envol ", env!("CARGO_PKG_VERSION"), "\n")),
        Err(error) => return fail(&error),
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    let ended = runtime.block_on(run(&command, Clock::System));
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

#[expect(clippy::print_stdout, reason = "asked for on the command line")]
fn print(text: &str) -> ExitCode {
    print!("{text}");
    ExitCode::SUCCESS
}

#[expect(clippy::print_stderr, reason = "the last word of a process that does not start")]
fn fail(error: &(dyn std::error::Error + 'static)) -> ExitCode {
    eprintln!("envol: {}", telemetry::chain(error));
    ExitCode::FAILURE
}
