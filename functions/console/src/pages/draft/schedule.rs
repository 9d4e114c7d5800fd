//! Step 4, « Envoi »: start, pace, end, and what the legal window defers.

use std::collections::BTreeMap;

use app::drafts::{DraftChanges, ScheduleChanges};
use axum::extract::Path;
use axum::response::{Html, IntoResponse};
use domain::campaign::{Campaign, Kind, Schedule, Settings};
use domain::forecast::{Forecast, forecast};
use domain::local_time;
use domain::release::PACE_PER_HOUR;
use domain::sending_window::day_code;
use domain::territory::Territory;
use futures_util::future::try_join_all;
use jiff::Timestamp;
use jiff::civil::Time;
use maud::{Markup, html};

use super::{SaveResult, Sheet, Step, differences, keep, leave, open, problems};
use crate::view::parts::{Errors, Field};
use crate::visitor::{Answer, Fields, PageError, Visitor};
use crate::words::{self, Word};

/// The typed values: the settings, the pace as text, and the errors.
struct Typed {
    settings: Settings,
    pace: String,
    errors: Errors,
}

impl Typed {
    fn new(stored: &Settings) -> Self {
        let pace = stored.schedule.pace_per_hour.map(|pace| pace.to_string()).unwrap_or_default();
        Self { settings: stored.clone(), pace, errors: Errors::default() }
    }

    fn read(visitor: &Visitor, stored: &Settings, fields: &Fields) -> Self {
        let mut errors = Errors::default();
        // An empty time is stored as one that is still missing, not as « now ».
        let at = (fields.get("when") == "later").then(|| fields.get("at").trim().to_owned());
        if let Some(at) = &at {
            match local_time::resolve(at, &visitor.zone) {
                Ok(at) if at < visitor.now => errors.add("at", visitor.text(words::draft::AT_PAST)),
                Ok(_) => {}
                Err(problem) => errors.add("at", problems::time(visitor, problem)),
            }
        }
        let pace = fields.get("pace").trim().to_owned();
        let pace_per_hour = match digits(&pace) {
            text if text.is_empty() => None,
            text => text.parse().ok().filter(|pace| PACE_PER_HOUR.contains(pace)).or_else(|| {
                errors.add("pace", visitor.text(words::draft::PACE_BAD));
                stored.schedule.pace_per_hour
            }),
        };
        let settings = Settings { schedule: Schedule { at, pace_per_hour }, ..stored.clone() };
        Self { settings, pace, errors }
    }

    /// The planned instant; `None` for now, or if it is not a valid time.
    fn at(&self, visitor: &Visitor) -> Option<Timestamp> {
        local_time::resolve(self.settings.schedule.at.as_deref()?, &visitor.zone).ok()
    }
}

pub async fn show(visitor: Visitor, Path(id): Path<String>) -> Answer {
    let campaign = open(&visitor, &id).await?;
    page(&visitor, &campaign, &Typed::new(&campaign.settings), false).await
}

/// The forecast for the form as it is; nothing is saved.
pub async fn preview(visitor: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let stored = open(&visitor, &id).await?;
    let typed = Typed::read(&visitor, &stored.settings, &fields);
    let expected = expected(&visitor, &stored).await?;
    Ok(Html(html! { (at_hint(&visitor, &typed)) (prediction(&visitor, &stored, &typed, &expected)) }.into_string())
        .into_response())
}

pub async fn save(visitor: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let stored = open(&visitor, &id).await?;
    let typed = Typed::read(&visitor, &stored.settings, &fields);
    let schedule = ScheduleChanges::to(typed.settings.schedule.clone());
    let changes = DraftChanges { schedule, ..DraftChanges::default() };
    match keep(&visitor, Step::Schedule, &stored, &changes, &fields).await? {
        SaveResult::Stale(now) => page(&visitor, &now, &typed, true).await,
        SaveResult::Saved(saved) => match leave(&saved, Step::Schedule, &fields, &typed.errors) {
            Some(answer) => answer,
            None => page(&visitor, &saved, &typed, false).await,
        },
    }
}

/// Removes the group separators from a typed number.
pub fn digits(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_whitespace() && !matches!(character, '\u{202f}' | ',' | '.'))
        .collect()
}

async fn page(visitor: &Visitor, stored: &Campaign, typed: &Typed, is_stale: bool) -> Answer {
    let schedule = &typed.settings.schedule;
    // The control needs local minutes, whatever the API stored.
    let local = typed.at(visitor).map(|at| visitor.zone.to_datetime(at).strftime("%Y-%m-%dT%H:%M").to_string());
    let shown = local.as_deref().or(schedule.at.as_deref()).unwrap_or_default();
    let pace_field = Field {
        name: "pace",
        label: visitor.text(words::draft::PACE),
        hint: Some(visitor.text(words::draft::PACE_HINT)),
        error: typed.errors.of("pace"),
    };
    let option = |value: &str, is_on: bool, word: Word| {
        html! {
            label.tick {
                input type="radio" name="when" value=(value) checked[is_on];
                span { strong { (visitor.text(word)) } }
            }
        }
    };
    let content = html! {
        div.columns data-ask={ "/campaigns/" (stored.id) "/schedule/preview" } {
            section.card {
                fieldset {
                    legend { (visitor.text(words::draft::WHEN)) }
                    (option("now", schedule.at.is_none(), words::draft::AT_ONCE))
                    (option("later", schedule.at.is_some(), words::draft::LATER))
                }
                (at_field(visitor, typed, shown))
                (pace_field.input("text", &typed.pace, "off"))
            }
            (prediction(visitor, stored, typed, &expected(visitor, stored).await?))
        }
    };
    let stale = differences(visitor, Step::Schedule, &typed.settings, stored, is_stale);
    let sheet = Sheet { step: Step::Schedule, stored: Some(stored), errors: &typed.errors, stale };
    Ok(sheet.page(visitor, &stored.settings.name, content))
}

fn at_field(visitor: &Visitor, typed: &Typed, shown: &str) -> Markup {
    let error = typed.errors.of("at");
    html! {
        div.later.field.bad[error.is_some()] {
            label for="at" { (visitor.text(words::draft::AT)) }
            (at_hint(visitor, typed))
            input #at name="at" type="datetime-local" value=(shown) autocomplete="off"
                min=(visitor.zone.to_datetime(visitor.now).strftime("%Y-%m-%dT%H:%M"))
                aria-invalid=[error.map(|_| "true")] aria-describedby="at-hint at-error";
            p.error #at-error { (error.unwrap_or_default()) }
        }
    }
}

/// The time zone of the time, and the time in UTC.
fn at_hint(visitor: &Visitor, typed: &Typed) -> Markup {
    html! {
        p.hint #at-hint {
            (visitor.text_with(words::draft::AT_HINT, &[&visitor.account.time_zone]))
            @if let Some(at) = typed.at(visitor) { " " (visitor.text_with(words::draft::AT_UTC, &[visitor.utc(at)])) }
        }
    }
}

/// Recipients by territory: from the last count, or from the lists before there is one.
async fn expected(visitor: &Visitor, stored: &Campaign) -> Result<BTreeMap<Territory, u64>, PageError> {
    let mut expected = BTreeMap::new();
    let mut add = |code: &str, count: u64| {
        if let Some(territory) = Territory::from_code(code) {
            *expected.entry(territory).or_default() += count;
        }
    };
    if let Some(count) = &stored.count {
        count.by_territory.iter().for_each(|(code, count)| add(code, *count));
        return Ok(expected);
    }
    for list in
        try_join_all(stored.settings.lists.iter().map(|id| visitor.context.store.list(id))).await?.iter().flatten()
    {
        let report = list.report.iter();
        report.flat_map(|report| &report.by_territory).for_each(|(territory, count)| add(territory.code(), *count));
    }
    Ok(expected)
}

/// When the campaign would begin and end, by the last count of recipients; or what is wrong with the time.
fn prediction(visitor: &Visitor, stored: &Campaign, typed: &Typed, expected: &BTreeMap<Territory, u64>) -> Markup {
    let kind = stored.settings.kind;
    html! {
        section.card #forecast {
            h2 { (visitor.text(words::draft::FORECAST)) }
            @if kind == Kind::Marketing { p.hint { (window(visitor)) } }
            @if let Some(error) = typed.errors.of("at").filter(|_| typed.settings.schedule.at.as_deref() != Some("")) {
                p.note.bad { (error) }
            } @else if expected.is_empty() { p { (visitor.text(words::draft::FORECAST_LATER)) } }
            @else {
                @let starts_at = typed.at(visitor).unwrap_or(visitor.now).max(visitor.now);
                (verdict(visitor, kind, &forecast(&visitor.account, kind, expected, typed.settings.schedule.pace_per_hour, starts_at)))
            }
        }
    }
}

/// When it begins and ends, and what is deferred.
pub fn verdict(visitor: &Visitor, kind: Kind, forecast: &Forecast) -> Markup {
    html! {
        dl.figures-row.dates {
            (crate::view::parts::figure(visitor.text(words::draft::BEGINS), &visitor.at(forecast.begins_at), Some(&visitor.utc(forecast.begins_at))))
            @match forecast.ends_at {
                Some(at) => (crate::view::parts::figure(visitor.text(words::draft::ENDS), &visitor.at(at), Some(&visitor.utc(at)))),
                None => (crate::view::parts::figure(visitor.text(words::draft::ENDS), visitor.text(words::draft::ENDS_NEVER), None)),
            }
        }
        @match (kind, forecast.carries_on_at) {
            (Kind::Alert, _) => p.note.info { (visitor.text(words::draft::WINDOW_NONE)) },
            (Kind::Marketing, Some(at)) if forecast.carried_over > 0 => {
                p.note.warn { (visitor.text_with(words::draft::CARRIED, &[visitor.number(forecast.carried_over), visitor.at(at)])) }
            },
            (Kind::Marketing, _) => p.note.good { (visitor.text(words::draft::WINDOW_FINE)) },
        }
    }
}

/// The account's legal window in one sentence.
pub fn window(visitor: &Visitor) -> String {
    let window = visitor.account.window;
    let clock = |time: Time| format!("{:02}:{:02}", time.hour(), time.minute());
    let days: Vec<_> = window.days().map(|day| visitor.text(words::account::day(day_code(day)))).collect();
    let holidays = if window.holidays() { words::draft::HOLIDAYS_OPEN } else { words::draft::HOLIDAYS_CLOSED };
    let days = format!("{}, {}", days.join(" "), visitor.text(holidays));
    visitor.text_with(words::draft::WINDOW, &[clock(window.from()), clock(window.to()), days])
}
