//! Settings of the account: name, zone, sender, STOP code, legal window, purge.

use jiff::civil::{Time, Weekday};
use maud::html;
use shared::domain::account::Account;
use shared::domain::campaign::NAME_CHARACTERS_MAX;
use shared::domain::local_time;
use shared::domain::sender::Sender;
use shared::domain::sending_window::{SendingWindow, day_code, day_from_code};

use super::page;
use crate::gate::{Answer, Fields, Visitor};
use crate::pages::draft::problems;
use crate::view::parts::{Errors, Field, csrf, tick};
use crate::words::{account as a, common as w};

const WEEK: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
/// Days of purge that can be asked for.
const PURGE_DAYS: std::ops::RangeInclusive<u32> = 1..=3_650;

pub async fn show(v: Visitor) -> Answer {
    let account = v.account.clone();
    Ok(form(&v, &account, &Errors::default()))
}

pub async fn save(v: Visitor, fields: Fields) -> Answer {
    v.needs_owner()?;
    let mut errors = Errors::default();
    let name = fields.get("name").trim().to_owned();
    if !(1..=NAME_CHARACTERS_MAX).contains(&name.chars().count()) {
        errors.add("name", v.t(a::NAME_BAD));
    }
    let time_zone = fields.get("time_zone").trim().to_owned();
    if local_time::time_zone(&time_zone).is_none() {
        errors.add("time_zone", v.t(a::ZONE_BAD));
    }
    let stop_code = fields.get("stop_code").trim().to_owned();
    if stop_code.len() != 5 || !stop_code.bytes().all(|octet| octet.is_ascii_digit()) {
        errors.add("stop_code", v.t(a::STOP_BAD));
    }
    let default_sender = fields.get("default_sender").trim().to_owned();
    if let Err(problem) = Sender::parse(&default_sender, &[stop_code.as_str()]) {
        errors.add("default_sender", problems::sender(&v, problem));
    }
    let purge: Option<u32> = fields.get("purge").trim().parse().ok().filter(|days| PURGE_DAYS.contains(days));
    if purge.is_none() {
        errors.add("purge", v.t(a::PURGE_BAD));
    }
    let window = window(&fields);
    if window.is_none() {
        errors.add("from", v.t(a::WINDOW_BAD));
    }
    let typed = Account {
        name,
        time_zone,
        stop_code,
        default_sender,
        purge_after_days: purge.unwrap_or(v.account.purge_after_days),
        window: window.unwrap_or(v.account.window),
        ..v.account.clone()
    };
    if !errors.is_empty() {
        return Ok(form(&v, &typed, &errors));
    }
    v.store.put_account(&typed).await?;
    v.note("account.changed", v.account.id.as_str(), "").await;
    v.done("/account", "saved")
}

fn window(fields: &Fields) -> Option<SendingWindow> {
    let days: Vec<Weekday> = fields.all("day").filter_map(day_from_code).collect();
    let time = |name: &str| fields.get(name).parse::<Time>().ok();
    let window = SendingWindow::new(&days, time("from")?, time("to")?).ok()?;
    Some(window.with_holidays(fields.has("holidays")).with_alsace_moselle(fields.has("alsace")))
}

fn form(v: &Visitor, typed: &Account, errors: &Errors) -> axum::response::Response {
    let field = |name: &'static str, label, hint| Field { name, label, hint, error: errors.of(name) };
    let clock = |time: Time| format!("{:02}:{:02}", time.hour(), time.minute());
    let days: Vec<_> = typed.window.days().map(day_code).collect();
    let content = html! {
        @if !v.is_owner() { p.note.info { (v.t(a::READ_ONLY)) } }
        form method="post" action="/account" data-live data-dirty {
            (csrf(v))
            fieldset disabled[!v.is_owner()] {
                div.columns {
                    section.card {
                        (field("name", v.t(a::NAME), None).input("text", &typed.name, "organization"))
                        (field("time_zone", v.t(a::ZONE), Some(v.t(a::ZONE_HINT))).input("text", &typed.time_zone, "off"))
                        (field("default_sender", v.t(a::DEFAULT_SENDER), None).input("text", &typed.default_sender, "off"))
                        (field("stop_code", v.t(a::STOP_CODE), Some(v.t(a::STOP_HINT))).input("text", &typed.stop_code, "off"))
                        (field("purge", v.t(a::PURGE), None).input("number", &typed.purge_after_days.to_string(), "off"))
                    }
                    section.card {
                        h2 { (v.t(a::WINDOW)) }
                        p.hint { (v.t(a::WINDOW_HINT)) }
                        div.columns {
                            (field("from", v.t(a::FROM), None).input("time", &clock(typed.window.from()), "off"))
                            (field("to", v.t(a::TO), None).input("time", &clock(typed.window.to()), "off"))
                        }
                        fieldset {
                            legend { (v.t(a::DAYS)) }
                            div.checks {
                                @for code in WEEK {
                                    label.tick { input type="checkbox" name="day" value=(code) checked[days.contains(&code)]; span { (v.t(a::day(code))) } }
                                }
                            }
                        }
                        (tick("holidays", typed.window.holidays(), v.t(a::HOLIDAYS), None))
                        (tick("alsace", typed.window.alsace_moselle(), v.t(a::ALSACE), None))
                    }
                }
                @if v.is_owner() { button.button { (v.t(w::SAVE)) } }
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
    form(v, &v.account, errors)
}
