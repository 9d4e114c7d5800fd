//! `POST /v1/campaigns/{id}/test`: the message to some numbers of one's own, with a real contact's values. It counts in
//! no statistic, and costs what it costs.

use serde::Deserialize;
use serde_json::{Value, json};
use shared::carrier::{Answer as CarrierAnswer, Carrier, Submission};
use shared::domain::account::{Account, Scope};
use shared::domain::campaign::{Campaign, Kind, Settings};
use shared::domain::compose::{Composer, SEGMENTS_MAX, Values};
use shared::domain::country::Country;
use shared::domain::credits::{Movement, MovementKind};
use shared::domain::ids::CampaignId;
use shared::domain::message_id::{MessageId, Place};
use shared::domain::phone::{self, PhoneNumber};
use shared::domain::sender::Sender;
use shared::domain::template::variable_name;
use shared::files::FileKey;
use shared::http::{Fault, Problem, Text};
use shared::store::{LinkRange, LinkTarget};

use super::find;
use crate::App;
use crate::account::account_of;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, post};
use crate::contract::schema::{all, any_text, count, field, line, list, object, phone as phone_schema, word};
use crate::exclusions::known;
use crate::failure::Failure;
use crate::gate::{Body, Caller, Id};
use crate::lists::contacts;
use crate::words::{phone_problem, sender_problem, template_fault};

const PHONES_MAX: usize = 5;

pub fn operations() -> Vec<Operation> {
    let result = object([
        field("phone", phone_schema()),
        field("status", word(["accepted", "rejected", "throttled", "unknown"])),
        field("reason", any_text().or_null()),
    ]);
    let sent = object([
        field("text", any_text().about("As it was sent; with links, each number got links of its own")),
        field("segments", count()),
        field("credits", count().about("What was spent")),
        field("results", all(result)),
    ]);
    vec![
        post("/campaigns/{id}/test", Scope::Send, "Sends up to five test messages at once", test)
            .takes(object([field("phones", list(line(40), 1, PHONES_MAX))]))
            .example(json!({ "phones": ["06 12 34 56 78"] }))
            .answers(200, "What the carrier said", sent.named("TestResult")),
    ]
}

#[derive(Deserialize)]
struct Wanted {
    phones: Vec<String>,
}

/// A message for one number.
struct Trial {
    phone: PhoneNumber,
    text: String,
    segments: u32,
}

async fn test(app: App, caller: Caller, Id(id): Id<CampaignId>, Body(wanted): Body<Wanted>) -> Answered {
    let found = find(&app.store_of(&caller), &id).await?;
    let account = account_of(&app, &caller).await?;
    let phones = numbers(&app, &caller, &found.settings, &wanted.phones).await?;
    let sender = found.settings.message.sender.clone().unwrap_or_else(|| account.default_sender.clone());
    let sender = Sender::parse(&sender, &[account.stop_code.as_str()]).map_err(|problem| {
        Problem::invalid(vec![Fault::new(problem.code(), "/message/sender", sender_problem(problem))])
    })?;
    let trials = written(&app, &caller, &account, &found, &phones).await?;
    let credits: u64 = trials.iter().map(|trial| u64::from(trial.segments)).sum();
    let now = app.clock.now();
    let movement = |kind, credits| Movement { at: now, kind, credits, about: id.to_string() };
    let store = app.store_of(&caller);
    // Paid before it is sent: the other order would give away what nobody can pay for.
    store.move_credits(account.balance.mode, &movement(MovementKind::Spent, credits)).await?;
    let answers = submitted(&app.carrier, &found, sender.as_str(), &trials, app.random()).await;
    let refused = |answer: &CarrierAnswer| matches!(answer, CarrierAnswer::Rejected { .. } | CarrierAnswer::Throttled);
    let back: u64 = trials
        .iter()
        .zip(&answers)
        .filter(|(_, answer)| refused(answer))
        .map(|(trial, _)| u64::from(trial.segments))
        .sum();
    store.move_credits(account.balance.mode, &movement(MovementKind::Refunded, back)).await?;
    app.trail(&caller).note("campaign.tested", id.as_str(), format!("{} messages", trials.len())).await;
    let results: Vec<_> = trials.iter().zip(&answers).map(|(trial, answer)| result(trial.phone, *answer)).collect();
    let first = trials.first();
    Answer::ok(&json!({
        "text": first.map_or("", |trial| trial.text.as_str()),
        "segments": first.map_or(0, |trial| trial.segments),
        "credits": credits - back,
        "results": results,
    }))
}

fn result(phone: PhoneNumber, answer: CarrierAnswer) -> Value {
    let (status, reason) = match answer {
        CarrierAnswer::Accepted => ("accepted", None),
        CarrierAnswer::Rejected { reason } => ("rejected", Some(reason.code())),
        CarrierAnswer::Throttled => ("throttled", None),
        CarrierAnswer::Unknown => ("unknown", None),
    };
    json!({ "phone": phone.to_string(), "status": status, "reason": reason })
}

/// The numbers of a test; for marketing none that is excluded.
async fn numbers(
    app: &App,
    caller: &Caller,
    settings: &Settings,
    texts: &[String],
) -> Result<Vec<PhoneNumber>, Failure> {
    let mut faults = Vec::new();
    let mut phones: Vec<PhoneNumber> = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        let pointer = format!("/phones/{place}");
        match phone::parse(text, Country::France) {
            Err(problem) => faults.push(Fault::new(problem.code(), pointer, phone_problem(problem))),
            Ok(phone) if phones.contains(&phone) => {}
            Ok(phone) if settings.kind == Kind::Marketing && known(app, caller, phone).await?.is_some() => {
                let text = Text::new("this number is excluded", "ce numéro est exclu");
                faults.push(Fault::new("excluded", pointer, text));
            }
            Ok(phone) => phones.push(phone),
        }
    }
    if faults.is_empty() { Ok(phones) } else { Err(Problem::invalid(faults).into()) }
}

/// The messages, as they will be sent.
async fn written(
    app: &App,
    caller: &Caller,
    account: &Account,
    campaign: &Campaign,
    phones: &[PhoneNumber],
) -> Result<Vec<Trial>, Failure> {
    let message = &campaign.settings.message;
    let pointer = "/message/text";
    if message.text.trim().is_empty() {
        return Err(Problem::fault("no_text", pointer, "the text is empty", "le texte est vide").into());
    }
    let composer = Composer::new(message, &account.stop_code, &app.short_url).map_err(|problem| {
        Problem::invalid(vec![Fault::new(problem.fault.code(), pointer, template_fault(problem))])
    })?;
    let fields = sample(app, caller, &campaign.settings, composer.columns()).await?;
    let ranges = links(app, campaign, &composer, phones.len() as u64).await?;
    let mut trials = Vec::with_capacity(phones.len());
    let mut scratch = Vec::new();
    for (place, phone) in phones.iter().enumerate() {
        let codes: Vec<_> = ranges.iter().map(|first| *app.link_key.encode(first + place as u64).as_bytes()).collect();
        let mut text = String::new();
        composer.write(&Values { fields: &fields, codes: &codes }, &mut scratch, &mut text);
        let segments = Composer::count(&text).segments;
        if segments > SEGMENTS_MAX {
            let (english, french) =
                ("the message is longer than can be sent", "le message est trop long pour être envoyé");
            return Err(Problem::fault("too_long", pointer, english, french).into());
        }
        trials.push(Trial { phone: *phone, text, segments });
    }
    Ok(trials)
}

/// Values of the first contact of the first list that can be read; nothing when there is none.
async fn sample(app: &App, caller: &Caller, settings: &Settings, columns: &[String]) -> Result<Vec<String>, Failure> {
    let blank = vec![String::new(); columns.len()];
    if columns.is_empty() {
        return Ok(blank);
    }
    let store = app.store_of(caller);
    for id in &settings.lists {
        let Some(list) = store.list(id).await?.filter(|list| list.is_readable() && list.contacts > 0) else { continue };
        let key = FileKey::Contacts { account: list.account, list: list.id, generation: list.generation };
        let (found, _) = contacts(app, &key, None, 1).await?;
        let Some(contact) = found.into_iter().next() else { continue };
        let value = |name: &String| {
            let field = contact.fields.iter().find(|(column, _)| variable_name(column) == *name);
            field.and_then(|(_, value)| value.as_str()).unwrap_or_default().to_owned()
        };
        return Ok(columns.iter().map(value).collect());
    }
    Ok(blank)
}

/// Numbers for the links of a test, so that they lead where they will. They belong to a campaign that does not exist:
/// clicks on them are nobody's.
async fn links(app: &App, campaign: &Campaign, composer: &Composer, count: u64) -> Result<Vec<u64>, Failure> {
    let message = &campaign.settings.message;
    let short = message.links.iter().map(|link| (&link.name, LinkTarget::Url(link.url.clone())));
    let images = message.images.iter().map(|link| (&link.name, LinkTarget::Image(link.image.clone())));
    let targets: Vec<_> = short.chain(images).collect();
    let nobody = CampaignId::new(app.clock.now(), app.random());
    let mut firsts = Vec::with_capacity(targets.len());
    for (place, (name, target)) in targets.into_iter().enumerate() {
        if !composer.uses_link(place) {
            firsts.push(0);
            continue;
        }
        let first = app.store.reserve_link_numbers(count).await?;
        let (account, campaign, name) = (campaign.account.clone(), nobody.clone(), name.clone());
        let range = LinkRange { first, count, account, campaign, name, target, expires_at: None };
        app.store.put_link_range(&range).await?;
        firsts.push(first);
    }
    Ok(firsts)
}

async fn submitted(
    carrier: &Carrier,
    campaign: &Campaign,
    sender: &str,
    trials: &[Trial],
    random: [u8; 4],
) -> Vec<CarrierAnswer> {
    let base = u32::from_be_bytes(random);
    let any = MessageId::new(&campaign.account, &campaign.id, Place::Test(base));
    let submissions: Vec<_> = (0u32..)
        .zip(trials)
        .map(|(place, trial)| Submission {
            id: any.at(Place::Test(base.wrapping_add(place))),
            from: sender,
            to: trial.phone,
            text: trial.text.as_str().into(),
            encoding: Composer::count(&trial.text).encoding,
            segments: trial.segments,
        })
        .collect();
    let mut answers = Vec::with_capacity(trials.len());
    for window in submissions.chunks(carrier.window().max(1)) {
        answers.extend(carrier.submit(window).await.answers);
    }
    answers
}
