//! `ready.json`: where everything is, for people and programs. It is there while everything answers, and no longer.

use serde::Serialize;
use shared::domain::ids::AccountId;

use super::folder::{Folder, FolderError};
use super::installation::Installation;
use crate::machine::Setup;

const FILE: &str = "ready.json";

#[derive(Debug, Serialize)]
pub struct Ready {
    pub pid: u32,
    pub console_url: String,
    /// Scheme, host and port: clients append `/v1/…`.
    pub api_url: String,
    pub short_url: String,
    pub aws_url: String,
    pub sandbox_url: String,
    pub account_id: AccountId,
    pub api_key: String,
    pub email: String,
    pub password: String,
}

impl Ready {
    pub fn of(setup: &Setup, installation: &Installation) -> Self {
        Self {
            pid: std::process::id(),
            console_url: setup.api_url(),
            api_url: setup.api_url(),
            short_url: setup.short_url(),
            aws_url: setup.cloud_url(),
            sandbox_url: setup.sandbox_url(),
            account_id: installation.account_id.clone(),
            api_key: installation.api_key.clone(),
            email: installation.email.clone(),
            password: installation.password.clone(),
        }
    }

    pub fn write(&self, folder: &Folder) -> Result<(), FolderError> {
        folder.write(FILE, self)
    }

    pub fn remove(folder: &Folder) -> Result<(), FolderError> {
        folder.remove(FILE)
    }

    /// What is said on the terminal.
    pub fn welcome(&self, folder: &Folder) -> String {
        let Self { console_url, api_url, short_url, aws_url, sandbox_url, api_key, email, password, .. } = self;
        let folder = folder.path().display();
        format!(
            "\n  Envol est prêt · Envol is ready\n\n\
             \x20 Console          {console_url}\n\
             \x20                  {email}   {password}\n\
             \x20 API              {api_url}/v1\n\
             \x20                  Authorization: Bearer {api_key}\n\
             \x20 Liens courts     {short_url}\n\
             \x20 Téléphones       {sandbox_url}   (bac à sable · sandbox: aucun SMS ne part · no SMS leaves)\n\
             \x20 AWS              {aws_url}\n\
             \x20 Données · Data   {folder}\n\n\
             \x20 Ctrl-C pour arrêter · to stop\n"
        )
    }
}
