//! What validating fixes: which files a campaign's recipients come from, and what its messages are made of. Later changes
//! of lists and settings do not reach it unseen. Pure.

use super::{Campaign, Count};
use crate::account::Account;
use crate::ids::ListId;
use crate::list::{List, Status};

/// A list as it was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedList {
    pub id: ListId,
    /// Of its contacts file; the file of a generation never changes.
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
    /// What keeps the campaign from being sent to what was counted, if anything does. `list` is one of its lists as it
    /// is now; a list that was never counted is taken as it is.
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

/// What the messages of a campaign are made of beside its own settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeWith {
    /// Sender of every message.
    pub sender: String,
    /// Short code of the STOP mention.
    pub stop_code: String,
    /// Address of the short domain: its length is part of every message with a link.
    pub short_url: String,
}

impl Campaign {
    /// What its messages are made of: as fixed when it was validated, otherwise as the account has it now.
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
    /// It holds other contacts than those that were counted.
    ListImportedAgain {
        list: ListId,
        name: String,
    },
    /// There were recipients when it was validated, and all of them are excluded by now.
    NoRecipients,
}

impl PauseCause {
    /// The word of the API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ListGone { .. } => "list_gone",
            Self::ListDisabled { .. } => "list_disabled",
            Self::ListImportedAgain { .. } => "list_imported_again",
            Self::NoRecipients => "no_recipients",
        }
    }

    pub const CODES: [&str; 4] = ["list_gone", "list_disabled", "list_imported_again", "no_recipients"];

    /// The list that it is about, and its name if there is one.
    pub fn list(&self) -> Option<(&ListId, Option<&str>)> {
        match self {
            Self::ListGone { list } => Some((list, None)),
            Self::ListDisabled { list, name } | Self::ListImportedAgain { list, name } => Some((list, Some(name))),
            Self::NoRecipients => None,
        }
    }

    /// The cause back from what [`PauseCause::code`] and [`PauseCause::list`] say.
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
        // Being read anew, and failing, changes nothing.
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
