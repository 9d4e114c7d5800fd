//! Why a command failed: what happened, what to do, and the exit code for programs.

use std::path::PathBuf;

use app::Error;
use aws::{files, queue, store};
use domain::settings::SettingsProblem;
use support::telemetry::chain;

#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error("the process cannot start")]
    Runtime(#[source] std::io::Error),
    #[error("the command line does not say which deployment is meant")]
    Nowhere,
    #[error("the operator's name is missing, and every change is recorded with a name")]
    Nobody,
    #[error("no installation is running on {}", folder.display())]
    NotRunning { folder: PathBuf },
    #[error("{} cannot be read", file.display())]
    Unreadable { file: PathBuf, source: std::io::Error },
    #[error("{} cannot be written", file.display())]
    Unwritable { file: PathBuf, source: std::io::Error },
    #[error("{} is not what this version writes", file.display())]
    Strange { file: PathBuf, source: serde_json::Error },
    #[error("no region is configured")]
    NoRegion,
    #[error("AWS knows no credentials here: {cause}")]
    NoCredentials { cause: String },
    #[error("stack {stack} not found in {region}")]
    NoStack { stack: String, region: String },
    /// The deployment lacks a resource that every deployment has.
    #[error("{deployment} has no {what}")]
    Lacking { deployment: String, what: String },
    #[error("there is no {what}")]
    NotFound { what: String },
    #[error("{0}")]
    Refused(String),
    #[error("cannot {verb} {what}: {cause}")]
    Cloud { verb: &'static str, what: String, cause: String },
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Files(#[from] files::Error),
    #[error(transparent)]
    Queue(#[from] queue::Error),
    #[error(transparent)]
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

impl CommandError {
    /// The exit code of the process; `--help` lists them.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Nowhere | Self::Nobody => 2,
            Self::NotFound { .. } | Self::NoStack { .. } => 3,
            Self::Refused(_) | Self::Store(store::Error::Conflict { .. } | store::Error::NotEnoughCredits) => 4,
            Self::Runtime(_)
            | Self::NotRunning { .. }
            | Self::Unreadable { .. }
            | Self::Unwritable { .. }
            | Self::Strange { .. }
            | Self::NoRegion
            | Self::NoCredentials { .. }
            | Self::Lacking { .. }
            | Self::Cloud { .. }
            | Self::Store(store::Error::Unavailable { .. } | store::Error::Corrupt { .. })
            | Self::Files(_)
            | Self::Queue(_)
            | Self::Internal(_) => 1,
        }
    }

    /// What to do about it, if known.
    fn advice(&self) -> Option<&'static str> {
        match self {
            Self::Nowhere => Some("say --stage NAME for a stack on AWS, or --local for what `cargo local` runs"),
            Self::Nobody => Some("say who you are with --as NAME, or set ENVOL_OPERATOR"),
            Self::NotRunning { .. } => Some("start it with `cargo local`, or name its folder with --local=DIR"),
            Self::Strange { .. } => Some("stop `cargo local` and start it again, both from the same sources"),
            Self::NoRegion => Some("say --region NAME, or set AWS_REGION, or a region in your profile"),
            Self::NoCredentials { .. } => Some("sign in (aws sso login), and name your profile with --profile NAME"),
            Self::NoStack { .. } => {
                Some("`infra/deploy --stage NAME` makes it; --region and --profile say where it is")
            }
            Self::Lacking { .. } => Some("`doctor` says what else is wrong; deploying again puts it back"),
            Self::Store(store::Error::Conflict { .. }) => {
                Some("read it again, and repeat the command if it still holds")
            }
            Self::Store(store::Error::Unavailable { .. }) | Self::Files(_) | Self::Queue(_) | Self::Cloud { .. } => {
                Some("nothing is half done; repeat the command, and ask `doctor` if it fails again")
            }
            Self::Runtime(_)
            | Self::Unreadable { .. }
            | Self::Unwritable { .. }
            | Self::NotFound { .. }
            | Self::Refused(_)
            | Self::Store(store::Error::NotEnoughCredits | store::Error::Corrupt { .. })
            | Self::Internal(_) => None,
        }
    }

    /// For people, on stderr.
    pub fn words(&self) -> String {
        let advice = self.advice().map(|advice| format!("  {advice}\n")).unwrap_or_default();
        format!("envol-admin: {}\n{advice}", chain(self))
    }
}

impl From<Error> for CommandError {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound { what } => Self::NotFound { what: format!("such {what}") },
            Error::Refused(refusal) => Self::Refused(refusal.to_string()),
            Error::Access(refusal) => Self::Refused(refusal.to_string()),
            Error::Settings(problems) => problems.into(),
            Error::Store(error) => Self::Store(error),
            Error::Files(error) => Self::Files(error),
            error => Self::Internal(error.into()),
        }
    }
}

impl From<Vec<SettingsProblem>> for CommandError {
    fn from(problems: Vec<SettingsProblem>) -> Self {
        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
        Self::Refused(problems.join("; "))
    }
}
