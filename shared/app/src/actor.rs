//! The actor of a use case: their permissions, and their name in the audit log.

use aws::store::NewAuditEntry;
use domain::account::{ApiKey, Role, Scope, User};
use domain::ids::UserId;
use jiff::Timestamp;
use support::random;

use crate::error::Error;
use crate::use_case::{Rule, UseCase};

/// An actor on one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Name in the audit log: an e-mail address, a key with its name, `operator:jeanne`, a function.
    pub by: String,
    /// The author of objects that they create: an e-mail address, or the name of a key.
    pub author: String,
    /// Network of the client; empty for operators and functions.
    pub from: String,
    rights: Rights,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Rights {
    Key(Vec<Scope>),
    User { id: UserId, role: Role },
    Operator,
    Function,
}

impl Actor {
    /// A program with an API key.
    pub fn key(key: &ApiKey, from: String) -> Self {
        let by = format!("{} ({})", key.id, key.name);
        Self { by, author: key.name.clone(), from, rights: Rights::Key(key.scopes.clone()) }
    }

    /// A user signed in to the console.
    pub fn user(user: &User, from: String) -> Self {
        let rights = Rights::User { id: user.id.clone(), role: user.role };
        Self { by: user.email.clone(), author: user.email.clone(), from, rights }
    }

    /// An operator of the deployment.
    pub fn operator(name: &str) -> Self {
        let by = format!("operator:{name}");
        Self { author: by.clone(), by, from: String::new(), rights: Rights::Operator }
    }

    /// A function behind a queue or a schedule.
    pub fn function(name: &str) -> Self {
        Self { by: name.into(), author: name.into(), from: String::new(), rights: Rights::Function }
    }

    /// Whether the table of use cases allows it.
    pub fn may(&self, use_case: UseCase) -> bool {
        match (use_case.rule(), &self.rights) {
            (Rule::Scope(_) | Rule::Operator, Rights::Operator) | (Rule::Function, Rights::Function) => true,
            (Rule::Scope(scope), Rights::Key(_) | Rights::User { .. }) => self.has(scope),
            (Rule::OwnUser, Rights::User { .. }) => true,
            (Rule::Scope(_) | Rule::OwnUser | Rule::Operator | Rule::Function, _) => false,
        }
    }

    /// The audit log entry for a use case; an error without permission, or if the use case changes nothing.
    pub fn entry(
        &self,
        use_case: UseCase,
        about: impl ToString,
        details: impl Into<String>,
        at: Timestamp,
    ) -> Result<NewAuditEntry, Error> {
        let action = use_case.action().filter(|_| self.may(use_case)).ok_or(Error::Forbidden(use_case))?;
        let (by, from) = (self.by.clone(), self.from.clone());
        let (about, details) = (about.to_string(), details.into());
        Ok(NewAuditEntry { at, by, action, about, details, from, random: random::bytes() })
    }

    /// Whether they have a scope, from their key or their role.
    pub fn has(&self, scope: Scope) -> bool {
        match &self.rights {
            Rights::Key(scopes) => scopes.contains(&scope),
            Rights::User { role, .. } => role.scopes().contains(&scope),
            Rights::Operator => true,
            Rights::Function => false,
        }
    }

    /// The first of some scopes that they lack: nobody can give what they do not have.
    pub fn lacks(&self, scopes: &[Scope]) -> Option<Scope> {
        scopes.iter().copied().find(|scope| !self.has(*scope))
    }

    /// Whether this is the user themselves.
    pub fn is_user(&self, user: &UserId) -> bool {
        matches!(&self.rights, Rights::User { id, .. } if id == user)
    }
}
