//! Settings of the account: name, time zone, sender, STOP code, legal window, purge, proof sign-off.

use app::{Error, Expected, UseCase};
use domain::sending_window::{day_code, day_from_code};
use domain::settings::{AccountSettings, SettingsProblem, WindowTerms};
use maud::{Markup, html};

use super::page;
use crate::pages::draft::problems;
use crate::view::parts::{Errors, Field, csrf, tick};
use crate::visitor::{Answer, Fields, Visitor};
use crate::words;

const WEEK: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

pub async fn show(visitor: Visitor) -> Answer {
    Ok(form(&visitor, &AccountSettings::from_account(&visitor.account), &Errors::default()))
}

pub async fn save(visitor: Visitor, fields: Fields) -> Answer {
    let (typed, at_any_hour) = (typed(&fields), visitor.app.carrier.is_sandbox());
    let edit = |_| Ok::<_, Error>(typed.clone());
    match app::settings::change(&visitor.context, &Expected::Any, at_any_hour, edit).await {
        Err(Error::Settings(problems)) => {
            let mut errors = Errors::default();
            for problem in problems {
                let (field, text) = field_error(&visitor, problem);
                errors.add(field, text);
            }
            Ok(form(&visitor, &typed, &errors))
        }
        changed => {
            changed?;
            visitor.done("/account", "saved")
        }
    }
}

fn typed(fields: &Fields) -> AccountSettings {
    AccountSettings {
        name: fields.get("name").to_owned(),
        time_zone: fields.get("time_zone").trim().to_owned(),
        default_sender: fields.get("default_sender").to_owned(),
        stop_code: fields.get("stop_code").to_owned(),
        // A number that cannot be read becomes 0, which is not allowed.
        purge_after_days: fields.get("purge").trim().parse().unwrap_or_default(),
        requires_proof: fields.has("requires_proof"),
        window: WindowTerms {
            days: fields.all("day").filter_map(day_from_code).collect(),
            from: fields.get("from").to_owned(),
            to: fields.get("to").to_owned(),
            holidays: fields.has("holidays"),
            alsace_moselle: fields.has("alsace"),
        },
    }
}

/// The text of a problem, and the field that it belongs to.
fn field_error(visitor: &Visitor, problem: SettingsProblem) -> (&'static str, String) {
    match problem {
        SettingsProblem::Name => ("name", visitor.text(words::account::NAME_BAD).into()),
        SettingsProblem::TimeZone => ("time_zone", visitor.text(words::account::ZONE_BAD).into()),
        SettingsProblem::Sender(problem) => ("default_sender", problems::sender(visitor, problem)),
        SettingsProblem::StopCode => ("stop_code", visitor.text(words::account::STOP_BAD).into()),
        SettingsProblem::PurgeAfterDays => ("purge", visitor.text(words::account::PURGE_BAD).into()),
        SettingsProblem::ClosesAt => ("to", visitor.text(words::account::WINDOW_BAD).into()),
        SettingsProblem::OpensAt | SettingsProblem::Window(_) => {
            ("from", visitor.text(words::account::WINDOW_BAD).into())
        }
    }
}

fn form(visitor: &Visitor, typed: &AccountSettings, errors: &Errors) -> axum::response::Response {
    let field = |name: &'static str, label, hint| Field { name, label, hint, error: errors.of(name) };
    let days: Vec<_> = typed.window.days.iter().copied().map(day_code).collect();
    let content = html! {
        @if !visitor.may(UseCase::ChangeSettings) { p.note.info { (visitor.text(words::account::READ_ONLY)) } }
        form method="post" action="/account" data-live data-dirty {
            (csrf(visitor))
            fieldset disabled[!visitor.may(UseCase::ChangeSettings)] {
                div.columns {
                    section.card {
                        (field("name", visitor.text(words::account::NAME), None).input("text", &typed.name, "organization"))
                        (zone(visitor, &typed.time_zone, errors))
                        (field("default_sender", visitor.text(words::account::DEFAULT_SENDER), None).input("text", &typed.default_sender, "off"))
                        (field("stop_code", visitor.text(words::account::STOP_CODE), Some(visitor.text(words::account::STOP_HINT))).input("text", &typed.stop_code, "off"))
                        (field("purge", visitor.text(words::account::PURGE), None).input("number", &typed.purge_after_days.to_string(), "off"))
                        (tick("requires_proof", typed.requires_proof, visitor.text(words::account::REQUIRES_PROOF), Some(visitor.text(words::account::REQUIRES_PROOF_HINT))))
                    }
                    section.card {
                        h2 { (visitor.text(words::account::WINDOW)) }
                        p.hint { (visitor.text(words::account::WINDOW_HINT)) }
                        div.columns.narrow {
                            (field("from", visitor.text(words::account::FROM), None).input("time", &typed.window.from, "off"))
                            (field("to", visitor.text(words::account::TO), None).input("time", &typed.window.to, "off"))
                        }
                        fieldset {
                            legend { (visitor.text(words::account::DAYS)) }
                            div.checks {
                                @for code in WEEK {
                                    label.tick { input type="checkbox" name="day" value=(code) checked[days.contains(&code)]; span { (visitor.text(words::account::day(code))) } }
                                }
                            }
                        }
                        (tick("holidays", typed.window.holidays, visitor.text(words::account::HOLIDAYS), None))
                        (tick("alsace", typed.window.alsace_moselle, visitor.text(words::account::ALSACE), None))
                    }
                }
                @if visitor.may(UseCase::ChangeSettings) { button.button { (visitor.text(words::common::SAVE)) } }
            }
        }
        section.card.me-settings {
            h2 { (visitor.text(words::account::MY_PASSWORD)) }
            (super::users::password_form(visitor, errors))
            hr;
            form.inline method="post" action="/me/signout-everywhere" {
                (csrf(visitor))
                p.hint { (visitor.text(words::account::EVERYWHERE_HINT)) }
                button.button.plain { (visitor.text(words::account::EVERYWHERE)) }
            }
        }
    };
    page(visitor, "/account", errors, content)
}

/// The settings page with errors in the password form.
pub fn with_errors(visitor: &Visitor, errors: &Errors) -> axum::response::Response {
    form(visitor, &AccountSettings::from_account(&visitor.account), errors)
}

/// Time zones of the French territories and a few others; any other can be typed.
const ZONES: [&str; 17] = [
    "Europe/Paris",
    "America/Guadeloupe",
    "America/Martinique",
    "America/Cayenne",
    "Indian/Reunion",
    "Indian/Mayotte",
    "Pacific/Noumea",
    "Pacific/Tahiti",
    "Pacific/Wallis",
    "America/Miquelon",
    "Europe/Brussels",
    "Europe/Zurich",
    "Europe/Luxembourg",
    "Europe/London",
    "America/Montreal",
    "Africa/Casablanca",
    "UTC",
];

fn zone(visitor: &Visitor, typed: &str, errors: &Errors) -> Markup {
    let error = errors.of("time_zone");
    html! {
        div.field.bad[error.is_some()] {
            label for="time_zone" { (visitor.text(words::account::ZONE)) }
            p.hint #time_zone-hint { (visitor.text(words::account::ZONE_HINT)) }
            input #time_zone name="time_zone" value=(typed) list="zones" autocomplete="off" spellcheck="false"
                aria-invalid=[error.map(|_| "true")] aria-describedby="time_zone-hint time_zone-error";
            datalist #zones { @for zone in ZONES { option value=(zone) {} } }
            p.error #time_zone-error { (error.unwrap_or_default()) }
        }
    }
}
