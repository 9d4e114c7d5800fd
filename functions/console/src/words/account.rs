//! Words of the account: settings, credits, users, keys.

use super::{Word, words};

words! {
    MONDAY: "lun.", "Mon";
    TUESDAY: "mar.", "Tue";
    WEDNESDAY: "mer.", "Wed";
    THURSDAY: "jeu.", "Thu";
    FRIDAY: "ven.", "Fri";
    SATURDAY: "sam.", "Sat";
    SUNDAY: "dim.", "Sun";
    LEAD: "Réglages, crédits, utilisateurs et clés d’API.", "Settings, credits, users and API keys.";
    TAB_SETTINGS: "Réglages", "Settings";
    TAB_CREDITS: "Crédits", "Credits";
    TAB_USERS: "Utilisateurs", "Users";
    TAB_KEYS: "Clés d’API", "API keys";
    TAB_WEBHOOKS: "Webhooks", "Webhooks";
    TAB_AUDIT: "Journal", "Audit log";
    SECTIONS: "Rubriques du compte", "Sections of the account";
    NAME: "Nom du compte", "Account name";
    NAME_BAD: "Donnez un nom au compte, de 100 caractères au plus.", "Give the account a name of 100 characters at most.";
    ZONE: "Fuseau horaire", "Time zone";
    ZONE_HINT: "Dates et heures de la console et des envois.", "Dates and times of the console and of sending.";
    ZONE_BAD: "Indiquez un fuseau comme Europe/Paris.", "Enter a time zone such as Europe/Paris.";
    DEFAULT_SENDER: "Expéditeur par défaut", "Default sender";
    STOP_CODE: "Numéro court du STOP", "Short code for STOP";
    STOP_HINT: "Fourni par votre opérateur, par exemple 36105.", "Given by your operator, for example 36105.";
    STOP_BAD: "Indiquez de trois à dix chiffres, cinq en France.", "Enter three to ten digits, five in France.";
    WINDOW: "Horaires légaux du marketing", "Legal hours for marketing";
    WINDOW_HINT: "À l’heure de chaque destinataire.", "In each recipient’s time.";
    FROM: "De", "From";
    TO: "À", "To";
    DAYS: "Jours", "Days";
    HOLIDAYS: "Envoyer aussi les jours fériés", "Send on public holidays too";
    ALSACE: "Respecter les deux jours d’Alsace-Moselle", "Respect the two extra holidays of Alsace-Moselle";
    WINDOW_BAD: "Choisissez au moins un jour, et une fin après le début, à 22:00 au plus tard.", "Choose at least one day, and an end after the beginning, at 22:00 at the latest.";
    PURGE: "Purge des listes inutilisées, en jours", "Purge of unused lists, in days";
    REQUIRES_PROOF: "Exiger un BAT avant chaque campagne", "Require a proof before each campaign";
    REQUIRES_PROOF_HINT: "Une campagne n’est validée que si un BAT du même message est terminé.", "A campaign can be validated only when a proof of the same message is finished.";
    PURGE_BAD: "Indiquez un nombre de jours entre 1 et 3 650.", "Enter a number of days between 1 and 3,650.";
    READ_ONLY: "Seul un propriétaire du compte peut modifier ces réglages.", "Only an owner of the account can change these settings.";
    LEDGER: "Mouvements de crédits", "Credit movements";
    LEDGER_EMPTY: "Aucun mouvement pour l’instant.", "No movement yet.";
    WHEN: "Date", "Date";
    MOVEMENT: "Mouvement", "Movement";
    AMOUNT: "Crédits", "Credits";
    ABOUT: "Objet", "About";
    OLDER: "Plus anciens", "Older";
    GRANTED: "Ajoutés", "Added";
    WITHDRAWN: "Retirés", "Withdrawn";
    RESERVED: "Réservés", "Reserved";
    USED: "Utilisés", "Used";
    GIVEN_BACK: "Rendus", "Given back";
    REFUNDED: "Remboursés (test refusé)", "Refunded (test refused)";
    SPENT: "Dépensés (test)", "Spent (test)";
    USERS_LEAD: "Propriétaire : tout. Éditeur : campagnes, contacts et modèles. Lecteur : voir seulement.", "Owner: everything. Editor: campaigns, contacts and templates. Viewer: read only.";
    USER_NEW: "Ajouter un utilisateur", "Add a user";
    EMAIL_BAD: "Indiquez une adresse e-mail complète.", "Enter a complete e-mail address.";
    EMAIL_TAKEN: "Cette adresse est déjà utilisée.", "This address is already used.";
    PASSWORD_NEW: "Nouveau mot de passe", "New password";
    PASSWORD_HINT: "Douze caractères au moins. Une phrase se retient mieux.", "Twelve characters at least. A sentence is easier to remember.";
    PASSWORD_BAD: "Choisissez un mot de passe de 12 à 200 caractères.", "Choose a password of 12 to 200 characters.";
    ROLE: "Rôle", "Role";
    OWNER: "Propriétaire", "Owner";
    EDITOR: "Éditeur", "Editor";
    VIEWER: "Lecteur", "Viewer";
    YOU: "vous", "you";
    USERS_TOO_MANY: "Un compte a {} utilisateurs au plus.", "An account has at most {} users.";
    LAST_OWNER: "Il faut au moins un propriétaire : nommez-en un autre d’abord.", "There must be an owner: name another one first.";
    MY_PASSWORD: "Changer mon mot de passe", "Change my password";
    OLD_PASSWORD: "Mot de passe actuel", "Current password";
    OLD_PASSWORD_BAD: "Ce n’est pas votre mot de passe actuel.", "This is not your current password.";
    EVERYWHERE: "Se déconnecter partout", "Sign out everywhere";
    EVERYWHERE_HINT: "Ferme vos sessions sur tous les appareils, celui-ci compris.", "Ends your sessions on every device, this one included.";
    KEYS_LEAD: "Pour les programmes qui utilisent l’API. Le secret n’est montré qu’une fois.", "For programs that use the API. The secret is shown once only.";
    KEY_NEW: "Créer une clé", "Create a key";
    KEY_NAME: "Nom de la clé", "Key name";
    KEYS_TOO_MANY: "Un compte a {} clés au plus : révoquez-en une d’abord.", "An account has at most {} keys: revoke one first.";
    KEY_NAME_BAD: "Donnez un nom à la clé, pour savoir à quoi elle sert.", "Give the key a name, to know what it is for.";
    KEY_SCOPES: "Droits", "Scopes";
    KEY_SCOPES_BAD: "Choisissez au moins un droit.", "Choose at least one scope.";
    KEY_MADE: "Copiez la clé maintenant : elle ne sera plus jamais montrée.", "Copy the key now: it will never be shown again.";
    KEY_REVOKE: "Révoquer", "Revoke";
    KEY_REVOKE_OF: "Révoquer la clé {}", "Revoke the key {}";
    KEY_REVOKE_ASK: "Révoquer la clé « {} » ?", "Revoke the key “{}”?";
    KEY_REVOKE_HELP: "Les programmes qui l’utilisent sont refusés en quelques secondes. Cela ne s’annule pas.", "Programs that use it are refused within seconds. This cannot be undone.";
    USER_DELETE_ASK: "Supprimer l’accès de {} ?", "Delete the access of {}?";
    USER_DELETE_HELP: "Ses sessions sont fermées aussitôt. Ce qu’il ou elle a créé reste.", "Their sessions end at once. What they made stays.";
    KEYS_EMPTY: "Aucune clé.", "No key.";
    AUDIT_EMPTY: "Rien n’a encore été noté.", "No entry yet.";
    WHO: "Qui", "Who";
    WHAT: "Quoi", "What";
    ADDRESS: "Depuis (réseau)", "From (network)";
    CREDITS_COUNT: "{} crédits", "{} credits";
    SCOPE_READ: "lire", "read";
    SCOPE_WRITE: "modifier", "change";
    SCOPE_SEND: "envoyer", "send";
    SCOPE_ADMIN: "administrer", "administer";
}

/// A weekday by its code.
pub fn day(code: &str) -> Word {
    match code {
        "monday" => MONDAY,
        "tuesday" => TUESDAY,
        "wednesday" => WEDNESDAY,
        "thursday" => THURSDAY,
        "friday" => FRIDAY,
        "saturday" => SATURDAY,
        _ => SUNDAY,
    }
}
