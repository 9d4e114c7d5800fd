//! Every use case of the table: refused without permission, done with it, and then in the audit log.

use std::time::Duration;

use app::campaigns::{self, TestSend};
use app::config::{Queue, Table};
use app::drafts::{self, DraftChanges, OnInvalid, Seen};
use app::keys::{self, NewKey};
use app::lists::{self, Contents, ImportSource, ListChanges, NewList};
use app::templates::{self, TemplateText};
use app::users::{self, NewUser, UserChanges};
use app::webhooks::{self, EndpointSettings, WebhookSettings};
use app::{Actor, Context, Error, Expected, Rule, Services, UseCase, accounts, erasure, exclusions, images, settings};
use aws::store::Grant;
use carrier::Carrier;
use domain::account::{Account, ApiKey, ImageType, Role, Scope, User};
use domain::country::Country;
use domain::credits::Mode;
use domain::erasure::Erasure;
use domain::ids::{AccountId, CampaignId, KeyId, ListId, UserId};
use domain::links::LinkKey;
use domain::list::{List, Purpose};
use domain::message_id::{Addressee, MessageId};
use domain::phone::PhoneNumber;
use domain::settings::AccountSettings;
use domain::webhook::{DisabledReason, EventKind, Webhook};
use serde_json::json;
use stories::{Harness, NewAccount, contacts};
use support::random;

use crate::numbers;

/// The resources that the use cases are tried on.
struct Stage {
    services: Services,
    webhooks: WebhookSettings,
    link_key: LinkKey,
    carrier: Carrier,
    account: AccountId,
    list: ListId,
    draft: CampaignId,
    ready: CampaignId,
    sending: CampaignId,
    finished: CampaignId,
    user: User,
}

impl Stage {
    async fn set(harness: &Harness) -> Self {
        // Endings that are delivered, and one that expires, which is a temporary failure.
        let file = numbers(0..300).chain(["0612345602".to_owned()]);
        let list = harness.list("Clients", contacts(file)).await;
        let draft = |name: &str, schedule: serde_json::Value| json!({ "name": name, "lists": [list], "message": { "text": "Bonjour", "stop": true }, "schedule": schedule });
        let campaign = |settings| harness.campaign(settings);
        let finished = campaign(draft("Finie", json!({}))).await;
        harness.validate(&finished).await;
        harness.until(&finished, "finished").await;
        let (ready, sending) = (
            campaign(draft("Prête", json!({ "at": "2026-12-20T09:00:00" }))).await,
            campaign(draft("Lente", json!({ "pace_per_hour": 600 }))).await,
        );
        harness.validate(&ready).await;
        harness.validate(&sending).await;
        harness.pass(Duration::from_secs(61)).await;
        let draft = campaign(draft("Brouillon", json!({}))).await;
        let tables = [Table::Accounts, Table::Lists, Table::Campaigns, Table::Links];
        let queues = [Queue::Wakeups, Queue::Deliveries];
        let (services, webhooks, link_key, carrier) = harness
            .start_of("api", &[])
            .make(|resources| {
                let (services, webhooks) = (resources.services(&tables, &queues), resources.webhook_settings());
                let link_key = resources.lookup.link_key();
                Some((services, webhooks, link_key, resources.lookup.carrier(Duration::from_secs(20))?))
            })
            .unwrap();
        let account = harness.account.clone();
        let context = services.context(&account, Actor::operator("stage"));
        let (email, password) = ("marie@example.com", "correct-horse-battery");
        let user = users::create(&context, NewUser { email, role: Role::Editor, password }).await.unwrap();
        let [draft, ready, sending, finished] = [draft, ready, sending, finished].map(|id| id.parse().unwrap());
        let list = list.parse().unwrap();
        Self { services, webhooks, link_key, carrier, account, list, draft, ready, sending, finished, user }
    }

    /// An actor who may do a use case, and one who may do everything else.
    fn actors(&self, use_case: UseCase) -> (Actor, Actor) {
        let key = |scopes: Vec<Scope>| {
            let id = KeyId::new(self.services.clock.now(), random::bytes());
            let name = "story".into();
            let created_at = self.services.clock.now();
            let key = ApiKey { id, name, secret_sha256: [0; 32], scopes, created_at, last_used_at: None };
            Actor::key(&key, "192.0.2.0".into())
        };
        match use_case.rule() {
            Rule::Scope(scope) => {
                let others = Scope::ALL.into_iter().filter(|other| *other != scope).collect();
                (key(Scope::ALL.to_vec()), key(others))
            }
            Rule::OwnUser => (Actor::user(&self.user, String::new()), key(Scope::ALL.to_vec())),
            Rule::Operator => (Actor::operator("jeanne"), key(Scope::ALL.to_vec())),
            Rule::Function => (Actor::function("dispatch"), Actor::operator("jeanne")),
        }
    }

    /// The same account as whoever runs the deployment sees it: to prepare and to clear up.
    fn prepared(&self) -> Context {
        self.services.context(&self.account, Actor::operator("stage"))
    }

    async fn a_webhook(&self) -> Webhook {
        let context = self.prepared();
        for old in context.store.webhooks().await.unwrap() {
            context.store.delete_webhook(&old).await.unwrap();
        }
        webhooks::create(&context, &self.webhooks, endpoint()).await.unwrap().0
    }

    async fn a_list(&self, purpose: Purpose) -> List {
        lists::create(&self.prepared(), new_list(purpose)).await.unwrap().list
    }

    async fn a_key(&self) -> KeyId {
        let wanted = NewKey { name: "boutique", scopes: &[Scope::Read], id: None };
        keys::create(&self.prepared(), wanted).await.unwrap().0.id
    }

    async fn a_user(&self) -> UserId {
        let email = format!("u{:x}@example.com", u32::from_be_bytes(random::bytes()));
        let wanted = NewUser { email: &email, role: Role::Viewer, password: "correct-horse-battery" };
        users::create(&self.prepared(), wanted).await.unwrap().id
    }

    /// Runs a use case; everything that it needs was prepared before.
    async fn do_it(&self, context: &Context, use_case: UseCase) -> Result<(), Error> {
        let is_done = Box::pin(self.do_campaigns(context, use_case)).await?
            || Box::pin(self.do_contacts(context, use_case)).await?
            || Box::pin(self.do_people(context, use_case)).await?
            || Box::pin(self.do_webhooks(context, use_case)).await?
            || Box::pin(self.do_operators(context, use_case)).await?;
        assert!(is_done, "this story does not do {use_case:?}");
        Ok(())
    }

    async fn do_campaigns(&self, context: &Context, use_case: UseCase) -> Result<bool, Error> {
        let any = &Expected::Any;
        match use_case {
            UseCase::EstimateCampaign => drop(campaigns::estimate(context, &self.draft).await?),
            UseCase::CreateDraft => {
                let changes = DraftChanges { name: Some("Été".into()), ..DraftChanges::default() };
                drop(drafts::create(context, None, &changes, OnInvalid::Refuse).await?);
            }
            UseCase::ChangeDraft => {
                let name = format!("Été {}", u32::from_be_bytes(random::bytes()));
                let changes = DraftChanges { name: Some(name), ..DraftChanges::default() };
                let seen = Seen::Version(Expected::Any);
                drop(drafts::change(context, &self.draft, &seen, &changes, OnInvalid::Refuse).await?);
            }
            UseCase::CopyCampaign => drop(drafts::copy(context, &self.draft, None, " (copie)").await?),
            UseCase::RetryFailures => drop(campaigns::retry_failures(context, &self.finished, " (relance)").await?),
            UseCase::ValidateCampaign => {
                let copy = drafts::copy(&self.prepared(), &self.draft, None, "").await.unwrap();
                drop(campaigns::validate(context, &copy.id, any).await?);
            }
            UseCase::TakeBackCampaign => drop(campaigns::take_back(context, &self.ready, any).await?),
            UseCase::PauseCampaign => drop(campaigns::pause(context, &self.sending, any).await?),
            UseCase::ResumeCampaign => drop(campaigns::resume(context, &self.sending, any).await?),
            UseCase::ChangePace => drop(campaigns::change_pace(context, &self.sending, any, Some(700)).await?),
            UseCase::CancelCampaign => {
                let _ = campaigns::pause(&self.prepared(), &self.sending, any).await;
                drop(campaigns::cancel(context, &self.sending, any).await?);
            }
            UseCase::DeleteCampaign => {
                let copy = drafts::copy(&self.prepared(), &self.draft, None, "").await.unwrap();
                drop(campaigns::delete(context, &copy.id, any).await?);
            }
            UseCase::SendTest => {
                let links = &self.services.store;
                let test = TestSend { links, carrier: &self.carrier, link_key: &self.link_key };
                drop(campaigns::send_test(context, &test, &self.draft, &[phone()]).await?);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    async fn do_contacts(&self, context: &Context, use_case: UseCase) -> Result<bool, Error> {
        let any = &Expected::Any;
        match use_case {
            UseCase::CreateList => drop(lists::create(context, new_list(Purpose::Contacts)).await?),
            UseCase::ChangeList => {
                let changes = ListChanges { name: Some("Fidèles".into()), ..ListChanges::default() };
                drop(lists::change(context, &self.list, any, &changes).await?);
            }
            UseCase::DeleteList => {
                drop(lists::remove(context, &self.a_list(Purpose::Contacts).await.id, any).await?);
            }
            UseCase::PurgeList => {
                let (list, now) = (self.a_list(Purpose::Contacts).await, context.now());
                assert!(lists::purge(&context.actor, &context.store, &context.files, list, now).await?);
            }
            UseCase::AddExclusion => drop(exclusions::add(context, phone(), None).await?),
            UseCase::RemoveExclusion => {
                exclusions::add(&self.prepared(), phone(), None).await.unwrap();
                drop(exclusions::remove(context, phone(), None, any).await?);
            }
            UseCase::ImportExclusions => drop(lists::create(context, new_list(Purpose::Exclusions)).await?),
            UseCase::DeleteImportedExclusions => {
                drop(lists::remove(context, &self.a_list(Purpose::Exclusions).await.id, any).await?);
            }
            UseCase::RequestErasure => drop(erasure::request(context, phone()).await?),
            UseCase::FinishErasure => {
                let asked: Erasure = erasure::request(&self.prepared(), phone()).await.unwrap();
                drop(erasure::finish(&context.actor, &context.store, asked, context.now()).await?);
            }
            UseCase::CreateTemplate => drop(templates::create(context, template("Soldes"), None).await?),
            UseCase::ChangeTemplate => {
                let made = templates::create(&self.prepared(), template("Soldes"), None).await.unwrap();
                let edit = |_| Ok::<_, Error>(template("Hiver"));
                drop(templates::change(context, &made.id, any, edit).await?);
            }
            UseCase::DeleteTemplate => {
                let made = templates::create(&self.prepared(), template("Soldes"), None).await.unwrap();
                templates::remove(context, &made.id, any).await?;
            }
            UseCase::CreateImage => drop(images::create(context, ImageType::Png, 100).await?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    async fn do_people(&self, context: &Context, use_case: UseCase) -> Result<bool, Error> {
        let any = &Expected::Any;
        match use_case {
            UseCase::ChangeSettings => {
                let days = 1 + u32::from_be_bytes(random::bytes()) % 3_000;
                let edit =
                    |present: AccountSettings| Ok::<_, Error>(AccountSettings { purge_after_days: days, ..present });
                drop(settings::change(context, any, true, edit).await?);
            }
            UseCase::CreateUser => {
                let email = format!("n{:x}@example.com", u32::from_be_bytes(random::bytes()));
                let wanted = NewUser { email: &email, role: Role::Viewer, password: "correct-horse-battery" };
                drop(users::create(context, wanted).await?);
            }
            UseCase::ChangeUser => {
                let changes = UserChanges { role: Some(Role::Editor), password: None };
                drop(users::change(context, &self.a_user().await, any, changes).await?);
            }
            UseCase::DeleteUser => drop(users::remove(context, &self.a_user().await, any).await?),
            UseCase::ChangeOwnPassword => {
                let user = context.store.user(&self.user.id).await.unwrap().unwrap();
                let (present, new) = ("correct-horse-battery", "another-horse-battery");
                drop(users::change_own_password(context, &user, present, new).await?);
            }
            UseCase::EndOwnSessions => users::end_own_sessions(context, &self.user.id).await?,
            UseCase::CreateKey => {
                drop(keys::create(context, NewKey { name: "boutique", scopes: &[Scope::Read], id: None }).await?);
            }
            UseCase::RevokeKey => keys::revoke(context, &self.a_key().await, any).await?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    async fn do_webhooks(&self, context: &Context, use_case: UseCase) -> Result<bool, Error> {
        let any = &Expected::Any;
        match use_case {
            UseCase::CreateWebhook => drop(webhooks::create(context, &self.webhooks, endpoint()).await?),
            UseCase::ChangeWebhook => {
                let webhook = self.a_webhook().await;
                let edit = |present: EndpointSettings| {
                    Ok::<_, Error>(EndpointSettings { description: "Boutique".into(), ..present })
                };
                drop(webhooks::change(context, &self.webhooks, &webhook.id, any, edit).await?);
            }
            UseCase::DeleteWebhook => webhooks::remove(context, &self.a_webhook().await.id, any).await?,
            UseCase::RotateWebhook => {
                drop(webhooks::rotate(context, &self.webhooks, &self.a_webhook().await.id).await?);
            }
            UseCase::TestWebhook => drop(webhooks::test(context, &self.a_webhook().await.id).await?),
            UseCase::ReplayDelivery => {
                let webhook = self.a_webhook().await;
                let sent = webhooks::test(&self.prepared(), &webhook.id).await.unwrap();
                drop(webhooks::replay(context, &webhook.id, &sent.id).await?);
            }
            UseCase::DisableWebhook => {
                let (webhook, reason) = (self.a_webhook().await, DisabledReason::Failing);
                assert!(webhooks::disable(&context.actor, &context.store, &webhook, reason, context.now()).await?);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    async fn do_operators(&self, context: &Context, use_case: UseCase) -> Result<bool, Error> {
        match use_case {
            UseCase::CreateAccount => {
                let now = context.now();
                let blank = Account::new(AccountId::new(now, random::bytes()), now);
                let account = Account { name: "Autre".into(), stop_code: "36180".into(), ..blank };
                let made = accounts::create(&self.services, &context.actor, &account).await?;
                // The entry is in the log of the created account.
                let entries = made.store.audit(None, 10).await.unwrap().items;
                assert_eq!(entries[0].action, "account.created");
            }
            UseCase::ExportAccount => accounts::note_export(context).await?,
            UseCase::AddCredits => drop(accounts::add_credits(context, &grant(context)).await?),
            UseCase::SetBalance => {
                let account = context.account().await?;
                accounts::set_balance(context, &account, 12_345, "corrigé").await?;
            }
            UseCase::LiftCreditLimit => {
                let account = context.account().await?;
                accounts::lift_credit_limit(context, &account).await?;
            }
            UseCase::ResetPassword => {
                drop(users::reset_password(context, &self.user.id, "un-autre-mot-de-passe").await?);
            }
            UseCase::RevealMessage => {
                let message = MessageId::new(&self.account, &self.finished, Addressee::Recipient(0));
                accounts::note_revealed(context, &message).await?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn phone() -> PhoneNumber {
    PhoneNumber::from_digits(33_612_345_610).unwrap()
}

fn template(name: &str) -> TemplateText {
    TemplateText { name: name.into(), sender: None, text: "Bonjour".into() }
}

fn endpoint() -> EndpointSettings {
    let url = "https://93.184.216.34/envol".into();
    EndpointSettings { url, description: String::new(), events: vec![EventKind::CampaignFinished], enabled: true }
}

fn new_list(purpose: Purpose) -> NewList {
    let (contents, source) = (Contents::Upload, ImportSource::default());
    NewList { id: None, name: "Liste".into(), purpose, contents, country: Country::default(), source }
}

fn grant(context: &Context) -> Grant {
    let reference = format!("F{}", u32::from_be_bytes(random::bytes()));
    Grant { reference, credits: 10, about: "facture".into(), at: context.now() }
}

#[tokio::test]
async fn every_use_case_checks_permissions_and_writes_the_audit_log() {
    let mut harness = Harness::new().await;
    harness.becomes(NewAccount { credits: Some(100_000), ..NewAccount::default() }).await;
    let stage = Stage::set(&harness).await;
    for use_case in UseCase::ALL.iter().copied() {
        let (actor, other) = stage.actors(use_case);
        assert!(actor.may(use_case) && !other.may(use_case), "{use_case:?}");
        let only_read = use_case.action().is_none() && use_case != UseCase::EstimateCampaign;
        if only_read {
            continue;
        }
        let refused = stage.do_it(&stage.services.context(&stage.account, other), use_case).await;
        let is_forbidden = matches!(refused, Err(Error::Forbidden(refused)) if refused == use_case);
        assert!(is_forbidden, "{use_case:?}: {refused:?}");
        let context = stage.services.context(&stage.account, actor.clone());
        stage.do_it(&context, use_case).await.unwrap_or_else(|error| panic!("{use_case:?}: {error:?}"));
        let Some(action) = use_case.action().filter(|_| use_case != UseCase::CreateAccount) else { continue };
        let entries = context.store.audit(None, 50).await.unwrap().items;
        let mut own = entries.iter().filter(|entry| entry.action == action.code() && entry.by == actor.by);
        let entry = own.next().unwrap_or_else(|| panic!("{use_case:?} is not in the audit log"));
        assert!(!entry.about.is_empty() && entry.from == actor.from, "{use_case:?}: {entry:?}");
        assert!(!action.french().is_empty() && !action.english().is_empty());
        // The clock moves, or entries of one millisecond would stand in any order.
        harness.machine.wait(harness.now() + Duration::from_millis(5)).unwrap();
    }
    let account = stage.prepared().account().await.unwrap();
    assert_eq!(account.balance.mode, Mode::Unlimited);
    harness.settle().await;
    harness.until(&stage.sending.to_string(), "finished").await;
    harness.end().await;
}
