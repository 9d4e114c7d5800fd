//! What is asked for on the command line. Pure.

use std::path::PathBuf;

/// `cargo local -- --data DIR --port N`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    pub data: PathBuf,
    /// The first of four ports in a row; 0 takes free ones.
    pub port: u16,
}

/// What a command line can be, besides a start.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    Start(CommandLine),
    Help,
    Version,
}

/// Why a command line is not understood.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misunderstood {
    #[error("{option} needs a value")]
    NoValue { option: &'static str },
    #[error("--port takes a number from 0 to 65532, not {value}")]
    NotAPort { value: String },
    #[error("{argument} is not an option; --help shows those that are")]
    Unknown { argument: String },
}

pub const HELP: &str = "\
Envol on this machine: everything that runs on AWS, in one process.

  cargo local [-- --data DIR] [--port N]

  --data DIR   where it keeps its data (default ./.envol)
  --port N     the first of four ports in a row: API, short links, AWS endpoint, sandbox carrier (default 3000;
               0 takes free ones)
  --help       this text
  --version    the version

DIR/ready.json says where everything is, once it answers. Ctrl-C ends it; after any end the next start carries on.
";

const DEFAULT_DATA: &str = "./.envol";
const DEFAULT_PORT: u16 = 3000;
/// The last number that has three after it.
const LAST_PORT: u16 = u16::MAX - 3;

impl CommandLine {
    /// Reads what follows the program's name.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Asked, Misunderstood> {
        let mut command = Self { data: DEFAULT_DATA.into(), port: DEFAULT_PORT };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let (name, inline) = match argument.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (argument.clone(), None),
            };
            let mut value =
                |option| inline.clone().or_else(|| arguments.next()).ok_or(Misunderstood::NoValue { option });
            match name.as_str() {
                "--data" => command.data = value("--data")?.into(),
                "--port" => {
                    let value = value("--port")?;
                    let port = value.parse().ok().filter(|port| *port <= LAST_PORT);
                    command.port = port.ok_or(Misunderstood::NotAPort { value })?;
                }
                "--help" | "-h" => return Ok(Asked::Help),
                "--version" | "-V" => return Ok(Asked::Version),
                "--" => {} // the alias ends with one, and people write one
                _ => return Err(Misunderstood::Unknown { argument }),
            }
        }
        Ok(Asked::Start(command))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(arguments: &[&str], data: &str, port: u16) {
        let asked = CommandLine::parse(arguments.iter().map(|argument| (*argument).to_owned()));
        assert_eq!(asked, Ok(Asked::Start(CommandLine { data: data.into(), port })));
    }

    #[test]
    fn folder_and_port_have_defaults() {
        check(&[], "./.envol", 3000);
        check(&["--", "--data", "/tmp/e", "--port", "4000"], "/tmp/e", 4000);
        check(&["--port=0", "--data=x"], "x", 0);
    }

    #[test]
    fn what_is_not_understood_is_named() {
        let parse = |arguments: &[&str]| CommandLine::parse(arguments.iter().map(|argument| (*argument).to_owned()));
        assert_eq!(parse(&["--port", "65533"]), Err(Misunderstood::NotAPort { value: "65533".into() }));
        assert_eq!(parse(&["--port"]), Err(Misunderstood::NoValue { option: "--port" }));
        assert_eq!(parse(&["--prot", "1"]), Err(Misunderstood::Unknown { argument: "--prot".into() }));
        assert_eq!(parse(&["-h"]), Ok(Asked::Help));
    }
}
