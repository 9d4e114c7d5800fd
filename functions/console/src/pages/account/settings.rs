//! Settings of the account: name, zone, sender, STOP code, legal window, purge, sign-off by proofs.

use app::{Error, Expected, UseCase};
use domain::sending_window::{day_code, day_from_code};
use domain::settings::{AccountSettings, SettingsProblem, WindowTerms};
use maud::{Markup, html};

use super::page;
use crate::gate::{Answer, Fields, Visitor};
use crate::pages::draft::problems;
use crate::view::parts::{Errors, Field, csrf, tick};
use crate::words::{account as a, common as w};

const WEEK: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

pub async fn show(v: Visitor) -> Answer {
    Ok(form(&v, &AccountSettings::of(&v.account), &Errors::default()))
}

pub async fn save(v: Visitor, fields: Fields) -> Answer {
    let (typed, at_any_hour) = (typed(&fields), v.app.carrier.is_sandbox());
    let edit = |_| Ok::<_, Error>(typed.clone());
    match app::settings::change(&v.context, &Expected::Any, at_any_hour, edit).await {
        Err(Error::Settings(problems)) => {
            let mut errors = Errors::default();
            for problem in problems {
                let (field, text) = fault(&v, problem);
                errors.add(field, text);
            }
            Ok(form(&v, &typed, &errors))
        }
        changed => {
            changed?;
            v.done("/account", "saved")
        }
    }
}

fn typed(fields: &Fields) -> AccountSettings {
    AccountSettings {
        name: fields.get("name").to_owned(),
        time_zone: fields.get("time_zone").trim().to_owned(),
        default_sender: fields.get("default_sender").to_owned(),
        stop_code: fields.get("stop_code").to_owned(),
        // No number of days is none that is allowed.
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

/// What is wrong, and the field that it is about.
fn fault(v: &Visitor, problem: SettingsProblem) -> (&'static str, String) {
    match problem {
        SettingsProblem::Name => ("name", v.t(a::NAME_BAD).into()),
        SettingsProblem::TimeZone => ("time_zone", v.t(a::ZONE_BAD).into()),
        SettingsProblem::Sender(problem) => ("default_sender", problems::sender(v, problem)),
        SettingsProblem::StopCode => ("stop_code", v.t(a::STOP_BAD).into()),
        SettingsProblem::PurgeAfterDays => ("purge", v.t(a::PURGE_BAD).into()),
        SettingsProblem::ClosesAt => ("to", v.t(a::WINDOW_BAD).into()),
        SettingsProblem::OpensAt | SettingsProblem::Window(_) => ("from", v.t(a::WINDOW_BAD).into()),
    }
}

fn form(v: &Visitor, typed: &AccountSettings, errors: &Errors) -> axum::response::Response {
    let field = |name: &'static str, label, hint| Field { name, label, hint, error: errors.of(name) };
    let days: Vec<_> = typed.window.days.iter().copied().map(day_code).collect();
    let content = html! {
        @if !v.may(UseCase::ChangeSettings) { p.note.info { (v.t(a::READ_ONLY)) } }
        form method="post" action="/account" data-live data-dirty {
            (csrf(v))
            fieldset disabled[!v.may(UseCase::ChangeSettings)] {
                div.columns {
                    section.card {
                        (field("name", v.t(a::NAME), None).input("text", &typed.name, "organization"))
                        (zone(v, &typed.time_zone, errors))
                        (field("default_sender", v.t(a::DEFAULT_SENDER), None).input("text", &typed.default_sender, "off"))
                        (field("stop_code", v.t(a::STOP_CODE), Some(v.t(a::STOP_HINT))).input("text", &typed.stop_code, "off"))
                        (field("purge", v.t(a::PURGE), None).input("number", &typed.purge_after_days.to_string(), "off"))
                        (tick("requires_proof", typed.requires_proof, v.t(a::REQUIRES_PROOF), Some(v.t(a::REQUIRES_PROOF_HINT))))
                    }
                    section.card {
                        h2 { (v.t(a::WINDOW)) }
                        p.hint { (v.t(a::WINDOW_HINT)) }
                        div.columns.narrow {
                            (field("from", v.t(a::FROM), None).input("time", &typed.window.from, "off"))
                            (field("to", v.t(a::TO), None).input("time", &typed.window.to, "off"))
                        }
                        fieldset {
                            legend { (v.t(a::DAYS)) }
                            div.checks {
                                @for code in WEEK {
                                    label.tick { input type="checkbox" name="day" value=(code) checked[days.contains(&code)]; span { (v.t(a::day(code))) } }
                                }
                            }
                        }
                        (tick("holidays", typed.window.holidays, v.t(a::HOLIDAYS), None))
                        (tick("alsace", typed.window.alsace_moselle, v.t(a::ALSACE), None))
                    }
                }
                @if v.may(UseCase::ChangeSettings) { button.button { (v.t(w::SAVE)) } }
            }
        }
        section.card.me-settings {
            h2 { (v.t(a::MY_PASSWORD)) }
            (super::users::password_form(v, errors))
            hr;
            form.inline method="post" action="/me/signout-everywhere" {
                (csrf(v))
                p.hint { (v.t(a::EVERYWHERE_HINT)) }
                button.button.plain { (v.t(a::EVERYWHERE)) }
            }
        }
    };
    page(v, "/account", errors, content)
}

/// The settings with something to correct in the password's form.
pub fn with_errors(v: &Visitor, errors: &Errors) -> axum::response::Response {
    form(v, &AccountSettings::of(&v.account), errors)
}

/// Zones of French territories, and of those who work for them from afar; any other can be typed.
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

fn zone(v: &Visitor, typed: &str, errors: &Errors) -> Markup {
    let error = errors.of("time_zone");
    html! {
        div.field.bad[error.is_some()] {
            label for="time_zone" { (v.t(a::ZONE)) }
            p.hint #time_zone-hint { (v.t(a::ZONE_HINT)) }
            input #time_zone name="time_zone" value=(typed) list="zones" autocomplete="off" spellcheck="false"
                aria-invalid=[error.map(|_| "true")] aria-describedby="time_zone-hint time_zone-error";
            datalist #zones { @for zone in ZONES { option value=(zone) {} } }
            p.error #time_zone-error { (error.unwrap_or_default()) }
        }
    }
}
