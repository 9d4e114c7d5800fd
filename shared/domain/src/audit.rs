//! Actions of the audit log: a stable code for each, and its text in both languages.

macro_rules! actions {
    ($($name:ident: $code:literal, $english:literal, $french:literal;)*) => {
        /// What was done to an account or to one of its resources.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum AuditAction { $($name),* }

        impl AuditAction {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The code in the API and in the tables. It never changes.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            pub fn english(self) -> &'static str {
                match self { $(Self::$name => $english),* }
            }

            pub fn french(self) -> &'static str {
                match self { $(Self::$name => $french),* }
            }
        }
    };
}

actions! {
    AccountCreated: "account.created", "Account created", "Compte créé";
    AccountChanged: "account.changed", "Settings changed", "Réglages modifiés";
    AccountExported: "account.exported", "Account exported", "Compte exporté";
    CampaignCreated: "campaign.created", "Campaign created", "Campagne créée";
    CampaignChanged: "campaign.changed", "Campaign changed", "Campagne modifiée";
    CampaignCopied: "campaign.copied", "Campaign duplicated", "Campagne dupliquée";
    CampaignValidated: "campaign.validated", "Campaign validated", "Campagne validée";
    CampaignTakenBack: "campaign.taken_back", "Campaign made a draft again", "Campagne repassée en brouillon";
    CampaignPaused: "campaign.paused", "Campaign paused", "Campagne mise en pause";
    CampaignResumed: "campaign.resumed", "Sending resumed", "Envoi repris";
    CampaignCancelled: "campaign.cancelled", "Campaign ended", "Campagne arrêtée";
    CampaignDeleted: "campaign.deleted", "Campaign deleted", "Campagne supprimée";
    CampaignPaceChanged: "campaign.pace_changed", "Pace changed", "Cadence modifiée";
    CampaignTested: "campaign.tested", "Test sent", "Test envoyé";
    CampaignRetried: "campaign.retried", "Failures retried", "Échecs relancés";
    ContactErasureRequested: "contact.erasure_asked", "Erasure requested", "Effacement demandé";
    ContactErased: "contact.erased", "Number erased", "Numéro effacé";
    CreditsAdded: "credits.added", "Credits added", "Crédits ajoutés";
    CreditsSet: "credits.set", "Balance set", "Solde fixé";
    CreditsUnlimited: "credits.unlimited", "Credits without limit", "Crédits sans limite";
    ExclusionAdded: "exclusion.added", "Number excluded", "Numéro exclu";
    ExclusionRemoved: "exclusion.removed", "Exclusion removed", "Exclusion retirée";
    ExclusionsImported: "exclusions.imported", "Exclusions imported", "Exclusions importées";
    ImageCreated: "image.created", "Image added", "Image ajoutée";
    KeyCreated: "key.created", "API key created", "Clé d’API créée";
    KeyRevoked: "key.revoked", "API key revoked", "Clé d’API révoquée";
    ListCreated: "list.created", "List created", "Liste créée";
    ListChanged: "list.changed", "List changed", "Liste modifiée";
    ListDeleted: "list.deleted", "List deleted", "Liste supprimée";
    ListPurged: "list.purged", "Unused list purged", "Liste inutilisée purgée";
    MessageRevealed: "message.revealed", "Number of a message looked at", "Numéro d’un message consulté";
    SessionsEnded: "session.ended_everywhere", "Sessions ended everywhere", "Sessions fermées partout";
    TemplateCreated: "template.created", "Template created", "Modèle créé";
    TemplateChanged: "template.changed", "Template changed", "Modèle modifié";
    TemplateDeleted: "template.deleted", "Template deleted", "Modèle supprimé";
    UserCreated: "user.created", "User added", "Utilisateur ajouté";
    UserChanged: "user.changed", "User changed", "Utilisateur modifié";
    UserDeleted: "user.deleted", "User deleted", "Utilisateur supprimé";
    UserPasswordChanged: "user.password_changed", "Password changed", "Mot de passe changé";
    UserPasswordReset: "user.password_reset", "Password reset by the operator", "Mot de passe réinitialisé par l’exploitant";
    WebhookCreated: "webhook.created", "Webhook added", "Webhook ajouté";
    WebhookChanged: "webhook.changed", "Webhook changed", "Webhook modifié";
    WebhookDeleted: "webhook.deleted", "Webhook deleted", "Webhook supprimé";
    WebhookDisabled: "webhook.disabled", "Webhook disabled after failures", "Webhook désactivé après des échecs";
    WebhookReplayed: "webhook.replayed", "Delivery replayed", "Livraison rejouée";
    WebhookRotated: "webhook.rotated", "Webhook secret changed", "Secret de webhook changé";
    WebhookTested: "webhook.tested", "Webhook tested", "Webhook testé";
}

impl AuditAction {
    /// The action of a code, including codes that earlier versions wrote.
    pub fn from_code(code: &str) -> Option<Self> {
        let earlier = match code {
            "campaign.validate" => Some(Self::CampaignValidated),
            "campaign.edit" | "campaign.edited" => Some(Self::CampaignTakenBack),
            "campaign.pause" => Some(Self::CampaignPaused),
            "campaign.resume" => Some(Self::CampaignResumed),
            "campaign.cancel" => Some(Self::CampaignCancelled),
            _ => None,
        };
        earlier.or_else(|| Self::ALL.iter().copied().find(|action| action.code() == code))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_action_has_its_own_code_and_text_in_both_languages() {
        let codes: BTreeSet<_> = AuditAction::ALL.iter().map(|action| action.code()).collect();
        assert_eq!(codes.len(), AuditAction::ALL.len());
        for action in AuditAction::ALL {
            assert_eq!(AuditAction::from_code(action.code()), Some(*action));
            let (object, verb) = action.code().split_once('.').unwrap();
            assert!(!object.is_empty() && !verb.is_empty());
            assert!(!action.english().is_empty() && !action.french().is_empty() && !action.french().contains('\''));
        }
    }

    #[test]
    fn codes_of_earlier_versions_are_read() {
        assert_eq!(AuditAction::from_code("campaign.edited"), Some(AuditAction::CampaignTakenBack));
        assert_eq!(AuditAction::from_code("campaign.cancel"), Some(AuditAction::CampaignCancelled));
        assert_eq!(AuditAction::from_code("campaign.exploded"), None);
    }
}
