//! Step 1, « Général »: the name, its kind, a proof or not, and the settings of an earlier campaign.

use app::UseCase;
use app::drafts::{self, DraftChanges, Faulty};
use aws::store::Card;
use axum::extract::Path;
use axum::response::Response;
use domain::campaign::{Campaign, Kind, NAME_CHARACTERS_MAX, Settings};
use maud::{Markup, html};

use super::{Kept, Sheet, Step, destination, differences, keep, leave, open};
use crate::gate::{Answer, Fields, Visitor, see};
use crate::view::parts::{Errors, Field, tick};
use crate::words::{campaigns as c, draft as d};

/// Earlier campaigns that can be loaded from, newest first.
const EARLIER: usize = 200;

pub async fn new(v: Visitor) -> Answer {
    v.needs(UseCase::CreateDraft)?;
    let settings = Settings::default();
    page(&v, None, &settings, &Errors::default(), false).await
}

/// The first save makes the draft.
pub async fn create(v: Visitor, fields: Fields) -> Answer {
    let loads = fields.get("go") == "load";
    let settings = typed(Settings::default(), &fields);
    let errors = errors(&v, &settings);
    if !errors.is_empty() && !loads {
        return page(&v, None, &settings, &errors, false).await;
    }
    let mut changes = changes(&settings, &fields);
    changes.message.stop = changes.from_campaign.is_none().then_some(true);
    let draft = drafts::create(&v.context, fields.id(), &changes, Faulty::Kept).await?;
    let general = format!("/campaigns/{}/general", draft.id);
    Ok(see(&match loads {
        true => format!("{general}?done=saved"),
        false => destination(&draft.id, Step::General, &fields).unwrap_or(general),
    }))
}

pub async fn show(v: Visitor, Path(id): Path<String>) -> Answer {
    let campaign = open(&v, &id).await?;
    page(&v, Some(&campaign), &campaign.settings, &Errors::default(), false).await
}

pub async fn save(v: Visitor, Path(id): Path<String>, fields: Fields) -> Answer {
    let stored = open(&v, &id).await?;
    let settings = typed(stored.settings.clone(), &fields);
    let (loads, errors) = (fields.get("go") == "load", errors(&v, &settings));
    match keep(&v, Step::General, &stored, &changes(&settings, &fields), &fields).await? {
        Kept::Stale(now) => page(&v, Some(&now), &settings, &errors, true).await,
        Kept::Saved(saved) if loads => Ok(see(&format!("/campaigns/{}/general?done=saved", saved.id))),
        Kept::Saved(saved) => match leave(&saved, Step::General, &fields, &errors) {
            Some(answer) => answer,
            None => page(&v, Some(&saved), &settings, &errors, false).await,
        },
    }
}

/// What was typed. « Charger » takes every setting of the chosen campaign, but for a name that was typed and for what
/// makes this one a proof.
fn changes(typed: &Settings, fields: &Fields) -> DraftChanges {
    let from_campaign = fields.get("from").parse().ok().filter(|_| fields.get("go") == "load");
    let loads = from_campaign.is_some();
    let name = Some(typed.name.clone()).filter(|name| !loads || !name.is_empty());
    let kind = (!loads).then_some(typed.kind);
    DraftChanges { from_campaign, name, kind, proof: Some(typed.proof), ..DraftChanges::default() }
}

fn typed(settings: Settings, fields: &Fields) -> Settings {
    let kind = fields.get("kind").parse().unwrap_or(Kind::Marketing);
    Settings { name: fields.get("name").trim().to_owned(), kind, proof: fields.has("proof"), ..settings }
}

fn errors(v: &Visitor, settings: &Settings) -> Errors {
    let mut errors = Errors::default();
    match settings.name.chars().count() {
        0 => errors.add("name", v.t(d::NAME_MISSING)),
        1..=NAME_CHARACTERS_MAX => {}
        _ => errors.add("name", v.t(d::NAME_LONG)),
    }
    errors
}

async fn page(v: &Visitor, stored: Option<&Campaign>, typed: &Settings, errors: &Errors, is_stale: bool) -> Answer {
    let mut earlier = v.context.store.campaign_cards(EARLIER).await?;
    earlier.retain(|campaign| stored.is_none_or(|stored| stored.id != campaign.id));
    let stale = stored.and_then(|now| differences(v, Step::General, typed, now, is_stale));
    let sheet = Sheet { step: Step::General, stored, errors, stale };
    Ok(show_form(v, &sheet, typed, &earlier))
}

fn show_form(v: &Visitor, sheet: &Sheet<'_>, typed: &Settings, earlier: &[Card]) -> Response {
    let name =
        Field { name: "name", label: v.t(d::NAME), hint: Some(v.t(d::NAME_HINT)), error: sheet.errors.of("name") };
    let content = html! {
        div.columns {
            section.card {
                (name.input("text", &typed.name, "off"))
                (kinds(v, typed.kind))
            }
            section.card {
                (tick("proof", typed.proof, v.t(d::PROOF), Some(v.t(d::PROOF_HINT))))
                @if !earlier.is_empty() {
                    hr;
                    div.field {
                        label for="from" { (v.t(d::LOAD)) }
                        p.hint #from-hint { (v.t(d::LOAD_HINT)) }
                        div.joined {
                            select #from name="from" aria-describedby="from-hint" {
                                option value="" { (v.t(d::LOAD_NONE)) }
                                @for campaign in earlier {
                                    option value=(campaign.id) {
                                        (campaign.name) " – " (v.date(campaign.created_at))
                                        @if campaign.proof { " (" (v.t(c::PROOF)) ")" }
                                    }
                                }
                            }
                            button.button.plain name="go" value="load" { (v.t(d::LOAD_DO)) }
                        }
                    }
                }
            }
        }
    };
    sheet.page(v, sheet.stored.map_or("", |stored| &stored.settings.name), content)
}

fn kinds(v: &Visitor, kind: Kind) -> Markup {
    let option = |of: Kind, label: &str, hint: &str| {
        html! {
            label.tick {
                input type="radio" name="kind" value=(of.code()) checked[of == kind];
                span { strong { (label) } small { (hint) } }
            }
        }
    };
    html! {
        fieldset {
            legend { (v.t(d::KIND)) }
            (option(Kind::Marketing, v.t(d::MARKETING), v.t(d::MARKETING_HINT)))
            (option(Kind::Alert, v.t(d::ALERT), v.t(d::ALERT_HINT)))
        }
    }
}
