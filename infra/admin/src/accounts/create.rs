//! `account create`: a new account, with a ledger entry for its first credits.

use app::accounts;
use aws::store::Grant;
use clap::Args;
use domain::account::{Account, PURGE_AFTER_DAYS_DEFAULT};
use domain::credits::{Balance, Mode};
use domain::ids::AccountId;
use domain::settings::AccountSettings;
use support::random;

use super::credits::CREDITS_MAX;
use super::view;
use crate::CommandError;
use crate::answer::Answer;
use crate::operator::Operator;

#[derive(Debug, Args)]
pub struct Create {
    /// Name of the account
    #[arg(long)]
    name: String,
    /// Short code to which recipients answer STOP, such as 36105
    #[arg(long, value_name = "DIGITS")]
    stop_code: String,
    /// Time zone, as an IANA name
    #[arg(long, value_name = "ZONE", default_value = "Europe/Paris")]
    time_zone: String,
    /// Sender of messages that name none
    #[arg(long, value_name = "NAME", default_value = "")]
    sender: String,
    /// Days without use after which lists are purged
    #[arg(long, value_name = "DAYS", default_value_t = PURGE_AFTER_DAYS_DEFAULT)]
    purge_after_days: u32,
    /// Credits to start with: one per segment
    #[arg(long, value_name = "N", conflicts_with = "unlimited", value_parser = clap::value_parser!(u64).range(..=CREDITS_MAX))]
    credits: Option<u64>,
    /// Spend without limit
    #[arg(long)]
    unlimited: bool,
}

impl Create {
    pub async fn run(self, operator: &Operator) -> Result<Answer, CommandError> {
        let now = operator.now();
        let blank = Account::new(AccountId::new(now, random::bytes()), now);
        let settings = AccountSettings {
            name: self.name,
            time_zone: self.time_zone,
            default_sender: self.sender,
            stop_code: self.stop_code,
            purge_after_days: self.purge_after_days,
            ..AccountSettings::from_account(&blank)
        };
        let mode = if self.unlimited { Mode::Unlimited } else { Mode::Limited };
        let account = Account { balance: Balance { mode, ..Balance::default() }, ..settings.apply(&blank, false)? };
        let context = accounts::create(&operator.services()?, &operator.actor(), &account).await?;
        if let Some(credits) = self.credits.filter(|credits| *credits > 0) {
            let (reference, about) = ("opening".to_owned(), "opening balance".to_owned());
            let granted = accounts::add_credits(&context, &Grant { reference, credits, about, at: now }).await;
            if let Err(error) = granted {
                // The account exists: the failed step is smaller, and can be repeated.
                operator
                    .warn(format!("{} has no credits yet ({error}): add them with `account credits add`", account.id));
            }
        }
        view::changed(&operator.account(&account.id).await?)
    }
}
