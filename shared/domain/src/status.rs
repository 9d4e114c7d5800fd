//! The statuses of a campaign, and the commands that change them.

use super::codes::codes;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Needs the STOP mention, and respects the legal window and the exclusions.
    #[default]
    Marketing,
    /// Transactional, on the account's responsibility: none of these apply.
    Alert,
}
codes!(Kind { Marketing = "marketing", Alert = "alert" });

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Status {
    #[default]
    Draft,
    Ready,
    Sending,
    Paused,
    Consolidating,
    Finished,
    /// Deleted for users; dispatch removes the remaining data.
    Deleted,
}
codes!(Status {
    Draft = "draft",
    Ready = "ready",
    Sending = "sending",
    Paused = "paused",
    Consolidating = "consolidating",
    Finished = "finished",
    Deleted = "deleted",
});

/// Why a campaign is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PauseReason {
    User,
    /// The lists grew since the credits were reserved and the balance does not cover the rest.
    Credits,
    /// The carrier does not answer, or not as it should; resumes automatically when it is back.
    CarrierErrors,
    /// A list of the campaign is missing or cannot be read.
    Lists,
    /// The audience file is missing.
    Audience,
}
codes!(PauseReason {
    User = "user",
    Credits = "credits",
    CarrierErrors = "carrier_errors",
    Lists = "lists",
    Audience = "audience",
});

/// A command that changes the status of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    Validate,
    Edit,
    Start,
    Pause(PauseReason),
    Resume,
    /// The last batch was handed over.
    Consolidate,
    Finish,
    Cancel,
    Delete,
}

/// A command that the status does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a campaign that is {} cannot be {}", from.code(), command.participle())]
pub struct InvalidTransition {
    pub from: Status,
    pub command: Command,
}

impl Status {
    /// The status after a command. `started` tells a cancelled campaign that still awaits receipts from one that never
    /// sent anything.
    pub fn after(self, command: Command, started: bool) -> Result<Self, InvalidTransition> {
        match (self, command) {
            (Self::Draft, Command::Validate) => Ok(Self::Ready),
            (Self::Ready, Command::Edit) => Ok(Self::Draft),
            (Self::Ready, Command::Start) => Ok(Self::Sending),
            (Self::Sending | Self::Ready, Command::Pause(PauseReason::Credits | PauseReason::Lists)) => {
                Ok(Self::Paused)
            }
            (Self::Sending, Command::Pause(PauseReason::User | PauseReason::CarrierErrors | PauseReason::Audience)) => {
                Ok(Self::Paused)
            }
            (Self::Paused, Command::Resume) => Ok(if started { Self::Sending } else { Self::Ready }),
            (Self::Sending, Command::Consolidate) => Ok(Self::Consolidating),
            (Self::Consolidating, Command::Finish) => Ok(Self::Finished),
            (Self::Paused, Command::Cancel) if started => Ok(Self::Consolidating),
            (Self::Paused | Self::Ready, Command::Cancel) => Ok(Self::Finished),
            (Self::Draft | Self::Ready | Self::Paused | Self::Finished, Command::Delete) => Ok(Self::Deleted),
            (from, command) => Err(InvalidTransition { from, command }),
        }
    }

    /// Settings may be changed only in a draft.
    pub fn is_editable(self) -> bool {
        self == Self::Draft
    }

    /// Whether lists used by a campaign of this status cannot be deleted.
    pub fn holds_its_lists(self) -> bool {
        !matches!(self, Self::Finished | Self::Deleted)
    }
}

impl Command {
    /// The verb of the API.
    pub fn code(self) -> &'static str {
        match self {
            Self::Validate => "validate",
            Self::Edit => "edit",
            Self::Start => "start",
            Self::Pause(_) => "pause",
            Self::Resume => "resume",
            Self::Consolidate => "consolidate",
            Self::Finish => "finish",
            Self::Cancel => "cancel",
            Self::Delete => "delete",
        }
    }

    fn participle(self) -> &'static str {
        match self {
            Self::Validate => "validated",
            Self::Edit => "taken back to draft",
            Self::Start => "started",
            Self::Pause(_) => "paused",
            Self::Resume => "resumed",
            Self::Consolidate => "consolidated",
            Self::Finish => "finished",
            Self::Cancel => "cancelled",
            Self::Delete => "deleted",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: Command = Command::Pause(PauseReason::User);

    #[test]
    fn the_table_of_the_product_is_kept() {
        use Command::*;
        let allowed = [
            (Status::Draft, Validate, Status::Ready),
            (Status::Ready, Edit, Status::Draft),
            (Status::Ready, Start, Status::Sending),
            (Status::Sending, USER, Status::Paused),
            (Status::Paused, Resume, Status::Sending),
            (Status::Sending, Consolidate, Status::Consolidating),
            (Status::Consolidating, Finish, Status::Finished),
            (Status::Paused, Cancel, Status::Consolidating),
            (Status::Ready, Cancel, Status::Finished),
            (Status::Draft, Delete, Status::Deleted),
            (Status::Ready, Delete, Status::Deleted),
            (Status::Paused, Delete, Status::Deleted),
            (Status::Finished, Delete, Status::Deleted),
        ];
        for from in Status::ALL {
            for command in [Validate, Edit, Start, USER, Resume, Consolidate, Finish, Cancel, Delete] {
                let expected = allowed.iter().find(|(f, c, _)| (*f, *c) == (from, command)).map(|(.., to)| *to);
                assert_eq!(from.after(command, true).ok(), expected, "{from:?} {command:?}");
            }
        }
    }

    #[test]
    fn a_campaign_paused_before_it_started_resumes_to_ready_and_cancels_at_once() {
        assert_eq!(Status::Ready.after(Command::Pause(PauseReason::Credits), false), Ok(Status::Paused));
        assert_eq!(Status::Paused.after(Command::Resume, false), Ok(Status::Ready));
        assert_eq!(Status::Paused.after(Command::Cancel, false), Ok(Status::Finished));
    }

    #[test]
    fn an_invalid_transition_names_status_and_verb() {
        let error = Status::Finished.after(USER, true).unwrap_err();
        assert_eq!(error.to_string(), "a campaign that is finished cannot be paused");
    }
}
