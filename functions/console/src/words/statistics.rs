//! Words of the statistics.

use super::{Word, words};

words! {
    LEAD: "Résultats des campagnes envoyées.", "Results of the campaigns that went out.";
    FROM: "Du", "From";
    TO: "Au", "To";
    SHOW: "Afficher", "Show";
    WEEK: "7 jours", "7 days";
    MONTH: "30 jours", "30 days";
    YEAR: "12 mois", "12 months";
    EMPTY: "Aucune campagne envoyée sur cette période.", "No campaign went out in this period.";
    SENT_ON: "Envoyée le", "Sent on";
    RECIPIENTS: "Destinataires", "Recipients";
    HANDED_OVER: "Remis à l’opérateur", "Handed over";
    DELIVERED: "Reçus", "Delivered";
    FAILED: "Échoués", "Failed";
    EXPIRED: "Expirés", "Expired";
    REJECTED: "Rejetés", "Rejected";
    UNKNOWN: "Inconnus", "Unknown";
    EXCLUDED: "Exclus", "Excluded";
    PENDING: "En attente", "Pending";
    CANCELLED: "Annulés", "Cancelled";
    AWAITING: "En attente d’accusé", "Awaiting receipt";
    CLICKS: "Clics", "Clicks";
    HUMAN: "Clics humains", "Human clicks";
    BOT: "Robots présumés", "Suspected bots";
    TOTAL: "Total des clics", "Total clicks";
    UNIQUE: "Destinataires ayant cliqué", "Recipients who clicked";
    STOPS: "STOP", "STOP";
    REPLIES: "Réponses", "Replies";
    DELIVERY: "Remise", "Delivery";
    REACTIONS: "Réactions", "Reactions";
    BREAKDOWN: "Répartition des résultats", "Breakdown of results";
    TIMELINE: "Au fil du temps", "Over time";
    REASONS: "Motifs d’échec", "Reasons of failure";
    REASON: "Motif", "Reason";
    COUNT: "Nombre", "Count";
    SHARE: "Part", "Share";
    EXPORT: "Exporter les résultats (CSV)", "Export the results (CSV)";
    EXPORT_LATER: "L’export sera disponible quand la campagne sera terminée.", "The export will be available when the campaign is finished.";
    RETRY: "Relancer les échecs", "Retry the failures";
    RETRY_HINT: "Crée un brouillon avec les seuls échecs temporaires : {}.", "Makes a draft with the temporary failures only: {}.";
    RETRY_SUFFIX: " (relance)", " (retry)";
    PRINT: "Imprimer", "Print";
    NEWER: "Page précédente", "Previous page";
    SUM: "Total de la période", "Total of the period";
    TABLE_OF: "Données du graphique", "Data of the chart";
    AT: "À", "At";
}

/// What a reason code of a failure means; other codes stand as they are.
pub fn reason(code: &str) -> Option<Word> {
    macro_rules! reasons { ($($key:literal: $fr:literal, $en:literal;)*) => {
        match code { $($key => Some(Word { fr: $fr, en: $en }),)* _ => None }
    } }
    reasons! {
        "unspecified": "Motif non précisé", "Reason not given";
        "invalid_number": "Numéro invalide", "Invalid number";
        "unknown_subscriber": "Numéro inconnu de l’opérateur", "Number unknown to the operator";
        "unreachable": "Téléphone injoignable", "Phone unreachable";
        "network": "Réseau indisponible", "Network unavailable";
        "blocked": "Bloqué par l’opérateur", "Blocked by the operator";
        "spam": "Considéré comme indésirable", "Taken for spam";
        "sender_refused": "Expéditeur refusé", "Sender refused";
        "content_refused": "Contenu refusé", "Content refused";
        "validity_ended": "Délai de remise dépassé", "Took too long to deliver";
        "throttled": "Opérateur saturé", "Carrier overloaded";
        "no_receipt": "Aucun accusé sous 72 heures", "No receipt within 72 hours";
        "no_answer": "L’opérateur n’a pas répondu", "The carrier did not answer";
        "excluded_since_start": "Exclu depuis le début de l’envoi", "Excluded since sending began";
        "too_long": "Message trop long", "Message too long";
        "refused": "Refusé par l’opérateur", "Refused by the carrier";
    }
}
