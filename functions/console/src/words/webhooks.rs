//! Words of the webhooks: endpoints that an account is told at.

use app::webhooks::UrlError;
use domain::delivery::{DeliveryProblem, DeliveryStatus};
use domain::webhook::{DisabledReason, EventKind};

use super::{Word, words};

words! {
    LEAD: "Vos programmes sont prévenus aussitôt, par un appel signé.", "Your programs are notified at once, with signed requests.";
    NEW: "Ajouter un webhook", "Add a webhook";
    EMPTY: "Aucun webhook.", "No webhook.";
    URL: "Adresse appelée", "Endpoint URL";
    URL_HINT: "En HTTPS, par exemple https://exemple.fr/envol", "Over HTTPS, for example https://example.com/envol";
    DESCRIPTION: "Description", "Description";
    DESCRIPTION_HINT: "Facultative : à quoi il sert.", "Optional: what it is for.";
    DESCRIPTION_BAD: "Raccourcissez la description : 200 caractères au plus, sur une ligne.", "Shorten the description: 200 characters at most, on one line.";
    EVENTS: "Événements", "Events";
    EVENTS_BAD: "Choisissez au moins un événement.", "Choose at least one event.";
    STATE: "État", "State";
    ENABLED: "Actif", "Enabled";
    ENABLED_HINT: "Décochez pour ne plus l’appeler pour l’instant.", "Untick to stop calling it for now.";
    FAILURES: "{} échecs de suite", "{} failures in a row";
    DISABLED_USER: "Désactivé", "Disabled";
    DISABLED_FAILING: "Désactivé : injoignable cinq jours", "Disabled: failed for five days";
    DISABLED_GONE: "Désactivé : l’adresse a répondu 410", "Disabled: the address answered 410";
    SECRET: "Copiez le secret maintenant : il ne sera plus jamais montré. Il vérifie la signature des appels.", "Copy the secret now: it will never be shown again. It checks the signature of calls.";
    TEST: "Envoyer un essai", "Send a test";
    ROTATE: "Changer le secret", "Change the secret";
    ROTATE_ASK: "Changer le secret de ce webhook ?", "Change the secret of this webhook?";
    ROTATE_HELP: "L’ancien signe encore vingt-quatre heures à côté du nouveau.", "Both secrets sign for twenty-four hours.";
    DELETE_ASK: "Supprimer ce webhook ?", "Delete this webhook?";
    DELETE_HELP: "Il n’est plus appelé ; ses livraisons en attente sont abandonnées.", "It is not called any more; pending deliveries are given up.";
    DELIVERIES: "Livraisons", "Deliveries";
    DELIVERIES_EMPTY: "Rien ne lui a encore été envoyé.", "Nothing was sent to it yet.";
    TRIES: "Essais", "Attempts";
    LAST: "Dernière réponse", "Last answer";
    REPLAY: "Rejouer", "Replay";
    PENDING: "En attente", "Pending";
    DELIVERED: "Livrée", "Delivered";
    GIVEN_UP: "Abandonnée", "Given up";
    TOO_MANY: "Dix webhooks au plus : supprimez-en un d’abord.", "Ten webhooks at most: delete one first.";
    ROTATED_TOO_OFTEN: "Trop de secrets récents signent encore : réessayez dans vingt-quatre heures.", "Too many recent secrets still sign: try again in twenty-four hours.";
    IS_DISABLED: "Ce webhook est désactivé : réactivez-le d’abord.", "This webhook is disabled: enable it first.";
    U_NOT: "Indiquez une adresse complète, par exemple https://exemple.fr/envol", "Enter a complete address, for example https://example.com/envol";
    U_LONG: "Raccourcissez l’adresse.", "Shorten the address.";
    U_HTTPS: "L’adresse doit commencer par https://", "The address must begin with https://";
    U_CREDENTIALS: "Retirez l’identifiant et le mot de passe de l’adresse : les appels sont signés.", "Remove user and password from the address: calls are signed.";
    U_PRIVATE: "Cette adresse mène à un réseau qui n’est pas public.", "This address is in a network that is not public.";
    E_STARTED: "Envoi commencé", "Sending started";
    E_PAUSED: "Campagne en pause", "Campaign paused";
    E_FINISHED: "Campagne terminée", "Campaign finished";
    E_LIST_READY: "Liste prête", "List ready";
    E_LIST_FAILED: "Import échoué", "Import failed";
    E_REPLIED: "Réponse reçue", "Reply received";
    E_STOPPED: "STOP reçu", "STOP received";
    E_TEST: "Essai", "Test";
    P_STATUS: "réponse autre que 2xx", "answer other than 2xx";
    P_TIMED_OUT: "pas de réponse en 10 secondes", "no answer within 10 seconds";
    P_NAME: "nom introuvable", "name not found";
    P_PRIVATE: "réseau non public", "network not public";
    P_NOT_REACHED: "pas de connexion, ou certificat refusé", "no connection, or certificate refused";
    P_BROKEN: "connexion rompue", "connection broke off";
    P_DISABLED: "webhook désactivé", "webhook disabled";
    P_OLD: "injoignable trop longtemps", "failed for too long";
}

pub fn event(kind: EventKind) -> Word {
    match kind {
        EventKind::CampaignStarted => E_STARTED,
        EventKind::CampaignPaused => E_PAUSED,
        EventKind::CampaignFinished => E_FINISHED,
        EventKind::ListReady => E_LIST_READY,
        EventKind::ListFailed => E_LIST_FAILED,
        EventKind::MessageReplied => E_REPLIED,
        EventKind::ContactStopped => E_STOPPED,
        EventKind::Test => E_TEST,
    }
}

pub fn disabled(reason: DisabledReason) -> Word {
    match reason {
        DisabledReason::User => DISABLED_USER,
        DisabledReason::Failing => DISABLED_FAILING,
        DisabledReason::Gone => DISABLED_GONE,
    }
}

pub fn url_error(error: UrlError) -> Word {
    match error {
        UrlError::NotAUrl => U_NOT,
        UrlError::TooLong => U_LONG,
        UrlError::NotHttps => U_HTTPS,
        UrlError::Credentials => U_CREDENTIALS,
        UrlError::Private => U_PRIVATE,
    }
}

pub fn status(status: DeliveryStatus) -> Word {
    match status {
        DeliveryStatus::Pending => PENDING,
        DeliveryStatus::Delivered => DELIVERED,
        DeliveryStatus::Failed => GIVEN_UP,
    }
}

pub fn problem(problem: DeliveryProblem) -> Word {
    match problem {
        DeliveryProblem::Status => P_STATUS,
        DeliveryProblem::TimedOut => P_TIMED_OUT,
        DeliveryProblem::NameNotFound => P_NAME,
        DeliveryProblem::PrivateAddress => P_PRIVATE,
        DeliveryProblem::NotReached => P_NOT_REACHED,
        DeliveryProblem::Broken => P_BROKEN,
        DeliveryProblem::Disabled => P_DISABLED,
        DeliveryProblem::TooOld => P_OLD,
    }
}
