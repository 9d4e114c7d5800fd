//! Words of every page.

use super::{Word, words};

words! {
    SKIP: "Aller au contenu", "Skip to content";
    MENU: "Menu", "Menu";
    MENU_CAMPAIGNS: "Campagnes", "Campaigns";
    MENU_CONTACTS: "Contacts", "Contacts";
    MENU_SETTINGS: "Réglages", "Settings";
    CAMPAIGNS_NOW: "Campagnes en cours", "Campaigns in progress";
    NEW_CAMPAIGN: "Nouvelle campagne", "New campaign";
    STATISTICS: "Statistiques", "Statistics";
    LISTS: "Listes de contacts", "Contact lists";
    EXCLUSIONS: "Liste d’exclusion", "Exclusion list";
    REPLIES: "Réponses", "Replies";
    TEMPLATES: "Modèles", "Templates";
    ACCOUNT: "Compte", "Account";
    SIGN_OUT: "Se déconnecter", "Sign out";
    SIGN_IN: "Se connecter", "Sign in";
    SIGN_IN_TITLE: "Connexion", "Sign in";
    SIGN_IN_LEAD: "Vos campagnes SMS vous attendent.", "Your SMS campaigns are waiting for you.";
    SIGN_IN_AGAIN: "Votre session a expiré. Reconnectez-vous : ce que vous avez saisi est conservé.", "Your session has expired. Sign in again: what you typed is kept.";
    EMAIL: "Adresse e-mail", "E-mail address";
    PASSWORD: "Mot de passe", "Password";
    WRONG_PASSWORD: "Adresse ou mot de passe incorrect. Vérifiez les majuscules et réessayez.", "Wrong address or password. Check capital letters and try again.";
    TOO_MANY_TRIES: "Trop d’essais. Patientez quinze minutes, puis réessayez.", "Too many attempts. Wait fifteen minutes, then try again.";
    RESUME_TITLE: "Vous êtes reconnecté", "You are signed in again";
    RESUME_LEAD: "Reprenez là où vous en étiez : votre saisie n’est pas perdue.", "Carry on where you were: nothing you typed is lost.";
    RESUME: "Reprendre l’enregistrement", "Carry on saving";
    TO_CAMPAIGNS: "Retour aux campagnes", "Back to campaigns";
    NOT_FOUND: "Cette page n’existe pas", "This page does not exist";
    NOT_FOUND_HELP: "L’adresse est peut-être incomplète, ou l’élément a été supprimé.", "The address may be incomplete, or the item was deleted.";
    FORBIDDEN: "Votre rôle ne le permet pas", "Your role does not allow this";
    FORBIDDEN_HELP: "Demandez à un propriétaire du compte de le faire, ou de changer votre rôle.", "Ask an owner of the account to do it, or to change your role.";
    STRANGE: "Ce formulaire n’a pas pu être vérifié", "This form could not be verified";
    STRANGE_HELP: "Rien n’a été modifié. Revenez à la page précédente, rechargez-la, puis recommencez.", "Nothing was changed. Go back, reload the page, then try again.";
    CONFLICT: "Quelqu’un a été plus rapide", "This was changed by another user";
    CONFLICT_HELP: "L’élément a changé entre-temps. Revenez en arrière et rechargez la page pour voir où il en est.", "Go back and reload the page to see the present version.";
    REFUSED: "L’état de la campagne ne le permet pas", "The campaign’s status does not allow this";
    REFUSED_HELP: "Elle a changé d’état entre-temps. La liste des campagnes montre ce qui est possible maintenant.", "Its status changed meanwhile. The list of campaigns shows what is possible now.";
    FAILED: "Une erreur est survenue de notre côté", "Something went wrong on our side";
    FAILED_HELP: "Rien n’est perdu : réessayez dans un instant.", "Nothing is lost: try again in a moment.";
    OFFLINE: "Connexion interrompue. Votre saisie est toujours là : réessayez dans un instant.", "Connection lost. What you typed is still here: try again in a moment.";
    BACK_AGAIN: "Vous êtes reconnecté : rien n’est perdu.", "You are signed in again: nothing is lost.";
    COPIED: "Copié.", "Copied.";
    COPY: "Copier", "Copy";
    MORE: "Page suivante", "Next page";
    FIRST_PAGE: "Retour au début", "Back to the first page";
    PAGES: "Pages", "Pages";
    RANGE_OF: "{} à {} sur {}", "{} to {} of {}";
    CLOSE: "Fermer", "Close";
    UPLOAD_FAILED: "L’envoi du fichier a échoué. Vérifiez la connexion et réessayez.", "The upload failed. Check the connection and try again.";
    TO_CORRECT: "À corriger avant de continuer", "To correct before going on";
    SAVE: "Enregistrer", "Save";
    CANCEL: "Annuler", "Cancel";
    BACK: "Retour", "Back";
    NEXT: "Suivant", "Next";
    DELETE: "Supprimer", "Delete";
    EDIT: "Modifier", "Edit";
    VIEW: "Visualiser", "View";
    SEARCH: "Rechercher", "Search";
    NAME: "Nom", "Name";
    CREATED: "Création", "Created";
    MODIFIED: "Modification", "Modified";
    LAST_USED: "Dernière utilisation", "Last used";
    NEVER: "jamais", "never";
    ACTIONS: "Actions", "Actions";
    YES: "oui", "yes";
    NO: "non", "no";
    DONE_SAVED: "Enregistré.", "Saved.";
    DONE_DELETED: "Supprimé.", "Deleted.";
    DONE_PAUSED: "La campagne est en pause.", "The campaign is paused.";
    DONE_RESUMED: "L’envoi reprend.", "Sending continues.";
    DONE_VALIDATED: "Campagne validée : elle partira comme prévu.", "Campaign validated: it will go out as planned.";
    DONE_DRAFT: "La campagne est revenue en brouillon ; ses crédits sont rendus.", "The campaign is a draft again; its credits are given back.";
    DONE_CANCELLED: "La campagne est arrêtée : ce qui n’était pas parti ne partira pas.", "The campaign is ended: what had not gone out will not.";
    DONE_TESTED: "Message de test remis à l’opérateur.", "Test message handed over to the carrier.";
    DONE_TRIAL: "C’est envoyé : la livraison apparaît ci-dessous.", "Test sent: the delivery is shown below.";
    DONE_PACE: "Cadence modifiée.", "Pace changed.";
    DONE_USER: "Utilisateur enregistré.", "User saved.";
    DONE_SIGNED_OUT: "Toutes les sessions sont fermées.", "All sessions are ended.";
    DONE_EXCLUDED: "Numéro exclu.", "Number excluded.";
    DONE_ERASING: "Effacement demandé.", "Erasure requested.";
    DONE_ALLOWED: "Numéro retiré de la liste d’exclusion.", "Number removed from the exclusion list.";
}

/// What was just done, by the code in an address; only known codes say anything.
pub fn done(code: &str) -> Option<Word> {
    Some(match code {
        "saved" => DONE_SAVED,
        "deleted" => DONE_DELETED,
        "paused" => DONE_PAUSED,
        "resumed" => DONE_RESUMED,
        "validated" => DONE_VALIDATED,
        "draft" => DONE_DRAFT,
        "cancelled" => DONE_CANCELLED,
        "tested" => DONE_TESTED,
        "trial" => DONE_TRIAL,
        "pace" => DONE_PACE,
        "user" => DONE_USER,
        "signed_out" => DONE_SIGNED_OUT,
        "excluded" => DONE_EXCLUDED,
        "allowed" => DONE_ALLOWED,
        "erasing" => DONE_ERASING,
        _ => return None,
    })
}
