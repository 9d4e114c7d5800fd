//! Step 4, « Envoi »: now or later, how fast, when it ends, and what the legal window makes wait.

use axum::extract::Path;
use jiff::civil::Time;
use maud::{Markup, html};
use shared::domain::campaign::{Campaign, Kind, Schedule, Settings};
use shared::domain::forecast::{Forecast, forecast};
use shared::domain::local_time;
use shared::domain::release::PACE_PER_HOUR;
use shared::domain::sending_window::day_code;
use shared::domain::territory::Territory;

use super::{Kept, Sheet, Step, keep, leave, open, problems};
use crate::gate::{Answer, Fields, Visitor};
use crate::view::parts::{Errors, Field};
use crate::words::{account, draft as d};

pub async fn show(v: Visitor, Path(id): Path<String>) -> Answer {
    let campaign = open(&v, &id).await?;
    let pace = campaign.settings.schedule.pace_per_hour.map(|pace| pace.to_string()).unwrap_or_default();
    page(&v, &campaign, &campaign.settings, &pace, &Errors::default(), false)
}

pub async fn save(v: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let stored = open(&v, &id).await?;
    let mut errors = Errors::default();
    let at = match fields.get("when") {
        // An empty time is kept as one that is still to be filled in, not as « now ».
        "later" => Some(fields.get("at").trim().to_owned()),
        _ => None,
    };
    if let Some(at) = &at {
        match local_time::resolve(at, &v.zone) {
            Ok(at) if at < v.now => errors.add("at", v.t(d::AT_PAST)),
            Ok(_) => {}
            Err(problem) => errors.add("at", problems::time(&v, problem)),
        }
    }
    let typed_pace = fields.get("pace").trim().to_owned();
    let pace_per_hour = match digits(&typed_pace) {
        text if text.is_empty() => None,
        text => text.parse().ok().filter(|pace| PACE_PER_HOUR.contains(pace)).or_else(|| {
            errors.add("pace", v.t(d::PACE_BAD));
            stored.settings.schedule.pace_per_hour
        }),
    };
    let settings = Settings { schedule: Schedule { at, pace_per_hour }, ..stored.settings.clone() };
    match keep(&v, &stored, settings.clone(), &fields).await? {
        Kept::Stale(now) => page(&v, &now, &settings, &typed_pace, &errors, true),
        Kept::Saved(saved) => match leave(&saved, Step::Schedule, &fields, &errors) {
            Some(answer) => answer,
            None => page(&v, &saved, &settings, &typed_pace, &errors, false),
        },
    }
}

/// A number as people type it, without what groups its digits.
pub fn digits(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_whitespace() && !matches!(character, '\u{202f}' | ',' | '.'))
        .collect()
}

fn page(v: &Visitor, stored: &Campaign, typed: &Settings, pace: &str, errors: &Errors, is_stale: bool) -> Answer {
    let at = typed.schedule.at.as_deref();
    let instant = at.and_then(|at| local_time::resolve(at, &v.zone).ok());
    // The control wants local minutes, whatever the API was given.
    let local = instant.map(|at| v.zone.to_datetime(at).strftime("%Y-%m-%dT%H:%M").to_string());
    let zone_hint = v.tf(d::AT_HINT, &[&v.account.time_zone]);
    let hint = match instant {
        Some(at) => format!("{zone_hint} {}", v.tf(d::AT_UTC, &[v.utc(at)])),
        None => zone_hint,
    };
    let field = Field { name: "at", label: v.t(d::AT), hint: Some(&hint), error: errors.of("at") };
    let pace_field =
        Field { name: "pace", label: v.t(d::PACE), hint: Some(v.t(d::PACE_HINT)), error: errors.of("pace") };
    let content = html! {
        div.columns {
            section.card {
                fieldset {
                    legend { (v.t(d::WHEN)) }
                    label.tick {
                        input type="radio" name="when" value="now" checked[at.is_none()];
                        span { strong { (v.t(d::AT_ONCE)) } }
                    }
                    label.tick {
                        input type="radio" name="when" value="later" checked[at.is_some()];
                        span { strong { (v.t(d::LATER)) } }
                    }
                }
                div.later { (field.input("datetime-local", local.as_deref().or(at).unwrap_or_default(), "off")) }
                (pace_field.input("text", pace, "off"))
            }
            section.card #forecast {
                h2 { (v.t(d::FORECAST)) }
                @if typed.kind == Kind::Marketing { p.hint { (window(v)) } }
                @match &stored.count {
                    Some(count) => (verdict(v, typed.kind, &predict(v, stored, typed, instant, count))),
                    None => p { (v.t(d::FORECAST_LATER)) },
                }
            }
        }
    };
    let sheet = Sheet { step: Step::Schedule, stored: Some(stored), errors, is_stale };
    Ok(sheet.page(v, &stored.settings.name, content))
}

/// Follows the campaign with the last count of its recipients.
fn predict(
    v: &Visitor,
    stored: &Campaign,
    typed: &Settings,
    at: Option<jiff::Timestamp>,
    count: &shared::domain::campaign::Count,
) -> Forecast {
    let territories =
        count.by_territory.iter().filter_map(|(code, count)| Some((Territory::from_code(code)?, *count))).collect();
    let starts_at = at.unwrap_or(v.now).max(v.now);
    let pace = typed.schedule.pace_per_hour;
    forecast(&v.account, stored.settings.kind, &territories, pace, starts_at)
}

/// When it begins and ends, and what must wait.
pub fn verdict(v: &Visitor, kind: Kind, forecast: &Forecast) -> Markup {
    html! {
        dl.figures-row {
            (crate::view::parts::figure(v.t(d::BEGINS), &v.at(forecast.begins_at), Some(&v.utc(forecast.begins_at))))
            @match forecast.ends_at {
                Some(at) => (crate::view::parts::figure(v.t(d::ENDS), &v.at(at), Some(&v.utc(at)))),
                None => (crate::view::parts::figure(v.t(d::ENDS), v.t(d::ENDS_NEVER), None)),
            }
        }
        @match (kind, forecast.carries_on_at) {
            (Kind::Alert, _) => p.note.info { (v.t(d::WINDOW_NONE)) },
            (Kind::Marketing, Some(at)) if forecast.carried_over > 0 => {
                p.note.warn { (v.tf(d::CARRIED, &[v.number(forecast.carried_over), v.at(at)])) }
            },
            (Kind::Marketing, _) => p.note.good { (v.t(d::WINDOW_FINE)) },
        }
    }
}

/// The account's legal window in one sentence.
pub fn window(v: &Visitor) -> String {
    let window = v.account.window;
    let clock = |time: Time| format!("{:02}:{:02}", time.hour(), time.minute());
    let days: Vec<_> = window.days().map(|day| v.t(account::day(day_code(day)))).collect();
    let holidays = if window.holidays() { d::HOLIDAYS_OPEN } else { d::HOLIDAYS_CLOSED };
    let days = format!("{}, {}", days.join(" "), v.t(holidays));
    v.tf(d::WINDOW, &[clock(window.from()), clock(window.to()), days])
}
