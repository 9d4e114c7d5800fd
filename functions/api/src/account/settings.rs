//! `GET|PATCH /v1/account`: settings and balance.

use app::settings;
use app::{Context, Error, UseCase};
use domain::account::Account;
use domain::campaign::NAME_CHARACTERS_MAX;
use domain::credits::Mode;
use domain::ids::AccountId;
use domain::sending_window::{WindowProblem, day_code, day_from_code};
use domain::settings::{AccountSettings, PURGE_AFTER_DAYS, STOP_CODE_DIGITS, SettingsProblem};
use serde_json::json;
use web::{FieldError, Text};

use crate::App;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, get, patch};
use crate::contract::schema::{integer, line, list, text, word};
use crate::gate::{Body, IfMatch};
use crate::words::sender_problem;

pub fn operations() -> Vec<Operation> {
    vec![
        get("/account", UseCase::ReadAccount, show)
            .summary("Settings and balance", "Réglages et solde")
            .answers::<AccountView>(200, "The account", "Le compte"),
        patch("/account", UseCase::ChangeSettings, change)
            .summary("Changes settings", "Change des réglages")
            .never_conflicts()
            .example(json!({ "default_sender": "MABOUTIQUE", "sending_window": { "to": "19:30" } }))
            .answers::<AccountView>(200, "The account", "Le compte"),
    ]
}

const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

answers! {
    struct SettingsView, patch SettingsPatch {
        name: String = line(NAME_CHARACTERS_MAX).such_as("Ma boutique"),
        /// IANA name
        /// Nom IANA
        time_zone: String = line(64).such_as("Europe/Paris"),
        default_sender: String = text(0, 20).such_as("MABOUTIQUE"),
        /// Short code of the STOP mention
        /// Numéro court de la mention STOP
        stop_code: String = text(*STOP_CODE_DIGITS.start(), *STOP_CODE_DIGITS.end()).such_as("36105"),
        /// When marketing may be handed over
        /// Quand le marketing peut être remis
        sending_window: WindowView,
        /// A campaign needs a finished proof (« BAT ») of the same message
        /// Une campagne exige un BAT terminé du même message
        requires_proof: bool,
        /// Lists unused for so long are removed
        /// Les listes inutilisées si longtemps sont supprimées
        purge_after_days: u32 =
            integer(i64::from(*PURGE_AFTER_DAYS.start()), i64::from(*PURGE_AFTER_DAYS.end())).such_as(90),
    }

    struct WindowView, patch WindowPatch {
        days: Vec<String> = list(word(DAYS), 1, 7),
        /// Local time of the recipient, such as 08:00
        /// Heure locale du destinataire, par exemple 08:00
        from: String = text(5, 5).such_as("08:00"),
        /// 22:00 at the latest, but where the carrier is the sandbox
        /// 22:00 au plus tard, sauf quand l’opérateur est le bac à sable
        to: String = text(5, 5).such_as("20:00"),
        /// Also on public holidays
        /// Aussi les jours fériés
        holidays: bool,
        /// Good Friday and 26 December count as public holidays
        /// Le Vendredi saint et le 26 décembre sont des jours fériés
        alsace_moselle: bool,
    }

    struct AccountView as "Account" {
        id: AccountId,
        ..settings: SettingsView,
        credits: CreditsView,
    }

    struct CreditsView {
        mode: Mode,
        /// What may still be spent; without meaning in an unlimited account
        /// Ce qui peut encore être dépensé ; sans objet pour un compte illimité
        balance: u64,
        /// Held for campaigns that are not finished
        /// Réservé pour des campagnes non terminées
        reserved: u64,
    }
}

impl SettingsPatch {
    fn apply(&self, mut settings: AccountSettings) -> AccountSettings {
        if let Some(WindowPatch { days, from, to, holidays, alsace_moselle }) = &self.sending_window {
            let window = &mut settings.window;
            let days: Option<Vec<_>> =
                days.as_ref().map(|days| days.iter().filter_map(|day| day_from_code(day)).collect());
            replace(&mut window.days, &days);
            replace(&mut window.from, from);
            replace(&mut window.to, to);
            replace(&mut window.holidays, holidays);
            replace(&mut window.alsace_moselle, alsace_moselle);
        }
        replace(&mut settings.name, &self.name);
        replace(&mut settings.time_zone, &self.time_zone);
        replace(&mut settings.default_sender, &self.default_sender);
        replace(&mut settings.stop_code, &self.stop_code);
        replace(&mut settings.purge_after_days, &self.purge_after_days);
        replace(&mut settings.requires_proof, &self.requires_proof);
        settings
    }
}

fn replace<T: Clone>(field: &mut T, value: &Option<T>) {
    if let Some(value) = value {
        field.clone_from(value);
    }
}

fn view_of_settings(account: &Account) -> SettingsView {
    let AccountSettings { name, time_zone, default_sender, stop_code, window, purge_after_days, requires_proof } =
        AccountSettings::from_account(account);
    let sending_window = WindowView {
        days: window.days.into_iter().map(|day| day_code(day).to_owned()).collect(),
        from: window.from,
        to: window.to,
        holidays: window.holidays,
        alsace_moselle: window.alsace_moselle,
    };
    SettingsView { name, time_zone, default_sender, stop_code, sending_window, purge_after_days, requires_proof }
}

fn view(account: &Account) -> Answered {
    let credits = CreditsView {
        mode: account.balance.mode,
        balance: if account.balance.mode == Mode::Unlimited { 0 } else { account.balance.balance },
        reserved: account.balance.reserved,
    };
    let view = AccountView { id: account.id.clone(), settings: view_of_settings(account), credits };
    Ok(Answer::ok(&view)?.version(account.version))
}

async fn show(context: Context) -> Answered {
    view(&context.account().await?)
}

async fn change(app: App, context: Context, IfMatch(expected): IfMatch, Body(patch): Body<SettingsPatch>) -> Answered {
    let edit = |present| Ok::<_, Error>(patch.apply(present));
    view(&settings::change(&context, &expected, app.carrier.is_sandbox(), edit).await?)
}

/// What is wrong with the settings of an account.
pub fn settings_error(problem: SettingsProblem) -> FieldError {
    let text = |french: &str| Text::new(problem.to_string(), french);
    match problem {
        SettingsProblem::Name => {
            let french = format!("de 1 à {NAME_CHARACTERS_MAX} caractères");
            FieldError::new("length", "/name", text(&french))
        }
        SettingsProblem::TimeZone => {
            FieldError::new("unknown_time_zone", "/time_zone", text("un nom IANA tel que Europe/Paris"))
        }
        SettingsProblem::Sender(problem) => FieldError::new(problem.code(), "/default_sender", sender_problem(problem)),
        SettingsProblem::StopCode => {
            let french = format!("de {} à {} chiffres", STOP_CODE_DIGITS.start(), STOP_CODE_DIGITS.end());
            FieldError::new("malformed", "/stop_code", text(&french))
        }
        SettingsProblem::OpensAt => {
            FieldError::new("malformed", "/sending_window/from", text("une heure telle que 08:00"))
        }
        SettingsProblem::ClosesAt => {
            FieldError::new("malformed", "/sending_window/to", text("une heure telle que 20:00"))
        }
        SettingsProblem::PurgeAfterDays => {
            let (least, most) = (PURGE_AFTER_DAYS.start(), PURGE_AFTER_DAYS.end());
            FieldError::new("out_of_range", "/purge_after_days", text(&format!("de {least} à {most} jours")))
        }
        SettingsProblem::Window(problem) => {
            let (pointer, french) = match problem {
                WindowProblem::NoDays => ("/sending_window/days", "au moins un jour"),
                WindowProblem::NotWholeMinutes => ("/sending_window/from", "des minutes entières"),
                WindowProblem::NoHours => ("/sending_window/from", "l’ouverture doit précéder la fermeture"),
                WindowProblem::TooLate => ("/sending_window/to", "22:00 au plus tard"),
            };
            FieldError::new(problem.code(), pointer, text(french))
        }
    }
}
