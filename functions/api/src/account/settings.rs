//! `GET|PATCH /v1/account`: settings and balance.

use app::planning;
use domain::account::{Account, Scope};
use domain::campaign::NAME_CHARACTERS_MAX;
use domain::credits::Mode;
use domain::sending_window::{WindowProblem, day_code, day_from_code};
use domain::settings::{AccountSettings, PURGE_AFTER_DAYS, STOP_CODE_DIGITS, SettingsProblem, WindowTerms};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use web::{Fault, Problem, Text};

use crate::App;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, get, patch};
use crate::contract::schema::{Schema, boolean, count, field, id, integer, line, list, maybe, object, text, word};
use crate::failure::Failure;
use crate::gate::{Body, Caller, IfMatch, merge};
use crate::words::sender_problem;

pub fn operations() -> Vec<Operation> {
    vec![
        get("/account", Scope::Read, "Settings and balance", show).answers(200, "The account", "Le compte", account()),
        patch("/account", Scope::Admin, "Changes settings", change)
            .takes(object(settings()).patch())
            .example(json!({ "default_sender": "MABOUTIQUE", "sending_window": { "to": "19:30" } }))
            .answers(200, "The account", "Le compte", account()),
    ]
}

const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

fn settings() -> Vec<crate::contract::schema::Field> {
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
    object(settings()).with([field("id", id("acc_")), field("credits", credits)]).named("Account")
}

#[derive(Serialize, Deserialize)]
struct SettingsView {
    name: String,
    time_zone: String,
    default_sender: String,
    stop_code: String,
    sending_window: WindowView,
    purge_after_days: u32,
    requires_proof: bool,
}

#[derive(Serialize, Deserialize)]
struct WindowView {
    days: Vec<String>,
    from: String,
    to: String,
    #[serde(default)]
    holidays: bool,
    #[serde(default)]
    alsace_moselle: bool,
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
        mode: account.balance.mode.code(),
        balance: if account.balance.mode == Mode::Unlimited { 0 } else { account.balance.balance },
        reserved: account.balance.reserved,
    };
    let view = AccountView { id: account.id.to_string(), settings: view_of_settings(account), credits };
    Ok(Answer::ok(&view)?.version(account.version))
}

/// The account of a caller, whose key would not work without one.
pub async fn account_of(app: &App, caller: &Caller) -> Result<Account, Failure> {
    app.store_of(caller).account().await?.ok_or(Failure::Gone { what: "the account" })
}

async fn show(app: App, caller: Caller) -> Answered {
    view(&account_of(&app, &caller).await?)
}

async fn change(app: App, caller: Caller, if_match: IfMatch, Body(patch): Body<Value>) -> Answered {
    let account = account_of(&app, &caller).await?;
    if_match.holds(account.version)?;
    let mut merged = serde_json::to_value(view_of_settings(&account)).map_err(Failure::Unwritable)?;
    merge(&mut merged, &patch);
    let wanted: SettingsView = serde_json::from_value(merged).map_err(Failure::Unread)?;
    let changed = checked(&account, wanted, app.carrier.name() == "sandbox")?;
    let store = app.store_of(&caller);
    planning::change_account(&store, &account, &changed, app.clock.now()).await?;
    let fields: Vec<_> = patch.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    app.trail(&caller).note("account.changed", changed.id.as_str(), fields.join(", ")).await;
    view(&account_of(&app, &caller).await?)
}

/// The account with new settings, or everything that is wrong with them.
fn checked(account: &Account, wanted: SettingsView, at_any_hour: bool) -> Result<Account, Problem> {
    let window = wanted.sending_window;
    let wanted = AccountSettings {
        name: wanted.name,
        time_zone: wanted.time_zone,
        default_sender: wanted.default_sender,
        stop_code: wanted.stop_code,
        window: WindowTerms {
            days: window.days.iter().filter_map(|day| day_from_code(day)).collect(),
            from: window.from,
            to: window.to,
            holidays: window.holidays,
            alsace_moselle: window.alsace_moselle,
        },
        purge_after_days: wanted.purge_after_days,
        requires_proof: wanted.requires_proof,
    };
    wanted.apply(account, at_any_hour).map_err(|problems| Problem::invalid(problems.into_iter().map(fault).collect()))
}

fn fault(problem: SettingsProblem) -> Fault {
    let text = |french: &str| Text::new(problem.to_string(), french);
    match problem {
        SettingsProblem::Name => {
            let french = format!("de 1 à {NAME_CHARACTERS_MAX} caractères");
            Fault::new("length", "/name", text(&french))
        }
        SettingsProblem::TimeZone => {
            Fault::new("unknown_time_zone", "/time_zone", text("un nom IANA tel que Europe/Paris"))
        }
        SettingsProblem::Sender(problem) => Fault::new(problem.code(), "/default_sender", sender_problem(problem)),
        SettingsProblem::StopCode => {
            let french = format!("de {} à {} chiffres", STOP_CODE_DIGITS.start(), STOP_CODE_DIGITS.end());
            Fault::new("malformed", "/stop_code", text(&french))
        }
        SettingsProblem::OpensAt => Fault::new("malformed", "/sending_window/from", text("une heure telle que 08:00")),
        SettingsProblem::ClosesAt => Fault::new("malformed", "/sending_window/to", text("une heure telle que 20:00")),
        SettingsProblem::PurgeAfterDays => {
            let (least, most) = (PURGE_AFTER_DAYS.start(), PURGE_AFTER_DAYS.end());
            Fault::new("out_of_range", "/purge_after_days", text(&format!("de {least} à {most} jours")))
        }
        SettingsProblem::Window(problem) => {
            let (pointer, french) = match problem {
                WindowProblem::NoDays => ("/sending_window/days", "au moins un jour"),
                WindowProblem::NotWholeMinutes => ("/sending_window/from", "des minutes entières"),
                WindowProblem::NoHours => ("/sending_window/from", "l’ouverture doit précéder la fermeture"),
                WindowProblem::TooLate => ("/sending_window/to", "22:00 au plus tard"),
            };
            Fault::new(problem.code(), pointer, text(french))
        }
    }
}
