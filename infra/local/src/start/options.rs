//! What is asked for on the command line. Pure.

use std::path::PathBuf;

use carrier::{Http, HttpSettings, SettingsError};

use crate::machine::{CarrierChoice, HttpCarrier};

/// `cargo local -- --data DIR --port N --carrier URL`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    pub data: PathBuf,
    /// The first of four ports in a row; 0 takes free ones.
    pub port: u16,
    pub carrier: CarrierChoice,
}

/// A command line that is not a start, or a start.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    Start(CommandLine),
    Help,
    Version,
}

/// Why a command line cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum Misunderstood {
    #[error("{option} needs a value")]
    NoValue { option: &'static str },
    #[error("--port takes a number from 0 to 65532, not {value}")]
    NotAPort { value: String },
    #[error("--carrier takes the URL of a carrier, not {value}")]
    NotACarrier { value: String, source: SettingsError },
    #[error("--carrier-rate takes messages per second, at least 1, not {value}")]
    NotARate { value: String },
    #[error("{option} needs --carrier")]
    NoCarrier { option: &'static str },
    #[error("{argument} is not an option; --help lists the options")]
    Unknown { argument: String },
}

pub const HELP: &str = "\
Envol on this machine: everything that runs on AWS, in one process.

  cargo local [-- --data DIR] [--port N] [--carrier URL [--carrier-deduplicates] [--carrier-rate N]]

  --data DIR     where it keeps its data (default ./.envol)
  --port N       the first of four ports in a row: API, short links, AWS endpoint, sandbox carrier (default 3000;
                 0 takes free ones)
  --carrier URL  hands messages to a carrier at URL that speaks the Http protocol, instead of the sandbox:
                 https, or any URL on loopback
  --carrier-deduplicates
                 that carrier accepts each message id only once, so messages without an answer are sent again
  --carrier-rate N
                 that carrier takes N messages per second (default: learnt from its answers)
  --help         this text
  --version      the version

DIR/ready.json has all URLs once everything responds. Ctrl-C stops it; the next start continues.
";

const DEFAULT_DATA: &str = "./.envol";
const DEFAULT_PORT: u16 = 3000;
/// The last number that has three after it.
const LAST_PORT: u16 = u16::MAX - 3;

impl CommandLine {
    /// Reads the arguments after the program's name.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Asked, Misunderstood> {
        let (mut data, mut port) = (PathBuf::from(DEFAULT_DATA), DEFAULT_PORT);
        let (mut url, mut deduplicates, mut rate_per_second) = (None, false, None);
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let (name, inline) = match argument.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (argument.clone(), None),
            };
            let mut value =
                |option| inline.clone().or_else(|| arguments.next()).ok_or(Misunderstood::NoValue { option });
            match name.as_str() {
                "--data" => data = value("--data")?.into(),
                "--port" => {
                    let value = value("--port")?;
                    let number = value.parse().ok().filter(|port| *port <= LAST_PORT);
                    port = number.ok_or(Misunderstood::NotAPort { value })?;
                }
                "--carrier" => url = Some(address(value("--carrier")?)?),
                "--carrier-deduplicates" if inline.is_none() => deduplicates = true,
                "--carrier-rate" => rate_per_second = Some(rate(value("--carrier-rate")?)?),
                "--help" | "-h" => return Ok(Asked::Help),
                "--version" | "-V" => return Ok(Asked::Version),
                "--" => {} // the alias ends with one, and people add one
                _ => return Err(Misunderstood::Unknown { argument }),
            }
        }
        let carrier = match url {
            Some(url) => CarrierChoice::Http(HttpCarrier { url, deduplicates, rate_per_second }),
            None if deduplicates => return Err(Misunderstood::NoCarrier { option: "--carrier-deduplicates" }),
            None if rate_per_second.is_some() => return Err(Misunderstood::NoCarrier { option: "--carrier-rate" }),
            None => CarrierChoice::Sandbox,
        };
        Ok(Asked::Start(Self { data, port, carrier }))
    }
}

/// A URL that the carrier's client accepts, so that an error names the option.
fn address(value: String) -> Result<String, Misunderstood> {
    match Http::new(HttpSettings::new(value.as_str())) {
        Ok(_) => Ok(value),
        Err(source) => Err(Misunderstood::NotACarrier { value, source }),
    }
}

fn rate(value: String) -> Result<u32, Misunderstood> {
    value.parse().ok().filter(|rate| *rate > 0).ok_or(Misunderstood::NotARate { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<CommandLine, Misunderstood> {
        match CommandLine::parse(arguments.iter().map(|argument| (*argument).to_owned()))? {
            Asked::Start(command) => Ok(command),
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    fn check(arguments: &[&str], data: &str, port: u16) {
        let command = parse(arguments).unwrap();
        assert_eq!(command, CommandLine { data: data.into(), port, carrier: CarrierChoice::Sandbox });
    }

    #[track_caller]
    fn check_refused(arguments: &[&str], said: &str) {
        let refused = parse(arguments).unwrap_err();
        assert!(refused.to_string().contains(said), "{refused}");
    }

    #[test]
    fn folder_and_port_have_defaults() {
        check(&[], "./.envol", 3000);
        check(&["--", "--data", "/tmp/e", "--port", "4000"], "/tmp/e", 4000);
        check(&["--port=0", "--data=x"], "x", 0);
    }

    #[test]
    fn a_carrier_does_not_deduplicate_and_has_no_rate_by_default() {
        let url = "http://127.0.0.1:9000/messages?key=a=b";
        let plain = HttpCarrier { url: url.into(), deduplicates: false, rate_per_second: None };
        assert_eq!(parse(&["--carrier", url]).unwrap().carrier, CarrierChoice::Http(plain));
        let url = "https://sms.example.com/";
        let carrier = HttpCarrier { url: url.into(), deduplicates: true, rate_per_second: Some(40) };
        let command = parse(&["--carrier-rate=40", &format!("--carrier={url}"), "--carrier-deduplicates"]);
        assert_eq!(command.unwrap().carrier, CarrierChoice::Http(carrier));
    }

    #[test]
    fn an_invalid_argument_is_named() {
        check_refused(&["--port", "65533"], "not 65533");
        check_refused(&["--port"], "--port needs a value");
        check_refused(&["--prot", "1"], "--prot is not an option");
        check_refused(&["--carrier", "http://sms.example.com/"], "--carrier takes");
        check_refused(&["--carrier", "https://x/", "--carrier-rate", "0"], "not 0");
        check_refused(&["--carrier-rate", "5"], "--carrier-rate needs --carrier");
        check_refused(&["--carrier-deduplicates"], "--carrier-deduplicates needs --carrier");
        check_refused(&["--carrier", "https://x/", "--carrier-deduplicates=no"], "is not an option");
        assert!(matches!(CommandLine::parse(["-h".to_owned()]), Ok(Asked::Help)));
    }
}
