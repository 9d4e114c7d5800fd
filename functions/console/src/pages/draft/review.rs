//! Step 5, « Récapitulatif »: every choice, exact figures, what stands in the way, a test, and « Valider ».

use app::campaigns::{self, Counted, Estimate, TESTS_MAX, TestSend, Warning};
use app::{Error, Expected};
use axum::extract::Path;
use domain::campaign::{Campaign, Command, Count};
use domain::country::Country;
use domain::credits::Mode;
use domain::phone;
use maud::{Markup, html};

use super::{Sheet, Step, destination, differences, open, problems, schedule};
use crate::gate::{Answer, Failure, Fields, Visitor, see};
use crate::pages::settings_of;
use crate::view::parts::{Errors, csrf, figure};
use crate::view::{format, icons};
use crate::words::draft as d;

pub async fn show(v: Visitor, Path(id): Path<String>) -> Answer {
    let campaign = open(&v, &id).await?;
    page(&v, campaign, &Errors::default(), "").await
}

pub async fn save(v: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let campaign = open(&v, &id).await?;
    if fields.get("go") != "validate" {
        let path = destination(&campaign.id, Step::Review, &fields);
        return Ok(see(&path.unwrap_or_else(|| format!("/campaigns/{}/review", campaign.id))));
    }
    campaign.status.after(Command::Validate, false).map_err(Failure::Refused)?;
    let is_stale = fields.get("seen") != super::seen(Step::Review, &campaign.settings);
    if is_stale {
        let errors = Errors::default();
        return page_of(&v, campaign, &errors, "", true).await;
    }
    let (id, expected) = (campaign.id, Expected::Versions(vec![campaign.version]));
    match campaigns::validate(&v.context, &id, &expected).await {
        Ok((campaign, Counted::Now(_))) => v.done(&format!("/campaigns/{}", campaign.id), "validated"),
        // Not counted yet, changed meanwhile, or something stands in the way: the page says what.
        Ok((_, Counted::Counting { .. }))
        | Err(Error::Blocked { .. } | Error::Stale { .. } | Error::Store(aws::store::Error::NotEnoughCredits)) => {
            Ok(see(&format!("/campaigns/{id}/review")))
        }
        Err(error) => Err(error.into()),
    }
}

/// Sends a test to up to five numbers.
pub async fn test(v: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let campaign = open(&v, &id).await?;
    let typed = fields.lines("phones");
    let mut errors = Errors::default();
    let mut phones = Vec::new();
    for line in typed.split(['\n', ',', ';']).map(str::trim).filter(|line| !line.is_empty()) {
        match phone::parse(line, Country::default()) {
            Ok(phone) => phones.push(phone),
            Err(_) => errors.add("phones", v.tf(d::TEST_BAD, &[line])),
        }
    }
    if errors.is_empty() && (phones.is_empty() || phones.len() > TESTS_MAX) {
        errors.add("phones", v.t(d::TEST_COUNT));
    }
    if !errors.is_empty() {
        return page(&v, campaign, &errors, &typed).await;
    }
    if !v.is_first(&fields).await? {
        return v.done(&format!("/campaigns/{}/review", campaign.id), "tested");
    }
    let test = TestSend { links: &v.app.services.store, carrier: &v.app.carrier, link_key: &v.app.link_key };
    match campaigns::send_test(&v.context, &test, &campaign.id, &phones).await {
        Ok(tested) if tested.is_taken() => v.done(&format!("/campaigns/{}/review", campaign.id), "tested"),
        Ok(_) => {
            errors.add("phones", v.t(d::TEST_REFUSED));
            page(&v, campaign, &errors, &typed).await
        }
        Err(Error::Store(aws::store::Error::NotEnoughCredits)) => {
            let balance = v.number(v.account.balance.balance);
            errors.add("phones", v.tf(d::B_CREDITS, &[v.number(phones.len() as u64), balance]));
            page(&v, campaign, &errors, &typed).await
        }
        Err(Error::Excluded { phones }) => {
            for phone in phones {
                errors.add("phones", v.tf(d::TEST_EXCLUDED, &[phone.to_string()]));
            }
            page(&v, campaign, &errors, &typed).await
        }
        Err(Error::Blocked { .. }) => page(&v, campaign, &errors, &typed).await,
        Err(error) => Err(error.into()),
    }
}

async fn page(v: &Visitor, campaign: Campaign, errors: &Errors, phones: &str) -> Answer {
    page_of(v, campaign, errors, phones, false).await
}

async fn page_of(v: &Visitor, campaign: Campaign, errors: &Errors, phones: &str, is_stale: bool) -> Answer {
    let (campaign, counted) = campaigns::estimate(&v.context, &campaign.id).await?;
    let summary = settings_of::show(v, &campaign, true).await?;
    let content = html! {
        div.review {
            div { (summary) }
            div {
                @match &counted {
                    Counted::Counting { done_per_mille } => (counting(v, *done_per_mille)),
                    Counted::Now(estimate) => {
                        (verdict(v, &campaign, estimate))
                        @if estimate.count.is_some() { (test_card(v, errors, phones)) }
                    },
                }
            }
        }
    };
    let stale = differences(v, Step::Review, &campaign.settings, &campaign, is_stale);
    let sheet = Sheet { step: Step::Review, stored: Some(&campaign), errors, stale };
    let last = match &counted {
        Counted::Now(estimate) => validate(v, estimate),
        Counted::Counting { .. } => html! {},
    };
    let test = html! {
        form #test method="post" action={ "/campaigns/" (campaign.id) "/test" } data-live { (csrf(v)) (v.once()) }
    };
    Ok(sheet.page_with(v, &campaign.settings.name, content, last, test))
}

fn counting(v: &Visitor, done_per_mille: u16) -> Markup {
    html! {
        section.card data-refresh-main="2" {
            p role="status" { (v.t(d::COUNTING)) }
            progress value=(done_per_mille) max="1000" aria-label=(v.t(d::COUNTING)) {}
        }
    }
}

fn verdict(v: &Visitor, campaign: &Campaign, estimate: &Estimate) -> Markup {
    html! {
        @if !estimate.blockers.is_empty() {
            section.note.bad role="alert" {
                h2 { (v.t(d::BLOCKED)) }
                ul {
                    @for blocker in &estimate.blockers {
                        @let (text, step) = problems::blocker(v, blocker);
                        li { a href={ "/campaigns/" (campaign.id) "/" (step.code()) } { (text) } }
                    }
                }
            }
        }
        @if let Some(count) = &estimate.count {
            section.card { (figures(v, estimate, count)) }
            @if let Some(forecast) = &estimate.forecast {
                section.card {
                    h2 { (v.t(d::FORECAST)) }
                    (schedule::verdict(v, campaign.settings.kind, forecast))
                }
            }
        }
        // What must wait stands with the forecast already.
        @let warnings: Vec<_> =
            estimate.warnings.iter().filter(|one| !matches!(one, Warning::CarriedOver { .. })).collect();
        @if !warnings.is_empty() {
            section.note.warn {
                h2 { (v.t(d::WARNINGS)) }
                ul { @for warning in warnings { li { (problems::warning(v, warning)) } } }
            }
        }
    }
}

/// « Valider », where the other steps have « Suivant ».
fn validate(v: &Visitor, estimate: &Estimate) -> Markup {
    // « Now » outside the legal hours is later.
    let waits = estimate.forecast.as_ref().is_some_and(|forecast| forecast.begins_at > v.now);
    let is_blocked = !estimate.blockers.is_empty() || estimate.count.is_none();
    html! {
        p.hint { (v.t(if waits { d::VALIDATE_NOTE } else { d::VALIDATE_NOTE_NOW })) }
        button.button.big name="go" value="validate" disabled[is_blocked] { (icons::plane()) (v.t(d::VALIDATE)) }
    }
}

fn figures(v: &Visitor, estimate: &Estimate, count: &Count) -> Markup {
    let sent = u64::from(count.recipients.saturating_sub(count.too_long)).max(1);
    let mean = format::hundredths(v.language, (count.credits * 100 + sent / 2) / sent);
    let per_message =
        v.tf(d::PER_MESSAGE_NOTE, &[count.segments_min.to_string(), mean.clone(), count.segments_max.to_string()]);
    let after = match (v.account.balance.mode, estimate.balance_after) {
        (Mode::Unlimited, _) => v.t(d::UNLIMITED).to_owned(),
        (Mode::Limited, Some(left)) => v.number(left),
        (Mode::Limited, None) => "—".to_owned(),
    };
    html! {
        dl.figures-row {
            (figure(v.t(d::RECIPIENTS), &v.number(count.recipients), None))
            (figure(v.t(d::TOTAL), &v.number(count.credits), None))
            (figure(v.t(d::BALANCE_AFTER), &after, None))
            (figure(v.t(d::PER_MESSAGE), &mean, Some(&per_message)))
            (figure(v.t(d::DUPLICATES), &v.number(count.duplicates), None))
            (figure(v.t(d::EXCLUDED), &v.number(count.excluded), None))
        }
        @if count.by_territory.len() > 1 { (settings_of::territories(v, count.by_territory.iter().map(|(code, n)| (*code, *n)))) }
    }
}

/// A test message. Its fields belong to a form of their own, below: forms do not stand in forms.
fn test_card(v: &Visitor, errors: &Errors, phones: &str) -> Markup {
    let error = errors.of("phones");
    html! {
        section.card {
            h2 { (icons::phone()) (v.t(d::TEST)) }
            div.field.bad[error.is_some()] {
                label for="phones" { (v.t(d::TEST_PHONES)) }
                p.hint #phones-hint { (v.t(d::TEST_HINT)) }
                textarea #phones name="phones" rows="2" form="test" inputmode="tel" aria-invalid=[error.map(|_| "true")]
                    aria-describedby="phones-hint phones-error" { "\n" (phones) }
                p.error #phones-error { (error.unwrap_or_default()) }
            }
            button.button.plain form="test" { (v.t(d::TEST_SEND)) }
        }
    }
}
