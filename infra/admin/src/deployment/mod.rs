//! The chosen deployment and its resources: a stack on AWS, or an installation of `cargo local`.
//!
//! Both give an SDK configuration, the physical names of tables, queues, bucket and functions by their logical names in
//! `infra/template.yaml`, and the URLs of the API and the short domain.

mod local;
mod stack;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use aws::sdk::SdkConfig;
use clap::Args;

use crate::CommandError;

pub use stack::StackState;

/// Which deployment is meant, as the command line says it.
#[derive(Debug, Clone, Default, Args)]
pub struct DeploymentArgs {
    /// The stack envol-NAME on AWS, with the usual credentials (AWS_PROFILE, SSO, …; AWS_ENDPOINT_URL for an emulator)
    #[arg(long, value_name = "NAME", global = true, conflicts_with = "local")]
    pub stage: Option<String>,
    /// The profile of ~/.aws/config to use
    #[arg(long, value_name = "NAME", global = true, conflicts_with = "local")]
    pub profile: Option<String>,
    /// The region of the stack [default: as the profile says]
    #[arg(long, value_name = "NAME", global = true, conflicts_with = "local")]
    pub region: Option<String>,
    /// The installation that `cargo local` runs, and its folder if it is not .envol
    #[arg(
        long,
        value_name = "DIR",
        global = true,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = ".envol"
    )]
    pub local: Option<PathBuf>,
}

/// A deployment.
#[derive(Debug)]
pub struct Deployment {
    pub sdk: SdkConfig,
    pub kind: Kind,
    /// Physical names by logical ones: a table's name, a queue's URL, a function's name.
    resources: BTreeMap<String, String>,
    /// Scheme, host and path: requests append `/health`.
    pub api_url: String,
    pub short_url: String,
    /// Whether messages go to the sandbox only.
    pub is_sandbox: bool,
}

/// The kind of deployment.
#[derive(Debug)]
pub enum Kind {
    Local { folder: PathBuf },
    Stack { name: String, region: String, state: StackState },
}

impl Deployment {
    pub async fn find(wanted: &DeploymentArgs) -> Result<Self, CommandError> {
        match (&wanted.local, &wanted.stage) {
            (Some(folder), _) => local::open(folder),
            (None, Some(stage)) => stack::open(stage, wanted.profile.as_deref(), wanted.region.clone()).await,
            (None, None) => Err(CommandError::Nowhere),
        }
    }

    /// The physical name of a resource that every deployment has.
    pub fn resource(&self, logical: &str) -> Result<&str, CommandError> {
        let lacking = || CommandError::Lacking { deployment: self.to_string(), what: logical.to_owned() };
        self.maybe_resource(logical).ok_or_else(lacking)
    }

    pub fn maybe_resource(&self, logical: &str) -> Option<&str> {
        self.resources.get(logical).map(String::as_str)
    }

    /// Logical and physical names, sorted.
    pub fn resources(&self) -> impl Iterator<Item = (&str, &str)> {
        self.resources.iter().map(|(logical, physical)| (logical.as_str(), physical.as_str()))
    }
}

impl fmt::Display for Deployment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Local { folder } => write!(f, "the installation in {}", folder.display()),
            Kind::Stack { name, region, .. } => write!(f, "the stack {name} in {region}"),
        }
    }
}
