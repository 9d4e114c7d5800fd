//! `POST /v1/campaigns`, `PATCH /v1/campaigns/{id}`, clone: drafts, saved at each step. What is incomplete is kept and
//! named when the campaign is validated; what can never become right is refused at once.

use aws::store::AccountStore;
use domain::account::Scope;
use domain::campaign::{Campaign, NAME_CHARACTERS_MAX, Settings};
use domain::ids::CampaignId;
use domain::list::{self, Purpose};
use serde_json::{Value, json};
use web::{Fault, Kind, Problem, Text};

use super::settings::{SettingsView, fields, from_campaign};
use super::view::{campaign, view};
use super::{Tries, check, current, find};
use crate::App;
use crate::account::account_of;
use crate::answer::{Answer, Answered};
use crate::contract::operation::{Operation, patch, post};
use crate::contract::schema::object;
use crate::failure::Failure;
use crate::gate::{Body, Caller, Id, IfMatch};
use crate::images::looked_at;

pub fn operations() -> Vec<Operation> {
    let mut created = fields();
    created.push(from_campaign());
    vec![
        post("/campaigns", Scope::Write, "Makes a draft; a name is enough", create)
            .takes(object(created))
            .example(example())
            .answers(201, "The draft", "Le brouillon", campaign()),
        patch("/campaigns/{id}", Scope::Write, "Changes the settings of a draft", change)
            .takes(object(fields()).with([from_campaign()]).patch())
            .example(json!({ "schedule": { "at": null, "pace_per_hour": 20_000 }, "message": { "stop": true } }))
            .answers(200, "The draft", "Le brouillon", campaign()),
        post("/campaigns/{id}/clone", Scope::Write, "Makes a draft with the same settings", clone).answers(
            201,
            "The draft",
            "Le brouillon",
            campaign(),
        ),
    ]
}

fn example() -> Value {
    json!({
        "name": "Soldes d’hiver",
        "kind": "marketing",
        "lists": ["lst_06h0n5z5tpvzrpzg95ng"],
        "message": {
            "sender": "MABOUTIQUE",
            "text": "Bonjour {{prenom|cher client}}, -20% : {{lien}}",
            "links": [{ "name": "lien", "url": "https://example.com/soldes" }],
            "stop": true
        },
        "schedule": { "at": "2026-12-01T09:00:00", "pace_per_hour": 20_000 }
    })
}

async fn create(app: App, caller: Caller, Body(body): Body<Value>) -> Answered {
    let store = app.store_of(&caller);
    let base = loaded(&store, &body).await?.unwrap_or_default();
    let settings = patched(&app, &caller, &base, &body).await?;
    let now = app.clock.now();
    let id = CampaignId::new(now, app.random());
    make(&app, &caller, Campaign::draft(caller.account.clone(), id, settings, caller.author.clone(), now)).await
}

async fn make(app: &App, caller: &Caller, draft: Campaign) -> Answered {
    let draft = app.store_of(caller).put_campaign(draft).await?;
    made(app, caller, draft).await
}

/// Notes a draft that was just written, and answers it.
pub async fn made(app: &App, caller: &Caller, made: Campaign) -> Answered {
    let store = app.store_of(caller);
    app.trail(caller).note("campaign.created", made.id.as_str(), "").await;
    let location = format!("/campaigns/{}", made.id);
    let account = account_of(app, caller).await?;
    Ok(Answer::created(&location, &view(&store, &made, &account, caller.language, app.clock.now()).await?)?
        .version(made.version))
}

async fn change(
    app: App,
    caller: Caller,
    Id(id): Id<CampaignId>,
    if_match: IfMatch,
    Body(body): Body<Value>,
) -> Answered {
    let store = app.store_of(&caller);
    let account = account_of(&app, &caller).await?;
    let mut tries = Tries::default();
    let changed = loop {
        let found = current(&store, &id, &if_match).await?;
        let changed = edited(&app, &caller, found, &body).await;
        if !tries.again(&changed) {
            break changed?;
        }
    };
    app.trail(&caller).note("campaign.changed", id.as_str(), names(&body)).await;
    Ok(Answer::ok(&view(&store, &changed, &account, caller.language, app.clock.now()).await?)?.version(changed.version))
}

/// A draft with the body laid over its settings, written.
async fn edited(app: &App, caller: &Caller, found: Campaign, body: &Value) -> Result<Campaign, Failure> {
    let store = app.store_of(caller);
    if !found.status.is_editable() {
        let (english, french) = (
            "only a draft can be changed; take it back to draft first",
            "seul un brouillon peut être modifié ; repassez d’abord la campagne en brouillon",
        );
        return Err(Problem::new(Kind::Conflict, english, french).into());
    }
    let base = match loaded(&store, body).await? {
        // The name stays: it is how its author finds this one again.
        Some(settings) => Settings { name: found.settings.name.clone(), ..settings },
        None => found.settings.clone(),
    };
    let settings = patched(app, caller, &base, body).await?;
    let next = Campaign { settings, modified_at: app.clock.now(), counting: None, look_at: None, ..found };
    Ok(store.put_campaign(next).await?)
}

fn names(body: &Value) -> String {
    body.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
}

/// « Charger avec les paramètres d’une campagne précédente ».
async fn loaded(store: &AccountStore, body: &Value) -> Result<Option<Settings>, Failure> {
    let Some(id) = body.get("from_campaign").and_then(Value::as_str) else { return Ok(None) };
    let found = match id.parse() {
        Ok(id) => store.campaign(&id).await?,
        Err(_) => None,
    };
    let (english, french) = ("there is no such campaign", "cette campagne n’existe pas");
    let missing = || Problem::fault("no_such_campaign", "/from_campaign", english, french);
    Ok(Some(found.ok_or_else(missing)?.settings))
}

/// Settings with the body laid over them: what it names exists, and what it says can be right.
async fn patched(app: &App, caller: &Caller, base: &Settings, body: &Value) -> Result<Settings, Failure> {
    let store = app.store_of(caller);
    let mut patch = body.clone();
    if let Some(fields) = patch.as_object_mut() {
        fields.remove("from_campaign");
    }
    let mut wanted = SettingsView::patched(base, &patch)?;
    let mut faults = Vec::new();
    let message = &patch["message"];
    if let (Some(id), true) = (wanted.message.template.clone(), message["template"].is_string()) {
        match store.template(&id).await? {
            Some(template) => {
                if message.get("text").is_none() {
                    wanted.message.text = template.text;
                }
                if message.get("sender").is_none() && template.sender.is_some() {
                    wanted.message.sender = template.sender;
                }
            }
            None => {
                let text = Text::new("there is no such template", "ce modèle n’existe pas");
                faults.push(Fault::new("no_such_template", "/message/template", text));
            }
        }
    }
    if patch["lists"].is_array() {
        for (place, id) in wanted.lists.iter().enumerate() {
            match store.list(id).await?.filter(|list| list.purpose == Purpose::Contacts) {
                None => faults.push(check::no_such_list(place)),
                // One that it holds already may stay: validating says what is in the way.
                Some(list) if list.status == list::Status::Disabled && !base.lists.contains(id) => {
                    faults.push(check::disabled_list(place));
                }
                Some(_) => {}
            }
        }
    }
    let settings = wanted.settings();
    if message["images"].is_array() {
        for (place, link) in settings.message.images.iter().enumerate() {
            match looked_at(app, caller, &link.image).await? {
                None => faults.push(check::no_such_image(place)),
                Some(image) if !image.is_checked => faults.push(check::no_upload(place)),
                Some(_) => {}
            }
        }
    }
    let zone = account_of(app, caller).await?.zone();
    faults.extend(check::never_right(&settings, &zone));
    if faults.is_empty() { Ok(settings) } else { Err(Problem::invalid(faults).into()) }
}

async fn clone(app: App, caller: Caller, Id(id): Id<CampaignId>) -> Answered {
    let found = find(&app.store_of(&caller), &id).await?;
    let settings = Settings { name: copied(&found.settings.name), ..found.settings };
    let now = app.clock.now();
    let id = CampaignId::new(now, app.random());
    make(&app, &caller, Campaign::draft(caller.account.clone(), id, settings, caller.author.clone(), now)).await
}

/// The name of a copy: within its limit, whatever was copied.
pub fn copied(name: &str) -> String {
    named(name, " (copie)")
}

/// A name with something behind it, cut so that both fit.
pub fn named(name: &str, suffix: &str) -> String {
    let room = NAME_CHARACTERS_MAX - suffix.chars().count();
    name.chars().take(room).collect::<String>() + suffix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_copy_fits() {
        assert_eq!(copied("Été"), "Été (copie)");
        assert_eq!(copied(&"é".repeat(100)).chars().count(), NAME_CHARACTERS_MAX);
    }
}
