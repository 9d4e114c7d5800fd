//! The French words that do not stand beside the English ones: what all calls have in common, and what each does, by its
//! name.

use web::Language;

pub const ABOUT: &str = "S’authentifier par `Authorization: Bearer envol_…`. Une clé porte des droits ; chaque appel nomme \
celui qu’il exige.\n\n\
Les listes répondent `{items, next}` ; passer `next` comme `cursor`. Un `GET` peut être un `HEAD`. Les champs et \
paramètres inconnus sont refusés.\n\n\
Les problèmes suivent la RFC 9457, en français ou en anglais selon `Accept-Language` ; `errors` nomme chaque faute avec \
son `code`, son `pointer` JSON et son `detail`.\n\n\
Tout `POST` accepte une `Idempotency-Key` : la même clé avec le même corps donne la même réponse pendant 24 heures. Les \
réponses 4xx sont rejouées elles aussi : corriger la requête et prendre une nouvelle clé. Les erreurs passagères ne sont \
pas conservées (429, 5xx, 202, et un 409 parce qu’une autre requête a été plus rapide) : réessayer avec la même clé. Un \
secret n’est montré qu’une fois ; une répétition porte `null` à sa place.\n\n\
`PATCH` est un JSON merge patch (RFC 7396) : un champ absent ne change pas, `null` l’enlève. Les ressources portent un \
`ETag` ; les modifications honorent `If-Match`.\n\n\
Chaque compte a une limite de requêtes par seconde ; `RateLimit-Limit`, `RateLimit-Remaining` et `RateLimit-Reset` \
disent ce qu’il en reste, et 429 vient avec `Retry-After`. Une adresse qui échoue trop souvent à s’authentifier doit \
attendre aussi. Sur AWS, la passerelle peut répondre avant Envol, par `{\"message\": …}` au lieu d’un problème : 413, 429, \
431, 500 et 503.";

/// What all calls to webhooks have in common.
pub const CALLS: &str = "Standard Webhooks : `webhook-id` est le même à chaque essai, pour écarter les répétitions ; \
`webhook-signature` est `v1,` suivi du HMAC-SHA256 en base64, par le secret qui suit `whsec_` décodé de base64, de \
`<webhook-id>.<webhook-timestamp>.<corps>` ; pendant un jour après un changement de secret il y en a deux, séparées par \
une espace. Tout 2xx en 10 secondes vaut remise ; le reste est réessayé, 8 fois en un jour. 410 désactive le webhook.";

/// The heading of some calls.
pub fn tag(tag: &str, language: Language) -> String {
    let french = match tag {
        "health" => "État",
        "account" => "Compte",
        "lists" => "Listes de contacts",
        "exclusions" => "Liste d’exclusion",
        "campaigns" => "Campagnes",
        "messages" => "Messages",
        "templates" => "Modèles",
        "images" => "Images",
        "webhooks" => "Webhooks",
        "replies" => "Réponses",
        "contacts" => "Contacts",
        other => other,
    };
    match language {
        Language::French => french.to_owned(),
        Language::English => tag[..1].to_uppercase() + &tag[1..],
    }
}

/// What a call does; nothing where English will do.
pub fn summary(call: &str, language: Language) -> Option<&'static str> {
    if language == Language::English {
        return None;
    }
    SUMMARIES.iter().find(|(name, _)| *name == call).map(|(_, summary)| *summary)
}

const SUMMARIES: &[(&str, &str)] = &[
    ("get_health", "Si l’API répond"),
    ("get_account", "Réglages et solde"),
    ("update_account", "Change des réglages"),
    ("list_credits", "Le journal des crédits, du plus récent au plus ancien"),
    ("list_keys", "Clés d’API"),
    ("create_key", "Crée une clé d’API, qui ne peut pas plus que celle qui la crée"),
    ("get_key", "Une clé d’API, sans son secret"),
    ("revoke_key", "Révoque une clé d’API, aussitôt ici et partout en quelques secondes"),
    ("list_users", "Utilisateurs de la console"),
    ("create_user", "Crée un utilisateur"),
    ("get_user", "Un utilisateur"),
    ("update_user", "Change le rôle ou le mot de passe"),
    ("delete_user", "Supprime un utilisateur"),
    ("list_audit", "Qui a fait quoi, du plus récent au plus ancien"),
    ("list_webhooks", "Webhooks, du plus ancien au plus récent"),
    ("create_webhook", "Crée un webhook"),
    ("get_webhook", "Un webhook"),
    ("update_webhook", "Change un webhook ; `enabled` le réactive"),
    ("delete_webhook", "Supprime un webhook, avec ce qui est en route vers lui"),
    ("rotate_webhook", "Crée un nouveau secret"),
    ("test_webhook", "Envoie aussitôt `webhook.test` à un webhook"),
    ("list_webhook_deliveries", "Ce qu’un webhook a appris en 30 jours, du plus récent au plus ancien"),
    ("get_delivery", "Un envoi, avec ce qu’il dit"),
    ("replay_delivery", "Envoie à nouveau, aussitôt, quoi qu’il en soit advenu"),
    ("on_campaign_started", "Une campagne a commencé son envoi"),
    ("on_campaign_paused", "Une campagne a été mise en pause, par une personne ou pour une raison"),
    ("on_campaign_finished", "Tous les résultats d’une campagne sont définitifs, ou elle a été annulée"),
    ("on_list_ready", "Une liste a été importée"),
    ("on_list_failed", "Un fichier n’a pas pu être importé"),
    ("on_message_replied", "Un destinataire a répondu ; un STOP est une réponse aussi"),
    ("on_contact_stopped", "Un destinataire ne veut plus de messages et a été exclu"),
    ("on_webhook_test", "Envoyé à la demande, pour voir si un webhook entend"),
    ("list_lists", "Listes de contacts, de la plus récente à la plus ancienne"),
    ("create_list", "Crée une liste, pour y déposer un fichier ou à partir de valeurs collées"),
    ("get_list", "Une liste et son compte rendu d’import"),
    ("update_list", "Renomme, désactive, ou importe à nouveau avec une autre colonne de téléphone"),
    ("delete_list", "Supprime une liste qu’aucune campagne non terminée n’utilise"),
    ("list_contacts", "Contacts d’une liste, par numéro"),
    ("export_list", "Les contacts en CSV, que lit bien un tableur"),
    ("get_list_rejects", "Les lignes rejetées à l’import : ligne, colonne, valeur, raison"),
    ("summarise_lists", "Synthèse de plusieurs listes, exclusions déduites"),
    ("list_exclusions", "Numéros exclus"),
    ("create_exclusion", "Exclut un numéro"),
    ("get_exclusion", "Si un numéro est exclu"),
    ("delete_exclusion", "Autorise à nouveau un numéro"),
    ("import_exclusions", "Exclut les numéros d’un fichier ou de valeurs collées"),
    ("export_exclusions", "Tous les numéros exclus en CSV, que lit bien un tableur"),
    ("erase_contact", "Efface un numéro partout ; seule une empreinte à clé reste"),
    ("get_erasure", "Où en est un effacement"),
    ("list_replies", "Réponses des téléphones, de la plus récente à la plus ancienne"),
    ("list_campaign_replies", "Réponses à une campagne, de la plus récente à la plus ancienne"),
    ("export_replies", "Les réponses en CSV, que lit bien un tableur"),
    ("list_campaigns", "Campagnes, de la plus récente à la plus ancienne"),
    ("create_campaign", "Crée un brouillon ; un nom suffit"),
    ("get_campaign", "Une campagne"),
    ("update_campaign", "Change les réglages d’un brouillon"),
    ("delete_campaign", "Supprime une campagne en brouillon, prête, en pause ou terminée"),
    ("estimate_campaign", "Compte destinataires, SMS et crédits ; nomme ce qui fait obstacle"),
    ("validate_campaign", "Réserve les crédits et rend la campagne prête ; 422 avec tous les obstacles"),
    ("pause_campaign", "Met en pause une campagne en cours d’envoi"),
    ("resume_campaign", "Reprend une campagne en pause"),
    ("edit_campaign", "Ramène une campagne prête à l’état de brouillon"),
    ("clone_campaign", "Crée un brouillon avec les mêmes réglages"),
    ("cancel_campaign", "Met fin à une campagne prête ou en pause : ce qui n’est pas remis ne le sera jamais"),
    ("update_campaign_pace", "Change la cadence, même en cours d’envoi"),
    ("test_campaign", "Envoie aussitôt jusqu’à cinq messages de test"),
    ("get_campaign_stats", "Ce qu’est devenue une campagne, à ce jour ou pour de bon"),
    ("list_recipients", "Ce qu’est devenu chaque destinataire"),
    ("get_campaign_report", "Le résultat de chaque destinataire d’une campagne terminée, en CSV"),
    ("retry_failed", "Relancer les échecs : un brouillon pour les échecs temporaires seulement"),
    ("get_campaign_links", "Ses liens courts et liens image avec leurs comptes"),
    ("preview_message", "Écrit un texte tel qu’un destinataire le recevrait, et le compte"),
    ("list_templates", "Modèles, du plus récent au plus ancien"),
    ("create_template", "Crée un modèle"),
    ("get_template", "Un modèle"),
    ("update_template", "Change un modèle, et aucune campagne qui en vient"),
    ("delete_template", "Supprime un modèle"),
    ("create_image", "Crée une image, pour y déposer un fichier"),
    ("get_image", "Une image"),
];
