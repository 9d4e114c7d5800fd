//! `GET|PATCH /v1/account`: settings and balance.

use app::settings;
use app::{Context, Error, UseCase};
use domain::account::Account;
use domain::campaign::NAME_CHARACTERS_MAX;
use domain::credits::Mode;
use domain::sending_window::{WindowProblem, day_code, day_from_code};
use domain::settings::{AccountSettings, PURGE_AFTER_DAYS, STOP_CODE_DIGITS, SettingsProblem};
use serde::{Deserialize, Serialize};
use serde_json::json;
use web::{FieldError, Text};

use crate::App;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, get, patch};
use crate::contract::schema::{Schema, boolean, count, field, id, integer, line, list, maybe, object, text, word};
use crate::gate::{Body, IfMatch};
use crate::words::sender_problem;

pub fn operations() -> Vec<Operation> {
    vec![
        get("/account", UseCase::ReadAccount, "Settings and balance", show).answers(
            200,
            "The account",
            "Le compte",
            account(),
        ),
        patch("/account", UseCase::ChangeSettings, "Changes settings", change)
            .never_conflicts()
            .takes(object(settings_fields()).patch())
            .example(json!({ "default_sender": "MABOUTIQUE", "sending_window": { "to": "19:30" } }))
            .answers(200, "The account", "Le compte", account()),
    ]
}

const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

fn settings_fields() -> Vec<crate::contract::schema::Field> {
    let window = object([
        field("days", list(word(DAYS), 1, 7)),
        field(
            "from",
            text(5, 5)
                .such_as("08:00")
                .about("Local time of the recipient, such as 08:00", "Heure locale du destinataire, par exemple 08:00"),
        ),
        field(
            "to",
            text(5, 5).such_as("20:00").about(
                "22:00 at the latest, but where the carrier is the sandbox",
                "22:00 au plus tard, sauf quand l’opérateur est le bac à sable",
            ),
        ),
        maybe("holidays", boolean().about("Also on public holidays", "Aussi les jours fériés")),
        maybe(
            "alsace_moselle",
            boolean().about(
                "Good Friday and 26 December count as public holidays",
                "Le Vendredi saint et le 26 décembre sont des jours fériés",
            ),
        ),
    ]);
    vec![
        field("name", line(NAME_CHARACTERS_MAX).such_as("Ma boutique")),
        field("time_zone", line(64).such_as("Europe/Paris").about("IANA name", "Nom IANA")),
        field("default_sender", text(0, 20).such_as("MABOUTIQUE")),
        field(
            "stop_code",
            text(*STOP_CODE_DIGITS.start(), *STOP_CODE_DIGITS.end())
                .such_as("36105")
                .about("Short code of the STOP mention", "Numéro court de la mention STOP"),
        ),
        field(
            "sending_window",
            window.about("When marketing may be handed over", "Quand le marketing peut être remis"),
        ),
        field(
            "requires_proof",
            boolean().about(
                "A campaign needs a finished proof (« BAT ») of the same message",
                "Une campagne exige un BAT terminé du même message",
            ),
        ),
        field(
            "purge_after_days",
            integer(i64::from(*PURGE_AFTER_DAYS.start()), i64::from(*PURGE_AFTER_DAYS.end()))
                .such_as(90)
                .about("Lists unused for so long are removed", "Les listes inutilisées si longtemps sont supprimées"),
        ),
    ]
}

fn account() -> Schema {
    let credits = object([
        field("mode", word(["unlimited", "limited"])),
        field(
            "balance",
            count().about(
                "What may still be spent; without meaning in an unlimited account",
                "Ce qui peut encore être dépensé ; sans objet pour un compte illimité",
            ),
        ),
        field(
            "reserved",
            count().about("Held for campaigns that are not finished", "Réservé pour des campagnes non terminées"),
        ),
    ]);
    object(settings_fields()).with([field("id", id("acc_")), field("credits", credits)]).named("Account")
}

#[derive(Serialize)]
struct SettingsView {
    name: String,
    time_zone: String,
    default_sender: String,
    stop_code: String,
    sending_window: WindowView,
    purge_after_days: u32,
    requires_proof: bool,
}

#[derive(Serialize)]
struct WindowView {
    days: Vec<&'static str>,
    from: String,
    to: String,
    holidays: bool,
    alsace_moselle: bool,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Patch {
    name: Option<String>,
    time_zone: Option<String>,
    default_sender: Option<String>,
    stop_code: Option<String>,
    sending_window: WindowPatch,
    purge_after_days: Option<u32>,
    requires_proof: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WindowPatch {
    days: Option<Vec<String>>,
    from: Option<String>,
    to: Option<String>,
    holidays: Option<bool>,
    alsace_moselle: Option<bool>,
}

impl Patch {
    fn apply(&self, mut settings: AccountSettings) -> AccountSettings {
        let days = self.sending_window.days.as_ref();
        let window = &mut settings.window;
        replace(&mut window.days, days.map(|days| days.iter().filter_map(|day| day_from_code(day)).collect()).as_ref());
        replace(&mut window.from, self.sending_window.from.as_ref());
        replace(&mut window.to, self.sending_window.to.as_ref());
        replace(&mut window.holidays, self.sending_window.holidays.as_ref());
        replace(&mut window.alsace_moselle, self.sending_window.alsace_moselle.as_ref());
        replace(&mut settings.name, self.name.as_ref());
        replace(&mut settings.time_zone, self.time_zone.as_ref());
        replace(&mut settings.default_sender, self.default_sender.as_ref());
        replace(&mut settings.stop_code, self.stop_code.as_ref());
        replace(&mut settings.purge_after_days, self.purge_after_days.as_ref());
        replace(&mut settings.requires_proof, self.requires_proof.as_ref());
        settings
    }
}

fn replace<T: Clone>(field: &mut T, value: Option<&T>) {
    if let Some(value) = value {
        field.clone_from(value);
    }
}

#[derive(Serialize)]
struct AccountView {
    id: String,
    #[serde(flatten)]
    settings: SettingsView,
    credits: CreditsView,
}

#[derive(Serialize)]
struct CreditsView {
    mode: &'static str,
    balance: u64,
    reserved: u64,
}

fn view_of_settings(account: &Account) -> SettingsView {
    let AccountSettings { name, time_zone, default_sender, stop_code, window, purge_after_days, requires_proof } =
        AccountSettings::of(account);
    let sending_window = WindowView {
        days: window.days.into_iter().map(day_code).collect(),
        from: window.from,
        to: window.to,
        holidays: window.holidays,
        alsace_moselle: window.alsace_moselle,
    };
    SettingsView { name, time_zone, default_sender, stop_code, sending_window, purge_after_days, requires_proof }
}

fn view(account: &Account) -> Answered {
    let credits = CreditsView {
        mode: account.balance.mode.code(),
        balance: if account.balance.mode == Mode::Unlimited { 0 } else { account.balance.balance },
        reserved: account.balance.reserved,
    };
    let view = AccountView { id: account.id.to_string(), settings: view_of_settings(account), credits };
    Ok(Answer::ok(&view)?.version(account.version))
}

async fn show(context: Context) -> Answered {
    view(&context.account().await?)
}

async fn change(app: App, context: Context, IfMatch(expected): IfMatch, Body(patch): Body<Patch>) -> Answered {
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
