//! Words of the replies.

use super::words;

words! {
    TITLE: "Réponses", "Replies";
    LEAD: "Ce que vos destinataires ont répondu. Un STOP exclut aussitôt son numéro.", "What your recipients answered. A STOP excludes its number at once.";
    OF: "Réponses à « {} »", "Replies to “{}”";
    SEARCH: "Rechercher un mot ou un numéro", "Find a word or a number";
    SHOWN: "Réponses affichées", "Replies shown";
    EVERYTHING: "Toutes les réponses", "All replies";
    STOPS: "STOP seulement", "STOP only";
    OTHERS: "Sans les STOP", "Without STOP";
    AT: "Reçue le", "Received";
    FROM: "Numéro", "Number";
    TO: "Reçue au", "Received at";
    TEXT: "Réponse", "Reply";
    CAMPAIGN: "Campagne", "Campaign";
    CAMPAIGN_ID: "Identifiant de la campagne", "Campaign identifier";
    UNKNOWN: "aucune connue", "none known";
    STOP: "STOP", "STOP";
    FILE: "reponses", "replies";
    EXPORT: "Exporter (CSV)", "Export (CSV)";
    EXCLUDE: "Exclure ce numéro", "Exclude this number";
    EMPTY: "Aucune réponse pour l’instant", "No reply yet";
    EMPTY_LEAD: "Les réponses de vos destinataires apparaissent ici dès que l’opérateur nous les transmet.", "Replies of your recipients are shown here as soon as the carrier forwards them.";
    NONE_FOUND: "Aucune réponse ne correspond à votre recherche.", "No reply matches your search.";
    SEE: "Voir les réponses", "See the replies";
}
