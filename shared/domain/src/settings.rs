//! Requested settings of an account, validated together: all problems are reported at once. Pure.

use jiff::civil::{Time, Weekday};

use super::account::Account;
use super::campaign::NAME_CHARACTERS_MAX;
use super::local_time;
use super::sender::{Sender, SenderProblem};
use super::sending_window::{SendingWindow, WindowProblem};

/// Days without use after which a list may be purged.
pub const PURGE_AFTER_DAYS: std::ops::RangeInclusive<u32> = 1..=3_650;
/// Digits of the short code for STOP replies; French ones have five. Required: a marketing message that recipients
/// cannot answer must not be sent.
pub const STOP_CODE_DIGITS: std::ops::RangeInclusive<usize> = 3..=10;

/// The requested settings of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSettings {
    pub name: String,
    pub time_zone: String,
    /// Empty means that each message names its sender.
    pub default_sender: String,
    pub stop_code: String,
    pub window: WindowTerms,
    pub purge_after_days: u32,
    /// A campaign needs a finished proof of the same message.
    pub requires_proof: bool,
}

/// A window as text: times such as `08:00`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowTerms {
    pub days: Vec<Weekday>,
    pub from: String,
    pub to: String,
    pub holidays: bool,
    pub alsace_moselle: bool,
}

/// What is wrong with settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingsProblem {
    #[error("a name has 1 to {NAME_CHARACTERS_MAX} characters")]
    Name,
    #[error("a time zone has an IANA name such as Europe/Paris")]
    TimeZone,
    #[error(transparent)]
    Sender(#[from] SenderProblem),
    #[error("a STOP code has {} to {} digits", STOP_CODE_DIGITS.start(), STOP_CODE_DIGITS.end())]
    StopCode,
    #[error("the window begins at a time such as 08:00")]
    OpensAt,
    #[error("the window ends at a time such as 20:00")]
    ClosesAt,
    #[error(transparent)]
    Window(#[from] WindowProblem),
    #[error("lists are purged after {} to {} days", PURGE_AFTER_DAYS.start(), PURGE_AFTER_DAYS.end())]
    PurgeAfterDays,
}

impl AccountSettings {
    /// The present settings of an account.
    pub fn from_account(account: &Account) -> Self {
        let window = &account.window;
        let time = |time: Time| time.strftime("%H:%M").to_string();
        Self {
            name: account.name.clone(),
            time_zone: account.time_zone.clone(),
            default_sender: account.default_sender.clone(),
            stop_code: account.stop_code.clone(),
            window: WindowTerms {
                days: window.days().collect(),
                from: time(window.from()),
                to: time(window.to()),
                holidays: window.holidays(),
                alsace_moselle: window.alsace_moselle(),
            },
            purge_after_days: account.purge_after_days,
            requires_proof: account.requires_proof,
        }
    }

    /// Names of the fields that differ, as in the API.
    pub fn changes(&self, other: &Self) -> String {
        let fields = [
            ("name", self.name != other.name),
            ("time_zone", self.time_zone != other.time_zone),
            ("default_sender", self.default_sender != other.default_sender),
            ("stop_code", self.stop_code != other.stop_code),
            ("sending_window", self.window != other.window),
            ("purge_after_days", self.purge_after_days != other.purge_after_days),
            ("requires_proof", self.requires_proof != other.requires_proof),
        ];
        let changed: Vec<_> = fields.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect();
        changed.join(", ")
    }

    /// The account with these settings, or all problems. `at_any_hour` lifts the limit on the window's end, for the
    /// sandbox carrier, which reaches no real phone.
    pub fn apply(self, account: &Account, at_any_hour: bool) -> Result<Account, Vec<SettingsProblem>> {
        let mut problems = Vec::new();
        let (name, default_sender, stop_code) =
            (self.name.trim(), self.default_sender.trim(), self.stop_code.trim().to_owned());
        if !(1..=NAME_CHARACTERS_MAX).contains(&name.chars().count()) {
            problems.push(SettingsProblem::Name);
        }
        if local_time::time_zone(&self.time_zone).is_none() {
            problems.push(SettingsProblem::TimeZone);
        }
        if let (false, Err(problem)) = (default_sender.is_empty(), Sender::parse(default_sender, &[&stop_code])) {
            problems.push(problem.into());
        }
        if !STOP_CODE_DIGITS.contains(&stop_code.len()) || !stop_code.bytes().all(|byte| byte.is_ascii_digit()) {
            problems.push(SettingsProblem::StopCode);
        }
        if !PURGE_AFTER_DAYS.contains(&self.purge_after_days) {
            problems.push(SettingsProblem::PurgeAfterDays);
        }
        let window = self.window.read(at_any_hour, &mut problems);
        match (window, problems.is_empty()) {
            (Some(window), true) => Ok(Account {
                name: name.to_owned(),
                time_zone: self.time_zone,
                default_sender: default_sender.to_owned(),
                stop_code,
                window,
                purge_after_days: self.purge_after_days,
                requires_proof: self.requires_proof,
                ..account.clone()
            }),
            _ => Err(problems),
        }
    }
}

impl WindowTerms {
    fn read(&self, at_any_hour: bool, problems: &mut Vec<SettingsProblem>) -> Option<SendingWindow> {
        let mut time = |text: &str, problem| {
            let time = Time::strptime("%H:%M", text.trim()).ok();
            if time.is_none() {
                problems.push(problem);
            }
            time
        };
        let times = (time(&self.from, SettingsProblem::OpensAt), time(&self.to, SettingsProblem::ClosesAt));
        let terms = if at_any_hour { SendingWindow::at_any_hour } else { SendingWindow::new };
        match terms(&self.days, times.0?, times.1?) {
            Ok(window) => Some(window.with_holidays(self.holidays).with_alsace_moselle(self.alsace_moselle)),
            Err(problem) => {
                problems.push(problem.into());
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credits::Balance;

    fn account() -> Account {
        Account {
            id: "acc_00000000000000000001".parse().unwrap(),
            name: "Boutique".into(),
            time_zone: "Europe/Paris".into(),
            default_sender: "BOUTIQUE".into(),
            stop_code: "36105".into(),
            window: SendingWindow::default(),
            purge_after_days: 90,
            requires_proof: true,
            balance: Balance { balance: 7, ..Balance::default() },
            created_at: jiff::Timestamp::UNIX_EPOCH,
            version: 3,
        }
    }

    #[test]
    fn settings_read_back_change_nothing() {
        assert_eq!(AccountSettings::from_account(&account()).apply(&account(), false), Ok(account()));
    }

    #[test]
    fn all_problems_are_reported_at_once() {
        let settings = AccountSettings {
            name: " ".into(),
            time_zone: "Europe/Lutetia".into(),
            default_sender: "é!".into(),
            stop_code: "36 105".into(),
            purge_after_days: 0,
            requires_proof: false,
            window: WindowTerms { from: "8h".into(), ..AccountSettings::from_account(&account()).window },
        };
        let problems = settings.apply(&account(), false).unwrap_err();
        assert_eq!(problems.len(), 6, "{problems:?}");
    }

    #[test]
    fn changed_fields_have_their_api_names() {
        let present = AccountSettings::from_account(&account());
        assert_eq!(present.changes(&present), "");
        let mut other = AccountSettings { purge_after_days: 30, requires_proof: false, ..present.clone() };
        other.window.holidays = !other.window.holidays;
        assert_eq!(present.changes(&other), "sending_window, purge_after_days, requires_proof");
    }

    #[test]
    fn only_the_sandbox_may_send_at_night() {
        let mut settings = AccountSettings::from_account(&account());
        settings.window.to = "23:59".into();
        assert_eq!(
            settings.clone().apply(&account(), false),
            Err(vec![SettingsProblem::Window(WindowProblem::TooLate)])
        );
        assert!(settings.apply(&account(), true).is_ok());
    }

    #[test]
    fn a_short_code_set_up_for_the_account_may_be_its_sender() {
        let settings = AccountSettings { default_sender: "36105".into(), ..AccountSettings::from_account(&account()) };
        assert!(settings.apply(&account(), false).is_ok());
    }
}
