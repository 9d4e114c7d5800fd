//! `account set`: changes settings. Those not named stay.

use app::{Expected, settings};
use clap::Args;
use domain::ids::AccountId;
use domain::sending_window::day_from_code;
use domain::settings::AccountSettings;
use jiff::civil::Weekday;

use super::view;
use crate::CommandError;
use crate::answer::Answer;
use crate::operator::Operator;

#[derive(Debug, Args)]
pub struct Set {
    account: AccountId,
    #[command(flatten)]
    changes: Changes,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Changes {
    /// Name of the account
    #[arg(long)]
    name: Option<String>,
    /// Time zone, as an IANA name
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Sender of messages that name none; empty removes it
    #[arg(long, value_name = "NAME")]
    sender: Option<String>,
    /// Short code to which recipients answer STOP
    #[arg(long, value_name = "DIGITS")]
    stop_code: Option<String>,
    /// Days without use after which lists are purged
    #[arg(long, value_name = "DAYS")]
    purge_after_days: Option<u32>,
    /// Whether a campaign needs a finished proof of the same message
    #[arg(long, value_name = "true|false")]
    requires_proof: Option<bool>,
    /// Days on which marketing may be sent: monday,tuesday,…
    #[arg(long, value_name = "DAYS", value_delimiter = ',', value_parser = day)]
    days: Option<Vec<Weekday>>,
    /// Beginning of the daily window, in the recipient's time: 08:00
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// End of the daily window: 20:00; 22:00 at the latest, unless the carrier is the sandbox
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Whether marketing may be sent on public holidays
    #[arg(long, value_name = "true|false")]
    holidays: Option<bool>,
    /// Whether Good Friday and 26 December count as public holidays
    #[arg(long, value_name = "true|false")]
    alsace_moselle: Option<bool>,
}

fn day(text: &str) -> Result<Weekday, String> {
    day_from_code(text).ok_or_else(|| "days are monday, tuesday, … sunday".to_owned())
}

impl Set {
    pub async fn run(self, operator: &Operator) -> Result<Answer, CommandError> {
        let account = operator.account(&self.account).await?;
        let edit = |present| Ok::<_, app::Error>(self.changes.apply(present));
        let context = operator.context(&account.id)?;
        view::changed(&settings::change(&context, &Expected::Any, operator.deployment.is_sandbox, edit).await?)
    }
}

impl Changes {
    /// The settings with the named changes.
    fn apply(&self, mut settings: AccountSettings) -> AccountSettings {
        replace(&mut settings.name, self.name.as_ref());
        replace(&mut settings.time_zone, self.time_zone.as_ref());
        replace(&mut settings.default_sender, self.sender.as_ref());
        replace(&mut settings.stop_code, self.stop_code.as_ref());
        replace(&mut settings.purge_after_days, self.purge_after_days.as_ref());
        replace(&mut settings.requires_proof, self.requires_proof.as_ref());
        let window = &mut settings.window;
        replace(&mut window.days, self.days.as_ref());
        replace(&mut window.from, self.from.as_ref());
        replace(&mut window.to, self.to.as_ref());
        replace(&mut window.holidays, self.holidays.as_ref());
        replace(&mut window.alsace_moselle, self.alsace_moselle.as_ref());
        settings
    }
}

fn replace<T: Clone>(field: &mut T, value: Option<&T>) {
    if let Some(value) = value {
        field.clone_from(value);
    }
}
