//! Words of the campaigns in progress and of one campaign.

use super::words;

words! {
    DRAFT: "Brouillon", "Draft";
    READY: "Prêt", "Ready";
    SENDING: "En cours d’envoi", "Sending";
    PAUSED: "En pause", "Paused";
    CONSOLIDATING: "En cours de consolidation", "Consolidating";
    FINISHED: "Terminée", "Finished";
    CANCELLED: "Arrêtée avant la fin", "Ended early";
    LEAD: "Ce qui part aujourd’hui, ce qui est programmé, ce qui est en préparation.", "What goes out today, what is planned, what is being prepared.";
    REFRESH: "Rafraîchir le contenu de la page", "Refresh the page’s content";
    SEARCH_NAME: "Rechercher une campagne par son nom", "Find a campaign by its name";
    PLANNED: "Date prévisionnelle", "Planned for";
    RECIPIENTS: "Destinataires", "Recipients";
    CHANNEL: "Canal", "Channel";
    STATUS: "Statut", "Status";
    PROOF: "BAT", "Proof";
    EMPTY: "Aucune campagne en cours", "No campaign in progress";
    EMPTY_LEAD: "Créez la première : cinq étapes, enregistrées à mesure. Rien ne part avant votre validation.", "Create the first one: five steps, saved as you go. Nothing goes out before you validate.";
    NONE_FOUND: "Aucune campagne en cours ne porte ce nom.", "No campaign in progress has this name.";
    CREDITS: "Crédits", "Credits";
    UNLIMITED: "Compte illimité", "Unlimited account";
    BALANCE: "Solde disponible", "Available balance";
    RESERVED: "{} crédits réservés pour vos campagnes", "{} credits reserved for your campaigns";
    NOTHING_RESERVED: "Aucun crédit réservé", "No credits reserved";
    PAUSE: "Pause", "Pause";
    RESUME: "Reprendre", "Resume";
    END: "Arrêter", "End";
    SENT_OF: "{} sur {} envoyés", "{} of {} sent";
    RATE: "{} SMS par minute", "{} SMS a minute";
    EXPECTED_END: "Fin prévue : {}", "Expected end: {}";
    RECEIPTS_IN: "{} accusés reçus sur {}", "{} receipts in out of {}";
    PROGRESS_OF: "Avancement de {}", "Progress of {}";
    BECAUSE_USER: "Mise en pause par un utilisateur.", "Paused by a user.";
    BECAUSE_CREDITS: "Crédits insuffisants : rechargez le compte, puis reprenez.", "Not enough credits: top up the account, then resume.";
    BECAUSE_CARRIER: "L’opérateur répond en erreur : réessayez plus tard.", "The carrier answers with errors: try again later.";
    BECAUSE_LISTS: "Une liste de la campagne est illisible ou supprimée.", "A list of the campaign cannot be read or was deleted.";
    BECAUSE_AUDIENCE: "Le fichier des destinataires est introuvable : contactez l’exploitant de la plateforme, ou terminez la campagne.", "The file with the recipients cannot be found: contact the operator of the platform, or end the campaign.";
    NOT_PLANNED: "non programmée", "not planned";
    DELETE_ASK: "Supprimer la campagne « {} » ?", "Delete the campaign “{}”?";
    DELETE_HELP: "Elle disparaît pour tous les utilisateurs, avec ses statistiques. Les crédits non utilisés sont rendus.", "It disappears for every user, with its statistics. Unused credits are given back.";
    END_ASK: "Arrêter la campagne « {} » ?", "End the campaign “{}”?";
    END_HELP: "Ce qui n’est pas encore parti ne partira jamais. Les crédits non utilisés sont rendus.", "What has not gone out yet never will. Unused credits are given back.";
    EDIT_ASK: "Modifier la campagne « {} » ?", "Edit the campaign “{}”?";
    EDIT_HELP: "Elle redevient un brouillon : elle ne partira pas avant d’être validée à nouveau, et ses crédits sont rendus en attendant.", "It becomes a draft again: it will not go out before you validate it again, and its credits are given back meanwhile.";
    EDIT_DO: "Repasser en brouillon", "Make it a draft";
    PACE_CHANGE: "Changer la cadence", "Change the pace";
    SEE_STATISTICS: "Voir les statistiques", "See the statistics";
    HANDED_OVER: "Envoyés", "Sent";
    USED: "Crédits utilisés", "Credits used";
    GIVEN_BACK: "Crédits rendus", "Credits given back";
    HELD: "Crédits réservés", "Credits reserved";
    COPY: "Dupliquer", "Duplicate";
    COPY_NAME: "{} (copie)", "{} (copy)";
    PROGRESS: "Avancement", "Progress";
}
