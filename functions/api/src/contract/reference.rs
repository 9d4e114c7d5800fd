//! What applies to all calls: what to do about each kind of problem, the limits, and the stability of `/v1`. Limits
//! come from the constants that the code checks.

use app::audience::RECIPIENTS_MAX;
use app::campaigns::{COUNTED_AT_ONCE_MAX, TESTS_MAX};
use app::users::USERS_MAX;
use aws::files::UPLOAD_BYTES_MAX;
use aws::store::{ANSWERS_KEPT_SECONDS, KEYS_MAX};
use domain::account::{IMAGE_BYTES_MAX, PURGE_AFTER_DAYS_DEFAULT};
use domain::campaign::{LINKS_MAX, LISTS_MAX, NAME_CHARACTERS_MAX, RECEIPTS_HOURS, URL_CHARACTERS_MAX};
use domain::compose::SEGMENTS_MAX;
use domain::delivery::TRIES_MAX;
use domain::release::PACE_PER_HOUR;
use domain::template::{MAX_TEXT_CHARS, MAX_VARIABLES};
use domain::webhook::WEBHOOKS_MAX;
use domain::{reply, sender};
use web::cursor::{LIMIT_DEFAULT, LIMIT_MAX};
use web::problem::Kind;
use web::{Language, Text};

use super::check::ERRORS_MAX;
use super::operation::BODY_BYTES_MAX;
use super::schema::Localized;
use crate::app::{AUTH_FAILURES, RATE_BURST, RATE_PER_SECOND};
use crate::gate::KEY_BYTES_MAX;
use crate::lists::{PASTED_BYTES_MAX, VALUES_MAX};

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;
/// Days of a year, as retention counts them.
const YEAR_DAYS: i64 = 366;
/// How long a deprecated part of the API keeps working, at least.
const DEPRECATION_MONTHS: u32 = 12;

/// What a client does about a problem.
pub fn advice(kind: Kind) -> Localized {
    let said = |english, french| Localized { english, french };
    match kind {
        Kind::Malformed => said(
            "Not JSON, or a header, cursor or parameter that cannot be read. Fix the request; do not repeat it as it is.",
            "Pas du JSON, ou un en-tête, un curseur ou un paramètre illisible. Corriger la requête ; ne pas la répéter telle quelle.",
        ),
        Kind::Unauthenticated => said(
            "No key, or one that is wrong or revoked. Check the `Authorization` header.",
            "Pas de clé, ou une clé fausse ou révoquée. Vérifier l’en-tête `Authorization`.",
        ),
        Kind::Forbidden => said(
            "The key lacks the scope that `detail` names. Use another key.",
            "Il manque à la clé le droit que nomme `detail`. Utiliser une autre clé.",
        ),
        Kind::NotFound => said(
            "No such path or id in this account. The ids of other accounts answer the same.",
            "Ce chemin ou cet identifiant n’existe pas dans ce compte. Ceux d’autres comptes répondent de même.",
        ),
        Kind::MethodNotAllowed => {
            said("`Allow` names the methods of this path.", "`Allow` nomme les méthodes de ce chemin.")
        }
        Kind::Conflict => said(
            "The state does not allow it, or another request changed it first. With `Retry-After`, repeat the request. \
             Otherwise read the resource again and decide.",
            "L’état ne le permet pas, ou une autre requête l’a modifié avant. Avec `Retry-After`, répéter la requête. \
             Sinon, relire la ressource et décider.",
        ),
        Kind::PreconditionFailed => said(
            "It is no longer the version that `If-Match` names. Read it again, then send the change with the new `ETag`.",
            "Ce n’est plus la version que nomme `If-Match`. La relire, puis envoyer la modification avec le nouvel `ETag`.",
        ),
        Kind::TooLarge => said(
            "The body is larger than the limit below. Upload a file instead of pasting values.",
            "Le corps dépasse la limite ci-dessous. Déposer un fichier au lieu de coller des valeurs.",
        ),
        Kind::UnsupportedMediaType => said(
            "Send `Content-Type: application/json`, in UTF-8.",
            "Envoyer `Content-Type: application/json`, en UTF-8.",
        ),
        Kind::Invalid => said(
            "Read as JSON, and against a rule. `errors` names each field and why. Fix it; use a new `Idempotency-Key`.",
            "Lu comme JSON, mais contraire à une règle. `errors` nomme chaque champ et pourquoi. Corriger, avec une nouvelle \
             `Idempotency-Key`.",
        ),
        Kind::KeyReused => said(
            "This `Idempotency-Key` was used for another request. Use a new key for each thing that you want done.",
            "Cette `Idempotency-Key` a servi à une autre requête. Prendre une nouvelle clé pour chaque action voulue.",
        ),
        Kind::TooMany => said(
            "Wait for `Retry-After` seconds, then repeat the request with the same `Idempotency-Key`.",
            "Attendre `Retry-After` secondes, puis répéter la requête avec la même `Idempotency-Key`.",
        ),
        Kind::Internal => said(
            "An error of ours. Repeat the request with the same `Idempotency-Key`; if it stays, report `instance`.",
            "Une erreur de notre côté. Répéter la requête avec la même `Idempotency-Key` ; si elle persiste, signaler `instance`.",
        ),
        Kind::Unavailable => said(
            "Something that Envol needs does not answer. Wait for `Retry-After` seconds, then repeat the request with the \
             same `Idempotency-Key`.",
            "Un service dont Envol a besoin ne répond pas. Attendre `Retry-After` secondes, puis répéter la requête avec la \
             même `Idempotency-Key`.",
        ),
    }
}

/// A limit: its subject, and its value.
pub struct Limit {
    pub about: Localized,
    pub value: Text,
}

/// The limits of the API and of what it makes.
pub fn limits() -> Vec<Limit> {
    [requests(), campaigns(), accounts(), kept()].into_iter().flatten().collect()
}

fn limit(about: (&'static str, &'static str), english: String, french: String) -> Limit {
    Limit { about: Localized { english: about.0, french: about.1 }, value: Text::new(english, french) }
}

/// The same number in both languages, digits grouped as each does.
fn count(about: (&'static str, &'static str), number: impl TryInto<u64>) -> Limit {
    let number = number.try_into().unwrap_or(u64::MAX);
    limit(about, grouped(number, Language::English), grouped(number, Language::French))
}

fn grouped(number: u64, language: Language) -> String {
    let separator = match language {
        Language::English => ',',
        Language::French => '\u{202f}',
    };
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

fn requests() -> Vec<Limit> {
    let (body, pasted) = (BODY_BYTES_MAX as u64 / KIB, PASTED_BYTES_MAX as u64 / MIB);
    let values = |language| grouped(VALUES_MAX as u64, language);
    let file = UPLOAD_BYTES_MAX / MIB;
    let hours = ANSWERS_KEPT_SECONDS / 3_600;
    let (rate, burst) = (RATE_PER_SECOND, |language| grouped(RATE_BURST.into(), language));
    let failures = AUTH_FAILURES.burst;
    vec![
        limit(("Body of a request", "Corps d’une requête"), format!("{body} KiB"), format!("{body} Kio")),
        limit(
            ("Values pasted in one request", "Valeurs collées dans une requête"),
            format!("{} values, {pasted} MiB", values(Language::English)),
            format!("{} valeurs, {pasted} Mio", values(Language::French)),
        ),
        limit(("Uploaded file", "Fichier déposé"), format!("{file} MiB"), format!("{file} Mio")),
        limit(
            ("Requests of one account", "Requêtes d’un compte"),
            format!(
                "{rate} a second, {} at once, for each running instance, unless configured",
                burst(Language::English)
            ),
            format!(
                "{rate} par seconde, {} d’un coup, par instance en marche, sauf configuration",
                burst(Language::French)
            ),
        ),
        limit(
            ("Failed authentications of one address", "Authentifications manquées d’une adresse"),
            format!("{failures} at once, then {} a second", AUTH_FAILURES.per_second),
            format!("{failures} d’un coup, puis {} par seconde", AUTH_FAILURES.per_second),
        ),
        limit(
            ("Items of a page", "Éléments d’une page"),
            format!("1 to {LIMIT_MAX}, {LIMIT_DEFAULT} by default"),
            format!("1 à {LIMIT_MAX}, {LIMIT_DEFAULT} par défaut"),
        ),
        limit(
            ("`Idempotency-Key`", "`Idempotency-Key`"),
            format!("1 to {KEY_BYTES_MAX} printable ASCII characters, kept for {hours} hours"),
            format!("1 à {KEY_BYTES_MAX} caractères ASCII imprimables, gardée {hours} heures"),
        ),
        count(("Errors named in one answer", "Erreurs nommées dans une réponse"), ERRORS_MAX),
    ]
}

fn campaigns() -> Vec<Limit> {
    let (fewest, most) = (*PACE_PER_HOUR.start(), *PACE_PER_HOUR.end());
    let most = |language| grouped(most.into(), language);
    let image = IMAGE_BYTES_MAX / MIB;
    vec![
        count(("Recipients of a campaign", "Destinataires d’une campagne"), RECIPIENTS_MAX),
        limit(
            ("Contacts counted within one request", "Contacts comptés en une requête"),
            format!("{}; above, 202 and `Retry-After`", grouped(COUNTED_AT_ONCE_MAX, Language::English)),
            format!("{} ; au-delà, 202 et `Retry-After`", grouped(COUNTED_AT_ONCE_MAX, Language::French)),
        ),
        count(("Lists of a campaign", "Listes d’une campagne"), LISTS_MAX),
        count(("Characters of a name", "Caractères d’un nom"), NAME_CHARACTERS_MAX),
        limit(
            ("Sender", "Expéditeur"),
            format!("{} to {} letters and digits", sender::MIN_CHARS, sender::MAX_CHARS),
            format!("{} à {} lettres et chiffres", sender::MIN_CHARS, sender::MAX_CHARS),
        ),
        limit(
            ("Text of a message", "Texte d’un message"),
            format!("{} characters, {SEGMENTS_MAX} SMS as sent", grouped(MAX_TEXT_CHARS as u64, Language::English)),
            format!(
                "{} caractères, {SEGMENTS_MAX} SMS une fois rempli",
                grouped(MAX_TEXT_CHARS as u64, Language::French)
            ),
        ),
        count(("Variables of a message", "Variables d’un message"), MAX_VARIABLES),
        count(("Links and images of a message", "Liens et images d’un message"), LINKS_MAX),
        count(("Characters of a link's target", "Caractères de la cible d’un lien"), URL_CHARACTERS_MAX),
        limit(("Image", "Image"), format!("{image} MiB"), format!("{image} Mio")),
        limit(
            ("Pace, in messages an hour", "Cadence, en messages par heure"),
            format!("{fewest} to {}", most(Language::English)),
            format!("{fewest} à {}", most(Language::French)),
        ),
        count(("Numbers of a test", "Numéros d’un test"), TESTS_MAX),
    ]
}

fn accounts() -> Vec<Limit> {
    vec![
        count(("API keys of an account", "Clés d’API d’un compte"), KEYS_MAX),
        count(("Users of an account", "Utilisateurs d’un compte"), USERS_MAX),
        count(("Webhooks of an account", "Webhooks d’un compte"), WEBHOOKS_MAX),
        count(("Tries of a delivery to a webhook", "Essais d’une remise à un webhook"), TRIES_MAX),
    ]
}

fn kept() -> Vec<Limit> {
    let years = reply::KEPT_DAYS / YEAR_DAYS;
    vec![
        limit(
            ("Receipts are waited for", "Attente des accusés de réception"),
            format!("{RECEIPTS_HOURS} hours after the last message was handed over"),
            format!("{RECEIPTS_HOURS} heures après la remise du dernier message"),
        ),
        limit(("Replies are kept", "Conservation des réponses"), format!("{years} years"), format!("{years} ans")),
        limit(
            ("Lists that nobody uses are kept", "Conservation d’une liste inutilisée"),
            format!("{PURGE_AFTER_DAYS_DEFAULT} days, unless `purge_after_days` says otherwise"),
            format!("{PURGE_AFTER_DAYS_DEFAULT} jours, sauf autre `purge_after_days`"),
        ),
    ]
}

/// What clients of `/v1` may rely on, and what they must accept.
pub fn stability() -> Vec<Text> {
    let text = |english: &str, french: &str| Text::new(english, french);
    vec![
        text(
            "Without notice may be added: calls; optional fields and parameters of requests; fields of answers; headers; \
             events of webhooks; codes of `errors`, of reasons and of warnings; types of problems. Ignore what you do not \
             know, treat an unknown problem by its status, and an unknown code as a failure of its kind.",
            "Peuvent s’ajouter sans préavis : des appels ; des champs et paramètres facultatifs de requêtes ; des champs de \
             réponses ; des en-têtes ; des événements de webhooks ; des codes d’`errors`, de motifs et d’avertissements ; des \
             types de problèmes. Ignorer ce qui est inconnu, traiter un problème inconnu d’après son statut, et un code \
             inconnu comme un échec de son genre.",
        ),
        text(
            "Never changed within `/v1`: the name, type and meaning of a call, field, parameter, code or event; what is \
             optional; the `type` of a problem; how webhooks are signed. Limits are not lowered.",
            "Ne change jamais dans `/v1` : le nom, le type et le sens d’un appel, d’un champ, d’un paramètre, d’un code ou \
             d’un événement ; ce qui est facultatif ; le `type` d’un problème ; la signature des webhooks. Les limites ne \
             sont pas abaissées.",
        ),
        text(
            "Not promised: the words of `title` and `detail`, the order of fields, the length and form of ids and cursors, \
             the time that a request takes.",
            "N’est pas promis : le texte de `title` et de `detail`, l’ordre des champs, la longueur et la forme des \
             identifiants et des curseurs, la durée d’une requête.",
        ),
        Text::new(
            format!(
                "What is to go is named as deprecated, here and in `CHANGELOG.md`, and works for {DEPRECATION_MONTHS} months \
                 more at least. What cannot be kept becomes `/v2`, beside `/v1`."
            ),
            format!(
                "Ce qui doit disparaître est annoncé comme obsolète, ici et dans `CHANGELOG.md`, et fonctionne encore \
                 {DEPRECATION_MONTHS} mois au moins. Ce qui ne peut être gardé devient `/v2`, à côté de `/v1`."
            ),
        ),
        text(
            "`openapi.json` describes the version that is deployed. Objects in answers and webhooks are open there: a \
             client that is generated from it passes over fields that come later. Objects in requests are closed.",
            "`openapi.json` décrit la version déployée. Les objets des réponses et des webhooks y sont ouverts : un client \
             qui en est généré passe sur les champs ajoutés plus tard. Les objets des requêtes sont fermés.",
        ),
    ]
}

/// Problems, limits and stability as Markdown, for the document's description.
pub fn markdown(language: Language) -> String {
    let heading = |english, french| format!("## {}", Localized { english, french }.of(language));
    let mut lines = vec![heading("Problems", "Problèmes"), String::new()];
    lines.extend(Kind::ALL.iter().map(|kind| {
        let (uri, title) = (kind.type_uri(), kind.title(language));
        format!("- `{uri}` ({}): {title}. {}", kind.status(), advice(*kind).of(language))
    }));
    lines.extend([String::new(), heading("Limits", "Limites"), String::new()]);
    lines.extend(limits().iter().map(|limit| {
        let separator = if language == Language::French { "\u{a0}:" } else { ":" };
        format!("- {}{separator} {}", limit.about.of(language), limit.value.in_language(language))
    }));
    lines.extend([String::new(), heading("Stability", "Stabilité"), String::new()]);
    lines.extend(stability().iter().map(|text| format!("- {}", text.in_language(language))));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_problem_says_what_to_do_in_words_of_its_own() {
        for of in [|said: Localized| said.english, |said: Localized| said.french] {
            let advices: BTreeSet<_> = Kind::ALL.iter().map(|kind| of(advice(*kind))).collect();
            assert_eq!(advices.len(), Kind::ALL.len());
        }
    }

    #[test]
    fn limits_are_named_once_and_say_a_number() {
        let limits = limits();
        let names: BTreeSet<_> = limits.iter().map(|limit| limit.about.english).collect();
        assert_eq!(names.len(), limits.len());
        for Limit { about, value } in &limits {
            for text in [&value.english, &value.french] {
                assert!(text.contains(|letter: char| letter.is_ascii_digit()), "{} says {text}", about.english);
            }
        }
    }

    #[test]
    fn the_limits_in_the_texts_that_are_typed_are_those_of_the_code() {
        // The first page says so in words; `/docs` shows the number from the constant.
        assert_eq!(ANSWERS_KEPT_SECONDS, 24 * 3_600);
        let markdown = markdown(Language::English);
        for known in [
            "- Body of a request: 256 KiB",
            "- Recipients of a campaign: 20,000,000",
            "tag:envol.example,2026:problem/",
        ] {
            assert!(markdown.contains(known), "{known} is missing in\n{markdown}");
        }
    }

    #[test]
    fn french_is_typeset_as_french() {
        let french = markdown(Language::French);
        for mark in [" :", " ;", " !", " ?", " »", "« ", "'"] {
            assert!(!french.replace("- ", "").contains(mark), "{mark:?} in\n{french}");
        }
    }
}
