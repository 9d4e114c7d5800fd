//! Words of the audit log: what was done.

use super::Word;

/// What an action's code means; other codes stand as they are.
pub fn action(code: &str) -> Option<Word> {
    macro_rules! actions { ($($key:literal: $fr:literal, $en:literal;)*) => {
        match code { $($key => Some(Word { fr: $fr, en: $en }),)* _ => None }
    } }
    actions! {
        "account.changed": "Réglages modifiés", "Settings changed";
        "campaign.created": "Campagne créée", "Campaign created";
        "campaign.changed": "Campagne modifiée", "Campaign changed";
        "campaign.copied": "Campagne dupliquée", "Campaign duplicated";
        "campaign.validated": "Campagne validée", "Campaign validated";
        "campaign.validate": "Campagne validée", "Campaign validated";
        "campaign.edited": "Campagne repassée en brouillon", "Campaign made a draft again";
        "campaign.edit": "Campagne repassée en brouillon", "Campaign made a draft again";
        "campaign.paused": "Campagne mise en pause", "Campaign paused";
        "campaign.pause": "Campagne mise en pause", "Campaign paused";
        "campaign.resumed": "Envoi repris", "Sending resumed";
        "campaign.resume": "Envoi repris", "Sending resumed";
        "campaign.cancelled": "Campagne arrêtée", "Campaign ended";
        "campaign.cancel": "Campagne arrêtée", "Campaign ended";
        "campaign.deleted": "Campagne supprimée", "Campaign deleted";
        "campaign.pace_changed": "Cadence modifiée", "Pace changed";
        "campaign.tested": "Test envoyé", "Test sent";
        "campaign.retried": "Échecs relancés", "Failures retried";
        "contact.erasure_asked": "Effacement demandé", "Erasure asked for";
        "contact.erased": "Numéro effacé", "Number erased";
        "exclusion.added": "Numéro exclu", "Number excluded";
        "exclusion.removed": "Exclusion retirée", "Exclusion removed";
        "exclusions.imported": "Exclusions importées", "Exclusions imported";
        "key.created": "Clé d’API créée", "API key created";
        "key.revoked": "Clé d’API révoquée", "API key revoked";
        "list.created": "Liste créée", "List created";
        "list.changed": "Liste modifiée", "List changed";
        "list.deleted": "Liste supprimée", "List deleted";
        "session.ended_everywhere": "Sessions fermées partout", "Sessions ended everywhere";
        "message.revealed": "Numéro d’un message regardé", "Number of a message looked at";
        "template.created": "Modèle créé", "Template created";
        "template.changed": "Modèle modifié", "Template changed";
        "template.deleted": "Modèle supprimé", "Template deleted";
        "webhook.created": "Webhook ajouté", "Webhook added";
        "webhook.changed": "Webhook modifié", "Webhook changed";
        "webhook.deleted": "Webhook supprimé", "Webhook deleted";
        "webhook.rotated": "Secret de webhook changé", "Webhook secret changed";
        "webhook.tested": "Webhook essayé", "Webhook tried";
        "webhook.replayed": "Livraison rejouée", "Delivery replayed";
        "user.created": "Utilisateur ajouté", "User added";
        "user.changed": "Rôle modifié", "Role changed";
        "user.deleted": "Utilisateur supprimé", "User deleted";
        "user.password_changed": "Mot de passe changé", "Password changed";
    }
}
