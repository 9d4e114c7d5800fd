//! An account with much data, to measure the pages of the console.

use app::password;
use bytes::Bytes;
use domain::account::{MessageTemplate, Role, User};
use domain::campaign::{Audience, Campaign, Count, Message, Settings, Status};
use domain::ids::{CampaignId, ListId, TemplateId, UserId};
use domain::import_report::{ImportReport, PhoneColumn};
use domain::list::{self, List, Purpose};
use domain::tally::{Step, Tally};
use domain::territory::Territory;
use http::Request;
use jiff::SignedDuration;
use support::random;

use crate::{Answer, Harness};

const EMAIL: &str = "camille@example.com";
const PASSWORD: &str = "correct-horse-battery";

/// Ids in a crowded account, for pages about one resource.
#[derive(Debug, Clone)]
pub struct Crowd {
    /// Cookie of a signed-in owner.
    pub cookie: String,
    pub draft: CampaignId,
    pub finished: CampaignId,
    pub list: ListId,
}

impl Harness {
    /// Fills the account and signs a user in.
    pub async fn crowd(&self, campaigns: usize, lists: usize) -> Crowd {
        let store = self.store.account(&self.account);
        let user = User {
            id: UserId::new(self.now(), random::bytes()),
            email: EMAIL.into(),
            password_hash: password::hash(PASSWORD).unwrap(),
            role: Role::Owner,
            created_at: self.now(),
            version: 0,
        };
        store.put_new_user(&user).await.unwrap();
        for number in 1..lists {
            store.put_list(self.ready_list(number)).await.unwrap();
        }
        // One list is real, as campaigns count it.
        let numbers = (0..2_000).map(|number| format!("06{:08}", 10_000_000 + number));
        let list: ListId = self.list("Clients fidèles", crate::contacts(numbers)).await.parse().unwrap();
        let (mut draft, mut finished) = (None, None);
        for number in 0..campaigns {
            let campaign = store.put_campaign(self.draft_of(number, &list)).await.unwrap();
            // Half of them are finished; the other half makes a long table.
            if number % 2 == 0 {
                finished = Some(store.put_campaign(over(campaign)).await.unwrap().id);
            } else {
                draft = Some(campaign.id);
            }
        }
        for number in 0..20 {
            store.put_template(self.sample_template(number)).await.unwrap();
        }
        let cookie = self.sign_in().await;
        Crowd { cookie, draft: draft.unwrap(), finished: finished.unwrap(), list }
    }

    /// A page of the console as a browser requests it: compressed.
    pub async fn page(&self, path: &str, cookie: &str) -> Answer {
        let request = Request::get(path).header("cookie", cookie).header("accept-encoding", "gzip, deflate, br");
        Answer::new(self.machine.request(request.body(Bytes::new()).unwrap()).await)
    }

    async fn sign_in(&self) -> String {
        let form = format!("email={}&password={PASSWORD}", EMAIL.replace('@', "%40"));
        let request = Request::post("/signin").header("content-type", "application/x-www-form-urlencoded");
        let answer = Answer::new(self.machine.request(request.body(Bytes::from(form)).unwrap()).await).expect(303);
        answer.header("set-cookie").split(';').next().unwrap().to_owned()
    }

    fn ready_list(&self, number: usize) -> List {
        let id = ListId::new(self.now(), random::bytes());
        let name = format!("Clients fidèles de l’agence {number:03}, fichier du magasin");
        let number = number as u64;
        let report = ImportReport {
            rows: 12_345,
            contacts: 12_000 + number,
            duplicates: 300,
            invalid: 45,
            excluded: 12,
            phone_column: PhoneColumn { index: 1, name: "Téléphone".into() },
            columns: ["Prénom", "Téléphone", "Ville", "Points"].map(str::to_owned).into(),
            by_territory: [(Territory::Metropolitan, 11_000 + number), (Territory::Reunion, 1_000)].into(),
            invalid_by_reason: [("landline".into(), 40), ("too_short".into(), 5)].into(),
            ..ImportReport::default()
        };
        List {
            status: list::Status::Ready,
            generation: 1,
            contacts: 12_000 + number,
            report: Some(report),
            imported_at: Some(self.now()),
            ..List::awaiting(self.account.clone(), id, name, Purpose::Contacts, EMAIL.into(), self.now())
        }
    }

    fn draft_of(&self, number: usize, list: &ListId) -> Campaign {
        let id = CampaignId::new(self.now(), random::bytes());
        let message = Message {
            text: "Bonjour {{prenom|cher client}}, vos points expirent bientôt : {{lien}}".into(),
            stop: true,
            ..Message::default()
        };
        let name = format!("Relance des clients de la région {number:04} avant les soldes d’hiver");
        let settings = Settings { name, lists: vec![list.clone()], message, ..Settings::default() };
        Campaign::draft(self.account.clone(), id, settings, EMAIL.into(), self.now())
    }

    fn sample_template(&self, number: usize) -> MessageTemplate {
        MessageTemplate {
            id: TemplateId::new(self.now(), random::bytes()),
            name: format!("Relance {number}"),
            sender: Some("BOUTIQUE".into()),
            text: "Bonjour {{prenom|cher client}}, -20% ce week-end dans votre boutique : {{lien}}".into(),
            author: EMAIL.into(),
            created_at: self.now(),
            modified_at: self.now(),
            version: 0,
        }
    }
}

/// The campaign, sent and finished yesterday.
fn over(draft: Campaign) -> Campaign {
    let (recipients, at) = (12_000, draft.created_at - SignedDuration::from_hours(24));
    let count = Count { recipients, credits: 12_000, segments_min: 1, segments_max: 1, ..Count::default() };
    let audience = Audience { recipients, runs: Vec::new(), link_ranges: Vec::new(), excluded_until: at };
    Campaign {
        status: Status::Finished,
        started_at: Some(at),
        handed_over_at: Some(at),
        finished_at: Some(at),
        count: Some(count),
        audience: Some(audience),
        used: 12_000,
        tally: Some(tally(recipients)),
        ..draft
    }
}

fn tally(recipients: u32) -> Tally {
    let step = Step { handed_over: recipients / 24, delivered: recipients / 25, clicks: recipients / 200 };
    Tally {
        recipients,
        handed_over: recipients,
        delivered: recipients - 400,
        failed: 300,
        expired: 100,
        by_reason: [("unreachable", 200), ("unknown_subscriber", 100), ("validity_ended", 100)].into(),
        temporary: 300,
        segments: u64::from(recipients),
        human_clicks: 1_400,
        bot_clicks: 200,
        unique_clicks: 1_200,
        stops: 30,
        step_minutes: 10,
        timeline: (150_000..150_024).map(|at| (at, step)).collect(),
        ..Tally::default()
    }
}

/// Pages of the console, with the ids for `draft`, `finished` and `list` filled in.
pub fn pages(crowd: &Crowd) -> Vec<(&'static str, String)> {
    let Crowd { draft, finished, list, .. } = crowd;
    vec![
        ("campagnes en cours", "/campaigns".into()),
        ("recherche", "/campaigns?q=soldes".into()),
        ("visualiser", format!("/campaigns/{finished}")),
        ("1 général", format!("/campaigns/{draft}/general")),
        ("2 contacts", format!("/campaigns/{draft}/contacts")),
        ("3 message", format!("/campaigns/{draft}/message")),
        ("4 envoi", format!("/campaigns/{draft}/schedule")),
        ("5 récapitulatif", format!("/campaigns/{draft}/review")),
        ("listes", "/lists".into()),
        ("une liste", format!("/lists/{list}")),
        ("importer", "/lists/new".into()),
        ("exclusions", "/exclusions".into()),
        ("réponses", "/replies".into()),
        ("effacement", "/erasures".into()),
        ("modèles", "/templates".into()),
        ("un modèle", "/templates/new".into()),
        ("mode d’emploi", "/guide".into()),
        ("statistiques", "/statistics".into()),
        ("résultats", format!("/statistics/{finished}")),
        ("compte", "/account".into()),
        ("crédits", "/account/credits".into()),
        ("utilisateurs", "/account/users".into()),
        ("clés", "/account/keys".into()),
        ("webhooks", "/account/webhooks".into()),
        ("journal", "/account/audit".into()),
    ]
}

/// Texts in the account itself, in the language of their author.
pub const CROWD_WORDS: &[&str] = &[
    "Clients fidèles",
    "Relance",
    "camille@example.com",
    "BOUTIQUE",
    "Bonjour",
    "Téléphone",
    "prenom",
    "Ma boutique",
    "Europe/",
    "https://",
    "http://",
    "story",
    "Prénom",
    "lst_",
];

/// Files that a page loads.
pub fn assets(page: &str) -> Vec<String> {
    let pieces = page.split("\"/assets/").skip(1);
    let mut found: Vec<_> = pieces.filter_map(|piece| Some(format!("/assets/{}", piece.split('"').next()?))).collect();
    found.sort_unstable();
    found.dedup();
    found
}
