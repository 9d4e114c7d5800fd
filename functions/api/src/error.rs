//! Errors of handlers, and the problems that they become. Errors that are not the client's are logged here, once, with
//! their causes.

use app::keys::KEYS_MAX;
use app::lists::NotAgain;
use app::users::USERS_MAX;
use app::{AccessDenied, Error, UseCase, audience, password};
use aws::{files, store};
use axum::response::{IntoResponse, Response};
use domain::account::Scope;
use domain::campaign;
use support::telemetry::chain;
use web::{FieldError, Kind, Problem};

use crate::account::{settings_error, webhook_refusal};
use crate::campaigns::{blocker, draft_problem};
use crate::templates;
use crate::words::template_error;

#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error("the request is refused")]
    Problem(Problem),
    #[error(transparent)]
    App(#[from] Error),
    #[error("the answer cannot be written")]
    Unwritable(#[source] serde_json::Error),
    /// The contract accepted something that the code cannot read.
    #[error("the body passed its check and cannot be read")]
    Unread(#[source] serde_json::Error),
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Kind> for ApiError {
    fn from(kind: Kind) -> Self {
        Self::Problem(kind.into())
    }
}

macro_rules! from_parts {
    ($($part:ty),*) => {$(
        impl From<$part> for ApiError {
            fn from(error: $part) -> Self {
                Self::App(error.into())
            }
        }
    )*};
}
from_parts!(store::Error, files::Error, audience::Error);

/// Seconds after which a client may retry when a service did not answer.
const AGAIN_SECONDS: u32 = 2;

impl ApiError {
    /// The problem for the client.
    fn problem(self) -> Problem {
        match self {
            Self::Problem(problem) => problem,
            Self::App(error) => problem_of(error),
            failure => unexpected(&failure, Kind::Internal),
        }
    }
}

/// The problem for a use case's error.
fn problem_of(error: Error) -> Problem {
    match error {
        Error::Forbidden(use_case) => forbidden(use_case),
        Error::CannotGive(scope) => cannot_give(scope),
        Error::NotFound { .. } => not_found(),
        Error::Stale { .. } => Kind::PreconditionFailed.into(),
        Error::Refused(refusal) => refused(refusal),
        Error::Blocked { settings, blockers, .. } => {
            Problem::invalid(blockers.iter().map(|one| blocker(one, &settings)).collect())
        }
        Error::Draft(problems) => Problem::invalid(problems.iter().map(draft_problem).collect()),
        Error::Settings(problems) => Problem::invalid(problems.into_iter().map(settings_error).collect()),
        Error::Template(errors) => Problem::invalid(errors.into_iter().map(templates::fault).collect()),
        Error::Access(refusal) => access_refused(refusal),
        Error::Webhook(refusal) => webhook_refusal(refusal),
        // The handler that sends tests reports each number.
        Error::Excluded { .. } => Kind::Invalid.into(),
        Error::NotADraft => conflict(
            "only a draft can be changed; take it back to draft first",
            "seul un brouillon peut être modifié ; repassez d’abord la campagne en brouillon",
        ),
        Error::StillSending => conflict("the campaign is still being sent", "la campagne est encore en cours d’envoi"),
        Error::HandedOver => conflict("everything is handed over already", "tout est déjà remis à l’opérateur"),
        Error::NothingToRetry => {
            conflict("no failure of this campaign was temporary", "aucun échec de cette campagne n’est temporaire")
        }
        Error::ListInUse { campaign } => conflict(
            &format!("the campaign “{campaign}” uses it and is not finished"),
            &format!("la campagne « {campaign} » l’utilise et n’est pas terminée"),
        ),
        Error::ListNotReady => {
            conflict("only a list that is ready can be disabled", "seule une liste prête peut être désactivée")
        }
        Error::NotAgain(reason) => not_imported_again(reason),
        Error::Audience(error) => audience_problem(error),
        Error::Store(store::Error::Conflict { .. }) => conflict(
            "it was changed by another request meanwhile; read it again",
            "une autre requête l’a modifié entre-temps ; relisez-le",
        ),
        Error::Store(store::Error::NotEnoughCredits) => Problem::invalid_field(
            "not_enough_credits",
            "",
            "the balance does not cover the credits that are needed",
            "le solde ne couvre pas les crédits nécessaires",
        ),
        Error::Store(store::Error::Unavailable { .. }) | Error::Files(files::Error::Unavailable { .. }) => {
            unexpected(&error, Kind::Unavailable)
        }
        Error::Store(store::Error::Corrupt { .. }) | Error::Files(_) | Error::Hash(_) => {
            unexpected(&error, Kind::Internal)
        }
    }
}

fn audience_problem(error: audience::Error) -> Problem {
    match error {
        audience::Error::Store(error) => problem_of(error.into()),
        audience::Error::Files(error) => problem_of(error.into()),
        audience::Error::ListNotReady { list } => conflict(
            &format!("the list {list} is not there or not imported yet"),
            &format!("la liste {list} n’existe pas ou n’est pas encore importée"),
        ),
        // The estimate reports it before; the account may have changed since.
        audience::Error::Message(problem) => {
            Problem::invalid(vec![FieldError::new(problem.fault.code(), "/message/text", template_error(problem))])
        }
        error => unexpected(&error, Kind::Internal),
    }
}

/// Logs errors that are not the client's.
fn unexpected(error: &(dyn std::error::Error + 'static), kind: Kind) -> Problem {
    tracing::error!(error.chain = chain(error), "a request failed");
    match kind {
        Kind::Unavailable => Problem::from(kind).retry_after(AGAIN_SECONDS),
        _ => kind.into(),
    }
}

fn conflict(english: &str, french: &str) -> Problem {
    Problem::new(Kind::Conflict, english, french)
}

/// Unknown, or belongs to another account: the same response.
pub fn not_found() -> Problem {
    Kind::NotFound.into()
}

/// The key lacks the scope in the table of use cases.
pub fn forbidden(use_case: UseCase) -> Problem {
    match use_case.scope() {
        Some(scope) => {
            let scope = scope.code();
            let (english, french) =
                (format!("the key lacks the scope `{scope}`"), format!("la clé n’a pas le droit `{scope}`"));
            Problem::new(Kind::Forbidden, english, french)
        }
        None => Kind::Forbidden.into(),
    }
}

fn cannot_give(scope: Scope) -> Problem {
    let code = scope.code();
    Problem::new(
        Kind::Forbidden,
        format!("the key lacks the scope `{code}`, so it cannot give it"),
        format!("la clé n’a pas le droit `{code}` et ne peut donc pas le donner"),
    )
}

fn not_imported_again(reason: NotAgain) -> Problem {
    match reason {
        NotAgain::Exclusions => {
            conflict("import the exclusions anew instead", "importez plutôt les exclusions à nouveau")
        }
        NotAgain::Importing => conflict("the list is still being imported", "l’import de la liste est en cours"),
        NotAgain::UploadGone => conflict(
            "the uploaded file is no longer kept; upload it anew",
            "le fichier déposé n’est plus conservé ; déposez-le à nouveau",
        ),
    }
}

/// Why a user or a key cannot be created, changed or removed.
fn access_refused(refusal: AccessDenied) -> Problem {
    let english = refusal.to_string();
    let fault = |code, pointer, french: String| Problem::invalid_field(code, pointer, english.clone(), french);
    match refusal {
        AccessDenied::NotAnEmail => fault("malformed", "/email", "une adresse e-mail".into()),
        AccessDenied::EmailTaken => fault("taken", "/email", "cette adresse est déjà prise".into()),
        AccessDenied::PasswordLength | AccessDenied::WrongPassword => {
            let (least, most) = (password::CHARACTERS.start(), password::CHARACTERS.end());
            fault("length", "/password", format!("de {least} à {most} caractères"))
        }
        AccessDenied::KeyName => {
            fault("length", "/name", format!("de 1 à {} caractères", campaign::NAME_CHARACTERS_MAX))
        }
        AccessDenied::NoScope => fault("length", "/scopes", "au moins un droit".into()),
        AccessDenied::TooManyUsers => conflict(&english, &format!("{USERS_MAX} utilisateurs au plus")),
        AccessDenied::TooManyKeys => conflict(&english, &format!("{KEYS_MAX} clés au plus")),
        AccessDenied::LastOwner => conflict(&english, "un compte garde au moins un propriétaire"),
    }
}

fn refused(refusal: campaign::InvalidTransition) -> Problem {
    use campaign::{Command, Status};
    let status = match refusal.from {
        Status::Draft => "un brouillon",
        Status::Ready => "prête",
        Status::Sending => "en cours d’envoi",
        Status::Paused => "en pause",
        Status::Consolidating => "en cours de consolidation",
        Status::Finished => "terminée",
        Status::Deleted => "supprimée",
    };
    let verb = match refusal.command {
        Command::Validate => "être validée",
        Command::Edit => "repasser en brouillon",
        Command::Start => "démarrer",
        Command::Pause(_) => "être mise en pause",
        Command::Resume => "reprendre",
        Command::Consolidate => "être consolidée",
        Command::Finish => "être terminée",
        Command::Cancel => "être annulée",
        Command::Delete => "être supprimée",
    };
    Problem::new(Kind::Conflict, refusal.to_string(), format!("une campagne qui est {status} ne peut pas {verb}"))
}

/// Marks a response that a retry may well change: a conflict. `Idempotency-Key` does not store it.
#[derive(Debug, Clone, Copy)]
pub struct Passing;

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let is_race = match &self {
            Self::App(Error::Audience(audience::Error::Store(error)) | Error::Store(error)) => {
                matches!(error, store::Error::Conflict { .. })
            }
            _ => false,
        };
        let mut response = self.problem().into_response();
        if is_race {
            response.extensions_mut().insert(Passing);
        }
        response
    }
}
