//! What validation fixes: the files of a campaign's recipients, and the account settings in its messages. Later changes
//! of lists and settings do not affect it silently. Pure.

use super::{Campaign, Count};
use crate::account::Account;
use crate::ids::ListId;
use crate::list::{List, Status};

/// A list as it was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedList {
    pub id: ListId,
    /// Generation of its contacts file; the file of a generation never changes.
    pub generation: u32,
    /// Contacts in this file when it was counted.
    pub contacts: u64,
}

impl CountedList {
    pub fn new(list: &List) -> Self {
        Self { id: list.id.clone(), generation: list.generation, contacts: list.contacts }
    }
}

impl Count {
    /// Why the campaign cannot be sent to what was counted, if so. `list` is the present state of one of its lists; a
    /// list that was never counted is accepted.
    pub fn obstacle(&self, id: &ListId, list: Option<&List>) -> Option<PauseCause> {
        let Some(list) = list.filter(|list| list.is_readable()) else {
            return Some(PauseCause::ListGone { list: id.clone() });
        };
        let name = || list.name.clone();
        if list.status == Status::Disabled {
            return Some(PauseCause::ListDisabled { list: id.clone(), name: name() });
        }
        let counted = self.lists.iter().find(|counted| counted.id == *id)?;
        let is_same = counted.generation == list.generation;
        (!is_same).then(|| PauseCause::ListImportedAgain { list: id.clone(), name: name() })
    }
}

/// The account settings that the messages of a campaign depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeWith {
    /// Sender of every message.
    pub sender: String,
    /// Short code of the STOP mention.
    pub stop_code: String,
    /// Address of the short domain; its length counts in every message with a link.
    pub short_url: String,
}

impl Campaign {
    /// As fixed at validation, otherwise from the present account.
    pub fn messages_made_with(&self, account: &Account, short_url: &str) -> MadeWith {
        let now = || MadeWith {
            sender: self.settings.message.sender.clone().unwrap_or_else(|| account.default_sender.clone()),
            stop_code: account.stop_code.clone(),
            short_url: short_url.to_owned(),
        };
        self.made_with.clone().unwrap_or_else(now)
    }
}

/// What exactly paused a campaign before anything was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PauseCause {
    /// Removed, or never imported.
    ListGone {
        list: ListId,
    },
    ListDisabled {
        list: ListId,
        name: String,
    },
    /// Its contacts differ from those that were counted.
    ListImportedAgain {
        list: ListId,
        name: String,
    },
    /// There were recipients at validation, and all of them are excluded by now.
    NoRecipients,
}

impl PauseCause {
    /// Its code in the API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ListGone { .. } => "list_gone",
            Self::ListDisabled { .. } => "list_disabled",
            Self::ListImportedAgain { .. } => "list_imported_again",
            Self::NoRecipients => "no_recipients",
        }
    }

    pub const CODES: [&str; 4] = ["list_gone", "list_disabled", "list_imported_again", "no_recipients"];

    /// The list concerned, and its name if there is one.
    pub fn list(&self) -> Option<(&ListId, Option<&str>)> {
        match self {
            Self::ListGone { list } => Some((list, None)),
            Self::ListDisabled { list, name } | Self::ListImportedAgain { list, name } => Some((list, Some(name))),
            Self::NoRecipients => None,
        }
    }

    /// The cause from [`PauseCause::code`] and [`PauseCause::list`].
    pub fn from_parts(code: &str, list: Option<ListId>, name: Option<String>) -> Option<Self> {
        match (code, list, name) {
            ("list_gone", Some(list), _) => Some(Self::ListGone { list }),
            ("list_disabled", Some(list), Some(name)) => Some(Self::ListDisabled { list, name }),
            ("list_imported_again", Some(list), Some(name)) => Some(Self::ListImportedAgain { list, name }),
            ("no_recipients", None, None) => Some(Self::NoRecipients),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::{Purpose, Upload};

    fn at() -> jiff::Timestamp {
        jiff::Timestamp::from_second(1_800_000_000).unwrap()
    }

    fn ready() -> List {
        let (account, id) = ("acc_00000000000000000001".parse().unwrap(), "lst_00000000000000000001".parse().unwrap());
        let list = List::awaiting(account, id, "Clients".into(), Purpose::Contacts, "b".into(), at());
        list.attempted(1, at()).imported(Upload { number: 1, etag: "a".into() }, at())
    }

    #[test]
    fn only_what_was_counted_is_sent_to() {
        let list = ready();
        let count = Count { lists: vec![CountedList::new(&list)], ..Count::default() };
        let obstacle = |list: Option<&List>| count.obstacle(&ready().id, list).map(|cause| cause.code());
        assert_eq!(obstacle(Some(&list)), None);
        // A running or failed new import changes nothing.
        let again = list.clone().asked(2, at()).attempted(2, at());
        assert_eq!(obstacle(Some(&again)), None);
        assert_eq!(obstacle(Some(&again.clone().failed("empty_file", Vec::new(), at()))), None);
        let replaced = again.imported(Upload { number: 2, etag: "a".into() }, at());
        assert_eq!(obstacle(Some(&replaced)), Some("list_imported_again"));
        let disabled = List { status: Status::Disabled, ..list };
        assert_eq!(obstacle(Some(&disabled)), Some("list_disabled"));
        assert_eq!(obstacle(None), Some("list_gone"));
    }

    #[test]
    fn causes_read_back() {
        let list = || "lst_00000000000000000001".parse::<ListId>().unwrap();
        let causes = [
            PauseCause::ListGone { list: list() },
            PauseCause::ListDisabled { list: list(), name: "a".into() },
            PauseCause::ListImportedAgain { list: list(), name: "b".into() },
            PauseCause::NoRecipients,
        ];
        for (cause, code) in causes.into_iter().zip(PauseCause::CODES) {
            assert_eq!(cause.code(), code);
            let (list, name) = cause.list().map_or((None, None), |(list, name)| (Some(list.clone()), name));
            assert_eq!(PauseCause::from_parts(code, list, name.map(Into::into)), Some(cause));
        }
    }
}
