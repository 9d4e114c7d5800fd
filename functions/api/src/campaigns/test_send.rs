//! `POST /v1/campaigns/{id}/test`: sends the message to some numbers, with a real contact's values. It counts in no
//! statistic, and costs its segments.

use app::campaigns::{self, TESTS_MAX, TestSend};
use app::{Context, Error, UseCase};
use carrier::Answer as CarrierAnswer;
use domain::country::Country;
use domain::ids::CampaignId;
use domain::phone::{self, PhoneNumber};
use serde_json::json;
use web::{FieldError, Problem, Text};

use super::find;
use crate::App;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, post};
use crate::contract::schema::{self, line, list, word};
use crate::gate::{Body, Id};
use crate::words::phone_problem;

pub fn operations() -> Vec<Operation> {
    vec![
        post("/campaigns/{id}/test", UseCase::SendTest, test)
            .summary("Sends up to five test messages at once", "Envoie aussitôt jusqu’à cinq messages de test")
            .example(json!({ "phones": ["06 12 34 56 78"] }))
            .answers::<TestView>(200, "What the carrier said", "Ce qu’a dit l’opérateur"),
    ]
}

requests! {
    struct TestSendBody {
        phones: Vec<String> = list(line(40), 1, TESTS_MAX),
    }
}

answers! {
    struct TestView as "TestResult" {
        /// As it was sent; with links, each number got links of its own
        /// Tel qu’envoyé ; avec des liens, chaque numéro a reçu les siens
        text: String,
        segments: u32,
        /// What was spent
        /// Ce qui a été dépensé
        credits: u64,
        results: Vec<ResultView>,
    }

    struct ResultView {
        phone: String = schema::phone(),
        status: &'static str = word(["accepted", "rejected", "throttled", "unknown"]),
        reason: Option<&'static str>,
    }
}

async fn test(app: App, context: Context, Id(id): Id<CampaignId>, Body(wanted): Body<TestSendBody>) -> Answered {
    find(&context, &id).await?;
    let (phones, mut errors) = numbers(&wanted.phones);
    if !errors.is_empty() {
        errors.extend(excluded(&wanted.phones, &campaigns::excluded(&context, &id, &phones).await?));
        return Err(Problem::invalid(errors).into());
    }
    let test = TestSend { links: &app.services.store, carrier: &app.carrier, link_key: &app.link_key };
    let tested = match campaigns::send_test(&context, &test, &id, &phones).await {
        Err(Error::Excluded { phones }) => return Err(Problem::invalid(excluded(&wanted.phones, &phones)).into()),
        tested => tested?,
    };
    let results = tested.results.iter().map(|(phone, answer)| result(*phone, *answer)).collect();
    Answer::ok(&TestView { text: tested.text, segments: tested.segments, credits: tested.credits, results })
}

fn result(phone: PhoneNumber, answer: CarrierAnswer) -> ResultView {
    let (status, reason) = match answer {
        CarrierAnswer::Accepted => ("accepted", None),
        CarrierAnswer::Rejected { reason } => ("rejected", Some(reason.code())),
        CarrierAnswer::Throttled => ("throttled", None),
        CarrierAnswer::Unknown => ("unknown", None),
    };
    ResultView { phone: phone.to_string(), status, reason }
}

/// The numbers of a test, and the errors of invalid ones.
fn numbers(texts: &[String]) -> (Vec<PhoneNumber>, Vec<FieldError>) {
    let (mut phones, mut errors) = (Vec::new(), Vec::new());
    for (index, text) in texts.iter().enumerate() {
        match phone::parse(text, Country::France) {
            Err(problem) => {
                errors.push(FieldError::new(problem.code(), format!("/phones/{index}"), phone_problem(problem)));
            }
            Ok(phone) => phones.push(phone),
        }
    }
    (phones, errors)
}

fn excluded(texts: &[String], excluded: &[PhoneNumber]) -> Vec<FieldError> {
    let is_excluded = |text: &String| phone::parse(text, Country::France).is_ok_and(|phone| excluded.contains(&phone));
    let positions = texts.iter().enumerate().filter(|(_, text)| is_excluded(text)).map(|(position, _)| position);
    let text = || Text::new("this number is excluded", "ce numéro est exclu");
    positions.map(|position| FieldError::new("excluded", format!("/phones/{position}"), text())).collect()
}
