//! All use cases of the product: permissions, and actions of the audit log. The API and the console both read this
//! table, and each use case checks it before it begins.

use domain::account::Scope;
use domain::audit::AuditAction;

/// Who has the permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Keys and users with this scope, and operators. An owner has every scope, an editor all except `admin`, a viewer
    /// `read`.
    Scope(Scope),
    /// Every user, about themselves.
    OwnUser,
    /// Operators only.
    Operator,
    /// Functions behind a queue or a schedule only.
    Function,
}

macro_rules! use_cases {
    ($($name:ident: $rule:expr $(, $action:ident)?;)*) => {
        /// A use case.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum UseCase { $($name),* }

        impl UseCase {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            pub const fn rule(self) -> Rule {
                match self { $(Self::$name => $rule),* }
            }

            /// Its action in the audit log; `None` if it changes nothing.
            pub const fn action(self) -> Option<AuditAction> {
                match self { $(Self::$name => use_cases!(@action $($action)?)),* }
            }
        }
    };
    (@action) => { None };
    (@action $action:ident) => { Some(AuditAction::$action) };
}

const READ: Rule = Rule::Scope(Scope::Read);
const WRITE: Rule = Rule::Scope(Scope::Write);
const SEND: Rule = Rule::Scope(Scope::Send);
const ADMIN: Rule = Rule::Scope(Scope::Admin);

use_cases! {
    ReadAccount: READ;
    ReadCredits: READ;
    ReadLists: READ;
    ReadExclusions: READ;
    ReadErasures: READ;
    ReadCampaigns: READ;
    ReadReplies: READ;
    ReadTemplates: READ;
    ReadImages: READ;
    PreviewMessage: READ;
    EstimateCampaign: READ;
    ReadUsers: ADMIN;
    ReadKeys: ADMIN;
    ReadWebhooks: ADMIN;
    ReadAudit: ADMIN;

    CreateDraft: WRITE, CampaignCreated;
    ChangeDraft: WRITE, CampaignChanged;
    CopyCampaign: WRITE, CampaignCopied;
    RetryFailures: WRITE, CampaignRetried;
    ValidateCampaign: SEND, CampaignValidated;
    TakeBackCampaign: WRITE, CampaignTakenBack;
    PauseCampaign: SEND, CampaignPaused;
    ResumeCampaign: SEND, CampaignResumed;
    ChangePace: SEND, CampaignPaceChanged;
    CancelCampaign: SEND, CampaignCancelled;
    DeleteCampaign: WRITE, CampaignDeleted;
    SendTest: SEND, CampaignTested;

    CreateList: WRITE, ListCreated;
    ChangeList: WRITE, ListChanged;
    DeleteList: WRITE, ListDeleted;
    PurgeList: Rule::Function, ListPurged;
    AddExclusion: WRITE, ExclusionAdded;
    RemoveExclusion: WRITE, ExclusionRemoved;
    ImportExclusions: WRITE, ExclusionsImported;
    // The numbers of a whole import would get marketing again.
    DeleteImportedExclusions: ADMIN, ListDeleted;
    RequestErasure: WRITE, ContactErasureRequested;
    FinishErasure: Rule::Function, ContactErased;

    CreateTemplate: WRITE, TemplateCreated;
    ChangeTemplate: WRITE, TemplateChanged;
    DeleteTemplate: WRITE, TemplateDeleted;
    CreateImage: WRITE, ImageCreated;

    ChangeSettings: ADMIN, AccountChanged;
    CreateUser: ADMIN, UserCreated;
    ChangeUser: ADMIN, UserChanged;
    DeleteUser: ADMIN, UserDeleted;
    ChangeOwnPassword: Rule::OwnUser, UserPasswordChanged;
    EndOwnSessions: Rule::OwnUser, SessionsEnded;
    CreateKey: ADMIN, KeyCreated;
    RevokeKey: ADMIN, KeyRevoked;
    CreateWebhook: ADMIN, WebhookCreated;
    ChangeWebhook: ADMIN, WebhookChanged;
    DeleteWebhook: ADMIN, WebhookDeleted;
    RotateWebhook: ADMIN, WebhookRotated;
    TestWebhook: ADMIN, WebhookTested;
    ReplayDelivery: ADMIN, WebhookReplayed;
    DisableWebhook: Rule::Function, WebhookDisabled;

    CreateAccount: Rule::Operator, AccountCreated;
    ExportAccount: Rule::Operator, AccountExported;
    AddCredits: Rule::Operator, CreditsAdded;
    SetBalance: Rule::Operator, CreditsSet;
    LiftCreditLimit: Rule::Operator, CreditsUnlimited;
    ResetPassword: Rule::Operator, UserPasswordReset;
    RevealMessage: Rule::Operator, MessageRevealed;
}

impl UseCase {
    /// The scope that keys and users need, where one suffices.
    pub const fn scope(self) -> Option<Scope> {
        match self.rule() {
            Rule::Scope(scope) => Some(scope),
            Rule::OwnUser | Rule::Operator | Rule::Function => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::account::{ApiKey, Role, User};
    use domain::ids::{KeyId, UserId};
    use jiff::Timestamp;

    use super::*;
    use crate::actor::Actor;

    fn user(role: Role) -> Actor {
        let id = UserId::new(Timestamp::UNIX_EPOCH, [0; 6]);
        let (email, password_hash) = ("jeanne@example.com".into(), String::new());
        let user = User { id, email, password_hash, role, created_at: Timestamp::UNIX_EPOCH, version: 1 };
        Actor::user(&user, String::new())
    }

    fn key(scopes: &[Scope]) -> Actor {
        let key = ApiKey {
            id: KeyId::new(Timestamp::UNIX_EPOCH, [0; 6]),
            name: "shop".into(),
            secret_sha256: [0; 32],
            scopes: scopes.to_vec(),
            created_at: Timestamp::UNIX_EPOCH,
            last_used_at: None,
        };
        Actor::key(&key, String::new())
    }

    #[test]
    fn roles_and_keys_may_what_their_scopes_say() {
        for (actor, use_case, may) in [
            (user(Role::Viewer), UseCase::ReadCampaigns, true),
            (user(Role::Viewer), UseCase::CreateDraft, false),
            (user(Role::Viewer), UseCase::ChangeOwnPassword, true),
            (user(Role::Editor), UseCase::PauseCampaign, true),
            (user(Role::Editor), UseCase::DeleteList, true),
            (user(Role::Editor), UseCase::DeleteImportedExclusions, false),
            (user(Role::Editor), UseCase::ReadUsers, false),
            (user(Role::Owner), UseCase::DeleteImportedExclusions, true),
            (user(Role::Owner), UseCase::AddCredits, false),
            (key(&[Scope::Write]), UseCase::CreateDraft, true),
            (key(&[Scope::Write]), UseCase::PauseCampaign, false),
            (key(&Scope::ALL), UseCase::ChangeOwnPassword, false),
            (key(&Scope::ALL), UseCase::PurgeList, false),
            (Actor::operator("jeanne"), UseCase::PauseCampaign, true),
            (Actor::operator("jeanne"), UseCase::AddCredits, true),
            (Actor::operator("jeanne"), UseCase::ChangeOwnPassword, false),
            (Actor::function("dispatch"), UseCase::PurgeList, true),
            (Actor::function("dispatch"), UseCase::PauseCampaign, false),
        ] {
            assert_eq!(actor.may(use_case), may, "{actor:?} {use_case:?}");
        }
    }

    #[test]
    fn what_changes_something_is_in_the_audit_log() {
        for use_case in UseCase::ALL {
            let name = format!("{use_case:?}");
            let only_reads = ["Read", "Preview", "Estimate"].iter().any(|verb| name.starts_with(verb));
            assert_eq!(use_case.action().is_none(), only_reads, "{name}");
        }
    }
}
