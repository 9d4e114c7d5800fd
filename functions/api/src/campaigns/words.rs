//! Texts of blockers and warnings in both languages, with their pointers.

use app::campaigns::{Blocker, Warning};
use app::drafts::{DraftProblem, LinkKind, UrlField};
use domain::campaign::{PauseCause, Settings};
use domain::template::{MAX_TEXT_CHARS, variable_name};
use web::{FieldError, Text};

use crate::words::{sender_problem, template_error, time_problem};

pub fn blocker(blocker: &Blocker, settings: &Settings) -> FieldError {
    let mut pointer = blocker.pointer().to_owned();
    let text = match blocker {
        Blocker::NoName => Text::new("a name is missing", "le nom manque"),
        Blocker::NameTooLong => Text::new("the name is too long", "le nom est trop long"),
        Blocker::NoLists => Text::new("no list is chosen", "aucune liste n’est choisie"),
        Blocker::ListNotReady { list, name } => {
            if let Some(place) = settings.lists.iter().position(|id| id == list) {
                pointer = format!("/lists/{place}");
            }
            match name {
                Some(name) => Text::new(
                    format!("the list “{name}” cannot be used: it is disabled or not imported"),
                    format!("la liste « {name} » n’est pas utilisable : désactivée ou pas encore importée"),
                ),
                None => Text::new("there is no such list", "cette liste n’existe pas"),
            }
        }
        Blocker::NoRecipients => Text::new("there is nobody to send to", "il n’y a aucun destinataire"),
        Blocker::NoText => Text::new("the text is empty", "le texte est vide"),
        Blocker::Text(problem) => template_error(*problem),
        Blocker::StopDoesNotFit { excess } => Text::new(
            format!(
                "the text and the STOP mention together have {excess} characters more than the {MAX_TEXT_CHARS} that \
                 can be sent: shorten the text"
            ),
            format!(
                "le texte et la mention STOP dépassent ensemble de {excess} caractères les {MAX_TEXT_CHARS} admis : \
                 raccourcissez le texte"
            ),
        ),
        Blocker::Sender(problem) => sender_problem(*problem),
        Blocker::NoStop => Text::new(
            "a marketing message must say how to stop: set `stop`, or write the mention",
            "un message marketing doit comporter la mention STOP : cochez-la ou écrivez-la",
        ),
        Blocker::UnknownVariable { name } => Text::new(
            format!("no list has a column for {{{{{name}}}}}, and it has no fallback"),
            format!("aucune liste n’a de colonne pour {{{{{name}}}}}, qui n’a pas de valeur de repli"),
        ),
        Blocker::NoProof => Text::new(
            "this account needs a proof: send a campaign marked as proof with this very message (sender, text, links, \
             images, STOP) and let it finish",
            "ce compte exige un BAT : envoyez une campagne « BAT » avec exactement ce message (expéditeur, texte, liens, \
             images, STOP) et attendez qu’elle soit terminée",
        ),
        Blocker::TooLong { messages } => Text::new(
            format!("{messages} messages are longer than can be sent"),
            format!("{messages} messages sont trop longs pour être envoyés"),
        ),
        Blocker::Time(problem) => time_problem(problem),
        Blocker::TimePast => Text::new("this time has passed", "cette date est passée"),
        Blocker::Pace => Text::new("the pace is out of range", "la cadence est hors limites"),
        Blocker::NotEnoughCredits { needed, balance } => Text::new(
            format!("{needed} credits are needed and {balance} are left"),
            format!("{needed} crédits sont nécessaires, il en reste {balance}"),
        ),
    };
    FieldError::new(blocker.code(), pointer, text)
}

/// Problems of a draft that can never become valid.
pub fn draft_problem(problem: &DraftProblem) -> FieldError {
    let fault =
        |code, pointer: String, english: &str, french: &str| FieldError::new(code, pointer, Text::new(english, french));
    let link = |kind: &LinkKind, index: &usize| match kind {
        LinkKind::Short => format!("/message/links/{index}/name"),
        LinkKind::Image => format!("/message/images/{index}/name"),
    };
    let image = |index: &usize| format!("/message/images/{index}/image");
    match problem {
        DraftProblem::NoSuchCampaign => fault(
            "no_such_campaign",
            "/from_campaign".into(),
            "there is no such campaign",
            "cette campagne n’existe pas",
        ),
        DraftProblem::NoSuchTemplate => {
            fault("no_such_template", "/message/template".into(), "there is no such template", "ce modèle n’existe pas")
        }
        DraftProblem::NoSuchList(index) => {
            fault("no_such_list", format!("/lists/{index}"), "there is no such list", "cette liste n’existe pas")
        }
        DraftProblem::DisabledList(index) => fault(
            "list_disabled",
            format!("/lists/{index}"),
            "the list is disabled: enable it first",
            "la liste est désactivée : réactivez-la d’abord",
        ),
        DraftProblem::NoSuchImage(index) => {
            fault("no_such_image", image(index), "there is no such image", "cette image n’existe pas")
        }
        DraftProblem::ImageNotUploaded(index) => {
            fault("image_not_ready", image(index), "the image was not uploaded yet", "l’image n’est pas encore déposée")
        }
        DraftProblem::LinkName(kind, index) => {
            fault("malformed", link(kind, index), "a name without braces and bars", "un nom sans accolade ni barre")
        }
        DraftProblem::RepeatedName(kind, index) => {
            fault("repeated_name", link(kind, index), "two links have this name", "deux liens portent ce nom")
        }
        DraftProblem::BadUrl(field, index) => {
            let field = match field {
                UrlField::Url => "url",
                UrlField::FallbackUrl => "fallback_url",
            };
            let english = "a complete http or https URL without user name";
            let french = "une URL http ou https complète, sans identifiants";
            fault("bad_url", format!("/message/links/{index}/{field}"), english, french)
        }
        DraftProblem::FallbackWithoutExpiry(index) => fault(
            "no_expiry",
            format!("/message/links/{index}/fallback_url"),
            "a link that never expires needs no fallback: say when with `expires_at`",
            "un lien qui n’expire jamais n’a pas besoin de repli : indiquez quand avec `expires_at`",
        ),
        DraftProblem::Time(problem) => FieldError::new(problem.code(), "/schedule/at", time_problem(problem)),
    }
}

/// Why a campaign was paused before anything was sent, and what to do.
pub fn pause_cause(cause: &PauseCause) -> Text {
    match cause {
        PauseCause::ListGone { list } => Text::new(
            format!("the list {list} is gone: cancel the campaign and make one of another list"),
            format!("la liste {list} n’existe plus : annulez la campagne et refaites-la avec une autre liste"),
        ),
        PauseCause::ListDisabled { name, .. } => Text::new(
            format!("the list “{name}” was disabled after validation: enable it and resume, or cancel"),
            format!("la liste « {name} » a été désactivée après la validation : réactivez-la et reprenez, ou annulez"),
        ),
        PauseCause::ListImportedAgain { name, .. } => Text::new(
            format!(
                "the list “{name}” was imported again after validation: check it, then resume to send to what it holds \
                 now, counted and reserved anew, or cancel"
            ),
            format!(
                "la liste « {name} » a été réimportée après la validation : vérifiez-la, puis reprenez pour envoyer à \
                 ce qu’elle contient maintenant, recompté et réservé à nouveau, ou annulez"
            ),
        ),
        PauseCause::NoRecipients => Text::new(
            "nobody is left to send to: every recipient was excluded or removed since validation; cancel the campaign",
            "il n’y a plus de destinataire : tous ont été exclus ou retirés depuis la validation ; annulez la campagne",
        ),
    }
}

pub fn warning(warning: &Warning, settings: &Settings) -> FieldError {
    let in_text = || "/message/text".to_owned();
    let (pointer, text) = match warning {
        Warning::VariableMissing { name, list } => (
            in_text(),
            Text::new(
                format!("the list “{list}” has no column for {{{{{name}}}}}"),
                format!("la liste « {list} » n’a pas de colonne pour {{{{{name}}}}}"),
            ),
        ),
        Warning::NotAVariable { written, name } => (
            in_text(),
            Text::new(
                format!("{written} is sent as it stands; write {{{{{name}}}}} for each recipient's own"),
                format!("{written} est envoyé tel quel ; écrivez {{{{{name}}}}} pour la valeur de chaque destinataire"),
            ),
        ),
        Warning::LinkUnused { name } => (
            link(settings, name),
            Text::new(
                format!("the text does not use {{{{{name}}}}}"),
                format!("le texte n’utilise pas {{{{{name}}}}}"),
            ),
        ),
        Warning::LinkExpires { name, at } => (
            link(settings, name),
            Text::new(
                format!("{{{{{name}}}}} expires at {at}, before the last message is sent"),
                format!("{{{{{name}}}}} expire le {at}, avant l’envoi du dernier message"),
            ),
        ),
        Warning::Unicode { messages } => (
            in_text(),
            Text::new(
                format!("{messages} messages need Unicode, so their segments are shorter"),
                format!("{messages} messages exigent l’Unicode : leurs SMS sont plus courts"),
            ),
        ),
        Warning::CarriedOver { messages, until } => (
            "/schedule".to_owned(),
            Text::new(
                format!("{messages} messages fall outside the legal window and wait until {until}"),
                format!("{messages} messages tombent hors de la plage légale et attendront le {until}"),
            ),
        ),
        Warning::LargeProof { recipients } => (
            "/lists".to_owned(),
            Text::new(
                format!("a proof on {recipients} recipients is not small"),
                format!("un BAT à {recipients} destinataires n’est pas un petit envoi"),
            ),
        ),
    };
    FieldError::new(warning.code(), pointer, text)
}

fn link(settings: &Settings, name: &str) -> String {
    let message = &settings.message;
    let short = message.links.iter().position(|link| variable_name(&link.name) == variable_name(name));
    let image = message.images.iter().position(|link| variable_name(&link.name) == variable_name(name));
    match (short, image) {
        (Some(place), _) => format!("/message/links/{place}"),
        (None, Some(place)) => format!("/message/images/{place}"),
        (None, None) => "/message".into(),
    }
}
