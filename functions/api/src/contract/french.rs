//! The French words that do not stand beside the English ones: what all calls have in common, and their headings.

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
une espace. Tout 2xx en 10 secondes vaut remise ; le reste est réessayé : {tries} essais en tout, en un jour. 410 désactive le webhook.";

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
