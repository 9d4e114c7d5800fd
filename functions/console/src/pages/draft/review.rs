//! Step 5, « Récapitulatif »: every choice, exact figures, blockers, a test, and « Valider ».

use app::campaigns::{self, Counted, Estimate, TESTS_MAX, TestSend, Warning};
use app::{Error, Expected};
use axum::extract::Path;
use domain::campaign::{Campaign, Command, Count};
use domain::country::Country;
use domain::credits::Mode;
use domain::phone;
use maud::{Markup, html};

use super::{Sheet, Step, destination, differences, open, problems, schedule, summary};
use crate::view::parts::{Errors, csrf, figure, territories};
use crate::view::{format, icons};
use crate::visitor::{Answer, Fields, PageError, Visitor, redirect_to};
use crate::words;

pub async fn show(visitor: Visitor, Path(id): Path<String>) -> Answer {
    let campaign = open(&visitor, &id).await?;
    page(&visitor, campaign, &Errors::default(), "").await
}

pub async fn save(visitor: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let campaign = open(&visitor, &id).await?;
    if fields.get("go") != "validate" {
        let path = destination(&campaign.id, Step::Review, &fields);
        return Ok(redirect_to(&path.unwrap_or_else(|| format!("/campaigns/{}/review", campaign.id))));
    }
    campaign.status.after(Command::Validate, false).map_err(PageError::Refused)?;
    let is_stale = fields.get("seen") != super::seen(Step::Review, &campaign.settings);
    if is_stale {
        let errors = Errors::default();
        return page_of(&visitor, campaign, &errors, "", true).await;
    }
    let (id, expected) = (campaign.id, Expected::Versions(vec![campaign.version]));
    match campaigns::validate(&visitor.context, &id, &expected).await {
        Ok((campaign, Counted::Now(_))) => visitor.done(&format!("/campaigns/{}", campaign.id), "validated"),
        // Not counted yet, changed meanwhile, or blocked: the page shows which.
        Ok((_, Counted::Counting { .. }))
        | Err(Error::Blocked { .. } | Error::Stale { .. } | Error::Store(aws::store::Error::NotEnoughCredits)) => {
            Ok(redirect_to(&format!("/campaigns/{id}/review")))
        }
        Err(error) => Err(error.into()),
    }
}

/// Sends a test message to up to five numbers.
pub async fn test(visitor: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let campaign = open(&visitor, &id).await?;
    let typed = fields.lines("phones");
    let mut errors = Errors::default();
    let mut phones = Vec::new();
    for line in typed.split(['\n', ',', ';']).map(str::trim).filter(|line| !line.is_empty()) {
        match phone::parse(line, Country::default()) {
            Ok(phone) => phones.push(phone),
            Err(_) => errors.add("phones", visitor.text_with(words::draft::TEST_BAD, &[line])),
        }
    }
    if errors.is_empty() && (phones.is_empty() || phones.len() > TESTS_MAX) {
        errors.add("phones", visitor.text(words::draft::TEST_COUNT));
    }
    if !errors.is_empty() {
        return page(&visitor, campaign, &errors, &typed).await;
    }
    if !visitor.is_first(&fields).await? {
        return visitor.done(&format!("/campaigns/{}/review", campaign.id), "tested");
    }
    let test =
        TestSend { links: &visitor.app.services.store, carrier: &visitor.app.carrier, link_key: &visitor.app.link_key };
    match campaigns::send_test(&visitor.context, &test, &campaign.id, &phones).await {
        Ok(tested) if tested.is_taken() => visitor.done(&format!("/campaigns/{}/review", campaign.id), "tested"),
        Ok(_) => {
            errors.add("phones", visitor.text(words::draft::TEST_REFUSED));
            page(&visitor, campaign, &errors, &typed).await
        }
        Err(Error::Store(aws::store::Error::NotEnoughCredits)) => {
            let balance = visitor.number(visitor.account.balance.balance);
            errors.add(
                "phones",
                visitor.text_with(words::draft::B_CREDITS, &[visitor.number(phones.len() as u64), balance]),
            );
            page(&visitor, campaign, &errors, &typed).await
        }
        Err(Error::Excluded { phones }) => {
            for phone in phones {
                errors.add("phones", visitor.text_with(words::draft::TEST_EXCLUDED, &[phone.to_string()]));
            }
            page(&visitor, campaign, &errors, &typed).await
        }
        Err(Error::Blocked { .. }) => page(&visitor, campaign, &errors, &typed).await,
        Err(error) => Err(error.into()),
    }
}

async fn page(visitor: &Visitor, campaign: Campaign, errors: &Errors, phones: &str) -> Answer {
    page_of(visitor, campaign, errors, phones, false).await
}

async fn page_of(visitor: &Visitor, campaign: Campaign, errors: &Errors, phones: &str, is_stale: bool) -> Answer {
    let (campaign, counted) = campaigns::estimate(&visitor.context, &campaign.id).await?;
    let summary = summary::show(visitor, &campaign, true).await?;
    let content = html! {
        div.review {
            div { (summary) }
            div {
                @match &counted {
                    Counted::Counting { done_per_mille } => (counting(visitor, *done_per_mille)),
                    Counted::Now(estimate) => {
                        (verdict(visitor, &campaign, estimate))
                        @if estimate.count.is_some() { (test_card(visitor, errors, phones)) }
                    },
                }
            }
        }
    };
    let stale = differences(visitor, Step::Review, &campaign.settings, &campaign, is_stale);
    let sheet = Sheet { step: Step::Review, stored: Some(&campaign), errors, stale };
    let last = match &counted {
        Counted::Now(estimate) => validate(visitor, estimate),
        Counted::Counting { .. } => html! {},
    };
    let test = html! {
        form #test method="post" action={ "/campaigns/" (campaign.id) "/test" } data-live { (csrf(visitor)) (visitor.once()) }
    };
    Ok(sheet.page_with(visitor, &campaign.settings.name, content, last, test))
}

fn counting(visitor: &Visitor, done_per_mille: u16) -> Markup {
    html! {
        section.card data-refresh-main="2" {
            p role="status" { (visitor.text(words::draft::COUNTING)) }
            progress value=(done_per_mille) max="1000" aria-label=(visitor.text(words::draft::COUNTING)) {}
        }
    }
}

fn verdict(visitor: &Visitor, campaign: &Campaign, estimate: &Estimate) -> Markup {
    html! {
        @if !estimate.blockers.is_empty() {
            section.note.bad role="alert" {
                h2 { (visitor.text(words::draft::BLOCKED)) }
                ul {
                    @for blocker in &estimate.blockers {
                        @let (text, step) = problems::blocker(visitor, blocker);
                        li { a href={ "/campaigns/" (campaign.id) "/" (step.code()) } { (text) } }
                    }
                }
            }
        }
        @if let Some(count) = &estimate.count {
            section.card { (figures(visitor, estimate, count)) }
            @if let Some(forecast) = &estimate.forecast {
                section.card {
                    h2 { (visitor.text(words::draft::FORECAST)) }
                    (schedule::verdict(visitor, campaign.settings.kind, forecast))
                }
            }
        }
        // Deferred messages are shown with the forecast already.
        @let warnings: Vec<_> =
            estimate.warnings.iter().filter(|one| !matches!(one, Warning::CarriedOver { .. })).collect();
        @if !warnings.is_empty() {
            section.note.warn {
                h2 { (visitor.text(words::draft::WARNINGS)) }
                ul { @for warning in warnings { li { (problems::warning(visitor, warning)) } } }
            }
        }
    }
}

/// « Valider », in place of the « Suivant » of the other steps.
fn validate(visitor: &Visitor, estimate: &Estimate) -> Markup {
    // « Now » outside the legal hours means later.
    let waits = estimate.forecast.as_ref().is_some_and(|forecast| forecast.begins_at > visitor.now);
    let is_blocked = !estimate.blockers.is_empty() || estimate.count.is_none();
    html! {
        p.hint { (visitor.text(if waits { words::draft::VALIDATE_NOTE } else { words::draft::VALIDATE_NOTE_NOW })) }
        button.button.big name="go" value="validate" disabled[is_blocked] { (icons::plane()) (visitor.text(words::draft::VALIDATE)) }
    }
}

fn figures(visitor: &Visitor, estimate: &Estimate, count: &Count) -> Markup {
    let sent = u64::from(count.recipients.saturating_sub(count.too_long)).max(1);
    let mean = format::hundredths(visitor.language, (count.credits * 100 + sent / 2) / sent);
    let per_message = visitor.text_with(
        words::draft::PER_MESSAGE_NOTE,
        &[count.segments_min.to_string(), mean.clone(), count.segments_max.to_string()],
    );
    let after = match (visitor.account.balance.mode, estimate.balance_after) {
        (Mode::Unlimited, _) => visitor.text(words::draft::UNLIMITED).to_owned(),
        (Mode::Limited, Some(left)) => visitor.number(left),
        (Mode::Limited, None) => "—".to_owned(),
    };
    html! {
        dl.figures-row {
            (figure(visitor.text(words::draft::RECIPIENTS), &visitor.number(count.recipients), None))
            (figure(visitor.text(words::draft::TOTAL), &visitor.number(count.credits), None))
            (figure(visitor.text(words::draft::BALANCE_AFTER), &after, None))
            (figure(visitor.text(words::draft::PER_MESSAGE), &mean, Some(&per_message)))
            (figure(visitor.text(words::draft::DUPLICATES), &visitor.number(count.duplicates), None))
            (figure(visitor.text(words::draft::EXCLUDED), &visitor.number(count.excluded), None))
        }
        @if count.by_territory.len() > 1 { (territories(visitor, count.by_territory.iter().map(|(code, n)| (*code, *n)))) }
    }
}

/// The test message. Its fields belong to a separate form below, as forms cannot be nested.
fn test_card(visitor: &Visitor, errors: &Errors, phones: &str) -> Markup {
    let error = errors.of("phones");
    html! {
        section.card {
            h2 { (icons::phone()) (visitor.text(words::draft::TEST)) }
            div.field.bad[error.is_some()] {
                label for="phones" { (visitor.text(words::draft::TEST_PHONES)) }
                p.hint #phones-hint { (visitor.text(words::draft::TEST_HINT)) }
                textarea #phones name="phones" rows="2" form="test" inputmode="tel" aria-invalid=[error.map(|_| "true")]
                    aria-describedby="phones-hint phones-error" { "\n" (phones) }
                p.error #phones-error { (error.unwrap_or_default()) }
            }
            button.button.plain form="test" { (visitor.text(words::draft::TEST_SEND)) }
        }
    }
}
