//! `ready.json`: where everything is, for people and programs. It exists only while everything responds.

use std::collections::BTreeMap;

use domain::ids::AccountId;
use serde::Serialize;

use super::folder::{Folder, FolderError};
use super::installation::Installation;
use crate::machine::{CarrierChoice, Machine, Setup};

const FILE: &str = "ready.json";

#[derive(Debug, Serialize)]
pub struct Ready {
    pub pid: u32,
    pub console_url: String,
    /// Scheme, host and port: clients append `/v1/…`.
    pub api_url: String,
    pub short_url: String,
    pub aws_url: String,
    /// Absent when another carrier is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sandbox_url: Option<String>,
    /// How another carrier calls back; absent with the sandbox.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub callback: Option<Callback>,
    pub account_id: AccountId,
    pub api_key: String,
    pub email: String,
    pub password: String,
    /// Access key for `aws_url`.
    pub aws: Aws,
    /// Tables, queues, the bucket and functions, by their logical names in `infra/template.yaml`.
    pub resources: BTreeMap<String, String>,
}

/// Where a carrier calls back, and its signing secret (Standard Webhooks).
#[derive(Debug, Serialize)]
pub struct Callback {
    pub callback_url: String,
    /// `whsec_…`.
    pub callback_secret: String,
}

#[derive(Debug, Serialize)]
pub struct Aws {
    pub region: String,
    pub access_key_id: String,
    pub secret_access_key: String,
}

impl Ready {
    pub fn new(setup: &Setup, machine: &Machine, installation: &Installation) -> Self {
        let (cloud, credentials) = (machine.cloud(), machine.cloud().credentials().clone());
        let callback =
            || Callback { callback_url: setup.callback_url(), callback_secret: setup.secrets.callback_secret.clone() };
        let (sandbox_url, callback) = match setup.carrier {
            CarrierChoice::Sandbox => (Some(setup.sandbox_url()), None),
            CarrierChoice::Http(_) => (None, Some(callback())),
        };
        Self {
            pid: std::process::id(),
            console_url: setup.api_url(),
            api_url: setup.api_url(),
            short_url: setup.short_url(),
            aws_url: setup.cloud_url(),
            sandbox_url,
            callback,
            account_id: installation.account_id.clone(),
            api_key: installation.api_key.clone(),
            email: installation.email.clone(),
            password: installation.password.clone(),
            aws: Aws {
                region: cloud.region().to_owned(),
                access_key_id: credentials.access_key,
                secret_access_key: credentials.secret_key,
            },
            resources: machine.template().names.clone(),
        }
    }

    pub fn write(&self, folder: &Folder) -> Result<(), FolderError> {
        folder.write(FILE, self)
    }

    pub fn remove(folder: &Folder) -> Result<(), FolderError> {
        folder.remove(FILE)
    }

    /// The text for the terminal.
    pub fn welcome(&self, folder: &Folder) -> String {
        let Self { console_url, api_url, short_url, aws_url, api_key, email, password, .. } = self;
        let phones = match (&self.sandbox_url, &self.callback) {
            (Some(url), _) => {
                format!("Téléphones       {url}   (bac à sable · sandbox: aucun SMS ne part · no SMS leaves)")
            }
            (None, Some(callback)) => format!("Accusés          {}   (opérateur · carrier)", callback.callback_url),
            (None, None) => String::new(),
        };
        let folder = folder.path().display();
        format!(
            "\n  Envol est prêt · Envol is ready\n\n\
             \x20 Console          {console_url}\n\
             \x20                  {email}   {password}\n\
             \x20 API              {api_url}/v1\n\
             \x20                  Authorization: Bearer {api_key}\n\
             \x20 Liens courts     {short_url}\n\
             \x20 {phones}\n\
             \x20 AWS              {aws_url}\n\
             \x20 Données · Data   {folder}\n\
             \x20 Exploitation     cargo admin --local={folder} doctor   (opérateurs · operators: accounts, credits, queues)\n\n\
             \x20 Ctrl-C pour arrêter · to stop\n"
        )
    }
}
