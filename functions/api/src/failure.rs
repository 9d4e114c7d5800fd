//! What can go wrong in a handler, and which problem it becomes. What is not the client's doing is logged here, once,
//! with its causes.

use app::access::{self, Refusal, USERS_MAX};
use app::{audience, password, planning};
use aws::store::KEYS_MAX;
use aws::{files, store};
use axum::response::{IntoResponse, Response};
use domain::campaign;
use support::telemetry::chain;
use web::{Fault, Kind, Problem};

use crate::words::template_fault;

#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("the request is refused")]
    Problem(Problem),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Files(#[from] files::Error),
    #[error(transparent)]
    Audience(#[from] audience::Error),
    /// A command that the campaign's status does not allow.
    #[error(transparent)]
    Refused(#[from] campaign::Refusal),
    #[error("a password cannot be hashed")]
    Hash(#[source] password::HashError),
    #[error("the answer cannot be written")]
    Unwritable(#[source] serde_json::Error),
    /// The contract let something through that the code cannot read.
    #[error("the body passed its check and cannot be read")]
    Unread(#[source] serde_json::Error),
    /// An account whose key works and whose item is gone, and the like.
    #[error("{what} is gone")]
    Gone { what: &'static str },
}

impl From<planning::Error> for Failure {
    fn from(error: planning::Error) -> Self {
        match error {
            planning::Error::Refused(refusal) => Self::Refused(refusal),
            planning::Error::Store(error) => Self::Store(error),
            planning::Error::Audience(audience::Error::Store(error)) => Self::Store(error),
            planning::Error::Audience(error) => Self::Audience(error),
            // Whoever validates says what is in the way; this is for the one who forgets.
            planning::Error::Blocked { .. } | planning::Error::Excluded { .. } => Self::Problem(Kind::Invalid.into()),
            planning::Error::StillSending | planning::Error::ListInUse { .. } | planning::Error::NotAgain(_) => {
                Self::Problem(Kind::Conflict.into())
            }
            planning::Error::HandedOver => {
                let (english, french) = ("everything is handed over already", "tout est déjà remis à l’opérateur");
                Self::Problem(Problem::new(Kind::Conflict, english, french))
            }
        }
    }
}

impl From<access::Error> for Failure {
    fn from(error: access::Error) -> Self {
        match error {
            access::Error::Refused(refusal) => Self::Problem(not_let_in(refusal)),
            access::Error::Hash(error) => Self::Hash(error),
            access::Error::Store(error) => Self::Store(error),
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Kind> for Failure {
    fn from(kind: Kind) -> Self {
        Self::Problem(kind.into())
    }
}

/// Seconds after which a client may try again what did not answer.
const AGAIN_SECONDS: u32 = 2;

impl Failure {
    /// The problem that the client sees.
    fn problem(self) -> Problem {
        match self {
            Self::Problem(problem) => problem,
            Self::Refused(refusal) => refused(refusal),
            Self::Store(store::Error::Conflict { .. }) => conflict(),
            Self::Store(store::Error::NotEnoughCredits) => Problem::fault(
                "not_enough_credits",
                "",
                "the balance does not cover the credits that are needed",
                "le solde ne couvre pas les crédits nécessaires",
            ),
            Self::Audience(audience::Error::Store(error)) => Self::Store(error).problem(),
            Self::Audience(audience::Error::Files(error)) => Self::Files(error).problem(),
            Self::Audience(audience::Error::ListNotReady { list }) => Problem::new(
                Kind::Conflict,
                format!("the list {list} is not there or not imported yet"),
                format!("la liste {list} n’existe pas ou n’est pas encore importée"),
            ),
            // Whoever estimates says so before; the account may have changed since.
            Self::Audience(audience::Error::Message(problem)) => {
                Problem::invalid(vec![Fault::new(problem.fault.code(), "/message/text", template_fault(problem))])
            }
            failure => {
                let kind = match &failure {
                    Self::Store(store::Error::Unavailable { .. }) | Self::Files(files::Error::Unavailable { .. }) => {
                        Kind::Unavailable
                    }
                    _ => Kind::Internal,
                };
                tracing::error!(error.chain = chain(&failure), "a request failed");
                match kind {
                    Kind::Unavailable => Problem::from(kind).retry_after(AGAIN_SECONDS),
                    _ => kind.into(),
                }
            }
        }
    }
}

/// Somebody else was faster.
pub fn conflict() -> Problem {
    Problem::new(
        Kind::Conflict,
        "it was changed by another request meanwhile; read it again",
        "une autre requête l’a modifié entre-temps ; relisez-le",
    )
}

/// There is none, or it is another account's: the same answer.
pub fn not_found() -> Problem {
    Kind::NotFound.into()
}

/// Why a user or a key is not made, changed or removed.
fn not_let_in(refusal: Refusal) -> Problem {
    let english = refusal.to_string();
    let fault = |code, pointer, french: String| Problem::fault(code, pointer, english.clone(), french);
    let conflict = |french: String| Problem::new(Kind::Conflict, english.clone(), french);
    match refusal {
        Refusal::NotAnEmail => fault("malformed", "/email", "une adresse e-mail".into()),
        Refusal::EmailTaken => fault("taken", "/email", "cette adresse est déjà prise".into()),
        Refusal::PasswordLength => {
            let (least, most) = (password::CHARACTERS.start(), password::CHARACTERS.end());
            fault("length", "/password", format!("de {least} à {most} caractères"))
        }
        Refusal::KeyName => fault("length", "/name", format!("de 1 à {} caractères", campaign::NAME_CHARACTERS_MAX)),
        Refusal::NoScope => fault("length", "/scopes", "au moins un droit".into()),
        Refusal::TooManyUsers => conflict(format!("{USERS_MAX} utilisateurs au plus")),
        Refusal::TooManyKeys => conflict(format!("{KEYS_MAX} clés au plus")),
        Refusal::LastOwner => conflict("un compte garde au moins un propriétaire".into()),
        Refusal::NoKey => not_found(),
    }
}

fn refused(refusal: campaign::Refusal) -> Problem {
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

/// Marks an answer that another try may well change: a lost race. `Idempotency-Key` does not keep it.
#[derive(Debug, Clone, Copy)]
pub struct Passing;

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let is_race = matches!(
            self,
            Self::Store(store::Error::Conflict { .. })
                | Self::Audience(audience::Error::Store(store::Error::Conflict { .. }))
        );
        let mut response = self.problem().into_response();
        if is_race {
            response.extensions_mut().insert(Passing);
        }
        response
    }
}
